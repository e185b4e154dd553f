"""Indices that leave their sequence: h_{t+1} at the last t, x_{t-1} at the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from generator.notation.formulas.evaluating import evaluate
from generator.notation.formulas.printing import text
from generator.notation.formulas.scope import Known, Scope
from generator.notation.formulas.tree import Item, Series, Tree

_DEPTH = 4  # of sums inside each other


def outside(tree: Tree, scope: Scope, sizes: Mapping[str, int]) -> str:
    """Which member of a sequence a typed tree asks for that is not there, in words; "" for none.

    Inside a sum, only its first and its last term are looked at.
    """
    for item, indices in _items(tree, {}, sizes):
        known = scope.names.get(item.name)
        if known is None or known.length is None:
            continue
        length = sizes[known.length] if isinstance(known.length, str) else known.length
        place = _number(item.indices[0], indices, sizes)
        beside = {f"{item.name}_{place}", f"{item.name}{place}"}
        if place is not None and not 1 <= place <= length and not beside & scope.names.keys():
            return _told(item, known, indices, place, length)
    return ""


def _items(
    tree: Tree, indices: Mapping[str, int], sizes: Mapping[str, int]
) -> Iterator[tuple[Item, Mapping[str, int]]]:
    """The items of a tree, with what the indices of the sums around them are there."""
    if isinstance(tree, Item):
        yield tree, indices
    if not isinstance(tree, Series):
        for child in tree.children():
            yield from _items(child, indices, sizes)
        return
    low, high = (_number(end, indices, sizes) for end in (tree.low, tree.high))
    if low is None or high is None or low > high or len(indices) >= _DEPTH:
        return
    for end in dict.fromkeys((low, high)):
        yield from _items(tree.body, {**indices, tree.index: end}, sizes)


def _number(tree: Tree, indices: Mapping[str, int], sizes: Mapping[str, int]) -> int | None:
    """The value of an index or a bound, if it depends on nothing else."""
    values = {name: np.full((1, 1, 1), float(number)) for name, number in indices.items()}
    try:
        value = float(evaluate(tree, values, sizes).flat[0])
    except KeyError:
        return None
    return int(value) if value == np.floor(value) else None


def _told(item: Item, known: Known, indices: Mapping[str, int], place: int, length: int) -> str:
    last = str(known.length)

    def shown(number: int) -> str:
        """A number as T, T + 1 or itself."""
        if last.isdigit() or number < length:
            return str(number)
        return last if number == length else f"{last} + {number - length}"

    def member(index: str) -> str:
        return f"{item.name}_{index}" if index.isalnum() else f"{item.name}_{{{index}}}"

    border = f"starts at {member('1')}" if place < 1 else f"ends at {member(last)}"
    asked = member(shown(place))
    used = [f"{name} = {shown(number)}" for name, number in indices.items()]
    if not used:
        return f"there is no {asked}: the sequence {border}"
    index = member(text(item.indices[0]))
    return f"{index} at {', '.join(used)} is {asked}, but the sequence {border}"
