"""Figures as SVG, for web pages: one element without scripts, styles, names or anything external.

Ink has the colour of the text around (`currentColor`), so that a figure suits a dark page, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never
from xml.sax.saxutils import escape, quoteattr

from generator.model.figure import Figure, Label, Point
from generator.rendering.outlines import (
    PT,
    SHARES,
    Curve,
    LabelKind,
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
from generator.rendering.runs import Row, Run, runs

_INK = "currentColor"
# As narrow as Computer Modern; what "serif" alone means may be a third wider, and leave its frames.
_FONTS = (
    "Latin Modern Roman, CMU Serif, STIX Two Text, Times New Roman, Times, Liberation Serif, "
    "Nimbus Roman, FreeSerif, DejaVu Serif Condensed, serif"
)
_SIZES = {False: 10 * PT, True: 9 * PT}  # of labels, \normalsize and \small
_FRAME = Pen(0.3)
# As in `templates/sheets/drawing.tex.j2`: around the letters, and around that, in pt.
_MARGINS: dict[LabelKind, tuple[float, float]] = {
    "framed": (1.75, 0.0),
    "beside": (0.8, 2.4),
    "inside": (0.0, 0.0),
    "over": (1.6, 0.0),
}
_ANCHORS = {0.0: "start", 0.5: "middle", 1.0: "end"}
_MARGIN = 1.0  # around all, in bp, for the letters of fonts that are wider than ours


def svg(figure: Figure, paper: str = "#fff") -> str:
    """The figure as an svg element. `paper` is the colour that hides what lies under a shape or a
    label: in a page that may be dark its background, such as `var(--paper)`.

    AuthoringError where a label cannot be read.
    """
    box = _Box()
    drawn: list[str] = []
    for place, item in enumerate(figure.items):
        if isinstance(item, Label):
            drawn += _label(item, label_kind(item, figure.items[:place]), paper, box)
            continue
        for outline in outlines(item):
            box.add([step.to for step in outline.steps], outline.pen)
            drawn += _paths(outline, paper)
    left, top, width, height = box.view
    start = {
        "xmlns": "http://www.w3.org/2000/svg",
        "role": "img",
        "width": f"{number(width)}pt",
        "height": f"{number(height)}pt",
        "viewBox": " ".join(map(number, (left, top, width, height))),
        "fill": "none",
        "stroke-linejoin": "round",
        "font-family": _FONTS,
    }
    title = _element("title", {}, escape(" ".join(figure.alt.split())))
    return _element("svg", start, "\n".join(["", title, *drawn, ""])) + "\n"


class _Box:
    """The smallest box around all, in bp."""

    def __init__(self) -> None:
        self.xs: list[float] = []
        self.ys: list[float] = []

    def add(self, points: list[Point], pen: Pen | None = None) -> None:
        beyond = pen.width * PT / 2 if pen else 0.0
        for x, y in points:
            self.xs += [x - beyond, x + beyond]
            self.ys += [y - beyond, y + beyond]

    @property
    def view(self) -> tuple[float, float, float, float]:
        """Left, top, width and height, y downwards; of a figure without items, a point's."""
        xs, ys = self.xs or [0.0], self.ys or [0.0]
        width, height = max(xs) - min(xs) + 2 * _MARGIN, max(ys) - min(ys) + 2 * _MARGIN
        return min(xs) - _MARGIN, -max(ys) - _MARGIN, width, height


def _paths(outline: Outline, paper: str) -> Iterator[str]:
    """Ink is all there is beside paper: grey is ink with paper shining through."""
    way = {"d": " ".join([*map(_step, outline.steps), *"Z" * outline.closed])}
    if outline.fill == 1:
        way["fill"] = paper
    elif outline.fill is not None:
        if outline.fill:
            yield _element("path", {**way, "fill": paper})
            way["fill-opacity"] = number(1 - outline.fill)
        way["fill"] = _INK
    if outline.pen:
        way.update(_pen(outline.pen))
    if outline.pen or outline.fill is not None:
        yield _element("path", way)


def _pen(pen: Pen) -> Iterator[tuple[str, str]]:
    yield "stroke", _INK
    yield "stroke-width", number(pen.width * PT)
    if pen.grey:
        yield "stroke-opacity", number(1 - pen.grey)
    if pen.dashes:
        yield "stroke-dasharray", " ".join(number(each * PT) for each in pen.dashes)
    if pen.round:
        yield "stroke-linecap", "round"


def _step(step: Step) -> str:
    match step:
        case Move():
            return f"M{_at(step.to)}"
        case Line():
            return f"L{_at(step.to)}"
        case Curve():
            return f"C{' '.join(map(_at, (*step.pulls, step.to)))}"
    assert_never(step)


def _label(label: Label, kind: LabelKind, paper: str, box: _Box) -> Iterator[str]:
    row, size = runs(label.text), _SIZES[label.small]
    inner, outer = (each * PT for each in _MARGINS[kind])
    (x, y), (across, below) = bp(label.at), SHARES[label.side]
    width, height = row.width * size + 2 * inner, (row.up + row.down) * size + 2 * inner
    left = x - across * width + outer * (1 - 2 * across)
    low = y - below * height + outer * (1 - 2 * below)
    corners: list[Point] = [
        (left, low), (left + width, low), (left + width, low + height), (left, low + height),
    ]  # fmt: skip
    box.add(corners)
    if kind == "framed":  # its line lies within the box
        half = _FRAME.width * PT / 2
        corners = [
            (left + half, low + half), (left + width - half, low + half),
            (left + width - half, low + height - half), (left + half, low + height - half),
        ]  # fmt: skip
    if kind != "inside":
        steps: tuple[Step, ...] = (Move(corners[0]), *map(Line, corners[1:]))
        frame = _FRAME if kind == "framed" else None
        yield from _paths(Outline(steps, True, frame, 1.0, ()), paper)
    if not row.runs:
        return
    # The anchor makes up for a font that is wider or narrower than ours.
    place = {
        "x": number(left + inner + across * row.width * size),
        "y": number(-(low + inner + row.down * size)),
        "font-size": number(size),
        "text-anchor": _ANCHORS[across],
        "fill": _INK,
    }
    yield _element("text", place, "".join(_runs(row, size)))


def _runs(row: Row, size: float) -> Iterator[str]:
    rise = 0.0
    for run in row.runs:
        yield _element("tspan", _look(run, rise, size), escape(run.text))
        rise = run.rise


def _look(run: Run, before: float, size: float) -> dict[str, str]:
    look = {}
    if run.rise != before:
        look["dy"] = number((before - run.rise) * size)
    if run.size != 1:
        look["font-size"] = number(run.size * size)
    if run.style == "italic":
        look["font-style"] = "italic"
    if run.style == "bold":
        look["font-weight"] = "bold"
    return look


def _element(name: str, attributes: dict[str, str], content: str = "") -> str:
    start = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{start}>{content}</{name}>" if content else f"<{name}{start}/>"


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(-point[1])}"
