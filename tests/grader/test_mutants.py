"""Slips: named, caught as wrong or proven equal, and found again in answers written otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from generator.notation.formulas.parsing import read
from generator.notation.formulas.scope import Scope
from grader.comparing.formulas import compare_formulas
from grader.comparing.mutants import MOST, name_slip, slips
from tests.effort import calls

NETWORK: dict[str, Any] = {
    "U": {"shape": ["k", "h"]},
    "W": {"shape": ["h", "d"]},
    "V": {"shape": ["h", "h"]},
    "yhat": {"shape": ["k"]},
    "y": {"shape": ["k"]},
    "z": {"shape": ["h"]},
    "h": {"shape": ["h"]},
    "s": {"shape": ["h"]},
    "x": {"shape": ["d"]},
    "X": {"shape": ["n", "d"]},
    "w": {"shape": ["d"]},
    "t": {"shape": ["n"]},
    "lam": "positive",
}
SCALARS: dict[str, Any] = {"x": None, "a": None, "b": None}

SLIPS = [
    ("U^T (yhat - y)", "U^T y - U^T yhat", "opposite sign"),
    ("U^T (yhat - y)", "U^T (yhat + y)", "sign of a term"),
    ("U^T (yhat - y)", "U^T yhat", "term lost"),
    ("U^T (yhat - y)", "(yhat - y)^T U", "other layout"),
    ("(U^T (yhat - y) ∘ (z > 0)) x^T", "U^T (yhat - y) x^T", "mask forgotten"),
    ("(U^T (yhat - y) ∘ (z > 0)) x^T", "(U^T (yhat - y) ∘ (z < 0)) x^T", "mask of the other side"),
    ("(U^T (yhat - y) ∘ (z > 0)) x^T", "(U^T (yhat - y) ∘ relu(z)) x^T", "value for mask"),
    ("(U^T yhat ∘ relu'(z)) x^T", "(U^T yhat) x^T", "mask forgotten"),
    ("U^T yhat ∘ relu'(z)", "U^T yhat ∘ relu'(h)", "derivative at the wrong argument"),
    ("U^T yhat ∘ h ∘ (1 - h)", "U^T yhat", "derivative forgotten"),
    ("U^T yhat ∘ (1 - h ∘ h)", "U^T yhat", "derivative forgotten"),
    ("U^T yhat ∘ sigma'(z)", "U^T yhat", "derivative forgotten"),
    ("U^T yhat ∘ h ∘ (1 - h)", "U^T yhat ∘ (1 - h ∘ h)", "wrong derivative"),
    ("U^T yhat ∘ (1 - h ∘ h)", "U^T yhat ∘ (h - h ∘ h)", "wrong derivative"),
    ("U^T yhat ∘ h ∘ (1 - h)", "U^T yhat ∘ h", "wrong derivative"),
    ("U^T yhat ∘ (1 - h ∘ h)", "U^T yhat ∘ (1 - h)", "wrong derivative"),
    ("U^T yhat ∘ h", "U^T yhat ∘ h ∘ (1 - h)", "derivative not needed"),
    ("diag((z > 0)) U^T yhat", "U^T yhat", "mask forgotten"),
    ("V^T h", "V h", "transpose dropped"),
    ("V h", "V^T h", "transpose added"),
    ("V V^T h", "V^T V h", "order reversed"),
    ("V h", "V s", "name exchanged"),
    ("2 X^T (X w - t) + 2 lam w", "X^T (X w - t) + lam w", "factor 2"),
    ("2 X^T (X w - t) + 2 lam w", "2 X^T (X w - t)", "term lost"),
    ("X^T (sigmoid(X w) - t)/n", "X^T (sigmoid(X w) - t)", "sum for mean"),
    ("X^T (sigmoid(X w) - t)", "X^T (X w - t)", "function forgotten"),
    ("lam (V h)", "V h", "factor missing"),
    ("V h ∘ s", "V (h ∘ s)", None),
    ("V h", "exp(h)", None),
]


def named(truth: str, answer: str, names: dict[str, Any]) -> str | None:
    scope = Scope.of(names)
    slip = name_slip(read(answer, scope), read(truth, scope), scope, identity=truth)
    return slip.name if slip else None


@pytest.mark.parametrize(("truth", "answer", "name"), SLIPS)
def test_slips_are_named(truth: str, answer: str, name: str | None) -> None:
    assert named(truth, answer, NETWORK) == name


@pytest.mark.parametrize(
    ("truth", "answer", "name"),
    [
        ("3 x^2 + a", "3 x^2 - a", "sign of a term"),
        ("2 (x - a)", "x - a", "factor 2"),
        ("sigmoid(x) (1 - sigmoid(x))", "sigmoid(x)", None),
        ("a x + b", "a x", "term lost"),
        ("a x + b", "b x + b", "name exchanged"),
    ],
)
def test_scalar_slips(truth: str, answer: str, name: str | None) -> None:
    found = named(truth, answer, SCALARS)
    assert found == name if name else found is not None


def test_slips_in_sums_over_time() -> None:
    names = {"h": {"shape": ["d"], "length": "T"}, "x": {"shape": ["m"], "length": "T"}}
    truth = "sum_{t=1}^{T} h_t x_t^T"
    assert named(truth, "sum_{t=2}^{T} h_t x_t^T", names) == "term lost"
    assert named(truth, "sum_{t=1}^{T} x_t h_t^T", names) == "other layout"


TRUTHS = [
    "(U^T (yhat - y) ∘ (z > 0)) x^T",
    "U^T yhat ∘ h ∘ (1 - h)",
    "2 X^T (X w - t) + 2 lam w",
    "X^T (sigmoid(X w) - t)/n",
    "V^T ((1 - h ∘ h) ∘ (V h + U^T (yhat - y))) + V (s ∘ relu'(z))",
]


@pytest.mark.parametrize("truth", TRUTHS)
def test_every_slip_is_wrong_and_is_found_again(truth: str) -> None:
    scope = Scope.of(NETWORK)
    tree = read(truth, scope)
    found = slips(tree, scope, identity=truth)
    assert 8 <= len(found) <= MOST
    for slip in found:
        assert slip.advice
        assert compare_formulas(tree, slip.tree, scope, identity=truth).equal is False, slip
        again = name_slip(slip.tree, tree, scope, identity=truth)
        assert again is not None, slip


def test_a_mutant_that_equals_the_truth_is_no_slip() -> None:
    scope = Scope.of({"A": {"shape": ["n", "n"]}})
    names = [each.name for each in slips(read("A + A^T", scope), scope, identity="symmetric")]
    assert "other layout" not in names  # A + A^T is its own transpose
    assert "opposite sign" in names


def test_the_right_answer_is_no_slip() -> None:
    for truth in TRUTHS:
        assert named(truth, truth, NETWORK) is None


def test_naming_takes_little_once_the_truth_is_known() -> None:
    scope = Scope.of(NETWORK)
    truth, answer = (read(text, scope) for text in (TRUTHS[-1], "V^T (h ∘ s)"))
    name_slip(answer, truth, scope, identity="quick")
    assert calls(lambda: name_slip(answer, truth, scope, identity="quick")) < 1000
