"""What is written is taken: each condition that Moodle's and Canvas's importers put on a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.errors import InputError
from grader.platforms import canvas, moodle
from grader.platforms.marks import feedback_html
from grader.submissions.received import Grade, Sender
from tests.grader.platforms.importers import (
    Assignment,
    Course,
    canvas_feedback,
    canvas_gradebook,
    moodle_feedback,
    moodle_worksheet,
    php_rows,
)

HEADER = (
    '\ufeffIdentifier,"Full name",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Online text","Last modified (grade)","Feedback comments"\n'
)
WORKSHEET = (
    HEADER
    + '"Participant 7","Anna Berg",,,24.00,Yes,-,"<p>a \\"b\\" ""c""</p>",-,\n'
    + '"Participant 12","Seán O\'Neill",,3.00,24.00,Yes,-,,-,"an old word"\n'
    + '"Participant 9","王小明, Eve",,,24.00,No,-,,-,\n'
)
SITE = Assignment({"7", "12", "9"}, comments={"12": "an old word"}, grades={"12": 3.0})


def grade(participant: str, earned: str = "12", said: str = "", **more: str) -> Grade:
    return Grade(Sender(participant=participant, **more), earned, "12", "", said)


def taken(
    grades: list[Grade], site: Assignment = SITE, sheet: str = WORKSHEET
) -> tuple[dict[str, float], dict[str, str]]:
    return moodle_worksheet(moodle.fill_worksheet(sheet.encode(), grades, "w").data, site)


def test_a_worksheet_is_taken() -> None:
    grades = [grade("7", "12", "<p>Good.</p>"), grade("12", "5", "<p>a, \"b\"\n'c'</p>")]
    assert taken(grades) == (
        {"7": 24.0, "12": 10.0},
        {"7": "<p>Good.</p>", "12": "<p>a, \"b\"\n'c'</p>"},
    )


def test_rows_without_a_grade_change_nothing() -> None:
    assert taken([grade("7")]) == ({"7": 24.0}, {})


def test_a_locked_grade_is_not_written() -> None:
    written = moodle.fill_worksheet(WORKSHEET.encode(), [grade("9", said="<p>x</p>")], "w")
    assert moodle_worksheet(written.data, SITE) == ({}, {})
    assert "locked" in written.notes[0]


def test_no_grade_is_above_the_maximum() -> None:
    """A bonus does not lift a grade out of the range that Moodle takes."""
    assert taken([grade("7", "12")])[0]["7"] <= SITE.most


def test_a_site_with_decimal_commas() -> None:
    sheet = WORKSHEET.replace("24.00", '"24,00"').replace("3.00", '"3,00"')
    site = Assignment({"7"}, comma=True)
    assert taken([grade("7", "5")], site, sheet)[0] == {"7": 10.0}
    assert taken([grade("7", "43/10")], site, sheet)[0] == {"7": 8.6}


def test_line_ends_of_any_system() -> None:
    for end in ("\r\n", "\r"):
        assert taken([grade("7", said="<p>x</p>")], sheet=WORKSHEET.replace("\n", end)) == (
            {"7": 24.0},
            {"7": "<p>x</p>"},
        )


@settings(max_examples=200)
@given(st.lists(st.text(alphabet="\\\"',\n\r=@-+|<>&;a ", max_size=12), min_size=2, max_size=2))
def test_feedback_arrives_whatever_students_typed(texts: list[str]) -> None:
    """Through PHP's reader, in which a backslash keeps a quote from ending a cell, and through the
    reader once more, as Moodle stores the file and reads it again."""
    why, advice = texts
    part = {
        "part": "a", "outcome": "INCORRECT", "earned": "0", "points": "1", "why": why,
        "advice": advice,
    }  # fmt: skip
    exercise = {"slot": "q1", "title": why, "earned": "0", "points": "1", "parts": [part]}
    tree = {
        "needs_human": 0, "earned": "0", "points": "1", "notes": [advice], "exercises": [exercise],
    }  # fmt: skip
    said = feedback_html(tree)
    grades, comments = taken([grade("7", said=said), grade("12", "6", said=said)])
    assert grades == {"7": 24.0, "12": 12.0}
    assert comments == {"7": said, "12": said}


def test_the_model_of_php_s_reader() -> None:
    assert php_rows('a,"b ""c""",\n"d\\"e",f,""\n\n') == [["a", 'b "c"', ""], ['d\\"e', "f", ""]]
    assert php_rows('"a\nb", "c" d') == [["a\nb", "c d"]]


def feedback(grades: list[Grade], sheet: str = WORKSHEET) -> dict[str, dict[str, bytes]]:
    return moodle_feedback(moodle.feedback_zip(sheet.encode(), grades, "w").data, SITE)


@pytest.mark.parametrize(
    "name",
    [
        "Anna Berg",
        "Anna_Maria_9_x_Berg",
        ".hidden",
        "~tilde",
        "王小明",
        "a/b\\c",
        'O\'Neill "x"',
        "_",
    ],
)
def test_a_feedback_zip_is_taken_whatever_a_student_is_called(name: str) -> None:
    """The second word between `_` must be the participant's number."""
    each = Grade(Sender(participant="7"), "1", "12", "", "", {"report.html": b"<p>7</p>"})
    sheet = WORKSHEET.replace('"Anna Berg"', '"' + name.replace('"', '""') + '"')
    found = feedback([each], sheet)
    assert {who: list(files.values()) for who, files in found.items()} == {"7": [b"<p>7</p>"]}
    assert [name.lstrip("/") for name in found["7"]] == ["report.html"]


# --- Canvas -------------------------------------------------------------------------------------

BOOK = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Week 3 (4711),Final Grade of week 2 (4712),"
    "Current Score\n"
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,12.00,5.00,(read only)\n"
    '"Berg, Anna",12,s1,anna@x.edu,A,,4,87.5\n'
    "Bob,13,s2,bob7,A,EX,,\n"
    '"Eve ""E"" Üz",14,,eve@x.edu,"A, B",3.00,,\n'
)
COURSE = Course({12: "Berg, Anna", 13: "Bob", 14: "Eve"}, {4711: "Week 3", 4712: "Final"})


def student(lms_id: str, earned: str = "12") -> Grade:
    return Grade(Sender(lms_id=lms_id), earned, "12", "", "")


def booked(text: str, grades: list[Grade], title: str, *, create: bool = False) -> dict[int, str]:
    data = canvas.fill_gradebook(text.encode(), grades, title, "b.csv", create=create).data
    return canvas_gradebook(data, COURSE)[title]


def test_a_gradebook_is_taken() -> None:
    for text in (BOOK, "\ufeff" + BOOK, BOOK.replace("\n", "\r\n")):
        found = booked(text, [student("12", "25/3"), student("14")], "Week 3")
        assert found == {12: "8.33", 13: "EX", 14: "12.00"}


def test_a_gradebook_with_semicolons_and_decimal_commas() -> None:
    text = (
        "Student;ID;SIS Login ID;Section;Week 3 (4711)\n    Points Possible;;;;12,00\n"
        "Berg, Anna;12;anna;A;\nBob;13;bob;A;\n"
    )
    assert booked(text, [student("12", "25/3")], "Week 3") == {12: "8.33", 13: ""}


def test_a_new_column_is_taken() -> None:
    found = booked(BOOK, [student("12", "25/3")], "Week 9", create=True)
    assert found == {12: "8.33", 13: "", 14: ""}


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("My Final Grade", "reserved"),
        ("Current Score", "reserved"),
        ("Section", "already"),
        ("student", "already"),
        ("Week 4 (5)", "number in brackets"),
    ],
)
def test_a_new_column_that_canvas_would_read_as_another(title: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        canvas.fill_gradebook(BOOK.encode(), [student("12")], title, "b.csv", create=True)


def test_an_assignment_whose_title_canvas_passes_over() -> None:
    """Its importer leaves out every column with such words, also where they are part of a title."""
    with pytest.raises(InputError, match="reserved"):
        canvas.fill_gradebook(BOOK.encode(), [student("12")], "4712", "b.csv")


def reuploaded(
    path: str, user: str = "1234", attachment: str = "98765", **more: object
) -> dict[str, tuple[str, bytes]]:
    each = Grade(Sender(student="s1"), "1", "12", "", "", {"report.txt": b"told"})
    written = canvas.feedback_zip([each], {"s1": [path]})
    assert (written.graded, written.missed) == (1, 0)
    return canvas_feedback(written.data, {(user, attachment): "answers.yaml"}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path",
    [
        "vanderberganna_1234_98765_answers.yaml",
        "download/vanderberganna_LATE_1234_98765_answers.yaml",
        "van_der_berg_1234_98765_my_answers-1.yaml",
        "łukasz_1234_98765_a.toml",
        "berg2_1234_98765_answers_5_6.yaml",
        "1234_98765_answers.json",
        "berg_1234_98765_my_link.yaml",
        "berg_1234_98765_link.txt",
    ],
)
def test_canvas_finds_whose_a_file_is(path: str) -> None:
    assert reuploaded(path) == {"1234": ("answers.yaml", b"told")}


def test_canvas_finds_anonymous_students() -> None:
    path = "anon_a1B2c_98765_answers.yaml"
    assert reuploaded(path, "anon_a1B2c") == {"anon_a1B2c": ("answers.yaml", b"told")}


@pytest.mark.parametrize(
    ("paths", "documents", "why"),
    [
        ([], {"report.txt": b"x"}, "no file in the download is theirs"),
        (["a_1_text.html"], {"report.txt": b"x"}, "typed online has no file"),
        (["a_1_2_filled.pdf"], {"report.txt": b"x"}, "the name of their file, which is no text"),
        (["a_1_2_answers.yaml"], {}, "no report as a text"),
    ],
)
def test_what_canvas_takes_no_feedback_for_is_told(
    paths: list[str], documents: Mapping[str, bytes], why: str
) -> None:
    each = Grade(Sender(student="s1"), "1", "12", "", "", documents)
    written = canvas.feedback_zip([each], {"s1": paths} if paths else {})
    assert (written.graded, written.missed) == (0, 1)
    assert why in written.notes[0]
    assert zipfile.ZipFile(io.BytesIO(written.data)).namelist() == []


def test_of_several_files_the_last_goes_back() -> None:
    each = Grade(Sender(student="s1"), "1", "12", "", "", {"report.txt": b"told"})
    paths = ["a_1_20_answers-1.yaml", "a_1_9_answers.yaml", "a_1_30_photo.pdf"]
    written = canvas.feedback_zip([each], {"s1": paths})
    assert zipfile.ZipFile(io.BytesIO(written.data)).namelist() == ["a_1_20_answers-1.yaml"]
    assert written == canvas.feedback_zip([each], {"s1": paths[::-1]})
