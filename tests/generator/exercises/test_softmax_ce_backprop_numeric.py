"""The classifier in numbers: one instance by hand, and many by central differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.backpropagation.softmax_ce_backprop_numeric import (
    SoftmaxCeBackpropNumeric,
)
from generator.model.errors import AuthoringError, Disagreement
from generator.model.values import exact
from generator.sampling import Rng, seed
from grader.marking import Verdict

Marked = Callable[[Any, Mapping[str, Any]], dict[str, Verdict]]

# By hand: z1 = (2, -2, 3), Uh = (5, 4, 5), b2 = (ln 2 - 5, ln 3 - 4, ln 5 - 5).
BY_HAND = SoftmaxCeBackpropNumeric(
    x=exact([1, -2]),
    W=exact([[1, -1], [2, 1], [0, -2]]),
    b1=exact([-1, -2, -1]),
    U=exact([[1, 2, 1], [2, -1, 0], [1, 3, 1]]),
    ratios=exact([2, 3, 5]),
    target=Fraction(2),
)


def drawn(number: int, **options: Any) -> SoftmaxCeBackpropNumeric:
    rng = Rng(seed(b"tests", number))
    exercise = certify(SoftmaxCeBackpropNumeric, rng, options).exercise
    assert isinstance(exercise, SoftmaxCeBackpropNumeric)
    return exercise


def test_the_instance_by_hand_as_a_student_types_it(marked: Marked) -> None:
    examine(BY_HAND, BY_HAND.truths())
    typed = {
        "forward": {"h": "(2, 0, 3)", "yhat": "[1/5, 3/10, 0.5]"},
        "delta1": r"\begin{pmatrix} 0.2 \\ -0.7 \\ 1/2 \end{pmatrix}",
        "dU": "[0.4, 0, 0.6; -1.4, 0, -2.1; 1, 0, 3/2]",
        "delta2": "-.7, 0, .7",
        "dW": "[[-7/10, 1.4], [0, 0], [0.7, -1.4]]",
    }
    found = marked(BY_HAND, typed)
    assert {part: verdict.outcome for part, verdict in found.items()} == dict.fromkeys(
        typed, "CORRECT"
    )


@pytest.mark.parametrize(
    ("part", "given", "name"),
    [
        ("forward", {"h": "[2, -2, 3]", "yhat": "[.0016, .9978, .0006]"}, "relu_forgotten"),
        ("forward", {"h": "[2, 0, 3]", "yhat": "[2, 3, 5]"}, "not_normalised"),
        ("forward", {"h": "[2, 0, 3]", "yhat": "[.2038, .323, .4732]"}, "linear_normalisation"),
        ("delta1", "[-.2, .7, -.5]", "sign"),
        ("delta1", "[0, -10/3, 0]", "stop_at_ce"),
        ("delta1", "[.2, .3, .5]", "forgot_y"),
        ("delta1", "[.032, -.147, .125]", "extra_diag"),
        ("dU", "[.4, -1.4, 1; 0, 0, 0; .6, -2.1, 1.5]", "dU_transposed"),
        ("dU", "[.4, -.4, .6; -1.4, 1.4, -2.1; 1, -1, 1.5]", "z1_for_h"),
        ("dU", "[.2, -.4; -.7, 1.4; .5, -1]", "x_for_h"),
        ("delta2", "[-.7, 2.6, .7]", "no_mask"),
        ("delta2", "[-1.4, 0, 2.1]", "mask_by_value"),
        ("delta2", "[0, 2.6, .7]", "mask_by_gradient_sign"),
        ("delta2", "[0, 2.6, 0]", "inverted_mask"),
        ("delta2", "[-.7, 0, -1.4]", "U_not_transposed"),
        ("dW", "[-.7, 0, .7; 1.4, 0, -1.4]", "dW_transposed"),
        ("dW", "[-1.4, 0, -2.1; 0, 0, 0; 1.4, 0, 2.1]", "h_for_x"),
        ("dW", "[-.7, 1.4; 2.6, -5.2; .7, -1.4]", "dW_no_mask"),
    ],
)
def test_mistakes_by_hand(part: str, given: Any, name: str, marked: Marked) -> None:
    verdict = marked(BY_HAND, {part: given})[part]
    assert verdict.outcome in ("INCORRECT", "PARTIAL")
    assert verdict.mistake == name, verdict.why


def test_marks_follow_from_a_layer_without_its_relu(marked: Marked) -> None:
    z1 = np.array([2.0, -2, 3])
    logits = np.log([2.0, 3, 5]) + np.array([[1, 2, 1], [2, -1, 0], [1, 3, 1]]) @ [0, -2.0, 0]
    yhat = np.exp(logits) / np.exp(logits).sum()
    delta1 = yhat - [0, 1, 0]
    delta2 = (np.array([[1, 2, 1], [2, -1, 3], [1, 0, 1]]) @ delta1) * [1, 0, 1]
    typed = {
        "forward": {"h": "[2, -2, 3]", "yhat": str(yhat.round(5).tolist())},
        "delta1": str(delta1.round(5).tolist()),
        "dU": str(np.outer(delta1, z1).round(4).tolist()),
        "delta2": str(delta2.round(4).tolist()),
        "dW": str(np.outer(delta2, [1, -2]).round(4).tolist()),
    }
    found = marked(BY_HAND, typed)
    assert found["forward"].credit == 0
    assert [found[part].outcome for part in typed][1:] == ["FOLLOWED"] * 4


@pytest.mark.parametrize(
    ("units", "inputs", "classes", "dead"),
    [each for each in product((2, 3, 5), (2, 4), (2, 3, 4), (1, 2)) if each[3] < each[0]],
)
def test_many_against_central_differences(units: int, inputs: int, classes: int, dead: int) -> None:
    for number in range(7):
        exercise = drawn(number, units=units, inputs=inputs, classes=classes, dead=dead)
        floats = {name: getattr(exercise, name).astype(float) for name in ("x", "W", "b1", "U")}
        h = np.clip(floats["W"] @ floats["x"] + floats["b1"], 0, None)
        floats["b2"] = np.log(exercise.ratios.astype(float)) - floats["U"] @ h
        right = int(exercise.target) - 1

        def loss(name: str, moved: Any, floats: Any = floats, right: int = right) -> float:
            v = {**floats, name: moved}
            z2 = v["U"] @ np.clip(v["W"] @ v["x"] + v["b1"], 0, None) + v["b2"]
            return float(np.log(np.exp(z2 - z2[right]).sum()))

        truths = exercise.truths()
        assert truths["forward"].value["h"].tolist() == h.tolist()
        assert sum(truths["forward"].value["yhat"]) == 1
        for part, name in (("delta1", "b2"), ("dU", "U"), ("delta2", "b1"), ("dW", "W")):
            value = truths[part].value
            assert value.shape == floats[name].shape
            for index in np.ndindex(value.shape):
                step = np.zeros(value.shape)
                step[index] = 1e-6
                slope = (loss(name, floats[name] + step) - loss(name, floats[name] - step)) / 2e-6
                assert slope == pytest.approx(float(value[index]), abs=1e-7)


def test_an_instance_has_what_the_slips_need() -> None:
    for number in range(200):
        exercise = drawn(number, units=4, inputs=3, dead=2)
        live = [z > 0 for z in exercise.z1]
        assert live.count(False) == 2
        assert 0 not in exercise.dh
        assert any(g > 0 and not on for g, on in zip(exercise.dh, live, strict=True))
        assert any(g < 0 and on for g, on in zip(exercise.dh, live, strict=True))
        assert max(map(abs, exercise.z1)) <= 5
        assert all(100 * p == int(100 * p) for p in exercise.truths()["forward"].value["yhat"])


def test_verify_notices_a_wrong_rule() -> None:
    class Unmasked(SoftmaxCeBackpropNumeric):
        def truths(self, own: Any = None) -> Any:
            found = super().truths(own)
            found["delta2"] = found["delta2"].like(self.dh)
            return found

    fields = {name: getattr(BY_HAND, name) for name in BY_HAND.drawn_fields()}
    with pytest.raises(Disagreement, match="delta2"):
        Unmasked(**fields).verify()


def test_verify_notices_targets_that_do_not_sum_to_one() -> None:
    class TwoClasses(SoftmaxCeBackpropNumeric):
        @property
        def y(self) -> Any:
            return exact([1, 1, 0])

    fields = {name: getattr(BY_HAND, name) for name in BY_HAND.drawn_fields()}
    with pytest.raises(Disagreement, match="delta1"):
        TwoClasses(**fields).verify()


@pytest.mark.parametrize(
    "options", [{"units": 1}, {"inputs": 1}, {"classes": 5}, {"dead": 0}, {"dead": 3}]
)
def test_options_out_of_range(options: dict[str, int]) -> None:
    with pytest.raises(AuthoringError, match="ValueError"):
        drawn(1, **options)
