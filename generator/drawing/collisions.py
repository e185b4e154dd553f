"""Whether anything in a figure is written over anything else: boxes of labels, and a checker.

assert not collisions(figure)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import dist, hypot
from typing import NamedTuple

from generator.drawing.lettering import text_size
from generator.model.figure import Circle, Figure, Item, Label, Mark, Path, Point, Rectangle, Side

WIDEST = 15.0  # the column of a sheet, in centimetres
POINT = 0.0351  # of TeX, in centimetres
_TOUCH = 0.02  # so much overlap is within the error of the estimate
AROUND = 1.4  # cm around a box in which the next ones are expected
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

    @property
    def middle(self) -> Point:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

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
        return hypot(*self._off(point))

    def distance_squared(self, point: Point) -> float:
        across, up = self._off(point)
        return across * across + up * up

    def reach_squared(self, point: Point) -> float:
        """The square of the distance to the farthest corner."""
        across = max(abs(self.left - point[0]), abs(self.right - point[0]))
        up = max(abs(self.bottom - point[1]), abs(self.top - point[1]))
        return across * across + up * up

    def _off(self, point: Point) -> Point:
        left, bottom, right, top = self
        x, y = point
        return max(left - x, 0.0, x - right), max(bottom - y, 0.0, y - top)

    def crosses(self, start: Point, end: Point) -> bool:
        """Whether a segment passes through (clipped as by Liang and Barsky)."""
        left, bottom, right, top = self
        (x, y), (u, v) = start, end
        if x <= left >= u or x >= right <= u or y <= bottom >= v or y >= top <= v:
            return False  # as most do
        enter, leave = 0.0, 1.0
        for low, high, here, there in ((left, right, x, u), (bottom, top, y, v)):
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
    size = label_size(label.text, label.small, label.framed)
    return background(label.at, size, label.side, label.framed)


def background(at: Point, size: tuple[float, float], side: Side, framed: bool) -> Box:
    """The same of a label whose background has that size."""
    (x, y), (width, height), (across, up), away = at, size, _PULL[side], _away(framed)
    middle = x + across * (width / 2 + away), y + up * (height / 2 + away)
    return Box.around(middle, width, height)


def _away(framed: bool) -> float:
    """How far a label keeps from its point."""
    return 0.0 if framed else 2.4 * POINT


def bounds(figure: Figure) -> Box:
    """The box around everything in a figure; it must have an item."""
    return around([box_of(item) for item in figure.items])


def around(boxes: Sequence[Box]) -> Box:
    """The box around at least one box."""
    left, bottom, right, top = zip(*boxes, strict=True)
    return Box(min(left), min(bottom), max(right), max(top))


def collisions(figure: Figure) -> list[str]:
    """What is written over what, in words; empty for a figure that reads well.

    Labels must keep off each other, off marks, off the rims of nodes and off lines; a label inside
    a node is its name, and one centred on a line interrupts it. Grids and shades lie under
    everything. Lines must not pass through nodes, nodes not overlap, and the whole fit the column.
    """
    items = [item for item in figure.items if not lies_under(item)]
    boxes = [box_of(item) for item in figure.items]
    found = [_said(label, item) for label, item in _written_over(items)]
    shapes = [
        (item, box_of(item).grown(0.001)) for item in items if isinstance(item, Circle | Rectangle)
    ]
    nodes = [node for node, _ in shapes]
    for path in items if shapes else ():
        if isinstance(path, Path):
            its = box_of(path).grown(0.001)
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


def _written_over(items: Sequence[Item]) -> Iterator[tuple[Label, Item]]:
    """Each label, and what it is written over: earlier labels, and then the others."""
    others = [item for item in items if not isinstance(item, Label)]
    obstacles = Obstacles(others)
    earlier: list[tuple[Box, Label]] = []
    for label in items:
        if not isinstance(label, Label):
            continue
        tight = box_of(label).grown(-_TOUCH)
        yield from ((label, other) for box, other in earlier if tight.meets(box))
        earlier.append((tight, label))
        for item in obstacles.met(tight):
            if not (
                label.side == "center" and isinstance(item, Path) and interrupts(label.at, item)
            ):
                yield label, item


def _said(label: Label, item: Item) -> str:
    if isinstance(item, Label):
        return f"label {item.text} meets label {label.text}"
    return f"label {label.text} meets {_named(item)}"


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


class Obstacles:
    """Items that labels must keep off, held against one box after another. Boxes that are close to
    the one before, such as those of the places of one label, are held against few items only."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = [(*box_of(item).grown(_TOUCH), *_line(item), item) for item in items]
        self._here = Box(0.0, 0.0, 0.0, 0.0)
        self._near = self._items[:0]  # the items that boxes inside `_here` may lie on

    def met(self, box: Box) -> Iterator[Item]:
        """The items that a box lies on, one after another."""
        if not self._here.holds(box):
            self._here = box.grown(AROUND)
            left, bottom, right, top = self._here
            self._near = [
                each
                for each in self._items
                if left < each[2] and each[0] < right and bottom < each[3] and each[1] < top
            ]
        left, bottom, right, top = box
        (x, y), half, rise = box.middle, (right - left) / 2, (top - bottom) / 2
        near = [
            item
            for its_left, its_bottom, its_right, its_top, a, b, c, item in self._near
            if left < its_right and its_left < right and bottom < its_top and its_bottom < top
            if abs(a * x + b * y - c) <= abs(a) * half + abs(b) * rise + 1e-6
        ]
        return (item for item in near if lies_on(box, item))


def _line(item: Item) -> tuple[float, float, float]:
    """a, b, c of the line a x + b y = c that an item lies on, if it does: else zeros."""
    if isinstance(item, Path) and len(item.points) == 2:
        (x, y), (u, v) = item.points
        return y - v, u - x, (y - v) * x + (u - x) * y
    return 0.0, 0.0, 0.0


def interrupts(centre: Point, line: Path) -> bool:
    """Whether a label is centred on a line, which it then interrupts on purpose."""
    return any(_off(centre, start, end) < 0.002 for start, end in segments(line))


def lies_on(box: Box, item: Item) -> bool:
    """Whether the box of a label lies on an item: a segment of a path, a mark, another label, or
    the rim of a node, for a label inside is the node's name."""
    match item:
        case Path():
            if len(item.points) == 2:  # as most have
                return box.crosses(*item.points)
            return any(box.crosses(start, end) for start, end in segments(item))
        case Mark():
            half = item.size / 2
            return box.distance_squared(item.at) < half * half
        case Circle():
            rim = item.radius * item.radius
            return box.distance_squared(item.at) < rim < box.reach_squared(item.at)
        case Rectangle():
            its = box_of(item)
            return box.meets(its) and not its.grown(0.02).holds(box)
    return box.meets(box_of(item))


def segments(path: Path) -> Iterator[tuple[Point, Point]]:
    return pairwise((*path.points, path.points[0]) if path.closed else path.points)


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


@lru_cache(maxsize=4096)
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
