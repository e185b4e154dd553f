"""Sheets as LaTeX for people who want to edit: one readable document each, with TikZ figures.

It needs nothing but a common TeX Live, and has none of what makes many sheets in one run fast.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from generator.model.files import write_whole
from generator.rendering import documents
from generator.rendering.environment import render
from generator.rendering.tikz import tikz
from generator.rendering.typesetting import letters
from generator.sheets import Sheet

_BEGIN = "\\begin{document}\n"
_FOLDERS = {"sheets": 0o644, "solutions": 0o600}  # with the modes of what is in them


def exported(sheet: Sheet) -> tuple[str, str]:
    """The worksheet and the solutions. `documents.files` lie beside them."""
    exercises = documents.exercises(sheet, solved=True, figure=tikz)
    return (
        _document("worksheet", sheet, documents.unsolved(exercises)),
        _document("solutions", sheet, exercises),
    )


def write(folder: Path, sheet: Sheet) -> None:
    """The documents of a student, in folders for worksheets and solutions, with what they take in
    beside them. Solutions are the instructor's alone."""
    (folder / "solutions").mkdir(mode=0o700, parents=True, exist_ok=True)
    for (name, mode), text in zip(_FOLDERS.items(), exported(sheet), strict=True):
        for file, content in documents.files(sheet).items():
            path = folder / name / file
            if not path.is_file() or path.read_bytes() != content:
                write_whole(path, content)
        write_whole(folder / name / f"{sheet.student.file_name}.tex", text, mode=mode)


def _document(kind: documents.Kind, sheet: Sheet, exercises: list[documents.ExerciseView]) -> str:
    context = documents.context(kind, sheet, exercises)
    text = render("sheets/editable.tex.j2", {**context, "solved": kind == "solutions"}) + "\n"
    text = unicodedata.normalize("NFC", text)
    declared = letters(text)
    if declared:  # names with letters that no font of pdfTeX has
        text = text.replace(_BEGIN, f"\\ifpdftex\n{declared}\n\\fi\n\n{_BEGIN}", 1)
    return text
