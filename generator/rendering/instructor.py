"""The instructor's list of answers: a line for each part of each student."""

from __future__ import annotations

from collections.abc import Sequence

from generator.assignment import Assignment, Student
from generator.model.answers import Array
from generator.model.key import AnswerKey
from generator.model.values import Tex
from generator.rendering.copying import copyable
from generator.rendering.documents import filled, metadata, points
from generator.rendering.environment import render
from generator.rendering.escaping import breakable, escape, shortened
from generator.rendering.mathematics import answer
from generator.rendering.words import LANGUAGES, Words

_NAME = 60  # characters of a name
_ID = 14  # and of an id, in its column
_TITLE = 70


def key_lines(student: Student, key: AnswerKey, words: Words = LANGUAGES["en"]) -> Tex:
    """The LaTeX of one student's lines: whose they are, and entry, points and answer in each."""
    whose = (
        escape(shortened(student.shown_name, _NAME)),
        escape(shortened(student.id, _ID)),
        escape(key.sheet_id),
    )
    lines = [rf"\student{{{'}{'.join(whose)}}}"]
    for exercise in key.exercises:
        for part in exercise.parts:
            cells = (
                _entry(f"{exercise.slot}.{part.name}"),
                escape(points(part.points, words).split()[0]),
                r"\smaller" if isinstance(part.truth, Array) else r"\broken",  # where too wide
                answer(part.truth),
            )
            lines.append(rf"\keyline{{{'}{'.join(cells)}}}")
    return Tex("\n".join(lines))


def about(assignment: Assignment, kind: str) -> dict[str, str]:
    """What a PDF for a whole class says of itself; `kind` is a word of the sheets' language."""
    texts = {
        "Title": f"{assignment.title} – {kind}",
        "Author": assignment.course,
        "Subject": kind,
        "Lang": LANGUAGES[assignment.language].code,
    }
    return {name: text for name, text in texts.items() if text.strip()}


def key_list(assignment: Assignment, blocks: Sequence[str]) -> str:
    """The whole document, from the lines of all students."""
    words = LANGUAGES[assignment.language]
    entries = about(assignment, words.answers)
    del entries["Lang"]  # which the template gives
    context = {
        "words": words,
        "page": filled(words.page, page=Tex(r"\number\c@page")),
        "title": breakable(assignment.title),
        "running": escape(shortened(assignment.title, _TITLE)),
        "course": escape(shortened(assignment.course, _TITLE)),
        "blocks": [Tex(each) for each in blocks],
        "paper": assignment.paper,
        "logo": None,
        "tikz": False,
        "metadata": metadata(**entries, Creator="gradsheet"),
    }
    return copyable(render("sheets/instructor.tex.j2", context)) + "\n"


def _entry(name: str) -> Tex:
    """The name of a form's entry, which may break behind a dot or an underscore."""
    return Tex(escape(name).replace(".", r"\keydot ").replace(r"\_", r"\keybar "))
