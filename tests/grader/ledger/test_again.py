"""A second run of the same inputs: nothing to grade, nothing to write, and nothing to wait for."""

from __future__ import annotations

import sqlite3
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from generator.model.files import write_whole
from grader import publishing, report_files
from grader.batch import LEDGER, grade_folder
from grader.ledger import Override, open_ledger
from grader.pools import LocalPool
from grader.published import Batch
from grader.report_files import Wanted
from tests.grader.ledger.classes import light_class, published


@pytest.fixture
def course(tmp_path: Path) -> Path:
    light_class(tmp_path, 40)
    with (tmp_path / "answers.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"sheet": \n')
    graded(tmp_path)
    return tmp_path


def graded(course: Path, **options: Any) -> Batch:
    source, keys = course / "answers.jsonl", course / "keys"
    return grade_folder(source, keys, course / "out", shared=True, **options)


def test_nothing_is_graded_or_written_again(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, first = published(course / "out"), graded(course)

    def unexpected(*_: object) -> None:
        raise AssertionError("there is nothing to do")

    monkeypatch.setattr(LocalPool, "_schedule", unexpected)
    monkeypatch.setattr(publishing, "counted", unexpected)
    again = graded(course)
    assert again == first
    assert len(again.graded) == 40
    assert len(again.problems) == 1
    assert again.summary.mean is not None
    assert published(course / "out") == before


@pytest.mark.parametrize("name", ["grades.csv", "summary.txt", "reports/s000003.txt"])
def test_what_is_gone_is_written_again(course: Path, name: str) -> None:
    before = published(course / "out")
    (course / "out" / name).unlink()
    graded(course)
    assert published(course / "out") == before


def test_what_somebody_wrote_into_a_table_is_put_right(course: Path) -> None:
    before = published(course / "out")
    (course / "out" / "grades.csv").write_text("my own", encoding="utf-8")
    graded(course)
    assert published(course / "out") == before


def test_another_wish_or_decision_is_published(course: Path) -> None:
    graded(course, wanted=Wanted(reports=False, pages=False))
    assert not list((course / "out" / "reports").iterdir())
    before = (course / "out" / "grades.csv").read_bytes()
    with open_ledger(course / "out" / LEDGER) as ledger:
        line = before.decode().splitlines()[1].split(",")
        part = publishing.publish(ledger, course / "out").summary.parts[0]
        ledger.override(
            Override(f"{part.slot}.{part.part}", Fraction(1, 7), "why", "A", sheet=line[2])
        )
        publishing.publish(ledger, course / "out")
    assert (course / "out" / "grades.csv").read_bytes() != before


def test_a_form_put_back_after_a_run_that_was_killed(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that the killed run had written, and not yet noted, is not taken for the former."""
    before = published(course / "out")
    path = course / "answers.jsonl"
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    changed = '{"sheet": ' + lines[5].partition('"sheet": ')[2].partition(",")[0]
    student = lines[5].partition('"student": ')[2].partition(",")[0]
    lines[5] = f'{changed}, "student": {student}, "q1": {{}}}}\n'
    path.write_text("".join(lines), encoding="utf-8")
    written: list[Path] = []

    def killed(target: Path, data: str) -> None:
        if written:
            raise KeyboardInterrupt
        written.append(target)
        write_whole(target, data)

    with monkeypatch.context() as patched:
        patched.setattr(report_files, "write_whole", killed)
        with pytest.raises(KeyboardInterrupt):
            graded(course)
    assert published(course / "out") != before
    path.write_text(text, encoding="utf-8")
    graded(course)
    assert published(course / "out") == before


def test_the_ledger_finds_what_it_knows_by_its_indexes(course: Path) -> None:
    """Or else each chunk takes longer than the one before."""
    with sqlite3.connect(course / "out" / LEDGER) as connection:
        for query in (
            "select s.id from submissions s join verdicts v "
            "on v.submission = s.id and v.current = 1 where s.source in ('a', 'b', 'c')",
            "update verdicts set current = 0 where submission in (1, 2, 3) and current = 1",
            "update submissions set run = 2 where id in (1, 2, 3)",
        ):
            plan = connection.execute(f"explain query plan {query}").fetchall()
            assert plan
            assert not [row for row in plan if row[3].startswith("SCAN")], query
