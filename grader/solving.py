"""What a sheet asks and how it is solved, from its key: the numbers that were drawn are in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import partial

from generator import catalog
from generator.model.errors import GradsheetError
from generator.model.exercise import Exercise
from generator.model.figure import Figure
from generator.model.key import AnswerKey, AskedExercise
from generator.model.values import Tex
from generator.rendering import blocks, web
from generator.rendering.figures import FigureWriter, words
from generator.rendering.plain import plain
from generator.rendering.svg import svg
from generator.sheets import Question
from grader.keys import check_key
from grader.reports import Place, Prompt

log = logging.getLogger(__name__)

_APART = re.compile(r"\\\[.*?\\\]|\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.DOTALL)
_WIDTH = 10_000  # a paragraph is one line


def prompts(key: AnswerKey) -> dict[Place, Prompt]:
    """What each part asks, as its sheet said it, by (slot, part); nothing of what is true.

    An exercise that is not installed any more, or that another version has changed so that it
    cannot use the key's numbers, has none: its marks stand without.
    """
    found: dict[Place, Prompt] = {}
    for asked in key.exercises:
        try:
            question = _question(asked, catalog.find(asked.exercise)(**asked.drawn))
            for part in question.truths:
                tex = blocks.prompt(question, part, words)
                page = _page(partial(blocks.prompt, question, part))
                found[asked.slot, part] = Prompt(_line(tex), page)
        except (GradsheetError, TypeError, LookupError, ValueError, ArithmeticError):
            log.info("%s: the questions of %s cannot be shown", key.sheet_id, asked.slot)
    return found


def worked_solutions(key: AnswerKey) -> dict[Place, str]:
    """How each part is solved, as HTML with figures, by (slot, part).

    GradsheetError where the installed exercises disagree with the key, AuthoringError where a
    template has no solution.
    """
    exercises = check_key(key)
    found: dict[Place, str] = {}
    for asked in key.exercises:
        question = _question(asked, exercises[asked.slot])
        for part in question.truths:
            found[asked.slot, part] = _page(partial(blocks.solution, question, part))
    return found


def _question(asked: AskedExercise, exercise: Exercise) -> Question:
    return Question(
        slot=asked.slot,
        name=asked.exercise,
        exercise=exercise,
        options=asked.options,
        truths={part.name: part.truth for part in asked.parts},
        points={part.name: part.points for part in asked.parts},
    )


def _line(tex: str) -> str:
    """A block without what stands apart: the rest is the same for many students."""
    return " ".join(plain(_APART.sub(" … ", tex), _WIDTH).split())


def _page(block: Callable[[FigureWriter], Tex]) -> str:
    """A block, given the writer of its figures, as HTML."""
    figures: list[str] = []

    def kept(figure: Figure) -> Tex:
        figures.append(svg(figure))
        return Tex(web.figure_place(len(figures) - 1))

    return web.page(block(kept), figures)
