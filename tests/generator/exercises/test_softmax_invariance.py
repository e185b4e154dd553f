"""The softmax exercise against decimal arithmetic, the machine's own floats and the exam."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from generator.certifying import Certified, certify, examine
from generator.exercises import exponentials
from generator.exercises.outputs.softmax_invariance import (
    CHANGING,
    KEEPING,
    SLIPS,
    SoftmaxInvariance,
)
from generator.model.answers import Ends
from generator.model.errors import Disagreement
from generator.model.records import dumps
from generator.model.values import exact
from generator.rendering import blocks
from generator.sampling import Rng, seed
from generator.sheets import Question

RANGES = {
    "classes": (3, 4, 5),
    "shift": (1, 9, 100),
    "variant": ("softmax", "lse"),
    "stability": ("overflow", "underflow", "denominator"),
    "precision": ("float32", "float64"),
    "find_error": (False, True),
}
COMBINATIONS = [dict(zip(RANGES, values, strict=True)) for values in product(*RANGES.values())]

# The exam of 2023/02/07: any logits; the shift by minus the largest; what overflows.
EXAM = SoftmaxInvariance(
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


def drawn(number: int, **options: Any) -> Certified:
    return certify(SoftmaxInvariance, Rng(seed(b"tests", number)), options)


def drawn_of_all_kinds() -> Iterator[SoftmaxInvariance]:
    for number, options in enumerate(COMBINATIONS):
        exercise = drawn(number, **options).exercise
        assert isinstance(exercise, SoftmaxInvariance)
        yield exercise


def values(exercise: SoftmaxInvariance) -> dict[str, Any]:
    return {name: truth.value for name, truth in exercise.truths().items()}


def mistake(exercise: SoftmaxInvariance, part: str, name: str) -> Any:
    wrong = exercise.parts[part].mistaken(name, exercise, exercise.truths()[part], {})
    return None if wrong is None else wrong.value


def test_the_exam_as_published():
    examine(EXAM, EXAM.truths())
    found = values(EXAM)
    assert found["proof_order"] == ("define", "split", "factor", "simplify", "recognise")
    assert list(found["shifted_logits"]) == [0, -2, Fraction(-7, 2)]
    assert list(found["probs"]) == [Fraction(1, 5), Fraction(1, 2), Fraction(3, 10)]
    assert found["invariant_ops"] == {"add_all", "subtract_min"}
    assert found["overflow"] == {"list1", "list4"}


def test_the_published_statement_about_sums_is_a_named_mistake():
    # "when sum a_j are large e^{a_j} can overflow": (300, 300, 300) has a large sum.
    assert mistake(EXAM, "overflow", "sum_of_logits_overflows") == {"list2", "list4"}


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("shifted_logits", "plus_max", [2000, 1998, 1996.5]),
        ("shifted_logits", "minus_min", [3.5, 1.5, 0]),
        ("shifted_logits", "only_the_largest", [0, 998, 996.5]),
        ("shifted_logits", "divided_by_largest", [1, 0.998, 0.9965]),
        ("probs", "no_normalisation", [0.4, 1, 0.6]),
        ("probs", "own_term_left_out", [0.25, 1, 3 / 7]),
        ("probs", "linear_normalisation", [0.304726, 0.364221, 0.331053]),
        ("probs", "numerator_only", [10.91963, 27.299075, 16.379445]),
        ("probs", "sigmoid_each", [0.990925, 0.99635, 0.993932]),
        ("probs", "power_added", [1.690394, 4.225984, 2.535590]),
    ],
)
def test_mistakes_of_the_exam_by_hand(part, name, value):
    assert mistake(EXAM, part, name).astype(float) == pytest.approx(value, abs=2e-6)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("invariant_ops", "scale_also_invariant", {"scale", "add_all", "subtract_min"}),
        ("invariant_ops", "order_ignored", {"swap", "add_all", "subtract_min"}),
        ("invariant_ops", "one_shifted_logit", {"add_one", "add_all", "subtract_min"}),
        ("invariant_ops", "fixed_constants_only", {"add_all"}),
        ("overflow", "sign_ignored", {"list1", "list3", "list4"}),
    ],
)
def test_mistakes_of_choice(part, name, value):
    assert mistake(EXAM, part, name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("largest_logit_only", 5.609438),
        ("shift_lost", 2.302585),
        ("shift_of_each_term", 14.302585),
        ("one_more_term", 4.168186),
        ("sum_of_logits", 15.401197),
    ],
)
def test_the_log_sum_exp_and_its_mistakes(name, value):
    shifted = replace(EXAM, variant="lse")
    assert values(shifted)["lse"] == pytest.approx(6.302585, abs=1e-6)
    assert mistake(shifted, "lse", name) == pytest.approx(value, abs=1e-6)


def test_zero_over_zero_and_its_mistakes():
    lists = ([-900, -950, -1000], [-600, -600, -600], [0, -900, -900], [900, -1000, 0], [1, 2, 3])
    asked = replace(EXAM, stability="underflow", lists=tuple(map(exact, lists)))
    examine(asked, asked.truths())
    assert "overflow" not in values(asked)
    assert values(asked)["zero_over_zero"] == {"list1"}
    wrong = mistake(asked, "zero_over_zero", "sum_of_logits_underflows")
    assert wrong == {"list1", "list2", "list3"}
    wrong = mistake(asked, "zero_over_zero", "one_underflow_is_enough")
    assert wrong == {"list1", "list3", "list4"}


def test_the_denominator_after_the_shift():
    asked = replace(EXAM, stability="denominator", lists=(), outputs=50)
    examine(asked, asked.truths())
    assert values(asked)["denominator_range"] == Ends(Fraction(1), Fraction(50), True, True)
    assert mistake(asked, "denominator_range", "from_zero") == Ends(0, 50, True, True)
    assert mistake(asked, "denominator_range", "range_of_an_output") == Ends(0, 1, True, True)
    assert mistake(asked, "denominator_range", "largest_left_out") == Ends(0, 49, True, True)
    assert mistake(asked, "denominator_range", "unbounded") == Ends(1, None, True, False)


@pytest.mark.parametrize(
    ("variant", "slip", "line"),
    [(variant, slip, line) for variant in SLIPS for slip, line in SLIPS[variant].items()],
)
def test_each_false_derivation_is_false_where_it_says(variant, slip, line):
    asked = replace(EXAM, variant=variant, slip=slip)
    asked.verify()
    assert values(asked)["first_false_line"] == {str(line)}
    after = mistake(asked, "first_false_line", "line_after")
    assert after == ({str(line + 1)} if line < 4 else None)


def test_outputs_and_log_sum_exp_in_decimal_arithmetic():
    for exercise in drawn_of_all_kinds():
        with localcontext() as context:
            context.prec = 60
            shift = Decimal(int(exercise.shift))
            terms = [(Decimal(int(r)).ln() + shift).exp() for r in exercise.ratios]
            below = sum(terms, Decimal(0))
            found = values(exercise)
            for probability, term in zip(found["probs"], terms, strict=True):
                assert abs(float(term / below) - float(probability)) < 1e-15
            if "lse" in found:
                assert abs(float(below.ln()) - found["lse"]) < 1e-12


def test_logits_stay_clear_of_where_exp_begins_to_fail():
    turns = {name: _turning_points(kind) for name, kind in exponentials.FLOATS.items()}
    smallest = {name: np.log(np.finfo(kind).tiny) for name, kind in exponentials.FLOATS.items()}
    for exercise in drawn_of_all_kinds():
        over, under = turns[exercise.precision]
        for logit in (logit for logits in exercise.lists for logit in logits):
            assert abs(logit - over) >= 20
            # No exponential is subnormal: machines differ in what they do with those.
            assert logit <= under - 20 or logit > smallest[exercise.precision]


def _turning_points(kind: Any) -> tuple[float, float]:
    """Where the machine's own exp turns to inf and to 0, by bisection."""
    over, under = [0.0, 2000.0], [-2000.0, 0.0]
    with np.errstate(over="ignore", under="ignore"):
        for _ in range(60):
            middle = sum(over) / 2
            over[bool(np.isinf(np.exp(kind(middle))))] = middle
            middle = sum(under) / 2
            under[bool(np.exp(kind(middle)) > 0)] = middle
    return over[1], under[1]


def test_every_draw_asks_something():
    for exercise in drawn_of_all_kinds():
        found = values(exercise)
        assert 0 < len(found["invariant_ops"]) < len(exercise.operations)
        assert set(exercise.operations) <= {*KEEPING, *CHANGING}
        assert exercise.lines != found["proof_order"]
        assert len(set(exercise.scores)) == len(exercise.scores)
        assert exercise.shift != 0
        for part in ("overflow", "zero_over_zero"):
            assert part not in found or 0 < len(found[part]) < len(exercise.lists)


def test_draws_differ_and_are_seldom_rejected():
    draws = [drawn(number) for number in range(200)]
    assert sum(sum(each.rejections.values()) for each in draws) <= 2
    assert len({dumps(vars(each.exercise)) for each in draws}) == 200


def test_verify_notices_a_wrong_threshold(monkeypatch):
    monkeypatch.setitem(exponentials.OVERFLOW, "float64", 250.0)
    with pytest.raises(Disagreement, match="overflow"):
        EXAM.verify()


def test_verify_notices_a_wrong_slip(monkeypatch):
    monkeypatch.setitem(SLIPS["softmax"], "added_once", 2)
    with pytest.raises(Disagreement, match="first_false_line"):
        replace(EXAM, slip="added_once").verify()


def test_verify_notices_an_operation_filed_wrongly(monkeypatch):
    module = "generator.exercises.outputs.softmax_invariance"
    monkeypatch.setattr(f"{module}.KEEPING", (*KEEPING, "swap"))
    with pytest.raises(Disagreement, match="invariant_ops"):
        EXAM.verify()


@pytest.mark.parametrize(
    "option",
    [
        {"classes": 2},
        {"classes": 6},
        {"shift": 0},
        {"shift": 101},
        {"variant": "sigmoid"},
        {"stability": "any"},
        {"precision": "float16"},
    ],
)
def test_options_out_of_range(option):
    with pytest.raises(ValueError, match=next(iter(option))):
        SoftmaxInvariance.sample(Rng(b"tests"), **option)


def test_the_solution_shows_the_sign_of_the_shift():
    question = Question("q1", "softmax_invariance", EXAM, {}, EXAM.truths(), {})
    shown = blocks.solution(question, "shifted_logits")
    assert "so $c = -1000$" in shown
    assert "a - 1000" in shown
