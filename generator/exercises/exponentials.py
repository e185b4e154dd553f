"""Softmax in floating point, and logits for which exp works or fails, far from where that turns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from generator.model.values import Vector, exact
from generator.sampling import Rng

FLOATS: dict[str, Any] = {"float32": np.float32, "float64": np.float64}
# Above OVERFLOW exp is infinite, below -UNDERFLOW it is 0: the logarithms of the largest number
# and of half the smallest one (IEEE 754).
OVERFLOW = {"float32": 88.72, "float64": 709.78}
UNDERFLOW = {"float32": 103.97, "float64": 745.13}
_SAFE = {"float32": 60, "float64": 680}  # exp of these, either sign, is a normal number
_CLEAR = 20  # how far beyond a bound a logit lies that is meant to fail
KINDS = (
    "one_large",
    "mixed_sizes",  # one overflows although the sum is 0
    "large_sum",  # none overflows although the sum is beyond the bound
    "all_tiny",
    "one_alive",  # the others underflow, which does no harm
    "negative_sum",  # none underflows although the sum is beyond the bound
    "mild",
)


def softmax(logits: Any) -> Vector:
    """exp(a_k) / sum_j exp(a_j) in float64, shape (n,), without overflow."""
    a = np.asarray(logits, dtype=float)
    exponentials = np.exp(a - a.max())
    result: Vector = exponentials / exponentials.sum()
    return result


def overflows(logit: float, precision: str) -> bool:
    """Whether exp(logit) is too large for the precision."""
    return logit > OVERFLOW[precision]


def vanishes(logit: float, precision: str) -> bool:
    """Whether exp(logit) is rounded to 0 in the precision."""
    return logit < -UNDERFLOW[precision]


def naive(logits: Vector, precision: str) -> tuple[Vector, Any]:
    """The exponentials and their sum as the precision itself computes them."""
    with np.errstate(over="ignore", under="ignore"):
        exponentials: Vector = np.exp(logits.astype(FLOATS[precision]))
        return exponentials, exponentials.sum()


def draw_lists(
    rng: Rng, wanted: Sequence[str], count: int, precision: str, size: int
) -> tuple[Vector, ...]:
    """`count` lists of `size` logits in random order: one of each wanted kind, the rest of any,
    where the first wanted kind may come twice."""
    rest = [kind for kind in KINDS if kind not in wanted[1:]]
    kinds = [*wanted, *rng.sample(rest, count - len(wanted))]
    return tuple(_draw_list(rng, kind, precision, size) for kind in rng.shuffled(kinds))


def _draw_list(rng: Rng, kind: str, precision: str, size: int) -> Vector:
    safe = _SAFE[precision]
    high = math.ceil(OVERFLOW[precision]) + _CLEAR
    low = math.ceil(UNDERFLOW[precision]) + _CLEAR

    def several(count: int, least: int, most: int) -> list[int]:
        return [rng.integer(least, most) for _ in range(count)]

    match kind:
        case "one_large":
            logits = [rng.integer(high, 2 * high), *several(size - 1, -9, 9)]
        case "mixed_sizes":
            rest = several(size - 2, -9, 9)
            large = rng.integer(low + 9 * size, 2 * low)
            logits = [large, -large - sum(rest), *rest]
        case "large_sum":
            logits = several(size, 3 * safe // 4, safe)
        case "all_tiny":
            logits = several(size, -2 * low, -low)
        case "one_alive":
            logits = [rng.integer(-9, 9), *several(size - 1, -2 * low, -low)]
        case "negative_sum":
            logits = several(size, -safe, -3 * safe // 4)
        case _:
            logits = several(size, -9, 9)
    return exact(rng.shuffled(logits))
