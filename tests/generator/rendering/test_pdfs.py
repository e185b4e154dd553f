"""Pages taken out of a PDF: what they inherit, and the identifier of what is made of them."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from generator.rendering.pdfs import opened_to_split, own_pages, saved, set_pages

SIZES = ([0, 0, 300, 400], [0, 0, 300, 400], [0, 0, 100, 200])


def tree() -> bytes:
    """Three pages: two inherit their size from the root, one from the node above it, and each its
    resources from the root; the first is turned by itself."""
    with pikepdf.new() as pdf:
        pages = [pdf.make_indirect(Dictionary(Type=Name.Page)) for _ in SIZES]
        pages[0].Rotate = 90
        inner = pdf.make_indirect(
            Dictionary(Type=Name.Pages, Kids=[pages[2]], Count=1, MediaBox=SIZES[2])
        )
        root = pdf.Root.Pages
        root.Kids, root.Count = Array([pages[0], pages[1], inner]), 3
        root.MediaBox, root.Rotate = Array(SIZES[0]), 180
        root.Resources = Dictionary(Font=Dictionary(F1=Dictionary(Type=Name.Font)))
        for kid, parent in ((pages[0], root), (pages[1], root), (inner, root), (pages[2], inner)):
            kid.Parent = parent
        target = io.BytesIO()
        pdf.save(target)
        return target.getvalue()


def part(pdf: Any, page: Any, origin: str) -> bytes:
    set_pages(pdf, [[page]])
    return saved(pdf, {"Title": "One"}, origin)


def test_pages_keep_what_they_inherit() -> None:
    with opened_to_split(tree()) as pdf:
        parts = [part(pdf, page, "x") for page in own_pages(pdf)]
    for place, data in enumerate(parts):
        with pikepdf.open(io.BytesIO(data)) as alone:
            (page,) = alone.pages
            assert alone.check_pdf_syntax() == []
            assert list(map(int, page.mediabox)) == SIZES[place]
            assert int(page.obj.Rotate) == (180 if place else 90)
            assert page.resources.Font.F1.Type == Name.Font


def test_the_identifier_is_of_the_origin() -> None:
    """Two sheets never have one identifier, and a sheet made again has the one it had."""
    first, again, other, by_content = (identifier(origin) for origin in ("one", "one", "two", ""))
    assert first == again
    assert len({first, other, by_content}) == 3


def identifier(origin: str) -> bytes:
    with opened_to_split(tree()) as pdf:
        data = part(pdf, own_pages(pdf)[0], origin)
    with pikepdf.open(io.BytesIO(data)) as alone:
        return bytes(alone.trailer.ID[0])
