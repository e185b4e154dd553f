"""Trees back to plain text and LaTeX, with the fewest brackets that keep the meaning.

What is printed reads back to the same tree (see `operations` for what binds how). Functions have
other spellings than the part's names, given as `taken`: sigmoid(z) where sigma is a name.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Container
from typing import Any, ClassVar

from generator.notation.formulas.functions import FUNCTIONS
from generator.notation.formulas.latex import LETTERS
from generator.notation.formulas.leaves import ENDLESS, latex_name, number
from generator.notation.formulas.spellings import is_function
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Const,
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
    Series,
    Size,
    Sum,
    Transpose,
    Tree,
)

_LAST_WORD = re.compile(r"([^\W\d_]*)[}]*$")

# How tightly a tree holds together: what is looser than its place asks for gets brackets.
# What ends in Σ is open: it would take in whatever factor came next.
_SUM, _SIGNED, _OPEN, _CHAIN, _FACTOR, _ATOM = range(6)
_LEVELS: dict[type[Tree], int] = {
    Sum: _SUM,
    Difference: _SUM,
    Neg: _SIGNED,
    Series: _OPEN,
    Power: _FACTOR,
    Transpose: _FACTOR,
}


def text(tree: Tree, taken: Container[str] = ()) -> str:
    """The tree in plain text.

    >>> x, y = Name("x"), Name("y")
    >>> text(Product(Power(Sum(x, y), x), Neg(y)))
    '(x + y)^x (-y)'
    """
    return _Plain(taken).write(tree)


def latex(tree: Tree, taken: Container[str] = ()) -> str:
    """The tree in LaTeX, for the inside of a formula. A number such as ⅓ becomes a fraction.

    >>> latex(Hadamard(Name("yhat1"), Transpose(Name("delta2"))))
    '\\\\hat{y}_{1} \\\\odot \\\\delta_{2}^{\\\\mathsf T}'
    """
    return _Latex(taken).write(tree)


class _Printer(ABC):
    """What text and LaTeX have in common."""

    chained: ClassVar[tuple[type[Tree], ...]]  # what stands in a chain of factors
    signs: ClassVar[dict[str, str]]
    transposed: ClassVar[str]

    def __init__(self, taken: Container[str]) -> None:
        self.taken = taken
        self.bound: frozenset[str] = frozenset()  # the indices of the sums around a place

    def write(self, tree: Tree, least: int = _SUM) -> str:
        """The tree, in brackets if it is looser than `least`."""
        printed = _WRITERS[type(tree)](self, tree)
        if least == _SUM or self.level(tree) >= least:
            return printed
        return self.grouped(printed)

    def level(self, tree: Tree) -> int:
        match tree:
            case Name():
                return _FACTOR if "^" in tree.name else _ATOM
            case Num():
                printed = number(tree.value)
                return _SIGNED if printed[0] == "-" else _CHAIN if "/" in printed else _ATOM
            case Product() | Hadamard() | Quotient():
                return _OPEN if _ends_open(tree) else _CHAIN
            case Call(function="factorial"):
                return _FACTOR
        return _LEVELS.get(type(tree), _ATOM)

    # Operations

    def sum(self, tree: Tree) -> str:
        first, nodes = _left_spine(tree, (Sum, Difference))
        pieces = [self.write(first, _SIGNED)]
        for node in nodes:
            pieces.append(" + " if isinstance(node, Sum) else " - ")
            pieces.append(self.write(node.right, _OPEN))
        return "".join(pieces)

    def neg(self, tree: Neg) -> str:
        return f"-{self.write(tree.body, _OPEN)}"

    def chain(self, tree: Tree) -> str:
        first, nodes = _left_spine(tree, self.chained)
        cut = _cut(nodes)
        result = self.grouped(self.chain(nodes[cut - 1])) if cut else self.write(first, _FACTOR)
        mixed = any(isinstance(node, Hadamard) for node in nodes[cut:])
        for node in nodes[cut:]:
            right = node.right
            last = node is tree and _ends_open(node)
            together = mixed and _side_by_side(right) and not isinstance(node, Quotient)
            loose = last or (together and self.level(right) == _CHAIN and not _beside(node))
            result = self.joined(result, node, self.write(right, _SUM if loose else _FACTOR))
        return result

    def joined(self, left: str, node: Any, right: str) -> str:
        """Two factors and the sign between them. Side by side they must not run together."""
        if not _beside(node):
            sign = "∘" if isinstance(node, Hadamard) else node.sign
            return f"{left} {self.signs[sign]} {right}"
        if left[-1].isnumeric() and right[0].isnumeric():
            right = self.grouped(right)
        if right.startswith(("\\left(", "(")) and is_function(_LAST_WORD.findall(left)[0]):
            left = self.grouped(left)  # a name sigma, times a bracket
        return f"{left} {right}"

    def transpose(self, tree: Transpose) -> str:
        return self.write(tree.body, _ATOM) + self.transposed

    def series(self, tree: Series) -> str:
        low, high = self.write(tree.low), self.write(tree.high)
        index = self.index(tree.index)
        around, self.bound = self.bound, self.bound | {tree.index}
        body = self.write(tree.body, _OPEN)
        self.bound = around
        return f"{self.signs['sum']}_{{{index}={low}}}^{{{high}}} {body}"

    # Names and entries

    def named(self, tree: Name) -> str:
        return self.index(tree.name) if tree.name in self.bound else self.name(tree.name)

    def item(self, tree: Item) -> str:
        """h_t under a sum over t; else h[2], which is an entry and never another name.

        Brackets as well where the name has an index of its own: W_{1}_t is no LaTeX.
        """
        name = self.name(tree.name)
        indices = ", ".join(map(self.write, tree.indices))
        if "_" in name or not any(_mentions(index, self.bound) for index in tree.indices):
            return f"{name}[{indices}]"
        return f"{name}_{indices}" if indices in self.bound else f"{name}_{{{indices}}}"

    def function(self, name: str) -> str:
        """A function, with ' where it is a derivative, in the first spelling that is no name."""
        plain = name.removesuffix("'")
        spellings = (_COURSE.get(plain, plain), plain, *FUNCTIONS[plain].spellings)
        free = (spelling for spelling in spellings if spelling not in self.taken)
        return next(free, plain) + name[len(plain) :]

    # What the two write differently

    def grouped(self, printed: str) -> str:
        return f"({printed})"

    def num(self, tree: Num) -> str:
        return number(tree.value)

    def const(self, tree: Const) -> str:
        return tree.name

    def index(self, name: str) -> str:
        return name

    def name(self, name: str) -> str:
        return name

    @abstractmethod
    def power(self, tree: Power) -> str:
        """A power, with its base in brackets where it needs them."""

    @abstractmethod
    def call(self, tree: Call) -> str:
        """A function and its arguments."""

    @abstractmethod
    def compare(self, tree: Compare) -> str:
        """An indicator."""

    @abstractmethod
    def rows(self, tree: Rows) -> str:
        """An array."""


_COURSE = {"sigmoid": "sigma"}


class _Plain(_Printer):
    chained = (Product, Hadamard, Quotient)
    signs: ClassVar[dict[str, str]] = {"*": "*", "·": "·", "@": "@", "∘": "∘", "sum": "sum"}
    transposed = "^T"

    def joined(self, left: str, node: Any, right: str) -> str:
        if isinstance(node, Quotient):
            return f"{left} / {right}" if " " in left + right else f"{left}/{right}"
        return super().joined(left, node, right)

    def power(self, tree: Power) -> str:
        exponent = self.write(tree.exponent)
        if exponent == "T":  # x^T and x^(T) are transposes
            exponent = "(T)"
        if not self.is_short(tree.exponent):
            exponent = f"({exponent})"
        return f"{self.write(tree.base, _ATOM)}^{exponent}"

    def is_short(self, tree: Tree) -> bool:
        """Whether an exponent needs no brackets: x^2, x^sin(y), x^y^z."""
        match tree:
            case Name():
                return tree.name.isidentifier() and tree.name[0] != "T"
            case Num():
                return self.level(tree) == _ATOM
            case Power():
                return isinstance(tree.base, Name | Num | Const) and self.is_short(tree.base)
            case Call():
                return tree.function != "factorial"
        return isinstance(tree, Const)

    def call(self, tree: Call) -> str:
        if tree.function == "factorial":
            return f"{self.write(tree.arguments[0], _ATOM)}!"
        if tree.function == "log" and len(tree.arguments) == 2:
            base = self.write(tree.arguments[1])
            if isinstance(tree.arguments[1], Name | Num) and re.fullmatch("[A-Za-z]|[0-9]+", base):
                return f"log_{base}({self.write(tree.arguments[0])})"
        return f"{self.function(tree.function)}({', '.join(map(self.write, tree.arguments))})"

    def compare(self, tree: Compare) -> str:
        return f"1{{{self.write(tree.left)} {tree.relation} {self.write(tree.right)}}}"

    def rows(self, tree: Rows) -> str:
        rows = [[self.write(entry) for entry in row] for row in tree.rows]
        if len(rows) > 1 and len(rows[0]) == 1:  # [a; b]: here a blank would separate
            entries = (self.grouped(row[0]) if " " in row[0] else row[0] for row in rows)
            return f"[{'; '.join(entries)}]"
        listed = [f"[{', '.join(row)}]" for row in rows]
        return listed[0] if tree.vector else f"[{', '.join(listed)}]"


_TALL = re.compile(r"\\(frac|sum|begin|binom|sqrt|left)\b|\^")
_RELATIONS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne"}
_COMMAND_NAMES = "sin cos tan sec csc cot sinh cosh tanh coth exp ln log max min gcd det"
_COMMANDS = frozenset(_COMMAND_NAMES.split())
_OPERATORS = {
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "sigmoid": r"\sigma",
    "relu": r"\operatorname{ReLU}",
    "leaky_relu": r"\operatorname{LeakyReLU}",
    "trace": r"\operatorname{tr}",
}
_AROUND = {
    "sqrt": (r"\sqrt{", "}"),
    "abs": (r"\left|", r"\right|"),
    "norm": (r"\left\|", r"\right\|"),
    "floor": (r"\lfloor ", r" \rfloor"),
    "ceil": (r"\lceil ", r" \rceil"),
}


class _Latex(_Printer):
    chained = (Product, Hadamard)
    signs: ClassVar[dict[str, str]] = {
        "*": r"\ast",
        "·": r"\cdot",
        "@": "@",
        "∘": r"\odot",
        "sum": r"\sum",
    }
    transposed = r"^{\mathsf T}"

    def level(self, tree: Tree) -> int:
        return _FACTOR if isinstance(tree, Quotient) else super().level(tree)

    def grouped(self, printed: str) -> str:
        """In brackets that grow only around what is tall: growing ones stand off like fractions."""
        tall = _TALL.search(printed)
        return rf"\left({printed}\right)" if tall else f"({printed})"

    def num(self, tree: Num) -> str:
        if tree.value % 1 in ENDLESS or self.level(tree) == _CHAIN:
            return rf"\frac{{{tree.value.numerator}}}{{{tree.value.denominator}}}"
        return super().num(tree)

    def const(self, tree: Const) -> str:
        return {"pi": r"\pi", "inf": r"\infty"}.get(tree.name, tree.name)

    def index(self, name: str) -> str:
        return rf"\{LETTERS[name]}" if name in LETTERS else name

    def name(self, name: str) -> str:
        return latex_name(name)

    def fraction(self, tree: Quotient) -> str:
        return rf"\frac{{{self.write(tree.left)}}}{{{self.write(tree.right)}}}"

    def power(self, tree: Power) -> str:
        exponent = self.write(tree.exponent)
        if exponent == "T":  # x^{T} is a transpose
            exponent = "(T)"
        return f"{self.write(tree.base, _ATOM)}^{{{exponent}}}"

    def call(self, tree: Call) -> str:
        name, arguments = tree.function, [self.write(argument) for argument in tree.arguments]
        if name in _AROUND and len(arguments) == 1:
            opening, closing = _AROUND[name]
            return f"{opening}{arguments[0]}{closing}"
        if name == "norm" and arguments[1] in ("1", "2"):
            return rf"\left\|{arguments[0]}\right\|_{{{arguments[1]}}}"
        if name == "factorial":
            return f"{self.write(tree.arguments[0], _ATOM)}!"
        if name == "binomial":
            return rf"\binom{{{arguments[0]}}}{{{arguments[1]}}}"
        if name == "root":
            return rf"\sqrt[{arguments[1]}]{{{arguments[0]}}}"
        if name == "log" and len(arguments) == 2:
            return rf"\log_{{{arguments[1]}}}{self.grouped(arguments[0])}"
        plain = name.removesuffix("'")
        spelled = self.function(plain)
        operator = rf"\{spelled}" if spelled in _COMMANDS else rf"\operatorname{{{spelled}}}"
        if spelled == _COURSE.get(plain, plain):
            operator = _OPERATORS.get(plain, operator)
        operator += name[len(plain) :]
        return operator + self.grouped(", ".join(arguments))

    def compare(self, tree: Compare) -> str:
        relation = _RELATIONS.get(tree.relation, tree.relation)
        return rf"\mathbf{{1}}\{{{self.write(tree.left)} {relation} {self.write(tree.right)}\}}"

    def rows(self, tree: Rows) -> str:
        rows = [[self.write(entry) for entry in row] for row in tree.rows]
        if tree.vector:
            return rf"\left[{', '.join(rows[0])}\right]"
        body = r" \\ ".join(" & ".join(row) for row in rows)
        return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def _left_spine(tree: Any, kinds: tuple[type[Tree], ...]) -> tuple[Tree, list[Any]]:
    """What a chain starts with, and its nodes from the innermost on: chains may be long."""
    nodes = []
    while isinstance(tree, kinds):
        nodes.append(tree)
        tree = tree.left  # type: ignore[attr-defined]
    return tree, nodes[::-1]


def _beside(node: Tree) -> bool:
    return isinstance(node, Product) and not node.sign


def _side_by_side(tree: Tree) -> bool:
    """Whether a tree is factors written side by side, and nothing else."""
    _, nodes = _left_spine(tree, (Product, Hadamard, Quotient))
    return bool(nodes) and all(map(_beside, nodes))


def _ends_open(node: Any) -> bool:
    """Whether a chain may end in a sum written with Σ, without brackets."""
    return isinstance(node.right, Series) and not isinstance(node, Quotient)


def _cut(nodes: list[Any]) -> int:
    """How many nodes of a chain need brackets before the rest can follow.

    Beside a Hadamard sign factors side by side are one factor first: they may stand so at the
    start of a chain, also over something, but behind another sign only if what comes before them
    is in brackets.
    """
    if not any(isinstance(node, Hadamard) for node in nodes):
        return 0
    cut, plain = 0, True
    for at in range(1, len(nodes)):
        plain = plain and (_beside(nodes[at - 1]) or isinstance(nodes[at - 1], Quotient))
        if _beside(nodes[at]) and not plain and not _beside(nodes[at - 1]):
            cut = at
    return cut


def _mentions(tree: Tree, names: frozenset[str]) -> bool:
    if isinstance(tree, Name):
        return tree.name in names
    return any(_mentions(child, names) for child in tree.children())


def _quotient(printer: _Printer, tree: Quotient) -> str:
    return printer.fraction(tree) if isinstance(printer, _Latex) else printer.chain(tree)


_WRITERS: dict[type[Tree], Callable[[Any, Any], str]] = {
    Num: lambda printer, tree: printer.num(tree),
    Const: lambda printer, tree: printer.const(tree),
    Name: _Printer.named,
    Size: lambda printer, tree: printer.named(Name(tree.symbol)),
    Item: _Printer.item,
    Neg: _Printer.neg,
    Sum: _Printer.sum,
    Difference: _Printer.sum,
    Product: _Printer.chain,
    Hadamard: _Printer.chain,
    Quotient: _quotient,
    Power: lambda printer, tree: printer.power(tree),
    Transpose: _Printer.transpose,
    Call: lambda printer, tree: printer.call(tree),
    Compare: lambda printer, tree: printer.compare(tree),
    Rows: lambda printer, tree: printer.rows(tree),
    Series: _Printer.series,
}
