"""Sets and intervals of numbers, within a tolerance."""

from __future__ import annotations

from fractions import Fraction

from generator.model.answers import Ends, FiniteSet, Interval
from grader.comparing.comparison import RIGHT, Comparison, counted, wrong


def compare_sets(truth: FiniteSet, value: frozenset[Fraction | float]) -> Comparison:
    """Every member is near one of the other set, both ways."""
    if truth.near(value):
        return RIGHT
    near = truth.tolerance.near
    extra = sum(not any(near(t, v) for t in truth.value) for v in value)
    missing = sum(not any(near(t, v) for v in value) for t in truth.value)
    reasons = []
    if extra:
        reasons.append(f"{counted(extra, 'number')} {'does' if extra == 1 else 'do'} not belong")
    if missing:
        reasons.append(f"{counted(missing, 'number')} {'is' if missing == 1 else 'are'} missing")
    return wrong(" and ".join(reasons))


def compare_intervals(truth: Interval, value: Ends) -> Comparison:
    """Both ends are near, and belong or don't as they should."""
    if truth.near(value):
        return RIGHT
    expected = truth.value
    closed = Ends(value.low, value.high, expected.low_belongs, expected.high_belongs)
    if truth.near(closed):
        return wrong("the ends are right, but look again at which of them belong")
    low = truth.near(Ends(value.low, expected.high, expected.low_belongs, expected.high_belongs))
    high = truth.near(Ends(expected.low, value.high, expected.low_belongs, expected.high_belongs))
    if low or high:
        return wrong(f"the {'upper' if low else 'lower'} end is wrong")
    return wrong("both ends are wrong")
