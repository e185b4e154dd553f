"""Numbers: near enough, or right but rounded too far."""

from __future__ import annotations

from fractions import Fraction

from generator.model.answers import Number, Tolerance
from generator.model.values import decimals, magnitude
from grader.comparing.comparison import RIGHT, Comparison, wrong


def compare_numbers(truth: Number, value: Fraction | float) -> Comparison:
    """The tolerance decides, its ends included; both numbers count exactly.

    >>> compare_numbers(Number(Fraction(1, 8)), Fraction("0.1")).evidence
    'the value is right as far as it goes, but it has too few digits: give 4 decimals'
    """
    if truth.near(value):
        return RIGHT
    if too_few_digits(truth.value, value, truth.tolerance):
        asked = f"give {truth.tolerance.precision}"
        return wrong(f"the value is right as far as it goes, but it has too few digits: {asked}")
    if truth.integer and Fraction(value).denominator != 1:
        return wrong("a whole number is expected")
    return wrong("this is not the right number")


def too_few_digits(truth: Fraction | float, value: Fraction | float, tolerance: Tolerance) -> bool:
    """Whether `value` is the truth rounded, or cut off, to fewer digits than are asked for.

    One digit that is not 0 is the least that shows anything, and of decimals one behind the point.
    """
    # Of a float, the digits that name it.
    given = value if isinstance(value, Fraction) else Fraction(str(value))
    exact = Fraction(truth)
    if given == 0 or (given > 0) != (exact > 0):
        return False
    if tolerance.significant:
        first = magnitude(exact)
        places = [count - 1 - first for count in range(1, tolerance.significant)]
    else:
        places = list(range(1, tolerance.decimals)) if given.denominator > 1 else []
    shown = next((d for d in places if _ends(given, d)), None)
    if shown is None:
        return False
    unit = Fraction(10) ** -shown
    cut_off = abs(exact) // unit * unit
    return decimals(exact, shown) == given or cut_off == abs(given)


def _ends(value: Fraction, places: int) -> bool:
    """Whether a number has no digit behind so many decimals; before the point, if they are
    negative."""
    if places >= 0:
        return int(10**places) % value.denominator == 0
    return value.denominator == 1 and value.numerator % int(10**-places) == 0
