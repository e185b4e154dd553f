"""The marks of a class as columns of numbers, from what was gathered of its reports."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from grader.analysis import statistics
from grader.analysis.gathering import MISSING, Gathered, Part
from grader.analysis.statistics import Consistency, ItemStatistics, Marks, none

Chosen = np.ndarray[Any, np.dtype[np.bool_]]

_FINEST = 10**9  # at most so many units to a point


class Table:
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
        waits = {
            place: (part.waits.codes(rows) != MISSING)[order] for place, part in _all(gathered)
        }
        earned = {place: column[order] for place, column in earned.items()}
        points = {place: column[order] for place, column in points.items()}
        got = sum(earned.values(), np.zeros(rows, dtype=np.int64))
        sheets = sum(points.values(), np.zeros(rows, dtype=np.int64))
        unit = _common(gathered)
        self.shares: Marks = np.divide(got, sheets, out=np.zeros(rows), where=sheets > 0)
        rounded = len(points) if unit == _FINEST else 0
        self.rescaled = rows > 0 and int(np.ptp(sheets)) > rounded
        point = np.maximum(sheets, 1) / 100 if self.rescaled else np.full(rows, float(unit))
        self.sheet = 100.0 if self.rescaled else float(sheets[0] / unit) if rows else 0.0
        self.totals: Marks = got / point
        self.earned = {place: column / point for place, column in earned.items()}
        self.asked = asked
        self.settled = {place: column & ~waits[place] for place, column in asked.items()}
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
                np.where(_any(waits, slot, rows), MISSING, column.codes(rows)[order]),
            )
            for (slot, exercise, feature), column in gathered.drawn.items()
        }
        self._points = {place: column / point for place, column in points.items()}
        self.points = {
            place: float(column[asked[place]].mean()) for place, column in self._points.items()
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
        """Of those who were asked, without answers that wait for a person."""
        settled = self.settled[place]
        if not settled.any():
            return ItemStatistics(*[none("all answers wait for a person")] * 5)
        points = float(self._points[place][settled].mean())
        return statistics.item(self.earned[place][settled], self.totals[settled], points)

    def _columns(self, columns: list[Marks]) -> Marks:
        return np.column_stack(columns) if columns else np.zeros((len(self.totals), 0))


def _any(columns: Mapping[tuple[str, str], Chosen], slot: str, rows: int) -> Chosen:
    """Which sheets (n,) are in any of the columns of a slot."""
    found = [column for place, column in columns.items() if place[0] == slot]
    return np.any(found, axis=0) if found else np.zeros(rows, dtype=np.bool_)


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
