"""Grading many submissions: a shard of them in, their outcomes out.

`grade_shard` is the unit of work on every engine, in one process, in a pool or on a cluster. Its
outcomes are a pure function of submissions, keys and the installed version, in the order given, so
that neither the number of workers nor the size of a shard changes a byte.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from generator import catalog
from generator.model.errors import GradsheetError, InputError
from generator.model.key import AnswerKey
from grader import marking
from grader.grading import MarkedExercise, Report, form_id, marked
from grader.keyring import Keyring, Opener, reason
from grader.ledger.entries import Outcome, outcome
from grader.submissions import Submission
from grader.submissions.forms import read_form

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """A submission to grade. `sheet` is used where the form has no sheet id of its own; `student`
    and `name` where sheets are shared, and the form does not say who answers."""

    source: str
    content: bytes
    format: str
    sheet: str = ""
    student: str = ""
    name: str = ""


class Grader:
    """Grades one submission after another, and remembers keys and verdicts between them.

    With `shared`, many students may answer one sheet: who it was is told by the form or by the
    platform, and not by the key.
    """

    def __init__(self, keyring: Keyring, *, shared: bool = False) -> None:
        self.opener = Opener(keyring)
        self.recall = marking.Recall()
        self.shared = shared

    def grade_shard(self, tasks: Sequence[Task]) -> list[Outcome]:
        """The outcome of each submission, in order. Raises nothing but MemoryError."""
        return [self._outcome(task) for task in tasks]

    def stopped(self, task: Task, why: str) -> Outcome:
        """The outcome of a submission whose grading had to be stopped: undecided throughout."""
        return self._outcome(task, why)

    def _outcome(self, task: Task, stopped: str = "") -> Outcome:
        sheet = key = ""
        try:
            submission = read_form(task.content, task.format, task.source)
            if not submission.sheet_id:
                submission = replace(submission, sheet_id=task.sheet)
            sheet = form_id(submission)
            key = self.opener.keyring.fingerprint(sheet)
            if not key:
                raise InputError(task.source, f"there is no key for sheet {sheet}")
            report, key = self._report(sheet, submission, task, stopped)
            return outcome(report, sheet, key)
        except GradsheetError as error:
            return Outcome(sheet, key=key, problem=reason(error, task.source))
        except MemoryError:
            raise  # for the watchdog, which knows what to do
        except Exception as error:
            log.exception("%s: grading failed", task.source)
            problem = f"internal error: {type(error).__name__}: {error}"
            return Outcome(sheet, key=key, problem=problem)

    def _report(
        self, sheet: str, submission: Submission, task: Task, stopped: str
    ) -> tuple[Report, str]:
        opened = self.opener.open(sheet)
        key = opened.key
        if self.shared:
            student = submission.student or task.student
            if not student:
                raise InputError(task.source, "it does not say which student answers")
            key = replace(key, student=student, name=task.name or student)
        if stopped:
            return undecided(key, submission, stopped), opened.fingerprint
        report = marked(key, opened.exercises, submission, self.recall, opened.identities)
        return report, opened.fingerprint


def undecided(key: AnswerKey, submission: Submission, why: str) -> Report:
    """A report that leaves every part to a person, because of `why`."""
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
    whole = marked(replace(key, exercises=()), {}, replace(submission, answers={}))
    return replace(whole, exercises=tuple(exercises), notes=(why,))
