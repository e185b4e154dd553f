"""The source documents' own exercises as instances, and their published answers as submissions.

What the documents publish correctly earns full marks; what they publish wrongly is rejected, with
the mistake named. The instances are typed in from the documents, not drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from generator.certifying import examine
from generator.exercises.backpropagation.two_branch_backprop import TwoBranchBackprop
from generator.exercises.outputs.softmax_invariance import SoftmaxInvariance
from generator.exercises.representation.step_representability import StepRepresentability
from generator.exercises.representation.xor_relu_weights import XorReluWeights
from generator.model.exercise import Exercise
from generator.model.values import exact
from grader.marking import Verdict

Marked = Callable[[Exercise, Mapping[str, Any]], dict[str, Verdict]]

# Recitation of 2021, question 1: which of ax + b, max(1 - x, 0), ax^2 + bx + c and a piecewise
# constant function (its bump c on a <= x < b, with c = 3, a = 1, b = 4), with the printed net.
STEP_2021 = StepRepresentability(
    activation="step",
    positive_slopes_only=False,
    interval=(),
    candidates={
        "affine": exact([2, 1]),
        "hinge_down": exact([1, 1]),
        "quadratic": exact([1, -2, 3]),
        "half_open": exact([3, 1, 4]),
    },
    breaks=exact([1, 4]),
    levels=exact([0, 3, 0]),
    values=exact([3, 0]),
    given_w0=Fraction(0),
    given_units=exact([[3, -1, 1], [-3, -4, 1]]),
    unit_count=0,
)
# Its remark: "if g can be identity function".
STEP_IDENTITY = replace(STEP_2021, activation="identity")
# Recitation of 2022, question 1: the bump is closed, c on a <= x <= b.
STEP_2022 = replace(
    STEP_2021,
    candidates={
        "affine": exact([2, 1]),
        "quadratic": exact([1, -2, 3]),
        "closed": exact([3, 1, 4]),
    },
    values=exact([3, 3]),
)
PRINTED_NET = {"w0": "0", "units": "[3 -1 1; -3 -4 1]"}  # c g(x - a) - c g(x - b)

# Exam of 2022/07/08, exercise 3. Printed is h1 = [2, -1, 3]; a ReLU has no output -1, so these
# are the pre-activations z1. The weights are letters.
BRANCHES = TwoBranchBackprop(
    activations=("relu", "sigmoid"),
    shown=("z", "h"),
    values=(exact([2, -1, 3]), exact(["0.2", "0.5", "0.3"])),
    upstream=(exact([-2, 1, 4]), exact([1, 3, 2])),
    weights=(),
    v=exact([2, 3, 5, 1]),
    slip="sign",
    other_values=(exact([2, -1, 3]), exact(["0.2", "0.5", "0.3"])),
    other_upstream=(exact([-2, 1, 4]), exact([1, 3, 2])),
)

# Recitations of 2021 and 2022, question 2.
XOR = XorReluWeights(
    points=exact([[1, 1], [1, -1], [-1, 1], [-1, -1]]),
    labels=exact([1, -1, -1, 1]),
    given={
        "W1": exact([[1, 1], [-1, -1]]),
        "b1": exact([0, 0]),
        "w2": exact([1, 1]),
        "b2": Fraction(-1),
    },
    predicate="strict",
    integer_only=False,
    count_errors=False,
    minimum_units=False,
)

# Exam of 2023/02/07, exercise 3, with numbers of our own (the exam has letters only).
SOFTMAX = SoftmaxInvariance(
    variant="softmax",
    logit="a",
    output="y",
    constant="c",
    lines=("factor", "recognise", "split", "define", "simplify"),
    ratios=exact([2, 5, 3]),
    shift=Fraction(4),
    scores=exact([1000, 998, "996.5"]),
    operations=("scale", "add_all", "swap", "subtract_min", "add_one"),
    amount=Fraction(4),
    multiple=Fraction(2),
    entry=2,
    stability="overflow",
    precision="float64",
    lists=(
        exact([1000, -1000, 0]),
        exact([300, 300, 300]),
        exact([-900, -950, -1000]),
        exact([5, 800, -3]),
        exact([1, 2, 3]),
    ),
    outputs=0,
    slip="",
)


@pytest.mark.parametrize("exercise", [STEP_2021, STEP_IDENTITY, STEP_2022, XOR, BRANCHES, SOFTMAX])
def test_the_pinned_instances_are_proven(exercise: Exercise) -> None:
    exercise.verify()
    examine(exercise, exercise.truths())


PUBLISHED = [
    # 2021 and 2022, question 1: No, No, No, Yes; with the identity only ax + b; the printed bump
    (STEP_2021, "which_representable", "d"),
    (STEP_IDENTITY, "which_representable", "a"),
    (STEP_2022, "which_representable", "c"),
    (STEP_2021, "build_net", PRINTED_NET),
    (STEP_2022, "build_net", {"w0": "-3", "units": "[[3, -1, 1], [3, 4, -1]]"}),
    # 2022/07/08: the masks and slopes of the handwritten solution, and the sizes
    (BRANCHES, "relu_bracket", "[-2, 0, 4]"),
    (BRANCHES, "relu_bracket", r"\begin{bmatrix} -2 \\ 0 \\ 4 \end{bmatrix}"),
    (BRANCHES, "sigmoid_bracket", "[0.16 0.75 0.42]"),
    (BRANCHES, "sigmoid_bracket", "(1*0.2*0.8, 3*0.5*0.5, 2*0.3*0.7)"),
    (BRANCHES, "sizes", {"W1": "3x4", "W2": "3×4", "dL_dv": "4"}),
    (BRANCHES, "dL_dW1", "[-4 -6 -10 -2; 0 0 0 0; 8 12 20 4]"),
    (BRANCHES, "first_false_line", "4"),
    # 2021 and 2022, question 2: weights and table
    (XOR, "weights", {"W1": "[1 1; -1 -1]", "b1": "(0, 0)", "w2": "(1, 1)", "b2": "-1"}),
    (XOR, "forward_table", "[2 -2 2 0 1; 0 0 0 0 -1; 0 0 0 0 -1; -2 2 0 2 1]"),
    (XOR, "raw_separable", "no"),
    (XOR, "inseparability_certificate", {"positive": "[1/2, 1/2]", "negative": "[1/2, 1/2]"}),
    # 2023/02/07: the derivation line by line, and the shift by minus the largest
    (SOFTMAX, "proof_order", "d, c, a, e, b"),
    (SOFTMAX, "shifted_logits", "[0, -2, -3.5]"),
    (SOFTMAX, "probs", "[0.2, 0.5, 0.3]"),
    (SOFTMAX, "overflow", "a, d"),
]


@pytest.mark.parametrize(("exercise", "part", "given"), PUBLISHED)
def test_what_was_published_right_earns_full_marks(
    marked: Marked, exercise: Exercise, part: str, given: Any
) -> None:
    found = marked(exercise, {part: given})[part]
    assert found.outcome == "CORRECT", found.why
    assert found.credit == 1


ERRATA = [
    # 2022, question 1: the printed net for the closed bump is 0 at x = b
    (STEP_2022, "build_net", PRINTED_NET, "closed_as_halfopen"),
    (STEP_2021, "which_representable", "a, b, c, d", "uat"),
    # 2022/07/08, statement (5): the last entry is printed as -0.42
    (BRANCHES, "sigmoid_bracket", "[0.16, 0.75, -0.42]", "sigmoid_sign_slip_last"),
    # and the mistakes that its numbers invite
    (BRANCHES, "relu_bracket", "[-2, 1, 4]", "no_mask"),
    (BRANCHES, "relu_bracket", "[0, 1, 4]", "mask_by_gradient_sign"),
    (BRANCHES, "relu_bracket", "[-4, 0, 12]", "times_value"),
    (BRANCHES, "relu_bracket", "[0, 1, 0]", "inverted_mask"),
    (BRANCHES, "sigmoid_bracket", "[1, 3, 2]", "no_sigma_prime"),
    (BRANCHES, "sigmoid_bracket", "[.247517, .705011, .488917]", "sigma_prime_of_h"),
    (BRANCHES, "sigmoid_bracket", "[.2, 1.5, .6]", "sigmoid_times_h"),
    (BRANCHES, "sigmoid_bracket", "[.96, 2.25, 1.82]", "tanh_rule"),
    (BRANCHES, "sizes", {"W1": "4x3", "W2": "4x3", "dL_dv": "4"}, "sizes_transposed"),
    # 2023/02/07: "when sum a_j are large"
    (SOFTMAX, "overflow", "b, d", "sum_of_logits_overflows"),
    (SOFTMAX, "shifted_logits", "[2000, 1998, 1996.5]", "plus_max"),
    # XOR: the wrong weights of the catalogue
    (
        XOR,
        "weights",
        {"W1": "[1 1; -1 -1]", "b1": "(0, 0)", "w2": "(1, 1)", "b2": "0"},
        "no_bias",
    ),
    (XOR, "weights", {"W1": "[1 0; 0 1]", "b1": "[0 0]", "w2": "[1 1]", "b2": "-1"}, "identity_W1"),
    (XOR, "weights", {"W1": "[1 1; 1 1]", "b1": "[0 0]", "w2": "[1 1]", "b2": "-1"}, "same_rows"),
    (
        XOR,
        "weights",
        {"W1": "[1 1; -1 -1]", "b1": "[0 0]", "w2": "[1 -1]", "b2": "-1"},
        "opposite_w2",
    ),
    (
        XOR,
        "weights",
        {"W1": "[1 1; -1 -1]", "b1": "[0 0]", "w2": "[-1 -1]", "b2": "1"},
        "flipped_labels",
    ),
    (
        XOR,
        "weights",
        {"W1": "[1 1; 1 1]", "b1": "[0 -1]", "w2": "[1 -2]", "b2": "0"},
        "weights_for_01_xor",
    ),
]


@pytest.mark.parametrize(("exercise", "part", "given", "mistake"), ERRATA)
def test_what_was_published_wrong_is_rejected_and_named(
    marked: Marked, exercise: Exercise, part: str, given: Any, mistake: str
) -> None:
    found = marked(exercise, {part: given})[part]
    assert found.outcome in ("INCORRECT", "PARTIAL")
    assert found.mistake == mistake, found.why
    assert found.credit < 1


def test_the_open_end_is_told_as_a_counterexample(marked: Marked) -> None:
    """Erratum X04."""
    found = marked(STEP_2022, {"build_net": PRINTED_NET})["build_net"]
    assert "f(4) = 0" in (found.counterexample or "")


def test_a_tie_is_told_as_a_counterexample(marked: Marked) -> None:
    """Erratum X06: whether 0 counts was left open; here it is said, and it does not."""
    tied = {"W1": "[1 1; -1 -1]", "b1": "(0, 0)", "w2": "(1, 1)", "b2": "0"}
    found = marked(XOR, {"weights": tied})["weights"]
    assert "f(1, -1) = 0" in (found.counterexample or "")
