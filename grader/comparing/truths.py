"""A truth made ready for many answers: typed, with its points and its values at them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from generator.notation.formulas.evaluating import arguments_of_kinks, evaluate
from generator.notation.formulas.scope import Known, Scope, Shape
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.tree import Call, Item, Name, Num, Power, Tree
from grader.comparing.points import Points, base_points, wide_points
from grader.comparing.regions import covered, on_a_kink

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_ORDINARY = 100_000  # floats add numbers up to it, and their inverses, with hardly a loss
_LEVEL = 5  # where functions that level off are still far from their limits
_LEVELLING = frozenset(("tanh", "sigmoid", "coth", "softplus", "tanh'", "sigmoid'"))
_WAVES = frozenset(("sin", "cos", "tan", "cot"))  # whose small values are 0, rounded
_KINKS = 24  # of one formula that are looked at


@dataclass(frozen=True, eq=False)
class Truth:
    """A truth made ready for many answers. `values` belong to `batches`, point by point."""

    tree: Tree
    shape: Shape
    scope: Scope
    kinks: tuple[Tree, ...]
    batches: tuple[Points, ...]  # the second has other sizes of the size symbols
    values: tuple[Floats, ...]
    on_kinks: tuple[Flags, ...]
    delicate: bool
    constant: bool
    identity: str

    @cached_property
    def wide(self) -> Points:
        """More points, for answers that have real values in few places."""
        return wide_points(self.scope, self.identity)


def prepared(truth: Tree, scope: Scope, identity: str) -> Truth:
    """The truth with its points and values, kept for the next answer.

    Raises NotationError where shapes do not fit in the truth itself.
    """
    return _prepared(truth, tuple(scope.names.values()), identity)


@lru_cache(maxsize=512)
def _prepared(truth: Tree, known: tuple[Known, ...], identity: str) -> Truth:
    scope = Scope({each.name: each for each in known})
    result = typed(truth, scope)
    kinks = kinks_of(result.tree)
    batches = [covered(base_points(scope, identity), kinks, scope)]
    if batches[0].sizes:
        batches.append(base_points(scope, identity, other=True))
    return Truth(
        result.tree,
        result.shape,
        scope,
        kinks,
        tuple(batches),
        tuple(evaluated(result.tree, points) for points in batches),
        tuple(on_a_kink(points, kinks, scope) for points in batches),
        is_delicate(result.tree),
        is_constant(result.tree),
        identity,
    )


def evaluated(tree: Tree, points: Points) -> Floats:
    """The values (P, rows, columns) of a typed tree; nan where there are none."""
    values = evaluate(tree, points.values, points.sizes)
    if len(values) != points.count:  # a constant, where a scope has no names
        return np.broadcast_to(values, (points.count, *values.shape[1:]))
    return values


def kinks_of(tree: Tree) -> tuple[Tree, ...]:
    """The first arguments at which it has kinks; none if they are too deep to compare."""
    try:
        return tuple(dict.fromkeys(arguments_of_kinks(tree)))[:_KINKS]
    except RecursionError:
        return ()


def is_constant(tree: Tree) -> bool:
    """Whether no name occurs in it."""
    return not any(isinstance(node, Name | Item) for node in walk(tree))


def is_delicate(tree: Tree) -> bool:
    """Whether a number in it is so large, small or long, or a function of numbers alone so near
    its limit, that floats may lose what tells it from another."""
    for node in walk(tree):
        if isinstance(node, Num):
            if not _is_ordinary(node.value):
                return True
        elif isinstance(node, Power | Call) and is_constant(node):
            function = node.function if isinstance(node, Call) else "^"
            if function in _WAVES:
                continue
            levelling = function in _LEVELLING
            inner = node.arguments[0] if levelling and isinstance(node, Call) else node
            size = float(np.abs(evaluate(inner, {}, {})).max())
            if size and not (size <= _LEVEL if levelling else 1 / _ORDINARY <= size <= _ORDINARY):
                return True
    return False


def _is_ordinary(number: Fraction) -> bool:
    top, bottom = number.numerator, number.denominator
    return not top or (bottom <= _ORDINARY and top <= _ORDINARY * bottom <= _ORDINARY**2 * top)


def walk(tree: Tree) -> list[Tree]:
    """Every node, from the top."""
    found = [tree]
    for node in found:
        found += node.children()
    return found
