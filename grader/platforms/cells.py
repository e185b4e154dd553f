"""CSV files of others, in which some cells change and every other byte stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from generator.model.delimited import Written, decoded, way_of_writing
from generator.model.errors import InputError
from generator.model.values import decimals

_UNCHANGED = "use the file as it was downloaded, not as a spreadsheet saved it"
_LIMIT = 200 * 2**20
_NUMBER = re.compile(r"\s*\d{1,9}(?:[.,]\d{1,9})?\s*")


@dataclass(frozen=True)
class Table:
    """The cells of a CSV file as they are written, with their quotes, and the ends of its lines."""

    written: Written
    rows: tuple[tuple[str, ...], ...]
    ends: tuple[str, ...]

    def value(self, row: int, column: int) -> str:
        """What a cell says, without its quotes."""
        raw = self.rows[row][column]
        if not raw.startswith('"'):
            return raw
        inner, _, junk = raw[1:].rpartition('"')
        return inner.replace('""', '"') + junk

    def column(self, column: int, start: int = 1) -> list[str]:
        """What the cells of a column say, from row `start` on."""
        return [self.value(row, column) for row in range(start, len(self.rows))]

    def changed(self, cells: Mapping[tuple[int, int], str]) -> bytes:
        """The file with other values at some (row, column); a column just beyond the last is added
        to the rows named."""
        rows = [list(row) for row in self.rows]
        for (row, column), value in sorted(cells.items()):
            if column == len(rows[row]):
                rows[row].append("")
            rows[row][column] = self._written(value)
        written = self.written
        lines = (f"{written.delimiter.join(r)}{e}" for r, e in zip(rows, self.ends, strict=True))
        text = written.stated + "".join(lines)
        return written.mark + text.encode(written.encoding)

    def _written(self, value: str) -> str:
        special = any(c in value for c in ('"', "\n", "\r", self.written.delimiter))
        if not special and value == value.strip():
            return value
        return '"' + value.replace('"', '""') + '"'


def parse(data: bytes, source: str) -> Table:
    """The cells of a CSV file. InputError where it is not text, or a row has another number of
    cells than the first."""
    if len(data) > _LIMIT:
        raise InputError(source, "this is too large for a table of grades")
    try:
        text = decoded(data)
    except ValueError as error:
        raise InputError(source, f"{error}: {_UNCHANGED}") from None
    written = way_of_writing(data)
    text = text.removeprefix(written.stated)
    # PHP does not double a quote behind a backslash: tried where the usual way gives odd rows.
    for inside in ('[^"]|""', r'[^"\\]|\\.|""'):
        table = _cells(text, written, inside)
        if table is not None:
            return table
    raise InputError(
        source,
        f"not CSV: the rows have different numbers of cells (parted by {written.delimiter!r})",
    )


def _cells(text: str, written: Written, inside: str) -> Table | None:
    """The table, where all of its rows are as long as the first; else None."""
    delimiter = written.delimiter
    plain = f"[^{re.escape(delimiter)}\r\n]*"
    cell = re.compile(f'"(?:{inside})*+"{plain}|(?!"){plain}', re.DOTALL)
    rows: list[tuple[str, ...]] = []
    ends: list[str] = []
    row: list[str] = []
    place = 0
    while place < len(text):
        found = cell.match(text, place)
        if not found:
            return None
        row.append(found[0])
        place = found.end()
        if text.startswith(delimiter, place):
            place += 1
            if place < len(text):
                continue
            row.append("")
        end = text[place : place + 2] if text.startswith("\r\n", place) else text[place : place + 1]
        place += len(end)
        if rows and len(row) != len(rows[0]) and row != [""]:
            return None
        rows.append(tuple(row))
        ends.append(end)
        row = []
    return Table(written, tuple(rows), tuple(ends))


def number(text: str) -> Fraction | None:
    """A number of points with a decimal point or comma; None where it is none."""
    if not _NUMBER.fullmatch(text):
        return None
    return Fraction(text.strip().replace(",", "."))


def has_decimal_commas(table: Table, start: int = 1) -> bool:
    """Whether numbers in the rows from `start` on have a comma for the decimal point; where none
    has either, a table parted by semicolons is taken to."""
    values = [
        table.value(row, column)
        for row in range(start, len(table.rows))
        for column in range(len(table.rows[row]))
    ]
    numbers = [value for value in values if number(value) is not None]
    if any("," in value for value in numbers):
        return True
    return table.written.delimiter == ";" and not any("." in value for value in numbers)


def decimal(value: Fraction, *, comma: bool = False) -> str:
    """Points to two decimals, halves away from zero."""
    cents = int(decimals(value, 2) * 100)
    return f"{cents // 100}{',' if comma else '.'}{cents % 100:02}"


def scaled(earned: str, points: str, most: Fraction) -> Fraction:
    """What `earned` of `points` is on a scale up to `most`."""
    return Fraction(earned) * most / Fraction(points) if Fraction(points) else Fraction(0)
