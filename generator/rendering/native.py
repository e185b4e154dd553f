"""Figures as PDF operators with labels set by TeX: much faster than TikZ, and looking the same.

What is drawn between two labels is one drawpaths macro of operators (ISO 32000-1, 8.5). A label is
a macro named after its kind, such as drawbeside; its size only TeX knows, so that TeX finds the
figure's size. All are in `templates/sheets/drawing.tex.j2`. Coordinates are from the figure's
origin: of paths in bp (1/72 inch), of labels in pt, which TeX reads in fewer steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from generator.model.figure import Circle, Figure, Label, Mark, Path, Rectangle
from generator.model.values import Tex
from generator.rendering.outlines import (
    PT,
    SHARES,
    Curve,
    LabelKind,
    Move,
    Outline,
    Pen,
    Step,
    bp,
    label_kind,
    number,
    outlines,
)

_AWAY = {0.0: 2.4, 1.0: -2.4}  # pt, by the share of a label beside its point
Sides = tuple[float, float, float, float]  # left, low, right, high


def native(figure: Figure) -> Tex:
    """A centred drawing. It needs `sheets/drawing.tex.j2` in the preamble."""
    pieces: list[str] = []
    operators: list[str] = []
    boxes: list[Sides] = []
    shapes: list[Circle | Rectangle] = []
    for item in figure.items:
        if isinstance(item, Label):
            pieces += [_paths(operators), _label(item, label_kind(item, shapes))]
            operators = []
        else:
            drawn, box = _drawn(item)
            operators += drawn
            boxes.append(box)
            if isinstance(item, Circle | Rectangle):
                shapes.append(item)
    pieces.append(_paths(operators))
    extent = "".join(f"{{{number(each)}}}" for each in _around(boxes, figure))
    drawing = "%\n".join(filter(None, pieces))
    words = " ".join(figure.alt.split())
    return Tex(
        f"\\begin{{center}}\n% Figure: {words}\n\\drawing{extent}{{%\n{drawing}}}\n\\end{{center}}"
    )


def _around(boxes: list[Sides], figure: Figure) -> Sides:
    """The smallest box around all; far beyond every label where there are only labels."""
    if not boxes:
        return (4000.0, 4000.0, -4000.0, -4000.0) if figure.items else (0.0, 0.0, 0.0, 0.0)
    return _outermost(boxes)


@lru_cache(maxsize=8192)  # grids, axes and marks come again, in a sheet and in the next one
def _drawn(item: Path | Mark | Circle | Rectangle) -> tuple[tuple[str, ...], Sides]:
    """The operators of an item, and the box of what they draw, in bp."""
    drawn = list(outlines(item))
    operators = [operator for outline in drawn for operator in _operators(outline)]
    return tuple(operators), _outermost([_sides(each) for each in drawn if each.corners])


def _sides(outline: Outline) -> Sides:
    beyond = outline.pen.width * PT / 2 if outline.pen else 0.0
    xs, ys = zip(*outline.corners, strict=True)
    return min(xs) - beyond, min(ys) - beyond, max(xs) + beyond, max(ys) + beyond


def _outermost(boxes: list[Sides]) -> Sides:
    left, low, right, high = zip(*boxes, strict=True)
    return min(left), min(low), max(right), max(high)


def _paths(operators: list[str]) -> str:
    return f"\\drawpaths{{q 1 j {' '.join(_changes(operators))} Q}}" if operators else ""


def _changes(operators: list[str]) -> Iterator[str]:
    """The operators without a pen or a fill (which end in G and g) that is the one in use."""
    used: dict[str, str] = {}
    for each in operators:
        kind = each[-1]
        if kind not in "gG":
            yield each
        elif used.get(kind) != each:
            used[kind] = each
            yield each


def _operators(outline: Outline) -> Iterator[str]:
    pen, filled = outline.pen, outline.fill is not None
    if outline.fill is not None:
        yield f"{number(outline.fill)} g"
    if pen:
        yield _pen(pen)
    if pen or filled:
        way = " ".join([*map(_step, outline.steps), *"h" * outline.closed])
        yield f"{way} {'B' if pen and filled else 'S' if pen else 'f'}"


@cache
def _pen(pen: Pen) -> str:
    dashes = " ".join(number(each * PT) for each in pen.dashes)
    return f"{number(pen.width * PT)} w {int(pen.round)} J [{dashes}] 0 d {number(pen.grey)} G"


def _step(step: Step) -> str:
    x, y = step.to
    to = f"{number(x)} {number(y)}"
    if isinstance(step, Curve):
        (a, b), (c, d) = step.pulls
        return f"{number(a)} {number(b)} {number(c)} {number(d)} {to} c"
    return f"{to} m" if isinstance(step, Move) else f"{to} l"


@lru_cache(maxsize=8192)
def _label(label: Label, kind: LabelKind) -> str:
    (x, y), (left, below) = bp(label.at), SHARES[label.side]
    away = _AWAY if kind == "beside" else {}
    x_place, y_place = _pt(x) + away.get(left, 0.0), _pt(y) + away.get(below, 0.0)
    size = r"\small" if label.small else r"\normalsize"
    return (
        rf"\draw{kind}{{{x_place:.5f}}}{{{y_place:.5f}}}{{{number(left)}}}{{{number(below)}}}"
        rf"{size}{{${label.text}$}}"
    )


def _pt(value: float) -> float:
    """Of bp, to the thousandth as in paths."""
    return round(value, 3) / PT
