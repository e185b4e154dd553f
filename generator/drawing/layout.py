"""Where the nodes of a directed acyclic graph stand: layers, and an order with few crossings.

Places are (layer, place across): whole layers from 0 on, and a unit apart across at least.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

Spot = tuple[float, float]
Arrows = Sequence[tuple[str, str]]


@lru_cache(maxsize=256)  # the same for many sheets, and for a question and its solution
def arranged(
    nodes: tuple[str, ...], edges: tuple[tuple[str, str], ...]
) -> tuple[Mapping[str, Spot], Sequence[Sequence[Spot]]]:
    """The place of each node, and for each edge the places it bends at on its way.

    The order and the places across are igraph's, which implements Sugiyama's method with the
    placement of Brandes and Koepf. ValueError where the edges form a cycle.
    """
    layer = layers_of(nodes, edges)
    number = {node: i for i, node in enumerate(nodes)}
    layers = [layer[node] for node in nodes]
    links: list[tuple[int, int]] = []
    bends: list[list[int]] = []
    for start, end in edges:  # a stop in each layer that an edge passes
        stops = range(len(layers), len(layers) + layer[end] - layer[start] - 1)
        layers += range(layer[start] + 1, layer[end])
        links += pairwise([number[start], *stops, number[end]])
        bends.append(list(stops))
    graph = _igraph_type()(n=len(layers), edges=links, directed=True)
    found = graph.layout_sugiyama(layers=layers, hgap=1, vgap=1, maxiter=200).coords
    spots = [(float(here), round(at[0], 2)) for here, at in zip(layers, found, strict=True)]
    return {node: spots[number[node]] for node in nodes}, [[spots[i] for i in b] for b in bends]


def layers_of(nodes: Sequence[str], edges: Arrows) -> dict[str, int]:
    """The length of the longest path to each node; a source stands just before what it feeds."""
    before: dict[str, list[str]] = {node: [] for node in nodes}
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for start, end in edges:
        before[end].append(start)
        after[start].append(end)
    try:
        order = list(TopologicalSorter(before).static_order())
    except CycleError as error:
        raise ValueError(f"the edges form a cycle: {' -> '.join(error.args[1])}") from None
    layer: dict[str, int] = {}
    for node in order:
        layer[node] = max((layer[each] + 1 for each in before[node]), default=0)
    for node in order:
        if not before[node] and after[node]:
            layer[node] = min(layer[each] for each in after[node]) - 1
    return layer


def in_layers(layers: Sequence[Sequence[str | None]]) -> dict[str, Spot]:
    """The places of nodes whose layers and order are given, each layer centred; None is a gap."""
    return {
        node: (float(i), k - (len(layer) - 1) / 2)
        for i, layer in enumerate(layers)
        for k, node in enumerate(layer)
        if node is not None
    }


@cache
def _igraph_type() -> Any:
    """igraph's `Graph`: compiled, and imported by those who draw graphs alone.

    With it would come its plots and all of matplotlib, which take longer to import than the sheets
    of a small class to be drawn. igraph does without where matplotlib cannot be imported.
    """
    modules: dict[str, Any] = sys.modules
    hidden = "matplotlib" not in modules
    if hidden:
        modules["matplotlib"] = None
    try:
        from igraph import Graph
    finally:
        if hidden:
            del modules["matplotlib"]
    return Graph
