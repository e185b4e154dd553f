"""Rational numbers that a formula spells out, and functions of them that expect whole numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from generator.notation.formulas.tree import (
    Call,
    Difference,
    Neg,
    Num,
    Power,
    Product,
    Quotient,
    Sum,
    Tree,
)
from generator.notation.limits import DIGITS, HEIGHT

_MOST = 10**DIGITS


def rational(tree: Tree, depth: int = HEIGHT) -> Fraction | None:
    """The value of a tree of numbers, sums, products and quotients; None of any other."""
    match tree:
        case Num():
            return tree.value
        case Neg():
            value = rational(tree.body, depth - 1) if depth else None
            return None if value is None else -value
        case Sum() | Difference() | Product() | Quotient() if depth:
            left, right = rational(tree.left, depth - 1), rational(tree.right, depth - 1)
            if left is None or right is None:
                return None
            return _combined(tree, left, right)
        case Power() if depth:
            base, power = rational(tree.base, depth - 1), rational(tree.exponent, depth - 1)
            small = power is not None and power.denominator == 1 and abs(power) <= DIGITS
            if base is None or power is None or not small or (base == 0 and power <= 0):
                return None
            digits = max(abs(base.numerator), base.denominator).bit_length()
            return base ** int(power) if digits * abs(power) < _MOST.bit_length() else None
    return None


def _combined(tree: Tree, left: Fraction, right: Fraction) -> Fraction | None:
    match tree:
        case Sum():
            value = left + right
        case Difference():
            value = left - right
        case Product():
            value = left * right
        case _ if right:
            value = left / right
        case _:
            return None
    return value if max(abs(value.numerator), value.denominator) < _MOST else None


def of_whole_numbers(function: str, arguments: Sequence[Tree], at: int) -> Tree | None:
    """gcd or lcm of fractions, as that of whole numbers over one denominator; None where it is of
    whole numbers already, or of names: gcd(2.4, 3.6) is gcd(12, 18)/5."""
    values = [rational(each) for each in arguments]
    known = [value for value in values if value is not None]
    below = math.lcm(*(value.denominator for value in known))
    if len(known) < len(values) or below == 1:
        return None
    wholes = tuple(Num(abs(value * below), at=at) for value in known)
    return Quotient(Call(function, wholes, at=at), Num(Fraction(below), at=at), at=at)
