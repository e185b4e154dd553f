"""Formulas: a table of pairs that are equal or not, rewrites that stay equal, words and domains."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.answers import Tolerance
from generator.model.errors import NotationError
from generator.notation.formulas.parsing import read
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.tree import (
    Call,
    Difference,
    Name,
    Neg,
    Num,
    Power,
    Product,
    Quotient,
    Sum,
    Tree,
)
from grader.comparing.formulas import FormulaComparison, compare_entries, compare_formulas


def against(truth: str, answer: str, names: dict[str, Any], **options: Any) -> FormulaComparison:
    scope = Scope.of({**names})
    trees = read(truth, scope), read(answer, scope)
    return compare_formulas(*trees, scope, identity=f"test {truth}", **options)


def only(*used: str, **domains: Any) -> dict[str, Any]:
    return dict.fromkeys(used, "real") | domains


EQUAL = [
    ("max(0, x)", "(x + |x|)/2", only("x")),
    ("max(0, x)", "relu(x)", only("x")),
    ("max(0, x)", "x*(x > 0)", only("x")),
    ("|x|", "max(x, -x)", only("x")),
    ("|x|", "sqrt(x^2)", only("x")),
    ("ln(exp(a) + exp(b))", "c + ln(exp(a - c) + exp(b - c))", only("a", "b", "c")),
    ("sqrt(1/n)", "1/sqrt(n)", only(n="positive")),
    ("sqrt(1/n)", "1/sqrt(n)", only("n")),
    ("(a - b)/(a - b)", "1", only("a", "b")),
    ("asinh(x)", "ln(x + sqrt(x^2 + 1))", only("x")),
    ("ln(x^2)", "2 ln(x)", only("x")),
    ("0.1 + 0.2", "0.3", {}),
    ("0.1 x + 0.2 x", "0.3 x", only("x")),
    ("sin(x)^2 + cos(x)^2", "1", only("x")),
    ("sin(x)^2 + cos(x)^2 - 1", "0", only("x")),
    ("0", "sin(pi) x", only("x")),
    ("1 - tanh(x)^2", "4/(exp(x) + exp(-x))^2", only("x")),
    ("sigmoid(x)", "1 - sigmoid(-x)", only("x")),
    ("sigmoid(x)(1 - sigmoid(x))", "exp(-x)/(1 + exp(-x))^2", only("x")),
    ("tanh(x)", "2 sigmoid(2x) - 1", only("x")),
    ("softplus(x)", "ln(1 + exp(x))", only("x")),
    ("7^(x + 8) ln(7)", "ln(7) exp((x + 8) ln(7))", only("x")),
    ("(x - 1)^10", "(1 - x)^10", only("x")),
    ("(x + y)^3", "x^3 + 3x^2 y + 3 x y^2 + y^3", only("x", "y")),
    ("(exp(x) + 1)^4", "exp(4x) + 4exp(3x) + 6exp(2x) + 4exp(x) + 1", only("x")),
    ("(exp(x) + 1)^4 - exp(4x) - 4exp(3x) - 6exp(2x) - 4exp(x)", "1", only("x")),
    ("a^(b c)", "(a^b)^c", only("b", "c", a="positive")),
    ("n!/((n - 2)!)", "n (n - 1)", only(n="natural")),
    ("1/(x^2 - 1)", "1/2 (1/(x - 1) - 1/(x + 1))", only("x")),
    ("1/2^99", "2^(-99)", {}),
    ("x > 3", "1 - (x <= 3)", only(x="natural")),
    ("x", "x^(1/3) + 10^300 x - 10^300 x - x^(1/3) + x", only(x="positive")),
    (
        "2 (sqrt(t) - 5) - 10 ln(sqrt(t) - 5) + c",
        "c - ln((sqrt(t) - 5)^10) + 2 sqrt(t) - 10",
        only("c", "t"),
    ),
    ("(x > 0)", "(x >= 0)", only("x")),
]

UNEQUAL = [
    ("max(0, x)", "x", only("x")),
    ("max(0, x)", "max(0, -x)", only("x")),
    ("x", "|x|", only("x")),
    ("1 + max(0, x - 4.5)", "1", only("x")),
    ("1 + max(0, x - 50000)", "1", only("x")),
    ("1 + max(0, x - 5)max(0, y - 70)", "1", only("x", "y")),
    ("1 + relu(-1000 - x)", "1", only("x")),
    ("sqrt(1/n)", "1/n", only(n="positive")),
    ("1/2^99", "1/2^98", {}),
    ("x/2^99", "x/2^98", only("x")),
    ("x + 1/2^99", "x", only("x")),
    ("x + 10^(-20)", "x", only("x")),
    ("exp(-10x) + 0.0000001", "exp(-10x)", only("x")),
    ("(2s^2 + 6s - 25)/(10s)", "0.1(2s^2 + 6s - 25.00001)/s", only("s")),
    ("sqrt(2)", "1.41421356237309", {}),
    ("tanh(3^3)", "tanh(3^3 + 1)", {}),
    ("x sigmoid(7 * 6)", "x", only("x")),
    ("a^(b c)", "(a^b)^c", only("a", "b", "c")),
    ("asinh(x)", "ln(x + sqrt(x^2 - 1))", only("x")),
    ("ln(k |x + a|)", "ln(x) + ln(a)", only("a", "k", "x")),
    ("7^(x + 8) ln(7)", "7^(x + 8)", only("x")),
    ("sigmoid(sigmoid(x))", "sigmoid(x)", only("x")),
    ("sigmoid(sigmoid(x))(1 - sigmoid(sigmoid(x)))", "sigmoid(x)(1 - sigmoid(x))", only("x")),
    (
        "sigmoid(sigmoid(x))(1 - sigmoid(sigmoid(x))) sigmoid(x)(1 - sigmoid(x))",
        "sigmoid(sigmoid(x))(1 - sigmoid(sigmoid(x))) sigmoid(x)",
        only("x"),
    ),
    ("sinh(x)", "x", only("x")),
    ("arctan(x)", "acot(x)", only("x")),
    ("sin(x)", "cos(x)", only("x")),
    ("x^(1/n)", "x^(2/n)", only("x", "n")),
    ("x y", "x + y", only("x", "y")),
    ("x pi/2", "x asin(2)", only("x")),
    ("x > 3", "x >= 3", only(x="natural")),
    ("exp(-x^2)", "2exp(-x^2)", only("x")),
    ("tanh(x)", "1", only("x")),
    ("softplus(x)", "relu(x)", only("x")),
    ("min(x, 1000)", "x", only("x")),
]

MATRICES = {
    "A": {"shape": ["n", "n"]},
    "B": {"shape": ["n", "n"]},
    "X": {"shape": ["m", "n"]},
    "G": {"shape": ["m", "k"]},
    "W": {"shape": ["n", "k"]},
    "x": {"shape": ["n"]},
    "y": {"shape": ["n"]},
    "z": {"shape": ["m"]},
    "eta": "positive",
}

EQUAL_MATRICES = [
    ("(A B)^T", "B^T A^T"),
    ("(A + A^T) x", "A x + A^T x"),
    ("x ∘ y", "y ∘ x"),
    ("diag(x) y", "x ∘ y"),
    ("x^T A x", "x^T A^T x"),
    ("X^T (z > 0)", "X^T ((z > 0) ∘ (z > 0))"),
    ("inv(A B)", "inv(B) inv(A)"),
    ("X^T relu(z)", "X^T (z ∘ (z > 0))"),
    ("softmax(x)", "exp(x)/sum(exp(x))"),
    ("trace(A B)", "trace(B A)"),
    ("G W^T - eta X", "-(eta X - G W^T)"),
    ("mean(x)", "sum(x)/n"),
    ("(A - A) x", "x - x"),
    ("inv(X^T X + eta I) X^T z", "inv(eta I + X^T X) (X^T z)"),
]

UNEQUAL_MATRICES = [
    ("A B", "B A"),
    ("A x", "A^T x"),
    ("(A + A^T) x", "2 A x"),
    ("mean(x)", "sum(x)/3"),
    ("mean(x)", "sum(x)/4"),
    ("X^T relu(z)", "X^T z"),
    ("X^T (z > 0)", "X^T (z < 0)"),
    ("diag(x) - x x^T", "diag(x)"),
    ("G W^T - eta X", "eta X - G W^T"),
    ("A B x", "A x ∘ (B x)"),
    ("inv(A)^T", "A^T"),
    ("softmax(x)", "exp(x)"),
]


@pytest.mark.parametrize(("truth", "answer", "names"), EQUAL)
def test_equal(truth: str, answer: str, names: dict[str, Any]) -> None:
    assert against(truth, answer, names).equal is True
    assert against(answer, truth, names).equal is True


@pytest.mark.parametrize(("truth", "answer", "names"), UNEQUAL)
def test_unequal_with_a_counterexample(truth: str, answer: str, names: dict[str, Any]) -> None:
    result = against(truth, answer, names)
    assert result.equal is False
    assert result.counterexample or "no real value" in result.evidence
    assert against(answer, truth, names).equal is not True


@pytest.mark.parametrize(("truth", "answer"), EQUAL_MATRICES)
def test_equal_matrices(truth: str, answer: str) -> None:
    assert against(truth, answer, MATRICES).equal is True
    assert against(answer, truth, MATRICES).equal is True


@pytest.mark.parametrize(("truth", "answer"), UNEQUAL_MATRICES)
def test_unequal_matrices(truth: str, answer: str) -> None:
    assert against(truth, answer, MATRICES).equal is False
    assert against(answer, truth, MATRICES).equal is False


SEQUENCES = {
    "h": {"shape": ["d"], "length": "T"},
    "x": {"shape": ["m"], "length": "T"},
}


@pytest.mark.parametrize(
    ("answer", "equal"),
    [
        ("sum_{k=1}^{T} h_k x_k^T", True),
        ("h_1 x_1^T + sum_{t=2}^{T} h_t x_t^T", True),
        ("sum_{t=2}^{T} h_t x_t^T", False),
        ("h_1 x_1^T + h_2 x_2^T + h_3 x_3^T", False),  # T need not be 3
        ("sum_{t=1}^{T} h_{t-1} x_t^T", False),  # there is no h_0
    ],
)
def test_sequences(answer: str, equal: bool) -> None:
    assert against("sum_{t=1}^{T} h_t x_t^T", answer, SEQUENCES).equal is equal


def test_symbolic_entries_of_arrays() -> None:
    names = only("x", "y")
    assert against("[[x, 1 + x], [y, 2]]", "[[x, x + 1], [y, 1 + 1]]", names).equal is True
    result = against("[[x, 1 + x], [y, 2]]", "[[x, x + 1], [y, 3]]", names)
    assert (result.equal, result.wrong) == (False, ((1, 1),))


def test_a_size_may_share_its_letter_with_an_array() -> None:
    names = {"W": {"shape": ["h", "d"]}, "h": {"shape": ["h"]}, "x": {"shape": ["d"]}}
    assert against("h ∘ (W x)", "(W x) ∘ h", names).equal is True
    assert against("h ∘ (W x)", "W x", names).equal is False


# Words


def test_a_counterexample_is_simple_and_keeps_the_right_value_back() -> None:
    names = {"z": {"shape": [3]}}
    result = against("relu(z)", "z", names)
    assert result.counterexample.startswith("at z = (")
    assert "where the" in result.counterexample
    assert result.wrong
    assert "right is" not in result.counterexample
    shown = against("relu(z)", "z", names, reveal=True).counterexample
    assert shown.startswith(result.counterexample)
    assert "; right is (" in shown


def test_a_counterexample_prefers_small_whole_numbers() -> None:
    example = against("x^2", "2x", only("x")).counterexample
    assert example == "at x = 1: yours gives 2, which is wrong"


def test_names_that_neither_formula_uses_are_not_shown() -> None:
    assert "y" not in against("x", "2x", only("x", "y")).counterexample.split("yours")[0]


def test_a_wrong_number_needs_no_point() -> None:
    assert against("5", "6", only("x")).counterexample == "yours is 6"


def test_very_near_is_said() -> None:
    assert "very near" in against("pi x", "3.14159265358 x", only("x")).evidence


def test_other_shapes_are_named() -> None:
    evidence = against("A x", "x^T A x", MATRICES).evidence
    assert evidence == "yours is a single number, but a vector with n entries is asked for"


@pytest.mark.parametrize(("truth", "answer"), [("G W^T", "W G^T"), ("A B", "B^T A^T")])
def test_a_transposed_result_is_the_other_layout(truth: str, answer: str) -> None:
    result = against(truth, answer, MATRICES)
    assert (result.equal, result.transposed) == (False, True)
    assert "other layout" in result.evidence
    allowed = against(truth, answer, MATRICES, either_layout=True)
    assert (allowed.equal, allowed.transposed) == (True, True)


def test_shapes_that_do_not_fit_inside_the_answer_cannot_be_read() -> None:
    with pytest.raises(NotationError):
        against("A x", "x A", MATRICES)


# Domains and tolerance


def test_a_lost_region_is_told_and_may_count() -> None:
    told = against("ln(x^2)", "2 ln(x)", only("x"))
    assert told.equal is True
    assert "no real value at x = -" in told.evidence
    counted = against("ln(x^2)", "2 ln(x)", only("x"), domain_counts=True)
    assert counted.equal is False
    assert against("ln(x^2)", "2 ln(x)", only(x="positive"), domain_counts=True).equal is True


def test_an_added_region_is_told() -> None:
    assert "where there should be none" in against("2 ln(x)", "ln(x^2)", only("x")).evidence


def test_a_hole_is_no_region() -> None:
    assert against("x/x", "1", only("x")).evidence == ""


def test_no_common_points_is_never_equal() -> None:
    assert against("ln(-1 - x^2)", "ln(-2 - x^2)", only("x")).equal is None
    assert against("ln(-1 - x^2)", "ln(-1 - x^2)", only("x")).equal is True  # word for word
    assert against("sqrt(x)", "sqrt(-1 - x^2)", only("x")).equal is False


def test_a_tolerance_makes_near_values_equal() -> None:
    near = Tolerance(Fraction(0), Fraction(1, 1000))
    assert against("pi x", "3.14 x", only("x"), tolerance=near).equal is True
    assert against("pi x", "3.13 x", only("x"), tolerance=near).equal is False
    assert against("pi x", "3.14 x", only("x")).equal is False


def test_constraints_are_respected() -> None:
    names = {
        "z": {"shape": ["n"]},
        "h": {"shape": ["n"], "given": "relu(z)"},
        "y": {"shape": ["n"], "domain": "onehot"},
        "p": {"shape": ["n"], "domain": "probabilities"},
    }
    assert against("h ∘ (z > 0)", "h ∘ (h > 0)", names).equal is True
    assert against("h ∘ h", "h ∘ z", names).equal is True
    assert against("h ∘ h", "z ∘ z", names).equal is False
    assert against("y ∘ y", "y", names).equal is True
    assert against("sum(p)", "1", names).equal is True
    assert against("sum(p ∘ p)", "1", names).equal is False
    assert against("y^T p", "sum(y ∘ p)", names).equal is True


# Entries


def entries(truth: list[str], answer: list[str], **options: Any) -> Any:
    scope = Scope.of(only("x"))
    truths, answers = ([read(text, scope) for text in texts] for texts in (truth, answer))
    return compare_entries(truths, answers, scope, identity="entries", **options)


def test_entries_are_compared_one_by_one() -> None:
    assert entries(["2x + 1", "2"], ["1 + 2x", "1 + 1"]).equal is True
    assert entries(["2x + 1", "2"], ["1 + 2x", "3"]).wrong == (1,)
    assert entries(["x", "2"], ["x"]).missing == (1,)
    assert entries(["x"], ["x", "2"]).wrong == (1,)


def test_sets_have_no_order_and_no_repetitions() -> None:
    assert entries(["2", "1 + 2x"], ["2x + 1", "1 + 1", "2"], ordered=False).equal is True
    result = entries(["2", "x"], ["2", "3x"], ordered=False)
    assert (result.equal, result.wrong, result.missing) == (False, (1,), (1,))
    assert entries([], ["x"], ordered=False).wrong == (0,)


# Properties

leaves = st.sampled_from([Name("x"), Name("y"), Num(Fraction(2)), Num(Fraction(1, 2))])


def grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    def made(kind: Callable[..., Tree], *arguments: Any) -> st.SearchStrategy[Tree]:
        return st.builds(kind, *arguments)

    return st.one_of(
        made(Sum, inner, inner),
        made(Difference, inner, inner),
        st.builds(lambda a, b: Product(a, b, "*"), inner, inner),
        made(Quotient, inner, inner),
        made(Neg, inner),
        st.builds(lambda a: Power(a, Num(Fraction(2))), inner),
        st.builds(
            lambda f, a: Call(f, (a,)), st.sampled_from(["sigmoid", "tanh", "relu", "abs"]), inner
        ),
    )


trees = st.recursive(leaves, grown, max_leaves=8)
SCOPE = Scope.of(only("x", "y"))
calm = settings(max_examples=150)


def rewritten(tree: Tree) -> Tree:
    """The same value by other steps."""
    match tree:
        case Sum(left, right):
            return Sum(rewritten(right), rewritten(left))
        case Difference(left, right):
            return Neg(Difference(rewritten(right), rewritten(left)))
        case Product(left, Sum(a, b), sign):
            first, rest = rewritten(left), (rewritten(a), rewritten(b))
            return Sum(*(Product(first, each, sign) for each in rest))
        case Product(left, right, sign):
            return Product(rewritten(right), rewritten(left), sign)
        case Quotient(left, right):
            return Product(Quotient(Num(Fraction(1)), rewritten(right)), rewritten(left), "*")
        case Neg(body):
            return Product(Neg(Num(Fraction(1))), rewritten(body), "*")
        case Power(base, _):
            return Product(rewritten(base), rewritten(base), "*")
        case Call("sigmoid", (a,)):
            b = rewritten(a)
            return Difference(Num(Fraction(1)), Call("sigmoid", (Neg(b),)))
        case Call("relu", (a,)):
            b = rewritten(a)
            return Quotient(Sum(b, Call("abs", (b,))), Num(Fraction(2)))
        case Call(function, (a,)):
            return Call(function, (rewritten(a),))
    return tree


@calm
@given(trees)
def test_rewrites_stay_equal(tree: Tree) -> None:
    result = compare_formulas(tree, rewritten(tree), SCOPE, identity="rewrites")
    assert result.equal is not False


@calm
@given(trees)
def test_one_more_is_never_equal(tree: Tree) -> None:
    more = Sum(tree, Call("sigmoid", (Name("x"),)))
    assert compare_formulas(tree, more, SCOPE, identity="more").equal is not True


def test_the_verdict_does_not_depend_on_hash_seeds() -> None:
    program = (
        "from generator.notation.formulas.parsing import read\n"
        "from generator.notation.formulas.scope import Scope\n"
        "from grader.comparing.formulas import compare_formulas\n"
        "scope = Scope.of({'U': {'shape': ['k', 'm']}, 'd': {'shape': ['k']},"
        " 'z': {'shape': ['m']}, 'a': None, 'x': None})\n"
        "for t, u in (('(U^T d) ∘ (z > 0)', 'U^T d'), ('max(0, x) a', 'x a')):\n"
        "    print(compare_formulas(read(t, scope), read(u, scope), scope, identity='p'))\n"
    )
    root = Path(__file__).parents[2]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1
    assert b"equal=False" in outputs.pop()
