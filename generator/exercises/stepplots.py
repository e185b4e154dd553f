"""Drawings of step functions."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

from generator.exercises.stepnets import StepFunction
from generator.model.figure import Figure, Label, Mark, Path, Point

WIDTH, HEIGHT = 9.6, 3.2  # of the plane, in centimetres; with the labels 11 x 4 at most


def plotted(function: StepFunction) -> Figure:
    """The graph over a grid of whole numbers: thick levels, a dot where a value is taken and a ring
    where an end is missing. The axes stand aside, so that a level 0 is seen."""
    heights: list[Fraction] = [Fraction(0), *function.levels, *function.values]
    low, high = floor(min(heights)) - 1, ceil(max(heights)) + 1
    left = min(floor(function.breaks[0]) - 2, -1)
    right = max(ceil(function.breaks[-1]) + 2, 1)
    wide, tall = min(0.8, WIDTH / (right - left)), min(0.5, HEIGHT / (high - low))

    def at(x: Any, y: Any) -> Point:
        return float(x) * wide, float(y) * tall

    items: list[Path | Mark | Label] = []
    for x in range(left, right + 1):
        items += [
            Path((at(x, low), at(x, high)), stroke="grid"),
            Label(at(x, low), str(x), side="below", small=True),
        ]
    for y in range(low + 1, high + 1):
        items += [
            Path((at(left, y), at(right, y)), stroke="grid"),
            Label(at(left, y), str(y), side="left", small=True),
        ]
    items += [
        Path((at(left, low), at(right + 0.5, low)), arrow=True),
        Path((at(left, low), at(left, high + 0.6)), arrow=True),
        Label(at(right + 0.5, low), "x", side="right", small=True),
        Label(at(left, high + 0.6), r"\ell(x)", side="right", small=True),
    ]
    ends = [left, *function.breaks, right]
    for start, end, level in zip(ends[:-1], ends[1:], function.levels, strict=True):
        items.append(Path((at(start, level), at(end, level)), stroke="thick"))
    for point in function.points:
        sides = sorted({point.before, point.after} - {point.value})
        items += [Mark(at(point.at, side), "ring", 0.17) for side in sides]
        items.append(Mark(at(point.at, point.value), "dot", 0.17))
    return Figure(tuple(items), alt=in_words(function))


def in_words(function: StepFunction) -> str:
    """The function, read aloud from left to right."""
    pieces = [f"{function.levels[0]} for x < {function.breaks[0]}"]
    following = [*function.breaks[1:], None]
    for point, until in zip(function.points, following, strict=True):
        beyond = f"x > {point.at}" if until is None else f"{point.at} < x < {until}"
        pieces += [f"{point.value} at x = {point.at}", f"{point.after} for {beyond}"]
    return f"l(x) is {', '.join(pieces)}."
