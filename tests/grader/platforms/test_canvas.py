"""Canvas's gradebook goes back as it came, with one assignment's grades in it."""

from __future__ import annotations

import csv
import io

import pytest

from generator.model.errors import InputError
from grader.platforms import canvas, plain
from grader.submissions.received import Grade, Sender

BOOK = (
    b"Student,ID,SIS User ID,SIS Login ID,Section,Week 3 (4711),Week 4 (4712),Current Score,"
    b"Final Grade\r\n"
    b",,,,,,Manual Posting,,\r\n"
    b"    Points Possible,,,,,20.00,40.00,(read only),(read only)\r\n"
    b'"van der Berg, Anna",12,s1,anna@x.edu,A,,7.5,87.5,B\r\n'
    b'"O\'Neill, Bob",13,s2,bob7,A,EX,,,\r\n'
    b'"=cmd|calc, Zoe",14,,zoe@x.edu,"A, B",3.00,,,\r\n'
    b'"Student, Test",99,,abc,A,,,,\r\n'
)
COMMAS = (
    b"Student;ID;SIS Login ID;Section;Week 3 (4711)\n"
    b"    Points Possible;;;;20,00\nBerg, Anna;12;anna;A;\n"
)


def grade(earned: str = "15", points: str = "20", **sender: str) -> Grade:
    return Grade(Sender(**sender), earned, points, "", "")


def rows(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode()), delimiter=delimiter))


def test_only_the_assignment_s_cells_change() -> None:
    grades = [grade(lms_id="12"), grade("44/3", lms_id="14")]
    for assignment in ("Week 3", "4711", "week 3 (4711)"):
        written = canvas.fill_gradebook(BOOK, grades, assignment, "b.csv")
        assert written.data == BOOK.replace(b"A,,7.5", b"A,15.00,7.5").replace(b"3.00", b"14.67")
        assert (written.graded, written.notes) == (2, ("2 rows left without a grade",))


@pytest.mark.parametrize(
    "sender",
    [
        {"student": "s1"},
        {"email": "Anna@x.edu"},
        {"name": "Anna van der Berg"},
        {"name": "vanderberganna"},
        {"lms_id": "13", "student": "s1"},  # another course's number
    ],
)
def test_students_are_found(sender) -> None:
    written = canvas.fill_gradebook(BOOK, [grade(**sender)], "Week 3", "b.csv")
    assert written.data == BOOK.replace(b"A,,7.5", b"A,15.00,7.5")


def test_excused_students_and_scales_are_told() -> None:
    grades = [grade(student="bob7"), grade(student="s1"), grade(student="s9")]
    written = canvas.fill_gradebook(BOOK, grades[:1], "Week 3", "b.csv")
    assert written.data == BOOK
    assert written.notes[0] == "O'Neill, Bob: excused (EX) in Canvas; not written"
    written = canvas.fill_gradebook(BOOK, grades, "Week 4", "b.csv")
    assert [row[6] for row in rows(written.data)[3:5]] == ["30.00", "30.00"]
    assert written.notes[:2] == (
        "s9: no row is this student's; not written",
        "20 points are 40.00 in Canvas: grades are scaled",
    )


def test_students_who_are_not_assigned_are_told() -> None:
    book = BOOK.replace(b"A,EX,", b"A,N/A,")
    written = canvas.fill_gradebook(book, [grade(student="bob7")], "Week 3", "b.csv")
    assert written.data == book
    assert written.notes[0] == "O'Neill, Bob: not assigned (N/A) in Canvas; not written"


def test_decimal_commas() -> None:
    written = canvas.fill_gradebook(COMMAS, [grade("44/3", student="anna")], "Week 3", "b.csv")
    assert written.data == COMMAS.replace(b";A;\n", b";A;14,67\n")


def test_an_assignment_that_is_not_there() -> None:
    with pytest.raises(InputError, match=r"no assignment 'Week 5' .* Week 3 \(4711\), Week 4"):
        canvas.fill_gradebook(BOOK, [], "Week 5", "b.csv")
    written = canvas.fill_gradebook(BOOK, [grade(lms_id="12")], "Week 5", "b.csv", create=True)
    assert [row[-1] for row in rows(written.data)] == [
        "Week 5", "", "20.00", "15.00", "", "", "",
    ]  # fmt: skip
    lines = zip(BOOK.splitlines(), written.data.splitlines(), strict=True)
    assert all(after.startswith(before + b",") for before, after in lines)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (BOOK.replace(b"40.00", b"(read only)"), "'Week 4 .4712.' is read only"),
        (BOOK.replace(b"40.00", b"( Read  only )"), "'Week 4 .4712.' is read only"),
        (
            BOOK.replace(b"Posting", b"Posting (scores hidden from instructors)"),
            "no grades for 'Week 4 .4712.', which is anonymous",
        ),
        (BOOK.replace(b"Week 3 (", b"Week 4 ("), "several assignments are called"),
        (b"Identifier,Grade\nParticipant 1,\n", "not a gradebook of Canvas"),
        (b"", "not a gradebook of Canvas"),
    ],
)
def test_what_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        canvas.fill_gradebook(data, [], "Week 4", "b.csv")


def test_people() -> None:
    people = canvas.people(BOOK, "b.csv")
    assert people["12"] == Sender("s1", "", "12", "anna@x.edu", "van der Berg, Anna")
    assert people["13"].email == ""


def test_a_plain_table_has_no_formulas() -> None:
    hostile = Grade(Sender("=1", "", "", "@x", "+Zoe"), "1/3", "20", "-2+3|cmd", "")
    assert rows(plain.table([hostile]).data)[1] == [
        "'=1", "'+Zoe", "'@x", "", "", "0.33", "20.00", "'-2+3|cmd",
    ]  # fmt: skip
