"""The sigmoid and tanh of one neuron: values, slopes, and pre-activations with rational outputs."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from generator.exercises.activating import activate


def slope_of(name: str, y: Any) -> Any:
    """s'(v) from the output y = s(v)."""
    return y * (1 - y) if name == "sigmoid" else 1 - y * y


def logarithm(name: str, ratio: Fraction) -> float:
    """The v with s(v) = r / (1 + r) for the sigmoid, (r - 1) / (r + 1) for tanh."""
    return math.log(ratio) / (1 if name == "sigmoid" else 2)


def output(name: str, ratio: Fraction, rest: Fraction) -> Fraction | float:
    """s(v) for v = rest + the logarithm that belongs to `ratio`; a fraction where rest is 0."""
    if rest == 0:
        return ratio / (1 + ratio) if name == "sigmoid" else (ratio - 1) / (ratio + 1)
    return float(activate(name, float(rest) + logarithm(name, ratio)))


STEEPEST = {"sigmoid": Fraction(1, 4), "tanh": Fraction(1)}  # s'(0), the largest slope
LOWEST = {"sigmoid": 0, "tanh": -1}  # outputs lie between this and 1, ends excluded


def peaks(name: str, z: Fraction) -> list[tuple[Fraction | float, Fraction | float]]:
    """Where |y - z| s' has a maximum for outputs y in range, and the maxima, the largest first.

    With s' = y (1 - y) its derivative is 0 at y = (1 + z -+ sqrt(1 - z + z^2)) / 3, with
    s' = 1 - y^2 at y = (z -+ sqrt(z^2 + 3)) / 3. Exact where the root is.
    """
    root = square_root(1 - z + z * z if name == "sigmoid" else z * z + 3)
    middle = 1 + z if name == "sigmoid" else z
    candidates = [(middle + sign * root) / 3 for sign in (1, -1)]
    inside = [y for y in candidates if LOWEST[name] < y < 1]
    return sorted(
        ((y, abs(y - z) * slope_of(name, y)) for y in inside), key=lambda at: float(-at[1])
    )


def square_root(value: Fraction) -> Fraction | float:
    """Exact where it is a fraction."""
    above, below = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if (above * above, below * below) == (value.numerator, value.denominator):
        return Fraction(above, below)
    return math.sqrt(value)
