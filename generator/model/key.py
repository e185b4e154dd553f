"""The answer key: a self-contained record of what one student was asked and what is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from generator.model.answers import Answer
from generator.model.records import ADDED, FORMAT, record


@record("asked_part")
@dataclass(frozen=True, eq=False)
class AskedPart:
    """One part as asked: its share of the sheet's points and its truth."""

    name: str
    points: Fraction
    truth: Answer


@record("asked_exercise", kept=True)
@dataclass(frozen=True, eq=False)
class AskedExercise:
    """One exercise as drawn: `slot` is its name on the sheet (q1, q2, ...), `drawn` its fields."""

    slot: str
    exercise: str
    options: Mapping[str, Any]
    drawn: Mapping[str, Any]
    parts: tuple[AskedPart, ...]

    @property
    def points(self) -> Fraction:
        return sum((part.points for part in self.parts), Fraction(0))


@record("answer_key")
@dataclass(frozen=True, eq=False)
class AnswerKey:
    """Everything that marking one sheet takes; it grades the same as long as files can be read.

    `versions` are those of gradsheet and of this record format when the key was made. `seal` stands
    on the student's form and on nobody else's: who has it may open this key where it is encrypted.
    """

    sheet_id: str
    assignment: str
    title: str
    student: str
    name: str
    exercises: tuple[AskedExercise, ...]
    versions: Mapping[str, Any]
    email: str = field(default="", metadata=ADDED)
    seal: str = field(default="", metadata=ADDED)

    @property
    def points(self) -> Fraction:
        return sum((exercise.points for exercise in self.exercises), Fraction(0))


def versions() -> dict[str, Any]:
    """What a new key records about the program that makes it."""
    return {"gradsheet": _installed(), "format": FORMAT}


@cache
def _installed() -> str:
    from importlib.metadata import version

    return version("gradsheet")
