"""The instructor's list of answers: a line for each part of each student."""

from __future__ import annotations

from collections.abc import Sequence

from generator.assignment import Assignment
from generator.model.answers import Array
from generator.model.values import Tex
from generator.rendering.documents import metadata, points
from generator.rendering.environment import render
from generator.rendering.escaping import breakable, escape, shortened
from generator.rendering.mathematics import answer
from generator.sheets import Sheet

_NAME = 60  # characters of a name
_ID = 14  # and of an id, in its column
_TITLE = 70


def key_lines(sheet: Sheet) -> Tex:
    """The LaTeX of one student's lines: whose they are, and entry, points and answer in each."""
    student = sheet.student
    whose = (
        escape(shortened(student.shown_name, _NAME)),
        escape(shortened(student.id, _ID)),
        escape(sheet.sheet_id),
    )
    lines = [rf"\student{{{'}{'.join(whose)}}}"]
    for question in sheet.questions:
        for part, truth in question.truths.items():
            cells = (
                _entry(f"{question.slot}.{part}"),
                escape(points(question.points[part]).split()[0]),
                r"\smaller" if isinstance(truth, Array) else r"\broken",  # where it is too wide
                answer(truth),
            )
            lines.append(rf"\keyline{{{'}{'.join(cells)}}}")
    return Tex("\n".join(lines))


def key_list(assignment: Assignment, blocks: Sequence[str]) -> str:
    """The whole document, from the lines of all students."""
    context = {
        "title": breakable(assignment.title),
        "running": escape(shortened(assignment.title, _TITLE)),
        "course": escape(shortened(assignment.course, _TITLE)),
        "blocks": [Tex(each) for each in blocks],
        "paper": assignment.paper,
        "logo": None,
        "tikz": False,
        "metadata": metadata(
            Title=f"{assignment.title} – answers", Author=assignment.course, Creator="gradsheet"
        ),
    }
    return render("sheets/instructor.tex.j2", context) + "\n"


def _entry(name: str) -> Tex:
    """The name of a form's entry, which may break behind a dot or an underscore."""
    return Tex(escape(name).replace(".", r"\keydot ").replace(r"\_", r"\keybar "))
