"""One sheet for nobody, rendered and typeset before a class is: what is wrong with a template or a
logo shows once, with no file written, and not with every student."""

from __future__ import annotations

from generator.assignment import Assignment, Student
from generator.rendering import documents, forms
from generator.rendering.typesetting import Engine, typeset
from generator.sheets import draw_sheet


def rehearse(assignment: Assignment, secret: bytes, engine: Engine | None) -> None:
    """Raises what rendering or typesetting raises; without an engine nothing is typeset."""
    sheet = draw_sheet(assignment, Student("rehearsal", "Sample Student"), secret)
    forms.form(sheet)
    for text in documents.both(sheet):
        if engine is not None:
            typeset(text, "a sample sheet", engine, files=documents.files(assignment))
