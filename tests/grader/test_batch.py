"""Grading a folder: everything that is good is graded, everything that is not is listed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.model import records
from generator.model.errors import InputError
from generator.sheets import Sheet, answer_key
from grader import publishing, sharding
from grader.batch import grade_folder
from grader.keyring import open_keys
from grader.published import Batch
from grader.sharding import Grader
from grader.submissions import Submission
from grader.submissions.intake import intake
from grader.submissions.received import Received
from grader.submissions.texts import read_received

Draw = Callable[[str], Sheet]
Right = Callable[[Sheet], dict[str, Any]]
Form = Callable[[Sheet, Mapping[str, Any]], str]

STUDENTS = [f"s{n}" for n in range(1, 7)]


@pytest.fixture
def course(tmp_path: Path, draw: Draw, right: Right, form: Form) -> Path:
    """Keys of six students and a right form from each."""
    for name in ("keys", "forms"):
        (tmp_path / name).mkdir()
    for student in STUDENTS:
        sheet = draw(student)
        key = tmp_path / "keys" / f"{student}.json"
        key.write_text(records.dumps(answer_key(sheet)), encoding="utf-8")
        (tmp_path / "forms" / f"{student}.json").write_text(form(sheet, right(sheet)))
    return tmp_path


def run(course: Path, out: str = "out", **options: Any) -> Batch:
    return grade_folder(course / "forms", course / "keys", course / out, **options)


def written(folder: Path) -> dict[str, bytes]:
    """What was published into a folder: all but the ledger itself."""
    files = (path for path in folder.rglob("*") if path.is_file() and "ledger" not in path.name)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_report_for_each_student_and_the_class_in_tables(course: Path) -> None:
    graded = run(course)
    assert [report.student for report, _ in graded.graded] == STUDENTS
    assert (graded.problems, graded.missing, graded.skipped) == ((), (), ())
    reports = [
        f"reports/{student}{end}" for student in STUDENTS for end in (".txt", ".json", ".html")
    ]
    tables = ["grades.csv", "problems.csv", "summary.txt", "summary.json"]
    assert sorted(written(course / "out")) == sorted(reports + tables)
    with (course / "out" / "grades.csv").open(newline="", encoding="utf-8") as file:
        assert [row["earned"] for row in csv.DictReader(file)] == ["12"] * 6
    assert json.loads((course / "out" / "summary.json").read_text())["mean"]["exact"] == "1"


def test_the_same_bytes_for_any_number_of_jobs(course: Path, form: Form, draw: Draw) -> None:
    (course / "forms" / "s2.json").write_text(form(draw("s2"), {"q1": {"sizes": "?"}}))
    (course / "forms" / "s3.json").write_text("{")
    for jobs, out in ((1, "one"), (2, "two"), (1, "again")):
        run(course, out, jobs=jobs)
    assert written(course / "one") == written(course / "two") == written(course / "again")


def test_a_bad_form_costs_only_itself(course: Path, draw: Draw) -> None:
    forms = course / "forms"
    (forms / "s2.json").write_text('{"sheet": ')
    (forms / "s3.json").write_text("{}")
    (forms / "other.yaml").write_text("sheet: 0000-0000-1\nq1:\n  a: 1\n")
    (forms / "stranger.yaml").write_text(f"sheet: {draw('stranger').sheet_id}\n")
    (forms / "notes.docx").write_text("not a form")
    (forms / ".DS_Store").write_text("")
    (forms / "folder").mkdir()
    with (forms / "huge.yaml").open("wb") as file:
        file.truncate(50 * 2**20)
    graded = run(course)
    assert [report.student for report, _ in graded.graded] == ["s1", "s4", "s5", "s6"]
    reasons = {problem.file: problem.reason for problem in graded.problems}
    assert list(reasons) == ["huge.yaml", "other.yaml", "s2.json", "s3.json", "stranger.yaml"]
    assert "larger than 1 MB" in reasons["huge.yaml"]
    assert "not a sheet id" in reasons["other.yaml"]
    assert "not JSON" in reasons["s2.json"]
    assert "no sheet id" in reasons["s3.json"]
    assert "no key for sheet" in reasons["stranger.yaml"]
    assert [missing.student for missing in graded.missing] == ["s2", "s3"]
    assert graded.skipped == ("notes.docx",)
    text = (course / "out" / "summary.txt").read_text(encoding="utf-8")
    assert all(name in text for name in (*reasons, "Name of s2", "notes.docx"))


def test_an_internal_failure_is_listed_and_logged(
    course: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(received: Received) -> Submission:
        if received.source == "s4.json":
            raise RuntimeError("out of order")
        return read_received(received)

    monkeypatch.setattr(sharding, "read_received", failing)
    shard = [each for each in intake(course / "forms") if isinstance(each, Received)]
    outcomes = Grader(open_keys(course / "keys")).grade_shard(shard)
    assert [outcome.problem for outcome in outcomes] == [
        *[""] * 3, "internal error: RuntimeError: out of order", *[""] * 2
    ]  # fmt: skip
    assert all(outcome.report for outcome in outcomes if not outcome.problem)
    assert "out of order" in caplog.text


def test_a_mistyped_sheet_id_leaves_the_students_own(course: Path, draw: Draw) -> None:
    """As `intake` tells beforehand, with a note; where that is nobody's, the file waits."""
    form = (course / "forms" / "s1.json").read_text()
    for name, student in (("s1.json", "s1"), ("x.json", "nobody")):
        tree = {**json.loads(form), "sheet": "AAAA-BBBB-C", "student": student}
        (course / "forms" / name).write_text(json.dumps(tree))
    graded = run(course)
    assert [report.student for report, _ in graded.graded] == STUDENTS
    assert "The form's sheet id cannot be used" in graded.graded[0][0].notes[0]
    (problem,) = graded.problems
    assert (problem.file, "roster id 'nobody'" in problem.reason) == ("x.json", True)


def test_two_forms_for_one_sheet_are_both_refused(course: Path) -> None:
    run(course)
    assert (course / "out" / "reports" / "s1.txt").exists()
    form = (course / "forms" / "s1.json").read_bytes()
    (course / "forms" / "s1 (2).json").write_bytes(form.replace(b"s1", b"S1"))
    graded = run(course)
    assert [problem.file for problem in graded.problems] == ["s1 (2).json", "s1.json"]
    assert "s1.json" in graded.problems[0].reason
    assert "s1 (2).json" in graded.problems[1].reason
    assert not (course / "out" / "reports" / "s1.txt").exists()


def test_two_copies_of_one_form_count_once(course: Path) -> None:
    (course / "forms" / "s1 (2).json").write_bytes((course / "forms" / "s1.json").read_bytes())
    graded = run(course)
    assert graded.problems == ()
    assert [report.student for report, _ in graded.graded] == STUDENTS


def test_keys_are_known_by_their_sheet_id_not_their_file_name(course: Path) -> None:
    keys = course / "keys"
    (keys / "s1.json").rename(keys / "x.json")
    (keys / "s2.json").rename(keys / "s1.json")
    assert run(course).problems == ()


def test_bad_keys_are_listed(course: Path) -> None:
    keys = course / "keys"
    (keys / "a-copy.json").write_bytes((keys / "s1.json").read_bytes())
    (keys / "s2.json").write_text("{")
    reasons = {problem.file: problem.reason for problem in run(course).problems}
    assert set(reasons) == {"keys/s1.json", "keys/s2.json", "s2.json"}
    assert "second key" in reasons["keys/s1.json"]
    assert "cut off" in reasons["keys/s2.json"]
    assert "no key" in reasons["s2.json"]


def test_folders_that_cannot_be_used(course: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        grade_folder(course / "none", course / "keys", course / "out")
    with pytest.raises(InputError, match="no answer key"):
        grade_folder(course / "forms", course / "forms" / "..", course / "out")
    (course / "damaged").mkdir()
    (course / "damaged/s1.json").write_text("{")
    with pytest.raises(InputError, match=r"s1\.json: .*cut off.*the folder `keys`"):
        grade_folder(course / "forms", course / "damaged", course / "out")
    (course / "taken").write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        grade_folder(course / "forms", course / "keys", course / "taken")


def test_progress_counts_up_to_the_number_of_forms(course: Path) -> None:
    steps: list[int] = []
    run(course, progress=steps.append)
    assert steps == sorted(steps)
    assert steps[-1] == 6


def test_report_names_stay_in_their_folder_and_apart(
    tmp_path: Path, draw: Draw, right: Right, form: Form
) -> None:
    for name in ("keys", "forms"):
        (tmp_path / name).mkdir()
    for place, student in enumerate(("../../etc", "Ä b", "Ann", "ann")):
        sheet = draw(student)
        key = tmp_path / "keys" / f"{place}.json"
        key.write_text(records.dumps(answer_key(sheet)), encoding="utf-8")
        (tmp_path / "forms" / f"{place}.json").write_text(form(sheet, right(sheet)))
    run(tmp_path)
    names = [path.name for path in (tmp_path / "out" / "reports").glob("*.txt")]
    assert len(names) == len({name.casefold() for name in names}) == 4
    assert "Ann.txt" in names


def test_the_table_is_cut_and_says_so(course: Path) -> None:
    table = publishing.table(run(course), rows=2)
    assert "s2" in table.split("... and 4 more in grades.csv")[0]
    assert "12 of 12" in table
