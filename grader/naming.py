"""Naming what went wrong: which of a part's known mistakes leads to a student's value."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from generator.model.answers import Answer, Group, Witness
from generator.model.exercise import Mistake, WitnessPart
from grader import comparing
from grader.following import Before

log = logging.getLogger(__name__)


def mistake_in(before: Before, value: Any) -> tuple[str, str] | None:
    """The name of the first mistake that leads to `value`, and its advice; that of all, where
    several lead to it, for nobody knows which one was made. None if none does."""
    advice: dict[str, str] = {}
    with np.errstate(all="ignore"):
        for mistake in before.part.mistakes.values():
            if any(_same(before, wrong, value, mistake) for wrong in _mistaken(mistake, before)):
                advice[mistake.name] = mistake.advice
    if not advice:
        return None
    several = "More than one slip leads to this answer. " if len(advice) > 1 else ""
    return next(iter(advice)), several + " Or: ".join(advice.values())


def _mistaken(mistake: Mistake, before: Before) -> Iterator[Answer]:
    """What a mistake leads to, from the true earlier values and, where it needs others, from the
    student's own."""
    exercise, part = before.exercise, before.part
    truth = before.truths[part.name]
    try:
        wrong = part.mistaken(mistake.name, exercise, truth, before.true)
    except Exception:
        log.exception("%s.%s fails", type(exercise).__name__, mistake.name)
        wrong = None
    if wrong is not None:
        yield wrong
    if before.students is before.true or _alike(mistake, before.students, before.true):
        return
    try:
        wrong = part.mistaken(mistake.name, exercise, truth, before.students)
    except Exception:  # a rule may stumble over a student's odd value
        return
    if wrong is not None:
        yield wrong


def _alike(mistake: Mistake, some: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    """Whether all that a mistake needs is one and the same in both."""
    return all(
        need in some and need in others and some[need] is others[need] for need in mistake.needs
    )


def _same(before: Before, wrong: Answer, value: Any, mistake: Mistake) -> bool:
    """Whether a student's value is what a mistake leads to; of a group, whatever was read of it."""
    exercise, part = before.exercise, before.part
    truth = before.truths[part.name]
    try:
        if isinstance(part, WitnessPart):
            assert isinstance(wrong, Witness)
            return part.same(exercise, wrong, value)
        if isinstance(wrong, Group):
            assert isinstance(truth, Group)
            return all(
                comparing.same(wrong.members[name], each, truth.members[name])
                for name, each in value.items()
            )
        return comparing.same(wrong, value, truth)
    except Exception:
        log.exception("%s.%s: cannot compare", type(exercise).__name__, mistake.name)
        return False
