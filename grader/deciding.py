"""What people decided about answers, applied to reports; it outlives every regrading."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from msgspec import structs

from generator.model.answers import Answer, Witness
from generator.model.key import AskedExercise, AskedPart
from generator.model.records import encode
from grader.grading import Report
from grader.keyring import Opener, open_keys
from grader.ledger import Ledger, Override, overridden
from grader.marking import Verdict


class Decisions:
    """All overrides of a ledger: of a part of one sheet, and of an answer to a question, which
    hold for everybody who gives it. The former go first, and the last one of its kind counts."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._opener: Opener | None = None
        self._sheets: dict[str, dict[str, Override]] = {}
        self._answers: dict[tuple[str, str], Override] = {}
        for each in ledger.overrides():
            if each.sheet:
                self._sheets.setdefault(each.sheet, {})[each.part] = each
            else:
                self._answers[each.question, each.answer] = each
        self._texts = {answer for _, answer in self._answers}

    def applied(self, report: Report) -> Report:
        """The report as people decided; the same object where they decided nothing."""
        if not (self._sheets or self._answers):
            return report
        mine = self._sheets.get(report.sheet_id, {})
        found: dict[tuple[str, str], Override] = {}
        for exercise in report.exercises:
            for verdict in exercise.verdicts:
                override = mine.get(f"{exercise.slot}.{verdict.part}")
                if override is None and self._texts:
                    override = self._settled(report.sheet_id, exercise.slot, verdict)
                if override is not None:
                    found[exercise.slot, verdict.part] = override
        if not found:
            return report
        exercises = tuple(
            replace(
                exercise,
                verdicts=tuple(
                    overridden(verdict, found[exercise.slot, verdict.part])
                    if (exercise.slot, verdict.part) in found
                    else verdict
                    for verdict in exercise.verdicts
                ),
            )
            for exercise in report.exercises
        )
        return structs.replace(report, exercises=exercises)

    def question(self, sheet: str, slot: str, part: str) -> str:
        """What identifies the question that a part of a sheet asks; empty if its key is gone."""
        found = self._asked(sheet, slot, part)
        return question_of(*found) if found else ""

    def truth(self, sheet: str, slot: str, part: str) -> Answer | None:
        """The truth of a part of a sheet; None if its key is gone."""
        found = self._asked(sheet, slot, part)
        return found[1].truth if found else None

    def _asked(self, sheet: str, slot: str, part: str) -> tuple[AskedExercise, AskedPart] | None:
        if self._opener is None:
            self._opener = Opener(open_keys(Path(self._ledger.meta("keys_folder"))))
        if not self._opener.keyring.fingerprint(sheet):
            return None
        for asked in self._opener.open(sheet).key.exercises:
            for each in asked.parts:
                if (asked.slot, each.name) == (slot, part):
                    return asked, each
        return None

    def _settled(self, sheet: str, slot: str, verdict: Verdict) -> Override | None:
        answer = written(verdict)
        if answer not in self._texts:
            return None
        return self._answers.get((self.question(sheet, slot, verdict.part), answer))


def question_of(asked: AskedExercise, part: AskedPart) -> str:
    """Equal for parts that ask the same and have the same truth; where many answers are right, the
    whole exercise must be the same."""
    told = [asked.exercise, part.name, encode(part.truth)]
    if isinstance(part.truth, Witness):
        told.append(encode(asked.drawn))
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


_ALIKE: Mapping[int, str] = {0x2212: "-", 0x2013: "-", 0xA0: " ", 0x2019: "'"}


def written(verdict: Verdict) -> str:
    """What a student wrote, as far as it makes a difference; empty where a report holds only its
    beginning, which others may share."""
    if verdict.given.endswith("…"):
        return ""
    return " ".join(verdict.given.translate(_ALIKE).split())
