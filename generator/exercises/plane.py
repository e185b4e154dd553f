"""A coordinate plane as a figure: a grid with numbers, classified points, lines and segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, dist, floor

from generator.model.figure import Figure, Label, Mark, Path, Point, Side, Stroke

Place = tuple[Fraction, Fraction]
Line = tuple[Fraction, Fraction, Fraction]  # a, b, c of a·x + b·y + c = 0
Item = Path | Mark | Label


@dataclass(frozen=True)
class Plane:
    """The part of the plane between `low` and `high` on both axes, `side` centimetres square."""

    low: tuple[int, int]
    high: tuple[int, int]
    side: float = 5.0

    @classmethod
    def around(cls, places: Iterable[Place], side: float = 5.0) -> Plane:
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
        return cls((lows[0], lows[1]), (highs[0], highs[1]), side)

    def at(self, place: Sequence[Fraction | int]) -> Point:
        """Where a place of the plane is on the paper, in centimetres."""
        unit = self.side / (self.high[0] - self.low[0])
        x, y = (float(value - low) * unit for value, low in zip(place, self.low, strict=True))
        return (round(x, 4), round(y, 4))

    def grid(self, names: tuple[str, str]) -> list[Item]:
        """Grid lines at whole numbers, the axes where they are in sight, numbers and axis names."""
        (left, bottom), (right, top) = self.low, self.high
        step = 1 if right - left <= 7 else 2
        items: list[Item] = []
        for x in range(left, right + 1):
            items.append(self._path("thin" if x == 0 else "grid", (x, bottom), (x, top)))
        for y in range(bottom, top + 1):
            items.append(self._path("thin" if y == 0 else "grid", (left, y), (right, y)))
        for x in range(left, right + 1):
            if x % step == 0:
                items.append(Label(self.at((x, bottom)), str(x), side="below", small=True))
        for y in range(bottom, top + 1):
            if y % step == 0:
                items.append(Label(self.at((left, y)), str(y), side="left", small=True))
        (x_end, y_start), (x_start, y_end) = self.at((right, bottom)), self.at((left, top))
        items.append(Label((x_end + 0.1, y_start), names[0], side="right"))
        items.append(Label((x_start, y_end + 0.1), names[1], side="above"))
        return items

    def point(
        self, place: Place, label: int, name: str, others: Iterable[Place] = ()
    ) -> list[Item]:
        """A place with its class: a circled plus for label 1, a circled minus for label -1.

        Its name stands on the side that turns away from the nearest of the `others`.
        """
        x, y = self.at(place)
        nearest = min((self.at(o) for o in others), key=lambda at: dist(at, (x, y)), default=(x, y))
        side, dx, dy = _side(x - nearest[0], y - nearest[1])
        return [
            Mark((x, y), "ring", size=0.32),
            Mark((x, y), "plus" if label > 0 else "minus", size=0.2),
            Label((x + 0.1 * dx, y + 0.1 * dy), name, side=side, small=True),
        ]

    def segment(self, start: Place, end: Place, stroke: Stroke = "thick") -> Path:
        return self._path(stroke, start, end)

    def line(self, line: Line, stroke: Stroke = "thick") -> list[Item]:
        """What is in sight of a line: one segment, or nothing."""
        a, b, c = line
        (left, bottom), (right, top) = self.low, self.high
        ends = [(Fraction(x), (-c - a * x) / b) for x in (left, right) if b]
        ends += [((-c - b * y) / a, Fraction(y)) for y in (bottom, top) if a]
        inside = sorted({(x, y) for x, y in ends if left <= x <= right and bottom <= y <= top})
        return [self._path(stroke, inside[0], inside[-1])] if len(inside) > 1 else []

    def _path(self, stroke: Stroke, *places: Sequence[Fraction | int]) -> Path:
        return Path(tuple(self.at(place) for place in places), stroke=stroke)


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
    plane = Plane.around(shared)
    items = plane.grid(axes)
    for line, stroke in lines:
        items += plane.line(line, stroke)
    items += [plane.segment(start, end) for start, end in segments]
    for place, points in shared.items():
        name = ",".join(name for name, _ in points)
        others = [other for other in shared if other != place]
        items += plane.point(place, points[0][1], name, others)
    return Figure(tuple(items), alt)


def _side(across: float, up: float) -> tuple[Side, int, int]:
    """The side of a mark in the direction (across, up), and a step to it."""
    if abs(across) >= abs(up):
        return ("right", 1, 0) if across >= 0 else ("left", -1, 0)
    return ("above", 0, 1) if up > 0 else ("below", 0, -1)
