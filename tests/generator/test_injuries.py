"""One bad sheet of two hundred costs only itself, whatever is wrong with it and wherever it is."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from pathlib import Path

import pypdfium2
import pytest

from generator import building
from generator.assignment import Assignment, Entry, Student
from generator.building import Built, build
from generator.rendering import batches, documents
from generator.rendering.typesetting import find_engine
from generator.sheets import Sheet

QUIZ = Assignment("quiz", "Quiz", (Entry("output_loss_jacobians", {}),), practice=True)
CLASS = tuple(Student(f"s{n}", f"Student {n}") for n in range(200))
INJURIES = {
    "an undefined command": (r"\nosuchcommand", "Undefined control sequence"),
    "an open dollar": ("$x", "Missing $ inserted"),
    "an open brace": ("{", ""),
    "an extra alignment mark": (r"a & b", "Misplaced alignment tab character &"),
    "an open environment": (r"\begin{itemize} \item x", ""),
    "the end of the document": (r"\end{document}", ""),
    "a run without end": (r"\def\again{\again}\again", "did not finish"),
    "a character that the fonts lack": ("張", "the fonts have no character 張 (U+5F35)"),
}


@pytest.fixture(scope="module", autouse=True)
def _impatient() -> None:
    """Runs that never end are ended sooner."""
    patch = pytest.MonkeyPatch()
    patch.setattr(batches, "_SECONDS", 15.0)
    patch.setattr(batches, "_EACH", 0.0)
    patch.setattr(batches, "_ALONE", 4.0)


@pytest.fixture(scope="module")
def drawn() -> dict[str, Sheet]:
    return {student.id: building.draw_sheet(QUIZ, student, b"") for student in CLASS}
