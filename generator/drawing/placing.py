"""Places for labels: of the candidates of each, the one that is written over nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import dist, hypot, inf
from typing import NamedTuple

from generator.drawing.collisions import (
    AROUND,
    Box,
    Obstacles,
    around,
    background,
    interrupts,
    label_size,
    lies_on,
    lies_under,
)
from generator.model.figure import Item, Label, Path, Point, Side


@dataclass(frozen=True)
class Wanted:
    """A label, and the places for it, the best first: points, and the sides of them.

    Most labels get one of the first, so that the others may be made when they are asked for; they
    are asked for once. Some may be on the `line` that the label belongs to.
    """

    text: str
    places: Iterator[Point]
    sides: tuple[Side, ...] = ()  # centred, if not given
    small: bool = True
    framed: bool = False
    line: Path | None = None

    def side(self, place: int) -> Side:
        return self.sides[place] if self.sides else "center"

    def label(self, place: int, at: Point) -> Label:
        return Label(at, self.text, self.side(place), self.small, self.framed)


Piece = tuple[Point, Point, float]  # of a line: from where, to where, and its length
_EVERYWHERE = Box(-inf, -inf, inf, inf)
_COLLISION = 1000.0
_CROWDED = 25.0  # something is near enough to be taken for what the label belongs to
_CLEAR, _ROOMY = 0.02, 0.07  # margins, in centimetres
_SWEEPS = 4
_SHARES = (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.22, 0.78, 0.16, 0.84)  # of a line
_SHARES_ON_IT = (0.27, 0.24, 0.3, 0.21, 0.33, 0.18, 0.36, 0.7, 0.73, 0.76, 0.79)


def placed(wanted: Sequence[Wanted], fixed: Sequence[Item]) -> list[Label]:
    """One candidate of each, so that they keep off each other and off what is `fixed`.

    First come, first served, and then everyone may move to a better place until nobody does.
    """
    if not wanted:
        return []
    obstacles = Obstacles([item for item in fixed if not lies_under(item)])
    places = [_Places(each, obstacles) for each in wanted]
    alone = [each.best() for each in places]
    chosen: dict[int, Place] = {}
    for _ in range(_SWEEPS):
        before = dict(chosen)
        for i, place in enumerate(alone):
            others = tuple(place.clear for k, place in chosen.items() if k != i)
            crowded = any(map(place.clear.meets, others))
            chosen[i] = places[i].best(others) if crowded else place
        if chosen == before:
            break
    return [each.label(chosen[i].number, chosen[i].at) for i, each in enumerate(wanted)]


class Place(NamedTuple):
    """A place for a label, by its number from the best on: its point, the label's background there,
    and what is to be kept `clear` of other labels."""

    number: int
    at: Point
    bare: Box
    clear: Box


class _Places:
    """The places of a label, looked at when it comes to them."""

    def __init__(self, wanted: Wanted, obstacles: Obstacles) -> None:
        self._wanted = wanted
        self._size = label_size(wanted.text, wanted.small, wanted.framed)
        self._obstacles = obstacles
        self._seen: list[Place] = []
        self._reach = _EVERYWHERE  # what holds all places seen
        self._best: dict[tuple[Box, ...], Place] = {}  # by the boxes within reach
        self._in_the_way: Item | None = None  # what the label was last found to lie on
        self._found: dict[int, tuple[float, bool]] = {}  # disturbances, and whether that is all

    def best(self, others: tuple[Box, ...] = ()) -> Place:
        """The cheapest place, also for keeping off other boxes; of equals, the first.

        A place costs its number, and what is met there. Boxes that meet none of the places looked
        at make no difference.
        """
        near = tuple(filter(self._reach.meets, others))
        if near not in self._best:
            best = self._cheapest(others)
            self._reach = around([place.clear for place in self._seen])
            near = tuple(filter(self._reach.meets, others))
            self._best[near] = best
        return self._best[near]

    def _cheapest(self, others: Sequence[Box]) -> Place:
        best, least = None, inf
        here, near = None, others
        for place in self._all():
            if place.number >= least:
                break
            if others and not (here and here.holds(place.clear)):
                here = place.clear.grown(AROUND)
                near = [other for other in others if here.meets(other)]
            cost = place.number + _COLLISION * sum(map(place.clear.meets, near))
            if cost < least:
                cost += self._disturbance(place, least - cost)
            if cost < least:
                best, least = place, cost
        assert best is not None
        return best

    def _all(self) -> Iterator[Place]:
        yield from self._seen
        wanted = self._wanted
        for number, at in enumerate(wanted.places, start=len(self._seen)):
            bare = background(at, self._size, wanted.side(number), wanted.framed)
            self._seen.append(Place(number, at, bare, bare.grown(_CLEAR)))
            yield self._seen[-1]

    def _disturbance(self, place: Place, limit: float) -> float:
        """What the items that a place is too near to cost. It is not told by how much they are
        beyond the limit."""
        found, all_counted = self._found.get(place.number, (0.0, False))
        if all_counted or found >= limit:
            return found
        found, line, last = 0.0, self._wanted.line, self._in_the_way
        if limit <= _COLLISION and last is not None and lies_on(place.clear, last):
            return _COLLISION  # as at the place before
        for item in self._obstacles.met(place.bare.grown(_ROOMY)):
            if not (item is line and interrupts(place.at, item)):
                if lies_on(place.clear, item):
                    found += _COLLISION
                    self._in_the_way = None if item is line else item
                else:
                    found += _CROWDED
                if found >= limit:
                    break
        self._found[place.number] = found, found < limit
        return found


def beside(at: Point, way: Point, reach: float, size: tuple[float, float]) -> Point:
    """The middle of a label of that size whose background ends `reach` centimetres from `at`, in
    the direction of a way."""
    (dx, dy), (width, height), length = way, size, hypot(*way)
    dx, dy = dx / length, dy / length
    away = reach + abs(dx) * width / 2 + abs(dy) * height / 2
    return rounded((at[0] + dx * away, at[1] + dy * away))


def along(
    line: Path, text: str, *, side: int, framed: bool = False, on_it_first: bool = False
) -> Wanted:
    """Places for the label of a line: on its `side` (1 above or left, -1 below or right), then on
    the other side, then on the line itself."""
    size = label_size(text, True, framed)
    pieces = [(a, b, dist(a, b)) for a, b in pairwise(line.points)]

    def places() -> Iterator[Point]:
        if on_it_first:
            yield from (rounded(spot) for spot, _ in _spots(pieces, _SHARES_ON_IT))
        for turn in (side, -side):
            for spot, (x, y) in _spots(pieces, _SHARES):
                reach = _ROOMY * (abs(x) + abs(y)) + 0.005  # just not crowded by the line itself
                yield beside(spot, (turn * x, turn * y), reach, size)
        if not on_it_first:
            yield from (rounded(spot) for spot, _ in _spots(pieces, _SHARES))

    return Wanted(text, places(), framed=framed, line=line)


def _spots(pieces: Sequence[Piece], shares: Iterable[float]) -> Iterator[tuple[Point, Point]]:
    """The place at each share of a line's length, and the direction across: upwards, or left."""
    whole = sum(length for _, _, length in pieces)
    return (_spot(pieces, share * whole) for share in shares)


def _spot(pieces: Sequence[Piece], left: float) -> tuple[Point, Point]:
    for piece in pieces:
        a, b, length = piece
        if left <= length and length > 0:
            break
        left -= length
    t = left / length
    nx, ny = (a[1] - b[1]) / length, (b[0] - a[0]) / length
    if ny < -1e-9 or (abs(ny) <= 1e-9 and nx > 0):
        nx, ny = -nx, -ny
    return (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])), (nx, ny)


def rounded(point: Point) -> Point:
    """To hundredths of a millimetre; none is -0."""
    return round(point[0], 3) + 0.0, round(point[1], 3) + 0.0
