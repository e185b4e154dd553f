"""What docs/answers.md promises to students, run: every row of its tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from generator.notation.limits import LENGTH, NESTING
from grader.judging import judge

PAGE = (Path(__file__).parents[1] / "docs/answers.md").read_text(encoding="utf-8")
LETTERS = {"choice": ["a", "b", "c"], "order": ["a", "b", "c"]}


def tables(heading: str) -> list[list[list[str]]]:
    """The tables under a heading, each as its rows of cells, without the row of titles."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    found = re.findall(r"(?:^\|.*\n)+", section, re.M)
    return [[_cells(line) for line in table.splitlines()[2:]] for table in found]


def _cells(line: str) -> list[str]:
    """The cells of one line: `code` without its quotes, \\| as a bar."""
    cells = re.split(r"(?<!\\)\|", line)[1:-1]
    return [cell.strip().strip("`").replace("\\|", "|") for cell in cells]


def _shape(text: str) -> dict[str, Any]:
    return {} if text == "number" else {"shape": text.split("×")}


def _names() -> dict[str, Any]:
    rows = tables("Formulas")[0]
    listed = [(names.replace("`", "").split(","), shape) for names, shape in rows]
    return {name.strip(): _shape(shape) for names, shape in listed for name in names}


NAMES = _names()
PLAIN = [
    pytest.param(kind, typed, read, id=f"{kind} {typed}")
    for kind, typed, read in tables("Numbers, lists and choices")[0]
]
FORMULAS = [pytest.param(typed, read, id=typed) for _, typed, read in tables("Formulas")[1]]
REFUSED = [
    pytest.param(typed, says, id=typed) for typed, says in tables("What is refused, and why")[0]
]
LIMITS = [
    {"typed": typed, "read": read, "known_limit": True} for typed, read in tables("Known limits")[0]
]


def formula(typed: str, truth: str) -> dict[str, Any]:
    return judge({"kind": "formula", "truth": truth, "answer": typed, "names": NAMES})


@pytest.mark.parametrize(("kind", "typed", "read"), PLAIN)
def test_plain_answers_are_read_as_the_page_says(kind: str, typed: str, read: str) -> None:
    options = LETTERS.get(kind)
    row = {"kind": kind, "truth": typed, "answer": typed, "options": options}
    result = judge(row | {"several": kind == "choice"})
    assert (result["status"], result["read_as"]) == ("CORRECT", read)


@pytest.mark.parametrize(("typed", "read"), FORMULAS)
def test_formulas_are_read_as_the_page_says(typed: str, read: str) -> None:
    result = formula(typed, truth=typed)
    assert (result["status"], result["read_as"]) == ("CORRECT", read)


@pytest.mark.parametrize(("typed", "read"), FORMULAS)
def test_what_was_read_means_what_was_typed(typed: str, read: str) -> None:
    assert formula(read, truth=typed)["status"] == "CORRECT"


@pytest.mark.parametrize(("typed", "says"), REFUSED)
def test_refusals_say_what_the_page_says(typed: str, says: str) -> None:
    result = formula(typed, truth="x")
    assert result["status"] == "UNREADABLE"
    assert says in result["feedback"]


@pytest.mark.xfail(strict=True, reason="a known limit")
@pytest.mark.parametrize("row", LIMITS, ids=lambda row: row["typed"])
def test_known_limits(row: dict[str, Any]) -> None:
    assert row["known_limit"]
    assert formula(row["typed"], truth=row["read"])["status"] == "CORRECT"


def test_the_page_names_the_limits_of_length_and_nesting() -> None:
    assert f"{LENGTH:,} characters and {NESTING} brackets" in PAGE


def test_the_page_has_rows_of_every_kind() -> None:
    kinds = {row.values[0] for row in PLAIN}
    assert {"number", "array", "choice", "order", "edges", "set", "interval", "shape"} <= kinds
    assert len(FORMULAS) > 30
    assert LIMITS
