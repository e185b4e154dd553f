"""Places for labels: of the candidates of each, the one that is written over nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import dist

import numpy as np

from generator.drawing.collisions import (
    Box,
    Obstacles,
    grown,
    interrupts,
    label_boxes,
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

    Some may be on the `line` that it belongs to.
    """

    text: str
    at: Vector  # (n, 2)
    sides: tuple[Side, ...] = ()  # centred, if not given
    small: bool = True
    framed: bool = False
    line: Path | None = None

    def label(self, place: int) -> Label:
        x, y = self.at[place].tolist()
        side = self.sides[place] if self.sides else "center"
        return Label((x, y), self.text, side, self.small, self.framed)

    def boxes(self) -> Vector:
        """The label's background at each place: (n, 4)."""
        sides = self.sides or _CENTRED * len(self.at)
        return label_boxes(self.text, self.at, sides, self.small, self.framed)


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
    bare = np.concatenate([each.boxes() for each in wanted])
    clear = grown(bare, _CLEAR)
    disturbed = _disturbances(bare, clear, wanted, [i for i in fixed if not lies_under(i)])
    ends = [0, *accumulate(len(each.at) for each in wanted)]
    tight = [clear[first:end] for first, end in pairwise(ends)]
    # The first places are the best.
    costs = [np.arange(end - first) + disturbed[first:end] for first, end in pairwise(ends)]
    alone = [int(cost.argmin()) for cost in costs]
    chosen: dict[int, tuple[int, Box]] = {}
    for _ in range(_SWEEPS):
        before = dict(chosen)
        for i, (cost, best) in enumerate(zip(costs, alone, strict=True)):
            others = [box for k, (_, box) in chosen.items() if k != i]
            box = Box(*tight[i][best].tolist())
            if any(map(box.meets, others)):
                met = overlaps(tight[i], np.array(others)).sum(axis=1)
                best = int((cost + _COLLISION * met).argmin())
                box = Box(*tight[i][best].tolist())
            chosen[i] = best, box
        if chosen == before:
            break
    return [each.label(chosen[i][0]) for i, each in enumerate(wanted)]


def _disturbances(
    bare: Vector, clear: Vector, wanted: Sequence[Wanted], items: Sequence[Item]
) -> Vector:
    """What the items cost the labels of n places, whose backgrounds are `bare` and are to be kept
    `clear` (n, 4): (n,)."""
    met = Obstacles(items).met(np.concatenate([grown(bare, _ROOMY), clear]))
    near, close = met[: len(bare)], met[len(bare) :]
    first = 0
    for each in wanted:
        if each.line is not None:
            column = next(i for i, item in enumerate(items) if item is each.line)
            for place in np.flatnonzero(near[first : first + len(each.at), column]).tolist():
                if interrupts(each.at[place].tolist(), each.line):
                    near[first + place, column] = False
        first += len(each.at)
    cost: Vector = _CROWDED * near.sum(axis=1)
    cost += (_COLLISION - _CROWDED) * (near & close).sum(axis=1)
    return cost


def beside(at: Vector, ways: Vector, reach: Vector | float, size: tuple[float, float]) -> Vector:
    """The middle of a label of that size whose background ends `reach` centimetres from `at`, in
    the direction of a way: (n, 2) for n ways (n, 2)."""
    ways = ways / np.hypot(*ways.T)[:, None]
    (dx, dy), (width, height) = ways.T, size
    away: Vector = reach + np.abs(dx) * width / 2 + np.abs(dy) * height / 2
    return at + ways * away[:, None]  # type: ignore[no-any-return]


def along(
    line: Path, text: str, *, side: int, framed: bool = False, on_it_first: bool = False
) -> Wanted:
    """Places for the label of a line: on its `side` (1 above or left, -1 below or right), then on
    the other side, then on the line itself."""
    spots = _spots(line.points, _SHARES)
    at, across = np.array([spot for spot, _ in spots]), np.array([way for _, way in spots])
    reach = _ROOMY * np.abs(across).sum(axis=1) + 0.005  # just not crowded by the line itself
    size = label_size(text, True, framed)
    places = [beside(at, turn * across, reach, size) for turn in (side, -side)]
    if on_it_first:
        places.insert(0, np.array([spot for spot, _ in _spots(line.points, _SHARES_ON_IT)]))
    else:
        places.append(at)
    return Wanted(text, rounded(np.concatenate(places)), framed=framed, line=line)


def _spots(points: Sequence[Point], shares: Sequence[float]) -> list[tuple[Point, Point]]:
    """The place at each share of a line's length, and the direction across: upwards, or left."""
    pieces = [(a, b, dist(a, b)) for a, b in pairwise(points)]
    whole = sum(length for _, _, length in pieces)
    return [_spot(pieces, share * whole) for share in shares]


def _spot(pieces: Sequence[tuple[Point, Point, float]], left: float) -> tuple[Point, Point]:
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


def rounded(points: Vector) -> Vector:
    """To hundredths of a millimetre; none is -0."""
    return np.array([(round(x, 3) + 0.0, round(y, 3) + 0.0) for x, y in points.tolist()])
