"""The PDFs of many students joined in one.

They repeat the fonts of their batch. Equal parts of the files are stored once, so that a class of a
thousand stays tens of megabytes.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.assignment import Student
from generator.model.errors import InputError

_LEFT_OUT = {"/Parent", "/Annots", "/StructParents", "/Tabs", "/AA"}  # of a page: its own file's
_REFERENCE = re.compile(rb"\b(\d+) (\d+) R\b")
_EXERCISE = re.compile(rb"/exercise(\d+) MP")  # a mark that `\exercise` leaves on the page


@dataclass(frozen=True)
class Joined:
    """A PDF of many, and its number of pages."""

    pdf: bytes
    pages: int


def join(
    students: Mapping[Student, Path], title: str, exercises: Sequence[str], *, duplex: bool = False
) -> Joined:
    """The students' PDFs one after the other, with bookmarks by student and, below, by exercise.

    `exercises` are the titles of the questions in order. For `duplex` printing each student begins
    on a right-hand page. The same files give the same bytes. InputError where one cannot be read.
    """
    import pikepdf

    with pikepdf.new() as target:
        shared = _Shared(target)
        kids = []
        bookmarks = []
        count = 0
        for student, path in students.items():
            with _opened(path) as source:
                shared.begin(source)
                originals = list(source.pages)
                pages = [shared.page(each) for each in originals]
                marks = []
                if not duplex:
                    marks = [_EXERCISE.findall(_content(each)) for each in originals]
            if duplex and len(pages) % 2:
                blank = pikepdf.Dictionary(
                    Type=pikepdf.Name.Page,
                    MediaBox=pages[-1].MediaBox,
                    Resources=pikepdf.Dictionary(),
                )
                pages.append(target.make_indirect(blank))
            kids.append(_node(target, pages, len(pages)))
            count += len(pages)
            bookmarks.append(_bookmark(f"{student.name} ({student.id})", pages, marks, exercises))
        target.Root.Pages = _node(target, kids, count)
        with target.open_outline() as outline:
            outline.root.extend(bookmarks)
        target.docinfo[pikepdf.Name.Title] = title
        target.docinfo[pikepdf.Name.Creator] = "gradsheet"
        if duplex:
            flip = pikepdf.Name.DuplexFlipLongEdge
            target.Root.ViewerPreferences = pikepdf.Dictionary(Duplex=flip)
        stream = io.BytesIO()
        target.save(
            stream,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,  # TeX has compressed them
        )
    return Joined(stream.getvalue(), count)


def _node(target: Any, kids: Sequence[Any], count: int) -> Any:
    """A node of the tree of pages: pikepdf's list of pages takes longer the more there are."""
    import pikepdf

    node = target.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Pages, Count=count))
    node.Kids = pikepdf.Array(kids)
    for kid in kids:
        kid.Parent = node
    return node


def _bookmark(
    name: str, pages: Sequence[Any], marks: Sequence[Sequence[bytes]], titles: Sequence[str]
) -> Any:
    """The bookmark of a student, and closed below it one for each exercise marked on a page."""
    from pikepdf import Array, Name, OutlineItem

    item = OutlineItem(name, Array([pages[0], Name.Fit]))
    item.is_closed = True
    for page, numbers in zip(pages, marks, strict=False):
        for number in map(int, numbers):
            title = f"{number} {titles[number - 1]}" if number <= len(titles) else str(number)
            item.children.append(OutlineItem(title, Array([page, Name.Fit])))
    return item


def _opened(path: Path) -> Any:
    import pikepdf

    try:
        return pikepdf.open(path)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    except pikepdf.PdfError:
        raise InputError(path, "not a whole PDF; build again with --force") from None


class _Shared:
    """Copies parts of PDFs into one, where parts that are equal become one.

    A part is known again by its text, in which each reference to another part of the file is
    replaced by the number of that part in the target, and by its data where it is a stream.
    """

    def __init__(self, target: Any) -> None:
        self._target = target
        self._known: dict[bytes, Any] = {}  # digest of a part -> the part in the target
        self._source: Any = None
        self._copies: dict[tuple[int, int], Any] = {}  # part of the source -> ditto
        self._references: dict[bytes, bytes] = {}  # as the source writes them -> the target

    def begin(self, source: Any) -> None:
        """Another file is at hand."""
        self._source = source
        self._copies.clear()
        self._references.clear()

    def page(self, page: Any) -> Any:
        """The page in the target: what is drawn on it, without links and form fields."""
        import pikepdf

        entries: dict[str, Any] = {
            "/Type": pikepdf.Name.Page,
            "/MediaBox": self._rebuilt(page.mediabox),
            "/Resources": self._of(page.resources),
            "/Contents": pikepdf.Array([self._own(each) for each in _streams(page)]),
        }
        for key, value in page.obj.items():
            if key not in _LEFT_OUT and key not in entries:
                entries[key] = self._inside(value)
        return self._target.make_indirect(pikepdf.Dictionary(entries))

    def _own(self, stream: Any) -> Any:
        """A stream that hardly equals another."""
        import pikepdf

        return pikepdf.Stream(self._target, stream.read_raw_bytes(), self._entries(stream))

    def _at(self, place: tuple[int, int]) -> Any:
        """The copy of the part of the source at a place."""
        if place not in self._copies:
            self._copies[place] = self._of(self._source.get_object(place))
        return self._copies[place]

    def _of(self, part: Any) -> Any:
        """The copy of a part that may stand elsewhere, too; in the target it has a place."""
        import pikepdf

        if not isinstance(part, pikepdf.Object):
            return part  # a number, a truth value: these have no place
        is_stream = isinstance(part, pikepdf.Stream)
        raw = part.read_raw_bytes() if is_stream else b""
        text = (part.stream_dict if is_stream else part).unparse(resolved=True)
        digest = hashlib.sha256(b"\0".join((_REFERENCE.sub(self._renumbered, text), raw))).digest()
        if digest not in self._known:
            self._known[digest] = (
                pikepdf.Stream(self._target, raw, self._entries(part))
                if is_stream
                else self._target.make_indirect(self._rebuilt(part))
            )
        return self._known[digest]

    def _renumbered(self, reference: re.Match[bytes]) -> bytes:
        if reference[0] not in self._references:
            copy = self._at((int(reference[1]), int(reference[2])))
            known = b"%d %d R" % copy.objgen if hasattr(copy, "objgen") else repr(copy).encode()
            self._references[reference[0]] = known
        return self._references[reference[0]]

    def _entries(self, stream: Any) -> dict[str, Any]:
        items = stream.stream_dict.items()
        return {key: self._inside(value) for key, value in items if key != "/Length"}

    def _rebuilt(self, part: Any) -> Any:
        """A part without its place, with copies of the parts that it refers to."""
        import pikepdf

        if not isinstance(part, pikepdf.Object):
            return part
        text = part.unparse(resolved=True)
        if not _REFERENCE.search(text):
            return pikepdf.Object.parse(text)
        if isinstance(part, pikepdf.Dictionary):
            return pikepdf.Dictionary({key: self._inside(value) for key, value in part.items()})
        if isinstance(part, pikepdf.Array):
            return pikepdf.Array([self._inside(value) for value in part])
        return pikepdf.Object.parse(text)

    def _inside(self, part: Any) -> Any:
        if getattr(part, "is_indirect", False):
            return self._at(part.objgen)
        return self._rebuilt(part)


def _streams(page: Any) -> list[Any]:
    import pikepdf

    contents = page.obj.get("/Contents", [])
    return list(contents) if isinstance(contents, pikepdf.Array | list) else [contents]


def _content(page: Any) -> bytes:
    return b"\n".join(each.read_bytes() for each in _streams(page))


def page_count(pdf: bytes) -> int:
    """How many pages a PDF has."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as whole:
        return len(whole.pages)
