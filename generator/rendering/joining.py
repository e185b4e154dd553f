"""The PDFs of many students joined in one.

They repeat the fonts of their batch. Equal parts of the files are stored once, so that a class of a
thousand stays tens of megabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.assignment import Student
from generator.model.errors import InputError
from generator.rendering.pdf_parts import Copies, Parts, Writer, read

_LEFT_OUT = ("/Annots", "/StructParents", "/Tabs", "/AA")  # of a page: its own file's
_EXERCISE = re.compile(rb"/exercise(\d+) MP")  # a mark that `\exercise` leaves on the page


@dataclass(frozen=True)
class Joined:
    """A PDF of many, and its number of pages."""

    pdf: bytes
    pages: int


@dataclass(frozen=True)
class _Bookmark:
    title: str
    page: int  # the number of its object
    below: tuple[_Bookmark, ...] = ()


def join(
    students: Mapping[Student, Path], title: str, exercises: Sequence[str], *, duplex: bool = False
) -> Joined:
    """The students' PDFs one after the other, with bookmarks by student and, below, by exercise.

    `exercises` are the titles of the questions in order. For `duplex` printing each student begins
    on a right-hand page. The same files give the same bytes. InputError where one cannot be read.
    """
    target = Writer()
    kids = []
    bookmarks = []
    count = 0
    for student, path in students.items():
        parts = _parts(path)
        node = target.reserve()
        pages = Copies(parts, target).pages(parts.pages, node)
        below = () if duplex else tuple(_of_exercises(parts, pages, exercises))
        bookmarks.append(_Bookmark(f"{student.name} ({student.id})", pages[0], below))
        if duplex and len(pages) % 2:
            pages.append(target.reserve())
            target.put(pages[-1], _blank(parts, node))
        target.node(node, pages, len(pages), Writer.PAGES)
        kids.append(node)
        count += len(pages)
    target.node(Writer.PAGES, kids, count)
    catalog = b"/Outlines %d 0 R" % _outline(target, bookmarks)
    if duplex:
        catalog += b"/ViewerPreferences<</Duplex/DuplexFlipLongEdge>>"
    return Joined(target.written(catalog, {"Title": title, "Creator": "gradsheet"}), count)


def _parts(path: Path) -> Parts:
    import pikepdf

    broken = InputError(path, "not a whole PDF; build again with --force")
    try:
        parts = read(path.read_bytes(), without=_LEFT_OUT)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    except pikepdf.PdfError:
        raise broken from None
    if not parts.pages:  # what is left of one that was cut short
        raise broken
    return parts


def _blank(parts: Parts, parent: int) -> bytes:
    """A page as large as the last one, with nothing on it."""
    box = parts.media_box(parts.pages[-1])
    return b"<</Parent %d 0 R/Type/Page/Resources<<>>/MediaBox %s>>" % (parent, box)


def _of_exercises(parts: Parts, pages: Sequence[int], titles: Sequence[str]) -> Iterator[_Bookmark]:
    """A bookmark for each exercise marked on a page."""
    for place, page in zip(parts.pages, pages, strict=True):
        for number in map(int, _EXERCISE.findall(parts.content(place))):
            title = f"{number} {titles[number - 1]}" if number <= len(titles) else str(number)
            yield _Bookmark(title, page)


def _outline(target: Writer, bookmarks: Sequence[_Bookmark]) -> int:
    """The number of the root of the outline: what is below a bookmark is closed."""
    root = target.reserve()
    ends = b"/First %d 0 R/Last %d 0 R" % _items(target, bookmarks, root)
    target.put(root, b"<</Type/Outlines/Count %d%s>>" % (len(bookmarks), ends))
    return root


def _items(target: Writer, bookmarks: Sequence[_Bookmark], parent: int) -> tuple[int, int]:
    """Write bookmarks of one level, linked to each other: the numbers of the first and the last."""
    import pikepdf

    numbers = [target.reserve() for _ in bookmarks]
    for place, (number, each) in enumerate(zip(numbers, bookmarks, strict=True)):
        text = b"<</Title %s/Parent %d 0 R/Dest[%d 0 R/Fit]" % (
            pikepdf.String(each.title).unparse(),
            parent,
            each.page,
        )
        if place:
            text += b"/Prev %d 0 R" % numbers[place - 1]
        if place + 1 < len(numbers):
            text += b"/Next %d 0 R" % numbers[place + 1]
        if each.below:
            ends = _items(target, each.below, number)
            text += b"/First %d 0 R/Last %d 0 R/Count %d" % (*ends, -len(each.below))
        target.put(number, text + b">>")
    return numbers[0], numbers[-1]
