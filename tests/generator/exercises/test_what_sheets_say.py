"""Claims in words that were false of some network, input or answer, and what is said instead."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from generator.assignment import Entry
from generator.exercises.four_points import forward
from generator.exercises.recurrence_letters import CANDIDATES
from generator.rendering import blocks
from generator.rendering.figures import words
from generator.rendering.plain import plain
from generator.sheets import Question, draw_question

WIDE = 10**6  # no line breaks within a paragraph


def drawn(exercise: str, number: int, **options: Any) -> Question:
    return draw_question(Entry(exercise, options), "q1", b"tests", "said", str(number))


def said(question: Question, part: str, block: str) -> str:
    shown = blocks.prompt if block == "prompt" else blocks.solution
    return plain(shown(question, part, words), WIDE)


def advice(question: Question, part: str, name: str) -> str:
    return type(question.exercise).parts[part].mistakes[name].advice


@pytest.mark.parametrize(
    ("exercise", "options", "part", "block", "false", "instead"),
    [
        # Where all pre-activations are far below 0, ReLUs are dead: the gradient is 0.
        ("vanishing_gradient_chain", {}, "remedies", "prompt", None, "as a rule"),
        # |e| is the size of the error; it is its slope that does not know it.
        (
            "training_loop_steps",
            {"loss": "absolute"},
            "one_step",
            "solution",
            "matters to this loss",
            "matters to the gradient of this loss",
        ),
        # Where n or r is 1, writing the entries into the other shape transposes them.
        (
            "two_layer_forward_backward",
            {},
            "update_shape_fix",
            "prompt",
            None,
            "n ≠ r and both at least 2",
        ),
        # Where the construction reads F off at left ends, that costs units, flat or not.
        (
            "universal_approximation",
            {"function": "affine", "rule": "left", "fewest": True},
            "fewest",
            "solution",
            "where F is flat",
            "to one side of it only",
        ),
        # That a net for each x exists is true as well, but it is not the theorem.
        (
            "universal_approximation",
            {},
            "theorem",
            "prompt",
            "theorem say",
            "is the universal approximation theorem",
        ),
        # Six points in four dimensions may lie in general position.
        (
            "line_pattern_separability",
            {"separable": "no"},
            "separable",
            "solution",
            "general position",
            "need not be separable",
        ),
        # x^2 has no kink and its share tends to 1.
        (
            "small_signal_linearity",
            {},
            "unexplained_share",
            "solution",
            "without a kink",
            "with a slope other than 0, it tends to 0",
        ),
        # The numbers are chosen for the approximation to be short, not to be good.
        (
            "small_signal_linearity",
            {},
            "effective_layer",
            "prompt",
            "are small",
            "as for small pre-activations",
        ),
        # 1 - 2 * 0.572 is not -0.1439; that it was 0.57195 before has to be told.
        (
            "sigmoid_neuron_gradient",
            {"numbers": "decimal"},
            "gd_step",
            "solution",
            None,
            "rounded where shown, not in between",
        ),
        # Of one break point, one jump may be enough.
        (
            "step_representability",
            {"breaks": 1, "point_values": "right"},
            "build_net",
            "solution",
            "these units",
            "this unit is off",
        ),
        # Among four points that no line separates, one class may be a single point.
        (
            "xor_relu_weights",
            {"layout": "general"},
            "weights",
            "solution",
            "points lie between",
            "class lies between",
        ),
        # c + m (w2 (c + m w1 x)) has no constant where m w2 = -1.
        (
            "small_signal_linearity",
            {},
            "classify",
            "solution",
            "though none without",
            "though in general none without",
        ),
        # A rising and a falling unit at one threshold make a value of its own.
        (
            "step_representability",
            {"count_values": True},
            "largest_value_count",
            "solution",
            "A threshold adds no value",
            "threshold of a single unit adds no value",
        ),
        # Of tanh units, z2 has signs too.
        (
            "sigmoid_regression_backprop",
            {"activation": "tanh"},
            "db",
            "solution",
            "Its sign comes from the error",
            "is a factor of it",
        ),
        # Sigmoid outputs depend on their own inputs only.
        (
            "output_loss_jacobians",
            {"loss": "ce", "output": "sigmoid"},
            "dl_dyhat",
            "solution",
            "they come in with (b)",
            "The other outputs are not in the loss at all.",
        ),
    ],
)
def test_nothing_false_is_said(
    exercise: str, options: dict[str, Any], part: str, block: str, false: str | None, instead: str
) -> None:
    for number in range(3):
        text = said(drawn(exercise, number, **options), part, block)
        assert instead in text
        assert false is None or false not in text


def test_formulas_are_right_for_all_networks_not_for_the_identity_of_a_sheet() -> None:
    surprising = 0
    for number in range(20):
        question = drawn("rnn_bptt_gradient", number, size=1, activation="identity")
        exercise: Any = question.exercise
        U, h0, q = (each.astype(float) for each in (exercise.U, exercise.h0, exercise.q))
        states = np.array([h0, (exercise.W @ exercise.inputs[0]).astype(float) + U @ h0])
        found = {key: CANDIDATES[key](U, np.ones((1, 1)), states, q) for key in exercise.candidates}
        right = {key for key, value in found.items() if np.allclose(value, np.outer(q, h0))}
        surprising += right != question.truths["T1_check"].value
        prompt = said(question, "T1_check", "prompt")
        assert "in all networks of this kind, of any size, with any activation" in prompt
        assert "right for T = 1 in all these networks" in prompt
    assert surprising  # D is the identity here, so a formula without it is right as well


def test_a_layer_without_a_bias_does_where_the_constants_add_up_to_0() -> None:
    seen = set()
    for number in range(120):
        question = drawn("small_signal_linearity", number)
        none = bool(question.truths["effective_layer"].value[1] == 0)
        seen.add(none)
        text = said(question, "effective_layer", "solution")
        assert ("one without a bias could not" in text) != none
    assert seen == {True, False}


@pytest.mark.parametrize("activation", ["square", "cube"])
def test_a_spike_has_a_value_to_tend_to(activation: str) -> None:
    for number in range(60):
        question = drawn("step_representability", number, activation=activation, candidates=6)
        exercise: Any = question.exercise
        if "spike" in exercise.candidates:
            assert "single value to tend to" not in said(
                question, "which_representable", "solution"
            )
            return
    pytest.fail("no spike was drawn")


def test_images_whose_segments_only_touch_do_not_lie_crosswise() -> None:
    for number in range(60):
        question = drawn("line_pattern_mlp", number)
        assert "lie crosswise" not in said(question, "does_it_work", "solution")


def test_coordinates_as_hidden_units_fail_on_squares_only() -> None:
    # (3, 3) within the triangle (-1, 5), (5, -1), (10, 10): W1 = I separates it from the corners.
    points = np.array([[3, 3], [-1, 5], [5, -1], [10, 10]])
    net: Any = {"W1": np.eye(2), "b1": np.array([-3, -3]), "w2": np.array([-1, -1]), "b2": 1}
    assert list(np.sign(forward(points, **net)[2])) == [1, -1, -1, -1]
    for number in range(5):
        assert "W_1 = I" not in said(
            drawn("xor_relu_weights", number, layout="general"), "weights", "solution"
        )
        assert "the two diagonals of the square" in said(
            drawn("xor_relu_weights", number), "weights", "solution"
        )


def test_lines_behind_a_slip_of_a_bound() -> None:
    seen = set()
    for number in range(30):
        question = drawn("sigmoid_gradient_bound", number, find_error=True)
        exercise: Any = question.exercise
        seen.add(exercise.slip)
        text = said(question, "first_false_line", "solution")
        assert "only uses it" not in text  # line 4 uses neither line 2 nor line 3
        carried = "Of the first four lines, it is the only one that is false"
        assert (carried in text) == (exercise.slip != "conclusion")
    assert len(seen) == 5


def test_advice_holds_for_every_instance_that_it_is_given_for() -> None:
    # o^2 has no factor 1/2 that could cancel the 2.
    squared = drawn("edge_graph_backprop", 1, loss="square")
    assert "factor_two" in squared.mistakes["dL_do"]
    assert "1/2" not in advice(squared, "dL_do", "factor_two")
    # 8 derivatives become 6 in two layers: that is less than halving.
    small = drawn("backprop_cost_count", 1, layers=2)
    truths = small.truths
    assert truths["shared"].value > truths["naive"].value / 2
    assert "more than halving" not in advice(small, "shared", "half_of_naive")
    # A weight of 5 makes a factor of 5/4 of the largest slope.
    deep = drawn("vanishing_gradient_chain", 1)
    assert "factor below 1" not in advice(deep, "remedies", "deeper_helps")
    # The ReLU is flat on one side, and so it was said of no side in particular.
    assert "on this side" not in advice(drawn("activation_derivatives", 1), "limits", "all_vanish")
    # F need not move on twice as far, nor half as many pieces be twice as long.
    net = drawn("universal_approximation", 1)
    assert "moved on twice as far" not in advice(net, "net", "left_values")
    assert "twice too long" not in advice(net, "net", "pieces_twice_too_long")
    # Of sigmoid(3 v), 3 is no value at all: it is the sigmoid itself that was taken for its slope.
    steep = drawn("sigmoid_gradient_bound", 1, steepness=3)
    assert "slope_1" in steep.mistakes["max_slope"]
    assert "largest value of the output" not in advice(steep, "max_slope", "slope_1")
    # The weights of the first layer are no biases.
    layers = drawn("two_layer_forward_backward", 1)
    assert "numeric_sign" in layers.mistakes["dW1_numeric"]
    assert "bias" not in advice(layers, "dW1_numeric", "numeric_sign")
