"""What does not fit, in words: the sub-expression, both shapes in the course's letters, and what
would fit instead.

    U has shape k×m and delta1 has k entries, so U delta1 does not fit; U^T delta1 does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from generator.model.errors import NotationError
from generator.notation.formulas.printing import text
from generator.notation.formulas.scope import Shape, Size
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Difference,
    Hadamard,
    Item,
    Name,
    Neg,
    Num,
    Power,
    Product,
    Quotient,
    Sum,
    Transpose,
    Tree,
)

_ONE = Num(Fraction(1))
_MINUS_ONE = Neg(_ONE)
_LONG = 48  # characters of a sub-expression that are worth repeating


class Misfits:
    """The errors of one text; `shape` puts in the sizes that are known by now."""

    def __init__(self, text: str, shape: Callable[[Shape], Shape]) -> None:
        self.text = text
        self.shape = shape

    def trouble(self, problem: str, tree: Tree) -> NotationError:
        return NotationError(problem, self.text, tree.at)

    def unknown(self, node: Name | Item) -> NotationError:
        return self.trouble(f"{node.name} is not a name of this question", node)

    def of_product(self, node: Product | Hadamard, left: Shape, right: Shape) -> NotationError:
        left, right = self.shape(left), self.shape(right)
        if isinstance(node, Product) and node.sign == "·" and left == right and 1 in left:
            return self.of_dot(node, left)
        repairs = _repaired(node, left, right)
        missing = "" if repairs else _needed(node, left)
        return self.between(node, left, right, repairs, missing)

    def of_dot(self, node: Product, shape: Shape) -> NotationError:
        """Of two columns or two rows, a dot could be one product or the other."""
        a, b = node.left, node.right
        column = shape[1] == 1
        inner = Product(_transposed(a), b) if column else Product(a, _transposed(b))
        both = "columns" if column else "rows"
        return self.trouble(
            f"between two {both} {_short(node, 'this')} could be two products: write "
            f"{_short(inner, 'the first transposed')} for the inner product, or "
            f"{_short(Hadamard(a, b), 'a ∘')} for the product entry by entry",
            node,
        )

    def of_sum(self, node: Sum | Difference, left: Shape, right: Shape) -> NotationError:
        left, right = self.shape(left), self.shape(right)
        fits = right == left[::-1]
        repairs = [replace(node, right=_transposed(node.right))] if fits else []
        return self.between(node, left, right, repairs)

    def of_scalar_sum(self, node: Sum | Difference, left: Shape, right: Shape) -> NotationError:
        """A number and an array: it needs I or ones."""
        left, right = self.shape(left), self.shape(right)
        rows, columns = left or right
        alone = node.right if left else node.left
        sizes = (rows,) if columns == 1 else (rows, columns)
        known = not any(str(size)[0] == "?" for size in sizes)
        spread: list[Tree] = [Name("I")] if rows == columns else []
        if known:
            spread.append(Call("ones", tuple(map(_size, sizes))))
        repairs: list[Tree] = []
        for each in spread:
            times = each if alone == _ONE else Product(alone, each)
            repairs.append(replace(node, right=times) if left else replace(node, left=times))
        return self.between(node, left, right, repairs)

    def of_quotient(self, node: Quotient, left: Shape, right: Shape) -> NotationError:
        left, right = self.shape(left), self.shape(right)
        repairs: list[Tree] = []
        if len(right) == 2 and right[0] == right[1]:
            inverse = Power(node.right, _MINUS_ONE)
            product = Product(node.left, inverse)
            if not left:
                repairs = [inverse if node.left == _ONE else product]
            elif left[1] == right[0]:
                repairs = [product]
        return self.between(node, left, right, repairs)

    def of_power(self, node: Power, left: Shape, right: Shape) -> NotationError:
        return self.between(node, left, right, [])

    def of_comparison(self, node: Compare, left: Shape, right: Shape) -> NotationError:
        return self.between(node, left, right, [])

    def between(
        self,
        node: Tree,
        left: Shape,
        right: Shape,
        repairs: Sequence[Tree],
        missing: str = "",
    ) -> NotationError:
        """The error of a node with two sides: shapes, the misfit, and what fits instead."""
        first, second = node.children()
        one = self.described(first, left, "the left side")
        two = self.described(second, right, "the right side")
        whole = _short(node, "this")
        offers = [offer for offer in (_short(each, "") for each in repairs) if offer]
        does = "does" if len(offers) == 1 else "do"
        instead = f"; {_joined(offers)} {does}." if offers else missing
        return self.trouble(f"{one} and {two}, so {whole} does not fit{instead}", node)

    def of_arguments(self, node: Call, shapes: Sequence[Shape]) -> NotationError:
        pairs = zip(node.arguments, shapes, strict=True)
        parts = [self.described(tree, shape, "an argument") for tree, shape in pairs]
        return self.trouble(f"{_joined(parts)}, so {_short(node, 'this')} does not fit", node)

    def of_entry(self, node: Item, shape: Shape, needed: int) -> NotationError:
        size = self.described(Name(node.name), shape, node.name)
        if not needed:
            return self.trouble(f"{size}, so it has no entries to pick", node)
        place = "one index" if needed == 1 else "a row and a column"
        return self.trouble(f"{size}, so an entry of it is picked by {place}", node)

    def not_square(self, tree: Tree, shape: Shape, what: str) -> NotationError:
        has = {"inverse": "an inverse", "trace": "a trace", "det": "a determinant"}
        size = self.described(tree, shape, "this matrix")
        only = has.get(what, "a diagonal")
        return self.trouble(f"{size}, but only a square matrix has {only}", tree)

    def not_scalar(self, tree: Tree, shape: Shape, what: str) -> NotationError:
        return self.trouble(f"{self.described(tree, shape, 'this')}, but {what} is a number", tree)

    def not_a_size(self, tree: Tree, function: str, sizes: Sequence[str]) -> NotationError:
        known = f", or one of {', '.join(sizes)}" if sizes else ""
        return self.trouble(f"{function} takes a size: a whole number{known}", tree)

    def open_size(self, tree: Tree) -> NotationError:
        return self.trouble(
            "the size of this can't be told from its place: write it, as in eye(n) or ones(n)", tree
        )

    def described(self, tree: Tree, shape: Shape, otherwise: str) -> str:
        """U has shape k×m; delta1 has k entries; y^T is a row of k entries; 2 is a number."""
        shape = self.shape(shape)
        name = _short(tree, otherwise)
        if not shape:
            return f"{name} is a number"
        rows, columns = shape
        if "?" in (str(rows)[0], str(columns)[0]):
            return f"{name} is square" if rows == columns else f"{name} is a vector"
        if columns == 1:
            return f"{name} has {_entries(rows)}"
        if rows == 1:
            return f"{name} is a row of {_entries(columns)}"
        return f"{name} has shape {rows}×{columns}"


class Unread(Misfits):
    """Errors that nobody reads: whether shapes fit is all that is asked, and words take time."""

    def of_product(self, node: Product | Hadamard, left: Shape, right: Shape) -> NotationError:
        return self.trouble("", node)

    def between(
        self,
        node: Tree,
        left: Shape,
        right: Shape,
        repairs: Sequence[Tree],
        missing: str = "",
    ) -> NotationError:
        return self.trouble("", node)


def _repaired(node: Product | Hadamard, left: Shape, right: Shape) -> list[Tree]:
    """What fits in place of a product: a side transposed, both exchanged, or entry by entry."""
    a, b = node.left, node.right
    found: list[Tree] = []
    if isinstance(node, Hadamard):
        if left == right[::-1]:
            found.append(Hadamard(a, _transposed(b)))
        if left[1] == right[0]:
            found.append(Product(a, b))
        return found
    if left[0] == right[0]:
        found.append(Product(_transposed(a), b))
    if left[1] == right[1]:
        found.append(Product(a, _transposed(b)))
    if right[1] == left[0]:
        found.append(Product(b, a))
    if left == right:
        found.append(Hadamard(a, b))
    return found


def _needed(node: Product | Hadamard, left: Shape) -> str:
    size = left[1]
    if isinstance(node, Hadamard) or str(size)[0] == "?" or size == 1:
        return ""
    return f": after {_short(node.left, 'the left side')} something with {size} rows fits"


def _transposed(tree: Tree) -> Tree:
    return tree.body if isinstance(tree, Transpose) else Transpose(tree)


def _size(size: Size) -> Tree:
    return Num(Fraction(size)) if isinstance(size, int) else Name(size)


def _entries(count: Size) -> str:
    return f"{count} entry" if count == 1 else f"{count} entries"


def _joined(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _short(tree: Tree, otherwise: str) -> str:
    written = text(tree)
    return written if len(written) <= _LONG else otherwise
