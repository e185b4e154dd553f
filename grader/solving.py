"""The worked solutions of a sheet, from its key: the numbers that were drawn are in it."""

from __future__ import annotations

import re

from markupsafe import Markup

from generator.model.figure import Figure
from generator.model.key import AnswerKey
from generator.model.values import Tex
from generator.rendering import blocks
from generator.rendering.plain import plain
from generator.rendering.svg import svg
from generator.sheets import Question
from grader.keys import check_key

_WIDTH = 10_000  # a paragraph is one line: the page breaks it
_PLACE = re.compile("\ue010(\\d+)\ue011")  # of a figure; no text has these characters

Steps = tuple[str | Markup, ...]  # texts, and figures as svg elements


def worked_solutions(key: AnswerKey) -> dict[tuple[str, str], Steps]:
    """How each part is solved, by (slot, part): plain text with a line for each paragraph, entry of
    a list and line of a display or table, and figures.

    GradsheetError where the installed exercises disagree with the key, AuthoringError where a
    template has no solution.
    """
    exercises = check_key(key)
    found: dict[tuple[str, str], Steps] = {}
    for asked in key.exercises:
        question = Question(
            slot=asked.slot,
            name=asked.exercise,
            exercise=exercises[asked.slot],
            options=asked.options,
            truths={part.name: part.truth for part in asked.parts},
            points={part.name: part.points for part in asked.parts},
        )
        for part in asked.parts:
            found[asked.slot, part.name] = _steps(question, part.name)
    return found


def _steps(question: Question, part: str) -> Steps:
    figures: list[Markup] = []

    def kept(figure: Figure) -> Tex:
        figures.append(Markup(svg(figure)))
        return Tex(f"\n\n\ue010{len(figures) - 1}\ue011\n\n")

    text = plain(blocks.solution(question, part, kept), _WIDTH)
    texts = _PLACE.split(text)  # every other one is a figure's number
    steps = [
        figures[int(each)] if place % 2 else each.strip("\n") for place, each in enumerate(texts)
    ]
    return tuple(step for step in steps if step.strip())
