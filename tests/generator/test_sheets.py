"""Sheets and keys: distinct per student, keyed by the secret, whole after a round trip."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction

import pytest

from generator.assignment import Assignment, Entry, Student
from generator.model import records, sheet_id
from generator.sheets import Question, Sheet, answer_key, draw_sheet

HOMEWORK = Assignment(
    "hw1", "Homework", (Entry("two_branch_backprop", {}, Fraction(15, 2), count=2),)
)


def fields(question: Question) -> list[object]:
    return [getattr(question.exercise, name) for name in question.exercise.drawn_fields()]


def key_text(sheet: Sheet) -> str:
    return records.dumps(answer_key(sheet))


def draw(student: str, secret: bytes = b"secret", assignment: Assignment = HOMEWORK) -> Sheet:
    return draw_sheet(assignment, Student(student, "A Name"), secret)


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert key_text(draw("s1")) == key_text(draw("s1"))


def test_students_assignments_slots_and_secrets_all_count() -> None:
    other = Assignment("hw2", HOMEWORK.title, HOMEWORK.entries)
    sheets = [draw("s1"), draw("s2"), draw("s1", b"other"), draw("s1", assignment=other)]
    drawn = [records.dumps(fields(q)) for s in sheets for q in s.questions]
    assert len(set(drawn)) == 8
    assert len({sheet.sheet_id for sheet in sheets}) == 4


def test_a_practice_needs_no_secret() -> None:
    practice = Assignment("hw1", "Homework", HOMEWORK.entries, practice=True)
    assert key_text(draw("s1", b"a", practice)) == key_text(draw("s1", b"b", practice))


def test_neighbours_share_no_instance() -> None:
    counts = Counter(
        records.dumps(fields(question))
        for number in range(60)
        for question in draw(f"s{number}").questions
    )
    assert len(counts) == 120


def test_points_are_shared_out_exactly() -> None:
    sheet = draw("s1")
    assert [sum(question.points.values()) for question in sheet.questions] == [Fraction(15, 2)] * 2
    assert answer_key(sheet).points == 15


def test_a_key_survives_json() -> None:
    text = key_text(draw("s1"))
    assert records.dumps(records.decode(json.loads(text))) == text


def test_the_sheet_id_follows_the_questions() -> None:
    harder = Assignment("hw1", "Homework", (Entry("two_branch_backprop", {"units": 5}, count=2),))
    assert draw("s1").sheet_id != draw("s1", assignment=harder).sheet_id


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{bare}", "{spaced}"])
def test_sheet_ids_are_read_as_people_type_them(typed: str) -> None:
    made = sheet_id.make(b"\x01\x02\x03\x04\x05")
    spellings = {"lower": made.lower(), "bare": made.replace("-", ""), "spaced": " ".join(made)}
    assert sheet_id.check(typed.format(made, **spellings)) == made


def test_every_single_slip_in_a_sheet_id_is_noticed() -> None:
    made = sheet_id.make(b"\x01\x02\x03\x04\x05")
    for place, right in enumerate(made):
        for wrong in set(sheet_id.ALPHABET) - {right, "-"}:
            if right != "-":
                with pytest.raises(ValueError, match="not a sheet id"):
                    sheet_id.check(made[:place] + wrong + made[place + 1 :])


def test_a_swap_of_neighbours_is_noticed() -> None:
    bare = sheet_id.make(b"\x91\x02\xa3\x04\x05").replace("-", "")
    for place in range(len(bare) - 1):
        if bare[place] != bare[place + 1]:
            swapped = bare[:place] + bare[place + 1] + bare[place] + bare[place + 2 :]
            with pytest.raises(ValueError, match="not a sheet id"):
                sheet_id.check(swapped)
