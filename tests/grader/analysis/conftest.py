"""Reports made by hand: what a class made of two exercises with two parts each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from msgspec import structs

from grader.grading import MarkedExercise, Report
from grader.marking import Outcome, Verdict

Make = Callable[..., Report]


def verdict(part: str, credit: Any, points: Any = 1, **more: Any) -> Verdict:
    """A verdict whose outcome follows from its credit, unless one is given."""
    share = Fraction(credit)
    usual: Outcome = "CORRECT" if share == 1 else "PARTIAL" if share else "INCORRECT"
    found = Verdict(part, usual, share, Fraction(points), "Because.", given=f"answer {share}")
    return replace(found, **more)


@pytest.fixture(scope="session")
def make() -> Make:
    """make(student, {"q1": [verdict, ...]}, ...) is a report; the exercise is named after its slot
    unless `kinds` says otherwise."""

    def made(
        student: str,
        parts: dict[str, list[Verdict]],
        kinds: dict[str, str] | None = None,
        **more: Any,
    ) -> Report:
        exercises = tuple(
            MarkedExercise(slot, (kinds or {}).get(slot, f"kind_{slot}"), f"On {slot}", tuple(each))
            for slot, each in parts.items()
        )
        report = Report(
            f"SHEET-{student}", "week3", "Week 3", student, f"Name of {student}", exercises, (), {}
        )
        return structs.replace(report, **more)

    return made


@pytest.fixture(scope="session")
def reports(make: Make) -> list[Report]:
    """Twelve students; the fourth part tells nothing, and the named mistake is made by four."""
    found = []
    for i in range(12):
        wrong = verdict("b", 0, 2, mistake="no_mask", advice="Mask it.", given=f"[{i % 2}, 1]")
        found.append(
            make(
                f"s{i:02d}",
                {
                    "q1": [
                        verdict("a", Fraction(i, 11), 3),
                        wrong if i < 4 else verdict("b", 1, 2),
                    ],
                    "q2": [
                        verdict("c", int(i > 6), Fraction(5, 3), given="x^2" if i < 5 else "y"),
                        verdict("d", 1, Fraction(1, 3)),
                    ],
                },
            )
        )
    return found
