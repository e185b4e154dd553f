"""Reports: what a student reads, and what a program reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from rich.cells import cell_len

from generator import catalog
from generator.assignment import Assignment, Entry, Student
from generator.model.errors import NotationError
from generator.model.key import AnswerKey
from generator.sheets import Sheet, answer_key, draw_sheet
from grader import reading, reports
from grader.grading import Report, grade
from grader.student_pages import student_page
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
    assert "(a) relu_bracket: not right, 0 of 2.4" in text
    assert "ReLU has slope 0 where z1 < 0" in text
    assert "no_mask" not in text
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


@pytest.mark.parametrize("name", catalog.names())
def test_students_read_of_slips_in_words_alone(name: str) -> None:
    """Whatever slip an answer shows, its advice is told and its name in the program is not."""
    practice = Assignment("hw", "HW", (Entry(name, {}),), practice=True)
    sheet = draw_sheet(practice, Student("s1", "Ann"), b"")
    key, told = answer_key(sheet), 0
    (question,) = sheet.questions
    earlier = {part: truth.value for part, truth in question.truths.items()}
    for part, truth in question.truths.items():
        rules = question.exercise.parts[part]
        for slip in rules.mistakes:
            wrong = rules.mistaken(
                slip, question.exercise, truth, {n: earlier[n] for n in earlier if n != part}
            )
            if wrong is None:
                continue
            answers = {"q1": {part: reading.typed(truth, wrong.value)}}
            report = grade(key, Submission(key.sheet_id, "s1", answers, "form.yaml"))
            verdict = next(v for v in report.exercises[0].verdicts if v.part == part)
            if verdict.mistake is None or "_" not in verdict.mistake:
                continue
            told += 1
            for shown in (reports.text(report), student_page(report, key=key)):
                assert verdict.mistake not in shown
            assert verdict.advice.split()[0] in reports.text(report)
            assert verdict.mistake in str(reports.tree(report))
    assert told


LONG = ",".join(map(str, range(100)))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[1, §2]", 4),
        (LONG[:59], 59),
        (LONG[:60], 59),
        (LONG[:60], 60),
        ("1, " * 90 + "§" + ", 2" * 90, 270),
        ("§" + LONG, 0),
        (LONG + "§", len(LONG)),
        (LONG, len(LONG)),
        ("漢字" * 40 + "§" + "漢字" * 3, 80),
        ("漢" * 29 + "§", 29),
        ("e\u0301" * 100 + "§" + "e\u0301" * 100, 200),
        ("x\ty\x1b[31m" * 20 + "§", 160),
    ],
)
def test_a_caret_stands_under_its_place_however_long_and_wide_the_text(
    text: str, place: int
) -> None:
    head, line, caret = NotationError("No.", text, place).shown().split("\n")
    assert head == "No."
    assert max(cell_len(line), cell_len(caret)) + 4 <= 72  # reports indent by four
    column = len(caret) - 1
    before = next(n for n in range(len(line) + 1) if cell_len(line[:n]) >= column)
    assert cell_len(line[:before]) == column
    pointed = line[before:].lstrip("\u0301")[:1]
    assert pointed == ("" if place == len(text) else text[place])
    inside = line.strip().strip("…")
    clean = "".join(c if c.isprintable() else " " for c in text)
    assert inside.strip() in clean
    assert line.endswith("…") == (not clean.endswith(inside) or not inside)
    assert line.strip().startswith("…") == (not clean.startswith(inside))
    assert ("…" in line) == (cell_len(clean) + (place == len(text)) > 60)
