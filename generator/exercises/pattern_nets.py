"""Nets with one hidden layer on pixel patterns: their images, and whether an output unit suffices.

With step and ReLU units everything is exact. A sigmoid's values are known to as many digits as one
likes; whether the images of whole pre-activations are separable is decided on their values rounded
to four decimals, where `decided` proves that the rounding changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from math import exp, gcd
from typing import Any, Literal

import numpy as np

from generator.exercises.patterns import table_scores, weight_table
from generator.exercises.separation import common_mean, separating_direction
from generator.model.exercise import Rejected
from generator.model.values import Matrix, Vector, apply, decimals, exact, fraction, plain, whole
from generator.sampling import Rng

Activation = Literal["step", "relu", "sigmoid"]
ACTIVATIONS: tuple[Activation, ...] = ("step", "relu", "sigmoid")
Outcome = Literal["works", "same_image", "hulls_meet"]
PLACES = 4  # decimals of a sigmoid's values
MARGIN = Fraction(1, 10**6)  # least size of the output of a net of sigmoids
ROOM = Fraction(1, 40)  # that a line leaves between the images of two classes, in the 1-norm
_DIGITS = 50
_FLAT = 300  # beyond, a sigmoid is 0 or 1 to all of these digits
_STEEPEST = {"step": 5, "relu": 5, "sigmoid": 3}  # the largest pre-activation of a drawn layer
_WANTED: tuple[Outcome, ...] = ("works", "works", "works", "hulls_meet", "hulls_meet", "same_image")
_KINDS = {  # of drawn layers, by what is to come of them; two further kinds serve all
    "works": ("opposite", "opposite", "opposite"),
    "hulls_meet": ("crosswise", "crosswise", "crosswise"),
    "same_image": ("opposite", "crosswise"),
}
_TRIES = 150


def activated(activation: Activation, z: Vector) -> Vector:
    """The activation of every entry: exact for step and ReLU, in floating point for sigmoid."""
    match activation:
        case "step":
            return apply(lambda v: int(v >= 0), plain(z))
        case "relu":
            return apply(lambda v: v if v > 0 else 0, plain(z))
    return apply(lambda v: 1 / (1 + exp(-float(v))), z)


def outputs(
    activation: Activation, x: Matrix, W: Matrix, b: Vector, v: Vector, c: Fraction
) -> list[Fraction]:
    """v·act(W x + b) + c for every row of x: exactly, a sigmoid's values to 50 digits."""
    z = plain(x) @ plain(W).T + plain(b)
    match activation:
        case "step":
            hidden = np.where(z >= 0, 1, 0)
        case "relu":
            hidden = np.maximum(z, 0)
        case "sigmoid":
            hidden = plain(apply(_sigmoid, z))
    return list(map(fraction, (hidden @ plain(v) + whole(c)).tolist()))


def _sigmoid(z: Fraction) -> Fraction:
    """sigma(z) to 50 digits, in the exponential's own precise arithmetic."""
    if abs(z) > _FLAT:
        return Fraction(z > 0)
    with localcontext() as context:
        context.prec = _DIGITS
        power = (-Decimal(z.numerator) / Decimal(z.denominator)).exp()
        return Fraction(1 / (1 + power))


def judged(images: Matrix, count: int) -> Outcome:
    """Can an output unit tell the first `count` images, class I, from the others?

    It can't if two patterns of different classes have the same image, nor if the convex hulls of
    the classes' images have a point in common.
    """
    rounded = apply(lambda value: decimals(value, PLACES), images)
    if separating_direction(rounded[:count], rounded[count:]) is not None:
        return "works"
    rows = [tuple(row) for row in rounded]
    return "same_image" if set(rows[:count]) & set(rows[count:]) else "hulls_meet"


def decided(activation: Activation, z: Matrix) -> bool:
    """Whether `judged` is right about the exact images of pre-activations z (4, 2), two a class.

    Step and ReLU images are exact. For sigmoids of whole z: a separating line must leave room for
    more than the rounding; segments must cross well inside, or a common mean must follow from
    sigma(-z) = 1 - sigma(z) alone.
    """
    if activation != "sigmoid":
        return True
    rounded = apply(lambda value: decimals(value, PLACES), activated(activation, z))
    match judged(rounded, 2):
        case "same_image":
            pairs = [tuple(row) for row in z]
            return bool(set(pairs[:2]) & set(pairs[2:]))
        case "works":
            u = separating_direction(rounded[:2], rounded[2:])
            assert u is not None
            room = min(rounded[:2] @ exact(u)) - max(rounded[2:] @ exact(u))
            return bool(room >= ROOM * sum(map(abs, u)))
    shares = crossing(rounded.astype(float))
    if shares is not None and all(0.05 < share < 0.95 for share in shares):
        return True
    weights = common_mean(rounded[:2], rounded[2:])
    assert weights is not None
    return all(_cancels([*weights[0], *-weights[1]], column) for column in z.T)


def crossing(images: Any) -> tuple[float, float] | None:
    """How far along the segments between the images (4, 2) of each class their lines meet, in
    floating point: within 0 and 1 if the segments do. None where they are nearly parallel."""
    start, end, other, last = images
    (a, b), (c, d), (e, f) = end - start, last - other, other - start
    det = a * d - b * c
    return None if abs(det) < 0.02 else ((e * d - f * c) / det, (e * b - f * a) / det)


def _cancels(weights: Sequence[Fraction], z: Vector) -> bool:
    """Whether sum_k weights_k (sigma(z_k) - 1/2) is 0 because that function is odd."""
    sums: dict[Fraction, Fraction] = {}
    for weight, value in zip(weights, z, strict=True):
        signed = weight if value >= 0 else -weight
        sums[abs(value)] = sums.get(abs(value), Fraction(0)) + signed
    return all(total == 0 for value, total in sums.items() if value)


@dataclass(frozen=True)
class Level:
    """A direction along which one class is level, at u·x = s, and the other class is off it.

    One hidden unit looks up from there, one looks down; their sum tells the classes apart.
    """

    u: Vector  # (n,) whole numbers
    s: Fraction
    label: int  # of the class that is level: 1 for class I, -1 for class II
    gap: Fraction  # how near the other class comes

    @classmethod
    def simplest(cls, first: Matrix, second: Matrix) -> Level | None:
        """The first of `levels`, None if there is none."""
        for u, s, label, gap in levels(first, second)[:1]:
            return cls(exact(u), Fraction(s), label, Fraction(gap))
        return None

    def net(self, activation: Activation) -> dict[str, Any]:
        """W, b, v, c with the rows u and -u; v and c give f the sign of the classes."""
        W, b = np.array([self.u, -self.u]), np.array([-self.s, self.s])
        sign = -self.label
        match activation:
            case "relu":
                v, c = np.array([1, 1]) * (1 if self.gap > 1 else 2), Fraction(-1)
            case "step":
                b, v, c = b - Fraction(1, 2), np.array([1, 1]), Fraction(-1, 2)
            case "sigmoid":  # nearly that step
                W, b = 4 * W, 4 * b - 2
                v, c = np.array([1, 1]), Fraction(-1, 2)
        return {"W": exact(W), "b": exact(b), "v": exact(sign * v), "c": sign * c}


def levels(first: Matrix, second: Matrix) -> list[tuple[list[int], int, int, int]]:
    """(u, s, label, gap) of every `Level` with a u of `weight_table`, the simplest first; 8 at most
    for either class."""
    table = weight_table(first.shape[1])
    one, two = table_scores(first), table_scores(second)
    found = []
    for label, level, other in ((1, one, two), (-1, two, one)):
        flat = np.flatnonzero((level[1:] == level[0]).all(axis=0))
        places = flat[(other[:, flat] != level[0, flat]).all(axis=0)][:8]
        heights = level[0, places]
        gaps = abs(other[:, places] - heights).min(axis=0)
        for u, s, gap in zip(table[places].tolist(), heights, gaps, strict=True):
            if gcd(*u) == 1:
                found.append((u, int(s), label, int(gap)))
    return sorted(found, key=lambda row: (sum(map(abs, row[0])), -row[3]))


def drawn_layer(
    rng: Rng, activation: Activation, first: Matrix, second: Matrix
) -> tuple[Matrix, Vector]:
    """Two units, which make the classes separable in one draw of two; else two images coincide or
    the classes lie crosswise. No pre-activation of a step is 0; a ReLU is on and off."""
    wanted: Outcome = rng.choice(_WANTED)
    patterns = plain(np.vstack([first, second])).astype(int)
    level: dict[int, list[Any]] = {1: [], -1: []}  # directions, by the class that is level
    for u, _, label, _ in levels(first, second):
        level[label].append(np.array(u))
    for _ in range(_TRIES):
        kind = rng.choice(("any", "templates", *_KINDS[wanted]))
        if kind == "opposite":
            along = rng.choice(level[1] + level[-1])
            rows = [along, -along]
        elif kind == "crosswise":
            rows = [rng.choice(level[1]), rng.choice(level[-1])]
        elif kind == "templates":
            rows = list(rng.choice((patterns[:2], patterns[2:])))
        else:
            rows = [[rng.integer(-1, 1) for _ in patterns[0]] for _ in range(2)]
        heights = patterns @ np.array(rows).T
        # Twice the biases, so that halves, for steps, are whole.
        biases = [2 * rng.integer(-max(column), -min(column)) for column in heights.T.tolist()]
        if activation == "step":
            biases = [b + rng.sign() for b in biases]
        doubled = 2 * heights + np.array(biases)
        if _poor(activation, doubled, wanted):
            continue
        z = exact(doubled) / 2
        if judged(activated(activation, z), 2) == wanted and decided(activation, z):
            return exact(rows), exact(biases) / 2
    raise Rejected(f"no hidden layer: {wanted}")


def _poor(activation: Activation, doubled: Any, wanted: Outcome) -> bool:
    """Whether a look at 2 z, (4, 2) whole numbers, shows that the layer is a poor question."""
    seen = {"step": doubled > 0, "relu": np.maximum(doubled, 0), "sigmoid": doubled}[activation]
    if abs(doubled).max() > 2 * _STEEPEST[activation]:
        return True
    if any(len({*column}) < 2 for column in seen.T) or (seen[:, 0] == seen[:, 1]).all():
        return True
    if activation == "relu" and doubled.min() >= 0:
        return True
    images = [tuple(row) for row in seen.tolist()]
    if bool(set(images[:2]) & set(images[2:])) != (wanted == "same_image"):
        return True
    values = 1 / (1 + np.exp(-doubled / 2)) if activation == "sigmoid" else seen.astype(float)
    shares = crossing(values)
    return shares is not None and all(0 <= t <= 1 for t in shares) == (wanted == "works")
