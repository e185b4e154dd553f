"""The worked solutions of a sheet, from its key: the numbers that were drawn are in it."""

from __future__ import annotations

from generator.model.key import AnswerKey
from generator.rendering import blocks
from generator.rendering.figures import words
from generator.rendering.plain import plain
from generator.sheets import Question
from grader.keys import check_key

_WIDTH = 76


def worked_solutions(key: AnswerKey) -> dict[tuple[str, str], str]:
    """How each part is solved, by (slot, part), as plain text in lines of at most 76 columns.

    GradsheetError where the installed exercises disagree with the key, AuthoringError where a
    template has no solution.
    """
    exercises = check_key(key)
    found = {}
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
            tex = blocks.solution(question, part.name, words)
            found[asked.slot, part.name] = plain(tex, _WIDTH)
    return found
