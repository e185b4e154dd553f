"""Gaps between the values of two formulas at a point, in precise numbers and in floats."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.model.answers import Tolerance
from grader.comparing.truths import Flags, Floats

LARGEST = 1e300  # of precise numbers, as floats


def precise_gaps(
    truth: NDArray[Any] | None, answer: NDArray[Any] | None, digits: int
) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """The gaps |truth - answer| at a point and the larger of both sizes, entry by entry: all
    fractions, or all numbers of so many digits. None where they can't be told."""
    import mpmath

    if truth is None or answer is None or truth.shape != answer.shape:
        return None
    if all(isinstance(each, Fraction | int) for each in (*truth.flat, *answer.flat)):
        exact = np.vectorize(Fraction, otypes=[object])
        t, a = exact(truth), exact(answer)
        return np.abs(t - a), np.maximum(np.abs(t), np.abs(a))
    with mpmath.workdps(digits):
        high = np.vectorize(mpmath.mpmathify, otypes=[object])
        t, a = high(truth), high(answer)
        return np.abs(t - a), np.maximum(np.abs(t), np.abs(a))


def margins_of(tolerance: Tolerance, sizes: Floats) -> Floats:
    """How far from expected values of these sizes an answer is still near."""
    margins = np.maximum(float(tolerance.abs), float(tolerance.rel) * sizes)
    if tolerance.significant:
        with np.errstate(all="ignore"):
            first = np.floor(np.log10(sizes))
        units = np.where(sizes > 0, 10.0 ** (first + 1 - tolerance.significant), 0.0)
        margins = np.maximum(margins, units / 2)
    return np.asarray(margins)


def as_flags(values: NDArray[Any]) -> Flags:
    return np.asarray(values, dtype=bool)


def as_floats(values: NDArray[Any]) -> Floats:
    return np.array([_float(v) for v in values.flat]).reshape(values.shape)


def _float(value: Any) -> float:
    """A number of any size; infinite where it is too large for a float."""
    if abs(value) < LARGEST:
        return float(value)
    return np.inf if value > 0 else -np.inf
