"""What is computed in whole numbers is what the precise evaluator finds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from generator.deriving.exactly import evaluate_exactly
from generator.model.values import exact, shared
from generator.notation.formulas.parsing import read
from generator.notation.formulas.precise import evaluate_precisely
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.shapes import typed

NAMES: dict[str, Any] = {
    "A": {"shape": ["m", "n"]},
    "B": {"shape": ["m", "m"]},
    "u": {"shape": ["m"]},
    "v": {"shape": ["n"]},
    "s": "real",
    "t": "real",
}
VALUES: dict[str, Any] = {
    "A": exact([["1/3", -2, 0], [4, "0.5", -7]]),
    "B": exact([[1, 2], [3, "-1/5"]]),
    "u": exact([[3], ["-1/2"]]),
    "v": np.array([[0.1], [-2.0], [5.5]]),  # the binary fractions that these floats are
    "s": exact([["-3/7"]]),
    "t": exact([[6]]),
}
SIZES = {"m": 2, "n": 3}


def both(formula: str) -> tuple[Any, Any]:
    scope = Scope.of(NAMES)
    tree = typed(read(formula, scope), scope).tree
    values = {name: shared(each) for name, each in VALUES.items()}
    return evaluate_exactly(tree, values, SIZES), evaluate_precisely(tree, VALUES, SIZES)


@pytest.mark.parametrize(
    "formula",
    [
        "A v",
        "A^T u",
        "-2 (u ∘ u) + B u",
        "u u^T - B",
        "(A v) ∘ u - u/t",
        "s u",
        "u ∘ (1 - u)",
        "t/s",
        "u^2",
        "s^3 t",
        "v^T A^T B u / m",
        "1/n",
        "(s - t)(s + t)",
        "1{u > 0} ∘ u",
        "1{v <= -2} - 1{v < -2} + 1{v = 5.5} + 1{v != 5.5}",
        "1{-u/s >= 7} u^T",
        "diag(u) B",
        "diag(v^T / 3)",
    ],
)
def test_it_finds_what_the_precise_evaluator_finds(formula: str) -> None:
    mine, other = both(formula)
    assert mine.shape == other.shape
    assert all(isinstance(entry, Fraction | int) for entry in mine.flat)
    assert (mine == other).all()


@pytest.mark.parametrize("formula", ["sigma(u)", "max(0, u)", "e^s", "u/(t - 6)", "B^2", "s^-1"])
def test_what_it_does_not_know_is_left_to_the_precise_evaluator(formula: str) -> None:
    assert both(formula)[0] is None
