"""Backpropagation through time: the recitation's numbers and formulas, and an oracle by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from generator.certifying import certify, examine
from generator.exercises import recurrence_letters
from generator.exercises.recurrence_letters import (
    ALWAYS_RIGHT,
    CANDIDATES,
    RIGHT_FOR_ONE_STEP,
    holds_for,
)
from generator.exercises.recurrent.rnn_bptt_gradient import RnnBpttGradient
from generator.model.errors import Disagreement
from generator.model.values import exact
from generator.sampling import Rng, seed

NOTHING = exact([])
# u = 1/2, w = 1, identity, x = 1 throughout, h0 = 1, T = 4, dL/dh_4 = 1: dL/du = 3.25.
SCALAR = RnnBpttGradient(
    answers="numbers",
    activation="identity",
    symbols=("h", "U", "W", "x", "z", "m", "n"),
    aligned=False,
    steps=4,
    candidates=("right", "published", "plain", "slope_lost"),
    U=exact([["1/2"]]),
    W=exact([[1]]),
    inputs=exact([[1]] * 4),
    h0=exact([1]),
    q=exact([1]),
    forward_shown=True,
)
LETTERS = replace(
    SCALAR,
    answers="letters",
    activation="any",
    steps=3,
    candidates=("published", "plain", "swapped", "slope_lost"),
    U=NOTHING,
    W=NOTHING,
    inputs=NOTHING,
    h0=NOTHING,
    q=NOTHING,
)


def drawn(number: int, **options: Any) -> RnnBpttGradient:
    exercise = certify(RnnBpttGradient, Rng(seed(b"tests", number)), options).exercise
    assert isinstance(exercise, RnnBpttGradient)
    return exercise


def mistake(exercise: RnnBpttGradient, part: str, name: str) -> Any:
    truths = exercise.truths()
    earlier = dict.fromkeys(exercise.parts) | {key: each.value for key, each in truths.items()}
    wrong = exercise.parts[part].mistaken(name, exercise, truths[part], earlier)
    return None if wrong is None else wrong.value


def test_the_scalar_case_and_what_the_published_formula_makes_of_it() -> None:
    truths = SCALAR.truths()
    SCALAR.verify()
    assert list(truths["dL_dz"].value) == [Fraction(1, 8), Fraction(1, 4), Fraction(1, 2), 1]
    assert truths["dL_dU"].value == Fraction("3.25")
    assert truths["dL_dW"].value == Fraction("1.875")
    assert mistake(SCALAR, "dL_dU", "one_factor_too_many") == Fraction("1.625")
    assert mistake(SCALAR, "dL_dW", "one_factor_too_many_for_W") == Fraction("0.9375")
    assert mistake(SCALAR, "dL_dU", "last_step_only") == Fraction("1.875")
    assert mistake(SCALAR, "dL_dU", "state_after") == Fraction("3.5")
    assert mistake(SCALAR, "dL_dU", "no_slopes_in_sum") is None


def test_letters_are_those_of_the_corrected_formula() -> None:
    examine(LETTERS, LETTERS.truths())
    found = {name: truth.value for name, truth in LETTERS.truths().items()}
    assert found["dz_letters"] == "D0 U^T D1 U^T D2 q"
    assert found["dU_letters"] == ("D0 U^T D1 U^T D2 q h0^T + D1 U^T D2 q h1^T + D2 q h2^T")
    assert found["dW_letters"] == "sum_{t=1}^{T} delta_{t-1} x_{t-1}^T"
    assert mistake(LETTERS, "dU_letters", "published_formula") == (
        "U^T D0 U^T D1 U^T D2 q h0^T + U^T D1 U^T D2 q h1^T + U^T D2 q h2^T"
    )


# The published solution of the recitation, as typed; and what is true in its place.
TRUE_SUM = "D_2 q h_2^T + D_1 U^T D_2 q h_1^T + D_0 U^T D_1 U^T D_2 q h_0^T"
PUBLISHED = "U^T D_2 q h_2^T + U^T D_1 U^T D_2 q h_1^T + U^T D_0 U^T D_1 U^T D_2 q h_0^T"
BY_SLOPES = "(d2 ∘ q) h2' + (d1 ∘ U'(d2 ∘ q)) h1' + (d0 ∘ U'(d1 ∘ U'(d2 ∘ q))) h0'"
TURNED = "h0 q^T D2 U D1 U D0 + h1 q^T D2 U D1 + h2 q^T D2"


@pytest.mark.parametrize(
    ("part", "text", "outcome", "named"),
    [
        ("dU_letters", TRUE_SUM, "CORRECT", None),
        ("dU_letters", TRUE_SUM.replace("^T", r"^\top"), "CORRECT", None),
        ("dU_letters", BY_SLOPES, "CORRECT", None),
        ("dU_letters", f"({TURNED})^T", "CORRECT", None),
        ("dU_letters", PUBLISHED, "INCORRECT", "published_formula"),
        ("dU_letters", PUBLISHED.replace("^T", r"^{\top}"), "INCORRECT", "published_formula"),
        ("dU_letters", TURNED, "INCORRECT", "transposed_letters"),
        ("dU_letters", "d2 ∘ q h2' + ", "UNREADABLE", None),
        ("dz_letters", "D_0 @ U.T @ D_1 @ U.T @ D_2 @ q", "CORRECT", None),
        ("dz_letters", "U^T D_0 U^T D_1 U^T D_2 q", "INCORRECT", "gradient_of_first_state"),
        ("dW_letters", r"\sum_{t=1}^{T} \delta_{t-1} x_{t-1}^{\top}", "CORRECT", None),
        ("dW_letters", "sum_{k=0}^{T-1} delta_k x_k^T", "CORRECT", None),
        ("dW_letters", "delta_0 x_0^T + sum_{t=1}^{T-1} delta_t x_t^T", "CORRECT", None),
        ("dW_letters", "sum_{t=1}^{T} U^T delta_{t-1} x_{t-1}^T", "INCORRECT", "factor_in_sum"),
        ("dW_letters", "sum_{t=1}^{T} delta_t x_t^T", "INCORRECT", None),
    ],
)
def test_formulas_as_students_type_them(marked, part, text, outcome, named) -> None:
    verdict = marked(LETTERS, {part: text})[part]
    assert (verdict.outcome, verdict.mistake) == (outcome, named)


@pytest.mark.parametrize("number", range(40))
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"size": 1},
        {"size": 1, "activation": "identity", "steps": 4},
        {"activation": "leaky", "notation": "any"},
        {"activation": "identity", "steps": 2, "forward_shown": False},
    ],
    ids=str,
)
def test_gradients_by_exact_differences(number: int, options: dict[str, Any]) -> None:
    """The network is linear between kinks, so each entry's share of the loss is a polynomial: its
    exact derivative is found by the chain rule over single paths, not by matrices."""
    each = drawn(number, **options)
    T, m, n = each.steps, len(each.h0), each.inputs.shape[1]
    states = [list(each.h0)]
    slopes = []
    for x in each.inputs:
        h = states[-1]
        z = [
            sum(each.W[i, j] * x[j] for j in range(n)) + sum(each.U[i, j] * h[j] for j in range(m))
            for i in range(m)
        ]
        below = {"relu": Fraction(0), "leaky": Fraction(1, 2), "identity": Fraction(1)}
        slopes.append([Fraction(1) if v > 0 else below[each.activation] for v in z])
        assert all(z)
        states.append([s * v for s, v in zip(slopes[-1], z, strict=True)])

    def from_here(t: int, i: int) -> Fraction:
        """dL/d(h_t)_i: the sum over all paths to the last state."""
        if t == T:
            return Fraction(each.q[i])
        return sum(
            (from_here(t + 1, j) * slopes[t][j] * each.U[j, i] for j in range(m)), Fraction(0)
        )

    deltas = [[from_here(t + 1, i) * slopes[t][i] for i in range(m)] for t in range(T)]
    of_U = [
        [sum(deltas[t][i] * states[t][j] for t in range(T)) for j in range(m)] for i in range(m)
    ]
    of_W = [
        [sum(deltas[t][i] * each.inputs[t, j] for t in range(T)) for j in range(n)]
        for i in range(m)
    ]
    truths = each.truths()
    assert (truths["dL_dz"].value.reshape(T, m) == exact(deltas)).all()
    if m == 1:
        assert (truths["dL_dU"].value, truths["dL_dW"].value) == (of_U[0][0], of_W[0][0])
    else:
        assert (truths["dL_dU"].value == exact(of_U)).all()
        assert (truths["dL_dW"].value == exact(of_W)).all()


def test_dead_units_have_a_gradient_to_stop() -> None:
    for number in range(60):
        each = drawn(number)
        for slopes, arriving in zip(each.slopes, each.arriving, strict=True):
            assert set(slopes) != {0}
            assert all(arriving)
        assert sum(0 in slopes for slopes in each.slopes) == each.steps - 1


def test_which_formulas_hold_for_one_step_and_which_for_two() -> None:
    assert {key for key in CANDIDATES if holds_for(key, 1)} == RIGHT_FOR_ONE_STEP
    for steps in (2, 3):
        assert {key for key in CANDIDATES if holds_for(key, steps)} == ALWAYS_RIGHT


def test_the_right_formula_is_not_shown_to_those_who_are_asked_for_it() -> None:
    for number in range(60):
        shown = drawn(number, answers="letters").candidates
        assert "published" in shown
        assert not ALWAYS_RIGHT & set(shown)


def test_verify_notices_a_wrong_candidate(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "generator.exercises.recurrent.rnn_bptt_gradient"
    monkeypatch.setattr(f"{module}.RIGHT_FOR_ONE_STEP", RIGHT_FOR_ONE_STEP | {"published"})
    with pytest.raises(Disagreement, match="T1_check"):
        SCALAR.verify()


def test_verify_notices_a_wrong_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "generator.exercises.recurrent.rnn_bptt_gradient"
    rule = recurrence_letters.Rule(LETTERS.letters, 3, extra=True)
    monkeypatch.setattr(f"{module}.gradient", lambda *_: rule.delta(0))
    with pytest.raises(Disagreement, match="dz_letters"):
        LETTERS.verify()


def test_gradients_grow_no_larger_than_paper_takes() -> None:
    for number in range(100):
        each = drawn(number)
        assert max(abs(entry) for entry in each.truths()["dL_dU"].value.flat) < 500


@pytest.mark.parametrize(
    "options",
    [
        {"answers": "words"},
        {"size": 3},
        {"steps": 1},
        {"steps": 4},
        {"answers": "letters", "steps": 5},
        {"activation": "tanh"},
        {"answers": "letters", "activation": "relu"},
        {"size": 1, "activation": "relu"},
        {"notation": "other"},
    ],
    ids=str,
)
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is"):
        RnnBpttGradient.sample(Rng(b"tests"), **options)
