"""Names that are bound to formulas: in order, and as an author's quick look sees them."""

from __future__ import annotations

from typing import Any

import pytest

from generator.notation.formulas.alike import alike, is_constant
from generator.notation.formulas.constraints import constraints
from generator.notation.formulas.scope import Scope

NAMES: dict[str, Any] = {
    "d": {"shape": ["m"], "given": "h - y"},
    "h": {"shape": ["m"], "given": "relu(z)"},
    "z": {"shape": ["m"]},
    "y": {"shape": ["m"], "domain": "onehot"},
    "x": "real",
}


def test_a_bound_name_comes_after_those_it_uses() -> None:
    assert [name for name, _ in constraints(Scope.of(NAMES))] == ["h", "d"]


def test_a_circle_is_an_author_s_mistake() -> None:
    names = {"a": {"given": "b + 1"}, "b": {"given": "a - 1"}}
    with pytest.raises(ValueError, match="a, b go in a circle"):
        constraints(Scope.of(names))


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("d", "h - y", True),
        ("d", "y - h", False),
        ("1{h > 0}", "1{z > 0}", True),
        ("h ∘ h", "h ∘ z", True),
        ("h ∘ h", "z ∘ z", False),
        ("sum(y)", "1", True),
        ("h", "h^T", False),
    ],
)
def test_formulas_look_alike_where_the_bindings_hold(first: str, second: str, same: bool) -> None:
    assert alike(first, second, NAMES) is same


@pytest.mark.parametrize(
    ("formula", "constant"),
    [("0", True), ("z - z", True), ("1{z^2 + 1 > 0}", True), ("y", False), ("x z", False)],
)
def test_a_constant_is_one_number_everywhere(formula: str, constant: bool) -> None:
    assert is_constant(formula, NAMES) is constant
