"""Activation functions with a parameter, and how steep each is: the range of its slopes.

The slope is taken wherever there is one; the ends of the range need not be attained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from generator.exercises.activating import activate, sigmoid

_NONE = (Fraction(0),)
_STEP = 1e-20


@dataclass(frozen=True)
class Slopes:
    """`function(z, c)` takes complex arrays; `low` and `high` are the ends of its slopes' range in
    terms of c; `parameters` are the values of c to draw from."""

    function: Callable[[Any, float], Any]
    low: Callable[[Fraction], Fraction]
    high: Callable[[Fraction], Fraction]
    parameters: tuple[Fraction, ...] = _NONE

    def ends(self, c: Fraction) -> tuple[Fraction, Fraction]:
        return self.low(c), self.high(c)


def _always(value: int | Fraction) -> Callable[[Fraction], Fraction]:
    return lambda c: Fraction(value)


def _parameters(*tenths: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(n, 10) for n in tenths)


SLOPES: dict[str, Slopes] = {
    "identity": Slopes(lambda z, c: z, _always(1), _always(1)),
    "scaled": Slopes(lambda z, c: c * z, lambda c: c, lambda c: c, _parameters(1, 2, 5, 8, 15, 20)),
    "relu": Slopes(lambda z, c: activate("relu", z), _always(0), _always(1)),
    "leaky": Slopes(
        lambda z, c: activate("leaky", z, c),
        lambda c: c,
        _always(1),
        _parameters(1, 2, 3, 5),
    ),
    "sigmoid": Slopes(lambda z, c: sigmoid(z), _always(0), _always(Fraction(1, 4))),
    "steep_sigmoid": Slopes(
        lambda z, c: sigmoid(c * z), _always(0), lambda c: c / 4, _parameters(20, 40, 60)
    ),
    "tanh": Slopes(lambda z, c: np.tanh(z), _always(0), _always(1)),
    "scaled_tanh": Slopes(
        lambda z, c: c * np.tanh(z), _always(0), lambda c: c, _parameters(2, 5, 15)
    ),
    "softplus": Slopes(lambda z, c: np.log(1 + np.exp(z)), _always(0), _always(1)),
    "tilted": Slopes(
        lambda z, c: c * z + np.tanh(z), lambda c: c, lambda c: c + 1, _parameters(2, 5, 10)
    ),
    "wavy": Slopes(
        lambda z, c: z + c * np.sin(z), lambda c: 1 - c, lambda c: 1 + c, _parameters(3, 5, 8)
    ),
}


@cache
def found_ends(kind: str, c: Fraction) -> tuple[float, float]:
    """The least and the largest slope, by complex-step differentiation on a fine grid."""
    z = np.linspace(-30.0, 30.0, 2000)  # an even number of points: none of them at 0
    slopes = SLOPES[kind].function(z + 1j * _STEP, float(c)).imag / _STEP
    return float(slopes.min()), float(slopes.max())
