"""Activation functions near 0: their value there and their slopes on either side.

`function` takes x and the parameters; `value`, `left` and `right` are s(0), s'(0-) and s'(0+), from
the Taylor series of each piece, in terms of the parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from generator.model.values import Vector, exact
from generator.sampling import Rng

CLASSES = ("linear", "affine", "kink", "degenerate")
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class NearZero:
    """`parameters` are the choices for each parameter; `inner` says that the first one multiplies x
    inside. `pieced` marks definitions in pieces or with |x| whose slopes at 0 agree nonetheless."""

    function: Callable[..., float]
    value: Callable[..., Any]
    left: Callable[..., Any]
    right: Callable[..., Any]
    parameters: tuple[tuple[Any, ...], ...] = ()
    inner: bool = False
    pieced: bool = False


def _smooth(
    function: Callable[..., float],
    slope: Callable[..., Any],
    *parameters: tuple[Any, ...],
    value: Callable[..., Any] = lambda *p: 0,
    inner: bool = False,
    pieced: bool = False,
) -> NearZero:
    return NearZero(function, value, slope, slope, parameters, inner, pieced)


def _kinked(
    function: Callable[..., float],
    left: Callable[..., Any],
    right: Callable[..., Any],
    *parameters: tuple[Any, ...],
) -> NearZero:
    return NearZero(function, lambda *p: 0, left, right, parameters)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


_K = (1, 2, 3)
_FOURTHS = (1, 2, 4, 6)
_LAMBDA = ("1.05", "1.1", "1.2", "1.25")
_ALPHA = ("1.5", "1.6", "1.75", "2")

POOL: dict[str, NearZero] = {
    "sigmoid": _smooth(
        lambda x, k: _logistic(k * x),
        lambda k: Fraction(k) / 4,
        _FOURTHS,
        value=lambda k: HALF,
        inner=True,
    ),
    "centred_sigmoid": _smooth(
        lambda x, k: _logistic(k * x) - 0.5, lambda k: Fraction(k) / 4, _FOURTHS, inner=True
    ),
    "tanh": _smooth(lambda x, k: math.tanh(k * x), lambda k: k, _K, inner=True),
    "shifted_tanh": _smooth(
        lambda x, c: math.tanh(x) + c, lambda c: 1, (-2, -1, 1, 2), value=lambda c: c
    ),
    "softplus": _smooth(
        lambda x, k: math.log1p(math.exp(k * x)),
        lambda k: Fraction(k) / 2,
        (1, 3, 4),
        value=lambda k: math.log(2),
        inner=True,
    ),
    "shifted_softplus": _smooth(
        lambda x, k: math.log1p(math.exp(k * x)) - math.log(2),
        lambda k: Fraction(k) / 2,
        (1, 3, 4),
        inner=True,
    ),
    "silu": _smooth(lambda x: x * _logistic(x), lambda: HALF),
    "gelu": _smooth(lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2, lambda: HALF),
    "softsign": _smooth(
        lambda x, k: k * x / (1 + abs(k * x)), lambda k: k, _K, inner=True, pieced=True
    ),
    "arctan": _smooth(lambda x, k: math.atan(k * x), lambda k: k, _K, inner=True),
    "sin": _smooth(lambda x, k: math.sin(k * x), lambda k: k, _K, inner=True),
    "hard_tanh": _smooth(
        lambda x, k: max(-1, min(1, k * x)), lambda k: k, _K, inner=True, pieced=True
    ),
    "exp": _smooth(
        lambda x, k: math.exp(k * x), lambda k: k, (2, 3, -1, -2), value=lambda k: 1, inner=True
    ),
    "exp_minus_1": _smooth(lambda x, k: math.expm1(k * x), lambda k: k, (1, 2, 3), inner=True),
    "elu_1": _smooth(lambda x: x if x > 0 else math.expm1(x), lambda: 1, pieced=True),
    "celu": _smooth(
        lambda x, a: x if x > 0 else a * math.expm1(x / a), lambda a: 1, (2, 3, 4), pieced=True
    ),
    "relu": _kinked(lambda x, c: max(0, c * x), lambda c: 0, lambda c: c, _K),
    "leaky": _kinked(lambda x, a: max(a * x, x), lambda a: a, lambda a: 1, ("0.1", "0.2", "0.25")),
    "elu": _kinked(
        lambda x, a: x if x > 0 else a * math.expm1(x), lambda a: a, lambda a: 1, (2, 3, "0.5")
    ),
    "selu": _kinked(  # as the exam defines it
        lambda x, lam, alpha: lam * x if x > 0 else alpha * math.expm1(x),
        lambda lam, alpha: alpha,
        lambda lam, alpha: lam,
        _LAMBDA,
        _ALPHA,
    ),
    "standard_selu": _kinked(  # Klambauer et al., Self-normalizing neural networks, 2017
        lambda x, lam, alpha: lam * (x if x > 0 else alpha * math.expm1(x)),
        lambda lam, alpha: lam * alpha,
        lambda lam, alpha: lam,
        _LAMBDA,
        _ALPHA,
    ),
    "abs": _kinked(lambda x, c: c * abs(x), lambda c: -c, lambda c: c, _K),
    "cos": _smooth(lambda x, k: math.cos(k * x), lambda k: 0, _K, value=lambda k: 1, inner=True),
    "cube": _smooth(lambda x: x**3, lambda: 0),
    "square": _smooth(lambda x: x**2, lambda: 0),
    "root": _smooth(lambda x: math.sqrt(1 + x * x), lambda: 0, value=lambda: 1),
}
EXAM = ("sigmoid", "tanh", "relu", "selu")
# Lambda, and alpha, which is lambda times 1.6733 in the standard definition: 1.75810 to five places
# (the exam prints 1.75814).
EXAM_SELU = exact(["1.0507", "1.7581"])


@dataclass(frozen=True)
class Near:
    """What first order sees of one function with its parameters: value and one-sided slopes."""

    value: Any
    left: Fraction
    right: Fraction

    @property
    def kind(self) -> str:
        """One of CLASSES."""
        if self.left != self.right:
            return "kink"
        if self.left == 0:
            return "degenerate"
        return "affine" if self.value else "linear"


def near(name: str, parameters: Vector) -> Near:
    """Value and slopes at 0 of a function of POOL."""
    each = POOL[name]
    return Near(
        each.value(*parameters),
        Fraction(each.left(*parameters)),
        Fraction(each.right(*parameters)),
    )


def drawn_parameters(rng: Rng, name: str) -> Vector:
    """Parameters for a function of POOL; empty where it has none."""
    return exact([rng.choice(choices) for choices in POOL[name].parameters])


@cache
def of_kind(kind: str) -> tuple[str, ...]:
    """The functions of POOL of one kind (which no parameter changes)."""
    return tuple(
        name
        for name, each in POOL.items()
        if near(name, exact([choices[0] for choices in each.parameters])).kind == kind
    )


def function_at(name: str, parameters: Vector, x: float) -> float:
    """A function of POOL in floating point."""
    return float(POOL[name].function(x, *map(float, parameters)))


def slopes_found(function: Callable[[float], float]) -> tuple[float, float]:
    """The slopes left and right of 0 by one-sided differences, extrapolated twice to step 0."""

    def side(sign: int) -> float:
        def quotient(h: float) -> float:
            return (function(sign * h) - function(0.0)) / (sign * h)

        h = 1e-3
        first = [2 * quotient(h / 2) - quotient(h), 2 * quotient(h / 4) - quotient(h / 2)]
        return (4 * first[1] - first[0]) / 3

    return side(-1), side(1)
