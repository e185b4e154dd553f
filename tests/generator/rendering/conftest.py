"""The example exercise of this folder, as a question and as a sheet."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from generator.assignment import Assignment, Entry, Student
from generator.certifying import examine
from generator.rendering import environment
from generator.sheets import Question, Sheet
from tests.generator.rendering.every_kind import EveryKind, example

FOLDER = Path(__file__).parent / "templates"


@pytest.fixture(autouse=True)
def templates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder of templates that come before ours and those of this folder."""
    folders = [tmp_path, *environment.template_folders(), FOLDER]
    monkeypatch.setattr(environment, "template_folders", lambda: folders)
    return tmp_path


@pytest.fixture
def question() -> Question:
    return _question(example())


@pytest.fixture
def sheet_for() -> Callable[..., Sheet]:
    """A sheet for a student of the given name."""

    def make(name: str = "Ada Lovelace", **settings: Any) -> Sheet:
        texts: dict[str, Any] = {
            "title": "Recitation 12",
            "course": "DS-GA 1003",
            "due": "2026-12-01",
            **settings,
        }
        assignment = Assignment(
            name="r12", entries=(Entry("every_kind", {}, Fraction(15)),), practice=False, **texts
        )
        return Sheet("K7Q2-9MXA-V", assignment, Student("s1", name), (_question(example()),))

    return make


def _question(exercise: EveryKind) -> Question:
    truths = exercise.truths()
    points = {name: exercise.parts[name].points for name in truths}
    mistakes = examine(exercise, truths)
    return Question("q1", "every_kind", exercise, {}, truths, points, mistakes)
