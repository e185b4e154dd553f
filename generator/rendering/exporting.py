"""Sheets as LaTeX for people who want to edit: one readable document each, with TikZ figures.

It needs nothing but a common TeX Live, and has none of what makes many sheets in one run fast.
"""

from __future__ import annotations

import unicodedata

from generator.assignment import Assignment, Student
from generator.rendering import documents, letters
from generator.rendering.environment import render
from generator.rendering.tikz import tikz
from generator.sheets import Sheet

_BEGIN = "\\begin{document}\n"
_FOLDERS = ("sheets", "solutions")


def exported(sheet: Sheet) -> tuple[str, str]:
    """The worksheet and the solutions. `documents.files` lie beside them."""
    exercises = documents.exercises(sheet, solved=True, figure=tikz)
    return (
        _document("worksheet", sheet, documents.unsolved(exercises)),
        _document("solutions", sheet, exercises),
    )


def paths(student: Student) -> list[str]:
    """Where the documents of a student lie: the worksheet, and the solutions."""
    return [f"{folder}/{student.file_name}.tex" for folder in _FOLDERS]


def shared(assignment: Assignment) -> dict[str, bytes]:
    """What the documents of all students take in, by its places beside them."""
    taken = documents.files(assignment).items()
    return {f"{folder}/{name}": content for folder in _FOLDERS for name, content in taken}


def files(sheet: Sheet) -> dict[str, bytes]:
    """All of these files for one student."""
    texts = (text.encode() for text in exported(sheet))
    return {**shared(sheet.assignment), **dict(zip(paths(sheet.student), texts, strict=True))}


def _document(kind: documents.Kind, sheet: Sheet, exercises: list[documents.ExerciseView]) -> str:
    context = documents.context(kind, sheet, exercises)
    text = render("sheets/editable.tex.j2", {**context, "solved": kind == "solutions"}) + "\n"
    text = unicodedata.normalize("NFC", text)
    declared = letters.for_pdftex(text)
    if declared:  # names with letters that no font of pdfTeX has
        either = f"\\ifpdftex\n{declared}\n\\else\n{letters.for_unicode_fonts(text)}\n\\fi"
        text = text.replace(_BEGIN, f"{either}\n\n{_BEGIN}", 1)
    return text
