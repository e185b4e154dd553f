"""The classifier in letters: the recitations' solution as typed, every option, its own numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.backpropagation.softmax_ce_backprop_symbolic import (
    BIASES,
    COURSE,
    HIDDEN,
    POOLS,
    SoftmaxCeBackpropSymbolic,
)
from generator.exercises.proving import formula_at
from generator.model.answers import Formula
from generator.model.errors import AuthoringError, Disagreement
from generator.model.expects import expectation
from generator.sampling import Rng, seed
from grader.marking import Verdict

Marked = Callable[[Any, Mapping[str, Any]], dict[str, Verdict]]

# Recitation of 2021/04/21, question 3, and Recitation 12 of 2022/04/20, question 3.
COURSE_NET = SoftmaxCeBackpropSymbolic(
    letters=COURSE,
    sizes=("m", "n", "k"),
    activation="relu",
    loss="cross_entropy",
    biases=("b1", "b2"),
    targets="onehot",
    conditions=("onehot", "sum_one", "all", "nonnegative"),
)
SIGMOID = replace(COURSE_NET, activation="sigmoid")
TANH = replace(COURSE_NET, activation="tanh")
LEAKY = replace(COURSE_NET, activation="leaky")
ANY_TARGETS = replace(COURSE_NET, targets="any")
SQUARED = replace(COURSE_NET, loss="squared", activation="tanh")


def drawn(number: int, **options: Any) -> SoftmaxCeBackpropSymbolic:
    rng = Rng(seed(b"tests", number))
    exercise = certify(SoftmaxCeBackpropSymbolic, rng, options).exercise
    assert isinstance(exercise, SoftmaxCeBackpropSymbolic)
    return exercise


def test_the_truths_of_the_course() -> None:
    examine(COURSE_NET, COURSE_NET.truths())
    assert {name: truth.value for name, truth in COURSE_NET.truths().items()} == {
        "delta1": "yhat - y",
        "dU": "(yhat - y) h^T",
        "delta2": "U^T (yhat - y) ∘ 1{z1 > 0}",
        "dW": "(U^T (yhat - y) ∘ 1{z1 > 0}) x^T",
        "shapes": {"dU": ("k", "m"), "delta2": ("m",), "dW": ("m", "n")},
        "hypothesis": {"sum_one"},
    }


RIGHT = [
    # as published
    (COURSE_NET, "delta1", "ŷ - y"),
    (COURSE_NET, "delta1", r"\hat{y} - y"),
    (COURSE_NET, "delta1", "dJ/dz2 = yhat - y"),
    (COURSE_NET, "dU", "δ1 h^T"),
    (COURSE_NET, "dU", r"\delta_1 h^T"),
    (COURSE_NET, "dU", "dJ/dU = delta_1 hᵀ"),
    (COURSE_NET, "delta2", "(U^T δ1) ∘ 1{h > 0}"),
    (COURSE_NET, "delta2", r"U^T \delta_1 \circ 1\{h > 0\}"),
    (COURSE_NET, "dW", "δ2 x^T"),
    (COURSE_NET, "dW", r"\delta_2 x^{\top}"),
    (COURSE_NET, "shapes", {"dU": "k x m", "delta2": "m", "dW": r"m \times n"}),
    (COURSE_NET, "hypothesis", "B"),
    # otherwise
    (COURSE_NET, "delta1", "softmax(z2) - y"),
    (COURSE_NET, "delta1", "softmax(U relu(W x + b1) + b2) - y"),
    (COURSE_NET, "delta1", "exp(z2)/sum(exp(z2)) - y"),
    (COURSE_NET, "delta1", "(diag(yhat) - yhat yhat^T)(-y/yhat)"),
    (COURSE_NET, "dU", "(yhat - y) @ h.T"),
    (COURSE_NET, "dU", "outer(delta1, relu(z1))"),
    (COURSE_NET, "delta2", "diag(relu'(z1)) U' (yhat - y)"),
    (COURSE_NET, "delta2", "(U.T @ delta1) * (z1 > 0)"),
    (COURSE_NET, "delta2", "1{W x + b1 > 0} .* (U^T delta1)"),
    (COURSE_NET, "dW", "((U^T (yhat - y)) ∘ 1{z1 > 0}) x^T"),
    (COURSE_NET, "dW", "diag(z1 > 0) U^T delta1 x^T"),
    (SIGMOID, "delta2", "(U^T delta1) ∘ h ∘ (1 - h)"),
    (SIGMOID, "delta2", "(U^T delta1) ∘ sigma'(z1)"),
    (SIGMOID, "delta2", r"\sigma(z_1) \odot (1 - \sigma(z_1)) \odot U^\top \delta_1"),
    (TANH, "delta2", "U^T delta1 ∘ (1 - h^2)"),
    (TANH, "delta2", "(U^T delta1)/cosh(z1)^2"),
    (LEAKY, "delta2", "U^T delta1 ∘ (1{z1 > 0} + 0.1 1{z1 < 0})"),
    (LEAKY, "delta2", "U^T delta1 ∘ (0.1 + 0.9 1{h > 0})"),
    (ANY_TARGETS, "delta1", "sum(y) yhat - y"),
    (ANY_TARGETS, "delta1", "yhat 𝟙^T y - y"),
    (ANY_TARGETS, "delta1", "-y + yhat (ones(k)^T y)"),
    (SQUARED, "delta1", "yhat - y"),
    (SQUARED, "delta1", "U h + b2 - y"),
    (SQUARED, "dU", "(yhat - y) h^T"),
]


@pytest.mark.parametrize(("exercise", "part", "given"), RIGHT)
def test_a_right_formula_is_right_however_it_is_typed(
    exercise: SoftmaxCeBackpropSymbolic, part: str, given: Any, marked: Marked
) -> None:
    verdict = marked(exercise, {part: given})[part]
    assert verdict.outcome == "CORRECT", (verdict.read_as, verdict.why)


WRONG = [
    (COURSE_NET, "delta1", "y - ŷ", "sign"),
    (COURSE_NET, "delta1", "-y / yhat", "stop_at_ce"),
    (COURSE_NET, "delta1", "yhat", "forgot_y"),
    (COURSE_NET, "delta1", "(yhat - y) ∘ yhat ∘ (1 - yhat)", "extra_diag"),
    (COURSE_NET, "dU", "h δ1^T", "dU_transposed"),
    (COURSE_NET, "dU", "delta1 x^T", "x_for_h"),
    (COURSE_NET, "dU", "(yhat - y) z1^T", "z1_for_h"),
    (COURSE_NET, "delta2", "U^T delta1", "no_mask"),
    (COURSE_NET, "delta2", "U^T delta1 ∘ h", "mask_by_value"),
    (COURSE_NET, "delta2", "relu(U^T (yhat - y))", "mask_by_gradient_sign"),
    (COURSE_NET, "delta2", "U^T delta1 ∘ 1{z1 < 0}", "inverted_mask"),
    (COURSE_NET, "dW", "delta2 h^T", "h_for_x"),
    (COURSE_NET, "dW", "x delta2^T", "dW_transposed"),
    (COURSE_NET, "dW", "U^T delta1 x^T", "dW_no_mask"),
    (COURSE_NET, "dW", "delta1 x^T", "delta1_for_delta2"),
    (COURSE_NET, "hypothesis", "A", "onehot_only"),
    (COURSE_NET, "shapes", {"dU": "m x k", "delta2": "m", "dW": "n x m"}, "shapes_transposed"),
    (SIGMOID, "delta2", "U^T delta1 ∘ sigma'(h)", "slope_of_h"),
    (SIGMOID, "delta2", "U^T delta1 ∘ (1 - h^2)", "other_slope"),
    (TANH, "delta2", "U^T delta1 ∘ h ∘ (1 - h)", "other_slope"),
    (LEAKY, "delta2", "U^T delta1 ∘ 1{z1 > 0}", "leaky_as_relu"),
    (ANY_TARGETS, "delta1", "yhat - y", "assumed_normalised"),
    (SQUARED, "delta1", "2 (yhat - y)", "factor_2"),
]


@pytest.mark.parametrize(("exercise", "part", "given", "name"), WRONG)
def test_a_wrong_formula_is_named(
    exercise: SoftmaxCeBackpropSymbolic, part: str, given: Any, name: str, marked: Marked
) -> None:
    verdict = marked(exercise, {part: given})[part]
    assert verdict.outcome in ("INCORRECT", "PARTIAL")
    assert verdict.mistake == name, verdict.why


@pytest.mark.parametrize(
    ("part", "given", "told"),
    [
        ("delta2", "U (yhat - y)", "U^T"),  # U_not_transposed does not even fit
        ("delta1", "delta1", "there is no delta1 here"),
        ("dU", "delta2 h^T", "there is no delta2 here"),
    ],
)
def test_what_can_not_be_is_refused(part: str, given: str, told: str, marked: Marked) -> None:
    verdict = marked(COURSE_NET, {part: given})[part]
    assert verdict.outcome == "UNREADABLE"
    assert told in verdict.why


def test_marks_follow_a_sign_error_through_all_parts(marked: Marked) -> None:
    typed = {
        "delta1": "y - yhat",
        "dU": "(y - yhat) h^T",
        "delta2": "U^T (y - yhat) ∘ 1{z1 > 0}",
        "dW": "(U^T (y - yhat) ∘ 1{z1 > 0}) x^T",
    }
    found = marked(COURSE_NET, typed)
    assert [found[part].outcome for part in typed] == ["INCORRECT", *["FOLLOWED"] * 3]
    # the error's name stands for the right value, whatever the student wrote above
    assert marked(COURSE_NET, typed | {"dU": "delta1 h^T"})["dU"].outcome == "CORRECT"


def test_no_marks_follow_from_nothing(marked: Marked) -> None:
    found = marked(COURSE_NET, {"delta1": "y - y", "dU": "(y - y) h^T"})
    assert (found["delta1"].outcome, found["dU"].outcome) == ("INCORRECT", "INCORRECT")


def test_the_form_does_not_tell_what_the_errors_are() -> None:
    for name, truth in COURSE_NET.truths().items():
        text = str(expectation(truth))
        assert "given" not in text, name
        assert "yhat - y" not in text, name


def gradients(exercise: SoftmaxCeBackpropSymbolic) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values by letter, and central differences of a forward pass of its own."""
    of, rng = exercise.letters, np.random.default_rng(8)
    m, n, k = 3, 5, 4
    base: dict[str, Any] = {"x": n, "W": (m, n), "b1": m, "U": (k, m), "b2": k, "e1": m, "e2": k}
    start = {role: rng.normal(size=size) for role, size in base.items()}
    start["e1"], start["e2"] = np.zeros(m), np.zeros(k)
    for role in ("b1", "b2"):
        if role not in exercise.biases:
            start[role] = np.zeros(base[role])
    y = np.eye(k)[2] if exercise.targets == "onehot" else np.array([0.5, 0, 2, 1.0])

    def forward(v: Mapping[str, Any]) -> dict[str, Any]:
        z1 = v["W"] @ v["x"] + v["b1"] + v["e1"]
        h = {
            "relu": z1 * (z1 > 0),
            "leaky": np.where(z1 > 0, z1, 0.1 * z1),
            "sigmoid": 0.5 + 0.5 * np.tanh(z1 / 2),
            "tanh": np.tanh(z1),
        }[exercise.activation]
        z2 = v["U"] @ h + v["b2"] + v["e2"]
        if exercise.loss == "squared":
            return {"z1": z1, "h": h, "z2": z2, "yhat": z2, "J": 0.5 * float((z2 - y) @ (z2 - y))}
        lse = np.log(np.exp(z2).sum())
        return {"z1": z1, "h": h, "z2": z2, "yhat": np.exp(z2 - lse), "J": float(y @ (lse - z2))}

    def slope(role: str) -> Any:
        result = np.empty_like(start[role])
        for index in np.ndindex(result.shape):
            sides = []
            for step in (1e-6, -1e-6):
                moved = start[role].copy()
                moved[index] += step
                sides.append(forward({**start, role: moved})["J"])
            result[index] = (sides[0] - sides[1]) / 2e-6
        return result

    values = {of[role]: value for role, value in (start | forward(start)).items() if role in of}
    values[of["y"]] = y
    found = {"delta1": slope("e2"), "dU": slope("U"), "delta2": slope("e1"), "dW": slope("W")}
    return values | {"delta1": found["delta1"], "delta2": found["delta2"]}, found


@pytest.mark.parametrize(("activation", "biases"), list(product(HIDDEN, BIASES)))
def test_every_setting_against_central_differences(activation: str, biases: str) -> None:
    settings = [{}, {"targets": "any"}, {"loss": "squared"}]
    for number, more in enumerate(4 * settings):
        exercise = drawn(number, activation=activation, biases=biases, **more)
        values, found = gradients(exercise)
        for name, expected in found.items():
            truth = exercise.truths()[name]
            assert isinstance(truth, Formula)
            value = formula_at(truth, {each: values[each] for each in truth.names})
            np.testing.assert_allclose(np.squeeze(value), expected, atol=1e-7)


def test_no_two_letters_of_a_sheet_are_alike() -> None:
    for number in range(200):
        exercise = drawn(number)
        bare = [letter.rstrip("12").casefold() for letter in exercise.letters.values()]
        pairs = sum(exercise.letters[a].rstrip("1") + "2" == exercise.letters[b] for a, b in
                    (("W", "U"), ("z1", "z2"), ("b1", "b2")))  # fmt: skip
        assert len(set(bare)) == len(bare) - pairs
        assert not set(bare) & {*exercise.sizes, "delta", "i"}


@pytest.mark.parametrize("role", ["x", "W", "z1", "h", "b1", "yhat", "J"])
def test_every_letter_is_read(role: str, marked: Marked) -> None:
    pool = next(pool for roles, pool in POOLS.items() if role in roles)
    roles = next(roles for roles in POOLS if role in roles)
    course = {role: f"{role}" for role in COURSE}
    for letters in pool:
        if set(letters) & {course[r] for r in COURSE if r not in roles}:
            continue
        exercise = replace(COURSE_NET, letters=course | dict(zip(roles, letters, strict=True)))
        answers = {
            name: truth.value
            for name, truth in exercise.truths().items()
            if isinstance(truth, Formula)
        }
        found = marked(exercise, answers)
        assert [found[name].outcome for name in answers] == ["CORRECT"] * 4, letters


def test_verify_notices_a_false_truth() -> None:
    class Wrong(SoftmaxCeBackpropSymbolic):
        @property
        def slope(self) -> Any:
            return self.letter("h")

        def truths(self, own: Any = None) -> Any:
            found = super().truths(own)
            found["delta2"] = found["delta2"].like("U^T (yhat - y) ∘ h")
            return found

    fields = {name: getattr(COURSE_NET, name) for name in COURSE_NET.drawn_fields()}
    with pytest.raises(Disagreement, match="delta2"):
        Wrong(**fields).verify()


@pytest.mark.parametrize(
    "options",
    [
        {"activation": "softplus"},
        {"loss": "hinge"},
        {"biases": "some"},
        {"targets": "soft"},
        {"letters": "greek"},
        {"targets": "any", "loss": "squared"},
    ],
)
def test_options_out_of_range(options: dict[str, str]) -> None:
    with pytest.raises(AuthoringError, match="ValueError"):
        drawn(1, **options)
