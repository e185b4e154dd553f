"""What a page says when its text is copied, and what stands on it."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pikepdf
import pypdfium2
import pytest

from generator.assignment import Assignment, Entry, Student
from generator.catalog import names
from generator.rendering.batches import Source, typeset_batch
from generator.rendering.documents import solutions, worksheet
from generator.rendering.pdfs import Pdf
from generator.rendering.typesetting import find_engine
from generator.sheets import Sheet, draw_sheet

BACKPROP = Assignment(
    "hw",
    "Difficult fluff",
    (Entry("two_branch_backprop", {}), Entry("xor_relu_weights", {})),
    course="Offices & affine maps",
    practice=True,
)


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    return draw_sheet(BACKPROP, Student("s1", "Zoë Fflux"), b"")


def made(source: str) -> bytes:
    (pdf,) = typeset_batch([Source("sheet", source)], find_engine("embedded"))
    assert isinstance(pdf, Pdf), pdf
    return pdf.data


def copied(pdf: bytes) -> str:
    """The text of all pages, on one line."""
    pages = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return " ".join(" ".join(p.get_textpage().get_text_range() for p in pages).split())


@pytest.mark.parametrize("document", [worksheet, solutions])
def test_copied_text_has_its_letters(sheet: Sheet, document: Callable[[Sheet], str]) -> None:
    text = copied(made(document(sheet)))
    for words in ("Difficult fluff", "Offices & affine maps", "Zoë Fflux", "point"):
        assert words in text, words
    # pdfium itself writes U+FFFE for the hyphen of a word that goes on in the next line
    assert not set(text) & set("ﬀﬁﬂﬃﬄ\x02\ufffd")
    assert set("∂−σ") <= set(text)


def test_copied_text_reads_in_order(sheet: Sheet) -> None:
    text = copied(made(solutions(sheet)))
    order = ["Difficult fluff", "Solutions", "Student", "Points", "(a)", "Solution.", "Answer"]
    places = [text.index(word) for word in order]
    assert places == sorted(places)
    assert "Common slips." in text


def test_fonts_are_vectors_that_are_embedded(sheet: Sheet) -> None:
    with pikepdf.open(io.BytesIO(made(worksheet(sheet)))) as pdf:
        for page in pdf.pages:
            for font in page.Resources.Font.values():
                assert font.Subtype == "/Type1"
                assert "/FontFile" in font.FontDescriptor
                assert "/ToUnicode" in font


def test_the_language_is_told(sheet: Sheet) -> None:
    with pikepdf.open(io.BytesIO(made(worksheet(sheet)))) as pdf:
        assert str(pdf.Root.Lang) == "en"
        assert sorted(pdf.docinfo) == ["/Author", "/Creator", "/Keywords", "/Subject", "/Title"]


def test_slips_are_those_of_this_instance(sheet: Sheet) -> None:
    """Advice on mistakes stands in the solutions alone, and only where the mistake can be made."""
    question = sheet.questions[0]
    part = question.exercise.parts["relu_bracket"]
    first = next(iter(part.mistakes.values())).advice
    assert first[:20] in copied(made(solutions(sheet)))
    assert r"\slips" not in worksheet(sheet).partition(r"\begin{document}")[2]


@pytest.mark.parametrize("document", [worksheet, solutions])
@pytest.mark.parametrize("name", names())
def test_every_exercise_copies_as_text(name: str, document: Callable[[Sheet], str]) -> None:
    """Large brackets, sums and roots are signs of Unicode, not what the font calls them."""
    assignment = Assignment("hw", "Text", (Entry(name, {}),), course="", practice=True)
    pages = pypdfium2.PdfDocument(
        io.BytesIO(made(document(draw_sheet(assignment, Student("s1", "Ada"), b""))))
    )
    for page in pages:
        text = page.get_textpage().get_text_range()
        odd = [
            c
            for c in text
            if unicodedata.category(c) in ("Cc", "Cn", "Co") and c not in "\r\n\ufffe"
        ]
        assert not odd, [hex(ord(c)) for c in odd]
        assert "\ufffd" not in text
        assert "\u0338" not in text  # of a sign that was struck out, such as that of inequality


def test_signs_of_formulas_are_copied() -> None:
    """What the extension font has in the places of letters."""
    array = r"\begin{bmatrix} 1 \\ 2 \\ 3 \end{bmatrix}"
    body = rf"\[ \sum_i \prod_j \sqrt{{\frac{{a}}{{b}}}} \ne \int \Bigl( {array} \Bigr) \]"
    source = solutions(draw_sheet(BACKPROP, Student("s1", "Ada"), b"")).replace(
        r"\begin{document}", r"\begin{document}" + body, 1
    )
    text = copied(made(source))
    for sign in "∑∏√≠∫(⎡⎢⎣":
        assert sign in text, sign


def lowest(page: pypdfium2.PdfPage, left: float = 0, right: float = 1) -> float:
    """How far down the text of a page goes above its footer, between shares of its width."""
    width, height = page.get_size()
    text = page.get_textpage()
    boxes = (text.get_charbox(n) for n in range(text.count_chars()))
    return max(
        (1 - low / height for x, low, _, _ in boxes if left * width < x < right * width),
        key=lambda share: share if share < 0.93 else 0,
        default=0,
    )


@pytest.mark.parametrize("points", [6, 10, 14, 20])
def test_the_pages_of_a_worksheet_are_filled_alike(points: int) -> None:
    """Where the last page would hold little, the pages before it hold less."""
    entries = tuple(replace(each, points=Fraction(points)) for each in BACKPROP.entries)
    sheet = draw_sheet(replace(BACKPROP, entries=entries), Student("s1", "Ada"), b"")
    pages = pypdfium2.PdfDocument(io.BytesIO(made(worksheet(sheet))))
    assert len(pages) > 1
    assert all(lowest(page) > 0.5 for page in pages)


@pytest.mark.parametrize("name", ["activation_derivatives", "line_pattern_separability"])
def test_a_page_does_not_end_before_a_part_that_it_has_room_for(name: str) -> None:
    """Not even where the last page would hold more then."""
    assignment = replace(BACKPROP, paper="letter", entries=(Entry(name, {}),))
    sheet = draw_sheet(assignment, Student("s1", "Ada"), b"")
    pages = pypdfium2.PdfDocument(io.BytesIO(made(worksheet(sheet))))
    assert all(lowest(pages[number]) > 0.8 for number in range(len(pages) - 1))


@pytest.mark.parametrize("name", ["two_branch_backprop", "softmax_invariance", "rnn_bptt_gradient"])
def test_the_last_columns_are_of_one_height(name: str) -> None:
    assignment = replace(BACKPROP, entries=(Entry(name, {}),))
    sheet = draw_sheet(assignment, Student("s1", "Ada"), b"")
    pages = pypdfium2.PdfDocument(io.BytesIO(made(solutions(sheet))))
    last = pages[len(pages) - 1]
    assert lowest(last, 0, 0.5) == pytest.approx(lowest(last, 0.5, 1), abs=0.12)


@pytest.mark.parametrize("document", [worksheet, solutions])
@pytest.mark.parametrize("height", [18, 30, 60])
def test_what_cannot_be_broken_does_not_keep_pages_from_ending(
    sheet: Sheet, document: Callable[[Sheet], str], height: int
) -> None:
    tall = rf"\vbox to {height}cm{{\hbox{{Xanadu}}\vfil\hbox{{Kubla}}}}"
    before, end, after = document(sheet).rpartition(r"\shippages")
    text = copied(made(rf"{before}\par{tall}\par{end}{after}"))
    assert text.count("Xanadu") == text.count("Kubla") == 1


def test_lines_of_a_long_title_stand_apart(sheet: Sheet) -> None:
    long = replace(sheet, assignment=replace(BACKPROP, title="Difficult " * 30))
    (page, *_) = pypdfium2.PdfDocument(io.BytesIO(made(worksheet(long))))
    text = page.get_textpage()
    where = text.search("Difficult", match_case=True)
    bottoms = set()
    while found := where.get_next():
        _, bottom, _, top = text.get_charbox(found[0])
        if top - bottom > 9:  # in the type of titles
            bottoms.add(round(bottom))
    lines = sorted(bottoms)
    assert len(lines) > 3
    assert min(above - below for below, above in pairwise(lines)) >= 16


EDGES = r",\ \allowbreak ".join(rf"{{\text{{a{n}}} \to \text{{a{n + 1}}}}}" for n in range(1, 10))
WIDE = " & ".join(["-4"] * 9)


@pytest.mark.parametrize(
    ("word", "result"),
    [
        *(("R" + "e" * letters, f"X_1 = {EDGES}") for letters in (6, 9, 14)),
        ("Una respuesta posible", rf"X_1 = \begin{{bmatrix}} {WIDE} \end{{bmatrix}}"),
    ],
)
def test_a_wide_result_is_set_in_lines_and_not_small(sheet: Sheet, word: str, result: str) -> None:
    before, end, after = solutions(sheet).rpartition(r"\shippages")
    pdf = made(rf"{before}\par\newpage\result{{{word}}}{{{result}}}\par{end}{after}")
    heights = []
    for page in pypdfium2.PdfDocument(io.BytesIO(pdf)):
        text = page.get_textpage()
        for n in range(text.count_chars()):
            if text.get_text_range(n, 1) == "X":
                _, bottom, _, top = text.get_charbox(n)
                heights.append(top - bottom)
    assert min(heights, default=0) > 5
