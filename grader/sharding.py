"""Grading many submissions: a shard of them in, their outcomes out.

`grade_shard` is the unit of work on every engine, in one process, in a pool or on a cluster. Its
outcomes are a pure function of submissions, keys and the installed version, in the order given, so
that neither the number of workers nor the size of a shard changes a byte.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from msgspec import structs

from generator import catalog
from generator.model.errors import GradsheetError, InputError
from generator.model.key import AnswerKey
from grader import marking
from grader.grading import MarkedExercise, Report, form_id, marked
from grader.keyring import Keyring, Opener, reason
from grader.ledger.entries import Outcome, outcome, storable
from grader.matching import People, Person, Unmatched, match
from grader.submissions import Submission
from grader.submissions.received import Received, Sender
from grader.submissions.texts import read_received
from grader.withholding import NONE, Harmful, Place, left, only, places, without

log = logging.getLogger(__name__)


class Grader:
    """Grades one submission after another, and remembers keys and verdicts between them.

    With `shared`, many students may answer one sheet: who it was is told by the form or by the
    source, and not by the key.
    """

    def __init__(self, keyring: Keyring, *, shared: bool = False) -> None:
        self.opener = Opener(keyring)
        self.recall = marking.Recall()
        self.shared = shared

    def grade_shard(self, shard: Sequence[Received], harmful: Harmful = NONE) -> list[Outcome]:
        """The outcome of each submission, in order; answers that are `harmful` are left to a
        person. Raises nothing but MemoryError."""
        return [self._outcome(each, harmful=harmful) for each in shard]

    def places(self, received: Received) -> list[Place]:
        """The answers on a form, to be tried one by one; none where it cannot be graded at all."""
        try:
            submission = read_received(received)
            sheet = self._owner(received, submission).sheet
            return places(self.opener.open(sheet), submission) if sheet else []
        except MemoryError:
            raise
        except Exception:  # `grade_shard` tells of it
            return []

    def try_answer(self, received: Received, place: Place, harmful: Harmful) -> None:
        """Mark one of the `places`, to see whether that comes to an end."""
        submission = read_received(received)
        opened = self.opener.open(self._owner(received, submission).sheet)
        withheld = [each for each in places(opened, submission) if each.question in harmful]
        tried = without(only(submission, place), withheld)
        marked(opened.key, opened.exercises, tried, self.recall, opened.identities)

    def stopped(self, received: Received, why: str) -> Outcome:
        """The outcome of a submission whose grading had to be stopped: undecided throughout."""
        return self._outcome(received, why)

    @cached_property
    def people(self) -> People:
        """Those whose keys these are; a large class is gone through only if it is needed."""
        entries = self.opener.keyring.entries.values()
        return People(Person(e.sheet, e.student, e.name, e.email) for e in entries)

    def _outcome(self, received: Received, stopped: str = "", harmful: Harmful = NONE) -> Outcome:
        owner = _Owner()
        try:
            submission = read_received(received)
            owner = self._owner(received, submission)
            if owner.problem:
                return Outcome(key=owner.proof, problem=owner.problem)
            report = self._report(owner, received, submission, stopped, harmful)
            return outcome(report, owner.sheet, owner.proof)
        except GradsheetError as error:
            problem = reason(error, received.source)
            return Outcome(owner.sheet, key=owner.proof, problem=problem)
        except MemoryError:
            raise  # for the watchdog, which knows what to do
        except Exception as error:
            log.exception("%s: grading failed", received.source)
            problem = f"internal error: {type(error).__name__}: {error}"
            return Outcome(owner.sheet, key=owner.proof, problem=problem)

    def _owner(self, received: Received, submission: Submission) -> _Owner:
        """Whose sheet it is. Only where the sheet id alone does not tell are all keys asked."""
        keyring = self.opener.keyring
        if submission.sheet_id and (self.shared or received.sender == Sender()):
            try:
                sheet = form_id(submission)
            except InputError:
                if self.shared or not submission.student:
                    raise
                sheet = ""  # mistyped: the student's own id may tell
            if proof := keyring.fingerprint(sheet):
                note = received.sender.note
                return _Owner(sheet, proof, (note,) if note else ())
        if self.shared:
            sheet = form_id(submission)
            return _Owner(proof=f":{keyring.digest}", problem=f"there is no key for sheet {sheet}")
        found = match(received, submission, self.people)
        if isinstance(found, Unmatched):
            return _Owner(proof=f":{keyring.digest}", problem=found.reason)
        sheet = found.person.sheet_id
        proof = f"{keyring.fingerprint(sheet)}:{keyring.digest}"
        return _Owner(sheet, proof, found.notes)

    def _report(
        self,
        owner: _Owner,
        received: Received,
        submission: Submission,
        stopped: str,
        harmful: Harmful,
    ) -> Report:
        opened = self.opener.open(owner.sheet)
        whose = None
        if self.shared:
            sender = received.sender
            student = submission.student or sender.student or sender.lms_id or sender.email
            if not student:
                raise InputError(received.source, "it does not say which student answers")
            student = storable(student)
            whose = student, sender.name or student
        if stopped:
            report = undecided(opened.key, submission, stopped, whose)
        else:
            found = places(opened, submission) if harmful else ()
            withheld = {each: harmful[each.question] for each in found if each.question in harmful}
            given = without(submission, withheld) if withheld else submission
            report = marked(
                opened.key, opened.exercises, given, self.recall, opened.identities, whose
            )
            if withheld:
                report = left(report, withheld, submission, opened.exercises)
        if owner.notes:
            report = structs.replace(report, notes=(*owner.notes, *report.notes))
        return report


class _Owner(NamedTuple):
    """A sheet, what was used to find it (see `Keyring.current`), and what is worth telling; or the
    problem why there is none."""

    sheet: str = ""
    proof: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""


def undecided(
    key: AnswerKey, submission: Submission, why: str, whose: tuple[str, str] | None = None
) -> Report:
    """A report that leaves every part to a person, because of `why`; `whose` as in `marked`."""
    exercises = []
    for asked in key.exercises:
        given = submission.answers.get(asked.slot, {})
        verdicts = tuple(
            marking.Verdict(
                part=part.name,
                outcome="UNDECIDED",
                credit=Fraction(0),
                points=part.points,
                why=why,
                given=marking.excerpt(given.get(part.name, "")),
            )
            for part in asked.parts
        )
        title = str(catalog.find(asked.exercise).title)
        exercises.append(MarkedExercise(asked.slot, asked.exercise, title, verdicts))
    nothing = structs.replace(submission, answers={})
    whole = marked(replace(key, exercises=()), {}, nothing, whose=whose)
    return structs.replace(whole, exercises=tuple(exercises), notes=(why,))
