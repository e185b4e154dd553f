"""What a class made of an assignment: grades, how each part went, the commonest mistakes."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from grader.grading import MarkedExercise, Ratio, Report, marks_of
from grader.reports import amount, percent, plural, printable, wrapped

_SHOWN = 10
_MET = 5_000  # exercises that wait to be counted


@dataclass(frozen=True)
class PartSummary:
    """One part of a slot over the class.

    `facility` is the mean credit, from 0 to 1, of the answers that no person must look at; None
    where there is no such answer. `waiting` counts the others.
    """

    slot: str
    exercise: str
    part: str
    asked: int
    waiting: int
    facility: Fraction | None
    blank: int
    unreadable: int
    undecided: int


@dataclass(frozen=True)
class MistakeSummary:
    """How many students showed one known mistake."""

    slot: str
    part: str
    mistake: str
    advice: str
    count: int


@dataclass(frozen=True)
class Summary:
    """A class's results. `mean` and `median` are shares of the points, None without reports.

    `needs_human` counts the parts that a person must look at; until then marks are not final.
    """

    assignments: tuple[str, ...]
    graded: int
    mean: Fraction | None
    median: Fraction | None
    needs_human: int
    parts: tuple[PartSummary, ...]
    mistakes: tuple[MistakeSummary, ...]


def summarise(reports: Iterable[Report]) -> Summary:
    """The summary of a class, parts in the order of the sheets, commonest mistakes first."""
    tally = Tally()
    for report in reports:
        tally.add(report)
    return tally.summary()


class Tally:
    """A summary in the making: reports are counted, one after another, and not kept."""

    def __init__(self) -> None:
        self._assignments: set[str] = set()
        self._shares: Counter[tuple[int, int]] = Counter()  # as ratios, which are counted faster
        self._human = 0
        self._met: dict[int, _Met] = {}  # by identity
        self._parts: dict[tuple[str, str, str], _Part] = {}
        self._mistakes: Counter[tuple[str, str, str, str]] = Counter()

    def add(self, report: Report) -> None:
        self._assignments.add(report.assignment)
        self._shares[report.share.as_integer_ratio()] += 1
        for each in report.exercises:
            met = self._met.get(id(each))
            if met is None:
                met = self._met[id(each)] = _Met(each)
            met.times += 1
        if len(self._met) > _MET:
            self._count()

    def _count(self) -> None:
        """Count what was met: what many students gave for an exercise is one object."""
        for met in self._met.values():
            each, times = met.exercise, met.times
            self._human += each.needs_human * times
            for verdict in each.verdicts:
                place = (each.slot, each.exercise, verdict.part)
                part = self._parts.get(place)
                if part is None:
                    part = self._parts[place] = _Part(Counter(), Counter())
                part.outcomes[verdict.outcome] += times
                if not verdict.needs_human:
                    part.credits[verdict.credit] += times
                if verdict.mistake is not None:
                    mistake = (each.slot, verdict.part, verdict.mistake, verdict.advice)
                    self._mistakes[mistake] += times
        self._met.clear()

    def summary(self) -> Summary:
        self._count()
        shares = Counter({Fraction(*ratio): count for ratio, count in self._shares.items()})
        ranked = sorted(self._mistakes.items(), key=lambda item: (-item[1], item[0]))
        return Summary(
            assignments=tuple(sorted(self._assignments)),
            graded=shares.total(),
            mean=_mean(shares),
            median=_median(shares),
            needs_human=self._human,
            parts=tuple(
                PartSummary(
                    slot=slot,
                    exercise=exercise,
                    part=name,
                    asked=part.outcomes.total(),
                    waiting=part.outcomes.total() - part.credits.total(),
                    facility=_mean(part.credits),
                    blank=part.outcomes["BLANK"],
                    unreadable=part.outcomes["UNREADABLE"],
                    undecided=part.outcomes["UNDECIDED"],
                )
                for (slot, exercise, name), part in self._parts.items()
            ),
            mistakes=tuple(MistakeSummary(*mistake, count) for mistake, count in ranked),
        )


class _Met:
    """An exercise as some students answered it, and how many."""

    __slots__ = ("exercise", "times")

    def __init__(self, exercise: MarkedExercise) -> None:
        self.exercise = exercise
        self.times = 0


@dataclass(frozen=True)
class _Part:
    """How many verdicts have an outcome, and how many settled ones a credit."""

    outcomes: Counter[str]
    credits: Counter[Fraction]


def _mean(counts: Counter[Fraction]) -> Fraction | None:
    total = counts.total()
    if not total:
        return None
    return sum((value * count for value, count in counts.items()), Fraction(0)) / total


def _median(counts: Counter[Fraction]) -> Fraction | None:
    """The middle value, or the mean of the two in the middle."""
    total = counts.total()
    if not total:
        return None
    middle: list[Fraction] = []
    passed = 0
    for value in sorted(counts):
        passed += counts[value]
        while len(middle) < 2 and passed > (total - 1 + len(middle)) // 2:
            middle.append(value)
    return (middle[0] + middle[1]) / 2


def grades_header(slots: Iterable[str]) -> list[str]:
    head = ["student", "name", "sheet", "earned", "points", "percent", *slots]
    return [*head, "needs_human", "notes", "form"]


def grades_row(report: Report, form: str, slots: tuple[str, ...]) -> list[str]:
    """One student's row below `grades_header`: a report, and the name of its form.

    Text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    ratios = tuple([(each.slot, each.ratios) for each in report.exercises])
    return [
        harmless(report.student),
        harmless(report.name),
        report.sheet_id,
        *_amounts(ratios, report.penalty.as_integer_ratio(), slots),
        str(report.needs_human),
        str(len(report.notes)),
        harmless(form),
    ]


@lru_cache(4_096)
def _amounts(
    ratios: tuple[tuple[str, tuple[Ratio, Ratio]], ...], penalty: Ratio, slots: tuple[str, ...]
) -> list[str]:
    """The cells from earned to the last slot; the same amounts are told once."""
    marks = marks_of(tuple([each for _, each in ratios]), penalty)
    by_slot = {slot: amount(Fraction(*earned)) for slot, (earned, _) in ratios}
    share = percent(marks.share).rstrip("%")
    return [
        amount(marks.earned),
        amount(marks.points),
        share,
        *[by_slot.get(slot, "") for slot in slots],
    ]


def csv_text(table: Iterable[Iterable[str]]) -> str:
    """Rows of cells as CSV with plain line ends."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(table)
    return buffer.getvalue()


# Control characters but tabs and line ends, and marks that turn the direction of writing.
_STEERING = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Some spreadsheets pass over blanks, or take signs of full width for ours.
_BEGINS = re.compile(r"[\s\u200b\ufeff]*[=+\-@＝＋－＠\t\r]")
# Where commas are for decimals, cells end at semicolons, whatever the quotes are.
_BEGINS_INSIDE = re.compile(r"(?<=[;\t\r\n])(?=[=+\-@＝＋－＠])")
_PLAIN = re.compile(r"\w[\w .:/-]*")  # none of these; most cells are


def harmless(cell: str, *, inside: bool = True) -> str:
    """A cell of text that no spreadsheet takes for a formula, wherever it thinks that cells end
    (without `inside`, only at its beginning), and that steers no terminal."""
    if _PLAIN.fullmatch(cell):
        return cell
    cell = _STEERING.sub("\N{REPLACEMENT CHARACTER}", cell)
    if inside:
        cell = _BEGINS_INSIDE.sub("'", cell)
    return f"'{cell}" if _BEGINS.match(cell) else cell


def text(summary: Summary) -> str:
    """The summary for people."""
    lines = [
        f"{printable(', '.join(summary.assignments)) or 'No assignment'}: "
        f"{plural(summary.graded, 'submission')} graded"
    ]
    if summary.mean is None or summary.median is None:
        return lines[0] + "\n"
    lines.append(f"Mean {percent(summary.mean)}, median {percent(summary.median)}")
    if summary.needs_human:
        waiting = plural(summary.needs_human, "answer")
        lines.append(
            f"Not final: {waiting} could not be read or decided and wait for a person. They count "
            "as 0 above and are left out of the mean credits below."
        )
    lines.append("")
    width = max(len(f"{each.slot}.{each.part}") for each in summary.parts) if summary.parts else 0
    head = f"{'part':<{width}}  asked  waiting  mean credit  blank  unreadable  undecided"
    lines += [head, "-" * len(head)]
    for each in summary.parts:
        facility = "-" if each.facility is None else percent(each.facility)
        lines.append(
            f"{each.slot + '.' + each.part:<{width}}  {each.asked:>5}  {each.waiting:>7}"
            f"  {facility:>11}  {each.blank:>5}  {each.unreadable:>10}  {each.undecided:>9}"
        )
    if summary.mistakes:
        lines += ["", "Commonest mistakes"]
    for mistake in summary.mistakes[:_SHOWN]:
        head = f"{mistake.count:>3} x  {mistake.mistake} in {mistake.slot}.{mistake.part}: "
        lines += wrapped(head + mistake.advice, "  ", "       ")
    return "\n".join(lines) + "\n"


def tree(summary: Summary) -> dict[str, Any]:
    """The summary as plain JSON; shares exactly, as text, and as decimals."""
    return {
        "assignments": list(summary.assignments),
        "graded": summary.graded,
        "mean": _share(summary.mean),
        "median": _share(summary.median),
        "needs_human": summary.needs_human,
        "parts": [
            {
                "slot": each.slot,
                "exercise": each.exercise,
                "part": each.part,
                "asked": each.asked,
                "waiting": each.waiting,
                "facility": _share(each.facility),
                "blank": each.blank,
                "unreadable": each.unreadable,
                "undecided": each.undecided,
            }
            for each in summary.parts
        ],
        "mistakes": [
            {
                "slot": each.slot,
                "part": each.part,
                "mistake": each.mistake,
                "count": each.count,
                "advice": each.advice,
            }
            for each in summary.mistakes
        ],
    }


def _share(value: Fraction | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {"exact": str(value), "decimal": round(float(value), 6)}
