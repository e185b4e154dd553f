"""Exact numbers and arrays: the values that exercises are drawn from and answers are made of.

A number is a `Fraction` wherever it can be exact and a `float` where it can't.
An array is a read-only numpy array, of dtype `object` holding `Fraction`s, or of dtype `float64`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any, NamedTuple

import numpy as np

Vector = np.ndarray[Any, Any]
Matrix = np.ndarray[Any, Any]

_ZERO = Fraction(0)
_FRACTIONS = {Fraction}
_NUMBERS = {Fraction, int, float}
_FLOATS = (float, np.floating)


def number(value: Any) -> Fraction | float:
    """`value` as a `Fraction`, or as a finite `float` if it is one already.

    Text such as "0.2" or "3/4" is exact. Raises ValueError for anything that is not finite.
    """
    if type(value) is Fraction:
        return value
    if type(value) is int:
        return _whole(value)
    if isinstance(value, _FLOATS):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a finite number")
        return float(value)
    if isinstance(value, str):
        return _read(value)
    return Fraction(value if isinstance(value, Fraction) else int(value))


@lru_cache(maxsize=2**14)
def _read(text: str) -> Fraction:
    """A number in a text; most of a class's keys hold the same few."""
    return Fraction(text)


def exact(entries: Any) -> Vector:
    """A read-only array of `Fraction`s from numbers, text such as "0.2", or nested rows of them.

    >>> exact(["0.2", 3])
    array([Fraction(1, 5), Fraction(3, 1)], dtype=object)
    """
    shape, flat = flattened(entries)
    if _is_exact(entries, flat):
        return entries  # type: ignore[no-any-return]
    return _frozen(shape, [e if type(e) is Fraction else fraction(e) for e in flat], object)


def flattened(entries: Any) -> tuple[tuple[int, ...], list[Any]]:
    """The shape and the entries of an array, of nested rows, or of a number."""
    if type(entries) is Fraction:
        return (), [entries]
    if type(entries) is list and set(map(type, entries)) <= _NUMBERS:
        return (len(entries),), entries  # numpy takes a second look at each of them
    source = entries if type(entries) is np.ndarray else np.asarray(entries, dtype=object)
    return source.shape, source.ravel().tolist()


def _is_exact(entries: Any, flat: list[Any]) -> bool:
    """Whether these are a read-only array of fractions already."""
    return (
        type(entries) is np.ndarray
        and entries.dtype == object
        and not entries.flags.writeable
        and set(map(type, flat)) <= _FRACTIONS
    )


def plain(values: Vector) -> Vector:
    """The same numbers, exact ones each as `whole` has it."""
    if values.dtype != object:
        return values
    entries = [v.numerator if v.denominator == 1 else v for v in values.ravel().tolist()]
    return np.fromiter(entries, object, len(entries)).reshape(values.shape)


def as_float(value: Fraction | float) -> float:
    """`float(value)`, of a fraction in half the time."""
    if type(value) is Fraction:
        return value.numerator / value.denominator
    return float(value)


def whole(value: Any) -> Any:
    """The same exact number, as an `int` if it is a whole one: ten times faster to compute with
    than a `Fraction`. Quotients need care: `int / int` is a float."""
    return value.numerator if value.denominator == 1 else value


def ratio(above: int, below: int) -> Any:
    """above / below of two whole numbers, exactly, and as `whole` has it."""
    return Fraction(above, below) if above % below else above // below


class Shared(NamedTuple):
    """Whole numbers over one denominator that they share, which may be negative. They are reduced
    when all is worked out: what exercises compute is too short for them to grow."""

    entries: Matrix
    below: int


def shared(values: Matrix) -> Shared:
    """The entries of an array over one denominator; floats become fractions."""
    ratios = [entry.as_integer_ratio() for entry in values.ravel().tolist()]
    below = lcm(*(under for _, under in ratios))
    wholes = [above * (below // under) for above, under in ratios]
    return Shared(np.fromiter(wholes, object, len(wholes)).reshape(values.shape), below)


def times(left: Matrix, right: Matrix) -> Matrix:
    """left @ right of matrices or vectors, of which one is a matrix; exact ones in whole numbers,
    which takes a third of the time."""
    if left.dtype != object or right.dtype != object:
        return left @ right
    (first, below), (second, under) = shared(left), shared(right)
    found = first @ second
    entries = [fraction(ratio(entry, below * under)) for entry in found.ravel().tolist()]
    return _frozen(found.shape, entries, object)


def array(entries: Any) -> Vector:
    """A read-only array: exact if every entry is, else `float64`. Entries must be finite."""
    if type(entries) is np.ndarray and entries.dtype == np.float64 and np.isfinite(entries).all():
        result = entries.copy()
        result.setflags(write=False)
        return result
    shape, flat = flattened(entries)
    if _is_exact(entries, flat):
        return entries  # type: ignore[no-any-return]
    return _array(shape, flat)


def apply(function: Callable[[Any], Any], values: Vector) -> Vector:
    """`function` of every entry, in an array of the same shape."""
    return _array(values.shape, map(function, values.ravel().tolist()))


def relu(values: Vector) -> Vector:
    """max(0, v) of every entry."""
    return apply(lambda v: v if v >= 0 else _ZERO, values)


def decimals(value: Fraction | float, places: int) -> Fraction:
    """`value` rounded to `places` decimals, halves away from zero, as people round by hand."""
    exact = value if type(value) is Fraction else Fraction(value)
    up, down = (10**places, 1) if places >= 0 else (1, 10**-places)
    if up % exact.denominator == 0 and down == 1:
        return exact
    size, parts = abs(exact.numerator) * up, exact.denominator * down
    whole = (2 * size + parts) // (2 * parts)
    return Fraction(whole * down if exact >= 0 else -whole * down, up)


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


@lru_cache(maxsize=1024)
def _whole(value: int) -> Fraction:
    return Fraction(value)


def fraction(value: Any) -> Fraction:
    """`value` as a `Fraction`, a float as the exact number that it is."""
    if type(value) is Fraction:
        return value
    if type(value) is int:
        return _whole(value)
    exact = number(value)
    return exact if type(exact) is Fraction else Fraction(exact)


def _array(shape: tuple[int, ...], entries: Iterable[Any]) -> Vector:
    numbers = [entry if type(entry) is Fraction else number(entry) for entry in entries]
    dtype = object if set(map(type, numbers)) <= _FRACTIONS else np.float64
    return _frozen(shape, numbers, dtype)


def _frozen(shape: tuple[int, ...], entries: Sequence[Any] | Vector, dtype: Any) -> Vector:
    result = np.fromiter(entries, dtype, len(entries))
    if len(shape) != 1:
        result = result.reshape(shape)
    result.setflags(write=False)
    return result


class Tex(str):
    """Text that is LaTeX already: templates insert it as it stands (other text is escaped)."""

    def __html__(self) -> str:
        return str(self)
