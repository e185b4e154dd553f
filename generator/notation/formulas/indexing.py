"""How far an index runs that a sum gives no bounds: sum_i v_i w_i, over the entries of v and w."""

from __future__ import annotations

from generator.notation.formulas.scope import Scope, Size
from generator.notation.formulas.tree import Item, Name, Series, Tree


def sizes_of(index: str, body: Tree, scope: Scope) -> set[Size | None]:
    """The sizes of what `index` picks entries of, in the body of its sum; None among them where
    it picks other than one entry after the other, as in v_{i+1}, or of what has no entries."""
    found: set[Size | None] = set()
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Series) and node.index == index:  # an index of its own
            waiting += [node.low, node.high]
            continue
        if isinstance(node, Item):
            sizes = _sizes(node, scope)
            for place, each in enumerate(node.indices):
                if each == Name(index):
                    found.add(sizes[place] if place < len(sizes) else None)
                elif mentions(each, frozenset({index})):
                    found.add(None)
        waiting += node.children()
    return found


def _sizes(node: Item, scope: Scope) -> list[Size]:
    """How far each index of an indexed name may run: of a sequence, of a vector or of a matrix."""
    known = scope.names.get(node.name)
    if known is None:
        return []
    first = [] if known.length is None else [known.length]
    alone = len(node.indices) - len(first) == 1 and 1 in known.shape
    return [*first, *(size for size in known.shape if not alone or size != 1)]


def mentions(tree: Tree, names: frozenset[str]) -> bool:
    """Whether any of the names is in a tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Name) and node.name in names:
            return True
        waiting.extend(node.children())
    return False
