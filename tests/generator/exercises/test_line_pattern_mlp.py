"""Nets for line patterns: the exam's own classes, its published design, and drawn layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.pattern_nets import Level, activated, decided, judged, outputs
from generator.exercises.patterns import lines
from generator.exercises.representation.line_pattern_mlp import LinePatternMlp
from generator.exercises.separation import common_mean
from generator.model.answers import Witness
from generator.model.errors import Disagreement
from generator.model.exercise import WitnessPart
from generator.model.key import AskedExercise, AskedPart
from generator.model.values import exact
from generator.sampling import Rng, seed
from grader.marking import Verdict, mark

VERTICAL, HORIZONTAL = exact([[1, 0, 1, 0], [0, 1, 0, 1]]), exact([[1, 1, 0, 0], [0, 0, 1, 1]])
# The exam, with its published hidden layer as the one to examine.
SIGMOID = LinePatternMlp(
    side=2,
    activation="sigmoid",
    units=2,
    class_I=VERTICAL,
    class_II=HORIZONTAL,
    given_I=VERTICAL,
    given_II=HORIZONTAL,
    given_W=exact([[1, -1, 1, -1], [1, 1, -1, -1]]),
    given_b=exact([0, 0]),
)
RELU = replace(SIGMOID, activation="relu")
STEP = replace(SIGMOID, activation="step", given_b=exact(["-1/2", "-1/2"]))
OPTIONS: list[dict[str, Any]] = [
    {"side": side, "patterns": patterns, "activation": activation}
    for side, patterns, activation in product((2, 3), ("any", "lines"), ("step", "relu", "sigmoid"))
]


def drawn(options: Mapping[str, Any], number: int) -> LinePatternMlp:
    found = certify(LinePatternMlp, Rng(seed(b"mlp", number)), options).exercise
    assert isinstance(found, LinePatternMlp)
    return found


def verdict(exercise: LinePatternMlp, given: Mapping[str, Any], part: str) -> Verdict:
    truths = exercise.truths().items()
    parts = tuple(AskedPart(name, Fraction(1), truth) for name, truth in truths)
    asked = AskedExercise("q1", "pinned", {}, {}, parts)
    return next(each for each in mark(asked, exercise, given) if each.part == part)


@pytest.mark.parametrize("exercise", [SIGMOID, RELU])
def test_the_exam_is_proven(exercise: LinePatternMlp) -> None:
    examine(exercise, exercise.truths())


def test_the_images_of_the_published_layer() -> None:
    images = SIGMOID.truths()["hidden_images"].value.astype(float)
    high, low = 0.8807970780, 0.1192029220
    assert images == pytest.approx(np.array([[high, 0.5], [low, 0.5], [0.5, high], [0.5, low]]))
    assert SIGMOID.truths()["does_it_work"].value == {"hulls_meet"}
    # With ReLU the images of two patterns coincide.
    assert RELU.truths()["hidden_images"].value.tolist() == [[2, 0], [0, 0], [0, 2], [0, 0]]
    assert RELU.truths()["does_it_work"].value == {"same_image"}


def net(W: str, b: str, v: str, c: str) -> dict[str, str]:
    return {"W": W, "b": b, "v": v, "c": c}


OPPOSITE, PUBLISHED = "[1 -1 1 -1; -1 1 -1 1]", "[1 -1 1 -1; 1 1 -1 -1]"
RIGHT = [
    (RELU, net(OPPOSITE, "(0, 0)", "(1, 1)", "-1")),
    (RELU, net(OPPOSITE, "(-1, -1)", "(1, 1)", "-0.01")),
    (RELU, net("[1 1 -1 -1; -1 -1 1 1]", "(0, 0)", "(-1, -1)", "1/2")),
    (STEP, net("[1 0 1 0; 0 1 0 1]", "(-1.5, -1.5)", "(1, 1)", "-0.5")),
    (STEP, net(r"\begin{bmatrix} 1 & 0 & 1 & 0 \\ 0 & 1 & 0 & 1 \end{bmatrix}",
               "(-2, -2)", "(1, 1)", r"-\frac12")),
    (SIGMOID, net(OPPOSITE, "(-1, -1)", "(1, 1)", "-0.65")),
    (SIGMOID, net("[500 0 500 0; 0 500 0 500]", "(-750, -750)", "(1, 1)", "-1/2")),
]  # fmt: skip


@pytest.mark.parametrize(("exercise", "given"), RIGHT)
def test_designs_that_work(exercise: LinePatternMlp, given: dict[str, str]) -> None:
    found = verdict(exercise, {"design": given}, "design")
    assert found.outcome == "CORRECT", found.why


WRONG = [
    # the design that was published with the exam, with some output layer
    (SIGMOID, net(PUBLISHED, "(0, 0)", "(1, 1)", "-1"), "orthogonal_detectors"),
    (SIGMOID, net(PUBLISHED, "(-1, 2)", "(3, -7)", "0.3"), "orthogonal_detectors"),
    (RELU, net(PUBLISHED, "(0, 0)", "(1, 1)", "-1"), "orthogonal_detectors"),
    (STEP, net(PUBLISHED, "(-1, -1)", "(1, -1)", "0.5"), "orthogonal_detectors"),
    (STEP, net("[1 0 1 0; 0 1 0 1]", "(-1, -1)", "(1, 1)", "-0.5"), "template_without_threshold"),
    (RELU, net("[1 0 1 0; 0 1 0 1]", "(0, 0)", "(1, 1)", "-1.5"), "template_without_threshold"),
    (RELU, net("[1 -1 1 -1]", "(0)", "(1)", "-1"), "single_unit"),
    (RELU, net("[1 -1 1 -1; 2 -2 2 -2]", "(0, 1)", "(1, 3)", "-1"), "single_unit"),
    # With v of both signs one direction is enough for a hill: no false word about it.
    (RELU, net("[1 -1 1 -1; 2 -2 2 -2]", "(0, 1)", "(1, -1)", "-1"), None),
    (STEP, net("[1 -1 1 -1; 1 -1 1 -1]", "(-3, 1)", "(1, -1)", "-1"), None),
    (RELU, net("[0 0 0 0; 0 0 0 0]", "(0, 1)", "(1, 3)", "-1"), None),
    (RELU, net("[1 0 0 0; 0 0 0 2]", "(0, 1)", "(1, 1)", "-1"), "identity_hidden"),
    (RELU, net(OPPOSITE, "(0, 0)", "(1, 1)", "0"), "output_threshold_between_wrong_values"),
    (RELU, net(OPPOSITE, "(0, 0)", "(1, 1)", "-2"), "output_threshold_between_wrong_values"),
    (RELU, net(OPPOSITE, "(0, 0)", "(-1, -1)", "1"), "swap_classes"),
    (RELU, net(OPPOSITE, "(0, 0)", "(1, -1)", "-1"), None),
    (RELU, net(OPPOSITE, "(0, 0)", "(1, 1, 1)", "-1"), None),
    (RELU, net("[1 -1 1 -1; -1 1 -1 1; 0 0 0 0]", "(0, 0, 0)", "(1, 1, 0)", "-1"), None),
]


@pytest.mark.parametrize(("exercise", "given", "mistake"), WRONG)
def test_designs_that_fail_are_named(
    exercise: LinePatternMlp, given: dict[str, str], mistake: str | None
) -> None:
    found = verdict(exercise, {"design": given}, "design")
    assert (found.outcome, found.mistake) == ("INCORRECT", mistake), found.why


SENTENCES = [
    (RELU, ([[1, 0, 0, 0]], [0], [1, 1], 0), "W has 1 rows, b 1 entries and v 2, but each hidden"),
    (RELU, ([[0] * 4] * 3, [0] * 3, [0] * 3, 1), "there are 3 hidden units, but at most 2"),
    (STEP, ([[0] * 4], [0], [1], -1), "f(A_1) = 0, but f must be positive there"),
    (SIGMOID, ([[0] * 4], [0], [1], 0), "f(B_1) = 0.5, but f must be at most -10^-6 there"),
    (SIGMOID, ([[0] * 4], [0], [1], "-0.4999999"), "f(A_1) = 1e-7, but f must be at least 10^-6"),
    (
        SIGMOID,
        ([[0] * 4], [0], [2 * 10**400], 0),
        "f(B_1) = 1.000e+400, but f must be at most -10^-6",
    ),
]


@pytest.mark.parametrize(("exercise", "fields", "sentence"), SENTENCES)
def test_counterexamples_are_said(exercise: LinePatternMlp, fields: Any, sentence: str) -> None:
    W, b, v, c = fields
    failures = list(exercise.design_failures(exact(W), exact(b), exact(v), Fraction(c)))
    assert failures[0].startswith(sentence)


def test_the_table_of_a_student_decides_what_follows() -> None:
    """From the pre-activations, nothing else than that they differ can be concluded."""
    answers = {"hidden_images": "[2 0; -2 0; 0 2; 0 -2]", "does_it_work": "C"}
    assert verdict(RELU, answers, "hidden_images").mistake == "forgot_activation"
    assert verdict(RELU, answers, "does_it_work").outcome == "FOLLOWED"
    typed = {"hidden_images": "[.881 .5; .119 .5; .5 .881; .5 .119]", "does_it_work": "C"}
    assert verdict(SIGMOID, typed, "hidden_images").outcome == "CORRECT"
    assert verdict(SIGMOID, typed, "does_it_work").outcome == "CORRECT"
    assert verdict(SIGMOID, {"does_it_work": "A"}, "does_it_work").mistake == (
        "different_images_are_enough"
    )
    assert verdict(RELU, {"does_it_work": "A"}, "does_it_work").mistake == "same_image_overlooked"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("forgot_activation", [2, 0]),
        ("absolute_value", [2, 0]),
        ("pixels_by_columns", [0, 2]),
        ("no_bias", None),
        ("sign_for_step", None),
        ("step_for_sigmoid", None),
    ],
)
def test_slips_in_the_table(name: str, first: list[int] | None) -> None:
    part = LinePatternMlp.parts["hidden_images"]
    wrong = part.mistaken(name, RELU, RELU.truths()["hidden_images"], {})
    assert (wrong and wrong.value.tolist()[0]) == first


def test_no_biases_rescue_the_published_layer() -> None:
    """Whatever the activation: the classes' images lie crosswise or coincide."""
    rng = Rng(seed(b"crosswise"))
    for activation in ("step", "relu", "sigmoid"):
        for _ in range(40):
            b = exact([Fraction(rng.integer(-12, 12), 4) for _ in range(2)])
            z = exact(np.vstack([VERTICAL, HORIZONTAL]) @ SIGMOID.given_W.T + b)
            first, second = np.vsplit(activated(activation, z), 2)
            assert judged(np.vstack([first, second]), 2) != "works"


@pytest.mark.parametrize("side", [2, 3, 4])
def test_one_direction_always_serves_for_columns_and_rows(side: int) -> None:
    columns, rows, _ = map(exact, lines(side))
    level = Level.simplest(columns, rows)
    assert level is not None
    for activation in ("step", "relu", "sigmoid"):
        found = outputs(activation, exact([*columns, *rows]), **level.net(activation))
        assert min(found[:side]) > 0 > max(found[side:])


def test_sigmoids_are_decided_beyond_rounding() -> None:
    z = exact([[2, 0], [-2, 0], [0, 2], [0, -2]])
    assert decided("sigmoid", z)
    # Separated, but by less than can be seen with four decimals.
    near = exact([[9, 0], [9, 1], [10, 0], [10, 1]])
    assert not decided("sigmoid", near)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(map(str, o.values())))
def test_drawn_instances_by_an_evaluator_of_their_own(options: dict[str, Any]) -> None:
    g: Any = {
        "step": lambda z: (z >= 0).astype(float),
        "relu": lambda z: np.clip(z, 0, None),
        "sigmoid": lambda z: 0.5 + 0.5 * np.tanh(z / 2),
    }[options["activation"]]
    verdicts = set()
    for number in range(16):
        exercise = drawn(options, number)
        truths = exercise.truths()
        assert common_mean(exercise.class_I, exercise.class_II) is not None
        assert common_mean(exercise.given_I, exercise.given_II) is not None
        x = np.vstack([exercise.given_I, exercise.given_II]).astype(float)
        h = g(x @ exercise.given_W.astype(float).T + exercise.given_b.astype(float))
        assert truths["hidden_images"].value.astype(float) == pytest.approx(h)
        (found,) = truths["does_it_work"].value
        verdicts.add(found)
        assert found == _by_directions(h)
        design = {name: value.astype(float) for name, value in truths["design"].value.items()}
        x = np.vstack([exercise.class_I, exercise.class_II]).astype(float)
        f = g(x @ design["W"].T + design["b"]) @ design["v"] + design["c"]
        assert (f[: len(f) // 2] > 0.01).all()
        assert (f[len(f) // 2 :] < -0.01).all()
    assert verdicts >= {"works", "hulls_meet"}


def _by_directions(h: Any) -> str:
    """Whether some direction of very many tells the images of the classes apart."""
    if min(abs(p - q).max() for p in h[:2] for q in h[2:]) < 1e-9:
        return "same_image"
    angles = np.linspace(0, 2 * math.pi, 5000, endpoint=False)
    scores = h @ np.array([np.cos(angles), np.sin(angles)])
    apart = scores[:2].min(axis=0) > scores[2:].max(axis=0) + 1e-9
    return "works" if apart.any() else "hulls_meet"


def test_every_mistake_of_the_design_occurs_and_shows_itself() -> None:
    part = LinePatternMlp.parts["design"]
    assert isinstance(part, WitnessPart)
    seen = set()
    for exercise in (SIGMOID, RELU, STEP):
        truth = exercise.truths()["design"]
        for name in part.mistakes:
            wrong = part.mistaken(name, exercise, truth, {})
            if isinstance(wrong, Witness):
                seen.add(name)
                assert part.failures(exercise, wrong.value)
                assert exercise.design_shown(**{**wrong.value, "c": wrong.value["c"][()]}) == name
    assert seen == set(part.mistakes)


def test_verify_contradicts_what_is_wrong() -> None:
    class WrongNet(LinePatternMlp):
        @property
        def example(self) -> Any:
            return {**super().example, "c": Fraction(0)}

    class WrongImages(LinePatternMlp):
        @property
        def pre_activations(self) -> Any:
            return exact([[2, 0], [-2, 0], [0, 2], [0, 0]])

    fields = {name: getattr(RELU, name) for name in RELU.drawn_fields()}
    with pytest.raises(Disagreement, match="design"):
        WrongNet(**fields).verify()
    with pytest.raises(Disagreement, match="hidden_images"):
        WrongImages(**{**fields, "activation": "sigmoid"}).verify()


@pytest.mark.parametrize(
    "wrong", [{"side": 4}, {"patterns": "dots"}, {"activation": "tanh"}, {"units": 1}]
)
def test_options_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LinePatternMlp.sample(Rng(seed(b"x")), **wrong)
