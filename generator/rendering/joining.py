"""The pages of many students joined in one PDF.

They are taken from the PDFs of whole runs of TeX, or from the students' own, which repeat the fonts
of their batch: the result is the same. Equal resources are stored once, so that a class of a
thousand stays tens of megabytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.assignment import Student
from generator.model.errors import InputError
from generator.rendering.pdfs import Pdf, opened_to_split, own_pages, saved, set_pages

if TYPE_CHECKING:
    import pikepdf

_LEFT_OUT = {  # of a page: what is of its own file, and what is copied in other ways
    *("/Parent", "/Annots", "/StructParents", "/Tabs", "/AA"),
    *("/Contents", "/Resources"),
}
_STRING_OR_REFERENCE = re.compile(rb"\((?:[^\\()]++|\\.)*+\)|(\d+) (\d+) R", re.DOTALL)


@dataclass(frozen=True)
class Pages:
    """Where the pages of a student are: a file, and which of its pages, from 0. `exercises` are
    those that begin on one of them: their numbers, and the page, from 0."""

    path: Path
    places: range
    exercises: Sequence[tuple[int, int]] = ()


def join(
    students: Mapping[Student, Pages],
    info: Mapping[str, str],
    exercises: Sequence[str],
    *,
    duplex: bool = False,
    origin: str = "",
) -> Pdf:
    """The students' pages one after the other, with bookmarks by student and, below, by exercise.

    `info` is title, author and the like, and the language as `Lang`.
    `exercises` are the titles of the questions in order. For `duplex` printing each student begins
    on a right-hand page. The same pages give the same bytes; the identifier is of their `origin`,
    as in `saved`. InputError where a file cannot be read.
    """
    import pikepdf

    with pikepdf.new() as target:
        known: dict[tuple[bytes, bytes], pikepdf.Object] = {}
        nodes = []
        bookmarks = []
        for path, group in groupby(students.items(), lambda item: item[1].path):
            with _opened(path) as source:
                originals = _pages(source, path)
                copies = _Copies(source, target, known)
                for student, its in group:
                    if len(originals) < its.places.stop:  # what is left of one that was cut short
                        raise _broken(path)
                    pages = [copies.page(originals[place]) for place in its.places]
                    bookmarks.append(_bookmark(student, pages, its.exercises, exercises))
                    if duplex and len(pages) % 2:
                        pages.append(_blank(target, pages[-1]))
                    nodes.append(pages)
        count = set_pages(target, nodes)
        with target.open_outline() as outline:
            outline.root.extend(bookmarks)
        entries = {**info, "Creator": "gradsheet"}
        if language := entries.pop("Lang", ""):
            target.Root.Lang = language
        if duplex:
            flip = pikepdf.Name.DuplexFlipLongEdge
            target.Root.ViewerPreferences = pikepdf.Dictionary(Duplex=flip)
        else:  # to be read on a screen: with its bookmarks beside it
            target.Root.PageMode = pikepdf.Name.UseOutlines
        return Pdf(saved(target, entries, origin), count)


def _opened(path: Path) -> pikepdf.Pdf:
    import pikepdf

    try:
        return opened_to_split(path)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    except pikepdf.PdfError:
        raise _broken(path) from None


def _pages(source: pikepdf.Pdf, path: Path) -> list[pikepdf.Object]:
    import pikepdf

    try:
        return own_pages(source)
    except (pikepdf.PdfError, AttributeError):
        raise _broken(path) from None


def _broken(path: Path) -> InputError:
    return InputError(path, "not a whole PDF; build again with --force")


def _blank(target: pikepdf.Pdf, like: pikepdf.Object) -> pikepdf.Object:
    """A page as large as another, with nothing on it."""
    from pikepdf import Array, Dictionary, Name

    page = Dictionary(Type=Name.Page, MediaBox=Array(like.MediaBox), Resources=Dictionary())
    return target.make_indirect(page)


def _bookmark(
    student: Student,
    pages: Sequence[pikepdf.Object],
    exercises: Sequence[tuple[int, int]],
    titles: Sequence[str],
) -> pikepdf.OutlineItem:
    """The bookmark of a student, and closed below it one for each exercise."""
    from pikepdf import Array, Name, OutlineItem

    item = OutlineItem(f"{student.name} ({student.id})", Array([pages[0], Name.Fit]))
    item.is_closed = True
    for number, page in exercises:
        title = f"{number} {titles[number - 1]}" if number <= len(titles) else str(number)
        item.children.append(OutlineItem(title, Array([pages[page], Name.Fit])))
    return item


class _Copies:
    """Copies pages of a PDF into another, where resources that are equal become one."""

    def __init__(
        self,
        source: pikepdf.Pdf,
        target: pikepdf.Pdf,
        known: dict[tuple[bytes, bytes], pikepdf.Object],
    ) -> None:
        self._source = source
        self._target = target
        # The data of a stream, and what is written otherwise -> the part of the target.
        self._known = known
        self._here: dict[tuple[int, int], pikepdf.Object] = {}  # place in the source -> ditto
        # Resources as they are written in the source -> ditto.
        self._sets: dict[bytes, pikepdf.Object] = {}
        self._within: list[tuple[int, int]] = []  # the parts that are being looked at, from outside
        self._back = 0  # the first of them that is referred to from inside; their number if none is

    def page(self, page: pikepdf.Object) -> pikepdf.Object:
        """A copy of a page: what is drawn on it, without links and form fields."""
        import pikepdf

        contents: Any = page.get("/Contents", [])
        streams = [contents] if isinstance(contents, pikepdf.Stream) else list(contents)
        own = [self._own(each) for each in streams]
        resources = self._resources(page.Resources)
        for key in page.keys() & _LEFT_OUT:
            del page[key]
        copy = self._target.copy_foreign(page)
        if own:
            copy.Contents = own[0] if len(own) == 1 else pikepdf.Array(own)
        copy.Resources = resources
        return copy

    def _resources(self, resources: pikepdf.Object) -> pikepdf.Object:
        """Those of the target that are equal; pages of a run have the same few."""
        text = resources.unparse(resolved=True)
        if text not in self._sets:
            part = resources if resources.is_indirect else self._source.make_indirect(resources)
            self._told(part)
            self._sets[text] = self._here[part.objgen]
        return self._sets[text]

    def _own(self, stream: pikepdf.Object) -> pikepdf.Stream:
        """A stream that hardly equals another; its data are here, and not left in the source."""
        import pikepdf

        entries = {key: each for key, each in stream.stream_dict.items() if key != "/Length"}
        return pikepdf.Stream(self._target, stream.read_raw_bytes(), entries)

    def _told(self, part: pikepdf.Object) -> bytes:
        """What tells a part from others: its number in the target; or all that it consists of where
        it refers to a part that it is in itself, as nothing does that TeX writes."""
        import pikepdf

        place = part.objgen
        if place in self._here:
            return b"%d %d R" % self._here[place].objgen
        depth = len(self._within)
        if place in self._within:
            self._back = min(self._back, self._within.index(place))
            return b"up %d" % (depth - self._within.index(place))
        outside, self._back = self._back, depth
        self._within.append(place)
        stream = isinstance(part, pikepdf.Stream)
        data, rest = (part.read_raw_bytes(), part.stream_dict) if stream else (b"", part)
        key = data, self._text(rest.unparse(resolved=True))
        self._within.pop()
        back, self._back = self._back, min(self._back, outside)
        if back < depth:
            return b"(%d %b%b)" % (len(data), *key)
        if key not in self._known:
            self._known[key] = self._linked(part, self._target.copy_foreign(part))
        self._here[place] = self._known[key]
        return b"%d %d R" % self._known[key].objgen

    def _text(self, text: bytes) -> bytes:
        """How a part is written, with what tells that which it refers to from others."""

        def told(found: re.Match[bytes]) -> bytes:
            if not found[1]:
                return found[0]
            place = int(found[1]), int(found[2])
            return self._told(self._source.get_object(place))

        return _STRING_OR_REFERENCE.sub(told, text) if b" R" in text else text

    def _linked(self, part: pikepdf.Object, copy: pikepdf.Object) -> pikepdf.Object:
        """A copy of a part that refers to what equals that which the part refers to."""
        import pikepdf

        inside = part.stream_dict if isinstance(part, pikepdf.Stream) else part
        for key, each in _entries(inside):
            if isinstance(each, pikepdf.Object) and each.is_indirect:
                copy[key] = self._here.get(each.objgen, copy[key])
            elif isinstance(each, pikepdf.Dictionary | pikepdf.Array):
                self._linked(each, copy[key])
        return copy


def _entries(part: pikepdf.Object) -> list[tuple[Any, Any]]:
    """What an array or a dictionary holds, by its place; nothing of others."""
    import pikepdf

    if isinstance(part, pikepdf.Array):
        return list(enumerate(part))
    return list(part.items()) if isinstance(part, pikepdf.Dictionary) else []
