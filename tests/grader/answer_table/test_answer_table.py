"""The tables of judgements beside this file: one row, one judgement.

A row is a row of `grader compare --jsonl` with the `verdict` that is right, and a `note` on why.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from grader.judging import judge

TABLES = sorted(Path(__file__).parent.glob("*.jsonl"))


def rows() -> list[Any]:
    found = []
    for table in TABLES:
        for number, line in enumerate(table.read_text(encoding="utf-8").splitlines(), 1):
            found.append(pytest.param(json.loads(line), id=f"{table.stem}:{number}"))
    return found


ROWS = rows()


READ = ("CORRECT", "PARTIAL", "INCORRECT", "UNDECIDED")


@pytest.mark.parametrize("row", ROWS)
def test_the_verdict_is_right(row):
    result = judge(row)
    assert result["status"] == row["verdict"], (row, result)


@pytest.mark.parametrize("row", ROWS)
def test_what_is_not_right_is_explained(row):
    result = judge(row)
    assert result["feedback"] or row["verdict"] == "CORRECT"
    assert (result["credit"] > 0) == (row["verdict"] in ("CORRECT", "PARTIAL"))
    assert bool(result["read_as"]) == (row["verdict"] in READ)


def test_the_tables_are_balanced():
    verdicts = Counter(row.values[0]["verdict"] for row in ROWS)
    kinds = {row.values[0].get("kind") for row in ROWS}
    assert len(ROWS) >= 600
    assert verdicts["CORRECT"] < len(ROWS) / 2
    assert {"number", "array", "shape", "choice", "order", "edges", "set", "interval"} <= kinds


def test_no_judgement_is_there_twice():
    seen = Counter(
        json.dumps({k: v for k, v in row.values[0].items() if k not in ("note", "verdict")})
        for row in ROWS
    )
    assert [row for row, times in seen.items() if times > 1] == []
