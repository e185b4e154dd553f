"""Judging answers outside any sheet: one row, a truth and an answer, to one result.

    {"id": "r1", "kind": "array", "truth": "[1, 2]", "answer": "(1, 2)"}
    -> {"id": "r1", "status": "CORRECT", "credit": 1.0, "read_as": "[1, 2]", ...}

A row's other keys are `options` (of a choice or an order), `names`, `tolerance` ({"abs", "rel"};
without it numbers agree to nine digits), `several` and `partial` as in `model.answers`.
Besides the statuses of a verdict a result may be ERROR: the row itself is at fault, not the answer.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NoReturn

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
    Shape,
    Tolerance,
)
from generator.model.errors import NotationError
from generator.notation.formulas.written import Declared, read_formula
from generator.notation.tokens import shown
from grader.comparing import Comparison, compare
from grader.entries import compare_listed, read_entries
from grader.reading import is_blank, read, read_as

log = logging.getLogger(__name__)

KINDS = ("number", "array", "shape", "choice", "order", "edges", "set", "interval", "formula")
_LINE = 10_000_000  # bytes of a row that are still looked at
_DECIMALS = 10
_NINE_DIGITS = Tolerance(Fraction(0), Fraction(1, 10**9), _DECIMALS)


def judge(row: Mapping[str, Any]) -> dict[str, Any]:
    """The result of one row: `id`, `status`, `credit`, `read_as`, `feedback`, `counterexample`
    and `seconds`. Never raises."""
    began = time.perf_counter()
    result = {
        "id": row.get("id"),
        "status": "ERROR",
        "credit": 0.0,
        "read_as": "",
        "feedback": "",
        "counterexample": None,
    }
    try:
        result |= _judged(row)
    except _RowError as error:
        result |= {"feedback": str(error)}
    except Exception as error:
        log.exception("judging row %r failed", row.get("id"))
        result |= {"status": "UNDECIDED", "feedback": f"internal failure: {type(error).__name__}"}
    return result | {"seconds": round(time.perf_counter() - began, 6)}


def judge_lines(lines: Iterable[bytes | str]) -> Iterator[dict[str, Any]]:
    """The results of rows in JSON, one a line; blank lines are skipped. Never raises.

    What is no row gives a result with the status ERROR that names the line.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _row(line)
        except _RowError as error:
            yield judge({}) | {"feedback": f"line {number}: {error}"}
        else:
            yield judge(row)


class _RowError(Exception):
    """The row is at fault; the message is for its author."""


def _row(line: bytes | str) -> dict[str, Any]:
    if len(line) > _LINE:
        raise _RowError(f"longer than {_LINE:,} bytes")
    try:
        row = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _RowError(f"not JSON: {error}") from None
    if not isinstance(row, dict):
        raise _RowError("a row is a JSON object")
    return row


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _judged(row: Mapping[str, Any]) -> dict[str, Any]:
    kind, answer = _text(row, "kind"), _text(row, "answer")
    if kind not in KINDS:
        raise _RowError(f"kind {shown(kind)} is none of {', '.join(KINDS)}")
    if is_blank(answer):
        _truth(kind, row)
        return {"status": "BLANK", "feedback": "there is no answer"}
    judge_kind = _listed if kind in ("set", "interval") and _names(row) else _compared
    try:
        read_back, result = judge_kind(kind, row, answer)
    except NotationError as error:
        return {"status": "UNREADABLE", "feedback": error.shown()}
    status = "CORRECT" if result.equal else "PARTIAL" if result.credit else "INCORRECT"
    return {
        "status": "UNDECIDED" if result.equal is None else status,
        "credit": float(result.credit),
        "read_as": read_back,
        "feedback": ". ".join(filter(None, (result.evidence, result.advice))),
        "counterexample": result.counterexample or None,
    }


def _compared(kind: str, row: Mapping[str, Any], answer: str) -> tuple[str, Comparison]:
    truth = _truth(kind, row)
    value = read(truth, answer)
    return read_as(truth, value), compare(truth, value)


def _listed(kind: Any, row: Mapping[str, Any], answer: str) -> tuple[str, Comparison]:
    """A set or an interval whose entries have names."""
    names = _names(row)
    tolerance = _tolerance(row.get("tolerance")) if row.get("tolerance") else None
    try:
        truth = read_entries(kind, _text(row, "truth"), names)
    except NotationError as error:
        raise _RowError(f"truth: {error}") from None
    value = read_entries(kind, answer, names)
    return str(value), compare_listed(kind, truth, value, names, tolerance)


def _truth(kind: str, row: Mapping[str, Any]) -> Answer:
    text = _text(row, "truth")
    tolerance = _tolerance(row.get("tolerance"))
    names = _names(row)
    try:
        if kind == "formula" or (kind == "array" and names):
            return _formula(text, names, tolerance if row.get("tolerance") else None)
        match kind:
            case "number":
                return Number(notation.read_number(text), tolerance)
            case "array":
                return Array(notation.read_array(text), tolerance, _flag(row, "partial"))
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
        options = _options(row) or _ordered(text)
        return Order(notation.read_order(text, options), options)
    except NotationError as error:
        raise _RowError(f"truth: {error}") from None
    except ValueError as error:
        raise _RowError(str(error)) from None


def _formula(text: str, names: Mapping[str, Any], tolerance: Tolerance | None) -> Formula:
    """An expression, or an array of expressions. Raises NotationError if it can't be read."""
    declared = Declared(names)
    return Formula(read_formula(text, declared), declared, tolerance)


def _names(row: Mapping[str, Any]) -> Mapping[str, Any]:
    names = row.get("names") or {}
    if not isinstance(names, Mapping):
        raise _RowError("names is an object: name -> domain, or an object of shape and domain")
    return names


def _choice(text: str, row: Mapping[str, Any]) -> Choice:
    """A choice; without `options`, among the letters or the numbers up to 26."""
    numbers = any(char.isdigit() for char in text)
    every = [str(n) for n in range(1, 27)] if numbers else list("abcdefghijklmnopqrstuvwxyz")
    options = _options(row) or tuple(every)
    right = notation.read_labels(text, options)
    several = _flag(row, "several") or len(right) != 1
    return Choice(right, options, several, _flag(row, "partial"))


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
        raise _RowError("options is a list of texts")
    return tuple(options)


def _flag(row: Mapping[str, Any], name: str) -> bool:
    flag = row.get(name, False)
    if not isinstance(flag, bool):
        raise _RowError(f"{name} is true or false")
    return flag


def _text(row: Mapping[str, Any], name: str) -> str:
    """A text of the row; an answer may also be null."""
    if name not in row:
        raise _RowError(f"{name} is missing")
    text = "" if name == "answer" and row[name] is None else row[name]
    if not isinstance(text, str):
        raise _RowError(f"{name} is not a text")
    return text


def _tolerance(given: Any) -> Tolerance:
    if given is None:
        return _NINE_DIGITS
    if not isinstance(given, Mapping) or not given or not set(given) <= {"abs", "rel"}:
        raise _RowError('tolerance is {"abs": .., "rel": ..}')
    margins = {name: _margin(name, given.get(name, 0)) for name in ("abs", "rel")}
    return Tolerance(margins["abs"], margins["rel"], _DECIMALS)


def _margin(name: str, value: Any) -> Fraction:
    """A margin as the decimal that was written, 0.05 as 1/20."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _RowError(f"tolerance: {name} is a number")
    if not 0 <= value <= 10**300:
        raise _RowError(f"tolerance: {name} is at least 0")
    return Fraction(str(value))
