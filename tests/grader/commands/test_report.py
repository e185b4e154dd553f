"""`grader report` and `grader grade --html`: what they write, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.model import records
from generator.sheets import Sheet, answer_key
from grader.cli import program
from tests.grader.hostile import check_page

Form = Callable[[Sheet, Mapping[str, Any]], str]
STUDENTS = ("a1", "b2", "c3", "d4")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(program, [str(each) for each in arguments])


@pytest.fixture
def course(
    tmp_path: Path,
    draw: Callable[[str], Sheet],
    right: Callable[[Sheet], dict[str, Any]],
    form: Form,
) -> Path:
    """The keys, forms and marks of a class of four."""
    for folder in ("keys", "forms"):
        (tmp_path / folder).mkdir()
    for place, student in enumerate(STUDENTS):
        sheet = draw(student)
        answers = right(sheet)
        for part in list(answers["q1"])[:place]:
            answers["q1"][part] = ""
        (tmp_path / "forms" / f"{student}.json").write_text(form(sheet, answers))
        (tmp_path / "keys" / f"{student}.json").write_text(records.dumps(answer_key(sheet)))
    made = run(
        "batch", tmp_path / "forms", "--keys", tmp_path / "keys", "--out", tmp_path / "marks"
    )
    assert made.exit_code == 0, made.output
    return tmp_path


def test_a_report_lies_beside_the_marks(course: Path) -> None:
    result = run("report", course / "marks", "--keys", course / "keys", "--pass", "50%")
    assert result.exit_code == 0
    assert result.output == f"{course / 'marks' / 'report.html'}: 4 submissions, 6 parts\n"
    text = check_page((course / "marks" / "report.html").read_text(encoding="utf-8"))
    assert "4 submissions" in text
    assert "with at least 50.0 % of the points" in text
    assert "Not compared, for fewer than two groups have five students: q1 by " in text


def test_a_second_run_gives_the_same_bytes(course: Path) -> None:
    first, second = course / "1.html", course / "2.html"
    run("report", course / "marks", "--out", first)
    run("report", course / "marks", "--out", second)
    assert first.read_bytes() == second.read_bytes()


def test_the_same_as_data(course: Path) -> None:
    printed = run("report", course / "marks", "--json")
    found = json.loads(printed.output)
    assert found["reports"] == 4
    assert found["slots"][0]["parts"][0]["outcomes"]["BLANK"] == 3
    assert not (course / "marks" / "report.html").exists()
    run("report", course / "marks", "--json", "--out", course / "report.json")
    assert (course / "report.json").read_text() == printed.output


@pytest.mark.parametrize(
    ("given", "share"), [("50%", 0.5), ("0.5", 0.5), ("100", 1), ("3/4", 0.75), ("62.5 %", 0.625)]
)
def test_a_pass_mark_in_several_spellings(course: Path, given: str, share: float) -> None:
    found = json.loads(run("report", course / "marks", "--json", "--pass", given).output)
    marks = [json.loads(path.read_text()) for path in (course / "marks/reports").glob("*.json")]
    shares = [mark["earned_decimal"] / mark["points_decimal"] for mark in marks]
    assert found["pass_share"] == share
    assert found["passed"] == sum(each >= share for each in shares)
    assert 0 < found["passed"] <= 4


@pytest.mark.parametrize("given", ["101%", "-1", "half", "", "1/0", "1e99999999", "9" * 50])
def test_no_pass_mark(course: Path, given: str) -> None:
    result = run("report", course / "marks", "--pass", given)
    assert result.exit_code == 1
    assert "is not a share of the points, such as 50%" in result.output
    assert not (course / "marks" / "report.html").exists()


def test_folders_that_cannot_be_used(course: Path) -> None:
    for arguments, said in (
        ((course / "nowhere",), "cannot be read"),
        ((course / "forms",), "a1.json: not a report"),
        ((course / "marks", "--keys", course / "nowhere"), "cannot be read"),
    ):
        result = run("report", *arguments)
        assert result.exit_code == 1
        assert said in result.output
        assert "Traceback" not in result.output


def test_help_shows_examples() -> None:
    result = run("report", "--help")
    assert "Examples:" in result.output
    assert "Exit codes: 0 done, 1 something to fix, 2 misuse." in result.output


def test_grading_one_form_into_a_page(course: Path) -> None:
    form, key = course / "forms" / "c3.json", course / "keys" / "c3.json"
    result = run("grade", form, "--key", key, "--html", course / "c3.html")
    assert result.exit_code == 0
    assert "no answer" in result.output
    text = check_page((course / "c3.html").read_text(encoding="utf-8"))
    assert "– no answer" in text
    assert "Right answer" not in text
    run("grade", form, "--key", key, "--html", course / "c3.html", "--release-solutions")
    released = check_page((course / "c3.html").read_text(encoding="utf-8"))
    assert "Right answer" in released
    assert released.count("Worked solution") == 6
    assert "Worked solution" not in text


def test_solutions_are_released_on_a_page_only(course: Path) -> None:
    form, key = course / "forms" / "c3.json", course / "keys" / "c3.json"
    result = run("grade", form, "--key", key, "--release-solutions")
    assert result.exit_code == 2
    assert "needs --html" in result.output
