r"""The LaTeX that `printing.latex` writes, as MathML for web pages.

    formula := item*
    item    := atom ("^" argument | "_" argument | "'")*
    atom    := number | letter | sign | command | "{" formula "}" | bracket formula bracket

Only what our own printing can write is read, not LaTeX at large: the brackets are those that the
printer found to be needed, so nothing is decided here.
"""

from __future__ import annotations

import html
import re

from generator.notation.formulas.latex import GREEK

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?|[^\s\\]")
_NUMBER = re.compile(r"[0-9]")
_OPERATORS = {
    "cdot": "·",
    "ast": "∗",
    "odot": "⊙",
    "le": "≤",
    "ge": "≥",
    "ne": "≠",
    "{": "{",
    "}": "}",
    "|": "‖",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
}
_FUNCTION_NAMES = """
sin cos tan sec csc cot sinh cosh tanh coth exp ln log max min gcd det arcsin arccos arctan
"""
_FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~", "dot": "˙", "vec": "→"}
_SIGNS = {"-": "−", "*": "∗"}
_MINUS, _SIGN = "<mo>−</mo>", '<mo form="prefix">−</mo>'
_OPERATOR = re.compile(r"(?:<mo[ >]|<mspace)(?!.*[])|‖}!]</mo>$)")  # and no closing bracket
_CLOSING = {"(": ")", "[": "]", r"\{": r"\}", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil"}
_DEEPEST = 120  # atoms inside each other, so that Python's stack suffices


def mathml(latex: str, *, display: bool = False) -> str:
    r"""A formula as a <math> element. ValueError for LaTeX that our printing does not write.

    >>> mathml(r"W_{1}^{\mathsf T}")
    '<math><msubsup><mi>W</mi><mn>1</mn><mi mathvariant="normal">T</mi></msubsup></math>'
    """
    reader = Reader(_TOKEN.findall(latex))
    body = reader.row("")
    shown = ' display="block"' if display else ""
    return f"<math{shown}>{body}</math>"


class Reader:
    """What is left to be read."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.next
        if not token or (wanted and token != wanted):
            raise ValueError(f"{wanted or 'more'} is expected, not {token or 'the end'}")
        self.at += 1
        return token

    def row(self, *ends: str) -> str:
        """Items up to one of `ends`, which stays; one item, or several in a row."""
        items: list[str] = []
        while self.next not in ends:
            item = self.item()
            if item == _MINUS and items and _OPERATOR.match(items[-1]):
                item = _SIGN  # after an operator or a comma: browsers take it for a difference
            items.append(item)
        return items[0] if len(items) == 1 else f"<mrow>{''.join(items)}</mrow>"

    def item(self) -> str:
        if self.next == r"\sum":
            return self.sum()
        base = self.atom()
        below = above = primes = ""
        while self.next in ("^", "_", "'") and self.next:
            sign = self.take()
            if sign == "'":
                primes += "′"
            elif sign == "_" and not below:
                below = self.argument()
            elif sign == "_":  # W_{1}_{t}: an entry of a numbered name
                base, below = f"<msub>{base}{below}</msub>", self.argument()
            elif sign == "^" and not above:
                above = self.argument()
            else:
                raise ValueError(f"a second {sign}")
        if primes:
            mark = f"<mo>{primes}</mo>"
            above = f"<mrow>{mark}{above}</mrow>" if above else mark
        if below and above:
            return f"<msubsup>{base}{below}{above}</msubsup>"
        if below:
            return f"<msub>{base}{below}</msub>"
        return f"<msup>{base}{above}</msup>" if above else base

    def sum(self) -> str:
        self.take()
        self.take("_")
        low = self.argument()
        self.take("^")
        high = self.argument()
        return f"<munderover><mo>∑</mo>{low}{high}</munderover>"

    def atom(self) -> str:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValueError("nested too deep")
        printed = self.started(self.take())
        self.depth -= 1
        return printed

    def started(self, token: str) -> str:
        """What begins with a token."""
        if token == "{":
            inside = self.row("}")
            self.take("}")
            return inside
        if token in _CLOSING:
            return self.bracketed(token, _CLOSING[token])
        if token[0] == "\\":
            return self.command(token[1:])
        if _NUMBER.match(token):
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{html.escape(token)}</mi>"
        return f"<mo>{html.escape(_SIGNS.get(token, token))}</mo>"

    def bracketed(self, opening: str, closing: str) -> str:
        inside = self.row(closing)
        self.take(closing)
        signs = (_OPERATORS.get(sign.lstrip("\\"), sign) for sign in (opening, closing))
        first, last = (f'<mo stretchy="true">{sign}</mo>' for sign in signs)
        return f"<mrow>{first}{inside}{last}</mrow>"

    def argument(self) -> str:
        """What stands in braces, or a single token without."""
        return self.atom()

    def command(self, name: str) -> str:
        if name in GREEK:
            return f"<mi>{GREEK[name]}</mi>"
        if name in _FUNCTIONS:
            return f"<mi>{name}</mi>"
        if name in _ACCENTS:
            return f'<mover accent="true">{self.argument()}<mo>{_ACCENTS[name]}</mo></mover>'
        match name:
            case "infty":
                return "<mi>∞</mi>"
            case "frac":
                return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
            case "binom":
                both = f'<mfrac linethickness="0">{self.argument()}{self.argument()}</mfrac>'
                return f"<mrow><mo>(</mo>{both}<mo>)</mo></mrow>"
            case "sqrt":
                return self.root()
            case "operatorname" | "mathit":
                return f"<mi>{html.escape(self.word())}</mi>"
            case "mathbf":  # of the indicator only
                return (
                    "<mi>𝟏</mi>"
                    if (word := self.word()) == "1"
                    else f"<mi>{html.escape(word)}</mi>"
                )
            case "mathsf":
                return f'<mi mathvariant="normal">{html.escape(self.take())}</mi>'
            case "left":
                return self.grown()
            case "begin":
                return self.matrix()
        if name in _OPERATORS:
            return f"<mo>{_OPERATORS[name]}</mo>"
        raise ValueError(f"\\{name} is not what formulas are printed with")

    def word(self) -> str:
        """The text in braces."""
        self.take("{")
        letters = []
        while self.next != "}":
            letters.append(self.take())
        self.take("}")
        return "".join(letters)

    def root(self) -> str:
        if self.next != "[":
            return f"<msqrt>{self.argument()}</msqrt>"
        self.take("[")
        degree = self.row("]")
        self.take("]")
        return f"<mroot>{self.argument()}{degree}</mroot>"

    def grown(self) -> str:
        opening = self.take()
        inside = self.row(r"\right")
        self.take(r"\right")
        sides = [sign if sign != r"\|" else "‖" for sign in (opening, self.take())]
        first, last = (
            f'<mo fence="true" stretchy="true">{html.escape(sign)}</mo>' for sign in sides
        )
        return f"<mrow>{first}{inside}{last}</mrow>"

    def matrix(self) -> str:
        kind, rows = self.word(), self.entries()
        if kind != "bmatrix" or self.word() != kind:
            raise ValueError(f"a {kind} is not what formulas are printed with")
        return table(rows)

    def entries(self) -> list[list[str]]:
        """The rows of a matrix up to its end, whose name is still to be read."""
        rows: list[list[str]] = [[]]
        while True:
            rows[-1].append(self.row("&", r"\\", r"\end"))
            ended = self.take()
            if ended == r"\end":
                return rows
            if ended != "&":
                rows.append([])


def table(rows: list[list[str]]) -> str:
    """Entries that are MathML already, as a matrix in brackets."""
    inside = "".join(
        f"<mtr>{''.join(f'<mtd>{entry}</mtd>' for entry in row)}</mtr>" for row in rows
    )
    return (
        '<mrow><mo fence="true" stretchy="true">[</mo>'
        f"<mtable>{inside}</mtable>"
        '<mo fence="true" stretchy="true">]</mo></mrow>'
    )
