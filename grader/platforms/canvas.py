"""Canvas: the gradebook that was exported, with the grades of one assignment written into it.

Student,ID,SIS User ID,SIS Login ID,Section,Homework 3 (4711),Current Score
    Points Possible,,,,,20,(read only)
"Berg, Anna",12,s1,anna@x.edu,A,,87.5
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from generator.model.errors import InputError
from grader.platforms import Written
from grader.platforms.cells import Table, decimal, has_decimal_commas, number, parse, scaled
from grader.platforms.finding import find, who
from grader.platforms.packing import file_name, packed
from grader.reports import plural
from grader.submissions.canvas import Attached, attached
from grader.submissions.received import Grade, Sender

_ASSIGNMENT = re.compile(r"(?P<title>.*\S)\s+\((?P<id>\d+)\)\s*", re.DOTALL)
_TEXTS = (".yaml", ".yml", ".toml", ".json", ".txt")
_PASSED_OVER = (
    "Current Score", "Current Points", "Current Grade", "Final Score", "Final Points",
    "Final Grade", "Override Score", "Override Grade", "Override Status",
)  # fmt: skip
_KEPT = {"EX": "excused (EX)", "N/A": "not assigned (N/A)"}
_HIDDEN = re.compile(r"\s*Manual Posting \(.*\)\s*", re.DOTALL)  # told of anonymous ones alone
_IDENTITY = ("ID", "SIS User ID", "SIS Login ID")


@dataclass(frozen=True)
class Gradebook:
    """A gradebook, and the row that tells how many points each assignment has."""

    table: Table
    possible: int

    def rows(self) -> dict[int, Sender]:
        """Who each row below the points is of."""
        headers = self.headers()
        width = len(headers)
        ids = {name: headers.index(name) for name in _IDENTITY if name in headers}
        names = [headers.index(name) for name in ("Student", "LastName", "FirstName")
                 if name in headers]  # fmt: skip
        rows = {}
        for row in range(self.possible + 1, len(self.table.rows)):
            if len(self.table.rows[row]) != width:
                continue
            told = {name: self.table.value(row, column).strip() for name, column in ids.items()}
            name = " ".join(self.table.value(row, column).strip() for column in names)
            login = told.get("SIS Login ID", "")
            rows[row] = Sender(
                lms_id=told.get("ID", ""),
                student=told.get("SIS User ID", ""),
                email=login if "@" in login else "",
                name=name,
            )
        return rows

    def logins(self) -> dict[int, tuple[str, ...]]:
        """What each row's student signs in as."""
        headers = self.headers()
        if "SIS Login ID" not in headers:
            return {}
        column = headers.index("SIS Login ID")
        return {row: (self.table.value(row, column).strip(),) for row in self.rows()}

    def headers(self) -> list[str]:
        return [self.table.value(0, column).strip() for column in range(len(self.table.rows[0]))]


def read_gradebook(data: bytes, source: str) -> Gradebook:
    """A gradebook as Canvas exports it. InputError where it is none."""
    table = parse(data, source)
    if table.rows and table.value(0, 0).strip() in ("Student", "LastName"):
        for row in range(1, min(5, len(table.rows))):
            if table.value(row, 0).strip() == "Points Possible":
                book = Gradebook(table, row)
                if "ID" in book.headers():
                    return book
    raise InputError(
        source,
        "not a gradebook of Canvas: it starts with Student, ID, ... and has a row of Points "
        "Possible; choose `Export entire gradebook`",
    )


def people(data: bytes, source: str) -> dict[str, Sender]:
    """Who stands behind Canvas's ids of users, by the gradebook."""
    return {each.lms_id: each for each in read_gradebook(data, source).rows().values()}


def fill_gradebook(
    data: bytes, grades: Sequence[Grade], assignment: str, source: str, *, create: bool = False
) -> Written:
    """The gradebook with the grades of one assignment, named by its title or id; every other byte
    stays as it is, and so do students who are excused (EX).

    With `create`, an assignment that is not there gets a column at the end, and Canvas asks what to
    make of it. InputError where there is no such column, several, or one that is read only.
    """
    book = read_gradebook(data, source)
    table, headers = book.table, book.headers()
    column = _assignment(headers, assignment, source, create)
    changes: dict[tuple[int, int], str] = {}
    notes: list[str] = []
    comma = has_decimal_commas(table, book.possible)
    if column == len(headers):
        changes[0, column] = assignment
        points = {Fraction(each.points) for each in grades}
        most: Fraction | None = max(points, default=Fraction(0))
        full = (row for row in range(1, len(table.rows)) if len(table.rows[row]) == column)
        changes |= {(row, column): "" for row in full}
        changes[book.possible, column] = decimal(most or Fraction(0), comma=comma)
        notes.append(f"a new column {assignment!r}: Canvas will ask what it is")
    else:
        written = table.value(book.possible, column).strip()
        if re.search(r"read\s+only", written, re.IGNORECASE):
            raise InputError(source, f"the column {headers[column]!r} is read only in Canvas")
        above = [table.value(row, column) for row in range(1, book.possible)
                 if len(table.rows[row]) == len(headers)]  # fmt: skip
        if any(_HIDDEN.fullmatch(each) for each in above):
            raise InputError(
                source,
                f"Canvas's import takes no grades for {headers[column]!r}, which is anonymous, "
                "before its grades are posted",
            )
        most = number(written) or None
    found = find(grades, book.rows(), book.logins())
    notes += found.notes
    graded = 0
    for row, each in sorted(found.grades.items()):
        kept = table.value(row, column).strip().upper() if column < len(headers) else ""
        if kept in _KEPT:
            notes.append(f"{table.value(row, 0)}: {_KEPT[kept]} in Canvas; not written")
            continue
        scale = Fraction(each.points) if most is None else most
        changes[row, column] = decimal(scaled(each.earned, each.points, scale), comma=comma)
        graded += 1
    notes += _scales(grades, most)
    missing = len(book.rows()) - len(found.grades)
    if missing:
        notes.append(f"{plural(missing, 'row')} left without a grade")
    return Written(table.changed(changes), graded, tuple(notes), found.missed)


def feedback_zip(grades: Sequence[Grade], handed_in: Mapping[str, Sequence[str]]) -> Written:
    """The grades' documents in a zip for Canvas's re-upload of submissions, each under the name of
    the file that the student handed in.

    `handed_in` has the paths of each student's files in the download. Canvas finds student and file
    by the numbers in the name, and shows the document under the name that the student's file had:
    so a text goes back for a text, and nothing for a PDF.
    """
    files: dict[str, bytes] = {}
    notes: list[str] = []
    for each in grades:
        paths = handed_in.get(each.sender.student, ())
        theirs = [found for path in paths if (found := attached(path))]
        texts = [found for found in theirs if found.file.lower().endswith(_TEXTS)]
        if texts and each.documents:
            last = max(texts, key=lambda found: int(found.attachment))
            files[_reuploaded(last)] = next(iter(each.documents.values()))
            continue
        if not each.documents:
            why = "there is no report as a text"
        elif theirs:
            why = "Canvas would give the report the name of their file, which is no text"
        elif paths:
            why = "a text typed online has no file to go back to"
        else:
            why = "no file in the download is theirs"
        notes.append(f"{who(each.sender)}: {why}; no feedback file")
    return Written(packed(files), len(files), tuple(notes), len(grades) - len(files))


def _reuploaded(found: Attached) -> str:
    """A name by which Canvas finds the file: after the student's name, which is for people, the
    first two numbers between `_` count; a last word that begins with link is not taken."""
    name = found.name.replace("_", "")
    before = "" if name.isdecimal() or name == "anon" or not name else f"{name}_"
    file = found.file if not found.file.rpartition("_")[2].startswith("link") else "answers.txt"
    if found.user.startswith("anon_"):
        before = ""
    return f"{before}{found.user}_{found.attachment}_{file_name(file)}"


def _assignment(headers: list[str], wanted: str, source: str, create: bool) -> int:
    """The column of an assignment by its title, its id, or both."""
    found = {column: _ASSIGNMENT.fullmatch(text) for column, text in enumerate(headers)}
    named = {column: each for column, each in found.items() if each}
    plain = wanted.strip().casefold()
    columns = [
        column
        for column, each in named.items()
        if plain in (headers[column].casefold(), each["title"].casefold(), each["id"])
    ]
    if len(columns) == 1:
        _check_title(headers[columns[0]], source)
        return columns[0]
    if columns:
        several = ", ".join(headers[column] for column in columns)
        raise InputError(source, f"several assignments are called {wanted!r}: {several}")
    if create and plain:
        _check_title(wanted, source)
        if plain in map(str.casefold, headers):
            raise InputError(source, f"there is a column {wanted!r} already: choose another title")
        if _ASSIGNMENT.fullmatch(wanted):
            raise InputError(
                source, f"Canvas would take the number in brackets of {wanted!r} for its own"
            )
        return len(headers)
    all_of_them = ", ".join(headers[column] for column in named) or "none"
    raise InputError(
        source, f"there is no assignment {wanted!r} in this gradebook; there are: {all_of_them}"
    )


def _check_title(title: str, source: str) -> None:
    """InputError for words that make Canvas's import pass over a column, wherever they stand."""
    word = next((word for word in _PASSED_OVER if word in title), "")
    if word:
        raise InputError(
            source,
            f"Canvas's import passes over the column {title!r}, for {word!r} is reserved: give the "
            "assignment another title in Canvas",
        )


def _scales(grades: Sequence[Grade], most: Fraction | None) -> list[str]:
    if most is None:
        return ["Canvas has no points for this assignment: grades are written unscaled"]
    return [
        f"{points} points are {decimal(most)} in Canvas: grades are scaled"
        for points in sorted({each.points for each in grades})
        if Fraction(points) != most
    ]
