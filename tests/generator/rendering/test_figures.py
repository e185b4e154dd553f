from __future__ import annotations

import pytest

from generator.model.figure import Circle, Figure, Item, Label, Mark, Path, Rectangle
from generator.rendering.figures import tikz, words


def drawn(*items: Item) -> list[str]:
    return tikz(Figure(items, "a drawing")).split("\n")[3:-2]


def test_the_frame() -> None:
    lines = tikz(Figure((), "two\n lines")).split("\n")
    assert lines[:2] == [r"\begin{center}", "% Figure: two lines"]
    assert lines[-2:] == [r"\end{tikzpicture}", r"\end{center}"]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Path(((0, 0), (1, -0.5))), [r"\draw[line width=0.5pt] (0,0) -- (1,-0.5);"]),
        (
            Path(((0, 0), (1, 0), (1, 1)), stroke="thick", closed=True, fill="light"),
            [r"\draw[line width=1.1pt, fill=black!10] (0,0) -- (1,0) -- (1,1) -- cycle;"],
        ),
        (
            Path(((-1e-9, 1e-9), (1e3, 0)), arrow=True),
            [r"\draw[->, line width=0.5pt] (0,0) -- (1000,0);"],
        ),
        (Mark((1, 2), "dot", 0.2), [r"\fill (1,2) circle[radius=0.1];"]),
        (
            Mark((1, 2), "ring", 0.2),
            [r"\filldraw[line width=0.7pt, fill=white] (1,2) circle[radius=0.1];"],
        ),
        (Mark((0, 0), "minus", 0.2), [r"\draw[line width=1pt] (-0.1,0) -- (0.1,0);"]),
        (
            Circle((0, 0), 0.3),
            [r"\filldraw[line width=0.6pt, fill=white] (0,0) circle[radius=0.3];"],
        ),
        (
            Rectangle((0, 0), 2, 1, fill="dark", rounded=True),
            [
                r"\filldraw[line width=0.6pt, fill=black!30, rounded corners=3pt] "
                r"(-1,-0.5) rectangle (1,0.5);"
            ],
        ),
        (
            Path(((0, 0), (1, 0), (1, 1)), "none", closed=True, fill="light"),
            [r"\draw[draw=none, fill=black!10] (0,0) -- (1,0) -- (1,1) -- cycle;"],
        ),
        (
            Path(((0, 0), (1, 0), (1, 1)), arrow=True, rounded=True),
            [
                r"\draw[->, line width=0.5pt, rounded corners=7pt] "
                r"(0,0) -- (1,0) -- (1,1);"
            ],
        ),
        (
            Label((0, 0), "4", small=True, framed=True),
            [
                r"\node[anchor=center, draw, line width=0.3pt, fill=white, inner sep=1.6pt, "
                r"font=\small] at (0,0) {$4$};"
            ],
        ),
        (
            Label((0, 0), "x_1", side="below", small=True),
            [
                r"\node[anchor=north, fill=white, inner sep=0.8pt, outer sep=2.4pt, font=\small] "
                r"at (0,0) {$x_1$};"
            ],
        ),
    ],
)
def test_an_item_becomes(item: Item, expected: list[str]) -> None:
    assert drawn(item) == expected


def test_a_label_on_a_circle_does_not_hide_its_shade() -> None:
    circle, label = Circle((0, 0), 0.3, fill="light"), Label((0, 0), "h")
    assert "fill" not in drawn(circle, label)[1]
    assert "fill" not in drawn(Rectangle((0, 0), 1, 1, fill="dark"), label)[1]
    assert "fill=white" in drawn(label, circle)[0]


def test_words_stand_for_a_figure() -> None:
    assert words(Figure((), "50 % grey")).strip() == r"[Figure: 50 \% grey]"
