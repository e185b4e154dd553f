"""What is printed reads back to the same tree, as text and as LaTeX."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.notation.formulas.parsing import read
from generator.notation.formulas.printing import latex, text
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Const,
    Difference,
    Hadamard,
    Name,
    Neg,
    Num,
    Power,
    Product,
    Quotient,
    Rows,
    Sum,
    Transpose,
    Tree,
)

NAMES: dict[str, Any] = {
    "x": "real",
    "eta": "positive",
    "W1": {"shape": ["m", "n"]},
    "U": {"shape": ["k", "m"]},
    "yhat": {"shape": ["k"], "aliases": ["ŷ"]},
    "delta_2": {"shape": ["m"]},
    "lam": "real",
}
SCOPE = Scope.of(NAMES)


def numbers() -> st.SearchStrategy[Tree]:
    ends = st.builds(
        lambda n, places: Fraction(n, 10**places), st.integers(0, 999), st.integers(0, 3)
    )
    return st.builds(Num, ends)


def combined(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    functions = st.sampled_from(["exp", "ln", "sigmoid", "sigmoid'", "relu", "tanh", "sqrt", "abs"])
    return st.one_of(
        st.builds(Sum, inner, inner),
        st.builds(Difference, inner, inner),
        st.builds(Product, inner, inner, st.sampled_from(["", "*", "·"])),
        st.builds(Hadamard, inner, inner),
        st.builds(Quotient, inner, inner),
        st.builds(Power, inner, inner),
        st.builds(Transpose, inner),
        st.builds(Neg, inner),
        st.builds(lambda name, body: Call(name, (body,)), functions, inner),
        st.builds(Compare, inner, st.sampled_from(["<", "<=", ">", ">="]), inner),
    )


leaves = st.one_of(numbers(), st.builds(Name, st.sampled_from(sorted(NAMES))), st.just(Const("pi")))
trees = st.recursive(leaves, combined, max_leaves=8)


@settings(max_examples=400)
@given(trees)
def test_text_reads_back_to_the_same_tree(tree: Tree) -> None:
    assert read(text(tree), SCOPE) == tree


@settings(max_examples=400)
@given(trees)
def test_latex_reads_back_to_the_same_text(tree: Tree) -> None:
    """Numbers such as ⅓ become fractions in LaTeX, so printing again must agree."""
    again = read(latex(tree), SCOPE)
    assert latex(again) == latex(tree)
    assert text(again) == text(tree)


@settings(max_examples=100)
@given(st.lists(st.lists(trees, min_size=2, max_size=2), min_size=1, max_size=3))
def test_arrays_read_back(rows: list[list[Tree]]) -> None:
    tree = Rows(tuple(map(tuple, rows)))
    assert read(text(tree), SCOPE) == tree


@pytest.mark.parametrize(
    ("typed", "shown", "in_latex"),
    [
        ("2x^2", "2 x^2", "2 x^{2}"),
        (r"\frac{x}{2}", "x/2", r"\frac{x}{2}"),
        ("x**(1/2)", "x^(1/2)", r"x^{\frac{1}{2}}"),
        ("-(x+1)", "-(x + 1)", r"-(x + 1)"),
        ("(-x)^2", "(-x)^2", r"(-x)^{2}"),
        ("x - (eta - 1)", "x - (eta - 1)", r"x - (\eta - 1)"),
        ("U' (ŷ)", "U^T yhat", r"U^{\mathsf T} \hat{y}"),
        (r"W_1^\top\delta_2", "W1^T delta_2", r"W_{1}^{\mathsf T} \delta_{2}"),
        ("σ'(x)", "sigma'(x)", r"\sigma'(x)"),
        ("delta_2 .* (delta_2>0)", "delta_2 ∘ 1{delta_2 > 0}",
         r"\delta_{2} \odot \mathbf{1}\{\delta_{2} > 0\}"),
        ("x/eta*lam", "x/eta * lam", r"\frac{x}{\eta} \ast \mathit{lam}"),
        ("x/(eta lam)", "x / (eta lam)", r"\frac{x}{\eta \mathit{lam}}"),
    ],
)  # fmt: skip
def test_readings_are_shown_with_the_fewest_brackets(typed: str, shown: str, in_latex: str) -> None:
    tree = read(typed, SCOPE)
    assert text(tree) == shown
    assert latex(tree) == in_latex
    assert read(in_latex, SCOPE) == tree or text(read(in_latex, SCOPE)) == shown


def test_a_power_of_ones_is_no_index() -> None:
    tree = Power(Name("h"), Name("𝟙"))
    scope = Scope.of({"h": {"shape": ["m"], "length": "T"}})
    assert read(text(tree), scope) == tree
