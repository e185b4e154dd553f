"""The shapes of a figure as outlines, which the writers `native` and `svg` draw, each in its words,
and what is around its labels.

Coordinates are in bp (1/72 inch) from the figure's origin, y upwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, assert_never

from generator.model.figure import (
    Circle,
    Item,
    Label,
    Mark,
    Path,
    Point,
    Rectangle,
    Shade,
    Side,
    Stroke,
)

CM, PT = 72 / 2.54, 72 / 72.27  # in bp
_CURVE = 4 * (math.sqrt(2) - 1) / 3  # a quarter of a circle as a Bezier curve
_STEALTH, _INSET, _WIDE = 5.5 * PT, 0.325, 0.75  # an arrow head: length; shares of it


@dataclass(frozen=True)
class Pen:
    """Width in pt; dashes on and off in pt; grey from 0 to 1, black to white."""

    width: float
    dashes: tuple[float, ...] = ()
    round: bool = False
    grey: float = 0.0


@dataclass(frozen=True)
class Move:
    """Where a way begins, or goes on elsewhere."""

    to: Point


@dataclass(frozen=True)
class Line:
    to: Point


@dataclass(frozen=True)
class Curve:
    """A Bezier curve, pulled by two points."""

    pulls: tuple[Point, Point]
    to: Point


Step = Move | Line | Curve


class Outline(NamedTuple):
    """A way, what it is drawn with, the grey inside, and the points whose ink the figure's size
    counts: an arrow's head may stand out."""

    steps: tuple[Step, ...]
    closed: bool
    pen: Pen | None
    fill: float | None
    corners: tuple[Point, ...]


_PENS: dict[Stroke, Pen | None] = {
    "thin": Pen(0.5),
    "thick": Pen(1.1),
    "dashed": Pen(0.5, (3, 2.2)),
    "dotted": Pen(0.7, (0, 2.2), round=True),
    "thick dashed": Pen(1.1, (5, 2.5)),
    "thick dotted": Pen(1.3, (0, 2.8), round=True),
    "grid": Pen(0.3, grey=0.78),
    "none": None,
}
_GREYS: dict[Shade, float] = {"none": 1.0, "light": 0.9, "dark": 0.7, "black": 0.2}
_RIM = Pen(0.6)

# How much of a label's width lies left of its point, and how much of its height below.
SHARES: dict[Side, tuple[float, float]] = {
    "center": (0.5, 0.5),
    "above": (0.5, 0),
    "below": (0.5, 1),
    "left": (1, 0.5),
    "right": (0, 0.5),
    "above left": (1, 0),
    "above right": (0, 0),
    "below left": (1, 1),
    "below right": (0, 1),
}
LabelKind = Literal["framed", "beside", "inside", "over"]


def label_kind(label: Label, earlier: Iterable[Item]) -> LabelKind:
    """What is around a label; what counts of the items drawn earlier are circles and rectangles."""
    if label.framed:
        return "framed"
    if label.side != "center":
        return "beside"
    if _on_a_shape(label.at, earlier):
        return "inside"
    return "over"  # on a line, which must not run through the letters


def _on_a_shape(at: Point, earlier: Iterable[Item]) -> bool:
    """Whether a circle or rectangle of those drawn earlier lies under the point."""
    for item in earlier:
        if isinstance(item, Circle) and math.dist(item.at, at) < item.radius:
            return True
        if isinstance(item, Rectangle):
            across, up = abs(item.at[0] - at[0]), abs(item.at[1] - at[1])
            if across < item.width / 2 and up < item.height / 2:
                return True
    return False


def bp(point: Point) -> Point:
    """A point given in centimetres."""
    return point[0] * CM, point[1] * CM


def number(value: float) -> str:
    """Thousandths of a bp are enough, and never an exponent."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def outlines(item: Path | Mark | Circle | Rectangle) -> Iterator[Outline]:
    """What an item is drawn with, from back to front."""
    match item:
        case Path():
            yield from _path(item)
        case Mark():
            yield from _mark(item)
        case Circle():
            yield _round(bp(item.at), item.radius * CM, _RIM, _GREYS[item.fill])
        case Rectangle():
            corners = _corners(bp(item.at), item.width / 2 * CM, item.height / 2 * CM)
            radius = 3 * PT * item.rounded
            yield _polygon(corners, _RIM, _GREYS[item.fill], radius)
        case _:
            assert_never(item)


def _path(path: Path) -> Iterator[Outline]:
    pen = _PENS[path.stroke]
    corners = tuple(bp(point) for point in path.points)
    points, head = corners, None
    if path.arrow and len(points) > 1:
        end, head = _head(points[-2], points[-1])
        points = (*points[:-1], end)
    fill = None if path.fill == "none" else _GREYS[path.fill]
    steps = _way(points, path.closed, 7 * PT * path.rounded)
    yield Outline(steps, path.closed, pen, fill, corners)
    if head:
        yield head


def _head(before: Point, tip: Point) -> tuple[Point, Outline | None]:
    """Where the line ends, and a filled head whose point is at `tip`."""
    length = math.dist(before, tip)
    if not length:
        return tip, None
    along = ((tip[0] - before[0]) / length, (tip[1] - before[1]) / length)

    def at(back: float, aside: float) -> Point:
        return (
            tip[0] - back * along[0] - aside * along[1],
            tip[1] - back * along[1] + aside * along[0],
        )

    side = _STEALTH * _WIDE / 2
    inner = at(_STEALTH * (1 - _INSET), 0)
    corners = (tip, at(_STEALTH, side), inner, at(_STEALTH, -side))
    return inner, Outline(_way(corners, closed=True), True, None, 0.0, ())


def _mark(mark: Mark) -> Iterator[Outline]:
    (x, y), half = bp(mark.at), mark.size / 2 * CM
    match mark.shape:
        case "dot":
            yield _round((x, y), half, None, 0.0)
        case "ring":
            yield _round((x, y), half, Pen(0.7), 1.0)
        case "square":
            yield _polygon(_corners((x, y), half, half), None, 0.0)
        case "plus" | "minus" | "cross":
            strokes: dict[str, list[tuple[Point, Point]]] = {
                "plus": [((x - half, y), (x + half, y)), ((x, y - half), (x, y + half))],
                "minus": [((x - half, y), (x + half, y))],
                "cross": [
                    ((x - half, y - half), (x + half, y + half)),
                    ((x - half, y + half), (x + half, y - half)),
                ],
            }
            for ends in strokes[mark.shape]:
                yield Outline(_way(ends), False, Pen(1), None, ends)
        case _:
            assert_never(mark.shape)


def _corners(centre: Point, half: float, rise: float) -> tuple[Point, ...]:
    (x, y) = centre
    return ((x - half, y - rise), (x + half, y - rise), (x + half, y + rise), (x - half, y + rise))


def _polygon(
    corners: tuple[Point, ...], pen: Pen | None, fill: float, radius: float = 0.0
) -> Outline:
    return Outline(_way(corners, True, radius), True, pen, fill, corners)


def _round(centre: Point, radius: float, pen: Pen | None, fill: float) -> Outline:
    (x, y), r, c = centre, radius, radius * _CURVE
    steps = (
        Move((x + r, y)),
        Curve(((x + r, y + c), (x + c, y + r)), (x, y + r)),
        Curve(((x - c, y + r), (x - r, y + c)), (x - r, y)),
        Curve(((x - r, y - c), (x - c, y - r)), (x, y - r)),
        Curve(((x + c, y - r), (x + r, y - c)), (x + r, y)),
    )
    return Outline(steps, True, pen, fill, _corners(centre, r, r))


def _way(points: tuple[Point, ...], closed: bool = False, radius: float = 0.0) -> tuple[Step, ...]:
    """Lines from point to point; with a radius, corners are cut by it and rounded."""
    if not radius or len(points) < 3:
        return (Move(points[0]), *map(Line, points[1:]))
    corners = points if closed else points[1:-1]
    before = (points[-1], *points[:-1]) if closed else points[:-2]
    after = (*points[1:], points[0]) if closed else points[2:]
    steps: list[Step] = [] if closed else [Move(points[0])]
    for start, corner, end in zip(before, corners, after, strict=True):
        enters, leaves = _towards(corner, start, radius), _towards(corner, end, radius)
        pulls = (
            _towards(corner, start, radius * (1 - _CURVE)),
            _towards(corner, end, radius * (1 - _CURVE)),
        )
        steps += [Line(enters) if steps else Move(enters), Curve(pulls, leaves)]
    return tuple(steps if closed else [*steps, Line(points[-1])])


def _towards(corner: Point, other: Point, distance: float) -> Point:
    length = math.dist(corner, other)
    share = min(distance / length, 0.5) if length else 0.0
    return (
        corner[0] + share * (other[0] - corner[0]),
        corner[1] + share * (other[1] - corner[1]),
    )
