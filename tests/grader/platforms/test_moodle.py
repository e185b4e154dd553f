"""Moodle's worksheet goes back as it came, with grades and feedback in it."""

from __future__ import annotations

import csv
import io
import zipfile
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.errors import InputError
from grader.platforms import moodle
from grader.submissions import moodle as downloads
from grader.submissions.received import Grade, Sender

ENGLISH = (
    "\ufeffIdentifier,\"Full name\",\"ID number\",\"Email address\",Status,Grade,"
    "\"Maximum grade\",\"Grade can be changed\",\"Last modified (submission)\",\"Online text\","
    "\"Last modified (grade)\",\"Feedback comments\"\n"
    "\"Participant 4\",\"Anna van der Berg\",s1,anna@x.edu,\"Submitted for grading - \",,"
    "100.00,Yes,\"Friday, 20 November 2026, 8:35 PM\",\"<p>a, \"\"b\"\"\nc</p>\",-,\n"
    "\"Participant 1\",\"Bob O'Neill\",s2,bob@x.edu,\"No submission\",12.50,100.00,Yes,-,,-,old\n"
    "\"Participant 3\",=cmd|calc,s3,zoe@x.edu,\"No submission\",,100.00,No,-,,-,\n"
).encode()  # fmt: skip
GERMAN = (
    "\ufeffID,\"Vollständiger Name\",E-Mail-Adresse,Status,Bewertung,Bestwertung,"
    "\"Bewertung kann geändert werden\",\"Zuletzt geändert (Abgabe)\","
    "\"Zuletzt geändert (Bewertung)\",\"Feedback als Kommentar\"\n"
    "\"Teilnehmer/in 4\",\"Anna Berg\",anna@x.edu,Zur,,\"20,00\",Ja,-,-,\n"
    "\"Teilnehmer/in 1\",\"Bob Öl\",bob@x.edu,Zur,,\"20,00\",Nein,-,-,\n"
).encode()  # fmt: skip
UNKNOWN = (
    b"Kitambulisho,Jina,Barua,Hali,Daraja,Juu,Badilika,Tarehe1,Tarehe2,Maoni\r\n"
    b"Mshiriki 4,Anna Berg,anna@x.edu,x,,20,Ndiyo,-,-,\r\n"
    b"Mshiriki 1,Bob Oil,bob@x.edu,x,,20,Ndiyo,-,-,\r\n"
)
BLIND = (
    b"Identifier,Status,Grade,\"Maximum grade\",\"Grade can be changed\","
    b"\"Last modified (submission)\",\"Last modified (grade)\",\"Feedback comments\"\n"
    b"Participant 4,x,,20.00,Yes,-,-,\nParticipant 1,x,,20.00,Yes,-,-,\n"
)  # fmt: skip


def grade(earned: str = "15", *, feedback: str = "", points: str = "20", **sender: str) -> Grade:
    return Grade(Sender(**sender), earned, points, feedback, "", {"report.html": b"<p>x</p>"})


def cells(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=delimiter))


def changes(before: bytes, after: bytes) -> dict[tuple[str, str], str]:
    """What changed, by the first cell of the row and the header of the column."""
    old, new = cells(before), cells(after)
    assert [len(row) for row in old] == [len(row) for row in new]
    return {
        (old[r][0], old[0][c]): new[r][c]
        for r in range(len(old))
        for c in range(len(old[r]))
        if old[r][c] != new[r][c]
    }


ANNA = grade(student="s1", feedback="q1: right\n<b>=2</b>")


def test_only_grade_and_feedback_change() -> None:
    written = moodle.fill_worksheet(ENGLISH, [ANNA], "w.csv")
    assert changes(ENGLISH, written.data) == {
        ("Participant 4", "Grade"): "75.00",
        ("Participant 4", "Feedback comments"): "<p>q1: right<br>&lt;b&gt;=2&lt;/b&gt;</p>",
    }
    rest = written.data.replace(b"75.00,100.00", b",100.00", 1)
    assert rest.replace(b"-,<p>q1: right<br>&lt;b&gt;=2&lt;/b&gt;</p>\n", b"-,\n", 1) == ENGLISH
    assert written.graded == 1
    assert written.notes == (
        "20 points are 100.00 in Moodle: grades are scaled",
        "2 rows left without a grade: Participant 1, Participant 3",
    )


@pytest.mark.parametrize(
    "sender",
    [
        {"student": "s2"},
        {"email": "BOB@x.edu"},
        {"name": "oneill, bob"},
        {"participant": "1"},
        {"participant": "1", "name": "Bob ONeill", "student": "unlike"},
        {"participant": "4", "email": "bob@x.edu", "name": "Bob ONeill"},  # another assignment's
    ],
)
def test_rows_are_found_by_any_identity(sender) -> None:
    written = moodle.fill_worksheet(ENGLISH, [grade(**sender)], "w.csv")
    assert changes(ENGLISH, written.data) == {("Participant 1", "Grade"): "75.00"}


def test_what_has_no_row_or_is_locked_is_told() -> None:
    grades = [
        grade(student="s3"),
        grade(student="s9"),
        grade(student="s1"),
        grade(name="Anna van der Berg"),
    ]
    written = moodle.fill_worksheet(ENGLISH, grades, "w.csv")
    assert written.data == ENGLISH
    assert written.graded == 0
    assert written.notes[:3] == (
        "s9: no row is this student's; not written",
        "s1 and Anna van der Berg: both belong into row 2; neither is written",
        "Participant 3: the grade is locked in Moodle; not written",
    )  # fmt: skip


def test_blank_lines_at_the_end_stay() -> None:
    sheet = ENGLISH + b"\n\n"
    written = moodle.fill_worksheet(sheet, [ANNA], "w.csv")
    assert written.data == moodle.fill_worksheet(ENGLISH, [ANNA], "w.csv").data + b"\n\n"


def test_a_scale_is_told() -> None:
    sheet = ENGLISH.replace(b"100.00", b'"Poor\nGood"').replace(b"12.50", b"Good")
    with pytest.raises(InputError, match="grades by a scale are not written"):
        moodle.fill_worksheet(sheet, [ANNA], "w.csv")


def test_a_name_alone_does_not_outweigh_the_roster_s_ids() -> None:
    grades = [grade(student="s1"), grade(student="s9", name="Bob O'Neill")]
    written = moodle.fill_worksheet(ENGLISH, grades, "w.csv")
    assert changes(ENGLISH, written.data) == {("Participant 4", "Grade"): "75.00"}
    assert written.notes[0] == "s9: no row is this student's; not written"


WORKFLOW = (
    b'Identifier,"Full name","Email address",Status,Marker,Grade,"Maximum grade",'
    b'"Marking workflow state","Grade can be changed","Last modified (submission)",'
    b'"Last modified (grade)","Feedback comments"\n'
    b'"Participant 4","<span class=""usersuspended"">Anna Berg <img src=""x"" '
    b'title=""Suspended"" /></span>",a@x.edu,x,,,20.00,"Not marked",Yes,-,-,\n'
    b'"Participant 1",Bob,b@x.edu,x,,,20.00,Released,No,-,-,\n'
)


def test_a_marking_workflow_and_suspended_participants() -> None:
    assert moodle.people(WORKFLOW, "w.csv")["4"].name == "Anna Berg"
    grades = [grade(participant="4", name="Berg, Anna"), grade(email="b@x.edu")]
    written = moodle.fill_worksheet(WORKFLOW, grades, "w.csv")
    assert changes(WORKFLOW, written.data) == {("Participant 4", "Grade"): "15.00"}
    assert written.notes[0] == "Participant 1: the grade is locked in Moodle; not written"


@pytest.mark.parametrize(
    ("sheet", "header", "comments", "mark"),
    [
        (GERMAN, "Bewertung", "Feedback als Kommentar", "14,67"),
        (UNKNOWN, "Daraja", "Maoni", "14.67"),
        (BLIND, "Grade", "Feedback comments", "14.67"),
    ],
)
def test_other_languages_and_blind_marking(sheet, header, comments, mark) -> None:
    grades = [grade("44/3", participant="4", email="anna@x.edu", feedback="ok")]
    written = moodle.fill_worksheet(sheet, grades, "w.csv")
    first = cells(sheet)[1][0]
    assert changes(sheet, written.data) == {(first, header): mark, (first, comments): "<p>ok</p>"}
    assert written.data.count(b"\r") == sheet.count(b"\r")


def test_columns_can_be_named() -> None:
    named = moodle.fill_worksheet(
        UNKNOWN, [grade(participant="4", feedback="ok")], "w", grade="daraja", comments="Hali"
    )
    assert changes(UNKNOWN, named.data) == {
        ("Mshiriki 4", "Daraja"): "15.00",
        ("Mshiriki 4", "Hali"): "<p>ok</p>",
    }
    with pytest.raises(InputError, match="'Punkte' is not one of its columns"):
        moodle.fill_worksheet(UNKNOWN, [], "w", grade="Punkte")


def test_dates_are_no_feedback() -> None:
    bare = b"\n".join(line.rpartition(b",")[0] for line in BLIND.splitlines()) + b"\n"
    written = moodle.fill_worksheet(bare, [grade(participant="4", feedback="ok")], "w")
    assert changes(bare, written.data) == {("Participant 4", "Grade"): "15.00"}
    assert "no column of feedback comments: only grades are written" in written.notes


def test_hostile_feedback_is_neutralised_and_names_are_not() -> None:
    html = Grade(Sender(student="s1"), "1", "20", "", '=HYPERLINK("x") \\"', {})
    written = moodle.fill_worksheet(ENGLISH, [html], "w.csv")
    found = changes(ENGLISH, written.data)
    assert found["Participant 4", "Feedback comments"] == '\'=HYPERLINK("x") \\&quot;'
    assert b"=cmd|calc,s3" in written.data


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "this is empty"),
        (b"Student,ID\nAnna,12\n", "not a grading worksheet of Moodle"),
        (
            b"Identifier,Grade,Scale\nParticipant 1,,A B C\n",
            "graded by a scale|no column of grades",
        ),
    ],
)
def test_other_files_are_refused(data: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        moodle.fill_worksheet(data, [], "w.csv")


def test_people() -> None:
    assert moodle.people(ENGLISH, "w")["1"] == Sender(
        participant="1", name="Bob O'Neill", email="bob@x.edu"
    )
    assert moodle.people(UNKNOWN, "w")["4"].name == "Anna Berg"
    assert moodle.people(BLIND, "w")["4"] == Sender(participant="4")


def test_feedback_files_are_named_as_moodle_names_submissions() -> None:
    grades = [ANNA, grade(student="s2"), grade(student="s9")]
    written = moodle.feedback_zip(ENGLISH, grades, "w.csv")
    with zipfile.ZipFile(io.BytesIO(written.data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "Anna van der Berg_4_assignfeedback_file/report.html": b"<p>x</p>",
            "Bob ONeill_1_assignfeedback_file/report.html": b"<p>x</p>",
        }
        for name in archive.namelist():
            placed = downloads.placed(name)
            assert placed is not None
            assert placed.sender.participant in ("4", "1")
    assert written == moodle.feedback_zip(ENGLISH, grades, "w.csv")
    assert (written.graded, len(written.notes)) == (2, 1)


_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=15)
_marks = st.sampled_from(["0", "20", "44/3", "1/7"])


@settings(max_examples=80)
@given(st.lists(st.tuples(_texts, _texts, _texts, _marks), min_size=1, max_size=5))
def test_whatever_stands_in_it_stays(drawn) -> None:
    """Names, texts and statuses of any letters: only grades and feedback are others afterwards."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(cells(ENGLISH)[0])
    for place, (name, status, online, _) in enumerate(drawn):
        table.writerow([f"Participant {place}", name, f"s{place}", f"{place}@x.edu", status,
                        "", "100.00", "Yes", "-", online, "-", ""])  # fmt: skip
    before = text.getvalue().encode()
    grades = [grade(mark, student=f"s{n}", feedback=each[2]) for n, each in enumerate(drawn)
              for mark in each[3:]]  # fmt: skip
    written = moodle.fill_worksheet(before, grades, "w.csv")
    found = changes(before, written.data)
    assert {column for _, column in found} <= {"Grade", "Feedback comments"}
    assert [found[f"Participant {n}", "Grade"] for n in range(len(drawn))] == [
        f"{float(Fraction(each[3]) * 5):.2f}" for each in drawn
    ]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in found.values())


def test_gradebook() -> None:
    written = moodle.gradebook([grade("44/3", student="s1", email="a@x.edu")], "=Week 3")
    assert cells(written.data) == [
        ["ID number", "Email address", "'=Week 3 (Real)"],
        ["s1", "a@x.edu", "14.67"],
    ]
