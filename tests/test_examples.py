"""The shipped example: its submissions belong to the sheets that a build draws today."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.assignment import Student, read_assignment, read_roster
from generator.building import build
from generator.rendering.typesetting import find_engine
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


ASSIGNMENTS = sorted(EXAMPLE.parent.glob("*/*.toml"))


def test_there_is_an_assignment_for_every_kind_of_class() -> None:
    assert [path.stem for path in ASSIGNMENTS] == ["discussion", "exam", "homework", "recitation"]


@pytest.mark.parametrize("path", ASSIGNMENTS, ids=lambda path: path.stem)
def test_every_example_is_built(path: Path, tmp_path: Path) -> None:
    assignment = read_assignment(path)
    students = (Student("s1", "Ann"), Student("s2", "Bo"))
    results = build(assignment, students, b"", tmp_path, engine=find_engine())
    assert [each.error for each in results] == ["", ""]
    for kind in ("sheets", "solutions"):
        first, second = (tmp_path / path.stem / kind / f"s{n}.pdf" for n in (1, 2))
        assert first.read_bytes() != second.read_bytes()
