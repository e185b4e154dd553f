"""PDFs taken apart and put together: whatever program wrote them, nothing is lost or mixed up."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name

from generator.rendering.pdf_parts import Copies, Writer, page_count, read


def original(**options: object) -> bytes:
    """Three pages that inherit their size, refer to each other, and have a font that refers to
    itself and a text that looks like a reference."""
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        )
        font.Own = pdf.make_indirect(Dictionary(Back=font, Text=pikepdf.String("7 0 R (1 0 R) \\")))
        for number in range(3):
            pdf.add_blank_page(page_size=(300, 400))
            page = pdf.pages[-1].obj
            page.Resources = Dictionary(Font=Dictionary(F1=font))
            page.Contents = pdf.make_stream(b"BT /F1 20 Tf 9 9 Td (page %d) Tj ET" % number)
            del page.MediaBox
        pdf.pages[1].obj.Other = Array([pdf.pages[0].obj, pdf.pages[2].obj])
        pdf.Root.Pages.MediaBox = Array([0, 0, 300, 400])
        target = io.BytesIO()
        pdf.save(target, **options)  # type: ignore[arg-type]
        return target.getvalue()


def copied(pdf: bytes, first: int, last: int) -> bytes:
    source, target = read(pdf), Writer()
    kids = Copies(source, target).pages(source.pages[first:last], Writer.PAGES)
    target.node(Writer.PAGES, kids, len(kids))
    return target.written(b"/Lang(en)", {"Title": "Ünal (1 0 R) 張", "Creator": "x"})


def texts(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(pdf))]


@pytest.mark.parametrize("mode", pikepdf.ObjectStreamMode.__members__)
def test_some_pages_with_all_that_they_refer_to(mode: str) -> None:
    pdf = copied(original(object_stream_mode=pikepdf.ObjectStreamMode.__members__[mode]), 1, 3)
    assert texts(pdf) == ["page 1", "page 2"]
    assert page_count(pdf) == 2
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.check_pdf_syntax() == []
        first, second = (page.obj for page in opened.pages)
        assert list(map(int, first.MediaBox)) == [0, 0, 300, 400]
        font = first.Resources.Font.F1
        assert font.objgen == second.Resources.Font.F1.objgen
        assert font.Own.Back.objgen == font.objgen
        assert str(font.Own.Text) == "7 0 R (1 0 R) \\"
        assert first.Other[0] is None  # that page did not come along
        assert first.Other[1].objgen == second.objgen
        assert str(opened.docinfo.Title) == "Ünal (1 0 R) 張"


def test_the_same_pages_give_the_same_bytes_and_others_another_id() -> None:
    pdf = original()
    assert copied(pdf, 0, 2) == copied(pdf, 0, 2)
    ids = set()
    for first in range(3):
        with pikepdf.open(io.BytesIO(copied(pdf, first, first + 1))) as opened:
            ids.add(bytes(opened.trailer.ID[0]))
    assert len(ids) == 3


def test_what_we_wrote_is_read_as_anybody_reads_it() -> None:
    once = copied(original(), 0, 3)
    assert copied(once, 0, 3) == once
    assert read(once).content(read(once).pages[2]) == b"BT /F1 20 Tf 9 9 Td (page 2) Tj ET"


def test_what_another_program_added_to_it_is_read_too() -> None:
    once = copied(original(), 0, 1)
    with pikepdf.open(io.BytesIO(once)) as opened:
        opened.pages[0].obj.Contents = opened.make_stream(b"BT /F1 9 Tf 9 9 Td (other) Tj ET")
        target = io.BytesIO()
        opened.save(target)
    assert texts(copied(target.getvalue(), 0, 1)) == ["other"]
    appended = once + b"\n9 0 obj\nnull\nendobj\nxref\n9 1\n0000000000 00000 n \n"
    appended += b"trailer\n<</Size 10/Root 1 0 R/Prev 1>>\nstartxref\n%d\n%%%%EOF\n" % len(once)
    assert texts(copied(appended, 0, 1)) == ["page 0"]


@pytest.mark.parametrize("end", [0, 30])
def test_what_is_cut_short_is_no_pdf(end: int) -> None:
    whole = copied(original(), 0, 3)
    with pytest.raises(pikepdf.PdfError):
        read(whole[:end])


def test_entries_of_a_page_are_left_behind() -> None:
    source = original()
    with pikepdf.open(io.BytesIO(source)) as opened:
        page = opened.pages[0].obj
        page.Annots = Array([opened.make_indirect(Dictionary(Subtype=Name.Link, P=page))])
        target = io.BytesIO()
        opened.save(target)
    ours = copied(target.getvalue(), 0, 1)
    for pdf in (target.getvalue(), ours):
        assert b"/Annots" in read(pdf).objects[read(pdf).pages[0]].text
        parts = read(pdf, without=("/Annots",))
        assert b"/Annots" not in parts.objects[parts.pages[0]].text
