"""Sheets as LaTeX to edit: they compile with a plain engine, and say what the native sheets say."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

from generator import catalog
from generator.assignment import Assignment, Entry, Student, checked_options
from generator.building import build
from generator.pictures import Picture
from generator.rendering.documents import files, solutions, worksheet
from generator.rendering.exporting import exported
from generator.rendering.typesetting import find_engine, overfull_lines, typeset_with_log
from generator.sheets import Sheet, draw_sheet

Make = Callable[..., Sheet]
FIGURES = ("edge_graph_backprop", "universal_approximation", "line_pattern_mlp")
# What makes many sheets in one run fast, and what only we know.
MACHINERY = re.compile(r"gradsheet:|@output|\\pdfliteral|\\special|gs@|sheetinfo|\\drawing|\\dump")


def logo() -> Picture:
    target = io.BytesIO()
    Image.linear_gradient("L").resize((90, 30)).save(target, "PNG")
    return Picture("PNG", target.getvalue())


def figures(**settings: object) -> Sheet:
    entries = tuple(Entry(name, {}) for name in FIGURES)
    assignment = Assignment("hw", "Figures & more", entries, practice=True, **settings)  # type: ignore[arg-type]
    return draw_sheet(assignment, Student("s1", "Nguyễn Thị Hảo"), b"")


def words(source: str, sheet: Sheet) -> set[str]:
    """The words that its PDF shows, none of them broken at the end of a line."""
    whole = source.replace(r"\begin{document}", r"\begin{document}\hyphenpenalty=10000 ", 1)
    pdf, log = typeset_with_log(whole, "sheet", find_engine(), files=files(sheet.assignment))
    assert overfull_lines(log, whole) == []
    text = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    return set(re.findall(r"[^\W\d_]{4,}", text))


@pytest.mark.parametrize("language", ["en", "de"])
def test_it_says_what_the_native_sheet_says(sheet_for: Make, language: str) -> None:
    for sheet in (sheet_for(language=language), figures(language=language, logo=logo())):
        for ours, native in zip(exported(sheet), (worksheet(sheet), solutions(sheet)), strict=True):
            assert not MACHINERY.search(ours.partition("\\fi\n\n\\begin{document}")[2] or ours)
            shown, expected = words(ours, sheet), words(native, sheet)
            assert len(expected) > 50
            assert shown - expected == set()
            assert expected - shown == set()


def test_a_worksheet_to_edit_has_no_solutions(sheet_for: Make) -> None:
    sheet, solved = exported(sheet_for())
    for word in (r"\solutionhead", r"\result", r"x\textasciicircum{}2 + 1"):
        assert word not in sheet
    assert r"\solutionhead{Solution.}" in solved
    assert r"\answerbox" not in solved


def test_four_small_boxes_make_one_row() -> None:
    exercise = catalog.find("small_signal_linearity")
    entry = Entry("small_signal_linearity", checked_options(exercise, {"level": 1}))
    assignment = Assignment("hw", "Homework", (entry,), practice=True)
    sheet = draw_sheet(assignment, Student("s1", "One"), b"")
    text = exported(sheet)[0]
    assert re.findall(r"\\answerbox\{.*\}\{(.*)\\textwidth\}", text)[:4] == ["0.235"] * 4
    assert words(text, sheet) == words(worksheet(sheet), sheet)


def test_boxes_are_side_by_side_and_points_beside_their_parts() -> None:
    sheet = draw_sheet(
        Assignment("hw", "Homework", (Entry("step_representability", {}),), practice=True),
        Student("s1", "One"), b"",
    )  # fmt: skip
    pdf, _ = typeset_with_log(exported(sheet)[0], "sheet", find_engine())
    page = pypdfium2.PdfDocument(pdf)[0]
    text = page.get_textpage()

    def place(words: str) -> tuple[float, float]:
        found = text.search(words).get_next()
        assert found
        left, bottom, _, _ = text.get_charbox(found[0], loose=False)
        return left, bottom

    assert place("3 points")[1] == pytest.approx(place("Which of these")[1], abs=1)
    gap = place("q1.build_net.units")[0] - place("q1.build_net.w0")[0] - 0.32 * 15 * 72 / 2.54
    assert 3 < gap < 9


def test_it_loads_nothing_that_it_does_not_use(sheet_for: Make) -> None:
    for text in exported(sheet_for()):
        assert "graphicx" not in text
    assert r"\usepackage{graphicx}" in exported(figures(logo=logo()))[0]


@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
def test_it_compiles_in_an_empty_folder_with_another_tex(tmp_path: Path, engine: str) -> None:
    program = shutil.which(engine)
    if program is None:
        pytest.skip(f"no {engine} on this machine")
    sheet = figures(logo=logo())
    for name, content in files(sheet.assignment).items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "s1.tex").write_text(exported(sheet)[0], "utf-8")
    for _ in range(2):
        done = subprocess.run(
            [program, "-interaction=nonstopmode", "-halt-on-error", "s1.tex"],
            cwd=tmp_path, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:].decode(errors="replace")
    log = (tmp_path / "s1.log").read_text("utf-8", errors="replace")
    assert "Missing character" not in log
    pages = PdfReader(tmp_path / "s1.pdf").pages
    assert f"page 1 of {len(pages)}" in " ".join(pages[0].extract_text().split())


def test_a_build_writes_it_on_request(tmp_path: Path) -> None:
    entries = (Entry("deep_linear_collapse", {}),)
    assignment = Assignment("hw", "Homework", entries, practice=True, logo=logo())
    students = [Student("s1", "One"), Student("s2", "Two")]
    build(assignment, students, b"", tmp_path, engine=None)
    assert not (tmp_path / "hw/tex").exists()
    build(assignment, students, b"", tmp_path, engine=None, keep_tex=True)
    found = {str(path.relative_to(tmp_path / "hw/tex")) for path in tmp_path.rglob("tex/*/*")}
    names = ("s1.tex", "s2.tex", "logo.png")
    assert found == {f"{kind}/{file}" for kind in ("sheets", "solutions") for file in names}
    sheet = draw_sheet(assignment, students[1], b"")
    assert (tmp_path / "hw/tex/solutions/s2.tex").read_text("utf-8") == exported(sheet)[1]


@pytest.mark.parametrize("engine", ["embedded", "lualatex"])
def test_what_is_copied_from_formulas_can_be_read(engine: str) -> None:
    """Sums and tall brackets are the characters that they look like, ours and those to edit."""
    if engine != "embedded" and shutil.which(engine) is None:
        pytest.skip(f"no {engine} on this machine")
    names = ("softmax_ce_backprop_symbolic", "two_layer_forward_backward")
    assignment = Assignment("hw", "Homework", tuple(Entry(n, {}) for n in names), practice=True)
    sheet = draw_sheet(assignment, Student("s1", "Ann"), b"")
    # Where type is small, brackets of three rows are of one piece.
    for source, tall in (
        (exported(sheet)[1], {"⎡", "⎦"}),
        (worksheet(sheet), {"⎡", "⎦"}),
        (solutions(sheet), set("[]")),
    ):
        pdf = typeset_with_log(source, "sheet", find_engine(engine), timeout=120)[0]
        pages = pypdfium2.PdfDocument(pdf)
        text = "".join(page.get_textpage().get_text_range() for page in pages)
        assert {"∑", "∂"} | tall <= set(text)
        strange = {c for c in text if unicodedata.category(c) in ("Co", "Cc", "Cn")} - {"\r", "\n"}
        assert strange - {"\ufffe", "\x02"} == set()  # a hyphen at the end of a line


def test_pairs_of_an_alignment_stand_together_as_on_our_sheets() -> None:
    body = r"\begin{align*} a &= b & c &= d & e &= f \end{align*}"
    source, sheet = (text.partition("\\begin{document}")[0] for text in _both_preambles())
    widths = []
    for preamble in (source, sheet):
        end = "\\shippages" if preamble is sheet else ""
        whole = f"{preamble}\\begin{{document}}\n{body}\n{end}\n\\end{{document}}\n"
        pdf = typeset_with_log(whole, "sheet", find_engine())[0]
        places = pypdfium2.PdfDocument(pdf)[0].get_textpage()
        boxes = [
            places.get_charbox(place)
            for place in range(places.count_chars())
            if places.get_text_range(place, 1) in "abcdef"
        ]
        lefts = [box[0] for box in boxes[:6]]
        widths.append([later - earlier for earlier, later in pairwise(lefts)])
    assert widths[0] == pytest.approx(widths[1], abs=0.6)


def _both_preambles() -> tuple[str, str]:
    """Of a sheet to edit and of ours."""
    assignment = Assignment("hw", "H", (Entry("softmax_invariance", {}),), practice=True)
    sheet = draw_sheet(assignment, Student("s1", "Ann"), b"")
    return exported(sheet)[1], solutions(sheet)
