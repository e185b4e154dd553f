"""Names that are bound to a formula: h = relu(z). Whoever draws values sets these to theirs."""

from __future__ import annotations

from functools import lru_cache

from generator.notation.formulas.parsing import read
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.tree import Item, Name, Tree


@lru_cache(maxsize=1024)
def constraints(scope: Scope) -> tuple[tuple[str, Tree], ...]:
    """The bound names, each with its typed formula and after those that this one uses.

    Raises NotationError for a formula that cannot be read, ValueError where they go in a circle.
    """
    waiting = {
        known.name: typed(read(known.given, scope), scope).tree
        for known in scope.names.values()
        if known.given
    }
    used = {name: _names(tree) for name, tree in waiting.items()}
    found: list[tuple[str, Tree]] = []
    while waiting:
        ready = [name for name in waiting if used[name].isdisjoint(waiting)]
        if not ready:
            raise ValueError(f"names: the given formulas of {', '.join(waiting)} go in a circle")
        found += [(name, waiting.pop(name)) for name in ready]
    return tuple(found)


def _names(tree: Tree) -> set[str]:
    found = [tree]
    for node in found:
        found += node.children()
    return {node.name for node in found if isinstance(node, Name | Item)}
