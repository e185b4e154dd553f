"""How large the gradient of one neuron's squared error can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import product
from typing import Any, Self

import numpy as np

from generator.drawing.plots import Function, Spot, plot
from generator.exercises.activating import activate
from generator.exercises.neurons import (
    LOWEST,
    STEEPEST,
    peaks,
    slope_of,
    square_root,
)
from generator.model.answers import Choice, Number
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, agree, part
from generator.model.figure import Figure, Stroke
from generator.model.values import Vector, exact
from generator.sampling import Rng

LOSSES = {"half": Fraction(1, 2), "full": Fraction(1)}
BINARY = {"sigmoid": (0, 1), "tanh": (-1, 1)}
TARGETS = {
    "sigmoid": ((0, 1), (-1, 1), (0,), (1,), (-1,), (0, 2)),
    "tanh": ((-1, 1), (0,), (1,), (-1,), (0, 1)),
}
# Inputs for which 1 + |x|^2 is the square of a fraction.
INPUTS = {
    1: (("3/4",), ("4/3",), ("12/5",), ("5/12",), ("15/8",), ("8/15",)),
    2: (("2", "2"), ("4", "8")),
    3: (("1", "1", "1"), ("2", "2", "4"), ("1", "3", "5"), ("4", "4", "4"), ("3", "3", "9")),
}
FAR = ("1/2", "3/2", "2", "5/2", "3", "4", "5")
FACTS = ("slope", "triangle", "range", "none")
SLIPS = ("factor", "slope", "triangle", "norm", "conclusion")
_STEP = 1e-30


@dataclass(frozen=True, eq=False)
class SigmoidGradientBound(Exercise):
    """y = s(steepness v) with v = w x + b and J = factor (y - z)^2: bounds of the length of the
    gradient by (w, b), |dJ/dv| sqrt(1 + |x|^2)."""

    title = "How large the gradient of a neuron can be"
    source = "exam of 2023/09/06, exercise 3"
    level_settings = (
        {"steepness": 1, "loss": "half"},
        {"activation": "any", "inputs": 3, "targets": "any", "find_error": True},
    )
    variants = (
        {"steepness": 1, "find_error": True},
        {"activation": "tanh", "targets": "any", "inputs": 2},
        {"activation": "tanh", "loss": "full", "find_error": True, "inputs": 3},
        {"targets": "any", "loss": "full"},
    )

    activation: str  # "sigmoid" or "tanh"
    steepness: Fraction
    factor: Fraction  # of the squared error
    x: Vector  # (inputs,), with a rational sqrt(1 + |x|^2)
    z: Fraction  # the target at which the bound is evaluated
    targets: tuple[int, ...]  # to which the sharper bound is restricted
    facts: tuple[str, ...]  # FACTS in the order shown
    slip: str  # what is wrong in the fellow student's proof; "" where there is none
    # That proof is about another neuron, for it would give the constants away:
    other_activation: str
    other_steepness: Fraction
    other_factor: Fraction

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        activation: str = "sigmoid",
        steepness: int = 0,
        loss: str = "any",
        inputs: int = 1,
        targets: str = "binary",
        find_error: bool = False,
    ) -> Self:
        """`activation` is sigmoid, tanh or any; `steepness` multiplies the pre-activation (0: 2 to
        6, drawn); `loss` is half for (y - z)^2 / 2, full for (y - z)^2, or any; `targets` of the
        sharper bound are binary, both ends of the outputs' range, or any; `find_error` asks for a
        false line in a proof."""
        _check_options(activation, steepness, loss, inputs, targets)
        activation = rng.choice(tuple(STEEPEST)) if activation == "any" else activation
        factor = LOSSES[rng.choice(tuple(LOSSES)) if loss == "any" else loss]
        pool = TARGETS[activation] if targets == "any" else (BINARY[activation],)
        k = steepness or rng.integer(2, 6)
        x = exact([rng.sign() * Fraction(n) for n in rng.shuffled(rng.choice(INPUTS[inputs]))])
        return cls(
            activation=activation,
            steepness=Fraction(k),
            factor=factor,
            x=x,
            z=rng.sign() * Fraction(rng.choice(FAR)),
            targets=rng.choice(pool),
            facts=tuple(rng.shuffled(FACTS)),
            slip=rng.choice(SLIPS) if find_error else "",
            other_activation={"sigmoid": "tanh", "tanh": "sigmoid"}[activation],
            other_steepness=Fraction(rng.integer(2, 6, but=(k,))),
            other_factor=Fraction(3, 2) - factor,
        )

    @property
    def doubled(self) -> Fraction:
        """2 factor: dJ/dy is this times y - z."""
        return 2 * self.factor

    @property
    def steepest(self) -> Fraction:
        """The largest slope of the activation itself."""
        return STEEPEST[self.activation]

    @cached_property
    def root(self) -> Fraction:
        """sqrt(1 + |x|^2)."""
        return Fraction(square_root(1 + sum(self.x * self.x)))

    @property
    def reach(self) -> Fraction:
        """1 + |z|."""
        return 1 + abs(self.z)

    @cached_property
    def highest(self) -> dict[int, tuple[Fraction | float, Fraction | float]]:
        """For each target of the sharper bound, where |y - z| s' is largest, and how large."""
        return {z: peaks(self.activation, Fraction(z))[0] for z in self.targets}

    @cached_property
    def peak(self) -> Fraction | float:
        """The largest of them all."""
        return max((value for _, value in self.highest.values()), key=float)

    @property
    def balanced(self) -> bool:
        """Whether all targets of the sharper bound lead to one value."""
        return len({float(value) for _, value in self.highest.values()}) == 1

    def is_exact(self, value: Fraction | float) -> bool:
        return isinstance(value, Fraction)

    def _clear(self, value: Any, *others: Any) -> Any:
        """A wrong value, unless it is near the right value of another part."""
        near = any(abs(float(value) - float(other)) <= 0.01 * abs(float(other)) for other in others)
        return None if near else value

    @cached_property
    def _constants(self) -> tuple[Any, ...]:
        """The right values of the parts that are numbers."""
        slope = self.steepness * self.steepest
        constant = self.doubled * slope
        bound = constant * self.root * self.reach
        return slope, constant, bound, self.doubled * self.steepness * self.peak

    def _wrong(self, value: Any) -> Any:
        return self._clear(value, *self._constants)

    @part(points=2)
    def max_slope(self) -> Number:
        return Number(self.steepness * self.steepest)

    @max_slope.mistake("1 is what the sigmoid itself tends to; how large does its slope get?")
    def slope_1(self) -> Any:
        return self._wrong(self.steepness) if self.activation == "sigmoid" else None

    @max_slope.mistake("$y(1 - y)$ is not largest where $y$ is: try $y = 1/2$.")
    def slope_half(self) -> Any:
        return self._wrong(self.steepness / 2) if self.activation == "sigmoid" else None

    @max_slope.mistake("The chain rule brings the factor inside the activation out.")
    def inner_factor_lost(self) -> Any:
        return self._wrong(self.steepest)

    @max_slope.mistake("That is the largest slope of another activation.")
    def other_slope(self) -> Any:
        other = {"sigmoid": "tanh", "tanh": "sigmoid"}[self.activation]
        return self._wrong(self.steepness * STEEPEST[other])

    @max_slope.mistake("The factor inside the activation multiplies its slope once.")
    def factor_squared(self) -> Any:
        return self._wrong(self.steepness**2 * self.steepest)

    @part(points=2)
    def constant_C(self, max_slope: Any) -> Number:
        return Number(self.doubled * max_slope)

    @constant_C.mistake("The 2 of the square cancels the factor $1/2$ of the cost.")
    def factor_2(self, max_slope: Any) -> Any:
        return self._wrong(2 * max_slope) if self.doubled == 1 else None

    @constant_C.mistake("The square brings a factor 2 down; multiply the cost's own factor by it.")
    def half_kept(self, max_slope: Any) -> Any:
        return self._wrong(self.factor * max_slope)

    @constant_C.mistake("The error $y - z$ is at most $1 + |z|$ in size, not twice that.")
    def range_twice(self, max_slope: Any) -> Any:
        return self._wrong(2 * self.doubled * max_slope)

    @part(points=1)
    def bound_value(self, constant_C: Any) -> Number:
        return Number(constant_C * self.root * self.reach)

    @bound_value.mistake("The length of $(x, 1)$ is the root of a sum of squares, not the sum.")
    def x_norm(self, constant_C: Any) -> Any:
        return self._wrong(constant_C * self.root**2 * self.reach)

    @bound_value.mistake("The bias is a parameter too: its derivative adds the 1 under the root.")
    def bias_forgotten(self, constant_C: Any) -> Any:
        length = float(square_root(self.root**2 - 1))
        return self._wrong(float(constant_C) * length * float(self.reach))

    @bound_value.mistake("The triangle inequality bounds $|y - z|$ by a sum of sizes.")
    def triangle_wrong(self, constant_C: Any) -> Any:
        return self._wrong(constant_C * self.root * (1 - abs(self.z)))

    @part(points=2)
    def strict_step(self) -> Choice:
        return Choice(frozenset({"range"}), options=self.facts)

    @strict_step.mistake("Is there a $v$ at which the slope is as large as it can be?")
    def slope_strict(self) -> frozenset[str]:
        return frozenset({"slope"})

    @strict_step.mistake("Try targets whose sign is not that of $y$, and the target 0.")
    def triangle_strict(self) -> frozenset[str]:
        return frozenset({"triangle"})

    @strict_step.mistake(
        "A chain of inequalities is strict as soon as one of them is: look for one that can't be "
        "an equality."
    )
    def non_strict_is_enough(self) -> frozenset[str]:
        return frozenset({"none"})

    @part(points=3)
    def sharp_binary(self) -> Number:
        return Number(self.doubled * self.steepness * self.peak)

    def _sharp(self, peak: Any) -> Any:
        return self._wrong(float(self.doubled * self.steepness) * float(peak))

    @sharp_binary.mistake(
        "Where the slope is largest, the error is not: the largest product lies in between."
    )
    def sharp_at_half(self) -> Any:
        y = Fraction(1, 2) if self.activation == "sigmoid" else Fraction(0)
        return self._sharp(max(abs(y - z) for z in self.targets) * self.steepest)

    @sharp_binary.mistake(
        "The largest error and the largest slope do not occur at the same output, so their product "
        "is never reached."
    )
    def separate_maxima(self) -> Any:
        ends = product((LOWEST[self.activation], 1), self.targets)
        return self._sharp(max(abs(y - z) for y, z in ends) * self.steepest)

    @sharp_binary.mistake("$1 + |z|$ is for any target; these targets are nearer to the outputs.")
    def general_bound(self) -> Any:
        return self._sharp(max(1 + abs(z) for z in self.targets) * self.steepest)

    @sharp_binary.mistake("The bound must hold for each of the targets: take the larger maximum.")
    def smaller_target(self) -> Any:
        values = [value for _, value in self.highest.values()]
        return self._sharp(min(values)) if min(values) < max(values) else None

    @sharp_binary.mistake("The factor inside the activation and that of the cost count here too.")
    def factors_lost(self) -> Any:
        return self._wrong(self.peak) if self.doubled * self.steepness != 1 else None

    @part(points=1)
    def first_false_line(self) -> Choice | None:
        if not self.slip:
            return None
        keys = tuple(str(line) for line in range(1, len(SLIPS) + 1))
        return Choice(frozenset({keys[SLIPS.index(self.slip)]}), options=keys)

    @first_false_line.mistake(
        "That line is true, or only carries on what went wrong above it. Look for the first that "
        "is false."
    )
    def line_after(self) -> frozenset[str] | None:
        line = SLIPS.index(self.slip) + 2 if self.slip else 0
        return frozenset({str(line)}) if 0 < line <= len(SLIPS) else None

    @property
    def proof(self) -> dict[str, Fraction]:
        """What the fellow student writes: the factor in dJ/dy, the bound of dy/dv, and their
        product."""
        k = Fraction(1) if self.slip == "slope" else self.other_steepness
        factor = self.other_factor * (1 if self.slip == "factor" else 2)
        bound = k * STEEPEST[self.other_activation]
        return {"factor": factor, "bound": bound, "product": factor * bound}

    @property
    def right_proof(self) -> dict[str, Fraction]:
        """The same without a slip."""
        bound = self.other_steepness * STEEPEST[self.other_activation]
        factor = 2 * self.other_factor
        return {"factor": factor, "bound": bound, "product": factor * bound}

    # The proof of the truths

    def verify(self) -> None:
        """Complex-step derivatives of output and cost over grids of pre-activations, which zoom in
        on the largest value, inputs and targets."""
        truths = self.truths()
        neuron = (self.activation, float(self.steepness))
        agree("max_slope", truths["max_slope"], _largest_slope(*neuron), within=1e-9)
        c = float(self.factor)
        tried = ((0.0, -3.0), (2.0, 0.3), (0.7, 1e9), (-1.5, -1e9))
        ratios = [
            _largest_gradient(*neuron, c, x, z) / float(np.hypot(1, x)) / (1 + abs(z))
            for x, z in tried
        ]
        agree("constant_C", truths["constant_C"], max(ratios), within=1e-7)
        length = float(np.linalg.norm([1.0, *map(float, self.x)]))
        value = max(ratios) * length * (1 + abs(float(self.z)))
        agree("bound_value", truths["bound_value"], value, within=1e-7)
        sharp = max(_largest_gradient(*neuron, c, 0.0, z) for z in map(float, self.targets))
        agree("sharp_binary", truths["sharp_binary"], sharp, within=1e-9)
        agree("strict_step", truths["strict_step"], self._always_strict())
        if self.slip:
            agree("first_false_line", truths["first_false_line"], {self._first_false()})

    def _always_strict(self) -> set[str]:
        """Which inequalities are strict wherever they are tried, among v = 0 and z = 0."""
        # Not far out, where floating point rounds y to the end of its range.
        inside, z = np.meshgrid(np.linspace(-3, 3, 25), np.linspace(-4, 4, 33))
        y = activate(self.activation, inside)
        slope = float(self.steepness) * slope_of(self.activation, y)
        gaps = {
            "slope": float(self.steepness * self.steepest) - slope,
            "triangle": abs(y) + abs(z) - abs(y - z),
            "range": 1 + abs(z) - abs(y) - abs(z),
        }
        return {name for name, gap in gaps.items() if gap.min() > 1e-12} or {"none"}

    def _first_false(self) -> str:
        """The first line of the fellow student's proof that fails for some numbers."""
        claimed = {name: float(value) for name, value in self.proof.items()}
        v, z, x = np.meshgrid(np.linspace(-1, 1, 17), np.linspace(-4, 4, 17), [-2.0, 0.0, 0.5, 3.0])
        k, c = float(self.other_steepness), float(self.other_factor)

        def output(v: Any) -> Any:
            return activate(self.other_activation, k * v)

        y = output(v)
        by_y = c * ((y + 1j * _STEP - z) ** 2).imag / _STEP
        by_v = c * ((output(v + 1j * _STEP) - z) ** 2).imag / _STEP
        by_w = c * ((output(v + 1j * _STEP * x) - z) ** 2).imag / _STEP
        gradient = np.hypot(by_v, by_w)
        length = 1 + x**2 if self.slip == "norm" else np.sqrt(1 + x**2)
        error = 1 - abs(z) if self.slip == "triangle" else 1 + abs(z)
        last = claimed["product"] * length * (1 if self.slip == "conclusion" else error)
        holds = {
            "factor": np.allclose(by_y, claimed["factor"] * (y - z)),
            "slope": (output(v + 1j * _STEP).imag / _STEP <= claimed["bound"] + 1e-12).all(),
            "triangle": (abs(y - z) < error).all(),
            "norm": np.allclose(gradient, abs(by_v) * length),
            "conclusion": (gradient < last).all(),
        }
        for line, slip in enumerate(SLIPS, start=1):
            if not holds[slip]:
                return str(line)
        raise Disagreement("first_false_line: every line is true")

    def product_plot(self) -> Figure:
        """|y - z| s' over the outputs, for each target of the sharper bound."""
        low = LOWEST[self.activation]
        strokes: tuple[Stroke, ...] = ("thick", "thick dashed")
        top = float(self.peak)
        curves = [
            Function(_product_of(self.activation, z), label=f"z = {z}", stroke=stroke)
            for z, stroke in zip(self.targets, strokes, strict=False)
        ]
        spots = [
            Spot((float(y), float(value)))
            for z, (_, most) in self.highest.items()
            for y, value in peaks(self.activation, Fraction(z))
            if abs(float(value) - float(most)) < 1e-12
        ]
        return plot(
            curves,
            x=(low, 1),
            y=(0, 1.15 * top),
            names=("y", ""),
            points=spots,
            alt=f"The product of error and slope over the outputs, at most {top:.4f}",
        )


@lru_cache(maxsize=64)  # its curve need be computed once only
def _product_of(activation: str, z: int) -> Callable[[float], float]:
    return lambda y: float(abs(y - z) * slope_of(activation, y))


@lru_cache(maxsize=64)
def _largest_slope(activation: str, k: float) -> float:
    """That of s(k v)."""
    return _largest(lambda v: activate(activation, k * (v + 1j * _STEP)).imag / _STEP, 12 / k)


@lru_cache(maxsize=512)
def _largest_gradient(activation: str, k: float, c: float, x: float, z: float) -> float:
    """The largest length of (dJ/dw, dJ/db) of J = c (s(k v) - z)^2 where x has the length `x`."""

    def cost(v: Any) -> Any:
        return c * (activate(activation, k * v) - z) ** 2

    def gradient(v: Any) -> Any:
        by_b, by_w = (cost(v + 1j * _STEP * rate).imag / _STEP for rate in (1, x))
        return np.hypot(by_b, by_w)

    return _largest(gradient, 12 / k)


def _largest(function: Callable[[Any], Any], reach: float) -> float:
    """The largest value over -reach <= v <= reach, by grids that zoom in on it."""
    middle = 0.0
    for _ in range(6):
        at = np.linspace(middle - reach, middle + reach, 161)
        values = function(at)
        place = int(np.argmax(values))
        middle, reach = float(at[place]), reach / 40
    return float(values[place])


def _check_options(activation: str, steepness: int, loss: str, inputs: int, targets: str) -> None:
    if activation not in (*STEEPEST, "any"):
        raise ValueError("activation is sigmoid, tanh or any")
    if not 0 <= steepness <= 10:
        raise ValueError("steepness is a whole number from 0 to 10")
    if loss not in (*LOSSES, "any"):
        raise ValueError("loss is half, full or any")
    if inputs not in INPUTS:
        raise ValueError("inputs is 1, 2 or 3")
    if targets not in ("binary", "any"):
        raise ValueError("targets is binary or any")
