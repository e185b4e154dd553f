"""The sheets of some students as users of R/exams write them, typeset by its exams2pdf.

Nothing of it is needed: where R or its package `exams` is not installed, that is said.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from generator.assignment import Assignment, Student
from generator.rendering import documents
from generator.rendering.environment import render, templates_from
from generator.rendering.tikz import tikz
from generator.rendering.typesetting import find_engine
from generator.rendering.words import LANGUAGES
from generator.sheets import draw_sheet

_OURS = Path(__file__).parent / "rexams_templates"
_PROGRAM = "exams.R"
_SOLVED = {"exam": False, "solution": True}  # the documents of a student


class NotMeasured(Exception):
    """R/exams, or something that it needs, is not there; the message says it in one line."""


def write(assignment: Assignment, students: Sequence[Student], folder: Path) -> None:
    """What exams2pdf reads: a file for each exercise of each student, with figures in TikZ; a
    template for each document; the list of students; and the program that calls it."""
    (folder / "exercises").mkdir()
    rows = []
    with templates_from(_OURS):
        for student in students:
            texts = _exercises(assignment, student)
            names = [f"{student.file_name}-{number}.Rnw" for number in range(1, len(texts) + 1)]
            for name, text in zip(names, texts, strict=True):
                (folder / "exercises" / name).write_text(text, encoding="utf-8")
            rows.append([student.shown_name, *names])
        for name, solved in _SOLVED.items():
            text = render("exams.tex.j2", {"solved": solved, "title": assignment.title})
            (folder / f"{name}.tex").write_text(f"{text}\n", encoding="utf-8")
    with (folder / "students.csv").open("w", encoding="utf-8", newline="") as listed:
        csv.writer(listed).writerows(rows)
    shutil.copy(_OURS / _PROGRAM, folder)


def _exercises(assignment: Assignment, student: Student) -> list[str]:
    views = documents.exercises(draw_sheet(assignment, student, b""), solved=True, figure=tikz)
    words = LANGUAGES[assignment.language]
    return [render("exercise.Rnw.j2", {"exercise": view, "words": words}) + "\n" for view in views]


def run(folder: Path) -> list[Path]:
    """The PDFs that one call of exams2pdf makes of what was written there.

    NotMeasured where it is not installed or makes too few of them."""
    program = shutil.which("Rscript")
    if program is None:
        raise NotMeasured("R/exams is not measured: there is no Rscript on the PATH.")
    engine = Path(find_engine().command[0]).parent  # used where there is no other pdfLaTeX
    ended = subprocess.run(
        [program, _PROGRAM],
        cwd=folder,
        env={**os.environ, "PATH": os.pathsep.join((os.environ["PATH"], str(engine)))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    found = sorted((folder / "pdf").glob("*.pdf"))
    expected = len(_SOLVED) * len((folder / "students.csv").read_text("utf-8").splitlines())
    if len(found) != expected:
        said = " ".join(ended.stdout.decode(errors="replace").split())
        raise NotMeasured(
            f"R/exams is not measured: it made {len(found)} of {expected} PDFs. "
            f"R says: {said[:300]}"
        )
    return found
