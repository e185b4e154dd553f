"""LaTeX of ours as MathML: well-formed, with every sign of the formula, and as pandoc has it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pypandoc
import pytest
from hypothesis import given

from generator.notation.formulas.printing import latex
from generator.notation.formulas.spellings import vocabulary
from generator.notation.formulas.tree import (
    Call,
    Const,
    Item,
    Name,
    Num,
    Power,
    Quotient,
    Rows,
    Series,
    Transpose,
    Tree,
)
from generator.notation.formulas.written import scope_of, tree_of
from generator.rendering.mathml import display, inline
from tests.generator.notation.formulas.trees import SCOPE, trees


def shape(element: ElementTree.Element) -> Any:
    """An element without what only guides the eye: rows of one, attributes, kinds of leaves."""
    children = [shape(child) for child in element if child.tag != "mspace"]
    tag = element.tag.split("}")[-1]
    if tag in ("mi", "mn", "mo", "mtext"):
        return (element.text or "").strip()
    flat: list[Any] = []
    for child in children:
        flat += child[1:] if isinstance(child, list) and child[0] == "mrow" else [child]
    if tag in ("math", "mrow", "mtd", "semantics", "mstyle"):
        return flat[0] if len(flat) == 1 else ["mrow", *flat]
    return [tag, *children]


@pytest.mark.parametrize(
    ("formula", "elements"),
    [
        (r"\tfrac12", "<mn>1</mn><mn>2</mn></mfrac>"),
        (r"\sigma'(z)", "<msup><mi>σ</mi><mo>′</mo></msup>"),
        (r"\partial h_4", "<mi>∂</mi><msub>"),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        (r"x < y", "<mi>x</mi><mo>&lt;</mo><mi>y</mi>"),
        (r"\sum_i y_i", "∑</mo><mi>i</mi></munder>"),
        (r"\underbrace{a}_{b}", "<mo>⏟</mo></munder><mi>b</mi></munder>"),
        (r"6.02e-23 x", "<mtext>6.02e-23</mtext><mi>x</mi>"),  # one number, no e
        ("x_1e5", "<msub><mi>x</mi><mn>1</mn></msub><mi>e</mi><mn>5</mn>"),
        (r"\text{for \$5}", "<mtext>for\u00a0$5</mtext>"),
        (r"\ln 4", '<mo lspace="0.1667em">\u2061</mo><mn>4</mn>'),
        (r"x \text{ if } y", "<mtext>\u00a0if\u00a0</mtext>"),
        (r"\text{of $x$}", "<mtext>of\u00a0</mtext><mi>x</mi>"),
        (r"\mbox{of $x^{2}$, or {y}}", "<mn>2</mn></msup><mtext>,\u00a0or\u00a0y</mtext>"),
        (r"\begin{bmatrix} 1 \\[0.6ex] 2 \end{bmatrix}", "<mtr><mtd><mn>2</mn></mtd></mtr>"),
        (r"\begin{cases} 1 & x \\ 0 & y \end{cases}", '<mtd class="left"><mi>y</mi></mtd>'),
        (r"[0, 1)", '<mo stretchy="false">[</mo>'),
    ],
)
def test_elements(formula: str, elements: str) -> None:
    assert elements in inline(formula)
    ElementTree.fromstring(inline(formula))


@pytest.mark.parametrize(
    ("formula", "sign"),
    [
        ("-x", True),
        ("x = -y", True),
        (r"(1,\ -2)", True),
        (r"(1,\; -2)", True),
        (r"\hat{y} - y", False),
        ("(1) - 2", False),
    ],
)
def test_a_minus_is_a_sign_or_a_difference(formula: str, sign: bool) -> None:
    """Browsers set off a difference on both sides."""
    assert ('<mo lspace="0" rspace="0">−</mo>' in inline(formula)) is sign
    assert ("<mo>−</mo>" in inline(formula)) is not sign


@pytest.mark.parametrize(
    "formula", [r"a \! b", r"\begin{cases} 1 & x \\ 0 & y \end{cases}", r"\color{red} x"]
)
def test_formulas_have_no_styles_of_their_own(formula: str) -> None:
    """Which a page's policy forbids."""
    assert not re.search(r"\sstyle=", inline(formula))


def test_a_display_is_in_rows_and_pieces() -> None:
    rows = display(r"a &= b, & c &= d \\[1ex] e &= \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}")
    assert [len(row) for row in rows] == [2, 1]
    assert "<mi>a</mi><mo>=</mo><mi>b</mi>" in rows[0][0]
    assert rows[1][0].count("<mtd>") == 4
    assert [len(row) for row in display(r"a = 1, \quad b = 2")] == [2]
    assert [len(row) for row in display(r"\left(a \quad b\right) \\")] == [1]
    assert display(r"\sigma&x") == [[inline(r"\sigma x").replace("<math", '<math display="block"')]]


FORMULAS = """
\\frac{a + b}{c}
-\\frac{2}{3}
U^{\\mathsf T} \\left(\\frac{y}{2}\\right)
W_{1} x + b_{1}
\\hat{y}_{2} - y
\\sum_{t=1}^{N} h_{t}^{2}
\\sum_{t=1}^{N} \\left(x_{t} - \\bar{x}\\right)^{2}
\\sqrt{x + 1}
\\sqrt[3]{x}
\\left|x\\right|
\\left\\|x\\right\\|_{2}
\\binom{n}{k}
x \\odot y \\cdot z
\\begin{bmatrix} 1 & -2 \\\\ x & y^{2} \\end{bmatrix}
\\left[a, b\\right]
\\log_{2}(x)
e^{-x^{2}}
\\lfloor x \\rfloor
x \\le y
\\theta \\pi
n!
"""


@pytest.mark.parametrize("formula", FORMULAS.strip().splitlines())
def test_pandoc_reads_the_same_from_it(formula: str) -> None:
    page = pypandoc.convert_text(f"${formula}$", "html", "latex", extra_args=["--mathml"])
    theirs = re.search(r"<math.*?</math>", page, re.DOTALL)
    assert theirs is not None
    root = ElementTree.fromstring(theirs[0])
    semantics = root[0]
    semantics.remove(semantics[-1])  # the LaTeX as an annotation
    ours = _alike(shape(ElementTree.fromstring(inline(formula))))
    assert ours == _alike(shape(root))


def _alike(found: Any) -> Any:
    """With one spelling of what has several: signs, sums, brackets as operators."""
    if isinstance(found, list):
        kind = {"munderover": "msubsup", "munder": "msub"}.get(found[0], found[0])
        parts = [_alike(each) for each in found[1:] if each != "\u2061"]  # pandoc's mark of a call
        return parts[0] if kind == "mrow" and len(parts) == 1 else [kind, *parts]
    spellings = {"−": "-", "∥": "‖", "‾": "¯", "∣": "|", "⋅": "·", "\u0302": "ˆ"}
    return spellings.get(found, found.replace("𝖳", "T"))


@given(trees())
def test_every_formula_that_can_be_printed_can_be_set(tree: Tree) -> None:
    """With as many fractions, roots, powers, sums, matrices, names and numbers as the tree has."""
    root = ElementTree.fromstring(inline(latex(tree, vocabulary(SCOPE).names)))
    tags = [element.tag for element in root.iter()]
    for element in root.iter():
        wanted = {"mfrac": 2, "msup": 2, "msub": 2, "msubsup": 3, "mover": 2, "mroot": 2}
        if element.tag in wanted:
            assert len(element) == wanted[element.tag]
    nodes = list(_nodes(tree))
    assert tags.count("munderover") == sum(isinstance(node, Series) for node in nodes)
    assert tags.count("mtable") == sum(isinstance(n, Rows) and not n.vector for n in nodes)
    quotients = sum(isinstance(node, Quotient) for node in nodes)
    binomials = sum(isinstance(node, Call) and node.function == "binomial" for node in nodes)
    numbers = [node for node in nodes if isinstance(node, Num)]
    assert tags.count("mfrac") - quotients - binomials in range(len(numbers) + 1)
    raised = sum(isinstance(node, Power | Transpose) for node in nodes)
    assert tags.count("msup") + tags.count("msubsup") >= raised > -1
    leaves = sum(isinstance(node, Name | Num | Const | Item) for node in nodes)
    assert sum(tag in ("mi", "mn", "mtext") for tag in tags) >= leaves


def _nodes(tree: Tree) -> Any:
    yield tree
    for child in tree.children():
        yield from _nodes(child)


def test_a_name_is_text_and_never_an_element() -> None:
    names = {"x": "real"}
    tree = tree_of("1{x < 2}", names)
    assert "&lt;" in inline(latex(tree, vocabulary(scope_of(names)).names))


@pytest.mark.parametrize(
    "formula",
    [
        r"\href{x}{y}",
        r"\unknown",
        r"\frac{1}",
        r"\left( x",
        r"x^2^3",
        r"\begin{cases} x \end{bmatrix}",
        "\0",
        "{" * 500 + "}" * 500,
        r"\left(" * 500 + "x" + r"\right)" * 500,
        r"\frac{1}{" * 100_000 + "x" + "}" * 100_000,
    ],
)
def test_what_cannot_be_set_is_refused(formula: str) -> None:
    with pytest.raises(ValueError):
        inline(formula)
