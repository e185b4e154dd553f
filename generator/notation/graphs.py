"""Edge lists: x->z1, A->z1; chains x->z1->z2 are two edges."""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import pairwise

from generator.model.errors import NotationError
from generator.notation.limits import ENTRIES
from generator.notation.tokens import respelled, shown

_NONE = {"none", "{}", "no edges"}
_ARROW = re.compile(r"\s*(?:->|\\(?:to|rightarrow|longrightarrow)(?![A-Za-z])|=>|-->)\s*")
_PAIR = re.compile(r"\(\s*([^(),;]+?)\s*,\s*([^(),;]+?)\s*\)")
_NODE = re.compile(r"[^\W_][\w']*")


def read_edges(text: str, nodes: tuple[str, ...] = ()) -> frozenset[tuple[str, str]]:
    """The edges that `text` lists, among `nodes` if they are given; names are case-sensitive.

    >>> sorted(read_edges("x -> z1 -> z2; A→z1"))
    [('A', 'z1'), ('x', 'z1'), ('z1', 'z2')]
    """
    plain = respelled(text).replace("$", "").replace("⇒", "->").replace("⟶", "->").strip()
    if plain.lower() in _NONE:
        return frozenset()
    if plain[:1] + plain[-1:] in ("{}", "[]"):
        plain = plain[1:-1]
    plain = re.sub(r"\{(\w+)\}", r"\1", _PAIR.sub(r"\1->\2", plain))
    edges: set[tuple[str, str]] = set()
    for piece in re.split(r"[,;\n]", plain):
        if not piece.strip():
            continue
        stops = _ARROW.split(piece.strip())
        if len(stops) < 2:
            raise NotationError(
                f"{shown(piece.strip())} is no edge: write x->y for an edge from x to y",
                text,
                max(text.find(piece.strip()), 0),
            )
        edges |= set(pairwise(_node(name, nodes, text) for name in stops))
        if len(edges) > ENTRIES:
            raise NotationError(f"at most {ENTRIES:,} edges are read", text)
    if not edges:
        raise NotationError("there is no edge: write x->y for an edge from x to y", text)
    return frozenset(edges)


def _node(name: str, nodes: tuple[str, ...], text: str) -> str:
    if name in nodes:
        return name
    at = max(text.find(name), 0)
    if not _NODE.fullmatch(name):
        what = f"{shown(name)} is not a name" if name else "a name is missing"
        raise NotationError(f"{what}: write x->y for an edge from x to y", text, at)
    same = [node for node in nodes if node.replace("_", "") == name.replace("_", "")]
    if same or not nodes:
        return same[0] if same else name
    near = get_close_matches(name, nodes, n=1)
    hint = f": did you mean {near[0]}?" if near else f": the nodes are {', '.join(nodes)}"
    raise NotationError(f"there is no node {shown(name)}{hint}", text, at)
