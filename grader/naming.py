"""Naming what went wrong: which of a part's known mistakes leads to a student's value."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from generator.model.answers import Answer, Group, Witness
from generator.model.exercise import Exercise, Mistake, Part, WitnessPart
from grader import comparing, following

log = logging.getLogger(__name__)


def mistake_in(
    part: Part,
    exercise: Exercise,
    truths: Mapping[str, Answer],
    own: Mapping[str, Any],
    value: Any,
) -> tuple[str, str] | None:
    """The name of the first mistake that leads to `value`, and its advice; that of all, where
    several lead to it, for nobody knows which one was made. None if none does.

    `own` are the student's usable wrong values of the earlier parts that matter.
    """
    advice: dict[str, str] = {}
    settings = [following.earlier_values(exercise, part.name, truths, {})]
    if own:
        settings.append(following.earlier_values(exercise, part.name, truths, own))
    for mistake in part.mistakes.values():
        for wrong in _mistaken(mistake, part, exercise, truths[part.name], settings):
            try:
                same = _same(part, exercise, wrong, value, truths[part.name])
            except Exception:
                log.exception("%s.%s: cannot compare", type(exercise).__name__, mistake.name)
                continue
            if same:
                advice[mistake.name] = mistake.advice
                break
    if not advice:
        return None
    several = "More than one slip leads to this answer. " if len(advice) > 1 else ""
    return next(iter(advice)), several + " Or: ".join(advice.values())


def _mistaken(
    mistake: Mistake,
    part: Part,
    exercise: Exercise,
    truth: Answer,
    settings: list[dict[str, Any]],
) -> Iterator[Answer]:
    """What a mistake leads to, from the true earlier values and, where it needs others, from the
    student's own."""
    true = settings[0]
    for earlier in settings:
        if earlier is not true and _alike(mistake, earlier, true):
            continue
        try:
            with np.errstate(all="ignore"):
                wrong = part.mistaken(mistake.name, exercise, truth, earlier)
        except Exception:
            # A rule may stumble over a student's odd value, but not over the truth.
            if earlier is true:
                log.exception("%s.%s fails", type(exercise).__name__, mistake.name)
            continue
        if wrong is not None:
            yield wrong


def _alike(mistake: Mistake, some: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    """Whether all that a mistake needs is one and the same in both."""
    return all(
        need in some and need in others and some[need] is others[need] for need in mistake.needs
    )


def _same(part: Part, exercise: Exercise, wrong: Answer, value: Any, truth: Answer) -> bool:
    """Whether a student's value is what a mistake leads to; of a group, whatever was read of it."""
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
