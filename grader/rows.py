"""The rows of `grader compare --jsonl`: what each key may say, and the truth that a row asks for.

A row has `kind`, `truth` and `answer`. Its other keys are `options` (of a choice or an order),
`several`, `partial`, `before` (a list of pairs of an order's options) and `names`; of formulas
`either_layout`, `domain_counts`, `only`, `reveal`; of formulas, numbers and arrays `form` and
`form_credit`: all as in `model.answers`. `tolerance` is {"abs": .., "rel": ..}, {"decimals": ..} or
{"significant": ..}; without it numbers agree to nine digits. null stands for a key that is not
there; keys that are not known do not count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeVar

from generator import notation
from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Edges,
    FiniteSet,
    Formula,
    Interval,
    Number,
    Order,
    PartialOrder,
    Shape,
    Tolerance,
)
from generator.model.declared import Declared
from generator.model.errors import NotationError
from generator.model.form import MOST_DIGITS
from generator.notation.form import missing, write_in
from generator.notation.formulas.written import read_formula
from generator.notation.tokens import shown

KINDS = ("number", "array", "shape", "choice", "order", "edges", "set", "interval", "formula")
_DECIMALS = 10
_NINE_DIGITS = Tolerance(Fraction(0), Fraction(1, 10**9), _DECIMALS)
_TOLERANCES = {"abs", "rel", "decimals", "significant"}
_OF_FORMULAS = ("either_layout", "domain_counts", "only", "reveal")

Truth = TypeVar("Truth", Number, Array)


class RowError(Exception):
    """The row is at fault; the message is for its author."""


def truth_of(kind: str, row: Mapping[str, Any]) -> Answer:
    text = text_of(row, "truth")
    tolerance = tolerance_of(row.get("tolerance"))
    names = names_of(row)
    formula = kind == "formula" or (kind == "array" and bool(names))
    check_keys(row, kind, formula)
    try:
        if formula:
            return _formula(text, names, row)
        match kind:
            case "number":
                number = Number(notation.read_number(text), tolerance, **_form(row))
                return _checked(number, text, notation.read_number)
            case "array":
                values, partial = notation.read_array(text), _flag(row, "partial")
                array = Array(values, tolerance, partial, **_form(row))
                return _checked(array, text, notation.read_array)
            case "shape":
                return Shape(notation.read_shape(text))
            case "edges":
                return Edges(notation.read_edges(text))
            case "set":
                return FiniteSet(notation.read_set(text), tolerance)
            case "interval":
                return Interval(notation.read_interval(text), tolerance)
            case "choice":
                return _choice(text, row)
        return _order(text, row)
    except NotationError as error:
        raise RowError(f"truth: {error}") from None
    except ValueError as error:
        raise RowError(str(error)) from None


def _formula(text: str, names: Mapping[str, Any], row: Mapping[str, Any]) -> Formula:
    """An expression, or an array of expressions. Raises NotationError if it can't be read."""
    declared = Declared(names)
    truth = Formula(
        read_formula(text, declared),
        declared,
        None if row.get("tolerance") is None else tolerance_of(row["tolerance"]),
        _flag(row, "either_layout"),
        _flag(row, "domain_counts"),
        _only(row, names),
        _flag(row, "reveal"),
        **_form(row),
    )
    if lacking := missing(truth, text, truth.value):
        raise RowError(f"truth: it has not the form that the row asks for: {lacking}")
    return truth


def _checked(truth: Truth, text: str, reread: Callable[[str], Any]) -> Truth:
    """A number or an array, if its own text or its value can be in the form that is asked for."""
    if not missing(truth, text, None):
        return truth
    written = write_in(truth.value, truth.forms)
    lacking = missing(truth, written, None)
    if lacking or not truth.near(reread(written)):
        trouble = lacking or "that is too far from it"
        raise RowError(f"truth: in the form that the row asks for it is {written}: {trouble}")
    return truth


def _form(row: Mapping[str, Any]) -> dict[str, Any]:
    """The form that is asked for, and the credit of a right value in another."""
    form = row.get("form")
    texts = [form] if isinstance(form, str) else [] if form is None else form
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise RowError(f"form is a text or a list of texts, not {_json(form)}")
    credit = row.get("form_credit")
    if credit is None:
        return {"form": tuple(texts)}
    if not _is_number(credit) or not 0 <= credit < 1:
        raise RowError(f"form_credit is a number from 0 to less than 1, not {_json(credit)}")
    return {"form": tuple(texts), "form_credit": Fraction(str(credit))}


def _only(row: Mapping[str, Any], names: Mapping[str, Any]) -> tuple[str, ...]:
    only = row.get("only")
    if only is None:
        return ()
    if not isinstance(only, list) or not only or not all(isinstance(name, str) for name in only):
        raise RowError(f"only is a list of names, not {_json(only)}")
    unknown = [name for name in only if name not in names]
    if unknown:
        raise RowError(f"only: {shown(unknown[0])} is not among the names {', '.join(names)}")
    return tuple(only)


def check_keys(row: Mapping[str, Any], kind: str, formula: bool) -> None:
    """Refuse what another kind of answer takes: left alone, it would seem to hold."""
    for name in _OF_FORMULAS:
        if not formula and row.get(name) not in (None, False):
            raise RowError(f"{name} is for formulas, not for the kind {kind}")
    for name in ("form", "form_credit"):
        if not formula and kind not in ("number", "array") and row.get(name) is not None:
            raise RowError(f"{name} is for numbers, arrays and formulas, not for the kind {kind}")
    if kind != "order" and row.get("before") is not None:
        raise RowError(f"before is for orders, not for the kind {kind}")


def names_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    names = row.get("names") or {}
    if not isinstance(names, Mapping):
        raise RowError("names is an object: name -> domain, or an object of shape and domain")
    return names


def _choice(text: str, row: Mapping[str, Any]) -> Choice:
    """A choice; without `options`, among the letters or the numbers up to 26."""
    numbers = any(char.isdigit() for char in text)
    every = [str(n) for n in range(1, 27)] if numbers else list("abcdefghijklmnopqrstuvwxyz")
    options = _options(row) or tuple(every)
    right = notation.read_labels(text, options)
    several = _flag(row, "several") or len(right) != 1
    return Choice(right, options, several, _flag(row, "partial"))


def _order(text: str, row: Mapping[str, Any]) -> Order:
    """An order, or any that keeps the pairs `before`."""
    options = _options(row) or _ordered(text)
    order = notation.read_order(text, options)
    pairs = row.get("before")
    if pairs is None:
        return Order(order, options)
    if not isinstance(pairs, list) or not all(
        isinstance(pair, list) and [type(key) for key in pair] == [str, str] for pair in pairs
    ):
        raise RowError(f"before is a list of pairs of options, not {_json(pairs)}")
    truth = PartialOrder(order, options, frozenset((first, then) for first, then in pairs))
    if not truth.keeps(truth.value):
        raise RowError("truth: this order does not keep the pairs of before")
    return truth


def _ordered(text: str) -> tuple[str, ...]:
    """The options that an order names: its words, or the letters of its only word."""
    words = re.findall(r"\w+", text)
    return tuple(sorted(set(words if len(words) > 1 else "".join(words))))


def _options(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The options by key."""
    options = row.get("options")
    if options is None:
        return ()
    if isinstance(options, Mapping):
        options = list(options)
    if not isinstance(options, list) or not all(isinstance(each, str) for each in options):
        raise RowError("options is a list of texts")
    return tuple(options)


def _flag(row: Mapping[str, Any], name: str) -> bool:
    flag = row.get(name)
    if not isinstance(flag, bool | None):
        raise RowError(f"{name} is true or false, not {_json(flag)}")
    return bool(flag)


def text_of(row: Mapping[str, Any], name: str) -> str:
    """A text of the row; an answer may also be null."""
    if name not in row:
        raise RowError(f"{name} is missing")
    text = "" if name == "answer" and row[name] is None else row[name]
    if not isinstance(text, str):
        raise RowError(f"{name} is not a text")
    return text


def tolerance_of(given: Any) -> Tolerance:
    """The tolerance that a row asks for; {"decimals": 3} and {"significant": 3} may have an abs
    and a rel beside them, and the widest counts."""
    if given is None:
        return _NINE_DIGITS
    if not isinstance(given, Mapping) or not given or not set(given) <= _TOLERANCES:
        raise RowError(
            'tolerance is {"abs": .., "rel": ..}, {"decimals": ..} or {"significant": ..}, '
            f"not {_json(given)}"
        )
    if {"decimals", "significant"} <= set(given):
        raise RowError("tolerance: either decimals or significant, not both")
    absolute, relative = (_margin(name, given.get(name, 0)) for name in ("abs", "rel"))
    if "significant" in given:
        count = _count("significant", given["significant"], 1)
        return replace(Tolerance.to_figures(count), abs=absolute, rel=relative)
    if "decimals" in given:
        nearest = Tolerance.to_decimals(_count("decimals", given["decimals"], 0))
        return replace(nearest, abs=max(nearest.abs, absolute), rel=relative)
    return Tolerance(absolute, relative, _DECIMALS)


def _margin(name: str, value: Any) -> Fraction:
    """A margin as the decimal that was written, 0.05 as 1/20."""
    if not _is_number(value) or not 0 <= value <= 10**300:
        raise RowError(f"tolerance: {name} is a number, at least 0, not {_json(value)}")
    return Fraction(str(value))


def _count(name: str, value: Any, least: int) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not least <= value <= MOST_DIGITS:
        wanted = f"a whole number from {least} to {MOST_DIGITS}"
        raise RowError(f"tolerance: {name} is {wanted}, not {_json(value)}")
    return int(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _json(value: Any) -> str:
    """What a row says, as short as messages quote it."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
