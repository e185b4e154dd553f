"""The vocabulary in which an exercise describes a drawing: paths, marks and labels in a plane.

Coordinates are in centimetres, x to the right and y upwards; `generator.rendering` has writers
(`native`, `tikz`, `svg`, `words`). Text in a label is LaTeX mathematics without dollar signs.
Styles are few and read well in black and white. Graphs, plots and patterns need not be put
together by hand: `generator.drawing` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Stroke = Literal[
    "thin", "thick", "dashed", "dotted", "thick dashed", "thick dotted", "grid", "none"
]
Shade = Literal["none", "light", "dark", "black"]
Side = Literal[
    "center",
    "above",
    "below",
    "left",
    "right",
    "above left",
    "above right",
    "below left",
    "below right",
]


@dataclass(frozen=True)
class Path:
    """Straight lines from point to point; `arrow` puts a head on the last one.

    `rounded` takes the edge off the corners.
    """

    points: tuple[Point, ...]
    stroke: Stroke = "thin"
    arrow: bool = False
    closed: bool = False
    fill: Shade = "none"
    rounded: bool = False


@dataclass(frozen=True)
class Mark:
    """A small symbol: `dot` filled, `ring` open, `plus`, `minus`, `cross`; `size` is its width."""

    at: Point
    shape: Literal["dot", "ring", "plus", "minus", "cross", "square"]
    size: float = 0.14


@dataclass(frozen=True)
class Circle:
    """A node of a graph: a circle of radius `radius` that hides what lies under it."""

    at: Point
    radius: float = 0.4
    fill: Shade = "none"


@dataclass(frozen=True)
class Rectangle:
    """A box around `at`: a node with a long name, or a pixel; it hides what lies under it."""

    at: Point
    width: float
    height: float
    fill: Shade = "none"
    rounded: bool = False


@dataclass(frozen=True)
class Label:
    """LaTeX mathematics at a point, or beside it on the given side; `framed` in a thin box."""

    at: Point
    text: str
    side: Side = "center"
    small: bool = False
    framed: bool = False


Item = Path | Mark | Circle | Rectangle | Label


@dataclass(frozen=True)
class Figure:
    """A drawing: its items from back to front, and words for those who can't see it."""

    items: tuple[Item, ...]
    alt: str
