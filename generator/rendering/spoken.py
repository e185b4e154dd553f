"""A question as text for a terminal: figures are told in words, formulas in plain text."""

from __future__ import annotations

import textwrap

from generator.model.errors import AuthoringError
from generator.rendering import blocks
from generator.rendering.documents import letter, points
from generator.rendering.figures import words
from generator.rendering.mathematics import answer
from generator.rendering.plain import plain
from generator.sheets import Question

WIDTH = 88


def statement(question: Question, width: int = WIDTH) -> str:
    """What is given."""
    return _plain(blocks.statement(question, words), width, question)


def heading(question: Question, name: str) -> str:
    """`(b) dL_dv, 3 points`."""
    place = list(question.truths).index(name)
    return f"({letter(place)}) {name}, {points(question.points[name])}"


def prompt(question: Question, name: str, width: int = WIDTH) -> str:
    """What a part asks; says nothing of the truth."""
    return _plain(blocks.prompt(question, name, words), width, question, name)


def solution(question: Question, name: str, width: int = WIDTH) -> str:
    """The worked solution of a part, and the answer below it."""
    tex = rf"\textbf{{Solution.}} {blocks.solution(question, name, words)}"
    solved = _plain(tex, width, question, name)
    result = plain(f"${answer(question.truths[name])}$", width - 8)
    return f"{solved}\n\nAnswer: {result}"


def _plain(tex: str, width: int, question: Question, name: str = "") -> str:
    """AuthoringError names exercise and part."""
    try:
        return plain(tex, width)
    except AuthoringError as error:
        part = f", part {name}" if name else ""
        raise AuthoringError(f"exercise {question.name}{part}: {error}") from None


def whole(question: Question, width: int = WIDTH) -> str:
    """Statement, prompts, solutions and answers."""
    out = [f"{question.exercise.title} ({question.slot})", "", statement(question, width)]
    for name in question.truths:
        asked = indented(prompt(question, name, width - 4))
        out += ["", heading(question, name), asked, ""]
        out += [indented(solution(question, name, width - 4))]
    return "\n".join(out)


def indented(text: str) -> str:
    return textwrap.indent(text, "    ")
