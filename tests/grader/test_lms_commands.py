"""From what a platform hands out to what it takes back, by the commands."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.model import records
from generator.sheets import Sheet, answer_key
from grader.batch import grade_folder
from grader.cli import program

Draw = Callable[[str], Sheet]
Right = Callable[[Sheet], dict[str, Any]]
Form = Callable[[Sheet, Mapping[str, Any]], str]

STUDENTS = ("s1", "s2", "s3")
NUMBERS = {"s1": "7", "s2": "3", "s3": "5"}
TIMES = {"s1": '"Friday, 20 November 2026, 8:35 PM"', "s2": "-", "s3": "-"}
WORKSHEET = (
    '\ufeffIdentifier,"Full name",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    + "".join(
        f'"Participant {NUMBERS[s]}","Name of {s}",,,24.00,Yes,{TIMES[s]},-,\n' for s in STUDENTS
    )
)
BLIND = (
    'Identifier,Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    + "".join(f'"Participant {NUMBERS[s]}",,,24.00,Yes,-,-,\n' for s in STUDENTS)
)
GRADEBOOK = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Week 3 (4711)\n    Points Possible,,,,,12.00\n"
    + "".join(f"Name of {s},{NUMBERS[s]},{s},,A,\n" for s in STUDENTS)
)


def run(*arguments: str | Path, code: int = 0, **options: Any) -> Result:
    result = CliRunner().invoke(program, [str(each) for each in arguments], **options)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def course(tmp_path: Path, draw: Draw, right: Right, form: Form) -> Path:
    """Keys of three students; two handed in on Moodle, with names and without; both are graded."""
    for folder in ("keys", "forms"):
        (tmp_path / folder).mkdir()
    forms = {}
    for student in STUDENTS:
        sheet = draw(student)
        key = tmp_path / "keys" / f"{student}.json"
        key.write_text(records.dumps(answer_key(sheet)), encoding="utf-8")
        forms[student] = form(sheet, right(sheet) if student == "s1" else {})
    for student in STUDENTS[:2]:
        (tmp_path / "forms" / f"{student}.json").write_text(forms[student])
    for name, said in (("named.zip", "Name of {}"), ("blind.zip", "Participant")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for student in STUDENTS[:2]:
                folder = f"{said.format(student)}_{NUMBERS[student]}_assignsubmission_file"
                archive.writestr(f"{folder}/answers.json", forms[student])
                archive.writestr(f"{folder}/photo.jpg", "x")
    files = {"sheet.csv": WORKSHEET, "blind.csv": BLIND, "book.csv": GRADEBOOK}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    grade_folder(tmp_path / "forms", tmp_path / "keys", tmp_path / "marks")
    return tmp_path


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def test_intake_tells_whose_everything_is(course: Path) -> None:
    told = run(
        "intake", course / "named.zip", "--keys", course / "keys", "--people", course / "sheet.csv"
    ).output
    assert "2 submissions can be read; 1 with a time\n  2 matched by sheet id\n" in told
    assert "Nothing from\n  s3" in told
    assert "Not a form\n  Name of s1_7_assignsubmission_file/photo.jpg" in told
    found = json.loads(run("intake", course / "blind.zip", "--json").output)
    assert (found["readable"], found["problems"], found["matched"]) == (2, [], {})


def test_intake_lists_what_a_person_must_look_at(course: Path, form: Form, draw: Draw) -> None:
    with zipfile.ZipFile(course / "named.zip", "a") as archive:
        archive.writestr("Name of s3_5_assignsubmission_file/a.json", form(draw("s1"), {}))
        archive.writestr("Name of s3_5_assignsubmission_file/b.yaml", "q1: [")
    told = run("intake", course / "named.zip", "--keys", course / "keys", code=1).output
    assert "of s1, but by its name (Name of s3) the sender is s3" in told
    assert "b.yaml: line 1: put this answer in quotes" in told


def test_intake_of_standard_input_and_misuse(course: Path) -> None:
    rows = '{"sheet": "A", "q1.a": "1"}\n{"sheet": "B", "q1.a": "1"}\n'
    assert "2 submissions can be read" in run("intake", "-", input=rows).output
    run("intake", course / "blind.zip", "--time-zone", "Mars/Base", code=2)
    assert (
        "is none of moodle" in run("intake", course / "blind.zip", "--source", "x", code=1).output
    )


def test_moodle(course: Path) -> None:
    told = run(
        "return", "moodle", course / "sheet.csv", "--marks", course / "marks",
        "--out", course / "new.csv", "--feedback-zip", course / "feedback.zip",
    ).output  # fmt: skip
    assert "note: 12 points are 24.00 in Moodle: grades are scaled" in told
    assert "note: 1 row left without a grade: Participant 5" in told
    assert "2 grades written" in told
    rows = table(course / "new.csv")
    assert [row["Grade"] for row in rows] == ["24.00", "0.00", ""]
    assert rows[0]["Feedback comments"].startswith("<p>12 of 12 points</p>")
    with zipfile.ZipFile(course / "feedback.zip") as archive:
        assert archive.namelist() == [
            "Name of s1_7_assignfeedback_file/report.html",
            "Name of s2_3_assignfeedback_file/report.html",
        ]
        report = (course / "marks" / "reports" / "s1.html").read_bytes()
        assert archive.read(archive.namelist()[0]) == report


def test_a_ledger_gives_back_what_its_folder_does(course: Path) -> None:
    """By its file, by a URL, and where no reports were written at all."""
    ledger = course / "marks" / "ledger.sqlite"
    url = f"sqlite:///{ledger}"
    bare = ("batch", course / "forms", "--keys", course / "keys", "--out", course / "bare")
    run(*bare, "--no-reports")
    ways: dict[str, tuple[str | Path, ...]] = {
        "moodle": ("moodle", course / "sheet.csv"),
        "canvas": ("canvas", course / "book.csv", "--assignment", "4711"),
        "plain": ("plain",),
    }
    for name, arguments in ways.items():
        back = ("return", *arguments, "--keys", course / "keys")
        found = set()
        everywhere: list[str | Path] = [course / "marks", ledger, url, course / "bare"]
        for place, marks in enumerate(everywhere):
            out, zipped = course / f"{name}{place}.csv", course / f"{name}{place}.zip"
            more: tuple[str | Path, ...] = ()
            if name == "moodle" and marks != course / "bare":
                more = ("--feedback-zip", zipped)
            run(*back, "--marks", marks, "--out", out, *more)
            found.add((out.read_bytes(), zipped.read_bytes() if more else b""))
        assert len({table for table, _ in found}) == 1
        assert len({reports for _, reports in found if reports}) == (name == "moodle")
    none = ("return", "plain", "--out", course / "new.csv", "--marks")
    assert "there is no ledger here" in run(*none, "sqlite:///none.sqlite", code=1).output
    assert not Path("none.sqlite").exists()


def test_an_override_goes_back_from_a_ledger(course: Path) -> None:
    sheet = json.loads((course / "marks" / "reports" / "s2.json").read_bytes())["sheet"]
    run(
        "override", course / "marks", sheet, "q1.relu_bracket", "--credit", "1/2", "--reason",
        "said so", "--by", "A. Lee",
    )  # fmt: skip
    run("return", "plain", "--marks", course / "marks" / "ledger.sqlite", "--out",
        course / "new.csv")  # fmt: skip
    assert [row["earned"] for row in table(course / "new.csv")] == ["12.00", "1.20"]


def test_blind_marking_takes_the_download(course: Path) -> None:
    blind = ("return", "moodle", course / "blind.csv", "--out", course / "new.csv",
             "--marks", course / "marks")  # fmt: skip
    assert "s1: no row is this student's" in run(*blind, code=1).output
    run(*blind, "--submissions", course / "blind.zip", code=2)
    run(*blind, "--submissions", course / "blind.zip", "--keys", course / "keys")
    assert [row["Grade"] for row in table(course / "new.csv")] == ["24.00", "0.00", ""]


def test_the_number_of_a_team_is_not_taken_for_a_participant(course: Path) -> None:
    with zipfile.ZipFile(course / "team.zip", "w") as archive:
        archive.write(course / "forms" / "s1.json", "Team A_3_assignsubmission_file/s1.json")
    marks = ("--marks", course / "marks", "--keys", course / "keys", "--out", course / "new.csv")
    sent = ("--submissions", course / "team.zip")
    run("return", "moodle", course / "blind.csv", *marks, *sent, code=1)
    assert [row["Grade"] for row in table(course / "new.csv")] == ["", "", ""]


def test_canvas_gradebook_and_plain(course: Path) -> None:
    marks = ("--marks", course / "marks", "--keys", course / "keys", "--out", course / "new.csv")
    run("return", "canvas", course / "book.csv", "--assignment", "4711", *marks)
    assert [row["Week 3 (4711)"] for row in table(course / "new.csv")] == ["12.00"] * 2 + [
        "0.00",
        "",
    ]
    said = run("return", "canvas", course / "book.csv", "--assignment", "Week 9", *marks, code=1)
    assert "there is no assignment 'Week 9'" in said.output
    run("return", "moodle-gradebook", "--item", "Week 3", *marks)
    assert [row["Week 3 (Real)"] for row in table(course / "new.csv")] == ["12.00", "0.00"]
    run("return", "plain", *marks)
    assert [row["student"] for row in table(course / "new.csv")] == ["s1", "s2"]


def test_canvas_takes_its_own_files_back(course: Path) -> None:
    with zipfile.ZipFile(course / "canvas.zip", "w") as archive:
        for student in STUDENTS[:2]:
            name = f"nameof{student}_{NUMBERS[student]}_9{NUMBERS[student]}_answers.json"
            archive.write(course / "forms" / f"{student}.json", name)
    back = (
        "return", "canvas", course / "book.csv", "--assignment", "4711", "--marks",
        course / "marks", "--keys", course / "keys", "--out", course / "new.csv",
        "--feedback-zip", course / "feedback.zip",
    )  # fmt: skip
    assert "needs --submissions" in run(*back, code=2).output
    told = run(*back, "--submissions", course / "canvas.zip").output
    assert "2 feedback files written to" in told
    with zipfile.ZipFile(course / "feedback.zip") as archive:
        assert archive.namelist() == ["nameofs1_7_97_answers.json", "nameofs2_3_93_answers.json"]
        report = (course / "marks" / "reports" / "s1.txt").read_bytes()
        assert archive.read(archive.namelist()[0]) == report


def test_an_export_of_gradescope_is_graded_by_who_sent_it(course: Path, form: Form) -> None:
    who = "submission_{0}:\n  :submitters:\n  - :name: Name of s{0}\n    :sid: s{0}\n"
    with zipfile.ZipFile(course / "export.zip", "w") as archive:
        told = "".join(who.format(number) for number in (1, 2, 3))
        archive.writestr("assignment_1_export/submission_metadata.yml", told)
        for place, student in ((1, "s1"), (3, "s2")):
            name = f"assignment_1_export/submission_{place}/answers.json"
            archive.write(course / "forms" / f"{student}.json", name)
    export = (course / "export.zip", "--keys", course / "keys")
    assert "but by its roster id (s3) the sender is s3" in run("intake", *export, code=1).output
    run("batch", *export, "--out", course / "graded", code=1)  # a person must look
    assert (course / "graded" / "reports" / "s1.txt").is_file()
    assert not (course / "graded" / "reports" / "s3.txt").exists()


def test_marks_that_are_none(course: Path) -> None:
    (course / "other").mkdir()
    plain = ("return", "plain", "--out", course / "new.csv", "--marks")
    assert "there is no report in it" in run(*plain, course / "other", code=1).output
    (course / "other" / "s1.json").write_text('{"student": "s1"}')
    assert "is not a report" in run(*plain, course / "other", code=1).output
    assert not (course / "new.csv").exists()


def test_feedback_is_escaped(course: Path, draw: Draw, form: Form) -> None:
    hostile = {"q1": {"relu_bracket": "<script>alert(1)</script>", "<b>": "x"}}
    (course / "forms" / "s2.json").write_text(form(draw("s2"), hostile))
    grade_folder(course / "forms", course / "keys", course / "marks")
    told = run("return", "moodle", course / "sheet.csv", "--marks", course / "marks", "--out",
               course / "new.csv")  # fmt: skip
    assert "note: not final, a person must look at answers of: s2" in told.output
    feedback = table(course / "new.csv")[1]["Feedback comments"]
    assert "a person will look at 1 part" in feedback
    assert "<script" not in feedback
    assert "<p>There is no &#x27;q1.&lt;b&gt;&#x27; on this sheet: ignored.</p>" in feedback


def test_gradescope_s_scores_tell_when_and_take_ours(course: Path) -> None:
    table_of_scores = (
        "Name,SID,Email,Total Score,Max Points,Status,Submission ID,Submission Time\n"
        "Name of s1,s1,,10.0,12.0,Graded,1,2026-12-03 12:00:00 +0000\n"
        "Name of s2,s2,,0.0,12.0,Graded,3,2026-12-01 12:00:00 +0000\n"
        "Name of s3,s3,,,12.0,Missing,,\n"
    )
    scores = course / "scores.csv"
    scores.write_text(table_of_scores)
    with zipfile.ZipFile(course / "files.zip", "w") as archive:
        for place, student in ((1, "s1"), (3, "s2")):
            archive.write(course / "forms" / f"{student}.json", f"submission_{place}/answers.json")
    due = ("--late-after", "2026-12-01T23:59+00:00", "--late-penalty", "10%")
    run("batch", course / "files.zip", "--keys", course / "keys", "--out", course / "graded",
        "--people", scores, *due)  # fmt: skip
    late = json.loads((course / "graded" / "reports" / "s1.json").read_bytes())
    assert late["earned"] == "48/5"  # two started days late
    told = run("return", "gradescope", scores, "--marks", course / "graded", "--out",
               course / "new.csv").output  # fmt: skip
    assert "note: s1: 10.0 -> 9.60" in told
    assert "1 row left as before: s3" in told
    assert (course / "new.csv").read_text() == table_of_scores.replace("10.0,12.0", "9.60,12.0")
