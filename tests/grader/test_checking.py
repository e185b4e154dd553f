"""Checking a form without its key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from generator.model import sheet_id
from generator.model.errors import InputError
from generator.rendering import forms
from generator.sheets import Sheet, answer_key
from grader.checking import check, text
from grader.grading import grade
from grader.submissions import Submission
from grader.submissions.forms import load_form

SUBMISSION = Submission(
    sheet_id=sheet_id.make(b"12345"),
    student="s1",
    answers={
        "q1": {
            "bracket": "(1, 2)",
            "open": "[1, 2",
            "sizes": {"W": "3x4", "v": "", "odd": "1"},
            "net": {"w": "[1, 2]", "b": "1/2"},
            "extra": "1",
        },
    },
    source="form.yaml",
    expects={
        "q1": {
            "bracket": "array",
            "open": "array",
            "sizes": {"W": "shape", "v": "shape"},
            "net": {"w": "exact array 2", "b": "exact number"},
            "later": "choice of a b",
        },
    },
)


def test_every_answer_is_read_or_said_to_be_missing() -> None:
    found = {each.place: each for each in check(SUBMISSION)}
    assert {place: each.status for place, each in found.items()} == {
        "sheet": "READ",
        "q1.bracket": "READ",
        "q1.open": "UNREADABLE",
        "q1.sizes.W": "READ",
        "q1.sizes.v": "BLANK",
        "q1.sizes.odd": "NOT_ASKED",
        "q1.net": "READ",
        "q1.later": "BLANK",
        "q1.extra": "NOT_ASKED",
    }
    assert found["q1.bracket"].read_as == "[1, 2]"
    assert found["q1.open"].problem.endswith("^")


@pytest.mark.parametrize(
    ("given", "read", "note"),
    [
        ("1,5; 2,5", "[[1, 5], [2, 5]]", "or [1.5, 2.5], if only this has the size asked for"),
        ("[1,5; 2,5]", "[[1, 5], [2, 5]]", "or [1.5, 2.5], if only this"),
        ("[[1,5],[2,5]]", "[[1, 5], [2, 5]]", ""),
        ("[1,5]", "[1, 5]", ""),
        ("1,5; -2,5; x", "", ""),
        ("[1,5 2,5; 3 4]", "[[1.5, 2.5], [3, 4]]", ""),
        ("[1, 5; 2, 5]", "[[1, 5], [2, 5]]", ""),
    ],
)
def test_what_sizes_decide_is_told(given: str, read: str, note: str) -> None:
    one = structs.replace(SUBMISSION, answers={"q1": {"a": given}}, expects={"q1": {"a": "array"}})
    found = {each.place: each for each in check(one)}["q1.a"]
    assert found.read_as == read
    assert note in found.problem
    assert bool(note) == ("write decimal points to be sure" in found.problem)
    assert found.problem in text(check(one)) or not read


def test_a_place_that_is_not_asked_is_told_with_the_nearest() -> None:
    answers = {"Q1": {"bracket": "1"}, "q1": {"Bracket": "2", "note": "please"}}
    expects = {"q1": {"bracket": "number"}}
    told = text(check(structs.replace(SUBMISSION, answers=answers, expects=expects)))
    assert "Q1.bracket: not on this sheet: did you mean q1.bracket?" in told
    assert "q1.Bracket: not on this sheet: did you mean q1.bracket?" in told
    assert "q1.note: not on this sheet\n" in told


@pytest.mark.parametrize(("given", "told"), [("1,5 2,5", "[1.5, 2.5]"), ("1,5; 2", "[1.5, 2]")])
def test_what_cannot_be_read_without_a_size_is_told_with_points(given: str, told: str) -> None:
    one = structs.replace(SUBMISSION, answers={"q1": {"a": given}}, expects={"q1": {"a": "array"}})
    found = {each.place: each for each in check(one)}["q1.a"]
    assert found.status == "UNREADABLE"
    assert f"Is this {told}? A comma separates: write numbers with a point" in found.problem


def test_the_text_counts_what_is_to_do() -> None:
    shown = text(check(SUBMISSION))
    assert "q1.bracket: [1, 2]" in shown
    assert "q1.later: no answer" in shown
    assert "q1.open: CAN'T BE READ" in shown
    assert "q1.extra: not on this sheet" in shown
    assert shown.endswith("3 read, 2 without an answer, 1 unreadable, 2 not on this sheet\n")


def test_a_mistyped_sheet_id_is_found_before_handing_in() -> None:
    first = check(structs.replace(SUBMISSION, sheet_id="K7Q2"))[0]
    assert (first.place, first.status) == ("sheet", "UNREADABLE")


def test_a_group_answered_in_one_text() -> None:
    answers = {"q1": {"sizes": "3x4, 4"}}
    found = {each.place: each for each in check(structs.replace(SUBMISSION, answers=answers))}
    assert found["q1.sizes"].status == "UNREADABLE"
    assert "W, v" in found["q1.sizes"].problem


@pytest.mark.parametrize(
    "expects",
    [
        {},
        {"q1": "array"},
        {"q1": {"a": "a kind of its own"}},
        {"q1": {"a": {"w": "exact array -1"}}},
    ],
)
def test_a_form_whose_last_entry_was_edited(expects: Any) -> None:
    with pytest.raises(InputError, match="expects"):
        check(structs.replace(SUBMISSION, expects=expects))


def test_the_blank_form_of_a_sheet_is_blank_from_end_to_end(tmp_path: Path, sheet: Sheet) -> None:
    path = tmp_path / "s1.yaml"
    path.write_text(forms.form(sheet), encoding="utf-8")
    submission = load_form(path)
    first, *others = check(submission)
    assert (first.place, first.read_as) == ("sheet", sheet.sheet_id)
    assert {each.status for each in others} == {"BLANK"}
    assert {each.place.split(".")[1] for each in others} == set(sheet.questions[0].truths)
    assert grade(answer_key(sheet), submission).notes == ()
