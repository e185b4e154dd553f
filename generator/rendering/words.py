"""The fixed words of a sheet, in each language that an assignment may choose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The words of one language, as plain text. `code` is its BCP 47 tag.

    Templates see them as `words`; `{...}` in a word is filled in by `str.format`.
    """

    code: str
    student: str
    due: str
    points: str
    sheet: str
    worksheet: str
    subject: str  # {kind}, the word for worksheet or solutions, and {sheet}, its id
    page_of: str  # {page} and {pages}
    one_point: str  # {points}, here 1
    many_points: str  # {points}
    solutions: str
    solution: str
    slips: str
    answer: str
    one_answer: str
    how_to_answer: str  # {entry}, the name of a form's entry


LANGUAGES = {
    "en": Words(
        code="en",
        student="Student",
        due="Due",
        points="Points",
        sheet="Sheet",
        worksheet="Worksheet",
        subject="{kind}, sheet {sheet}",
        page_of="page {page} of {pages}",
        one_point="{points} point",
        many_points="{points} points",
        solutions="Solutions",
        solution="Solution.",
        slips="Common slips.",
        answer="Answer",
        one_answer="One answer",
        how_to_answer="Write your answers into the boxes, or type them into the form that came "
        "with this sheet: each box bears the name of its entry there, such as {entry}.",
    ),
}
