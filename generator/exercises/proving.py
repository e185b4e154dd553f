"""Independent routes to a truth, for `verify()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from generator.model.answers import Formula
from generator.model.values import Matrix, Vector
from generator.notation.formulas.evaluating import evaluate
from generator.notation.formulas.scope import Known
from generator.notation.formulas.written import read_formula, scope_of, typed_formula

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


def complex_steps(function: Callable[[Any], Any], at: Vector) -> Vector:
    """The same of a function that takes many points at once, along a first axis, and gives as many
    scalars: it is called once instead of once for each entry."""
    point = np.asarray(at, dtype=float)
    moves = 1j * _STEP * np.eye(point.size).reshape(point.size, *point.shape)
    gradient: Vector = function(point + moves).imag.reshape(point.shape) / _STEP
    return gradient


def complex_jacobian(function: Callable[[Any], Any], at: Vector) -> Vector:
    """The Jacobian of a function from (n,) to (m,) at `at`, (m, n), by complex steps; it takes many
    points at once, too."""
    point = np.asarray(at, dtype=float)
    columns: Matrix = function(point + 1j * _STEP * np.eye(len(point))).imag / _STEP
    return columns.T


def times(W: Any, x: Any) -> Any:
    """W x, where either may have axes of many points before its own."""
    return (W @ x[..., None])[..., 0]


def close(found: Vector, expected: Vector, *, rtol: float = 1e-5, atol: float = 1e-8) -> bool:
    """Whether two arrays have one shape and differ by no more than rounding does: as
    `numpy.allclose`, which takes many times as long. What is not finite is not close."""
    if found.shape != expected.shape:
        return False
    return bool((np.abs(found - expected) <= atol + rtol * np.abs(expected)).all())


def formula_at(truth: Formula, values: Mapping[str, Any]) -> Any:
    """The value of a symbolic truth at one point: a float, or an array (rows, columns).

    `values` gives a number or an array for each name, and for a sequence the array of its members.
    Size symbols take the sizes of the arrays.
    """
    scope = scope_of(truth.names)
    points: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    for name, value in values.items():
        known = scope.names.get(name, Known(name))
        point = np.asarray(value, dtype=float)
        members = 0 if known.length is None else 1
        point = point.reshape(*point.shape[:members], *_matrix(point.shape[members:]))
        axes = (*[known.length] * members, *(known.shape or (1, 1)))
        pairs = zip(axes, point.shape, strict=True)
        sizes |= {size: count for size, count in pairs if isinstance(size, str)}
        points[name] = point[None]
    read = read_formula(truth.value, truth.names)  # as certifying did
    found = evaluate(typed_formula(read, truth.names).tree, points, sizes)[0]
    return float(found[0, 0]) if found.shape == (1, 1) else found


def _matrix(shape: tuple[int, ...]) -> tuple[int, int]:
    """Vectors are columns."""
    rows, columns, *_ = (*shape, 1, 1)
    return rows, columns
