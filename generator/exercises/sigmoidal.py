"""Four activation functions that saturate on both sides: their slopes, and where these are small.

Each is s(u) with u = k x. Parameters t stand for a point u(t) at which value and slope are exact:
u = ln t for the sigmoid, where sigma = t / (1 + t); u = (ln t) / 2 for tanh, where
tanh = (t - 1) / (t + 1); u = t for the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Sigmoidal:
    """One of them.

    `at` is s, also of numpy arrays and complex u; `slope` is s'(u). `point` is u(t); `value_at` and
    `slope_at` are s and s' there. The slope falls to a level at u = `end`(level); s itself is a
    level below its limit 1 at `near_limit`(level), None where the limit is another. `peak` is
    s'(0), `limits` are those of s for u to plus and minus infinity. `near` and `far` are parameters
    t of points right of 0, for values and for the beginning of saturation.
    """

    at: Callable[[Any], Any]
    slope: Callable[[float], float]
    point: Callable[[Fraction], float]
    value_at: Callable[[Fraction], Any]
    slope_at: Callable[[Fraction], Fraction]
    end: Callable[[float], float]
    near_limit: Callable[[float], float] | None
    peak: Fraction
    limits: tuple[float, float]
    near: tuple[int, ...]
    far: tuple[int, ...]


def _sigmoid(u: float) -> float:
    return 1 / (1 + math.exp(-u)) if u > 0 else 1 - 1 / (1 + math.exp(u))


SIGMOIDAL: dict[str, Sigmoidal] = {
    "sigmoid": Sigmoidal(
        at=lambda u: 1 / (1 + np.exp(-u)),
        slope=lambda u: _sigmoid(u) * _sigmoid(-u),
        point=math.log,
        value_at=lambda t: t / (1 + t),
        slope_at=lambda t: t / (1 + t) ** 2,
        end=lambda level: 2 * math.atanh(math.sqrt(1 - 4 * level)),
        near_limit=lambda level: math.log((1 - level) / level),
        peak=Fraction(1, 4),
        limits=(1.0, 0.0),
        near=(2, 3, 4, 9),
        far=(4, 9, 19, 99),
    ),
    "tanh": Sigmoidal(
        at=np.tanh,
        slope=lambda u: 1 - math.tanh(u) ** 2,
        point=lambda t: math.log(t) / 2,
        value_at=lambda t: (t - 1) / (t + 1),
        slope_at=lambda t: 4 * t / (1 + t) ** 2,
        end=lambda level: math.atanh(math.sqrt(1 - level)),
        near_limit=lambda level: math.atanh(1 - level),
        peak=Fraction(1),
        limits=(1.0, -1.0),
        near=(2, 3, 4, 9),
        far=(4, 9, 19, 99),
    ),
    "arctan": Sigmoidal(
        at=np.arctan,
        slope=lambda u: 1 / (1 + u * u),
        point=float,
        value_at=math.atan,
        slope_at=lambda t: 1 / (1 + t * t),
        end=lambda level: math.sqrt(1 / level - 1),
        near_limit=None,
        peak=Fraction(1),
        limits=(math.pi / 2, -math.pi / 2),
        near=(1, 2, 3),
        far=(2, 3, 7),
    ),
    "softsign": Sigmoidal(
        at=lambda u: u / (1 + np.where(np.real(u) > 0, u, -u)),
        slope=lambda u: 1 / (1 + abs(u)) ** 2,
        point=float,
        value_at=lambda t: t / (1 + abs(t)),
        slope_at=lambda t: 1 / (1 + abs(t)) ** 2,
        end=lambda level: 1 / math.sqrt(level) - 1,
        near_limit=lambda level: 1 / level - 1,
        peak=Fraction(1),
        limits=(1.0, -1.0),
        near=(1, 3, 4),
        far=(3, 4, 9),
    ),
}
LOGARITHMIC = ("sigmoid", "tanh")  # for which u(t) is a logarithm, and 1/t is the other side


def mirrored(name: str, t: Fraction) -> Fraction:
    """The parameter of the point at -u(t)."""
    return 1 / t if name in LOGARITHMIC else -t
