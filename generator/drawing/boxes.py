"""Upright rectangles, and what they meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import hypot
from typing import Any, NamedTuple, TypeVar

from generator.model.figure import Point

_Boxed = TypeVar("_Boxed", bound=tuple[Any, ...])


class Box(NamedTuple):
    """An upright rectangle."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def around(cls, at: Point, width: float, height: float) -> Box:
        (x, y), half, rise = at, width / 2, height / 2
        return cls(x - half, y - rise, x + half, y + rise)

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def meeting(self, others: Sequence[_Boxed]) -> list[_Boxed]:
        """Those of many boxes, or of tuples that begin with the sides of one, that it meets."""
        left, bottom, right, top = self
        return [
            each
            for each in others
            if left < each[2] and each[0] < right and bottom < each[3] and each[1] < top
        ]

    def holds(self, other: Box) -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.bottom <= other.bottom
            and other.top <= self.top
        )

    def distance(self, point: Point) -> float:
        """0 inside."""
        return hypot(*self._off(point))

    def distance_squared(self, point: Point) -> float:
        across, up = self._off(point)
        return across * across + up * up

    def reach_squared(self, point: Point) -> float:
        """The square of the distance to the farthest corner."""
        across = max(abs(self.left - point[0]), abs(self.right - point[0]))
        up = max(abs(self.bottom - point[1]), abs(self.top - point[1]))
        return across * across + up * up

    def _off(self, point: Point) -> Point:
        left, bottom, right, top = self
        x, y = point
        return max(left - x, 0.0, x - right), max(bottom - y, 0.0, y - top)

    def crosses(self, start: Point, end: Point) -> bool:
        """Whether a segment passes through (clipped as by Liang and Barsky)."""
        left, bottom, right, top = self
        (x, y), (u, v) = start, end
        if x <= left >= u or x >= right <= u or y <= bottom >= v or y >= top <= v:
            return False  # as most do
        enter, leave = 0.0, 1.0
        for low, high, here, there in ((left, right, x, u), (bottom, top, y, v)):
            run = there - here
            if run == 0:
                if not low < here < high:
                    return False
                continue
            first, last = (low - here) / run, (high - here) / run
            if first > last:
                first, last = last, first
            enter = first if first > enter else enter
            leave = last if last < leave else leave
            if enter >= leave:
                return False
        return True


def box_around(points: Iterable[Point]) -> Box:
    """The smallest box that holds some points."""
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))
