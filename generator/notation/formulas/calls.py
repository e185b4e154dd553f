"""Functions with and without brackets, their powers and derivatives, and sums over an index.

A function without brackets takes the factors side by side that follow it, up to a sign, a bracket
or another function: sin 2x cos x is sin(2x) cos(x), and sin x(y) is sin(x) y.
"""

from __future__ import annotations

from fractions import Fraction

from generator.notation.formulas.cursor import OPENING
from generator.notation.formulas.functions import FUNCTIONS
from generator.notation.formulas.lexing import Token
from generator.notation.formulas.operations import is_mask, remainder
from generator.notation.formulas.rationals import of_whole_numbers, rational
from generator.notation.formulas.sums import AXES, KEPT, Sums
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Difference,
    Hadamard,
    Neg,
    Num,
    Power,
    Product,
    Quotient,
    Rows,
    Sum,
    Tree,
)

_CIRCULAR = ("sin", "cos", "tan", "sec", "csc", "cot")
_INVERSES = {
    name: "a" + name for root in _CIRCULAR for name in (root, root + "h") if "a" + name in FUNCTIONS
}
_OF_ONE = frozenset({"sqrt", "cbrt"})  # without brackets: √2x is √2 x
_METHODS = {
    **dict.fromkeys(("sum", "mean"), (0, 1)),
    **dict.fromkeys(("dot", "matmul"), (1,)),
    **dict.fromkeys(("max", "min", "trace", "transpose", "t"), (0,)),
}  # what may follow a factor with a point: how many arguments more
_CASTS = frozenset({".float", ".double", ".int", ".long", ".astype", ".type"})  # of a comparison
_CAST = 6  # tokens of what a cast may hold
_BRACKETS = frozenset({*OPENING, "|", "|<", "‖", "‖<", "⌊", "⌈"})


class Calls(Sums):
    """Reads functions of what `atom` reads."""

    def function(self) -> Tree:
        token = self.take()
        name = self.derivative(token)
        if name == "sum" and (self.sees("_") or self.series_listed()):
            return self.series(token)
        first: list[Tree] = []
        if self.sees("_"):
            first = self.based(name)
        exponent = None
        if self.sees("^"):
            self.take()
            if self.transposing():
                raise self.refusal(f"write ^T behind what {name} is of: {name}(...)^T")
            exponent = self.exponent()
            if self.sees("_"):
                first = self.based(name)
        if name == "sqrt" and self.sees("["):
            result = self.indexed_root(token)
        else:
            result = self.apply(name, [*self.arguments(name), *first], token)
        return result if exponent is None else self.raised(name, result, exponent, token)

    def derivative(self, token: Token) -> str:
        """The name of the function, with the ' that may follow it."""
        if self.token.text not in ("'", "^"):
            return token.text
        primes = 0
        while self.sees("'") and not self.token.blank:
            self.take()
            primes += 1
        for spelling in (("^", "'"), ("^", "{", "'", "}")):
            found = [self.ahead(steps) for steps in range(len(spelling))]
            if tuple(part.text for part in found) == spelling:
                for _ in spelling:
                    self.take()
                primes += 1
        if not primes:
            return token.text
        name = f"{token.text}'"
        if primes > 1 or name not in FUNCTIONS:
            raise self.refusal(f"{name} is not read here: write the derivative out", token.at)
        return name

    def based(self, name: str) -> list[Tree]:
        """The subscript of a function: the base of a logarithm, nothing of a Euclidean norm."""
        sign = self.take()
        if name in ("log", "lg"):
            if self.token.kind == "number" and "." in self.token.text:
                raise self.refusal("what is the base? Write log_{...}(...)")
            base = self.within(self.atom)
            if self.token.kind == "number" and not self.token.blank:
                raise self.refusal("what is the base? Write log_{...}(...)")
            return [base]
        if name == "norm" and self.token.text in ("1", "2", "F", "{"):
            return self.norm_index(sign)
        raise self.refusal(f"{name} takes no subscript", sign.at)

    def norm_index(self, sign: Token) -> list[Tree]:
        """The 1 or 2 of a norm, nothing for F. Refuses other norms."""
        braced = self.sees("{")
        if braced:
            self.take()
        if self.token.text not in ("1", "2", "F"):
            problem = "only the norms with 1, 2 and F are read: write others out, as in max(|v|)"
            raise self.refusal(problem, sign.at)
        index = self.take()
        if braced:
            self.expect("}")
        return [] if index.text == "F" else [Num(Fraction(index.text), at=index.at)]

    def raised(self, name: str, result: Tree, exponent: Tree, token: Token) -> Tree:
        """sin^2 x is (sin x)^2, but sin^-1 x is asin x."""
        if exponent != Neg(Num(Fraction(1))):
            return Power(result, exponent, at=token.at)
        if name not in _INVERSES or not isinstance(result, Call):
            raise self.refusal(
                f"is {name}^-1 the inverse function or 1/{name}? Write it out", token.at
            )
        return Call(_INVERSES[name], result.arguments, at=token.at)

    # Arguments

    def arguments(self, name: str) -> list[Tree]:
        """In brackets; or without them, the factors that follow."""
        if not self.sees("(", "[", "{"):
            return [self.bare_argument(name)]
        opening = self.take()
        closing = OPENING[opening.text]
        if self.sees(closing):
            raise self.refusal(f"something is missing between the brackets of {name}")
        result = self.within(self.listed, name, closing, [])
        self.expect(closing, opening)
        return result

    def listed(self, name: str, closing: str, before: list[Tree]) -> list[Tree]:
        """The arguments from here to the closing bracket, behind those that came before."""
        result = list(before)
        while not self.sees(closing):
            named = self.token.kind == "word" and self.ahead().text == "="
            if named and result and name in ("sum", "mean"):
                result += self.keyword()
            else:
                result.append(self.comparison())
            if not self.sees(","):
                break
            self.take()
            if self.sees(closing):
                raise self.refusal(f"something is missing behind the last comma of {name}")
        return result

    def keyword(self) -> list[Tree]:
        """axis=1, which is an argument, or keepdims=True, which says nothing about a column."""
        word = self.take()
        self.take()
        if word.text in KEPT and self.token.text in ("True", "False"):
            self.take()
            return []
        if word.text not in AXES:
            raise self.refusal(f"there is no {word} here: write axis=0 or axis=1", word.at)
        negative = self.sees("-")
        if negative:
            self.take()
        axis = {"0": 0, "1": 1, "-1": 1, "-2": 0}.get("-" * negative + self.token.text)
        if axis is None:
            raise self.refusal("the axis is 0 (down the columns) or 1 (along the rows)")
        return [Num(Fraction(axis), at=self.take().at)]

    def bare_argument(self, name: str) -> Tree:
        """What a function without brackets is applied to."""
        if self.token.kind == "word":
            self.resolve()
        if not self.starts() and not self.sees("-", "+", "|", "‖"):
            raise self.refusal(f"write {name}(...) with something between the brackets")
        alone = FUNCTIONS[name].shape in ("entrywise", "same")
        if self.sees("+") or (self.sees("-") and not alone):
            raise self.refusal(
                f"write {name}(...) with brackets, or what is missing before {self.token}"
            )
        if name in _OF_ONE:
            return self.nested(self.atom)
        return self.nested(self.signed, self._bare_factors)

    def _bare_factors(self) -> Tree:
        single = self.token.kind == "function" or self.sees(*_BRACKETS)
        result = self.power()
        while not single and not self.starts_entry():
            if self.token.kind == "word" and not self._named_hadamard():
                self.resolve()
            if not self.starts() or self.token.kind == "function" or self.sees(*_BRACKETS, "∑"):
                break
            if self._named_hadamard():
                break
            self.check_number()
            at = self.token.at
            result = Product(result, self.power(), at=at)
        return result

    def apply(self, name: str, arguments: list[Tree], token: Token) -> Tree:
        """The tree of a function of its arguments. Refuses a wrong number of them."""
        if name in ("ones", "zeros") and len(arguments) == 1 and isinstance(arguments[0], Rows):
            arguments = list(arguments[0].rows[0])
        if name == "step" and len(arguments) == 2:
            return self.stepped(arguments[0], arguments[1], token)
        least, most = FUNCTIONS[name].arguments
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            things = "argument" if wanted == "1" else "arguments"
            raise self.refusal(f"{name} takes {wanted} {things}, not {len(arguments)}", token.at)
        match name:
            case "transpose":
                return self.turned(arguments[0], token.at)
            case "hadamard":
                return Hadamard(arguments[0], arguments[1], at=token.at)
            case "indicator":
                if not is_mask(arguments[0]):
                    raise self.refusal("an indicator is of a comparison, as in 1[z > 0]", token.at)
                return arguments[0]
            case "where":
                if not is_mask(arguments[0]):
                    raise self.refusal("where(...) starts with a comparison, as in z > 0", token.at)
            case "lg" | "root" if len(arguments) == 1:
                name = "log10" if name == "lg" else "sqrt"
            case "gcd" | "lcm":
                whole = of_whole_numbers(name, arguments, token.at)
                if whole is not None:
                    return whole
            case "lg":
                name = "log"
            case "nPr":
                n, k = arguments
                rest = Call("factorial", (Difference(n, k, at=token.at),), at=token.at)
                return Quotient(Call("factorial", (n,), at=token.at), rest, at=token.at)
            case "mod":
                return remainder(arguments[0], arguments[1], token.at)
            case "round":
                return self.rounded(arguments[0], token)
            case "Fraction":
                over = arguments[1] if len(arguments) == 2 else Num(Fraction(1), at=token.at)
                return Quotient(arguments[0], over, at=token.at)
            case "matmul":
                return Product(arguments[0], arguments[1], "@", at=token.at)
            case "square" | "power":
                exponent = arguments[1] if name == "power" else Num(Fraction(2), at=token.at)
                return self.power_of_entries(arguments[0], exponent, token)
        return Call(name, tuple(arguments), at=token.at)

    def stepped(self, argument: Tree, at_zero: Tree, token: Token) -> Tree:
        """np.heaviside(z, 0) and np.heaviside(z, 1): the second says what it is where z is 0."""
        value = rational(at_zero)
        if value == 1:
            return Call("step", (argument,), at=token.at)
        if value == 0:
            return Compare(argument, ">", Num(Fraction(0), at=token.at), at=token.at)
        raise self.refusal("the second argument, the value at 0, is 0 or 1 here", token.at)

    def rounded(self, number: Tree, token: Token) -> Tree:
        """The nearest whole number; there is no one answer for the half of an odd number."""
        value = rational(number)
        if value is not None and value.denominator == 2:
            raise self.refusal("a half could be rounded up or down: write floor or ceil", token.at)
        half = Quotient(Num(Fraction(1)), Num(Fraction(2)), at=token.at)
        return Call("floor", (Sum(number, half, at=token.at),), at=token.at)

    def attribute(self, base: Tree) -> Tree:
        """G.T, G.sum(axis=1), G.mean(0), A.dot(v), v.max()."""
        token = self.token
        name = token.text[1:]
        if token.text in _CASTS and is_mask(base) and self.ahead().text == "(":
            return self.cast(base)
        more = _METHODS.get(name)
        if more is None or self.ahead().text != "(" or token.blank:
            return super().attribute(base)
        self.take()
        opening = self.take()
        arguments = self.within(self.listed, name, ")", [base])
        self.expect(")", opening)
        if len(arguments) - 1 not in more:
            wanted = "nothing" if more == (0,) else "one argument"
            raise self.refusal(f".{name}(...) takes {wanted} here", token.at)
        return self.apply("transpose" if name == "t" else name, arguments, token)

    def cast(self, mask: Tree) -> Tree:
        """(z > 0).float(), (z > 0).astype(np.float32): a comparison is 1 or 0 anyway."""
        token = self.take()
        for _ in range(_CAST):
            if self.take().text == ")":
                return mask
        raise self.refusal(f"{token}(...) is not read here", token.at)

    # Roots and fractions

    def root(self) -> Tree:
        token = self.take()
        if token.text == "√" and self.sees("["):
            return self.indexed_root(token)
        if self.text[token.at] == "\\" and self.token.kind == "number" and len(self.token.text) > 1:
            raise self.refusal("write \\sqrt{...} with braces")
        arguments = self.arguments("cbrt" if token.text == "∛" else "sqrt")
        if token.text == "∜":
            arguments.append(Num(Fraction(4), at=token.at))
            return self.apply("root", arguments, token)
        return self.apply("cbrt" if token.text == "∛" else "sqrt", arguments, token)

    def indexed_root(self, token: Token) -> Tree:
        """\\sqrt[3]{x}; and sqrt[x], which has square brackets for round ones."""
        opening = self.take()
        index = self.within(self.sum)
        self.expect("]", opening)
        tex = self.text[token.at] == "\\"
        if tex and not self.starts():
            raise self.refusal("what is it the root of? Write \\sqrt[3]{...}", token.at)
        if not self.sees("(", "{") and not tex:
            return self.apply("sqrt", [index], token)
        return self.apply("root", [*self.arguments("sqrt"), index], token)

    def fraction(self) -> Tree:
        token = self.take()
        above, below = self.tex_argument(), self.tex_argument()
        if token.text == "frac":
            return Quotient(above, below, at=token.at)
        return Call("binomial", (above, below), at=token.at)

    def tex_argument(self) -> Tree:
        """What is in braces, or as in \\frac12 a single digit or letter."""
        token = self.token
        if token.kind == "number" and not token.text.isdecimal():
            raise self.refusal("a fraction is written \\frac{...}{...}")
        if token.kind in ("number", "word") and len(token.text) > 1:
            first, rest = token.text[0], token.text[1:]
            if self.text[token.at] == first and rest.isalnum():
                kinds = ["number" if part.isdecimal() else "word" for part in (first, rest)]
                self.tokens[self.place : self.place + 1] = [
                    token._replace(kind=kinds[0], text=first),
                    token._replace(kind=kinds[1], text=rest, at=token.at + 1, blank=False),
                ]
                self.token = self.tokens[self.place]
        if not self.starts():
            raise self.refusal("a fraction is written \\frac{...}{...}")
        if self.token.kind == "number":
            digit = self.take()
            return Num(Fraction(int(digit.text)), at=digit.at)
        return self.nested(self.atom)
