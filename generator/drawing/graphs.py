r"""Directed acyclic graphs in layers: networks, computation graphs, unrolled recurrences.

    from generator.drawing.graphs import Edge, Node, layered_graph

    layered_graph(
        [
            Node("x", "x", value="2", gradient="-12"),  # value above, gradient in a box below
            Node("w", "w", value="-3", gradient="8"),
            Node("times", r"\times"),
            Node("L", "L", value="36", gradient="1"),
        ],
        [
            Edge("x", "times"),
            Edge("w", "times"),
            Edge("times", "L", label="z = -6", backward="4"),  # the gradient, in a box below
        ],
    )

Layers and order are the layout library's, or given, from first to last layer and from top to
bottom (`direction="up"`: from left to right); None leaves a gap:

    layered_graph(nodes, edges, layers=[["x1", "x2", "x3"], ["h1", "h2", "h3"], ["y"]])
    layered_graph(nodes, edges, layers=[[None, "h0", None], ["y1", "h1", "x1"], ["y2", "h2", "x2"]])

The second is an unrolled recurrence: time runs right, and edges inside a layer run up from x to y.
Wide graphs of more than about seven layers read better upwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from math import hypot, inf
from typing import Literal

from generator.drawing.boxes import Box, box_around
from generator.drawing.collisions import WIDEST, box_of, clearest, label_size, through
from generator.drawing.layout import Spot, arranged, in_layers
from generator.drawing.lettering import spoken
from generator.drawing.placing import Wanted, along, beside, placed, rounded
from generator.model.figure import (
    Circle,
    Figure,
    Item,
    Label,
    Path,
    Point,
    Rectangle,
    Shade,
    Stroke,
)

Shape = Circle | Rectangle

_RADIUS, _LARGEST = 0.36, 0.56  # of a circle; a longer name stands in a box
_KEEP_OFF = 0.14  # between an edge and a node that it passes
_STRETCHES = (1.0, 1.12, 1.25, 1.4, 1.6, 1.85, 2.15)
_WAYS = (  # from a node to what stands around it
    *((0, 1), (0, -1), (-0.7, 0.7), (0.7, 0.7), (-0.7, -0.7), (0.7, -0.7)),
    *((x, y) for x in (-0.4, 0.4, -0.9, 0.9) for y in (0.9, -0.9, 0.4, -0.4) if abs(x) != abs(y)),
    *((-1, 0), (1, 0)),
)
_TWINS = (0.5, -0.5, 1.0, -1.0, 1.5, -1.5)
_BULGES = (0.35, -0.35, 0.6, -0.6, 0.85, -0.85, 1.1, -1.1, 1.6, -1.6, 2.1, -2.1)


@dataclass(frozen=True)
class Node:
    """A node, named `label` (LaTeX). `value` stands above it (in a graph that runs upwards: on the
    left), `gradient` in a box below (on the right), wherever there is room."""

    key: str
    label: str
    value: str = ""
    gradient: str = ""
    fill: Shade = "none"


@dataclass(frozen=True)
class Edge:
    """An arrow from the node `start` to the node `end`. `label`, a weight or the value that flows
    forward, stands above or left of it, or on it where edges run close to each other; `backward`,
    the gradient, in a box on the other side."""

    start: str
    end: str
    label: str = ""
    backward: str = ""
    stroke: Stroke = "thin"


def layered_graph(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    *,
    direction: Literal["right", "up"] = "right",
    layers: Sequence[Sequence[str | None]] | None = None,
    alt: str = "",
) -> Figure:
    """The graph, as wide as a sheet's column at most where that is possible at all.

    It is stretched until no label meets anything. `alt` is made of keys and labels if not given.
    ValueError for an edge whose ends are not there, a cycle, and `layers` that are not the nodes.
    """
    given = None if layers is None else tuple(map(tuple, layers))
    return _layered(tuple(nodes), tuple(edges), direction, given, alt)


@lru_cache(maxsize=64)  # a graph whose labels are letters is the same on every sheet
def _layered(
    nodes: tuple[Node, ...],
    edges: tuple[Edge, ...],
    direction: Literal["right", "up"],
    layers: tuple[tuple[str | None, ...], ...] | None,
    alt: str,
) -> Figure:
    keys = [node.key for node in nodes]
    _check(keys, edges, layers)
    spots: Mapping[str, Spot]
    bends: Sequence[Sequence[Spot]]
    if layers is None:
        spots, bends = arranged(tuple(keys), tuple((edge.start, edge.end) for edge in edges))
    else:
        spots, bends = in_layers(layers), [[] for _ in edges]
    words = alt or _in_words(nodes, edges)

    def drawn(stretch: float) -> Figure:
        scale = _scale(nodes, edges, spots, direction, stretch)
        return Figure(tuple(_drawn(nodes, edges, spots, bends, scale, direction)), words)

    return clearest(drawn(stretch) for stretch in _STRETCHES)


def _check(
    keys: Sequence[str], edges: Sequence[Edge], layers: Sequence[Sequence[str | None]] | None
) -> None:
    if not keys or len(set(keys)) < len(keys):
        raise ValueError(f"a graph needs nodes with keys of their own, not {list(keys)}")
    for edge in edges:
        if not {edge.start, edge.end} <= set(keys) or edge.start == edge.end:
            raise ValueError(f"{edge.start} -> {edge.end} does not join two nodes of {list(keys)}")
    if layers is not None:
        given = [key for layer in layers for key in layer if key is not None]
        if sorted(given) != sorted(keys):
            raise ValueError(f"the layers hold {given}, the nodes are {list(keys)}")


def _scale(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    spots: Mapping[str, Spot],
    direction: str,
    stretch: float,
) -> tuple[list[float], float]:
    """The distance of each layer from the first, and that of neighbours in a layer, in cm."""
    rightwards = direction == "right"
    forward, across = (0, 1) if rightwards else (1, 0)
    shapes = _shapes(nodes, dict.fromkeys(spots, (0.0, 0.0)))
    last = round(max(spot[0] for spot in spots.values()))
    halves = [0.0] * (last + 1)  # of the nodes in each layer
    thick = sides = 0.0  # half a node, and a node and what stands on both sides of it
    for node in nodes:
        size, here = _half(shapes[node.key]), round(spots[node.key][0])
        notes = _notes(node.value, node.gradient)
        halves[here] = max(halves[here], size[forward], *(note[forward] / 2 for note in notes))
        thick = max(thick, size[across])
        sides = max(sides, 2 * size[across] + sum(note[across] + 0.12 for note in notes))
    between = [0.0] * last  # the longest label between two layers
    labelled = [0] * last  # ... and how many edges have one
    inside = 0.0  # ... and of an edge inside a layer
    for edge in edges:
        first, end = sorted(round(spots[key][0]) for key in (edge.start, edge.end))
        notes = _notes(edge.label, edge.backward)
        for i in range(first, end):
            between[i] = max(between[i], *(note[forward] / (end - first) for note in notes), 0.0)
            labelled[i] += len(notes)
        if first == end:
            inside = max(inside, 0.7, *(note[across] + 0.65 for note in notes))
    least = [a + b + 0.6 for a, b in pairwise(halves)]
    gaps = [max(1.9 if rightwards else 1.55, a + b) for a, b in zip(least, between, strict=True)]
    gaps = [
        stretch * (gap + 0.2 * min(max(count - 3, 0), 6))
        for gap, count in zip(gaps, labelled, strict=True)
    ]
    busy = any(edge.label and edge.backward for edge in edges) or max(labelled, default=0) > 5
    usual = (1.5 if busy else 1.15) if rightwards else (1.9 if busy else 1.5)
    apart = stretch * max(sides + 0.35, sides + inside, usual)
    room = WIDEST - 0.1
    if rightwards:
        room -= halves[0] + halves[-1]
        share = min(1.0, room / sum(gaps)) if gaps else 1.0
        gaps = [max(share * gap, low) for gap, low in zip(gaps, least, strict=True)]
    else:
        span = max(spot[1] for spot in spots.values()) - min(spot[1] for spot in spots.values())
        apart = max(min(apart, (room - sides - 0.8) / max(span, 1.0)), 2 * thick + 0.3)
    return list(accumulate(gaps, initial=0.0)), apart


def _notes(bare: str, framed: str) -> list[tuple[float, float]]:
    """The sizes of what stands beside a node or an edge; those that there are."""
    pairs = ((bare, False), (framed, True))
    return [label_size(text, True, is_framed) for text, is_framed in pairs if text]


def _drawn(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    spots: Mapping[str, Spot],
    bends: Sequence[Sequence[Spot]],
    scale: tuple[list[float], float],
    direction: str,
) -> list[Item]:
    def at(spot: Spot) -> Point:
        forward, across = scale[0][round(spot[0])], spot[1] * scale[1]
        x, y = (forward, -across) if direction == "right" else (across, forward)
        return round(x, 2) + 0.0, round(y, 2) + 0.0

    shapes = _shapes(nodes, {key: at(spot) for key, spot in spots.items()})
    boxes = {key: box_of(shape) for key, shape in shapes.items()}
    twins = Counter((edge.start, edge.end) for edge in edges)
    lines: dict[tuple[Point, ...], Path] = {}  # by their points
    for edge, stops in zip(edges, bends, strict=True):
        bent = twins[edge.start, edge.end] > 1
        ways = _ways(shapes[edge.start].at, shapes[edge.end].at, [at(stop) for stop in stops], bent)
        line = _route(edge, ways, shapes, boxes, lines)
        lines[line.points] = line
    wanted: list[Wanted] = []
    for node in nodes:
        for text, is_gradient in ((node.value, False), (node.gradient, True)):
            if text:
                outward = _outward(spots, node.key) if direction == "right" and is_gradient else []
                behind = {way: label_size(node.value, True)[1] for way in outward if node.value}
                wanted.append(_around(shapes[node.key], text, is_gradient, direction, behind))
    starts = Counter(edge.start for edge in edges if edge.label)
    ends = Counter(edge.end for edge in edges if edge.label)
    # Where edges run close to each other or cross, a label beside one could belong to another.
    dense = any(starts[edge.start] > 1 and ends[edge.end] > 1 for edge in edges if edge.label)
    for edge, line in zip(edges, lines.values(), strict=True):
        if edge.label:
            wanted.append(along(line, edge.label, side=1, on_it_first=dense))
        if edge.backward:
            wanted.append(along(line, edge.backward, side=-1, framed=True))
    items: list[Item] = [*lines.values()]
    for node in nodes:
        shape = shapes[node.key]
        items += [shape, *([Label(shape.at, node.label)] if node.label else [])]
    return [*items, *placed(wanted, [*lines.values(), *shapes.values()])]


def _shapes(nodes: Sequence[Node], places: dict[str, Point]) -> dict[str, Shape]:
    """Circles of one size, and boxes as tall as these for names that do not fit into one."""
    sizes = {node.key: label_size(node.label, False) for node in nodes}
    reach = {key: hypot(width, height) / 2 + 0.02 for key, (width, height) in sizes.items()}
    radius = max([_RADIUS, *(r for r in reach.values() if r <= _LARGEST)])
    shapes: dict[str, Shape] = {}
    for node in nodes:
        width, height = sizes[node.key]
        if reach[node.key] <= _LARGEST:
            shapes[node.key] = Circle(places[node.key], round(radius, 2), node.fill)
        else:
            size = round(width + 0.24, 2), round(max(2 * radius, height + 0.16), 2)
            shapes[node.key] = Rectangle(places[node.key], *size, node.fill, rounded=True)
    return shapes


def _half(shape: Shape) -> tuple[float, float]:
    if isinstance(shape, Circle):
        return shape.radius, shape.radius
    return shape.width / 2, shape.height / 2


def _outward(spots: Mapping[str, Spot], key: str) -> list[Point]:
    """The ways up and down from a node on which no other of its layer follows."""
    layer = [spot[1] for spot in spots.values() if round(spot[0]) == round(spots[key][0])]
    ends = ((0, 1), min(layer)), ((0, -1), max(layer))
    return [way for way, end in ends if spots[key][1] == end]


def _around(
    shape: Shape, text: str, is_gradient: bool, direction: str, behind: Mapping[Point, float]
) -> Wanted:
    """Places around a node: values above or left first, gradients below or right, or `behind` a
    value of that height, where they are not taken for the next node's."""
    ways: Sequence[Point] = _WAYS
    if direction == "up":
        ways = [(-y, -x) for x, y in ways]
    if is_gradient:
        ways = [(-dx, -dy) for dx, dy in ways]
    half, size = _half(shape), label_size(text, True, is_gradient)

    def reach(way: Point) -> float:
        if isinstance(shape, Circle):
            return shape.radius
        return abs(way[0]) * half[0] + abs(way[1]) * half[1]

    tried = [(0.08, way) for way in ways]
    tried[2:2] = [(0.18 + height, way) for way, height in behind.items()]
    tried += [(extra, way) for extra in (0.2, 0.35) for way in ways]
    places = (beside(shape.at, way, reach(way) + extra, size) for extra, way in tried)
    return Wanted(text, places, framed=is_gradient)


def _ways(start: Point, end: Point, stops: list[Point], bent: bool) -> Iterator[list[Point]]:
    """What an edge may go by: nothing, or the layout's stops, else round by one side.

    Edges between the same two nodes are all `bent`.
    """
    if not bent:
        yield []
        if stops:
            yield stops
    (x, y), (u, v) = start, end
    length = hypot(u - x, v - y)
    near, far = (0.3, 0.7) if length < 4 else (0.2, 0.8)
    for bulge in _TWINS if bent else _BULGES:
        dx, dy = bulge * (y - v) / length, bulge * (u - x) / length
        yield [(x + t * (u - x) + dx, y + t * (v - y) + dy) for t in (near, far)]


def _route(
    edge: Edge,
    ways: Iterable[list[Point]],
    shapes: Mapping[str, Shape],
    boxes: Mapping[str, Box],
    taken: Container[tuple[Point, ...]],
) -> Path:
    """The first way on which nothing is in the way, else the one with most room; none `taken`."""
    start, end = shapes[edge.start], shapes[edge.end]
    best, most = None, -inf
    for way in ways:
        first, last = (way[0], way[-1]) if way else (end.at, start.at)
        points = (_rim(start, first), *map(rounded, way), _rim(end, last))
        if points in taken:
            continue
        clear = _clearance(points, edge, shapes, boxes)
        if best is None or clear > most:
            best, most = Path(points, edge.stroke, arrow=True, rounded=bool(way)), clear
        if clear >= 0:
            break
    assert best is not None
    return best


def _clearance(
    points: Sequence[Point], edge: Edge, shapes: Mapping[str, Shape], boxes: Mapping[str, Box]
) -> float:
    """By how much a line keeps off the nodes; negative where it comes too near to one. Nodes that
    are far enough from the box around it are left out."""
    near = box_around(points).grown(_KEEP_OFF)
    return min(
        min(through(shapes[key], a, b) for a, b in pairwise(points))
        + (0.02 if key in (edge.start, edge.end) else -_KEEP_OFF)
        for key, box in boxes.items()
        if near.meets(box)
    )


def _rim(shape: Shape, toward: Point) -> Point:
    """Where the way from a node's centre to a point leaves the node."""
    (x, y), (dx, dy) = shape.at, (toward[0] - shape.at[0], toward[1] - shape.at[1])
    if isinstance(shape, Circle):
        t = shape.radius / hypot(dx, dy)
    else:
        half = _half(shape)
        t = min(size / abs(d) for size, d in zip(half, (dx, dy), strict=True) if abs(d) > 1e-9)
    return rounded((x + t * dx, y + t * dy))


def _in_words(nodes: Sequence[Node], edges: Sequence[Edge]) -> str:
    said = []
    for node in nodes:
        notes = [f"value {spoken(node.value)}"] * bool(node.value)
        notes += [f"gradient {spoken(node.gradient)}"] * bool(node.gradient)
        if notes:
            said.append(f"{node.key} has {' and '.join(notes)}")
    for edge in edges:
        notes = [spoken(edge.label)] * bool(edge.label)
        notes += [f"gradient {spoken(edge.backward)}"] * bool(edge.backward)
        said.append(f"{edge.start} -> {edge.end}" + f" ({', '.join(notes)})" * bool(notes))
    alone = ", ".join(node.key for node in nodes)
    return f"A graph of {alone}" + (f": {'; '.join(said)}." if said else ".")
