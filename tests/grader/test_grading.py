"""Grading a submission: the whole sheet, what was not asked, and forms for another sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from generator.model.errors import GradsheetError, InputError
from generator.model.key import AnswerKey
from generator.sheets import Sheet
from grader.grading import grade
from grader.ledger.entries import encoded, stored, unpacked
from grader.sharding import undecided
from grader.submissions import Submission

Right = Callable[[Sheet], dict[str, Any]]


@pytest.fixture
def submission(sheet: Sheet, right: Right) -> Submission:
    return Submission(sheet.sheet_id, sheet.student.id, right(sheet), "form.yaml")


def test_right_answers_earn_all_points(key: AnswerKey, submission: Submission) -> None:
    report = grade(key, submission)
    assert report.earned == report.points == key.points == 12
    assert report.notes == ()
    assert report.needs_human == 0


def test_a_submission_that_was_stopped_is_left_to_a_person(
    key: AnswerKey, submission: Submission
) -> None:
    report = undecided(key, submission, "It took too long.", ("s7", "Ann"))
    assert {v.outcome for each in report.exercises for v in each.verdicts} == {"UNDECIDED"}
    assert (report.student, report.name) == ("s7", "Ann")
    assert report.notes == ("It took too long.",)
    assert report.earned == 0
    assert report.points == key.points
    assert unpacked(stored(report)) == report


def test_an_empty_form_earns_nothing(key: AnswerKey, submission: Submission) -> None:
    report = grade(key, structs.replace(submission, answers={}))
    assert report.earned == 0
    assert {v.outcome for each in report.exercises for v in each.verdicts} == {"BLANK"}


def test_the_same_bytes_every_time(key: AnswerKey, submission: Submission) -> None:
    texts = {encoded(grade(key, submission)) for _ in range(2)}
    assert len(texts) == 1
    assert unpacked(stored(grade(key, submission))) == grade(key, submission)


def test_a_sheet_id_may_be_typed_carelessly(key: AnswerKey, submission: Submission) -> None:
    typed = f" {submission.sheet_id.lower().replace('-', ' ')} "
    assert grade(key, structs.replace(submission, sheet_id=typed)).earned == 12


def test_a_form_for_another_sheet_is_refused(
    key: AnswerKey, submission: Submission, draw: Callable[[str], Sheet]
) -> None:
    other = draw("s2").sheet_id
    with pytest.raises(InputError) as caught:
        grade(key, structs.replace(submission, sheet_id=other))
    assert other in str(caught.value)
    assert key.sheet_id in str(caught.value)


@pytest.mark.parametrize(("typed", "message"), [("", "no sheet id"), ("K7Q2", "K7Q2")])
def test_a_form_without_a_sound_sheet_id_is_refused(
    key: AnswerKey, submission: Submission, typed: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        grade(key, structs.replace(submission, sheet_id=typed))


def test_a_slip_in_the_sheet_id_is_noticed(key: AnswerKey, submission: Submission) -> None:
    typed = ("1" if key.sheet_id[0] != "1" else "2") + key.sheet_id[1:]
    with pytest.raises(InputError, match="wrong or swapped"):
        grade(key, structs.replace(submission, sheet_id=typed))


def test_what_was_not_asked_is_noted(key: AnswerKey, submission: Submission) -> None:
    answers = {**submission.answers, "q9": {"a": "1"}, "Q1": {}}
    answers["q1"] = {**answers["q1"], "relu_braket": "[1]"}
    notes = grade(key, structs.replace(submission, answers=answers, student="s2")).notes
    assert len(notes) == 3
    assert "'s2'" in notes[0]
    assert "'relu_bracket'" in notes[1]
    assert "'q9'" in notes[2]


def test_a_key_that_is_contradicted_stops_grading(key: AnswerKey, submission: Submission) -> None:
    asked = replace(key.exercises[0], parts=key.exercises[0].parts[1:])
    with pytest.raises(GradsheetError, match="disagrees"):
        grade(replace(key, exercises=(asked,)), submission)
