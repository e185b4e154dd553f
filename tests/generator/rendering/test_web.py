"""Blocks as HTML: nothing is lost, nothing acts, formulas are MathML that is well-formed."""

from __future__ import annotations

import html
import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator

import pytest

from generator import catalog
from generator.assignment import Assignment, Entry, Student
from generator.model.errors import AuthoringError
from generator.model.figure import Figure
from generator.model.values import Tex
from generator.rendering import blocks, mathml, web
from generator.rendering.plain import plain
from generator.sheets import Question, draw_sheet


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        ("Two  words.\n\nA new one.", "<p>Two words.</p><p>A new one.</p>"),
        (r"a < b \& \emph{c} -- d~e", "<p>a &lt; b &amp; <em>c</em> – d\u00a0e</p>"),
        (r"\texttt{W1} and \textbf{not}", "<p><code>W1</code> and <strong>not</strong></p>"),
        (
            r"\begin{itemize} \item one \item two\end{itemize}",
            "<ul><li>one</li><li>two</li></ul>",
        ),
        (
            r"\begin{enumerate}[A.] \item[A.] one\end{enumerate}",
            '<ul class="options"><li><strong>A.</strong> one</li></ul>',
        ),
        (
            r"\begin{tabular}{cc} a & b \\ \hline 1 & 2 \\ \end{tabular}",
            '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
            "<tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        ),
        (r"$\overset{x}{y}$", "<p><code>"),
        ("a \u202e b \x1b[31m", "<p>a \ufffd b \ufffd[31m</p>"),
        ("<script>$<script>$", "<p>&lt;script&gt;<math>"),
    ],
)
def test_blocks(tex: str, shown: str) -> None:
    found = web.page(tex)
    assert shown in found
    assert "<script" not in found
    ElementTree.fromstring(f"<page>{found}</page>")


def test_a_figure_stands_where_it_was_called() -> None:
    tex = f"Before{web.figure_place(0)}between{web.figure_place(1)}"
    assert web.page(tex, ["<svg>1</svg>", "<svg>2</svg>"]) == (
        '<p>Before</p><div class="figure"><svg>1</svg></div>'
        '<p>between</p><div class="figure"><svg>2</svg></div>'
    )


def test_a_formula_stays_with_the_punctuation_that_touches_it() -> None:
    found = web.page(r"Let $a$, then ($b$) and $c$ of $d$.")
    assert found.count('<span class="whole">') == 3
    assert '<span class="whole">(<math' in found
    assert "</math>,</span> then" in found
    assert "</math>)</span> and <math" in found
    assert found.endswith("</math>.</span></p>")


def test_what_does_not_end_is_the_authors_error() -> None:
    with pytest.raises(AuthoringError):
        web.page(r"\begin{itemize}")


@pytest.mark.parametrize(
    ("latex", "elements"),
    [
        (r"\ln 4", '<mi>ln</mi><mspace width=".17em"></mspace><mn>4</mn>'),
        (r"\max(0, z)", "<mi>max</mi><mo"),
        (r"\tfrac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"\partial h_4", "<mi>∂</mi><msub>"),
        (r"\lim_{x \to 0} x", "<munder><mo>lim</mo><mrow>"),
        (r"\sum_i y_i", "<munder><mo>∑</mo><mi>i</mi></munder>"),
        (r"x \text{ if } y", "<mtext>\u00a0if\u00a0</mtext>"),
        (r"\text{of $x$}", "<mtext>of\u00a0</mtext><mrow><mi>x</mi></mrow>"),
        (r"\begin{bmatrix} 1 \\[0.6ex] 2 \end{bmatrix}", "<mtr><mtd><mn>2</mn></mtd></mtr>"),
        (r"\begin{cases} 1 & x \\ 0 & y \end{cases}", 'class="cases"'),
        (r"(1) - 2", ")</mo><mo>−</mo>"),
        (r"(1,\ -2)", '</mspace><mo form="prefix">−</mo>'),
        (r"[0, 1)", '<mo stretchy="false">[</mo>'),
        (r"\Bigl( x \Bigr)", '<mo minsize="1.4em">(</mo>'),
        (r"\underbrace{a}_{b}", "<munder><munder><mi>a</mi>"),
    ],
)
def test_formulas(latex: str, elements: str) -> None:
    found = mathml.inline(latex)
    assert elements in found
    ElementTree.fromstring(found)


@pytest.mark.parametrize("latex", [r"\href{x}", r"\frac{1}", r"\left( x", "{" * 400, r"\unknown"])
def test_what_is_not_known_in_formulas_is_refused(latex: str) -> None:
    with pytest.raises(ValueError):
        mathml.inline(latex)


def test_a_display_is_in_rows_and_pieces() -> None:
    rows = mathml.display(r"a &= b, & c &= d \\[1ex] e &= \begin{bmatrix} 1 & 2 \end{bmatrix}")
    assert [len(row) for row in rows] == [2, 1]
    assert [len(row) for row in mathml.display(r"a = 1, \quad b = 2")] == [2]


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("name", catalog.names())
def test_every_block_of_every_exercise_has_all_its_letters(name: str, level: int) -> None:
    """As the plain text has them, and all mathematics is set."""
    settings = catalog.find(name).by_level().get(level, {})
    entry = Entry(name, dict(settings))
    sheet = draw_sheet(Assignment("hw", "HW", (entry,), practice=True), Student("s", "S"), b"")
    for tex in _blocks(sheet.questions[0]):
        found = web.page(tex)
        root = ElementTree.fromstring(f"<page>{found}</page>")
        assert not list(root.iter("pre")), tex
        assert not re.search(r"<code>[^<]*[\\$^{}]", found), tex
        ours, theirs = _letters(_numbered(root)), _letters(plain(tex, 10**6))
        assert not ours - theirs, tex
        assert not theirs - ours - Counter("if" * tex.count("cases")), tex  # which plain text adds


def _blocks(question: Question) -> Iterator[str]:
    def nothing(_: Figure) -> Tex:
        return Tex("")

    yield blocks.statement(question, nothing)
    for part in question.truths:
        yield blocks.prompt(question, part, nothing)
        yield blocks.solution(question, part, nothing)


def _numbered(root: ElementTree.Element) -> str:
    """The text, with the numbers that a browser puts before the items of a list."""
    for numbered in root.iter("ol"):
        for place, item in enumerate(numbered, 1):
            item.text = f"{place}. {item.text or ''}"
    return "".join(root.itertext()).replace("𝟏", "1")


def _letters(text: str) -> Counter[str]:
    plainer = unicodedata.normalize("NFD", html.unescape(text))
    return Counter(re.findall(r"[A-Za-z0-9\u0370-\u03ff]", plainer))
