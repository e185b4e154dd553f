"""An assignment and a student become a sheet: certified exercises in slots q1, q2, ..."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from generator import catalog, sampling
from generator.assignment import Assignment, Entry, Student
from generator.certifying import certify
from generator.model import records, sheet_id
from generator.model.answers import Answer
from generator.model.exercise import Exercise
from generator.model.key import AnswerKey, AskedExercise, AskedPart, versions

PRACTICE = b"practice"


@dataclass(frozen=True)
class Question:
    """One certified exercise on a sheet. `points` is each asked part's share, `mistakes` names
    those that can be made in it."""

    slot: str
    name: str
    exercise: Exercise
    options: Mapping[str, Any]
    truths: Mapping[str, Answer]
    points: Mapping[str, Fraction]
    mistakes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def asked(self) -> AskedExercise:
        """What marking it takes."""
        return AskedExercise(
            slot=self.slot,
            exercise=self.name,
            options=self.options,
            drawn={name: getattr(self.exercise, name) for name in self.exercise.drawn_fields()},
            parts=tuple(
                AskedPart(name, self.points[name], truth) for name, truth in self.truths.items()
            ),
        )

    @cached_property
    def total(self) -> Fraction:
        """The points for all parts."""
        return sum(self.points.values(), Fraction(0))


@dataclass(frozen=True)
class Sheet:
    """What one student is asked. `sheet_id` is short and readable, with a check character; `seal`
    is known to this student and the course alone.
    """

    sheet_id: str
    assignment: Assignment
    student: Student
    questions: tuple[Question, ...]
    seal: str = ""


def draw_sheet(assignment: Assignment, student: Student, secret: bytes) -> Sheet:
    """The student's sheet. The same arguments give the same sheet; `secret` is the course's.

    Raises AuthoringError where an exercise cannot be certified.
    """
    key = PRACTICE if assignment.practice else secret
    slots = [entry for entry in assignment.entries for _ in range(entry.count)]
    questions = tuple(
        draw_question(entry, f"q{place}", key, assignment.name, student.id)
        for place, entry in enumerate(slots, start=1)
    )
    found = _sheet_id(key, assignment, student, questions)
    return Sheet(found, assignment, student, questions, _seal(key, found))


def draw_question(entry: Entry, slot: str, secret: bytes, *names: str) -> Question:
    """One certified exercise, drawn with the seed of (secret, names, exercise, slot)."""
    kind = catalog.find(entry.exercise)
    seed = sampling.seed(secret, *names, entry.exercise, slot)
    certified = certify(kind, sampling.Rng(seed), entry.options, seed=f"{'/'.join(names)}/{slot}")
    points = {name: kind.parts[name].points for name in certified.truths}
    if entry.points is not None:
        scale = entry.points / sum(points.values())
        points = {name: share * scale for name, share in points.items()}
    return Question(
        slot=slot,
        name=entry.exercise,
        exercise=certified.exercise,
        options=entry.options,
        truths=certified.truths,
        points=points,
        mistakes=certified.mistakes,
    )


def answer_key(sheet: Sheet) -> AnswerKey:
    """The self-contained record that marking this sheet takes."""
    return AnswerKey(
        sheet_id=sheet.sheet_id,
        assignment=sheet.assignment.name,
        title=sheet.assignment.title,
        student=sheet.student.id,
        name=sheet.student.name,
        exercises=_asked(sheet.questions),
        versions=versions(),
        email=sheet.student.email,
        seal=sheet.seal,
    )


def _asked(questions: Sequence[Question]) -> tuple[AskedExercise, ...]:
    return tuple(question.asked for question in questions)


def _sheet_id(
    key: bytes, assignment: Assignment, student: Student, questions: tuple[Question, ...]
) -> str:
    """An id that changes when the questions do, so that an old form never meets a new key."""
    content = records.dumps((assignment.name, student.id, _asked(questions)))
    return sheet_id.make(hmac.digest(key, content.encode(), "sha256"))


def _seal(key: bytes, found: str) -> str:
    """128 bits of an HMAC of the sheet id under the course secret, in base 32."""
    return base64.b32encode(sampling.seed(key, "seal", found)[:16]).decode().rstrip("=").lower()
