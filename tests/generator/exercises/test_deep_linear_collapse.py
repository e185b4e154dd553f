"""Deep linear networks against the exam's answer, hand-made numbers and explicit loops."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from generator.certifying import certify, examine
from generator.exercises.linearity.deep_linear_collapse import (
    BIASES,
    LAYOUTS,
    WIDTHS,
    DeepLinearCollapse,
)
from generator.model.exercise import Exercise
from generator.model.values import exact
from generator.sampling import Rng, seed

# Three layers of two units; worked out by hand.
PINNED = DeepLinearCollapse(
    layout="columns",
    weights=(exact([[1, 2], [3, -1]]), exact([[2, 1], [1, -1]]), exact([[1, 2], [3, 1]])),
    biases=(exact([1, 2]), exact([-1, 3]), exact([2, -2])),
    biased=(1, 2, 3),
    letters=("A", "c"),
    sizes=("n", "m", "p", "k"),
    lettered=(1, 2, 3),
    stack=(8, 5, 3, 7, 6),
)
ROWS = replace(
    PINNED,
    layout="rows",
    weights=tuple(W.T for W in PINNED.weights),
)


def values(exercise: Exercise) -> dict[str, Any]:
    return {name: truth.value for name, truth in exercise.truths().items()}


def mistake(exercise: Exercise, part: str, name: str) -> Any:
    wrong = exercise.parts[part].mistaken(name, exercise, exercise.truths()[part], {})
    return None if wrong is None else wrong.value


def test_by_hand():
    examine(PINNED, PINNED.truths())
    found = values(PINNED)
    assert found["W_eff"].tolist() == [[1, 9], [13, 12]]
    assert found["b_eff"].tolist() == [9, 9]
    assert found["symbolic_b_eff"] == "A3 A2 c1 + A3 c2 + c3"
    assert found["max_rank"] == 3


def test_row_vectors_give_the_transpose():
    examine(ROWS, ROWS.truths())
    found = values(ROWS)
    assert found["W_eff"].tolist() == [[1, 13], [9, 12]]
    assert found["b_eff"].tolist() == [9, 9]
    assert found["symbolic_b_eff"] == "c1 A2 A3 + c2 A3 + c3"


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("W_eff", "reversed_product", [[1, 7], [17, 14]]),
        ("W_eff", "matrices_added", [[4, 5], [7, -1]]),
        ("W_eff", "elementwise", [[2, 4], [9, 1]]),
        ("W_eff", "transposed", [[1, 13], [9, 12]]),
        ("W_eff", "first_layer_left_out", [[4, -1], [7, 2]]),
        ("b_eff", "biases_just_summed", [2, 3]),
        ("b_eff", "only_last_bias", [2, -2]),
        ("b_eff", "factor_missing", [11, -3]),
        ("b_eff", "own_matrix_too", [10, 40]),
    ],
)
def test_mistakes_by_hand(part, name, value):
    assert mistake(PINNED, part, name).tolist() == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("widest_layer", 8),
        ("ends_only", 6),
        ("hidden_only", None),  # here the narrowest layer is a hidden one
        ("number_of_layers", 4),
    ],
)
def test_mistakes_about_the_rank(name, value):
    assert mistake(PINNED, "max_rank", name) == value


def test_the_narrowest_place_may_be_an_end():
    assert values(replace(PINNED, stack=(9, 7, 8, 5)))["max_rank"] == 5
    assert mistake(replace(PINNED, stack=(9, 7, 8, 5)), "max_rank", "hidden_only") == 7


@pytest.mark.parametrize(
    ("text", "outcome", "mistake_made"),
    [
        ("A3 A2 c1 + A3 c2 + c3", "CORRECT", None),
        (r"$A_3 A_2 c_1 + A_3 c_2 + c_3$", "CORRECT", None),
        ("c3 + A3 (c2 + A2 c1)", "CORRECT", None),
        (r"A_{3}\left(A_{2} c_{1} + c_{2}\right) + c_{3}", "CORRECT", None),
        ("c3", "INCORRECT", "last_letter_only"),
        ("A3 c2 + c3", "INCORRECT", "first_letter_lost"),
        ("A3 A2 c1", "INCORRECT", "first_letter_only"),
        ("c1 + c2 + c3", "UNREADABLE", None),  # the sizes do not fit, and the student is told
        ("A2 A3 c1 + A3 c2 + c3", "UNREADABLE", None),
    ],
)
def test_the_bias_as_students_type_it(marked, text, outcome, mistake_made):
    verdict = marked(PINNED, {"symbolic_b_eff": text})["symbolic_b_eff"]
    assert (verdict.outcome, verdict.mistake) == (outcome, mistake_made), verdict.why


def test_numbers_as_students_type_them(marked):
    answers = {
        "W_eff": r"\begin{bmatrix} 1 & 9 \\ 13 & 12 \end{bmatrix}",
        "b_eff": r"\begin{pmatrix} 9 \\ 9 \end{pmatrix}",
        "max_rank": "3",
    }
    verdicts = marked(PINNED, answers)
    assert [verdicts[name].outcome for name in answers] == ["CORRECT"] * 3
    # The published "W^L ... W^1" read from the wrong end, and the published answer without biases.
    wrong = marked(PINNED, {"W_eff": "[[1, 7], [17, 14]]", "b_eff": "0, 0"})
    assert wrong["W_eff"].mistake == "reversed_product"
    assert wrong["b_eff"].outcome == "INCORRECT"


RANGES = (range(2, 5), WIDTHS, BIASES, LAYOUTS)


def test_loops_over_paths_of_all_kinds():
    """Entry (i, j) of the product is the sum over all paths from input j to output i of the product
    of the weights on them; a bias is an input of 1 at its layer."""
    for depth, widths, biases, layout in product(*RANGES):
        options = {"depth": depth, "widths": widths, "biases": biases, "layout": layout}
        for number in range(3):
            drawn = certify(DeepLinearCollapse, Rng(seed(b"paths", number)), options).exercise
            assert isinstance(drawn, DeepLinearCollapse)
            weights = [W if layout == "columns" else W.T for W in drawn.weights]
            found = values(drawn)
            W_eff = found["W_eff"] if layout == "columns" else found["W_eff"].T
            for i, j in product(range(drawn.outputs), range(drawn.inputs)):
                assert W_eff[i, j] == from_unit(weights, 0, j)[i]
            if biases == "none":
                assert "b_eff" not in found
                continue
            for i in range(drawn.outputs):
                total = sum(
                    b[unit] * from_unit(weights, layer, unit)[i]
                    for layer, b in enumerate(drawn.biases, start=1)
                    for unit in range(len(b))
                )
                assert found["b_eff"][i] == total
            assert found["max_rank"] == sorted(drawn.stack)[0]


def from_unit(weights: list[Any], layer: int, unit: int) -> dict[int, Fraction]:
    """How much of a unit's value arrives at each output, summed over paths."""
    if layer == len(weights):
        return {i: Fraction(i == unit) for i in range(16)}
    W = weights[layer]
    arrived = dict.fromkeys(range(16), Fraction(0))
    for target in range(len(W)):
        for output, share in from_unit(weights, layer + 1, target).items():
            arrived[output] += W[target, unit] * share
    return arrived


@pytest.mark.parametrize(
    "options",
    [{"depth": 1}, {"depth": 5}, {"widths": "wide"}, {"biases": "few"}, {"layout": "diagonal"}],
)
def test_options_out_of_range(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        DeepLinearCollapse.sample(Rng(seed(b"k", 1)), **options)
