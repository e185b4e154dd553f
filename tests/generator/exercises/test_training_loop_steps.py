"""The steps of training: the homework's five, and the loop in numbers run by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.training import training_loop_steps
from generator.exercises.training.training_loop_steps import (
    LOSSES,
    REMOVED,
    STEPS,
    TrainingLoopSteps,
)
from generator.model.errors import AuthoringError, Disagreement
from generator.model.values import exact
from generator.sampling import Rng, seed
from grader.marking import Verdict

Marked = Callable[[Any, Mapping[str, Any]], dict[str, Verdict]]

# 1.2(a), with numbers of our own.
LOOP = TrainingLoopSteps(
    steps=("update", "loss", "model", "gradient", "forward"),
    step="gradient",
    formulas=("add_only", "zero_then_add", "difference_of_losses", "add_then_zero"),
    loss="square",
    rate=Fraction(1, 10),
    w=exact([1, -2]),
    b=Fraction(1),
    inputs=exact([[2, 1], [-1, 2]]),
    targets=exact([-1, 0]),
    removed="zero",
)
UPDATE = replace(LOOP, step="update", formulas=("plus", "gradient_only", "minus", "minus_loss"))
COLLECTED = replace(LOOP, removed="zero_and_update")
ABSOLUTE = replace(LOOP, loss="absolute")
HALF = replace(LOOP, loss="half_square")


def drawn(number: int, **options: Any) -> TrainingLoopSteps:
    exercise = certify(TrainingLoopSteps, Rng(seed(b"tests", number)), options).exercise
    assert isinstance(exercise, TrainingLoopSteps)
    return exercise


@pytest.mark.parametrize("exercise", [LOOP, UPDATE, COLLECTED, ABSOLUTE, HALF])
def test_the_pinned_instances_hold(exercise: TrainingLoopSteps) -> None:
    examine(exercise, exercise.truths())


def test_the_order_of_the_homework() -> None:
    truth = LOOP.truths()["order"].value
    assert truth == ("model", "forward", "loss", "gradient", "update")


def test_the_numbers() -> None:
    # The first error is 2, so the gradient is 4 (2, 1, 1); after the step the second one is -4.4.
    truths = LOOP.truths()
    assert list(truths["one_step"].value) == [Fraction(1, 5), Fraction(-12, 5), Fraction(3, 5)]
    second = 2 * (Fraction(-1, 5) - Fraction(24, 5) + Fraction(3, 5))
    assert list(truths["no_zero_grad"].value) == [8 - second, 4 + 2 * second, 4 + second]
    # at the parameters of the beginning the second error is -4
    assert list(COLLECTED.truths()["no_zero_grad"].value) == [16, -12, -4]


RIGHT = [
    (LOOP, "order", "C, E, B, D, A"),
    (LOOP, "order", "c e b d a"),
    (LOOP, "match", "B"),
    (UPDATE, "match", "C"),
    (LOOP, "one_step", "(0.2, -2.4, 0.6)"),
    (LOOP, "one_step", "(1, -2, 1) - 0.1 * (8, 4, 4)"),
    (LOOP, "one_step", r"\begin{pmatrix} 1/5 \\ -12/5 \\ 3/5 \end{pmatrix}"),
    (LOOP, "no_zero_grad", "(16.8, -13.6, -4.8)"),
    (COLLECTED, "no_zero_grad", "16, -12, -4"),
    (HALF, "one_step", "(0.6, -2.2, 0.8)"),
    (ABSOLUTE, "one_step", "(0.8, -2.1, 0.9)"),
    (ABSOLUTE, "no_zero_grad", "(3, -1, 0)"),
]


@pytest.mark.parametrize(("exercise", "part", "given"), RIGHT)
def test_a_right_answer_is_right_however_it_is_typed(
    exercise: TrainingLoopSteps, part: str, given: str, marked: Marked
) -> None:
    verdict = marked(exercise, {part: given})[part]
    assert verdict.outcome == "CORRECT", (verdict.read_as, verdict.why)


WRONG = [
    (LOOP, "order", "C, E, B, A, D", "update_before_backward"),
    (LOOP, "order", "C, B, E, D, A", "loss_before_forward"),
    (LOOP, "order", "C, E, D, B, A", "gradient_before_loss"),
    (LOOP, "match", "A", "never_zero"),
    (LOOP, "match", "D", "zero_after_backward"),
    (LOOP, "match", "C", "losses_compared"),
    (UPDATE, "match", "A", "plus_eta"),
    (UPDATE, "match", "B", "parameters_forgotten"),
    (UPDATE, "match", "D", "loss_for_gradient"),
    (LOOP, "one_step", "(1.8, -1.6, 1.4)", "uphill"),
    (LOOP, "one_step", "(-7, -6, -3)", "rate_lost"),
    (LOOP, "one_step", "(0.6, -2.2, 0.8)", "factor_2"),
    (LOOP, "one_step", "(0.6, -2.4, 0.6)", "input_lost"),
    (LOOP, "one_step", "(0.2, -2.4, 1)", "bias_kept"),
    (LOOP, "one_step", "(0.8, -2.2, 0.8)", "error_for_gradient"),
    (LOOP, "no_zero_grad", "(8.8, -17.6, -8.8)", "no_zero_grad_ignored"),
    (LOOP, "no_zero_grad", "(8.4, -6.8, -2.4)", "mean_of_the_batches"),
    (LOOP, "no_zero_grad", "(16, -12, -4)", "wrong_updates"),
    (COLLECTED, "no_zero_grad", "(16.8, -13.6, -4.8)", "wrong_updates"),
    (ABSOLUTE, "one_step", "(0.2, -2.4, 0.6)", "slope_of_a_square"),
]


@pytest.mark.parametrize(("exercise", "part", "given", "name"), WRONG)
def test_a_wrong_answer_is_named(
    exercise: TrainingLoopSteps, part: str, given: str, name: str, marked: Marked
) -> None:
    verdict = marked(exercise, {part: given})[part]
    assert verdict.outcome in ("INCORRECT", "PARTIAL")
    assert verdict.mistake == name, verdict.why


def test_marks_follow_from_the_parameters_after_the_first_step(marked: Marked) -> None:
    # without the 2, the first gradient is (4, 2, 2), and the second error -4.2
    second = 2 * (-0.6 - 4.4 + 0.8)
    typed = f"({4 - second}, {2 + 2 * second}, {2 + second})"
    found = marked(LOOP, {"one_step": "(0.6, -2.2, 0.8)", "no_zero_grad": typed})
    assert found["no_zero_grad"].outcome == "FOLLOWED"


@pytest.mark.parametrize(
    ("wrong_step", "after"),
    [("uphill", (1.8, -1.6, 1.4)), ("rate_lost", (-7, -6, -3)), ("bias_kept", (0.2, -2.4, 1))],
)
def test_a_wrong_update_leaves_the_gradient_as_it_is(wrong_step, after, marked: Marked) -> None:
    w1, w2, b = after  # the first gradient is (8, 4, 4)
    second = 2 * (-w1 + 2 * w2 + b)
    typed = f"({8 - second}, {4 + 2 * second}, {4 + second})"
    found = marked(LOOP, {"one_step": str(after), "no_zero_grad": typed})
    assert found["one_step"].mistake == wrong_step
    assert found["no_zero_grad"].outcome == "FOLLOWED"


def test_every_setting_against_a_loop_with_central_differences() -> None:
    settings = list(product(LOSSES, REMOVED, (1, 2, 3), (2, 3)))
    for number in range(216):
        kind, removed, size, batches = settings[number % len(settings)]
        exercise = drawn(number, loss=kind, removed=removed, inputs=size, batches=batches)
        rate = float(exercise.rate)
        power = {"square": (1, 2), "half_square": (0.5, 2), "absolute": (1, 1)}[kind]

        def gradient(p: Any, x: Any, y: float, power: Any = power) -> Any:
            def loss(q: Any) -> float:
                return float(power[0] * abs(x @ q[:-1] + q[-1] - y) ** power[1])

            moves = 1e-6 * np.eye(len(p))
            return np.array([(loss(p + e) - loss(p - e)) / 2e-6 for e in moves])

        start = np.array([*exercise.w, exercise.b], dtype=float)
        examples = list(
            zip(exercise.inputs.astype(float), exercise.targets.astype(float), strict=True)
        )
        first = start - rate * gradient(start, *examples[0])
        at, stored = start, np.zeros(size + 1)
        for x, y in examples:
            stored = stored + gradient(at, x, y)
            if removed == "zero":
                at = at - rate * stored
        truths = exercise.truths()
        np.testing.assert_allclose(truths["one_step"].value.astype(float), first, atol=1e-6)
        np.testing.assert_allclose(truths["no_zero_grad"].value.astype(float), stored, atol=1e-6)


def test_no_step_stands_where_it_belongs_throughout() -> None:
    for number in range(100):
        exercise = drawn(number)
        assert set(exercise.steps) == set(STEPS)
        assert exercise.steps != tuple(STEPS)


def test_verify_notices_a_wrong_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(training_loop_steps.FORMULAS, "update", ("plus", "minus"))
    with pytest.raises(Disagreement, match="match"):
        UPDATE.verify()


def test_verify_notices_a_false_truth() -> None:
    class Wrong(TrainingLoopSteps):
        def truths(self, own: Any = None) -> Any:
            found = super().truths(own)
            found["no_zero_grad"] = found["no_zero_grad"].like(exact([16, -12, -4]))
            return found

    fields = {name: getattr(LOOP, name) for name in LOOP.drawn_fields()}
    with pytest.raises(Disagreement, match="no_zero_grad"):
        Wrong(**fields).verify()


@pytest.mark.parametrize(
    "options",
    [
        {"inputs": 4},
        {"batches": 1},
        {"loss": "cube"},
        {"rate": "1/3"},
        {"step": "forward"},
        {"removed": "update"},
    ],
)
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(AuthoringError, match="ValueError"):
        drawn(1, **options)
