"""Bounds of a neuron's gradient against the exam of 2023/09/06, brute force and what is typed."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises import neurons
from generator.exercises.neuron.sigmoid_gradient_bound import (
    INPUTS,
    SLIPS,
    SigmoidGradientBound,
)
from generator.model.errors import Disagreement
from generator.model.values import exact
from generator.sampling import Rng, seed

EXAM = SigmoidGradientBound(
    activation="sigmoid",
    steepness=Fraction(1),
    factor=Fraction(1, 2),
    x=exact(["3/4"]),
    z=Fraction(-3),
    targets=(0, 1),
    facts=("slope", "triangle", "range", "none"),
    slip="triangle",
    other_activation="tanh",
    other_steepness=Fraction(3),
    other_factor=Fraction(1),
)
STEEP_TANH = replace(
    EXAM,
    activation="tanh",
    other_activation="sigmoid",
    steepness=Fraction(5),
    z=Fraction(-2),
    targets=(0,),
)

OPTIONS: list[dict[str, Any]] = [
    {"activation": activation, "steepness": k, "loss": loss, "inputs": inputs, "targets": targets}
    for activation in ("sigmoid", "tanh")
    for k in (0, 1, 10)
    for loss in ("half", "full")
    for inputs in (1, 2, 3)
    for targets in ("binary", "any")
]


def drawn(number: int, **options: Any) -> SigmoidGradientBound:
    exercise = certify(SigmoidGradientBound, Rng(seed(b"tests", number)), options).exercise
    assert isinstance(exercise, SigmoidGradientBound)
    return exercise


def values(exercise: SigmoidGradientBound) -> dict[str, Any]:
    return {name: truth.value for name, truth in exercise.truths().items()}


def mistake(exercise: SigmoidGradientBound, part: str, name: str) -> Any:
    truths = exercise.truths()
    known = {name: truth.value for name, truth in truths.items()}
    wrong = exercise.parts[part].mistaken(name, exercise, truths[part], known)
    return None if wrong is None else wrong.value


def test_the_exam() -> None:
    examine(EXAM, EXAM.truths())
    found = values(EXAM)
    assert found["max_slope"] == Fraction(1, 4)
    assert found["constant_C"] == Fraction(1, 4)
    assert found["bound_value"] == Fraction(1, 4) * Fraction(5, 4) * 4
    assert found["strict_step"] == {"range"}
    assert found["sharp_binary"] == Fraction(4, 27)
    assert EXAM.highest == {
        0: (Fraction(2, 3), Fraction(4, 27)),
        1: (Fraction(1, 3), Fraction(4, 27)),
    }


@pytest.mark.parametrize(
    ("activation", "targets", "value"),
    [
        ("tanh", (-1, 1), Fraction(32, 27)),
        ("tanh", (0,), 2 / (3 * math.sqrt(3))),
        ("sigmoid", (-1,), 2 / (3 * math.sqrt(3))),
        ("sigmoid", (0,), Fraction(4, 27)),
    ],
)
def test_sharp_constants(activation: str, targets: tuple[int, ...], value: Any) -> None:
    assert replace(EXAM, activation=activation, targets=targets).peak == pytest.approx(value)


@pytest.mark.parametrize(
    ("exercise", "part", "name", "value"),
    [
        (EXAM, "max_slope", "slope_half", 0.5),
        (replace(EXAM, z=Fraction(-2)), "max_slope", "slope_1", 1),
        (EXAM, "constant_C", "half_kept", 0.125),
        (EXAM, "constant_C", "factor_2", 0.5),
        (EXAM, "bound_value", "x_norm", 25 / 16),
        (EXAM, "bound_value", "bias_forgotten", 0.75),
        (EXAM, "bound_value", "triangle_wrong", -0.625),
        (EXAM, "sharp_binary", "sharp_at_half", 0.125),
        (EXAM, "sharp_binary", "general_bound", 0.5),
        (STEEP_TANH, "max_slope", "inner_factor_lost", 1),
        (STEEP_TANH, "max_slope", "other_slope", 1.25),
        (STEEP_TANH, "max_slope", "factor_squared", 25),
        (STEEP_TANH, "sharp_binary", "sharp_at_half", 0),
        (STEEP_TANH, "sharp_binary", "factors_lost", 2 / (3 * math.sqrt(3))),
        (replace(EXAM, targets=(-1, 1)), "sharp_binary", "smaller_target", 4 / 27),
        (replace(EXAM, targets=(-1, 1)), "sharp_binary", "separate_maxima", 0.5),
    ],
)
def test_mistakes_by_hand(
    exercise: SigmoidGradientBound, part: str, name: str, value: float
) -> None:
    assert float(mistake(exercise, part, name)) == pytest.approx(value)


def test_a_wrong_value_that_another_part_has_is_no_mistake() -> None:
    # With z in {0, 1} the largest error times the largest slope is C itself.
    assert mistake(EXAM, "sharp_binary", "separate_maxima") is None


def test_the_inputs_have_a_rational_length_together_with_the_bias() -> None:
    for pool in INPUTS.values():
        for x in pool:
            root = neurons.square_root(sum((Fraction(n) ** 2 for n in x), Fraction(1)))
            assert isinstance(root, Fraction), x


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
@pytest.mark.parametrize("z", [Fraction(n, 4) for n in range(-12, 13)])
def test_peaks_by_brute_force(name: str, z: Fraction) -> None:
    y = np.linspace(neurons.LOWEST[name], 1, 200_001)
    products = abs(y - float(z)) * neurons.slope_of(name, y)
    assert float(neurons.peaks(name, z)[0][1]) == pytest.approx(products.max(), abs=1e-9)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(map(str, o.values())))
def test_no_gradient_exceeds_the_bounds_and_some_come_near(options: dict[str, Any]) -> None:
    rng = np.random.default_rng(7)
    for number in range(3):
        exercise = drawn(number, **options)
        found = values(exercise)
        k, c = float(exercise.steepness), float(exercise.factor)
        v = np.concatenate([rng.normal(0, 2 / k, 4000), np.linspace(-4, 4, 8001) / k])
        x = rng.normal(0, 2, v.shape)
        output = np.tanh if options["activation"] == "tanh" else _logistic
        slope = (output(k * v + 1e-5) - output(k * v - 1e-5)) / 2e-5 * k
        assert slope.max() == pytest.approx(float(found["max_slope"]), abs=1e-6)

        def length(z: Any) -> Any:
            delta = 2 * c * (output(k * v) - z) * slope  # noqa: B023
            return np.hypot(delta, delta * x) / np.sqrt(1 + x**2)  # noqa: B023

        z = rng.normal(0, 3, v.shape)
        constant = float(found["constant_C"])
        assert (length(z) < constant * (1 + abs(z))).all()
        assert (length(1e6) / (1 + 1e6)).max() == pytest.approx(constant, rel=1e-4)
        sharp = max(length(target).max() for target in exercise.targets)
        assert sharp == pytest.approx(float(found["sharp_binary"]), rel=1e-5)


def _logistic(v: Any) -> Any:
    return 1 / (1 + np.exp(-v))


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("factor", [Fraction(1, 2), Fraction(1)])
def test_each_slip_is_false_where_it_says(slip: str, activation: str, factor: Fraction) -> None:
    exercise = replace(EXAM, slip=slip, other_activation=activation, other_factor=factor)
    exercise.verify()
    line = SLIPS.index(slip) + 1
    assert values(exercise)["first_false_line"] == {str(line)}
    after = mistake(exercise, "first_false_line", "line_after")
    assert after == ({str(line + 1)} if line < len(SLIPS) else None)


def test_the_false_proof_is_about_another_neuron() -> None:
    for number in range(20):
        exercise = drawn(number, find_error=True, activation="any")
        assert exercise.other_activation != exercise.activation
        assert exercise.other_steepness != exercise.steepness
        assert exercise.other_factor != exercise.factor


@pytest.mark.parametrize(
    ("part", "given", "expected"),
    [
        ("max_slope", "1/4", "CORRECT"),
        ("max_slope", "0.25", "CORRECT"),
        ("max_slope", "1/2", "slope_half"),
        ("constant_C", r"\frac{1}{4}", "CORRECT"),
        ("constant_C", "1/8", "half_kept"),
        ("bound_value", "5/4", "CORRECT"),
        ("bound_value", "25/16", "x_norm"),
        ("strict_step", "C", "CORRECT"),
        ("strict_step", "D", "non_strict_is_enough"),  # the published proof ends with <=
        ("strict_step", "B", "triangle_strict"),
        ("sharp_binary", "4/27", "CORRECT"),
        ("sharp_binary", "0.1481", "CORRECT"),
        ("sharp_binary", "1/8", "sharp_at_half"),
        ("first_false_line", "3", "CORRECT"),
        ("first_false_line", "4", "line_after"),
    ],
)
def test_what_students_type(part: str, given: str, expected: str, marked: Any) -> None:
    verdict = marked(EXAM, {part: given})[part]
    assert expected in (verdict.outcome, verdict.mistake)


def test_irrational_constants_may_be_typed_as_roots(marked: Any) -> None:
    tanh = replace(STEEP_TANH, steepness=Fraction(1))
    assert marked(tanh, {"sharp_binary": "2/(3√3)"})["sharp_binary"].outcome == "CORRECT"


def test_a_constant_from_a_wrong_slope_is_paid(marked: Any) -> None:
    steep = replace(EXAM, steepness=Fraction(2), factor=Fraction(1))
    verdicts = marked(steep, {"max_slope": "1/4", "constant_C": "1/2", "bound_value": "5/2"})
    assert verdicts["max_slope"].mistake == "inner_factor_lost"
    assert [verdicts[part].outcome for part in ("constant_C", "bound_value")] == ["FOLLOWED"] * 2


def test_verify_notices_a_wrong_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(neurons.STEEPEST, "sigmoid", Fraction(1, 5))
    with pytest.raises(Disagreement, match="max_slope"):
        replace(EXAM).verify()


@pytest.mark.parametrize(
    "option",
    [
        {"activation": "relu"},
        {"steepness": -1},
        {"steepness": 11},
        {"loss": "third"},
        {"inputs": 4},
        {"targets": "all"},
    ],
)
def test_options_out_of_range(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        SigmoidGradientBound.sample(Rng(b"tests"), **option)
