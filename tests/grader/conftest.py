"""A built sheet, its key and its forms, for the tests that grade whole submissions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from generator import notation
from generator.assignment import Assignment, Entry, Student
from generator.model import records
from generator.model.answers import Answer, Choice, Group, Order, labels
from generator.model.expects import expects
from generator.model.key import AnswerKey
from generator.sheets import Sheet, answer_key, draw_sheet

ASSIGNMENT = Assignment(
    "week3", "Week 3", (Entry("two_branch_backprop", {}, Fraction(12)),), practice=True
)


@pytest.fixture(scope="session")
def draw() -> Callable[[str], Sheet]:
    """The sheet of a student."""
    return lambda student: draw_sheet(ASSIGNMENT, Student(student, f"Name of {student}"), b"")


@pytest.fixture(scope="session")
def sheet(draw: Callable[[str], Sheet]) -> Sheet:
    return draw("s1")


@pytest.fixture(scope="session")
def key(sheet: Sheet) -> AnswerKey:
    return answer_key(sheet)


@pytest.fixture
def key_file(key: AnswerKey, tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "s1.json"
    path.parent.mkdir()
    path.write_text(records.dumps(key), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def right() -> Callable[[Sheet], dict[str, Any]]:
    """The right answers of a sheet, as a student would type them."""
    return lambda sheet: {
        question.slot: {name: _typed(truth) for name, truth in question.truths.items()}
        for question in sheet.questions
    }


@pytest.fixture(scope="session")
def form() -> Callable[[Sheet, Mapping[str, Any]], str]:
    """The text of a JSON form with some answers."""

    def write(sheet: Sheet, answers: Mapping[str, Any]) -> str:
        asked = {question.slot: question.truths for question in sheet.questions}
        head = {"sheet": sheet.sheet_id, "student": sheet.student.id}
        return json.dumps({**head, **answers, "expects": expects(asked)})

    return write


def _typed(truth: Answer) -> str | dict[str, str]:
    match truth:
        case Group():
            typed = {name: _typed(member) for name, member in truth.members.items()}
            return {name: text for name, text in typed.items() if isinstance(text, str)}
        case Choice() | Order():
            label = dict(zip(truth.options, labels(truth.options), strict=True))
            return ", ".join(label[key] for key in truth.value)
    return notation.write(truth.value)
