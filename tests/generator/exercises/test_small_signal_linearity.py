"""Activations near 0 against the exam, sympy's one-sided limits and simulated layers."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from generator.certifying import certify, examine
from generator.exercises.linearity.small_signal_linearity import SmallSignalLinearity
from generator.exercises.near_zero import (
    CLASSES,
    POOL,
    drawn_parameters,
    function_at,
    near,
    of_kind,
)
from generator.model.exercise import Exercise
from generator.model.values import exact
from generator.sampling import Rng, seed

# The exam of 2023/01/20: sigmoid, tanh, ReLU, and SELU with lambda and alpha as printed.
EXAM = SmallSignalLinearity(
    names=("sigmoid", "tanh", "relu", "selu"),
    parameters=(exact([1]), exact([1]), exact([1]), exact(["1.0507", "1.75814"])),
    probed=(1, 4),
    layered="sigmoid",
    layered_parameters=exact([4]),
    w=exact([2, -3]),
    b=exact(["0.1", "1.7"]),
    sides=exact([0, 1]),
)


def values(exercise: Exercise) -> dict[str, Any]:
    return {name: truth.value for name, truth in exercise.truths().items()}


def mistake(exercise: Exercise, part: str, name: str) -> Any:
    wrong = exercise.parts[part].mistaken(name, exercise, exercise.truths()[part], {})
    return None if wrong is None else wrong.value


def letters(classes: Any) -> str:
    return "".join("ABCD"[CLASSES.index(next(iter(each)))] for each in classes.values())


def test_the_exam():
    examine(EXAM, EXAM.truths())
    found = values(EXAM)
    assert letters(found["classify"]) == "BACC"
    assert found["slopes"].astype(float).tolist() == [0.25, 0.25, 1.75814, 1.0507]
    # s(z) = 1/2 + z: h = 2x + 0.6, y = 1/2 - 3 (2x + 0.6) + 1.7
    assert found["effective_layer"].astype(float) == pytest.approx([-6, 0.4])
    assert found["unexplained_share"] == pytest.approx(0.266529, abs=1e-6)


@pytest.mark.parametrize(
    ("left", "right", "share"),
    [("0", "1", 0.266529), ("1.75814", "1.0507", 0.022531), ("0.1", "1", 0.195659)],
)
def test_shares_of_relu_selu_and_leaky_relu(left, right, share):
    bent = replace(EXAM, sides=exact([left, right]))
    bent.verify()
    assert values(bent)["unexplained_share"] == pytest.approx(share, abs=1e-6)


def test_mistakes_about_the_classes():
    assert letters(mistake(EXAM, "classify", "relu_all_zero")) == "BADC"  # as published
    assert letters(mistake(EXAM, "classify", "intercept_overlooked")) == "AACC"
    assert letters(mistake(EXAM, "classify", "exponential_pieces_fit")) == "BACA"
    assert mistake(EXAM, "classify", "pieces_mean_a_kink") is None
    assert mistake(EXAM, "classify", "smooth_iff_linear") is None  # the same as an intercept missed
    none = exact([])
    other = replace(
        EXAM,
        names=("celu", "cube", "softplus", "abs"),
        parameters=(exact([2]), none, *[exact([1])] * 2),
    )
    assert letters(values(other)["classify"]) == "ADBC"
    assert letters(mistake(other, "classify", "pieces_mean_a_kink")) == "CDBC"
    assert letters(mistake(other, "classify", "smooth_iff_linear")) == "AAAC"
    assert mistake(other, "classify", "relu_all_zero") is None


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("slopes", "right_slope_only", [0.25, 0.25, 1.0507, 1.0507]),
        ("slopes", "selu_other_definition", [0.25, 0.25, 1.847278, 1.0507]),  # as published
        ("slopes", "left_side_flat", [0.25, 0.25, 0, 1.0507]),
        ("slopes", "value_for_slope", [0.5, 0.5, 1.75814, 1.0507]),
        ("slopes", "sigmoid_slope_of_tanh", [1, 1, 1.75814, 1.0507]),
        ("effective_layer", "activation_without_constant", [-6, 1.4]),
        ("effective_layer", "value_as_factor", [-1.5, 0.525]),
        ("effective_layer", "constants_just_added", [-6, 2.8]),
    ],
)
def test_mistakes_by_hand(part, name, value):
    assert mistake(EXAM, part, name).astype(float) == pytest.approx(value, abs=1e-6)


def test_mistakes_that_have_no_occasion():
    assert mistake(EXAM, "slopes", "inner_factor_lost") is None
    assert mistake(EXAM, "effective_layer", "slope_counted_once") is None
    steep = replace(EXAM, parameters=(exact([4]), *EXAM.parameters[1:]))
    found = mistake(steep, "slopes", "inner_factor_lost").astype(float)
    assert found == pytest.approx([0.25, 0.25, 1.75814, 1.0507])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mean_kept", 0.5),
        ("square_of_the_mean", 0.388985),
        ("half_the_inputs", 0.5),
        ("of_the_explained_part", 0.363380),
        ("of_the_deviation", 0.516265),
    ],
)
def test_mistakes_about_the_share(name, value):
    assert mistake(EXAM, "unexplained_share", name) == pytest.approx(value, abs=1e-6)


X = sp.Symbol("x", real=True)
K, A = sp.symbols("k a")
# For each function the pieces left and right of 0; the first parameter is k, the second a.
PIECES: dict[str, tuple[Any, Any]] = {
    "sigmoid": (1 / (1 + sp.exp(-K * X)),) * 2,
    "centred_sigmoid": (1 / (1 + sp.exp(-K * X)) - sp.Rational(1, 2),) * 2,
    "tanh": (sp.tanh(K * X),) * 2,
    "shifted_tanh": (sp.tanh(X) + K,) * 2,
    "softplus": (sp.log(1 + sp.exp(K * X)),) * 2,
    "shifted_softplus": (sp.log(1 + sp.exp(K * X)) - sp.log(2),) * 2,
    "silu": (X / (1 + sp.exp(-X)),) * 2,
    "gelu": (X * (1 + sp.erf(X / sp.sqrt(2))) / 2,) * 2,
    "softsign": (K * X / (1 - K * X), K * X / (1 + K * X)),
    "arctan": (sp.atan(K * X),) * 2,
    "sin": (sp.sin(K * X),) * 2,
    "hard_tanh": (K * X,) * 2,
    "exp": (sp.exp(K * X),) * 2,
    "exp_minus_1": (sp.exp(K * X) - 1,) * 2,
    "elu_1": (sp.exp(X) - 1, X),
    "celu": (K * (sp.exp(X / K) - 1), X),
    "relu": (sp.Integer(0), K * X),
    "leaky": (K * X, X),
    "elu": (K * (sp.exp(X) - 1), X),
    "selu": (A * (sp.exp(X) - 1), K * X),
    "standard_selu": (K * A * (sp.exp(X) - 1), K * X),
    "abs": (-K * X, K * X),
    "cos": (sp.cos(K * X),) * 2,
    "cube": (X**3,) * 2,
    "square": (X**2,) * 2,
    "root": (sp.sqrt(1 + X**2),) * 2,
}


@pytest.mark.parametrize("name", POOL)
def test_the_table_against_sympy(name):
    for number in range(4):
        drawn = drawn_parameters(Rng(seed(b"pool", number)), name)
        found = near(name, drawn)
        known = dict(zip((K, A), (sp.Rational(str(p)) for p in drawn), strict=False))
        left, right = (piece.subs(known) for piece in PIECES[name])
        assert (
            float(left.subs(X, 0)) == float(right.subs(X, 0)) == pytest.approx(float(found.value))
        )
        for piece, slope, at in ((left, found.left, -0.1), (right, found.right, 0.1)):
            assert Fraction(str(sp.diff(piece, X).subs(X, 0))) == slope
            assert function_at(name, drawn, at) == pytest.approx(float(piece.subs(X, at)))


def test_every_function_has_one_kind():
    assert sorted(name for kind in CLASSES for name in of_kind(kind)) == sorted(POOL)


def test_classes_by_shrinking_the_inputs():
    """The largest miss of the best-fitting map c + m x, relative to the inputs, tends to 0 unless
    there is a kink; and c and m tell the rest."""
    for number in range(100):
        options = {"count": 4 + number % 3, "pool": ("wide", "exam")[number % 2]}
        drawn = certify(SmallSignalLinearity, Rng(seed(b"small", number)), options).exercise
        assert isinstance(drawn, SmallSignalLinearity)
        chosen = zip(drawn.names, drawn.parameters, values(drawn)["classify"].values(), strict=True)
        for name, parameters, kind in chosen:
            sigma = 1e-5
            at = {u: function_at(name, parameters, sigma * u) for u in (-2, -1, 0, 1, 2)}
            c, m = at[0], (at[2] - at[-2]) / (4 * sigma)
            miss = max(abs(at[u] - c - m * sigma * u) for u in at) / sigma
            if miss > 1e-3:
                found = "kink"
            elif abs(m) < 1e-3:
                found = "degenerate"
            else:
                found = "affine" if abs(c) > 1e-9 else "linear"
            assert kind == {found}, (name, parameters)


def test_a_real_network_of_small_signals_comes_near_the_effective_layer():
    # With weights and biases that shrink, the replaced activation is the activation.
    small = replace(EXAM, w=exact(["0.01", "0.01"]), b=exact(["0.001", "-0.005"]))
    slope, intercept = values(small)["effective_layer"]

    def network(x: float) -> float:
        for w, b in zip(small.w.astype(float), small.b.astype(float), strict=True):
            x = 1 / (1 + math.exp(-4 * (w * x + b)))
        return x

    for x in (-1.0, 0.0, 1.0):
        assert network(x) == pytest.approx(float(slope * Fraction(x) + intercept), abs=1e-6)


def test_the_exam_as_students_type_it(marked):
    right = {
        "classify": {"s1": "B", "s2": "A", "s3": "C", "s4": "c"},
        "slopes": "(1/4, 1/4, 1.75814, 1.0507)",
        "effective_layer": r"\begin{pmatrix} -6 \\ 0.4 \end{pmatrix}",
        "unexplained_share": "0.2665",
    }
    assert {each.outcome for each in marked(EXAM, right).values()} == {"CORRECT"}
    published = {
        "classify": {"s1": "B", "s2": "A", "s3": "D", "s4": "C"},  # "whole input is mapped into 0"
        "slopes": "(1/4, 1/4, 1.0507*1.75814, 1.0507)",  # lambda alpha, against the statement
    }
    verdicts = marked(EXAM, published)
    assert verdicts["classify"].mistake == "relu_all_zero"
    assert verdicts["slopes"].mistake == "selu_other_definition"


@pytest.mark.parametrize(
    "options", [{"count": 3}, {"count": 7}, {"pool": "all"}, {"printed": True}]
)
def test_options_out_of_range(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        SmallSignalLinearity.sample(Rng(seed(b"k", 1)), **options)
