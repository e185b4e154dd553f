"""The tree that plain text and LaTeX are two spellings of.

Nodes are frozen and compare by meaning: `at`, the place in the text that a node was read from,
does not count. Functions are called by one canonical name each (see `functions`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from typing import Any, Literal, Self


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A node; `at` is its place in the text as typed, counted from 0."""

    at: int = field(default=0, compare=False, repr=False)

    def children(self) -> tuple[Tree, ...]:
        """The nodes right below this one, from left to right."""
        return ()

    def with_children(self, change: Callable[[Tree], Tree]) -> Self:
        """This node with every child changed; itself if no child is another then."""
        changed = {}
        for name, value in vars(self).items():
            new = _changed(value, change)
            if new is not value:
                changed[name] = new
        return self.but(**changed) if changed else self

    def but(self, **changed: Any) -> Self:
        """This node with other fields; in a third of the time of `dataclasses.replace`."""
        other = object.__new__(type(self))
        vars(other).update(vars(self), **changed)
        return other


@dataclass(frozen=True)
class Num(Tree):
    """A number as typed, never negative: 2, 0.125, 1/3 only as the value of ⅓."""

    value: Fraction


@dataclass(frozen=True)
class Const(Tree):
    """pi, e, or inf (only as an end of an interval)."""

    name: Literal["pi", "e", "inf"]


@dataclass(frozen=True)
class Name(Tree):
    """A name that the part declares, in its one spelling."""

    name: str


@dataclass(frozen=True)
class Size(Tree):
    """A size symbol as a number, in a typed tree: an array may have the same name."""

    symbol: str


@dataclass(frozen=True)
class Item(Tree):
    """An indexed name or an entry: h_t, x_{t-1}, W[i, j]; indices are trees."""

    name: str
    indices: tuple[Tree, ...]

    def children(self) -> tuple[Tree, ...]:
        return self.indices


@dataclass(frozen=True)
class Neg(Tree):
    """-body."""

    body: Tree

    def children(self) -> tuple[Tree, ...]:
        return (self.body,)


@dataclass(frozen=True)
class Pair(Tree):
    """An operation on two."""

    left: Tree
    right: Tree

    def children(self) -> tuple[Tree, ...]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Sum(Pair):
    """left + right."""


@dataclass(frozen=True)
class Difference(Pair):
    """left - right."""


@dataclass(frozen=True)
class Product(Pair):
    """A product as typed: `sign` is "*" (which may turn out to be entry by entry where a matrix
    product does not fit), "·" (a dot or cross, never entry by entry), "@" (a matrix product) or
    "" (written side by side)."""

    sign: Literal["*", "·", "@", ""] = ""


@dataclass(frozen=True)
class Hadamard(Pair):
    """left ∘ right, entry by entry."""


@dataclass(frozen=True)
class Quotient(Pair):
    """left / right; right is a scalar, or both have one shape (entry by entry)."""


@dataclass(frozen=True)
class Power(Tree):
    """base ^ exponent: of a scalar, of every entry of a vector, or of a square matrix."""

    base: Tree
    exponent: Tree

    def children(self) -> tuple[Tree, ...]:
        return (self.base, self.exponent)


@dataclass(frozen=True)
class Transpose(Tree):
    """bodyᵀ."""

    body: Tree

    def children(self) -> tuple[Tree, ...]:
        return (self.body,)


@dataclass(frozen=True)
class Call(Tree):
    """A function, by its canonical name, of its arguments."""

    function: str
    arguments: tuple[Tree, ...]

    def children(self) -> tuple[Tree, ...]:
        return self.arguments


@dataclass(frozen=True)
class Compare(Tree):
    """The indicator of a comparison: 1 where it holds, else 0, entry by entry."""

    left: Tree
    relation: Literal["<", "<=", ">", ">=", "=", "!="]
    right: Tree

    def children(self) -> tuple[Tree, ...]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Rows(Tree):
    """An array written out: a vector (a column) from its entries, a matrix from its rows."""

    rows: tuple[tuple[Tree, ...], ...]
    vector: bool = False  # one row of entries that stands for a column: [1, 2, 3]

    def children(self) -> tuple[Tree, ...]:
        return tuple(chain.from_iterable(self.rows))


@dataclass(frozen=True)
class Series(Tree):
    """sum_{index=low}^{high} body, over whole numbers; in the body `index` is a Name."""

    index: str
    low: Tree
    high: Tree
    body: Tree

    def children(self) -> tuple[Tree, ...]:
        return (self.low, self.high, self.body)


def _changed(value: Any, change: Callable[[Tree], Tree]) -> Any:
    if isinstance(value, Tree):
        return change(value)
    if isinstance(value, tuple):
        new = tuple([_changed(each, change) for each in value])
        return value if all(map(operator.is_, new, value)) else new
    return value
