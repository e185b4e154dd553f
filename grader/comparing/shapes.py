"""Shapes: the same sizes in the same order; n×1 counts as a vector of n."""

from __future__ import annotations

from fractions import Fraction

from generator.model.answers import Shape
from grader.comparing.comparison import RIGHT, Comparison, wrong

_KINDS = ("one number", "a vector", "a matrix")


def compare_shapes(truth: Shape, value: tuple[int | str, ...]) -> Comparison:
    """A column n×1 is the vector of n that was asked for; a vector is no n×1 matrix, nor 1×n.

    M for m is left to a person: editors and phones make the first letter a capital one.
    """
    expected = truth.value
    if _is(expected, value):
        return RIGHT
    if value == expected[::-1]:
        return wrong("rows and columns are exchanged")
    if _is(_folded(expected), _folded(value)):
        return Comparison(
            None, Fraction(0), "are these the sizes of the sheet, in capital letters?"
        )
    if len(value) != len(expected):
        return wrong(f"this is the shape of {_KINDS[len(value)]}, not of {_KINDS[len(expected)]}")
    places = tuple((i,) for i, (t, v) in enumerate(zip(expected, value, strict=True)) if t != v)
    if len(expected) == 2 and len(places) == 1:
        return wrong(f"the number of {('rows', 'columns')[places[0][0]]} is wrong", places=places)
    return wrong("this is not the right shape", places=places)


def _is(expected: tuple[int | str, ...], value: tuple[int | str, ...]) -> bool:
    return value == expected or (len(expected) == 1 and value == (*expected, 1))


def _folded(sizes: tuple[int | str, ...]) -> tuple[int | str, ...]:
    return tuple(size.lower() if isinstance(size, str) else size for size in sizes)
