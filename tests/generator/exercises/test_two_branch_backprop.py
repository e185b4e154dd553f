"""The fellow student's derivation: false in one line, and no answer key to the other parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from generator.certifying import certify
from generator.exercises.backpropagation.two_branch_backprop import SLIPS, TwoBranchBackprop
from generator.model.errors import Disagreement
from generator.sampling import Rng, seed


def drawn(number: int, **options: Any) -> TwoBranchBackprop:
    exercise = certify(TwoBranchBackprop, Rng(seed(b"k", number)), options).exercise
    assert isinstance(exercise, TwoBranchBackprop)
    return exercise


@pytest.mark.parametrize("second", ["sigmoid", "tanh", "leaky", "identity"])
def test_the_derivation_does_not_give_the_brackets_away(second: str) -> None:
    for number in range(10):
        exercise = drawn(number, second=second)
        for own, other in zip(exercise.values[:2], exercise.other_values, strict=True):
            assert (own != other).any()


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("second", ["sigmoid", "tanh", "leaky", "identity"])
def test_each_slip_is_false_where_it_says(slip: str, second: str) -> None:
    exercise = replace(drawn(1, second=second), slip=slip)
    exercise.verify()
    other = replace(exercise, slip=SLIPS[SLIPS.index(slip) - 1])
    assert other.truths()["first_false_line"].value != exercise.truths()["first_false_line"].value


def test_verify_notices_a_slip_that_changes_nothing() -> None:
    exercise = drawn(1)
    silent = replace(exercise, slip="product", other_upstream=(exercise.other_values[0],) * 2)
    with pytest.raises(Disagreement, match="first_false_line"):
        silent.verify()
