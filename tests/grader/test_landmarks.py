"""Landmarks: points where the numbers of a formula put something, and which formulas need them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from generator.notation.formulas.evaluating import evaluate
from generator.notation.formulas.parsing import read
from generator.notation.formulas.scope import Scope
from grader.comparing.formulas import compare_formulas
from grader.comparing.landmarks import at_landmarks, is_remarkable
from grader.comparing.points import Points, base_points
from grader.comparing.truths import Expression, expression

X = {"x": "real"}
ARRAYS: dict[str, Any] = {"W": {"shape": ["m", "n"]}, "v": {"shape": ["n"]}, "b": {"shape": ["m"]}}


def formula(text: str, names: dict[str, Any]) -> tuple[Expression, Scope]:
    scope = Scope.of(names)
    return expression(read(text, scope), scope), scope


def landmarks(text: str, names: dict[str, Any]) -> tuple[Expression, Points]:
    known, scope = formula(text, names)
    found = at_landmarks(base_points(scope, "landmarks"), known.edges, scope)
    assert found is not None
    return known, found


@pytest.mark.parametrize(
    "text",
    ["sigma(x - 1000)", "(x > 1e-9)", "tanh(10^9 x)", "e^(-1000 x^2)", "acos(x + 20)", "ln(x/99)"],
)
def test_far_and_narrow_things_are_remarkable(text: str) -> None:
    assert is_remarkable(formula(text, X)[0].edges)


@pytest.mark.parametrize("text", ["sigma(x - 10)", "(x > 1/2)", "1000 tanh(2 x)", "1e-9 x", "x^2"])
def test_what_every_point_sees_is_not(text: str) -> None:
    assert not is_remarkable(formula(text, X)[0].edges)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("acos(x - 20)", 19, 21),
        ("sqrt(x - 4) sqrt(4.1 - x)", 4, 4.1),
        ("asin(1000 x)", -0.001, 0.001),
        ("1{x > 0.3} 1{x < 0.30001}", 0.3, 0.30001),
    ],
)
def test_points_lie_inside_and_on_both_sides(text: str, low: float, high: float) -> None:
    x = landmarks(text, X)[1].values["x"].ravel()
    assert ((low < x) & (x < high)).sum() >= 4
    assert (x < low).any()
    assert (x > high).any()


def test_arrays_pass_their_thresholds_entry_by_entry() -> None:
    known, found = landmarks("(W v + b > 1e-9)", ARRAYS)
    values = evaluate(known.tree, found.values, found.sizes)
    assert values.min(axis=0).ravel().tolist() == [0, 0, 0]
    assert values.max(axis=0).ravel().tolist() == [1, 1, 1]
    assert (np.ptp(values, axis=1) == 1).any()  # both at one point


def test_points_stay_in_their_domains() -> None:
    names = {"x": "positive", "n": "integer", "h": {"shape": ["m"], "given": "x ones(m)"}}
    found = landmarks("ln(x - 1000 n) + sum(h)", names)[1]
    assert (found.values["x"] > 0).all()
    assert (found.values["n"] == np.rint(found.values["n"])).all()
    assert (found.values["h"] == found.values["x"]).all()


def test_where_nothing_is_affine_there_are_none() -> None:
    known, scope = formula("sigma(x^3 + x^2)", X)
    edges = [edge for edge in known.edges if edge.argument != known.edges[-1].argument]
    assert at_landmarks(base_points(scope, "none"), edges[:1], scope) is None


@pytest.mark.xfail(strict=True, reason="a known limit")
@pytest.mark.parametrize(
    ("truth", "answer"),
    [
        ("x", "x + e^(-10^8 (x^2 - 7)^2)"),  # narrow, where no argument is affine
        ("0 x", "1{x > 3} 1{x < 3.1} 1{y > 2} 1{y < 2.1}"),  # a small box
    ],
)
def test_what_no_line_meets_is_missed(truth: str, answer: str) -> None:
    scope = Scope.of({"x": "real", "y": "real"})
    right, wrong = (read(text, scope) for text in (truth, answer))
    assert compare_formulas(right, wrong, scope, identity="missed").equal is False
