"""The values of a typed tree, at many points at once.

Values are arrays of floats (P, rows, columns), one for each of P points, scalars (P, 1, 1); a
sequence such as h_1 .. h_T has values (P, T, rows, columns), and h_0 those of the name h_0 or h0
where there is one. `sizes` gives the size symbols their numbers: distinct symbols must have
distinct sizes above 1, so that what is square shows. A value that is not real, or too large for a
float, is nan at that point: 0/0, ln(-1), 0^0, the inverse of a singular matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.notation.formulas.numeric import (
    FUNCTIONS,
    Array,
    compared,
    divide,
    finite,
    matrix_power,
    power,
)
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Const,
    Difference,
    Hadamard,
    Item,
    Name,
    Neg,
    Num,
    Power,
    Product,
    Quotient,
    Rows,
    Series,
    Size,
    Sum,
    Transpose,
    Tree,
)
from generator.notation.limits import TERMS

Floats = NDArray[np.float64]

_NAN = np.float64(np.nan)
_NO_INDICES: Mapping[str, int] = MappingProxyType({})
_CONSTANTS = {"pi": np.float64(np.pi), "e": np.float64(np.e), "inf": _NAN}


def evaluate(tree: Tree, values: Mapping[str, Floats], sizes: Mapping[str, int]) -> Floats:
    """The values (P, rows, columns) of a tree from `shapes.typed`; P is 1 without any values.

    Raises KeyError for a name that has no value.
    """
    return evaluate_each((tree,), values, sizes)[0]


def evaluate_each(
    trees: Sequence[Tree], values: Mapping[str, Floats], sizes: Mapping[str, int]
) -> list[Floats]:
    """The values of several trees; functions that they have in common are computed once."""
    count = len(next(iter(values.values()))) if values else 1
    place = _Place(values, sizes, count)
    results = []
    with np.errstate(all="ignore"):
        for tree in trees:
            place.terms = TERMS
            results.append(_at_each_point(finite(_RULES[type(tree)](tree, place)), count))
    return results


def _at_each_point(result: Array, count: int) -> Floats:
    if not result.ndim:
        return np.full((count, 1, 1), result)
    if len(result) != count:
        return np.repeat(result, count, axis=0)
    return result  # type: ignore[no-any-return]


class _Place:
    """What names stand for, how many terms of sums may still be added, and the values of the
    calls met so far, by identity."""

    __slots__ = ("calls", "count", "indices", "sizes", "terms", "values")

    def __init__(
        self,
        values: Mapping[str, Floats],
        sizes: Mapping[str, int],
        count: int,
        indices: Mapping[str, int] = _NO_INDICES,
    ) -> None:
        self.values = values
        self.sizes = sizes
        self.indices = indices
        self.count = count
        self.terms = TERMS
        self.calls: dict[int, Array] = {}


def _of(tree: Tree, place: _Place) -> Array:
    return _RULES[type(tree)](tree, place)


def _number(node: Num, place: _Place) -> Array:
    try:
        return np.float64(node.value.numerator / node.value.denominator)
    except OverflowError:
        return _NAN


def _constant(node: Const, place: _Place) -> Array:
    return _CONSTANTS[node.name]


def _name(node: Name, place: _Place) -> Array:
    index = place.indices.get(node.name)
    return place.values[node.name] if index is None else np.float64(index)


def _size(node: Size, place: _Place) -> Array:
    return np.float64(place.sizes[node.symbol])


def _product(node: Product, left: Array, right: Array) -> Array:
    return finite(left @ right if node.sign == "@" else left * right)


_OF_PAIRS: dict[type[Tree], Callable[[Any, Array, Array], Array]] = {
    Sum: lambda _, left, right: left + right,
    Difference: lambda _, left, right: left - right,
    Product: _product,
    Hadamard: lambda _, left, right: finite(left * right),
    Quotient: lambda _, left, right: divide(left, right),
}


def _pair(tree: Any, place: _Place) -> Array:
    """A chain of binary nodes, from its innermost left end on: chains may be long."""
    chain = [tree]
    left = tree.left
    while type(left) in _OF_PAIRS:
        chain.append(left)
        left = left.left
    result = _RULES[type(left)](left, place)
    for node in reversed(chain):
        right = node.right
        result = _OF_PAIRS[type(node)](node, result, _RULES[type(right)](right, place))
    return result


def _negative(node: Neg, place: _Place) -> Array:
    return -_of(node.body, place)


def _power(node: Power, place: _Place) -> Array:
    base, exponent = node.base, node.exponent
    if type(base) is Const and base.name == "e":
        return finite(np.exp(_of(exponent, place)))
    value = _of(base, place)
    if value.ndim and value.shape[1] == value.shape[2] > 1:
        return matrix_power(value, _of(exponent, place))
    if type(exponent) is Num and exponent.value == 2:
        return finite(value * value)
    return power(value, _of(exponent, place))


def _transpose(node: Transpose, place: _Place) -> Array:
    value = _of(node.body, place)
    return value.transpose(0, 2, 1) if value.ndim else value


def _call(node: Call, place: _Place) -> Array:
    known = place.calls.get(id(node))
    if known is None:
        known = place.calls[id(node)] = _called(node, place)
    return known


def _called(node: Call, place: _Place) -> Array:
    if node.function in _OF_SIZES:
        rows, *more = (int(_of(each, place)) for each in node.arguments)
        return _OF_SIZES[node.function](rows, more[0] if more else 1)
    return FUNCTIONS[node.function](*[_of(each, place) for each in node.arguments])


_OF_SIZES: dict[str, Callable[[int, int], Floats]] = {
    "ones": lambda rows, columns: np.ones((1, rows, columns)),
    "zeros": lambda rows, columns: np.zeros((1, rows, columns)),
    "eye": lambda rows, _: np.eye(rows)[None],
}


def _compare(node: Compare, place: _Place) -> Array:
    return compared(node.relation, _of(node.left, place), _of(node.right, place))


def _rows(node: Rows, place: _Place) -> Array:
    entries = [[_of(each, place) for each in row] for row in node.rows]
    counts = [len(each) for row in entries for each in row if each.ndim]
    result = np.empty((max(counts, default=1), len(entries), len(entries[0])))
    for i, row in enumerate(entries):
        for j, entry in enumerate(row):
            result[:, i, j] = entry[:, 0, 0] if entry.ndim else entry
    return result.transpose(0, 2, 1) if node.vector else result


def _item(node: Item, place: _Place) -> Array:
    """h_t of a sequence, or an entry; both count from 1. nan outside."""
    numbers = [np.ravel(_of(each, place)) for each in node.indices]
    if not all((each == each[0]).all() and each[0] == np.floor(each[0]) for each in numbers):
        return _nowhere(node, place)
    first, *rest = (int(each[0]) for each in numbers)
    value = place.values.get(node.name)
    if value is not None and value.ndim == 4 and 1 <= first <= value.shape[1]:
        value = value[:, first - 1]
    elif value is None or value.ndim == 4:
        value = place.values.get(f"{node.name}_{first}", place.values.get(f"{node.name}{first}"))
    else:
        rest = [first, *rest]
    if value is None:
        return _nowhere(node, place)
    return _entry(value, rest)


def _nowhere(node: Item, place: _Place) -> Array:
    """nan, in the shape of the members of a sequence."""
    members = place.values.get(node.name)
    if members is None or members.ndim < 4 or len(node.indices) > 1:
        return _NAN
    return np.full((1, *members.shape[2:]), np.nan)


def _entry(value: Floats, indices: list[int]) -> Array:
    if not indices:
        return value
    rows, columns = value.shape[1:]
    if len(indices) == 1:
        indices = [indices[0], 1] if columns == 1 else [1, indices[0]]
    i, j = indices
    if not (1 <= i <= rows and 1 <= j <= columns):
        return _NAN
    return value[:, i - 1 : i, j - 1 : j]


def _series(node: Series, place: _Place) -> Array:
    """The sum over the whole numbers between the bounds, which may differ from point to point."""
    low, high = (np.asarray(_of(each, place)) for each in (node.low, node.high))
    whole = (low == np.floor(low)) & (high == np.floor(high))
    if not whole.any():
        return _NAN
    start = int(np.broadcast_to(low, whole.shape)[whole].min())
    stop = int(np.broadcast_to(high, whole.shape)[whole].max())
    result = np.where(whole, 0.0, np.nan)
    everywhere = bool(((low == start) & (high == stop)).all())  # no point has other bounds
    inner = _Place(place.values, place.sizes, place.count)
    inner.terms = place.terms - max(0, stop - start + 1)
    for k in range(start, stop + 1):
        if inner.terms < 0:  # too many, here or in a sum inside
            break
        inner.indices, inner.calls = {**place.indices, node.index: k}, {}
        term = _of(node.body, inner)
        result = result + (term if everywhere else np.where((low <= k) & (k <= high), term, 0.0))
    if stop < start:  # nothing is added, in the shape of a term
        inner.indices, inner.calls = {**place.indices, node.index: start}, {}
        result = result + np.zeros_like(_of(node.body, inner))
    place.terms = inner.terms
    return finite(result) if inner.terms >= 0 else _NAN


_RULES: dict[type[Tree], Callable[[Any, _Place], Array]] = {
    Num: _number,
    Const: _constant,
    Name: _name,
    Size: _size,
    Item: _item,
    Neg: _negative,
    **dict.fromkeys(_OF_PAIRS, _pair),
    Power: _power,
    Transpose: _transpose,
    Call: _call,
    Compare: _compare,
    Rows: _rows,
    Series: _series,
}


_HALF = Num(Fraction(1, 2))
_BENT = frozenset(
    ("abs", "relu", "relu'", "leaky_relu", "sign", "step")
)  # bend or jump where their first argument is 0


def arguments_of_kinks(tree: Tree) -> list[Tree]:
    """Trees whose signs tell the regions of a formula apart: what relu, abs and the like are
    taken of, the differences of what max, min and comparisons compare, and for floor and ceil the
    distance to the nearest whole number. Each once; inside a sum, for its first and last term.
    """
    found: dict[Tree, None] = {}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Call):
            found.update(dict.fromkeys(_kinks_of(node)))
        elif isinstance(node, Compare):
            found[_gap(node.left, node.right)] = None
        elif isinstance(node, Series):
            bodies = [_with(node.body, node.index, end) for end in (node.low, node.high)]
            waiting += [node.low, node.high, *dict.fromkeys(bodies)]
            continue
        waiting.extend(node.children())
    return list(found)


def _kinks_of(node: Call) -> list[Tree]:
    arguments = node.arguments
    if node.function in _BENT:
        return [arguments[0]]
    if node.function in ("max", "min"):
        return [_gap(a, b) for a, b in combinations(arguments, 2)]
    if node.function in ("floor", "ceil"):
        nearest = Call("floor", (Sum(arguments[0], _HALF),))
        return [Difference(arguments[0], nearest)]
    return []


def _gap(left: Tree, right: Tree) -> Tree:
    for this, other in ((left, right), (right, left)):
        if isinstance(this, Num) and not this.value:
            return other
    return Difference(left, right)


def _with(tree: Tree, index: str, end: Tree) -> Tree:
    """The tree with an index replaced."""
    if isinstance(tree, Name) and tree.name == index:
        return end

    def inside(child: Tree) -> Tree:
        return _with(child, index, end)

    if isinstance(tree, Series) and tree.index == index:
        return replace(tree, low=inside(tree.low), high=inside(tree.high))
    return tree.with_children(inside)
