"""Exploding and vanishing gradients: exact singular values, bounds that hold, sums that do not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.recurrence_letters import derivatives
from generator.exercises.recurrent.rnn_gradient_scaling import (
    DIRECTIONS,
    STRUCTURES,
    RnnGradientScaling,
)
from generator.exercises.slopes import SLOPES, found_ends
from generator.model.errors import Disagreement
from generator.model.values import exact
from generator.sampling import Rng, seed

# sigma(U) = 1 and 4 where both eigenvalues are 2; lambda 0.2 makes a = 0.8.
PINNED = RnnGradientScaling(
    direction="vanish",
    U=exact([[2, 3], [0, 2]]),
    slope=Fraction(1, 5),
    steps=3,
    limit=Fraction(1, 100),
    statements=("recurrent_weights", "jacobian", "states", "last_step"),
    activations=("sigmoid", "scaled", "relu", "scaled_tanh", "identity"),
    parameters=exact([0, "0.1", 0, "0.5", 0]),
)
GROWING = replace(
    PINNED,
    direction="explode",
    slope=Fraction(6, 5),
    limit=Fraction(10),
    statements=("jacobian", "recurrent_weights", "input_weights", "states"),
    activations=("sigmoid", "scaled", "relu", "tilted", "identity"),
    parameters=exact([0, "1.5", 0, "2", 0]),
)


def drawn(number: int, **options: Any) -> RnnGradientScaling:
    exercise = certify(RnnGradientScaling, Rng(seed(b"tests", number)), options).exercise
    assert isinstance(exercise, RnnGradientScaling)
    return exercise


def values(exercise: RnnGradientScaling) -> dict[str, Any]:
    return {name: truth.value for name, truth in exercise.truths().items()}


def mistake(exercise: RnnGradientScaling, part: str, name: str) -> Any:
    truths = exercise.truths()
    earlier = {key: each.value for key, each in truths.items()}
    wrong = exercise.parts[part].mistaken(name, exercise, truths[part], earlier)
    return None if wrong is None else wrong.value


def test_a_matrix_whose_eigenvalues_mislead() -> None:
    examine(PINNED, PINNED.truths())
    assert PINNED.singular_values == (Fraction(1), Fraction(4))
    assert values(PINNED) == {
        "a_value": Fraction(4, 5),
        "bound_after_k": Fraction(64, 125),
        "smallest_k": 21,
        "what_vanishes": {"jacobian"},
        "possible_activation": {"scaled"},
    }
    # By its eigenvalues the gradients would be halved and more in each step.
    assert mistake(PINNED, "a_value", "eigen_for_singular") == pytest.approx(0.4)
    assert mistake(PINNED, "a_value", "lambda_flipped") == 20
    assert mistake(PINNED, "a_value", "min_max_swapped") == Fraction(1, 5)
    assert mistake(PINNED, "a_value", "slope_forgotten") == 4
    assert mistake(PINNED, "bound_after_k", "additive") == Fraction(12, 5)
    assert mistake(PINNED, "smallest_k", "rounded_down") == 20
    assert mistake(PINNED, "smallest_k", "linear_growth") == 5
    assert mistake(PINNED, "smallest_k", "without_slope") is None


def test_the_other_direction_looks_at_the_other_singular_value() -> None:
    GROWING.verify()
    assert values(GROWING) == {
        "a_value": Fraction(6, 5),
        "bound_after_k": Fraction(216, 125),
        "smallest_k": 13,
        "what_vanishes": {"jacobian"},
        "possible_activation": {"scaled", "tilted"},
    }
    assert mistake(GROWING, "a_value", "eigen_for_singular") == pytest.approx(2.4)


def test_the_published_statement_about_the_weights_is_a_named_mistake() -> None:
    assert mistake(PINNED, "what_vanishes", "sum_follows_its_terms") == {"recurrent_weights"}
    assert mistake(GROWING, "what_vanishes", "sum_follows_its_terms") == {"recurrent_weights"}


@pytest.mark.parametrize("steps", [20, 40])
def test_weights_gradients_that_neither_vanish_nor_explode(steps: int) -> None:
    one, h0 = np.ones(1), np.zeros(1)
    fed = np.ones((steps, 1))
    _, of_U, of_W = derivatives("identity", np.array([[0.5]]), np.eye(1), fed, h0, one)
    assert (of_U[0, 0], of_W[0, 0]) == pytest.approx((4, 2), abs=1e-4)
    cancelling = np.tile([[1.0], [-2.0]], (steps // 2, 1))
    _, _, of_W = derivatives("identity", np.array([[2.0]]), np.eye(1), cancelling, h0, one)
    assert of_W[0, 0] == 0


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("structure", STRUCTURES)
def test_bounds_hold_for_random_networks(direction: str, structure: str) -> None:
    rng = np.random.default_rng(3)
    for number in range(25):
        each = drawn(number, direction=direction, structure=structure)
        found = values(each)
        a, slope, U = float(found["a_value"]), float(each.slope), each.U.astype(float)
        product = np.eye(2)
        for k in range(1, 9):
            if each.explodes:
                slopes = slope + rng.exponential(0.3, size=2)
            else:
                slopes = rng.uniform(-slope, slope, size=2)
            product = np.diag(slopes) @ U @ product
            # Singular values are the extremes of |J v| over unit vectors v.
            angles = np.linspace(0, np.pi, 721)
            lengths = np.linalg.norm(product @ [np.cos(angles), np.sin(angles)], axis=0)
            assert lengths.min() > a**k if each.explodes else lengths.max() < a**k
        k = int(found["smallest_k"])
        passed = [found["a_value"] ** n > each.limit for n in (k - 1, k)]
        assert passed == ([False, True] if each.explodes else [True, False])
        assert 0 < len(found["possible_activation"]) < len(each.activations)


@pytest.mark.parametrize("kind", SLOPES)
def test_ranges_of_slopes(kind: str) -> None:
    for c in SLOPES[kind].parameters:
        low, high = map(float, SLOPES[kind].ends(c))
        assert found_ends(kind, c) == pytest.approx((low, high), abs=0.01)
        z, h = np.linspace(-9.01, 9.03, 401), 1e-6
        both = [SLOPES[kind].function(z + step + 0j, float(c)).real for step in (h, -h)]
        differences = (both[0] - both[1]) / (2 * h)
        assert low - 1e-6 <= differences.min() <= differences.max() <= high + 1e-6


@pytest.mark.parametrize(
    ("part", "text", "outcome", "named"),
    [
        ("a_value", "0.8", "CORRECT", None),
        ("a_value", "4/5", "CORRECT", None),
        ("a_value", "0.2 * 2", "INCORRECT", "eigen_for_singular"),
        ("a_value", "20", "INCORRECT", "lambda_flipped"),
        ("bound_after_k", "0.512", "CORRECT", None),
        ("bound_after_k", "2.4", "INCORRECT", "additive"),
        ("smallest_k", "21", "CORRECT", None),
        ("smallest_k", "20", "INCORRECT", "rounded_down"),
        ("smallest_k", "20.6", "INCORRECT", None),
        ("what_vanishes", "B", "CORRECT", None),
        ("what_vanishes", "A", "INCORRECT", "sum_follows_its_terms"),
        ("what_vanishes", "C", "INCORRECT", "states_follow"),
    ],
)
def test_answers_as_students_type_them(marked, part, text, outcome, named) -> None:
    verdict = marked(PINNED, {part: text})[part]
    assert (verdict.outcome, verdict.mistake) == (outcome, named)


def test_work_on_an_own_factor_is_followed(marked) -> None:
    verdicts = marked(PINNED, {"a_value": "0.4", "bound_after_k": "0.064", "smallest_k": "6"})
    assert [verdicts[part].outcome for part in ("bound_after_k", "smallest_k")] == ["FOLLOWED"] * 2


def test_a_factor_on_the_wrong_side_leads_nowhere(marked) -> None:
    verdicts = marked(PINNED, {"a_value": "20", "smallest_k": "3"})
    assert verdicts["smallest_k"].outcome == "INCORRECT"


def test_verify_notices_a_factor_that_is_too_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RnnGradientScaling, "deciding", Fraction(3))
    with pytest.raises(Disagreement, match="a_value"):
        PINNED.verify()


def test_verify_notices_an_activation_filed_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(SLOPES["sigmoid"], high=lambda c: Fraction(1, 10))
    monkeypatch.setitem(SLOPES, "sigmoid", wrong)
    with pytest.raises(Disagreement, match="possible_activation"):
        PINNED.verify()


@pytest.mark.parametrize("option", [{"direction": "shrink"}, {"structure": "symmetric"}])
def test_options_out_of_range(option: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        RnnGradientScaling.sample(Rng(b"tests"), **option)


@pytest.mark.parametrize(
    ("bound", "outcome"),
    [
        ("0.000125", "FOLLOWED"),
        ("0.05^3", "FOLLOWED"),
        ("1/8000", "FOLLOWED"),
        ("0", "INCORRECT"),
        ("0.0001", "INCORRECT"),
        ("0.15", "INCORRECT"),
        ("0.512", "CORRECT"),
    ],
)
def test_a_small_bound_follows_from_a_small_factor_and_0_does_not(marked, bound, outcome) -> None:
    verdict = marked(PINNED, {"a_value": "0.05", "bound_after_k": bound})["bound_after_k"]
    assert verdict.outcome == outcome
