"""From what was gathered of a class to what a teacher is shown: numbers, hints, named mistakes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import numpy as np

from generator.model.errors import InputError
from grader.analysis import statistics
from grader.analysis.gathering import MISSING, Gathered, Part, Seen, gather
from grader.analysis.statistics import (
    Consistency,
    Distribution,
    ItemStatistics,
    Marks,
    Statistic,
    none,
)
from grader.analysis.variants import Variant, compare
from grader.grading import Report

OUTCOMES = ("CORRECT", "FOLLOWED", "PARTIAL", "INCORRECT", "BLANK", "UNREADABLE", "UNDECIDED")
_BINS = 20
_FINEST = 10**9  # at most so many units to a point
_EXAMPLES = 3
_ANSWERS = 5


@dataclass(frozen=True)
class Example:
    """An answer as typed, and how many wrote the same."""

    text: str
    count: int


@dataclass(frozen=True)
class NamedMistake:
    """A known slip: `place` is the member of a group that shows it, or empty."""

    slot: str
    part: str
    place: str
    name: str
    advice: str
    count: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class PartAnalysis:
    """One part of the sheet over the class. Shares are from 0 to 1, `points` those of the sheet."""

    slot: str
    part: str
    points: float
    asked: int
    outcomes: Mapping[str, int]
    statistics: ItemStatistics
    intended_weight: float
    effective_weight: Statistic
    hints: tuple[str, ...]
    mistakes: tuple[NamedMistake, ...]
    wrong: tuple[Example, ...]  # wrong answers that show no known slip
    unreadable: tuple[Example, ...]
    undecided: tuple[Example, ...]

    @property
    def name(self) -> str:
        return f"{self.slot}.{self.part}"


@dataclass(frozen=True)
class SlotAnalysis:
    """One exercise of the sheet: which exercises stood there, for how many students, and parts."""

    slot: str
    exercises: tuple[tuple[str, str, int], ...]  # name, title, students
    parts: tuple[PartAnalysis, ...]


@dataclass(frozen=True)
class Bin:
    """Sheets whose share of the points is at least `low` and less than `high` (of the last bin: at
    most)."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Moment:
    """How many submissions came in the hour that begins at `at`, in UTC."""

    at: datetime
    count: int


@dataclass(frozen=True)
class Analysis:
    """A class's results. Marks are in points; where sheets have different points, each sheet counts
    as 100 and `rescaled` says so. `items` says what consistency is computed over."""

    title: str
    reports: int
    points: float
    rescaled: bool
    waiting: int  # submissions in which a person must look at something
    marks: Distribution
    consistency: Consistency
    items: str
    histogram: tuple[Bin, ...]
    pass_share: float | None
    passed: int | None
    slots: tuple[SlotAnalysis, ...]
    variants: tuple[Variant, ...]
    times: tuple[Moment, ...]

    @property
    def parts(self) -> tuple[PartAnalysis, ...]:
        return tuple(part for slot in self.slots for part in slot.parts)

    @property
    def mistakes(self) -> tuple[NamedMistake, ...]:
        """All named mistakes, the commonest first."""
        found = (mistake for part in self.parts for mistake in part.mistakes)
        return tuple(sorted(found, key=lambda m: (-m.count, m.slot, m.part, m.place, m.name)))


def analyse(reports: Iterable[Report | Seen], *, pass_share: Fraction | None = None) -> Analysis:
    """What a class made of a sheet, read in one go: memory stays small for any number of reports,
    and the result depends on the reports alone, not on their order.

    `pass_share` is the share of the points that passes. InputError for one outside 0 to 1.
    """
    if pass_share is not None and not 0 <= pass_share <= 1:
        raise InputError("pass mark", f"{pass_share} is not a share of the points, from 0 to 1")
    return _analysed(gather(reports), pass_share)


def _analysed(gathered: Gathered, pass_share: Fraction | None) -> Analysis:
    table = _Table(gathered)
    weights = statistics.effective_weights(table.complete, table.totals)
    effective = dict(zip(table.complete_names, weights, strict=True))
    slots = []
    for slot, kinds in sorted(gathered.exercises.items(), key=lambda item: _natural(item[0])):
        parts = [
            _part(
                part,
                table,
                table.weights[place],
                effective.get(place, none("not everybody was asked this")),
            )
            for place, part in sorted(gathered.parts.items(), key=lambda item: item[1].order)
            if place[0] == slot
        ]
        exercises = tuple((*kind, count) for kind, count in sorted(kinds.items()))
        slots.append(SlotAnalysis(slot, exercises, tuple(parts)))
    return Analysis(
        title=min(gathered.titles.items(), key=lambda pair: (-pair[1], pair[0]), default=("",))[0],
        reports=gathered.reports,
        points=table.sheet,
        rescaled=table.rescaled,
        waiting=gathered.waiting,
        marks=statistics.distribution(table.totals),
        consistency=table.consistency(),
        items="parts" if table.whole else "exercises",
        histogram=_histogram(table.shares) if gathered.reports else (),
        pass_share=None if pass_share is None else float(pass_share),
        passed=None if pass_share is None else int((table.shares >= float(pass_share)).sum()),
        slots=tuple(slots),
        variants=compare(table.by_slot, table.drawn),
        times=tuple(Moment(at, count) for at, count in sorted(gathered.hours.items())),
    )


class _Table:
    """The marks of all sheets as columns, in points, in an order that the marks alone decide.

    Marks are whole multiples of one small part of a point, so that sums are exact and the same
    marks are the same number.
    """

    def __init__(self, gathered: Gathered) -> None:
        rows = gathered.reports
        earned, points = _units(gathered)
        order = np.lexsort([*earned.values(), *points.values()]) if earned else np.arange(rows)
        codes = {place: part.marks.codes(rows) for place, part in _all(gathered)}
        asked = {place: (column != MISSING)[order] for place, column in codes.items()}
        earned = {place: column[order] for place, column in earned.items()}
        points = {place: column[order] for place, column in points.items()}
        got = sum(earned.values(), np.zeros(rows, dtype=np.int64))
        sheets = sum(points.values(), np.zeros(rows, dtype=np.int64))
        unit = _common(gathered)
        self.shares: Marks = np.divide(got, sheets, out=np.zeros(rows), where=sheets > 0)
        self.rescaled = rows > 0 and not bool((sheets == sheets[0]).all())
        point = np.maximum(sheets, 1) / 100 if self.rescaled else np.full(rows, float(unit))
        self.sheet = 100.0 if self.rescaled else float(sheets[0] / unit) if rows else 0.0
        self.totals: Marks = got / point
        self.earned = {place: column / point for place, column in earned.items()}
        self.asked = asked
        self.by_slot = {
            slot: _shares(
                *(
                    [column for place, column in columns.items() if place[0] == slot]
                    for columns in (earned, points)
                )
            )
            for slot in gathered.exercises
        }
        self.drawn = {
            (slot, _feature(exercise, feature, len(gathered.exercises[slot]))): (
                column.values,
                column.codes(rows)[order],
            )
            for (slot, exercise, feature), column in gathered.drawn.items()
        }
        self.points = {
            place: float((column / point)[asked[place]].mean()) for place, column in points.items()
        }
        self.weights = {
            place: float((column / point).mean()) / self.sheet if self.sheet else 0.0
            for place, column in points.items()
        }
        self.whole = all(bool(column.all()) for column in asked.values())
        self.complete_names = [place for place, column in asked.items() if column.all()]
        self.complete = self._columns([self.earned[place] for place in self.complete_names])

    def consistency(self) -> Consistency:
        """Over the parts, if everybody was asked all of them, else over the exercises."""
        if self.whole:
            return statistics.consistency(self.complete, self.totals)
        slots = dict.fromkeys(slot for slot, _ in self.earned)
        if not all(
            np.any([self.asked[place] for place in self.asked if place[0] == slot], axis=0).all()
            for slot in slots
        ):
            return Consistency(*[none("not everybody was asked the same exercises")] * 3)
        columns = [
            np.sum([self.earned[place] for place in self.earned if place[0] == slot], axis=0)
            for slot in slots
        ]
        return statistics.consistency(self._columns(columns), self.totals)

    def item(self, place: tuple[str, str]) -> ItemStatistics:
        """Of those who were asked."""
        asked = self.asked[place]
        return statistics.item(self.earned[place][asked], self.totals[asked], self.points[place])

    def _columns(self, columns: list[Marks]) -> Marks:
        return np.column_stack(columns) if columns else np.zeros((len(self.totals), 0))


def _feature(exercise: str, feature: str, exercises: int) -> str:
    """What was drawn, with the exercise for which it was where a slot has several."""
    return f"{feature} of {exercise}" if exercise and exercises > 1 else feature


def _shares(earned: list[Marks], points: list[Marks]) -> Marks:
    """What share of the points of several columns was earned, (n,); 0 where there are none."""
    got, asked = np.sum(earned, axis=0), np.sum(points, axis=0)
    shares: Marks = np.divide(got, asked, out=np.zeros(len(got)), where=asked > 0)
    return shares


def _all(gathered: Gathered) -> Iterable[tuple[tuple[str, str], Part]]:
    """The parts, in an order that does not depend on which report came first."""
    return sorted(gathered.parts.items(), key=lambda item: item[0])


def _units(gathered: Gathered) -> tuple[dict[tuple[str, str], Marks], dict[tuple[str, str], Marks]]:
    """By part: what was earned and the points, in units, (n,); 0 where a part was not asked."""
    unit = _common(gathered)
    earned, points = {}, {}
    for place, part in _all(gathered):
        codes = part.marks.codes(gathered.reports)
        both = np.array(
            [[round(mark * unit) for mark in marks] for marks in part.values] + [[0, 0]],
            dtype=np.int64,
        )
        earned[place], points[place] = both[codes].T  # the last row stands for -1: not asked
    return earned, points


def _common(gathered: Gathered) -> int:
    """How many units a point has: the common denominator of all marks, if it is small."""
    denominators = {
        mark.denominator
        for part in gathered.parts.values()
        for marks in part.values
        for mark in marks
    }
    return min(math.lcm(*denominators), _FINEST)


def _part(part: Part, table: _Table, intended: float, effective: Statistic) -> PartAnalysis:
    place = part.slot, part.name
    found = table.item(place)
    asked = sum(part.outcomes.values())
    return PartAnalysis(
        slot=part.slot,
        part=part.name,
        points=table.points[place],
        asked=asked,
        outcomes={outcome: part.outcomes[outcome] for outcome in OUTCOMES},
        statistics=found,
        intended_weight=intended,
        effective_weight=effective,
        hints=tuple(_hints(found, asked, part)),
        mistakes=tuple(
            NamedMistake(
                part.slot,
                part.name,
                inside,
                name,
                mistake.advice,
                mistake.count,
                _examples(mistake.answers.commonest(_EXAMPLES)),
            )
            for (inside, name), mistake in sorted(
                part.mistakes.items(), key=lambda item: (-item[1].count, item[0])
            )
        ),
        wrong=_examples(part.wrong.commonest(_ANSWERS)),
        unreadable=_examples(part.unreadable.commonest(_ANSWERS)),
        undecided=_examples(part.undecided.commonest(_ANSWERS)),
    )


def _hints(found: ItemStatistics, asked: int, part: Part) -> Iterable[str]:
    """Traffic lights in words. The bounds are those that Moodle's documentation and textbooks of
    testing use; they are reasons to look, not verdicts."""
    facility, index = found.facility.value, found.discrimination.value
    if facility is not None and facility < 0.2:
        yield "very hard: below 20 % on average"
    if facility is not None and facility > 0.9:
        yield "very easy: above 90 % on average"
    if index is not None and index < 0:
        yield "who is good at the rest does worse here: check the key and the wording"
    elif index is not None and index < 0.2:
        yield "says little about who is good at the rest"
    if asked and part.outcomes["BLANK"] > asked / 4:
        yield "left blank by more than a quarter"
    if asked and part.outcomes["UNREADABLE"] > asked / 10:
        yield "more than a tenth could not be read: look at what was typed"
    if part.outcomes["UNDECIDED"]:
        yield "some answers are not decided: a person must"


def _examples(found: Iterable[tuple[str, int]]) -> tuple[Example, ...]:
    return tuple(Example(text, count) for text, count in found)


def _histogram(shares: Marks) -> tuple[Bin, ...]:
    """Twenty bins of one twentieth of the points each; who has all points is in the last."""
    places = np.minimum(np.floor(shares * _BINS + 1e-9).astype(int), _BINS - 1)
    counts = np.bincount(places, minlength=_BINS)
    return tuple(Bin(i / _BINS, (i + 1) / _BINS, int(n)) for i, n in enumerate(counts))


def _natural(slot: str) -> tuple[int, str]:
    """q2 before q10."""
    return len(slot), slot
