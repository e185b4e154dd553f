from __future__ import annotations

import pytest
from pylatexenc.latexwalker import LatexWalker

from generator.model.errors import AuthoringError
from generator.rendering.latex_tree import Environment, Formula, Group, Macro, Sign, Text, read


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("a % b\n  c", [Text("a "), Text("c")]),
        ("a % b\n\nc", [Text("a "), Text("\n\nc")]),
        (r"\hat y z", [Macro("hat", [Text("y")], " ", r"\hat y"), Text(" z")]),
        (r"\sqrt[3]{x}", [Macro("sqrt", [Group([Text("3")]), Group([Text("x")])], "",
                                r"\sqrt[3]{x}")]),
        ("\\top\n\nx", [Macro("top", [], "", "\\top"), Text("\n\nx")]),
        (r"\\[3pt] [a]", [Macro("\\", [Group([Text("3pt")])], "", r"\\[3pt]"), Text(" [a]")]),
        (r"\\ [a]", [Macro("\\", [], "", "\\\\"), Text(" [a]")]),
        (r"$x$ \(y\) \[z\]", [Formula([Text("x")], False, "x"), Text(" "),
                              Formula([Text("y")], False, "y"), Text(" "),
                              Formula([Text("z")], True, "z")]),
        (r"$\text{a $b$}$",
         [Formula([Macro("text", [Group([Text("a "), Formula([Text("b")], False, "b")])], "",
                         r"\text{a $b$}")], False, r"\text{a $b$}")]),
        (r"\begin{tabular}{cc} a&b \end{tabular}",
         [Environment("tabular", [Text(" a"), Sign("&"), Text("b ")], " a&b ")]),
        ("a--b---c''", [Text("a"), Sign("--"), Text("b"), Sign("---"), Text("c"), Sign("''")]),
        (r"50\,\%", [Text("50"), Macro(",", [], "", r"\,"), Macro("%", [], "", r"\%")]),
    ],
)  # fmt: skip
def test_the_nodes_of(tex: str, expected: list[object]) -> None:
    assert read(tex) == expected
    LatexWalker(tex, tolerant_parsing=False).get_latex_nodes()  # which takes it for LaTeX, too


@pytest.mark.parametrize(
    ("tex", "trouble"),
    [
        (r"\begin{itemize} $x", r"\$ is missing"),
        (r"\begin{itemize} x", r"end{itemize} is missing"),
        (r"\begin{a} \end{b}", "nothing is open"),
        ("{a", "} is missing"),
        ("a}", "nothing is open"),
        (r"$a\]$", "nothing is open"),
        (r"\frac{1}", "an argument is missing"),
        ("a\\", "a backslash with nothing behind it"),
        (r"\begin x", "without the name"),
    ],
)
def test_what_does_not_end_is_an_error(tex: str, trouble: str) -> None:
    with pytest.raises(AuthoringError, match=trouble):
        read(tex)
