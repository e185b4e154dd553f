"""Trees back to plain text and LaTeX, with the fewest brackets that keep the meaning.

What is printed reads back to the same tree: chains of factors group from the left, `^` from the
right and more tightly than a minus sign, and beside a Hadamard sign factors written side by side
form one factor. (A number such as ⅓, which no decimal ends, comes back as a quotient.)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

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
    Sum,
    Transpose,
    Tree,
)

_GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Phi",
    "Psi",
    "Omega",
]
_ACCENTS = ("hat", "bar", "tilde", "dot", "vec")
_RELATIONS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne"}
_LATEX_FUNCTIONS = [
    "sin",
    "cos",
    "tan",
    "sec",
    "csc",
    "cot",
    "sinh",
    "cosh",
    "tanh",
    "coth",
    "exp",
    "ln",
    "log",
    "max",
    "min",
    "det",
    "gcd",
]
_OWN_LATEX = {
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "sigmoid": r"\sigma",
    "sigmoid'": r"\sigma'",
    "relu": r"\operatorname{ReLU}",
    "relu'": r"\operatorname{ReLU}'",
    "leaky_relu": r"\operatorname{LeakyReLU}",
}
_OWN_TEXT = {"sigmoid": "sigma", "sigmoid'": "sigma'"}

# How tightly a tree holds together: what is looser than its place needs brackets.
_COMPARISON, _SUM, _SIGNED, _CHAIN, _POWER, _ATOM = range(6)


def text(tree: Tree) -> str:
    """Plain text.

    >>> text(Power(Sum(Name("x"), Num(Fraction(1))), Num(Fraction(2))))
    '(x + 1)^2'
    """
    return _print(tree, _TEXT)


def latex(tree: Tree) -> str:
    """LaTeX for the inside of a formula."""
    return _print(tree, _LATEX)


@dataclass(frozen=True)
class _Style:
    """What plain text and LaTeX write differently; everything else they share."""

    opening: str
    closing: str
    hadamard: str
    times: str
    transpose: str
    name: Callable[[str], str]
    power: Callable[[str, str], str]
    function: Callable[[str], str]
    is_latex: bool


def _print(tree: Tree, style: _Style) -> str:
    return _RULES[type(tree)](tree, style)


def _at(tree: Tree, level: int, style: _Style) -> str:
    """The tree, in brackets if it is looser than `level`."""
    printed = _print(tree, style)
    if _level(tree, style) >= level:
        return printed
    return f"{style.opening}{printed}{style.closing}"


def _level(tree: Tree, style: _Style) -> int:
    match tree:
        case Compare():
            return _ATOM  # printed as 1{...}, which holds together
        case Sum() | Difference():
            return _SUM
        case Neg() | Series():
            return _SIGNED
        case Num() if _digits(tree.value) is None:
            return _CHAIN
        case Quotient() if style.is_latex:
            return _ATOM
        case Product() | Hadamard() | Quotient():
            return _CHAIN
        case Power() | Transpose():
            return _POWER
    return _ATOM


def _num(tree: Num, style: _Style) -> str:
    digits = _digits(tree.value)
    if digits is not None:
        return digits
    above, below = tree.value.numerator, tree.value.denominator
    return rf"\frac{{{above}}}{{{below}}}" if style.is_latex else f"{above}/{below}"


def _digits(value: Fraction) -> str | None:
    """The number in decimals, if they end."""
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
        if places > 60 or any(value.denominator % prime == 0 for prime in (3, 7)):
            return None
    digits = str(value.numerator * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def _sum(tree: Sum | Difference, style: _Style) -> str:
    sign = "+" if isinstance(tree, Sum) else "-"
    return f"{_at(tree.left, _SUM, style)} {sign} {_at(tree.right, _CHAIN, style)}"


def _neg(tree: Neg, style: _Style) -> str:
    return f"-{_at(tree.body, _CHAIN, style)}"


def _product(tree: Product, style: _Style) -> str:
    left, right = _left(tree, style), _right(tree.right, style)
    if tree.sign:
        return f"{left} {style.times if tree.sign == '*' else '@'} {right}"
    # A digit right behind another factor would join it, or be read as a number of its own.
    if right[0].isdigit():
        bare = _comparison(tree.right, style) if isinstance(tree.right, Compare) else right
        right = f"{style.opening}{bare}{style.closing}"
    return f"{left} {right}"


def _quotient(tree: Quotient, style: _Style) -> str:
    if style.is_latex:
        return rf"\frac{{{_print(tree.left, style)}}}{{{_print(tree.right, style)}}}"
    left, right = _left(tree, style), _right(tree.right, style)
    tight = " " not in left and " " not in right
    return f"{left}/{right}" if tight else f"{left} / {right}"


def _hadamard(tree: Hadamard, style: _Style) -> str:
    left = tree.left
    printed = _print(left, style)
    if not (isinstance(left, Hadamard) or _side_by_side(left) or _level(left, style) > _CHAIN):
        printed = f"{style.opening}{printed}{style.closing}"
    right = tree.right
    shown = _print(right, style) if _side_by_side(right) else _right(right, style)
    return f"{printed} {style.hadamard} {shown}"


def _left(tree: Product | Quotient, style: _Style) -> str:
    """The left operand of a chain: one that groups to the left anyway needs no brackets."""
    if isinstance(tree.left, Hadamard):
        return f"{style.opening}{_print(tree.left, style)}{style.closing}"
    return _at(tree.left, _CHAIN, style)


def _right(tree: Tree, style: _Style) -> str:
    return _at(tree, _POWER, style)


def _side_by_side(tree: Tree) -> bool:
    """Whether a tree is factors written side by side, and nothing else."""
    while isinstance(tree, Product) and tree.sign == "":
        tree = tree.left
        if not isinstance(tree, Product | Quotient | Hadamard):
            return True
    return False


def _power(tree: Power, style: _Style) -> str:
    base = _at(tree.base, _ATOM, style)
    if isinstance(tree.base, Quotient):
        base = f"{style.opening}{_print(tree.base, style)}{style.closing}"
    return style.power(base, _print(tree.exponent, style))


def _plain_power(base: str, exponent: str) -> str:
    simple = re.fullmatch(r"\w+|[0-9]+\.?[0-9]*", exponent)
    return f"{base}^{exponent}" if simple and exponent != "T" else f"{base}^({exponent})"


def _latex_power(base: str, exponent: str) -> str:
    return f"{base}^{{{exponent}}}"


def _transpose(tree: Transpose, style: _Style) -> str:
    return _at(tree.body, _ATOM, style) + style.transpose


def _call(tree: Call, style: _Style) -> str:
    if tree.function == "abs":
        return (
            f"abs({_print(tree.arguments[0], style)})"
            if not style.is_latex
            else (rf"\left|{_print(tree.arguments[0], style)}\right|")
        )
    if style.is_latex and tree.function == "sqrt":
        return rf"\sqrt{{{_print(tree.arguments[0], style)}}}"
    inside = ", ".join(_print(argument, style) for argument in tree.arguments)
    return f"{style.function(tree.function)}{style.opening}{inside}{style.closing}"


def _compare(tree: Compare, style: _Style) -> str:
    inside = _comparison(tree, style)
    return rf"\mathbf{{1}}\{{{inside}\}}" if style.is_latex else f"1{{{inside}}}"


def _comparison(tree: Compare, style: _Style) -> str:
    left, right = _at(tree.left, _SUM, style), _at(tree.right, _SUM, style)
    relation = _RELATIONS.get(tree.relation, tree.relation) if style.is_latex else tree.relation
    return f"{left} {relation} {right}"


def _rows(tree: Rows, style: _Style) -> str:
    rows = [[_print(entry, style) for entry in row] for row in tree.rows]
    if style.is_latex:
        lines = [[entry] for entry in rows[0]] if tree.vector else rows
        body = r" \\ ".join(" & ".join(line) for line in lines)
        return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
    printed = ["[" + ", ".join(row) + "]" for row in rows]
    return printed[0] if tree.vector else f"[{', '.join(printed)}]"


def _item(tree: Item, style: _Style) -> str:
    name = style.name(tree.name)
    indices = [_print(index, style) for index in tree.indices]
    if len(indices) > 1:
        return f"{name}[{', '.join(indices)}]"
    return f"{name}_{{{indices[0]}}}"


def _series(tree: Series, style: _Style) -> str:
    low, high = _print(tree.low, style), _print(tree.high, style)
    sign = r"\sum" if style.is_latex else "sum"
    return f"{sign}_{{{tree.index}={low}}}^{{{high}}} {_at(tree.body, _CHAIN, style)}"


def _latex_name(name: str) -> str:
    """W1 as W_1, yhat as an accented y, alpha as the letter."""
    head, _, below = name.partition("_")
    if not below and (match := re.fullmatch(r"([A-Za-z]+?)([0-9]+)", head)):
        head, below = match.groups()
    for accent in _ACCENTS:
        if head.endswith(accent) and len(head) > len(accent):
            head = rf"\{accent}{{{_letter(head.removesuffix(accent))}}}"
            break
    else:
        head = _letter(head)
    return f"{head}_{{{_letter(below)}}}" if below else head


def _letter(word: str) -> str:
    if word in _GREEK:
        return f"\\{word}"
    return word if len(word) <= 1 or not word.isalpha() else rf"\mathit{{{word}}}"


def _latex_function(name: str) -> str:
    if name in _OWN_LATEX:
        return _OWN_LATEX[name]
    plain, prime = (name[:-1], "'") if name.endswith("'") else (name, "")
    if plain in _LATEX_FUNCTIONS:
        return f"\\{plain}{prime}"
    escaped = plain.replace("_", r"\_")
    return rf"\operatorname{{{escaped}}}{prime}"


_TEXT = _Style(
    "(", ")", "∘", "*", "^T",
    lambda name: name, _plain_power, lambda name: _OWN_TEXT.get(name, name), False,
)  # fmt: skip
_LATEX = _Style(
    r"\left(", r"\right)", r"\odot", r"\cdot", r"^{\mathsf T}",
    _latex_name, _latex_power, _latex_function, True,
)  # fmt: skip

_RULES: dict[type[Tree], Callable[..., str]] = {
    Num: _num,
    Const: lambda tree, style: "\\pi" if style.is_latex and tree.name == "pi" else tree.name,
    Name: lambda tree, style: style.name(tree.name),
    Item: _item,
    Neg: _neg,
    Sum: _sum,
    Difference: _sum,
    Product: _product,
    Hadamard: _hadamard,
    Quotient: _quotient,
    Power: _power,
    Transpose: _transpose,
    Call: _call,
    Compare: _compare,
    Rows: _rows,
    Series: _series,
}
