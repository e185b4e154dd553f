"""What shows of two formulas without a decision: that they are one, or that they are far apart."""

from __future__ import annotations

import numpy as np

from generator.notation.formulas.scope import Scope, Shape
from grader.comparing.points import Points, sizes_of
from grader.comparing.sequences import outside
from grader.comparing.truths import Expression

FAR = 1e-3  # relative and absolute gap that no rounding of small whole numbers makes


def same_shape(first: Shape, second: Shape) -> bool:
    """Whether shapes are the same, where one row of one column is a number."""

    def plain(shape: Shape) -> Shape:
        return () if shape == (1, 1) else shape

    return plain(first) == plain(second)


def as_written(truth: Expression, answer: Expression, scope: Scope) -> bool:
    """Whether an answer is the truth node by node, which no point can tell apart.

    An index that leaves its sequence has no value anywhere, be it in the truth itself.
    """
    if truth.tree != answer.tree or truth.shape != answer.shape:
        return False
    sizes = (sizes_of(scope), sizes_of(scope, other=True)) if answer.indexed else ()
    return not any(outside(answer.tree, scope, each) for each in sizes)


def far_apart(first: Expression, second: Expression, points: Points) -> bool:
    """Whether formulas are not equal for sure: of other shapes, or with clearly other values at
    most of the points, of which both have values at half or more."""
    if not same_shape(first.shape, second.shape):
        return True
    if first.delicate or second.delicate:
        return False
    one, other = first.at(points), second.at(points)
    with np.errstate(all="ignore"):
        gap, size = np.abs(one - other), np.maximum(np.abs(one), np.abs(other))
        far = (gap > FAR) & (gap > FAR * size)
    real = np.isfinite(gap).any(axis=(1, 2)).sum()
    return bool(2 * real >= points.count and 3 * far.any(axis=(1, 2)).sum() >= 2 * real > 0)
