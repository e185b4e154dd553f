"""A formula of the answer language with its shape, which arithmetic keeps simple as it grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from generator.notation.formulas.printing import latex, text
from generator.notation.formulas.scope import Shape, Size
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Difference,
    Hadamard,
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
from generator.notation.formulas.written import Written, scope_of, tree_of, written


@dataclass(frozen=True)
class Term:
    """A tree, the tree of its transpose, and its shape: () for a scalar, (rows, columns) else.

    Vectors are columns. Both trees grow together, so that (A b)^T comes out as b^T A^T. What is a
    scalar times an array, but for a minus sign, keeps both as `factors`: so the scalar stays in
    front of all products.
    """

    tree: Tree
    turned: Tree
    shape: Shape = ()
    factors: tuple[Term, Term] | None = None

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        return text(self.tree)

    @property
    def latex(self) -> str:
        """The formula in LaTeX."""
        return latex(self.tree)

    def written(self, names: Mapping[str, Any]) -> Written:
        """The formula as the value of a `Formula` over `names`, with its tree at hand."""
        return written(self.tree, scope_of(names))

    def __html__(self) -> str:
        """What a template prints."""
        return self.latex

    @property
    def T(self) -> Term:
        if self.factors and not self._negative:
            return self.factors[0] * self.factors[1].T
        return Term(self.turned, self.tree, self.shape[::-1])

    def __neg__(self) -> Term:
        match self.tree, self.turned:
            case Neg(body=tree), Neg(body=turned):
                return Term(tree, turned, self.shape, self.factors)
            case Difference(left=a, right=b), Difference(left=c, right=d):
                return Term(Difference(b, a), Difference(d, c), self.shape)
        return Term(Neg(self.tree), Neg(self.turned), self.shape, self.factors)

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
            return self._scalars_first(other, Term.__mul__) or self._joined(other, Hadamard)
        if self._is_one or other._is_one:
            return other if self._is_one else self
        if self._negative or other._negative:
            return self._signs_first(other, Term.__mul__)
        if self.shape:  # a scalar stands first
            return other * self
        if other.factors:
            return (self * other.factors[0]) * other.factors[1]
        factors = (self, other) if other.shape else None
        tree, turned = _beside(self.tree, other.tree), _beside(self.tree, other.turned)
        return Term(tree, turned, other.shape, factors)

    def __matmul__(self, other: Term) -> Term:
        """The matrix product; with a scalar on one side, the product with every entry."""
        if not self.shape or not other.shape:
            return self * other
        if self.shape[1] != other.shape[0]:
            raise ValueError(f"{self} is {self.shape}, {other} is {other.shape}")
        if (outside := self._scalars_first(other, Term.__matmul__)) is not None:
            return outside
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
    def squared(self) -> Term:
        """The square of every entry, written as a power where there is but one."""
        if self.shape:
            return self * self
        return _leaf(Power(self.tree, Num(Fraction(2))), ())

    @property
    def _negative(self) -> bool:
        return isinstance(self.tree, Neg)

    @property
    def _is_one(self) -> bool:
        return isinstance(self.tree, Num) and self.tree.value == 1

    def _signs_first(self, other: Term, product: Callable[[Term, Term], Term]) -> Term:
        """The product of two terms of which at least one has a minus sign."""
        result = product(*(-each if each._negative else each for each in (self, other)))
        return result if self._negative and other._negative else -result

    def _scalars_first(self, other: Term, product: Callable[[Term, Term], Term]) -> Term | None:
        """The product of two arrays with signs and scalar factors in front; None without any."""
        if self._negative or other._negative:
            return self._signs_first(other, product)
        if self.factors:
            return self.factors[0] * product(self.factors[1], other)
        if other.factors:
            return other.factors[0] * product(self, other.factors[1])
        return None

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


@lru_cache(maxsize=4096)
def named(name: str, shape: Shape = ()) -> Term:
    """A name of that shape."""
    return _leaf(Name(name), shape)


@lru_cache(maxsize=256)
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


def where_negative(term: Term) -> Term:
    """The indicator 1{term < 0}, entry by entry."""
    return _leaf(Compare(term.tree, "<", Num(Fraction(0))), term.shape)


def read_term(formula: str, names: Mapping[str, Any]) -> Term:
    """A formula over declared names, such as a student's own, as a term. NotationError if it cannot
    be read."""
    tree = tree_of(formula, names)
    return _leaf(tree, typed(tree, scope_of(names)).shape)


def shaped(sizes: tuple[Size, ...]) -> Shape:
    """The shape that sizes stand for: () a scalar, ("m",) a column, ("m", "n") a matrix."""
    return (sizes[0], sizes[1] if len(sizes) == 2 else 1) if sizes else ()


def _leaf(tree: Tree, shape: Shape) -> Term:
    if isinstance(tree, Neg):  # as typed by a student: a minus sign of the transpose too
        return -_leaf(tree.body, shape)
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
