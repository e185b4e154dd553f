"""The regression network: the discussion's hand case as typed, and many by central differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.backpropagation.sigmoid_regression_backprop import (
    ACTIVATIONS,
    COURSE,
    SigmoidRegressionBackprop,
)
from generator.exercises.proving import formula_at
from generator.model.answers import Formula
from generator.model.errors import AuthoringError, Disagreement
from generator.model.values import exact
from generator.sampling import Rng, seed
from grader.marking import Verdict

Marked = Callable[[Any, Mapping[str, Any]], dict[str, Verdict]]

# DS 102 Discussion 7, question 2, with numbers: A x = (ln 3, ln 4), x = (1, 2), b = (8, -5), y = 3.
DISCUSSION = SigmoidRegressionBackprop(
    letters=COURSE,
    activation="sigmoid",
    factor=Fraction(1),
    target_first="yes",
    x=exact([1, 2]),
    weights=exact([[-4, 2], [6, -3]]),
    ratios=exact([3, 4]),
    b=exact([8, -5]),
    y=Fraction(3),
)
HALF = replace(DISCUSSION, factor=Fraction(1, 2))
TURNED = replace(DISCUSSION, target_first="no")
TANH = replace(DISCUSSION, activation="tanh", ratios=exact([3, 9]))
RELU = replace(
    DISCUSSION, activation="relu", weights=exact([[1, 1], [-4, 1]]), ratios=exact([1] * 2)
)


def drawn(number: int, **options: Any) -> SigmoidRegressionBackprop:
    rng = Rng(seed(b"tests", number))
    exercise = certify(SigmoidRegressionBackprop, rng, options).exercise
    assert isinstance(exercise, SigmoidRegressionBackprop)
    return exercise


def test_the_truths_of_the_discussion() -> None:
    examine(DISCUSSION, DISCUSSION.truths())
    found = {name: truth.value for name, truth in DISCUSSION.truths().items()}
    assert found["forward"]["z2"].tolist() == [Fraction(3, 4), Fraction(4, 5)]
    assert (found["forward"]["z3"], found["forward"]["z4"]) == (2, 1)
    assert found["db_symbolic"] == "-2 z4 z2"
    assert found["dA_symbolic"] == "-2 z4 (b ∘ z2 ∘ (1 - z2)) x^T"
    assert (found["db"] == exact(["-1.5", "-1.6"])).all()
    assert (found["dA"] == exact([[-3, -6], ["1.6", "3.2"]])).all()


RIGHT = [
    (DISCUSSION, "forward", {"z2": "(3/4, 0.8)", "z3": "2", "z4": "1"}),
    (DISCUSSION, "db_symbolic", "-2 z4 z2"),
    (DISCUSSION, "db_symbolic", "dL/db = -2 z_4 z_2"),
    (DISCUSSION, "db_symbolic", r"-2 (y - b^\top \sigma(A x)) \sigma(Ax)"),
    (DISCUSSION, "db_symbolic", "2 (z3 - y) z2"),
    (DISCUSSION, "dA_symbolic", r"-2 z_4 \left(b \odot z_2 \odot (1 - z_2)\right) x^{\top}"),
    (DISCUSSION, "dA_symbolic", "-2 z4 (b ∘ sigma'(z1)) xᵀ"),
    (DISCUSSION, "dA_symbolic", "-2 z4 diag(z2 ∘ (1 - z2)) b x'"),
    (DISCUSSION, "dA_symbolic", "-2 (y - b^T sigma(A x)) (b * sigma(A x) * (1 - sigma(A x))) x^T"),
    (DISCUSSION, "dA_symbolic", "outer(-2 z4 b ∘ z2 ∘ (1 - z2), x)"),
    (DISCUSSION, "db", "[-1.5, -8/5]"),
    (DISCUSSION, "dA", "-3 -6; 1.6 3.2"),
    (HALF, "db_symbolic", "-z4 z2"),
    (HALF, "dA", "[-1.5, -3; .8, 1.6]"),
    (TURNED, "db_symbolic", "2 z4 z2"),
    (TURNED, "dA", "[[-3, -6], [1.6, 3.2]]"),
    (TANH, "dA_symbolic", "-2 z4 (b ∘ (1 - z2^2)) x^T"),
    (TANH, "dA_symbolic", "-2 z4 (b ∘ tanh'(z1)) x^T"),
    (RELU, "dA_symbolic", "-2 z4 (b ∘ 1{z2 > 0}) x^T"),
]


@pytest.mark.parametrize(("exercise", "part", "given"), RIGHT)
def test_a_right_answer_is_right_however_it_is_typed(
    exercise: SigmoidRegressionBackprop, part: str, given: Any, marked: Marked
) -> None:
    verdict = marked(exercise, {part: given})[part]
    assert verdict.outcome == "CORRECT", (verdict.read_as, verdict.why)


WRONG = [
    (DISCUSSION, "forward", {"z2": "(.75, .8)", "z3": "2", "z4": "-1"}, "error_turned"),
    (DISCUSSION, "db_symbolic", "2 z4 z2", "b_sign"),
    (DISCUSSION, "db_symbolic", "-z4 z2", "b_factor_2"),
    (DISCUSSION, "db_symbolic", "-2 z3 z2", "b_z3_for_z4"),
    (DISCUSSION, "db_symbolic", "-2 z4 x", "b_x_for_z2"),
    (DISCUSSION, "db_symbolic", "-2 z4 A x", "b_z1_for_z2"),
    (DISCUSSION, "db_symbolic", "-2 z4 z2^T", "b_transposed"),
    (DISCUSSION, "dA_symbolic", "2 z4 (b ∘ z2 ∘ (1 - z2)) x^T", "A_sign"),
    (DISCUSSION, "dA_symbolic", "-z4 (b ∘ z2 ∘ (1 - z2)) x^T", "A_factor_2"),
    (DISCUSSION, "dA_symbolic", "-2 z3 (b ∘ z2 ∘ (1 - z2)) x^T", "A_z3_for_z4"),
    (DISCUSSION, "dA_symbolic", "-2 z4 b x^T", "A_no_slope"),
    (DISCUSSION, "dA_symbolic", "-2 z4 (b ∘ sigma'(z2)) x^T", "A_slope_of_z2"),
    (DISCUSSION, "dA_symbolic", "-2 z4 (b ∘ (1 - z2 ∘ z2)) x^T", "A_other_slope"),
    (DISCUSSION, "dA_symbolic", "-2 z4 (z2 ∘ (1 - z2)) x^T", "A_b_lost"),
    (DISCUSSION, "dA_symbolic", "-2 z4 (b ∘ z2 ∘ (1 - z2)) z2^T", "A_z2_for_x"),
    (DISCUSSION, "dA_symbolic", "-2 z4 x (b ∘ z2 ∘ (1 - z2))^T", "A_transposed"),
    (DISCUSSION, "db", "[1.5, 1.6]", "db_sign"),
    (DISCUSSION, "db", "[-.75, -.8]", "db_factor_2"),
    (DISCUSSION, "db", "[-3, -3.2]", "db_z3_for_z4"),
    (DISCUSSION, "db", "[-2, -4]", "db_x_for_z2"),
    (DISCUSSION, "db", "[-2.1972, -2.7726]", "db_z1_for_z2"),
    (DISCUSSION, "dA", "[3, 6; -1.6, -3.2]", "dA_sign"),
    (DISCUSSION, "dA", "[-1.5, -3; .8, 1.6]", "dA_factor_2"),
    (DISCUSSION, "dA", "[-6, -12; 3.2, 6.4]", "dA_z3_for_z4"),
    (DISCUSSION, "dA", "[-16, -32; 10, 20]", "dA_no_slope"),
    (DISCUSSION, "dA", "[-3.4863, -6.9725; 2.1391, 4.2782]", "dA_slope_of_z2"),
    (DISCUSSION, "dA", "[-7, -14; 3.6, 7.2]", "dA_other_slope"),
    (DISCUSSION, "dA", "[-.375, -.75; -.32, -.64]", "dA_b_lost"),
    (DISCUSSION, "dA", "[-2.25, -2.4; 1.2, 1.28]", "dA_z2_for_x"),
    (DISCUSSION, "dA", "[-3, 1.6; -6, 3.2]", "dA_transposed"),
    (HALF, "db_symbolic", "-2 z4 z2", "b_factor_2"),
    (TURNED, "db_symbolic", "-2 z4 z2", "b_sign"),
    (TANH, "dA_symbolic", "-2 z4 (b ∘ z2 ∘ (1 - z2)) x^T", "A_other_slope"),
    (RELU, "dA_symbolic", "-2 z4 b x^T", "A_no_slope"),
]


@pytest.mark.parametrize(("exercise", "part", "given", "name"), WRONG)
def test_a_wrong_answer_is_named(
    exercise: SigmoidRegressionBackprop, part: str, given: Any, name: str, marked: Marked
) -> None:
    verdict = marked(exercise, {part: given})[part]
    assert verdict.outcome in ("INCORRECT", "PARTIAL")
    assert verdict.mistake == name, verdict.why


def test_marks_follow_from_a_wrong_hidden_layer(marked: Marked) -> None:
    typed = {
        "forward": {"z2": "[.5, .9]", "z3": "-.5", "z4": "3.5"},
        "db": "[-3.5, -6.3]",
        "dA": "[-14, -28; 3.15, 6.3]",
    }
    found = marked(DISCUSSION, typed)
    assert [found[part].outcome for part in typed] == ["INCORRECT", "FOLLOWED", "FOLLOWED"]


def weights_of(exercise: SigmoidRegressionBackprop) -> Any:
    """A as the sheet shows it, in floating point."""
    A = exercise.weights.astype(float)
    scale = {"sigmoid": 1, "tanh": 0.5, "relu": 0}[exercise.activation]
    return A + scale * np.outer(np.log(exercise.ratios.astype(float)), exercise.x == 1)


@pytest.mark.parametrize(
    ("activation", "loss", "error", "units"),
    list(product(ACTIVATIONS, ("square", "half_square"), ("target_first", "output_first"), (2, 4))),
)
def test_many_against_central_differences(
    activation: str, loss: str, error: str, units: int
) -> None:
    for number in range(8):
        exercise = drawn(
            number,
            activation=activation,
            loss=loss,
            error=error,
            units=units,
            inputs=2 + number % 3,
        )
        x, y = exercise.x.astype(float), float(exercise.y)
        start = {"A": weights_of(exercise), "b": exercise.b.astype(float)}
        nodes: dict[str, Any] = {}

        def value(A: Any, b: Any, x: Any = x, y: float = y, nodes: dict[str, Any] = nodes) -> float:
            z1 = A @ x
            z2 = {
                "sigmoid": 0.5 + 0.5 * np.tanh(z1 / 2),
                "tanh": np.tanh(z1),
                "relu": z1 * (z1 > 0),
            }[activation]
            z3 = float(b @ z2)
            z4 = y - z3 if error == "target_first" else z3 - y
            nodes.update(z1=z1, z2=z2, z3=z3, z4=z4)
            return z4**2 * (0.5 if loss == "half_square" else 1)

        value(**start)
        here = dict(nodes)
        truths = exercise.truths()
        for name, found in truths["forward"].value.items():
            np.testing.assert_allclose(np.array(found, dtype=float), here[name], atol=1e-9)
        letters = {exercise.letters[role]: v for role, v in (start | {"x": x, "y": y}).items()}
        for name, at in start.items():
            slopes = np.empty(at.shape)
            for index in np.ndindex(at.shape):
                sides = []
                for step in (1e-5, -1e-5):
                    moved = at.copy()
                    moved[index] += step
                    sides.append(value(**(start | {name: moved})))
                slopes[index] = (sides[0] - sides[1]) / 2e-5
            np.testing.assert_allclose(truths[f"d{name}"].value.astype(float), slopes, atol=1e-6)
            truth = truths[f"d{name}_symbolic"]
            assert isinstance(truth, Formula)
            known = {each: (letters | here)[each] for each in truth.names}
            np.testing.assert_allclose(np.squeeze(formula_at(truth, known)), slopes, atol=1e-6)


def test_numbers_are_fit_for_the_hand() -> None:
    for number in range(200):
        exercise = drawn(number, activation=ACTIVATIONS[number % 3])
        hidden = exercise.truths()["forward"].value["z2"]
        assert all(20 * entry == int(20 * entry) for entry in hidden)
        assert abs(exercise.y) <= 60
        if exercise.activation == "relu":
            assert (exercise.z1 < 0).any()
            assert (exercise.z1 > 0).any()
        else:
            assert not (exercise.weights @ exercise.x).any()


def test_verify_notices_a_false_truth() -> None:
    class Wrong(SigmoidRegressionBackprop):
        def truths(self, own: Any = None) -> Any:
            found = super().truths(own)
            found["dA_symbolic"] = found["dA_symbolic"].like("-2 z4 b x^T")
            return found

    fields = {name: getattr(DISCUSSION, name) for name in DISCUSSION.drawn_fields()}
    with pytest.raises(Disagreement, match="dA_symbolic"):
        Wrong(**fields).verify()


@pytest.mark.parametrize(
    "options",
    [
        {"units": 1},
        {"inputs": 5},
        {"activation": "softplus"},
        {"loss": "cube"},
        {"error": "both"},
        {"letters": "greek"},
    ],
)
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(AuthoringError, match="ValueError"):
        drawn(1, **options)
