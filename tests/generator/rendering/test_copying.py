"""Fractions: what they are copied as, and that they look the same."""

from __future__ import annotations

import io
import subprocess
from shutil import which

import numpy as np
import pikepdf
import pypdfium2
import pytest

from generator.assignment import Assignment, Entry, Student
from generator.rendering import documents
from generator.rendering.copying import copyable
from generator.rendering.exporting import exported
from generator.rendering.typesetting import find_engine, typeset
from generator.sheets import Sheet, draw_sheet

PREAMBLE = "\\newcommand{\\half}{\\frac{1}{2}}\n\\begin{document}\n"
FORMULAS = r"""
Let $x = 3\frac{1}{2}$ and $y=-\frac{17}{24}$, so $\tfrac12 x$ and $z\tfrac{3}{4}$ and
$(1 + 2) \frac{1}{3}$ and $w_{1} \frac{3}{5}$ and $2 \cdot \dfrac{5}{4}$ and $1 - \frac{1}{8}$ end.

Then $\frac{\partial L}{\partial z_1} = \frac{h}{20} + \frac{30}{o}$ and $\frac{a + b}{7}$ end.
\[ \begin{bmatrix} \frac{1}{9} & -\frac{2}{9} \\[3pt] \frac{4}{9} & 2 \end{bmatrix} \]
\clearpage
"""
LINES = (
    "x = 3 1/2 and y = −17/24 , so 1/2 x and z 3/4 and (1 + 2) 1/3",
    "2 · 5/4 and 1 − 1/8 end.",
    "∂L/∂z_1 = h/20 + 30/o and (a + b)/7 end.",
    "1/9 −2/9",
    "4/9 2",
)


def texts(source: str) -> list[str]:
    """The definitions of the texts in a body."""
    body = copyable(f"{PREAMBLE}{source}").removeprefix(PREAMBLE)
    return [
        each.partition("{")[2].rstrip("}") for each in body.partition("\n")[0].split(r"\def")[1:]
    ]


def in_hexadecimal(text: str) -> str:
    encoded = ("\ufeff" + text).encode("utf-16-be")
    return f"<{encoded.hex().upper()}>"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"\frac{1}{2}", "(1/2)"),
        (r"\tfrac12", "(1/2)"),
        (r"\tfrac1{16}", "(1/16)"),
        (r"x = -\dfrac{17}{24}", "(17/24)"),
        (r"3\frac{1}{2}", "( 1/2)"),
        (r"x \frac{1}{2}", "( 1/2)"),
        (r"w_{1} \frac{1}{2}", "( 1/2)"),
        (r"\ln \frac{1}{2}", "(1/2)"),
        (r"\begin{bmatrix} \frac{1}{2} \end{bmatrix}", "(1/2)"),
        (r"\frac{p}{q + 1}", in_hexadecimal("p/(q + 1)")),
        (r"\frac{\partial L}{\partial z}", in_hexadecimal("∂L/∂z")),
    ],
)  # fmt: skip
def test_each_fraction_says_what_it_is_copied_as(formula: str, text: str) -> None:
    assert texts(f"${formula}$") == [text]


@pytest.mark.parametrize(
    "formula",
    [
        r"\frac{x}{y}",  # single letters, with their italic corrections
        r"\frac{\begin{x}}{2}",  # what does not parse
        r"\frac{1}",
        r"\fraction{1}{2}",
        rf"\frac{{{' + '.join('abcdefghijklm')}}}{{2}}",  # long
    ],
)
def test_others_are_left_as_they_are(formula: str) -> None:
    assert copyable(f"{PREAMBLE}${formula}$") == f"{PREAMBLE}${formula}$"


def test_the_preamble_is_left_as_it_is() -> None:
    """So that one format serves all, and every text is defined once."""
    found = copyable(rf"{PREAMBLE}$\frac{{1}}{{2}} + \frac{{1}}{{2}}$")
    assert found.startswith(PREAMBLE)
    assert found.count("(1/2)") == 1


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    """One without fractions of its own."""
    assignment = Assignment("hw", "Sums", (Entry("xor_relu_weights", {}),), practice=True)
    return draw_sheet(assignment, Student("s1", "Ada"), b"")


@pytest.fixture(scope="module")
def source(sheet: Sheet) -> str:
    before, opening, behind = documents.worksheet(sheet).partition("\\opening{Sums")
    assert opening
    return f"{before}{FORMULAS}{opening}{behind}"


@pytest.fixture(scope="module")
def marked(source: str) -> bytes:
    return typeset(copyable(source), "sheet", find_engine("embedded"))


def first_page(pdf: bytes) -> pypdfium2.PdfPage:
    return pypdfium2.PdfDocument(io.BytesIO(pdf))[0]


def test_fractions_are_copied_on_one_line(marked: bytes) -> None:
    """By PDFium, as in Chrome."""
    lines = [
        " ".join(each.split())
        for each in first_page(marked).get_textpage().get_text_range().splitlines()
    ]
    for line in LINES:
        assert any(line in each for each in lines), (line, lines)


@pytest.mark.skipif(not which("pdftotext"), reason="Poppler is not installed")
@pytest.mark.parametrize("order", ["-raw", "-layout"])
def test_fractions_are_copied_by_poppler(marked: bytes, order: str) -> None:
    command = ["pdftotext", "-l", "1", order, "-", "-"]
    said = subprocess.run(command, input=marked, capture_output=True, check=True).stdout.decode()
    text = " ".join(said.split())
    for line in LINES:
        assert line in text, (line, text)


NAMES = "Đặng Ẹnẹ Ģirts Ķēniņš Ṣāliḥ Țurcanu Ưng Ữu ẞ Nguyễn Ǧ"


@pytest.mark.skipif(not which("pdftotext"), reason="Poppler is not installed")
def test_names_are_copied_without_gaps() -> None:
    """Accents are not as wide as their letters, and Đ shares its glyph with another letter."""
    text = f"{NAMES}\\par\\textbf{{{NAMES}}}"
    pdf = typeset(
        rf"\documentclass{{article}}\usepackage[T1]{{fontenc}}\usepackage{{lmodern}}"
        rf"\pdfgentounicode1 \input{{glyphtounicode}}\begin{{document}}{text}\end{{document}}",
        "names",
        find_engine("embedded"),
    )
    command = ["pdftotext", "-raw", "-", "-"]
    said = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
    by_chrome = first_page(pdf).get_textpage().get_text_range()
    for each in (said, by_chrome):
        assert [line for line in each.splitlines() if len(line) > 1] == [NAMES, NAMES]


def test_fractions_look_the_same(source: str, marked: bytes) -> None:
    plain = typeset(source, "sheet", find_engine("embedded"))
    one, other = (
        first_page(pdf).render(scale=3, grayscale=True).to_numpy().astype(int)
        for pdf in (plain, marked)
    )
    assert one.shape == other.shape
    assert np.count_nonzero(np.abs(one - other) > 64) == 0


def test_other_viewers_copy_a_stroke(marked: bytes) -> None:
    """What is in the page itself, where a viewer does not know the texts."""
    with pikepdf.open(io.BytesIO(marked)) as pdf:
        operators = [
            (str(each.operator), [str(one) for one in each.operands])
            for each in pikepdf.parse_content_stream(pdf.pages[0])
        ]
    names = [name for name, _ in operators]
    assert names.count("BDC") == names.count("EMC") > 10
    assert names.count("Tr") == 4 * names.count("BDC")  # two signs are not seen: on and off
    modes = [operands for name, operands in operators if name == "Tr"]
    assert modes == [["3"], ["0"]] * (len(modes) // 2)


def test_those_who_edit_get_plain_fractions(sheet: Sheet) -> None:
    entries = (Entry("line_pattern_separability", {}),)
    other = draw_sheet(Assignment("hw", "F", entries, practice=True), Student("s1", "Ada"), b"")
    assert "\\copied" in documents.solutions(other)
    for text in exported(other):
        assert "\\copied{" not in text
        assert "\\gsa" not in text
