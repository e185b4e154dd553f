"""The value of a typed tree at one point, exactly or with many digits.

Numbers stay fractions as long as every operation on them is rational, so that 0 is 0; only then
are they rounded, by mpmath. Where digits are lost by cancellation the work is done again with 200.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.notation.formulas.precise_functions import (
    ENTRYWISE,
    Undefined,
    add,
    compared,
    divide,
    inverse,
    is_whole,
    largest,
    multiply,
    power,
    root,
    rounded,
    smallest,
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
from generator.notation.limits import TERMS, WORK

DIGITS = 50
MOST_DIGITS = 200

Number = Any  # a Fraction, or a number of mpmath
Matrix = list[list[Number]]
_Known = tuple[Matrix, int, int]  # a value, with the work and the terms that it took


class Met:
    """Trees that several formulas have in them, and what is known of their values at one point."""

    def __init__(self, trees: Iterable[Tree]) -> None:
        self.trees = tuple(trees)
        self._known: dict[int, dict[int, _Known]] = {}

    def known(self, digits: int) -> dict[int, _Known]:
        """What is known with so many digits."""
        return dict(self._known.get(digits, {}))

    def learn(self, known: Mapping[int, _Known], digits: int) -> None:
        """Remember what was found of the trees."""
        kept = {id(tree): known[id(tree)] for tree in self.trees if id(tree) in known}
        self._known.setdefault(digits, {}).update(kept)


def evaluate_precisely(
    tree: Tree,
    values: Mapping[str, Any],
    sizes: Mapping[str, int],
    digits: int = DIGITS,
    met: Met | None = None,
) -> NDArray[Any] | None:
    """The entries (rows, columns), fractions or mpmath numbers of so many digits; None where the
    value is undefined, too large, or lost in cancellation.

    `values` holds one point of what `evaluate` takes: (rows, columns), and (T, rows, columns) of
    a sequence; floats count as the binary fractions that they are. `met` are trees met before with
    the same values, sizes and digits.
    """
    import mpmath

    for precision in (digits, max(digits, MOST_DIGITS)):
        place = _Place(values, sizes, precision)
        if met is not None:
            place.known = met.known(precision)
        with mpmath.workdps(precision + 10):
            try:
                result = _RULES[type(tree)](tree, place)
            except (Undefined, ArithmeticError, ValueError):
                result = None
        if not place.lost or precision >= MOST_DIGITS:
            if met is not None:
                met.learn(place.known, precision)
            break
    if result is None:
        return None
    entries = np.empty((len(result), len(result[0])), dtype=object)
    for i, row in enumerate(result):
        entries[i] = row
    return entries


class _Place:
    """Where a formula is evaluated, and what that has cost so far. `known` is what was found of
    nodes met before, by identity."""

    __slots__ = ("digits", "indices", "known", "lost", "sizes", "terms", "values", "work")

    def __init__(self, values: Mapping[str, Any], sizes: Mapping[str, int], digits: int) -> None:
        self.values = values
        self.sizes = sizes
        self.indices: dict[str, int] = {}
        self.digits = digits
        self.lost = False
        self.terms = TERMS
        self.work = WORK
        self.known: dict[int, _Known] = {}

    def spend(self, operations: int) -> None:
        """Undefined where a formula asks for more work than is reasonable."""
        self.work -= operations
        if self.work < 0:
            raise Undefined

    def add(self, left: Number, right: Number) -> Number:
        """The sum; one of rounded numbers that all but cancel is noted."""
        result = add(left, right)
        if type(result) is not Fraction:
            shown = abs(result) * 10 ** (self.digits // 2)
            if shown < abs(rounded(left)):
                self.lost = True
        return result


def _of(tree: Tree, place: _Place) -> Matrix:
    """The value of a node. What stands in several places costs each time, but is computed once."""
    if place.indices:
        return _RULES[type(tree)](tree, place)
    known = place.known.get(id(tree))
    if known is None:
        work, terms = place.work, place.terms
        value = _RULES[type(tree)](tree, place)
        place.known[id(tree)] = value, work - place.work, terms - place.terms
        return value
    value, work, terms = known
    place.spend(work)
    place.terms -= terms
    if place.terms < 0:
        raise Undefined
    return value


def _scalar(tree: Tree, place: _Place) -> Number:
    return _of(tree, place)[0][0]


def _single(value: Number) -> Matrix:
    return [[value]]


def _constant(node: Const, place: _Place) -> Matrix:
    import mpmath

    if node.name == "inf":
        raise Undefined
    return _single(+(mpmath.pi if node.name == "pi" else mpmath.e))


def _name(node: Name, place: _Place) -> Matrix:
    if node.name in place.indices:
        return _single(Fraction(place.indices[node.name]))
    return _exact(place.values[node.name])


def _exact(value: Any) -> Matrix:
    rows = np.asarray(value).tolist()
    return [[e if type(e) is Fraction else Fraction(e) for e in row] for row in rows]


def _each(place: _Place, function: Callable[..., Number], *matrices: Matrix) -> Matrix:
    """Entry by entry; a scalar goes with every entry."""
    rows = max(len(m) for m in matrices)
    columns = max(len(m[0]) for m in matrices)
    place.spend(rows * columns)
    if rows == columns == 1:
        return [[function(*(m[0][0] for m in matrices))]]

    full = [m if len(m) > 1 or len(m[0]) > 1 else [m[0] * columns] * rows for m in matrices]
    return [
        [function(*entries) for entries in zip(*across, strict=True)]
        for across in zip(*full, strict=True)
    ]


def _matmul(left: Matrix, right: Matrix, place: _Place) -> Matrix:
    columns = list(zip(*right, strict=True))
    place.spend(len(left) * len(right) * len(columns))
    return [[_total(map(multiply, row, column), place) for column in columns] for row in left]


def _total(numbers: Any, place: _Place) -> Number:
    result: Number = Fraction(0)
    for each in numbers:
        result = place.add(result, each)
    return result


def _combined(node: Tree, left: Matrix, right: Matrix, place: _Place) -> Matrix:
    if isinstance(node, Product) and node.sign == "@":
        return _matmul(left, right, place)
    if isinstance(node, Sum):
        return _each(place, place.add, left, right)
    if isinstance(node, Difference):
        return _each(place, lambda a, b: place.add(a, -b), left, right)
    return _each(place, divide if isinstance(node, Quotient) else multiply, left, right)


_PAIRS = (Sum, Difference, Product, Hadamard, Quotient)


def _pair(tree: Any, place: _Place) -> Matrix:
    chain = [tree]
    left = tree.left
    while isinstance(left, _PAIRS):
        chain.append(left)
        left = left.left
    result = _of(left, place)
    for node in reversed(chain):
        result = _combined(node, result, _of(node.right, place), place)
    return result


def _negative(node: Neg, place: _Place) -> Matrix:
    return [[-each for each in row] for row in _of(node.body, place)]


def _power(node: Power, place: _Place) -> Matrix:
    exponent = _of(node.exponent, place)
    if isinstance(node.base, Const) and node.base.name == "e":
        return _each(place, ENTRYWISE["exp"], exponent)
    base = _of(node.base, place)
    if not len(base) == len(base[0]) > 1:
        return _each(place, power, base, exponent)
    whole = exponent[0][0]
    if not is_whole(whole) or abs(whole) >= 1000:
        raise Undefined
    result = _identity(len(base))
    factor = _inverse(base, place) if whole < 0 else base
    for digit in f"{abs(int(whole)):b}":
        result = _matmul(result, result, place)
        if digit == "1":
            result = _matmul(result, factor, place)
    return result


def _inverse(matrix: Matrix, place: _Place) -> Matrix:
    place.spend(2 * len(matrix) ** 3)
    return inverse(matrix, place.add)[0]


def _identity(size: int) -> Matrix:
    return [[Fraction(i == j) for j in range(size)] for i in range(size)]


def _transpose(node: Transpose, place: _Place) -> Matrix:
    return _turned(_of(node.body, place))


def _turned(matrix: Matrix) -> Matrix:
    return [list(row) for row in zip(*matrix, strict=True)]


def _call(node: Call, place: _Place) -> Matrix:
    if node.function == "where":
        return _where(node, place)
    arguments = [_of(each, place) for each in node.arguments]
    name = node.function
    if name in ENTRYWISE and not (name in ("max", "min") and len(arguments) == 1):
        return _each(place, ENTRYWISE[name], *arguments)
    if name in ("ones", "zeros", "eye"):
        sizes = [int(each[0][0]) for each in arguments]
        if name == "eye":
            return _identity(sizes[0])
        columns = sizes[1] if len(sizes) == 2 else 1
        return [[Fraction(name == "ones")] * columns for _ in range(sizes[0])]
    return _OF_ARRAYS[name](arguments[0], place)


def _where(node: Call, place: _Place) -> Matrix:
    """Only what the condition asks for is computed, as far as one side is asked for everywhere."""
    condition, first, second = node.arguments
    holds = _of(condition, place)
    asked = {bool(each) for row in holds for each in row}
    yes = _of(first, place) if True in asked else holds
    no = _of(second, place) if False in asked else holds
    return _each(place, lambda one, a, b: a if one else b, holds, yes, no)


def _sum(matrix: Matrix, place: _Place) -> Matrix:
    return _single(_total((each for row in matrix for each in row), place))


def _mean(matrix: Matrix, place: _Place) -> Matrix:
    count = Fraction(len(matrix) * len(matrix[0]))
    return _single(divide(_sum(matrix, place)[0][0], count))


def _norm(matrix: Matrix, place: _Place) -> Matrix:
    squares = _sum([[multiply(each, each) for each in row] for row in matrix], place)
    return _each(place, root, squares, _single(Fraction(2)))


def _trace(matrix: Matrix, place: _Place) -> Matrix:
    return _single(_total((matrix[i][i] for i in range(len(matrix))), place))


def _determinant(matrix: Matrix, place: _Place) -> Matrix:
    place.spend(2 * len(matrix) ** 3)
    return _single(inverse(matrix, place.add, singular=True)[1])


def _diagonal(matrix: Matrix, place: _Place) -> Matrix:
    if len(matrix) == len(matrix[0]):
        return [[matrix[i][i]] for i in range(len(matrix))]
    entries = [each for row in matrix for each in row]
    size = range(len(entries))
    return [[entries[i] if i == j else Fraction(0) for j in size] for i in size]


def _softmax(matrix: Matrix, place: _Place) -> Matrix:
    most = _extreme(largest)(matrix, place)
    powers = _each(place, lambda x, m: ENTRYWISE["exp"](place.add(x, -m)), matrix, most)
    return _each(place, divide, powers, _sum(powers, place))


def _extreme(choose: Callable[..., Number]) -> Callable[[Matrix, _Place], Matrix]:
    return lambda matrix, place: _single(choose(*(each for row in matrix for each in row)))


_OF_ARRAYS: dict[str, Callable[[Matrix, _Place], Matrix]] = {
    "sum": _sum,
    "mean": _mean,
    "norm": _norm,
    "trace": _trace,
    "det": _determinant,
    "diag": _diagonal,
    "inv": _inverse,
    "softmax": _softmax,
    "max": _extreme(largest),
    "min": _extreme(smallest),
}


def _compare(node: Compare, place: _Place) -> Matrix:
    def holds(left: Number, right: Number) -> Number:
        return compared(node.relation, place.add(left, -right))

    return _each(place, holds, _of(node.left, place), _of(node.right, place))


def _rows(node: Rows, place: _Place) -> Matrix:
    matrix = [[_scalar(each, place) for each in row] for row in node.rows]
    return _turned(matrix) if node.vector else matrix


def _whole(value: Number) -> int:
    if not is_whole(value):
        raise Undefined
    return int(value)


def _item(node: Item, place: _Place) -> Matrix:
    first, *rest = (_whole(_scalar(each, place)) for each in node.indices)
    value = place.values.get(node.name)
    if value is not None and value.ndim == 3 and 1 <= first <= len(value):
        value = value[first - 1]
    elif value is None or value.ndim == 3:
        value = place.values.get(f"{node.name}_{first}", place.values.get(f"{node.name}{first}"))
    else:
        rest = [first, *rest]
    if value is None:
        raise Undefined
    matrix = _exact(value)
    if not rest:
        return matrix
    if len(rest) == 1:
        rest = [rest[0], 1] if len(matrix[0]) == 1 else [1, rest[0]]
    i, j = rest
    if not (1 <= i <= len(matrix) and 1 <= j <= len(matrix[0])):
        raise Undefined
    return _single(matrix[i - 1][j - 1])


def _series(node: Series, place: _Place) -> Matrix:
    low, high = _whole(_scalar(node.low, place)), _whole(_scalar(node.high, place))
    place.terms -= max(0, high - low + 1)
    if place.terms < 0:
        raise Undefined
    outer = place.indices
    result: Matrix | None = None
    for k in range(low, max(high, low) + 1):
        place.indices = {**outer, node.index: k}
        term = _of(node.body, place)
        result = term if result is None else _each(place, place.add, result, term)
    place.indices = outer
    assert result is not None  # there is a term, if only to be taken off
    return result if high >= low else [[Fraction(0)] * len(row) for row in result]


_RULES: dict[type[Tree], Callable[[Any, _Place], Matrix]] = {
    Num: lambda node, place: _single(node.value),
    Const: _constant,
    Name: _name,
    Size: lambda node, place: _single(Fraction(place.sizes[node.symbol])),
    Item: _item,
    Neg: _negative,
    **dict.fromkeys(_PAIRS, _pair),
    Power: _power,
    Transpose: _transpose,
    Call: _call,
    Compare: _compare,
    Rows: _rows,
    Series: _series,
}
