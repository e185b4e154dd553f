"""Answers over which the program had to be stopped: they are left to a person, all others marked.

What an answer does depends on the exercise as asked, on its own text and on the texts of the
earlier answers that it may follow from. All of these are in its `Question`, so that an answer that
hangs is found once, and withheld wherever it comes again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from msgspec import structs

from generator.model.exercise import Exercise
from grader import following
from grader.grading import MarkedExercise, Report
from grader.keyring import Opened
from grader.marking import Verdict, excerpt
from grader.reading import is_blank
from grader.submissions import Submission

Question = bytes
Harmful = Mapping[Question, str]  # why, for a person
NONE: Harmful = {}


@dataclass(frozen=True)
class Place:
    """An answer on a form, and the earlier answers on which its verdict may depend."""

    slot: str
    part: str
    sources: tuple[str, ...]
    question: Question

    def __str__(self) -> str:
        return f"{self.slot}.{self.part}"


def places(opened: Opened, submission: Submission) -> list[Place]:
    """Everything that is asked and answered, in the order asked."""
    found = []
    for asked in opened.key.exercises:
        given = submission.answers.get(asked.slot, {})
        for part in asked.parts:
            if is_blank(given.get(part.name, "")):
                continue
            known = following.sources(type(opened.exercises[asked.slot]), part.name)
            sources = tuple(name for name in given if name in known)
            told = [(name, given[name]) for name in (*sources, part.name)]
            question = repr((opened.identities[asked.slot], told)).encode()
            digest = hashlib.sha256(question).digest()[:16]
            found.append(Place(asked.slot, part.name, sources, digest))
    return found


def only(submission: Submission, place: Place) -> Submission:
    """A form with this answer, and those that it may follow from."""
    given = submission.answers[place.slot]
    kept = {name: given[name] for name in (*place.sources, place.part)}
    return structs.replace(submission, answers={place.slot: kept})


def without(submission: Submission, withheld: Collection[Place]) -> Submission:
    """A form on which these are left blank."""
    gone = {(place.slot, place.part) for place in withheld}
    answers = {
        slot: {name: given for name, given in parts.items() if (slot, name) not in gone}
        for slot, parts in submission.answers.items()
    }
    return structs.replace(submission, answers=answers)


def left(
    report: Report,
    withheld: Mapping[Place, str],
    submission: Submission,
    exercises: Mapping[str, Exercise],
) -> Report:
    """The report on a form `without` some answers, with these left to a person; and with them what
    is wrong by itself, but may follow from them."""
    places = {(place.slot, place.part): why for place, why in withheld.items()}

    def shown(slot: str, verdict: Verdict) -> Verdict:
        if why := places.get((slot, verdict.part)):
            given = excerpt(submission.answers[slot][verdict.part])
            return replace(_undecided(verdict, why), given=given)
        known = following.sources(type(exercises[slot]), verdict.part)
        open_ = [part for where, part in places if where == slot and part in known]
        if not open_ or verdict.outcome not in ("INCORRECT", "PARTIAL"):
            return verdict
        return _undecided(
            verdict,
            f"This may follow from your answer to {' and '.join(open_)}, which a person will mark, "
            "and this one with it.",
        )

    marked: Sequence[MarkedExercise] = [
        replace(each, verdicts=tuple(shown(each.slot, verdict) for verdict in each.verdicts))
        for each in report.exercises
    ]
    notes = (*report.notes, *(f"{place}: {why}" for place, why in withheld.items()))
    return structs.replace(report, exercises=tuple(marked), notes=notes)


def _undecided(verdict: Verdict, why: str) -> Verdict:
    return replace(
        verdict,
        outcome="UNDECIDED",
        credit=Fraction(0),
        why=why,
        mistake=None,
        advice="",
        counterexample=None,
        members=(),
    )
