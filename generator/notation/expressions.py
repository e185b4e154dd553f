"""Numbers: tokens to values, in one pass and without a tree.

sum      = product { ("+" | "-") product }
product  = factor { ("*" | "/") factor | power }           2 sqrt(2), 3(4 + 1)
factor   = { "+" | "-" } power
power    = atom { "%" } [ "^" factor ]                     -2^2 = -4, 2^-3
atom     = number | name | name "(" sums ")" | "√" atom | "|" sum "|" | "(" sum ")"
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from generator.notation import arithmetic
from generator.notation.arithmetic import CONSTANTS, FUNCTIONS, Number
from generator.notation.limits import DIGITS, EXPONENT
from generator.notation.scanning import Scanner
from generator.notation.tokens import Token, vulgar


@dataclass(frozen=True)
class Listing:
    """Entries in brackets; rows are Listings in a Listing. `at` is where it starts."""

    items: tuple[Value, ...]
    at: int


Value = Number | Listing
Read = TypeVar("Read")

CLOSING = {"(": ")", "[": "]", "{": "}", "begin": "end"}
_SUMS = {"+": arithmetic.add, "-": arithmetic.subtract}
_PRODUCTS = {"*": arithmetic.multiply, "/": arithmetic.divide}
_NOT_NUMBERS = {"nan", "inf", "infinity", "none", "null", "undefined", "na"}


class Reader(Scanner):
    """Reads numbers; `notation.arrays` adds lists of them."""

    def __init__(self, text: str, *, comma: str = "decimal", exact: bool = False) -> None:
        """`comma`: whether 1,5 is "decimal" or "separates" two numbers.

        `exact`: what is not a fraction (sqrt(2), pi) is refused.
        """
        super().__init__(text)
        self.decimal_comma = comma == "decimal"
        self.exact = exact
        self.blanks = False  # a blank separates entries: [1 2]
        self.lines = False  # a new line separates rows

    def sum(self) -> Value:
        total = self.product()
        while self.sees("+", "-") and not self.starts_entry():
            sign = self.take()
            term = self.product()
            total = self.both(_SUMS[sign.text], total, term, sign)
        return total

    def product(self) -> Value:
        result = self.factor()
        divided = False
        while True:
            if self.starts_entry():
                return result
            if self.sees("*", "/"):
                sign = self.take()
                divided = sign.text == "/"
                result = self.scaled(_PRODUCTS[sign.text], result, self.factor(), sign)
            elif self.starts_atom():
                if self.token.kind == "number":
                    raise self.refusal(
                        f"there is something missing between two numbers, before {self.token}"
                    )
                before = self.token
                if before.text == "e" and self.tokens[self.place + 1].text in ("+", "-"):
                    raise self.refusal("write 1e-3 without a blank, or 2*e - 3")
                right = self.power()
                if divided and not isinstance(right, Listing):
                    raise self.refusal(
                        f"write brackets: is {before} in the denominator?", before.at
                    )
                sign = Token("sign", "*", before.at)
                result = self.scaled(arithmetic.multiply, result, right, sign)
            else:
                return result

    def factor(self) -> Value:
        negative = False
        at = self.token.at
        while self.sees("+", "-"):
            negative ^= self.take().text == "-"
        value = self.power()
        return self.opposite(value, at) if negative else value

    def power(self) -> Value:
        base = self.atom()
        while self.sees("%"):
            base = self.compute(arithmetic.divide, base, Fraction(100), at=self.take().at)
        if self.sees("^"):
            sign = self.take()
            exponent = self.nested(self.factor)
            return self.compute(arithmetic.power, base, exponent, at=sign.at)
        return base

    def atom(self) -> Value:
        token = self.token
        if token.kind == "number":
            return self.number()
        if token.kind == "name":
            return self.named()
        if self.sees("(", "[", "{", "begin"):
            return self.bracket()
        if self.sees("√"):
            return self.root(self.take())
        if self.sees("|"):
            self.take()
            inside = self.nested(self.sum)
            self.expect("|")
            return self.compute(FUNCTIONS["abs"][0], inside, at=token.at)
        if token.kind == "end":
            raise self.refusal(
                "a number is missing at the end" if self.place else "there is no number"
            )
        raise self.refusal(f"a number is missing before {token}")

    def number(self) -> Number:
        token = self.take()
        word = token.text
        if (mixed := vulgar(word)) is not None:
            whole, above, below = mixed
            self.check_digits(whole, token)
            return Fraction(int(whole)) + Fraction(int(above), int(below))
        digits, _, exponent = word.lower().partition("e")
        self.check_digits(digits, token)
        if self.decimal_comma and self.adjacent_digits():
            digits = self.after_comma(digits, token)
            digits, _, exponent = digits.lower().partition("e")
        if len(exponent) > 5 or abs(int(exponent or 0)) > EXPONENT:
            raise self.refusal(f"an exponent of ten is at most {EXPONENT} here", token.at)
        if self.token.kind == "number" and not self.token.blank:
            raise self.refusal("a number has one decimal point")
        return Fraction(f"{digits}e{exponent or 0}")

    def adjacent_digits(self) -> bool:
        """Whether a comma and then digits follow, with no blank between."""
        if not self.sees(",") or self.token.blank:
            return False
        digits = self.tokens[self.place + 1]
        return digits.kind == "number" and not digits.blank and digits.text[0].isdigit()

    def after_comma(self, before: str, first: Token) -> str:
        """The number whose decimal comma comes next, with a point. Refuses grouped digits."""
        self.take()
        after = self.take()
        digits = after.text.lower().partition("e")[0]
        if self.adjacent_digits() or (len(digits) == 3 and before.strip("0")):
            raise self.refusal(
                "is this comma a decimal comma? "
                "Write 1000 for a thousand, and a decimal point as in 1.000",
                first.at,
            )
        if "." in before or not digits.isascii() or not digits.isdigit():
            raise self.refusal("a number has one decimal point or comma", first.at)
        self.check_digits(digits, after)
        return f"{before}.{after.text}"

    def check_digits(self, digits: str, token: Token) -> None:
        if len(digits) > DIGITS:
            raise self.refusal(f"a number has at most {DIGITS:,} digits here", token.at)

    # Names, functions and roots

    def named(self) -> Value:
        token = self.take()
        name = token.text.split(".")[-1]
        if name in CONSTANTS:
            return self.compute(lambda: CONSTANTS[name], at=token.at)
        if name == "frac":
            above, below = self.group(), self.group()
            return self.compute(arithmetic.divide, above, below, at=token.at)
        if name.lower() == "sqrt":
            return self.root(token)
        if name.lower() in FUNCTIONS:
            function, several = FUNCTIONS[name.lower()]
            values = self.arguments(token)
            if len(values) > 1 and not several:
                raise self.refusal(f"{token} takes one number", token.at)
            return self.compute(function, *values, at=token.at)
        if name.lower() in _NOT_NUMBERS:
            raise self.refusal(f"{token} is not a number", token.at)
        if self.sees("("):
            raise self.refusal(f"there is no function {token} here", token.at)
        raise self.refusal(f"{token} is not known here: write numbers", token.at)

    def arguments(self, function: Token) -> list[Value]:
        """What a function is applied to: ln(2), ln 2, max(1, 2), LaTeX's \\arccos{-1}."""
        if not self.sees("(", "{"):
            if not self.starts_atom():
                raise self.refusal(f"write {function}(...) with brackets")
            value = self.nested(self.power)
            if self.starts_atom() and not self.starts_entry():
                raise self.refusal(f"write {function}(...) with brackets", function.at)
            return [value]
        several = FUNCTIONS[function.text.split(".")[-1].lower()][1]
        return self.inside(self.take(), several=several)

    def root(self, token: Token) -> Value:
        """A root, behind its sign: sqrt(2), √2, LaTeX's \\sqrt[3]{2}."""
        if self.sees("["):
            degree = self.inside(self.take())[0]
            return self.compute(arithmetic.root, self.nested(self.atom), degree, at=token.at)
        return self.compute(arithmetic.sqrt, self.nested(self.atom), at=token.at)

    def group(self) -> Value:
        """An argument of LaTeX's \\frac: in braces, or a number of which each digit is one."""
        if self.sees("{"):
            return self.inside(self.take())[0]
        if self.token.kind == "number" and len(self.token.text) == 2 and self.token.text.isdigit():
            token = self.token  # \frac12
            self.token = Token("number", token.text[1], token.at + 1)
            return Fraction(int(token.text[0]))
        return self.nested(self.atom)

    def inside(self, opening: Token, *, several: bool = False) -> list[Value]:
        """The sums up to the bracket that closes `opening`, where no blank or line separates."""

        def sums() -> list[Value]:
            self.blanks = self.lines = False
            self.decimal_comma = False
            values = [self.sum()]
            while several and self.sees(","):
                self.take()
                values.append(self.sum())
            self.expect(CLOSING[opening.text])
            return values

        return self.nested(sums)

    def nested(self, read: Callable[[], Read]) -> Read:
        """What `read` reads one level deeper; what separates entries there ends with it."""
        separators = self.blanks, self.lines, self.decimal_comma
        self.deeper()
        result = read()
        self.depth -= 1
        self.blanks, self.lines, self.decimal_comma = separators
        return result

    # Brackets

    def bracket(self) -> Value:
        return self.inside(self.take())[0]

    def starts_atom(self) -> bool:
        return self.token.kind in ("number", "name") or self.sees("(", "{", "√")

    def starts_entry(self) -> bool:
        """Whether the entry ends here, and a blank or a new line separates it from the next."""
        return False

    # Computing

    def compute(self, function: Callable[..., Number], *values: Value, at: int) -> Number:
        """`function` of numbers. Raises NotationError at `at` if it has no value there."""
        if any(isinstance(value, Listing) for value in values):
            raise self.refusal("a number is expected here, not a list", at)
        try:
            result = function(*values)
        except (ArithmeticError, ValueError) as error:
            raise self.refusal(arithmetic.trouble(error), at) from None
        if self.exact and not isinstance(result, Fraction):
            raise self.refusal("write fractions or decimals, so that it can be checked exactly", at)
        return result

    def plain(self, value: Value) -> Fraction | float:
        """The value as answers hold it. Raises NotationError if no float can."""
        if isinstance(value, Listing):
            raise self.refusal("one number is expected here, not several", value.at)
        try:
            return arithmetic.plain(value)
        except ArithmeticError as error:
            raise self.refusal(arithmetic.trouble(error), 0) from None

    def both(self, function: Callable[..., Number], a: Value, b: Value, sign: Token) -> Value:
        """A sum or difference."""
        return self.compute(function, a, b, at=sign.at)

    def scaled(self, function: Callable[..., Number], a: Value, b: Value, sign: Token) -> Value:
        """A product or quotient."""
        return self.compute(function, a, b, at=sign.at)

    def opposite(self, value: Value, at: int) -> Value:
        return self.compute(arithmetic.negative, value, at=at)


def read_number(text: str, *, exact: bool = False) -> Fraction | float:
    """The number that `text` stands for: a Fraction where it is one, else a float.

    >>> read_number("-1/8"), read_number("0,125"), read_number("2 sqrt(2)")
    (Fraction(-1, 8), Fraction(1, 8), 2.8284271247461903)
    """
    reader = Reader(text, exact=exact)
    value = reader.sum()
    reader.finish()
    return reader.plain(value)
