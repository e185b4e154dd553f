"""The derivatives of activation functions: values, pictures, peaks, limits and saturation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, Self

import numpy as np

from generator.drawing.plots import Curve, Function, Polyline, Spot, plot
from generator.exercises.sigmoidal import SIGMOIDAL, Sigmoidal, mirrored
from generator.model.answers import Array, Choice, Number
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, agree, part
from generator.model.figure import Figure, Stroke
from generator.model.values import Vector, exact
from generator.sampling import Rng

COMPANIONS = ("relu", "leaky", "abs")
WRONG = ("wrong_peak", "functions", "one_side", "left_slope")
PLAIN = ("0.1", "0.05", "0.02", "0.01", "0.001")
STROKES: tuple[Stroke, Stroke] = ("thick", "thick dashed")
STEP = 1e-30j  # complex-step differentiation has no cancellation; see proving.py
Half = Callable[[float], float]
Halves = tuple[Half, Half]  # a curve left and right of 0


@dataclass(frozen=True, eq=False)
class ActivationDerivatives(Exercise):
    """s(k x) for a function s that saturates on both sides, and g with slopes a < c left and right
    of 0. All derivatives are with respect to x."""

    title = "Derivatives of activation functions"
    source = "discussion 7 of 2021/10/20, question 1"
    level_settings = (
        {"steepness": 1},
        {"activation": "tanh", "companion": "leaky", "epsilon": "plain"},
    )
    variants = (
        {"activation": "any", "companion": "any"},
        {"activation": "arctan", "companion": "abs"},
        {"activation": "softsign", "epsilon": "plain"},
        {"epsilon": "plain", "steepness": 1},
    )

    activation: str  # one of SIGMOIDAL
    k: Fraction  # s(x) is the activation at k x
    companion: str  # one of COMPANIONS
    a: Fraction  # the slope of g left of 0
    c: Fraction  # and right of 0
    points: (
        Vector  # (2,) parameters t of a point right of 0 and of one left of it; see sigmoidal.py
    )
    places: Vector  # (2,) where g is asked: one below 0, one above
    pictures: tuple[str, ...]  # "true" and three of WRONG, in the order shown
    inner: Vector  # (2,) t(x) is the activation at inner[0] x + inner[1]
    level: Fraction  # epsilon

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        activation: str = "sigmoid",
        steepness: int = 0,
        companion: str = "relu",
        epsilon: str = "rational",
    ) -> Self:
        """`activation` is sigmoid, tanh, arctan, softsign or any; `steepness` is k, 1 to 4 (0: any
        of them); `companion` is g: relu, leaky, abs or any; with `epsilon` rational the roots in
        the last part come out even, with plain they are those of a round epsilon."""
        _check_options(activation, steepness, companion, epsilon)
        activation = rng.choice(tuple(SIGMOIDAL)) if activation == "any" else activation
        companion = rng.choice(COMPANIONS) if companion == "any" else companion
        k = Fraction(steepness or rng.integer(1, 4))
        c = rng.choice([n for n in (Fraction(1, 2), Fraction(1), Fraction(2)) if k / 4 <= n <= k])
        left = {"relu": Fraction(0), "leaky": c * rng.choice((1, 2)) / 10, "abs": -c}
        s = SIGMOIDAL[activation]
        first, second = (Fraction(t) for t in rng.sample(s.near, 2))
        far = Fraction(rng.choice(s.far))
        steep, peak_at = rng.integer(2, 5), Fraction(rng.nonzero(6), 2)
        return cls(
            activation=activation,
            k=k,
            companion=companion,
            a=left[companion],
            c=c,
            points=exact([first, mirrored(activation, second)]),
            places=exact([-rng.integer(2, 9), rng.integer(2, 9)]),
            pictures=_drawn_pictures(rng, lines_meet=c == k * s.peak),
            inner=exact([steep, -steep * peak_at]),
            level=k * s.slope_at(far) if epsilon == "rational" else Fraction(rng.choice(PLAIN)),
        )

    @property
    def s(self) -> Sigmoidal:
        return SIGMOIDAL[self.activation]

    @property
    def arguments(self) -> tuple[float, ...]:
        """The two x at which s' is asked."""
        return tuple(self.s.point(t) / float(self.k) for t in self.points)

    @cached_property
    def peak(self) -> Fraction:
        """s'(0)."""
        return self.k * self.s.peak

    # Values

    def _values(
        self, slope: Callable[[Fraction], Any], left: Any = None, right: Any = None
    ) -> list[Any]:
        """`slope` at the parameters of the two points, then g' left and right."""
        return [
            *(slope(t) for t in self.points),
            self.a if left is None else left,
            self.c if right is None else right,
        ]

    def _slope(self, t: Fraction) -> Fraction:
        return self.k * self.s.slope_at(t)

    @part(points=3)
    def values(self) -> Array:
        return Array(exact(self._values(self._slope)), partial=True)

    @values.mistake("Those are values of $s$ itself; its derivative is asked.")
    def function_for_slope(self) -> Any:
        return np.array(self._values(self.s.value_at), dtype=float)

    @values.mistake("The slope of the sigmoid has two factors: $sigma$ and $1 - sigma$.")
    def one_minus_sigmoid(self) -> Any:
        if self.activation != "sigmoid":
            return None
        return exact(self._values(lambda t: self.k * (1 - self.s.value_at(t))))

    @values.mistake("The factor of $x$ inside the function multiplies the derivative (chain rule).")
    def inner_factor_lost(self) -> Any:
        return None if self.k == 1 else exact(self._values(self.s.slope_at))

    @values.mistake("$s$ rises everywhere, so its derivative is positive left of 0, too.")
    def negative_on_the_left(self) -> Any:
        first, second, *rest = self._values(self._slope)
        return exact([first, -second, *rest])

    @values.mistake("Those are values of $g$ itself; its derivative is the slope of each piece.")
    def value_of_g(self) -> Any:
        below, above = self.places
        return exact(self._values(self._slope, left=self.a * below, right=self.c * above))

    @values.mistake("Look at the piece of $g$ left of 0 again: which slope does it have?")
    def falling_on_the_left(self) -> Any:
        return None if self.a < 0 else exact(self._values(self._slope, left=-self.c))

    @values.mistake("Each piece of $g$ has a slope of its own; one of them holds on one side only.")
    def one_slope_for_g(self) -> Any:
        return exact(self._values(self._slope, left=self.c))

    # Pictures

    @part(points=2)
    def which_plot(self) -> Choice:
        return Choice(frozenset({"true"}), options=self.pictures)

    @which_plot.mistake("Check the height at 0: what is the derivative of $s$ there?")
    def picture_with_another_peak(self) -> str | None:
        return self._shown("wrong_peak")

    @which_plot.mistake("These are the functions themselves, not their derivatives.")
    def picture_of_the_functions(self) -> str | None:
        return self._shown("functions")

    @which_plot.mistake("$s$ becomes flat on both sides: its derivative vanishes on both.")
    def picture_of_one_side(self) -> str | None:
        return self._shown("one_side")

    @which_plot.mistake("Compare the dashed line left of 0 with the slope of $g$ there.")
    def picture_with_another_left_slope(self) -> str | None:
        return self._shown("left_slope")

    def _shown(self, picture: str) -> str | None:
        return picture if picture in self.pictures else None

    @property
    def reach(self) -> float:
        """The pictures show x from -reach to reach."""
        return 6 / float(self.k)

    def curves(self, picture: str) -> tuple[Halves, Halves]:
        """The solid and the dashed curve of a picture."""
        a, c, peak = float(self.a), float(self.c), float(self.peak)
        slope = _slope_of(self.activation, float(self.k))
        scaled = _slope_of(self.activation, float(self.k), self._wrong_peak / peak)
        levels = _level(a), _level(c)
        other = 0.0 if self.companion == "abs" else -c
        return {
            "true": ((slope, slope), levels),
            "wrong_peak": ((scaled, scaled), levels),
            "functions": ((self._of_x, self._of_x), (_line(a), _line(c))),
            "one_side": ((slope, _level(peak)), levels),
            "left_slope": ((slope, slope), (_level(other), levels[1])),
        }[picture]

    @property
    def _of_x(self) -> Half:
        return _function_of(self.activation, float(self.k))

    @cached_property
    def _wrong_peak(self) -> float:
        """What the height would be if s were the sigmoid and not, or were not and is."""
        return float(self.k if self.activation == "sigmoid" else self.k / 4)

    def picture(self, name: str) -> Figure:
        """s' solid and g' dashed, true or not; all pictures of an instance have one scale."""
        solid, dashed = self.curves(name)
        reach = self.reach
        curves: list[Curve] = []
        for (left, right), stroke in zip((solid, dashed), STROKES, strict=True):
            curves.append(Function(left, stroke=stroke, start=-reach, end=0))
            curves.append(Function(right, stroke=stroke, start=0, end=reach))
        ends = dashed[0](0.0), dashed[1](0.0)
        jump = ends if ends[0] != ends[1] else ()
        return plot(
            curves,
            x=(-reach, reach),
            y=self._heights,
            names=("x", ""),
            points=[Spot((0, level), open=True) for level in jump],
            width=7.0,
            height=2.4,
            alt=f"solid: {self._said(solid)}; dashed: {self._said(dashed)}",
        )

    @cached_property
    def _heights(self) -> tuple[float, float]:
        """The window of all pictures."""
        places = (-self.reach, -self.reach / 50, 0.0, self.reach / 50)
        levels = [0.0]
        for name in self.pictures:
            solid, dashed = self.curves(name)
            levels += [solid[x >= 0](x) for x in places]
            levels += [] if name == "functions" else [dashed[0](0.0), dashed[1](0.0)]
        margin = 0.1 * (max(levels) - min(levels))
        return min(levels) - margin, max(levels) + margin

    def _said(self, halves: Halves) -> str:
        """A curve in words: its values at five places."""
        far, close = self.reach / 2, self.reach / 100
        said = [f"{halves[x > 0](x) + 0.0:.3g} at {x:.3g}" for x in (-far, -close, close, far)]
        return ", ".join(said)

    def functions(self) -> Figure:
        """s solid and g dashed."""
        reach, high = self.reach, float(self.c) * self.reach
        limits = self.s.limits
        top = max(1.2 * limits[0], min(high, 2.0))
        bottom = min(1.2 * limits[1], -0.2)
        return plot(
            [
                Function(self._of_x, label="s"),
                Polyline(
                    [(-reach, -float(self.a) * reach), (0, 0), (reach, high)],
                    label="g",
                    stroke="thick dashed",
                ),
            ],
            x=(-reach, reach),
            y=(bottom, top),
            names=("x", ""),
            asymptotes=[level for level in limits if level],
            width=7.0,
            height=3.0,
            alt=f"the functions s (solid) and g (dashed) for x from {-reach:.3g} to {reach:.3g}",
        )

    # Peaks and limits

    @property
    def peak_at(self) -> Fraction:
        """Where the inner argument of t is 0."""
        return Fraction(-self.inner[1] / self.inner[0])

    @part(points=2)
    def max_and_argmax(self) -> Array:
        return Array(exact([self.inner[0] * self.s.peak, self.peak_at]), partial=True)

    @max_and_argmax.mistake("Differentiate the activation at 0: how steep is it there?")
    def max_is_1(self) -> Any:
        wrong = 1 if self.activation == "sigmoid" else Fraction(1, 4)
        return exact([self.inner[0] * wrong, self.peak_at])

    @max_and_argmax.mistake("The factor of $x$ multiplies the derivative: the peak grows with it.")
    def factor_not_in_the_peak(self) -> Any:
        return exact([self.s.peak, self.peak_at])

    @max_and_argmax.mistake(
        "The peak is where the argument of the activation is 0, not where $x$ is."
    )
    def peak_at_0(self) -> Any:
        return exact([self.inner[0] * self.s.peak, 0])

    @max_and_argmax.mistake("Solve for the $x$ at which the argument is 0: mind the sign.")
    def peak_with_other_sign(self) -> Any:
        return exact([self.inner[0] * self.s.peak, -self.peak_at])

    @max_and_argmax.mistake(
        "Solve for the $x$ at which the argument is 0: divide by the factor of $x$."
    )
    def peak_not_divided(self) -> Any:
        return exact([self.inner[0] * self.s.peak, -self.inner[1]])

    @part(points=2)
    def limits(self) -> Array:
        return Array(exact([0, 0, self.c, self.a]), partial=True)

    @limits.mistake("Where a function tends to a limit, it becomes flat: its slope tends to 0.")
    def limits_of_the_function(self) -> Any:
        return np.array([*self.s.limits, self.c, self.a], dtype=float)

    @limits.mistake("$s$ saturates on both sides, not on one only.")
    def one_side_only(self) -> Any:
        return exact([self.peak, 0, self.c, self.a])

    @limits.mistake("$g$ is straight on either side of 0: far out its slope is what it is near 0.")
    def all_vanish(self) -> Any:
        return exact([0, 0, 0, 0])

    @limits.mistake("See which slope $g$ has left of 0.")
    def limits_of_a_line(self) -> Any:
        return exact([0, 0, self.c, self.c])

    # Saturation

    @part(points=1)
    def saturation_point(self) -> Number:
        return Number(self.s.end(float(self.level / self.k)) / float(self.k))

    @property
    def end_value(self) -> Fraction | float:
        """s at the saturation point of a sigmoid or tanh, as a fraction where it is one."""
        found = float(self.s.at(self.s.end(float(self.level / self.k))))
        near = Fraction(found).limit_denominator(200)
        return near if abs(near - found) < 1e-12 else found

    @saturation_point.mistake(
        "The slope is to fall to the given value, not the distance of $s$ to its limit."
    )
    def nearly_at_the_limit(self) -> float | None:
        if self.s.near_limit is None or self.level >= 1:
            return None
        found = self.s.near_limit(float(self.level)) / float(self.k)
        own = self.s.end(float(self.level / self.k)) / float(self.k)
        return found if abs(found - own) > 0.01 * own else None  # else hardly another number

    @saturation_point.mistake("The factor of $x$ multiplies the derivative before it is compared.")
    def factor_not_in_the_slope(self) -> float | None:
        if self.k == 1 or self.level >= self.s.peak:
            return None
        return self.s.end(float(self.level)) / float(self.k)

    @saturation_point.mistake(
        "That is the argument of the activation; divide by the factor of $x$."
    )
    def argument_for_x(self) -> float | None:
        return None if self.k == 1 else self.s.end(float(self.level / self.k))

    @saturation_point.mistake("The smallest such $x$ lies left of 0; the largest is asked.")
    def left_end(self) -> float:
        return -self.s.end(float(self.level / self.k)) / float(self.k)

    def verify(self) -> None:
        """Complex-step derivatives of the functions: at the points, along a grid for the peak and
        the pictures, bisected for the saturation point; differences far out for the limits."""
        truths = self.truths()
        k, a, c = float(self.k), float(self.a), float(self.c)

        def slope(x: Any, rate: float = k, shift: float = 0.0) -> Vector:
            """d/dx of the activation at rate x + shift, for every x."""
            at = rate * (np.asarray(x, dtype=float) + STEP) + shift
            found: Vector = self.s.at(at).imag / STEP.imag
            return found

        def g(x: Any) -> Any:
            return np.where(np.asarray(x) > 0, c * np.asarray(x), a * np.asarray(x))

        x = self.places.astype(float)
        of_g = (g(x + 0.5) - g(x - 0.5)).tolist()
        agree("values", truths["values"], [*slope(self.arguments), *of_g], within=1e-9)
        grid = np.arange(-48, 49) / 16  # the peak is at a multiple of 1/2
        found = slope(grid, *self.inner.astype(float))
        best = int(found.argmax())
        agree("max", truths["max_and_argmax"], [found[best], grid[best]], within=1e-9)
        with np.errstate(over="ignore"):
            far = np.array([1e6, -1e6])
            ends = self.s.at(k * (far + 1)) - self.s.at(k * far)
        agree("limits", truths["limits"], [*ends, *(g(far + 1) - g(far))], within=1e-9)
        low, high, level = 0.0, 1e4, float(self.level)
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if slope(middle) >= level else (low, middle)
        agree("saturation_point", truths["saturation_point"], low, within=1e-6)
        self._verify_pictures(slope, g)

    def _verify_pictures(self, slope: Callable[[Any], Vector], g: Callable[[Any], Any]) -> None:
        x = np.array([-0.8, -0.3, -0.02, 0.02, 0.3, 0.8]) * self.reach
        true = np.stack([slope(x), (g(x + 1e-3) - g(x - 1e-3)) / 2e-3])
        right = {
            name: np.abs(
                true - [[halves[int(u > 0)](u) for u in x] for halves in self.curves(name)]
            ).max()
            < 1e-6
            for name in self.pictures
        }
        if [name for name in self.pictures if right[name]] != ["true"]:
            raise Disagreement(f"which_plot: these show the derivatives: {right}")


def _drawn_pictures(rng: Rng, *, lines_meet: bool) -> tuple[str, ...]:
    """The true one and three others; a line that would lie on another is not drawn."""
    wrong = [name for name in WRONG if not (lines_meet and name == "one_side")]
    return tuple(rng.shuffled(["true", *rng.sample(wrong, 3)]))


# The same objects for all pictures, whose curves need be computed once only.


@lru_cache(maxsize=64)
def _function_of(activation: str, k: float) -> Half:
    """s(k x)."""
    return lambda x: float(SIGMOIDAL[activation].at(k * x))


@lru_cache(maxsize=64)
def _slope_of(activation: str, k: float, factor: float = 1.0) -> Half:
    """Its derivative, times a factor."""
    return lambda x: factor * (k * SIGMOIDAL[activation].slope(k * x))


@lru_cache(maxsize=64)
def _line(slope: float) -> Half:
    return lambda x: slope * x


@lru_cache(maxsize=64)
def _level(height: float) -> Half:
    return lambda x: height


def _check_options(activation: str, steepness: int, companion: str, epsilon: str) -> None:
    if activation not in (*SIGMOIDAL, "any"):
        raise ValueError(f"activation is one of {', '.join(SIGMOIDAL)}, any")
    if not 0 <= steepness <= 4:
        raise ValueError("steepness is 1 to 4, or 0 for any of them")
    if companion not in (*COMPANIONS, "any"):
        raise ValueError(f"companion is one of {', '.join(COMPANIONS)}, any")
    if epsilon not in ("rational", "plain"):
        raise ValueError("epsilon is rational or plain")
