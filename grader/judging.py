"""Judging answers outside any sheet: one row, a truth and an answer, to one result.

    {"id": "r1", "kind": "array", "truth": "[1, 2]", "answer": "(1, 2)"}
    -> {"id": "r1", "status": "CORRECT", "credit": 1.0, "read_as": "[1, 2]", ...}

`grader.rows` says which other keys a row may have.
Besides the statuses of a verdict a result may be ERROR: the row itself is at fault, not the answer.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from generator import notation
from generator.model.answers import Choice, Formula, Order
from generator.model.errors import NotationError
from generator.notation.tokens import shown
from grader.comparing import Comparison, slip_in
from grader.form import compare_in_form
from grader.listed import compare_listed, read_entries
from grader.reading import is_blank, read, read_as
from grader.rows import KINDS, RowError, check_keys, names_of, text_of, tolerance_of, truth_of

log = logging.getLogger(__name__)

_LINE = 10_000_000  # bytes of a row that are still looked at


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
    except RowError as error:
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
        except RowError as error:
            yield judge({}) | {"feedback": f"line {number}: {error}"}
        else:
            yield judge(row)


def _row(line: bytes | str) -> dict[str, Any]:
    if len(line) > _LINE:
        raise RowError(f"longer than {_LINE:,} bytes")
    try:
        row = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RowError(f"not JSON: {error}") from None
    if not isinstance(row, dict):
        raise RowError("a row is a JSON object")
    return row


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _judged(row: Mapping[str, Any]) -> dict[str, Any]:
    kind, answer = text_of(row, "kind"), text_of(row, "answer")
    if kind not in KINDS:
        raise RowError(f"kind {shown(kind)} is none of {', '.join(KINDS)}")
    if is_blank(answer):
        truth_of(kind, row)
        return {"status": "BLANK", "feedback": "there is no answer"}
    judge_kind = _listed if kind in ("set", "interval") and names_of(row) else _compared
    try:
        read_back, result, advice = judge_kind(kind, row, answer)
    except NotationError as error:
        return {"status": "UNREADABLE", "feedback": error.shown()}
    status = "CORRECT" if result.equal else "PARTIAL" if result.credit else "INCORRECT"
    return {
        "status": "UNDECIDED" if result.equal is None else status,
        "credit": float(result.credit),
        "read_as": read_back,
        "feedback": ". ".join(filter(None, (result.evidence, advice))),
        "counterexample": result.counterexample or None,
    }


def _compared(kind: str, row: Mapping[str, Any], answer: str) -> tuple[str, Comparison, str]:
    """How an answer is read, what comparing it comes to, and advice."""
    truth = truth_of(kind, row)
    match truth:
        case Choice():  # the keys in a row are open, so that an answer may use them
            value: Any = notation.read_labels(answer, truth.options, truth.several)
        case Order():
            value = notation.read_order(answer, truth.options)
        case _:
            value = read(truth, answer)
    result = compare_in_form(truth, answer, value)
    slip = None
    if isinstance(truth, Formula) and result.equal is False and not result.form:
        slip = slip_in(truth, value)
    return read_as(truth, value), result, slip.advice if slip else ""


def _listed(kind: Any, row: Mapping[str, Any], answer: str) -> tuple[str, Comparison, str]:
    """A set or an interval whose entries have names."""
    names = names_of(row)
    check_keys(row, kind, formula=False)
    tolerance = None if row.get("tolerance") is None else tolerance_of(row["tolerance"])
    try:
        truth = read_entries(kind, text_of(row, "truth"), names)
    except NotationError as error:
        raise RowError(f"truth: {error}") from None
    value = read_entries(kind, answer, names)
    return str(value), compare_listed(kind, truth, value, names, tolerance), ""
