"""The graph with derivatives on its edges against the two exams and a walk along every path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from math import prod
from typing import Any

import pytest

from generator.certifying import certify, examine
from generator.exercises.graphs.edge_graph_backprop import EdgeGraphBackprop
from generator.model.errors import Disagreement
from generator.model.key import AskedExercise, AskedPart
from generator.sampling import Rng, seed
from grader.marking import Verdict, mark


def edges(text: str) -> tuple[tuple[str, str, Fraction], ...]:
    """From `x1-v1 -2, ...`."""
    triples = (piece.replace("-", " ", 1).split() for piece in text.split(","))
    return tuple((start, end, Fraction(weight)) for start, end, weight in triples)


# The exam of 2022/09/01; its figure is lost, and v2 -> u1 is the simplest edge that fits the rest.
EXAM = EdgeGraphBackprop(
    layers=(("x1", "x2", "x3"), ("v1", "v2", "v3"), ("u1", "u2", "u3")),
    edges=edges(
        "x1-v1 -2, x1-v2 4, x2-v1 3, x2-v3 2, x3-v3 -3, "
        "v1-u1 3, v2-u1 -1, v3-u2 1, v3-u3 -1, u1-o -1, u2-o 1, u3-o 2"
    ),
    loss="log",
    output=Fraction(1, 10),
    target=Fraction(0),
    missing=-1,
)
# What is known of the graph of 2022/06/16, with the minus sign that its solution uses.
TWIN = EdgeGraphBackprop(
    layers=(("p1", "p2"), ("q1", "q2")),
    edges=edges("p1-q1 3, p2-q1 -2, p2-q2 1, q1-o -1, q2-o 1"),
    loss="log",
    output=Fraction(1, 10),
    target=Fraction(0),
    missing=-1,
)
RIGHT = {
    "dL_do": "-1/0.1",
    "hidden_adjoints": r"\begin{pmatrix} 10 \\ -10 \\ -20 \\ 30 \\ -10 \\ 10 \end{pmatrix}",
    "input_gradients": "(-60-40, 90+20, 10*(-3))",
    "number_of_paths": "7",
}


def values(exercise: EdgeGraphBackprop) -> dict[str, Any]:
    found = {name: truth.value for name, truth in exercise.truths().items()}
    return {name: list(v) if hasattr(v, "shape") else v for name, v in found.items()}


def mistake(exercise: EdgeGraphBackprop, part: str, name: str, **own: Any) -> Any:
    truths = exercise.truths()
    earlier = {each: truth.value for each, truth in truths.items()} | own
    wrong = exercise.parts[part].mistaken(name, exercise, truths[part], earlier)
    return None if wrong is None else wrong.value


def marked(exercise: EdgeGraphBackprop, **answers: str) -> dict[str, Verdict]:
    parts = tuple(AskedPart(n, Fraction(1), truth) for n, truth in exercise.truths().items())
    asked = AskedExercise("q1", "edge_graph_backprop", {}, {}, parts)
    return {verdict.part: verdict for verdict in mark(asked, exercise, answers)}


def drawn_of_all_kinds() -> Iterator[EdgeGraphBackprop]:
    kinds = product((2, 3, 4), (1, 2, 3), ("log", "square", "half_square"), (False, True))
    for number, (width, depth, loss, missing) in enumerate(kinds):
        options = {"width": width, "depth": depth, "loss": loss, "missing": missing}
        for again in range(4 if not missing or depth > 1 else 0):
            rng = Rng(seed(b"tests", number, again))
            exercise = certify(EdgeGraphBackprop, rng, options).exercise
            assert isinstance(exercise, EdgeGraphBackprop)
            yield exercise


def test_the_exam_as_published():
    examine(EXAM, EXAM.truths())
    assert values(EXAM) == {
        "dL_do": -10,
        "hidden_adjoints": [10, -10, -20, 30, -10, 10],
        "input_gradients": [-100, 110, -30],
        "number_of_paths": 7,
    }


@pytest.mark.parametrize("v2", ["v2-u2 1", "v2-u1 -2, v2-u2 -1", "v2-u1 1, v2-u2 2"])
def test_the_lost_edges_of_the_exam_do_not_matter(v2):
    others = [edge for edge in EXAM.edges if edge[0] != "v2"]
    assert values(replace(EXAM, edges=(*edges(v2), *others)))["input_gradients"] == [-100, 110, -30]


def test_the_twin_exam_needs_its_lost_minus_sign():
    assert values(TWIN)["hidden_adjoints"] == [10, -10]
    assert values(TWIN)["input_gradients"] == [30, -30]
    # As printed, q1 -> o is +1: a mistake that is known by name.
    lost = mistake(TWIN, "hidden_adjoints", "sign_lost_on_output_edge")
    assert list(lost) == [-10, -10]
    verdicts = marked(TWIN, dL_do="-10", hidden_adjoints="(-10, -10)", input_gradients="(-30, 10)")
    assert verdicts["hidden_adjoints"].mistake == "sign_lost_on_output_edge"
    assert verdicts["input_gradients"].outcome == "FOLLOWED"


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("dL_do", "forgot_minus", 10),
        ("dL_do", "not_inverted", Fraction(-1, 10)),
        ("dL_do", "base_ten", pytest.approx(-4.342945, abs=1e-6)),
        ("dL_do", "loss_itself", pytest.approx(2.302585, abs=1e-6)),
        ("dL_do", "output_slope_1", 1),
        ("dL_do", "factor_two", None),
        ("hidden_adjoints", "seed_1", [-1, 1, 2, -3, 1, -1]),
        ("hidden_adjoints", "one_path", [10, -10, -20, 30, -10, -10]),
        ("hidden_adjoints", "terms_multiplied", [10, -10, -20, 30, -10, -200]),
        ("hidden_adjoints", "sign_lost_on_output_edge", [-10, -10, -20, -30, 10, 10]),
        ("input_gradients", "without_the_loss", [10, -11, 3]),
        ("input_gradients", "one_edge_only", [-60, 90, -30]),
        ("input_gradients", "added_along_path", [-20, -120, 30]),
        ("input_gradients", "largest_path", [-60, 90, -60]),
        ("input_gradients", "product_of_paths", [-240, -720, 180]),
        ("input_gradients", "sign_lost_on_input_edge", [20, 110, -30]),
        ("number_of_paths", "edges_counted", 12),
        ("number_of_paths", "as_if_complete", 27),
        ("number_of_paths", "first_edges_counted", 5),
    ],
)
def test_mistakes_of_the_exam_by_hand(part, name, value):
    found = mistake(EXAM, part, name)
    assert (list(found) if hasattr(found, "shape") else found) == value


@pytest.mark.parametrize(
    ("slope", "inputs"),
    [(10, [100, -110, 30]), (Fraction(-1, 10), [-1, Fraction(11, 10), Fraction(-3, 10)])],
)
def test_a_wrong_start_runs_through(slope, inputs):
    followed = EXAM.truths({"dL_do": slope})
    assert list(followed["input_gradients"].value) == inputs


def test_one_path_all_the_way():
    # The first edge at every node: the answer that the catalogue knows as "one path".
    hidden = mistake(EXAM, "hidden_adjoints", "one_path")
    wrong = mistake(EXAM, "input_gradients", "one_edge_only", hidden_adjoints=hidden)
    assert list(wrong) == [-60, 90, 30]


def test_the_published_solution_as_a_student_types_it():
    assert {part: v.outcome for part, v in marked(EXAM, **RIGHT).items()} == dict.fromkeys(
        RIGHT, "CORRECT"
    )


@pytest.mark.parametrize(
    ("part", "answer", "outcome", "name"),
    [
        ("dL_do", "10", "INCORRECT", "forgot_minus"),
        ("dL_do", "-4.343", "INCORRECT", "base_ten"),
        # The misprint of the exam's solution, where v was read as x.
        ("input_gradients", "(30, 110, 10)", "PARTIAL", None),
        ("input_gradients", "(-60, 90, -30)", "PARTIAL", "one_edge_only"),
        ("input_gradients", "(-100, 110)", "INCORRECT", None),
        ("hidden_adjoints", "(10, -10, -20, 30, -10, -10)", "PARTIAL", "one_path"),
        ("number_of_paths", "12", "INCORRECT", "edges_counted"),
    ],
)
def test_wrong_answers_are_wrong(part, answer, outcome, name):
    verdict = marked(EXAM, **RIGHT | {part: answer})[part]
    assert (verdict.outcome, verdict.mistake) == (outcome, name)


def test_the_missing_edge_of_the_exam():
    place = [edge[:2] for edge in EXAM.edges].index(("v3", "u3"))
    asked = replace(EXAM, missing=place)
    asked.verify()
    assert asked.given == {"v3": 10}
    assert values(asked)["missing_edge"] == -1
    assert mistake(asked, "missing_edge", "others_ignored") == Fraction(-1, 2)
    assert mistake(asked, "missing_edge", "others_added") == 0
    assert mistake(asked, "missing_edge", "multiplied") == -400
    assert {p: v.outcome for p, v in marked(asked, **RIGHT, missing_edge="-1").items()} == (
        dict.fromkeys([*RIGHT, "missing_edge"], "CORRECT")
    )


def test_truths_by_a_walk_along_every_path():
    """No recursion over nodes: every choice of one node a layer is a path, or is none."""
    count = 0
    for exercise in drawn_of_all_kinds():
        weights = {(start, end): weight for start, end, weight in exercise.edges}
        found = values(exercise)
        o, t = exercise.output, exercise.target
        slope = {"log": -1 / o, "square": 2 * o, "half_square": o - t}[exercise.loss]
        sums: dict[str, Fraction] = {}
        number = 0
        for first in range(len(exercise.layers)):
            for nodes in product(*exercise.layers[first:], ("o",)):
                steps = [weights.get(pair, Fraction(0)) for pair in pairwise(nodes)]
                sums[nodes[0]] = sums.get(nodes[0], Fraction(0)) + prod(steps)
                number += first == 0 and all(steps)
        assert found["dL_do"] == slope
        assert found["hidden_adjoints"] == [slope * sums[node] for node in exercise.hidden]
        assert found["input_gradients"] == [slope * sums[node] for node in exercise.inputs]
        assert found["number_of_paths"] == number
        assert 0 not in found["hidden_adjoints"] + found["input_gradients"]
        if exercise.missing >= 0:
            start, _, weight = exercise.edges[exercise.missing]
            assert found["missing_edge"] == weight
            assert exercise.given == {start: slope * sums[start]}
        count += 1
    assert count >= 170


def test_verify_notices_a_wrong_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EdgeGraphBackprop, "_slope", Fraction(10))
    with pytest.raises(Disagreement, match="dL_do"):
        EXAM.verify()


@pytest.mark.parametrize(
    "options",
    [
        {"width": 1},
        {"width": 5},
        {"depth": 0},
        {"depth": 4},
        {"edges": 9},
        {"edges": 21},
        {"loss": "cross_entropy"},
        {"missing": True, "depth": 1},
    ],
)
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        EdgeGraphBackprop.sample(Rng(b"tests"), **options)
