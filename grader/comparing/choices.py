"""Choices: the right options, all of them and no others."""

from __future__ import annotations

from fractions import Fraction

from generator.model.answers import Choice
from grader.comparing.comparison import RIGHT, Comparison, counted, wrong


def compare_choices(truth: Choice, value: frozenset[str]) -> Comparison:
    """With `partial`, a wrong tick takes back a right one or more, and all wrong ones everything.

    >>> question = Choice(frozenset("ab"), ("a", "b", "c"), several=True, partial=True)
    >>> compare_choices(question, frozenset("a")).credit
    Fraction(1, 2)
    """
    if value == truth.value:
        return RIGHT
    if not truth.several:
        if len(value) != 1:
            return wrong("exactly one choice is expected")
        return wrong("this is not the right choice")
    extra, missing = value - truth.value, truth.value - value
    credit = Fraction(0)
    if truth.partial and truth.value:
        right, others = len(truth.value), len(truth.options) - len(truth.value)
        share = Fraction(right - len(missing), right)
        credit = max(credit, share - Fraction(len(extra), max(1, min(right, others))))
    reasons = []
    if extra:
        belong = "does not belong" if len(extra) == 1 else "do not belong"
        reasons.append(f"{counted(len(extra), 'choice')} {belong}")
    if missing:
        reasons.append(
            f"{counted(len(missing), 'choice')} {'is' if len(missing) == 1 else 'are'} missing"
        )
    return wrong(" and ".join(reasons), credit)
