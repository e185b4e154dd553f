"""Where formulas are evaluated to be compared: fixed points, in every region that matters.

A scope's points depend on the part's identity alone, so a verdict is the same on every machine.
They are whole numbers and short binary fractions, which floats and exact arithmetic share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, count

import numpy as np
from numpy.typing import NDArray

from generator.notation.formulas.constraints import constraints
from generator.notation.formulas.evaluating import evaluate, evaluate_each
from generator.notation.formulas.precise import Met
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.tree import Name, Tree
from grader.comparing import draws
from grader.comparing.draws import Draw, Values, drawn

ROUNDS = 4  # draws of each kind of point
WIDE = 48  # draws of each kind of the wide points
_SIZES = (3, 2, 4, 5, 7, 6)  # of size symbols, in turn; then 8, 9, ...
_OTHER_SIZES = (4, 3, 2, 6, 5, 7)
_GRID_NAMES = 3
_FEW = 6


@dataclass(frozen=True, eq=False)
class Points:
    """Values of every name at P points, the simplest first; `generic` marks points in general
    position and of ordinary size, of which a whole region holds many. `given` are the formulas
    that some names are set to: their values here are rounded."""

    sizes: Mapping[str, int]
    values: Values
    generic: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    given: Mapping[str, Tree] = field(default_factory=dict)
    _costs: Values = field(default_factory=dict, init=False, repr=False)
    _met: dict[int, Met] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def count(self) -> int:
        return len(self.generic)

    @cached_property
    def few(self) -> NDArray[np.intp]:
        """The places of a few points in general position."""
        generic = np.flatnonzero(self.generic)
        return generic[:: max(1, len(generic) // _FEW)][:_FEW]

    @cached_property
    def sample(self) -> Points:
        """These few."""
        return self.only(self.few)

    def cost(self, name: str) -> NDArray[np.float64]:
        """How far the values of a name are from small positive whole numbers, point by point."""
        if name not in self._costs:
            value = self.values[name].reshape(self.count, -1)
            each = np.abs(value) + 0.5 * (value < 0) + 20 * (value != np.rint(value))
            self._costs[name] = each.sum(axis=1)
        return self._costs[name]

    @cached_property
    def formulas(self) -> dict[str, Tree]:
        """What the names that are set to a formula come to, in terms of the others."""
        found: dict[str, Tree] = {}
        for name, tree in self.given.items():  # each comes after those that it uses
            found[name] = _replaced(tree, found)
        return found

    def met(self, place: int) -> Met:
        """The precise values of these formulas at one of the points, as far as they are known."""
        return self._met.setdefault(place, Met(self.formulas.values()))

    def only(self, chosen: Sequence[int] | NDArray[np.intp]) -> Points:
        """The chosen points, in that order."""
        index = np.asarray(chosen, dtype=np.intp)
        values = {name: each[index] for name, each in self.values.items()}
        return Points(self.sizes, values, self.generic[index], self.given)

    def joined(self, other: Points) -> Points:
        """These points, then the others of the same sizes."""
        values = {n: np.concatenate((each, other.values[n])) for n, each in self.values.items()}
        generic = np.concatenate((self.generic, other.generic))
        return Points(self.sizes, values, generic, self.given)


def evaluated(tree: Tree, points: Points) -> NDArray[np.float64]:
    """The values (P, rows, columns) of a typed tree; nan where there are none."""
    return evaluated_each((tree,), points)[0]


def evaluated_each(trees: Sequence[Tree], points: Points) -> list[NDArray[np.float64]]:
    """The same of several trees."""
    results = evaluate_each(trees, points.values, points.sizes)
    if points.values:
        return results
    # constants, where a scope has no names
    return [np.broadcast_to(each, (points.count, *each.shape[1:])) for each in results]


def sizes_of(scope: Scope, other: bool = False) -> dict[str, int]:
    """A size for each symbol, pairwise distinct and none of the sizes that the scope fixes."""
    fixed = {size for known in scope.names.values() for size in known.shape} - {1}
    turn = _OTHER_SIZES if other else _SIZES
    free = (n for n in chain(turn, count(len(turn) + 2)) if n not in fixed)
    return dict(zip(sorted(scope.symbols), free, strict=False))


def base_points(scope: Scope, identity: str, other: bool = False) -> Points:
    """The points of a part: whole numbers of one sign and of both, between 0 and 1, moderate,
    large, small and of mixed size, all positive and of both signs. `other` takes other sizes.

    Raises NotationError if a `given` formula of the scope cannot be read.
    """
    kinds = [kind for kind in DRAWS for _ in range(1 if other else ROUNDS)]
    grid = [] if other else _grid(scope)
    return _drawn(scope, f"{identity}|{other}", kinds, sizes_of(scope, other), grid)


def wide_points(scope: Scope, identity: str) -> Points:
    """More points of all magnitudes, for formulas that have real values in few places."""
    kinds = [draws.FAR, draws.FAR_SIGNED] * WIDE
    return _drawn(scope, f"{identity}|wide", kinds, sizes_of(scope), [])


def _drawn(
    scope: Scope,
    identity: str,
    kinds: Sequence[Draw],
    sizes: Mapping[str, int],
    grid: Sequence[Mapping[str, float]],
) -> Points:
    seed = hashlib.sha256(identity.encode()).digest()
    values = drawn(tuple(scope.names.values()), sizes, kinds, seed)
    if grid:
        for name in scope.names:
            more = np.array([row[name] for row in grid]).reshape(-1, 1, 1)
            values[name] = np.concatenate((values[name], more))
    generic = np.array([kind in _GENERIC for kind in kinds] + [False] * len(grid))
    return with_given(scope, Points(sizes, values, generic))


def with_given(scope: Scope, points: Points) -> Points:
    """The points with the names that have a formula set to it, whatever order they come in."""
    given = constraints(scope)
    if not given:
        return points
    values = dict(points.values)
    for name, tree in given:
        result = np.asarray(evaluate(tree, values, points.sizes), dtype=np.float64)
        shape = values[name].shape
        values[name] = np.broadcast_to(result.reshape(-1, *result.shape[1:]), shape).copy()
    return Points(points.sizes, values, points.generic, dict(given))


def exactly(tree: Tree, points: Points) -> Tree:
    """A tree with what names are set to in their place: 1 - h is lost in a rounded h near 1.

    Indexed names stay as they are.
    """
    return _replaced(tree, points.formulas) if points.formulas else tree


def _replaced(tree: Tree, formulas: Mapping[str, Tree]) -> Tree:
    if isinstance(tree, Name):
        return formulas.get(tree.name, tree)
    return tree.with_children(lambda child: _replaced(child, formulas))


DRAWS = (
    draws.SIMPLE,
    draws.SIMPLE_SIGNED,
    draws.WHOLE,
    draws.WHOLE_SIGNED,
    draws.UNIT,
    draws.UNIT_SIGNED,
    draws.MODERATE,
    draws.MODERATE_SIGNED,
    draws.NEGATIVE,
    draws.LARGE,
    draws.SMALL,
    draws.MIXED,
    draws.ROOTED,
)
_GENERIC = (
    draws.UNIT_SIGNED,
    draws.MODERATE,
    draws.MODERATE_SIGNED,
    draws.NEGATIVE,
    draws.SMALL,
)


def _grid(scope: Scope) -> list[dict[str, float]]:
    """Every combination of a few numbers, for up to three scalar names."""
    known = list(scope.names.values())
    if not 0 < len(known) <= _GRID_NAMES or any(
        k.shape or k.given or k.length or k.domain not in ("real", "positive", "nonzero")
        for k in known
    ):
        return []
    rows: list[dict[str, float]] = [{}]
    for each in known:
        rows = [
            row | {each.name: number}
            for row in rows
            for number in draws.GRID
            if number > 0 or each.domain != "positive"
        ]
    return rows
