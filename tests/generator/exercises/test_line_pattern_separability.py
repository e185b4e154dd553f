"""Line patterns: the exam's own classes, what it published, and drawn ones against brute force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.patterns import lines, simplest_separator, weight_table
from generator.exercises.representation.line_pattern_separability import LinePatternSeparability
from generator.exercises.separation import common_mean
from generator.model.errors import Disagreement
from generator.model.key import AskedExercise, AskedPart
from generator.model.values import exact
from generator.sampling import Rng, seed
from grader.marking import Verdict, mark

# The exam: vertical against horizontal lines. The conditions are our own; the first is the sum of
# the fourth and the fifth, which contradicts them only where b is left out.
EXAM = LinePatternSeparability(
    side=2,
    class_I=exact([[1, 0, 1, 0], [0, 1, 0, 1]]),
    class_II=exact([[1, 1, 0, 0], [0, 0, 1, 1]]),
    conditions_I=exact([[1, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1]]),
    conditions_II=exact([[1, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 1]]),
)
# Separable by x_1 > 1/2, not without b.
APART = replace(
    EXAM,
    class_I=exact([[1, 0, 1, 0], [1, 1, 0, 1], [1, 0, 0, 0]]),
    class_II=exact([[0, 1, 0, 0], [0, 0, 1, 1], [0, 1, 1, 1]]),
)
# The last patterns of both classes are not needed for the common mean.
MIXED = replace(
    EXAM,
    class_I=exact([[1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 0]]),
    class_II=exact([[1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]]),
)
OPTIONS: list[dict[str, Any]] = [
    {},
    {"per_class": 2},
    {"per_class": 4},
    {"side": 3},
    {"side": 3, "per_class": 4},
    {"patterns": "lines"},
    {"patterns": "lines", "side": 3},
]


def drawn(options: Mapping[str, Any], number: int) -> LinePatternSeparability:
    found = certify(LinePatternSeparability, Rng(seed(b"patterns", number)), options).exercise
    assert isinstance(found, LinePatternSeparability)
    return found


def verdict(exercise: LinePatternSeparability, part: str, given: Any) -> Verdict:
    truths = exercise.truths().items()
    parts = tuple(AskedPart(name, Fraction(1), truth) for name, truth in truths)
    asked = AskedExercise("q1", "pinned", {}, {}, parts)
    return next(each for each in mark(asked, exercise, {part: given}) if each.part == part)


@pytest.mark.parametrize("exercise", [EXAM, APART, MIXED])
def test_the_pinned_instances_are_proven(exercise: LinePatternSeparability) -> None:
    examine(exercise, exercise.truths())


RIGHT: list[tuple[LinePatternSeparability, str, Any]] = [
    (EXAM, "separable", "no"),
    (EXAM, "witness_or_certificate", {"p": "(1/2, 1/2)", "q": "(1/2, 1/2)"}),
    (
        EXAM,
        "witness_or_certificate",
        {"p": r"\left(\frac12, \frac12\right)", "q": r"\begin{bmatrix} 0.5 \\ 0.5 \end{bmatrix}"},
    ),
    (EXAM, "contradiction_pair", "2, 3, 4, 6"),
    (EXAM, "contradiction_pair", "6 4 3 2"),
    (APART, "separable", "yes"),
    (APART, "witness_or_certificate", {"p": "(1, 0, 0, 0)", "q": "-1/2"}),
    (APART, "witness_or_certificate", {"p": "[10, -1, 1, 0.5]", "q": "[-3]"}),
    (APART, "witness_or_certificate", {"p": r"(2, 0, 0, 0)^T", "q": r"\left(-\frac{2}{3}\right)"}),
    (MIXED, "witness_or_certificate", {"p": "(1/2, 1/2, 0)", "q": "(1/2, 1/2, 0)"}),
    (MIXED, "separable", "B"),
]


@pytest.mark.parametrize(("exercise", "part", "given"), RIGHT)
def test_what_is_right_earns_full_marks(
    exercise: LinePatternSeparability, part: str, given: Any
) -> None:
    found = verdict(exercise, part, given)
    assert found.outcome == "CORRECT", found.why


WRONG: list[tuple[LinePatternSeparability, str, Any, str | None]] = [
    (EXAM, "separable", "yes", "separable_because_few_points"),
    (APART, "separable", "no", "one_violated_pair_is_enough"),
    # w_1 + w_3 > 0, w_2 + w_4 > 0, ... as published, without b: too little in general
    (EXAM, "contradiction_pair", "1, 4, 5", "no_bias_proof"),
    (EXAM, "contradiction_pair", "2, 4", "one_violated_pair"),
    (EXAM, "contradiction_pair", "1, 2, 3, 4, 5, 6", "all_conditions"),
    (EXAM, "contradiction_pair", "2, 3, 4", None),
    (EXAM, "witness_or_certificate", {"p": "(1, 1)", "q": "(1, 1)"}, "not_normalised"),
    (EXAM, "witness_or_certificate", {"p": "(3, 3)", "q": "(1/2, 1/2)"}, "not_normalised"),
    (EXAM, "witness_or_certificate", {"p": "(1, 0)", "q": "(1/2, 1/2)"}, None),
    (EXAM, "witness_or_certificate", {"p": "(1, 0, 0, 1)", "q": "(-1)"}, None),
    (MIXED, "witness_or_certificate", {"p": "(1,1,1)/3", "q": "(1,1,1)/3"}, "equal_multipliers"),
    (APART, "witness_or_certificate", {"p": "(1, 0, 0, 0)", "q": "0"}, "no_bias"),
    (APART, "witness_or_certificate", {"p": "(4, 0, 0, 0)", "q": "1"}, "threshold_sign"),
    (APART, "witness_or_certificate", {"p": "(-1, 0, 0, 0)", "q": "1/2"}, "swap_classes"),
    (APART, "witness_or_certificate", {"p": "(-3, 0, 0, 0)", "q": "5"}, "swap_classes"),
    (APART, "witness_or_certificate", {"p": "(1, 0, 0, 0)", "q": "-1"}, "on_the_boundary"),
    (APART, "witness_or_certificate", {"p": "(1, 0, 0, 0)", "q": "-7"}, None),
    (APART, "witness_or_certificate", {"p": "(1, 0, 0)", "q": "-1/2"}, None),
    (APART, "witness_or_certificate", {"p": "(1/2, 1/2, 0)", "q": "(1/2, 1/2, 0)"}, None),
]


@pytest.mark.parametrize(("exercise", "part", "given", "mistake"), WRONG)
def test_what_is_wrong_is_rejected_and_named(
    exercise: LinePatternSeparability, part: str, given: Any, mistake: str | None
) -> None:
    found = verdict(exercise, part, given)
    assert (found.outcome, found.mistake) == ("INCORRECT", mistake), found.why


SENTENCES = [
    (APART, [1, 0, 0, 0], [-1], "w·x + b = 0 at A_1, but it must be positive"),
    (APART, [0, 0, 0, 0], [1], "w·x + b = 1 at B_1, but it must be negative"),
    (APART, [1, 0], [1], "with one number in q, p must be the 4 weights w, not 2"),
    (EXAM, [1, 0, 0], [0, 1], "q is either [b] or the weights of the 2 patterns of class II"),
    (EXAM, [2, -1], [0, 1], "A_2 has the weight -1, but no weight is negative"),
    (EXAM, ["1/2", "1/3"], [0, 1], "the weights of class I have the sum 5/6, not 1"),
    (EXAM, [1, 0], [1, 0], "pixel x_2 is 0 in the mean of class I and 1 in that of class II"),
]


@pytest.mark.parametrize(("exercise", "p", "q", "sentence"), SENTENCES)
def test_counterexamples_are_said(
    exercise: LinePatternSeparability, p: Any, q: Any, sentence: str
) -> None:
    failures = list(exercise.proof_failures(exact(p), exact(q)))
    assert failures[0].startswith(sentence)


def test_the_conditions_of_the_exam_contradict_each_other_with_b_as_well() -> None:
    own = replace(EXAM, conditions_I=MIXED.class_I, conditions_II=MIXED.class_II)
    assert own.truths()["contradiction_pair"].value == {"1", "2", "4", "5"}


def test_only_three_splits_of_the_two_pixel_patterns_are_inseparable() -> None:
    """Of the 45 ways to split two pairs of the six patterns with two black pixels."""
    six = [x for x in product((0, 1), repeat=4) if sum(x) == 2]
    splits = [
        (pair, other)
        for pair, other in combinations(list(combinations(six, 2)), 2)
        if not set(pair) & set(other)
    ]
    found = [common_mean(exact(pair), exact(other)) for pair, other in splits]
    assert (len(splits), sum(mean is not None for mean in found)) == (45, 3)
    assert {tuple(simplest_separator(*map(exact, split)) is None for split in splits)} == {
        tuple(mean is not None for mean in found)
    }


@pytest.mark.parametrize("side", [2, 3, 4])
def test_columns_and_rows_are_never_separable(side: int) -> None:
    columns, rows, _ = lines(side)
    assert common_mean(exact(columns), exact(rows)) is not None


def test_the_table_has_all_threshold_functions_of_four_variables() -> None:
    """There are 1882 of them (OEIS A000609)."""
    cube = np.array(list(product((0, 1), repeat=4)))
    found = set()
    for scores in weight_table(4) @ cube.T:
        for threshold in {*scores.tolist(), 100}:
            found.add((scores >= threshold).tobytes())
    assert len(found) == 1882


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_drawn_instances_by_brute_force(options: dict[str, Any]) -> None:
    answers = set()
    for number in range(30):
        exercise = drawn(options, number)
        truths = exercise.truths()
        (right,) = truths["separable"].value
        answers.add(right)
        values = truths["witness_or_certificate"].value
        p, q = (values[name].astype(float) for name in "pq")
        one, two = exercise.class_I.astype(float), exercise.class_II.astype(float)
        assert len({tuple(x) for x in np.vstack([one, two])}) == len(one) + len(two)
        if right == "yes":
            assert (one @ p + q > 0).all()
            assert (two @ p + q < 0).all()
        else:
            assert min(p.min(), q.min()) >= 0
            assert p.sum() == pytest.approx(1)
            assert q.sum() == pytest.approx(1)
            assert p @ one == pytest.approx(q @ two)
        if exercise.side == 2:
            assert (simplest_separator(exercise.class_I, exercise.class_II) is None) == (
                right == "no"
            )
    assert answers == {"yes", "no"}


def test_the_named_conditions_are_the_only_smallest_contradiction() -> None:
    for number in range(40):
        exercise = drawn({}, number)
        patterns = [*exercise.conditions_I, *exercise.conditions_II]
        contradicting = set()
        for size in range(2, 7):
            for places in combinations(range(6), size):
                ups = [patterns[i] for i in places if i < 3]
                downs = [patterns[i] for i in places if i >= 3]
                if ups and downs and common_mean(exact(ups), exact(downs)) is not None:
                    contradicting.add(frozenset(str(i + 1) for i in places))
        smallest = [each for each in contradicting if not any(o < each for o in contradicting)]
        assert smallest == [exercise.truths()["contradiction_pair"].value]


def test_verify_contradicts_what_is_wrong() -> None:
    class WrongMean(LinePatternSeparability):
        @property
        def common_mean(self) -> Any:
            return exact([1, 0]), exact([0, 1])

    class WrongPlane(LinePatternSeparability):
        @property
        def separator(self) -> Any:
            return exact([0, 1, 0, 0]), Fraction(-1, 2)

    class WrongConditions(LinePatternSeparability):
        @property
        def contradiction(self) -> Any:
            return (0, 1), (0, 1)

    fields = {name: getattr(EXAM, name) for name in EXAM.drawn_fields()}
    apart = {name: getattr(APART, name) for name in APART.drawn_fields()}
    with pytest.raises(Disagreement, match="means"):
        WrongMean(**fields).verify()
    with pytest.raises(Disagreement, match="w·x"):
        WrongPlane(**apart).verify()
    with pytest.raises(Disagreement, match="contradiction_pair"):
        WrongConditions(**fields).verify()


@pytest.mark.parametrize(
    "wrong", [{"side": 4}, {"per_class": 1}, {"patterns": "dots"}, {"separable": "perhaps"}]
)
def test_options_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LinePatternSeparability.sample(Rng(seed(b"x")), **wrong)
