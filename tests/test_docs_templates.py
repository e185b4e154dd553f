"""What docs/templates.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

from generator.assignment import Assignment, Entry, Student
from generator.rendering.boxes import AnswerBox
from generator.rendering.documents import ExerciseView, PartView, context, exercises, worksheet
from generator.rendering.environment import templates_from
from generator.rendering.overriding import check, names
from generator.rendering.typesetting import find_engine, typeset
from generator.sheets import Sheet, draw_sheet

PAGE = (Path(__file__).parents[1] / "docs/templates.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`\.?([\w.]+)`", PAGE))


def sheet() -> Sheet:
    entries = (Entry("deep_linear_collapse", {}),)
    assignment = Assignment("hw", "Homework", entries, practice=True)
    return draw_sheet(assignment, Student("s1", "Ann"), b"")


def test_every_name_that_a_template_sees_is_told() -> None:
    asked = context("worksheet", sheet(), exercises(sheet(), solved=False))
    assert asked.keys() <= NAMED
    assert asked["sheet"].keys() <= NAMED
    assert set(ExerciseView._fields) <= NAMED
    assert {f"part.{name}" for name in PartView._fields} <= NAMED
    assert set(AnswerBox._fields) <= NAMED


def test_every_template_of_sheets_is_told() -> None:
    assert {name for name in names() if name.startswith("sheets/")} <= set(
        re.findall(r"`(sheets/[\w.]+)`", PAGE)
    )


def test_the_header_is_changed_as_it_is_shown(tmp_path: Path) -> None:
    (text,) = re.findall(r"```jinja\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "sheets").mkdir()
    (tmp_path / "sheets/macros.tex.j2").write_text(text, encoding="utf-8")
    check(tmp_path)

    before = worksheet(sheet())
    with templates_from(tmp_path):
        after = worksheet(sheet())
    added = set(after.splitlines()) - set(before.splitlines())
    assert added == {r"{\raggedright Questions? Tuesdays, 2 to 4 pm, room 12.\par}"}
    assert set(before.splitlines()) <= set(after.splitlines())
    typeset(after, "sheet", find_engine())
