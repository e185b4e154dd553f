"""What a finite net with one hidden layer represents exactly, and a net for a step function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any, Self

import numpy as np

from generator.exercises.representable import (
    ACTIVATIONS,
    CANDIDATES,
    drawn_candidate,
    represented,
    spanned,
)
from generator.exercises.stepnets import (
    POINT_VALUES,
    StepFunction,
    Unit,
    differences,
    drawn_target,
    drawn_units,
    net_of,
    output,
    realised,
    unit_rows,
)
from generator.exercises.stepplots import plotted
from generator.model.answers import Array, Choice, Number, Witness
from generator.model.exercise import Exercise, agree, part, witness
from generator.model.figure import Figure
from generator.model.values import Matrix, Vector, exact, plain, whole
from generator.sampling import Rng

SHOWN = 3  # counterexamples are named to a student


@dataclass(frozen=True, eq=False)
class StepRepresentability(Exercise):
    """Nets f(x) = w0 + sum_i w_i g(b_i + v_i x) with finitely many units and a real x.

    Which functions such a net represents is asked for the drawn activation; the net to build, the
    units it takes and the values at thresholds are about step units, with g(0) = 1.
    """

    title = "What step units can represent"
    source = "recitations of 2021/04/21 and 2022/04/20, question 1"
    level_settings = (
        {"breaks": 1, "point_values": "right", "candidates": 4},
        {"breaks": 3, "activation": "any", "domain": "interval", "count_values": True},
    )
    variants = (
        {"count_values": True, "breaks": 4, "candidates": 6, "activation": "any"},
        {"positive_slopes_only": True, "activation": "leaky_relu"},
        {"positive_slopes_only": True, "activation": "step", "domain": "interval", "breaks": 1},
        {"point_values": "ends", "activation": "sign", "breaks": 3},
        {"domain": "interval", "activation": "abs"},
        {"activation": "sigmoid"},
    )

    activation: str  # of ACTIVATIONS, for the candidates
    positive_slopes_only: bool  # whether every v_i must be positive
    interval: tuple[int, ...]  # (low, high) on which candidates count; () is the whole line
    candidates: Mapping[str, Vector]  # kind -> coefficients, see CANDIDATES; {} asks for none
    breaks: Vector  # (n,) increasing
    levels: Vector  # (n + 1,) of the target before, between and after its breaks
    values: Vector  # (n,) of the target at its breaks
    given_w0: Fraction
    given_units: Matrix  # (k, 3) rows (w, b, v), v not 0: the net to evaluate; (0, 3) asks for none
    unit_count: int  # of the net whose values are counted; 0 does not ask for it

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        activation: str = "step",
        positive_slopes_only: bool = False,
        breaks: int = 2,
        point_values: str = "any",
        domain: str = "R",
        candidates: int = 5,
        count_values: bool = False,
    ) -> Self:
        """`activation` is that of the candidates: step, sign, identity, relu, leaky_relu, abs,
        hard_tanh, square, cube, sigmoid, tanh, any. `domain` is R or interval. The target has 1 to
        4 `breaks`; its `point_values` there continue it from the right (right), belong to either
        side (ends), or to neither at one break or more (any). With `positive_slopes_only` they are
        always from the right: units offer nothing else. There are 4 to 6 `candidates`;
        `count_values` adds a part on the number of values of a net."""
        _check_options(activation, breaks, point_values, domain, candidates)
        g = rng.choice(list(ACTIVATIONS)) if activation == "any" else activation
        interval = (rng.integer(-9, -7), rng.integer(7, 9)) if domain == "interval" else ()
        kinds = _drawn_kinds(rng, g, positive_slopes_only, bool(interval), candidates)
        target = drawn_target(rng, breaks, "right" if positive_slopes_only else point_values)
        return cls(
            activation=g,
            positive_slopes_only=positive_slopes_only,
            interval=interval,
            candidates={kind: drawn_candidate(rng, kind) for kind in kinds},
            breaks=exact(target.breaks),
            levels=exact(target.levels),
            values=exact(target.values),
            given_w0=Fraction(rng.nonzero(4)),
            given_units=drawn_units(rng, positive_slopes_only),
            unit_count=rng.integer(16, 40) if count_values else 0,
        )

    @cached_property
    def target(self) -> StepFunction:
        """The function to build."""
        return StepFunction(*map(tuple, map(plain, (self.breaks, self.levels, self.values))))

    @cached_property
    def smallest_net(self) -> tuple[Fraction, Matrix]:
        """(w0, units) of a net for the target with as few units as there can be."""
        return net_of(self.target)

    @cached_property
    def thresholds(self) -> list[Fraction]:
        """Where units of the given net switch, in increasing order."""
        return sorted({Fraction(-b, v) for _, b, v in self._given})

    @cached_property
    def _given(self) -> list[Unit]:
        units: list[Unit] = plain(self.given_units).tolist()
        return units

    # --- which functions --------------------------------------------------------------------

    @part(points=3)
    def which_representable(self) -> Choice | None:
        if not self.candidates:
            return None
        right = self._kinds(self.activation, self.positive_slopes_only, bool(self.interval))
        return Choice(right, options=tuple(self.candidates), several=True, partial=True)

    def _kinds(self, activation: str, rising: bool, bounded: bool) -> frozenset[str]:
        return represented(activation, rising=rising, bounded=bounded) & self.candidates.keys()

    def _misjudged(self, activation: str, rising: bool, bounded: bool) -> frozenset[str] | None:
        """What is representable under another reading, None if that changes no candidate."""
        truth = self._kinds(self.activation, self.positive_slopes_only, bool(self.interval))
        other = self._kinds(activation, rising, bounded)
        return None if other == truth else other

    @which_representable.mistake(
        "Universal approximation comes as near as you like; here finitely many units must give "
        "every value exactly."
    )
    def uat(self) -> frozenset[str]:
        return frozenset(self.candidates)

    @which_representable.mistake(
        "Look at every $x$ that counts, also far beyond the last threshold: what can finitely many "
        "units still do there?"
    )
    def tails_ignored(self) -> frozenset[str] | None:
        return self._misjudged(self.activation, self.positive_slopes_only, True)

    @which_representable.mistake(
        "Only the $x$ of the interval count here: what the net does beyond its ends is free."
    )
    def interval_ignored(self) -> frozenset[str] | None:
        return self._misjudged(self.activation, self.positive_slopes_only, False)

    @which_representable.mistake(
        "Every slope $v$ must be positive here: ask which functions need a unit that falls."
    )
    def restriction_ignored(self) -> frozenset[str] | None:
        return self._misjudged(self.activation, False, bool(self.interval))

    @which_representable.mistake(
        "Slopes $v$ may be negative too: think of the units that are on to the left of a threshold."
    )
    def rising_units_only(self) -> frozenset[str] | None:
        return self._misjudged(self.activation, True, bool(self.interval))

    @which_representable.mistake(
        "$sign(0) = 0$ lies halfway between the values on both sides, so such a unit is no step "
        "with a closed end."
    )
    def sign_as_step(self) -> frozenset[str] | None:
        if self.activation != "sign":
            return None
        return self._misjudged("step", self.positive_slopes_only, bool(self.interval))

    # --- a net for the target ---------------------------------------------------------------

    @witness(points=4)
    def build_net(self) -> Witness:
        w0, units = self.smallest_net
        return Witness({"w0": exact(w0), "units": units}, shapes={"w0": (), "units": (None, 3)})

    @build_net.check
    def not_the_target(self, w0: Fraction, units: Matrix) -> Iterator[str]:
        if self.positive_slopes_only:
            for number, (_, _, v) in enumerate(units, start=1):
                if v <= 0:
                    yield f"unit {number} has v = {v}, but every v must be positive"
        for x, found, wanted in islice(differences(realised(w0, units), self.target), SHOWN):
            yield f"f({x}) = {found}, but the target has value {wanted} at x = {x}"

    @build_net.outcome
    def function_built(self, w0: Fraction, units: Matrix) -> StepFunction:
        return realised(w0, units)

    @build_net.mistake(
        "$c g(x - a) - c g(x - b)$ is 0 at $x = b$ already, because $g(0) = 1$: it is $c$ on $a <= "
        "x < b$. Check the value at each break point; a unit with $v < 0$ jumps just after its "
        "threshold."
    )
    def closed_as_halfopen(self) -> dict[str, Any] | None:
        if self.target.right_continuous:
            return None
        return _net(net_of(self.target.moved(self.target.levels[1:])))

    @build_net.mistake(
        "A unit switches where $b + v x = 0$, that is at $x = -b/v$: watch the sign of $b$."
    )
    def threshold_sign(self) -> dict[str, Any] | None:
        w0, units = self.smallest_net
        if not any(self.target.breaks):
            return None
        return _net((w0, plain(units) * [1, -1, 1]))

    @build_net.mistake(
        "$g(t - x)$ has the slope $v = -1$ and is on to the left of $t$; with $v = 1$ the unit "
        "switches on to the right, and at $-t$."
    )
    def slope_sign_lost(self) -> dict[str, Any] | None:
        w0, units = self.smallest_net
        if self.target.right_continuous:
            return None
        return _net((w0, unit_rows([(w, b, abs(v)) for w, b, v in plain(units)])))

    @build_net.mistake(
        "Units that are on stay on and add up: a weight is the jump from one level to the next, "
        "not the new level."
    )
    def level_for_jump(self) -> dict[str, Any] | None:
        levels = self.target.levels
        if self.target.right_continuous and not any(levels[:-1]):
            return None
        steps = zip(levels[1:], self.target.breaks, strict=True)
        return _net((levels[0], unit_rows([(level, -t, 1) for level, t in steps])))

    @build_net.mistake(
        "The constant $w0$ is missing: add up what the net gives far to the left, where the units "
        "with $v > 0$ are off."
    )
    def w0_lost(self) -> dict[str, Any] | None:
        w0, units = self.smallest_net
        return _net((Fraction(0), units)) if w0 != 0 else None

    @build_net.mistake(
        "Units with $v < 0$ are on far to the left. $w0$ must make up for them, so that the first "
        "level comes out."
    )
    def first_level_as_w0(self) -> dict[str, Any] | None:
        first, (w0, units) = self.target.levels[0], self.smallest_net
        return _net((first, units)) if first not in (0, w0) else None

    @build_net.mistake(
        "$g(0) = 1$: a unit is on at its own threshold, so the value there includes it."
    )
    def built_with_g0_zero(self) -> dict[str, Any] | None:
        # With g(0) = 0 the unit g(x - t) jumps off t and the unit g(t - x) jumps onto it.
        if self.positive_slopes_only:
            return None
        rows = []
        for point in self.target.points:
            rows += [(point.off, -point.at, 1), (-point.onto, point.at, -1)]
        w0 = self.target.levels[0] + sum(point.onto for point in self.target.points)
        return _net((w0, unit_rows([row for row in rows if row[0] != 0])))

    # --- how many units ---------------------------------------------------------------------

    @part(points=2)
    def min_units(self) -> Number:
        jumps = [jump for point in self.target.points for jump in (point.onto, point.off)]
        return Number(sum(1 for jump in jumps if jump != 0), integer=True)

    @cached_property
    def pieces(self) -> int:
        """Constant pieces of the target; a value that belongs to neither side is one of its own."""
        points = self.target.points
        return 1 + len(points) + sum(1 for point in points if point.isolated)

    @min_units.mistake(
        "One unit jumps either onto its threshold or off it. Look for break points that need both."
    )
    def break_points_counted(self) -> int | None:
        return len(self.breaks) if any(p.isolated for p in self.target.points) else None

    @min_units.mistake(
        "Each unit separates two neighbouring pieces, so fewer units than pieces do."
    )
    def pieces_counted(self) -> int:
        return self.pieces

    @min_units.mistake(
        "Two units for each piece build it as a bump of its own; neighbouring pieces can share a "
        "unit."
    )
    def two_for_each_bump(self) -> int | None:
        bounded = self.pieces - 2
        return 2 * bounded if bounded > 1 else None

    @min_units.mistake(
        "The value at a break point counts too: where both sides have the same level but the point "
        "has not, units are needed."
    )
    def point_values_ignored(self) -> int | None:
        points = self.target.points
        jumps = sum(1 for point in points if point.before != point.after)
        return jumps if jumps < len(points) else None

    # --- values of a given net --------------------------------------------------------------

    @part(points=1)
    def values_at_thresholds(self) -> Array | None:
        if not len(self.given_units):
            return None
        return Array(exact(self._given_values(self.given_w0, self._given)), partial=True)

    def _given_values(self, w0: Fraction, units: Sequence[Unit]) -> list[Fraction]:
        return [output(w0, units, x) for x in self.thresholds]

    @values_at_thresholds.mistake("$g(0) = 1$: at its own threshold a unit is on.")
    def g0_zero(self) -> Vector:
        places = map(whole, self.thresholds)
        sums = [sum(w for w, b, v in self._given if b + v * x > 0) for x in places]
        return exact([self.given_w0 + each for each in sums])

    @values_at_thresholds.mistake(
        "A unit with $v < 0$ is on to the left of its threshold, and off to the right of it."
    )
    def neg_slope_ignored(self) -> Vector | None:
        if all(v > 0 for _, _, v in self._given):
            return None
        turned = [(w, b, v) if v > 0 else (w, -b, -v) for w, b, v in self._given]
        return exact(self._given_values(self.given_w0, turned))

    @values_at_thresholds.mistake(
        "A unit switches where $b + v x = 0$, so at $-b/v$ and not at $b/v$."
    )
    def thresholds_mirrored(self) -> Vector | None:
        if not any(self.thresholds):
            return None
        mirrored = [(w, -b, v) for w, b, v in self._given]
        return exact([output(self.given_w0, mirrored, -x) for x in reversed(self.thresholds)])

    @values_at_thresholds.mistake("Every output of the net contains the constant $w0$.")
    def w0_left_out(self) -> Vector | None:
        if self.given_w0 == 0:
            return None
        return exact(self._given_values(Fraction(0), self._given))

    @values_at_thresholds.mistake(
        "The values are asked in the order of the thresholds on the line, not of the units."
    )
    def in_order_of_units(self) -> Vector | None:
        places = [Fraction(-b, v) for _, b, v in self._given]
        if places == self.thresholds:
            return None
        return exact([output(self.given_w0, self._given, x) for x in places])

    # --- why not everything -----------------------------------------------------------------

    @part(points=1)
    def largest_value_count(self) -> Number | None:
        return Number(self.unit_count + 1, integer=True) if self.unit_count else None

    @largest_value_count.mistake(
        "Not every on/off pattern occurs: walk along the line and note what changes at a threshold."
    )
    def two_to_the_units(self) -> int:
        return int(2**self.unit_count)

    @largest_value_count.mistake(
        "Before the first threshold the net has a value too: count the changes, then the values."
    )
    def one_for_each_unit(self) -> int:
        return self.unit_count

    @largest_value_count.mistake(
        "The value at a threshold is that of one of its sides, because its unit jumps only once."
    )
    def thresholds_counted_apart(self) -> int:
        return 2 * self.unit_count + 1

    def verify(self) -> None:
        """The definition of the net at all points that decide; units fitted to values."""
        truths = self.truths()
        if self.candidates:
            found = spanned(
                self.activation,
                self.candidates,
                rising=self.positive_slopes_only,
                interval=self.interval,
            )
            agree("which_representable", truths["which_representable"], found)
        built = truths["build_net"].value
        w0, units = built["w0"][()], plain(built["units"]).tolist()
        places = _places(self.target)
        wanted = exact([self.target.at(x) for x in places])
        # The units switch at breaks of the target only, so these places decide the whole line.
        agree("build_net", Array(wanted), [output(w0, units, x) for x in places])
        fewest = _fewest_units(places[1::2], places, wanted, self.positive_slopes_only)
        agree("min_units", truths["min_units"], fewest)
        if len(self.given_units):
            given = realised(self.given_w0, self.given_units)
            seen = [given.at(x) for x in self.thresholds]
            agree("values_at_thresholds", truths["values_at_thresholds"], seen)
        if self.unit_count:
            # Units of both directions by turns, with weights that no two sums share.
            rows = [(2**i, -i * (-1) ** i, (-1) ** i) for i in range(self.unit_count)]
            net = realised(Fraction(0), unit_rows(rows))
            agree(
                "largest_value_count",
                truths["largest_value_count"],
                len({*net.levels, *net.values}),
            )

    def graph(self) -> Figure:
        """The target, to be read off."""
        return plotted(self.target)


def _drawn_kinds(rng: Rng, activation: str, rising: bool, bounded: bool, count: int) -> list[str]:
    """Kinds of candidates in random order: one that is representable, one that is not, and one
    whose case the domain or the restriction decides, where there is any."""
    right = represented(activation, rising=rising, bounded=bounded)
    telling = (represented(activation, rising=not rising, bounded=bounded) ^ right) | (
        represented(activation, rising=rising, bounded=not bounded) ^ right
    )
    kinds: list[str] = []
    for pool in (telling, right, CANDIDATES.keys() - right):
        if pool and not pool & set(kinds):
            kinds.append(rng.choice([kind for kind in CANDIDATES if kind in pool]))
    others = [kind for kind in CANDIDATES if kind not in kinds]
    return rng.shuffled(kinds + rng.sample(others, count - len(kinds)))


def _check_options(
    activation: str, breaks: int, point_values: str, domain: str, candidates: int
) -> None:
    if activation not in (*ACTIVATIONS, "any"):
        raise ValueError(f"activation is one of {', '.join(ACTIVATIONS)}, any")
    if not 1 <= breaks <= 4:
        raise ValueError("breaks is a whole number from 1 to 4")
    if point_values not in POINT_VALUES:
        raise ValueError(f"point_values is one of {', '.join(POINT_VALUES)}")
    if domain not in ("R", "interval"):
        raise ValueError("domain is R or interval")
    if not 4 <= candidates <= 6:
        raise ValueError("candidates is a whole number from 4 to 6")


def _net(net: tuple[Fraction, Matrix]) -> dict[str, Any]:
    return {"w0": exact(net[0]), "units": net[1]}


def _places(target: StepFunction) -> list[Fraction]:
    """One place before, at, between and after all breaks: 2n + 1 of them, breaks at odd places."""
    breaks = target.breaks
    places = [breaks[0] - 1]
    for t, following in zip(breaks, [*breaks[1:], breaks[-1] + 2], strict=True):
        places += [t, Fraction(t + following, 2)]
    return places


def _fewest_units(
    breaks: list[Fraction], places: list[Fraction], values: Vector, rising: bool
) -> int:
    """The support of the only combination of 1 and of units at the breaks that has these values.

    Those functions are linearly independent, and units elsewhere would have to cancel.
    """
    x, t = np.array(places, dtype=float)[:, None], np.array(breaks, dtype=float)
    basis = [np.ones_like(x), x >= t] if rising else [np.ones_like(x), x >= t, x <= t]
    weights = np.linalg.lstsq(np.hstack(basis), values.astype(float), rcond=None)[0]
    return int(np.count_nonzero(np.abs(weights[1:]) > 1e-9))
