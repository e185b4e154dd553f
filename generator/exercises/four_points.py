"""Four labelled points that no line separates, and nets with two ReLU units on them.

Such points are drawn around the point where the two classes' convex hulls meet: two segments that
cross, or a triangle around a point. No three of them lie on a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, product
from math import ceil, gcd
from typing import Any

import numpy as np

from generator.model.exercise import Rejected
from generator.model.values import Matrix, Vector, exact, plain, whole
from generator.sampling import Rng

Net = Mapping[str, Any]  # W1 (2, 2), b1 (2,), w2 (2,) exact arrays, b2 a Fraction

REACH = 7  # no coordinate is larger
SMALL_STEPS = [(x, y) for x in range(-2, 3) for y in range(-2, 3) if gcd(x, y) == 1]


def forward(
    points: Matrix, W1: Matrix, b1: Vector, w2: Vector, b2: Fraction
) -> tuple[Matrix, Matrix, Vector]:
    """Pre-activations z (n, units), hidden values h (n, units), outputs f (n,) at points (n, 2).

    Any exact numbers will do; `plain` ones are fast."""
    z = points @ W1.T + b1
    h = np.maximum(z, 0)
    return z, h, h @ w2 + b2


def plain_net(net: Net) -> Net:
    """The same net, its whole numbers as `int`."""
    return {
        name: plain(field) if isinstance(field, np.ndarray) else whole(field)
        for name, field in net.items()
    }


def entries(net: Net) -> list[Fraction]:
    """All numbers of a net."""
    return [*net["W1"].flat, *net["b1"], *net["w2"], net["b2"]]


def same_unit(W1: Matrix, b1: Vector) -> bool:
    """Whether two hidden units are the same but for a positive factor."""
    first, second = ([*row, b] for row, b in zip(W1, b1, strict=True))
    products = [a * b for a, b in zip(first, second, strict=True)]
    minors = [first[i] * second[j] - first[j] * second[i] for i, j in combinations(range(3), 2)]
    return not any(minors) and sum(products) > 0


@dataclass(frozen=True)
class Valley:
    """A direction along which one class lies in the middle: where u·x = s.

    The other class lies at u·x = s + above and at u·x = s - below. On the middle class
    ReLU(u·x - s) and ReLU(s - u·x) are both 0; on the other class one of them is positive.
    """

    u: Vector  # (2,), whole numbers without a common factor
    s: Fraction
    above: Fraction
    below: Fraction
    middle: int  # the label of the middle class

    def net(self, predicate: str) -> Net:
        """The net with rows u and -u that is `middle` in the middle. Under the predicate "strict"
        its w2 is made of the smallest whole numbers that do, under "exact" f(x) = y everywhere."""
        return {
            "W1": exact([self.u, -self.u]),
            "b1": exact([-self.s, self.s]),
            "w2": exact([-self.middle * lift for lift in self._lifts(predicate)]),
            "b2": Fraction(self.middle),
        }

    def _lifts(self, predicate: str) -> list[Fraction] | list[int]:
        """The sizes of the entries of w2."""
        heights = (self.above, self.below)
        if predicate == "strict":
            return [ceil(Fraction(2, height)) for height in heights]
        return [Fraction(2, height) for height in heights]

    @classmethod
    def simplest(cls, points: Matrix, labels: Vector, predicate: str) -> Valley:
        """The one with the simplest net: few fractions, then small numbers."""

        def size(valley: Valley) -> tuple[int, Fraction]:
            numbers = [*valley.u, valley.s] * 2 + valley._lifts(predicate)
            return max(n.denominator for n in numbers), sum(map(abs, numbers))

        simplest = min(_valleys(plain(points), plain(labels)), key=size)
        return replace(simplest, u=exact(simplest.u), s=Fraction(simplest.s))


def _valleys(points: Matrix, labels: Vector) -> Iterator[Valley]:
    """For two and two points: along either diagonal. For a point in a triangle: along each edge.

    `points` and `labels` are plain whole numbers."""
    for middle in (-1, 1):
        inner, outer = points[labels == middle], points[labels != middle]
        edges = {1: outer, 2: inner}.get(len(inner), inner[:0])
        for start, end in combinations(edges, 2):
            x, y = (int(step) for step in end - start)
            factor = gcd(x, y) * (-1 if (-y, x) < (0, 0) else 1)
            u = np.array([-y // factor, x // factor], dtype=object)
            s = u @ inner[0]
            offsets = outer @ u - s
            yield Valley(u, s, max(offsets), -min(offsets), middle)


def _axis(rng: Rng, whole_fit: bool) -> tuple[Matrix, Vector]:
    """A square along the axes: around any centre, the positive points where s1 s2 = 1."""
    half = 1 if whole_fit else rng.integer(1, 2)
    return _parallelogram(_centre(rng, 3), (half, 0), (0, half))


def _affine(rng: Rng, whole_fit: bool) -> tuple[Matrix, Vector]:
    """A parallelogram that is not a rectangle along the axes."""
    p, q = rng.sample(SMALL_STEPS, 2)
    if _det(p, q) == 0 or (0 in p and 0 in q):
        raise Rejected("the points are on a line, or make a rectangle along the axes")
    return _parallelogram(_centre(rng, 2), p, q)


def _general(rng: Rng, whole_fit: bool) -> tuple[Matrix, Vector]:
    """Two segments that cross, not both in their middles, or a triangle around a point."""
    a, b = rng.sample(SMALL_STEPS, 2)
    if _det(a, b) == 0:
        raise Rejected("the points are on a line")
    ratios = [(1, 2), (2, 1)] if whole_fit else [(1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2)]
    if rng.chance(2, 3):
        (k, m), (n, o) = rng.choice(ratios), rng.choice([*ratios, (1, 1)])
        offsets = [_times(k, a), _times(-m, a), _times(n, b), _times(-o, b)]
        labels = [1, 1, -1, -1]
    else:
        k, m = (1, 1) if whole_fit else rng.choice([(1, 1), (1, 2), (2, 1), (2, 2)])
        offsets = [a, b, (-k * a[0] - m * b[0], -k * a[1] - m * b[1]), (0, 0)]
        labels = [1, 1, 1, -1]
    sign = rng.sign()
    order = rng.shuffled(range(4))
    points = exact([offsets[place] for place in order]) + _centre(rng, 2)
    if abs(points).max() > REACH:
        raise Rejected("a coordinate is too large")
    return points, exact([sign * labels[place] for place in order])


LAYOUTS: dict[str, Callable[[Rng, bool], tuple[Matrix, Vector]]] = {
    "axis": _axis,
    "affine": _affine,
    "general": _general,
}


def draw_wrong_net(rng: Rng, points: Matrix, labels: Vector) -> Net:
    """A small net for a forward pass, of which nothing can be left out unseen.

    No pre-activation is 0; each unit is on at some points and off at others; b1 is not 0 and W1 not
    symmetric; f takes both signs, and at one point or more the wrong one (or the value 0).
    """
    places = [(int(x), int(y)) for x, y in points]
    units = []
    for u, v in rng.sample(SMALL_STEPS, 8):
        projections = [u * x + v * y for x, y in places]
        biases = range(1 - max(projections), -min(projections))
        units += [((u, v), b) for b in biases if -b not in projections and abs(b) <= REACH]
    seconds = {
        first: [unit for unit in units if unit[0] != first and unit[0][0] != first[1]]
        for first in dict.fromkeys(row for row, _ in units)  # W1 is not symmetric
    }
    pairs = [
        (unit, second)
        for unit in units
        for second in seconds[unit[0]]
        if unit[1] or second[1]  # b1 is not 0
    ]
    if not pairs:
        raise Rejected("no two units without a pre-activation 0")
    hidden = rng.choice(pairs)
    h = [[max(0, u * x + v * y + b) for (u, v), b in hidden] for x, y in places]
    small, signs = [n for n in range(-3, 4) if n != 0], plain(labels)
    outer = []
    for w, v in product(small[1:-1], repeat=2):
        f = [w * first + v * second for first, second in h]  # and b
        low, high = min(f), max(f)
        least = min(value for y, value in zip(signs, f, strict=True) if y > 0)
        most = max(value for y, value in zip(signs, f, strict=True) if y < 0)
        for b in small:
            if low + b < 0 < high + b and (least + b <= 0 or most + b >= 0):
                outer.append((w, v, b))
    if not outer:
        raise Rejected("no output layer of the given net takes both signs, wrongly")
    w, v, b = rng.choice(outer)
    return {
        "W1": exact([row for row, _ in hidden]),
        "b1": exact([bias for _, bias in hidden]),
        "w2": exact([w, v]),
        "b2": Fraction(b),
    }


def _parallelogram(centre: Vector, p: Any, q: Any) -> tuple[Matrix, Vector]:
    """c + p + q and c - p - q are positive, c + p - q and c - p + q negative."""
    signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    triples = list(zip(plain(centre), p, q, strict=True))
    points = [[c + s * a + t * b for c, a, b in triples] for s, t in signs]
    return exact(points), exact([s * t for s, t in signs])


def _centre(rng: Rng, reach: int) -> Vector:
    return rng.vector(2, -reach, reach)


def _det(p: tuple[int, int], q: tuple[int, int]) -> int:
    return p[0] * q[1] - p[1] * q[0]


def _times(factor: int, step: tuple[int, int]) -> tuple[int, int]:
    return factor * step[0], factor * step[1]
