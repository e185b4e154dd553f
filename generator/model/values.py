"""Exact numbers and arrays: the values that exercises are drawn from and answers are made of.

A number is a `Fraction` wherever it can be exact and a `float` where it can't.
An array is a read-only numpy array, of dtype `object` holding `Fraction`s, or of dtype `float64`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

Vector = np.ndarray[Any, Any]
Matrix = np.ndarray[Any, Any]


def number(value: Any) -> Fraction | float:
    """`value` as a `Fraction`, or as a finite `float` if it is one already.

    Text such as "0.2" or "3/4" is exact. Raises ValueError for anything that is not finite.
    """
    if type(value) is Fraction:
        return value
    if isinstance(value, float | np.floating):
        if not np.isfinite(value):
            raise ValueError(f"{value} is not a finite number")
        return float(value)
    return Fraction(value if isinstance(value, str | Fraction) else int(value))


def exact(entries: Any) -> Vector:
    """A read-only array of `Fraction`s from numbers, text such as "0.2", or nested rows of them.

    >>> exact(["0.2", 3])
    array([Fraction(1, 5), Fraction(3, 1)], dtype=object)
    """
    source = np.array(entries, dtype=object)
    return _frozen(source.shape, [Fraction(number(entry)) for entry in source.flat], object)


def array(entries: Any) -> Vector:
    """A read-only array: exact if every entry is, else `float64`. Entries must be finite."""
    source = np.asarray(entries)
    numbers = [number(entry) for entry in source.flat]
    dtype = object if all(isinstance(entry, Fraction) for entry in numbers) else np.float64
    return _frozen(source.shape, numbers, dtype)


def apply(function: Callable[[Any], Any], values: Vector) -> Vector:
    """`function` of every entry, in an array of the same shape."""
    return array(_frozen(values.shape, [function(entry) for entry in values.flat], object))


def relu(values: Vector) -> Vector:
    """max(0, v) of every entry."""
    return apply(lambda v: max(v, Fraction(0)), values)


def decimals(value: Fraction | float, places: int) -> Fraction:
    """`value` rounded to `places` decimals, halves away from zero, as people round by hand."""
    unit = Fraction(10) ** -places
    rounded = (abs(Fraction(value)) / unit + Fraction(1, 2)).__floor__() * unit
    return rounded if value >= 0 else -rounded


def magnitude(value: Fraction | float) -> int:
    """The place of the first digit of a number that is not 0: 2 for 123, -3 for 0.00123."""
    size = abs(Fraction(value))
    place = len(str(size.numerator)) - len(str(size.denominator))
    return place if size >= Fraction(10) ** place else place - 1


def figures(value: Fraction | float, count: int) -> Fraction:
    """`value` rounded to `count` significant figures, halves away from zero.

    >>> figures(Fraction("99.95"), 3), figures(Fraction("0.0012349"), 3)
    (Fraction(100, 1), Fraction(123, 100000))
    """
    return decimals(value, count - 1 - magnitude(value)) if value else Fraction(0)


def _frozen(shape: tuple[int, ...], entries: Sequence[Any], dtype: Any) -> Vector:
    result = np.empty(shape, dtype=dtype)
    for place, entry in enumerate(entries):
        result.flat[place] = entry
    result.setflags(write=False)
    return result


class Tex(str):
    """Text that is LaTeX already: templates insert it as it stands (other text is escaped)."""

    def __html__(self) -> str:
        return str(self)
