"""What is written into a ledger: how one submission came out, and what a person decided."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import msgspec

from grader.grading import Report
from grader.marking import Outcome as Outcomes
from grader.marking import Verdict


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
    """A report as compressed JSON; fractions are text."""
    return zlib.compress(encoded(report), 1)


def encoded(report: Report) -> bytes:
    return _encoder.encode(report)


def unpacked(data: bytes) -> Report:
    return _decoder.decode(zlib.decompress(data))


def storable(text: str) -> str:
    """A text without the one character that PostgreSQL stores nowhere."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def text_of(value: Any) -> str:
    """What JSON has no words for, as text."""
    if isinstance(value, Fraction | str):  # `str` is also what carries a formula's tree
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no place in a report")


@lru_cache(10_000)
def _fraction(text: str) -> Fraction:
    return Fraction(text)


def fraction_of(kind: type, value: Any) -> Any:
    """What `text_of` wrote."""
    if kind is Fraction:
        return _fraction(value)
    raise TypeError(f"a {kind.__name__} has no place in a report")


_encoder = msgspec.json.Encoder(enc_hook=text_of)
_decoder = msgspec.json.Decoder(Report, dec_hook=fraction_of)


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
    said = f"{verdict.outcome}, credit {verdict.credit}"
    return replace(
        verdict,
        outcome=outcome,
        credit=credit,
        mistake=None if credit == 1 else verdict.mistake,
        advice="" if credit == 1 else verdict.advice,
        override=f"Set by {override.person}: {override.reason} (The program said: {said}.)",
    )
