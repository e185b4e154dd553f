"""Grading one submission against its key: a pure function of the two and the installed version."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from typing import Any

import msgspec

from generator.model import sheet_id
from generator.model.errors import InputError
from generator.model.exercise import Exercise
from generator.model.key import AnswerKey, AskedExercise, versions
from generator.model.records import ADDED, record
from grader import deflating
from grader.keys import check_key
from grader.marking import Recall, Verdict, excerpt, mark, text_of
from grader.submissions import Given, Submission


def _text(value: Any) -> str:
    if isinstance(value, Fraction | str):  # `str` is also what carries a formula's tree
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no place in a report")


ENCODER = msgspec.json.Encoder(enc_hook=_text)


@record("marked_exercise")
@dataclass(frozen=True)
class MarkedExercise:
    """The verdicts on one exercise, part by part; `slot` is its name on the sheet."""

    slot: str
    exercise: str
    title: str
    verdicts: tuple[Verdict, ...]

    @cached_property
    def points(self) -> Fraction:
        return total(verdict.points for verdict in self.verdicts)

    @cached_property
    def earned(self) -> Fraction:
        return total(verdict.earned for verdict in self.verdicts)

    @cached_property
    def needs_human(self) -> int:
        """In how many parts a person must look."""
        return sum(verdict.needs_human for verdict in self.verdicts)

    @cached_property
    def encoded(self) -> bytes:
        """As JSON; fractions are text."""
        return ENCODER.encode(self)

    @cached_property
    def deflated(self) -> bytes:
        """The same, compressed as a block of a report's stream."""
        return deflating.block(self.encoded)


@record("report")
@dataclass(frozen=True)
class Report:
    """All verdicts on one submission. `notes` say what in the form was not asked for, and what else
    a person should know; `penalty` are the points that lateness costs."""

    sheet_id: str
    assignment: str
    title: str
    student: str
    name: str
    exercises: tuple[MarkedExercise, ...]
    notes: tuple[str, ...]
    versions: Mapping[str, Any]
    penalty: Fraction = field(default=Fraction(0), metadata=ADDED)

    @cached_property
    def points(self) -> Fraction:
        return total(each.points for each in self.exercises)

    @cached_property
    def earned(self) -> Fraction:
        whole = total(each.earned for each in self.exercises)
        return whole - self.penalty if self.penalty else whole

    @cached_property
    def share(self) -> Fraction:
        """The share of its points that a submission earned."""
        return self.earned / self.points if self.points else Fraction(0)

    @cached_property
    def needs_human(self) -> int:
        """In how many parts a person must look."""
        return sum(each.needs_human for each in self.exercises)


def total(amounts: Iterable[Fraction]) -> Fraction:
    """Their sum; faster than `sum`, which reduces after every step, as few denominators occur."""
    tops: dict[int, int] = {}
    for amount in amounts:
        top, bottom = amount.as_integer_ratio()
        tops[bottom] = tops.get(bottom, 0) + top
    first, *others = (Fraction(top, bottom) for bottom, top in tops.items() or [(1, 0)])
    return sum(others, first)


def grade(key: AnswerKey, submission: Submission) -> Report:
    """Mark every part that the key asks.

    Raises InputError for a form without a sheet id or with another one than the key's, and
    GradsheetError where the installed exercises disagree with the key.
    """
    found = form_id(submission)
    if found != sheet_id.check(key.sheet_id):
        raise InputError(
            submission.source, f"the form is for sheet {found}, but the key is for {key.sheet_id}"
        )
    return marked(key, check_key(key), submission)


def marked(
    key: AnswerKey,
    exercises: Mapping[str, Exercise],
    submission: Submission,
    recall: Recall | None = None,
    identities: Mapping[str, bytes] | None = None,
) -> Report:
    """The report on a submission for the sheet of `key`, whose checked `exercises` are by slot.

    `recall` and the `identities` of the exercises, by slot, are those of `marking.mark`.
    """
    return Report(
        sheet_id=key.sheet_id,
        assignment=key.assignment,
        title=key.title,
        student=key.student,
        name=key.name,
        exercises=tuple(
            _marked(
                asked,
                exercises[asked.slot],
                submission.answers.get(asked.slot, {}),
                recall if identities is not None else None,
                identities[asked.slot] if identities is not None else b"",
            )
            for asked in key.exercises
        ),
        notes=tuple(_notes(key, submission)),
        versions={"gradsheet": _version(), "key": dict(key.versions)},
    )


def _marked(
    asked: AskedExercise,
    exercise: Exercise,
    given: Mapping[str, Given],
    recall: Recall | None,
    identity: bytes,
) -> MarkedExercise:
    """One exercise; what was marked before is the same object again, with all that was found."""
    texts = text_of(given) if recall is not None else None
    question = None if texts is None else (identity, texts)
    known = recall.get(question) if recall is not None else None
    if known is None:
        verdicts = mark(asked, exercise, given, recall, identity)
        known = MarkedExercise(asked.slot, asked.exercise, exercise.title, verdicts)
        if recall is not None:
            recall.put(question, known, verdicts)
    return known


@cache
def _version() -> str:
    """The installed version; looking it up reads files."""
    return str(versions()["gradsheet"])


def form_id(submission: Submission) -> str:
    """The sheet id of a form in its one spelling; InputError if it is missing or mistyped."""
    if not submission.sheet_id:
        raise InputError(
            submission.source, "there is no sheet id: copy it from the sheet, as in `sheet: ...`"
        )
    try:
        return sheet_id.check(submission.sheet_id)
    except ValueError as error:
        raise InputError(submission.source, f"sheet: {error}") from None


def _notes(key: AnswerKey, submission: Submission) -> Iterator[str]:
    """What stands in the form that the sheet does not ask: never dropped in silence."""
    if submission.student and submission.student != key.student:
        yield f"The form names the student {submission.student[:60]!r}, the key {key.student!r}."
    asked = {each.slot: each for each in key.exercises}
    for slot, parts in submission.answers.items():
        if slot in asked:
            yield from _unasked(asked[slot], parts)
        elif parts:
            yield f"There is no {excerpt(slot, 60)!r} on this sheet{_near(slot, asked)}: ignored."


def _unasked(asked: AskedExercise, parts: Mapping[str, Any]) -> Iterator[str]:
    known = [part.name for part in asked.parts]
    for name in parts:
        if name not in known:
            typed = excerpt(f"{asked.slot}.{name}", 60)
            yield f"There is no {typed!r} on this sheet{_near(name, known)}: ignored."


def _near(typed: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(typed[:60], known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
