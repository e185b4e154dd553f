from __future__ import annotations

import io
import re
from collections.abc import Callable
from fractions import Fraction

import pikepdf
import pypdfium2
import pytest

from generator.model.errors import TypesettingError
from generator.rendering.documents import letter, points, solutions, worksheet
from generator.rendering.typesetting import find_engine, overfull_lines, typeset, typeset_with_log
from generator.sheets import Sheet

Make = Callable[..., Sheet]
HOSTILE = [
    r"\input{/etc/passwd}",
    r"100 % $x$ {a} # & _ ^ ~ \ < > | -- ''x'' <<y>> [z] \\\\ \\end{document}",
    "Zoë Đặng Łukasz Ñandú Åse Çelik Šimůnek Nguyễn Thị Hạnh O’Brien",
    "A" * 300,
    "Ada de la " * 30,
]


def test_empty_lines_part_the_paragraphs_of_instructions(sheet_for: Make) -> None:
    source = worksheet(sheet_for(instructions="One & two,\n  three.\n\n \n50 % four.\n"))
    assert "{\\sloppy One \\& two, three.\\par\n50 \\% four.\\par}" in source


def test_a_worksheet_marks_its_blocks_and_names_its_entries(sheet_for: Make) -> None:
    source = worksheet(sheet_for())
    assert "\n%%% exercise every_kind\n" in source
    assert "\n%%% exercise every_kind part one_choice\n" in source
    assert r"\parthead{a}{1 point}{}" in source
    assert r"\answerbox{q1.number}{\thirdwidth}{7mm}" in source
    assert r"Every kind \& more" in source


def test_a_worksheet_has_no_solutions_and_no_answers(sheet_for: Make) -> None:
    source = worksheet(sheet_for())
    body = source[source.index(r"\begin{document}") :]
    assert r"\solutionhead" not in body
    assert r"\result" not in body
    assert r"x\textasciicircum{}2 + 1" not in body


def test_the_same_sheet_gives_the_same_source(sheet_for: Make) -> None:
    assert worksheet(sheet_for()) == worksheet(sheet_for())
    assert solutions(sheet_for()) == solutions(sheet_for())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_prints_as_typed_and_fits(sheet_for: Make, name: str) -> None:
    source = worksheet(sheet_for(name, instructions=name, course=name[:80]))
    pdf, log = typeset_with_log(source, "sheet", find_engine())
    assert overfull_lines(log, source) == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.docinfo["/Title"]) == f"Recitation 12 – {' '.join(name.split())}"
        assert str(document.docinfo["/Subject"]) == "Worksheet, sheet K7Q2-9MXA-V"


@pytest.mark.parametrize("document", [worksheet, solutions])
def test_a_name_can_be_copied(sheet_for: Make, document: Callable[[Sheet], str]) -> None:
    """Also where our fonts lack its letters and an accent stands below one, as in ị."""
    name = "Thị Hạnh Nguyễn Ưng Ṣāliḥ"
    pdf = typeset(document(sheet_for(name)), "sheet", find_engine())
    for page in pypdfium2.PdfDocument(pdf):
        words = " ".join(page.get_textpage().get_text_range().split())
        assert name in words


def test_solutions_typeset_without_an_overfull_line_and_the_same_twice(sheet_for: Make) -> None:
    source = solutions(sheet_for())
    pdf, log = typeset_with_log(source, "sheet", find_engine())
    assert overfull_lines(log, source) == []
    assert pdf == typeset(source, "sheet", find_engine())


@pytest.mark.parametrize("document", [worksheet, solutions])
def test_pages_are_counted_where_the_last_one_is_full(
    sheet_for: Make, document: Callable[[Sheet], str]
) -> None:
    source = document(sheet_for())
    head = source[: source.index(r"\begin{document}")]
    full = r"\begin{document}\hrule height\textheight\relax\vspace{2pt}\shippages\end{document}"
    log = typeset_with_log(head + full, "sheet", find_engine())[1]
    assert "Output written on sheet.pdf (1 page" in log


OPTIONS = r"\begin{enumerate}[A.]\item[A.] %s\item[B.] two\item[C.] three\end{enumerate}"


@pytest.mark.parametrize(
    ("first", "lines"), [("one", 1), ("of a good length " * 3, 3), ("of great length " * 9, 4)]
)
def test_short_options_stand_side_by_side(sheet_for: Make, first: str, lines: int) -> None:
    head = worksheet(sheet_for()).partition(r"\begin{document}")[0]
    body = rf"\begin{{document}}{OPTIONS % first}\shippages\end{{document}}"
    pdf, log = typeset_with_log(head + body, "sheet", find_engine())
    assert overfull_lines(log, head + body) == []
    text = pypdfium2.PdfDocument(io.BytesIO(pdf))[0].get_textpage().get_text_range()
    assert len(text.split("three")[0].strip().splitlines()) == lines


def test_options_of_several_paragraphs_are_no_list_of_short_ones(sheet_for: Make) -> None:
    """They would be lost but for the last line: the run fails instead."""
    head = worksheet(sheet_for()).partition(r"\begin{document}")[0]
    body = rf"\begin{{document}}{OPTIONS % 'one'}\shippages\end{{document}}"
    assert typeset_with_log(head + body, "sheet", find_engine())
    lost = body.replace("one", r"\begin{center}one\end{center}")
    with pytest.raises(TypesettingError, match="An option of several paragraphs"):
        typeset_with_log(head + lost, "sheet", find_engine())


WIDE = [
    r"\[ x = \begin{bmatrix} 1 & 22222222 \end{bmatrix} %s. \]",
    r"\[ \left( a %s \right) \]",
    r"\[ a = 1, \qquad %s \qquad b = 2 \]",
    r"\lines{a &= 1 %s, & b &= 2}{\orelse{a &= 1 %s \\ b &= 2}}{}",
    r"\begin{center}\begin{tabular}{cc} a & $%s$ \end{tabular}\end{center}",
    r"\result{Answer}{\left( a %s \right)}",
]


@pytest.mark.parametrize("display", WIDE)
@pytest.mark.parametrize("terms", [2, 12, 22])
def test_what_is_too_wide_for_a_column_is_made_to_fit(
    sheet_for: Make, display: str, terms: int
) -> None:
    head = solutions(sheet_for()).partition(r"\begin{document}")[0]
    shown = display.replace("%s", " + 1" + " + x_1" * terms)
    body = rf"\begin{{document}}\solutionpages Text {shown} text\shippages\end{{document}}"
    _, log = typeset_with_log(head + body, "sheet", find_engine())
    assert overfull_lines(log, head + body) == []


def test_a_figure_stands_beside_its_text_where_there_is_room(sheet_for: Make) -> None:
    head = worksheet(sheet_for()).partition(r"\begin{document}")[0]

    def height(text: str) -> float:
        beside = rf"\beside{{\vrule width 5cm height 3cm}}{{{text}}}{{Behind.}}"
        shown = rf"\setbox9=\vbox{{{beside}}}\typeout{{high \the\dimexpr\ht9+\dp9\relax.}}"
        source = rf"{head}\begin{{document}}{shown}\null\shippages\end{{document}}"
        log = typeset_with_log(source, "sheet", find_engine())[1]
        assert overfull_lines(log, source) == []
        found = re.search(r"high ([\d.]+)pt", log)
        assert found
        return float(found[1]) / 28.45

    assert 3 <= height("Before.") < 3.3
    assert height(r"Before \[ \hbox to 12cm{\hrulefill} \] it.") > 4.5


def test_a_sheet_may_have_more_than_a_hundred_pages(sheet_for: Make) -> None:
    # Pages are held back, and TeX gives up after a hundred of them unless told that all is well.
    source = worksheet(sheet_for())
    head = source[: source.index(r"\begin{document}")]
    pages = r"\begin{document}" + r"\null\clearpage " * 120 + r"\shippages\end{document}"
    log = typeset_with_log(head + pages, "sheet", find_engine())[1]
    assert "Output written on sheet.pdf (120 pages" in log


@pytest.mark.parametrize(("paper", "width"), [("a4", 595), ("letter", 612)])
def test_paper(sheet_for: Make, paper: str, width: int) -> None:
    pdf = typeset(worksheet(sheet_for(paper=paper)), "sheet", find_engine())
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert round(float(document.pages[0].mediabox[2])) == width


def test_a_character_that_the_fonts_lack_is_an_error(sheet_for: Make) -> None:
    with pytest.raises(TypesettingError, match=r"U\+5F20"):
        typeset(worksheet(sheet_for("张伟")), "sheet", find_engine())


def test_the_room_to_work_is_as_much_as_was_asked_for(sheet_for: Make) -> None:
    def rooms(room: Fraction) -> list[int]:
        found = re.findall(r"\\room(?:beside)?\{(\d+)mm\}", worksheet(sheet_for(room=room)))
        return [int(mm) for mm in found]

    usual = rooms(Fraction(1))
    assert min(usual) > 0
    assert rooms(Fraction(2)) == [2 * mm for mm in usual]
    assert set(rooms(Fraction(0))) == {0}


def test_points() -> None:
    shown = [points(Fraction(n)) for n in ("1", "2.5", "20/11", "0")]
    assert shown == ["1 point", "2.5 points", "1.82 points", "0 points"]


def test_letters() -> None:
    assert [letter(n) for n in (0, 25, 26, 53)] == ["a", "z", "aa", "bb"]
