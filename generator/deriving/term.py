"""A formula of the answer language with its shape, which arithmetic keeps simple as it grows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from generator.notation.formulas.printing import latex, text
from generator.notation.formulas.scope import Shape, Size
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Difference,
    Hadamard,
    Name,
    Neg,
    Num,
    Product,
    Quotient,
    Sum,
    Transpose,
    Tree,
)


@dataclass(frozen=True)
class Term:
    """A tree, the tree of its transpose, and its shape: () for a scalar, (rows, columns) else.

    Vectors are columns. Both trees grow together, so that (A b)^T comes out as b^T A^T.
    """

    tree: Tree
    turned: Tree
    shape: Shape = ()

    def __str__(self) -> str:
        return text(self.tree)

    @property
    def latex(self) -> str:
        """The formula in LaTeX."""
        return latex(self.tree)

    def __html__(self) -> str:
        """What a template prints."""
        return self.latex

    @property
    def T(self) -> Term:
        return Term(self.turned, self.tree, self.shape[::-1])

    def __neg__(self) -> Term:
        match self.tree, self.turned:
            case Neg(body=tree), Neg(body=turned):
                return Term(tree, turned, self.shape)
            case Difference(left=a, right=b), Difference(left=c, right=d):
                return Term(Difference(b, a), Difference(d, c), self.shape)
        return Term(Neg(self.tree), Neg(self.turned), self.shape)

    def __add__(self, other: Term) -> Term:
        if other._negative:
            return self._joined(-other, Difference)
        return self._joined(other, Sum)

    def __sub__(self, other: Term) -> Term:
        if other._negative:
            return self._joined(-other, Sum)
        return self._joined(other, Difference)

    def __mul__(self, other: Term) -> Term:
        """The product entry by entry; of a scalar with every entry."""
        if self.shape and other.shape:
            if self._negative or other._negative:
                return self._signs_first(other, Term.__mul__)
            return self._joined(other, Hadamard)
        if self._is_one or other._is_one:
            return other if self._is_one else self
        if self._negative or other._negative:
            return self._signs_first(other, Term.__mul__)
        if self.shape:  # a scalar stands first
            return other * self
        return Term(_beside(self.tree, other.tree), _beside(self.turned, other.turned), other.shape)

    def __matmul__(self, other: Term) -> Term:
        """The matrix product; with a scalar on one side, the product with every entry."""
        if not self.shape or not other.shape:
            return self * other
        if self.shape[1] != other.shape[0]:
            raise ValueError(f"{self} is {self.shape}, {other} is {other.shape}")
        if self._negative or other._negative:
            return self._signs_first(other, Term.__matmul__)
        shape = (self.shape[0], other.shape[1])
        tree = _beside(self.tree, other.tree)
        if shape == (1, 1):
            return Term(tree, tree)
        return Term(tree, _beside(other.turned, self.turned), shape)

    def __truediv__(self, divisor: Term) -> Term:
        """Every entry divided by a scalar, or by the entry at its place."""
        if self._negative:
            return -(-self / divisor)
        return self._joined(divisor, Quotient)

    @property
    def _negative(self) -> bool:
        return isinstance(self.tree, Neg)

    @property
    def _is_one(self) -> bool:
        return self.tree == Num(Fraction(1))

    def _signs_first(self, other: Term, product: Callable[[Term, Term], Term]) -> Term:
        """The product of two terms of which at least one has a minus sign."""
        result = product(*(-each if each._negative else each for each in (self, other)))
        return result if self._negative and other._negative else -result

    def _joined(
        self, other: Term, kind: type[Sum] | type[Difference] | type[Hadamard] | type[Quotient]
    ) -> Term:
        """Two terms of one shape, or a scalar and a term, entry by entry."""
        if self.shape and other.shape and self.shape != other.shape:
            raise ValueError(f"{self} is {self.shape}, {other} is {other.shape}")
        shape = self.shape or other.shape
        tree = kind(self.tree, other.tree)
        if not shape:
            return Term(tree, tree)
        if kind in (Sum, Difference):  # (a - b)^T reads better than a^T - b^T
            return Term(tree, Transpose(tree), shape)
        if kind is Hadamard:
            return Term(_chained(self.tree, other.tree), _chained(self.turned, other.turned), shape)
        return Term(tree, kind(self.turned, other.turned), shape)


def named(name: str, shape: Shape = ()) -> Term:
    """A name of that shape."""
    return _leaf(Name(name), shape)


def number(value: Fraction | int) -> Term:
    """A number; a negative one with a minus sign, a fraction as a quotient."""
    size = abs(Fraction(value))
    tree: Tree = Num(Fraction(size.numerator))
    if size.denominator > 1:
        tree = Quotient(tree, Num(Fraction(size.denominator)))
    return _leaf(Neg(tree) if value < 0 else tree, ())


def called(function: str, argument: Term, shape: Shape | None = None) -> Term:
    """A function of the answer language; of the argument's shape unless told otherwise."""
    kept = argument.shape if shape is None else shape
    return _leaf(Call(function, (argument.tree,)), kept)


def where_positive(term: Term) -> Term:
    """The indicator 1{term > 0}, entry by entry."""
    return _leaf(Compare(term.tree, ">", Num(Fraction(0))), term.shape)


def shaped(sizes: tuple[Size, ...]) -> Shape:
    """The shape that sizes stand for: () a scalar, ("m",) a column, ("m", "n") a matrix."""
    return (sizes[0], sizes[1] if len(sizes) == 2 else 1) if sizes else ()


def _leaf(tree: Tree, shape: Shape) -> Term:
    return Term(tree, Transpose(tree) if shape else tree, shape)


def _beside(left: Tree, right: Tree) -> Tree:
    """left right, written side by side and grouped from the left."""
    if isinstance(right, Product) and right.sign == "":
        return Product(_beside(left, right.left), right.right)
    return Product(left, right)


def _chained(left: Tree, right: Tree) -> Tree:
    """left ∘ right, grouped from the left."""
    if isinstance(right, Hadamard):
        return Hadamard(_chained(left, right.left), right.right)
    return Hadamard(left, right)
