"""Derivatives of activations against the discussion's functions, sympy and bisection."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy as sp

from generator.certifying import certify, examine
from generator.exercises.activations.activation_derivatives import (
    COMPANIONS,
    WRONG,
    ActivationDerivatives,
)
from generator.exercises.sigmoidal import SIGMOIDAL, mirrored
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise
from generator.model.values import exact
from generator.sampling import Rng, seed

# Discussion 7 of 2021/10/20: the sigmoid and ReLU; sigma(ln 3) = 3/4 and sigma(-ln 4) = 1/5.
SHEET = ActivationDerivatives(
    activation="sigmoid",
    k=Fraction("1"),
    companion="relu",
    a=Fraction("0"),
    c=Fraction("1"),
    points=exact([3, "1/4"]),
    places=exact([-2, 5]),
    pictures=("functions", "true", "wrong_peak", "left_slope"),
    inner=exact([3, -6]),
    level=Fraction("0.01"),
)
STEEP = replace(SHEET, k=Fraction("2"), c=Fraction("2"), level=Fraction("0.18"))


def values(exercise: Exercise) -> dict[str, Any]:
    return {name: truth.value for name, truth in exercise.truths().items()}


def mistake(exercise: Exercise, part: str, name: str) -> Any:
    wrong = exercise.parts[part].mistaken(name, exercise, exercise.truths()[part], {})
    return None if wrong is None else wrong.value


def test_the_sheet():
    examine(SHEET, SHEET.truths())
    found = values(SHEET)
    assert found["values"].astype(float) == pytest.approx([0.1875, 0.16, 0, 1])
    assert found["which_plot"] == {"true"}
    assert found["max_and_argmax"].tolist() == [0.75, 2]
    assert found["limits"].tolist() == [0, 0, 1, 0]
    assert found["saturation_point"] == pytest.approx(4.584863, abs=1e-6)


def test_a_steeper_sigmoid():
    examine(STEEP, STEEP.truths())
    found = values(STEEP)
    assert found["values"].astype(float) == pytest.approx([0.375, 0.32, 0, 2])
    assert found["limits"].tolist() == [0, 0, 2, 0]
    assert found["saturation_point"] == pytest.approx(math.log(9) / 2)  # 2 h (1 - h) = 0.18


@pytest.mark.parametrize(
    ("x", "slope"), [(0, 0.25), (1, 0.196612), (-1, 0.196612), (2, 0.104994), (5, 0.006648)]
)
def test_known_slopes_of_the_sigmoid(x, slope):
    (solid, _), _ = SHEET.curves("true")
    assert solid(x) == SIGMOIDAL["sigmoid"].slope(x) == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("values", "function_for_slope", [0.75, 0.2, 0, 2]),
        ("values", "one_minus_sigmoid", [0.5, 1.6, 0, 2]),
        ("values", "inner_factor_lost", [0.1875, 0.16, 0, 2]),
        ("values", "negative_on_the_left", [0.375, -0.32, 0, 2]),
        ("values", "value_of_g", [0.375, 0.32, 0, 10]),
        ("values", "falling_on_the_left", [0.375, 0.32, -2, 2]),
        ("values", "one_slope_for_g", [0.375, 0.32, 2, 2]),
        ("max_and_argmax", "max_is_1", [3, 2]),
        ("max_and_argmax", "factor_not_in_the_peak", [0.25, 2]),
        ("max_and_argmax", "peak_at_0", [0.75, 0]),
        ("max_and_argmax", "peak_with_other_sign", [0.75, -2]),
        ("max_and_argmax", "peak_not_divided", [0.75, 6]),
        ("limits", "limits_of_the_function", [1, 0, 2, 0]),
        ("limits", "one_side_only", [0.5, 0, 2, 0]),
        ("limits", "all_vanish", [0, 0, 0, 0]),
        ("limits", "limits_of_a_line", [0, 0, 2, 2]),
    ],
)
def test_mistakes_by_hand(part, name, value):
    assert mistake(STEEP, part, name).astype(float) == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nearly_at_the_limit", math.log(0.82 / 0.18) / 2),
        ("factor_not_in_the_slope", math.acosh(1 / (2 * math.sqrt(0.18)))),  # cosh(x/2)^-2 / 4
        ("argument_for_x", math.log(9)),
        ("left_end", -math.log(9) / 2),
    ],
)
def test_mistakes_about_saturation(name, value):
    assert mistake(STEEP, "saturation_point", name) == pytest.approx(value)


def test_mistakes_that_have_no_occasion():
    assert mistake(SHEET, "values", "inner_factor_lost") is None
    assert mistake(SHEET, "saturation_point", "argument_for_x") is None
    # ln(0.99 / 0.01) = 4.5951 is too near 4.5849 to be told from rounding.
    assert mistake(SHEET, "saturation_point", "nearly_at_the_limit") is None
    assert mistake(SHEET, "which_plot", "picture_of_one_side") is None
    assert mistake(replace(SHEET, activation="tanh"), "values", "one_minus_sigmoid") is None


U = sp.Symbol("u", real=True)
SYMBOLIC = {
    "sigmoid": 1 / (1 + sp.exp(-U)),
    "tanh": sp.tanh(U),
    "arctan": sp.atan(U),
    "softsign": U / (1 + sp.Abs(U)),
}


@pytest.mark.parametrize("name", SIGMOIDAL)
def test_the_table_against_sympy(name):
    s, formula = SIGMOIDAL[name], SYMBOLIC[name]
    slope = sp.diff(formula, U)
    assert (s.limits[0], s.limits[1]) == tuple(
        float(sp.limit(formula, U, end)) for end in (sp.oo, -sp.oo)
    )
    assert s.slope(0.0) == s.peak
    for t in map(Fraction, {*s.near, *s.far}):
        for each in (t, mirrored(name, t)):
            at = {U: s.point(each)}
            assert float(s.value_at(each)) == pytest.approx(float(formula.subs(at)))
            assert float(s.slope_at(each)) == pytest.approx(float(slope.subs(at)))
            assert s.slope(s.point(each)) == pytest.approx(float(s.slope_at(each)))
        assert s.point(mirrored(name, t)) == pytest.approx(-s.point(t))
        assert s.end(float(s.slope_at(t))) == pytest.approx(s.point(t))


def test_truths_of_all_kinds_by_differences():
    for number_, (activation, companion, epsilon) in enumerate(
        product(SIGMOIDAL, COMPANIONS, ("rational", "plain"))
    ):
        options = {"activation": activation, "companion": companion, "epsilon": epsilon}
        for copy in range(8):
            rng = Rng(seed(b"kinds", number_, copy))
            drawn = certify(ActivationDerivatives, rng, options).exercise
            assert isinstance(drawn, ActivationDerivatives)
            check(drawn)


def check(drawn: ActivationDerivatives) -> None:
    formula = sp.lambdify(U, SYMBOLIC[drawn.activation])
    k, a, c = map(float, (drawn.k, drawn.a, drawn.c))
    found = values(drawn)

    def slope(x: float, rate: float = k, shift: float = 0.0) -> float:
        h = 1e-5
        rise = formula(rate * (x + h) + shift) - formula(rate * (x - h) + shift)
        return float(rise) / (2 * h)

    def g(x: float) -> float:
        return {"relu": max(0, c * x), "leaky": max(a * x, c * x), "abs": c * abs(x)}[
            drawn.companion
        ]

    x1, x2 = drawn.arguments
    assert x2 < 0 < x1
    x3, x4 = map(float, drawn.places)
    expected = [slope(x1), slope(x2), g(x3 + 0.5) - g(x3 - 0.5), g(x4 + 0.5) - g(x4 - 0.5)]
    assert found["values"].astype(float) == pytest.approx(expected, abs=1e-7)
    rate, shift = map(float, drawn.inner)
    top, where = map(float, found["max_and_argmax"])
    assert top == pytest.approx(slope(where, rate, shift), rel=1e-3)
    assert all(slope(where + d, rate, shift) < top for d in (-2, -0.1, -0.01, 0.01, 0.1, 2))
    assert found["limits"].astype(float) == pytest.approx([0, 0, g(9) - g(8), g(-8) - g(-9)])
    end, level = float(found["saturation_point"]), float(drawn.level)
    assert slope(end - 1e-3) > level > slope(end + 1e-3)
    assert all(slope(x) < level for x in np.arange(end + 0.1, end + 20, 0.1))


@pytest.mark.parametrize("wrong", WRONG)
def test_verify_tells_the_pictures_apart(wrong, monkeypatch):
    curves = ActivationDerivatives.curves
    exercise = replace(SHEET, pictures=("true", wrong))
    exercise.verify()
    swapped = {"true": wrong, wrong: "true"}
    monkeypatch.setattr(
        ActivationDerivatives, "curves", lambda self, name: curves(self, swapped[name])
    )
    with pytest.raises(Disagreement, match="which_plot"):
        exercise.verify()


def test_pictures_are_said_in_words_without_telling():
    said = [SHEET.picture(name).alt for name in SHEET.pictures]
    assert len(set(said)) == len(said)
    assert said[1].startswith("solid: 0.0452 at -3, 0.25 at -0.06")
    assert "dashed: 0 at -3, 0 at -0.06, 1 at 0.06, 1 at 3" in said[1]


def test_the_sheet_as_students_type_it(marked):
    right = {
        "values": r"\left(\frac{3}{16}, \frac{4}{25}, 0, 1\right)",
        "which_plot": "b",
        "max_and_argmax": "(3/4, 2)",
        "limits": "[0, 0, 1, 0]",
        "saturation_point": "ln((1 + sqrt(0.96)) / (1 - sqrt(0.96)))",
    }
    assert {name: each.outcome for name, each in marked(SHEET, right).items()} == dict.fromkeys(
        right, "CORRECT"
    )
    wrong = {
        "values": "(3/4, 1/5, 0, 1)",
        "which_plot": "A",
        "max_and_argmax": "(3, 2)",
        "limits": "(1, 0, 1, 0)",
        "saturation_point": "-4.5849",
    }
    assert {name: each.mistake for name, each in marked(SHEET, wrong).items()} == {
        "values": "function_for_slope",
        "which_plot": "picture_of_the_functions",
        "max_and_argmax": "max_is_1",
        "limits": "limits_of_the_function",
        "saturation_point": "left_end",
    }


@pytest.mark.parametrize(
    "options",
    [{"activation": "relu"}, {"steepness": 5}, {"companion": "elu"}, {"epsilon": "small"}],
)
def test_options_out_of_range(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        ActivationDerivatives.sample(Rng(seed(b"k", 1)), **options)
