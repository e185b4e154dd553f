"""How many step units bring a net within a given error of a function, and a net that does."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice, pairwise
from math import ceil, floor
from typing import Any, Self

import numpy as np

from generator.drawing.plots import Band, Function, Polyline, Steps, plot
from generator.exercises.curves import (
    KINDS,
    Curve,
    Gap,
    beyond,
    drawn_curve,
    error,
    gaps,
    left_end,
    middle,
    sampled,
)
from generator.exercises.stepnets import StepFunction, net_of, realised, unit_rows
from generator.model.answers import Array, Choice, Number, Witness
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, Rejected, agree, part, witness
from generator.model.figure import Figure
from generator.model.values import Matrix, Vector, exact
from generator.sampling import Rng

RULES = {"midpoint": middle, "left": left_end}
STATEMENTS = ("theorem", "net_for_each_point", "one_net_for_all", "every_large_net")
SHOWN = 3  # counterexamples are named to a student
_GRID = 4001
_TRIES = 40
# Bounds to choose from: multiples of 1/4 and of 1/10, each once
_SIMPLE_BOUNDS = tuple(
    dict.fromkeys([Fraction(k, 4) for k in range(1, 17)] + [Fraction(k, 10) for k in range(2, 16)])
)


@dataclass(frozen=True, eq=False)
class UniversalApproximation(Exercise):
    """F is continuous on an interval, piecewise linear or a parabola. A step net is constant on
    pieces, so that its exact largest error is found from the extreme values of F on each piece."""

    title = "Approximating a function with step units"
    source = "recitation of 2022/04/20, universal approximation theorem"
    level_settings = (
        {"function": "affine", "pieces": 4},
        {"fewest": True, "pieces": 8},
    )
    variants = (
        {"function": "quadratic"},
        {"function": "polyline", "rule": "left"},
        {"function": "absolute"},
        {"fewest": True},
    )

    knots: Vector  # (k + 1,) of F, the first and the last are the ends of the interval
    coefficients: Matrix  # (k, 3) rows a, b, c: F is a x² + b x + c between knots k and k + 1
    rule: str  # of RULES: where F is read off in each piece
    epsilon: Fraction
    given_levels: Vector  # (m + 1,) of the net whose error is asked
    given_breaks: Vector  # (m,), where it takes the level to the right
    statements: tuple[str, ...]  # of STATEMENTS, in the order shown
    ask_fewest: bool  # whether `fewest` is asked

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        function: str = "any",
        pieces: int = 6,
        rule: str = "midpoint",
        fewest: bool = False,
    ) -> Self:
        """`function` is affine, absolute, polyline, quadratic or any; the construction takes 3 to
        `pieces` pieces (up to 12) and reads F off at the `rule`, midpoint or left (for parabolas
        that takes too many). `fewest` asks for the least number of units as well, and F is
        monotone then, so not absolute."""
        if function not in (*KINDS, "any"):
            raise ValueError(f"function is one of {', '.join(KINDS)}, any")
        if not 3 <= pieces <= 12:
            raise ValueError("pieces is a whole number from 3 to 12")
        if rule not in RULES:
            raise ValueError(f"rule is one of {', '.join(RULES)}")
        unfit = {*(["absolute"] if fewest else []), *(["quadratic"] if rule == "left" else [])}
        if function in unfit:
            raise ValueError(f"function is not {function} with these options")
        kinds = [kind for kind in KINDS if kind not in unfit]
        for _ in range(_TRIES):
            kind = rng.choice(kinds) if function == "any" else function
            curve = drawn_curve(rng, kind, fewest)
            for epsilon in rng.shuffled(_bounds(curve, rule, pieces, fewest)):
                levels, breaks = _drawn_steps(rng, curve)
                exercise = cls(
                    knots=exact(curve.knots),
                    coefficients=exact(curve.pieces),
                    rule=rule,
                    epsilon=epsilon,
                    given_levels=exact(levels),
                    given_breaks=exact(breaks),
                    statements=tuple(rng.shuffled(STATEMENTS)),
                    ask_fewest=fewest,
                )
                if exercise.unmistakable:
                    return exercise
        raise Rejected("a slip in one of the numbers leads to another of them")

    @cached_property
    def unmistakable(self) -> bool:
        """Whether no slip in one of the numbers asked leads to one of them."""
        known = {"lipschitz": self.curve.steepest}
        for name in ("lipschitz", "units", "fewest"):
            truth = self.parts[name].truth(self, known)
            if truth is not None:
                known[name] = truth.value
        slips = [
            mistake.rule(self, **{need: known[need] for need in mistake.needs})
            for name in known
            for mistake in self.parts[name].mistakes.values()
        ]
        return not set(slips) & set(known.values())

    @cached_property
    def curve(self) -> Curve:
        """F."""
        return Curve.of(self.knots, self.coefficients)

    # --- how steep

    @part(points=1)
    def lipschitz(self) -> Number:
        return Number(self.curve.steepest)

    @lipschitz.mistake(
        "That is the mean slope between the ends. $L$ must hold for every two points, also near "
        "the place where $F$ is steepest."
    )
    def mean_slope(self) -> Fraction | None:
        rise = self.curve.at(self.curve.high) - self.curve.at(self.curve.low)
        return self._unless_steepest(Fraction(abs(rise), self.curve.length))

    @lipschitz.mistake(
        "Where is $F$ steepest on the whole interval? Look at both ends, and between."
    )
    def slope_at_the_left_end(self) -> Fraction | None:
        return self._unless_steepest(abs(self.curve.slopes[0][0]))

    @lipschitz.mistake("$L$ bounds the slope's size: a steep descent counts as much as an ascent.")
    def largest_rise(self) -> Fraction | None:
        return self._unless_steepest(max(slope for both in self.curve.slopes for slope in both))

    @lipschitz.mistake("That is how far the values of $F$ range; $L$ is how fast they change.")
    def range_for_slope(self) -> Fraction | None:
        return self._unless_steepest(self.range)

    def _unless_steepest(self, value: Fraction) -> Fraction | None:
        return value if value != self.curve.steepest else None

    # --- how many units suffice

    @part(points=2)
    def units(self, lipschitz: Any) -> Number:
        return Number(self._pieces_for(lipschitz) - 1, integer=True)

    def _pieces_for(self, slope: Any, *, rule: str = "", length: Any = None) -> int:
        """Pieces so short that the bound slope·(length of a piece), or half of it where F is read
        off at midpoints, is at most epsilon."""
        reach = slope * (self.curve.length if length is None else length)
        halves = 2 if (rule or self.rule) == "midpoint" else 1
        count: int = ceil(reach / (halves * self.epsilon))
        return max(1, count)

    @units.mistake(
        "That is the number of pieces. The constant $w0$ makes the first one; each further piece "
        "takes a unit."
    )
    def pieces_for_units(self, lipschitz: Any) -> int:
        return self._pieces_for(lipschitz)

    @units.mistake(
        "From the midpoint of a piece no point of it is farther than half its length, so the error "
        "is at most $L$ times that half."
    )
    def half_forgotten(self, lipschitz: Any) -> int | None:
        found = self._pieces_for(lipschitz, rule="left") - 1
        return None if self.rule == "left" or found == self._fewest_units else found

    @units.mistake(
        "$F$ is read off at the left end of a piece here: the other end is a whole length away, "
        "not half of it."
    )
    def halved_at_left_ends(self, lipschitz: Any) -> int | None:
        found = self._pieces_for(lipschitz, rule="midpoint") - 1
        return None if self.rule == "midpoint" or found == self._fewest_units else found

    @units.mistake("The pieces share the whole interval, and that is not of length 1.")
    def length_forgotten(self, lipschitz: Any) -> int | None:
        found = self._pieces_for(lipschitz, length=1) - 1
        return None if found in (self._pieces_for(lipschitz) - 1, self._fewest_units) else found

    @units.mistake("Rounded down, the pieces are too long for the bound: round up.")
    def rounded_down(self, lipschitz: Any) -> int | None:
        halves = 2 if self.rule == "midpoint" else 1
        found = floor(lipschitz * self.curve.length / (halves * self.epsilon)) - 1
        return None if found in (self._pieces_for(lipschitz) - 1, self._fewest_units) else found

    @units.mistake(
        "Two units for each piece build it as a bump of its own; neighbouring pieces can share one."
    )
    def two_for_each_piece(self, lipschitz: Any) -> int:
        return 2 * self._pieces_for(lipschitz)

    @part(points=1)
    def fewest(self) -> Number | None:
        return None if self._fewest_units is None else Number(self._fewest_units, integer=True)

    @property
    def _fewest_units(self) -> int | None:
        """Of any step net; None where it is not asked."""
        return ceil(self.range / (2 * self.epsilon)) - 1 if self.ask_fewest else None

    @cached_property
    def range(self) -> Fraction:
        """From the least to the largest value of F."""
        least, largest = self.curve.extremes(self.curve.low, self.curve.high)
        return largest - least

    @fewest.mistake("That is the number of pieces; the first one is made by $w0$, without a unit.")
    def fewest_pieces(self) -> int | None:
        return self._unless_units(ceil(self.range / (2 * self.epsilon)))

    @fewest.mistake(
        "A level serves values up to $epsilon$ above it and up to $epsilon$ below it: $2 epsilon$ "
        "in all."
    )
    def epsilon_for_two(self) -> int | None:
        return self._unless_units(ceil(self.range / self.epsilon) - 1)

    def _unless_units(self, count: int) -> int | None:
        """A wrong number, unless the construction takes as many units."""
        return None if count == self.piece_count - 1 else count

    # --- a net that does

    @witness(points=4)
    def net(self) -> Witness:
        w0, units = net_of(self.example)
        return Witness({"w0": exact(w0), "units": units}, shapes={"w0": (), "units": (None, 3)})

    @cached_property
    def example(self) -> StepFunction:
        """The construction with as many pieces as the Lipschitz constant asks for."""
        return sampled(self.curve, self.piece_count, RULES[self.rule])

    @cached_property
    def piece_count(self) -> int:
        """Pieces of the construction."""
        return self._pieces_for(self.curve.steepest)

    @net.check
    def too_far(self, w0: Fraction, units: Matrix) -> Iterator[str]:
        found = beyond(self.curve, realised(w0, units), self.epsilon)
        for x, value in islice(found, SHOWN):
            F = self.curve.at(x)
            yield f"f({x}) = {value} and F({x}) = {F}: the error {abs(value - F)} is too large"

    @net.outcome
    def function_built(self, w0: Fraction, units: Matrix) -> Any:
        """What the net is on the interval: its levels there, and its values at breaks."""
        f = realised(w0, units)
        return tuple((gap.start, gap.end, gap.level) for gap in gaps(self.curve, f))

    @net.mistake(
        "Your levels are those of $F$ at the left ends of the pieces: the right ends are twice as "
        "far from there as from the midpoints."
    )
    def left_values(self) -> dict[str, Any] | None:
        return self._failing(net_of(sampled(self.curve, self.piece_count, left_end)))

    @net.mistake(
        "The error may be $epsilon$ above and $epsilon$ below a level, not $epsilon$ in all, nor "
        "$2 epsilon$ to either side: your pieces are too long."
    )
    def pieces_twice_too_long(self) -> dict[str, Any] | None:
        half = max(1, self.piece_count // 2)
        return self._failing(net_of(sampled(self.curve, half, RULES[self.rule])))

    @net.mistake(
        "Units that are on stay on and add up: a weight is the jump from one level to the next, "
        "not the new level."
    )
    def level_for_jump(self) -> dict[str, Any] | None:
        f = self.example
        rows = [(level, -t, 1) for t, level in zip(f.breaks, f.levels[1:], strict=True)]
        return self._failing((f.levels[0], unit_rows(rows)))

    @net.mistake("A unit switches where $b + v x = 0$, at $x = -b/v$: watch the sign of $b$.")
    def threshold_sign(self) -> dict[str, Any] | None:
        w0, units = net_of(self.example)
        return self._failing((w0, unit_rows([(w, -b, v) for w, b, v in units])))

    @net.mistake("The constant $w0$ is missing: before the first threshold all units are off.")
    def w0_lost(self) -> dict[str, Any] | None:
        return self._failing((Fraction(0), net_of(self.example)[1]))

    def _failing(self, net: tuple[Fraction, Matrix]) -> dict[str, Any] | None:
        """A net as a witness, if it has units at all and is too far from F."""
        w0, units = net
        far = beyond(self.curve, realised(w0, units), self.epsilon)
        return {"w0": exact(w0), "units": units} if len(units) and any(far) else None

    # --- the error of a given net

    @cached_property
    def given(self) -> StepFunction:
        """The net whose error is asked."""
        levels = tuple(self.given_levels)
        return StepFunction(tuple(self.given_breaks), levels, levels[1:])

    @part(points=2)
    def given_errors(self) -> Array:
        """On each piece, and last on the whole interval."""
        return self._with_largest([gap.size for gap, _, _ in self.stretches])

    def _with_largest(self, sizes: list[Fraction]) -> Array:
        return Array(exact([*sizes, max(sizes)]), partial=True)

    @given_errors.mistake(
        "Just before a threshold the net is still on the old level: the error comes as near as you "
        "like to the distance there, although it is not taken."
    )
    def left_ends_only(self) -> Vector | None:
        return self._slip(lambda gap: abs(gap.level - self.curve.at(gap.start)))

    @given_errors.mistake("Look at all $x$ of each piece, not only at its middle.")
    def midpoints_only(self) -> Vector | None:
        return self._slip(lambda gap: abs(gap.level - self.curve.at(middle(gap.start, gap.end))))

    @given_errors.mistake("The error is a distance: take $|f - F|$, where the net is too low, too.")
    def net_above_only(self) -> Vector | None:
        return self._slip(lambda gap: gap.level - self.curve.extremes(gap.start, gap.end)[0])

    @given_errors.mistake(
        "The error is a distance: take $|f - F|$, where the net is too high, too."
    )
    def net_below_only(self) -> Vector | None:
        return self._slip(lambda gap: self.curve.extremes(gap.start, gap.end)[1] - gap.level)

    @given_errors.mistake(
        "Within a piece $F$ may be farthest from the level at a turning point or a kink, not only "
        "at the ends."
    )
    def turning_points_missed(self) -> Vector | None:
        return self._slip(
            lambda gap: max(abs(gap.level - self.curve.at(x)) for x in (gap.start, gap.end))
        )

    @given_errors.mistake(
        "The weights are jumps: on a piece $f$ is $w0$ plus the weights of all units that are on."
    )
    def weight_for_level(self) -> Vector | None:
        weights = [self.given.levels[0], *(w for w, _, _ in self.given_units)]
        levels = dict(zip((gap.start for gap, _, _ in self.stretches), weights, strict=True))

        return self._slip(
            lambda gap: max(
                abs(levels[gap.start] - F) for F in self.curve.extremes(gap.start, gap.end)
            )
        )

    def _slip(self, size: Callable[[Gap], Fraction]) -> Vector | None:
        """What the table becomes if the error on a piece is `size`; None if that is right."""
        wrong = [size(gap) for gap, _, _ in self.stretches]
        if wrong == [gap.size for gap, _, _ in self.stretches]:
            return None
        return self._with_largest(wrong).value

    # --- what the theorem says

    @part(points=1)
    def theorem(self) -> Choice:
        return Choice(frozenset({"theorem"}), options=self.statements)

    @theorem.mistake(
        "Here the net may be another one for each $x$: then a constant net would do. One net must "
        "serve all $x$ of the interval at once."
    )
    def net_depends_on_x(self) -> frozenset[str]:
        return frozenset({"net_for_each_point"})

    @theorem.mistake(
        "Here one net must do for every $epsilon$, so that it would equal $F$ exactly. Which comes "
        "first, $epsilon$ or the net?"
    )
    def exact_for_approximate(self) -> frozenset[str]:
        return frozenset({"one_net_for_all"})

    @theorem.mistake("Many units with bad weights are no use: the weights must be chosen too.")
    def weights_for_granted(self) -> frozenset[str]:
        return frozenset({"every_large_net"})

    # --- what the worked solution looks at

    @property
    def steepest_at(self) -> Fraction:
        """A place where F is as steep as anywhere (at a knot, the slope of one side)."""
        for ends, slopes in zip(pairwise(self.curve.knots), self.curve.slopes, strict=True):
            for x, slope in zip(ends, slopes, strict=True):
                if abs(slope) == self.curve.steepest:
                    return x
        raise AssertionError("a steepest slope is one of them")

    @property
    def absolute(self) -> tuple[Fraction, Fraction, Fraction] | None:
        """(c, p, q) where F is c |x - p| + q."""
        slopes = [both[1] for both in self.curve.slopes]
        if len(slopes) != 2 or slopes[0] != -slopes[1]:
            return None
        kink = self.curve.knots[1]
        return slopes[1], kink, self.curve.at(kink)

    @cached_property
    def example_rows(self) -> list[tuple[Fraction, Fraction, Fraction, Fraction]]:
        """Start, end, place to read F off and level of the construction's pieces."""
        count, place = self.piece_count, RULES[self.rule]
        ends = [self.curve.low + self.curve.length * Fraction(k, count) for k in range(count + 1)]
        return [(s, t, place(s, t), self.curve.at(place(s, t))) for s, t in pairwise(ends)]

    @cached_property
    def stretches(self) -> list[tuple[Gap, Fraction, Fraction]]:
        """The pieces of the given net, with the least and the largest value of F on each."""
        return [
            (gap, *self.curve.extremes(gap.start, gap.end))
            for gap in gaps(self.curve, self.given)
            if gap.start < gap.end
        ]

    @property
    def given_units(self) -> Matrix:
        return net_of(self.given)[1]

    @property
    def example_units(self) -> Matrix:
        return net_of(self.example)[1]

    @cached_property
    def example_error(self) -> Fraction:
        return error(self.curve, self.example)

    def verify(self) -> None:
        """Everything on a fine grid in floating point: difference quotients, errors on both sides
        of each threshold, and the construction carried out for the steepest function allowed."""
        truths = self.truths()
        x = np.linspace(float(self.curve.low), float(self.curve.high), _GRID)
        F = self._values(x)
        steepest = abs(np.diff(F) / np.diff(x)).max()
        agree("lipschitz", truths["lipschitz"], steepest, within=5e-3)

        bound, count = float(self.epsilon), int(truths["units"].value) + 1
        for parts, enough in ((count, True), (count - 1, False)):
            worst = self._error_of_construction(parts) if parts else np.inf
            if (worst <= bound + 1e-9) != enough:
                raise Disagreement(f"units: {parts} pieces have the error {worst} at worst")
        if "fewest" in truths:
            pieces = int(truths["fewest"].value) + 1
            least = F.min()
            levels = least + bound * (2 * np.minimum((F - least) // (2 * bound), pieces - 1) + 1)
            covered = abs(F - levels).max() <= bound + 1e-9
            if not covered or 2 * bound * (pieces - 1) >= F.max() - least:
                raise Disagreement(f"fewest: {pieces} pieces are too few, or fewer do")

        w0, units = truths["net"].value["w0"][()], truths["net"].value["units"]
        found = self._error_on_grid(x, w0, units)
        if found > bound + 1e-6:
            raise Disagreement(f"net: its error is {found}")
        ends = [self.curve.low, *self.given_breaks, self.curve.high]
        given, knots = [], self.knots.astype(float)
        for (s, t), level in zip(pairwise(ends), self.given_levels, strict=True):
            start, end = float(s), float(t)
            piece = np.concatenate([np.linspace(start, end, _GRID), knots])
            inside = self._values(piece[(piece >= start) & (piece <= end)])
            given.append(abs(inside - float(level)).max())
        agree("given_errors", truths["given_errors"], [*given, max(given)], within=1e-4)

    def _values(self, x: Any) -> Any:
        a, b, c = self._floats[:, np.searchsorted(self.knots[1:-1].astype(float), x)]
        return (a * x + b) * x + c

    @cached_property
    def _floats(self) -> Matrix:
        """(3, k), the coefficients."""
        return self.coefficients.T.astype(float, order="C")

    def _error_of_construction(self, parts: int) -> float:
        """Of the rule, for a straight line with the slope of the Lipschitz constant."""
        slope, length = float(self.curve.steepest), float(self.curve.length)
        starts = np.arange(parts) * length / parts
        read = starts + (length / parts / 2 if self.rule == "midpoint" else 0)
        ends = starts + length / parts
        return float(slope * np.maximum(abs(read - starts), abs(ends - read)).max())

    def _error_on_grid(self, x: Any, w0: Fraction, units: Matrix) -> float:
        """Of a net, on the grid and close to its thresholds on both sides."""
        places = [float(-b / v) for _, b, v in units]
        near = [t + step for t in places for step in (-1e-9, 0, 1e-9)]
        x = np.concatenate([x, [t for t in near if x[0] <= t <= x[-1]]])
        f = float(w0) + sum(float(w) * (float(b) + float(v) * x >= 0) for w, b, v in units)
        return float(abs(f - self._values(x)).max())

    # --- figures

    def graph(self) -> Figure:
        """F alone."""
        return self._plotted([], f"the graph of F from {self.curve.low} to {self.curve.high}")

    def example_drawn(self) -> Figure:
        """F with the band of width epsilon, and the example net within it."""
        alt = "F, a band of epsilon around it, and a step function within the band"
        return self._plotted([self._steps(self.example)], alt, band=True)

    def given_drawn(self) -> Figure:
        """F and the given net."""
        return self._plotted([self._steps(self.given)], "F and the step function of the given net")

    def _steps(self, f: StepFunction) -> Steps:
        return Steps(f.breaks, f.levels, f.values, label="f")

    def _plotted(self, curves: list[Any], alt: str, band: bool = False) -> Figure:
        least, largest = self.curve.extremes(self.curve.low, self.curve.high)
        levels = [level for each in curves for level in each.levels]
        room = self.epsilon if band else Fraction(1, 2)
        low, high = min([least, *levels]) - room, max([largest, *levels]) + room

        knots = self.knots[1:-1].astype(float).tolist()
        pieces = self.coefficients.astype(float).tolist()

        def F(x: float) -> float:
            a, b, c = pieces[bisect_left(knots, x)]
            return float(a * (x * x) + b * x + c)

        if all(a == 0 for a, _, _ in self.curve.pieces):
            points = [(x, self.curve.at(x)) for x in self.curve.knots]
            drawn: Any = Polyline(points, label="F", stroke="thin" if curves else "thick")
        else:
            drawn = Function(F, label="F", stroke="thin" if curves else "thick")
        return plot(
            [drawn, *curves],
            x=(self.curve.low, self.curve.high),
            y=(low, high),
            names=("x", ""),
            bands=[Band(F, float(self.epsilon))] if band else [],
            width=7.0,
            height=3.6,
            alt=alt,
        )


def _bounds(curve: Curve, rule: str, pieces: int, fewest: bool) -> list[Fraction]:
    """Multiples of 1/4 and of 1/10 for which the construction takes 3 to `pieces` pieces, whose
    ends are simple; smaller than half the range of F, so that one piece is not enough. `fewest`
    pieces are no tight fit, which for a parabola might have irrational thresholds."""
    least, largest = curve.extremes(curve.low, curve.high)
    reach = curve.steepest * curve.length
    parts = 2 if rule == "midpoint" else 1
    curved = any(a for a, _, _ in curve.pieces)
    simple_lengths = (1, 2) if curved else (1, 2, 4)
    found = []
    for epsilon in _SIMPLE_BOUNDS:
        count = -(-reach * epsilon.denominator // (parts * epsilon.numerator))  # rounded up
        if not 3 <= count <= pieces:
            continue
        simple = Fraction(curve.length, count).denominator in simple_lengths
        levels = Fraction(largest - least, 2 * epsilon)
        loose = levels.denominator > 1 or not (fewest and curved)
        if simple and levels > 1 and loose:
            found.append(epsilon)
    return found


def _drawn_steps(rng: Rng, curve: Curve) -> tuple[list[Fraction], list[Fraction]]:
    """Levels and breaks of two or three pieces, roughly near the curve."""
    halves = [curve.low + Fraction(k, 2) for k in range(1, int(2 * curve.length))]
    breaks = sorted(rng.sample(halves, rng.integer(1, 2)))
    levels: list[Fraction] = []
    for start, end in pairwise([curve.low, *breaks, curve.high]):
        near = floor(curve.at(middle(start, end)))
        options = [Fraction(near + k) for k in (-1, 0, 1, 2) if levels[-1:] != [near + k]]
        levels.append(rng.choice(options))
    return levels, breaks
