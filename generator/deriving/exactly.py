"""The value of a typed formula that only adds, multiplies, divides, compares and transposes: exact,
in whole numbers, and many times faster than `evaluate_precisely`, which knows all else.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from generator.model.values import Matrix, Shared, ratio
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Difference,
    Hadamard,
    Name,
    Neg,
    Num,
    Pair,
    Power,
    Product,
    Quotient,
    Size,
    Sum,
    Transpose,
    Tree,
)


def evaluate_exactly(
    tree: Tree, values: Mapping[str, Shared], sizes: Mapping[str, int]
) -> Matrix | None:
    """The entries (rows, columns), `Fraction` or `int`; None where there is more to compute than
    this module knows, or where a divisor is 0. `values` are matrices (rows, columns)."""
    try:
        found, below = _of(tree, values, sizes)
    except (KeyError, ZeroDivisionError):
        return None
    entries = [ratio(entry, below) for entry in found.ravel().tolist()]
    return np.fromiter(entries, object, len(entries)).reshape(found.shape)


def _of(tree: Tree, known: Mapping[str, Shared], sizes: Mapping[str, int]) -> Shared:
    """KeyError for what is not known here."""
    match tree:
        case Name():
            return known[tree.name]
        case Pair():
            work = _OF_PAIRS[type(tree)]
            return work(tree, _of(tree.left, known, sizes), _of(tree.right, known, sizes))
        case Num():
            return _single(tree.value)
        case Size():
            return _single(Fraction(sizes[tree.symbol]))
        case Neg():
            body, below = _of(tree.body, known, sizes)
            return Shared(body, -below)
        case Transpose():
            body, below = _of(tree.body, known, sizes)
            return Shared(body.T, below)
        case Compare():
            left, right = _of(tree.left, known, sizes), _of(tree.right, known, sizes)
            apart = _difference(tree, left, right)  # over a denominator above 0
            return Shared(_HOLDS[tree.relation](apart.entries, 0).astype(int).astype(object), 1)
        case Call(function="diag", arguments=(vector,)):
            body, below = _of(vector, known, sizes)
            if 1 in body.shape and body.shape != (1, 1):  # of a matrix it is another thing
                return Shared(np.diag(body.ravel()), below)
        case Power(exponent=Num(value=times)) if times.denominator == 1 and 1 <= times <= 9:
            base, below = _of(tree.base, known, sizes)
            if base.shape == (1, 1) or base.shape[0] != base.shape[1]:  # no power of a matrix
                return Shared(base ** int(times), below ** int(times))
    raise KeyError(type(tree).__name__)


def _sum(_: Tree, left: Shared, right: Shared) -> Shared:
    below = lcm(left.below, right.below)
    first, second = left.entries * (below // left.below), right.entries * (below // right.below)
    return Shared(first + second, below)


def _difference(tree: Tree, left: Shared, right: Shared) -> Shared:
    return _sum(tree, left, Shared(right.entries, -right.below))


def _product(tree: Any, left: Shared, right: Shared) -> Shared:
    matrices = isinstance(tree, Product) and tree.sign == "@"
    entries = left.entries @ right.entries if matrices else left.entries * right.entries
    return Shared(entries, left.below * right.below)


def _quotient(_: Tree, left: Shared, right: Shared) -> Shared:
    divisors = right.entries.ravel().tolist()
    if 0 in divisors:
        raise ZeroDivisionError
    below = lcm(*divisors)
    above = left.entries * (below // right.entries)  # left / r is left (below / r) / below
    return Shared(above * right.below, left.below * below)


_OF_PAIRS: dict[type[Tree], Callable[[Any, Shared, Shared], Shared]] = {
    Sum: _sum,
    Difference: _difference,
    Product: _product,
    Hadamard: _product,
    Quotient: _quotient,
}


_HOLDS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


def _single(value: Fraction) -> Shared:
    single = np.empty((1, 1), dtype=object)
    single[0, 0] = value.numerator
    return Shared(single, value.denominator)
