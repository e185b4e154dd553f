"""Numbers: formulas without names, and what they come to.

Plain decimals and fractions are read at once; all else by the one reader of formulas. A value is
exact as long as it is rational, and a float once a root, a logarithm or the like made it inexact.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from typing import Any

from generator.model.errors import NotationError
from generator.notation.formulas.forms import nodes
from generator.notation.formulas.operations import Link, is_mask
from generator.notation.formulas.parsing import Parser
from generator.notation.formulas.precise import evaluate_precisely
from generator.notation.formulas.scope import Scope, Shape
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.tree import Call, Const, Num, Power, Quotient, Rows, Series, Tree
from generator.notation.limits import DIGITS, ENTRIES, check_length

Value = Fraction | float

NO_NAMES = Scope({})
_PLAIN = re.compile(
    r"\s*([-+−]?)([0-9]{0,40})(?:\.([0-9]{0,40}))?(?:[eE]([-+]?[0-9]{1,2})|/([0-9]{1,40}))?\s*"
)
_DIGITS, _MORE = 50, 400  # of an inexact value, which is computed twice
_AGREE = 10**25  # where both differ by less than such a part, a float has the right digits
_SEARCHED = 100  # nodes of a tree that are looked through for what has no value
_MOST = 10**DIGITS
_SHOWN = 17  # digits of a number that no float can hold


def read_number(text: str, *, exact: bool = False) -> Value:
    """The number that `text` stands for: a Fraction where it is one, else a float.

    One beyond the range of floats is a Fraction of 17 digits. With `exact`, what is not rational
    is refused. Raises NotationError.

    >>> read_number("-1/8"), read_number("0,125"), read_number("2 sqrt(2)")
    (Fraction(-1, 8), Fraction(1, 8), 2.8284271247461903)
    """
    plain = plain_number(text)
    if plain is not None:
        return plain
    check_length(text)
    if text.count(",") + text.count("&") >= ENTRIES:
        raise NotationError("one number is expected here, not several", text, 0)
    parser = NumberParser(text, NO_NAMES)
    tree = parser.formula()
    if is_mask(tree):
        raise parser.refusal("a number is expected here, not a comparison", tree.at)
    entries, shape = computed(tree, text, exact=exact)
    if shape:
        raise parser.refusal("one number is expected here, not several", tree.at)
    value: Value = entries[0][0]
    return value


def plain_number(text: str) -> Fraction | None:
    """The value of a text that is a decimal, or a fraction of two, and nothing else."""
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    sign, whole, places, exponent, below = found.groups()
    digits = whole + (places or "")
    if not digits:
        return None
    above = int(digits) if sign in ("", "+") else -int(digits)
    ten = int(exponent or 0) - len(places or "")
    if below is not None:
        divisor = int(below)
        return Fraction(above, divisor * 10**-ten) if divisor else None
    return Fraction(above * 10**ten) if ten >= 0 else Fraction(above, 10**-ten)


class NumberParser(Parser):
    """Reads formulas without names, and refuses what could be two numbers."""

    def check_beside(self, links: list[Link], left: Tree, right: Tree) -> None:
        super().check_beside(links, left, right)
        if isinstance(right, Rows):
            return
        if any(sign == "/" for sign, _, _ in links):
            problem = "write brackets: is what stands here in the denominator?"
            raise self.refusal(problem, right.at)
        if isinstance(left, Num) and right == Const("e") and self.sees("+", "-"):
            raise self.refusal("write 1e-3 without a blank, or 2*e - 3", right.at)
        mixed = self.text[right.at] == "\\" and isinstance(left, Num)
        if mixed and isinstance(right, Quotient) and _is_plain(right):
            problem = "is this a sum or a product? Write + or * before the fraction"
            raise self.refusal(problem, right.at)


def _is_plain(fraction: Quotient) -> bool:
    return isinstance(fraction.left, Num) and isinstance(fraction.right, Num)


def computed(tree: Tree, text: str, *, exact: bool = False) -> tuple[list[list[Value]], Shape]:
    """The entries (rows, columns) of a tree without names, and its shape, () of a number.

    Raises NotationError where there is no real value, or none that can be told.
    """
    whole = typed(tree, NO_NAMES, text=text)
    first = evaluate_precisely(whole.tree, {}, {}, _DIGITS)
    if first is None:
        trouble = _first(whole.tree, _has_value)
        raise NotationError(_reason(trouble), text, trouble.at)
    second = first
    if not all(isinstance(each, Fraction) for each in first.flat):
        if exact:
            problem = "write fractions or decimals, so that it can be checked exactly"
            raise NotationError(problem, text, _first(whole.tree, _is_exact).at)
        again = evaluate_precisely(whole.tree, {}, {}, _MORE)
        if again is None:
            raise NotationError("this can't be computed exactly enough", text, tree.at)
        second = again
    try:
        rows = [
            [_plain(a, b) for a, b in zip(*pair, strict=True)]
            for pair in zip(first.tolist(), second.tolist(), strict=True)
        ]
    except ArithmeticError as error:
        raise NotationError(str(error), text, tree.at) from None
    return rows, whole.shape


def _plain(first: Any, second: Any) -> Value:
    """The value as answers hold it, of two that were computed with few and with many digits.

    A value that shrinks with the digits is zero: cos(pi/2). ArithmeticError says what is wrong.
    """
    if isinstance(first, Fraction) or isinstance(second, Fraction):
        return _bounded(Fraction(second if isinstance(second, Fraction) else first))
    import mpmath

    with mpmath.workdps(_MORE):
        gap, size = abs(first - second), abs(second)
        if size == 0:
            return Fraction(0)
        if gap * _AGREE > size:
            if size * 10**100 < max(abs(first), mpmath.mpf(10) ** -200):
                return Fraction(0)
            many = size > abs(first) * 10**100
            problem = "this divides by zero" if many else "this can't be computed exactly enough"
            raise ArithmeticError(problem)
        value = float(second)
        if value == 0 or abs(value) == float("inf"):
            if abs(mpmath.log10(size)) > DIGITS:
                raise ArithmeticError("this number is too large or too close to zero")
            return _bounded(Fraction(mpmath.nstr(second, _SHOWN)))
    return value


def _bounded(value: Fraction) -> Fraction:
    """The fraction, if it has not too many digits."""
    for part in (value.numerator, value.denominator):
        if abs(part) > _MOST:
            raise ArithmeticError(f"a number has at most {DIGITS:,} digits here")
    return value


def _first(tree: Tree, holds: Callable[[Tree], bool]) -> Tree:
    """The first node of which something does not hold that holds of all its parts; in a large
    tree, or of a sum, the whole."""
    count = sum(1 for _ in islice(nodes(tree), _SEARCHED))
    while count < _SEARCHED and not isinstance(tree, Series):
        part = next((each for each in tree.children() if not holds(each)), None)
        if part is None:
            break
        tree = part
    return tree


def _has_value(tree: Tree) -> bool:
    return evaluate_precisely(tree, {}, {}, _DIGITS) is not None


def _is_exact(tree: Tree) -> bool:
    values = evaluate_precisely(tree, {}, {}, _DIGITS)
    return values is not None and all(isinstance(each, Fraction) for each in values.flat)


def _reason(tree: Tree) -> str:
    match tree:
        case Quotient() | Call(function="sec" | "csc" | "tan" | "cot"):
            return "this divides by zero"
        case Power(base=base):
            value = _number(base)
            if value is not None and value < 0:
                return "a negative number has no real power with this exponent"
            if value == 0:
                return "0 has no such power"
        case Call(function="sqrt"):
            return "a negative number has no real square root"
        case Call(function="ln" | "log" | "log2" | "log10"):
            return "only a number above 0 has a logarithm"
        case Call(function="inv"):
            return "this matrix has no inverse"
        case Call(function="exp" | "factorial" | "binomial" | "sinh" | "cosh"):
            pass
        case _:
            return "this has no value among the real numbers"
    return "this number is too large to compute with"


def _number(tree: Tree) -> Any:
    values = evaluate_precisely(tree, {}, {}, _DIGITS)
    return None if values is None or values.size != 1 else values[0, 0]
