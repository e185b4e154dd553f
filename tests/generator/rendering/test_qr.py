"""QR codes, read back from what a printer would print."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
import segno
import zxingcpp

from generator.rendering.documents import solutions, worksheet
from generator.rendering.qr import MODULES, codes, payload
from generator.rendering.typesetting import find_engine, typeset
from generator.sheets import Sheet

Make = Callable[..., Sheet]


def read(pdf: bytes, dpi: int = 150) -> list[list[Any]]:
    """The codes on each page."""
    pages = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [
        zxingcpp.read_barcodes(page.render(scale=dpi / 72, grayscale=True).to_numpy())
        for page in pages
    ]


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_each_page_of_a_worksheet_says_whose_it_is(sheet_for: Make, paper: str) -> None:
    codes = read(typeset(worksheet(sheet_for(paper=paper)), "sheet", find_engine()))
    assert len(codes) > 1
    assert [[code.text for code in page] for page in codes] == [
        [f"K7Q2-9MXA-V {page}"] for page in range(1, len(codes) + 1)
    ]
    (code,) = codes[0]
    assert code.ec_level == "M"
    size = abs(code.position.top_right.x - code.position.top_left.x) / 150 * 25.4
    assert 17 < size < 20  # mm


def test_a_page_beyond_those_expected_says_the_sheet(sheet_for: Make) -> None:
    source = worksheet(sheet_for())
    end = source.index(r"\shippages" + "\n" + r"\end{document}")
    longer = source[:end] + r"\null\clearpage " * 12 + source[end:]
    codes = read(typeset(longer, "sheet", find_engine()))
    assert codes[-1][0].text == "K7Q2-9MXA-V"


def test_solutions_have_no_code(sheet_for: Make) -> None:
    assert not any(read(typeset(solutions(sheet_for()), "sheet", find_engine()), 75))


@pytest.mark.parametrize("sheet_id", ["K7Q2-9MXA-V", "ZZZZ-ZZZZ-Z", "7KPW-22AB-0", "AB"])
def test_codes_are_what_each_alone_would_be(sheet_id: str) -> None:
    found = codes(sheet_id, 120)
    assert len(found.pages) == 120
    for page, drawn in enumerate([found.pageless, *found.pages]):
        assert painted(f"{found.common} {drawn}") == encoded(payload(sheet_id, page))


def encoded(text: str) -> list[list[int]]:
    """The modules of a code."""
    mask = 3
    code = segno.make(text, version=1, error="m", mode="alphanumeric", mask=mask, boost_error=False)
    return [list(map(int, row)) for row in code.matrix]


def painted(operators: str) -> list[list[int]]:
    """The modules that rectangles cover."""
    modules = [[0] * MODULES for _ in range(MODULES)]
    for each in operators.removesuffix(" re").split(" re "):
        left, low, width, height = map(int, each.split())
        for row in range(low, low + height):
            for column in range(left, left + width):
                assert not modules[MODULES - 1 - row][column]  # none is drawn twice
                modules[MODULES - 1 - row][column] = 1
    return modules


@pytest.mark.parametrize("sheet_id", ["K7Q2-9MXA-V 123456789", "k7q2", "K7Q2-9MXA-v"])
def test_what_does_not_fit_is_refused(sheet_id: str) -> None:
    with pytest.raises(ValueError):
        codes(sheet_id, 1)


def test_payload() -> None:
    assert payload("K7Q2-9MXA-V", 2) == "K7Q2-9MXA-V 2"
    assert payload("K7Q2-9MXA-V") == "K7Q2-9MXA-V"
