"""What a writer of figures is, and the one that tells a figure in words.

A writer takes a figure of `generator.model.figure` and gives LaTeX: `native` for our own PDFs,
`tikz` for documents that people go on to edit, `words` for a terminal. `svg` gives what goes into a
web page.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.model.figure import Figure
from generator.model.values import Tex
from generator.rendering.escaping import escape

FigureWriter = Callable[[Figure], Tex]


def words(figure: Figure) -> Tex:
    """The figure's description instead of the figure."""
    return Tex(f"\n\n[Figure: {escape(figure.alt)}]\n\n")
