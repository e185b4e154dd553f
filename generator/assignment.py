"""Assignments and rosters: what the instructor wrote, read into plain records.

title = "Recitation 12"                # required
name = "recitation12"                  # the folder it is built into; default: the file's name
course = "DS-GA 1003"
due = "2026-12-01"
instructions = "Show your work."
practice = true                        # no course secret: everyone can draw these sheets
paper = "letter"                       # default: "a4"
language = "de"                        # of the sheet's fixed words; default: "en"
logo = "logo.png"                      # a picture beside this file: PNG, JPEG or PDF
room = 0.5                             # to work in, beside what is usual: 0 (none) to 4; default: 1

[[exercise]]                           # one a question, in this order
name = "two_branch_backprop"           # `generator list` shows all
points = 10                            # default: what its parts are worth
count = 1                              # default 1
units = 4                              # any option of the exercise
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from pathlib import Path
from typing import Any

from generator import catalog
from generator.model.delimited import decoded, way_of_writing
from generator.model.errors import InputError
from generator.model.exercise import Exercise, Rejected
from generator.model.files import beginning
from generator.pictures import Picture, read_picture
from generator.sampling import Rng

MAX_FILE = 5_000_000
MAX_TEXT = 1_000
MAX_COUNT = 50
MAX_POINTS = 10_000
MAX_ROOM = 4
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_COLUMNS = ("id", "name", "email", "print_name")
PAPERS = ("a4", "letter")
LANGUAGES = ("en", "it", "de", "fr", "es")
_KEYS = (
    "title", "name", "course", "due", "instructions", "practice", "paper", "language", "logo",
    "room", "exercise",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One `[[exercise]]` of an assignment: an exercise, its options, its points, how many of it."""

    exercise: str
    options: Mapping[str, Any]
    points: Fraction | None = None  # None: what the parts are worth
    count: int = 1


@dataclass(frozen=True)
class Assignment:
    """What an assignment file says. `name` is the folder it is built into."""

    name: str
    title: str
    entries: tuple[Entry, ...]
    course: str = ""
    due: str = ""
    instructions: str = ""
    practice: bool = False
    paper: str = "a4"  # one of PAPERS
    language: str = "en"  # one of LANGUAGES
    logo: Picture | None = None
    room: Fraction = Fraction(1)  # left blank to work in, as a multiple of what is usual


@dataclass(frozen=True)
class Student:
    """A row of the roster. `print_name`, where there is one, is what stands on paper."""

    id: str
    name: str
    email: str = ""
    print_name: str = ""

    @property
    def shown_name(self) -> str:
        """The name as it stands on the sheet."""
        return self.print_name or self.name

    @property
    def file_name(self) -> str:
        """The id as the stem of a file: anything but letters, digits and `.@+-` becomes `_`."""
        safe = re.sub(r"[^\w.@+-]", "_", unicodedata.normalize("NFC", self.id))
        return beginning(safe).lstrip(".") or "_"


def read_assignment(path: Path) -> Assignment:
    """The assignment in a TOML file; InputError names the key at fault."""
    text = _decoded(path, _bytes(path), "save it as plain text in UTF-8")
    try:
        tree = tomllib.loads(text, parse_float=_number)
    except ValueError as error:
        raise InputError(path, f"not TOML: {error}") from None
    except RecursionError:
        raise InputError(path, "not TOML: brackets within brackets, too deep to be read") from None
    _known(path, "", tree, _KEYS)
    name = _text(path, tree, "name", default=path.stem)
    if not _SLUG.fullmatch(name):
        raise InputError(
            path, f"name: {name!r} is to be a folder: use letters, digits, '.', '_' and '-'"
        )
    entries = tree.get("exercise")
    if not isinstance(entries, list) or not entries:
        raise InputError(path, "exercise: at least one [[exercise]] table is expected")
    title = _text(path, tree, "title")
    if not title.strip():
        raise InputError(path, "title: a non-empty text is expected")
    return Assignment(
        name=name,
        title=title,
        entries=tuple(_entry(path, place, each) for place, each in enumerate(entries, start=1)),
        course=_text(path, tree, "course", default=""),
        due=_due(path, tree),
        instructions=_text(path, tree, "instructions", default="", limit=10_000),
        practice=_typed(path, "practice", tree.get("practice", False), bool),
        paper=_one_of(PAPERS, path, tree, "paper"),
        language=_one_of(LANGUAGES, path, tree, "language"),
        logo=_logo(path, tree),
        room=_room(path, tree),
    )


def _number(written: str) -> Fraction | float:
    """Exactly as it is written; a float where that has no end, or none worth waiting for: `inf`,
    `1e-999999999`. No key takes those."""
    value = float(written)
    if value == 0:
        return Fraction(0)
    return Fraction(written) if 1e-30 < abs(value) < 1e30 else value


def checked_options(kind: type[Exercise], options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an exercise, checked against `sample`'s signature and tried once.

    `level` stands for the options that it sets; others beside it go before. Raises ValueError
    naming the option, what was found and what is expected.
    """
    defaults = kind.options()
    if "level" in options:
        options = _without_level(kind, options)
    for key, value in options.items():
        if key not in defaults:
            near = difflib.get_close_matches(key, defaults, n=1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise ValueError(f"unknown option {key!r}{hint} It takes {', '.join(defaults)}")
        wanted = type(defaults[key])
        if type(value) is not wanted:
            raise ValueError(f"{key} = {_as_written(value)}: {_WORDS[wanted]} is expected")
    try:
        kind.sample(Rng(b"trial"), **options)
    except Rejected:
        pass
    except ValueError as error:
        named = [key for key in options if re.search(rf"\b{key}\b", str(error))]
        found = ", ".join(f"{key} = {_as_written(options[key])}" for key in named or options)
        raise ValueError(f"{error} (found {found})") from None
    return dict(options)


def _without_level(kind: type[Exercise], options: Mapping[str, Any]) -> dict[str, Any]:
    level, known = options["level"], kind.by_level()
    if type(level) is not int or level not in known:
        wanted = "1 (gentle), 2 (exam) or 3 (hard) is expected" if known else "it has no levels"
        raise ValueError(f"level = {_as_written(level)}: {wanted}")
    return known[level] | {key: value for key, value in options.items() if key != "level"}


def read_roster(path: Path) -> tuple[Student, ...]:
    """The students in a CSV file with the columns id, name and optionally email and print_name, in
    any order."""
    data = _bytes(path)
    text = _decoded(path, data, "save it as CSV in UTF-8")
    if not text.strip():
        raise InputError(path, "the file is empty; a first line such as id,name,email is expected")
    written = way_of_writing(data)
    file = io.StringIO(text, newline="")
    reader = csv.DictReader(file, delimiter=written.delimiter, strict=True)
    header = f"line {1 + bool(written.stated)}"
    try:
        if written.stated:
            next(reader.reader)
        rows = list(_rows(path, header, reader))
    except csv.Error as error:
        raise InputError(path, f"{header}: not CSV: {error}") from None
    columns = reader.fieldnames or ()
    for column in ("id", "name"):
        if column not in columns:
            found = ", ".join(sorted(filter(None, columns)))
            raise InputError(
                path, f"{header}: no column {column!r}; the columns found are: {found}"
            )
    students = [_student(path, line, row) for line, row in rows]
    if not students:
        raise InputError(path, "no students below the first line")
    _no_two_alike(path, [line for line, _ in rows], students)
    return tuple(students)


def _rows(
    path: Path, header: str, reader: csv.DictReader[str]
) -> Iterable[tuple[int, dict[str, str]]]:
    """The rows that are not empty, by line; their columns in lower case, without characters that
    nobody sees, such as zero-width spaces."""
    names = [_seen(name).lower() for name in reader.fieldnames or ()]
    twice = next((name for name in _COLUMNS if names.count(name) > 1), None)
    if twice:
        raise InputError(path, f"{header}: the column {twice!r} stands twice")
    reader.fieldnames = names
    for row in _parsed(path, reader):
        more = row.pop(None, None)
        if more and any(more):
            cells = f"{len(names) + len(more)} cells under {len(names)} columns"
            raise InputError(
                path, f"line {reader.line_num}: {cells}; put a name that has a comma in quotes"
            )
        plain = {key: _seen(value or "") for key, value in row.items()}
        if any(plain.values()):
            yield reader.line_num, plain


def _parsed(path: Path, reader: csv.DictReader[str]) -> Iterator[dict[Any, Any]]:
    """The rows; what is no CSV is told where its row begins, as an open quote takes in others."""
    while True:
        begins = reader.line_num + 1
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(
                path, f"line {begins}: not CSV: {error}; is a quote left open?"
            ) from None


def _seen(cell: str) -> str:
    return "".join(c for c in cell if unicodedata.category(c) != "Cf").strip()


def _student(path: Path, line: int, row: Mapping[str, str]) -> Student:
    student = Student(*(row.get(column, "") for column in _COLUMNS))
    for column, value in (("id", student.id), ("name", student.name)):
        if not value:
            raise InputError(path, f"line {line}: the {column} is empty")
    for column, value in vars(student).items():
        if len(value) > MAX_TEXT:
            raise InputError(path, f"line {line}: the {column} has over {MAX_TEXT} characters")
        odd = next((c for c in value if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")), None)
        if odd is not None:
            raise InputError(path, f"line {line}: the {column} has a control character ({odd!r})")
    return student


def _no_two_alike(path: Path, lines: list[int], students: list[Student]) -> None:
    """Ids must differ, and so must the files named after them, also where case does not count."""
    seen: dict[str, tuple[int, str]] = {}
    for line, student in zip(lines, students, strict=True):
        file = student.file_name.casefold()
        if file in seen:
            before, other = seen[file]
            used = f"is used already in line {before}"
            if student.id != other:
                used = f"and {other!r} in line {before} would name the same files"
            raise InputError(path, f"line {line}: the id {student.id!r} {used}")
        seen[file] = (line, student.id)


def _entry(path: Path, place: int, tree: Any) -> Entry:
    where = f"exercise {place}"
    if not isinstance(tree, dict):
        raise InputError(path, f"{where}: a table is expected: [[exercise]]")
    name = _text(path, tree, "name", where=where)
    try:
        kind = catalog.find(name)
    except InputError as error:
        raise InputError(path, f"{where}, name: {error.problem}") from None
    plain = catalog.name_of(kind)
    points = tree.get("points")
    if points is not None and not _are_points(points):
        raise InputError(
            path,
            f"{where} ({plain}), points: a number above 0 and up to {MAX_POINTS} is expected,"
            f" not {_as_written(points)}",
        )
    count = tree.get("count", 1)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_COUNT:
        raise InputError(
            path,
            f"{where} ({plain}), count: a whole number from 1 to {MAX_COUNT} is expected,"
            f" not {_as_written(count)}",
        )
    options = {key: value for key, value in tree.items() if key not in ("name", "points", "count")}
    try:
        return Entry(plain, checked_options(kind, options), points and Fraction(points), count)
    except ValueError as error:
        raise InputError(path, f"{where} ({plain}): {error}") from None


def _are_points(value: Any) -> bool:
    return type(value) in (int, Fraction) and 0 < value <= MAX_POINTS


_WORDS = {
    bool: "true or false",
    int: "a whole number",
    str: "a text",
    float: "a number",
    tuple: "a list",
}


def _as_written(value: Any) -> str:
    """A value as it stands in a TOML file, or nearly so."""
    match value:
        case bool():
            return str(value).lower()
        case Fraction():
            return f"{float(value):g}"
        case str():
            return repr(value)
    return str(value)


def _typed(path: Path, key: str, value: Any, wanted: type) -> Any:
    if type(value) is not wanted:
        raise InputError(path, f"{key}: {_WORDS[wanted]} is expected, not {_as_written(value)}")
    return value


def _text(
    path: Path,
    tree: Mapping[str, Any],
    key: str,
    *,
    default: str | None = None,
    where: str = "",
    limit: int = MAX_TEXT,
) -> str:
    shown = f"{where}, {key}" if where else key
    value = tree.get(key, default)
    if value is None:
        raise InputError(path, f"{shown}: missing; a text is expected")
    if isinstance(value, date | datetime | time):  # due = 2026-12-01 without quotes
        return str(value)
    text: str = _typed(path, shown, value, str)
    if len(text) > limit:
        raise InputError(path, f"{shown}: {len(text)} characters; at most {limit} are expected")
    return text


def _due(path: Path, tree: Mapping[str, Any]) -> str:
    """A date, or any other text; no date that no calendar has."""
    text = _text(path, tree, "due", default="")
    if re.match(r"\d{4}-\d\d-\d\d(?!\d)", text):
        try:
            date.fromisoformat(text[:10])
        except ValueError:
            raise InputError(path, f"due: there is no day {text[:10]}") from None
    return text


def _one_of(known: tuple[str, ...], path: Path, tree: Mapping[str, Any], key: str) -> str:
    """One of the known words; the first is the default."""
    word = _text(path, tree, key, default=known[0])
    if word not in known:
        raise InputError(path, f"{key}: {word!r} is none of {', '.join(known)}")
    return word


def _logo(path: Path, tree: Mapping[str, Any]) -> Picture | None:
    file = _text(path, tree, "logo", default="")
    if "logo" not in tree:
        return None
    try:
        return read_picture(path.parent / file)
    except InputError as error:
        raise InputError(path, f"logo: {file!r}: {error.problem}") from None


def _room(path: Path, tree: Mapping[str, Any]) -> Fraction:
    room = tree.get("room", 1)
    if type(room) not in (int, Fraction) or not 0 <= room <= MAX_ROOM:
        found = _as_written(room)
        raise InputError(path, f"room: a number from 0 to {MAX_ROOM} is expected, not {found}")
    return Fraction(room)


def _known(path: Path, where: str, tree: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in tree:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(keys)}"
            raise InputError(path, f"{where}{key}: unknown key{hint}")


def _decoded(path: Path, data: bytes, way_out: str) -> str:
    try:
        return decoded(data)
    except ValueError as error:
        raise InputError(path, f"{error}; {way_out}") from None


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise InputError(path, f"{size} bytes; at most {MAX_FILE} are expected")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(path, "there is no such file") from None
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
