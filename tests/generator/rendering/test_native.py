"""The two writers of drawings look the same: pages are compared as images."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import get_args, get_type_hints

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray

from generator import catalog
from generator.assignment import Entry
from generator.model.figure import (
    Circle,
    Figure,
    Item,
    Label,
    Mark,
    Path,
    Rectangle,
    Shade,
    Side,
    Stroke,
)
from generator.model.values import Tex
from generator.rendering import blocks
from generator.rendering.environment import render
from generator.rendering.figures import FigureWriter
from generator.rendering.native import native
from generator.rendering.tikz import tikz
from generator.rendering.typesetting import find_engine, typeset
from generator.sheets import draw_question

HEAD = r"""\documentclass{article}
\usepackage{iftex, amsmath, xcolor, tikz}
\usetikzlibrary{arrows.meta}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\pagestyle{empty}
"""
SIDES: tuple[Side, ...] = get_args(Side)
STROKES: tuple[Stroke, ...] = tuple(each for each in get_args(Stroke) if each != "none")
SHADES: tuple[Shade, ...] = get_args(Shade)
MARKS = get_args(get_type_hints(Mark)["shape"])
ZIGZAG = ((0.0, 0.0), (2.0, 1.0), (4.0, 0.0), (5.0, 2.0))
ENDS = ((3, 0), (2, 2), (0, -3), (-1, 2))


def strokes() -> list[Item]:
    return [
        Path(((0.0, y * 0.4), (6.0, y * 0.4 + 0.2)), stroke=stroke)
        for y, stroke in enumerate(STROKES)
    ]


def arrows() -> list[Item]:
    pairs = zip(ENDS, STROKES, strict=False)
    straight = [Path(((0.0, 0.0), end), stroke=stroke, arrow=True) for end, stroke in pairs]
    return [*straight, Path(ZIGZAG, arrow=True, rounded=True)]


def shapes() -> list[Item]:
    return [
        Path(((0, 0), (3, 0), (1, 2)), closed=True, fill="light"),
        Path(((4, 0), (7, 0), (5, 2)), closed=True, fill="dark", stroke="none"),
        Path(ZIGZAG, rounded=True, stroke="thick"),
        Path(((8, 0), (10, 0), (10, 2), (8, 2)), rounded=True, closed=True, fill="light"),
        *(Circle((x, 3.0), 0.4, fill) for x, fill in enumerate(SHADES)),
        Rectangle((5.0, 3.0), 1.5, 0.8),
        Rectangle((7.0, 3.0), 1.5, 0.8, "light", rounded=True),
        Rectangle((9.0, 3.0), 0.5, 0.5, "black"),
    ]


def marks() -> list[Item]:
    return [Mark((x, 0.0), shape, 0.14 + 0.1 * x) for x, shape in enumerate(MARKS)]


def labels() -> list[Item]:
    items: list[Item] = []
    for place, side in enumerate(SIDES):
        x = place * 1.5
        items += [
            Path(((x - 0.7, 0.0), (x + 0.7, 0.0)), stroke="grid"),
            Mark((x, 0.0), "dot", 0.05),
            Label((x, 0.0), "x_{1}^2", side, small=place % 2 == 0),
        ]
    return [
        *items,
        Circle((0.0, 2.0)),
        Label((0.0, 2.0), r"\hat{y}"),
        Label((3.0, 2.0), r"\tfrac{1}{2}", framed=True),
        Label((5.0, 2.0), "w", "above", small=True, framed=True),
        Path(((7.0, 1.5), (9.0, 2.5))),
        Label((8.0, 2.0), "-0.25"),
    ]


def one_label() -> list[Item]:
    return [Label((0.0, 0.0), r"\sigma(z)", "above right")]


def typeset_page(figure: Figure, writer: FigureWriter) -> pypdfium2.PdfPage:
    """The page with the drawing between two lines of text."""
    head = HEAD + render("sheets/drawing.tex.j2", {})
    body = f"above\n{writer(figure)}\nbelow"
    pdf = typeset(
        f"{head}\n\\begin{{document}}\n{body}\n\\end{{document}}\n", "figure", find_engine()
    )
    return pypdfium2.PdfDocument(io.BytesIO(pdf))[0]


def image(figure: Figure, writer: FigureWriter) -> NDArray[np.float64]:
    """The same page at 150 dpi: 0 black, 1 white."""
    page = typeset_page(figure, writer)
    return np.asarray(page.render(scale=150 / 72, grayscale=True).to_numpy()) / 255


def assert_alike(figure: Figure) -> None:
    first, second = (blurred(image(figure, writer)) for writer in (tikz, native))
    assert first.min() < 0.8
    assert np.abs(first - second).max() < 0.3
    assert np.abs(first - second).sum() < 0.05 * (1 - first).sum() + 1


def blurred(page: NDArray[np.float64], size: int = 5) -> NDArray[np.float64]:
    """Means of small squares: a line that lies half a pixel further along is the same line."""
    rows, columns = (length // size for length in page.shape)
    squares = page[: rows * size, : columns * size].reshape(rows, size, columns, size)
    means: NDArray[np.float64] = squares.mean(axis=(1, 3))
    return means


@pytest.mark.parametrize("items", [strokes, arrows, shapes, marks, labels, one_label])
def test_every_item_of_the_vocabulary(items: Callable[[], list[Item]]) -> None:
    assert_alike(Figure(tuple(items()), items.__name__))


@pytest.mark.parametrize("framed", [False, True])
@pytest.mark.parametrize("side", SIDES)
def test_a_label_at_the_rim_takes_the_same_room(side: Side, framed: bool) -> None:
    figure = Figure((Circle((0, 0)), Label((0, 1), "7", side, framed=framed)), "a rim")
    tops = []
    for writer in (tikz, native):
        text = typeset_page(figure, writer).get_textpage()
        letter = text.get_text_range().index("below")
        tops.append(text.get_charbox(letter)[3])
    assert abs(tops[0] - tops[1]) < 0.02


def drawn_by(name: str) -> list[Figure]:
    """The figures of one instance of an exercise."""
    question = draw_question(Entry(name, {}), "q1", b"native", "s1")
    found: list[Figure] = []

    def keep(figure: Figure) -> Tex:
        found.append(figure)
        return Tex()

    blocks.statement(question, keep)
    for part in question.truths:
        blocks.prompt(question, part, keep)
        blocks.solution(question, part, keep)
    return found


@pytest.mark.parametrize("name", catalog.names())
def test_the_figures_of_every_exercise(name: str) -> None:
    for figure in drawn_by(name)[:2]:
        assert_alike(figure)


def test_the_same_figure_gives_the_same_text_without_exponents() -> None:
    figure = Figure((Path(((1e-9, 0), (1 / 3, 1e-5))), Mark((2, 2), "dot")), "small")
    assert native(figure) == native(figure)
    assert "e-" not in native(figure)
    assert "\\drawing{-0.249}{-0.249}{58.677}{58.677}" in native(figure)


def test_a_drawing_without_items_takes_no_room() -> None:
    assert (image(Figure((), "nothing"), native) < 0.5).sum() > 50  # the words around it
