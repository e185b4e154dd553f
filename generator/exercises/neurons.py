"""The sigmoid and tanh of one neuron: values, slopes, and pre-activations with rational outputs."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np


def activate(name: str, v: Any) -> Any:
    """s(v) of numbers or arrays, real or complex."""
    return 1 / (1 + np.exp(-v)) if name == "sigmoid" else np.tanh(v)


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
