"""How a formula or a number is written, as seen on its tree.

Each function gives the piece that lacks a form, as text for the student, or None where nothing
lacks it. A tree does not tell 0.5 from ½ or 2.5 from 2.50, so `typed` is the text in which its
places are, as `plain` gives it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from generator.model.form import MOST_DIGITS
from generator.notation.formulas.printing import text
from generator.notation.formulas.tree import (
    Call,
    Difference,
    Hadamard,
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
from generator.notation.tokens import VULGAR, plain_sign

_NUMERAL = re.compile(r"([0-9]*)(?:(\.|,(?=[0-9]))([0-9]*))?(?:[eE]([+-]?[0-9]+))?")
_PRODUCTS = ("hadamard", "dot", "outer")


@dataclass(frozen=True)
class Numeral:
    """A decimal number as typed: 12.50e-3 is ("12", ".", "50", -3); 5% is ("5", "", "", -2)."""

    whole: str
    point: str
    places: str
    exponent: int = 0

    @property
    def decimals(self) -> int:
        """Digits behind the point, once the power of ten is worked in: 4 of 1.2e-3."""
        return max(len(self.places) - self.exponent, 0)

    @property
    def figures(self) -> range:
        """How many significant figures it can have: 2.50 has 3, 100 has 1 to 3, 0 any number."""
        digits = (self.whole + self.places).lstrip("0")
        if not digits:
            return range(1, MOST_DIGITS + 1)
        least = len(digits if self.point else digits.rstrip("0"))
        return range(least, len(digits) + 1)


def plain(source: str) -> str:
    """A typed text with one spelling for each sign, in which every place stays what it was.

    >>> plain("−１,５")
    '-1,5'
    """
    if source.isascii():
        return source
    signs = ((char, plain_sign(char)) for char in source)
    return "".join(sign if len(sign) == 1 else char for char, sign in signs)


def nodes(tree: Tree) -> Iterator[Tree]:
    """Every node, from the root on, left before right."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children()))


def entries(tree: Tree) -> list[Tree]:
    """The entries of an array written out; another tree is its own only entry."""
    if isinstance(tree, Rows):
        return [entry for row in tree.rows for entry in row]
    return [tree]


def reducible(tree: Tree, typed: str) -> str | None:
    """A fraction of whole numbers that can be reduced: 4/6, 3/1, and the 2/4 of 2x/(4y)."""
    seen: set[int] = set()
    for node in nodes(tree):
        if isinstance(node, Product | Hadamard | Quotient) and id(node) not in seen:
            above, below = _factors(node, typed, seen)
            if below and (math.gcd(math.prod(above), math.prod(below)) > 1 or set(below) == {1}):
                return f"{math.prod(above)}/{math.prod(below)}"
    return None


def rounded_number(tree: Tree, typed: str) -> str | None:
    """A number typed as a decimal that is not whole; ½ is none."""
    for node in nodes(tree):
        if isinstance(node, Num) and node.value.denominator > 1 and not _is_vulgar(node, typed):
            return text(node)
    return None


def other_fraction(tree: Tree, typed: str) -> str | None:
    """What is not part of one single fraction: of a/b + c or (a/b) c the a/b."""
    for entry in entries(tree):
        whole = _unsigned(entry)
        parts = [whole.left, whole.right] if isinstance(whole, Quotient) else [whole]
        for part in parts:
            if (found := _first_fraction(part)) is not None:
                return text(found)
    return None


def product_of_sums(tree: Tree, typed: str) -> str | None:
    """A product with a sum as a factor, or a whole power of a sum, that could be multiplied out."""
    for node in nodes(tree):
        match node:
            case Product(left=left, right=right) | Hadamard(left=left, right=right):
                factors = [left, right]
            case Call(function=function, arguments=(left, right)) if function in _PRODUCTS:
                factors = [left, right]
            case Power(base=base, exponent=Num(value=value)) if value.denominator == 1 < value:
                factors = [base]
            case _:
                continue
        if any(map(_is_sum, factors)):
            return text(node)
    return None


def slope(tree: Tree, typed: str) -> str | None:
    """A slope such as sigma'(z)."""
    return next(
        (text(n) for n in nodes(tree) if isinstance(n, Call) and n.function.endswith("'")), None
    )


def not_simplified(tree: Tree, typed: str) -> str | None:
    """What is neither a whole number nor one fraction of two; ½ and 1½ are."""
    number = _unsigned(tree)
    if isinstance(number, Quotient) and not _is_percent(number, typed):
        parts = [_unsigned(number.left), _unsigned(number.right)]
    else:
        parts = [number]
    for part in parts:
        vulgar = len(parts) == 1 and isinstance(part, Num) and _is_vulgar(part, typed)
        if not isinstance(part, Num) or (part.value.denominator > 1 and not vulgar):
            return text(tree)
    return None


def numeral(tree: Tree, typed: str) -> Numeral | None:
    """The digits of a number that is written as a decimal, with a sign, percent or power of ten;
    None of any other, such as 1/3 or 2*0.5."""
    number = _unsigned(tree)
    match number:
        case Num():
            return _digits(number, typed)
        case Quotient(left=left) if _is_percent(number, typed):
            shift, number = -2, left
        case Product(left=left, right=Power(base=Num(value=ten), exponent=exponent)) if ten == 10:
            power = _unsigned(exponent)
            if not isinstance(power, Num) or power.value.denominator > 1:
                return None
            shift, number = int(power.value if power is exponent else -power.value), left
        case _:
            return None
    found = _digits(number, typed) if isinstance(number, Num) else None
    if found is None:
        return None
    return Numeral(found.whole, found.point, found.places, found.exponent + shift)


def _digits(number: Num, typed: str) -> Numeral | None:
    """The digits of a number where it stands in the text."""
    found = _NUMERAL.match(typed, number.at)
    if found is None or not found.group():
        return None
    whole, point, places, exponent = (group or "" for group in found.groups())
    value = Fraction(f"{whole or 0}.{places or 0}e{exponent or 0}")
    return Numeral(whole, point, places, int(exponent or 0)) if value == number.value else None


def _factors(tree: Tree, typed: str, seen: set[int]) -> tuple[list[int], list[int]]:
    """The whole numbers above and below the line of a product or quotient, but none where one of
    its factors is another number. Adds its inner nodes to `seen`."""
    above: list[int] = []
    below: list[int] = []
    waiting: list[tuple[Tree, list[int], list[int]]] = [(tree, above, below)]
    while waiting:
        node, here, there = waiting.pop()
        seen.add(id(node))
        match node:
            case Neg(body=body):
                waiting.append((body, here, there))
            case Product(left=left, right=right) | Hadamard(left=left, right=right):
                waiting += [(left, here, there), (right, here, there)]
            case Quotient(left=left, right=right) if not _is_percent(node, typed):
                waiting += [(left, here, there), (right, there, here)]
            case Num(value=value) if value.denominator == 1:
                here.append(int(value))
            case Num():
                return [], []
    return above, below


def _first_fraction(tree: Tree) -> Tree | None:
    """The first quotient in sums, products and bases of powers; not inside functions."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        match node:
            case Quotient():
                return node
            case Power(base=base):
                waiting.append(base)
            case Neg() | Sum() | Difference() | Product() | Hadamard() | Transpose():
                waiting.extend(reversed(node.children()))
    return None


def _unsigned(tree: Tree) -> Tree:
    while isinstance(tree, Neg):
        tree = tree.body
    return tree


def _is_sum(tree: Tree) -> bool:
    """Whether a factor is a sum, also behind a sign, transposed, or over something."""
    while True:
        match tree:
            case Neg(body=body) | Transpose(body=body):
                tree = body
            case Quotient(left=left):
                tree = left
            case _:
                return isinstance(tree, Sum | Difference)


def _is_percent(tree: Quotient, typed: str) -> bool:
    return typed[tree.right.at : tree.right.at + 1] == "%" or typed[tree.right.at :][:2] == "\\%"


def _is_vulgar(number: Num, typed: str) -> bool:
    return bool(re.match(f"[0-9]*[{VULGAR}]", typed[number.at :]))
