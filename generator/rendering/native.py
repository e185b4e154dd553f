"""Figures as PDF operators with labels set by TeX: much faster than TikZ, and looking the same.

What is drawn between two labels is one drawpaths macro of operators (ISO 32000-1, 8.5). A label is
a drawlabel macro, whose size only TeX knows, so that TeX finds the figure's size. Both are in
`templates/sheets/drawing.tex.j2`. Coordinates are in bp (1/72 inch) from the figure's origin.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from generator.model.figure import (
    Circle,
    Figure,
    Label,
    Mark,
    Path,
    Point,
    Rectangle,
    Shade,
    Side,
    Stroke,
)
from generator.model.values import Tex
from generator.rendering.figures import on_a_shape

_CM, _PT = 72 / 2.54, 72 / 72.27  # in bp
_CURVE = 4 * (math.sqrt(2) - 1) / 3  # a quarter of a circle as a Bezier curve
_STEALTH, _INSET, _WIDE = 5.5 * _PT, 0.325, 0.75  # an arrow head: length; shares of it


@dataclass(frozen=True)
class _Pen:
    """Width in pt; dashes on and off in pt; grey from 0 to 1, black to white."""

    width: float
    dashes: tuple[float, ...] = ()
    round: bool = False
    grey: float = 0.0

    def operators(self) -> str:
        dashes = " ".join(_number(each * _PT) for each in self.dashes)
        return (
            f"{_number(self.width * _PT)} w {int(self.round)} J [{dashes}] 0 d "
            f"{_number(self.grey)} G"
        )


_PENS: dict[Stroke, _Pen | None] = {
    "thin": _Pen(0.5),
    "thick": _Pen(1.1),
    "dashed": _Pen(0.5, (3, 2.2)),
    "dotted": _Pen(0.7, (0, 2.2), round=True),
    "thick dashed": _Pen(1.1, (5, 2.5)),
    "thick dotted": _Pen(1.3, (0, 2.8), round=True),
    "grid": _Pen(0.3, grey=0.78),
    "none": None,
}
_GREYS: dict[Shade, float] = {"none": 1.0, "light": 0.9, "dark": 0.7, "black": 0.2}
# How much of a label's width lies left of its point, and how much of its height below.
_SHARES: dict[Side, tuple[str, str]] = {
    "center": (".5", ".5"),
    "above": (".5", "0"),
    "below": (".5", "1"),
    "left": ("1", ".5"),
    "right": ("0", ".5"),
    "above left": ("1", "0"),
    "above right": ("0", "0"),
    "below left": ("1", "1"),
    "below right": ("0", "1"),
}


def native(figure: Figure) -> Tex:
    """A centred drawing. It needs `sheets/drawing.tex.j2` in the preamble."""
    box = _Box()
    pieces: list[str] = []
    operators: list[str] = []
    for place, item in enumerate(figure.items):
        if isinstance(item, Label):
            pieces += [_paths(operators), _label(item, figure, place)]
            operators = []
        else:
            operators += _operators(item, box)
    pieces.append(_paths(operators))
    sides = box.sides if figure.items else (0.0, 0.0, 0.0, 0.0)
    extent = "".join(f"{{{_number(each)}}}" for each in sides)
    drawn = "%\n".join(filter(None, pieces))
    words = " ".join(figure.alt.split())
    return Tex(
        f"\\begin{{center}}\n% Figure: {words}\n\\drawing{extent}{{%\n{drawn}}}\n\\end{{center}}"
    )


class _Box:
    """The smallest box around what was drawn, in bp."""

    def __init__(self) -> None:
        self.xs: list[float] = []
        self.ys: list[float] = []

    def add(self, points: list[Point], beyond: float = 0.0) -> None:
        for x, y in points:
            self.xs += [x - beyond, x + beyond]
            self.ys += [y - beyond, y + beyond]

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """Left, low, right, high; far beyond every label where there are only labels."""
        if not self.xs:
            return (4000.0, 4000.0, -4000.0, -4000.0)
        return (min(self.xs), min(self.ys), max(self.xs), max(self.ys))


def _paths(operators: list[str]) -> str:
    return f"\\drawpaths{{{' '.join(operators)}}}" if operators else ""


def _operators(item: Path | Mark | Circle | Rectangle, box: _Box) -> Iterator[str]:
    match item:
        case Path():
            yield from _path(item, box)
        case Mark():
            yield from _mark(item, box)
        case Circle():
            yield _Pen(0.6).operators()
            yield f"{_number(_GREYS[item.fill])} g"
            yield f"{_round(_bp(item.at), item.radius * _CM, box, 0.6)} B"
        case Rectangle():
            yield _Pen(0.6).operators()
            yield f"{_number(_GREYS[item.fill])} g"
            (x, y), half, rise = _bp(item.at), item.width / 2 * _CM, item.height / 2 * _CM
            corners = [
                (x - half, y - rise), (x + half, y - rise), (x + half, y + rise),
                (x - half, y + rise),
            ]  # fmt: skip
            box.add(corners, 0.3 * _PT)
            yield f"{_way(corners, closed=True, radius=3 * _PT * item.rounded)} B"
        case _:
            assert_never(item)


def _path(path: Path, box: _Box) -> Iterator[str]:
    pen = _PENS[path.stroke]
    points = [_bp(point) for point in path.points]
    box.add(points, pen.width * _PT / 2 if pen else 0.0)
    head = ""
    if path.arrow and len(points) > 1:
        points[-1], head = _head(points[-2], points[-1])
    filled = path.fill != "none"
    if filled:
        yield f"{_number(_GREYS[path.fill])} g"
    if pen:
        yield pen.operators()
    if pen or filled:
        way = _way(points, closed=path.closed, radius=7 * _PT * path.rounded)
        yield f"{way} {'B' if pen and filled else 'S' if pen else 'f'}"
    if head:
        yield head


def _head(before: Point, tip: Point) -> tuple[Point, str]:
    """Where the line ends, and a filled head whose point is at `tip`."""
    length = math.dist(before, tip)
    if not length:
        return tip, ""
    along = ((tip[0] - before[0]) / length, (tip[1] - before[1]) / length)

    def at(back: float, aside: float) -> Point:
        return (
            tip[0] - back * along[0] - aside * along[1],
            tip[1] - back * along[1] + aside * along[0],
        )

    side = _STEALTH * _WIDE / 2
    inner = at(_STEALTH * (1 - _INSET), 0)
    corners = [tip, at(_STEALTH, side), inner, at(_STEALTH, -side)]
    return inner, f"0 g {_way(corners, closed=True)} f"


def _mark(mark: Mark, box: _Box) -> Iterator[str]:
    (x, y), half = _bp(mark.at), mark.size / 2 * _CM
    match mark.shape:
        case "dot":
            yield f"0 g {_round((x, y), half, box)} f"
        case "ring":
            yield f"{_Pen(0.7).operators()} 1 g {_round((x, y), half, box, 0.7)} B"
        case "square":
            corners = [
                (x - half, y - half), (x + half, y - half), (x + half, y + half),
                (x - half, y + half),
            ]  # fmt: skip
            box.add(corners)
            yield f"0 g {_way(corners, closed=True)} f"
        case "plus" | "minus" | "cross":
            strokes = {
                "plus": [[(x - half, y), (x + half, y)], [(x, y - half), (x, y + half)]],
                "minus": [[(x - half, y), (x + half, y)]],
                "cross": [
                    [(x - half, y - half), (x + half, y + half)],
                    [(x - half, y + half), (x + half, y - half)],
                ],
            }[mark.shape]
            yield _Pen(1).operators()
            for stroke in strokes:
                box.add(stroke, 0.5 * _PT)
                yield f"{_way(stroke)} S"
        case _:
            assert_never(mark.shape)


def _label(label: Label, figure: Figure, place: int) -> str:
    if label.framed:
        kind = "framed"
    elif label.side != "center":
        kind = "beside"
    elif on_a_shape(label.at, figure, place):
        kind = "inside"
    else:  # on a line, which must not run through the letters
        kind = "over"
    (x, y), (left, below) = _bp(label.at), _SHARES[label.side]
    size = r"\small" if label.small else ""
    return (
        rf"\drawlabel{{{_number(x)}bp}}{{{_number(y)}bp}}{{{left}}}{{{below}}}{{{kind}}}"
        rf"{{{size}${label.text}$}}"
    )


def _way(points: list[Point], *, closed: bool = False, radius: float = 0.0) -> str:
    """Lines from point to point; with a radius, corners are cut by it and rounded."""
    if not radius or len(points) < 3:
        first, *rest = points
        steps = [f"{_at(first)} m", *(f"{_at(point)} l" for point in rest)]
        return " ".join([*steps, "h"] if closed else steps)
    corners = points if closed else points[1:-1]
    before = [points[-1], *points[:-1]] if closed else points[:-2]
    after = [*points[1:], points[0]] if closed else points[2:]
    steps = [] if closed else [f"{_at(points[0])} m"]
    for start, corner, end in zip(before, corners, after, strict=True):
        enters, leaves = _towards(corner, start, radius), _towards(corner, end, radius)
        pulls = (
            _towards(corner, start, radius * (1 - _CURVE)),
            _towards(corner, end, radius * (1 - _CURVE)),
        )
        steps.append(f"{_at(enters)} {'l' if steps else 'm'}")
        steps.append(f"{_at(pulls[0])} {_at(pulls[1])} {_at(leaves)} c")
    return " ".join([*steps, "h"] if closed else [*steps, f"{_at(points[-1])} l"])


def _towards(corner: Point, other: Point, distance: float) -> Point:
    length = math.dist(corner, other)
    share = min(distance / length, 0.5) if length else 0.0
    return (
        corner[0] + share * (other[0] - corner[0]),
        corner[1] + share * (other[1] - corner[1]),
    )


def _round(centre: Point, radius: float, box: _Box, pen: float = 0.0) -> str:
    (x, y), r, c = centre, radius, radius * _CURVE
    box.add([centre], r + pen * _PT / 2)
    quarters = [
        ((x + r, y + c), (x + c, y + r), (x, y + r)),
        ((x - c, y + r), (x - r, y + c), (x - r, y)),
        ((x - r, y - c), (x - c, y - r), (x, y - r)),
        ((x + c, y - r), (x + r, y - c), (x + r, y)),
    ]
    curves = [" ".join(map(_at, quarter)) + " c" for quarter in quarters]
    return " ".join([f"{_at((x + r, y))} m", *curves, "h"])


def _bp(point: Point) -> Point:
    return point[0] * _CM, point[1] * _CM


def _at(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    """Thousandths of a bp are enough, and never an exponent."""
    text = f"{float(value):.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
