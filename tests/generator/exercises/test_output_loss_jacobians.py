"""Loss and output Jacobians: the homework's formulas and its false index, every pair by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.outputs.output_loss_jacobians import COURSE, PAIRS, OutputLossJacobians
from generator.model.errors import AuthoringError, Disagreement
from generator.model.values import exact
from generator.sampling import Rng, seed
from grader.marking import Verdict

Marked = Callable[[Any, Mapping[str, Any]], dict[str, Verdict]]

# 1.3(b), at the numbers for which equation (18) with its printed index is off.
BCE = OutputLossJacobians(
    letters=COURSE,
    loss="bce",
    output="sigmoid",
    factor=Fraction(1),
    given="yhat",
    yhat=exact(["0.2", "0.5", "0.9"]),
    y=exact([0, 1, 1]),
)
MSE = replace(BCE, loss="mse")  # 1.3(a)
LINEAR = replace(MSE, output="identity", yhat=exact(["1/2", 3, -2]), y=exact([2, "1/2", "3/2"]))
SOFTMAX = replace(
    BCE, loss="ce", output="softmax", yhat=exact(["0.2", "0.5", "0.3"]), y=exact([0, 1, 0])
)
TANH = replace(MSE, output="tanh", yhat=exact(["-3/5", "1/2", "4/5"]), y=exact([1, 1, -1]))
SIGMOID_CE = replace(BCE, loss="ce", y=exact([0, 1, 0]))
SOFTMAX_MSE = replace(SOFTMAX, loss="mse")


def drawn(number: int, **options: Any) -> OutputLossJacobians:
    exercise = certify(OutputLossJacobians, Rng(seed(b"tests", number)), options).exercise
    assert isinstance(exercise, OutputLossJacobians)
    return exercise


@pytest.mark.parametrize("exercise", [BCE, MSE, LINEAR, SOFTMAX, TANH, SIGMOID_CE, SOFTMAX_MSE])
def test_a_lost_sign_is_told_in_words_that_hold_for_every_loss(exercise) -> None:
    # Too large would not do: in a cross-entropy of the right class alone a larger output never
    # raises the loss.
    assert "too small, a larger one lowers" in exercise.parts["dl_dyhat"].mistakes["sign"].advice
    slopes = exercise.truths()["dl_dyhat"].value
    assert (slopes[exercise.yhat < exercise.y] < 0).all()


def test_equation_18_with_the_right_index_and_with_the_printed_one() -> None:
    examine(BCE, BCE.truths())
    truth = BCE.truths()["dl_dyhat"].value.astype(float)
    np.testing.assert_allclose(truth, [0.416667, -0.666667, -0.370370], atol=1e-6)
    assert float(BCE.wrong_index_denominator()[2]) == pytest.approx(-1.666667, abs=1e-6)


@pytest.mark.parametrize(
    ("exercise", "expected"),
    [
        (BCE, "(yhat - y)^T / K"),
        (MSE, "2 ((yhat - y)^T ∘ yhat^T ∘ (1 - yhat)^T)"),
        (LINEAR, "2 (yhat - y)^T"),
        (replace(LINEAR, factor=Fraction(1, 2)), "(yhat - y)^T"),
        (SOFTMAX, "(yhat - y)^T"),
        (SIGMOID_CE, "-y^T ∘ (1 - yhat)^T"),
    ],
)
def test_the_simplified_rows(exercise: OutputLossJacobians, expected: str) -> None:
    examine(exercise, exercise.truths())
    assert str(exercise.truths()["simplified"].value) == expected


RIGHT = [
    (BCE, "dl_dyhat", "(5/12, -2/3, -10/27)"),
    (BCE, "dl_dyhat", "(1/(3*0.8), -1/3*1/0.5, -1/(3*0.9))"),
    (BCE, "dl_dyhat", r"\begin{pmatrix} 0.4167 & -0.6667 & -0.3704 \end{pmatrix}"),
    (BCE, "dyhat_dz", "[0.16 0 0; 0 0.25 0; 0 0 0.09]"),
    (BCE, "dl_dz", "(1/15, -1/6, -1/30)"),
    (BCE, "simplified", "(yhat - y)^T / K"),
    (BCE, "simplified", r"\frac{1}{K} (\hat{y} - y)^{\top}"),
    (BCE, "simplified", "1/K (σ(z) - y)^T"),
    (BCE, "simplified", "-1/K (y/yhat - (1-y)/(1-yhat))^T diag(yhat ∘ (1 - yhat))"),
    (MSE, "dl_dyhat", "(0.4, -1, -0.2)"),
    (MSE, "simplified", r"2(\hat{y}-y)^T \operatorname{diag}(\sigma'(z))"),
    (MSE, "simplified", "2 ((yhat - y) ∘ yhat ∘ (1 - yhat))^T"),
    (LINEAR, "dyhat_dz", "[[1,0,0],[0,1,0],[0,0,1]]"),
    (LINEAR, "simplified", "2 (ŷ - y)^T"),
    (TANH, "simplified", "2 ((yhat - y) ∘ (1 - yhat^2))^T"),
    (SOFTMAX, "dyhat_dz", "[.16 -.1 -.06; -.1 .25 -.15; -.06 -.15 .21]"),
    (SOFTMAX, "dl_dz", "(0.2, -0.5, 0.3)"),
    (SOFTMAX, "simplified", "yhat' - y'"),
    (SOFTMAX_MSE, "simplified", "2 (yhat - y)^T (diag(yhat) - yhat yhat^T)"),
    (SIGMOID_CE, "simplified", "(y ∘ (yhat - 1))^T"),
]


@pytest.mark.parametrize(("exercise", "part", "given"), RIGHT)
def test_a_right_answer_is_right_however_it_is_typed(
    exercise: OutputLossJacobians, part: str, given: str, marked: Marked
) -> None:
    verdict = marked(exercise, {part: given})[part]
    assert verdict.outcome == "CORRECT", (verdict.read_as, verdict.why)


WRONG = [
    (BCE, "dl_dyhat", "(-5/12, 2/3, 10/27)", "sign"),
    (BCE, "dl_dyhat", "(1.25, -2, -10/9)", "mean_lost"),
    (BCE, "dl_dyhat", "(-5/12, -2/3, -10/27)", "inner_sign_lost"),
    (BCE, "dl_dyhat", "(0, -2, -10/9)", "ce_rule"),
    (BCE, "dl_dyhat", "(5/12, -5/3, -5/3)", "wrong_index_denominator"),
    (BCE, "dl_dyhat", "(0.4, -1, -0.2)", "mse_rule"),
    (BCE, "dyhat_dz", "[.16 .25 .09; .16 .25 .09; .16 .25 .09]", "full_matrix_for_diag"),
    (BCE, "dyhat_dz", "[.16 -.1 -.18; -.1 .25 -.45; -.18 -.45 .09]", "softmax_rule"),
    (BCE, "dyhat_dz", "[.96 0 0; 0 .75 0; 0 0 .19]", "other_slope"),
    (BCE, "dl_dz", "(0.2, -0.5, -0.1)", "mean_lost_of_dl_dz"),
    (BCE, "dl_dz", "(4/375, -1/24, -0.003)", "already_times_slope"),
    (BCE, "simplified", "(yhat - y) / K", "column_for_row"),
    (BCE, "simplified", "(y - yhat)^T / K", "sign_in_letters"),
    (BCE, "simplified", "(yhat - y)^T", "mean_lost_in_letters"),
    (MSE, "dl_dyhat", "(0.2, -0.5, -0.1)", "factor_2"),
    (MSE, "dl_dz", "(0.2, -0.5, -0.1)", "matching_pair"),
    (MSE, "simplified", "2 (yhat - y)^T", "slope_missing"),
    (MSE, "simplified", "(yhat - y)^T", "matching_pair_in_letters"),
    (SOFTMAX, "dl_dyhat", "(-5, -2, -10/3)", "target_lost"),
    (SOFTMAX, "dl_dyhat", "(1.25, -2, 10/7)", "bce_rule"),
    (SOFTMAX, "dyhat_dz", "[.16 0 0; 0 .25 0; 0 0 .21]", "diagonal_only"),
    (SOFTMAX, "dl_dz", "(0, -0.5, 0)", "diagonal_only_of_dl_dz"),
    (SIGMOID_CE, "simplified", "(yhat - y)^T", "matching_pair_in_letters"),
]


@pytest.mark.parametrize(("exercise", "part", "given", "name"), WRONG)
def test_a_wrong_answer_is_named(
    exercise: OutputLossJacobians, part: str, given: str, name: str, marked: Marked
) -> None:
    verdict = marked(exercise, {part: given})[part]
    assert verdict.outcome in ("INCORRECT", "PARTIAL")
    assert verdict.mistake == name, verdict.why


def test_marks_follow_through_the_product(marked: Marked) -> None:
    found = marked(BCE, {"dl_dyhat": "(1.25, -2, -10/9)", "dl_dz": "(0.2, -0.5, -0.1)"})
    assert (found["dl_dyhat"].outcome, found["dl_dz"].outcome) == ("INCORRECT", "FOLLOWED")


def test_every_pair_against_central_differences() -> None:
    pairs = [(loss, output) for loss, outputs in PAIRS.items() for output in outputs]
    for number in range(210):
        loss, output = pairs[number % len(pairs)]
        half = loss == "mse" and number % 2 == 0
        given = ("yhat", "z")[number % 3 == 0]
        exercise = drawn(
            number, loss=loss, output=output, outputs=2 + number % 3, half=half, given=given
        )
        y = exercise.y.astype(float)

        def outputs(z: Any, output: str = output) -> Any:
            if output == "softmax":
                return np.exp(z - np.log(np.exp(z).sum()))
            return {
                "identity": z,
                "sigmoid": 0.5 + 0.5 * np.tanh(z / 2),
                "tanh": 1 - 2 / (1 + np.exp(2 * z)),
            }[output]

        def value(p: Any, loss: str = loss, half: bool = half, y: Any = y) -> float:
            if loss == "mse":
                return float((p - y) @ (p - y)) / (2 if half else 1)
            right = float(y @ np.log(p))
            if loss == "bce":
                right += float((1 - y) @ np.log(1 - p))
            return -right / (len(y) if loss == "bce" else 1)

        z, p, step = exercise.inputs, exercise.yhat.astype(float), 1e-6
        np.testing.assert_allclose(outputs(z), p, atol=1e-12)
        moves = step * np.eye(len(p))
        by_p = [(value(p + e) - value(p - e)) / (2 * step) for e in moves]
        by_z = [(value(outputs(z + e)) - value(outputs(z - e))) / (2 * step) for e in moves]
        columns = [(outputs(z + e) - outputs(z - e)) / (2 * step) for e in moves]
        truths = {name: truth.value for name, truth in exercise.truths().items()}
        differences: dict[str, Any] = {
            "dl_dyhat": by_p,
            "dl_dz": by_z,
            "dyhat_dz": np.transpose(columns),
        }
        for name, found in differences.items():
            np.testing.assert_allclose(truths[name].astype(float), found, atol=1e-5, rtol=1e-6)


def test_every_draw_has_targets_of_both_kinds() -> None:
    for number in range(100):
        exercise = drawn(number, outputs=2 + number % 3)
        assert set(exercise.y) == {0, 1}
        assert len(set(exercise.yhat)) == len(exercise.yhat)


def test_verify_notices_a_false_truth() -> None:
    class Wrong(OutputLossJacobians):
        def truths(self, own: Any = None) -> Any:
            found = super().truths(own)
            found["simplified"] = found["simplified"].like("(yhat - y)^T")
            return found

    fields = {name: getattr(BCE, name) for name in BCE.drawn_fields()}
    with pytest.raises(Disagreement, match="simplified"):
        Wrong(**fields).verify()


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "hinge"},
        {"output": "relu"},
        {"loss": "bce", "output": "tanh"},
        {"loss": "ce", "output": "identity"},
        {"outputs": 5},
        {"half": True},
        {"given": "logits"},
        {"letters": "greek"},
    ],
)
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(AuthoringError, match="ValueError"):
        drawn(1, **options)
