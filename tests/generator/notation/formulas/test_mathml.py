"""LaTeX of ours as MathML: well-formed, with every sign of the formula, and as pandoc has it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pypandoc
import pytest
from hypothesis import given, settings

from generator.notation.formulas.mathml import mathml
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
from tests.generator.notation.formulas.trees import SCOPE, trees


def shape(element: ElementTree.Element) -> Any:
    """An element without what only guides the eye: rows of one, attributes, kinds of leaves."""
    children = [shape(child) for child in element]
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
        (r"\frac{1}{2}", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"x^{2}", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"\sigma'(z)", '<mrow><msup><mi>σ</mi><mo>′</mo></msup><mrow><mo stretchy="true">(</mo>'),
        (
            r"\hat{y}_{1}",
            '<msub><mover accent="true"><mi>y</mi><mo>^</mo></mover><mn>1</mn></msub>',
        ),
        (r"6.02e23", "<mn>6.02e23</mn>"),
        (r"-x", "<mrow><mo>−</mo><mi>x</mi></mrow>"),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        (r"\hat{y} - y", "</mover><mo>−</mo><mi>y</mi>"),
        (r"x = -y", '<mo>=</mo><mo form="prefix">−</mo><mi>y</mi>'),
        (r"x < y", "<mi>x</mi><mo>&lt;</mo><mi>y</mi>"),
    ],
)
def test_elements(formula: str, elements: str) -> None:
    assert elements in mathml(formula)


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
    ours = _alike(shape(ElementTree.fromstring(mathml(formula))))
    assert ours == _alike(shape(root))


def _alike(found: Any) -> Any:
    """With one spelling of what has several: signs, sums, brackets as operators."""
    if isinstance(found, list):
        kind = {"munderover": "msubsup", "munder": "msub"}.get(found[0], found[0])
        parts = [_alike(each) for each in found[1:] if each != "\u2061"]  # pandoc's mark of a call
        return parts[0] if kind == "mrow" and len(parts) == 1 else [kind, *parts]
    spellings = {"−": "-", "∥": "‖", "‾": "¯", "∣": "|", "⋅": "·", "\u0302": "^"}
    return spellings.get(found, found.replace("𝖳", "T"))


@settings(deadline=None)
@given(trees())
def test_every_formula_that_can_be_printed_can_be_set(tree: Tree) -> None:
    """With as many fractions, roots, powers, sums, matrices, names and numbers as the tree has."""
    root = ElementTree.fromstring(mathml(latex(tree, vocabulary(SCOPE).names)))
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
    assert sum(tag in ("mi", "mn") for tag in tags) >= leaves


def _nodes(tree: Tree) -> Any:
    yield tree
    for child in tree.children():
        yield from _nodes(child)


def test_a_name_is_text_and_never_an_element() -> None:
    names = {"x": "real"}
    tree = tree_of("1{x < 2}", names)
    assert "&lt;" in mathml(latex(tree, vocabulary(scope_of(names)).names))


@pytest.mark.parametrize(
    "formula",
    [
        r"\href{x}{y}",
        r"\frac{1}",
        r"\left(x",
        r"x^2^3",
        r"\begin{cases} x \end{cases}",
        "(x",
        "{" * 500 + "}" * 500,
        r"\sqrt" * 3000,
    ],
)
def test_what_is_not_printed_by_us_is_refused(formula: str) -> None:
    with pytest.raises(ValueError):
        mathml(formula)
