"""Gradescope's table of scores ("Download Grades" of an assignment): who handed in, and when.

First Name,Last Name,SID,Email,Total Score,Max Points,Status,Submission ID,Submission Time,...
Anna,Berg,s1,anna@x.edu,9.5,12.0,Graded,345,2026-12-01 17:02:11 -0800,...

The name may stand in one column, sections before the score, and questions behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from msgspec import structs

from generator.model.delimited import header_of
from generator.model.errors import InputError
from grader.matching import same_sender
from grader.platforms import Written
from grader.platforms.cells import Table, decimal, has_decimal_commas, number, parse, scaled
from grader.platforms.finding import find, who
from grader.reports import plural
from grader.submissions.received import YEARS, Grade, Received, Sender

_NAMES = ("Name", "First Name", "Last Name")
_NEEDED = ("Email", "Total Score", "Max Points", "Status", "Submission Time")
_NUMBER = re.compile(r"(?:^|/)submission_(\d{1,18})(?:[/.]|$)")  # as an export names its folders
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|UTC|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True)
class Scores:
    """The table, and the columns by their headers."""

    table: Table
    columns: Mapping[str, int]

    def rows(self) -> dict[int, Sender]:
        """Who each row is of."""
        width = len(self.table.rows[0])
        return {
            row: Sender(
                student=self.value(row, "SID"),
                email=self.value(row, "Email"),
                name=" ".join(filter(None, (self.value(row, name) for name in _NAMES))),
            )
            for row in range(1, len(self.table.rows))
            if len(self.table.rows[row]) == width
        }

    def value(self, row: int, header: str) -> str:
        """What a cell says; empty where the table has no such column."""
        column = self.columns.get(header)
        return "" if column is None else self.table.value(row, column).strip()


def is_scores(data: bytes) -> bool:
    """Whether a table begins as one of Gradescope does."""
    return {"Total Score", "Max Points"} <= set(header_of(data))


def read_scores(data: bytes, source: str) -> Scores:
    """A table of scores as Gradescope hands it out. InputError where it is none."""
    table = parse(data, source)
    headers = table.rows[0] if table.rows else ()
    columns: dict[str, int] = {}
    for column in range(len(headers)):
        columns.setdefault(table.value(0, column).strip(), column)
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise InputError(
            source,
            f"not Gradescope's table of scores: there is no column {missing[0]!r}; choose "
            "`Download Grades` of the assignment",
        )
    return Scores(table, columns)


@dataclass(frozen=True)
class Handed:
    """Who handed in when, by the table: by student id, address and number of the submission. An
    identity that several rows have is nobody's."""

    by: Mapping[tuple[str, str], tuple[Sender, datetime | None]] = field(default_factory=dict)

    def completed(self, each: Received) -> Received:
        """What was received, with what the one row says that is its sender's: of one submission all
        rows that are found must be the same, and nothing in them may speak against the sender."""
        sender = each.sender
        numbered = _NUMBER.search(each.source)
        ways = [
            ("SID", sender.student.casefold()),
            ("Email", sender.email.casefold()),
            ("Submission ID", numbered[1] if numbered else ""),
        ]
        found = {self.by[way] for way in ways if way in self.by}
        if len(found) != 1:
            return each
        (listed, at) = found.pop()
        if not same_sender(sender, listed):
            told = "Gradescope's table of scores has other particulars of this sender: not used."
            return structs.replace(each, sender=structs.replace(sender, note=sender.note or told))
        names = ("student", "email", "name")
        merged = {name: getattr(sender, name) or getattr(listed, name) for name in names}
        return structs.replace(each, sender=structs.replace(sender, **merged), at=each.at or at)


def handed(data: bytes, source: str, zone: tzinfo) -> Handed:
    """Who handed in when. `zone` is that of times without one. InputError for another table."""
    scores = read_scores(data, source)
    by: dict[tuple[str, str], set[tuple[Sender, datetime | None]]] = {}
    for row, sender in scores.rows().items():
        at = _time(scores.value(row, "Submission Time"), zone)
        for header in ("SID", "Email", "Submission ID"):
            if told := scores.value(row, header).casefold():
                by.setdefault((header, told), set()).add((sender, at))
    return Handed({way: found.pop() for way, found in by.items() if len(found) == 1})


def fill_scores(data: bytes, grades: Sequence[Grade], source: str) -> Written:
    """The table with our points as total scores, scaled to its most; nothing else changes.

    Whose score changes is told: Gradescope itself takes no table back.
    """
    scores = read_scores(data, source)
    rows = scores.rows()
    found = find(grades, rows)
    notes, cells, unsaid = list(found.notes), {}, 0
    column = scores.columns["Total Score"]
    comma = has_decimal_commas(scores.table)
    for row, grade in sorted(found.grades.items()):
        most = number(scores.value(row, "Max Points"))
        if most is None:
            notes.append(f"{who(rows[row])}: no number of points at most; not written")
            unsaid += 1
            continue
        before = scores.value(row, "Total Score")
        now = decimal(scaled(grade.earned, grade.points, most), comma=comma)
        old = number(before)
        if old is None or decimal(old, comma=comma) != now:
            notes.append(f"{who(rows[row])}: {before or 'no score'} -> {now}")
            cells[row, column] = now
    left = [who(sender) for row, sender in rows.items() if row not in found.grades]
    if left:
        shown = ", ".join(left[:10]) + (", ..." if len(left) > 10 else "")
        notes.append(f"{plural(len(left), 'row')} left as before: {shown}")
    return Written(
        scores.table.changed(cells),
        len(found.grades) - unsaid,
        tuple(notes),
        found.missed + unsaid,
    )


def _time(text: str, zone: tzinfo) -> datetime | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    try:
        at = datetime.fromisoformat(f"{found[1]}T{found[2]}{(found[3] or '').replace('UTC', 'Z')}")
    except ValueError:
        return None
    if at.year not in YEARS:
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)
