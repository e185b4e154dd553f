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
    page_of: str  # {page} and {pages}
    one_point: str  # {points}, here 1
    many_points: str  # {points}
    solutions: str
    solution: str
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
        page_of="page {page} of {pages}",
        one_point="{points} point",
        many_points="{points} points",
        solutions="Solutions",
        solution="Solution.",
        answer="Answer",
        one_answer="One answer",
        how_to_answer="Type your answers into the form that came with this sheet. The name beside "
        "each part, such as {entry}, is its entry there.",
    ),
}
