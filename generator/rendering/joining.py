"""The PDFs of many students joined in one.

They repeat the fonts of their batch. Equal resources of the files are stored once, so that a class
of a thousand stays tens of megabytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.assignment import Student
from generator.model.errors import InputError
from generator.rendering.pdfs import Pdf, own_pages, saved, set_pages

_LEFT_OUT = ("/Parent", "/Annots", "/StructParents", "/Tabs", "/AA")  # of a page: its own file's
_EXERCISE = re.compile(rb"/exercise(\d+) MP")  # a mark that `\exercise` leaves on the page
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


def join(
    students: Mapping[Student, Path], title: str, exercises: Sequence[str], *, duplex: bool = False
) -> Pdf:
    """The students' PDFs one after the other, with bookmarks by student and, below, by exercise.

    `exercises` are the titles of the questions in order. For `duplex` printing each student begins
    on a right-hand page. The same files give the same bytes. InputError where one cannot be read.
    """
    import pikepdf

    with pikepdf.new() as target:
        copies = _Copies(target)
        nodes = []
        bookmarks = []
        for student, path in students.items():
            with _opened(path) as source:
                originals = _pages(source, path)
                marks = [] if duplex else [_EXERCISE.findall(_content(each)) for each in originals]
                pages = copies.pages(source, originals)
            if duplex and len(pages) % 2:
                pages.append(_blank(target, pages[-1]))
            nodes.append(pages)
            bookmarks.append(_bookmark(f"{student.name} ({student.id})", pages, marks, exercises))
        count = set_pages(target, nodes)
        with target.open_outline() as outline:
            outline.root.extend(bookmarks)
        if duplex:
            flip = pikepdf.Name.DuplexFlipLongEdge
            target.Root.ViewerPreferences = pikepdf.Dictionary(Duplex=flip)
        return Pdf(saved(target, {"Title": title, "Creator": "gradsheet"}), count)


def _opened(path: Path) -> Any:
    import pikepdf

    try:
        return pikepdf.open(io.BytesIO(path.read_bytes()))  # from memory: files are not kept open
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    except pikepdf.PdfError:
        raise _broken(path) from None


def _pages(source: Any, path: Path) -> list[Any]:
    import pikepdf

    try:
        pages = own_pages(source)
    except pikepdf.PdfError:
        raise _broken(path) from None
    if not pages:  # what is left of one that was cut short
        raise _broken(path)
    return pages


def _broken(path: Path) -> InputError:
    return InputError(path, "not a whole PDF; build again with --force")


def _blank(target: Any, like: Any) -> Any:
    """A page as large as another, with nothing on it."""
    from pikepdf import Array, Dictionary, Name

    page = Dictionary(Type=Name.Page, MediaBox=Array(like.MediaBox), Resources=Dictionary())
    return target.make_indirect(page)


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


def _streams(page: Any) -> list[Any]:
    import pikepdf

    contents = page.get("/Contents", [])
    return [contents] if isinstance(contents, pikepdf.Stream) else list(contents)


def _content(page: Any) -> bytes:
    return b"\n".join(each.read_bytes() for each in _streams(page))


class _Copies:
    """Copies pages of PDFs into one, where resources that are equal become one."""

    def __init__(self, target: Any) -> None:
        self._target = target
        # What a resource consists of -> that in the target.
        self._known: dict[tuple[bytes | str, ...], Any] = {}
        self._here: dict[tuple[int, int], Any] = {}  # place in the source -> ditto

    def pages(self, source: Any, originals: Sequence[Any]) -> list[Any]:
        """Copies of pages: what is drawn on them, without links and form fields."""
        self._here.clear()
        return [self._page(source, each) for each in originals]

    def _page(self, source: Any, page: Any) -> Any:
        import pikepdf

        contents = [self._own(each) for each in _streams(page)]
        resources = {kind: self._of_kind(source, each) for kind, each in page.Resources.items()}
        for key in (*_LEFT_OUT, "/Contents", "/Resources"):
            if key in page:
                del page[key]
        copy = self._target.copy_foreign(page)
        if contents:
            copy.Contents = contents[0] if len(contents) == 1 else pikepdf.Array(contents)
        copy.Resources = self._first(pikepdf.Dictionary(resources))
        return copy

    def _own(self, stream: Any) -> Any:
        """A stream that hardly equals another; its data are here, and not left in the source."""
        import pikepdf

        entries = {key: each for key, each in stream.stream_dict.items() if key != "/Length"}
        return pikepdf.Stream(self._target, stream.read_raw_bytes(), entries)

    def _of_kind(self, source: Any, resources: Any) -> Any:
        """All fonts, all pictures or the like of a page."""
        import pikepdf

        if not isinstance(resources, pikepdf.Dictionary):
            return self._shared(source, resources)
        return pikepdf.Dictionary(
            {name: self._shared(source, each) for name, each in resources.items()}
        )

    def _shared(self, source: Any, part: Any) -> Any:
        """The resource in the target that equals one of the source."""
        if not part.is_indirect:
            part = source.make_indirect(part)
        if part.objgen not in self._here:
            key = tuple(_substance(part, {}))
            if key not in self._known:
                self._known[key] = self._target.copy_foreign(part)
                self._share_file(self._known[key])
            self._here[part.objgen] = self._known[key]
        return self._here[part.objgen]

    def _share_file(self, font: Any) -> None:
        """Fonts that differ in what they say of their letters may have the same letters."""
        import pikepdf

        if not isinstance(font, pikepdf.Dictionary):
            return
        for each in (font, *font.get("/DescendantFonts", ())):
            descriptor = each.get("/FontDescriptor", {})
            for key in _FONT_FILES:
                if key in descriptor:
                    file = descriptor[key]
                    descriptor[key] = self._known.setdefault(("file", file.read_raw_bytes()), file)

    def _first(self, part: Any) -> Any:
        """The first part of the target that is written as this one."""
        key = ("text", part.unparse())
        if key not in self._known:
            self._known[key] = self._target.make_indirect(part)
        return self._known[key]


def _substance(part: Any, seen: dict[tuple[int, int], int]) -> Iterator[bytes]:
    """All that a part consists of, with all that it refers to, wherever that may stand."""
    import pikepdf

    if not isinstance(part, pikepdf.Object):
        yield repr(part).encode()
        return
    if part.is_indirect:
        if part.objgen in seen:
            yield b"@%d" % seen[part.objgen]
            return
        seen[part.objgen] = len(seen)
    if isinstance(part, pikepdf.Stream):
        yield from (b"stream", part.read_raw_bytes())
        part = part.stream_dict
    text = part.unparse(resolved=True)
    if b" R" not in text:  # it refers to nothing
        yield text
    elif isinstance(part, pikepdf.Dictionary):
        yield b"<< %d" % len(part)
        for key, each in part.items():
            yield key.encode()
            yield from _substance(each, seen)
    elif isinstance(part, pikepdf.Array):
        yield b"[ %d" % len(part)
        for each in part:
            yield from _substance(each, seen)
    else:
        yield text
