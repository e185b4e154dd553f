"""What is printed on the pages of a PDF, as far as it takes to find the sheet id there.

Text is read from the operators that show it (ISO 32000-1, 9.4.3) and each font's map to Unicode
(9.10.3), with no regard to where it stands. What can't be read is left out: the result is evidence,
never the only source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from generator.model import sheet_id

if TYPE_CHECKING:
    import pikepdf

PAGES = 20  # that are looked at, and
_CONTENT = 2**20  # bytes of one page, and
_WORK = 50_000  # operators, and codes of fonts, in all: far above any sheet
_DEPTH = 3  # of forms within forms
_ID = re.compile(r"(?=([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-Z]))")
_HYPHENS = dict.fromkeys(map(ord, "\u00ad\u2010\u2011\u2012\u2013\u2212"), "-")
_HEX = rb"<([0-9A-Fa-f\s]*)>"
_CHAR = re.compile(_HEX + rb"\s*" + _HEX)
_RANGE = re.compile(_HEX + rb"\s*" + _HEX + rb"\s*(?:" + _HEX + rb"|\[([^\]]*)\])")

Decoder = Callable[[bytes], str]


def printed_ids(pdf: pikepdf.Pdf) -> set[str]:
    """The sheet ids on the first page that shows any; empty where there is none or none is read."""
    for reader in (_Reader(mapped=False), _Reader(mapped=True)):
        for number, page in enumerate(pdf.pages):
            if number == PAGES or reader.left <= 0:
                break
            text = "".join(reader.shown(page.obj, page.obj, 0))
            if found := set(_valid(text.translate(_HYPHENS))):
                return found
    return set()


def _valid(text: str) -> Iterator[str]:
    for match in _ID.finditer(text):
        try:
            yield sheet_id.check(match[1])
        except ValueError:
            continue


class _Reader:
    """Reads pages with one allowance of work for all of them; keeps what it learnt of fonts.

    Unless `mapped`, codes are taken for characters as they are: right for the letters and digits of
    most fonts, ours too, and faster.
    """

    def __init__(self, mapped: bool) -> None:
        self.mapped = mapped
        self.left = _WORK
        self.fonts: dict[tuple[int, int], Decoder] = {}

    def shown(self, content: Any, owner: Any, depth: int) -> Iterator[str]:
        """The strings that a page or a form shows, in the order of its operators."""
        import pikepdf

        resources = _entry(owner, "/Resources")
        decode: Decoder = _latin
        try:
            if len(_bytes(content)) > _CONTENT:
                return
            operations = pikepdf.parse_content_stream(content, "Tf Tj TJ ' \" Do")
        except (pikepdf.PdfError, TypeError, ValueError):
            return
        self.left -= len(operations)
        for operation in operations:
            name, operands = str(operation.operator), list(operation.operands)
            if self.left <= 0 or not operands:
                return
            if name == "Tf":
                decode = self._font(_entry(_entry(resources, "/Font"), str(operands[0])))
            elif name == "Do":
                inner = _entry(_entry(resources, "/XObject"), str(operands[0]))
                if isinstance(inner, pikepdf.Stream) and depth < _DEPTH:
                    self.left -= 100
                    yield from self.shown(inner, inner, depth + 1)
            else:
                last = operands[-1]
                pieces: list[Any] = list(last) if isinstance(last, pikepdf.Array) else [last]
                yield from (
                    decode(bytes(piece)) for piece in pieces if isinstance(piece, pikepdf.String)
                )

    def _font(self, font: Any) -> Decoder:
        import pikepdf

        if not self.mapped or not isinstance(font, pikepdf.Dictionary):
            return _latin
        known = self.fonts.get(font.objgen)
        if known is None or font.objgen == (0, 0):
            width = 2 if _entry(font, "/Subtype") == "/Type0" else 1
            table = _bytes(_entry(font, "/ToUnicode"))
            self.left -= 100 + len(table) // 100
            codes = dict(islice(_codes(table[:_CONTENT]), max(0, self.left)))
            self.left -= len(codes)
            known = _latin if width == 1 and not codes else _mapped(width, codes)
            self.fonts[font.objgen] = known
        return known


def _entry(holder: Any, key: str) -> Any:
    """An entry of a dictionary or of a stream's dictionary; None where there is none."""
    import pikepdf

    if isinstance(holder, pikepdf.Dictionary | pikepdf.Stream) and len(key) > 1 and key[0] == "/":
        return holder.get(key)
    return None


def _bytes(holder: Any) -> bytes:
    """The bytes of a stream, or of a page's contents; none where they can't be decoded."""
    import pikepdf

    contents = holder if isinstance(holder, pikepdf.Stream) else _entry(holder, "/Contents")
    streams: list[Any] = [contents]
    if isinstance(contents, pikepdf.Array):
        streams = list(contents)
    whole = b""
    for stream in streams:
        if isinstance(stream, pikepdf.Stream) and len(whole) <= _CONTENT:
            try:
                whole += stream.read_bytes()
            except pikepdf.PdfError:
                continue
    return whole


def _latin(codes: bytes) -> str:
    return codes.decode("latin-1")


def _mapped(width: int, codes: dict[int, str]) -> Decoder:
    def decode(text: bytes) -> str:
        numbers = (
            int.from_bytes(text[place : place + width], "big")
            for place in range(0, len(text), width)
        )
        return "".join(codes.get(number, "\ufffd") for number in numbers)

    return decode


def _codes(table: bytes) -> Iterator[tuple[int, str]]:
    """Character codes and texts, by a ToUnicode map."""
    for section in table.split(b"begin"):
        body = section.partition(b"end")[0]
        if section.startswith(b"bfchar"):
            for pair in _CHAR.finditer(body):
                yield _number(pair[1]), _utf16(pair[2])
        elif section.startswith(b"bfrange"):
            for found in _RANGE.finditer(body):
                yield from _range(*found.groups())


def _range(
    first: bytes, last: bytes, text: bytes | None, texts: bytes
) -> Iterator[tuple[int, str]]:
    """One text, whose last character is counted up, or a list of texts."""
    low = _number(first)
    codes = range(low, min(_number(last), low + 0xFF) + 1)
    if text is None:
        yield from zip(codes, map(_utf16, re.findall(_HEX, texts)), strict=False)
        return
    begin = _utf16(text) or "?"
    for place, code in enumerate(codes):
        yield code, begin[:-1] + chr(min(ord(begin[-1]) + place, 0x10FFFF))


def _number(text: bytes) -> int:
    return int(b"".join(text.split())[:8] or b"0", 16)


def _utf16(text: bytes) -> str:
    plain = b"".join(text.split())
    return bytes.fromhex(plain[: len(plain) // 4 * 4].decode()).decode("utf-16-be", "replace")
