"""What comparing an answer with the truth comes to."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Comparison:
    """Whether an answer is right, its credit, and why, in words that do not hand over the truth.

    `equal` is None where it could not be decided. `credit` is from 0 to 1, and 1 only if `equal`.
    `wrong` places what is wrong: indices of entries, from 0; positions in an order.
    `counterexample` is a point at which a formula goes wrong. `form` says what a right value lacks
    of the form that is asked for: then `equal` is False all the same.
    """

    equal: bool | None
    credit: Fraction
    evidence: str = ""
    wrong: tuple[tuple[int, ...], ...] = ()
    counterexample: str = ""
    form: str = ""


RIGHT = Comparison(True, Fraction(1))


def wrong(
    evidence: str, credit: Fraction = Fraction(0), places: tuple[tuple[int, ...], ...] = ()
) -> Comparison:
    return Comparison(False, credit, evidence, places)


def counted(count: int, what: str) -> str:
    """
    >>> counted(1, "entry"), counted(2, "edge")
    ('1 entry', '2 edges')
    """
    if count == 1:
        return f"1 {what}"
    return f"{count} {what[:-1]}ies" if what.endswith("y") else f"{count} {what}s"
