"""Figures as PDF operators with labels set by TeX: much faster than TikZ, and looking the same.

What is drawn between two labels is one drawpaths macro of operators (ISO 32000-1, 8.5). A label is
a drawlabel macro, whose size only TeX knows, so that TeX finds the figure's size. Both are in
`templates/sheets/drawing.tex.j2`. Coordinates are in bp (1/72 inch) from the figure's origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from generator.model.figure import Figure, Label, Point
from generator.model.values import Tex
from generator.rendering.outlines import (
    PT,
    SHARES,
    Curve,
    Line,
    Move,
    Outline,
    Pen,
    Step,
    bp,
    label_kind,
    number,
    outlines,
)


def native(figure: Figure) -> Tex:
    """A centred drawing. It needs `sheets/drawing.tex.j2` in the preamble."""
    box = _Box()
    pieces: list[str] = []
    operators: list[str] = []
    for place, item in enumerate(figure.items):
        if isinstance(item, Label):
            pieces += [_paths(operators), _label(item, figure, place)]
            operators = []
            continue
        for outline in outlines(item):
            box.add(outline)
            operators += _operators(outline)
    pieces.append(_paths(operators))
    sides = box.sides if figure.items else (0.0, 0.0, 0.0, 0.0)
    extent = "".join(f"{{{number(each)}}}" for each in sides)
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

    def add(self, outline: Outline) -> None:
        beyond = outline.pen.width * PT / 2 if outline.pen else 0.0
        for x, y in outline.corners:
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


def _operators(outline: Outline) -> Iterator[str]:
    pen, filled = outline.pen, outline.fill is not None
    if outline.fill is not None:
        yield f"{number(outline.fill)} g"
    if pen:
        yield _pen(pen)
    if pen or filled:
        way = " ".join([*map(_step, outline.steps), *"h" * outline.closed])
        yield f"{way} {'B' if pen and filled else 'S' if pen else 'f'}"


def _pen(pen: Pen) -> str:
    dashes = " ".join(number(each * PT) for each in pen.dashes)
    return f"{number(pen.width * PT)} w {int(pen.round)} J [{dashes}] 0 d {number(pen.grey)} G"


def _step(step: Step) -> str:
    match step:
        case Move():
            return f"{_at(step.to)} m"
        case Line():
            return f"{_at(step.to)} l"
        case Curve():
            return f"{' '.join(map(_at, step.pulls))} {_at(step.to)} c"
    assert_never(step)


def _label(label: Label, figure: Figure, place: int) -> str:
    (x, y), (left, below) = bp(label.at), SHARES[label.side]
    size = r"\small" if label.small else ""
    return (
        rf"\drawlabel{{{number(x)}bp}}{{{number(y)}bp}}{{{number(left)}}}{{{number(below)}}}"
        rf"{{{label_kind(label, figure, place)}}}{{{size}${label.text}$}}"
    )


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
