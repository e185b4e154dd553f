"""Places for labels: of the candidates of each, the one that is written over nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise
from math import dist, hypot

import numpy as np

from generator.drawing.collisions import (
    Box,
    Obstacles,
    background,
    grown,
    interrupts,
    label_size,
    lies_under,
    overlaps,
)
from generator.model.figure import Item, Label, Path, Point, Side
from generator.model.values import Vector

_CENTRED: tuple[Side, ...] = ("center",)


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

    def label(self, at: Point, place: int) -> Label:
        side = self.sides[place] if self.sides else "center"
        return Label(at, self.text, side, self.small, self.framed)

    def boxes(self, points: Sequence[Point], first: int) -> list[Box]:
        """The label's background at some of its places, of which `first` is the place of one."""
        size = label_size(self.text, self.small, self.framed)
        sides = self.sides[first : first + len(points)] or _CENTRED * len(points)
        return [
            background(at, size, side, self.framed) for at, side in zip(points, sides, strict=True)
        ]


Piece = tuple[Point, Point, float]  # of a line: from where, to where, and its length
_COLLISION = 1000.0
_CROWDED = 25.0  # something is near enough to be taken for what the label belongs to
_CLEAR, _ROOMY = 0.02, 0.07  # margins, in centimetres
_SWEEPS = 4
_FEW = 4  # places of a label that are looked at first
_SHARES = (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.22, 0.78, 0.16, 0.84)  # of a line
_SHARES_ON_IT = (0.27, 0.24, 0.3, 0.21, 0.33, 0.18, 0.36, 0.7, 0.73, 0.76, 0.79)


def placed(wanted: Sequence[Wanted], fixed: Sequence[Item]) -> list[Label]:
    """One candidate of each, so that they keep off each other and off what is `fixed`.

    First come, first served, and then everyone may move to a better place until nobody does.
    """
    if not wanted:
        return []
    places = _Places(wanted, [item for item in fixed if not lies_under(item)])
    alone = [places.best(i) for i in range(len(wanted))]
    tight = np.array([places.boxes[i][best] for i, best in enumerate(alone)])
    if np.count_nonzero(overlaps(tight, tight)) == len(wanted):  # each meets itself
        return places.labels(alone)
    chosen: dict[int, tuple[int, Box]] = {}
    for _ in range(_SWEEPS):
        before = dict(chosen)
        for i, best in enumerate(alone):
            others = [box for k, (_, box) in chosen.items() if k != i]
            box = Box(*places.boxes[i][best].tolist())
            if any(map(box.meets, others)):
                best = places.best(i, np.array(others))
                box = Box(*places.boxes[i][best].tolist())
            chosen[i] = best, box
        if chosen == before:
            break
    return places.labels([chosen[i][0] for i in range(len(wanted))])


class _Places:
    """What is known of the places of labels among items: of the first few of each label, and of all
    of the labels that these do not suit.

    `boxes[i]` (n, 4) is what the label i is to keep clear of others at each of its places, and
    `costs[i]` (n,) what the place costs: the farther from the best, and the more disturbed.
    """

    def __init__(self, wanted: Sequence[Wanted], items: Sequence[Item]) -> None:
        self._wanted = wanted
        self._obstacles = Obstacles(items)
        self._columns = {id(item): column for column, item in enumerate(items)}
        self._points: list[list[Point]] = [[] for _ in wanted]
        self._complete: set[int] = set()
        self.boxes: list[Vector] = [np.empty((0, 4))] * len(wanted)
        self.costs: list[Vector] = [np.empty(0)] * len(wanted)
        self._look(range(len(wanted)), _FEW)
        self._look([i for i, cost in enumerate(self.costs) if cost.min() > len(cost)], None)

    def best(self, i: int, others: Vector | None = None) -> int:
        """The cheapest place of a label that shall keep off other boxes (m, 4)."""
        cost = self.costs[i]
        if others is not None:
            cost = cost + _COLLISION * overlaps(self.boxes[i], others).sum(axis=1)
        best = int(cost.argmin())
        # A place costs as much as there are before it, at least.
        if cost[best] <= len(cost) or i in self._complete:
            return best
        self._look([i], None)
        return self.best(i, others)

    def labels(self, chosen: Sequence[int]) -> list[Label]:
        return [
            each.label(points[place], place)
            for each, points, place in zip(self._wanted, self._points, chosen, strict=True)
        ]

    def _look(self, which: Sequence[int], most: int | None) -> None:
        """Look at `most` more places of some labels; None: at all."""
        found = [list(islice(self._wanted[i].places, most)) for i in which]
        if most is None:
            self._complete.update(which)
        if not any(found):
            return
        ends = [0, *accumulate(map(len, found))]
        boxes = [
            self._wanted[i].boxes(points, len(self._points[i]))
            for i, points in zip(which, found, strict=True)
        ]
        bare = np.array([box for each in boxes for box in each])
        clear = grown(bare, _CLEAR)
        met = self._obstacles.met(np.concatenate([grown(bare, _ROOMY), clear]))
        near, close = met[: len(bare)], met[len(bare) :]
        for i, points, first in zip(which, found, ends, strict=False):
            line = self._wanted[i].line
            if line is not None:
                column = self._columns[id(line)]
                for place in np.flatnonzero(near[first : first + len(points), column]).tolist():
                    if interrupts(points[place], line):
                        near[first + place, column] = False
        disturbed = _CROWDED * near.sum(axis=1) + (_COLLISION - _CROWDED) * (near & close).sum(
            axis=1
        )
        for i, points, (first, end) in zip(which, found, pairwise(ends), strict=True):
            before = len(self._points[i])
            self._points[i] += points
            cost = np.arange(before, before + len(points)) + disturbed[first:end]
            self.costs[i] = np.concatenate([self.costs[i], cost])
            self.boxes[i] = np.concatenate([self.boxes[i], clear[first:end]])


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
