"""Answers as formulas on a page: MathML of what a student's text was read as, and of truths.

Only the question is looked at (its kind, names and fields), so what is set of an answer tells
nothing of the truth. Where an answer is no formula, or cannot be set, there is none: then the plain
text, which is always shown, has to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from generator import notation
from generator.model.answers import Answer, Array, Formula, Group, Number, Tolerance, Witness
from generator.model.errors import NotationError
from generator.model.values import Vector, apply
from generator.notation.formulas.leaves import latex_name
from generator.notation.formulas.printing import latex
from generator.notation.formulas.spellings import vocabulary
from generator.notation.formulas.written import scope_of, tree_of
from generator.rendering import mathml
from grader.reading import read_as

_QUOTIENT = re.compile(r"(-?)([0-9]+)/([0-9]+)")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?")
_MOST = 400  # entries of an array that is set


def as_read(question: Answer, text: str) -> tuple[str, ...]:
    """MathML of `text`, what `reading.read_as` said of an answer to `question`: one element, of a
    witness one a field, or none."""
    try:
        if isinstance(question, Witness):
            pairs = (piece.split(" = ", 1) for piece in text.split("; "))
            return tuple(
                mathml.inline(f"{latex_name(name)} = {_field(entries, question.shapes[name])}")
                for name, entries in pairs
            )
        written = _written(question, text)
        return (mathml.inline(written),) if written else ()
    except (NotationError, ValueError, LookupError, RecursionError):
        return ()


def truth(answer: Answer) -> tuple[str, tuple[str, ...]]:
    """The truth in words and as MathML; of a rounded one, as many digits as are asked for."""
    value = _rounded(answer)
    text = read_as(answer, value)
    return text, as_read(answer.like(value), text)


def members(question: Answer | None) -> Mapping[str, Answer]:
    return question.members if isinstance(question, Group) else {}


def _written(question: Answer, text: str) -> str:
    match question:
        case Number():
            return _number(text)
        case Array():
            return _array(notation.read_array(text))
        case Formula():
            names = vocabulary(scope_of(question.names)).names
            return latex(tree_of(text, question.names), names)
    return ""


def _field(text: str, shape: tuple[int | None, ...]) -> str:
    """A field of a witness: a number or an array."""
    return _array(notation.read_array(text, exact=True)) if shape else _number(text)


def _number(text: str) -> str:
    """The LaTeX of a number as `notation.write` writes it; ValueError for any other text."""
    if quotient := _QUOTIENT.fullmatch(text):
        sign, above, below = quotient.groups()
        return rf"{sign}\frac{{{above}}}{{{below}}}"
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a number that can be set")
    return text


def _array(values: Vector) -> str:
    """A vector as a list, a matrix in rows."""
    if values.size > _MOST or values.ndim > 2:
        raise ValueError("this is too large to be set")
    if values.ndim == 0:
        return _number(notation.write(values.item()))
    if values.ndim == 1:
        return rf"\left[{', '.join(_number(notation.write(value)) for value in values)}\right]"
    rows = (" & ".join(_number(notation.write(value)) for value in row) for row in values)
    return r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}"


def _rounded(answer: Answer) -> Any:
    """The truth's value, where it is a float to the precision that the question asks for."""
    match answer:
        case Number():
            return _short(answer.value, answer.tolerance)
        case Array():
            return apply(lambda entry: _short(entry, answer.tolerance), answer.value)
    return answer.value


def _short(value: Any, tolerance: Tolerance) -> Any:
    return value if isinstance(value, Fraction) else tolerance.rounded(value)
