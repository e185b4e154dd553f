"""A student's text to the plain value that a question asks for.

Reading looks at the question (its kind, options, nodes, names and shapes), never at the entries of
its truth: the same text reads the same whether it is right or wrong. What can't be read is a
NotationError in a student's words, with a position; it is never scored as wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from generator import notation
from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Edges,
    FiniteSet,
    Formula,
    Group,
    Interval,
    Number,
    Order,
    Shape,
    Witness,
    fits,
    labels,
    typable,
)
from generator.model.errors import NotationError
from generator.model.values import Vector
from generator.notation.form import write_in
from generator.notation.formulas.tree import Rows, Transpose
from generator.notation.formulas.written import Written, read_formula, scope_of, tree_of, written
from generator.notation.limits import ROWS
from generator.notation.tokens import shown

Given = str | Mapping[str, str]

_DECIMAL_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_THOUSANDS = re.compile(r"(?<![0-9.])[1-9][0-9]{0,2},[0-9]{3}(?![0-9])")


def is_blank(given: Given | None) -> bool:
    """Whether nothing was answered: no text, or none in any field."""
    if given is None or isinstance(given, str):
        return not (given or "").strip()
    return all(is_blank(text) for text in given.values())


def read(question: Answer, given: Given) -> Any:
    """The plain value of what was given, of the same type as `question.value`.

    Its size may differ from the truth's: that is for comparing to say. Raises NotationError.
    """
    if isinstance(question, Group | Witness):
        texts = fields(question, given)
        return {name: read_field(question, name, text) for name, text in texts.items()}
    if not isinstance(given, str):
        raise NotationError("this question takes one answer, without fields")
    match question:
        case Number():
            return notation.read_number(given)
        case Array():
            return _array(given, question.value.shape, commas=not question.form)
        case Shape():
            return notation.read_shape(given)
        case Choice():
            key = _key_of(question.options)
            named = notation.read_labels(given, tuple(key), question.several)
            return frozenset(key[word] for word in named)
        case Order():
            key = _key_of(question.options)
            return tuple(key[word] for word in notation.read_order(given, tuple(key)))
        case Edges():
            return notation.read_edges(given, question.nodes)
        case FiniteSet():
            return notation.read_set(given)
        case Interval():
            return notation.read_interval(given)
        case Formula():
            return _formula(question, given)
    raise TypeError(f"no reader for {type(question).__name__}")


def fields(question: Group | Witness, given: Given) -> dict[str, str]:
    """The text of each field that the question has, "" where one is missing.

    Raises NotationError for a single text, and for a field that the question does not have.
    """
    names = tuple(question.members if isinstance(question, Group) else question.shapes)
    if not isinstance(given, Mapping):
        raise NotationError(
            f"this question has several fields: write {', '.join(names)} each in its own", given
        )
    unknown = [name for name in given if name not in names]
    if unknown:
        raise NotationError(
            f"there is no field {shown(str(unknown[0]))} here: the fields are {', '.join(names)}"
        )
    return {name: given.get(name) or "" for name in names}


def read_field(question: Group | Witness, name: str, text: str) -> Any:
    """The plain value of one field of a group or witness. Raises NotationError naming the field."""
    try:
        if is_blank(text):
            raise NotationError("this field is empty")
        if isinstance(question, Group):
            return read(question.members[name], text)
        return _exact(text, question.shapes[name])
    except NotationError as error:
        raise NotationError(f"{name}: {error.problem}", error.text, error.position) from None


def read_as(question: Answer, value: Any) -> str:
    """How an answer was read, to show to the student; options appear by their labels."""
    match question:
        case Group():
            lines = ((name, read_as(question.members[name], value[name])) for name in value)
            return "; ".join(f"{name} = {text}" for name, text in lines)
        case Choice() | Order():
            label = dict(zip(question.options, labels(question.options), strict=True))
            keys = (
                value if isinstance(question, Order) else sorted(value, key=question.options.index)
            )
            return ", ".join(label[key] for key in keys) or notation.write(value)
    return notation.write(value)


def typed(question: Answer, value: Any) -> Given:
    """What a student could type for a plain value: `read(question, typed(question, v))` is v."""
    if isinstance(question, Group):
        members = question.members.items()
        return {name: str(typed(member, value[name])) for name, member in members}
    if isinstance(question, Witness):
        return {name: notation.write(value[name]) for name in question.shapes}
    if isinstance(question, Number | Array) and question.form:
        return write_in(value, question.forms)
    return read_as(question, value)


def _key_of(options: tuple[str, ...]) -> dict[str, str]:
    """The key of each option, by what may be typed for it: the same with a key and without one."""
    return dict(zip(typable(options), options, strict=True))


def _formula(question: Formula, given: str) -> Written:
    """A formula; where a list is asked for, also one row a line, and (1, x)^T for (1, x)."""
    wanted = tree_of(question.value, question.names)
    if not isinstance(wanted, Rows):
        return read_formula(given, question.names)
    value = read_formula(_one_line(given), question.names)
    match value.tree:
        case Transpose(body=Rows(vector=True) as body) if wanted.vector:
            return written(body, scope_of(question.names), value.source)
    return value


def _one_line(text: str) -> str:
    """Rows on lines of their own as [row; row]; other texts as they are."""
    lines = [line.strip(" ,;") for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or any(bracket in text for bracket in "[]&\\"):
        return text
    return f"[{'; '.join(lines)}]"


def _array(text: str, wanted: tuple[int, ...], *, commas: bool) -> Vector:
    """An array; where it has the size that is asked for only if commas between digits are decimal
    commas, as in 1,5; -0,5; 2 for a list of 3, they are (unless the text's form counts, too)."""
    values: Vector | NotationError
    try:
        values = _laid_out(notation.read_array(text), wanted)
        if values.shape == wanted:
            return values
    except NotationError as error:
        values = error
    other = _with_points(text) if commas else None
    if other is not None:
        with suppress(NotationError):
            again = _laid_out(notation.read_array(other), wanted)
            if again.shape == wanted:
                return again
    if isinstance(values, NotationError):
        raise values
    return values


def with_decimal_commas(question: Array, text: str) -> Vector | None:
    """What a list or matrix would be with decimal commas, and is where only so it has the size that
    is asked for; None where that is no other list."""
    other = None if question.form else _with_points(text)
    if other is None or "[[" in "".join(text.split()):
        return None
    with suppress(NotationError):
        values = _laid_out(notation.read_array(other), (0,))
        return values if values.size > 1 else None
    return None


def _with_points(text: str) -> str | None:
    """The text with a point for each comma between digits; None where there is none, or where
    commas may group digits."""
    if _THOUSANDS.search(text):
        return None
    other = _DECIMAL_COMMA.sub(".", text)
    return other if other != text else None


def _laid_out(values: Vector, wanted: tuple[int, ...]) -> Vector:
    """A single row or column as the vector that was asked for, a list as a one-column matrix."""
    if len(wanted) == 1 and values.ndim == 2 and 1 in values.shape:
        return values.reshape(-1)
    if len(wanted) == 2 and wanted[1] == 1 and values.ndim == 1:
        return values.reshape(-1, 1)
    return values


def _exact(text: str, wanted: tuple[int | None, ...]) -> Vector:
    """An exact array of the wanted shape, where None is a size that the student chooses; with
    decimal commas where only so it has that shape."""
    try:
        return _exactly(text, wanted)
    except NotationError as error:
        other = _with_points(text)
        if other is not None:
            with suppress(NotationError):
                return _exactly(other, wanted)
        raise error


def _exactly(text: str, wanted: tuple[int | None, ...]) -> Vector:
    values = notation.read_array(text, exact=True)
    if wanted == () and values.shape == (1,):
        return values.reshape(())
    if len(wanted) == 1 and values.ndim == 2 and 1 in values.shape:
        values = values.reshape(-1)
    if len(wanted) == 2 and values.ndim == 1:
        values = values.reshape((-1, 1) if wanted[1] == 1 else (1, -1))
    if not fits(values.shape, wanted):
        raise NotationError(f"this is {_size(values.shape)}, but {_size(wanted)} is expected", text)
    if max(values.shape, default=0) > ROWS:
        raise NotationError(f"at most {ROWS} rows are read here", text)
    return values


def _size(shape: tuple[int | None, ...]) -> str:
    match shape:
        case ():
            return "one number"
        case (None,):
            return "a list of numbers"
        case (n,):
            return f"a list of {n}"
    rows, columns = shape
    if rows is None:
        return f"a matrix with {columns} columns"
    return f"a {rows}×{'n' if columns is None else columns} matrix"
