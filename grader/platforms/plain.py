"""A plain table of grades, for whatever reads CSV."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from grader.platforms import Written
from grader.platforms.cells import decimal
from grader.submissions.received import Grade
from grader.summaries import csv_text, harmless

_COLUMNS = ("student", "name", "email", "lms_id", "participant", "earned", "points", "feedback")


def table(grades: Sequence[Grade]) -> Written:
    """A row a student. No cell is one that a spreadsheet takes for a formula."""
    rows = [
        (
            *(
                harmless(cell)
                for cell in (
                    each.sender.student,
                    each.sender.name,
                    each.sender.email,
                    each.sender.lms_id,
                    each.sender.participant,
                )
            ),
            decimal(Fraction(each.earned)),
            decimal(Fraction(each.points)),
            harmless(each.feedback),
        )
        for each in grades
    ]
    return Written(csv_text([_COLUMNS, *rows]).encode(), len(rows))
