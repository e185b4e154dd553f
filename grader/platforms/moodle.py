"""Moodle: the grading worksheet filled in, feedback files, and grades for its gradebook.

The headers of a worksheet are in the language of its site. Columns are found by what their headers
are called in many languages, else by what stands in them and where.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from generator.model.errors import InputError
from grader.matching import spellings
from grader.platforms import Written
from grader.platforms.cells import Table, decimal, number, parse, scaled
from grader.platforms.finding import find
from grader.platforms.packing import file_name, packed
from grader.reports import plural
from grader.submissions.received import Grade, Sender
from grader.summaries import csv_text, harmless

_GRADE = frozenset(
    (
        "grade", "bewertung", "note", "calificación", "valutazione", "voto", "cijfer",
        "beoordeling", "nota", "betyg", "karakter", "vurdering", "arvosana", "arviointi", "ocena",
        "známka",
        "hodnotenie", "hodnocení", "értékelés", "osztályzat", "оценка", "оцінка", "not", "βαθμός",
        "成绩", "分数", "評点", "評定", "성적", "الدرجة", "qualificació", "kalifikazioa",
        "cualificación", "ocjena", "notă", "ציון",
    )
)  # fmt: skip
_COMMENTS = frozenset(
    (
        "feedback comments", "feedback als kommentar", "feedback-kommentare", "kommentare",
        "commentaires de feedback", "feedback par commentaires", "commentaires",
        "comentarios de retroalimentación", "comentarios de realimentación", "comentarios",
        "commenti di feedback", "commenti", "feedback opmerkingen", "feedbackopmerkingen",
        "opmerkingen", "comentários de feedback", "comentários", "feedback kommentarer",
        "kommentarer", "palautekommentit", "komentarze zwrotne", "komentarz zwrotny", "komentarze",
        "komentář", "komentáře", "отзыв в виде комментария", "комментарии",
        "відгук у вигляді коментаря",
        "geri bildirim yorumları", "フィードバックコメント", "反馈评语", "反馈评论", "피드백 설명",
    )
)  # fmt: skip
_NAME = frozenset(
    (
        "full name", "vollständiger name", "nom complet", "nombre completo", "nome completo",
        "cognome e nome", "volledige naam", "fullständigt namn", "fulde navn", "fullt navn",
        "koko nimi", "imię i nazwisko", "celé jméno", "полное имя", "полное имя / имя пользователя",
        "teljes név", "adı soyadı", "姓名", "氏名", "姓 / 名", "성명",
    )
)  # fmt: skip
_NO = frozenset(
    (
        "no", "nein", "non", "nee", "nej", "nei", "não", "ei", "nie", "ne", "нет", "ні", "hayır",
        "nem", "nu", "όχι", "否", "不", "いいえ", "아니오", "لا", "לא", "ez",
    )
)  # fmt: skip
# What Moodle sets around the name of a participant whose enrolment is suspended.
_SUSPENDED = re.compile(r'<span class="usersuspended">|<(?:img|i) [^<>]*>|</i>|</span>\Z')
_IDENTIFIER = re.compile(r"\D*?(\d{1,18})\s*")
_WRITTEN_DATE = re.compile(r".*\d{4}.*\d{1,2}[:.]\d{2}.*", re.DOTALL)


@dataclass(frozen=True)
class Worksheet:
    """A grading worksheet and where its columns are; None where it has none of a kind."""

    table: Table
    grade: int
    most: int
    name: int | None
    email: int | None
    comments: int | None

    def rows(self, ids: frozenset[str] = frozenset()) -> dict[int, Sender]:
        """Who each row is of; `ids` are those of the roster, by which their column is found."""
        students = self._id_column(ids)
        return {
            row: Sender(
                participant=self.participant(row),
                name=_SUSPENDED.sub(" ", self._cell(row, self.name)).strip(),
                email=self._cell(row, self.email),
                student=self._cell(row, students),
            )
            for row in self._filled()
        }

    def participant(self, row: int) -> str:
        """The number in `Participant 12`, in whatever language."""
        found = _IDENTIFIER.fullmatch(self.table.value(row, 0))
        return found[1] if found else ""

    def locked(self, row: int) -> bool:
        """Whether the platform will not take another grade here."""
        behind = range(self.most + 1, min(self.most + 3, len(self.table.rows[0])))
        # The second one where there is a marking workflow, whose state stands before.
        return any(self.table.value(row, column).strip().casefold() in _NO for column in behind)

    def _filled(self) -> list[int]:
        width = len(self.table.rows[0])
        return [r for r, row in enumerate(self.table.rows) if r and len(row) == width]

    def _cell(self, row: int, column: int | None) -> str:
        return "" if column is None else self.table.value(row, column).strip()

    def _id_column(self, ids: frozenset[str]) -> int | None:
        used = {0, self.name, self.email}
        hits = {
            column: sum(self._cell(row, column) in ids for row in self._filled())
            for column in range(1, self.grade)
            if column not in used
        }
        best = max(hits, key=lambda column: hits[column], default=None)
        return best if best is not None and hits[best] else None


def read_worksheet(data: bytes, source: str, *, grade: str = "", comments: str = "") -> Worksheet:
    """A grading worksheet. `grade` and `comments` name the headers of their columns where they are
    not found without.

    InputError where it is none, or where a column is not found.
    """
    table = parse(data, source)
    if not table.rows:
        raise InputError(source, "this is empty: a grading worksheet is expected")
    headers = [table.value(0, column).strip().casefold() for column in range(len(table.rows[0]))]
    identifiers = [value for value in table.column(0) if value.strip()]
    if not identifiers or not all(map(_IDENTIFIER.fullmatch, identifiers)):
        raise InputError(
            source,
            "not a grading worksheet of Moodle: its first column holds Participant 1, ...; "
            "choose `Download grading worksheet` in the assignment",
        )
    place = _named(headers, grade, source) if grade else _grade_column(table, headers)
    if place is None:
        raise InputError(
            source,
            f"no column of grades is found among {', '.join(headers)}: name it by --grade-column; "
            "the maximum beside it must be a number, so that grades by a scale are not written",
        )
    if place + 1 >= len(headers) or not _constant(table, place + 1):
        raise InputError(
            source, "no maximum grade stands beside the grade: is it graded by a scale?"
        )
    return Worksheet(
        table,
        place,
        place + 1,
        _name_column(table, headers, place),
        _email_column(table, place),
        _named(headers, comments, source) if comments else _comments_column(table, headers, place),
    )


def people(data: bytes, source: str) -> dict[str, Sender]:
    """Who stands behind the participants' numbers of one assignment, by its worksheet."""
    return {each.participant: each for each in read_worksheet(data, source).rows().values()}


def fill_worksheet(
    data: bytes, grades: Sequence[Grade], source: str, *, grade: str = "", comments: str = ""
) -> Written:
    """The worksheet with grades and feedback; every other byte stays as it is."""
    sheet = read_worksheet(data, source, grade=grade, comments=comments)
    rows = sheet.rows(frozenset(each.sender.student for each in grades) - {""})
    found = find(grades, rows)
    notes = list(found.notes)
    changes: dict[tuple[int, int], str] = {}
    scales: set[str] = set()
    graded = 0
    for row, each in sorted(found.grades.items()):
        if sheet.locked(row):
            notes.append(f"{sheet.table.value(row, 0)}: the grade is locked in Moodle; not written")
            continue
        written = sheet.table.value(row, sheet.most)
        most = number(written) or Fraction(0)
        if most != Fraction(each.points):
            scales.add(f"{each.points} points are {written.strip()} in Moodle: grades are scaled")
        points = scaled(each.earned, each.points, most)
        changes[row, sheet.grade] = decimal(points, comma="," in written)
        graded += 1
        feedback = each.feedback_html or _paragraphs(each.feedback)
        if sheet.comments is not None and feedback:
            # PHP reads a quote behind a backslash in its own way.
            changes[row, sheet.comments] = harmless(
                feedback.replace('\\"', "\\&quot;"), inside=False
            )  # entities end in semicolons
    notes += sorted(scales)
    if sheet.comments is None:
        notes.append("no column of feedback comments: only grades are written")
    missing = [sheet.table.value(row, 0) for row in rows if row not in found.grades]
    if missing:
        shown = ", ".join(missing[:10]) + (", ..." if len(missing) > 10 else "")
        notes.append(f"{plural(len(missing), 'row')} left without a grade: {shown}")
    return Written(sheet.table.changed(changes), graded, tuple(notes), found.missed)


def feedback_zip(data: bytes, grades: Sequence[Grade], source: str) -> Written:
    """The grades' documents as feedback files, in a zip for `Upload multiple feedback files`.

    The worksheet tells the participants' numbers.
    """
    sheet = read_worksheet(data, source)
    rows = sheet.rows(frozenset(each.sender.student for each in grades) - {""})
    found = find(grades, rows)
    files: dict[str, bytes] = {}
    graded = 0
    for row, each in sorted(found.grades.items()):
        graded += bool(each.documents)
        for name, document in sorted(each.documents.items()):
            files[f"{_folder(rows[row])}/{file_name(name)}"] = document
    return Written(packed(files), graded, found.notes, found.missed)


def gradebook(grades: Sequence[Grade], item: str) -> Written:
    """Grades for the import of Moodle's gradebook, matched there by id number or address.

    Ids and addresses come from the course's own roster and stay as they are.
    """
    header = ("ID number", "Email address", harmless(f"{item} (Real)"))
    rows = [
        (each.sender.student, each.sender.email, decimal(Fraction(each.earned))) for each in grades
    ]
    return Written(("\ufeff" + csv_text([header, *rows])).encode(), len(rows))


def _folder(sender: Sender) -> str:
    """The folder that Moodle looks for: the name is for people, the number counts."""
    name = "".join(c for c in sender.name.replace("_", " ") if c not in "'\"/\\:*?<>|")
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return f"{plain or 'Participant'}_{sender.participant}_assignfeedback_file"


def _paragraphs(text: str) -> str:
    lines = html.escape(text.strip()).splitlines()
    return f"<p>{'<br>'.join(lines)}</p>" if lines else ""


def _named(headers: list[str], name: str, source: str) -> int:
    if headers.count(name.strip().casefold()) != 1:
        raise InputError(source, f"{name!r} is not one of its columns: {', '.join(headers)}")
    return headers.index(name.strip().casefold())


def _grade_column(table: Table, headers: list[str]) -> int | None:
    """The column before the one that has the same number in every row."""
    told = [
        place
        for place in range(1, len(headers) - 1)
        if headers[place] in _GRADE and _constant(table, place + 1)
    ]
    guessed = [
        place
        for place in range(2, len(headers) - 1)
        if _constant(table, place + 1)
        and all(not value.strip() or number(value) is not None for value in _column(table, place))
    ]
    return next(iter((*told, *guessed)), None)


def _constant(table: Table, column: int) -> bool:
    """Whether every row has the same number above 0 here."""
    values = {number(value) for value in _column(table, column)}
    return len(values) == 1 and bool(values.pop())


def _column(table: Table, column: int) -> list[str]:
    width = len(table.rows[0])
    return [table.value(r, column) for r, row in enumerate(table.rows) if r and len(row) == width]


def _email_column(table: Table, grade: int) -> int | None:
    for place in range(1, grade):
        values = [value for value in _column(table, place) if value.strip()]
        if values and sum("@" in value for value in values) * 2 > len(values):
            return place
    return None


def _name_column(table: Table, headers: list[str], grade: int) -> int | None:
    for place in range(1, grade):
        if headers[place] in _NAME:
            return place
    values = [value for value in _column(table, 1) if spellings(value)] if grade > 1 else []
    # A status says the same of many; names differ. With blind marking there are none.
    differ = len(set(values)) * 2 > len(values) and not any("@" in value for value in values)
    return 1 if grade > 2 and len(values) > 1 and differ else None


def _comments_column(table: Table, headers: list[str], grade: int) -> int | None:
    """By its name; else the last column, unless dates or signs for none stand in it."""
    for place in range(grade + 2, len(headers)):
        if headers[place] in _COMMENTS:
            return place
    last = len(headers) - 1
    values = _column(table, last)
    dated = any(value.strip() == "-" or _WRITTEN_DATE.fullmatch(value) for value in values)
    return last if last >= grade + 5 and not dated else None
