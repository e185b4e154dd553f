"""The writer of SVG: what it writes is safe in a page and looks like the native writer's."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path as File
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pypdfium2
import pytest
import resvg_py
from numpy.typing import NDArray
from PIL import Image

from generator import catalog
from generator.model.figure import Figure, Item, Label, Mark, Side
from generator.rendering.environment import render
from generator.rendering.native import native
from generator.rendering.runs import runs
from generator.rendering.svg import svg
from generator.rendering.typesetting import find_engine, typeset
from tests.generator.rendering.test_native import (
    HEAD,
    SIDES,
    arrows,
    blurred,
    drawn_by,
    marks,
    shapes,
    strokes,
)

Pixels = NDArray[np.floating[Any]]  # 0 black, 1 white
DPI = 400  # so many that what a program does at edges counts for little
BP = DPI / 72  # pixels
FONTS = [
    str(File(matplotlib.get_data_path()) / "fonts" / "ttf" / f"STIXGeneral{face}.ttf")
    for face in ("", "Italic", "Bol", "BolIta")
]
ALLOWED = {
    "svg": "role width height viewBox fill stroke-linejoin font-family",
    "title": "",
    "path": "d fill fill-opacity stroke stroke-width stroke-opacity stroke-dasharray "
    "stroke-linecap",
    "text": "x y font-size text-anchor fill",
    "tspan": "dy font-size font-style font-weight",
}
SPACE = "{http://www.w3.org/2000/svg}"


def native_images(figures: Sequence[Figure]) -> list[Pixels]:
    """A page each, with nothing on it but the drawing."""
    pages = "\n\\newpage\n".join(map(native, figures))
    head = HEAD + render("sheets/drawing.tex.j2", {})
    tex = f"{head}\n\\begin{{document}}\n{pages}\n\\end{{document}}\n"
    document = pypdfium2.PdfDocument(io.BytesIO(typeset(tex, "figures", find_engine())))
    assert len(document) == len(figures)
    return [
        drawn(np.asarray(page.render(scale=BP, grayscale=True).to_numpy()).squeeze())
        for page in document
    ]


def drawn(page: NDArray[np.uint8]) -> Pixels:
    """The part of an image that is not white."""
    rows, columns = (np.flatnonzero((page < 0.9 * 255).any(axis=axis)) for axis in (1, 0))
    assert rows.size
    piece = page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return piece / np.float32(255)


def svg_image(figure: Figure) -> Pixels:
    png = resvg_py.svg_to_bytes(
        svg_string=svg(figure),
        background="#ffffff",
        dpi=96,
        zoom=DPI / 96,
        skip_system_fonts=True,
        font_files=FONTS,
        serif_family="STIXGeneral",
        font_family="STIXGeneral",
    )
    return drawn(np.asarray(Image.open(io.BytesIO(bytes(png))).convert("L")))


def assert_drawn_alike(ours: Pixels, theirs: Pixels) -> None:
    """Cut to what is drawn, the one lies on the other."""
    assert np.abs(np.subtract(ours.shape, theirs.shape)).max() <= 4
    size = np.maximum(ours.shape, theirs.shape)
    grids = [
        blurred(np.pad(each, [(0, n) for n in size - each.shape], constant_values=1), 16)
        for each in (ours, theirs)
    ]
    assert np.abs(grids[0] - grids[1]).max() < 0.2
    assert np.abs(grids[0] - grids[1]).sum() < 0.06 * (1 - grids[0]).sum() + 1


def without_labels(figure: Figure) -> Figure:
    return replace(figure, items=tuple(i for i in figure.items if not isinstance(i, Label)))


def check_markup(text: str) -> ElementTree.Element:
    """An element that holds nothing but what we know."""
    tree = ElementTree.fromstring(text)
    for element in tree.iter():
        name = element.tag.removeprefix(SPACE)
        assert set(element.attrib) <= set(ALLOWED[name].split()), element.attrib
    numbers = re.findall(r"\d+\.\d+", " ".join(re.findall(r'="([^"]*)"', text)))
    assert all(len(each.split(".")[1]) <= 3 for each in numbers)
    return tree


@pytest.mark.parametrize("items", [strokes, arrows, shapes, marks])
def test_every_item_of_the_vocabulary(items: Callable[[], list[Item]]) -> None:
    figure = Figure(tuple(items()), items.__name__)
    check_markup(svg(figure))
    (page,) = native_images([figure])
    assert_drawn_alike(page, svg_image(figure))


@pytest.mark.parametrize("name", catalog.names())
def test_the_figures_of_every_exercise(name: str) -> None:
    figures = drawn_by(name)
    for figure in figures:
        tree = check_markup(svg(figure))
        written = [element for element in tree.iter() if element.tag == f"{SPACE}text"]
        assert len(written) == sum(
            isinstance(item, Label) and item.text != "" for item in figure.items
        )
        assert svg(figure) == svg(figure)
        assert not re.search(r"[\\{}$^_]", " ".join("".join(each.itertext()) for each in written))
    bare = [without_labels(figure) for figure in figures[:3]]
    for figure, page in zip(bare, native_images(bare) if bare else [], strict=True):
        assert_drawn_alike(page, svg_image(figure))


def label_boxes(of: Sequence[Label]) -> list[tuple[Pixels, Pixels]]:
    """Top, bottom, left and right of labels, in bp from the dots at the rim: native, and SVG."""
    dots = (Mark((-4, -1), "dot", 0.1), Mark((4, 1), "dot", 0.1))
    figures = [Figure((*dots, each), each.text) for each in of]
    pairs = zip(native_images(figures), map(svg_image, figures), strict=True)
    return [(_inside(page), _inside(image)) for page, image in pairs]


def _inside(image: Pixels) -> Pixels:
    rim = DPI // 8
    found = image[:, rim:-rim] < 0.9
    rows, columns = (np.flatnonzero(found.any(axis=axis)) for axis in (1, 0))
    assert rows.size
    return np.array([rows[0], rows[-1] + 1, columns[0], columns[-1] + 1]) / np.float32(BP)


def assert_boxes_alike(of: Sequence[Label]) -> None:
    """The middle within a point and a half and the size within a fifth, for fonts differ."""
    for label, (first, second) in zip(of, label_boxes(of), strict=True):
        for low, high in ((0, 1), (2, 3)):
            middles = first[low] + first[high], second[low] + second[high]
            sizes = first[high] - first[low], second[high] - second[low]
            assert abs(middles[0] - middles[1]) / 2 < 1.5 + 0.1 * sizes[0] * (low == 2), label
            assert abs(sizes[0] - sizes[1]) < 1.5 + 0.2 * sizes[0], label


@pytest.mark.parametrize("framed", [False, True])
def test_a_label_stands_on_its_side(framed: bool) -> None:
    sides: list[Side] = list(SIDES)
    assert_boxes_alike([Label((0, 0), "x_{1}^2", side, framed=framed) for side in sides])


def test_the_labels_of_all_exercises() -> None:
    texts = {
        (item.text, item.small)
        for name in catalog.names()
        for figure in drawn_by(name)
        for item in figure.items
        if isinstance(item, Label) and item.text
    }
    more = {(r"\hat{y}", False), (r"\mathbf{W}^\top x_{i}", False), (r"\alpha + \beta", True)}
    assert_boxes_alike([Label((0, 0), text, small=small) for text, small in sorted(texts | more)])


@pytest.mark.parametrize(
    ("tex", "written"),
    [
        ("-0.25", "−0.25"),
        ("z = -1", "z = −1"),
        ("(0,-2)", "(0, −2)"),
        ("x_{i,j-1}^2", "xi,j−12"),
        (r"\cdot (-3)", "·(−3)"),
        (r"\operatorname{ReLU}", "ReLU"),
        (r"\text{best affine map}", "best affine map"),
        (r"\sin x", "sin x"),
        (r"\hat{y}", "y\u0302"),
        (r"\tfrac{1}{2}", "1/2"),
        (r"\frac{a+b}{2c}", "(a + b)/(2c)"),
        (r"\frac{\partial L}{\partial W_1}", "∂L/∂W1"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "[1 2; 3 4]"),
        ("", ""),
    ],
)
def test_a_formula_is_written(tex: str, written: str) -> None:
    text = "".join(run.text for run in runs(tex).runs)
    assert text.replace("\u00a0", " ") == written


def test_letters_slant_and_scripts_are_small() -> None:
    letter, digit = runs("x_1").runs
    assert (letter.style, digit.style) == ("italic", "upright")
    assert digit.size < letter.size == 1
    assert digit.rise < 0 < runs("x^2").runs[1].rise
    assert runs(r"\mathbf{W}").runs[0].style == "bold"


def test_words_are_escaped_and_nothing_has_a_colour_of_its_own() -> None:
    figure = Figure((Label((0, 0), r"a < b \text{ & <script>}"), Mark((1, 1), "ring")), '<i>"&"')
    tree = check_markup(svg(figure, "var(--paper)"))
    assert tree.findtext(f"{SPACE}title") == '<i>"&"'
    colours = {element.get(name) for element in tree.iter() for name in ("fill", "stroke")}
    assert colours == {"currentColor", "var(--paper)", "none", None}


def test_a_figure_without_items_is_a_picture_too() -> None:
    assert check_markup(svg(Figure((), "nothing"))).get("viewBox") == "-1 -1 2 2"
