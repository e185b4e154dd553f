"""From what was gathered of a class to what a teacher is shown: numbers, hints, named mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import numpy as np

from generator.model.errors import InputError
from grader.analysis import statistics
from grader.analysis.gathering import Gathered, Part, Seen, gather
from grader.analysis.statistics import (
    Consistency,
    Distribution,
    ItemStatistics,
    Marks,
    Statistic,
    none,
)
from grader.analysis.table import Table
from grader.analysis.variants import Variant, compare
from grader.grading import Report

OUTCOMES = ("CORRECT", "FOLLOWED", "PARTIAL", "INCORRECT", "BLANK", "UNREADABLE", "UNDECIDED")
_BINS = 20
_EXAMPLES = 3
_ANSWERS = 5
_FEW = 5  # who were asked: below, no hint is given


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
    waiting: int  # answers at which a person must look: `statistics` are of the others
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
    table = Table(gathered)
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


def _part(part: Part, table: Table, intended: float, effective: Statistic) -> PartAnalysis:
    place = part.slot, part.name
    found = table.item(place)
    asked = sum(part.outcomes.values())
    return PartAnalysis(
        slot=part.slot,
        part=part.name,
        points=table.points[place],
        asked=asked,
        waiting=part.waiting,
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
    if part.waiting:
        yield "some answers wait for a person"
    facility, index = found.facility.value, found.discrimination.value
    if asked - part.waiting >= _FEW:
        if facility is not None and facility < 0.2:
            yield "very hard: below 20 % on average"
        if facility is not None and facility > 0.9:
            yield "very easy: above 90 % on average"
        if index is not None and index < 0:
            yield "who is good at the rest does worse here: check the key and the wording"
        elif index is not None and index < 0.2:
            yield "says little about who is good at the rest"
    if asked < _FEW:
        return
    if part.outcomes["BLANK"] > asked / 4:
        yield "left blank by more than a quarter"
    if part.outcomes["UNREADABLE"] > asked / 10:
        yield "more than a tenth could not be read: look at what was typed"


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
