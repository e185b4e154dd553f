"""Sums and products over an index: sum_{t=1}^{T} x_t, sum(t=1..T, x_t), sum_i v_i w_i."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from generator.notation.formulas.cursor import OPENING
from generator.notation.formulas.function_shapes import constant
from generator.notation.formulas.indexing import sizes_of
from generator.notation.formulas.lexing import Token
from generator.notation.formulas.operations import Operations
from generator.notation.formulas.tree import Name, Neg, Num, Product, Series, Tree
from generator.notation.limits import TERMS

AXES = frozenset({"axis", "dim"})
KEPT = frozenset({"keepdims", "keepdim"})
_FACTORS = 100  # of a product over an index


class Sums(Operations):
    """Reads sums over an index of what `sum` and `term` read."""

    terms = 1  # of the sums around this place, as far as their bounds are numbers

    def series_listed(self) -> bool:
        """Whether sum(t=1..T, ...) comes, not the sum of an array."""
        named = self.ahead().kind == "word" and self.ahead(2).text == "="
        return self.sees("(") and named and self.ahead().text not in AXES | KEPT

    def series(self, token: Token) -> Tree:
        """sum_{t=1}^{T} of the factors that follow, or sum(t=1..T, ...)."""
        if self.sees("("):
            opening = self.take()
            result = self.within(self._listed_series, token)
            self.expect(")", opening)
            return result
        above = None
        if self.sees("^"):  # \\sum^{3}_{k=1}
            self.take()
            above = self.nested(self.atom)
        if not self.sees("_"):
            raise self.refusal("write the sum with its bounds, as in sum_{t=1}^{T}", token.at)
        self.take()
        opening = self.token
        if self.token.kind == "word":
            return self.unbounded(token)
        if not self.sees("{", "("):
            raise self.refusal("write the sum with its bounds, as in sum_{t=1}^{T}", token.at)
        self.take()
        if self.token.kind == "word" and self.ahead().text == OPENING[opening.text]:
            return self.unbounded(token, opening)
        index, low = self.within(self._from)
        self.expect(OPENING[opening.text], opening)
        if above is None and not self.sees("^"):
            raise self.refusal("this sum has no upper bound: write sum_{t=1}^{T}", token.at)
        if above is None:
            self.take()
        high = above or self.nested(self.atom)
        return self._series(token, index, low, high, braced=False)

    def unbounded(self, token: Token, opening: Token | None = None) -> Tree:
        """sum_i v_i w_i, whose index runs over all entries of what it picks from."""
        index = self.take()
        if opening is not None:
            self.expect(OPENING[opening.text], opening)
        if self.sees("^") or len(index.text) > 1:
            problem = "write where the index starts, as in sum_{t=1}^{T}"
            raise self.refusal(problem, index.at)
        body = self._indexed(index.text, self.term)
        sizes = sizes_of(index.text, body, self.scope)
        size = next(iter(sizes), None)
        if len(sizes) != 1 or size is None:
            problem = f"it is not clear how far {index} runs: write sum_{{{index}=1}}^{{...}}"
            raise self.refusal(problem, index.at)
        low = Num(Fraction(1), at=index.at)
        high = Name(size, at=index.at) if isinstance(size, str) else Num(Fraction(size))
        return Series(index.text, low, high, body, at=token.at)

    def _from(self) -> tuple[str, Tree]:
        index = self.take()
        if index.kind != "word" or not self.sees("="):
            raise self.refusal("write where the index starts, as in sum_{t=1}^{T}", index.at)
        self.take()
        return index.text, self.sum()

    def _listed_series(self, token: Token) -> Tree:
        index, low = self._from()
        self.expect("..")
        high = self.sum()
        self.expect(",")
        return self._series(token, index, low, high, braced=True)

    def _series(self, token: Token, index: str, low: Tree, high: Tree, braced: bool) -> Tree:
        first, last = constant(low), constant(high)
        count = 1 if first is None or last is None else max(1, math.floor(last - first) + 1)
        outer, self.terms = self.terms, self.terms * count
        if self.terms > TERMS:
            raise self.refusal(f"a sum has at most {TERMS:,} terms here", token.at)
        body = self._indexed(index, self.sum if braced else self.term)
        self.terms = outer
        if token.text == "∏":
            return self.product_of(index, first, last, body, token)
        return Series(index, low, high, body, at=token.at)

    def _indexed(self, index: str, read: Callable[[], Tree]) -> Tree:
        """What `read` reads under a sum over an index."""
        around = self.bound
        self.bound = around | {index}
        body = self.nested(read)
        self.bound = around
        return body

    def product_of(
        self, index: str, low: Fraction | None, high: Fraction | None, body: Tree, token: Token
    ) -> Tree:
        """\\prod_{k=1}^{3}, factor by factor."""
        if low is None or high is None or not 0 <= high - low < _FACTORS:
            problem = "a product is read from one whole number to another, as in \\prod_{k=1}^{3}"
            raise self.refusal(problem, token.at)
        count = math.floor(high - low) + 1
        factors = [_put(body, index, low + step) for step in range(count)]
        result = factors[0]
        for factor in factors[1:]:
            result = Product(result, factor, "*", at=token.at)
        return result


def _put(tree: Tree, index: str, value: Fraction) -> Tree:
    """The tree with a number for an index."""
    if tree == Name(index):
        number = Num(abs(value), at=tree.at)
        return Neg(number, at=tree.at) if value < 0 else number
    if isinstance(tree, Series) and tree.index == index:  # an index of its own
        return tree
    return tree.with_children(lambda child: _put(child, index, value))
