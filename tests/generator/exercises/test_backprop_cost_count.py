"""Counts of local derivatives against the discussion's network and sums written out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from generator.certifying import certify, examine
from generator.exercises.graphs.backprop_cost_count import GROWTHS, TAIL, BackpropCostCount
from generator.exercises.proving import formula_at
from generator.model.answers import Formula
from generator.model.errors import Disagreement
from generator.model.key import AskedExercise, AskedPart
from generator.sampling import Rng, seed
from grader.marking import Verdict, mark

# DS 102, discussion 7, question 2(d): L = (y - b^T sigma(A x))^2 with A 3 x 2 and b of 3 entries.
DISCUSSION = BackpropCostCount(
    layers=2,
    activation="sigmoid",
    bias=False,
    loss="error",
    widths=(2, 3, 1),
    factor=2,
    growths=GROWTHS,
)
DEEPER = replace(DISCUSSION, layers=3, widths=(2, 3, 4, 1))


def drawn_of_all_kinds() -> Iterator[BackpropCostCount]:
    kinds = product((2, 3, 4, 5, 8), (True, False), (True, False), TAIL)
    for number, (layers, activation, bias, loss) in enumerate(kinds):
        options = {"layers": layers, "activation": activation, "bias": bias, "loss": loss}
        for again in range(4):
            rng = Rng(seed(b"tests", number, again))
            exercise = certify(BackpropCostCount, rng, options).exercise
            assert isinstance(exercise, BackpropCostCount)
            yield exercise


def value(exercise: BackpropCostCount, part: str) -> Any:
    return exercise.truths()[part].value


def mistake(exercise: BackpropCostCount, part: str, name: str) -> Any:
    wrong = exercise.parts[part].mistaken(name, exercise, exercise.truths()[part], {})
    return None if wrong is None else wrong.value


def marked(exercise: BackpropCostCount, part: str, answer: str) -> Verdict:
    parts = tuple(AskedPart(n, Fraction(1), truth) for n, truth in exercise.truths().items())
    asked = AskedExercise("q1", "backprop_cost_count", {}, {}, parts)
    verdicts = {verdict.part: verdict for verdict in mark(asked, exercise, {part: answer})}
    return verdicts[part]


def test_the_discussion():
    examine(DISCUSSION, DISCUSSION.truths())
    assert value(DISCUSSION, "naive") == 8
    assert value(DISCUSSION, "shared") == 6
    assert value(DISCUSSION, "naive_formula") == "K^2 + 2 K"
    assert value(DISCUSSION, "shared_formula") == "3 K"
    assert value(DISCUSSION, "growth") == {"quadratic_linear"}


@pytest.mark.parametrize(
    ("changes", "naive", "shared"),
    [
        ({"bias": True}, "2 K^2 + 4 K", "4 K"),
        ({"activation": ""}, "(K^2 + 5 K)/2", "2 K + 1"),
        ({"activation": "", "bias": True}, "K^2 + 5 K", "3 K + 1"),
        ({"loss": "direct"}, "K^2 + K", "3 K - 1"),
        ({"loss": "direct", "activation": ""}, "(K^2 + 3 K)/2", "2 K"),
        ({"loss": "softmax", "widths": (2, 3, 4)}, "K^2 + 2 K", "3 K"),
    ],
)
def test_the_formulas_of_other_networks(changes, naive, shared):
    asked = replace(DISCUSSION, **changes)
    asked.verify()
    assert value(asked, "naive_formula") == naive
    assert value(asked, "shared_formula") == shared


@pytest.mark.parametrize(
    ("exercise", "part", "name", "expected"),
    [
        (DISCUSSION, "naive", "entries_counted", 2 * 3 + 3),
        # 6 is the other part's right answer here, and names no mistake.
        (DISCUSSION, "naive", "one_edge_short", None),
        (DISCUSSION, "naive", "activations_skipped", 7),
        (DISCUSSION, "naive", "all_as_long_as_the_first", 10),
        (DISCUSSION, "naive", "biases_forgotten", None),
        (DISCUSSION, "shared", "all_edges", None),
        (DISCUSSION, "shared", "half_of_naive", 4),
        (DISCUSSION, "shared", "loss_edge_forgotten", 5),
        (DISCUSSION, "shared", "parameter_edges_forgotten", 4),
        (DISCUSSION, "shared", "shared_without_activations", 5),
        (DEEPER, "naive", "one_edge_short", 12),
        (DEEPER, "naive", "entries_counted", 6 + 12 + 4),
        (DEEPER, "shared", "all_edges", 11),
        (DEEPER, "shared", "half_of_naive", Fraction(15, 2)),
        (replace(DEEPER, bias=True), "naive", "biases_forgotten", 15),
        (replace(DEEPER, bias=True), "naive", "entries_counted", 22 + 8),
        (replace(DEEPER, bias=True), "shared", "shared_without_biases", 9),
        (DISCUSSION, "naive_formula", "square_only", "K^2"),
        (DISCUSSION, "naive_formula", "every_path_the_longest", "2 K^2 + K"),
        (DISCUSSION, "naive_formula", "formula_one_edge_short", "K^2 + K"),
        (DISCUSSION, "shared_formula", "half_of_the_formula", "(K^2 + 2 K)/2"),
        (DISCUSSION, "shared_formula", "formula_without_loss_edge", "3 K - 1"),
        (DISCUSSION, "shared_formula", "formula_without_parameter_edges", "2 K"),
    ],
)
def test_mistakes_by_hand(exercise, part, name, expected):
    assert mistake(exercise, part, name) == expected


@pytest.mark.parametrize(
    ("part", "answer", "outcome", "name"),
    [
        ("naive", "8", "CORRECT", None),
        ("naive", "5+3", "CORRECT", None),
        ("naive", "9", "INCORRECT", "entries_counted"),
        ("shared", "6", "CORRECT", None),
        ("shared", "8", "INCORRECT", None),
        ("shared", "4", "INCORRECT", "half_of_naive"),
        ("naive_formula", "K(K+2)", "CORRECT", None),
        ("naive_formula", "(K+1)^2 - 1", "CORRECT", None),
        ("naive_formula", r"K^{2} + 2K", "CORRECT", None),
        ("naive_formula", r"\sum_{k=1}^{K} (3 + 2(K - k))", "CORRECT", None),
        ("naive_formula", "K^2", "INCORRECT", "square_only"),
        ("naive_formula", "3K", "INCORRECT", None),
        ("shared_formula", "K + 2(K-1) + 2", "CORRECT", None),
        ("shared_formula", "3K", "CORRECT", None),
        ("shared_formula", "K^2/2 + K", "INCORRECT", "half_of_the_formula"),
        ("shared_formula", "3n", "UNREADABLE", None),
        ("growth", "A", "CORRECT", None),
        ("growth", "B", "INCORRECT", "linear_vs_linear"),
        ("growth", "C", "INCORRECT", "both_quadratic"),
        ("growth", "E", "INCORRECT", "paths_multiply"),
    ],
)
def test_answers_as_students_type_them(part, answer, outcome, name):
    verdict = marked(DISCUSSION, part, answer)
    assert (verdict.outcome, verdict.mistake) == (outcome, name), verdict.why


def test_two_hundred_instances_against_sums_written_out():
    count = 0
    for exercise in drawn_of_all_kinds():
        step, kinds = 2 if exercise.activation else 1, 2 if exercise.bias else 1
        tail = {"direct": 1, "error": 2, "softmax": 2}[exercise.loss]
        for layers in (exercise.layers, 1, 6, 9):
            one_by_one = at_once = tail
            one_by_one = 0
            for k in range(layers):  # layers behind this one
                one_by_one += kinds * (1 + k * step + tail)
                at_once += kinds + (step if k else 0)
            formulas = exercise.truths()["naive_formula"], exercise.truths()["shared_formula"]
            for formula, number in zip(formulas, (one_by_one, at_once), strict=True):
                assert isinstance(formula, Formula)
                assert formula_at(formula, {"K": layers}) == number
            if layers == exercise.layers:
                assert value(exercise, "naive") == one_by_one
                assert value(exercise, "shared") == at_once
        count += 1
    assert count >= 200


def test_the_figure_counts_what_it_says():
    for exercise in (DISCUSSION, DEEPER, replace(DEEPER, bias=True)):
        labels = [item.text for item in exercise.graph().items if hasattr(item, "text")]
        numbers = [int(text) for text in labels if text.isdigit()]
        assert (sum(numbers), sum(n > 0 for n in numbers)) == exercise.drawn_counts


def test_verify_notices_a_wrong_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BackpropCostCount, "_shared_of_K", (Fraction(0), Fraction(3), Fraction(1)))
    with pytest.raises(Disagreement, match="shared_formula"):
        DISCUSSION.verify()


@pytest.mark.parametrize("options", [{"layers": 1}, {"layers": 9}, {"loss": "hinge"}])
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        BackpropCostCount.sample(Rng(b"tests"), **options)
