"""Sets and intervals whose entries are formulas, for `grader compare`: {2, 1 + 2x}, (sin(m), 2]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from generator.model.answers import Tolerance
from generator.model.errors import NotationError
from generator.notation.formulas.written import Written, read_formula, scope_of
from grader.comparing.comparison import RIGHT, Comparison, counted, wrong
from grader.comparing.formulas import compare_entries

_OPENING, _CLOSING = "([{", ")]}"
_INFINITE = ("inf", "oo", "infinity", "\\infty", "∞")


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
    plain = text.strip().replace("\\{", "{").replace("\\}", "}")
    plain = plain.replace("\\left", "").replace("\\right", "").strip().strip("$").strip()
    balanced = plain.count("{") == plain.count("}")
    if kind == "set" and plain and plain[0] not in "[{" and balanced:
        plain = f"{{{plain}}}"
    brackets = ("{", "}") if kind == "set" else (plain[:1], plain[-1:])
    if len(plain) < 2 or (plain[0], plain[-1]) != brackets:
        raise NotationError("write a set in braces, as in {1, x}", text, 0)
    if kind == "interval" and (plain[0] not in "([]" or plain[-1] not in ")[]"):
        raise NotationError("write an interval in brackets, as in (0, x]", text, 0)
    pieces = _pieces(plain[1:-1]) if plain[1:-1].strip() else []
    if kind == "interval" and len(pieces) != 2:
        raise NotationError("an interval has two ends, as in (0, x]", text, 0)
    entries = tuple(read_formula(_infinity(piece), names) for piece in pieces)
    return Entries(entries, plain[0], plain[-1])


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


def _infinity(piece: str) -> str:
    sign = "-" if piece.strip().startswith(("-", "−")) else ""
    bare = piece.strip().lstrip("+-− ")
    return f"{sign}inf" if bare in _INFINITE else piece


def _pieces(text: str) -> list[str]:
    """The text cut at its outermost commas."""
    pieces, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in _OPENING) - (char in _CLOSING)
        if char in ",;" and depth == 0 and text[at - 1 : at] != "\\":  # not \, which is a space
            pieces.append(text[start:at])
            start = at + 1
    return [*pieces, text[start:]]
