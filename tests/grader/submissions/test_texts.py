"""What students type into a platform's text box."""

from __future__ import annotations

import pytest

from generator.model.errors import InputError
from grader.submissions.texts import html_text, read_text


def answers(html: str, suffix: str = ".html"):
    return read_text(html.encode(), suffix, "online")


PAGE = """<!DOCTYPE html>
<html><head><title>q9.title: no answer</title><style>q9.b: 1</style></head>
<body>{}</body></html>"""


@pytest.mark.parametrize(
    "html",
    [
        "<p>sheet: K7Q2-9MXA-V</p><p>q1.min_units: 3</p><p>q1.sizes.W1: 3x4</p>",
        "sheet: K7Q2-9MXA-V<br>q1.min_units: 3<br />q1.sizes.W1: 3x4",
        "<p>Dear team,<br>here they are</p>\n<p>Sheet ID: K7Q2-9MXA-V</p>\n<ul><li>q1.min_units = 3"
        "</li>\n<li>q1.sizes.W1 = \u201c3x4\u201d</li></ul>",
        "<div>sheet:&nbsp;K7Q2-9MXA-V</div><div>&nbsp; q1.min_units&nbsp;:&nbsp;3</div>"
        "<div><b>q1.sizes.W1</b>:\n 3x4</div>",
        '<pre>sheet: K7Q2-9MXA-V\nq1:\n  min_units: "3"\n  sizes:\n    W1: 3x4\n</pre>',
        "<p>sheet: K7Q2-9MXA-V<br>\nq1:<br>\n&nbsp; min_units: &ldquo;3&rdquo;<br>\n&nbsp; sizes:"
        "<br>\n&nbsp; &nbsp; W1: 3x4</p>",
    ],
)
def test_lines_and_forms(html: str) -> None:
    for whole in (html, PAGE.format(html)):
        read = answers(whole)
        assert read.sheet_id == "K7Q2-9MXA-V"
        assert read.answers == {"q1": {"min_units": "3", "sizes": {"W1": "3x4"}}}


def test_what_is_raised_or_lowered_is_not_lost() -> None:
    html = "<p>q1.a: x<sup>2</sup> W<sub>1</sub><sup> </sup> U<sup>T</sup></p>"
    assert answers(html).answers == {"q1": {"a": "x^{2} W_{1}  U^{T}"}}


def test_an_answer_of_several_lines() -> None:
    html = "<p>q1.W: 1 2</p><p>3 4</p><p>q1.b: U\u2019(y)</p>"
    assert answers(html).answers == {"q1": {"W": "1 2\n3 4", "b": "U'(y)"}}


def test_plain_text_and_comments() -> None:
    read = answers("# my form\nstudent: ann\nq1.a: {1, 2}\n# the end\n", ".txt")
    assert (read.student, read.answers) == ("ann", {"q1": {"a": "{1, 2}"}})


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ("<p>see attached</p>", "no line such as `q1.min_units: 3`"),
        ("<p>q1.a: 1</p><p>q1.a: 2</p>", "q1.a stands twice"),
        ("<p>q1.a: 1</p><p>q1.a.b: 2</p>", "an answer to a as a whole already"),
        ("<p>q1.a.b: 1</p><p>q1.a: 2</p>", "answers to its entries already"),
        ("<p>sheet: X</p><p>q1:</p><p>a: 1</p>", "the indentation is lost"),
        ("<p> </p>", "no line such as"),
    ],
)
def test_what_holds_no_answers(html: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        answers(html)


def test_scripts_and_comments_are_no_text() -> None:
    hidden = "<!DOCTYPE html><script>q1.a: 1</script><!-- q1.b: 2 --><![CDATA[q1.c: 3]]>"
    assert html_text(f"{hidden}<p>a &lt;b&gt; c</p>") == "a <b> c"


def test_deep_nesting() -> None:
    assert answers("<div>" * 5000 + "q1.a: 1").answers == {"q1": {"a": "1"}}
