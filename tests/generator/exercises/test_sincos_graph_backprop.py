"""Sines and cosines against the exam of 2023/07/06, closed forms, differences and what is typed."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from generator.certifying import certify, examine
from generator.exercises.graphs import sincos_graph_backprop as module
from generator.exercises.graphs.sincos_graph_backprop import OUTPUTS, SincosGraphBackprop
from generator.model.errors import Disagreement
from generator.model.figure import Label
from generator.sampling import Rng, seed

EXAM = SincosGraphBackprop(
    functions=("sin", "cos"),
    output="product",
    layers=5,
    x=Fraction(1),
    names=("t", "b"),
    ends=("x", "y"),
)


def drawn(number: int, **options: Any) -> SincosGraphBackprop:
    exercise = certify(SincosGraphBackprop, Rng(seed(b"tests", number)), options).exercise
    assert isinstance(exercise, SincosGraphBackprop)
    return exercise


def values(exercise: SincosGraphBackprop) -> dict[str, Any]:
    return {name: truth.value for name, truth in exercise.truths().items()}


def mistake(exercise: SincosGraphBackprop, part: str, name: str) -> Any:
    truths = exercise.truths()
    known = {name: truth.value for name, truth in truths.items()}
    wrong = exercise.parts[part].mistaken(name, exercise, truths[part], known)
    return None if wrong is None else wrong.value


def test_the_exam() -> None:
    examine(EXAM, EXAM.truths())
    found = values(EXAM)
    assert list(found["forward"]) == pytest.approx(
        [
            *(0.841471, 0.540302, 0.982188, 0.187899, 0.920785, 0.390071),
            *(0.966405, 0.257023, 0.940272, 0.340424, 0.320091),
        ],
        abs=1e-6,
    )
    assert list(found["top_adjoints"]) == pytest.approx([0.340424, 0.940272], abs=1e-6)
    back = [-0.768223, 0.544964, -0.289220, 0.229724]
    assert list(found["hidden_adjoints"]) == pytest.approx(
        [g for g in back for _ in range(2)], abs=1e-6
    )
    assert found["dy_dx"] == pytest.approx(-0.0691856694576352, abs=1e-15)


@pytest.mark.parametrize(
    ("layers", "slope"), [(2, 0.279902), (3, -0.166419), (4, 0.110181), (5, -0.069186)]
)
def test_other_depths(layers: int, slope: float) -> None:
    assert values(replace(EXAM, layers=layers))["dy_dx"] == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("dy_dx", "dcos_plus_everywhere", 2.592917),
        ("dy_dx", "sines_only", 0.001180),
        ("dy_dx", "cosines_only", -0.650217),
        ("dy_dx", "not_crossed", 0),
        ("dy_dx", "one_layer_short", 0.110181),
        ("dy_dx", "stopped_at_layer1", 0.229724),
        ("dy_dx", "degrees_everywhere", 0.929948),
        ("dy_dx", "seeds_of_a_sum", -0.054022),
        ("dy_dx", "double_count", -0.138371),
        ("dy_dx", "dcos_plus_at_input", 0.229724 * (math.cos(1) + math.sin(1))),
        ("top_adjoints", "product_not_crossed", [0.940272, 0.340424]),
        ("top_adjoints", "sum_output", [1, 1]),
    ],
)
def test_mistakes_of_the_exam(part: str, name: str, value: Any) -> None:
    assert mistake(EXAM, part, name) == pytest.approx(value, abs=2e-6)


def test_mistakes_of_two_layers_by_hand() -> None:
    two = replace(EXAM, layers=2)
    t1, b1 = math.sin(1), math.cos(1)
    s = t1 + b1
    t2, b2 = math.sin(s), math.cos(s)
    by_hand = {
        "dcos_plus": b2 * math.cos(s) + t2 * math.sin(s),
        "sin_branch_only": b2 * math.cos(s),
        "cos_branch_only": -t2 * math.sin(s),
        "slope_at_output": b2 * math.cos(t2) - t2 * math.sin(b2),
    }
    for name, value in by_hand.items():
        assert list(mistake(two, "hidden_adjoints", name)) == pytest.approx([value, value])
    forward = {
        "exchanged": [b1, t1, math.cos(s), math.sin(s), math.cos(s) * math.sin(s)],
        "own_branch_only": [
            *(t1, b1, math.sin(t1), math.cos(b1)),
            math.sin(t1) * math.cos(b1),
        ],
        "other_output": [t1, b1, t2, b2, t2 + b2],
    }
    for name, expected in forward.items():
        assert list(mistake(two, "forward", name)) == pytest.approx(expected)


@pytest.mark.parametrize(("output", "seeds"), [("sum", (1, 1)), ("difference", (1, -1))])
def test_other_last_nodes(output: str, seeds: tuple[int, int]) -> None:
    other = replace(EXAM, output=output, layers=3, x=Fraction(1, 2))
    assert tuple(values(other)["top_adjoints"]) == seeds
    assert mistake(other, "top_adjoints", "product_not_crossed") is None
    assert mistake(other, "dy_dx", "not_crossed") is None
    crossed = [other.values[-1][1], other.values[-1][0]]
    assert list(mistake(other, "top_adjoints", "product_output")) == pytest.approx(crossed)


@pytest.mark.parametrize("layers", range(2, 6))
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("order", ["sin_first", "cos_first"])
def test_slopes_by_central_differences(layers: int, output: str, order: str) -> None:
    def outcome(x: float) -> tuple[list[float], float]:
        nodes: list[float] = []
        at = x
        for _ in range(layers):
            pair = [math.sin(at), math.cos(at)]
            pair = pair if order == "sin_first" else pair[::-1]
            nodes += pair
            at = sum(pair)
        u, v = nodes[-2:]
        return nodes, {"product": u * v, "sum": u + v, "difference": u - v}[output]

    for number in range(9):
        exercise = drawn(number, layers=layers, output=output, order=order)
        x = float(exercise.x)
        nodes, y = outcome(x)
        found = values(exercise)
        assert list(found["forward"]) == pytest.approx([*nodes, y])
        slope = (outcome(x + 1e-5)[1] - outcome(x - 1e-5)[1]) / 2e-5
        assert found["dy_dx"] == pytest.approx(slope, abs=1e-8)


def test_the_closed_form_of_products_of_sine_and_cosine() -> None:
    for number in range(40):
        exercise = drawn(number, layers=2 + number % 4, order="sin_first")
        sums = [float(exercise.x)]
        for _ in range(exercise.layers - 1):
            sums.append(math.sin(sums[-1]) + math.cos(sums[-1]))
        assert all(math.isclose(a, b) for a, b in zip(sums, exercise.sums, strict=True))
        factors = math.prod(math.cos(s) - math.sin(s) for s, _ in pairwise(sums))
        assert values(exercise)["dy_dx"] == pytest.approx(math.cos(2 * sums[-1]) * factors)


def test_every_slope_is_large_enough_to_be_told_from_0() -> None:
    for number in range(60):
        found = values(drawn(number, layers=2 + number % 4, output="any"))
        assert abs(found["dy_dx"]) >= 0.02
        assert abs(found["hidden_adjoints"][-1]) >= 0.02
        assert abs(found["top_adjoints"]).min() >= 0.02


@pytest.mark.parametrize(
    ("part", "given", "expected"),
    [
        ("dy_dx", "-0.0692", "CORRECT"),
        ("dy_dx", "-0,069", "CORRECT"),
        ("dy_dx", "-0.07", "CORRECT"),
        ("dy_dx", "-0.02", "INCORRECT"),  # the published value, misread
        ("dy_dx", "-0.066", "INCORRECT"),  # what the published 0.22 leads to
        ("dy_dx", "0.1102", "one_layer_short"),
        ("dy_dx", "-0.1384", "double_count"),
        ("top_adjoints", "(0.34, 0.94)", "CORRECT"),
        ("top_adjoints", "(0.34, 0.34)", "INCORRECT"),  # published: both 0.34
        ("top_adjoints", "(cos 1.2234, sin 1.2234)", "CORRECT"),
        ("top_adjoints", "(0.9403, 0.3404)", "product_not_crossed"),
        (
            "forward",
            "0.8415 0.5403 0.9822 0.1879 0.9208 0.3901 0.9664 0.2570 0.9403 0.3404 0.3201",
            "CORRECT",
        ),
        # The published forward pass: four of its eleven values are off.
        ("forward", "(.84, .54, .98, .18, .91, .40, .92, .25, .92, .34, .32)", "PARTIAL"),
    ],
)
def test_what_students_type(part: str, given: str, expected: str, marked: Any) -> None:
    verdict = marked(EXAM, {part: given})[part]
    assert expected in (verdict.outcome, verdict.mistake)


def test_right_work_on_a_wrong_forward_pass_is_paid(marked: Any) -> None:
    two = replace(EXAM, layers=2)
    # t2 and b2 exchanged by mistake; the rest follows from that.
    verdicts = marked(
        two,
        {
            "forward": "(0.8415, 0.5403, 0.1879, 0.9822, 0.1846)",
            "top_adjoints": "(0.9822, 0.1879)",
            "hidden_adjoints": "(0, 0)",
            "dy_dx": "0.2799",
        },
    )
    assert verdicts["top_adjoints"].outcome == "FOLLOWED"
    assert verdicts["dy_dx"].outcome == "CORRECT"


def test_verify_notices_a_wrong_slope(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "derivative", module.plus)
    with pytest.raises(Disagreement, match="hidden_adjoints"):
        EXAM.verify()


def test_only_the_figure_of_the_solution_shows_numbers() -> None:
    def shown(solved: bool) -> set[str]:
        return {item.text for item in EXAM.graph(solved).items if isinstance(item, Label)}

    assert {r"\sin", r"\cos", r"\times", "t_1", "b_5"} <= shown(False)
    assert not any("." in text for text in shown(False))
    assert {"t_1", "0.8415", "0.2297", "-0.0692", "0.3201"} <= shown(True)


@pytest.mark.parametrize("option", [{"layers": 1}, {"layers": 6}, {"output": "x"}, {"order": "up"}])
def test_options_out_of_range(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        SincosGraphBackprop.sample(Rng(b"tests"), **option)
