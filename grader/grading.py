"""Grading one submission against its key: a pure function of the two and the installed version."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

import msgspec

from generator.model import sheet_id
from generator.model.errors import InputError
from generator.model.exercise import Exercise
from generator.model.key import AnswerKey, AskedExercise, versions
from generator.model.records import record
from grader import packing
from grader.keys import check_key
from grader.marking import Recall, Verdict, excerpt, mark, text_of
from grader.submissions import Given, Submission


def _text(value: Any) -> str:
    if isinstance(value, (Fraction, str)):  # `str` is also what carries a formula's tree
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no place in a report")


Ratio = tuple[int, int]  # a numerator and a denominator, which are summed faster than fractions
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
        return Fraction(*self.ratios[1])

    @cached_property
    def earned(self) -> Fraction:
        return Fraction(*self.ratios[0])

    @cached_property
    def ratios(self) -> tuple[Ratio, Ratio]:
        """What is earned, and of how much."""
        earned = _total([verdict.earned.as_integer_ratio() for verdict in self.verdicts])
        return earned, _total([verdict.points.as_integer_ratio() for verdict in self.verdicts])

    @cached_property
    def needs_human(self) -> int:
        """In how many parts a person must look."""
        return sum(verdict.needs_human for verdict in self.verdicts)

    @property
    def encoded(self) -> bytes:
        """As JSON; fractions are text."""
        return ENCODER.encode(self)

    @cached_property
    def compressed(self) -> bytes:
        """The same, as a zlib stream."""
        return packing.compressed(self.encoded)


class Marks(NamedTuple):
    """What a submission earned, of how many points, and the share of these."""

    earned: Fraction
    points: Fraction
    share: Fraction


class Report(msgspec.Struct, frozen=True):
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
    penalty: Fraction = Fraction(0)

    @property
    def marks(self) -> Marks:
        """What the exercises come to, less the penalty."""
        ratios = tuple([each.ratios for each in self.exercises])
        return marks_of(ratios, self.penalty.as_integer_ratio())

    @property
    def points(self) -> Fraction:
        return self.marks.points

    @property
    def earned(self) -> Fraction:
        return self.marks.earned

    @property
    def share(self) -> Fraction:
        """The share of its points that a submission earned."""
        return self.marks.share

    @property
    def needs_human(self) -> int:
        """In how many parts a person must look."""
        return sum([each.needs_human for each in self.exercises])


@lru_cache(4_096)
def marks_of(ratios: tuple[tuple[Ratio, Ratio], ...], penalty: Ratio) -> Marks:
    """Of what each exercise earned, and of how much; of the same amounts reckoned once."""
    earned = Fraction(*_total([earned for earned, _ in ratios])) - Fraction(*penalty)
    points = Fraction(*_total([points for _, points in ratios]))
    return Marks(earned, points, earned / points if points else Fraction(0))


def _total(ratios: Sequence[Ratio]) -> Ratio:
    """The sum over a common denominator: faster than `sum`, which reduces after every step."""
    common = math.lcm(*[bottom for _, bottom in ratios])
    return sum([top * (common // bottom) for top, bottom in ratios]), common


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
    whose: tuple[str, str] | None = None,
) -> Report:
    """The report on a submission for the sheet of `key`, whose checked `exercises` are by slot.

    `recall` and the `identities` of the exercises, by slot, are those of `marking.mark`. `whose`
    are a student's id and name, where they are not the key's.
    """
    student, name = whose or (key.student, key.name)
    answers = submission.answers
    found = [
        _marked(asked, exercises[asked.slot], answers.get(asked.slot, _NOTHING), recall, identities)
        for asked in key.exercises
    ]
    unasked = {marked.slot: notes for marked, notes in found}
    return Report(
        key.sheet_id,
        key.assignment,
        key.title,
        student,
        name,
        tuple([marked for marked, _ in found]),
        tuple(_notes(student, submission, unasked)),
        {"gradsheet": _version(), "key": dict(key.versions)},
    )


_NOTHING: Mapping[str, Given] = {}
_Found = tuple[MarkedExercise, tuple[str, ...]]  # and what was not asked for


def _marked(
    asked: AskedExercise,
    exercise: Exercise,
    given: Mapping[str, Given],
    recall: Recall | None,
    identities: Mapping[str, bytes] | None,
) -> _Found:
    """One exercise; what was marked before is the same object again, with all that was found."""
    if recall is None or identities is None:
        return _found(asked, exercise, given, mark(asked, exercise, given))
    identity = identities[asked.slot]
    texts = text_of(given)
    question = None if texts is None else (identity, texts)
    known: _Found | None = recall.get(question)
    if known is None:
        verdicts = mark(asked, exercise, given, recall, identity)
        known = _found(asked, exercise, given, verdicts)
        recall.put(question, known, verdicts)
    return known


def _found(
    asked: AskedExercise,
    exercise: Exercise,
    given: Mapping[str, Given],
    verdicts: tuple[Verdict, ...],
) -> _Found:
    marked = MarkedExercise(asked.slot, asked.exercise, exercise.title, verdicts)
    return marked, tuple(_unasked(asked, given))


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


def _notes(
    student: str, submission: Submission, unasked: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """What stands in the form that the sheet does not ask, in its exercises and beside them: never
    dropped in silence."""
    notes = []
    if submission.student and submission.student != student:
        notes.append(
            f"The form names the student {submission.student[:60]!r}, the key {student!r}."
        )
    for slot, parts in submission.answers.items():
        if slot in unasked:
            notes += unasked[slot]
        elif parts:
            typed = excerpt(slot, 60)
            notes.append(f"There is no {typed!r} on this sheet{_near(slot, unasked)}: ignored.")
    return notes


def _unasked(asked: AskedExercise, parts: Mapping[str, Any]) -> Iterator[str]:
    known = [part.name for part in asked.parts]
    for name in parts:
        if name not in known:
            typed = excerpt(f"{asked.slot}.{name}", 60)
            yield f"There is no {typed!r} on this sheet{_near(name, known)}: ignored."


def _near(typed: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(typed[:60], known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
