"""Whether anything in a figure is written over anything else: boxes of labels, and a checker.

assert not collisions(figure)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import dist, hypot
from typing import NamedTuple

import numpy as np

from generator.drawing.lettering import text_size
from generator.model.figure import Circle, Figure, Item, Label, Mark, Path, Point, Rectangle, Side

WIDEST = 15.0  # the column of a sheet, in centimetres
POINT = 0.0351  # of TeX, in centimetres
_TOUCH = 0.02  # so much overlap is within the error of the estimate
_PULL: dict[Side, tuple[int, int]] = {  # where a label stands, seen from its point
    "center": (0, 0),
    "above": (0, 1),
    "below": (0, -1),
    "left": (-1, 0),
    "right": (1, 0),
    "above left": (-1, 1),
    "above right": (1, 1),
    "below left": (-1, -1),
    "below right": (1, -1),
}
_INWARDS = np.array([1.0, 1.0, -1.0, -1.0])  # where a box's sides go when it shrinks


class Box(NamedTuple):
    """An upright rectangle."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def around(cls, at: Point, width: float, height: float) -> Box:
        (x, y), half, rise = at, width / 2, height / 2
        return cls(x - half, y - rise, x + half, y + rise)

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def holds(self, other: Box) -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.bottom <= other.bottom
            and other.top <= self.top
        )

    def distance(self, point: Point) -> float:
        """0 inside."""
        across = max(self.left - point[0], 0.0, point[0] - self.right)
        return hypot(across, max(self.bottom - point[1], 0.0, point[1] - self.top))

    def crosses(self, start: Point, end: Point) -> bool:
        """Whether a segment passes through (clipped as by Liang and Barsky)."""
        enter, leave = 0.0, 1.0
        across = (self.left, self.right, start[0], end[0])
        upwards = (self.bottom, self.top, start[1], end[1])
        for low, high, here, there in (across, upwards):
            run = there - here
            if run == 0:
                if not low < here < high:
                    return False
                continue
            first, last = (low - here) / run, (high - here) / run
            if first > last:
                first, last = last, first
            enter = first if first > enter else enter
            leave = last if last < leave else leave
            if enter >= leave:
                return False
        return True


@lru_cache(maxsize=4096)
def label_size(text: str, small: bool, framed: bool = False) -> tuple[float, float]:
    """Width and height of a label's background, in centimetres."""
    width, height = text_size(text, small)
    margin = (3.2 if framed else 2.0) * POINT
    return width + margin, height + margin


def label_box(label: Label) -> Box:
    """Where a label's background is, as `generator.rendering.figures` sets it."""
    width, height = label_size(label.text, label.small, label.framed)
    away = 0.0 if label.framed else 2.4 * POINT
    across, up = _PULL[label.side]
    x = label.at[0] + across * (width / 2 + away)
    y = label.at[1] + up * (height / 2 + away)
    return Box.around((x, y), width, height)


def bounds(figure: Figure) -> Box:
    """The box around everything in a figure; it must have an item."""
    boxes = [box_of(item) for item in figure.items]
    return Box(
        min(box.left for box in boxes),
        min(box.bottom for box in boxes),
        max(box.right for box in boxes),
        max(box.top for box in boxes),
    )


def collisions(figure: Figure) -> list[str]:
    """What is written over what, in words; empty for a figure that reads well.

    Labels must keep off each other, off marks, off the rims of nodes and off lines; a label inside
    a node is its name, and one centred on a line interrupts it. Grids and shades lie under
    everything. Lines must not pass through nodes, nodes not overlap, and the whole fit the column.
    """
    boxes = [box_of(item) for item in figure.items]
    labels, above, shapes = [], [], []  # the places of what can collide
    for place, item in enumerate(figure.items):
        if isinstance(item, Label):
            labels.append(place)
        elif not lies_under(item):
            above.append(place)
            if isinstance(item, Circle | Rectangle):
                shapes.append((item, boxes[place].grown(0.001)))
    found = []
    for i, k in _near(boxes, labels, above):
        label, item = figure.items[i], figure.items[k]
        assert isinstance(label, Label)
        if isinstance(item, Label):
            found.append(f"label {item.text} meets label {label.text}")
        elif meets(boxes[i].grown(-_TOUCH), label.at if label.side == "center" else None, item):
            found.append(f"label {label.text} meets {_named(item)}")
    nodes = [node for node, _ in shapes]
    for place in above if shapes else ():
        path, its = figure.items[place], boxes[place].grown(0.001)
        if isinstance(path, Path):
            for node in (node for node, around in shapes if its.meets(around)):
                if any(through(node, a, b) < -0.03 for a, b in segments(path)):
                    found.append(f"{_named(path)} passes through {_named(node)}")
    for i, node in enumerate(nodes):
        for other_node in nodes[:i]:
            if apart(node, other_node) < -0.01:
                found.append(f"{_named(node)} overlaps {_named(other_node)}")
    width = max((b.right for b in boxes), default=0.0) - min((b.left for b in boxes), default=0.0)
    if width > WIDEST:
        found.append(f"the figure is {width:.1f} cm wide, wider than {WIDEST:g} cm")
    return found


def _near(
    boxes: Sequence[Box], labels: Sequence[int], above: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """The places of each label and of what its box meets: earlier labels, and then the others."""
    if not labels:
        return
    sides = np.array(boxes)
    tight = sides[labels] + _INWARDS * _TOUCH
    wide = np.concatenate([tight, sides[above] - _INWARDS * 0.001])
    left, bottom, right, top = tight.T[:, :, None]
    its_left, its_bottom, its_right, its_top = wide.T
    across = (left < its_right) & (its_left < right)
    meeting = across & (bottom < its_top) & (its_bottom < top)
    meeting[:, : len(labels)] &= np.tri(len(labels), k=-1, dtype=bool)
    others = [*labels, *above]
    for i, k in np.argwhere(meeting).tolist():
        yield labels[i], others[k]


def clearest(figures: Iterable[Figure]) -> Figure:
    """The first figure in which nothing collides, else the first with the fewest collisions."""
    best: tuple[int, Figure] | None = None
    for figure in figures:
        trouble = len(collisions(figure))
        if best is None or trouble < best[0]:
            best = trouble, figure
        if not trouble:
            break
    if best is None:
        raise ValueError("no figures to choose from")
    return best[1]


def lies_under(item: Item) -> bool:
    """Whether anything may be written over an item."""
    return isinstance(item, Path) and item.stroke in ("grid", "none")


def meets(box: Box, centre: Point | None, item: Item) -> bool:
    """Whether the box of a label, centred at `centre` if on purpose, lies on an item that does not
    lie under everything."""
    match item:
        case Path():
            for start, end in segments(item):
                if box.crosses(start, end):
                    on_purpose = centre is not None and _off_line(centre, item) < 0.002
                    return not on_purpose
            return False
        case Mark():
            return box.distance(item.at) < item.size / 2
        case Circle():
            inside = max(dist(item.at, corner) for corner in _corners(box)) <= item.radius
            return not inside and box.distance(item.at) < item.radius
        case Rectangle():
            its = box_of(item)
            return box.meets(its) and not its.grown(0.02).holds(box)
    return box.meets(box_of(item))


def _off_line(point: Point, path: Path) -> float:
    return min(_off(point, start, end) for start, end in segments(path))


@lru_cache(maxsize=4096)
def segments(path: Path) -> tuple[tuple[Point, Point], ...]:
    points = (*path.points, path.points[0]) if path.closed else path.points
    return tuple(pairwise(points))


def through(node: Circle | Rectangle, start: Point, end: Point) -> float:
    """How far a segment stays off a node's rim; negative where it enters."""
    if isinstance(node, Circle):
        return _off(node.at, start, end) - node.radius
    box = box_of(node)
    if box.grown(-0.03).crosses(start, end):
        return -1.0
    ends = min(box.distance(start), box.distance(end))
    return min(ends, *(_off(corner, start, end) for corner in _corners(box)))


def apart(one: Circle | Rectangle, other: Circle | Rectangle) -> float:
    """How far two nodes are apart; negative where they overlap."""
    if isinstance(one, Circle) and isinstance(other, Circle):
        return dist(one.at, other.at) - one.radius - other.radius
    if isinstance(one, Rectangle) and isinstance(other, Rectangle):
        a, b = box_of(one), box_of(other)
        across = max(a.left - b.right, b.left - a.right)
        return max(across, a.bottom - b.top, b.bottom - a.top)
    circle, box = (one, other) if isinstance(one, Circle) else (other, one)
    assert isinstance(circle, Circle)
    return box_of(box).distance(circle.at) - circle.radius


def _off(point: Point, start: Point, end: Point) -> float:
    """How far a point is from a segment."""
    run, rise = end[0] - start[0], end[1] - start[1]
    length = run**2 + rise**2
    if length == 0:
        return dist(point, start)
    t = ((point[0] - start[0]) * run + (point[1] - start[1]) * rise) / length
    t = min(1.0, max(0.0, t))
    return dist(point, (start[0] + t * run, start[1] + t * rise))


def _corners(box: Box) -> list[Point]:
    return [(x, y) for x in (box.left, box.right) for y in (box.bottom, box.top)]


@lru_cache(maxsize=8192)  # each is looked at many times
def box_of(item: Item) -> Box:
    """The box around an item."""
    match item:
        case Path():
            columns = list(zip(*item.points, strict=True))
            return Box(min(columns[0]), min(columns[1]), max(columns[0]), max(columns[1]))
        case Mark():
            return Box.around(item.at, item.size, item.size)
        case Circle():
            return Box.around(item.at, 2 * item.radius, 2 * item.radius)
        case Rectangle():
            return Box.around(item.at, item.width, item.height)
    return label_box(item)


def _named(item: Item) -> str:
    match item:
        case Path():
            (x, y), (u, v) = item.points[0], item.points[-1]
            return f"line ({x:g}, {y:g}) to ({u:g}, {v:g})"
        case Label():
            return f"label {item.text}"
    return f"{type(item).__name__.lower()} at ({item.at[0]:g}, {item.at[1]:g})"
