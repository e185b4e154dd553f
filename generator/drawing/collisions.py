"""Whether anything in a figure is written over anything else: boxes of labels, and a checker.

assert not collisions(figure)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import dist, hypot

from generator.drawing.boxes import Box, box_around
from generator.drawing.lettering import text_size
from generator.model.figure import Circle, Figure, Item, Label, Mark, Path, Point, Rectangle, Side

WIDEST = 15.0  # the column of a sheet, in centimetres
POINT = 0.0351  # of TeX, in centimetres
_TOUCH = 0.02  # so much overlap is within the error of the estimate
_PULL: dict[Side, tuple[int, int]] = {  # where a label stands, seen from its point
    "above": (0, 1),
    "below": (0, -1),
    "left": (-1, 0),
    "right": (1, 0),
    "above left": (-1, 1),
    "above right": (1, 1),
    "below left": (-1, -1),
    "below right": (1, -1),
}


@lru_cache(maxsize=4096)
def label_size(text: str, small: bool, framed: bool = False) -> tuple[float, float]:
    """Width and height of a label's background, in centimetres."""
    width, height = text_size(text, small)
    margin = (3.2 if framed else 2.0) * POINT
    return width + margin, height + margin


def label_box(label: Label) -> Box:
    """Where a label's background is, as all writers of figures set it."""
    size = label_size(label.text, label.small, label.framed)
    return background(label.at, size, label.side, label.framed)


def background(at: Point, size: tuple[float, float], side: Side, framed: bool) -> Box:
    """The same of a label whose background has that size."""
    (x, y), half, rise = at, size[0] / 2, size[1] / 2
    if side != "center":
        (across, up), away = _PULL[side], _away(framed)
        x, y = x + across * (half + away), y + up * (rise + away)
    return Box(x - half, y - rise, x + half, y + rise)


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
    boxes = [(item, box_of(item)) for item in figure.items]
    above = [(item, box) for item, box in boxes if not lies_under(item)]
    found = [_said(label, item) for label, item in _written_over(above)]
    nodes = [(item, box) for item, box in above if isinstance(item, Circle | Rectangle)]
    inner = [(node, box.grown(-0.02)) for node, box in nodes]
    for path, its in above if nodes else ():
        if isinstance(path, Path):
            for node, box in inner:
                if its.meets(box) and any(through(node, a, b) < -0.03 for a, b in segments(path)):
                    found.append(f"{_named(path)} passes through {_named(node)}")
    for i, (node, its) in enumerate(nodes):
        for other_node, box in nodes[:i]:
            if its.meets(box) and apart(node, other_node) < -0.01:
                found.append(f"{_named(node)} overlaps {_named(other_node)}")
    rights, lefts = [box.right for _, box in boxes], [box.left for _, box in boxes]
    width = max(rights, default=0.0) - min(lefts, default=0.0)
    if width > WIDEST:
        found.append(f"the figure is {width:.1f} cm wide, wider than {WIDEST:g} cm")
    return found


def _written_over(boxes: Sequence[tuple[Item, Box]]) -> Iterator[tuple[Label, Item]]:
    """Each label, and what it is written over: earlier labels, and then the others."""
    obstacles = Obstacles(item for item, _ in boxes if not isinstance(item, Label))
    earlier: list[tuple[Box, Label]] = []
    for label, box in boxes:
        if not isinstance(label, Label):
            continue
        tight = box.grown(-_TOUCH)
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
    """Items that labels must keep off, held against one box after another."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._pieces = [piece for item in items for piece in _pieces(item)]

    def near(self, box: Box) -> Obstacles:
        """Those that boxes inside this one may lie on."""
        found = Obstacles(())
        found._pieces = box.meeting(self._pieces)
        return found

    def met(self, box: Box) -> Iterator[Item]:
        """The items that a box lies on, one after another, as `lies_on` says."""
        left, bottom, right, top = box
        x, y = (left + right) / 2, (bottom + top) / 2
        half, rise = (right - left) / 2, (top - bottom) / 2
        last = None
        for its_left, its_bottom, its_right, its_top, a, b, c, whole, item in self._pieces:
            if (
                left < its_right
                and its_left < right
                and bottom < its_top
                and its_bottom < top
                and abs(a * x + b * y - c) <= abs(a) * half + abs(b) * rise
                and item is not last
                and (whole or lies_on(box, item))
            ):
                last = item
                yield item


# The box around a segment, and a, b, c of the line a x + b y = c on which it lies: it crosses a box
# that meets both. Of other items the box around them, zeros, and that this is not all.
_Piece = tuple[float, float, float, float, float, float, float, bool, Item]


def _pieces(item: Item) -> Iterator[_Piece]:
    if not isinstance(item, Path):
        yield (*box_of(item), 0.0, 0.0, 0.0, False, item)
        return
    for (x, y), (u, v) in segments(item):
        left, right = (x, u) if x < u else (u, x)
        low, high = (y, v) if y < v else (v, y)
        a, b = y - v, u - x
        yield left, low, right, high, a, b, a * x + b * y, True, item


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
    (x, y), (u, v) = start, end
    run, rise, across, up = u - x, v - y, point[0] - x, point[1] - y
    length = run * run + rise * rise
    if length == 0:
        return hypot(across, up)
    t = min(1.0, max(0.0, (across * run + up * rise) / length))
    return hypot(across - t * run, up - t * rise)


def _corners(box: Box) -> list[Point]:
    return [(x, y) for x in (box.left, box.right) for y in (box.bottom, box.top)]


def box_of(item: Item) -> Box:
    """The box around an item."""
    match item:
        case Path():
            return box_around(item.points)
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
