"""Functions with and without brackets, their powers and derivatives, and sums over an index.

A function without brackets takes the factors side by side that follow it, up to a sign, a bracket
or another function: sin 2x cos x is sin(2x) cos(x), and sin x(y) is sin(x) y.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from generator.notation.formulas.cursor import OPENING
from generator.notation.formulas.functions import FUNCTIONS
from generator.notation.formulas.indexing import sizes_of
from generator.notation.formulas.lexing import Token
from generator.notation.formulas.operations import Operations, is_mask
from generator.notation.formulas.tree import (
    Call,
    Hadamard,
    Name,
    Neg,
    Num,
    Power,
    Product,
    Quotient,
    Rows,
    Series,
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
    **dict.fromkeys(("max", "min", "trace", "transpose"), (0,)),
}  # what may follow a factor with a point: how many arguments more
_AXES = frozenset({"axis", "dim"})
_KEPT = frozenset({"keepdims", "keepdim"})
_BRACKETS = frozenset({*OPENING, "|", "|<", "‖", "‖<", "⌊", "⌈"})


class Calls(Operations):
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
        if name == "log":
            return [self.within(self.atom)]
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
        if word.text in _KEPT and self.token.text in ("True", "False"):
            self.take()
            return []
        if word.text not in _AXES:
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
            case "matmul":
                return Product(arguments[0], arguments[1], "@", at=token.at)
            case "square" | "power":
                exponent = arguments[1] if name == "power" else Num(Fraction(2), at=token.at)
                return self.power_of_entries(arguments[0], exponent, token)
        return Call(name, tuple(arguments), at=token.at)

    def attribute(self, base: Tree) -> Tree:
        """G.T, G.sum(axis=1), G.mean(0), A.dot(v), v.max()."""
        token = self.token
        name = token.text[1:]
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
        return self.apply(name, arguments, token)

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
        if not self.sees("(", "{") and not (self.text[token.at] == "\\" and self.starts()):
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
                self.tokens[self.place : self.place + 1] = [
                    token._replace(text=first),
                    token._replace(text=rest, at=token.at + 1, blank=False),
                ]
                self.token = self.tokens[self.place]
        if not self.starts():
            raise self.refusal("a fraction is written \\frac{...}{...}")
        if self.token.kind == "number":
            digit = self.take()
            return Num(Fraction(int(digit.text)), at=digit.at)
        return self.nested(self.atom)

    # Sums over an index

    def series_listed(self) -> bool:
        """Whether sum(t=1..T, ...) comes, not the sum of an array."""
        named = self.ahead().kind == "word" and self.ahead(2).text == "="
        return self.sees("(") and named and self.ahead().text not in _AXES | _KEPT

    def series(self, token: Token) -> Tree:
        """sum_{t=1}^{T} of the factors that follow, or sum(t=1..T, ...)."""
        if self.sees("("):
            opening = self.take()
            result = self.within(self._listed_series, token)
            self.expect(")", opening)
            return result
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
        if not self.sees("^"):
            raise self.refusal("this sum has no upper bound: write sum_{t=1}^{T}", token.at)
        self.take()
        high = self.nested(self.atom)
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
        body = self._indexed(index, self.sum if braced else self.term)
        return Series(index, low, high, body, at=token.at)

    def _indexed(self, index: str, read: Callable[[], Tree]) -> Tree:
        """What `read` reads under a sum over an index."""
        around = self.bound
        self.bound = around | {index}
        body = self.nested(read)
        self.bound = around
        return body
