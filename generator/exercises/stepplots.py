"""Drawings of step functions."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from generator.drawing.plots import Steps, plot
from generator.exercises.stepnets import StepFunction
from generator.model.figure import Figure

WIDTH, HEIGHT = 9.6, 3.2  # of the plane at most, in centimetres


def plotted(function: StepFunction) -> Figure:
    """The graph over whole numbers: thick levels, a dot where a value is taken and a ring where an
    end is missing."""
    heights: list[Fraction] = [Fraction(0), *function.levels, *function.values]
    low, high = floor(min(heights)) - 1, ceil(max(heights)) + 1
    left = min(floor(function.breaks[0]) - 2, -1)
    right = max(ceil(function.breaks[-1]) + 2, 1)
    return plot(
        [Steps(function.breaks, function.levels, function.values)],
        x=(left, right),
        y=(low, high),
        xticks=range(left, right + 1),
        yticks=range(low, high + 1),
        names=("x", r"\ell(x)"),
        width=min(0.8 * (right - left), WIDTH),
        height=min(0.5 * (high - low), HEIGHT),
        alt=in_words(function),
    )


def in_words(function: StepFunction) -> str:
    """The function, read aloud from left to right."""
    pieces = [f"{function.levels[0]} for x < {function.breaks[0]}"]
    following = [*function.breaks[1:], None]
    for point, until in zip(function.points, following, strict=True):
        beyond = f"x > {point.at}" if until is None else f"{point.at} < x < {until}"
        pieces += [f"{point.value} at x = {point.at}", f"{point.after} for {beyond}"]
    return f"l(x) is {', '.join(pieces)}."
