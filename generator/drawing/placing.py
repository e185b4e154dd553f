"""Places for labels: of the candidates of each, the one that is written over nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import dist, hypot, inf

from generator.drawing.boxes import Box
from generator.drawing.collisions import (
    Obstacles,
    background,
    interrupts,
    label_size,
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


_NOWHERE = Box(inf, inf, -inf, -inf)
_AROUND = 1.4  # cm around the place of a label in which its next ones are expected
_CLEAR, _ROOMY = 0.02, 0.07  # margins, in centimetres
_COLLISION = 1000.0
_CROWDED = 25.0  # something is near enough to be taken for what the label belongs to
_SWEEPS = 4
_SHARES = (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.22, 0.78, 0.16, 0.84)  # of a line
_SHARES_ON_IT = (  # where edges from one layer to the next cross least
    *(0.27, 0.24, 0.3, 0.21, 0.33, 0.18, 0.36, 0.7, 0.73, 0.67, 0.76, 0.64, 0.79),
    *(0.4, 0.6, 0.44, 0.56, 0.5),
)


def placed(wanted: Sequence[Wanted], fixed: Sequence[Item]) -> list[Label]:
    """One candidate of each, so that they keep off each other and off what is `fixed`.

    First come, first served, and then everyone may move to a better place until nobody does.
    """
    obstacles = Obstacles(item for item in fixed if not lies_under(item))
    places = [_Places(each, obstacles) for each in wanted]
    alone = [each.best() for each in places]
    chosen = alone if _apart(alone) else _settled(places, alone)
    return [each.label(place.number, place.at) for each, place in zip(wanted, chosen, strict=True)]


@dataclass(slots=True, eq=False)
class Place:
    """A place that a label was held to, by its number from the best on: its point, the label's
    background there, and what is to be kept `clear` of other labels. What the items that it is too
    near to cost is `found` as far as it was needed, and `counted` if that is all."""

    number: int
    at: Point
    bare: Box
    clear: Box
    found: float = 0.0
    counted: bool = False


def _apart(places: Sequence[Place]) -> bool:
    """Whether no label meets another."""
    boxes = [place.clear for place in places]
    return not any(box.meeting(boxes[:i]) for i, box in enumerate(boxes))


def _settled(places: Sequence[_Places], alone: Sequence[Place]) -> Sequence[Place]:
    """The places of labels of which each would be at the one that is best `alone`."""
    chosen = list(alone)
    boxes = [_NOWHERE] * len(chosen)  # what is taken
    for _ in range(_SWEEPS):
        before = list(boxes)
        for i, place in enumerate(alone):
            boxes[i] = _NOWHERE
            chosen[i] = places[i].best(boxes) if place.clear.meeting(boxes) else place
            boxes[i] = chosen[i].clear
        if boxes == before:
            break
    return chosen


class _Places:
    """The places of a label, looked at when it comes to them."""

    def __init__(self, wanted: Wanted, obstacles: Obstacles) -> None:
        self._wanted = wanted
        self._size = label_size(wanted.text, wanted.small, wanted.framed)
        self._obstacles = obstacles
        self._here = _NOWHERE
        self._near = obstacles  # those that boxes inside `_here` may lie on
        self._seen: list[Place] = []

    def best(self, others: Sequence[Box] = ()) -> Place:
        """The cheapest place, also for keeping off other boxes; of equals, the first.

        A place costs its number, and what is met there.
        """
        best, least, number = None, inf, 0
        here, near = _NOWHERE, others
        while number < least and (place := self._place(number)):
            if others and not here.holds(place.clear):
                here = place.clear.grown(_AROUND)
                near = here.meeting(others)
            cost = number + _COLLISION * len(place.clear.meeting(near))
            if cost < least:
                cost += self._disturbance(place, least - cost)
            if cost < least:
                best, least = place, cost
            number += 1
        assert best is not None
        return best

    def _place(self, number: int) -> Place | None:
        if number < len(self._seen):
            return self._seen[number]
        wanted = self._wanted
        at = next(wanted.places, None)
        if at is None:
            return None
        bare = background(at, self._size, wanted.side(number), wanted.framed)
        place = Place(number, at, bare, bare.grown(_CLEAR))
        self._seen.append(place)
        return place

    def _disturbance(self, place: Place, limit: float) -> float:
        """What the items that a place is too near to cost, without the line that the label
        interrupts. It is not told by how much they are beyond the limit."""
        if place.counted or place.found >= limit:
            return place.found
        place.found = 0.0
        for _ in self._met(place, place.clear):
            place.found += _COLLISION
            if place.found >= limit:
                return place.found
        place.found -= place.found * _CROWDED / _COLLISION  # they are met again
        for _ in self._met(place, place.bare.grown(_ROOMY)):
            place.found += _CROWDED
            if place.found >= limit:
                return place.found
        place.counted = True
        return place.found

    def _met(self, place: Place, box: Box) -> Iterator[Item]:
        """What a box around a place lies on, without the line that the label interrupts."""
        if not self._here.holds(box):
            self._here = box.grown(_AROUND)
            self._near = self._obstacles.near(self._here)
        line = self._wanted.line
        for item in self._near.met(box):
            if not (item is line and interrupts(place.at, item)):
                yield item


def beside(at: Point, way: Point, reach: float, size: tuple[float, float]) -> Point:
    """The middle of a label of that size whose background ends `reach` centimetres from `at`, in
    the direction of a way."""
    dx, dy = _away(way, reach, size)
    return rounded((at[0] + dx, at[1] + dy))


def _away(way: Point, reach: float, size: tuple[float, float]) -> Point:
    """The way from a point to a label beside it."""
    (dx, dy), (width, height), length = way, size, hypot(*way)
    dx, dy = dx / length, dy / length
    away = reach + abs(dx) * width / 2 + abs(dy) * height / 2
    return dx * away, dy * away


def along(
    line: Path, text: str, *, side: int, framed: bool = False, on_it_first: bool = False
) -> Wanted:
    """Places for the label of a line: on its `side` (1 above or left, -1 below or right), then on
    the other side, then on the line itself."""
    size = label_size(text, True, framed)

    def places() -> Iterator[Point]:
        pieces = list(_pieces(line, size))
        if on_it_first:
            yield from _spots(pieces, 0, _SHARES_ON_IT)
        yield from _spots(pieces, side, _SHARES)
        yield from _spots(pieces, -side, _SHARES)
        if not on_it_first:
            yield from _spots(pieces, 0, _SHARES)

    return Wanted(text, places(), framed=framed, line=line)


# Of a line: its length, where it begins, how far it runs and rises, and the way across it, upwards
# or left, to a label beside it.
_Piece = tuple[float, Point, Point, Point]


def _pieces(line: Path, size: tuple[float, float]) -> Iterator[_Piece]:
    for start, end in pairwise(line.points):
        run, rise, length = end[0] - start[0], end[1] - start[1], dist(start, end)
        if length > 0:
            x, y = -rise / length, run / length
            if y < -1e-9 or (abs(y) <= 1e-9 and x > 0):
                x, y = -x, -y
            reach = _ROOMY * (abs(x) + abs(y)) + 0.005  # just not crowded by the line itself
            yield length, start, (run, rise), _away((x, y), reach, size)


def _spots(pieces: Sequence[_Piece], side: int, shares: Iterable[float]) -> Iterator[Point]:
    """The place at each share of a line's length, on a side of it or (0) on the line."""
    whole = sum(length for length, *_ in pieces)
    for share in shares:
        left = share * whole
        for piece in pieces:
            if left <= piece[0]:
                break
            left -= piece[0]
        length, (x, y), (run, rise), (dx, dy) = piece
        t = left / length
        yield rounded((x + t * run + side * dx, y + t * rise + side * dy))


def rounded(point: Point) -> Point:
    """To hundredths of a millimetre; none is -0."""
    return _rounded(point[0]), _rounded(point[1])


def _rounded(value: float) -> float:
    """As `round` to three places, which is slow, but near the middle between two."""
    thousandths = value * 1000
    whole = round(thousandths)
    return whole / 1000 if abs(thousandths - whole) < 0.499 else round(value, 3) + 0.0
