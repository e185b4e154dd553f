"""Layered networks with one output, and a derivative on each edge."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from generator.exercises.paths import Edge
from generator.sampling import Rng

OUTPUT = "o"
Weighted = tuple[str, str, Fraction]  # an edge and the derivative of its end by its start


def edge_range(width: int, depth: int) -> tuple[int, int]:
    """The least number of edges that join all nodes, and the most that leave one pair apart."""
    return (depth + 1) * width, depth * width * width + width - 1


def joined(rng: Rng, layers: Sequence[Sequence[str]], extra: int) -> list[Edge]:
    """Edges from layer to layer: a matching, so that every node lies on a path, and as many
    others as `extra` says, evenly spread; then one from each last node to o."""
    chosen: list[Edge] = []
    gaps = list(pairwise(layers))
    for k, (layer, after) in enumerate(gaps):
        matching = list(zip(layer, rng.shuffled(after), strict=True))
        others = [(a, b) for a in layer for b in after if (a, b) not in matching]
        share = extra // len(gaps) + (k < extra % len(gaps))
        taken = {*matching, *rng.sample(others, share)}
        chosen += [(a, b) for a in layer for b in after if (a, b) in taken]
    return [*chosen, *((node, OUTPUT) for node in layers[-1])]


def with_derivatives(
    rng: Rng, layers: Sequence[Sequence[str]], pairs: Sequence[Edge]
) -> tuple[Weighted, ...]:
    """Derivatives on the edges, from o backwards, so that no gradient cancels to 0 and no two of a
    layer are equal; at least one of those into o is negative."""
    weights: dict[Edge, Fraction] = {}
    first = rng.choice((-1, -2))
    others = rng.sample([n for n in (-2, -1, 1, 2) if n != first], len(layers[-1]) - 1)
    reach = {OUTPUT: Fraction(1)}
    for node, weight in zip(layers[-1], rng.shuffled([first, *others]), strict=True):
        weights[node, OUTPUT] = reach[node] = Fraction(weight)
    for layer in reversed(layers[:-1]):
        taken = {Fraction(0)}
        for node in layer:
            ends = [b for a, b in pairs if a == node]
            while True:
                drawn = {end: rng.nonzero(4 if layer is layers[0] else 3) for end in ends}
                reach[node] = sum((w * reach[end] for end, w in drawn.items()), Fraction(0))
                if reach[node] not in taken:
                    break
            taken.add(reach[node])
            weights |= {(node, end): Fraction(w) for end, w in drawn.items()}
    return tuple((a, b, weights[a, b]) for a, b in pairs)
