"""What spreadsheets and editors write: text in one of two encodings, and tables of cells in it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

DELIMITERS = ",;\t"
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_PACKED = b"PK\3\4"
_STATED = re.compile(r'"?sep=(\\t|[^\w\s"\'\\]|\t)"?[ \t]*(\r\n|\r|\n|\Z)', re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


@dataclass(frozen=True)
class Written:
    """How a table is written: the mark at its beginning and the encoding that this tells, a first
    line that states the delimiter (`sep=;`, as Excel has it; with its end), and the delimiter."""

    mark: bytes
    encoding: str
    stated: str
    delimiter: str


def decoded(data: bytes) -> str:
    """The text in these bytes: UTF-8, or UTF-16 that says so. ValueError names the line of the
    first that is not."""
    if data.startswith(_PACKED):
        raise ValueError("this is a workbook, a document or an archive, not text")
    mark, encoding = _encoding(data)
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].decode(encoding, "replace").count("\n") + 1
        found = "this is not UTF-8"
        if encoding != "utf-8":
            found = "this begins as UTF-16 and is damaged or cut off here"
        raise ValueError(f"line {line}: {found}") from None


def way_of_writing(head: bytes) -> Written:
    """How a table that begins with these bytes is written. The delimiter is the one that is stated,
    else the one of DELIMITERS that the first line has most often outside of quotes."""
    mark, encoding = _encoding(head)
    text = head[len(mark) :].decode(encoding, "replace")
    if found := _STATED.match(text):
        return Written(mark, encoding, found[0], "\t" if found[1] == "\\t" else found[1])
    line = _QUOTED.sub("", _first_line(text))
    return Written(mark, encoding, "", max(DELIMITERS, key=line.count))


def header_of(head: bytes) -> list[str]:
    """The names of the columns of a table that begins with these bytes, as far as its first line
    has them, without quotes: to tell one kind of table from another."""
    written = way_of_writing(head)
    text = head[len(written.mark) :].decode(written.encoding, "replace")
    line = _first_line(text[len(written.stated) :].lstrip())
    return [cell.strip(' \t"') for cell in line.split(written.delimiter)]


def _encoding(head: bytes) -> tuple[bytes, str]:
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return mark, encoding
    return b"", "utf-8"


def _first_line(text: str) -> str:
    return re.split(r"[\r\n]", text, maxsplit=1)[0]
