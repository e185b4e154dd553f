"""Formulas: plain text or LaTeX to one tree.

atom = number | name [ "_" indices ] | function | "(" comparison ")" | "[" rows "]" | "|" sum "|"
     | "1" "[" comparison "]" | √ atom | \\frac atom atom | ...
Operations on atoms, functions and brackets are read in `operations`, `calls` and `brackets`.
"""

from __future__ import annotations

import re
from fractions import Fraction

from generator.notation.formulas.brackets import Brackets
from generator.notation.formulas.cursor import OPENING, is_array_word
from generator.notation.formulas.indexing import mentions
from generator.notation.formulas.lexing import Token
from generator.notation.formulas.operations import is_mask
from generator.notation.formulas.scope import Known, Scope
from generator.notation.formulas.tree import (
    Call,
    Const,
    Item,
    Name,
    Num,
    Tree,
)
from generator.notation.limits import DIGITS, EXPONENT, HEIGHT
from generator.notation.tokens import vulgar

_POWER_OF_TEN = re.compile(r"[0-9.]+[eE][+-]")
_WHICH_COMMA = (
    "is this comma a decimal comma? Write 1000 for a thousand, and a decimal point as in 1.000"
)
_PLACES = re.compile(r"0[0-9]+$")
_DEFINES = re.compile(r"[=≈←]|<-|\\(?:leftarrow|gets|approx)")
_ARROW = re.compile(r"<-(?=\s)")  # x <- 1; but x<-1 and x < - 1 compare
_SMALL = {str(number): Fraction(number) for number in range(101)}


def read(text: str, scope: Scope) -> Tree:
    """The tree of a formula over the names of `scope`; shapes are not looked at yet.

    Raises NotationError, with a position, for everything that is not in the language.

    >>> read("2x", Scope.of({"x": "real"})) == read("2 \\\\cdot x", Scope.of({"x": "real"}))
    False
    >>> read("x_1/2", Scope.of({"x1": None})) == read("\\\\frac{x_{1}}{2}", Scope.of({"x1": None}))
    True
    """
    return Parser(text, scope).formula()


class Parser(Brackets):
    """Reads one formula."""

    def formula(self) -> Tree:
        self.skip_left_side()
        if self.token.kind == "end":
            raise self.refusal("there is no formula" if not self.place else "a formula is missing")
        tree = self.comparison(equality=False)
        if self.sees(";") and self.ahead().kind == "end":  # as programs end
            self.take()
        if self.token.kind != "end":
            raise self.refusal(self.unexpected())
        self.check_height(tree)
        return tree

    def check_height(self, tree: Tree) -> None:
        """Refuse what is too deep for others to walk through, such as x+x+x+..."""
        if 2 * len(self.text) < HEIGHT:
            return
        level, height = [tree], 0
        while level:
            height += 1
            if height > HEIGHT:
                raise self.refusal(f"this has more than {HEIGHT} operations in a row", level[0].at)
            level = [child for node in level for child in node.children()]

    def skip_left_side(self) -> None:
        """Drop what is defined: `dJ/dW =`, `f =`, `\\frac{\\partial J}{\\partial W} =`, `w ←`."""
        if not _DEFINES.search(self.text):
            return
        depth = 0
        self.unwrap()
        for place, token in enumerate(self.tokens):
            if token.kind != "sign":
                continue
            if token.text in OPENING:
                depth += 1
            elif token.text in OPENING.values():
                depth -= 1
            elif token.text == "=" and depth == 0:
                twice = self.text[token.at : token.at + 2] == "=="
                if not twice and _is_left_side(self.tokens[:place]):
                    self.place = place + 1
                    self.token = self.tokens[self.place]
                return
            elif depth == 0 and _ARROW.match(self.text, token.at):
                if _is_left_side(self.tokens[:place]):
                    self.place = place + 2
                    self.token = self.tokens[self.place]
                return

    def unwrap(self) -> None:
        """Drop braces around the whole formula: \\boxed{y = 2x}."""
        while self.tokens[0].text == "{" and len(self.tokens) > 2:
            place = self.closing(0)
            if place is None or self.tokens[place + 1].kind != "end":
                return
            del self.tokens[place], self.tokens[0]
            self.token = self.tokens[0]

    def atom(self) -> Tree:
        token = self.token
        match token.kind:
            case "word":
                if is_array_word(token) and self.ahead().text == "(":
                    return self.array_call()
                self.resolve()
                return self.atom()
            case "name":
                return self.name()
            case "function":
                return self.function()
            case "constant":
                self.take()
                return Const("pi" if token.text == "pi" else "e", at=token.at)
            case "number":
                return self.number()
            case "sign":
                return self.sign()
            case "attribute":
                raise self.refusal(self.unexpected())
        raise self.refusal("something is missing at the end")

    def sign(self) -> Tree:
        token = self.token
        match token.text:
            case "(" | "{":
                return self.bracket()
            case "[":
                return self.square()
            case "begin":
                return self.matrix()
            case "cases":
                return self.cases()
            case "|" | "|<" | "‖" | "‖<":
                return self.magnitude()
            case "√" | "∛" | "∜":
                return self.root()
            case "frac" | "binom":
                return self.fraction()
            case "∑":
                self.take()
                if self.sees("("):
                    return self.apply("sum", self.arguments("sum"), token)
                return self.series(token)
            case "∏":
                return self.series(self.take())
            case "𝟙":
                self.take()
                return self.indicator(Name("𝟙", at=token.at), "ones")
            case "⌊" | "⌈":
                self.take()
                inside = self.within(self.sum)
                self.expect("⌋" if token.text == "⌊" else "⌉", token)
                return Call("floor" if token.text == "⌊" else "ceil", (inside,), at=token.at)
            case "∞":
                raise self.refusal("infinity is not a number to compute with")
        raise self.refusal(f"something is missing before {token}")

    # Numbers

    def number(self) -> Tree:
        token = self.take()
        glued = self.token.kind == "word" and not self.token.blank
        if glued and _POWER_OF_TEN.match(token.text):
            problem = f"is {token} a power of ten? Write a sign or a blank behind it"
            raise self.refusal(problem, token.at)
        if "." in token.text and self.adjacent("(") and self._period():
            problem = "does this decimal repeat? Write a fraction, or * before ( for a product"
            raise self.refusal(problem, token.at)
        if token.text == "1" and (self.sees("[", "{", "_") or self.adjacent("(")):
            return self.indicator(Num(Fraction(1), at=token.at), "ones")
        if token.text[-1] == "1" and token.text.isdecimal() and self.adjacent_mask():
            left = token.text[:-1]
            raise self.refusal(
                f"{left} times 1{{...}} or {token} times {{...}}? "
                f"Write {left} 1{{...}} or {token}*(...)",
                token.at,
            )
        return Num(self.value(token), at=token.at)

    def _period(self) -> bool:
        """Whether a bracket follows that holds digits alone, as in 0.1(6) for 0.1666..."""
        digits, closing = self.ahead(), self.ahead(2)
        return digits.text.isdecimal() and closing.text == ")"

    def adjacent_mask(self) -> bool:
        """Whether a bracket that holds a comparison comes with no blank before it."""
        token = self.token
        return self.sees("(", "[", "{") and not token.blank and token.at in self.comparing

    def value(self, token: Token) -> Fraction:
        """The value of a number; a comma is a decimal comma where it separates nothing."""
        word = token.text
        if word == "0" and self.inside and self.adjacent(",") and _PLACES.match(self.ahead().text):
            problem = "is this comma a decimal comma? Inside brackets write a point"
            raise self.refusal(problem, token.at)  # (0,002): 002 is no number by itself
        if word in _SMALL and not self.sees(",", "{,}"):
            return _SMALL[word]
        if word.isdecimal():
            self._check_digits(word, token)
            digits, exponent = word, ""
        elif (mixed := vulgar(word)) is not None:
            self._check_digits(mixed[0], token)
            return int(mixed[0]) + Fraction(int(mixed[1]), int(mixed[2]))
        else:
            digits, _, exponent = word.lower().partition("e")
            self._check_digits(digits, token)
            if len(exponent) > 5 or abs(int(exponent or 0)) > EXPONENT:
                raise self.refusal(f"an exponent of ten is at most {EXPONENT} here", token.at)
        if self.decimal_comma():
            self.take()
            after = self.take()
            if (
                len(digits) <= 3
                and digits[0] != "0"
                and (self.decimal_comma() or "." in after.text)
            ):
                return self.grouped([digits, after.text], token)
            if self.decimal_comma() or (len(after.text) == 3 and digits.strip("0")):
                raise self.refusal(_WHICH_COMMA, token.at)
            if "." in digits or not after.text.isdecimal():
                raise self.refusal("a number has one decimal point or comma", token.at)
            self._check_digits(after.text, after)
            return Fraction(f"{digits}.{after.text}")
        if "." not in digits and not exponent:
            return Fraction(int(digits))
        return Fraction(f"{digits}e{exponent or 0}")

    def grouped(self, pieces: list[str], first: Token) -> Fraction:
        """7,425,000 and 1,000.99: commas that can only group digits."""
        while self.decimal_comma() and "." not in pieces[-1]:
            self.take()
            pieces.append(self.take().text)
        groups = [*pieces[1:-1], pieces[-1].partition(".")[0]]
        plain = all(piece.replace(".", "", 1).isdecimal() for piece in pieces)
        if self.decimal_comma() or not plain or any(len(group) != 3 for group in groups):
            raise self.refusal(_WHICH_COMMA, first.at)
        digits = "".join(pieces)
        self._check_digits(digits, first)
        return Fraction(digits)

    def decimal_comma(self) -> bool:
        if not self.adjacent("{,}") and (self.inside or not self.adjacent(",")):
            return False
        after = self.ahead()
        return after.kind == "number" and not after.blank and after.text[0].isdecimal()

    def _check_digits(self, digits: str, token: Token) -> None:
        if len(digits) > DIGITS:
            raise self.refusal(f"a number has at most {DIGITS:,} digits here", token.at)

    # Names

    def name(self) -> Tree:
        token = self.take()
        if token.text == "I" and "I" not in self.scope.names and "I" not in self.bound:
            return self.indicator(Name("I", at=token.at), "eye")
        if self.sees("_"):
            return self.item(token)
        if self.sees("(") and token.text in self.vocabulary.clashes:
            function = self.vocabulary.clashes[token.text]
            other = f", for the function {function}(...)" if function != token.text else ""
            problem = f"{token} is a name here: for a product write {token}*(...){other}"
            raise self.refusal(problem, token.at)
        known = self.scope.names.get(token.text)
        if self.sees("(", "[") and not self.token.blank:
            self.check_entries(token, known)
        if known is not None and self.adjacent("[") and (known.shape or known.length is not None):
            opening = self.take()
            indices = self.within(self._indices)
            self.expect("]", opening)
            return Item(token.text, indices, at=token.at)
        return Name(token.text, at=token.at)

    def check_entries(self, token: Token, known: Known | None) -> None:
        """Refuse x(1, 2) and x[0] of a number, which are no products."""
        if known is not None and (known.shape or known.length is not None):
            return
        if self.sees("(") and self.lists_several(self.place):
            problem = f"{token} is no function here: for a product write {token}*(...)"
            raise self.refusal(problem, token.at)
        if self.sees("[") and self.ahead().text.isdecimal() and self.ahead(2).text == "]":
            raise self.refusal(f"{token} is a number: it has no entries", token.at)

    def item(self, token: Token) -> Tree:
        """h_t, x_{t-1}, W_{i,j}: of a sequence, or with the index of a sum."""
        sign = self.take()
        sequence = token.text in self.vocabulary.sequences
        if not sequence and not self.bound:
            raise self.refusal(f"there is no {token} with an index here", token.at)
        if self.sees("{"):
            opening = self.take()
            indices = self.within(self._indices)
            self.expect("}", opening)
        else:
            indices = (self.within(self.atom),)
        if not sequence and not any(mentions(index, self.bound) for index in indices):
            raise self.refusal(f"the index of {token} must be one that a sum runs over", sign.at)
        return Item(token.text, indices, at=token.at)

    def _indices(self) -> tuple[Tree, ...]:
        indices = [self.sum()]
        while self.sees(","):
            self.take()
            indices.append(self.sum())
        return tuple(indices)

    def indicator(self, one: Tree, sized: str = "") -> Tree:
        """The indicator of a comparison behind 1, 𝟙 or I; or else that itself.

        With a subscript, `one` is of that size: I_n is eye(n).
        """
        if self.sees("_"):
            sign = self.take()
            index = self.within(self.comparison_in_braces)
            if is_mask(index):
                return index
            if not sized or not isinstance(index, Name | Num):
                raise self.refusal("an indicator is of a comparison, as in 1[z > 0]", sign.at)
            return Call(sized, (index,), at=one.at)
        if not self.sees("(", "[", "{") or self.starts_entry():
            return one
        if self.token.at in self.comparing:
            return self.square() if self.sees("[") else self.bracket()
        if sized == "eye" and self.holds_size():
            return Call("eye", (self.bracket(),), at=one.at)
        return one

    def holds_size(self) -> bool:
        """Whether the coming bracket holds a size and nothing else: I(n)."""
        size = self.vocabulary.names.get(self.ahead().text)
        closes = self.ahead(2).text == OPENING[self.token.text]
        return closes and size in self.scope.sizes and self.sees("(", "{")

    def comparison_in_braces(self) -> Tree:
        return self.bracket() if self.sees("(", "{") else self.atom()


def _is_left_side(left: list[Token]) -> bool:
    """Whether these tokens name what is defined: nothing, a name, f(x), or a derivative."""
    if not left:
        return True
    words = [token.text for token in left if token.kind == "word"]
    first = left[0]
    slope = first.text in ("∂", "∇", "frac") or (first.kind == "word" and first.text[0] == "d")
    signs = {"'", "_", "(", ")", "{", "}", ",", "∂", "∇"} | ({"/", "frac", "^"} if slope else {"^"})
    if not words or first.text in ("pi", "e", "("):
        return False
    depth = 0
    for token in left:
        if token.kind == "number" and depth == 0 and not slope:
            return False
        if token.kind == "sign":
            if token.text not in signs:
                return False
            depth += (token.text in ("(", "{")) - (token.text in (")", "}"))
        elif token.kind not in ("word", "number"):
            return False
    return True
