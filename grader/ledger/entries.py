"""What is written into a ledger: how one submission came out, and what a person decided."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from grader import packing
from grader.grading import ENCODER, MarkedExercise, Report
from grader.ledger.trouble import DAMAGES, damaged
from grader.marking import FOUND, Verdict
from grader.marking import Outcome as Outcomes

# A report in pieces, of which a ledger has each once: see `stored`.
Stored = tuple[bytes, ...]


class Outcome(NamedTuple):
    """How one submission came out: a `report`, or the `problem` why there is none.

    `sheet` and `key`, the key's fingerprint, are empty as far as they are unknown. `slots` are the
    names of the exercises, `human` counts the parts that a person must look at.
    """

    sheet: str = ""
    student: str = ""
    key: str = ""
    slots: str = ""
    human: int = 0
    problem: str = ""
    report: Stored = ()


def outcome(report: Report, sheet: str, key: str) -> Outcome:
    slots = " ".join([each.slot for each in report.exercises])
    return Outcome(sheet, report.student, key, slots, report.needs_human, "", stored(report))


def stored(report: Report) -> Stored:
    """A report as a ledger keeps it: whose it is, what many reports have around their exercises,
    and each exercise, compressed; all of it JSON. What many students gave for an exercise is
    encoded, compressed and read back once, and kept once."""
    r = report
    head = ENCODER.encode(_Head(r.sheet_id, r.student, r.name))
    penalty = str(r.penalty) if r.penalty else "0"
    around = ENCODER.encode(_Around(r.assignment, r.title, r.notes, r.versions, penalty))
    return (head, around, *[each.compressed for each in r.exercises])


def encoded(report: Report) -> bytes:
    """A report as JSON; fractions are text."""
    return ENCODER.encode(report)


def unpacked(report: Stored) -> Report:
    """The report; what many students gave for an exercise is one object. InputError for bytes that
    are damaged."""
    try:
        return _unpacked(report)
    except DAMAGES as error:
        raise damaged(f"a report: {error}") from None


def _unpacked(report: Stored) -> Report:
    first, second, *exercises = report
    head = _heads.decode(first)
    around = _around(second)
    return Report(
        head.sheet_id,
        around.assignment,
        around.title,
        head.student,
        head.name,
        tuple([_exercise(each) for each in exercises]),
        around.notes,
        around.versions,
        _fraction(around.penalty),
    )


def of_before(row: bytes) -> Stored:
    """A report as ledgers of before have it: its JSON as one zlib stream; or a list in MessagePack
    of what that has before the exercises, each of these, compressed, and what it has behind."""
    if packing.is_zlib(row):
        whole = _wholes.decode(zlib.decompress(row))
        streams = [packing.compressed(bytes(each)) for each in whole.exercises]
        head: _Before = whole
        tail: _Behind | _Whole = whole
    else:
        first, *streams, last = _list.decode(row)
        head, tail = _befores.decode(first), _behinds.decode(last)
    around = _Around(head.assignment, head.title, tail.notes, tail.versions, str(tail.penalty))
    whose = _Head(head.sheet_id, head.student, head.name)
    return (ENCODER.encode(whose), ENCODER.encode(around), *streams)


def same(one: Outcome, other: Outcome) -> bool:
    """Whether two are equal, however their reports are compressed."""
    if one == other:
        return True
    if not (one.report and other.report) or one._replace(report=other.report) != other:
        return False
    return _texts(one.report) == _texts(other.report)


def _texts(report: Stored) -> list[bytes]:
    head, around, *exercises = report
    try:
        return [head, around, *map(zlib.decompress, exercises)]
    except DAMAGES as error:
        raise damaged(f"a report: {error}") from None


def storable(text: str) -> str:
    """A text without the one character that PostgreSQL stores nowhere."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


class _Head(msgspec.Struct, array_like=True):
    """Whose report it is."""

    sheet_id: str
    student: str
    name: str


class _Around(msgspec.Struct, array_like=True):
    """What stands around the exercises: the same for many."""

    assignment: str
    title: str
    notes: tuple[str, ...]
    versions: Mapping[str, Any]
    penalty: str


class _Before(msgspec.Struct):
    """What the JSON of a report has before its exercises."""

    sheet_id: str
    assignment: str
    title: str
    student: str
    name: str


class _Behind(msgspec.Struct):
    """What it has behind them."""

    notes: tuple[str, ...]
    versions: Mapping[str, Any]
    penalty: Fraction = Fraction(0)


class _Whole(_Before):
    """All of it, with the exercises as they stand there."""

    exercises: tuple[msgspec.Raw, ...]
    notes: tuple[str, ...]
    versions: Mapping[str, Any]
    penalty: Fraction = Fraction(0)


@lru_cache(8_192)
def _exercise(stream: bytes) -> MarkedExercise:
    return _exercises.decode(zlib.decompress(stream))


@lru_cache(1_024)
def _around(data: bytes) -> _Around:
    return _arounds.decode(data)


@lru_cache(10_000)
def _fraction(text: str) -> Fraction:
    return Fraction(text)


def fraction_of(kind: type, value: Any) -> Any:
    """What `ENCODER` wrote as text."""
    if kind is Fraction:
        return _fraction(value)
    raise TypeError(f"a {kind.__name__} has no place in a report")


_heads = msgspec.json.Decoder(_Head)
_arounds = msgspec.json.Decoder(_Around)
_exercises = msgspec.json.Decoder(MarkedExercise, dec_hook=fraction_of)
_befores = msgspec.json.Decoder(_Before)
_behinds = msgspec.json.Decoder(_Behind, dec_hook=fraction_of)
_wholes = msgspec.json.Decoder(_Whole, dec_hook=fraction_of)
_list = msgspec.msgpack.Decoder(list[bytes])


@dataclass(frozen=True)
class Override:
    """A person's decision: on `part` (`slot.part`) of one `sheet`, or, where there is no sheet, on
    everybody's `answer` to one `question`. The last one counts."""

    part: str
    credit: Fraction
    reason: str
    person: str
    sheet: str = ""
    question: str = ""
    answer: str = ""

    def __str__(self) -> str:
        return f"{self.person}: {self.reason}"


def overridden(verdict: Verdict, override: Override) -> Verdict:
    """The verdict as a person wants it, with the name, the reason and what the program said."""
    credit = override.credit
    outcome: Outcomes = "CORRECT" if credit == 1 else "PARTIAL" if credit else "INCORRECT"
    said = FOUND[verdict.outcome]
    if verdict.outcome == "PARTIAL":
        said += f", {verdict.credit} of the points"
    return replace(
        verdict,
        outcome=outcome,
        credit=credit,
        mistake=None if credit == 1 else verdict.mistake,
        advice="" if credit == 1 else verdict.advice,
        override=f"Decided by {override.person}: {override.reason} (Found by the program: {said}.)",
    )
