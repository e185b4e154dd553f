"""Continuous functions on an interval that are quadratic between knots, and how far a step function
is from one of them: everything in exact rational arithmetic.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import lcm
from typing import NamedTuple

from generator.exercises.stepnets import StepFunction
from generator.model.exercise import Rejected
from generator.model.values import Matrix, exact, plain, ratio
from generator.sampling import Rng

Quadratic = tuple[Fraction, Fraction, Fraction]  # a, b, c of a x² + b x + c
Place = Callable[[Fraction, Fraction], Fraction]  # in a piece, from its ends
Drawn = tuple[list[int], list[list[Fraction]]]  # knots and pieces


@dataclass(frozen=True)
class Curve:
    """`pieces[k]` between knots k and k + 1; neighbours agree at their common knot. Numbers are as
    `whole` has them, also those that are worked out."""

    knots: tuple[Fraction, ...]
    pieces: tuple[Quadratic, ...]

    @classmethod
    def of(cls, knots: Matrix, pieces: Matrix) -> Curve:
        """From an array (k + 1,) and an array (k, 3)."""
        return cls(tuple(plain(knots).tolist()), tuple(map(tuple, plain(pieces).tolist())))

    @property
    def low(self) -> Fraction:
        return self.knots[0]

    @property
    def high(self) -> Fraction:
        return self.knots[-1]

    @cached_property
    def length(self) -> Fraction:
        return self.high - self.low

    def at(self, x: Fraction) -> Fraction:
        """The value at x, which lies in the interval."""
        p, q = x.numerator, x.denominator
        for end, (a, b, c, shared) in zip(self.knots[1:], self._scaled, strict=True):
            if x <= end:
                value: Fraction = ratio((a * p + b * q) * p + c * q * q, shared * q * q)
                return value
        raise ValueError(f"{x} is beyond {self.high}")

    @cached_property
    def _scaled(self) -> list[tuple[int, int, int, int]]:
        """The numbers of each piece, brought to the denominator that they share; and this."""
        found = []
        for a, b, c in self.pieces:
            shared = lcm(a.denominator, b.denominator, c.denominator)
            found.append((int(a * shared), int(b * shared), int(c * shared), shared))
        return found

    @cached_property
    def slopes(self) -> list[tuple[Fraction, Fraction]]:
        """The slopes at both ends of each piece; between them they change steadily."""
        ends = zip(pairwise(self.knots), self.pieces, strict=True)
        return [(2 * a * start + b, 2 * a * end + b) for (start, end), (a, b, _) in ends]

    @cached_property
    def steepest(self) -> Fraction:
        """The least Lipschitz constant."""
        return max(abs(slope) for both in self.slopes for slope in both)

    @property
    def monotone(self) -> bool:
        slopes = [slope for both in self.slopes for slope in both]
        return min(slopes) >= 0 or max(slopes) <= 0

    def turning(self, start: Fraction, end: Fraction) -> list[Fraction]:
        """Where an extreme value between `start` and `end` may lie, both included."""
        return [start, *(x for x in self._turning if start < x < end), end]

    @cached_property
    def _turning(self) -> list[Fraction]:
        """The knots and the vertices of parabolas, in increasing order."""
        found = list(self.knots)
        for (left, right), (a, b, _, _) in zip(pairwise(self.knots), self._scaled, strict=True):
            if a and left < (vertex := ratio(-b, 2 * a)) < right:
                found.append(vertex)
        return sorted(found)

    def extremes(self, start: Fraction, end: Fraction) -> tuple[Fraction, Fraction]:
        """The least and the largest value from `start` to `end`."""
        values = [self.at(x) for x in self.turning(start, end)]
        return min(values), max(values)


class Gap(NamedTuple):
    """The distance between f and a curve on an open stretch (start, end), or at a point where
    start = end: its supremum, and where it is taken or approached."""

    start: Fraction
    end: Fraction
    level: Fraction  # of f
    size: Fraction
    at: Fraction


def gaps(curve: Curve, f: StepFunction) -> Iterator[Gap]:
    """From left to right: at the ends, at the breaks of f within the interval, and between."""
    low, high = curve.low, curve.high
    first, last = bisect_right(f.breaks, low), bisect_left(f.breaks, high)
    places = [low, *f.breaks[first:last], high]
    values = [f.at(low), *f.values[first:last], f.at(high)]
    levels = [*f.levels[first : last + 1], None]
    for k, (place, value, level) in enumerate(zip(places, values, levels, strict=True)):
        yield Gap(place, place, value, abs(value - curve.at(place)), place)
        if level is not None:
            end = places[k + 1]
            size, at = max((abs(level - curve.at(x)), -x) for x in curve.turning(place, end))
            yield Gap(place, end, level, size, -at)


def error(curve: Curve, f: StepFunction) -> Fraction:
    """sup |f(x) - F(x)| over the curve's interval."""
    return max(gap.size for gap in gaps(curve, f))


def beyond(curve: Curve, f: StepFunction, bound: Fraction) -> Iterator[tuple[Fraction, Fraction]]:
    """Points x at which f is farther from the curve than `bound`, with the value f(x)."""
    for gap in gaps(curve, f):
        if gap.size <= bound:
            continue
        x, near = gap.at, middle(gap.start, gap.end)
        # An end of an open stretch does not belong to it: come as near as it takes.
        while gap.start < gap.end and (
            x in (gap.start, gap.end) or abs(gap.level - curve.at(x)) <= bound
        ):
            x = near = middle(gap.at, near)
        yield x, gap.level


def sampled(curve: Curve, parts: int, place: Place) -> StepFunction:
    """The step function with `parts` pieces of equal length and, on the one from s to t, the value
    of the curve at place(s, t). Neighbours of the same level make one piece."""
    low, length = curve.low, curve.length
    below = parts * length.denominator
    ends = [low + ratio(length.numerator * k, below) for k in range(parts + 1)]
    levels = [curve.at(place(s, t)) for s, t in pairwise(ends)]
    kept = [k for k in range(1, parts) if levels[k] != levels[k - 1]]
    breaks = tuple(ends[k] for k in kept)
    after = tuple(levels[k] for k in kept)
    return StepFunction(breaks, (levels[0], *after), after)


def middle(s: Fraction, t: Fraction) -> Fraction:
    found: Fraction = ratio(
        s.numerator * t.denominator + t.numerator * s.denominator, 2 * s.denominator * t.denominator
    )
    return found


def left_end(s: Fraction, t: Fraction) -> Fraction:
    return s


# --- drawing


def _affine(rng: Rng) -> Drawn:
    low, length = rng.integer(-2, 1), rng.integer(2, 4)
    return [low, low + length], [
        [Fraction(0), Fraction(rng.nonzero(4)), Fraction(rng.integer(-4, 4))]
    ]


def _quadratic(rng: Rng) -> Drawn:
    """A parabola, whose vertex may be inside or outside."""
    low, length = rng.integer(-2, 1), rng.integer(2, 4)
    top = rng.integer(low - 1, low + length + 1)
    a = Fraction(rng.sign())
    c = a * top * top + rng.integer(-5, 5)
    return [low, low + length], [[a, -2 * a * top, c]]


def _absolute(rng: Rng) -> Drawn:
    low, length = rng.integer(-3, 1), rng.integer(2, 4)
    kink = rng.integer(low + 1, low + length - 1)
    slope, height = rng.nonzero(3), rng.integer(-3, 3)
    return [low, kink, low + length], [
        [Fraction(0), Fraction(sign * slope), Fraction(height - sign * slope * kink)]
        for sign in (-1, 1)
    ]


def _polyline(rng: Rng) -> Drawn:
    """Straight from whole knot to whole knot, never equally steep in both directions."""
    low, length = rng.integer(-2, 1), rng.integer(3, 4)
    count = rng.integer(2, 3)
    knots = [low, *sorted(rng.sample(range(low + 1, low + length), count - 1)), low + length]
    slopes = [rng.integer(-3, 3)]
    while len(slopes) < count:
        slopes.append(rng.integer(-3, 3, but=(slopes[-1], -slopes[-1])))
    value, pieces = rng.integer(-3, 3), []
    for (start, end), slope in zip(pairwise(knots), slopes, strict=True):
        pieces.append([Fraction(0), Fraction(slope), Fraction(value - slope * start)])
        value += slope * (end - start)
    return knots, pieces


KINDS: dict[str, Callable[[Rng], Drawn]] = {
    "affine": _affine,
    "absolute": _absolute,
    "polyline": _polyline,
    "quadratic": _quadratic,
}


def drawn_curve(rng: Rng, kind: str, monotone: bool) -> Curve:
    """A curve of a kind with small values, which rises or falls throughout if `monotone`."""
    for _ in range(60):
        knots, pieces = KINDS[kind](rng)
        curve = Curve.of(exact(knots), exact(pieces))
        small = max(map(abs, curve.extremes(curve.low, curve.high))) <= 9
        if small and curve.steepest <= 6 and (curve.monotone or not monotone):
            return curve
    raise Rejected(f"no small curve: {kind}")
