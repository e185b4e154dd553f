"""What a class made of an assignment: grades, how each part went, the commonest mistakes."""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.grading import Report
from grader.marking import Verdict
from grader.reports import amount, percent, plural, printable, wrapped

_SHOWN = 10


@dataclass(frozen=True)
class PartSummary:
    """One part of a slot over the class.

    `facility` is the mean credit, from 0 to 1, of the answers that no person must look at; None
    where there is no such answer.
    """

    slot: str
    exercise: str
    part: str
    asked: int
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


def summarise(reports: Sequence[Report]) -> Summary:
    """The summary of a class, parts in the order of the sheets, commonest mistakes first."""
    shares = [share(report) for report in reports]
    return Summary(
        assignments=tuple(sorted({report.assignment for report in reports})),
        graded=len(reports),
        mean=statistics.mean(shares) if shares else None,
        median=statistics.median(shares) if shares else None,
        needs_human=sum(report.needs_human for report in reports),
        parts=tuple(_parts(reports)),
        mistakes=tuple(_mistakes(reports)),
    )


def share(report: Report) -> Fraction:
    """The share of its points that a submission earned."""
    return report.earned / report.points if report.points else Fraction(0)


def grades_csv(reports: Iterable[tuple[Report, str]]) -> str:
    """The grades as CSV, a row for each (report, name of its form).

    Text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    rows = list(reports)
    slots = list(dict.fromkeys(each.slot for report, _ in rows for each in report.exercises))
    header = ["student", "name", "sheet", "earned", "points", "percent", *slots]
    table = [[*header, "needs_human", "notes", "form"]]
    for report, form in rows:
        earned = {each.slot: amount(each.earned) for each in report.exercises}
        table.append(
            [
                harmless(report.student),
                harmless(report.name),
                report.sheet_id,
                amount(report.earned),
                amount(report.points),
                percent(share(report)).rstrip("%"),
                *(earned.get(slot, "") for slot in slots),
                str(report.needs_human),
                str(len(report.notes)),
                harmless(form),
            ]
        )
    return csv_text(table)


def csv_text(table: Iterable[Iterable[str]]) -> str:
    """Rows of cells as CSV with plain line ends."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(table)
    return buffer.getvalue()


def harmless(cell: str) -> str:
    """A cell of text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")) else cell


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
        lines.append(f"Not final: {waiting} could not be read or decided, and wait for a person")
    lines.append("")
    width = max(len(f"{each.slot}.{each.part}") for each in summary.parts) if summary.parts else 0
    head = f"{'part':<{width}}  asked  mean credit  blank  unreadable  undecided"
    lines += [head, "-" * len(head)]
    for each in summary.parts:
        facility = "-" if each.facility is None else percent(each.facility)
        lines.append(
            f"{each.slot + '.' + each.part:<{width}}  {each.asked:>5}  {facility:>11}"
            f"  {each.blank:>5}  {each.unreadable:>10}  {each.undecided:>9}"
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


def _parts(reports: Sequence[Report]) -> Iterable[PartSummary]:
    found: dict[tuple[str, str, str], list[Verdict]] = {}
    for report in reports:
        for each in report.exercises:
            for verdict in each.verdicts:
                found.setdefault((each.slot, each.exercise, verdict.part), []).append(verdict)
    for (slot, exercise, part), verdicts in found.items():
        outcomes = Counter(verdict.outcome for verdict in verdicts)
        settled = [verdict.credit for verdict in verdicts if not verdict.needs_human]
        yield PartSummary(
            slot=slot,
            exercise=exercise,
            part=part,
            asked=len(verdicts),
            facility=statistics.mean(settled) if settled else None,
            blank=outcomes["BLANK"],
            unreadable=outcomes["UNREADABLE"],
            undecided=outcomes["UNDECIDED"],
        )


def _mistakes(reports: Sequence[Report]) -> Iterable[MistakeSummary]:
    counts = Counter(
        (each.slot, verdict.part, verdict.mistake, verdict.advice)
        for report in reports
        for each in report.exercises
        for verdict in each.verdicts
        if verdict.mistake is not None
    )
    for (slot, part, mistake, advice), count in sorted(
        counts.items(), key=lambda item: (-item[1], item[0])
    ):
        yield MistakeSummary(slot, part, mistake, advice, count)
