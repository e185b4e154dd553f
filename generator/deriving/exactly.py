"""The value of a typed formula that only adds, multiplies, divides and transposes: exact, in whole
numbers as far as these go, and many times faster than `evaluate_precisely`, which knows all else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from generator.model.values import Matrix, plain, whole
from generator.notation.formulas.tree import (
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

_ONE = Fraction(1)


def evaluate_exactly(
    tree: Tree, values: Mapping[str, Matrix], sizes: Mapping[str, int]
) -> Matrix | None:
    """The entries (rows, columns), `Fraction` or `int`; None where there is more to compute than
    this module knows, or where a divisor is 0.

    `values` holds exact or float matrices (rows, columns); floats count as the binary fractions
    that they are.
    """
    return evaluate_plainly(tree, {name: plainly(each) for name, each in values.items()}, sizes)


def evaluate_plainly(
    tree: Tree, values: Mapping[str, Matrix], sizes: Mapping[str, int]
) -> Matrix | None:
    """The same, where the values are `plainly` there already."""
    try:
        return _of(tree, values, sizes)
    except (KeyError, ZeroDivisionError):
        return None


def plainly(value: Matrix) -> Matrix:
    """A matrix of fractions and whole numbers, as `plain` has them; floats become fractions."""
    return plain(_fractions(value))


def _of(tree: Tree, known: Mapping[str, Matrix], sizes: Mapping[str, int]) -> Matrix:
    """KeyError for what is not known here."""
    match tree:
        case Name():
            return known[tree.name]
        case Pair():
            work = _OF_PAIRS[type(tree)]
            return work(tree, _of(tree.left, known, sizes), _of(tree.right, known, sizes))
        case Num():
            return _single(whole(tree.value))
        case Size():
            return _single(sizes[tree.symbol])
        case Neg():
            return -_of(tree.body, known, sizes)
        case Transpose():
            return _of(tree.body, known, sizes).T
        case Power(exponent=Num(value=times)) if times.denominator == 1 and 1 <= times <= 9:
            base = _of(tree.base, known, sizes)
            if base.shape == (1, 1) or base.shape[0] != base.shape[1]:  # no power of a matrix
                return base ** int(times)
    raise KeyError(type(tree).__name__)


_OF_PAIRS: dict[type[Tree], Callable[[Any, Matrix, Matrix], Matrix]] = {
    Sum: lambda _, left, right: left + right,
    Difference: lambda _, left, right: left - right,
    Product: lambda tree, left, right: left @ right if tree.sign == "@" else left * right,
    Hadamard: lambda _, left, right: left * right,
    Quotient: lambda _, left, right: left * (_ONE / right),
}


def _single(value: Any) -> Matrix:
    single = np.empty((1, 1), dtype=object)
    single[0, 0] = value
    return single


def _fractions(value: Matrix) -> Matrix:
    if value.dtype == object:
        return value
    entries = [Fraction(entry) for entry in value.ravel().tolist()]
    return np.array(entries, dtype=object).reshape(value.shape)
