"""Directed acyclic graphs by brute force: every path, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Edge = tuple[str, str]
Path = tuple[Edge, ...]


def paths(edges: Iterable[Edge], start: str, end: str) -> Iterator[Path]:
    """All paths from `start` to `end`, each as its edges; the empty path where these are one.

    >>> list(paths([("x", "a"), ("a", "L"), ("x", "L")], "x", "L"))
    [(('x', 'a'), ('a', 'L')), (('x', 'L'),)]
    """
    edges = list(edges)
    waiting: list[tuple[str, Path]] = [(start, ())]
    while waiting:
        node, path = waiting.pop()
        if node == end:
            yield path
            continue
        onward = [edge for edge in edges if edge[0] == node]
        waiting.extend((edge[1], (*path, edge)) for edge in reversed(onward))
