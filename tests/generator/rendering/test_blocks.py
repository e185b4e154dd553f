from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.assignment import Assignment, Entry, Student
from generator.model.errors import AuthoringError
from generator.rendering import blocks, environment
from generator.rendering.environment import render_block
from generator.sheets import Question, draw_sheet


def rendered(folder: Path, source: str, context: dict[str, Any] | None = None) -> str:
    """The block `b` of a template with this source."""
    environment._environment.cache_clear()
    (folder / "t.tex.j2").write_text(source, encoding="utf-8")
    return render_block("t.tex.j2", "b", context or {})


def shadow(folder: Path, name: str, text: str) -> None:
    """Put a template with the one block `name` before the example's."""
    target = folder / "exercises" / "rendering"
    target.mkdir(parents=True)
    source = block(text).replace("block b", f"block {name}")
    (target / "every_kind.tex.j2").write_text(source, encoding="utf-8")
    environment._environment.cache_clear()


def block(text: str) -> str:
    return '<% extends "exercise.tex.j2" %>\n<% block b %>\n' + text + "\n<% endblock %>\n"


def test_statement(question: Question) -> None:
    lines = blocks.statement(question).split("\n")
    assert lines[0] == (
        r"Let $x = -0.125$, "
        r"$v = \begin{bmatrix} -\frac{1}{8} \\[3pt] \frac{1}{3} \\[3pt] 0 \end{bmatrix}$ and "
        r"$\alpha = \frac{1}{2} \cdot -0.25$ (50 \% \& more)."
    )
    assert "% Figure: lines & marks, 100 % of them" in lines
    assert lines[-5:] == [
        "The parts are " + ", ".join(question.truths).replace("_", r"\_") + ".",
        "",
        "It is negative.",
        "",
        "Enough.",
    ]


def test_every_part_has_a_prompt_and_a_solution(question: Question) -> None:
    for name in question.truths:
        assert blocks.prompt(question, name)
        assert blocks.solution(question, name)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("prompt number", "Give $0.125$, with the sign of $x$."),
        ("solution number", r"It is $-0.125 = -\frac{1}{8}$."),
        (
            "solution vector",
            r"It is $\left(-\frac{1}{8},\ \frac{1}{3},\ 0\right)$, after $-0.125$.",
        ),
        ("solution size", r"$3 \times m$."),
        ("solution one_choice", "B."),
        ("solution order", "CAB."),
        ("solution group", "A, $3$."),
        (
            "prompt one_choice",
            "Choose.\n\\begin{enumerate}[A.]\n\\item[A.] No\n"
            "\\item[B.] Yes, $<-0.125$\n\\end{enumerate}",
        ),
        (
            "prompt some_choices",
            "Choose. \\begin{enumerate}[1.]\n\\item[1.] one\n\\item[2.] two\n"
            "\\item[3.] three\n\\end{enumerate}",
        ),
    ],
)
def test_a_block_reads(question: Question, shown: str, expected: str) -> None:
    kind, part = shown.split()
    write = blocks.prompt if kind == "prompt" else blocks.solution
    assert write(question, part) == expected


@pytest.mark.parametrize(
    "leak",
    [
        "truth.number",
        "answer",
        "label('x')",
        "this.truths()",
        "this.number",
        "this.number.rule(this)",
        "this.off_by_one()",
        "this.hold()",
        "this.verify()",
        "this.parts",
        "this.sample",
        "this._look('truths')",
        "this.__class__.truths",
        "this.drawing.__self__.truths()",
        "this.__init__.__globals__",
        "question",
    ],
)
def test_a_statement_cannot_reach_the_truths(
    question: Question, leak: str, templates: Path
) -> None:
    shadow(templates, "statement", f"<< {leak} >>")
    with pytest.raises(AuthoringError, match=r"every_kind\.tex\.j2, block statement, line 3"):
        blocks.statement(question)


def test_a_prompt_cannot_reach_the_truths_either(question: Question, templates: Path) -> None:
    shadow(templates, "prompt_number", "<< truth.number >>")
    with pytest.raises(AuthoringError, match="'truth' is undefined"):
        blocks.prompt(question, "number")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (block("\n<< missing >>"), r"t\.tex\.j2, block b, line 4: 'missing' is undefined"),
        (block("<< x | nofilter >>"), r"t\.tex\.j2, line 3: No filter named 'nofilter'"),
        (block("<% if x %>"), r"t\.tex\.j2, line 4: .*endblock"),
        (block("<< none >>"), r"line 3: TypeError: None is not a number"),
        (block("<< 1 / 0 >>"), r"line 3: ZeroDivisionError"),
        (block('<< "<" + x >>'), r"t\.tex\.j2, block b: .*HTML"),
        ("<% block c %><% endblock %>", r"t\.tex\.j2: there is no block b"),
    ],
)
def test_an_error_names_file_block_and_line(templates: Path, source: str, message: str) -> None:
    with pytest.raises(AuthoringError, match=message):
        rendered(templates, source, {"x": "<&>"})


def test_a_template_that_is_not_there() -> None:
    with pytest.raises(AuthoringError, match="no template exercises/none"):
        render_block("exercises/none.tex.j2", "statement", {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a<% if x %>b<% endif %>\nc", "ab\nc"),  # no line is glued to the next
        ("<% if no %>b<% endif %><% if no %>b<% endif %>\nc", "c"),
        ("a\n<% if no %>b<% endif %>\nc", "a\nc"),  # and a line of nothing is no paragraph
        ("a\n\n<% if x %>b<% endif %>\n\nc", "a\n\nb\n\nc"),
        ("<% for i in [1, 2] %>\na<<i>>\n<% endfor %>\nb", "a1\na2\nb"),
        (
            "\\[\n<% for i in [1] %>\n<<i>><% if i %>+<% endif %>\n\n<% endfor %>\n\\]",
            "\\[\n1+\n\\]",
        ),
        ("1 \\\\[3pt] 2\n\n\\[\n\n3\n\\]", "1 \\\\[3pt] 2\n\n\\[\n3\n\\]"),
        ("a<# a remark #>\nb", "a\nb"),
        ("<<-x>>", "-3"),
        ("<<x>><<- x >>", "3-3"),
        ('<< "\\\\alpha" >>', r"\alpha"),
        ('<< "\\\\alpha" ~ name ~ x >>', r"\alpha\&3"),
        ('<< [name, x] | join(", ") >>', r"\&, 3"),
        ('<< {"a": "$1$"}["a"] >>', "$1$"),
        ("<% set y %>$<<x>>$<% endset %><<y>>", "$3$"),
        ("<% macro m(k) %>\n$<<k>>$\n<% endmacro %>\n(<< m(x) >>)", "($3$)"),
    ],
)
def test_how_a_template_is_read(templates: Path, text: str, expected: str) -> None:
    assert rendered(templates, block(text), {"x": 3, "no": 0, "name": "&"}) == expected


def test_choices_must_word_each_option(question: Question, templates: Path) -> None:
    shadow(templates, "prompt_one_choice", "<< choices({'yes': 1}) >>")
    with pytest.raises(AuthoringError, match=r"\['yes'\]: part one_choice has \['no', 'yes'\]"):
        blocks.prompt(question, "one_choice")


@pytest.mark.parametrize(
    ("yes", "listed"),
    [
        ("$1$", "[A.]"),
        (r"$\begin{bmatrix} 1 \end{bmatrix}$", "[A.]"),
        (r"\[ 1 \]", ""),
        (r"\begin{center}1\end{center}", ""),
        ("one\n\ntwo", ""),
    ],
)
def test_options_of_one_paragraph_may_stand_side_by_side(
    question: Question, templates: Path, yes: str, listed: str
) -> None:
    text = f"<% set yes %>{yes}<% endset %><< choices({{'yes': yes, 'no': 2}}) >>"
    shadow(templates, "prompt_one_choice", text)
    shown = blocks.prompt(question, "one_choice")
    assert rf"\begin{{enumerate}}{listed}" "\n" in shown


def test_pictures_may_stand_side_by_side() -> None:
    each = Assignment("a", "A", (Entry("activation_derivatives", {}),), practice=True)
    (question,) = draw_sheet(each, Student("a", "A"), b"").questions
    shown = blocks.prompt(question, "which_plot")
    assert r"\begin{enumerate}[A.]" in shown
    assert shown.count(r"\raisebox") == shown.count("% Figure:") == shown.count(r"\item") == 4


def test_the_top_of_a_template_runs_again_for_another_context(templates: Path) -> None:
    source = (
        '<% extends "exercise.tex.j2" %>\n<% set double = 2 * n %>\n'
        "<% macro told() %><< double >> for << who >><% endmacro %>\n"
        "<% block a %>\n<< told() >>\n<% endblock %>\n"
        "<% block b %>\n<< told() >>!\n<% endblock %>\n"
    )
    (templates / "t.tex.j2").write_text(source, encoding="utf-8")
    environment._environment.cache_clear()
    ann, bob = {"n": 2, "who": "Ann"}, {"n": 2, "who": "Bob"}
    told = [render_block("t.tex.j2", each, who) for who in (ann, bob, ann) for each in ("a", "b")]
    assert told == ["4 for Ann", "4 for Ann!", "4 for Bob", "4 for Bob!", "4 for Ann", "4 for Ann!"]
    assert render_block("t.tex.j2", "b", {**bob, "n": 3}) == "6 for Bob!"
    told = [render_block("t.tex.j2", "b", bob, {"n": n}) for n in (4, 5)]
    assert told == ["8 for Bob!", "10 for Bob!"]
    assert render_block("t.tex.j2", "b", bob) == "4 for Bob!"


def test_an_included_template_prints_what_holds_where_it_is_included(templates: Path) -> None:
    inner = '<< who >> <% block many %><< n >><% endblock %><% include "no" ignore missing %>'
    (templates / "inner.tex.j2").write_text(inner, encoding="utf-8")
    source = block('<% for n in many %>\n<% include "inner.tex.j2" %>,\n<% endfor %>')
    ann = {"who": "Ann", "n": 0, "many": [1, 1, 2]}
    assert rendered(templates, source, ann).split(",\n") == ["Ann 1", "Ann 1", "Ann 2,"]
    assert render_block("t.tex.j2", "b", {**ann, "who": "Bob", "many": [2]}) == "Bob 2,"


def test_an_included_template_sees_what_has_changed_meanwhile(templates: Path) -> None:
    (templates / "inner.tex.j2").write_text("<< seen.count >>", encoding="utf-8")
    source = block(
        "<% set seen = namespace(count=0) %>\n<% for n in range(3) %>\n"
        '<% set seen.count = seen.count + 1 %>\n<% include "inner.tex.j2" %>,\n<% endfor %>'
    )
    assert rendered(templates, source).split(",\n") == ["1", "2", "3,"]


def test_a_template_may_include_itself(templates: Path) -> None:
    inner = '<< n >><% if n %> <% set n = n - 1 %><% include "inner.tex.j2" %><% endif %>'
    (templates / "inner.tex.j2").write_text(inner, encoding="utf-8")
    assert rendered(templates, block('<% include "inner.tex.j2" %>'), {"n": 3}) == "3 2 1 0"


def test_what_a_block_changes_at_the_top_is_not_there_in_the_next(templates: Path) -> None:
    source = (
        '<% extends "exercise.tex.j2" %>\n<% set seen = namespace(count=0) %>\n'
        "<% block b %>\n<% set seen.count = seen.count + 1 %>\n<< seen.count >>\n<% endblock %>\n"
    )
    assert rendered(templates, source) == "1"
    assert render_block("t.tex.j2", "b", {}) == "1"
