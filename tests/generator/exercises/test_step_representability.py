"""What step units can represent: witnesses in a table, and brute force as an independent oracle."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import pytest

from generator.certifying import certify, examine
from generator.exercises.representable import (
    ACTIVATIONS,
    CANDIDATES,
    drawn_candidate,
    represented,
    spanned,
)
from generator.exercises.representation.step_representability import StepRepresentability
from generator.exercises.stepnets import POINT_VALUES, StepFunction, differences, net_of, realised
from generator.exercises.stepplots import plotted
from generator.model.answers import Witness
from generator.model.exercise import Rejected, WitnessPart
from generator.model.figure import Mark
from generator.model.values import exact
from generator.sampling import Rng, seed


def drawn(number: int, **options) -> StepRepresentability:
    return StepRepresentability.sample(Rng(seed(b"test", number)), **options)


def instance(**fields) -> StepRepresentability:
    """3 on 1 <= x <= 4 and 0 elsewhere, the function of the recitation of 2022."""
    box = StepRepresentability(
        activation="step",
        positive_slopes_only=False,
        interval=(),
        candidates={
            "affine": exact([2, -1]),
            "hinge_down": exact([1, 1]),
            "quadratic": exact([1, -2, 3]),
            "half_open": exact([3, 1, 4]),
        },
        breaks=exact([1, 4]),
        levels=exact([0, 3, 0]),
        values=exact([3, 3]),
        given_w0=Fraction(0),
        given_units=exact([[3, -1, 1], [-3, -4, 1]]),
        unit_count=0,
    )
    return replace(box, **fields)


def judged(exercise: StepRepresentability, w0, units) -> tuple[list[str], set[str]]:
    """Counterexamples to a net, and the mistakes whose net does the same."""
    part = exercise.parts["build_net"]
    assert isinstance(part, WitnessPart)
    value = {"w0": exact(w0), "units": exact(units).reshape(-1, 3)}
    truth = exercise.truths()["build_net"]
    named = set()
    for name in part.mistakes:
        wrong = part.mistaken(name, exercise, truth, {})
        if isinstance(wrong, Witness) and part.same(exercise, wrong, value):
            named.add(name)
    return part.failures(exercise, value), named


@pytest.mark.parametrize(
    ("w0", "units"),
    [
        (-3, [[3, -1, 1], [3, 4, -1]]),  # 3g(x - 1) + 3g(4 - x) - 3
        (-3, [[3, "-1/2", "1/2"], [3, 8, -2]]),  # units may be scaled
        (3, [[-3, 0, 0], [3, -1, 1], [3, 4, -1], [-3, -7, 0], [-3, 5, 0]]),  # v = 0: a constant
        (0, [[-3, -4, 1], [3, -1, 1], [3, -4, 1], [3, 4, -1], [-3, 1, 0]]),  # useless pairs
    ],
)
def test_any_net_that_is_the_target_everywhere_is_right(w0, units):
    assert judged(instance(), w0, units) == ([], set())


@pytest.mark.parametrize(
    ("w0", "units", "found", "wanted", "x", "mistake"),
    [
        (0, [[3, -1, 1], [-3, -4, 1]], 0, 3, "4", "closed_as_halfopen"),  # printed in 2022
        (0, [[3, -2, 2], [-3, -8, 2]], 0, 3, "4", "closed_as_halfopen"),
        (-3, [[3, 1, 1], [3, -4, -1]], 0, 3, "1", "threshold_sign"),
        (-3, [[3, -1, 1], [3, 4, 1]], 3, 0, "5", "slope_sign_lost"),
        (0, [[3, -1, 1], [0, -4, 1]], 3, 0, "5", "level_for_jump"),
        (0, [[3, -1, 1], [3, 4, -1]], 3, 0, "0", "w0_lost"),
        (3, [[-3, 1, -1], [-3, -4, 1]], 0, 3, "1", "built_with_g0_zero"),
        (0, [], 0, 3, "1", None),
        (0, [[3, -1, 1], [-3, "-4.5", 1]], 3, 0, "17/4", None),
        (0, [[3, -1, 1], [-3, "-4.0001", 1]], 3, 0, "80001/20000", None),
        (-3, [[3, -1, 1], [3, "4.0001", -1]], 3, 0, "80001/20000", None),
    ],
)
def test_wrong_nets_meet_a_counterexample_and_are_named(w0, units, found, wanted, x, mistake):
    failures, named = judged(instance(), w0, units)
    assert f"f({x}) = {found}, but the target has value {wanted} at x = {x}" in failures
    assert len(failures) <= 3
    assert named == ({mistake} if mistake else set())


def test_a_difference_in_one_point_only_is_found():
    target = instance(breaks=exact([2]), levels=exact([1, 1]), values=exact([-4]), candidates={})
    failures, _ = judged(target, 1, [])
    assert failures == ["f(2) = 1, but the target has value -4 at x = 2"]
    assert judged(target, 6, [[-5, "-2", 1], [-5, 2, -1]])[0] == []


@pytest.mark.parametrize("v", [0, -1, "-1/3"])
def test_the_restriction_to_positive_slopes_binds(v):
    half_open = instance(positive_slopes_only=True, values=exact([3, 0]))
    units = [[3, -1, 1], [-3, -4, 1]]
    assert judged(half_open, 0, units)[0] == []
    failures, _ = judged(half_open, 0, [*units, [0, 1, v]])
    assert failures == [f"unit 3 has v = {v}, but every v must be positive"]


def test_mistakes_that_differ_from_the_target_by_w0():
    target = instance(levels=exact([2, 5, 1]), values=exact([5, 5]))
    w0, units = target.smallest_net
    assert w0 == -2
    assert "w0_lost" in judged(target, 0, units)[1]
    assert "first_level_as_w0" in judged(target, 2, units)[1]


def test_the_published_answers():
    truths = instance().truths()
    assert truths["which_representable"].value == {"half_open"}
    assert truths["min_units"].value == 2
    assert list(truths["values_at_thresholds"].value) == [3, 0]
    examine(instance(), truths)
    identity = instance(activation="identity")
    assert identity.truths()["which_representable"].value == {"affine"}
    # X04: the net that 2022 printed for the closed interval is right for the half-open one.
    assert judged(instance(values=exact([3, 0])), 0, [[3, -1, 1], [-3, -4, 1]])[0] == []


@pytest.mark.parametrize("point_values", POINT_VALUES)
@pytest.mark.parametrize("breaks", [1, 2, 3, 4])
def test_the_smallest_net_on_a_fine_grid(breaks, point_values):
    """The example net summed as floats, the target read off its definition by comparisons."""
    for number in range(15):
        exercise = drawn(number, breaks=breaks, point_values=point_values)
        w0, units = exercise.smallest_net
        assert len(units) == exercise.truths()["min_units"].value
        for x in (Fraction(n, 8) for n in range(-72, 73)):
            net = w0 + sum(w for w, b, v in units if x * v >= -b)
            below = sum(1 for t in exercise.breaks if t < x)
            on_break = x in list(exercise.breaks)
            assert net == (exercise.values if on_break else exercise.levels)[below]


def test_no_smaller_net_exists():
    """Tiny targets against all nets with fewer units: thresholds at breaks, small weights."""
    weights = [w for w in range(-3, 4) if w]
    for before, value, after in product(range(2), repeat=3):
        if before == value == after:
            continue
        exercise = instance(
            breaks=exact([2]), levels=exact([before, after]), values=exact([value]), candidates={}
        )
        kinds = [(w, -2 * v, v) for w in weights for v in (1, -1)]
        fewest = min(
            size
            for size in range(3)
            for units in combinations(kinds, size)
            for w0 in range(-3, 4)
            if realised(Fraction(w0), exact(units).reshape(-1, 3)) == exercise.target
        )
        assert exercise.truths()["min_units"].value == fewest


def test_values_at_thresholds_include_the_unit_that_switches_there():
    exercise = instance(
        given_w0=Fraction(1), given_units=exact([[2, 6, -3], [4, 2, 2], [-1, 0, 1]])
    )
    # thresholds 2 (on to the left), -1 and 0 (on to the right)
    assert list(exercise.truths()["values_at_thresholds"].value) == [7, 6, 6]
    wrong = {
        name: list(exercise.parts["values_at_thresholds"].mistakes[name].rule(exercise))
        for name in ("g0_zero", "neg_slope_ignored", "w0_left_out", "in_order_of_units")
    }
    assert wrong == {
        "g0_zero": [3, 7, 4],
        "neg_slope_ignored": [5, 4, 6],
        "w0_left_out": [6, 5, 5],
        "in_order_of_units": [6, 7, 6],
    }


def test_min_units_mistakes():
    exercise = instance(
        breaks=exact([-1, 2, 3]), levels=exact([0, 0, 2, 1]), values=exact([4, 2, 3])
    )
    truth = exercise.truths()["min_units"]
    mistakes = exercise.parts["min_units"].mistakes
    wrong = {name: mistake.rule(exercise) for name, mistake in mistakes.items()}
    assert truth.value == 5  # onto and off -1, onto 2, onto and off 3
    assert wrong == {
        "break_points_counted": 3,
        "pieces_counted": 6,
        "two_for_each_bump": 8,
        "point_values_ignored": 2,
    }


def test_the_table_of_representable_functions_against_fitted_units():
    """Every activation, restriction and domain, for fresh coefficients of every kind."""
    for number, (rising, interval) in enumerate(product((False, True), ((), (-7, 8), (-9, 7)))):
        rng = Rng(seed(b"table", number))
        for activation in ACTIVATIONS:
            candidates = {kind: drawn_candidate(rng, kind) for kind in CANDIDATES}
            found = spanned(activation, candidates, rising=rising, interval=interval)
            assert found == represented(activation, rising=rising, bounded=bool(interval)), (
                activation
            )


@pytest.mark.parametrize(
    ("activation", "right"),
    [
        ("step", {"constant", "half_open", "closed", "spike", "mean_jump"}),
        ("sign", {"constant", "mean_jump"}),
        ("abs", {"constant", "absolute", "tent", "ramp"}),
        ("hard_tanh", {"constant", "tent", "ramp"}),
        ("square", {"constant", "affine", "quadratic"}),
    ],
)
def test_the_table_says(activation, right):
    assert represented(activation) == right


def test_the_domain_and_the_restriction_decide():
    floor = instance(candidates={"floor": exact([1, 0]), "closed": exact([3, 1, 4])})
    chosen = {
        (bounded, rising): replace(
            floor, interval=(-8, 8) if bounded else (), positive_slopes_only=rising
        )
        .truths()["which_representable"]
        .value
        for bounded in (False, True)
        for rising in (False, True)
    }
    assert chosen == {
        (False, False): {"closed"},
        (False, True): set(),
        (True, False): {"floor", "closed"},
        (True, True): {"floor"},
    }


def test_every_drawn_question_has_right_and_wrong_candidates():
    for number in range(60):
        exercise = drawn(
            number, activation="any", domain=("R", "interval")[number % 2], candidates=4
        )
        right = exercise.truths()["which_representable"].value
        assert 0 < len(right) < len(exercise.candidates) == 4


def test_largest_value_count():
    exercise = drawn(1, count_values=True)
    truths = exercise.truths()
    assert truths["largest_value_count"].value == exercise.unit_count + 1
    assert "largest_value_count" not in drawn(1).truths()


VALUES: dict[str, list[Any]] = {
    "activation": [*ACTIVATIONS, "any"],
    "positive_slopes_only": [False, True],
    "breaks": [1, 2, 3, 4],
    "point_values": list(POINT_VALUES),
    "domain": ["R", "interval"],
    "candidates": [4, 5, 6],
    "count_values": [False, True],
}


def test_the_options_are_all_tried():
    assert VALUES.keys() == StepRepresentability.options().keys()


@pytest.mark.parametrize(
    ("option", "value"), [(option, value) for option, values in VALUES.items() for value in values]
)
def test_each_option_certifies(option, value):
    """With all the others at random."""
    draws, prints = 0, set()
    for number in range(50):
        rng = Rng(seed(b"options", option, str(value), number))
        options = {name: rng.choice(values) for name, values in VALUES.items()} | {option: value}
        certified = certify(StepRepresentability, rng, options)
        draws += 1 + certified.rejections.total()
        assert certified.rejections.total() < 20, certified.rejections
        fields = [getattr(certified.exercise, n) for n in StepRepresentability.drawn_fields()]
        prints.add(str(fields))
    assert len(prints) == 50
    assert draws < 100


def test_200_instances_with_default_options_differ():
    targets = set()
    for number in range(200):
        exercise = certify(StepRepresentability, Rng(seed(b"default", number)), {}).exercise
        assert isinstance(exercise, StepRepresentability)
        targets.add(exercise.target)
    assert len(targets) == 200


@pytest.mark.parametrize(
    "options",
    [
        {"activation": "swish"},
        {"breaks": 0},
        {"breaks": 5},
        {"point_values": "left"},
        {"domain": "Z"},
        {"candidates": 3},
        {"candidates": 7},
    ],
)
def test_options_out_of_range(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        drawn(0, **options)


def test_uncertified_where_a_mistake_is_right():
    # The values lie halfway, so that g(0) = 0 or 1 makes no difference.
    even = instance(breaks=exact([1]), levels=exact([0, 4]), values=exact([2]))
    with pytest.raises(Rejected, match="built_with_g0_zero"):
        examine(even, even.truths())


def test_step_functions_are_kept_free_of_breaks_that_are_none():
    assert realised(Fraction(0), exact([[2, -1, 1], [-2, -2, 2]])).breaks == ()
    with pytest.raises(ValueError, match="nothing jumps"):
        StepFunction((Fraction(1),), (Fraction(0), Fraction(0)), (Fraction(0),))
    spike = realised(Fraction(-1), exact([[1, 0, 1], [1, 0, -1]]))
    assert [*spike.breaks, *spike.levels, *spike.values] == [0, 0, 0, 1]
    assert list(differences(spike, spike)) == []
    assert realised(*net_of(spike)) == spike


def test_the_figure_marks_each_value_and_each_missing_end():
    marks = [item for item in plotted(instance().target).items if isinstance(item, Mark)]
    assert [mark.shape for mark in marks] == ["ring", "dot", "ring", "dot"]
    dots = [mark.at for mark in marks if mark.shape == "dot"]
    assert dots[0][1] == dots[1][1] > max(mark.at[1] for mark in marks if mark.shape == "ring")
    for number in range(20):
        items = plotted(drawn(number, breaks=4).target).items
        points = [p for item in items for p in getattr(item, "points", ())]
        assert max(p[0] for p in points) - min(p[0] for p in points) <= 10.3
        assert max(p[1] for p in points) - min(p[1] for p in points) <= 4
    assert "3 at x = 4, 0 for x > 4" in plotted(instance().target).alt
