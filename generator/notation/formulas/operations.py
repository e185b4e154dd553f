"""Operations: sums, chains of factors, powers and what is written behind a factor.

comparison = sum [ relation sum | "mod" power ]
sum        = term { ("+" | "-") term }
term       = { "+" | "-" } chain
chain      = power { ("*" | "·" | "@" | "/" | "∘" | "⊗") { "+" | "-" } power | power }
power      = atom { "'" | "!" | "%" | ".T" | "^T" | "^" exponent }      -2^2 = -4, x^y^z = x^(y^z)
exponent   = { "+" | "-" } atom { "!" } [ "^" exponent ]

A chain groups from left to right. Where it has a ∘ or ⊗, what stands side by side is one factor
first, with what it is divided by: 1/n Xᵀd ∘ h is ((1/n) Xᵀd) ∘ h.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction
from typing import Literal, ParamSpec, TypeVar, cast

from generator.notation.formulas.cursor import Cursor
from generator.notation.formulas.functions import FUNCTIONS
from generator.notation.formulas.lexing import Token
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
    Rows,
    Sum,
    Transpose,
    Tree,
)
from generator.notation.limits import HEIGHT

_ONE, _HUNDRED = Fraction(1), Fraction(100)
_FACTOR_SIGNS = frozenset("*/@·∘⊗")
_RELATIONS = {"<", "<=", ">", ">=", "!="}
RELATIONS = frozenset({*_RELATIONS, "="})
_CLOSES = {"(": ")", "{": "}"}
_MARKS = re.compile(
    r"((?:-?[0-9]{1,3})?)((?:T|⊤|')+)((?:-?[0-9]{1,3})?)"
)  # an exponent: -1T, T-1, TT
_MARKED = 6  # tokens of such an exponent

Link = tuple[str, int, Tree]  # a sign, its place, and the factor behind it
P = ParamSpec("P")
Read = TypeVar("Read")


class Operations(Cursor, ABC):
    """Reads operations on what `atom` reads."""

    @abstractmethod
    def atom(self) -> Tree:
        """The next number, name, call or bracket."""

    def nested(self, read: Callable[P, Read], *given: P.args, **named: P.kwargs) -> Read:
        """What `read` reads, one level deeper."""
        self.deeper()
        result = read(*given, **named)
        self.depth -= 1
        return result

    def within(self, read: Callable[P, Read], *given: P.args, **named: P.kwargs) -> Read:
        """What `read` reads in a bracket: what is open around it does not matter there."""
        before = self.bars, self.inside, self.blanks
        self.bars, self.inside, self.blanks = 0, True, False
        self.deeper()
        result = read(*given, **named)
        self.depth -= 1
        self.bars, self.inside, self.blanks = before
        return result

    def comparison(self, *, equality: bool = True) -> Tree:
        """A sum, or the indicator of one comparison or of several in one direction: 0 < x < 1."""
        left = self.sum()
        if self.sees("mod"):
            return self.remainder(left)
        result: Tree = left
        first = ""
        count = 0
        while self.sees(*_RELATIONS) or (equality and self.sees("=")):
            count += 1
            self.check_count(count)
            sign = self.take()
            if first and not first[0] == sign.text[0] in "<>":
                problem = "only comparisons in one direction go together, as in 0 < x < 1"
                raise self.refusal(problem, sign.at)
            right = self.sum()
            one = Compare(left, cast(Literal["<"], sign.text), right, at=sign.at)
            result = Hadamard(result, one, at=sign.at) if first else one
            left, first = right, sign.text
        return result

    def remainder(self, left: Tree) -> Tree:
        """a \\mod b, where nothing else stands beside it."""
        sign = self.take()
        right = self.power()
        if isinstance(left, Sum | Difference | Neg):
            raise self.refusal("what is divided? Write mod(..., ...) with brackets", sign.at)
        return remainder(left, right, sign.at)

    def sum(self) -> Tree:
        total = self.term()
        count = 0
        while self.sees("+", "-") and not self.starts_entry():
            count += 1
            self.check_count(count)
            sign = self.take()
            kind = Sum if sign.text == "+" else Difference
            total = kind(total, self.term(), at=sign.at)
        return total

    def term(self) -> Tree:
        return self.signed(self.chain) if self.sees("+", "-") else self.chain()

    def signed(self, read: Callable[[], Tree]) -> Tree:
        """What `read` reads, behind any number of signs."""
        if not self.sees("+", "-"):
            return read()
        sign = self.take()
        body = self.nested(self.signed, read)
        return Neg(body, at=sign.at) if sign.text == "-" else body

    def chain(self) -> Tree:
        first = self.power()
        links: list[Link] = []
        while not ((self.blanks or self.lines) and self.starts_entry()):
            self.check_count(len(links))
            token = self.token
            sign = "∘" if self._named_hadamard() else token.text if token.kind == "sign" else ""
            if sign in _FACTOR_SIGNS:
                self.take()
                links.append((sign, token.at, self.signed(self.power)))
            elif self.starts():
                self.check_number()
                right = self.power()
                self.check_beside(links, links[-1][2] if links else first, right)
                links.append(("", token.at, right))
            else:
                break
        return _grouped(first, links) if links else first

    def _named_hadamard(self) -> bool:
        """Whether the letter o stands for ∘, as in `(a) o (b)`."""
        token = self.token
        if token.text != "o" or token.kind != "word":
            return False
        known = "o" in self.vocabulary.names or "o" in self.bound
        return token.blank and self.ahead().blank and not known

    def check_count(self, operations: int) -> None:
        """Refuse a row of operations that nothing could walk through as a tree."""
        if operations > HEIGHT:
            raise self.refusal(f"this has more than {HEIGHT} operations in a row")

    def check_number(self) -> None:
        """Refuse a number right behind a number, unless it opens an indicator: 2 1{z > 0}."""
        following = self.ahead()
        opens = following.text in ("{", "[") and not following.blank
        if self.token.kind == "number" and self.place and not (self.token.text == "1" and opens):
            before = self.tokens[self.place - 1]
            if before.kind == "number":
                raise self.refusal(
                    f"there is something missing between two numbers, before {self.token}"
                )

    def check_beside(self, links: list[Link], left: Tree, right: Tree) -> None:
        """Refuse a factor right behind another, where that could mean something else."""

    # Powers and what else is written behind a factor

    def power(self) -> Tree:
        return self.behind(self.atom())

    def behind(self, base: Tree) -> Tree:
        """The factor with its powers, transposes, percent and factorial signs."""
        start = self.place
        while True:
            self.check_count(self.place - start)
            token = self.token
            if token.kind == "attribute":
                base = self.attribute(base)
                continue
            if token.kind != "sign" or (self.blanks and token.blank):
                return base
            match token.text:
                case "'":
                    base = self.primed(base)
                case "!":
                    base = self.factorial(base)
                case "%":
                    base = self.percent(base)
                case "⊤":
                    self.take()
                    base = self.turned(base, token.at)
                case "^":
                    self.take()
                    if self.sees("-", "+"):
                        self.check_hat(base)
                    base = self.transposed(base) or Power(base, self.exponent(), at=token.at)
                case ".^":
                    base = self.entrywise(base)
                case _:
                    return base

    def check_hat(self, base: Tree) -> None:
        """Refuse y^ - t, where ^ may be the hat of y."""
        if not isinstance(base, Name):
            return
        hat, after = f"{base.name}hat", self.ahead()
        meant = hat in self.vocabulary.names and after.kind != "number"
        if meant or (self.token.blank and after.blank):
            problem = f"is this ^ a hat? Write {hat}, or {base.name}^(...) for a power"
            raise self.refusal(problem, self.tokens[self.place - 1].at)

    def entrywise(self, base: Tree) -> Tree:
        """base .^ exponent"""
        token = self.take()
        return self.power_of_entries(base, self.exponent(), token)

    def power_of_entries(self, base: Tree, exponent: Tree, token: Token) -> Tree:
        """A power entry by entry: of a square matrix it is not what `^` means."""
        if self.is_scalar(base):
            return Power(base, exponent, at=token.at)
        if not isinstance(exponent, Num) or exponent.value not in (2, 3, 4):
            raise self.refusal(
                "entry by entry, only .^2, .^3 and .^4 are read: "
                "write other powers with ∘ or a function",
                token.at,
            )
        result = base
        for _ in range(int(exponent.value) - 1):
            result = Hadamard(result, base, at=token.at)
        return result

    def attribute(self, base: Tree) -> Tree:
        token = self.token
        if token.text != ".T" or token.blank:
            raise self.refusal(self.unexpected())
        self.take()
        return self.turned(base, token.at)

    def primed(self, base: Tree) -> Tree:
        token = self.token
        if token.blank:
            raise self.refusal("' stands right behind what it transposes")
        if self.is_scalar(base):
            raise self.refusal(
                "' transposes, but this is a number; a derivative is written out, "
                "or as in sigma'(z)"
            )
        self.take()
        return self.turned(base, token.at)

    def turned(self, base: Tree, at: int) -> Tree:
        """The transpose; of a number where T is a name, the number: xᵀ would print as a power."""
        if "T" in self.vocabulary.names and self.is_scalar(base):
            return base
        return Transpose(base, at=at)

    def factorial(self, base: Tree) -> Tree:
        token = self.take()
        if self.sees("!"):
            raise self.refusal("!! is not read: write brackets, as in (n!)!")
        return Call("factorial", (base,), at=token.at)

    def percent(self, base: Tree) -> Tree:
        token = self.take()
        if self.starts():
            raise self.refusal("% is percent: write * behind it, or a formula for the remainder")
        return Quotient(base, Num(_HUNDRED, at=token.at), at=token.at)

    def exponent(self) -> Tree:
        """What stands behind ^: one factor, with its sign and its own exponent."""
        return self.nested(self.signed, self._exponent)

    def _exponent(self) -> Tree:
        if self.token.kind == "end":
            raise self.refusal("an exponent is missing at the end")
        result = self.atom()
        if self.sees("!"):
            result = self.factorial(result)
        if self.sees("^") and not self.transposing(1):
            sign = self.take()
            result = Power(result, self.exponent(), at=sign.at)
        return result

    def transposing(self, steps: int = 0) -> tuple[int, bool, str] | None:
        """How many tokens from here are an exponent T, whether with a minus, and what remains of
        the last one; None if the exponent is another.

        With `steps`, from that many tokens on.
        """
        opening = self.ahead(steps)
        opened = opening.kind == "sign" and opening.text in _CLOSES
        count = steps + opened
        negative = self.ahead(count).text == "-"
        count += negative
        token = self.ahead(count)
        rest = ""
        if token.kind == "sign":
            if token.text not in ("⊤", "'"):
                return None
        elif token.kind != "word" or token.text[0] != "T":
            return None
        elif token.text != "T":
            rest = token.text[1:]
            known = token.text in self.vocabulary.names
            if opened or known or not rest[0].isalpha():
                return None
        if opened and self.ahead(count + 1).text != _CLOSES[opening.text]:
            return None
        return count + 1 + opened, negative, rest

    def transposed(self, base: Tree) -> Tree | None:
        """The base transposed if the exponent is T, as in U^T, U^{\\top}, X^TX, X^{-T}."""
        found = self.transposing()
        if found is None:
            return self.marked(base)
        count, negative, rest = found
        at = self.token.at
        number = self.is_scalar(base)
        letter = any(self.ahead(step).kind == "word" for step in range(count))
        if number and letter and (negative or "T" in self.vocabulary.names):
            if base == Num(_ONE):
                raise self.refusal("a row of ones is written ones(n)^T")
            return None
        for _ in range(negative if rest else count):
            self.take()
        if rest:
            word = self.token
            self.tokens[self.place] = Token("word", rest, min(word.at + 1, len(self.text) - 1))
            self.token = self.tokens[self.place]
        if negative:
            base = Power(base, Neg(Num(_ONE, at=at), at=at), at=at)
        return self.turned(base, at)

    def marked(self, base: Tree) -> Tree | None:
        """The base with the powers and transposes of one exponent: B^{-1T}, Bᵀ⁻¹, Bᵀᵀ."""
        if not self.sees(*_CLOSES):
            return None
        exponent = ""
        for count in range(1, _MARKED + 1):
            token = self.ahead(count)
            if token.text == _CLOSES[self.token.text]:
                break
            exponent += token.text
        found = _MARKS.fullmatch(exponent)
        if found is None or token.text not in _CLOSES.values() or self.is_scalar(base):
            return None
        before, transposes, behind = found.groups()
        if "T" in transposes and "T" in self.vocabulary.names:
            if before[:1] != "-" or any(self.ahead(step).blank for step in range(2, count)):
                return None  # ^(-1 T), as a product is written
            raise self.refusal(
                "T is a number here: write (...)^T for a transpose, ^(-T) for a power"
            )
        at = self.token.at
        for _ in range(count + 1):
            self.take()
        base = _raised(base, before, at)
        for _ in transposes:
            base = self.turned(base, at)
        return _raised(base, behind, at)

    def is_scalar(self, tree: Tree) -> bool:
        """Whether every name in it is a number; of a large tree, as far as is looked."""
        if isinstance(tree, Transpose):  # of an array: many ' need not walk it
            return False
        waiting = [tree]
        for _ in range(HEIGHT):
            if not waiting:
                break
            node = waiting.pop()
            if isinstance(node, Name | Item):
                known = self.scope.names.get(node.name)
                entry = isinstance(node, Item) and (known is None or known.length is None)
                if known is None and node.name in ("I", "𝟙") and node.name not in self.bound:
                    return False
                if known is not None and known.shape and not entry:
                    return False
            elif isinstance(node, Call) and _is_one_number(node):
                continue
            elif isinstance(node, Rows) or (
                isinstance(node, Call) and node.function in ("ones", "zeros", "eye")
            ):
                return False
            waiting.extend(node.children())
        return True


def _is_one_number(node: Call) -> bool:
    """Whether a call is a number, whatever it is of: a norm, or the sum of all entries."""
    shape, count = FUNCTIONS[node.function].shape, len(node.arguments)
    return shape in ("scalar", "norm") or (shape in ("axis", "extreme") and count == 1)


def is_mask(tree: Tree) -> bool:
    """Whether a tree is made of comparisons: one, or several that must hold together."""
    while isinstance(tree, Hadamard) and isinstance(tree.right, Compare):
        tree = tree.left
    return isinstance(tree, Compare)


def remainder(left: Tree, right: Tree, at: int) -> Tree:
    """left - right floor(left / right)."""
    whole = Call("floor", (Quotient(left, right, at=at),), at=at)
    return Difference(left, Product(right, whole, "*", at=at), at=at)


def _raised(base: Tree, digits: str, at: int) -> Tree:
    """A power by a whole number as typed, with its sign; the base itself where there is none."""
    if not digits:
        return base
    exponent: Tree = Num(Fraction(digits.lstrip("-")), at=at)
    return Power(base, Neg(exponent, at=at) if digits[0] == "-" else exponent, at=at)


def _grouped(first: Tree, links: list[Link]) -> Tree:
    if any(sign in ("∘", "⊗") for sign, _, _ in links):
        factors: list[Link] = [("", 0, first)]
        for sign, at, factor in links:
            if sign == "":
                while (first_over := _first_over(factors)) is not None:
                    before, start, above = factors[first_over - 1]
                    _, place, below = factors.pop(first_over)
                    factors[first_over - 1] = before, start, Quotient(above, below, at=place)
                before, start, left = factors[-1]
                factors[-1] = before, start, Product(left, factor, at=at)
            else:
                factors.append((sign, at, factor))
        first, links = factors[0][2], factors[1:]
    for sign, at, factor in links:
        first = _joined(sign, first, factor, at)
    return first


def _first_over(factors: list[Link]) -> int | None:
    """The place of the first of the divisors that end a row of factors."""
    place = len(factors)
    while factors[place - 1][0] == "/":
        place -= 1
    return place if place < len(factors) else None


def _joined(sign: str, left: Tree, right: Tree, at: int) -> Tree:
    match sign:
        case "/":
            return Quotient(left, right, at=at)
        case "∘":
            return Hadamard(left, right, at=at)
        case "⊗":
            return Call("outer", (left, right), at=at)
    return Product(left, right, cast(Literal["*", "·", "@", ""], sign), at=at)
