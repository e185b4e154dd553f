"""Reports, one at a time, into counters and columns of marks: a million of them stay small.

Of each part and submission two bytes or four are kept: the number of its mark among the marks that
occur in that part. Nothing that is made of it depends on the order in which reports come.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import numpy as np

from generator.model.key import AnswerKey
from grader.analysis.samples import Sample
from grader.grading import MarkedExercise, Report
from grader.marking import Verdict

MISSING = -1
_LEVELS = 40  # variants of one feature that are told apart while counting


@dataclass(frozen=True)
class Seen:
    """A report with what else is known of it.

    `at` is when the submission was handed in, with a time zone. `drawn` tells by slot what was
    drawn for this student, as feature -> level: {"q2": {"activation": "tanh"}}.
    """

    report: Report
    at: datetime | None = None
    drawn: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def drawn_features(key: AnswerKey) -> dict[str, dict[str, str]]:
    """What a key tells of each slot that may make it easier or harder: options, and drawn words,
    truth values and whole numbers."""
    features: dict[str, dict[str, str]] = {}
    for asked in key.exercises:
        found = {f"option {name}": _level(value) for name, value in asked.options.items()}
        found |= {name: _level(value) for name, value in asked.drawn.items()}
        features[asked.slot] = {name: level for name, level in found.items() if level}
    return features


def _level(value: Any) -> str:
    """A drawn value as a word; "" for an array and whatever else is no level of anything."""
    whole = isinstance(value, Fraction) and value.denominator == 1
    return str(value)[:60] if isinstance(value, str | bool | int) or whole else ""


class Part:
    """What is counted of one part."""

    def __init__(self, slot: str, name: str) -> None:
        self.slot = slot
        self.name = name
        self.outcomes: Counter[str] = Counter()
        self.mistakes: dict[tuple[str, str], Mistake] = {}  # by place in the part and name
        self.wrong = Sample()  # wrong answers without a name
        self.unreadable = Sample()
        self.undecided = Sample()
        self.marks = Column()
        self.waits = Column()  # whether a person must look
        self.waiting = 0
        self.positions = 0  # summed over the sheets that have it

    @property
    def order(self) -> tuple[Fraction, str]:
        """Where it stands among the parts of its slot, in the mean."""
        return Fraction(self.positions, max(1, self.outcomes.total())), self.name

    def mark(self, row: int, verdict: Verdict) -> None:
        """The mark of the report that is number `row`."""
        credit, points = verdict.credit, verdict.points
        # Whole numbers instead of fractions, which are slow to look up.
        self.marks.put(
            row, (credit.numerator, credit.denominator, points.numerator, points.denominator)
        )
        if verdict.needs_human:
            self.waits.put(row, True)
            self.waiting += 1

    @property
    def values(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """The different marks, as (earned, points)."""
        return tuple(
            (Fraction(a, b) * Fraction(c, d), Fraction(c, d)) for a, b, c, d in self.marks.values
        )


class Column:
    """One value a report, of few that differ: each is kept as its number in `values`."""

    def __init__(self) -> None:
        self._codes: dict[Any, int] = {}
        self._rows = array("i")

    def put(self, row: int, value: Hashable) -> None:
        """The value of the report that is number `row`; rows come in order, with gaps."""
        if row > len(self._rows):
            self._rows.extend([MISSING] * (row - len(self._rows)))
        self._rows.append(self._codes.setdefault(value, len(self._codes)))

    def codes(self, rows: int) -> np.ndarray[Any, np.dtype[np.int32]]:
        """The number in `values` of every report's value, (rows,); -1 where there is none."""
        missing = [MISSING] * (rows - len(self._rows))
        return np.array(self._rows + array("i", missing), dtype=np.int32)

    def __len__(self) -> int:
        """How many values differ."""
        return len(self._codes)

    @property
    def values(self) -> tuple[Any, ...]:
        """The different values, the first first."""
        return tuple(self._codes)


class Mistake:
    """Who made one mistake: how often, in which words it is explained, what was written."""

    def __init__(self) -> None:
        self.count = 0
        self.advice = ""
        self.answers = Sample()

    def add(self, verdict: Verdict) -> None:
        self.count += 1
        # The shortest: where several slips lead to one answer, the advice of all is joined.
        found = [verdict.advice or verdict.why, *filter(None, [self.advice])]
        self.advice = min(found, key=lambda advice: (len(advice), advice))
        self.answers.add(verdict.given)


class Gathered:
    """All that is kept of the reports."""

    def __init__(self) -> None:
        self.reports = 0
        self.titles: Counter[str] = Counter()
        self.exercises: dict[str, Counter[tuple[str, str]]] = {}  # by slot: name and title
        self.parts: dict[tuple[str, str], Part] = {}
        self.hours: Counter[datetime] = Counter()
        self.waiting = 0  # reports in which a person must look at something
        # By slot, exercise ("" for which exercise it is) and feature: the levels.
        self.drawn: dict[tuple[str, str, str], Column] = {}

    def add(self, seen: Seen) -> None:
        report, row = seen.report, self.reports
        self.reports += 1
        self.titles[report.title] += 1
        self.waiting += report.needs_human > 0
        if seen.at is not None:
            hour = seen.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
            self.hours[hour] += 1
        for exercise in report.exercises:
            kinds = self.exercises.setdefault(exercise.slot, Counter())
            kinds[exercise.exercise, exercise.title] += 1
            self._vary(row, exercise, seen.drawn.get(exercise.slot, {}))
            for position, verdict in enumerate(exercise.verdicts):
                place = exercise.slot, verdict.part
                if place not in self.parts:
                    self.parts[place] = Part(*place)
                self.parts[place].positions += position
                self.parts[place].mark(row, verdict)
                _count(self.parts[place], verdict)

    def _vary(self, row: int, exercise: MarkedExercise, drawn: Mapping[str, str]) -> None:
        levels = {(exercise.exercise, feature): level for feature, level in drawn.items()}
        for place, level in {("", "exercise"): exercise.exercise, **levels}.items():
            column = self.drawn.setdefault((exercise.slot, *place), Column())
            if len(column) <= _LEVELS:  # more are not compared
                column.put(row, level)


def gather(reports: Iterable[Report | Seen]) -> Gathered:
    """Read all reports once, keeping none."""
    gathered = Gathered()
    for each in reports:
        gathered.add(each if isinstance(each, Seen) else Seen(each))
    return gathered


def _count(part: Part, verdict: Verdict) -> None:
    """The outcome of a part, and of its members what they show."""
    part.outcomes[verdict.outcome] += 1
    for place, each in _leaves(verdict):
        if each.mistake is not None:
            part.mistakes.setdefault((place, each.mistake), Mistake()).add(each)
    for place, each in _leaves(verdict):
        if each.members or not each.given:
            continue
        shown = f"{place}: {each.given}" if place else each.given
        if each.outcome == "UNREADABLE":
            part.unreadable.add(shown)
        elif each.outcome == "UNDECIDED":
            part.undecided.add(shown)
        elif each.outcome == "INCORRECT" and not (each.mistake or verdict.mistake):
            part.wrong.add(shown)


def _leaves(verdict: Verdict, place: str = "") -> Iterator[tuple[str, Verdict]]:
    """A verdict and those of its members, each with its place in the part."""
    yield place, verdict
    for member in verdict.members:
        yield from _leaves(member, f"{place}.{member.part}" if place else member.part)
