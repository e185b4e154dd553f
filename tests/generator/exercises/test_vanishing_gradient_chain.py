"""Vanishing gradients: products of slopes by differences, dead units by descent, known bounds."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from generator.certifying import certify, examine
from generator.exercises import remedies
from generator.exercises.activations.vanishing_gradient_chain import VanishingGradientChain
from generator.exercises.remedies import HELPING, USELESS, helps
from generator.model.errors import Disagreement
from generator.model.values import exact
from generator.sampling import Rng, seed

PINNED = VanishingGradientChain(
    activations=("sigmoid", "relu", "tanh"),
    weights=exact([2, -3, 4]),
    outputs=exact(["0.8", 2, "-0.6"]),
    largest_weight=Fraction(1),
    exponent=3,
    unit_weights=exact([1, -2]),
    unit_biases=exact([-4, 1]),
    inputs=exact([-1, 2, 3]),
    upstream=(exact([2, 3]), exact([1, -1]), exact([-1, 2])),
    rate=Fraction(1, 10),
    output=Fraction(1, 50),
    target=Fraction(1),
    changes=("deeper", "relu", "small_rate", "residual", "flatter"),
)
MIXED = {"activation": "mixed", "depth": 5, "relu_layers": 2, "largest_weight": 3}
TANH = {"activation": "tanh", "relu_layers": 0, "depth": 3, "largest_weight": 2}


def drawn(number: int, **options: Any) -> VanishingGradientChain:
    exercise = certify(VanishingGradientChain, Rng(seed(b"tests", number)), options).exercise
    assert isinstance(exercise, VanishingGradientChain)
    return exercise


def values(exercise: VanishingGradientChain) -> dict[str, Any]:
    return {name: truth.value for name, truth in exercise.truths().items()}


def mistake(part: str, name: str, exercise: VanishingGradientChain = PINNED) -> Any:
    wrong = exercise.parts[part].mistaken(name, exercise, exercise.truths()[part], {})
    return None if wrong is None else wrong.value


def test_a_pinned_instance_by_hand() -> None:
    examine(PINNED, PINNED.truths())
    found = values(PINNED)
    assert found["chain_product"] == Fraction("0.32") * -3 * Fraction("2.56")
    assert found["layers_until"] == 5
    # Unit 1 is -5, -2, -1: dead. Unit 2 is 3, -3, -5: live on the first example, with gradient 3.
    assert list(found["dead_unit_update"]) == [1, -4, Fraction("-1.7"), Fraction("0.7")]
    assert list(found["bce_vs_mse_output"]) == pytest.approx([-0.038416, -0.98])
    assert found["remedies"] == {"relu", "residual"}


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("chain_product", "no_derivative", -24),
        ("chain_product", "value_for_slope", 2 * 0.8 * -3 * 4 * -0.6),
        ("chain_product", "weights_forgotten", 0.16 * 0.64),
        ("chain_product", "bound_used_as_value", 0.5 * -3 * 4),
        ("chain_product", "one_factor_short", -3 * 2.56),
        ("chain_product", "sigmoid_rule_for_tanh", 0.32 * -3 * 4 * -0.96),
        ("layers_until", "rounded_down", 4),
        ("layers_until", "one_slope_less", 6),
        ("layers_until", "slope_up_to_a_half", 10),
        ("dead_unit_update", "dead_unit_still_moves", [1.3, -4.2, -2.1, 0.6]),
        ("dead_unit_update", "ascent", [1, -4, -2.3, 1.3]),
        ("dead_unit_update", "mean_over_examples", [1, -4, -1.9, 0.9]),
        ("dead_unit_update", "biases_left", [1, -4, -1.7, 1]),
        ("bce_vs_mse_output", "bce_saturates", [-0.038416, -0.019208]),
        ("bce_vs_mse_output", "mse_without_slope", [-1.96, -0.98]),
        ("bce_vs_mse_output", "half_assumed", [-0.019208, -0.98]),
        ("bce_vs_mse_output", "stopped_at_output", [-1.96, -50]),
    ],
)
def test_mistakes_by_hand(part: str, name: str, value: Any) -> None:
    wrong = mistake(part, name)
    found = [float(each) for each in wrong] if isinstance(value, list) else float(wrong)
    assert found == pytest.approx(value, abs=1e-9)


def test_mistakes_that_a_chain_gives_no_occasion_for() -> None:
    assert mistake("layers_until", "weights_not_bounded") is None
    wide = replace(PINNED, largest_weight=Fraction(2))
    assert mistake("layers_until", "slope_up_to_a_half", wide) is None
    assert mistake("layers_until", "weights_not_bounded", wide) == 5
    rectified = replace(
        PINNED, activations=("relu", "relu", "sigmoid"), outputs=exact([1, 2, "0.8"])
    )
    assert mistake("chain_product", "sigmoid_rule_for_tanh", rectified) is None


@pytest.mark.parametrize(("exponent", "layers"), [(3, 5), (6, 10), (9, 15)])
def test_how_deep_sigmoids_may_be(exponent: int, layers: int) -> None:
    found = values(replace(PINNED, exponent=exponent))["layers_until"]
    assert found == layers
    assert Fraction(1, 4) ** layers < Fraction(1, 10**exponent) <= Fraction(1, 4) ** (layers - 1)


def test_the_published_claim_about_sigmoid_outputs_is_false_with_cross_entropy() -> None:
    """z = -12 where y = 1: the slope is 6e-6, yet the gradient is -1 (homework 1, 1.3(c))."""
    output = 1 / (1 + math.exp(12))
    far = replace(PINNED, output=Fraction(output))
    found = values(far)["bce_vs_mse_output"]
    assert found[0] == pytest.approx(-1.2e-5, rel=0.05)
    assert found[1] == pytest.approx(-1, abs=1e-4)


@pytest.mark.parametrize("options", [{}, MIXED, TANH], ids=["default", "mixed", "tanh"])
def test_chains_by_central_differences(options: dict[str, Any]) -> None:
    function = {
        "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
        "tanh": math.tanh,
        "relu": lambda z: max(z, 0.0),
    }
    inverse = {"sigmoid": lambda h: -math.log(1 / h - 1), "tanh": math.atanh, "relu": float}
    for number in range(70):
        each = drawn(number, **options)
        outputs = [0.3, *map(float, each.outputs)]  # h_0 plays no part

        def run(h: float, each: Any = each, outputs: Any = outputs) -> float:
            for layer, name in enumerate(each.activations):
                w = float(each.weights[layer])
                bias = inverse[name](outputs[layer + 1]) - w * outputs[layer]
                h = function[name](w * h + bias)
            return h

        step = 1e-6
        slope = (run(0.3 + step) - run(0.3 - step)) / (2 * step)
        assert slope == pytest.approx(float(values(each)["chain_product"]), rel=1e-4, abs=1e-7)


def test_dead_units_stay_through_any_number_of_steps() -> None:
    for number in range(70):
        each = drawn(number)
        moved = values(each)["dead_unit_update"]
        i = 2 * (each.dead - 1)
        assert (moved[i : i + 2] == each.parameters[i : i + 2]).all()
        other = 2 - i
        assert (moved[other : other + 2] != each.parameters[other : other + 2]).all()
        live = [z[other // 2] > 0 for z in each.pre]
        assert any(live)
        assert not all(live)


def test_what_helps_was_tried_out() -> None:
    assert all(map(helps, HELPING))
    assert not any(map(helps, USELESS))


@pytest.mark.parametrize("spread", [3, 60])
@pytest.mark.parametrize("key", USELESS)
def test_what_does_not_help_does_not_however_many_units_are_saturated(key, spread) -> None:
    # sigma(z / 4) alone would: far from 0 it is the steeper of the two.
    assert not helps(key, spread=spread)


def test_every_sheet_has_something_that_helps_and_something_that_does_not() -> None:
    for number in range(60):
        each = drawn(number)
        assert 0 < len(values(each)["remedies"]) < len(each.changes)
        assert len(set(each.changes)) == len(each.changes)


@pytest.mark.parametrize(
    ("part", "text", "outcome", "named"),
    [
        ("chain_product", "-2.46", "CORRECT", None),
        ("chain_product", "0.32*(-3)*2.56", "CORRECT", None),
        ("chain_product", "-2.4", "INCORRECT", None),
        ("chain_product", "-24", "INCORRECT", "no_derivative"),
        ("layers_until", "5", "CORRECT", None),
        ("layers_until", "4.98", "INCORRECT", None),
        ("layers_until", "4", "INCORRECT", "rounded_down"),
        ("dead_unit_update", "(1, -4, -1.7, 0.7)", "CORRECT", None),
        ("dead_unit_update", "1.3, -4.2, -2.1, 0.6", "INCORRECT", "dead_unit_still_moves"),
        ("bce_vs_mse_output", "(-0.0384, -0.98)", "CORRECT", None),
        ("bce_vs_mse_output", "(-0.0384, -0.0192)", "INCORRECT", "bce_saturates"),
        ("remedies", "B, D", "CORRECT", None),
        ("remedies", "A, B, D", "PARTIAL", "deeper_helps"),
        ("remedies", "B C D", "PARTIAL", "rate_helps"),
    ],
)
def test_answers_as_students_type_them(marked, part, text, outcome, named) -> None:
    verdict = marked(PINNED, {part: text})[part]
    assert (verdict.outcome, verdict.mistake) == (outcome, named)


def test_verify_notices_a_remedy_filed_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "generator.exercises.activations.vanishing_gradient_chain"
    monkeypatch.setattr(f"{module}.HELPING", (*remedies.HELPING, "deeper"))
    with pytest.raises(Disagreement, match="remedies"):
        PINNED.verify()


def test_verify_notices_a_wrong_slope(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "generator.exercises.activations.vanishing_gradient_chain"
    monkeypatch.setitem(__import__(module, fromlist=["SLOPES"]).SLOPES, "sigmoid", lambda h: h)
    with pytest.raises(Disagreement, match="chain_product"):
        replace(PINNED, exponent=4).verify()


@pytest.mark.parametrize(
    "option",
    [
        {"depth": 1},
        {"depth": 7},
        {"relu_layers": 4},
        {"relu_layers": -1},
        {"activation": "relu"},
        {"largest_weight": 4},
    ],
    ids=str,
)
def test_options_out_of_range(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        VanishingGradientChain.sample(Rng(b"tests"), **option)
