"""A class as Moodle hands it out: graded, reported and given back into Moodle's own files."""

from __future__ import annotations

import csv
import html
import io
import json
import sqlite3
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.assignment import read_assignment, read_roster
from generator.building import build
from grader.cli import program
from tests.grader.hostile import check_page

EXAMPLE = Path(__file__).parents[2] / "examples" / "recitation"
LATE, NAMELESS, TYPED, DECIDED = "hs107", "cd103", "em104", "fk105"


def run(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(program, [str(each) for each in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built")
    assignment = read_assignment(EXAMPLE / "recitation.toml")
    build(assignment, read_roster(EXAMPLE / "roster.csv"), b"", out, engine=None)
    return out / "recitation" / "keys"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Moodle's zip and worksheet of the example's class.

    One form says neither whose it is nor for which sheet, one student typed into the text box
    online, one handed in 30 hours late, one not at all.
    """
    students = read_roster(EXAMPLE / "roster.csv")
    forms = {path.stem: path for path in (EXAMPLE / "submissions").iterdir()}
    rows = []
    with zipfile.ZipFile(tmp_path / "week3.zip", "w") as archive:
        for number, student in enumerate(students, 201):
            at = "Wednesday, 2 December 2026, 6:00 AM" if student.id == LATE else (
                f"Monday, 30 November 2026, {number - 200}:30 PM"
            )  # fmt: skip
            form = forms.get(student.id)
            rows.append((number, student.name, student.email, at if form else "-"))
            if form is None:
                continue
            text = form.read_text(encoding="utf-8")
            folder = f"{student.name}_{number}_assignsubmission_"
            if student.id == NAMELESS:
                folder = f"Participant_{number}_assignsubmission_"
                text = "".join(
                    line
                    for line in text.splitlines(keepends=True)
                    if not line.startswith(("sheet:", "student:"))
                )
            if student.id == TYPED:
                (sheet,) = (line for line in text.splitlines() if line.startswith("sheet:"))
                text = f"<p>{html.escape(sheet)}</p><p>q2.raw_separable: B</p>"
                archive.writestr(f"{folder}onlinetext/onlinetext.html", text)
            else:
                archive.writestr(f"{folder}file/{form.name}", text)
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(
        ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum grade",
         "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
         "Feedback comments"]
    )  # fmt: skip
    for number, name, email, at in rows:
        table.writerow([f"Participant {number}", name, email, "", "", "100.00", "Yes", at, "-", ""])
    (tmp_path / "sheet.csv").write_text("\ufeff" + written.getvalue(), encoding="utf-8")
    return tmp_path


def batch(course: Path, keys: Path, *options: str | Path, code: int = 0) -> dict[str, Any]:
    told = run(
        "batch", course / "week3.zip", "--keys", keys, "--out", course / "marks", "--json",
        *options, code=code,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(told.output)
    return found


def policy(course: Path, penalty: str = "10%") -> tuple[str | Path, ...]:
    return (
        "--people", course / "sheet.csv", "--time-zone", "Europe/Rome",
        "--late-after", "2026-12-01T00:00", "--late-penalty", penalty,
    )  # fmt: skip


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def marks_of(course: Path, student: str) -> dict[str, Any]:
    path = course / "marks" / "reports" / f"{student}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def verdicts(course: Path) -> int:
    with sqlite3.connect(course / "marks" / "ledger.sqlite") as connection:
        return int(connection.execute("select count(*) from verdicts").fetchone()[0])


def published(course: Path) -> dict[str, bytes]:
    files = (path for path in (course / "marks").rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files if "ledger" not in path.name}


def test_from_moodle_and_back(course: Path, built: Path) -> None:
    graded = batch(course, built, *policy(course))
    assert graded["problems"] == []
    assert [each["student"] for each in graded["missing"]] == ["zo112"]
    late = marks_of(course, LATE)
    assert late["notes"][0].startswith("Late by 2 started days: 20% of 50 points, so ")
    assert Fraction(late["penalty"]) == 10
    assert any("matched by email" in note for note in marks_of(course, NAMELESS)["notes"])
    assert marks_of(course, TYPED)["exercises"][1]["parts"][1]["outcome"] == "CORRECT"

    sheet = marks_of(course, DECIDED)["sheet"]
    before = Fraction(marks_of(course, DECIDED)["earned"])
    part = next(
        f"{each['slot']}.{part['part']}"
        for each in marks_of(course, DECIDED)["exercises"]
        for part in each["parts"]
        if Fraction(part["earned"]) == 0
    )
    run("override", course / "marks", sheet, part, "--points", "1", "--reason", "a typo",
        "--by", "A. Lee")  # fmt: skip
    assert Fraction(marks_of(course, DECIDED)["earned"]) == before + 1

    analysis = json.loads(run("report", course / "marks", "--json").output)
    assert sum(moment["count"] for moment in analysis["times"]) == 11
    # 6:00 AM in Rome is 5:00 in UTC.
    assert analysis["times"][-1] == {"at": "2026-12-02T05:00:00+00:00", "count": 1}

    run(
        "return", "moodle", course / "sheet.csv", "--marks", course / "marks", "--keys", built,
        "--out", course / "new.csv", "--feedback-zip", course / "feedback.zip",
    )  # fmt: skip
    rows, old = table(course / "new.csv"), table(course / "sheet.csv")
    students = read_roster(EXAMPLE / "roster.csv")
    for row, was, student in zip(rows, old, students, strict=True):
        changed = {name for name in row if row[name] != was[name]}
        if student.id == "zo112":
            assert changed == set()
            continue
        assert changed == {"Grade", "Feedback comments"}
        assert ("Decided by A. Lee: a typo" in row["Feedback comments"]) == (student.id == DECIDED)
        assert ("<p>Late by 2 started days" in row["Feedback comments"]) == (student.id == LATE)
        marks = marks_of(course, student.id)
        share = Fraction(marks["earned"]) / Fraction(marks["points"])
        assert abs(Fraction(row["Grade"]) - 100 * share) <= Fraction(1, 200)
    with zipfile.ZipFile(course / "feedback.zip") as archive:
        assert len(archive.namelist()) == 11
        pages = {name.split("_")[1]: archive.read(name).decode() for name in archive.namelist()}
    for number, student in enumerate(students[:-1], 201):
        page = (course / "marks" / "reports" / f"{student.id}.html").read_text(encoding="utf-8")
        assert pages[str(number)] == page
        text = check_page(page)
        assert student.id in text
        assert "Right answer" not in text
        assert not any(other.id in text for other in students if other != student)
    assert "Penalty −10" in check_page(pages["207"])
    assert "decided by a person 1 of" in check_page(pages["205"])
    assert "Decided by A. Lee: a typo" in check_page(pages["205"])


def test_another_list_of_people_decides_anew(course: Path, built: Path) -> None:
    without = batch(course, built, code=1)
    (problem,) = without["problems"]
    assert problem["file"].startswith("Participant_203_")
    assert "no sheet id" in problem["problem"]
    assert verdicts(course) == 11
    assert batch(course, built, *policy(course))["problems"] == []
    assert verdicts(course) == 22
    first = published(course)
    assert batch(course, built, *policy(course))["problems"] == []
    assert verdicts(course) == 22
    assert published(course) == first
    # One cell of the list is another: one submission is another.
    text = (course / "sheet.csv").read_text(encoding="utf-8")
    (course / "sheet.csv").write_text(text.replace("2 December", "3 December"), encoding="utf-8")
    batch(course, built, *policy(course))
    assert verdicts(course) == 23
    assert "Late by 3 started days" in marks_of(course, LATE)["notes"][0]


def test_another_name_in_the_list_is_told_in_the_same_words(course: Path, built: Path) -> None:
    """By `intake` and by `batch`; and a student is not told the other's name."""
    student, other = read_roster(EXAMPLE / "roster.csv")[3:5]
    text = (course / "sheet.csv").read_text(encoding="utf-8")
    text = text.replace(f"204,{student.name}", f"204,Xaver {other.name}")
    (course / "sheet.csv").write_text(text, encoding="utf-8")
    told = json.loads(
        run("intake", course / "week3.zip", "--keys", built, "--people", course / "sheet.csv",
            "--json").output
    )  # fmt: skip
    ((file, note),) = (each for each in told["notes"] if "the list was not used" in each[1])
    assert file.startswith(f"{student.name}_204_")
    assert note.startswith("In the platform's list, number 204 has another name than ")
    batch(course, built, "--people", course / "sheet.csv")
    notes = marks_of(course, student.id)["notes"]
    assert note in notes
    assert not any(other.name in each for each in notes)


def test_what_it_is_may_be_said(course: Path, built: Path) -> None:
    """The source of a folder that looks like another platform's, for batch as for intake."""
    (course / "answers").write_text('{"q1": {}}', encoding="utf-8")
    where = ("--keys", built, "--out", course / "said")
    batch_of = ("batch", course / "week3.zip", *where)
    plain = json.loads(run(*batch_of, "--source", "folder", "--json", code=1).output)
    assert plain["graded"] == 9  # neither what was typed online nor who tells only by the folder
    assert any("no sheet id" in each["problem"] for each in plain["problems"])
    for command in (batch_of, ("intake", course / "week3.zip", "--keys", built)):
        said = run(*command, "--source", "x", code=1).output
        assert "'x' is none of moodle" in said
        run(*command, "--source", "csv", code=1)


def test_shards_know_the_same_people(course: Path, built: Path) -> None:
    batch(course, built, *policy(course))
    whole = published(course)
    (course / "marks").rename(course / "whole")
    for part in ("1/2", "2/2"):
        run("batch", course / "week3.zip", "--keys", built, "--out", course / "marks",
            "--shard", part, *policy(course)[:4])  # fmt: skip
    run("merge", course / "marks", *policy(course)[2:])
    parts = {path.name for path in (course / "marks" / "shards").iterdir()}
    assert {name: data for name, data in published(course).items() if name not in parts} == whole


def test_regrading_knows_the_times_of_the_list(course: Path, built: Path) -> None:
    batch(course, built, *policy(course))
    told = json.loads(
        run("regrade", course / "marks", "--json", "--time-zone", "Europe/Rome", "--late-after",
            "2026-12-02T06:00", "--late-penalty", "10%").output
    )  # fmt: skip
    (change,) = told["changes"]
    assert change["student"] == LATE
    assert Fraction(change["after"]) - Fraction(change["before"]) == 10


def test_solutions_are_released_and_taken_back(course: Path, built: Path) -> None:
    def page(student: str = LATE) -> str:
        path = course / "marks" / "reports" / f"{student}.html"
        return check_page(path.read_text(encoding="utf-8"))

    batch(course, built, *policy(course))
    assert "Worked solution" not in page()
    batch(course, built, *policy(course), "--release-solutions")
    assert "Right answer" in page()
    assert "Worked solution" in page()
    # It is remembered when something is published again.
    sheet = marks_of(course, DECIDED)["sheet"]
    run("override", course / "marks", sheet, "q2.raw_separable", "--credit", "1/2",
        "--reason", "unclear", "--by", "A. Lee")  # fmt: skip
    assert "Worked solution" in page(DECIDED)
    assert "Decided by A. Lee: unclear" in page(DECIDED)
    batch(course, built, *policy(course))
    assert "Worked solution" not in page(DECIDED)
    batch(course, built, *policy(course), "--no-pages")
    assert not list((course / "marks" / "reports").glob("*.html"))
    assert len(list((course / "marks" / "reports").glob("*.txt"))) == 11
    batch(course, built, *policy(course), "--no-reports")
    assert list((course / "marks" / "reports").iterdir()) == []
    told = run("batch", course / "week3.zip", "--keys", built, "--out", course / "marks",
               "--no-pages", "--release-solutions", code=1).output  # fmt: skip
    assert "solutions stand on the pages" in told


def test_a_changed_key_releases_nothing(course: Path, built: Path) -> None:
    keys = course / "keys"
    keys.mkdir()
    for path in built.iterdir():
        (keys / path.name).write_bytes(path.read_bytes())
    batch(course, keys, *policy(course), "--release-solutions")
    whole = published(course)
    key = keys / f"{DECIDED}.json"
    key.write_text(key.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    sheet = marks_of(course, DECIDED)["sheet"]
    decide = ("override", course / "marks", sheet, "q2.raw_separable", "--reason", "x", "--by", "y")
    told = run(*decide, "--credit", "1/2", code=1).output
    assert f"the key of sheet {sheet} is gone or has changed" in told
    assert published(course) == whole


def test_the_report_of_a_ledger_is_that_of_its_files(course: Path, built: Path) -> None:
    """But for the times, which only the ledger has."""
    batch(course, built, *policy(course))
    marks, ledger = course / "marks", course / "marks" / "ledger.sqlite"
    keys = ("--keys", built, "--json")
    found = json.loads(run("report", marks, *keys).output)
    assert json.loads(run("report", ledger, *keys).output) == found
    assert run("report", ledger).output.startswith(f"{marks / 'report.html'}: 11 submissions")
    check_page((marks / "report.html").read_text(encoding="utf-8"))
    ledger.unlink()
    files = json.loads(run("report", marks, *keys).output)
    assert files == {**found, "times": []}
