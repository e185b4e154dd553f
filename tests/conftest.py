"""For all tests: how hypothesis is run, and what a student types for a pinned instance, through a
key and the grader.

Hypothesis fails no test by the clock: a busy machine is no fault of the code. Where the variable CI
is set it tries the same inputs in every run, as is its own custom.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from generator import catalog
from generator.model import records
from generator.model.exercise import Exercise
from generator.model.key import AnswerKey, AskedExercise, AskedPart
from grader.grading import grade
from grader.marking import Verdict
from grader.submissions import Submission

settings.register_profile(
    "untimed", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

Marked = Callable[[Exercise, Mapping[str, Any]], dict[str, Verdict]]


@pytest.fixture(scope="session")
def marked() -> Marked:
    """The verdicts by part on the answers to an instance, whose key went through JSON."""

    def verdicts(exercise: Exercise, answers: Mapping[str, Any]) -> dict[str, Verdict]:
        kind = type(exercise)
        asked = AskedExercise(
            slot="q1",
            exercise=catalog.name_of(kind),
            options={},
            drawn={name: getattr(exercise, name) for name in kind.drawn_fields()},
            parts=tuple(
                AskedPart(name, kind.parts[name].points, truth)
                for name, truth in exercise.truths().items()
            ),
        )
        key = AnswerKey("29GP-4RV4-P", "pinned", "Pinned", "s1", "Ann", (asked,), {"format": 1})
        read_back = records.decode(json.loads(records.dumps(key)))
        submission = Submission("29GP-4RV4-P", "s1", {"q1": dict(answers)}, "pinned")
        return {each.part: each for each in grade(read_back, submission).exercises[0].verdicts}

    return verdicts
