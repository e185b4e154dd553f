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
from generator.rendering import blocks, web
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
        (r"$\unheard{x}$", "<p><code>"),
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
    return "".join(root.itertext())


def _letters(text: str) -> Counter[str]:
    plainer = unicodedata.normalize("NFKD", html.unescape(text))  # 𝖳 and T are one letter
    return Counter(re.findall(r"[A-Za-z0-9\u0370-\u03ff]", plainer))
