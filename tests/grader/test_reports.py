"""Reports: what a student reads, and what a program reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from generator.model.key import AnswerKey
from generator.sheets import Sheet
from grader import reports
from grader.grading import Report, grade
from grader.submissions import Submission


@pytest.fixture
def report(key: AnswerKey, sheet: Sheet, right: Callable[[Sheet], dict[str, Any]]) -> Report:
    """One answer of each outcome that a form can lead to, and text that would steer a terminal."""
    answers = right(sheet)["q1"]
    exercise: Any = sheet.questions[0].exercise
    answers["relu_bracket"] = str([str(g) for g in exercise.upstream[0]]).replace("'", "")
    answers["sigmoid_bracket"] = "[1, \x1b[31m2"
    answers["sizes"] = {**answers["sizes"], "W1": "4x3"}
    answers["dL_dW1"] = ""
    answers["first_false_line"] = "y" * 2000
    return grade(key, Submission(sheet.sheet_id, "s1", {"q1": answers}, "form.yaml"))


def test_the_text_says_what_was_read_and_why(report: Report) -> None:
    text = reports.text(report)
    assert report.sheet_id in text
    assert "relu_bracket: not right, 0 of 2.4" in text
    assert "ReLU has slope 0 where z1 < 0" in text
    assert "(no_mask)" in text
    assert "sigmoid_bracket: could not be read: a person will look at it" in text
    assert "dL_dW1: no answer" in text
    assert "2 of 3 are right" in text
    assert "A person must look at 2 parts." in text


def test_the_text_fits_the_screen_and_cannot_steer_it(report: Report) -> None:
    text = reports.text(report)
    assert max(map(len, text.splitlines())) <= reports.WIDTH
    assert all(line.isprintable() for line in text.splitlines())


def test_the_json_is_exact_and_adds_up(report: Report) -> None:
    tree = json.loads(json.dumps(reports.tree(report)))
    parts = tree["exercises"][0]["parts"]
    assert sum(Fraction(part["earned"]) for part in parts) == Fraction(tree["earned"])
    assert sum(Fraction(part["points"]) for part in parts) == Fraction(tree["points"]) == 12
    assert tree["earned_decimal"] == round(float(report.earned), 6)
    by_name = {part["part"]: part for part in parts}
    assert by_name["relu_bracket"]["mistake"] == "no_mask"
    assert by_name["sigmoid_bracket"]["needs_human"] is True
    assert [member["outcome"] for member in by_name["sizes"]["members"]] == [
        "INCORRECT",
        "CORRECT",
        "CORRECT",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0", "0"), ("12", "12"), ("100", "100"), ("5/2", "2.5"), ("1/3", "0.33"), ("2/3", "0.67")],
)
def test_amounts_are_short(value: str, shown: str) -> None:
    assert reports.amount(Fraction(value)) == shown
