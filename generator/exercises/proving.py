"""Independent routes to a truth, for `verify()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from generator.model.values import Vector

_STEP = 1e-30


def complex_step(function: Callable[[Any], Any], at: Vector) -> Vector:
    """The gradient of a scalar function at the array `at`, in the shape of `at`.

    Complex-step differentiation, Im f(x + ih) / h, has no cancellation, so the result is right to
    rounding (Squire and Trapp, SIAM Review 40, 1998). `function` must accept complex entries and
    compare real parts only.
    """
    point = np.asarray(at, dtype=float).astype(complex)
    gradient = np.empty(point.shape)
    for index in np.ndindex(point.shape):
        moved = point.copy()
        moved[index] += 1j * _STEP
        gradient[index] = function(moved).imag / _STEP
    return gradient
