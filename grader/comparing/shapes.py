"""Shapes: the same sizes in the same order; n×1 counts as a vector of n."""

from __future__ import annotations

from generator.model.answers import Shape
from grader.comparing.comparison import RIGHT, Comparison, wrong

_KINDS = ("one number", "a vector", "a matrix")


def compare_shapes(truth: Shape, value: tuple[int | str, ...]) -> Comparison:
    """A column n×1 is the vector of n that was asked for; a vector is no n×1 matrix, nor 1×n."""
    expected = truth.value
    if value == expected or (len(expected) == 1 and value == (*expected, 1)):
        return RIGHT
    if len(value) != len(expected):
        return wrong(f"this is the shape of {_KINDS[len(value)]}, not of {_KINDS[len(expected)]}")
    if value == expected[::-1]:
        return wrong("rows and columns are exchanged")
    places = tuple((i,) for i, (t, v) in enumerate(zip(expected, value, strict=True)) if t != v)
    if len(expected) == 2 and len(places) == 1:
        return wrong(f"the number of {('rows', 'columns')[places[0][0]]} is wrong", places=places)
    return wrong("this is not the right shape", places=places)
