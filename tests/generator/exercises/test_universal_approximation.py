"""Universal approximation: a parabola worked out by hand, drawn functions against sampling."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from generator.certifying import certify, examine
from generator.exercises.curves import KINDS, Curve, beyond, error, gaps
from generator.exercises.representation.universal_approximation import (
    STATEMENTS,
    UniversalApproximation,
)
from generator.exercises.stepnets import StepFunction, realised
from generator.model.errors import Disagreement
from generator.model.exercise import Rejected
from generator.model.key import AskedExercise, AskedPart
from generator.model.values import exact
from generator.sampling import Rng, seed
from grader.marking import Verdict, mark

# F(x) = x² on [0, 2] with epsilon 1: L = 4, four pieces, levels 1/16, 9/16, 25/16, 49/16.
PARABOLA = UniversalApproximation(
    knots=exact([0, 2]),
    coefficients=exact([[1, 0, 0]]),
    rule="midpoint",
    epsilon=Fraction(1),
    given_levels=exact([0, 3]),
    given_breaks=exact([1]),
    statements=STATEMENTS,
    ask_fewest=True,
)
# F(x) = 2 |x - 1| on [0, 3].
KINK = replace(
    PARABOLA,
    knots=exact([0, 1, 3]),
    coefficients=exact([[0, -2, 2], [0, 2, -2]]),
    ask_fewest=False,
    given_levels=exact([1, 2, 3]),
    given_breaks=exact([2, "5/2"]),
)
OPTIONS: list[dict[str, Any]] = [
    *({"function": kind} for kind in KINDS),
    *({"function": kind, "rule": "left"} for kind in KINDS if kind != "quadratic"),
    {"fewest": True, "pieces": 8},
    {"fewest": True, "rule": "left", "pieces": 12},
]


def drawn(options: Mapping[str, Any], number: int) -> UniversalApproximation:
    found = certify(UniversalApproximation, Rng(seed(b"uat", number)), options).exercise
    assert isinstance(found, UniversalApproximation)
    return found


def verdict(exercise: UniversalApproximation, given: Mapping[str, Any], part: str) -> Verdict:
    truths = exercise.truths().items()
    parts = tuple(AskedPart(name, Fraction(1), truth) for name, truth in truths)
    asked = AskedExercise("q1", "pinned", {}, {}, parts)
    return next(each for each in mark(asked, exercise, given) if each.part == part)


def value(exercise: UniversalApproximation, part: str) -> Any:
    return exercise.truths()[part].value


def slip(exercise: UniversalApproximation, part: str, name: str) -> Any:
    truths = exercise.truths()
    values = {each: truth.value for each, truth in truths.items()}
    wrong = exercise.parts[part].mistaken(name, exercise, truths[part], values)
    if wrong is None:
        return None
    return wrong.value.tolist() if isinstance(wrong.value, np.ndarray) else wrong.value


def test_the_parabola_by_hand() -> None:
    PARABOLA.verify()
    assert value(PARABOLA, "lipschitz") == 4
    assert value(PARABOLA, "units") == 3
    assert value(PARABOLA, "fewest") == 1  # levels 1 and 3 serve [0, 2] and [2, 4]
    # On [0, 1) up to 1 from the level 0; on [1, 2] 3 - 1 at the left end.
    assert value(PARABOLA, "given_errors").tolist() == [1, 2, 2]
    assert value(PARABOLA, "theorem") == {"theorem"}
    net = value(PARABOLA, "net")
    assert net["w0"] == Fraction(1, 16)
    assert net["units"].tolist() == [
        [Fraction(1, 2), Fraction(-1, 2), 1],
        [1, -1, 1],
        [Fraction(3, 2), Fraction(-3, 2), 1],
    ]
    assert PARABOLA.example_error == Fraction(15, 16)  # 4 - 49/16


@pytest.mark.parametrize(
    ("exercise", "part", "name", "wrong"),
    [
        (PARABOLA, "lipschitz", "mean_slope", 2),
        (PARABOLA, "lipschitz", "slope_at_the_left_end", 0),
        (PARABOLA, "lipschitz", "largest_rise", None),
        (PARABOLA, "lipschitz", "range_for_slope", None),
        (PARABOLA, "units", "pieces_for_units", 4),
        (PARABOLA, "units", "half_forgotten", 7),
        (PARABOLA, "units", "halved_at_left_ends", None),
        (PARABOLA, "units", "two_for_each_piece", 8),
        (PARABOLA, "fewest", "fewest_pieces", 2),
        (replace(PARABOLA, rule="left"), "units", "halved_at_left_ends", 3),
        (replace(PARABOLA, epsilon=Fraction(3, 2)), "units", "rounded_down", None),
        (replace(KINK, epsilon=Fraction(4, 5)), "units", "rounded_down", 2),
        (replace(KINK, epsilon=Fraction(4, 5)), "units", "length_forgotten", 1),
        (PARABOLA, "given_errors", "left_ends_only", [0, 2, 2]),
        (PARABOLA, "given_errors", "net_above_only", [0, 2, 2]),
        (PARABOLA, "given_errors", "net_below_only", [1, 1, 1]),
        (PARABOLA, "given_errors", "midpoints_only", [0.25, 0.75, 0.75]),
        (PARABOLA, "given_errors", "turning_points_missed", None),
        (KINK, "given_errors", "turning_points_missed", None),
        (KINK, "given_errors", "weight_for_level", [1, 2, 3, 3]),
    ],
)  # fmt: skip
def test_slips_by_hand(exercise: Any, part: str, name: str, wrong: Any) -> None:
    assert slip(exercise, part, name) == wrong


def test_a_kink_inside_a_piece_counts() -> None:
    assert value(KINK, "given_errors").tolist() == [1, 1, 1, 1]
    low = replace(KINK, given_levels=exact([2, 3]), given_breaks=exact([2]))
    assert value(low, "given_errors").tolist() == [2, 1, 2]
    assert slip(low, "given_errors", "turning_points_missed") == [0, 1, 1]


RIGHT: list[tuple[str, Any]] = [
    ("net", {"w0": "1/16", "units": "[1/2 -1/2 1; 1 -1 1; 3/2 -3/2 1]"}),
    # two units do: 1/2 up to 1, 2 up to 1.7, then 3.2; also with units that fall, and idle ones
    ("net", {"w0": "1/2", "units": "[[1.5, -1, 1], [1.2, -1.7, 1]]"}),
    (
        "net",
        {"w0": "3.2", "units": r"\begin{bmatrix} -6/5 & 17 & -10 \\ -3/2 & 1 & -1 \end{bmatrix}"},
    ),
    ("net", {"w0": "0.5", "units": "[3/2 -1 1; 6/5 -17/10 1; 7 1 1; -7 2 2; 0 -1 1; 3 -9 2]"}),
    ("theorem", "A"),
    ("lipschitz", "4"),
    ("units", "3"),
    ("fewest", "1"),
    ("given_errors", r"\left(1, 2, 2\right)"),
]


@pytest.mark.parametrize(("part", "given"), RIGHT)
def test_what_is_right_earns_full_marks(part: str, given: Any) -> None:
    found = verdict(PARABOLA, {part: given}, part)
    assert found.outcome == "CORRECT", found.why


WRONG: list[tuple[str, Any, str | None]] = [
    ("net", {"w0": "0", "units": "[1/4 -1/2 1; 3/4 -1 1; 5/4 -3/2 1]"}, "left_values"),
    ("net", {"w0": "1/4", "units": "[2 -1 1]"}, "pieces_twice_too_long"),
    ("net", {"w0": "1/4", "units": "[4 -2 2; -2 -2 2]"}, "pieces_twice_too_long"),
    (
        "net",
        {"w0": "1/16", "units": "[9/16 -1/2 1; 25/16 -1 1; 49/16 -3/2 1]"},
        "level_for_jump",
    ),
    ("net", {"w0": "1/16", "units": "[1/2 1/2 1; 1 1 1; 3/2 3/2 1]"}, "threshold_sign"),
    ("net", {"w0": "1", "units": "[2, -1.75, 1]"}, None),  # up to 49/16 from the level 1
    ("theorem", "B", "net_depends_on_x"),
    ("theorem", "C", "exact_for_approximate"),
    ("theorem", "D", "weights_for_granted"),
    ("lipschitz", "2", "mean_slope"),
    ("units", "4", "pieces_for_units"),
    ("units", "7", "half_forgotten"),
    ("fewest", "2", "fewest_pieces"),
]


@pytest.mark.parametrize(("part", "given", "mistake"), WRONG)
def test_what_is_wrong_is_rejected_and_named(part: str, given: Any, mistake: str | None) -> None:
    found = verdict(PARABOLA, {part: given}, part)
    assert (found.outcome, found.mistake) == ("INCORRECT", mistake), found.why


def test_units_follow_from_the_students_own_constant() -> None:
    answers = {"lipschitz": "2", "units": "1"}
    assert verdict(PARABOLA, answers, "units").outcome == "FOLLOWED"


def test_counterexamples_are_true_and_inside() -> None:
    """Also where the supremum is only approached: just left of a threshold, and after one."""
    cases = [
        ([[2, "-7/4", 1]], 1, "f(105/64)"),
        ([], 1, "f(2) = 1 and F(2) = 4: the error 3 is too large"),
        ([[1, "-1/2", 1], [-5, "1/2", -1], [5, "-1/2", 1]], 0, ""),
    ]
    for rows, w0, first in cases:
        f = realised(Fraction(w0), exact(rows).reshape(-1, 3))
        sentences = list(PARABOLA.too_far(Fraction(w0), exact(rows).reshape(-1, 3)))
        assert sentences
        assert sentences[0].startswith(first[:2])
        for x, level in beyond(PARABOLA.curve, f, Fraction(1)):
            assert 0 <= x <= 2
            assert f.at(x) == level
            assert abs(level - x * x) > 1


def test_an_error_that_is_only_approached_counts() -> None:
    """x on [0, 1] by the level 0 and a jump to 1 at the end: the supremum 1 is not taken."""
    line = Curve((Fraction(0), Fraction(1)), ((Fraction(0), Fraction(1), Fraction(0)),))
    f = StepFunction((Fraction(1),), (Fraction(0), Fraction(1)), (Fraction(1),))
    assert error(line, f) == 1
    assert list(beyond(line, f, Fraction(1))) == []
    (x, level), *_ = beyond(line, f, Fraction(99, 100))
    assert 1 > x > Fraction(99, 100)
    assert level == 0
    # A value at a single point counts as well.
    spike = StepFunction((Fraction(1, 2),), (Fraction(0), Fraction(0)), (Fraction(7),))
    assert error(line, spike) == Fraction(13, 2)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_drawn_instances_by_sampling(options: dict[str, Any]) -> None:
    for number in range(20):
        exercise = drawn(options, number)
        truths = exercise.truths()
        knots = exercise.knots.astype(float)
        x = np.unique(np.concatenate([np.linspace(knots[0], knots[-1], 2001), knots]))

        def F(places: Any, exercise: Any = exercise) -> Any:
            """Piece by piece, with the piece looked up at every place."""
            found = np.full(places.shape, np.nan)
            rows = exercise.coefficients.astype(float)
            ends = exercise.knots.astype(float)
            for (a, b, c), s, t in zip(rows, ends[:-1], ends[1:], strict=True):
                here = (places >= s - 1e-12) & (places <= t + 1e-12)
                found[here] = np.polyval([a, b, c], places[here])
            return found

        slopes = abs(np.diff(F(x)) / np.diff(x))
        L = float(truths["lipschitz"].value)
        assert slopes.max() <= L + 1e-9
        assert slopes.max() == pytest.approx(L, abs=1e-2)

        bound = float(exercise.epsilon)
        reach = L * (knots[-1] - knots[0]) / (2 if exercise.rule == "midpoint" else 1)
        pieces = int(truths["units"].value) + 1
        assert reach / pieces <= bound + 1e-12
        assert reach / (pieces - 1) > bound
        if "fewest" in truths:
            spread = F(x).max() - F(x).min()
            assert truths["fewest"].value == math.ceil(spread / (2 * bound) - 1e-9) - 1

        net = truths["net"].value
        f = net["w0"].astype(float) + sum(
            float(w) * (float(b) + float(v) * x >= 0) for w, b, v in net["units"]
        )
        assert abs(f - F(x)).max() <= bound + 1e-9
        assert error(exercise.curve, realised(net["w0"][()], net["units"])) <= exercise.epsilon

        ends = [knots[0], *exercise.given_breaks.astype(float), knots[-1]]
        found = []
        for s, t, level in zip(
            ends[:-1], ends[1:], exercise.given_levels.astype(float), strict=True
        ):
            found.append(abs(F(np.clip(x, s, t)) - level).max())
        assert truths["given_errors"].value.astype(float) == pytest.approx(
            [*found, max(found)], abs=1e-5
        )


def test_gaps_cover_the_interval() -> None:
    for number in range(20):
        exercise = drawn({}, number)
        found = list(gaps(exercise.curve, exercise.given))
        assert found[0].start == exercise.curve.low
        assert found[-1].end == exercise.curve.high
        assert all(a.end == b.start for a, b in pairwise(found))


def test_verify_contradicts_what_is_wrong() -> None:
    fields = {name: getattr(PARABOLA, name) for name in PARABOLA.drawn_fields()}

    class WrongCount(UniversalApproximation):
        def _pieces_for(self, slope: Any, *, rule: str = "", length: Any = None) -> int:
            return super()._pieces_for(slope, rule=rule, length=length) + 1

    class WrongNet(UniversalApproximation):
        @property
        def example(self) -> Any:
            return StepFunction((Fraction(1),), (Fraction(0), Fraction(2)), (Fraction(2),))

    class WrongCurve(UniversalApproximation):
        @property
        def curve(self) -> Any:
            return KINK.curve

    for kind, what in ((WrongCount, "units"), (WrongNet, "net"), (WrongCurve, "lipschitz")):
        with pytest.raises(Disagreement, match=what):
            kind(**fields).verify()


def test_certification_notices_slips_that_cannot_be_told_apart() -> None:
    assert not PARABOLA.unmistakable  # its number of pieces is its Lipschitz constant
    with pytest.raises(Rejected, match="pieces_for_units is too near lipschitz"):
        examine(PARABOLA, PARABOLA.truths())
    assert drawn({}, 1).unmistakable


@pytest.mark.parametrize(
    "wrong",
    [
        {"function": "cubic"},
        {"pieces": 2},
        {"rule": "right"},
        {"function": "absolute", "fewest": True},
        {"function": "quadratic", "rule": "left"},
    ],
)
def test_options_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        UniversalApproximation.sample(Rng(seed(b"x")), **wrong)
