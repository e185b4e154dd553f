"""A truth made ready for many answers: typed, with its points and its values at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.notation.formulas.evaluating import arguments_of_kinks, evaluate
from generator.notation.formulas.precise import evaluate_precisely
from generator.notation.formulas.scope import Scope, Shape
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.tree import Call, Item, Name, Num, Power, Series, Size, Tree
from grader.comparing.landmarks import (
    Edge,
    at_landmarks,
    edges_of,
    has_unusual_numbers,
    is_remarkable,
)
from grader.comparing.points import Points, base_points, evaluated, exactly, wide_points
from grader.comparing.regions import covered, on_a_kink

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_ORDINARY = 100_000  # floats add numbers up to it, and their inverses, with hardly a loss
_LEVEL = 5  # where functions that level off are still far from their limits
_LEVELLING = frozenset(("tanh", "sigmoid", "coth", "softplus", "tanh'", "sigmoid'"))
_WAVES = frozenset(("sin", "cos", "tan", "cot"))  # whose small values are 0, rounded
_COUNTING = frozenset(("sum", "mean", "trace", "det", "ones", "zeros", "eye"))
_NAMED = (Name, Item)
_UNKNOWN = (Name, Item, Size)
_COMPUTED = (Power, Call)
_KINKS = 24  # of one formula that are looked at


@dataclass(frozen=True, eq=False)
class Expression:
    """A typed formula, with what deciding asks about it, found once, when it is asked for."""

    tree: Tree
    shape: Shape
    _values: dict[Points, Floats] = field(default_factory=dict, init=False, repr=False)

    def at(self, points: Points) -> Floats:
        """Its values at points, kept for the next time."""
        if points not in self._values:
            self._values[points] = evaluated(self.tree, points)
        return self._values[points]

    @cached_property
    def nodes(self) -> list[Tree]:
        """Every node, from the top."""
        found = [self.tree]
        for node in found:
            found += node.children()
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that occur in it, indexed ones and size symbols too."""
        named = [node.name for node in self.nodes if isinstance(node, _NAMED)]
        return frozenset(named + [node.symbol for node in self.nodes if isinstance(node, Size)])

    @cached_property
    def kinks(self) -> tuple[Tree, ...]:
        """The first arguments at which it has kinks; none if they are too deep to compare."""
        try:
            return tuple(dict.fromkeys(arguments_of_kinks(self.tree)))[:_KINKS]
        except RecursionError:
            return ()

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The first arguments with levels that matter to what is taken of them."""
        return edges_of(self.nodes)

    def edges_include(self, edges: tuple[Edge, ...]) -> bool:
        return set(edges) <= set(self.edges)

    @cached_property
    def indexed(self) -> bool:
        """Whether it picks members or entries."""
        return Item in map(type, self.nodes)

    @cached_property
    def remarkable(self) -> bool:
        """Whether it has something far off, or narrow, that only its numbers tell of."""
        return has_unusual_numbers(self.nodes) and is_remarkable(self.edges)

    @cached_property
    def delicate(self) -> bool:
        """Whether a number in it is so large, small or long, or a function of numbers alone so
        near its limit, that floats may lose what tells it from another."""
        named: set[int] = set()  # the nodes in which a name or a size occurs
        for node in reversed(self.nodes):
            if isinstance(node, Num):
                if not _is_ordinary(node.value):
                    return True
            elif isinstance(node, _UNKNOWN) or not named.isdisjoint(map(id, node.children())):
                named.add(id(node))
            elif isinstance(node, _COMPUTED) and not _is_moderate(node):
                return True
        return False

    def counts(self, sizes: Mapping[str, int]) -> bool:
        """Whether sizes of arrays can enter its value as numbers."""
        return any(
            isinstance(node, Series | Size)
            or (isinstance(node, Name) and node.name in sizes)  # declared a number, too
            or (isinstance(node, Call) and node.function in _COUNTING)
            for node in self.nodes
        )


@dataclass(frozen=True, eq=False)
class Places:
    """Where answers to a part are compared; what few of them need is drawn when it is needed."""

    scope: Scope
    identity: str
    points: Points

    @cached_property
    def others(self) -> Points | None:
        """Points with other sizes of the size symbols; None where there are none."""
        return base_points(self.scope, self.identity, other=True) if self.points.sizes else None

    @cached_property
    def wide(self) -> Points:
        """More points, for answers that have real values in few places."""
        return wide_points(self.scope, self.identity)


@dataclass(frozen=True, eq=False)
class Truth:
    """A formula made ready for many answers: its points lie on both sides of its `kinks`."""

    right: Expression
    kinks: tuple[Tree, ...]
    places: Places
    _precise: dict[tuple[Points, int, int], NDArray[Any] | None] = field(
        default_factory=dict, init=False, repr=False
    )
    _comparable: dict[Points, Flags] = field(default_factory=dict, init=False, repr=False)

    @property
    def scope(self) -> Scope:
        return self.places.scope

    @property
    def points(self) -> Points:
        return self.places.points

    def comparable(self, points: Points) -> Flags:
        """Which of its own points, of either sizes, have real values of it off its kinks, entry by
        entry."""
        if points not in self._comparable:
            values = self.right.at(points)
            self._comparable[points] = comparable(values, points, self.kinks, self.scope)
        return self._comparable[points]

    def precisely(self, points: Points, place: int, digits: int) -> NDArray[Any] | None:
        """Its value as `precisely` finds it, kept for the next answer at the truth's own points."""
        if points not in self._comparable:
            return precisely(self.right.tree, points, place, digits)
        key = (points, place, digits)
        if key not in self._precise:
            self._precise[key] = precisely(self.right.tree, points, place, digits)
        return self._precise[key]

    def around(self, points: Points, answer: Expression) -> Points:
        """The points, with more at the landmarks of both formulas."""
        edges = dict.fromkeys((*answer.edges, *self.right.edges))
        more = at_landmarks(points, edges, self.scope)
        return points if more is None else points.joined(more)

    @cached_property
    def sized(self) -> bool:
        return self.right.counts(self.points.sizes)


@lru_cache(maxsize=1024)  # about 0.1 MB each
def prepared(truth: Tree, scope: Scope, identity: str) -> Truth:
    """The truth with its points and values, kept for the next answer.

    Raises NotationError where shapes do not fit in the truth itself.
    """
    right = expression(truth, scope)
    points = covered(base_points(scope, identity), right.kinks, scope)
    more = at_landmarks(points, right.edges, scope) if right.remarkable else None
    points = points if more is None else points.joined(more)
    return Truth(right, right.kinks, Places(scope, identity, points))


def expression(tree: Tree, scope: Scope, wanted: Shape | None = None) -> Expression:
    """A tree as read, typed. Raises NotationError where shapes do not fit."""
    result = typed(tree, scope, wanted)
    return Expression(result.tree, result.shape)


def precisely(tree: Tree, points: Points, place: int, digits: int) -> NDArray[Any] | None:
    """The value of a tree at one of the points, exactly or with so many digits, None for none."""
    here = {name: each[place] for name, each in points.values.items()}
    met = points.met(place)
    return evaluate_precisely(exactly(tree, points), here, points.sizes, digits, met)


def comparable(values: Floats, points: Points, kinks: tuple[Tree, ...], scope: Scope) -> Flags:
    """Which values are real, at points off the kinks."""
    off_kink = ~on_a_kink(points, kinks, scope)
    return np.isfinite(values) & off_kink.reshape(-1, 1, 1)


def _is_ordinary(number: Fraction) -> bool:
    top, bottom = number.numerator, number.denominator
    return not top or (bottom <= _ORDINARY and top <= _ORDINARY * bottom <= _ORDINARY**2 * top)


def _is_moderate(node: Power | Call) -> bool:
    """Whether a function of numbers alone has a value that floats tell from its neighbours."""
    function = node.function if isinstance(node, Call) else "^"
    if function in _WAVES:
        return True
    levelling = function in _LEVELLING
    inner = node.arguments[0] if levelling and isinstance(node, Call) else node
    size = float(np.abs(evaluate(inner, {}, {})).max())
    if not size:
        return True
    return size <= _LEVEL if levelling else 1 / _ORDINARY <= size <= _ORDINARY
