"""docs/coverage.md tells for every sub-question of the source documents which parts ask it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator import catalog

TEXT = (Path(__file__).parents[1] / "docs" / "coverage.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (00\d)-(\S+) \| ([^|]+) \| ([^|]+) \|$", TEXT, re.MULTILINE)
COUNTS = {"000": 13, "001": 10, "002": 14, "003": 7, "004": 7}


def test_every_sub_question_has_a_row_of_its_own() -> None:
    keys = [(document, question) for document, question, _, _ in ROWS]
    assert len(set(keys)) == len(keys) == 51
    for document, count in COUNTS.items():
        assert sum(key[0] == document for key in keys) == count


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_the_parts_that_ask_it_are_there(row: tuple[str, str, str, str]) -> None:
    for cell in row[3].split("; "):
        name, *parts = re.findall(r"`(\w+)`", cell)
        assert parts
        assert set(parts) <= set(catalog.find(name).parts)


def test_every_exercise_has_its_place() -> None:
    missing = [name for name in catalog.names() if f"`{name}`" not in TEXT]
    assert not missing
