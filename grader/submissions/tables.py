"""Tables of submissions: CSV, JSON lines, Parquet; a row a submission, or a row an answer.

    sheet,student,q1.relu_bracket,q1.sizes.W1        wide: a column an answer
    sheet,student,entry,answer                       long: the rows of a submission together

Other columns that are known: email, name, lms_id, participant, attempt, submitted_at. A row of
JSON lines may also be a form: {"sheet": ..., "q1": {"relu_bracket": ...}}.
Rows are read as they are needed, so that a table of any length takes the memory of a short one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from generator.model.delimited import way_of_writing
from generator.model.errors import InputError
from grader.submissions import json_lines, parquet
from grader.submissions.received import YEARS, Received, Refused, Sender
from grader.submissions.sizes import FORM
from grader.submissions.trees import textual

KINDS = ("csv", "jsonl", "parquet")
_SENDER = ("student", "email", "name", "lms_id", "participant")
KNOWN = frozenset(("sheet", *_SENDER, "attempt", "submitted_at", "entry", "answer"))
_COMMON = ("sheet", *_SENDER, "attempt", "submitted_at")
_PLAIN = (*_COMMON, "entry")
_ENTRIES = 20_000
_HEAD = 2**16
Row = tuple[int, Mapping[str, Any]]  # its line or number, and its cells
_encoder = msgspec.json.Encoder(order="sorted")
_ISO = re.compile(r"\d{4}-[\dW]|\d{8}(?:[T ]|\Z)")


def submissions(path: Path, kind: str, label: str, zone: tzinfo) -> Iterator[Received | Refused]:
    """The submissions in a table, in the order of its rows. `zone` is that of times without one.

    InputError where the table as a whole cannot be used; a bad row is refused and costs only
    itself.
    """
    first = next(_good(rows(path, kind, label)), None)
    if first is None:
        yield from (each for each in rows(path, kind, label) if isinstance(each, Refused))
        return
    long = {"entry", "answer"} <= first[1].keys()
    if long:
        _check_together(path, kind, label)
    yield from (_long if long else _wide)(rows(path, kind, label), label, zone)


def rows(path: Path, kind: str, label: str) -> Iterator[Row | Refused]:
    """The rows of a table with the names of their columns; those that cannot be read, refused."""
    readers: dict[str, Callable[[Path, str], Iterator[Row | Refused]]] = {
        "csv": _csv_rows,
        "jsonl": lambda path, label: json_lines.rows(path, label, _PLAIN),
        "parquet": _parquet_rows,
    }
    return readers[kind](path, label)


def _wide(table: Iterator[Row | Refused], label: str, zone: tzinfo) -> Iterator[Received | Refused]:
    unknown: set[str] = set()
    for row in table:
        if isinstance(row, Refused):
            yield row
            continue
        number, cells = row
        source = f"{label}:{number}"
        form: dict[str, Any] = {}
        try:
            for column, value in cells.items():
                if value is None or value == "" or column in KNOWN:
                    continue
                if isinstance(value, dict) and "." not in column:
                    if column in form:
                        raise ValueError(f"{column[:60]!r}: there are answers to it already")
                    form[column] = _answers(value)
                elif "." in column:
                    _put(form, column, value)
                elif column not in unknown:
                    unknown.add(column)
                    yield _left_out(label, column)
            if cells.get("entry") or cells.get("answer"):
                raise ValueError("this row is an answer, the first one a submission: keep to one")
            if form or any(value not in (None, "") for value in cells.values()):
                yield _received(form, cells, source, zone)
        except ValueError as error:
            yield Refused(source, str(error), _sender(cells))


def _long(table: Iterator[Row | Refused], label: str, zone: tzinfo) -> Iterator[Received | Refused]:
    unknown: set[str] = set()
    for _, group in groupby(_split(table), key=lambda each: each[0]):
        form: dict[str, Any] = {}
        start: Row | None = None
        trouble = ""
        for count, (_, row) in enumerate(group):
            if isinstance(row, Refused):
                yield row
                continue
            start = start or row
            try:
                if count >= _ENTRIES:
                    raise ValueError("this has more entries than any form")
                for column in row[1].keys() - KNOWN - unknown:
                    if "." in column or isinstance(row[1][column], dict):
                        raise ValueError(
                            f"{column[:60]!r} is an answer beside `entry` and `answer`: keep to one"
                        )
                    unknown.add(column)
                    yield _left_out(label, column)
                if (answer := row[1].get("answer")) not in (None, ""):
                    _put(form, str(row[1].get("entry") or ""), answer)
            except ValueError as error:
                trouble = trouble or f"row {row[0]}: {error}"
        if start is None:
            continue
        source = f"{label}:{start[0]}"
        try:
            if trouble:
                raise ValueError(trouble)
            yield _received(form, start[1], source, zone)
        except ValueError as error:
            yield Refused(source, str(error), _sender(start[1]))


def _left_out(label: str, column: str) -> Refused:
    reason = "no column of a table of answers: it is left out, in all rows"
    return Refused(f"{label}: column {column[:60]!r}", reason)


def _split(table: Iterator[Row | Refused]) -> Iterator[tuple[tuple[Any, ...], Row | Refused]]:
    """Each row beside what tells its submission from others; a refused one is with those before."""
    identity: tuple[Any, ...] = ()
    for row in table:
        if not isinstance(row, Refused):
            identity = _identity(row[1])
        yield identity, row


def _identity(cells: Mapping[str, Any]) -> tuple[Any, ...]:
    """What the rows of one submission have in common."""
    return tuple(map(cells.get, _COMMON))


def _check_together(path: Path, kind: str, label: str) -> None:
    """InputError where the rows of one submission are apart: half of it would be graded."""
    seen: set[str] = set()
    before: tuple[Any, ...] = ()
    for number, cells in _good(rows(path, kind, label)):
        identity = _identity(cells)
        if identity == before:
            continue
        if repr(identity) in seen:
            sheet = identity[0] or identity[1]
            raise InputError(
                f"{label}:{number}",
                f"rows of sheet {sheet!r} also stand further up: sort the table, so that the "
                "rows of a submission are together",
            )
        seen.add(repr(identity))
        before = identity


def _good(table: Iterator[Row | Refused]) -> Iterator[Row]:
    return (row for row in table if not isinstance(row, Refused))


def _put(form: dict[str, Any], place: str, value: Any) -> None:
    """Put an answer at `slot.part` or `slot.part.field`. ValueError where there is no such place,
    or an answer already."""
    names = [name.strip() for name in place.split(".")]
    if not 2 <= len(names) <= 3 or not all(names):
        raise ValueError(f"{place[:60]!r} is no place of an answer, as q1.min_units is")
    tree = form
    for name in names[:-1]:
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise ValueError(f"{place[:60]!r}: there is an answer to {name!r} as a whole already")
    if names[-1] in tree:
        raise ValueError(f"{place[:60]!r} stands twice")
    tree[names[-1]] = value if isinstance(value, str) else _answer(place, value)


def _answer(place: str, value: Any) -> Any:
    """An answer that a table does not hold as text. ValueError where it cannot be one."""
    if isinstance(value, date | time | timedelta):
        raise ValueError(f"{place[:60]!r} holds a date or a time: make it a column of text")
    if isinstance(value, bytes):
        raise ValueError(f"{place[:60]!r} holds bytes that are not UTF-8")
    return textual({place: value})[place]


def _answers(given: dict[str, Any]) -> dict[str, Any]:
    """The answers to one exercise as text, without blanks; most are just that."""
    for answer in given.values():
        if type(answer) is not str or not answer:
            return _without_blanks(textual(given))
    return given


def _without_blanks(tree: dict[str, Any]) -> dict[str, Any]:
    deeper = {k: _without_blanks(v) if isinstance(v, dict) else v for k, v in tree.items()}
    return {key: value for key, value in deeper.items() if value not in ("", {})}


def _received(
    form: dict[str, Any], cells: Mapping[str, Any], source: str, zone: tzinfo
) -> Received:
    """The row as a JSON form in its one spelling: keys sorted, blanks left out."""
    sender = _sender(cells)
    if sheet := _cell(cells, "sheet"):
        form["sheet"] = sheet
    if sender.student:
        form["student"] = sender.student
    content = _encoder.encode(form)
    if len(content) > FORM:
        raise ValueError("this is too large for a form (at most 1 MB)")
    attempt = _cell(cells, "attempt")
    if attempt and not (attempt.isascii() and attempt.isdigit() and len(attempt) < 10):
        raise ValueError(f"attempt: a whole number is expected, not {attempt[:60]!r}")
    return Received(
        source=source,
        content=content,
        format=".json",
        sender=sender,
        at=_time(cells.get("submitted_at"), zone),
        attempt=int(attempt) if attempt else None,
    )


def _sender(cells: Mapping[str, Any]) -> Sender:
    return Sender(**{name: _cell(cells, name) for name in _SENDER if name in cells})


def _cell(cells: Mapping[str, Any], name: str) -> str:
    value = cells.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a column of numbers in which some are missing
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    return "" if value is None else str(value).strip()


def _time(value: Any, zone: tzinfo) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        text = str(value).strip()
        if isinstance(value, int | float) or not _ISO.match(text):
            raise ValueError(text)  # 1780012800000 would be read as a day in 1780
        at = value if isinstance(value, datetime) else datetime.fromisoformat(text)
        if at.year not in YEARS:
            raise ValueError(text)
    except ValueError:
        raise ValueError(
            f"submitted_at: a time as in 2026-12-01T23:59 is expected, not {str(value)[:60]!r}"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _csv_rows(path: Path, label: str) -> Iterator[Row | Refused]:
    csv.field_size_limit(max(csv.field_size_limit(), FORM))
    with path.open("rb") as start:
        written = way_of_writing(start.read(_HEAD))
    wide = written.encoding != "utf-8"
    errors = "replace" if wide else "surrogateescape"
    with path.open(encoding=written.encoding, errors=errors, newline="") as file:
        file.read(1 if written.mark else 0)
        table = csv.reader(file, delimiter=written.delimiter, strict=True)
        try:
            if written.stated:
                next(table)
            columns = _columns(next(table, []), f"{label}:{max(1, table.line_num)}")
            for row in table:
                if not any(row):
                    continue
                if len(row) != len(columns):
                    reason = f"{len(row)} cells under {len(columns)} columns"
                    yield Refused(f"{label}:{table.line_num}", reason)
                elif wide and any("\ufffd" in cell for cell in row):
                    yield Refused(f"{label}:{table.line_num}", "UTF-16 that is damaged or cut off")
                elif not _is_text("".join(row)):
                    yield Refused(f"{label}:{table.line_num}", "not UTF-8: save it as UTF-8")
                else:
                    yield table.line_num, dict(zip(columns, row, strict=True))
        except csv.Error as error:
            reason = f"this is not CSV: {error}; nothing is read from here on"
            yield Refused(f"{label}:{table.line_num}", reason)


def _is_text(cells: str) -> bool:
    """Whether there is no byte in it that could not be decoded."""
    return cells.isascii() or not any("\udc80" <= c <= "\udcff" for c in cells)


def _columns(header: list[str], place: str, nested: Collection[str] = ()) -> list[str]:
    """The names of the columns, which stand at `place`. InputError where they are not those of a
    table of answers. `nested` are those that hold more than one value."""
    columns = [_column(name) for name in header]
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        raise InputError(place, f"the column {twice[:60]!r} stands twice")
    if not {"sheet", *_SENDER} & set(columns):
        raise InputError(place, f"no column tells whose a row is: sheet, {_SENDER[0]}, ...")
    if several := next((name for name in _PLAIN if name in nested), None):
        raise InputError(place, f"{several}: a text or a number is expected, not several")
    answers = [name for name in columns if "." in name or name in nested]
    long = [name for name in ("entry", "answer") if name in columns]
    if len(long) == 1:
        raise InputError(place, f"there is a column {long[0]!r}, but not both of entry and answer")
    if not answers and not long:
        raise InputError(place, "no column holds answers: q1.min_units, ..., or entry and answer")
    if [name for name in answers if name != "answer"] and long:
        raise InputError(
            place,
            f"there are columns entry and answer, and also {answers[0][:60]!r}: a row is a "
            "submission or an answer, not both",
        )
    return columns


def _column(name: str) -> str:
    """The names of known columns in lower case, with `_` for spaces; others as they are."""
    plain = "_".join(name.strip().lower().split())
    return plain if plain in KNOWN else name.strip()


def _parquet_rows(path: Path, label: str) -> Iterator[Row | Refused]:
    header = parquet.header(path, label)
    nested = [_column(name) for name in header if header[name]]
    columns = _columns(list(header), f"{label}:1", nested)
    for number, values in enumerate(parquet.rows(path, label), 1):
        yield number, dict(zip(columns, values, strict=True))
