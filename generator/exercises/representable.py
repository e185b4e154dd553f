"""What finite nets with one hidden layer represent exactly, for ten activation functions.

A net is w0 + sum_i w_i g(b_i + v_i x) with finitely many units and a real x. Candidate functions
come in kinds; each is a kind and its coefficients. `represented` says which kinds a net is, from
the known class of functions of each activation; `spanned` finds out by fitting units to values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from generator.model.values import Matrix, Vector, exact
from generator.sampling import Rng

LEAK = 0.1  # the slope of the leaky ReLU below 0
REACH = 6  # candidates break or bend at whole numbers from -REACH to REACH only

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "step": lambda z: np.where(z >= 0, 1.0, 0.0),
    "sign": np.sign,
    "identity": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z >= 0, z, LEAK * z),
    "abs": np.abs,
    "hard_tanh": lambda z: np.clip(z, -1, 1),
    "square": np.square,
    "cube": lambda z: z**3,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
}

# Each kind with its coefficients, as a function of x. Coefficients called a or c are not 0.
CANDIDATES: dict[str, Callable[..., Any]] = {
    "constant": lambda x, c: c + 0 * x,
    "affine": lambda x, a, b: a * x + b,
    "quadratic": lambda x, a, b, c: a * x**2 + b * x + c,
    "cubic": lambda x, a, b, c: a * x**3 + b * x + c,
    "hinge_up": lambda x, a, t: np.maximum(a * (x - t), 0),  # a > 0
    "hinge_down": lambda x, a, t: np.maximum(a * (t - x), 0),  # a > 0
    "absolute": lambda x, c, t: c * np.abs(x - t),
    "tent": lambda x, c, h, t: c * np.maximum(h - np.abs(x - t), 0),  # h > 0
    "ramp": lambda x, c, h, t: c * np.minimum(np.maximum(x - t, 0), h),  # h > 0
    "half_open": lambda x, c, s, t: c * ((s <= x) & (x < t)),
    "closed": lambda x, c, s, t: c * ((s <= x) & (x <= t)),
    "spike": lambda x, c, t: c * (x == t),
    "mean_jump": lambda x, low, high, t: (low + high + (high - low) * np.sign(x - t)) / 2,
    "floor": lambda x, c, b: c * np.floor(x) + b,
    "logistic": lambda x, c, t: c / (1 + np.exp(t - x)),
}

_PIECEWISE_LINEAR = {"constant", "affine", "hinge_up", "hinge_down", "absolute", "tent", "ramp"}
_STEPS = {"constant", "half_open", "closed", "spike", "mean_jump"}

_ON_THE_LINE: dict[str, set[str]] = {
    "step": _STEPS,  # finitely many pieces, any values at the breaks
    "sign": {"constant", "mean_jump"},  # the value at a break is the mean of both sides
    "identity": {"constant", "affine"},
    "relu": _PIECEWISE_LINEAR,
    "leaky_relu": _PIECEWISE_LINEAR,
    "abs": {"constant", "absolute", "tent", "ramp"},  # far-out slopes are opposite
    "hard_tanh": {"constant", "tent", "ramp"},  # far-out slopes are 0
    "square": {"constant", "affine", "quadratic"},
    "cube": {"constant", "affine", "quadratic", "cubic"},
    "sigmoid": {"constant", "logistic"},
    "tanh": {"constant", "logistic"},
}
# Where only some x count, far-out slopes do not bind, and floor has finitely many pieces.
_ON_AN_INTERVAL = _ON_THE_LINE | {
    "step": _STEPS | {"floor"},
    "abs": _PIECEWISE_LINEAR,
    "hard_tanh": _PIECEWISE_LINEAR,
}
# v > 0 binds these three; the others' units with v < 0 are combinations of 1 and units with v > 0.
_RISING_ON_THE_LINE = _ON_THE_LINE | {
    "step": {"constant", "half_open"},  # continuous from the right
    "relu": {"constant", "hinge_up", "tent", "ramp"},  # constant far to the left
    "leaky_relu": {"constant", "tent", "ramp"},  # far left 0.1 times the slope far right
}
_RISING_ON_AN_INTERVAL = _ON_AN_INTERVAL | {"step": {"constant", "half_open", "floor"}}


def represented(activation: str, *, rising: bool = False, bounded: bool = False) -> frozenset[str]:
    """The kinds of candidates that some finite net with this activation equals.

    `rising` allows positive slopes v only; `bounded` asks for equality on a bounded interval that
    has all breaks and bends inside, instead of on the whole line.
    """
    if rising:
        table = _RISING_ON_AN_INTERVAL if bounded else _RISING_ON_THE_LINE
    else:
        table = _ON_AN_INTERVAL if bounded else _ON_THE_LINE
    return frozenset(table[activation])


def drawn_candidate(rng: Rng, kind: str) -> Vector:
    """Coefficients for a candidate of this kind; see CANDIDATES for what they mean."""
    s, t = sorted(rng.sample(range(-REACH, REACH + 1), 2))
    c, level = rng.nonzero(5), rng.integer(-5, 5)
    match kind:
        case "constant":
            drawn = [c]
        case "affine" | "floor":
            drawn = [c, level]
        case "quadratic" | "cubic":
            drawn = [rng.nonzero(3), rng.integer(-4, 4), level]
        case "hinge_up" | "hinge_down":
            drawn = [rng.integer(1, 4), t]
        case "tent":
            middle = rng.integer(1 - REACH, REACH - 1)
            drawn = [rng.nonzero(3), rng.integer(1, REACH - abs(middle)), middle]
        case "ramp":
            drawn = [rng.nonzero(3), t - s, s]
        case "half_open" | "closed":
            drawn = [c, s, t]
        case "mean_jump":
            drawn = [level, level + 2 * rng.nonzero(2), t]
        case _:
            drawn = [c, t]
    return exact(drawn)


def spanned(
    activation: str,
    candidates: Mapping[str, Vector],
    *,
    rising: bool = False,
    interval: tuple[int, ...] = (),
) -> frozenset[str]:
    """The kinds among `candidates` that a combination of units equals, found by least squares.

    Thresholds at the whole numbers suffice for candidates that break and bend at whole numbers
    only, and points at the quarters tell these from all others. On the whole line, points far
    beyond the last threshold show what no finite net can follow. Smooth units are always judged on
    the whole line: they are real-analytic, and an analytic candidate that equals them on an
    interval equals them everywhere.
    """
    x, basis = _basis(activation, rising, interval)
    values = np.column_stack(
        [
            CANDIDATES[kind](x, *map(float, coefficients))
            for kind, coefficients in candidates.items()
        ]
    )
    misses = np.abs(basis @ (basis.T @ values) - values).max(axis=0)
    sizes = np.abs(values).max(axis=0)
    return frozenset(
        kind
        for kind, miss, size in zip(candidates, misses, sizes, strict=True)
        if math.isfinite(miss) and miss <= 1e-7 * size
    )


@cache
def _basis(activation: str, rising: bool, interval: tuple[int, ...]) -> tuple[Vector, Matrix]:
    """The points x of `spanned`, and an orthonormal basis (points, rank) of what 1 and the units
    can be there, from the singular value decomposition."""
    smooth = activation in ("sigmoid", "tanh")
    near = np.arange(-44, 45) / 4
    if interval and not smooth:
        x = near[(interval[0] <= near) & (near <= interval[1])]
    else:
        x = np.concatenate([near, [-60, -50, -40, 40, 50, 60]])
    # tanh(z/2) = 2 sigmoid(z) - 1, so that both reach the logistic candidate; hard tanh bends at
    # -1 and 1, here at neighbouring whole numbers.
    speed, centres = {"tanh": (0.5, 0.0), "hard_tanh": (2.0, 0.5)}.get(activation, (1.0, 0.0))
    pre_activations = speed * np.subtract.outer(x, np.arange(-10, 11) + centres)
    units = ACTIVATIONS[activation](pre_activations)
    if not rising:
        units = np.hstack([units, ACTIVATIONS[activation](-pre_activations)])
    left, sizes, _ = np.linalg.svd(np.column_stack([np.ones_like(x), units]), full_matrices=False)
    return x, left[:, sizes > 1e-12 * sizes[0]]
