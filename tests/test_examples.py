"""The shipped example: its submissions belong to the sheets that a build draws today."""

from __future__ import annotations

from pathlib import Path

from generator.assignment import read_assignment, read_roster
from generator.building import build
from grader.batch import grade_folder

EXAMPLE = Path(__file__).parents[1] / "examples" / "recitation"
AGAIN = "run examples/recitation/play_class.py again: see its docstring"


def test_the_example_submissions_fit_the_example_sheets(tmp_path: Path) -> None:
    assignment = read_assignment(EXAMPLE / "recitation.toml")
    students = read_roster(EXAMPLE / "roster.csv")
    assert len(students) == 12
    build(assignment, students, b"", tmp_path, engine=None)
    marked = grade_folder(
        EXAMPLE / "submissions", tmp_path / "recitation" / "keys", tmp_path / "marks"
    )
    assert marked.problems == (), AGAIN
    earned = {report.student: report.earned / report.points for report, _ in marked.graded}
    assert earned["ab101"] == earned["bk102"] == earned["jo109"] == 1, AGAIN
    assert all(
        0 < share < 1 for who, share in earned.items() if who not in ("ab101", "bk102", "jo109")
    )
    assert [each.student for each in marked.missing] == ["zo112"]
    outcomes = {
        verdict.outcome
        for report, _ in marked.graded
        for exercise in report.exercises
        for verdict in exercise.verdicts
    }
    assert outcomes == {"CORRECT", "PARTIAL", "FOLLOWED", "INCORRECT", "UNREADABLE", "BLANK"}
