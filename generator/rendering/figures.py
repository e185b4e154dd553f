"""What the writers of figures have in common, and the writer that tells a figure in words.

A writer takes a figure of `generator.model.figure` and gives LaTeX: `native` for our own PDFs,
`tikz` for documents that people go on to edit, `words` for a terminal. `svg` gives what goes into a
web page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from generator.model.figure import Circle, Figure, Item, Point, Rectangle
from generator.model.values import Tex
from generator.rendering.escaping import escape

FigureWriter = Callable[[Figure], Tex]


def words(figure: Figure) -> Tex:
    """The figure's description instead of the figure."""
    return Tex(f"\n\n[Figure: {escape(figure.alt)}]\n\n")


def on_a_shape(at: Point, earlier: Iterable[Item]) -> bool:
    """Whether a circle or rectangle of those drawn earlier lies under the point."""
    for item in earlier:
        if isinstance(item, Circle) and math.dist(item.at, at) < item.radius:
            return True
        if isinstance(item, Rectangle):
            across, up = abs(item.at[0] - at[0]), abs(item.at[1] - at[1])
            if across < item.width / 2 and up < item.height / 2:
                return True
    return False
