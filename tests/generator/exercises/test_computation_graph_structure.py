"""The computation graph against the discussion's own, and the way back simulated in every order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import pytest

from generator.certifying import certify, examine
from generator.exercises.graphs.computation_graph_structure import ComputationGraphStructure
from generator.model.answers import PartialOrder
from generator.model.errors import Disagreement
from generator.model.key import AskedExercise, AskedPart
from generator.sampling import Rng, seed
from grader.marking import Verdict, mark

# DS 102, discussion 7, question 2(a): L = (y - b^T sigma(A x))^2.
DISCUSSION = ComputationGraphStructure(
    formula="two_layer",
    letters="xyAMbcz",
    activations=("sigmoid",),
    bias=False,
    half=False,
    nodes=("z3", "x", "L", "b", "z1", "y", "z4", "A", "z2"),
)
EDGES = "x->z1, A->z1, z1->z2, z2->z3, b->z3, z3->z4, y->z4, z4->L"
# Numbers of the nodes: 1 z3, 2 x, 3 L, 4 b, 5 z1, 6 y, 7 z4, 8 A, 9 z2.
RIGHT = {
    "edges": EDGES,
    "leaves": "2, 4, 6 and 8",
    "backward_order": "7, 1, 9, 4, 5, 8",
    "cache": "2, 4, 7, 9",
}
KINDS = tuple(
    product(("two_layer", "branches", "residual", "tied"), ("sigmoid", "relu"), (False, True))
)


def drawn(number: int, formula: str, activation: str, bias: bool) -> ComputationGraphStructure:
    options = {"formula": formula, "activation": activation, "bias": bias}
    exercise = certify(ComputationGraphStructure, Rng(seed(b"tests", number)), options).exercise
    assert isinstance(exercise, ComputationGraphStructure)
    return exercise


def drawn_of_all_kinds(each: int) -> Iterator[ComputationGraphStructure]:
    for number, kind in enumerate(KINDS):
        for again in range(each):
            yield drawn(100 * number + again, *kind)


def value(exercise: ComputationGraphStructure, part: str) -> Any:
    return exercise.truths()[part].value


def mistake(exercise: ComputationGraphStructure, part: str, name: str) -> Any:
    wrong = exercise.parts[part].mistaken(name, exercise, exercise.truths()[part], {})
    return None if wrong is None else wrong.value


def named(exercise: ComputationGraphStructure, keys: Any) -> list[str]:
    return [exercise.nodes[int(key) - 1] for key in keys]


def edge_set(text: str) -> set[tuple[str, str]]:
    return {(start, end) for start, _, end in (each.partition("->") for each in text.split(", "))}


def marked(exercise: ComputationGraphStructure, **answers: str) -> dict[str, Verdict]:
    parts = tuple(AskedPart(n, Fraction(1), truth) for n, truth in exercise.truths().items())
    asked = AskedExercise("q1", "computation_graph_structure", {}, {}, parts)
    return {verdict.part: verdict for verdict in mark(asked, exercise, answers)}


def test_the_discussion():
    examine(DISCUSSION, DISCUSSION.truths())
    assert value(DISCUSSION, "edges") == edge_set(EDGES)
    assert set(named(DISCUSSION, value(DISCUSSION, "leaves"))) == {"x", "y", "A", "b"}
    assert set(named(DISCUSSION, value(DISCUSSION, "cache"))) == {"x", "b", "z2", "z4"}
    assert DISCUSSION.right_orders == 4


def test_the_slope_of_relu_is_taken_from_its_input():
    asked = replace(DISCUSSION, activations=("relu",))
    asked.verify()
    assert set(named(asked, value(asked, "cache"))) == {"x", "b", "z1", "z2", "z4"}
    assert mistake(asked, "cache", "pre_activations_too") is None


@pytest.mark.parametrize(
    "order",
    [
        "7, 1, 4, 9, 5, 8",
        "7, 1, 9, 4, 5, 8",
        "7, 1, 9, 5, 4, 8",
        "7 -> 1 -> 9 -> 5 -> 8 -> 4",
    ],
)
def test_every_right_order_earns_the_marks(order: str) -> None:
    outcomes = {part: v.outcome for part, v in marked(DISCUSSION, **RIGHT).items()}
    assert outcomes == dict.fromkeys(RIGHT, "CORRECT")
    verdict = marked(DISCUSSION, backward_order=order)["backward_order"]
    assert verdict.outcome == "CORRECT"


@pytest.mark.parametrize(
    ("part", "answer", "outcome", "name"),
    [
        (
            "edges",
            r"x \to z_1, A \to z_1 \to z_2, z_2 \to z_3, b \to z_3, z_3 \to z_4, y \to z_4, "
            r"z_4 \to L",
            "CORRECT",
            None,
        ),
        (
            "edges",
            "(x,z1), (A,z1), (z1,z2), (z2,z3), (b,z3), (z3,z4), (y,z4), (z4,L)",
            "CORRECT",
            None,
        ),
        ("edges", "x->z1->z2->z3->z4->L, y->z4", "INCORRECT", "parameter_edges_missing"),
        (
            "edges",
            "x->z2, A->z2, z2->z3, b->z3, z3->z4, y->z4, z4->L",
            "INCORRECT",
            "activation_merged",
        ),
        (
            "edges",
            "z1->x, z1->A, z2->z1, z3->z2, z3->b, z4->z3, z4->y, L->z4",
            "INCORRECT",
            "edges_reversed",
        ),
        (
            "edges",
            "x->z1, A->z1, z1->z2, z2->z3, b->z3, z3->z4, y->z3, z4->L",
            "INCORRECT",
            "target_too_early",
        ),
        ("edges", "x->z1, A->z1, z1->z2, z2->z3, b->z3, z3->z4, y->z4", "INCORRECT", None),
        ("edges", "w->z1", "UNREADABLE", None),
        ("leaves", "4, 8", "PARTIAL", "parameters_only"),
        ("leaves", "2, 6", "PARTIAL", "data_only"),
        ("leaves", "3", "INCORRECT", "loss_as_leaf"),
        ("leaves", "x, y, A, b", "UNREADABLE", None),
        ("backward_order", "8, 5, 4, 9, 1, 7", "INCORRECT", "forward_order"),
        ("backward_order", "8, 5, 9, 4, 1, 7", "INCORRECT", "forward_order"),
        ("backward_order", "4, 8, 7, 1, 9, 5", "INCORRECT", "parameters_first"),
        ("backward_order", "7, 1, 9, 8, 5, 4", "INCORRECT", None),
        ("backward_order", "7, 1, 9, 5, 8", "UNREADABLE", None),
        ("cache", "7, 9", "PARTIAL", "intermediate_only"),
        ("cache", "2, 4, 5, 7, 9", "PARTIAL", "pre_activations_too"),
        ("cache", "2, 4, 7, 8, 9", "PARTIAL", "first_weights_too"),
        ("cache", "1, 2, 3, 4, 5, 6, 7, 8, 9", "INCORRECT", "everything"),
    ],
)
def test_answers_as_students_type_them(part, answer, outcome, name):
    verdict = marked(DISCUSSION, **{part: answer})[part]
    assert (verdict.outcome, verdict.mistake) == (outcome, name), verdict.why


def test_a_reversed_order_is_told_as_such():
    verdict = marked(DISCUSSION, backward_order="8, 5, 4, 9, 1, 7")["backward_order"]
    assert verdict.why == "This is a right order, but reversed."


def works(exercise: ComputationGraphStructure, order: tuple[str, ...]) -> bool:
    """Whether each gradient finds those of all nodes that use its node."""
    have = {"L"}
    for node in named(exercise, order):
        if any(end not in have for start, end in value(exercise, "edges") if start == node):
            return False
        have.add(node)
    return True


def test_right_are_the_orders_in_which_the_way_back_works_and_no_others():
    for exercise in (DISCUSSION, drawn(1, "two_layer", "tanh", True)):
        truth = exercise.truths()["backward_order"]
        assert isinstance(truth, PartialOrder)
        orders = list(permutations(truth.options))
        right = [order for order in orders if works(exercise, order)]
        assert right == [order for order in orders if truth.near(order)]
        assert len(right) == exercise.right_orders


@pytest.mark.parametrize("formula", ["branches", "residual", "tied"])
def test_a_value_that_is_used_twice(formula: str) -> None:
    exercise = drawn(3, formula, "sigmoid", False)
    assert exercise.used_twice
    lost = mistake(exercise, "edges", "second_use_forgotten")
    (edge,) = value(exercise, "edges") - lost
    assert edge[0] == exercise.used_twice
    early = mistake(exercise, "backward_order", "after_the_first_contribution")
    assert not works(exercise, early)


# The graphs by hand: each node with what it is computed from, in the letters of the first set.
BY_HAND = {
    "two_layer": "z1: A x, z2: z1, z3: b z2, z4: y z3, L: z4",
    "branches": "z1: A x, z2: z1, z3: z1, z4: z2 z3, z5: b z4, z6: y z5, L: z6",
    "residual": "z1: A x, z2: z1, z3: M z2, z4: z2 z3, z5: b z4, z6: y z5, L: z6",
    "tied": "z1: A x, z2: z1, z3: A z2, z4: z3, z5: b z4, z6: y z5, L: z6",
}
# What the way back needs besides x, b, the error and the input of b^T.
ALSO = {"two_layer": set(), "branches": {"z2", "z3"}, "residual": {"M", "z2"}, "tied": {"A", "z2"}}


def test_two_hundred_instances_against_the_graphs_by_hand():
    count = 0
    for exercise in drawn_of_all_kinds(13):
        letter = dict(zip("xyAMbcz", exercise.letters, strict=True)) | {"L": "L"}

        def own(name: str, letter: dict[str, str] = letter) -> str:
            return letter[name[0]] + name[1:]

        lines = (line.split(": ") for line in BY_HAND[exercise.formula].split(", "))
        edges = {(own(a), own(end)) for end, starts in lines for a in starts.split()}
        if exercise.bias:
            edges.add((own("c"), own("z1")))
        assert value(exercise, "edges") == edges
        leaves = {a for a, _ in edges} - {b for _, b in edges}
        assert set(named(exercise, value(exercise, "leaves"))) == leaves
        assert works(exercise, value(exercise, "backward_order"))
        *_, into_b, _, error = (node for node in exercise.graph.nodes if node != "L")
        cached = {own(name) for name in ("x", "b", *ALSO[exercise.formula])} | {into_b, error}
        relu = "relu" in exercise.activations
        inputs = {own("z1")} | ({own("z3")} if exercise.formula == "tied" else set())
        cached |= inputs if relu and exercise.formula != "branches" else set()
        if exercise.formula == "branches":
            cached |= {own("z1")} if relu else set()
        assert set(named(exercise, value(exercise, "cache"))) == cached
        count += 1
    assert count >= 200


def test_verify_notices_a_graph_that_is_not_the_printed_one(monkeypatch: pytest.MonkeyPatch):
    wrong = DISCUSSION.truths() | {"edges": DISCUSSION.truths()["edges"].like(edge_set(EDGES[8:]))}
    monkeypatch.setattr(ComputationGraphStructure, "truths", lambda self: wrong)
    with pytest.raises(Disagreement, match="edges"):
        DISCUSSION.verify()


def test_verify_notices_a_pair_that_is_not_needed(monkeypatch: pytest.MonkeyPatch):
    order = DISCUSSION.truths()["backward_order"]
    assert isinstance(order, PartialOrder)
    stricter = replace(order, before=order.before | {("9", "4")})
    wrong = DISCUSSION.truths() | {"backward_order": stricter}
    monkeypatch.setattr(ComputationGraphStructure, "truths", lambda self: wrong)
    with pytest.raises(Disagreement, match="backward_order"):
        DISCUSSION.verify()


@pytest.mark.parametrize("options", [{"formula": "cnn"}, {"activation": "identity"}])
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        ComputationGraphStructure.sample(Rng(b"tests"), **options)
