"""PDFs taken apart, and pages of them put together in others, with all that they refer to.

An object is kept as its text, cut once where it refers to others: to copy it is to join the pieces
with other numbers between them. A library that reads and writes each object anew takes ten times as
long, which is what splitting and joining the sheets of a class would consist of.

What a `Writer` writes is plain (ISO 32000-1, 7.5): its objects one after the other, without object
streams, and a table of their places. `read` finds its way in that by slicing, and opens all other
PDFs with pikepdf.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

_HEADER = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3 gradsheet\n"  # the second line tells that not all is text
_COUNT = re.compile(rb"2 0 obj\n<</Type/Pages/Count (\d+)")
_PARENT = re.compile(rb"<</Parent \d+ 0 R")  # how the text of a page begins
_STREAM, _END_STREAM, _END = b"\nstream\n", b"\nendstream\nendobj\n", b"\nendobj\n"
_ROW = b"%010d 00000 n \n"
_REFERENCE = re.compile(rb"\b(\d+ \d+) R\b")
# A string, in which nothing is a reference, or a reference.
_TOKEN = re.compile(rb"\((?:[^()\\]|\\.)*\)|\b(\d+ \d+) R\b", re.DOTALL)
_LENGTH = re.compile(rb"/Length \d+ \d+ R\b")
_LETTER = (0, 0, 612, 792)  # a page without a size
_MEDIA_BOX = re.compile(rb"/MediaBox (\[[^]]*\])")
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")  # by a page: 7.7.3.4

Place = bytes  # number and generation of an object as a reference to it names them: b"12 0"


@dataclass(frozen=True)
class Part:
    """An object: the pieces of its text, what it refers to between each two of them, and its data,
    compressed as they are, if it is a stream."""

    pieces: tuple[bytes, ...]
    references: tuple[Place, ...]
    data: bytes | None = None

    @property
    def text(self) -> bytes:
        """Its text, without what it refers to."""
        return b"".join(self.pieces)

    @cached_property
    def digest(self) -> bytes:
        """Of its data."""
        return hashlib.sha256(self.data or b"").digest()


@dataclass(frozen=True)
class Parts:
    """All objects of a PDF, and where in them its pages are, in order.

    A page has here no parent, and has itself what it inherited.
    """

    objects: Mapping[Place, Part]
    pages: Sequence[Place]

    def content(self, page: Place) -> bytes:
        """What draws a page, as far as it can be read."""
        found = (self.objects.get(each) for each in self.objects[page].references)
        return b"\n".join(_decoded(part) for part in found if part and part.data is not None)

    def media_box(self, page: Place) -> bytes:
        """The size of a page, as the text of an array."""
        found = _MEDIA_BOX.search(self.objects[page].text)
        assert found, "a page has a size"
        return found[1]


def _decoded(part: Part) -> bytes:
    text, data = part.pieces[0], part.data or b""
    if b"/Filter" not in text:
        return data
    return zlib.decompress(data) if b"/Filter /FlateDecode" in text else b""


def page_count(pdf: bytes) -> int:
    """How many pages a PDF has."""
    if pdf.startswith(_HEADER) and (found := _COUNT.search(pdf, 0, 400)):
        return int(found[1])
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as whole:
        return len(whole.pages)


# --- reading ------------------------------------------------------------------------------------


def read(pdf: bytes, *, without: Sequence[str] = ()) -> Parts:
    """The parts of a PDF; pages lose the entries `without`, and what only these lead to is no part.

    pikepdf.PdfError where it is none.
    """
    if pdf.startswith(_HEADER):
        try:
            return _plain(pdf, without)
        except (ValueError, IndexError):  # somebody else wrote into it, or there is such an entry
            pass
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as whole:
        pages = [_place(page.obj) for page in whole.pages]
        objects: dict[Place, Part] = {}
        for page in whole.pages:
            objects[_place(page.obj)] = _part(_made_own(page.obj, without))
        for each in whole.objects:
            if isinstance(each, pikepdf.Object) and (place := _place(each)) not in objects:
                objects[place] = _part(each)
    return Parts(objects, pages)


def _place(part: Any) -> Place:
    return b"%d %d" % part.objgen


def _part(each: Any) -> Part:
    import pikepdf

    if not isinstance(each, pikepdf.Stream):
        return _cut(each.unparse(resolved=True))
    data = each.read_raw_bytes()
    text = each.stream_dict.unparse(resolved=True)
    return _cut(_LENGTH.sub(b"/Length %d" % len(data), text), data)


def _cut(text: bytes, data: bytes | None = None) -> Part:
    if b"(" not in text:
        found = _REFERENCE.split(text) if b" R" in text else [text]
        return Part(tuple(found[::2]), tuple(found[1::2]), data)
    pieces, references, end = [], [], 0
    for token in _TOKEN.finditer(text):
        if token[1]:
            pieces.append(text[end : token.start()])
            references.append(token[1])
            end = token.end()
    return Part((*pieces, text[end:]), tuple(references), data)


def _made_own(page: Any, without: Sequence[str]) -> Any:
    """The page, which now has what it inherited, but no parent and none of some entries."""
    import pikepdf

    above = page
    while (above := above.get("/Parent")) is not None:
        for key in _INHERITED:
            if key in above and key not in page:
                page[key] = above[key]
    box = page.get("/MediaBox")
    if box is None or box.is_indirect:
        page["/MediaBox"] = pikepdf.Array(box or _LETTER)
    for key in ("/Parent", *without):
        if key in page:
            del page[key]
    return page


def _plain(pdf: bytes, without: Sequence[str]) -> Parts:
    """The parts of a PDF that a Writer wrote; ValueError or IndexError if it is not as that, or if
    a page has one of some entries."""
    table = int(pdf[pdf.rindex(b"startxref\n") + 10 :].partition(b"\n")[0])
    first = pdf.index(b"\n", table + 7) + 1
    count = int(pdf[table + 7 : first])
    if pdf[table : table + 7] != b"xref\n0 ":
        raise ValueError
    rows = range(first + 20, first + 20 * count, 20)
    bounds = [*(int(pdf[row : row + 10]) for row in rows), table]
    objects = {}
    for number, (begin, end) in enumerate(pairwise(bounds), 1):
        head = b"%d 0 obj\n" % number
        if not (pdf.startswith(head, begin) and pdf.endswith(_END, begin, end)):
            raise ValueError
        begin += len(head)
        if pdf.endswith(_END_STREAM, begin, end):
            middle = pdf.index(_STREAM, begin)
            data = pdf[middle + len(_STREAM) : end - len(_END_STREAM)]
            objects[b"%d 0" % number] = _cut(pdf[begin:middle], data)
        else:
            text = _PARENT.sub(b"<<", pdf[begin : end - len(_END)], count=1)
            objects[b"%d 0" % number] = _cut(text)
    pages = objects[b"2 0"].references
    if any(name.encode() in objects[page].text for page in pages for name in without):
        raise ValueError
    return Parts(objects, pages)


# --- writing ------------------------------------------------------------------------------------


class Writer:
    """A PDF in the making. Its objects are numbered as they come; equal ones become one."""

    PAGES = 2  # the number of the root of its tree of pages

    def __init__(self) -> None:
        self._texts: list[bytes] = [b"", b"", b""]  # by number; 1 is the catalog
        self._data: dict[int, bytes] = {}
        self._digests: dict[int, bytes] = {}
        self._known: dict[tuple[bytes, bytes | None], int] = {}

    def reserve(self) -> int:
        """The number of an object that is still to be put there."""
        self._texts.append(b"null")
        return len(self._texts) - 1

    def put(self, number: int, text: bytes) -> None:
        """The object of a reserved number."""
        self._texts[number] = text

    def add(self, text: bytes, part: Part | None = None, number: int | None = None) -> int:
        """The number of an object with that text, and with the data of a part; one of its own if
        that is given, else that of an equal one if there is one."""
        data = part.data if part else None
        if number is None:
            known = self._known.setdefault((text, data), len(self._texts))
            if known < len(self._texts):
                return known
            number = self.reserve()
        self._texts[number] = text
        if part and data is not None:
            self._data[number], self._digests[number] = data, part.digest
        return number

    def node(self, number: int, kids: Sequence[int], count: int, parent: int | None = None) -> None:
        """Put a node of the tree of pages, with so many pages below it."""
        above = b"/Parent %d 0 R" % parent if parent else b""
        listed = b" ".join(b"%d 0 R" % kid for kid in kids)
        self.put(number, b"<</Type/Pages/Count %d%s/Kids[%s]>>" % (count, above, listed))

    def written(self, catalog: bytes, info: Mapping[str, str]) -> bytes:
        """The whole file, with more entries of its catalog, and title, author and the like."""
        import pikepdf

        self._texts[1] = b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog
        pairs = ((name.encode(), pikepdf.String(text).unparse()) for name, text in info.items())
        last = self.add(b"<<%s>>" % b"".join(b"/%s %s" % pair for pair in pairs))
        whole = hashlib.md5(usedforsecurity=False)
        pieces, places = [_HEADER], []
        end = len(_HEADER)
        for number, text in enumerate(self._texts[1:], 1):
            places.append(end)
            piece = [b"%d 0 obj\n" % number, text, _END]
            whole.update(b"\0".join((text, self._digests.get(number, b""))))
            if number in self._data:
                piece[2:] = _STREAM, self._data[number], _END_STREAM
            pieces += piece
            end += sum(map(len, piece))
        size, identity = len(self._texts), whole.hexdigest().encode()
        pieces.append(b"xref\n0 %d\n0000000000 65535 f \n" % size)
        pieces += [_ROW % place for place in places]
        pieces.append(
            b"trailer\n<</Size %d/Root 1 0 R/Info %d 0 R/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF\n"
            % (size, last, identity, identity, end)
        )
        return b"".join(pieces)


class Copies:
    """What of one PDF is in another that is being written."""

    def __init__(self, source: Parts, target: Writer) -> None:
        self._source = source
        self._target = target
        # Of an object that is being copied, none as long as nothing that it leads to refers to it.
        # 0 stands for nothing: a page that is referred to from another does not come along.
        self._numbers: dict[Place, int | None] = dict.fromkeys(source.pages, 0)

    def pages(self, places: Sequence[Place], parent: int) -> list[int]:
        """The numbers of the copies of some pages, below a node of the tree of pages."""
        numbers = [self._target.reserve() for _ in places]
        self._numbers.update(zip(places, numbers, strict=True))
        for place, number in zip(places, numbers, strict=True):
            text = self._text(self._source.objects[place])
            self._target.put(number, b"<</Parent %d 0 R%s" % (parent, text[2:]))
        return numbers

    def _text(self, part: Part) -> bytes:
        """The text of the copy."""
        if not part.references:
            return part.pieces[0]
        woven = [part.pieces[0]]
        for place, piece in zip(part.references, part.pieces[1:], strict=True):
            number = self._numbers.get(place) or self._number(place)
            woven += b"%d 0 R" % number if number else b"null", piece
        return b"".join(woven)

    def _number(self, place: Place) -> int:
        if place not in self._numbers:
            part = self._source.objects.get(place)
            if part is None:
                return 0
            self._numbers[place] = None
            text = self._text(part)
            self._numbers[place] = self._target.add(text, part, self._numbers[place])
        number = self._numbers[place]
        if number is None:  # it leads to itself
            number = self._numbers[place] = self._target.reserve()
        return number
