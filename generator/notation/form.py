"""Whether a text is written as a question asks, and how a value is written so.

What is missing is said as the end of a sentence that begins with `the value is right, but`; nothing
in it tells more of the truth than the answer itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from generator.model.answers import Answer, Array, Formula, Number
from generator.model.errors import NotationError
from generator.model.form import (
    DECIMALS,
    EXACT,
    EXPANDED,
    FIGURES,
    FRACTION,
    LOWEST,
    NO_SLOPES,
    SINGLE,
    Form,
    counted,
)
from generator.model.values import Vector, decimals, figures, magnitude
from generator.notation.arrays import entries
from generator.notation.formulas import forms as found
from generator.notation.formulas.tree import Item, Name, Tree
from generator.notation.formulas.written import Written, read_formula
from generator.notation.tokens import shown
from generator.notation.writing import write

_CHECKS: dict[str, tuple[Callable[[Tree, str], str | None], str]] = {
    LOWEST: (found.reducible, "the fraction {} is not in lowest terms"),
    FRACTION: (found.not_simplified, "it is asked for as a whole number or one fraction"),
    EXACT: (found.rounded_number, "it is asked for without decimals such as {}"),
    SINGLE: (found.other_fraction, "it is asked for as one fraction, and {} is another"),
    EXPANDED: (found.product_of_sums, "{} is to be multiplied out"),
    NO_SLOPES: (found.slope, "{} is to be written out"),
}


def missing(question: Answer, given: Any, value: Any) -> str:
    """What an answer lacks of the form that is asked for, whatever its value; "" if nothing.

    `given` is what was typed, `value` what it was read as.

    >>> missing(Number("2/3", form="lowest terms"), "4/6", Fraction(2, 3))
    'the fraction 4/6 is not in lowest terms'
    >>> missing(Number("2.5", form="3 significant figures"), "2.50", Fraction("2.5"))
    ''
    """
    forms = question.forms
    match question:
        case Number() if forms:
            return _of_number(forms, given)
        case Array() if forms:
            lacking = ((entry, _of_number(forms, entry)) for entry in entries(given))
            return next((f"of {shown(entry)}: {lack}" for entry, lack in lacking if lack), "")
        case Formula():
            return _other_names(question, value) or _missing(forms, value.tree, value.source)
    return ""


def _of_number(forms: Sequence[Form], text: str) -> str:
    try:
        number = read_formula(text, {})
    except NotationError:
        return f"it is asked for as {forms[0].asked}"
    return _missing(forms, number.tree, number.source)


def _other_names(question: Formula, formula: Written) -> str:
    """Which names a formula uses that the question's `only` leaves out, in words."""
    if not question.only:
        return ""
    used = {node.name for node in found.nodes(formula.tree) if isinstance(node, Name | Item)}
    extra = sorted(used & set(question.names) - set(question.only))
    if not extra:
        return ""
    return f"it uses {', '.join(extra)}: write it with {', '.join(question.only)} alone"


def _missing(forms: Sequence[Form], tree: Tree, source: str) -> str:
    typed = found.plain(source) if forms else ""
    for form in forms:
        if form.name not in _CHECKS:
            missing = _digits(form, found.numeral(tree, typed))
        else:
            missing = _piece(form.name, tree, typed)
        if missing:
            return missing
    return ""


def _piece(name: str, tree: Tree, typed: str) -> str:
    """What is missing of a form that a piece of the tree may lack, with that piece."""
    if name == FRACTION and (reducible := _piece(LOWEST, tree, typed)):
        return reducible
    check, words = _CHECKS[name]
    piece = check(tree, typed)
    return "" if piece is None else words.format(shown(piece))


def _digits(form: Form, numeral: found.Numeral | None) -> str:
    """What a number lacks that should have so many digits."""
    if numeral is None:
        return f"it is asked for as a decimal number with {counted(form.digits, form.name)}"
    if form.name == DECIMALS:
        least = most = numeral.decimals
    else:
        least, most = numeral.figures[0], numeral.figures[-1]
    if least <= form.digits <= most:
        return ""
    has = counted(most if most < form.digits else least, form.name)
    verb = "is" if form.digits == 1 else "are"
    return f"it is written with {has}, and {form.digits} {verb} asked for"


def write_in(value: Fraction | float | Vector, forms: Sequence[Form]) -> str:
    """The text of a number or an array in the form that is asked for, as far as it has one.

    >>> write_in(Fraction(1, 8), [Form.of("simplified fraction")])
    '1/8'
    >>> write_in(Fraction("99.95"), [Form.of("3 significant figures")])
    '100'
    """
    if isinstance(value, np.ndarray):
        return f"[{', '.join(write_in(entry, forms) for entry in value)}]"
    for form in forms:
        if form.name == DECIMALS:
            return _fixed(decimals(value, form.digits), form.digits)
        if form.name == FIGURES:
            rounded = figures(value, form.digits)
            first = magnitude(rounded) if rounded else 0
            return _fixed(rounded, max(form.digits - 1 - first, 0))
        if form.name in (FRACTION, EXACT) and isinstance(value, Fraction):
            return str(value)
    return write(value)


def _fixed(value: Fraction, places: int) -> str:
    """A number that has no more than `places` decimals, with all of them.

    >>> _fixed(Fraction(-1, 2), 3)
    '-0.500'
    """
    digits = str(int(abs(value) * 10**places)).rjust(places + 1, "0")
    whole, behind = (digits[:-places], digits[-places:]) if places else (digits, "")
    return f"{'-' if value < 0 else ''}{whole}{'.' if behind else ''}{behind}"
