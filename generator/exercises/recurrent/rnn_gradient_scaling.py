"""Exploding and vanishing gradients of a recurrent network, by singular values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import product
from typing import Any, Self

import numpy as np

from generator.exercises.proving import complex_steps, times
from generator.exercises.slopes import SLOPES, found_ends
from generator.model.answers import EXACT, Choice, Number
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, Rejected, agree, part
from generator.model.values import Matrix, Vector, exact
from generator.sampling import Rng

DIRECTIONS = ("explode", "vanish")
STRUCTURES = ("diagonal", "antidiagonal", "rotated", "triangular")
SHOWN = 5  # activations
STATEMENTS = {
    "explode": ("jacobian", "recurrent_weights", "input_weights", "states"),
    "vanish": ("jacobian", "recurrent_weights", "last_step", "states"),
}
"""What may be said to follow, for every network with the hypothesis; only "jacobian" does."""

_LIMITS = {"explode": (10, 100, 1000), "vanish": tuple(Fraction(1, 10**n) for n in (1, 2, 3))}
_FACTORS = {
    "explode": (Fraction(11, 10), Fraction(3)),
    "vanish": (Fraction(2, 5), Fraction(19, 20)),
}
_SINGULAR = tuple(Fraction(n, 2) for n in (1, 2, 3, 4, 5, 6, 8, 10))
_LAMBDAS = {
    "explode": tuple(Fraction(n, 20) for n in (4, 5, 6, 8, 10, 12, 15)),
    "vanish": tuple(Fraction(n, 20) for n in (6, 8, 10, 12, 16, 24)),
}
# (diagonal, off it, singular values) of triangular matrices, from Pythagorean triples: with p on
# the diagonal and b off it they are (sqrt(4 p^2 + b^2) +- |b|) / 2.
_TRIANGLES = (
    (Fraction(2), Fraction(3), Fraction(1), Fraction(4)),
    (Fraction(3, 2), Fraction(4), Fraction(1, 2), Fraction(9, 2)),
    (Fraction(3), Fraction(5, 2), Fraction(2), Fraction(9, 2)),
)
_CLEAR = Fraction(1, 100)  # of the limit: how near a bound may come to it


@dataclass(frozen=True, eq=False)
class RnnGradientScaling(Exercise):
    """h_t = g(W x_{t-1} + U h_{t-1}) where g' > slope everywhere (explode) or |g'| < slope
    everywhere (vanish): the singular values of dh_s/dh_t lie above, or below, a^(s - t)."""

    title = "How gradients grow and shrink through time"
    source = "recitation 2021, optional: backpropagation in RNN, questions 2 and 3"
    level_settings = ({"structure": "diagonal"}, {"structure": "triangular"})
    variants = (
        {"direction": "explode", "structure": "triangular"},
        {"direction": "vanish", "structure": "antidiagonal"},
    )

    direction: str  # of DIRECTIONS
    U: Matrix  # (2, 2)
    slope: Fraction  # lambda
    steps: int  # for how many the bound is asked
    limit: Fraction  # which the bound is to pass
    statements: tuple[str, ...]  # of STATEMENTS, in the order shown
    activations: tuple[str, ...]  # of SLOPES, in the order shown
    parameters: Vector  # (SHOWN,) of the activations; 0 for those that have none

    @classmethod
    def sample(cls, rng: Rng, *, direction: str = "any", structure: str = "rotated") -> Self:
        """`direction` is explode, vanish or any; `structure` of U is diagonal, antidiagonal,
        rotated (a rotation times a diagonal matrix), triangular or any."""
        if direction not in (*DIRECTIONS, "any"):
            raise ValueError(f"direction is one of {', '.join(DIRECTIONS)}, any")
        if structure not in (*STRUCTURES, "any"):
            raise ValueError(f"structure is one of {', '.join(STRUCTURES)}, any")
        direction = rng.choice(DIRECTIONS) if direction == "any" else direction
        structure = rng.choice(STRUCTURES) if structure == "any" else structure
        U, slope, factor = _matrix(rng, direction, structure)
        steps = rng.integer(3, 4)
        activations, parameters = _activations(rng, direction, slope)
        return cls(
            direction=direction,
            U=U,
            slope=slope,
            steps=steps,
            limit=_limit(rng, direction, factor),
            statements=tuple(rng.shuffled(STATEMENTS[direction])),
            activations=activations,
            parameters=parameters,
        )

    @property
    def explodes(self) -> bool:
        return self.direction == "explode"

    @cached_property
    def singular_values(self) -> tuple[Fraction, Fraction]:
        """The smaller and the larger one, exact: the roots of t^2 - |U|^2 t + det(U)^2 are their
        squares."""
        total = sum(entry**2 for entry in self.U.flat)
        product_ = abs(self.determinant)
        both = _root(total + 2 * product_)  # their sum
        apart = _root(total - 2 * product_)
        return (both - apart) / 2, (both + apart) / 2

    @property
    def determinant(self) -> Fraction:
        return Fraction(self.U[0, 0] * self.U[1, 1] - self.U[0, 1] * self.U[1, 0])

    @cached_property
    def eigenvalue_sizes(self) -> tuple[float, float]:
        """|eigenvalues| of U, the smaller first."""
        first, second = sorted(abs(np.linalg.eigvals(self.U.astype(float))))
        return float(first), float(second)

    @property
    def deciding(self) -> Fraction:
        """The singular value that bounds the gradients: the smallest where they explode."""
        return self.singular_values[0 if self.explodes else 1]

    @property
    def eigenvalues_differ(self) -> bool:
        """Whether the sizes of the eigenvalues are other numbers than the singular values."""
        pairs = zip(self.eigenvalue_sizes, self.singular_values, strict=True)
        return any(abs(size - float(value)) > 1e-9 for size, value in pairs)

    @property
    def distance(self) -> float:
        """The k, not a whole number, at which a^k is the limit."""
        return math.log(self.limit) / math.log(self.slope * self.deciding)

    @property
    def powers(self) -> tuple[Fraction, Fraction]:
        """The last bound before the limit and the first behind it."""
        a, k = self.slope * self.deciding, math.floor(self.distance) + 1
        return a ** (k - 1), a**k

    @cached_property
    def gram(self) -> Matrix:
        """U^T U, or U U^T where that is diagonal and U^T U is not."""
        first, second = self.U.T @ self.U, self.U @ self.U.T
        return second if second[0, 1] == 0 != first[0, 1] else first

    @property
    def gram_is_turned(self) -> bool:
        """Whether `gram` is U U^T."""
        return bool((self.gram != self.U.T @ self.U).any())

    @part(points=3)
    def a_value(self) -> Number:
        return Number(self.slope * self.deciding)

    @a_value.mistake(
        "Eigenvalues tell how much $U$ stretches its own eigenvectors only; how much it stretches "
        "at least and at most is told by its singular values."
    )
    def eigen_for_singular(self) -> float | None:
        small, large = self.eigenvalue_sizes
        value = small if self.explodes else large
        if abs(value - float(self.deciding)) < 1e-9:  # no difference for this U
            return None
        return float(self.slope) * value

    @a_value.mistake("The slope multiplies on the way back: it is a factor, not a divisor.")
    def lambda_flipped(self) -> Fraction:
        return self.deciding / self.slope

    @a_value.mistake(
        "Think of the direction in which $U$ stretches in the least favourable way: a bound must "
        "hold for all of them."
    )
    def min_max_swapped(self) -> Fraction:
        return self.slope * self.singular_values[1 if self.explodes else 0]

    @a_value.mistake("Each step passes the activation as well as $U$, and the slope is a factor.")
    def slope_forgotten(self) -> Fraction:
        return self.deciding

    @part(points=2)
    def bound_after_k(self, a_value: Any) -> Number:
        return Number(a_value**self.steps)

    @bound_after_k.mistake(
        "Each step multiplies by the factor: steps make a power, not a multiple."
    )
    def additive(self, a_value: Any) -> Any:
        return a_value * self.steps

    @bound_after_k.mistake("Count the steps from $t$ to $s$: each of them brings one factor.")
    def one_factor_missing(self, a_value: Any) -> Any:
        return a_value ** (self.steps - 1)

    @bound_after_k.mistake("The slope is a factor in every one of the steps, not only in one.")
    def slope_only_once(self) -> Fraction:
        return self.slope * self.deciding**self.steps

    @part(points=2)
    def smallest_k(self, a_value: Any) -> Number | None:
        found = self._first_beyond(a_value)
        return None if found is None else Number(Fraction(found), EXACT, integer=True)

    @smallest_k.mistake("With one step less the bound has not passed the limit yet: round up.")
    def rounded_down(self, a_value: Any) -> int | None:
        found = self._first_beyond(a_value)
        return None if found is None else found - 1

    @smallest_k.mistake("The bound is a power of the factor: it does not change by a fixed amount.")
    def linear_growth(self, a_value: Any) -> int | None:
        if not self._leads_there(a_value):
            return None
        found: int = math.floor((self.limit - 1) / (a_value - 1))
        return found + 1

    @smallest_k.mistake(
        "Each step passes the activation too: use the whole factor, not $U$'s alone."
    )
    def without_slope(self) -> int | None:
        return self._first_beyond(self.deciding)

    def _first_beyond(self, a: Any) -> int | None:
        """The first k with a^k beyond the limit, by logarithms as on paper (no power comes near
        the limit); None where a does not lead there."""
        if not self._leads_there(a):
            return None
        return math.floor(math.log(self.limit) / math.log(a)) + 1

    def _leads_there(self, a: Any) -> bool:
        return bool((a > 1) == self.explodes and a > 0 and abs(a - 1) >= Fraction(1, 100))

    @part(points=2)
    def what_vanishes(self) -> Choice:
        return Choice(frozenset({"jacobian"}), options=self.statements)

    @what_vanishes.mistake(
        "The gradient of the weights is a sum with a term for every step. The hypothesis tells "
        "what becomes of the way back to early steps; late steps, and terms that cancel or are 0, "
        "are another matter."
    )
    def sum_follows_its_terms(self) -> frozenset[str]:
        return frozenset({"recurrent_weights"})

    @what_vanishes.mistake(
        "The hypothesis is about how changes of a state are passed on; the states themselves "
        "depend on the inputs too."
    )
    def states_follow(self) -> frozenset[str]:
        return frozenset({"states"})

    @what_vanishes.mistake(
        "Each term of the input weights' gradient has an input as a factor, and that may be small."
    )
    def input_weights_too(self) -> frozenset[str] | None:
        return frozenset({"input_weights"}) if self.explodes else None

    @what_vanishes.mistake("The last step lies next to the loss, however long the sequence is.")
    def last_step_too(self) -> frozenset[str] | None:
        return None if self.explodes else frozenset({"last_step"})

    @part(points=1)
    def possible_activation(self) -> Choice:
        right = self._where(
            lambda low, high: low > self.slope if self.explodes else high < self.slope
        )
        return Choice(right, options=self.activations, several=True, partial=True)

    @possible_activation.mistake(
        "The hypothesis is about the slopes at all $z$, so the extreme slope on the other side "
        "decides."
    )
    def wrong_extreme(self) -> frozenset[str] | None:
        found = self._where(
            lambda low, high: high > self.slope if self.explodes else low < self.slope
        )
        return found or None

    def _where(self, holds: Callable[[Fraction, Fraction], bool]) -> frozenset[str]:
        return frozenset(kind for kind, c in self.shown.items() if holds(*SLOPES[kind].ends(c)))

    @property
    def shown(self) -> dict[str, Fraction]:
        """Each activation on the sheet with its parameter."""
        return dict(zip(self.activations, self.parameters, strict=True))

    @property
    def ranges(self) -> dict[str, tuple[Fraction, Fraction]]:
        """The least and the largest slope of each activation on the sheet."""
        return {kind: SLOPES[kind].ends(c) for kind, c in self.shown.items()}

    def verify(self) -> None:
        """Numeric singular values, slopes on a grid, products of random Jacobians, and a network
        that contradicts each statement but one."""
        truths = self.truths()
        values = np.linalg.svd(self.U.astype(float), compute_uv=False)
        a = float(self.slope) * float(values.min() if self.explodes else values.max())
        agree("a_value", truths["a_value"], a, within=1e-9)
        bound = math.exp(self.steps * math.log(a))
        agree("bound_after_k", truths["bound_after_k"], bound, within=1e-9)
        power, steps = 1.0, 0
        while power <= self.limit if self.explodes else power >= self.limit:
            power, steps = power * a, steps + 1
        agree("smallest_k", truths["smallest_k"], steps)
        agree("what_vanishes", truths["what_vanishes"], {*self.statements} - self._contradicted())
        _check_products(self.U.astype(float), float(self.slope), a, self.explodes)
        found = set()
        for kind, c in self.shown.items():
            low, high = found_ends(kind, c)
            if low > self.slope if self.explodes else high < self.slope:
                found.add(kind)
        agree("possible_activation", truths["possible_activation"], found)

    def _contradicted(self) -> set[str]:
        """The statements that are false for g(z) = c z with c just within the hypothesis, inputs
        (0, 0) where gradients explode and (1, 1) where they vanish, and h_0 = 0."""
        c = float(self.slope) * (1.001 if self.explodes else 0.999)
        U, W = c * self.U.astype(float), c * np.eye(2)
        q, zero, steps = np.array([1.0, 0.5]), np.zeros(2), 12
        fed = np.zeros((steps, 2)) if self.explodes else np.ones((steps, 2))

        def last(U: Any, W: Any, fed: Any, h: Any = zero) -> Any:
            for x in fed:  # U, W and h with an axis of many points before
                h = times(W, x) + times(U, h)
            return h

        sizes = {"recurrent_weights": complex_steps(lambda U: last(U, W, fed) @ q, U)}
        sizes["states"] = last(U, W, fed)
        if self.explodes:
            sizes["input_weights"] = complex_steps(lambda W: last(U, W, fed) @ q, W)
        else:
            one = fed[-1:]
            sizes["last_step"] = complex_steps(lambda h: last(U, W, one, h) @ q, zero)
        large = {key for key, size in sizes.items() if np.abs(size).max() > 1e-3}
        return set(sizes) - large if self.explodes else large


def _check_products(U: Any, slope: float, a: float, explodes: bool) -> None:
    """Disagreement unless a^k bounds random products of k Jacobians D U, and nothing better than a
    bounds all of one step."""
    rng = np.random.default_rng(1)
    size = slope * (1 + rng.random((6, 2))) if explodes else slope * rng.uniform(-1, 1, (6, 2))
    totals = [np.eye(2)]
    for row in size:
        totals.append(row[:, None] * (U @ totals[-1]))
    for k, values in enumerate(np.linalg.svd(np.stack(totals), compute_uv=False)[1:], start=1):
        if values.min() < a**k if explodes else values.max() > a**k:
            raise Disagreement(f"a_value: a product of {k} Jacobians is not bounded by {a**k}")
    values = np.linalg.svd(slope * U, compute_uv=False)
    if abs((values.min() if explodes else values.max()) - a) > 1e-9:
        raise Disagreement(f"a_value: {a} is not the best bound for one step")


# Drawing


def _root(square: Fraction) -> Fraction:
    """The rational square root; ValueError where there is none."""
    numerator, denominator = math.isqrt(square.numerator), math.isqrt(square.denominator)
    root = Fraction(numerator, denominator)
    if root**2 != square:
        raise ValueError(f"{square} is not a square")
    return root


@cache
def _choices(direction: str, structure: str) -> tuple[tuple[Fraction, ...], ...]:
    """(slope, a, smaller and larger singular value, and for triangles the two entries)."""
    low, high = _FACTORS[direction]
    shapes: list[tuple[Fraction, ...]]
    if structure == "triangular":
        shapes = [
            (c * small, c * large, c * p, c * b)
            for p, b, small, large in _TRIANGLES
            for c in (Fraction(1, 2), Fraction(1))
        ]
    else:
        shapes = [(s, t) for s, t in product(_SINGULAR, repeat=2) if s < t <= 4 * s]
    found = []
    for slope, shape in product(_LAMBDAS[direction], shapes):
        deciding = shape[0 if direction == "explode" else 1]
        a = slope * deciding
        # One decimal keeps powers short; with a singular value of 1 slips would go unnoticed.
        if low <= a <= high and (10 * a).denominator == 1 and deciding != 1:
            found.append((slope, a, *shape))
    return tuple(found)


def _matrix(rng: Rng, direction: str, structure: str) -> tuple[Matrix, Fraction, Fraction]:
    """U, the slope and a."""
    slope, a, small, large, *entries = rng.choice(_choices(direction, structure))
    first, second = rng.shuffled([small, large])
    zero = Fraction(0)
    if structure == "triangular":
        p, b = entries
        rows = [[p, rng.sign() * b], [zero, p]]
        U = exact(
            rows if rng.chance(1, 2) else [list(column) for column in zip(*rows, strict=True)]
        )
    elif structure == "rotated":
        c, s = rng.choice(((Fraction(3, 5), Fraction(4, 5)), (Fraction(4, 5), Fraction(3, 5))))
        s *= rng.sign()
        turn, stretch = exact([[c, -s], [s, c]]), exact([[first, zero], [zero, second]])
        U = exact(turn @ stretch if rng.chance(1, 2) else stretch @ turn)
    else:
        first, second = rng.sign() * first, rng.sign() * second
        U = exact([[first, zero], [zero, second]])
        U = U if structure == "diagonal" else exact(U[::-1])
    return U, slope, a


def _limit(rng: Rng, direction: str, a: Fraction) -> Fraction:
    """A limit that no bound a^k comes near."""
    limits = []
    for limit in map(Fraction, _LIMITS[direction]):
        near = round(math.log(limit) / math.log(a))
        if near > 4 and all(abs(a**k - limit) > _CLEAR * limit for k in (near - 1, near, near + 1)):
            limits.append(limit)
    if not limits:
        raise Rejected("no limit that the bound passes clearly")
    return rng.choice(limits)


def _activations(rng: Rng, direction: str, slope: Fraction) -> tuple[tuple[str, ...], Vector]:
    """Activations and parameters, one to three of them with the hypothesis, all clearly."""
    right: dict[str, list[Fraction]] = {}
    wrong: dict[str, list[Fraction]] = {}
    for kind, known in SLOPES.items():
        for c in known.parameters:
            end = known.ends(c)[0 if direction == "explode" else 1]
            if abs(end - slope) >= Fraction(1, 20):
                holds = end > slope if direction == "explode" else end < slope
                (right if holds else wrong).setdefault(kind, []).append(c)
    count = rng.integer(1, min(3, len(right)))
    chosen = {kind: right[kind] for kind in rng.sample(list(right), count)}
    others = [kind for kind in wrong if kind not in chosen]
    chosen |= {kind: wrong[kind] for kind in rng.sample(others, SHOWN - count)}
    kinds = rng.shuffled(list(chosen))
    return tuple(kinds), exact([rng.choice(chosen[kind]) for kind in kinds])
