r"""Small patterns of filled and empty pixels, several in a row.

    from generator.drawing.grids import Pattern, pixel_grid

    pixel_grid(
        [
            Pattern.numbered(2, 2),  # which pixel is x_1, x_2, ...
            Pattern([[1, 0], [1, 0]], caption=r"\text{class I}"),
            Pattern([[1, 0], [0, 1]], caption=r"\text{class II}"),
        ],
    )

Pixels are listed from top to bottom, each row from left to right; what is true is filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.drawing.collisions import label_size
from generator.drawing.lettering import spoken
from generator.model.figure import Figure, Item, Label, Rectangle, Shade

WIDTH = 14.5  # of a row of patterns, in centimetres


@dataclass(frozen=True)
class Pattern:
    """Rows of pixels, the caption below, and the names written into the pixels."""

    pixels: Sequence[Sequence[object]]
    caption: str = ""
    names: Sequence[Sequence[str]] = ()

    @classmethod
    def numbered(cls, rows: int, columns: int, letter: str = "x", caption: str = "") -> Pattern:
        """Empty pixels named x_1, x_2, ... in reading order."""
        names = [
            [f"{letter}_{{{r * columns + c + 1}}}" for c in range(columns)] for r in range(rows)
        ]
        return cls([[0] * columns] * rows, caption, names)


def pixel_grid(
    patterns: Sequence[Pattern], *, pixel: float = 0.5, gap: float = 0.7, alt: str = ""
) -> Figure:
    """The patterns from left to right, in as many rows as needed; `pixel` and `gap` in cm.

    ValueError for a pattern without pixels or with rows of unequal length.
    """
    for pattern in patterns:
        if not pattern.pixels or len({len(row) for row in pattern.pixels} | {0}) != 2:
            raise ValueError(f"a pattern needs rows of equal length, not {pattern.pixels}")
    items: list[Item] = []
    x, y = 0.0, 0.0
    tallest = max((len(pattern.pixels) for pattern in patterns), default=0) * pixel
    for pattern in patterns:
        columns = len(pattern.pixels[0])
        wide = max(
            columns * pixel, label_size(pattern.caption, True)[0] if pattern.caption else 0.0
        )
        if x + wide > WIDTH:
            x, y = 0.0, y - tallest - 1.1
        items += _squares(pattern, x + (wide - columns * pixel) / 2, y, pixel)
        if pattern.caption:
            under = (round(x + wide / 2, 3), round(y - len(pattern.pixels) * pixel - 0.06, 3))
            items.append(Label(under, pattern.caption, side="below", small=True))
        x += wide + gap
    return Figure(tuple(items), alt or _in_words(patterns))


def _squares(pattern: Pattern, left: float, top: float, pixel: float) -> list[Item]:
    items: list[Item] = []
    for r, row in enumerate(pattern.pixels):
        for c, filled in enumerate(row):
            at = round(left + (c + 0.5) * pixel, 3), round(top - (r + 0.5) * pixel, 3)
            shade: Shade = "dark" if pattern.names else "black"
            items.append(Rectangle(at, pixel, pixel, shade if filled else "none"))
            if pattern.names:
                items.append(Label(at, pattern.names[r][c], small=True))
    return items


def _in_words(patterns: Sequence[Pattern]) -> str:
    said = []
    for pattern in patterns:
        if pattern.names:
            rows = " / ".join(" ".join(spoken(name) for name in row) for row in pattern.names)
        else:
            rows = " / ".join("".join("#" if p else "." for p in row) for row in pattern.pixels)
        said.append(f"{spoken(pattern.caption)}: {rows}" if pattern.caption else rows)
    return f"Patterns of pixels, # filled, rows from top to bottom: {'; '.join(said)}."
