"""Where formulas are evaluated to be compared: fixed points, in every region that matters.

A scope's points depend on the part's identity alone, so a verdict is the same on every machine.
They are whole numbers and short binary fractions, which floats and exact arithmetic share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, count

import numpy as np
from numpy.typing import NDArray

from generator.notation.formulas.evaluating import evaluate, evaluate_each
from generator.notation.formulas.scope import Known, Scope, Size
from generator.notation.formulas.tree import Name, Tree
from generator.sampling import Rng

Values = dict[str, NDArray[np.float64]]  # (P, rows, columns), (P, length, rows, columns) if indexed

ROUNDS = 4  # draws of each kind of point
WIDE = 48  # draws of each kind of the wide points
_SIZES = (3, 2, 4, 5, 7, 6)  # of size symbols, in turn; then 8, 9, ...
_OTHER_SIZES = (4, 3, 2, 6, 5, 7)
_GRID = (-2.0, 0.5, 2.0, 3.0)  # where roots and powers of both signs are real, and differ
_GRID_NAMES = 3
_FEW = 6
_WHOLE_DOMAINS = ("integer", "natural", "onehot")
_PARTS = 64  # probabilities are so many-th parts


_Draw = Callable[[Rng, int, int], float]  # of the turn and the place of an entry: any real number


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

    @cached_property
    def count(self) -> int:
        return len(self.generic)

    @cached_property
    def few(self) -> NDArray[np.intp]:
        """The places of a few points in general position."""
        generic = np.flatnonzero(self.generic)
        return generic[:: max(1, len(generic) // _FEW)][:_FEW]

    def cost(self, name: str) -> NDArray[np.float64]:
        """How far the values of a name are from small positive whole numbers, point by point."""
        if name not in self._costs:
            value = self.values[name].reshape(self.count, -1)
            each = np.abs(value) + 0.5 * (value < 0) + 20 * (value != np.rint(value))
            self._costs[name] = each.sum(axis=1)
        return self._costs[name]

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
    draws = [draw for draw in _DRAWS for _ in range(1 if other else ROUNDS)]
    grid = [] if other else _grid(scope)
    return _drawn(scope, f"{identity}|{other}", draws, sizes_of(scope, other), grid)


def wide_points(scope: Scope, identity: str) -> Points:
    """More points of all magnitudes, for formulas that have real values in few places."""
    return _drawn(scope, f"{identity}|wide", [_far, _far_signed] * WIDE, sizes_of(scope), [])


def _drawn(
    scope: Scope,
    identity: str,
    draws: Sequence[_Draw],
    sizes: Mapping[str, int],
    grid: Sequence[Mapping[str, float]],
) -> Points:
    rng = Rng(hashlib.sha256(identity.encode()).digest())
    columns: dict[str, list[NDArray[np.float64]]] = {name: [] for name in scope.names}
    for turn, draw in enumerate(draws):
        for place, known in enumerate(scope.names.values()):
            columns[known.name].append(_value(known, sizes, draw, rng, turn, place))
    for row in grid:
        for name, number in row.items():
            columns[name].append(np.full((1, 1), number))
    generic = np.array([draw in _GENERIC for draw in draws] + [False] * len(grid))
    values = {name: np.stack(each) for name, each in columns.items()}
    return with_given(scope, Points(sizes, values, generic))


def with_given(scope: Scope, points: Points) -> Points:
    """The points with the names that have a formula set to it, whatever order they come in."""
    if not scope.constraints:
        return points
    values = dict(points.values)
    for name, tree in scope.constraints:
        result = np.asarray(evaluate(tree, values, points.sizes), dtype=np.float64)
        shape = values[name].shape
        values[name] = np.broadcast_to(result.reshape(-1, *result.shape[1:]), shape).copy()
    return Points(points.sizes, values, points.generic, dict(scope.constraints))


def exactly(tree: Tree, given: Mapping[str, Tree]) -> Tree:
    """A tree with what names are set to in their place: 1 - h is lost in a rounded h near 1.

    Indexed names stay as they are.
    """
    if not given:
        return tree

    def replaced(node: Tree) -> Tree:
        if isinstance(node, Name) and node.name in given:
            rest = {name: each for name, each in given.items() if name != node.name}
            return exactly(given[node.name], rest)
        return node.with_children(replaced)

    return replaced(tree)


def _simple(rng: Rng, turn: int, entry: int) -> float:
    return float((entry + turn) % 7 + 1)


def _simple_signed(rng: Rng, turn: int, entry: int) -> float:
    size = (2 * entry + turn) % 5 + 1
    return float(-size if (entry + turn) % 2 else size)


def _whole(rng: Rng, turn: int, entry: int) -> float:
    return float(rng.integer(1, 9))


def _whole_signed(rng: Rng, turn: int, entry: int) -> float:
    return float(rng.nonzero(9))


def _unit(rng: Rng, turn: int, entry: int) -> float:
    return rng.integer(1, 63) / 64


def _unit_signed(rng: Rng, turn: int, entry: int) -> float:
    return rng.nonzero(63) / 64


def _moderate(rng: Rng, turn: int, entry: int) -> float:
    return rng.integer(9, 320) / 64


def _moderate_signed(rng: Rng, turn: int, entry: int) -> float:
    return rng.sign() * rng.integer(9, 320) / 64


def _negative(rng: Rng, turn: int, entry: int) -> float:
    return -rng.integer(9, 320) / 64


def _large(rng: Rng, turn: int, entry: int) -> float:
    return rng.sign() * rng.integer(10 * 8, 45 * 8) / 8


def _small(rng: Rng, turn: int, entry: int) -> float:
    return rng.sign() * rng.integer(1, 63) / 2.0 ** (12 + 6 * (turn % 3))


def _mixed(rng: Rng, turn: int, entry: int) -> float:
    return rng.sign() * rng.integer(33, 63) * 2.0 ** rng.integer(-12, 2)


def _far(rng: Rng, turn: int, entry: int) -> float:
    return rng.integer(33, 63) * 2.0 ** rng.integer(-8, 6)


def _far_signed(rng: Rng, turn: int, entry: int) -> float:
    return rng.sign() * _far(rng, turn, entry)


def _rooted(rng: Rng, turn: int, entry: int) -> float:
    return rng.choice(_GRID)


_DRAWS: tuple[_Draw, ...] = (
    _simple,
    _simple_signed,
    _whole,
    _whole_signed,
    _unit,
    _unit_signed,
    _moderate,
    _moderate_signed,
    _negative,
    _large,
    _small,
    _mixed,
    _rooted,
)
_GENERIC = (_unit_signed, _moderate, _moderate_signed, _negative, _small)


def _value(
    known: Known, sizes: Mapping[str, int], draw: _Draw, rng: Rng, turn: int, place: int
) -> NDArray[np.float64]:
    """One value of a name, in its domain: (rows, columns), or (length, rows, columns)."""
    if known.name in sizes and not known.shape:
        return np.full((1, 1), float(sizes[known.name]))
    rows, columns = (_number(size, sizes) for size in known.shape or (1, 1))
    if known.length is not None:
        each = [
            _array(known, rows, columns, draw, rng, turn, place + i)
            for i in range(_number(known.length, sizes))
        ]
        return np.stack(each)
    return _array(known, rows, columns, draw, rng, turn, place)


def _number(size: Size, sizes: Mapping[str, int]) -> int:
    return sizes[size] if isinstance(size, str) else size


def _array(
    known: Known, rows: int, columns: int, draw: _Draw, rng: Rng, turn: int, place: int
) -> NDArray[np.float64]:
    if known.domain in ("onehot", "probabilities") and known.shape:
        choose = _onehot if known.domain == "onehot" else _probabilities
        if columns == 1:
            return np.array(choose(rows, rng)).reshape(rows, 1)
        return np.array([choose(columns, rng) for _ in range(rows)])  # each row is one example
    entries = [
        _in_domain(known.domain, draw(rng, turn, place + 3 * i), rng) for i in range(rows * columns)
    ]
    return np.array(entries).reshape(rows, columns)


def _in_domain(domain: str, value: float, rng: Rng) -> float:
    """A number of the domain that is like `value`, which is never 0."""
    size = abs(value)
    if domain == "positive":
        return size
    if domain in ("unit", "probabilities"):
        return size if size < 1 else rng.integer(1, 63) / 64
    if domain == "onehot":
        return float(rng.below(2))
    if domain == "integer":
        return value if value == int(value) else float(rng.nonzero(9))
    if domain == "natural":
        return size if size == int(size) else float(rng.integer(1, 9))
    return value


def _onehot(count: int, rng: Rng) -> list[float]:
    hot = rng.below(count)
    return [float(i == hot) for i in range(count)]


def _probabilities(count: int, rng: Rng) -> list[float]:
    cuts = sorted(rng.sample(range(1, _PARTS), count - 1)) if count > 1 else []
    ends = zip([0, *cuts], [*cuts, _PARTS], strict=True)
    return [(high - low) / _PARTS for low, high in ends]


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
            for number in _GRID
            if number > 0 or each.domain != "positive"
        ]
    return rows
