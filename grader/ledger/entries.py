"""What is written into a ledger: how one submission came out, and what a person decided."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import msgspec

from grader import deflating
from grader.grading import ENCODER, MarkedExercise, Report
from grader.marking import FOUND, Verdict
from grader.marking import Outcome as Outcomes


@dataclass(frozen=True)
class Outcome:
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
    slots = " ".join(each.slot for each in report.exercises)
    return Outcome(sheet, report.student, key, slots, report.needs_human, "", packed(report))


def packed(report: Report) -> bytes:
    """A report as compressed JSON; fractions are text. What many students gave for an exercise is
    encoded and compressed once."""
    head, tail = _around(report)
    texts, blocks = [head], [deflating.stored(head)]
    for each in report.exercises:
        if len(texts) > 1:
            texts.append(b",")
            blocks.append(_COMMA)
        texts.append(each.encoded)
        blocks.append(each.deflated)
    return deflating.joined([*blocks, deflating.stored(tail)], [*texts, tail])


def encoded(report: Report) -> bytes:
    """A report as JSON."""
    head, tail = _around(report)
    return b"".join((head, b",".join([each.encoded for each in report.exercises]), tail))


def _around(report: Report) -> tuple[bytes, bytes]:
    """What stands before and behind the exercises."""
    head = ENCODER.encode({name: getattr(report, name) for name in _BEFORE})
    tail = ENCODER.encode({name: getattr(report, name) for name in _BEHIND})
    return head[:-1] + b',"exercises":[', b"]," + tail[1:]


def unpacked(data: bytes) -> Report:
    """The report; what many students gave for an exercise is one object."""
    told = _decoder.decode(zlib.decompress(data))
    exercises = tuple([_exercise_of(bytes(each)) for each in told.exercises])
    return Report(
        told.sheet_id,
        told.assignment,
        told.title,
        told.student,
        told.name,
        exercises,
        told.notes,
        told.versions,
        told.penalty,
    )


def same(one: Outcome, other: Outcome) -> bool:
    """Whether two are equal, however their reports are compressed."""
    if one == other:
        return True
    if not (one.report and other.report) or replace(one, report=other.report) != other:
        return False
    return zlib.decompress(one.report) == zlib.decompress(other.report)


def storable(text: str) -> str:
    """A text without the one character that PostgreSQL stores nowhere."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


class _Packed(msgspec.Struct):
    """A report with its exercises as they stand in the JSON."""

    sheet_id: str
    assignment: str
    title: str
    student: str
    name: str
    exercises: tuple[msgspec.Raw, ...]
    notes: tuple[str, ...]
    versions: Mapping[str, Any]
    penalty: Fraction = Fraction(0)


@lru_cache(4_096)
def _exercise_of(data: bytes) -> MarkedExercise:
    return _exercise_decoder.decode(data)


@lru_cache(10_000)
def _fraction(text: str) -> Fraction:
    return Fraction(text)


def fraction_of(kind: type, value: Any) -> Any:
    """What `ENCODER` wrote as text."""
    if kind is Fraction:
        return _fraction(value)
    raise TypeError(f"a {kind.__name__} has no place in a report")


_FIELDS = [field.name for field in fields(Report)]
_PLACE = _FIELDS.index("exercises")
_BEFORE, _BEHIND = _FIELDS[:_PLACE], _FIELDS[_PLACE + 1 :]
_COMMA = deflating.stored(b",")
_decoder = msgspec.json.Decoder(_Packed, dec_hook=fraction_of)
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
