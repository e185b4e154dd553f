"""What Moodle and Canvas do with a file that is uploaded, as far as it decides what is taken.

These are models of the conditions in their importers: Moodle's csv_import_reader and those of its
offline worksheet and of feedback zips, Canvas's GradebookImporter and its re-upload of submissions.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


class Refused(Exception):
    """The whole file is."""


# --- Moodle -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Assignment:
    """A Moodle assignment: its participants by number, and what stands there already."""

    participants: Collection[str]
    most: float = 24.0
    grades: Mapping[str, float] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    locked: Collection[str] = ()
    graded_since: Collection[str] = ()  # after the worksheet was downloaded
    comma: bool = False  # whether the site writes decimal commas


def php_rows(text: str) -> list[list[str]]:
    """fgetcsv with its escape character: behind a backslash a quote does not end a cell, and both
    stay."""
    rows: list[list[str]] = []
    row: list[str] = []
    at = 0
    while at < len(text):
        cell = ""
        quoted = re.match(r'[ \t]*(?=")', text[at:])
        at += quoted.end() if quoted else 0
        if text[at] == '"':
            at += 1
            while at < len(text):
                if text[at] == "\\" and at + 1 < len(text):
                    cell += text[at : at + 2]
                    at += 2
                elif text.startswith('""', at):
                    cell += '"'
                    at += 2
                elif text[at] == '"':
                    at += 1
                    break
                else:
                    cell += text[at]
                    at += 1
        while at < len(text) and text[at] not in ",\n":
            cell += text[at]
            at += 1
        row.append(cell)
        if at == len(text) or text[at] == "\n":
            rows.append(row)
            row = []
        elif at + 1 == len(text):
            rows.append([*row, ""])
        at += 1
    return [row for row in rows if row != [""]]


def moodle_worksheet(data: bytes, site: Assignment) -> tuple[dict[str, float], dict[str, str]]:
    """The grades and the comments that an uploaded worksheet sets, by participant."""
    text = re.sub(r"\r\n?", "\n", data.decode("utf-8-sig")).strip()
    rows = php_rows(text)
    if any(len(row) != len(rows[0]) for row in rows):
        raise Refused("csvweirdcolumns")
    header = rows[0]
    wanted = ("Identifier", "Grade", "Last modified (grade)")
    if any(name not in header for name in wanted):
        raise Refused("invalidgradeimport")
    identifier, grade, _ = map(header.index, wanted)
    comment = header.index("Feedback comments") if "Feedback comments" in header else 0
    grades: dict[str, float] = {}
    comments: dict[str, str] = {}
    for row in rows[1:]:
        who = row[identifier][len("Participant ") :]
        if who not in site.participants or who in site.graded_since:
            continue
        value = _unformatted(row[grade], site.comma)
        if (
            value is not None
            and value != site.grades.get(who)
            and 0 <= value <= site.most
            and who not in site.locked
        ):
            grades[who] = value
        if comment and row[comment] != site.comments.get(who, ""):
            comments[who] = row[comment]
    return grades, comments


def _unformatted(text: str, comma: bool) -> float | None:
    """unformat_float: the site's decimal sign becomes a point, and the rest is cut off."""
    plain = text.replace(" ", "").replace(",", ".") if comma else text.replace(" ", "")
    found = re.match(r"-?\d+(\.\d+)?", plain)
    return float(found[0]) if found else 0.0 if plain else None


def moodle_feedback(data: bytes, site: Assignment) -> dict[str, dict[str, bytes]]:
    """The feedback files that an uploaded zip sets, by participant and name."""
    found: dict[str, dict[str, bytes]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            parts = info.filename.split("/")
            if parts[-1].startswith((".", "~")) or not parts[-1]:
                continue
            while parts:
                pieces = parts.pop(0).split("_", 4)
                if len(pieces) < 4 or not re.fullmatch(r"\s*\d+", pieces[1]):
                    continue
                who = str(int(pieces[1]))
                if who in site.participants and pieces[2:4] == ["assignfeedback", "file"]:
                    rest = "/".join([*pieces[4:], *parts])
                    found.setdefault(who, {})[rest] = archive.read(info)
                    break
    return found


# --- Canvas -------------------------------------------------------------------------------------

_NOT_ASSIGNMENTS = re.compile(
    "Current Score|Current Points|Current Grade|Final Score|Final Points|Final Grade|"
    "Override Score|Override Grade|Override Status"
)


@dataclass(frozen=True)
class Course:
    """A Canvas course: its students' names by number, and its assignments' titles by number."""

    students: Mapping[int, str]
    assignments: Mapping[int, str]


def canvas_gradebook(data: bytes, course: Course) -> dict[str, dict[int, str]]:
    """The grades that an uploaded gradebook sets, by the assignment's title and the student."""
    text = data.decode("utf-8")
    delimiter = _delimiter(text.splitlines()[:3])
    rows = [
        [_with_point(cell) for cell in row]
        for row in csv.reader(io.StringIO(text), delimiter=delimiter)
        if row and not re.fullmatch(r"[;, ]+", delimiter.join(row))
    ]
    header = rows[0]
    if not (len(header) > 3 and "Student" in header[0] and "ID" in header[1]):
        raise Refused("Invalid header row")
    known = {"SIS User ID", "SIS Login ID", "Integration ID", "Root Account"}
    told = 2 + sum(name in known for name in header)
    if "Section" not in header[told]:
        raise Refused("Invalid header row")
    columns: dict[str, int] = {}
    for name in header[told + 1 :]:
        if not _NOT_ASSIGNMENTS.search(name):
            titled = re.fullmatch(r"(.*)\s\((\d+)\)", name)
            known_title = course.assignments.get(int(titled[2])) if titled else None
            title = known_title or (titled[1] if titled else name)
            columns[title] = header.index(name)
    points: list[str] = []
    found: dict[str, dict[int, str]] = {}
    for row in rows[1:]:
        if "Points Possible" in row[0]:
            points = row
        elif not all(re.fullmatch(r"(?i)\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row):
            number = int(row[1]) if row[1].isdecimal() else None
            by_name = (key for key, name in course.students.items() if name == row[0])
            student = number if number in course.students else next(by_name, None)
            for title, column in columns.items():
                if student is not None and not re.search(r"read\s+only", points[column]):
                    found.setdefault(title, {})[student] = row[column].strip()
    return found


def _delimiter(lines: list[str]) -> str:
    """Of `;` and `,` the one that parts the first lines into more cells, as many in each."""
    counts = dict.fromkeys(";,", 0)
    for sign in counts:
        sizes = {len(next(csv.reader([line], delimiter=sign), [])) for line in lines}
        counts[sign] = sizes.pop() if len(sizes) == 1 else 0
    return ";" if counts[";"] > counts[","] else ","


def _with_point(cell: str) -> str:
    if not re.fullmatch(r"-?[0-9.,]+%?", cell):
        return cell
    *before, last = re.split(r"[,.]", cell)
    return f"{''.join(before)}.{last}" if before else last


def canvas_feedback(
    data: bytes, attachments: Mapping[tuple[str, str], str], groups: Collection[str] = ()
) -> dict[str, tuple[str, bytes]]:
    """The files that an uploaded zip of submissions attaches, by user: the name that is shown, and
    what is in it. `attachments` has the names of what was handed in, by user and number."""
    found: dict[str, tuple[str, bytes]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            name = info.filename.rpartition("/")[2]
            group = next((each for each in groups if name.startswith(f"{each}_")), None)
            if group is not None:
                name = name.removeprefix(f"{group}_")
            pieces = [piece for piece in name.split("_") if piece != "LATE"]
            if pieces[0] == "anon":
                user, attachment = f"anon_{pieces[1]}", pieces[2]
            else:
                user, attachment = (
                    [*filter(lambda piece: re.fullmatch("[0-9]+", piece), pieces), "", ""]
                )[:2]
            if pieces[-1].startswith("link") or name.startswith("._"):
                continue
            if (user, attachment) in attachments:
                found[user] = (attachments[user, attachment], archive.read(info))
    return found
