"""What is written into a ledger: how one submission came out, and what a person decided."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
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


class Outcome(NamedTuple):
    """How one submission came out: a `report`, packed, or the `problem` why there is none.

    `sheet` and `key`, the key's fingerprint, are empty as far as they are unknown. `slots` are the
    names of the exercises, `human` counts the parts that a person must look at.
    """

    sheet: str = ""
    student: str = ""
    key: str = ""
    slots: str = ""
    human: int = 0
    problem: str = ""
    report: bytes = b""


def outcome(report: Report, sheet: str, key: str) -> Outcome:
    slots = " ".join([each.slot for each in report.exercises])
    return Outcome(sheet, report.student, key, slots, report.needs_human, "", packed(report))


def packed(report: Report) -> bytes:
    """A report as a ledger keeps it: a list in MessagePack of its JSON (see `encoded`) before the
    exercises, that of each exercise, compressed, and that behind them. So what many students gave
    for an exercise is encoded, compressed and read back once."""
    head, tail = _around(report)
    return _lists.encode([head, *[each.compressed for each in report.exercises], tail])


def encoded(report: Report) -> bytes:
    """A report as JSON; fractions are text."""
    return _joined(_around(report), [each.encoded for each in report.exercises])


def _around(report: Report) -> tuple[bytes, bytes]:
    """The JSON before and behind the exercises, each an object by itself."""
    r = report
    head = _Head(r.sheet_id, r.assignment, r.title, r.student, r.name)
    return ENCODER.encode(head), ENCODER.encode(_Tail(r.notes, r.versions, r.penalty))


def _joined(around: tuple[bytes, bytes], exercises: Iterable[bytes]) -> bytes:
    head, tail = around
    return b"".join((head[:-1], b',"exercises":[', b",".join(exercises), b"],", tail[1:]))


def _text(data: bytes) -> bytes:
    """The JSON of a report that a ledger keeps; ledgers of before have it as one zlib stream."""
    try:
        if packing.is_zlib(data):
            return zlib.decompress(data)
        head, *exercises, tail = _list.decode(data)
        return _joined((head, tail), map(zlib.decompress, exercises))
    except DAMAGES as error:
        raise damaged(f"a report: {error}") from None


def unpacked(data: bytes) -> Report:
    """The report; what many students gave for an exercise is one object. InputError for bytes that
    are damaged."""
    try:
        return _unpacked(data)
    except DAMAGES as error:
        raise damaged(f"a report: {error}") from None


def _unpacked(data: bytes) -> Report:
    if packing.is_zlib(data):
        whole = _decoder.decode(zlib.decompress(data))
        exercises = tuple([_exercise_of(bytes(each)) for each in whole.exercises])
        return _report(whole, exercises, whole)
    head, *streams, tail = _list.decode(data)
    exercises = tuple([_inflated(each) for each in streams])
    return _report(_heads.decode(head), exercises, _tail(tail))


def _report(head: _Head, exercises: tuple[MarkedExercise, ...], tail: _Tail | _Whole) -> Report:
    return Report(
        head.sheet_id,
        head.assignment,
        head.title,
        head.student,
        head.name,
        exercises,
        tail.notes,
        tail.versions,
        tail.penalty,
    )


def same(one: Outcome, other: Outcome) -> bool:
    """Whether two are equal, however their reports are compressed."""
    if one == other:
        return True
    if not (one.report and other.report) or one._replace(report=other.report) != other:
        return False
    return _text(one.report) == _text(other.report)


def storable(text: str) -> str:
    """A text without the one character that PostgreSQL stores nowhere."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


class _Head(msgspec.Struct):
    """What the JSON of a report has before its exercises."""

    sheet_id: str
    assignment: str
    title: str
    student: str
    name: str


class _Tail(msgspec.Struct):
    """What it has behind them."""

    notes: tuple[str, ...]
    versions: Mapping[str, Any]
    penalty: Fraction = Fraction(0)


class _Whole(_Head):
    """A report of a ledger of before, with its exercises as they stand in the JSON."""

    exercises: tuple[msgspec.Raw, ...]
    notes: tuple[str, ...]
    versions: Mapping[str, Any]
    penalty: Fraction = Fraction(0)


@lru_cache(4_096)
def _exercise_of(data: bytes) -> MarkedExercise:
    return _exercise_decoder.decode(data)


@lru_cache(8_192)
def _inflated(stream: bytes) -> MarkedExercise:
    return _exercise_decoder.decode(zlib.decompress(stream))


@lru_cache(1_024)
def _tail(data: bytes) -> _Tail:
    """What stands behind the exercises is the same for most."""
    return _tails.decode(data)


@lru_cache(10_000)
def _fraction(text: str) -> Fraction:
    return Fraction(text)


def fraction_of(kind: type, value: Any) -> Any:
    """What `ENCODER` wrote as text."""
    if kind is Fraction:
        return _fraction(value)
    raise TypeError(f"a {kind.__name__} has no place in a report")


_decoder = msgspec.json.Decoder(_Whole, dec_hook=fraction_of)
_heads = msgspec.json.Decoder(_Head)
_tails = msgspec.json.Decoder(_Tail, dec_hook=fraction_of)
_lists = msgspec.msgpack.Encoder()
_list = msgspec.msgpack.Decoder(list[bytes])
_exercise_decoder = msgspec.json.Decoder(MarkedExercise, dec_hook=fraction_of)


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
