"""A coordinate plane as a figure: a grid with numbers, classified points, lines and segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import count
from math import ceil, floor

from generator.drawing.collisions import clearest
from generator.drawing.placing import Wanted, placed
from generator.model.figure import Figure, Item, Label, Mark, Path, Point, Side, Stroke

Place = tuple[Fraction, Fraction]
Line = tuple[Fraction, Fraction, Fraction]  # a, b, c of a·x + b·y + c = 0

SIDE = 4.2  # of a plane, in centimetres
_STRETCHES = (1.0, 1.2, 1.45, 1.75)  # of a plane in which names do not find room
RING = 0.32  # width of the mark of a point
_SIDES: dict[Side, tuple[int, int]] = {  # the sides for a name, the most usual first
    "right": (1, 0),
    "above": (0, 1),
    "left": (-1, 0),
    "below": (0, -1),
    "above right": (1, 1),
    "above left": (-1, 1),
    "below right": (1, -1),
    "below left": (-1, -1),
}
_AWAY = 0.1  # so far out numbers on the axes stand, lest two meet in the corner

_REACHES = (  # from a mark to its name: straight, and the ways to a corner
    (0.15, ((0.1, 0.1), (0.0, 0.16), (0.16, 0.0))),
    (0.28, ((0.18, 0.18), (0.0, 0.32), (0.32, 0.0))),
    (0.4, ((0.24, 0.24),)),
)
_PLACES = [  # for a name, from a mark
    (side, (dx * across, dy * up))
    for reach, corners in _REACHES
    for side, (dx, dy) in _SIDES.items()
    for across, up in (corners if dx and dy else [(reach, reach)])
]
_FROM_MARK = tuple(way for _, way in _PLACES)
_SIDES_OF_MARK = tuple(side for side, _ in _PLACES)


@dataclass(frozen=True)
class Plane:
    """The part of the plane between `low` and `high` on both axes, `side` centimetres square."""

    low: tuple[int, int]
    high: tuple[int, int]
    side: float = SIDE

    @classmethod
    def around(cls, places: Iterable[Place]) -> Plane:
        """The smallest square with whole-numbered sides and some room around `places`."""
        columns = list(zip(*places, strict=True))
        width = max(max(column) - min(column) for column in columns)
        margin = 1 if width <= 5 else 2
        lows = [floor(min(column)) - margin for column in columns]
        highs = [ceil(max(column)) + margin for column in columns]
        span = max(high - low for low, high in zip(lows, highs, strict=True))
        for axis in (0, 1):
            spare = span - (highs[axis] - lows[axis])
            lows[axis] -= spare // 2
            highs[axis] += spare - spare // 2
        return cls((lows[0], lows[1]), (highs[0], highs[1]))

    def at(self, place: Sequence[Fraction | int]) -> Point:
        """Where a place of the plane is on the paper, in centimetres."""
        unit = self.side / (self.high[0] - self.low[0])
        x, y = (
            (each.numerator - low * each.denominator) / each.denominator * unit
            for each, low in zip(place, self.low, strict=True)
        )
        return round(x, 4), round(y, 4)

    def segment(
        self,
        start: Sequence[Fraction | int],
        end: Sequence[Fraction | int],
        stroke: Stroke = "thick",
    ) -> Path:
        return Path((self.at(start), self.at(end)), stroke=stroke)

    def sight(self, line: Line) -> tuple[Place, Place] | None:
        """The ends of what is in sight of a line, if anything is."""
        a, b, c = line
        (left, bottom), (right, top) = self.low, self.high
        ends = [(Fraction(x), (-c - a * x) / b) for x in (left, right) if b]
        ends += [((-c - b * y) / a, Fraction(y)) for y in (bottom, top) if a]
        inside = sorted({(x, y) for x, y in ends if left <= x <= right and bottom <= y <= top})
        return (inside[0], inside[-1]) if len(inside) > 1 else None


def drawing(
    places: Iterable[Place],
    labels: Iterable[int],
    *,
    axes: tuple[str, str],
    alt: str,
    segments: Iterable[tuple[Place, Place]] = (),
    lines: Iterable[tuple[Line, Stroke]] = (),
) -> Figure:
    """Points P_1, P_2, ... with their classes (1 or -1) over segments and lines.

    Points in the same place share a mark, which shows the class of the first of them.
    """
    shared: dict[Place, list[tuple[str, int]]] = {}
    for i, (place, label) in enumerate(zip(places, labels, strict=True), start=1):
        shared.setdefault(place, []).append((f"P_{i}", label))
    usual = Plane.around(shared)
    straight = [(ends, stroke) for line, stroke in lines if (ends := usual.sight(line))]
    joined: list[tuple[tuple[Place, Place], Stroke]] = [(ends, "thick") for ends in segments]

    def on(plane: Plane) -> Figure:
        items = [*_grid(plane, axes)]
        items += [plane.segment(*ends, stroke) for ends, stroke in (*straight, *joined)]
        wanted = []
        for place, points in shared.items():
            at = plane.at(place)
            items += _mark(at, points[0][1])
            wanted.append(_names(at, ", ".join(name for name, _ in points)))
        return Figure((*items, *placed(wanted, items)), alt)

    return clearest(on(replace(usual, side=SIDE * stretch)) for stretch in _STRETCHES)


@lru_cache(maxsize=256)  # the same for many sheets, and for all figures of a question
def _grid(plane: Plane, names: tuple[str, str]) -> tuple[Item, ...]:
    """Grid lines at whole numbers, the axes where they are in sight, numbers and axis names.

    A wide plane has numbers and grid lines at every second, fifth, ... whole number only.
    """
    (left, bottom), (right, top) = plane.low, plane.high
    span = right - left
    steps = (base * 10**power for power in count() for base in (1, 2, 5))
    step = next(step for step in steps if span <= 7 * step)
    every = 1 if span <= 14 else step
    items: list[Item] = []
    for x in range(left, right + 1):
        if x % every == 0 or x in (left, right):
            items.append(plane.segment((x, bottom), (x, top), "thin" if x == 0 else "grid"))
    for y in range(bottom, top + 1):
        if y % every == 0 or y in (bottom, top):
            items.append(plane.segment((left, y), (right, y), "thin" if y == 0 else "grid"))
    for x in range(left, right + 1):
        if x % step == 0:
            at = (plane.at((x, bottom))[0], -_AWAY)
            items.append(Label(at, str(x), side="below", small=True))
    for y in range(bottom, top + 1):
        if y % step == 0:
            at = (-_AWAY, plane.at((left, y))[1])
            items.append(Label(at, str(y), side="left", small=True))
    (x_end, y_start), (x_start, y_end) = plane.at((right, bottom)), plane.at((left, top))
    items.append(Label((x_end + 0.1, y_start), names[0], side="right"))
    items.append(Label((x_start, y_end + 0.1), names[1], side="above"))
    return tuple(items)


def _mark(at: Point, label: int) -> list[Item]:
    return [Mark(at, "ring", size=RING), Mark(at, "plus" if label > 0 else "minus", size=0.2)]


def _names(at: Point, name: str) -> Wanted:
    """Places for the name of a mark: beside it, and then farther away."""
    x, y = at
    places = ((round(x + dx, 4), round(y + dy, 4)) for dx, dy in _FROM_MARK)
    return Wanted(name, places, _SIDES_OF_MARK)
