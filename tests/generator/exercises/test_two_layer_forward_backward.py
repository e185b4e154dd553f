"""Two layers forward and backward: the homework's tables as typed, every setting by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.backpropagation.two_layer_forward_backward import (
    COURSE,
    HIDDEN,
    LAYOUTS,
    TwoLayerForwardBackward,
)
from generator.exercises.proving import formula_at
from generator.model.answers import Formula
from generator.model.errors import AuthoringError, Disagreement
from generator.model.values import exact
from generator.sampling import Rng, seed
from grader.marking import Verdict

Marked = Callable[[Any, Mapping[str, Any]], dict[str, Verdict]]
PARTS = ("db2", "dW2", "db1", "dW1")

# 1.2(b) and (c), with numbers of our own.
REGRESSION = TwoLayerForwardBackward(
    letters=COURSE,
    hidden="relu",
    output="identity",
    loss="mse",
    layout="numerator",
    asked_for="numbers",
    x=exact([2, -1]),
    W1=exact([[1, -1], [2, 1], [-1, 2]]),
    b1=exact([-1, -1, 1]),
    ratios1=exact([1, 1, 1]),
    W2=exact([[1, -2, 3], [2, 1, -1]]),
    b2=exact([1, -2]),
    ratios2=exact([1, 1]),
    y=exact([-4, 2]),
    updates=("reshaped", "transposed", "as_it_is", "weights_transposed"),
)
GRADIENT = replace(REGRESSION, layout="gradient")
SIGMOIDS = replace(  # 1.3(a)
    REGRESSION,
    hidden="sigmoid",
    output="sigmoid",
    b1=exact([-3, -3, 4]),
    ratios1=exact([4, "1/4", 9]),
    b2=exact(["-3.1", "-0.9"]),
    ratios2=exact([4, "1/4"]),
    y=exact([1, 0]),
)
BCE = replace(SIGMOIDS, loss="bce")  # 1.3(b)


def drawn(number: int, **options: Any) -> TwoLayerForwardBackward:
    rng = Rng(seed(b"tests", number))
    exercise = certify(TwoLayerForwardBackward, rng, options).exercise
    assert isinstance(exercise, TwoLayerForwardBackward)
    return exercise


@pytest.mark.parametrize("exercise", [REGRESSION, GRADIENT, SIGMOIDS, BCE])
def test_the_pinned_instances_hold(exercise: TwoLayerForwardBackward) -> None:
    examine(exercise, exercise.truths())


def test_the_truths_of_table_2() -> None:
    found = {name: str(REGRESSION.truths()[name].value) for name in PARTS}
    assert found == {
        "db2": "q G",
        "dW2": "z2 q G",
        "db1": "q G W2 F",
        "dW1": "x q G W2 F",
    }
    turned = {name: str(GRADIENT.truths()[name].value) for name in PARTS}
    assert turned == {
        "db2": "G^T q^T",
        "dW2": "G^T q^T z2^T",
        "db1": "F^T W2^T G^T q^T",
        "dW1": "F^T W2^T G^T q^T x^T",
    }


def test_the_numbers() -> None:
    truths = REGRESSION.truths()
    table = {name: list(value) for name, value in truths["forward_table"].value.items()}
    assert table == {"z1": [2, 2, -3], "z2": [2, 2, 0], "z3": [-1, 4], "yhat": [-1, 4]}
    assert truths["dW1_numeric"].value.tolist() == [[28, -14], [-16, 8], [0, 0]]


RIGHT = [
    # as published, in the letters of the sheet
    (REGRESSION, "dW1", "x q G W2 F"),
    (REGRESSION, "db1", "q G W2 F"),
    (REGRESSION, "dW2", "relu(W1 x + b1) q G"),
    (REGRESSION, "db2", "q G"),
    (SIGMOIDS, "dW2", r"\sigma(W_1 x + b_1) q G"),
    # otherwise
    (REGRESSION, "db2", "2 (yhat - y)^T"),
    (REGRESSION, "db2", r"2 (\hat{y} - y)^{\top}"),
    (REGRESSION, "db2", "dL/db2 = q"),
    (REGRESSION, "dW2", "z_2 q"),
    (REGRESSION, "db1", "2 (yhat - y)^T W2 diag(1{z1 > 0})"),
    (REGRESSION, "db1", "(W2^T q^T ∘ (z1 > 0))^T"),
    (REGRESSION, "dW1", "x (2 (W2 z2 + b2 - y)^T W2 diag(relu'(z1)))"),
    (GRADIENT, "dW1", "((W2^T (2 (yhat - y))) ∘ 1{z1 > 0}) x^T"),
    (GRADIENT, "dW1", "F W2^T q^T x^T"),
    (GRADIENT, "db2", "2 (yhat - y)"),
    (SIGMOIDS, "db2", "2 ((yhat - y) ∘ yhat ∘ (1 - yhat))^T"),
    (SIGMOIDS, "db1", "q G W2 diag(z2 ∘ (1 - z2))"),
    (BCE, "db2", "(yhat - y)^T / K"),
    (BCE, "dW1", r"\frac{1}{K} x (\hat{y} - y)^T W_2 F"),
    (REGRESSION, "dW1_numeric", "[28 -14; -16 8; 0 0]"),
    (REGRESSION, "update_shape_fix", "B"),
    (REGRESSION, "forward_table", {"z1": "2,2,-3", "z2": "2,2,0", "z3": "-1,4", "yhat": "(-1,4)"}),
    (
        SIGMOIDS,
        "forward_table",
        {
            "z1": "(ln 4, -ln 4, ln 9)",
            "z2": "(4/5, 1/5, 9/10)",
            "z3": "(1.3863, -1.3863)",
            "yhat": "(0.8, 0.2)",
        },
    ),
]


@pytest.mark.parametrize(("exercise", "part", "given"), RIGHT)
def test_a_right_answer_is_right_however_it_is_typed(
    exercise: TwoLayerForwardBackward, part: str, given: Any, marked: Marked
) -> None:
    verdict = marked(exercise, {part: given})[part]
    assert verdict.outcome == "CORRECT", (verdict.read_as, verdict.why)


WRONG = [
    (REGRESSION, "dW1", "F W2^T q^T x^T", "dW1_turned"),
    (GRADIENT, "dW1", "x q G W2 F", "dW1_turned"),
    (REGRESSION, "db2", "2 (yhat - y)", "db2_turned"),
    (REGRESSION, "db2", "2 (y - yhat)^T", "db2_sign"),
    (REGRESSION, "db2", "(yhat - y)^T", "db2_factor_2"),
    (REGRESSION, "db2", "2/K (yhat - y)^T", "db2_mean"),
    (BCE, "db2", "(yhat - y)^T", "db2_mean_lost"),
    (SIGMOIDS, "db2", "2 (yhat - y)^T", "db2_no_slope"),
    (REGRESSION, "dW2", "z1 q G", "z1_for_z2"),
    (REGRESSION, "dW2", "q^T z2^T", "dW2_turned"),
    (REGRESSION, "db1", "q G W2", "db1_no_mask"),
    (REGRESSION, "db1", "q W2 diag(z2)", "db1_mask_by_value"),
    (REGRESSION, "dW1", "x q W2", "dW1_no_mask"),
    (REGRESSION, "dW1_numeric", "[28 -16 0; -14 8 0]", "numeric_turned"),
    (REGRESSION, "dW1_numeric", "[-28 14; 16 -8; 0 0]", "numeric_sign"),
    (REGRESSION, "dW1_numeric", "[14 -7; -8 4; 0 0]", "numeric_factor_2"),
    (REGRESSION, "dW1_numeric", "[28 -14; -16 8; 28 -14]", "numeric_no_mask"),
    (REGRESSION, "dW1_numeric", "[56 -28; -32 16; 0 0]", "numeric_mask_by_value"),
    (REGRESSION, "update_shape_fix", "C", "update_as_it_is"),
    (REGRESSION, "update_shape_fix", "A", "update_reshaped"),
]


@pytest.mark.parametrize(("exercise", "part", "given", "name"), WRONG)
def test_a_wrong_answer_is_named(
    exercise: TwoLayerForwardBackward, part: str, given: str, name: str, marked: Marked
) -> None:
    verdict = marked(exercise, {part: given})[part]
    assert verdict.outcome in ("INCORRECT", "PARTIAL")
    assert verdict.mistake == name, verdict.why


def test_factors_out_of_order_do_not_fit(marked: Marked) -> None:
    assert marked(REGRESSION, {"dW1": "q G W2 F x"})["dW1"].outcome in ("INCORRECT", "UNREADABLE")
    assert marked(REGRESSION, {"db1": "F W2 G q"})["db1"].outcome == "UNREADABLE"


def test_marks_follow_a_lost_factor_through_all_parts(marked: Marked) -> None:
    typed = {
        "db2": "(yhat - y)^T",
        "dW2": "z2 (yhat - y)^T",
        "db1": "(yhat - y)^T W2 F",
        "dW1": "x (yhat - y)^T W2 F",
    }
    found = marked(REGRESSION, typed)
    assert [found[part].outcome for part in typed] == ["INCORRECT", *["FOLLOWED"] * 3]


def test_every_setting_against_central_differences() -> None:
    settings = [
        {"hidden": f, "layout": layout, "output": g, "loss": loss}
        for f, layout, (g, loss) in product(
            HIDDEN,
            LAYOUTS,
            (("identity", "mse"), ("sigmoid", "mse"), ("sigmoid", "bce")),
        )
    ]
    for number in range(200):
        chosen = settings[number % len(settings)]
        exercise = drawn(number, outputs=2 + number % 3, **chosen)
        f = {
            "relu": lambda z: z * (z > 0),
            "sigmoid": lambda z: 0.5 + 0.5 * np.tanh(z / 2),
            "tanh": lambda z: 1 - 2 / (1 + np.exp(2 * z)),
        }
        g = f["sigmoid"] if chosen["output"] == "sigmoid" else (lambda z: z)
        rng = np.random.default_rng(number)
        base = {"x": rng.normal(size=2), "W1": rng.normal(size=(4, 2)), "b1": rng.normal(size=4)}
        base |= {"W2": rng.normal(size=(3, 4)), "b2": rng.normal(size=3)}
        base = {role: 0.5 * value for role, value in base.items()}  # away from saturation
        y = rng.uniform(0.1, 0.9, size=3)

        def nodes(v: Any, f: Any = f[chosen["hidden"]], g: Any = g) -> dict[str, Any]:
            z1 = v["W1"] @ v["x"] + v["b1"]
            z3 = v["W2"] @ f(z1) + v["b2"]
            return {"z1": z1, "z2": f(z1), "z3": z3, "yhat": g(z3)}

        def loss(p: Any, kind: str = chosen["loss"], y: Any = y) -> float:
            if kind == "mse":
                return float((p - y) @ (p - y))
            return -float(y @ np.log(p) + (1 - y) @ np.log(1 - p)) / len(y)

        step = 1e-6
        here = nodes(base)
        known = base | here | {"y": y}
        sides = [step * e for e in np.eye(3)]
        known["q"] = np.array(
            [[(loss(here["yhat"] + e) - loss(here["yhat"] - e)) / (2 * step) for e in sides]]
        )
        for name, node, s in (("G", "z3", g), ("F", "z1", f[chosen["hidden"]])):
            slopes = (s(here[node] + step) - s(here[node] - step)) / (2 * step)
            known[name] = np.diag(slopes)
        letters = {exercise.letters.get(role, role): value for role, value in known.items()}
        for role in ("W1", "b1", "W2", "b2"):
            expected = np.empty_like(base[role])
            for index in np.ndindex(expected.shape):
                values = []
                for move in (step, -step):
                    moved = base[role].copy()
                    moved[index] += move
                    values.append(loss(nodes(base | {role: moved})["yhat"]))
                expected[index] = (values[0] - values[1]) / (2 * step)
            expected = expected.reshape(len(expected), -1)
            truth = exercise.truths()[f"d{role}"]
            assert isinstance(truth, Formula)
            found = formula_at(truth, {name: letters[name] for name in truth.names})
            np.testing.assert_allclose(
                found,
                expected.T if chosen["layout"] == "numerator" else expected,
                rtol=1e-4,
                atol=1e-6,
            )


def test_draws_show_every_slip() -> None:
    for number in range(100):
        exercise = drawn(number)
        assert (exercise.z1 > 0).any()
        assert (exercise.z1 < 0).any()
        assert all(exercise.backward["z2"])  # something arrives at the unit that is off, too
        assert all(exercise.backward["z3"])


def test_letters_only() -> None:
    truths = drawn(3, numbers=False).truths()
    assert set(truths) == {*PARTS, "update_shape_fix"}


def test_verify_notices_a_false_truth() -> None:
    class Wrong(TwoLayerForwardBackward):
        def truths(self, own: Any = None) -> Any:
            found = super().truths(own)
            found["dW1"] = found["dW1"].like("x q G W2")
            return found

    fields = {name: getattr(REGRESSION, name) for name in REGRESSION.drawn_fields()}
    with pytest.raises(Disagreement, match="dW1"):
        Wrong(**fields).verify()


@pytest.mark.parametrize(
    "options",
    [
        {"inputs": 1},
        {"units": 5},
        {"inputs": 3, "units": 3},
        {"outputs": 1},
        {"hidden": "softplus"},
        {"output": "tanh"},
        {"loss": "ce"},
        {"loss": "bce"},
        {"layout": "denominator"},
        {"letters": "greek"},
    ],
)
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(AuthoringError, match="ValueError"):
        drawn(1, **options)
