"""What is printed reads back to the same tree, and looks as a person would write it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from generator.notation.formulas.parsing import read
from generator.notation.formulas.printing import latex, text
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.spellings import vocabulary
from generator.notation.formulas.tree import Name, Sum, Tree


def _beside(name: str) -> Any:
    """A module beside this one: tests are no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


drawn = _beside("trees")
many = settings(max_examples=300, suppress_health_check=[HealthCheck.data_too_large])


@many
@given(drawn.trees())
def test_text_reads_back(tree: Tree) -> None:
    assert read(text(tree), drawn.SCOPE) == tree


@many
@given(drawn.trees(thirds=False))
def test_latex_reads_back(tree: Tree) -> None:
    assert read(latex(tree), drawn.SCOPE) == tree


def test_the_strategy_stays_small_to_describe() -> None:
    """A failing test prints its strategy."""
    assert len(repr(drawn.trees())) < 1000


SCOPE = Scope.of(
    {
        **dict.fromkeys(["x", "y", "x1", "bar_x", "W^{(1)}", "sigma"]),
        **{name: {"shape": ["n", "n"]} for name in ("A", "dS")},
        **{name: {"shape": ["n"]} for name in ("g", "h", "yhat2")},
        **{name: {"length": "T"} for name in ("s", "V1")},
    }
)

SHOWN = [
    ("g ∘ A h ∘ g", "g ∘ A h ∘ g", r"g \odot A h \odot g"),
    ("(g ∘ h) A", "(g ∘ h) A", r"(g \odot h) A"),
    ("g ∘ (h * A)", "g ∘ (h * A)", r"g \odot (h \ast A)"),
    ("A I (g + h)", "A I (g + h)", r"A I (g + h)"),
    ("A (I (g + h))", "A (I (g + h))", r"A (I (g + h))"),
    ("(x1 σ) (g + h)", "(x1 sigma) (g + h)", r"(x_{1} \sigma) (g + h)"),
    ("sigmoid(x)", "sigmoid(x)", r"\operatorname{sigmoid}(x)"),
    ("x1 * 2 y", "x1 * 2 y", r"x_{1} \ast 2 y"),
    ("x1 · 2 y", "x1 · 2 y", r"x_{1} \cdot 2 y"),
    ("x^2 (2)", "x^2 (2)", r"x^{2} 2"),
    ("x^y^2", "x^y^2", r"x^{y^{2}}"),
    ("(x^y)^2", "(x^y)^2", r"\left(x^{y}\right)^{2}"),
    ("e^sin(x)", "e^sin(x)", r"e^{\sin(x)}"),
    ("x (-y)", "x (-y)", r"x (-y)"),
    ("x/(y/2)", "x/(y/2)", r"\frac{x}{\frac{y}{2}}"),
    ("(x y)!", "(x y)!", r"(x y)!"),
    ("log_2 x", "log_2(x)", r"\log_{2}(x)"),
    ("root(x, 3)", "root(x, 3)", r"\sqrt[3]{x}"),
    ("||h||", "norm(h)", r"\left\|h\right\|"),
    ("|x + |y||", "abs(x + abs(y))", r"\left|x + \left|y\right|\right|"),
    ("h[2]", "h[2]", "h[2]"),
    ("s_2", "s[2]", "s[2]"),
    ("1/x sum_{t=1}^{T} s_{t-1}^2", "1/x sum_{t=1}^{T} s_{t - 1}^2",
     r"\frac{1}{x} \sum_{t=1}^{T} s_{t - 1}^{2}"),
    ("(sum_{t=1}^{T} s_t) x", "(sum_{t=1}^{T} s_t) x",
     r"\left(\sum_{t=1}^{T} s_t\right) x"),
    ("sum_{t=1}^{T} (V1_t + s_t)", "sum_{t=1}^{T} (V1_t + s_t)",
     r"\sum_{t=1}^{T} (V_{1}[t] + s_t)"),
    ("[x, y]", "[x, y]", r"\left[x, y\right]"),
    ("[2*x; y]", "[(2 * x); y]", r"\begin{bmatrix} 2 \ast x \\ y \end{bmatrix}"),
    ("[[x, y]]", "[[x, y]]", r"\begin{bmatrix} x & y \end{bmatrix}"),
    ("x^(1 T)", "x^(1 T)", "x^{1 T}"),
    ("A^((T))", "A^((T))", "A^{(T)}"),
    ("A^(-1 T)", "A^(-1 T)", "A^{-1 T}"),
    ("A^{-1\\top}", "(A^(-1))^T", r"\left(A^{-1}\right)^{\mathsf T}"),
    ("dS yhat2", "dS yhat2", r"\mathit{dS} \hat{y}_{2}"),
    ("2⅓ x", "2⅓ x", r"\frac{7}{3} x"),
    ("6.02e23", "6.02e23", "6.02e23"),
    ("(W^{(1)})^2", "(W^{(1)})^2", r"\left(W^{(1)}\right)^{2}"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "plain", "in_latex"), SHOWN)
def test_shown(typed: str, plain: str, in_latex: str) -> None:
    tree = read(typed, SCOPE)
    assert text(tree, vocabulary(SCOPE).names) == plain
    assert latex(tree, vocabulary(SCOPE).names) == in_latex
    assert read(plain, SCOPE) == tree
    assert "⅓" in plain or read(in_latex, SCOPE) == tree  # in LaTeX that is a fraction


def test_a_long_sum_is_printed() -> None:
    tree: Tree = Name("x")
    for _ in range(5000):
        tree = Sum(tree, Name("x"))
    assert text(tree).count("+") == latex(tree).count("+") == 5000
