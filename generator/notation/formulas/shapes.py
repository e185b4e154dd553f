"""Shapes: what every part of a formula is, before anything is evaluated.

Sizes stay symbols, so that n×m and m×n never fit by accident. Every product gets its one meaning:

    scalar · anything         Product "*"
    n×m · m×p                 Product "@", also for `*`; a 1×1 result is a scalar
    n×m * n×m                 Hadamard, if the sign is `*` and no matrix product fits; with `·` a
                              misfit, since v · w is vᵀw on paper

Programs mean one thing by `*`: beside an `@` it is numpy's, entry by entry (of a column and a row
the outer product), beside a `.*` it is MATLAB's, the matrix product. What does not fit so is a
misfit, and `**` of a square matrix beside an `@`, which numpy takes entry by entry, is refused.

Vectors are columns. What is not what it seems:

- A scalar is added to each entry of a vector or of a matrix that is not square (1 - h, a - max(a),
  g - sᵀg). It is not added to a square matrix, which could mean a multiple of I.
- Nothing else is stretched: x ∘ A of a column and a matrix is a misfit, as in print.
- A power of a square matrix is the matrix power, with a whole exponent; of a vector or of another
  matrix it is taken entry by entry. b^A of a scalar b is taken entry by entry.
- I, the identity, and 𝟙, the column of ones, take the size that fits.
- sum(G, 0) and mean(G, 0) are the column of the sums of each column; with 2 the column of those of
  each row. With 1 they are those of each row, as numpy counts, unless only the row of the sums of
  each column, as MATLAB counts, fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from generator.model.errors import NotationError
from generator.notation.formulas.function_shapes import (
    Pair,
    constant,
    fitting,
    size_tree,
    typed_call,
)
from generator.notation.formulas.misfits import Misfits
from generator.notation.formulas.scope import Scope, Shape
from generator.notation.formulas.sizing import SCALAR, Sizes, is_open
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

_MATLAB = re.compile(r"(?<![0-9])\.\*")  # not the end of a number: 2.*x


@dataclass(frozen=True)
class Typed:
    """A tree in which every product is decided, and its shape: () or (rows, columns).

    `closed` says that nothing was open: whatever shape is wanted, the result is the same.
    """

    tree: Tree
    shape: Shape
    closed: bool = field(default=True, compare=False)


def typed(
    tree: Tree,
    scope: Scope,
    wanted: Shape | None = None,
    text: str = "",
    misfits: type[Misfits] = Misfits,
) -> Typed:
    """Infer the shape and decide the products of a tree over `scope`.

    `wanted` settles what would be open otherwise: the size of a lone I, and how sum(G, 1) counts.
    It is not enforced. `text` is what the tree was read from, for the errors, which `misfits`
    makes. Typing a typed tree changes nothing. Raises NotationError where shapes do not fit,
    naming both and what would fit.
    """
    typing = Typing(scope, text, misfits)
    result: Typed | NotationError
    try:
        result = typing.whole(tree, wanted)
    except NotationError as trouble:
        result = trouble
    if typing.axis_met and not (isinstance(result, Typed) and wanted in (None, result.shape)):
        try:
            other = Typing(scope, text, misfits, first_axis=1).whole(tree, wanted)
        except NotationError:
            pass
        else:
            if isinstance(result, NotationError) or other.shape == wanted:
                return other
    if isinstance(result, NotationError):
        raise result
    return result


class Typing:
    """One pass over a tree. `first_axis` is 0 as numpy counts, 1 as MATLAB does."""

    def __init__(
        self, scope: Scope, text: str, misfits: type[Misfits] = Misfits, first_axis: int = 0
    ) -> None:
        self.names = scope.names
        self.sizes = Sizes()
        self.symbols = scope.symbols
        self.misfits = misfits(text, self.sizes.shape)
        self.indices: tuple[str, ...] = ()  # of the sums around a node
        self.first_axis = first_axis
        self.axis_met = False  # an axis 1, which both count differently

    def whole(self, tree: Tree, wanted: Shape | None) -> Typed:
        self.tree = tree
        try:
            result, shape = self.of(tree)
            if self.sizes.open:
                if wanted is not None:
                    self.sizes.equal(shape, wanted)
                result, shape = self.settled(result), self.sizes.shape(shape)
        except RecursionError:
            raise self.misfits.trouble("this is nested too deep to read", tree) from None
        return Typed(result, shape, not (self.sizes.open or self.axis_met))

    def settled(self, tree: Tree) -> Tree:
        """The tree with the sizes found in place of the open ones."""
        if isinstance(tree, Size) and tree.symbol[0] == "?":
            size = self.sizes.size(tree.symbol)
            if is_open(size):
                raise self.misfits.open_size(tree)
            return size_tree(size, tree.at)
        return tree.with_children(self.settled)

    def of(self, tree: Tree) -> Pair:
        """The typed tree and its shape, whose sizes may still be open."""
        return _RULES[type(tree)](self, tree)

    def pair(self, tree: Any) -> Pair:
        """A chain of binary nodes, from its innermost left end on: chains may be long."""
        chain = [tree]
        left = tree.left
        while type(left) in _OF_PAIRS:
            chain.append(left)
            left = left.left
        result, shape = self.of(left)
        for node in reversed(chain):
            right, right_shape = self.of(node.right)
            if shape or right_shape:
                result, shape = _OF_PAIRS[type(node)](self, node, result, shape, right, right_shape)
            else:
                result = _of_scalars(node, result, right)
        return result, shape

    def product(self, node: Any, a: Tree, first: Shape, b: Tree, second: Shape) -> Pair:
        if not first or not second:
            return _of_scalars(node, a, b), first or second
        sign = "∘" if type(node) is Hadamard else node.sign
        if sign == "*":
            sign = self.star(first, second)
        if sign != "∘" and self.sizes.same(first[1], second[0]):
            shape = self.sizes.shape((first[0], second[1]))
            if a is node.left and b is node.right and node.sign == "@":
                return node, shape
            return Product(a, b, "@", at=node.at), shape
        if sign in ("∘", "*") and self.sizes.equal(first, second):
            return Hadamard(a, b, at=node.at), self.sizes.shape(first)
        raise self.misfits.of_product(node, first, second)

    def star(self, first: Shape, second: Shape) -> str:
        """What `*` stands for between two arrays; "*" where it may be either product."""
        if self.style == "numpy":
            outer = self.sizes.size(first[1]) == 1 == self.sizes.size(second[0])
            return "@" if outer else "∘"
        return "@" if self.style == "MATLAB" else "*"

    @cached_property
    def style(self) -> str:
        """The program that the formula is written for, or "": `@` is numpy's, `.*` is MATLAB's."""
        found = [self.tree]
        for node in found:
            if type(node) is Product and node.sign == "@":
                return "numpy"
            found += node.children()
        return "MATLAB" if _MATLAB.search(self.misfits.text) else ""

    def sum(self, node: Any, a: Tree, first: Shape, b: Tree, second: Shape) -> Pair:
        if first and second:
            if not self.sizes.equal(first, second):
                raise self.misfits.of_sum(node, first, second)
        elif self.sizes.square(first or second):
            raise self.misfits.of_scalar_sum(node, first, second)
        return _rebuilt(node, a, b), self.sizes.shape(first or second)

    def quotient(self, node: Quotient, a: Tree, first: Shape, b: Tree, second: Shape) -> Pair:
        if second and not self.sizes.equal(first, second) and (first or self.sizes.square(second)):
            raise self.misfits.of_quotient(node, first, second)
        return _rebuilt(node, a, b), self.sizes.shape(first or second)

    def power(self, node: Power) -> Pair:
        (base, first), (exponent, second) = self.of(node.base), self.of(node.exponent)
        square = self.sizes.square(first)
        if first and second and (square or not self.sizes.equal(first, second)):
            raise self.misfits.of_power(node, first, second)
        if first and not second:
            number = constant(exponent)
            whole = number is None or number.denominator == 1
            typed = self.misfits.text[node.at : node.at + 2]
            if square and typed == "**" and self.style == "numpy":
                raise self.misfits.trouble(
                    "of a square matrix ** is entry by entry in numpy, and ^ the matrix power: "
                    "write it as a product, with * or @",
                    node,
                )
            if square and (not whole or isinstance(exponent, Quotient)):
                raise self.misfits.trouble("of a square matrix only whole powers are read", node)
            if number == -1 and not square and self.sizes.length(first) is None:
                raise self.misfits.not_square(node.base, first, "inverse")
        if base is not node.base or exponent is not node.exponent:
            node = Power(base, exponent, at=node.at)
        return node, first or second

    def compare(self, node: Compare) -> Pair:
        (left, first), (right, second) = self.of(node.left), self.of(node.right)
        if first and second and not self.sizes.equal(first, second):
            raise self.misfits.of_comparison(node, first, second)
        if left is not node.left or right is not node.right:
            node = Compare(left, node.relation, right, at=node.at)
        return node, first or second

    def negative(self, node: Neg) -> Pair:
        body, shape = self.of(node.body)
        return (node if body is node.body else Neg(body, at=node.at)), shape

    def transpose(self, node: Transpose) -> Pair:
        body, shape = self.of(node.body)
        if not shape:
            if isinstance(node.body, Num | Const):
                problem = "this number has no transpose: a row of ones is ones(n)^T"
                raise self.misfits.trouble(problem, node)
            if "T" in self.names or "T" in self.symbols:
                problem = "this is a number: for its power by T write (...)^((T))"
                raise self.misfits.trouble(problem, node)
            return body, shape
        return (node if body is node.body else Transpose(body, at=node.at)), shape[::-1]

    def constant(self, node: Tree) -> Pair:
        return node, SCALAR

    def name(self, node: Name) -> Pair:
        known = self.names.get(node.name)
        if node.name in self.indices:
            return node, SCALAR
        if known is None and node.name in self.symbols:
            return Size(node.name, at=node.at), SCALAR
        if known is None:
            if node.name in ("I", "𝟙"):
                return fitting(self, node)
            raise self.misfits.unknown(node)
        if known.length is not None:
            raise self.misfits.trouble(
                f"{node.name} is a sequence: write {node.name}_1 or {node.name}_t", node
            )
        return node, known.shape

    def item(self, node: Item) -> Pair:
        known = self.names.get(node.name)
        if known is None:
            raise self.misfits.unknown(node)
        indices = tuple(self.scalar(each, "an index") for each in node.indices)
        entries = indices
        if known.length is not None:
            entries, place = indices[1:], constant(indices[0])
            if isinstance(known.length, int) and place is not None and place > known.length:
                raise self.misfits.trouble(
                    f"the last of {node.name} is {node.name}_{known.length}", node
                )
        result = Item(node.name, indices, at=node.at)
        if not entries:
            return result, known.shape
        needed = 0 if not known.shape else 1 if 1 in known.shape else 2
        if len(entries) not in (needed, 2 * bool(needed)):
            raise self.misfits.of_entry(node, known.shape, needed)
        return result, SCALAR

    def rows(self, node: Rows) -> Pair:
        rows = tuple(tuple(self.scalar(each, "an entry") for each in row) for row in node.rows)
        if len({len(row) for row in rows}) != 1 or not rows[0]:
            raise self.misfits.trouble("the rows of this matrix differ in length", node)
        shape = (len(rows[0]), 1) if node.vector else (len(rows), len(rows[0]))
        return Rows(rows, node.vector, at=node.at), self.sizes.shape(shape)

    def series(self, node: Series) -> Pair:
        low, high = self.scalar(node.low, "a bound"), self.scalar(node.high, "a bound")
        outer, self.indices = self.indices, (*self.indices, node.index)
        body, shape = self.of(node.body)
        self.indices = outer
        return Series(node.index, low, high, body, at=node.at), shape

    def scalar(self, tree: Tree, what: str) -> Tree:
        result, shape = self.of(tree)
        if shape:
            raise self.misfits.not_scalar(tree, shape, what)
        return result


def _of_scalars(node: Any, left: Tree, right: Tree) -> Tree:
    """A pair of which one side, at least, is a scalar: every product is a plain one."""
    kind = type(node)
    if kind is Hadamard or (kind is Product and node.sign != "*"):
        return Product(left, right, "*", at=node.at)
    return _rebuilt(node, left, right)


def _rebuilt(node: Any, left: Tree, right: Tree) -> Tree:
    if left is node.left and right is node.right:
        return node  # type: ignore[no-any-return]
    if type(node) is Product:
        return Product(left, right, node.sign, at=node.at)
    return type(node)(left, right, at=node.at)  # type: ignore[no-any-return]


_Rule = Callable[[Typing, Any, Tree, Shape, Tree, Shape], Pair]
_OF_PAIRS: dict[type[Tree], _Rule] = {
    Sum: Typing.sum,
    Difference: Typing.sum,
    Product: Typing.product,
    Hadamard: Typing.product,
    Quotient: Typing.quotient,
}
_RULES: dict[type[Tree], Callable[[Typing, Any], Pair]] = {
    Num: Typing.constant,
    Const: Typing.constant,
    Name: Typing.name,
    Size: Typing.constant,
    Item: Typing.item,
    Neg: Typing.negative,
    **dict.fromkeys(_OF_PAIRS, Typing.pair),
    Power: Typing.power,
    Transpose: Typing.transpose,
    Call: typed_call,
    Compare: Typing.compare,
    Rows: Typing.rows,
    Series: Typing.series,
}
