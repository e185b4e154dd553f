"""A hidden layer that makes two inseparable classes of pixel patterns separable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import combinations, permutations, product
from math import exp
from typing import Any, Self

import numpy as np

from generator.drawing.plots import Polyline, Spot, plot
from generator.exercises.pattern_nets import (
    ACTIVATIONS,
    MARGIN,
    PLACES,
    Activation,
    Level,
    Outcome,
    activated,
    decided,
    drawn_layer,
    judged,
    outputs,
)
from generator.exercises.patterns import SIDES, balanced_classes, parallel_classes, pictures
from generator.exercises.separation import common_mean
from generator.model.answers import Array, Choice, Witness
from generator.model.errors import AuthoringError, Disagreement
from generator.model.exercise import Exercise, agree, part, witness
from generator.model.figure import Figure
from generator.model.values import Matrix, Tex, Vector, apply, as_float, decimals, exact, plain
from generator.sampling import Rng

PATTERNS = ("any", "lines")
OUTCOMES: tuple[Outcome, ...] = ("works", "same_image", "hulls_meet")


@dataclass(frozen=True, eq=False)
class LinePatternMlp(Exercise):
    """f(x) = v·g(W x + b) + c is to be positive on class I and negative on class II, which no
    hyperplane separates. First a given hidden layer is examined, then one is to be designed: for
    other classes, so that neither gives the other away."""

    title = "A hidden layer for patterns of pixels"
    source = "exam without a date among those of 2023, exercise 3 (line patterns), question 2"
    level_settings = (
        {"patterns": "lines", "activation": "step"},
        {"side": 3, "activation": "sigmoid"},
    )
    variants = (
        {"patterns": "lines", "activation": "sigmoid"},
        {"activation": "step", "units": 3},
        {"side": 3, "patterns": "lines", "units": 3},
        {"side": 3, "patterns": "lines", "activation": "sigmoid"},
    )

    side: int  # of the grid, in pixels
    activation: Activation
    units: int  # most hidden units of a design
    class_I: Matrix  # (k, side²), for the design
    class_II: Matrix  # (k, side²)
    given_I: Matrix  # (2, side²), for the layer to examine
    given_II: Matrix  # (2, side²)
    given_W: Matrix  # (2, side²), that layer
    given_b: Vector  # (2,)

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        side: int = 2,
        patterns: str = "any",
        activation: str = "relu",
        units: int = 2,
    ) -> Self:
        """The grid has `side` by `side` pixels, 2 or 3. `patterns` is any (two in each class) or
        lines (all of two directions); `activation` is step, relu or sigmoid; a design may have up
        to `units` hidden units, 2 or 3."""
        _check_options(side, patterns, activation, units)
        if patterns == "lines":
            first, second = parallel_classes(rng, side)
        else:
            first, second = balanced_classes(rng, side, 2, 2)
        g = next(known for known in ACTIVATIONS if known == activation)
        given = balanced_classes(rng, side, 2, 2)
        W, b = drawn_layer(rng, g, *given)
        return cls(
            side=side,
            activation=g,
            units=units,
            class_I=first,
            class_II=second,
            given_I=given[0],
            given_II=given[1],
            given_W=W,
            given_b=b,
        )

    @property
    def pixels(self) -> int:
        return self.side**2

    # --- what a given layer makes of the patterns

    @part(points=3)
    def hidden_images(self) -> Array:
        return Array(self._hidden_images, partial=True)

    @cached_property
    def _hidden_images(self) -> Matrix:
        return activated(self.activation, self.pre_activations)

    @hidden_images.mistake("These are the pre-activations: the activation is still to be applied.")
    def forgot_activation(self) -> Matrix | None:
        return self._unless_right(self.pre_activations)

    @hidden_images.mistake("$z = W x + b$: the bias $b$ is missing from the pre-activations.")
    def no_bias(self) -> Matrix | None:
        z = self.pre_activations - self.given_b
        return self._unless_right(activated(self.activation, z))

    @hidden_images.mistake(
        "The pixels are numbered row by row, as the picture shows, not column by column."
    )
    def pixels_by_columns(self) -> Matrix | None:
        turned = self.given_patterns.reshape(-1, self.side, self.side).transpose(0, 2, 1)
        z = turned.reshape(-1, self.pixels) @ plain(self.given_W).T + plain(self.given_b)
        return self._unless_right(activated(self.activation, z))

    @hidden_images.mistake("ReLU sets negative values to 0; it does not make them positive.")
    def absolute_value(self) -> Matrix | None:
        return self._unless_right(abs(self.pre_activations)) if self.activation == "relu" else None

    @hidden_images.mistake("A step unit is 1 or 0; it is 0 and not $-1$ where $z$ is negative.")
    def sign_for_step(self) -> Matrix | None:
        h = activated("step", self.pre_activations)
        return self._unless_right(2 * h - 1) if self.activation == "step" else None

    @hidden_images.mistake(
        "A sigmoid is not cut off to 0 and 1: it has values between, which depend on $z$."
    )
    def step_for_sigmoid(self) -> Matrix | None:
        return activated("step", self.pre_activations) if self.activation == "sigmoid" else None

    @hidden_images.mistake("The sigmoid has a minus in the exponent: it rises with $z$.")
    def falling_sigmoid(self) -> Matrix | None:
        h = activated("sigmoid", -self.pre_activations)
        return self._unless_right(h) if self.activation == "sigmoid" else None

    def _unless_right(self, value: Matrix) -> Matrix | None:
        return None if all(map(_same, value.flat, self._hidden_images.flat)) else value

    # --- whether that layer is good for anything

    @part(points=2)
    def does_it_work(self, hidden_images: Any) -> Choice:
        found = judged(hidden_images, 2)
        return Choice(frozenset({found}), options=OUTCOMES)

    @does_it_work.mistake(
        "That all images differ is not enough: the output unit can only draw one straight line "
        "between them. Plot them."
    )
    def different_images_are_enough(self) -> frozenset[str] | None:
        return self._misjudged("hulls_meet", "works")

    @does_it_work.mistake(
        "Two patterns of different classes have the same image, so that every output unit gives "
        "them the same value."
    )
    def same_image_overlooked(self) -> frozenset[str] | None:
        return self._misjudged("same_image", "works")

    @does_it_work.mistake(
        "That the patterns are not separable says nothing about their images: plot these."
    )
    def patterns_for_images(self) -> frozenset[str] | None:
        return self._misjudged("works", "hulls_meet")

    def _misjudged(self, truth: Outcome, answer: Outcome) -> frozenset[str] | None:
        return frozenset({answer}) if self.verdict == truth else None

    # --- a layer of one's own

    @witness(points=5)
    def design(self) -> Witness:
        shapes = {"W": (None, self.pixels), "b": (None,), "v": (None,), "c": ()}
        return Witness(self.example, shapes=shapes)

    @design.check
    def design_failures(self, W: Matrix, b: Vector, v: Vector, c: Fraction) -> Iterator[str]:
        if not len(W) == len(b) == len(v):
            yield (
                f"W has {len(W)} rows, b {len(b)} entries and v {len(v)}, but each hidden unit "
                "needs one of each"
            )
            return
        if len(W) > self.units:
            yield f"there are {len(W)} hidden units, but at most {self.units} are allowed"
        for name, sign, f in self._outputs(W, b, v, c):
            if not self._clears(sign * f):
                size, wanted = f"{f}", "positive" if sign > 0 else "negative"
                if self.activation == "sigmoid":
                    size = f"{Decimal(f.numerator) / f.denominator:.4g}"  # beyond floats, too
                    wanted = "at least 10^-6" if sign > 0 else "at most -10^-6"
                yield f"f({name}) = {size}, but f must be {wanted} there"

    def _clears(self, signed: Fraction) -> bool:
        """Whether an output, times the sign of its class, is on the right side."""
        return signed > 0 and (self.activation != "sigmoid" or signed >= MARGIN)

    def _outputs(self, W: Matrix, b: Vector, v: Vector, c: Fraction) -> Iterator[Any]:
        """Name, sign and output of each pattern."""
        count = len(self.class_I)
        found = outputs(self.activation, self.patterns, W, b, v, c)
        yield from zip(self.names("A", "B"), [1] * count + [-1] * count, found, strict=True)

    @design.outcome
    def design_shown(self, W: Matrix, b: Vector, v: Vector, c: Fraction) -> Any:
        """The mistake that a net shows, at whatever scale; else its outputs.

        First what a change of v or c would repair, then what makes every v and c useless.
        """
        if not len(W) == len(b) == len(v) or not len(W):
            return "misshapen", len(W), len(b), len(v)
        named = list(self._outputs(W, b, v, c))
        if len(W) <= self.units and all(self._clears(sign * f) for _, sign, f in named):
            return "right"
        found = [f for _, _, f in named]
        first, second = found[: len(self.class_I)], found[len(self.class_I) :]
        if len(W) <= self.units:
            if max(first) < 0 < min(second):
                return "swap_classes"
            if min(first) > max(second):
                return "output_threshold_between_wrong_values"
        if _one_direction(W) and _one_sign(v):
            return "single_unit"
        if all(np.count_nonzero(row) == 1 for row in W):
            return "identity_hidden"
        if self._fires_on_both(W, b):
            return "template_without_threshold"
        if self._orthogonal(W):
            return "orthogonal_detectors"
        return tuple(found)

    def _fires_on_both(self, W: Matrix, b: Vector) -> bool:
        """Whether each unit looks for a pattern of class I, and is on for one of class II too."""
        first, second = self._classes
        templates = first.tolist()
        for row, bias in zip(plain(W), plain(b), strict=True):
            if [Fraction(weight, max(row) or 1) for weight in row] not in templates:
                return False
            z = max(second @ row) + bias
            if z < 0 or (z == 0 and self.activation != "step"):
                return False
        return True

    def _orthogonal(self, W: Matrix) -> bool:
        """Whether one unit can only tell patterns of class I apart, the other only class II."""
        if len(W) != 2:
            return False
        flat = [[len({*(patterns @ row)}) == 1 for patterns in self._classes] for row in plain(W)]
        return sorted(flat) == [[False, True], [True, False]]

    @design.mistake("Your net tells the classes apart but takes them for one another.")
    def swap_classes(self) -> dict[str, Any] | None:
        return self._showing("swap_classes", v=-self.example["v"], c=-self.example["c"])

    @design.mistake(
        "Your hidden layer and $v$ are good: all values of class I lie above those of class II. "
        "But 0 does not lie between them. Compute the values on all patterns, then choose $c$."
    )
    def output_threshold_between_wrong_values(self) -> dict[str, Any] | None:
        name = "output_threshold_between_wrong_values"
        return self._showing(name, c=-5 * self.example["c"])

    @design.mistake(
        "All your hidden units look in one direction and pull the same way: $f$ only rises or only "
        "falls along it, which is no more than a hyperplane can do."
    )
    def single_unit(self) -> dict[str, Any] | None:
        net = {name: self.example[name][:1] for name in ("W", "b", "v")}
        return self._showing("single_unit", **net)

    @design.mistake(
        "Each of your hidden units looks at a single pixel. That only stretches the axes; find "
        "sums and differences of pixels that suit the classes."
    )
    def identity_hidden(self) -> dict[str, Any] | None:
        for i, j in permutations(range(self.pixels), 2):
            rows = np.zeros((2, self.pixels), dtype=int)
            rows[0, i] = rows[1, j] = 1
            b = [Fraction(-1, 2)] * 2 if self.activation != "relu" else [0, 0]
            found = self._showing("identity_hidden", W=exact(rows), b=exact(b))
            if found is not None:
                return found
        return None

    @design.mistake(
        "A unit with the weights of a pattern of class I is on for patterns of class II too, as "
        "they share pixels: it needs a threshold that only the full pattern passes."
    )
    def template_without_threshold(self) -> dict[str, Any] | None:
        k = len(self.class_I)
        if k > self.units:
            return None
        return self._showing(
            "template_without_threshold",
            W=self.class_I,
            b=exact([0] * k),
            v=exact([1] * k),
            c=Fraction(-1),
        )

    @design.mistake(
        "One unit tells patterns of class I apart, the other those of class II: then the images "
        "of the two classes lie crosswise, and no output unit separates them. Look for a direction "
        "along which one class is level and the other is not."
    )
    def orthogonal_detectors(self) -> dict[str, Any] | None:
        """The design published with the exam."""
        first, second = self._classes
        total = first.sum(axis=0)
        for pair, other in ((i, j) for i in _pairs(first) for j in _pairs(second)):
            W = exact([pair, other])
            found = self._showing(
                "orthogonal_detectors",
                W=W,
                b=exact(-(plain(W) @ total) * Fraction(1, len(first))),
                v=exact([1, 1]),
                c=Fraction(-1),
            )
            if found is not None:
                return found
        return None

    def _showing(self, name: str, **changed: Any) -> dict[str, Any] | None:
        """The example net with other fields, if on these patterns it shows the mistake `name`."""
        net = {**self.example, **changed}
        return net if self.design_shown(**net) == name else None

    # --- what the parts, the figures and the worked solution look at

    @cached_property
    def _classes(self) -> tuple[Matrix, Matrix]:
        """Those of the design, in plain whole numbers."""
        return plain(self.class_I), plain(self.class_II)

    @cached_property
    def patterns(self) -> Matrix:
        """All patterns of the design, class I first, in plain whole numbers."""
        return np.vstack(self._classes)

    @cached_property
    def given_patterns(self) -> Matrix:
        """Those for the layer to examine."""
        return plain(np.vstack([self.given_I, self.given_II]))

    @cached_property
    def pre_activations(self) -> Matrix:
        """W x + b of the given layer, one row a pattern."""
        return exact(self.given_patterns @ plain(self.given_W).T + plain(self.given_b))

    @cached_property
    def images(self) -> Matrix:
        """The images under the given layer, to four decimals."""
        return apply(lambda value: decimals(value, PLACES), self._hidden_images)

    @cached_property
    def verdict(self) -> Outcome:
        """Whether the given layer is good for anything."""
        return judged(self.images, 2)

    def names(self, first: str, second: str) -> list[Tex]:
        """Names of all patterns: A_1, A_2, B_1, B_2 of the design, C_1, ... of the given layer."""
        count = len(self.class_I) if first == "A" else 2
        return [Tex(f"{letter}_{i}") for letter in (first, second) for i in range(1, count + 1)]

    @property
    def twins(self) -> list[Tex]:
        """The first two patterns, of different classes, that have the same image."""
        names, rows = self.names("C", "D"), [tuple(row) for row in self.images]
        return next([names[i], names[j]] for i in (0, 1) for j in (2, 3) if rows[i] == rows[j])

    @cached_property
    def mixture(self) -> tuple[Vector, Vector]:
        """Convex weights under which the images of both classes have the same mean."""
        found = common_mean(self.images[:2], self.images[2:])
        assert found is not None
        return found

    @property
    def simple_mixture(self) -> bool:
        """Whether those weights are worth showing."""
        return all(weight.denominator <= 12 for weight in np.concatenate(self.mixture))

    @property
    def meeting_point(self) -> Vector:
        """That mean of the images."""
        return exact(self.mixture[0] @ self.images[:2])

    @property
    def dividing_line(self) -> tuple[Vector, Fraction]:
        """(v, c) with v·h + c > 0 at the images of class I and < 0 at those of class II."""
        small = sorted(product(range(-9, 10), repeat=2), key=lambda v: v[0] ** 2 + v[1] ** 2)
        room = Fraction(1, 50)
        for v in map(np.array, small[1:]):
            high, low = min(self.images[:2] @ v), max(self.images[2:] @ v)
            if high - low >= room * sum(abs(v)):
                return exact(v), -(high + low) / 2
        raise AuthoringError("no line with small whole weights separates the images")

    @cached_property
    def level(self) -> Level:
        """The direction that the example is made from."""
        found = Level.simplest(*self._classes)
        if found is None:
            raise AuthoringError("no direction in which one class is level")
        return found

    @cached_property
    def example(self) -> dict[str, Any]:
        """A net with two units that does."""
        return self.level.net(self.activation)

    @property
    def example_table(self) -> list[list[Any]]:
        """For each pattern: its name, u·x, h_1, h_2 and f of the example."""
        z = exact(self.patterns @ self.example["W"].T + self.example["b"])
        h = activated(self.activation, z)
        f = h @ self.example["v"] + self.example["c"]
        heights = exact(self.patterns @ self.level.u)
        return [list(row) for row in zip(self.names("A", "B"), heights, *h.T, f, strict=True)]

    def verify(self) -> None:
        """Nets in floating point, unit by unit; separability by exact linear programming."""
        truths = self.truths()
        images = np.array(
            [self._hidden(self.given_W, self.given_b, x) for x in self.given_patterns]
        )
        agree("hidden_images", truths["hidden_images"], images, within=1e-9)
        if any(abs(x - y).max() < 1e-12 for x in images[:2] for y in images[2:]):
            found = "same_image"
        else:
            mean = common_mean(self.images[:2], self.images[2:])
            found = "works" if mean is None else "hulls_meet"
        if not decided(self.activation, self.pre_activations):
            raise Disagreement("does_it_work: four decimals do not decide it")
        agree("does_it_work", truths["does_it_work"], frozenset({found}))
        net = truths["design"].value
        for place, x in enumerate(self.patterns):
            h = self._hidden(net["W"], net["b"], x)
            f = float(np.dot(net["v"].astype(float), h)) + float(net["c"])
            if not f * (1 if place < len(self.class_I) else -1) > 1e-3:
                raise Disagreement(f"design: f = {f} at pattern {place}")

    def _hidden(self, W: Matrix, b: Vector, x: Vector) -> list[float]:
        """The hidden values at one pattern, unit by unit in floating point."""
        values = []
        for weights, bias in zip(W, b, strict=True):
            z = float(bias) + sum(float(w) for w, black in zip(weights, x, strict=True) if black)
            if self.activation == "sigmoid":
                values.append(1 / (1 + exp(-z)))
            else:
                values.append(float(z >= 0) if self.activation == "step" else (z + abs(z)) / 2)
        return values

    # --- figures

    def classes_drawn(self) -> Figure:
        """The numbered pixels and all patterns."""
        return pictures(self.side, [("A", self.class_I), ("B", self.class_II)])

    def given_drawn(self) -> Figure:
        """The patterns of the layer to examine."""
        return pictures(self.side, [("C", self.given_I), ("D", self.given_II)])

    def images_drawn(self) -> Figure:
        """The images under the given layer; a line between the classes, or what joins each."""
        places: dict[tuple[Fraction, ...], list[str]] = {}
        for name, image in zip(self.names("C", "D"), self.images, strict=True):
            places.setdefault(tuple(image), []).append(name)
        spots = [
            Spot((x, y), ",".join(names), open=names[0].startswith("D"))
            for (x, y), names in places.items()
        ]
        curves = []
        if self.verdict == "works":
            v, c = self.dividing_line
            foot = -c * v / (v @ v)
            along = exact([-v[1], v[0]])
            curves = [Polyline([tuple(foot - 50 * along), tuple(foot + 50 * along)])]
        elif self.verdict == "hulls_meet":
            mine, others = (list(map(tuple, rows)) for rows in (self.images[:2], self.images[2:]))
            curves = [Polyline(mine, stroke="dashed"), Polyline(others, stroke="dotted")]
        top = 1 if self.activation == "sigmoid" else int(max(self.images.flat))
        room = Fraction(max(top, 1), 6)
        ticks = [0, Fraction(1, 2), 1] if self.activation == "sigmoid" else range(top + 1)
        return plot(
            curves,
            x=(-room, top + room),
            y=(-room, top + room),
            xticks=ticks,
            yticks=ticks,
            names=("h_1", "h_2"),
            points=spots,
            width=4.2,
            height=4.2,
            alt="the hidden images of the patterns: "
            + ", ".join(
                f"{','.join(names)} at {tuple(map(float, at))}" for at, names in places.items()
            ),
        )


def _same(value: Any, truth: Any) -> bool:
    return abs(as_float(value) - as_float(truth)) < 1e-3


def _one_direction(W: Matrix) -> bool:
    """Whether all rows are positive multiples of one of them, or zero, but not all."""
    rows = [row for row in plain(W) if any(row)]
    sizes = [sum(abs(row)) for row in rows]
    return bool(rows) and all(
        (row * sizes[0] == rows[0] * size).all() for row, size in zip(rows, sizes, strict=True)
    )


def _one_sign(v: Vector) -> bool:
    """Whether no two entries have opposite signs; else units of one direction can make a hill."""
    return bool(min(v) >= 0 or max(v) <= 0)


def _pairs(patterns: Matrix) -> list[Vector]:
    return [x - y for x, y in combinations(patterns, 2)]


def _check_options(side: int, patterns: str, activation: str, units: int) -> None:
    if side not in SIDES:
        raise ValueError("side is 2 or 3")
    if patterns not in PATTERNS:
        raise ValueError(f"patterns is one of {', '.join(PATTERNS)}")
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation is one of {', '.join(ACTIVATIONS)}")
    if units not in (2, 3):
        raise ValueError("units is 2 or 3")
