"""Arrays: the layout first, then entry by entry."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from generator.model.answers import Array
from generator.model.values import Vector
from grader.comparing.comparison import RIGHT, Comparison, counted, wrong
from grader.comparing.numbers import too_few_digits

_NAMED = 8  # more wrong entries than this are only counted


def compare_arrays(truth: Array, value: Vector) -> Comparison:
    """All entries near, or the places of those that are not.

    With `truth.partial`, the share of right entries is the credit of a value of the right shape,
    unless all its entries are one number, in which no work shows.
    """
    if truth.value.shape != value.shape:
        return wrong(_misfit(truth, value))
    pairs = zip(truth.value.flat, value.flat, strict=True)
    flat = [place for place, (t, v) in enumerate(pairs) if not truth.tolerance.near(t, v)]
    if not flat:
        return RIGHT
    size = truth.value.size
    places = tuple(tuple(map(int, np.unravel_index(place, value.shape))) for place in flat)
    paid = truth.partial and len(set(value.flat)) > 1
    credit = Fraction(size - len(flat), size) if paid else Fraction(0)
    return wrong(_evidence(truth, value, flat, places), credit, places)


def _evidence(
    truth: Array, value: Vector, flat: list[int], places: tuple[tuple[int, ...], ...]
) -> str:
    if _transposed_fits(truth, value):
        return "this is the transpose of what is expected: rows and columns are exchanged"
    size = truth.value.size
    where = "; ".join(map(_place, places)) if len(flat) <= min(_NAMED, size - 1) else ""
    if all(too_few_digits(truth.value.flat[p], value.flat[p], truth.tolerance) for p in flat):
        digits = f"with too few digits: give {truth.tolerance.precision}"
        return f"{counted(len(flat), 'entry')} of {size}: right as far as they go, but {digits}"
    if len(flat) == size:
        return "all entries are wrong" if size > 1 else "this entry is wrong"
    verb = "is" if len(flat) == 1 else "are"
    return f"{len(flat)} of {size} entries {verb} wrong" + (f": {where}" if where else "")


def _misfit(truth: Array, value: Vector) -> str:
    """What the shape should be; the other layout by name if its entries are right."""
    wanted, given = _size(truth.value.shape), _size(value.shape)
    if _transposed_fits(truth, value):
        return f"this is the other layout: {given}, but {wanted} is expected"
    return f"this is {given}, but {wanted} is expected"


def _transposed_fits(truth: Array, value: Vector) -> bool:
    if truth.value.shape == value.shape[::-1]:
        return value.ndim == 2 and truth.near(value.T)
    flat = 1 in truth.value.shape and 1 in (*value.shape, 1) and truth.value.ndim + value.ndim == 3
    return flat and truth.value.size == value.size and truth.near(value.reshape(truth.value.shape))


def _place(index: tuple[int, ...]) -> str:
    if len(index) == 1:
        return f"entry {index[0] + 1}"
    return f"row {index[0] + 1}, column {index[1] + 1}"


def _size(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"a list of {shape[0]}"
    return f"a {'×'.join(map(str, shape))} matrix" if shape else "one number"
