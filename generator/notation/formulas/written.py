"""Formulas as plain values: their canonical text, with the tree that it stands for at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from generator.model.declared import Declared
from generator.notation.formulas.parsing import read
from generator.notation.formulas.printing import text
from generator.notation.formulas.scope import Scope, Shape
from generator.notation.formulas.shapes import Typed, typed
from generator.notation.formulas.spellings import vocabulary
from generator.notation.formulas.tree import Tree


class Written(str):
    """The text of a formula as it was read, its tree, the same typed where it was read so, and
    `source`, the text as typed, in which the places of the tree are; "" where it was not typed."""

    tree: Tree
    source: str
    typed: Typed | None = None


def read_formula(formula: str, names: Mapping[str, Any]) -> Written:
    """A formula over the declared names. Raises NotationError, also where shapes do not fit.

    >>> read_formula("2x + \\\\frac{x}{2}", {"x": "real"})
    '2 x + x/2'
    """
    return _read(formula, _key(names))


def written(tree: Tree, scope: Scope, source: str = "") -> Written:
    """The text of a tree over the names of `scope`, with the tree and the text that it was read
    from at hand."""
    result = Written(text(tree, vocabulary(scope).names))
    result.tree = tree
    result.source = source
    return result


def tree_of(formula: str, names: Mapping[str, Any]) -> Tree:
    """The tree of a formula that was read before, or of an author's text."""
    if isinstance(formula, Written):
        return formula.tree
    return _read(formula, _key(names)).tree


def typed_formula(formula: str, names: Mapping[str, Any], wanted: Shape | None = None) -> Typed:
    """The typed tree of a formula, as `tree_of` finds it. `wanted` settles what is open in it."""
    known = formula.typed if isinstance(formula, Written) else None
    if known is not None and known.closed:
        return known
    source = formula.source if isinstance(formula, Written) else ""
    return typed(tree_of(formula, names), scope_of(names), wanted, source)


def scope_of(names: Mapping[str, Any]) -> Scope:
    """The scope of declared names. ValueError names the key that is wrong."""
    return _scope(_key(names))


def _key(names: Mapping[str, Any]) -> str:
    return names.key if isinstance(names, Declared) else json.dumps(names, sort_keys=True)


@lru_cache(maxsize=1024)
def _scope(names: str) -> Scope:
    return Scope.of(json.loads(names))


@lru_cache(maxsize=4096)
def _read(formula: str, names: str) -> Written:
    """Read once: the truth of a part meets every answer, and many students write the same."""
    scope = _scope(names)
    tree = read(formula, scope)
    known = typed(tree, scope, text=formula)
    result = written(tree, scope, formula)
    result.typed = known
    return result
