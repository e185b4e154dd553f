"""Figures as TikZ pictures, for documents that people go on to edit; coordinates in centimetres."""

from __future__ import annotations

from typing import assert_never

from generator.model.figure import (
    Circle,
    Figure,
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
from generator.model.values import Tex
from generator.rendering.outlines import LabelKind, label_kind

_STROKES: dict[Stroke, str] = {
    "thin": "line width=0.5pt",
    "thick": "line width=1.1pt",
    "dashed": "line width=0.5pt, dash pattern=on 3pt off 2.2pt",
    "dotted": "line width=0.7pt, line cap=round, dash pattern=on 0pt off 2.2pt",
    "thick dashed": "line width=1.1pt, dash pattern=on 5pt off 2.5pt",
    "thick dotted": "line width=1.3pt, line cap=round, dash pattern=on 0pt off 2.8pt",
    "grid": "line width=0.3pt, black!22",
    "none": "draw=none",
}
_FILLS: dict[Shade, str] = {
    "none": "",
    "light": "black!10",
    "dark": "black!30",
    "black": "black!80",
}
_ANCHORS: dict[Side, str] = {
    "center": "center",
    "above": "south",
    "below": "north",
    "left": "east",
    "right": "west",
    "above left": "south east",
    "above right": "south west",
    "below left": "north east",
    "below right": "north west",
}
_AROUND: dict[LabelKind, str] = {
    "framed": "draw, line width=0.3pt, fill=white, inner sep=1.6pt",
    "beside": "fill=white, inner sep=0.8pt, outer sep=2.4pt",
    "inside": "inner sep=0pt",
    "over": "fill=white, inner sep=1.6pt",
}


def tikz(figure: Figure) -> Tex:
    """A centred TikZ picture. It needs the library arrows.meta."""
    drawn = [line for place, item in enumerate(figure.items) for line in _tikz(item, figure, place)]
    # TeX reads the words for those who can't see the drawing as a comment.
    words = " ".join(figure.alt.split())
    return Tex(
        "\n".join(
            [
                r"\begin{center}",
                f"% Figure: {words}",
                r"\begin{tikzpicture}[x=1cm, y=1cm, line join=round, >={Stealth[length=5.5pt]}]",
                *drawn,
                r"\end{tikzpicture}",
                r"\end{center}",
            ]
        )
    )


def _tikz(item: Item, figure: Figure, place: int) -> list[str]:
    match item:
        case Path():
            return [_path(item)]
        case Mark():
            return _mark(item)
        case Circle():
            fill = _FILLS[item.fill] or "white"
            return [
                rf"\filldraw[line width=0.6pt, fill={fill}] "
                rf"{_at(item.at)} circle[radius={_number(item.radius)}];"
            ]
        case Rectangle():
            return [_rectangle(item)]
        case Label():
            return [_label(item, figure, place)]
    assert_never(item)


def _path(path: Path) -> str:
    options = [_STROKES[path.stroke]]
    if path.arrow:
        options.insert(0, "->")
    if path.fill != "none":
        options.append(f"fill={_FILLS[path.fill]}")
    if path.rounded:
        options.append("rounded corners=7pt")
    way = " -- ".join([_at(point) for point in path.points] + ["cycle"] * path.closed)
    return rf"\draw[{', '.join(options)}] {way};"


def _rectangle(box: Rectangle) -> str:
    (x, y), half, rise = box.at, box.width / 2, box.height / 2
    options = ["line width=0.6pt", f"fill={_FILLS[box.fill] or 'white'}"]
    if box.rounded:
        options.append("rounded corners=3pt")
    corner, opposite = (x - half, y - rise), (x + half, y + rise)
    return rf"\filldraw[{', '.join(options)}] {_at(corner)} rectangle {_at(opposite)};"


def _mark(mark: Mark) -> list[str]:
    (x, y), half = mark.at, mark.size / 2
    strokes: list[tuple[Point, Point]]
    match mark.shape:
        case "dot":
            return [rf"\fill {_at(mark.at)} circle[radius={_number(half)}];"]
        case "ring":
            return [
                rf"\filldraw[line width=0.7pt, fill=white] "
                rf"{_at(mark.at)} circle[radius={_number(half)}];"
            ]
        case "square":
            corner, opposite = (x - half, y - half), (x + half, y + half)
            return [rf"\fill {_at(corner)} rectangle {_at(opposite)};"]
        case "plus":
            strokes = [((x - half, y), (x + half, y)), ((x, y - half), (x, y + half))]
        case "minus":
            strokes = [((x - half, y), (x + half, y))]
        case "cross":
            strokes = [
                ((x - half, y - half), (x + half, y + half)),
                ((x - half, y + half), (x + half, y - half)),
            ]
        case _:
            assert_never(mark.shape)
    return [rf"\draw[line width=1pt] {_at(start)} -- {_at(end)};" for start, end in strokes]


def _label(label: Label, figure: Figure, place: int) -> str:
    options = [f"anchor={_ANCHORS[label.side]}", _AROUND[label_kind(label, figure.items[:place])]]
    if label.small:
        options.append(r"font=\small")
    return rf"\node[{', '.join(options)}] at {_at(label.at)} {{${label.text}$}};"


def _at(point: Point) -> str:
    return f"({_number(point[0])},{_number(point[1])})"


def _number(value: float) -> str:
    """Micrometres are enough, and never an exponent, which TikZ would not read."""
    return f"{round(float(value), 4) + 0.0:.4f}".rstrip("0").rstrip(".")
