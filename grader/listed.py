"""Sets and intervals whose entries are formulas, for `grader compare`: {2, 1 + 2x}, (sin(m), 2]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from generator.model.answers import Tolerance
from generator.notation.formulas.tree import Const, Neg
from generator.notation.formulas.written import Written, read_formula, scope_of, written
from generator.notation.sets import infinite, listed_interval, listed_set
from grader.comparing.comparison import RIGHT, Comparison, counted, wrong
from grader.comparing.formulas import compare_entries


@dataclass(frozen=True)
class Entries:
    """What a text lists, and the brackets around it."""

    entries: tuple[Written, ...]
    opening: str
    closing: str

    def __str__(self) -> str:
        return f"{self.opening}{', '.join(self.entries)}{self.closing}"


def read_entries(kind: Literal["set", "interval"], text: str, names: Mapping[str, Any]) -> Entries:
    """The members of a set, also without braces, or the two ends of an interval.

    Raises NotationError.
    """
    listed = listed_set(text) if kind == "set" else listed_interval(text)

    def entry(piece: str) -> Written:
        sign = infinite(piece) if kind == "interval" else ""
        if not sign:
            return read_formula(piece, names)
        end = Const("inf")
        return written(Neg(end) if sign == "-" else end, scope_of(names), piece)

    entries = tuple(listed.read(place, entry) for place in range(len(listed.pieces)))
    return Entries(entries, listed.opening, listed.closing)


def compare_listed(
    kind: Literal["set", "interval"],
    truth: Entries,
    answer: Entries,
    names: Mapping[str, Any],
    tolerance: Tolerance | None,
) -> Comparison:
    """Compare as sets (order and repetition do not count), or end by end."""
    result = compare_entries(
        [entry.tree for entry in truth.entries],
        [entry.tree for entry in answer.entries],
        scope_of(names),
        identity=str(truth),
        tolerance=tolerance,
        ordered=kind == "interval",
    )
    if result.equal is None:
        return Comparison(None, Fraction(0), "an entry cannot be compared")
    if not result.equal:
        return wrong(_evidence(kind, len(result.wrong), len(result.missing)))
    if kind == "interval" and _belongs(truth) != _belongs(answer):
        return wrong("look again at which ends belong to the interval")
    return RIGHT


def _evidence(kind: str, extra: int, missing: int) -> str:
    if kind == "interval":
        return f"{counted(extra, 'end')} of the interval {'is' if extra == 1 else 'are'} wrong"
    told = [(extra, "does not belong" if extra == 1 else "do not belong"), (missing, "missing")]
    words = [f"{counted(count, 'member')} {what}" for count, what in told if count]
    return " and ".join(words)


def _belongs(interval: Entries) -> tuple[bool, bool]:
    return interval.opening == "[", interval.closing == "]"
