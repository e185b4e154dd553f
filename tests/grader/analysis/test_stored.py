"""Reports as files: read back as they were, and refused with a reason where they are none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from generator.model import records
from generator.model.errors import InputError
from generator.model.key import AnswerKey
from generator.sheets import Sheet
from grader import reports
from grader.analysis.stored import load_report, report_of, stored_reports
from grader.grading import Report, grade
from grader.ledger import Override, overridden
from grader.submissions import Submission


@pytest.fixture
def graded(key: AnswerKey, sheet: Sheet, right: Callable[[Sheet], dict[str, Any]]) -> Report:
    answers = right(sheet)["q1"]
    answers["sizes"] = {**answers["sizes"], "W1": "4x3"}
    answers["sigmoid_bracket"] = "[1, 2"
    return grade(key, Submission(sheet.sheet_id, "s1", {"q1": answers, "q9": {"a": "1"}}, "f"))


def test_a_report_comes_back_as_it_was(graded: Report) -> None:
    assert any(verdict.members for verdict in graded.exercises[0].verdicts)
    assert graded.notes
    assert report_of(json.loads(json.dumps(reports.tree(graded)))) == graded


def test_decisions_and_penalties_come_back(graded: Report) -> None:
    (exercise,) = graded.exercises
    first, *others = exercise.verdicts
    decision = Override("q1.x", Fraction(1, 3), "a typo", "A. Lee", graded.sheet_id)
    decided = replace(exercise, verdicts=(overridden(first, decision), *others))
    late = structs.replace(graded, exercises=(decided,), penalty=Fraction(2, 7), notes=("Late.",))
    assert late.earned != graded.earned
    assert report_of(json.loads(json.dumps(reports.tree(late)))) == late


def _changed(tree: Any, change: Callable[[Any], None]) -> Any:
    copy = json.loads(json.dumps(tree))
    change(copy)
    return copy


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda t: t.pop("sheet"), "there is no 'sheet'"),
        (lambda t: t.update(notes="x"), "'notes' is a str"),
        (lambda t: t["exercises"][0].update(parts=3), "'parts' is a int"),
        (
            lambda t: t["exercises"][0]["parts"][0].update(outcome="FINE"),
            "'FINE' is not an outcome",
        ),
        (lambda t: t["exercises"][0]["parts"][0].update(credit="1/0"), "'credit' is '1/0'"),
        (lambda t: t["exercises"][0]["parts"][0].update(credit="1e9999999"), "not a fraction"),
        (lambda t: t["exercises"][0]["parts"][0].update(points=2), "'points' is a int"),
        (lambda t: t["exercises"][0]["parts"][0].update(members=[3]), "there is no 'outcome'"),
    ],
)
def test_what_is_wrong_with_a_report_is_said(
    graded: Report, tmp_path: Path, change: Callable[[Any], None], why: str
) -> None:
    path = tmp_path / "s1.json"
    path.write_text(json.dumps(_changed(reports.tree(graded), change)))
    with pytest.raises(InputError, match=r"s1\.json: not a report") as error:
        load_report(path)
    assert why in str(error.value)


@pytest.mark.parametrize("text", ["", "[]", "{", '"x"', "[" * 100_000, '{"sheet": "\\ud800"}'])
def test_what_is_no_report_at_all(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s1.json"
    path.write_text(text)
    with pytest.raises(InputError, match="not a report"):
        load_report(path)


def test_groups_inside_groups_end_somewhere(graded: Report, tmp_path: Path) -> None:
    tree: Any = reports.tree(graded)
    part = tree["exercises"][0]["parts"][0]
    for _ in range(20):
        part = {**part, "members": [part]}
    tree["exercises"][0]["parts"][0] = part
    path = tmp_path / "s1.json"
    path.write_text(json.dumps(tree))
    with pytest.raises(InputError, match="nested too deep"):
        load_report(path)


def test_a_folder_of_marks_with_its_keys(graded: Report, key: AnswerKey, tmp_path: Path) -> None:
    """Also where the key has another name than the report, and where a key is damaged."""
    (tmp_path / "marks" / "reports").mkdir(parents=True)
    (tmp_path / "keys").mkdir()
    (tmp_path / "marks" / "reports" / "s1.json").write_text(json.dumps(reports.tree(graded)))
    (tmp_path / "marks" / "reports" / "s1.txt").write_text("for people")
    (tmp_path / "keys" / "damaged.json").write_text("{")
    (tmp_path / "keys" / "other name.json").write_text(records.dumps(key))
    (seen,) = stored_reports(tmp_path / "marks", tmp_path / "keys")
    assert seen.report == graded
    assert seen.drawn["q1"]
    (alone,) = stored_reports(tmp_path / "marks" / "reports")
    assert alone.report == graded
    assert alone.drawn == {}


def test_folders_without_reports_or_keys(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there are no reports here"):
        list(stored_reports(tmp_path))
    with pytest.raises(InputError, match="cannot be read"):
        list(stored_reports(tmp_path / "missing"))
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "keys").mkdir()
    with pytest.raises(InputError, match="there is no answer key"):
        list(stored_reports(tmp_path, tmp_path / "keys"))
