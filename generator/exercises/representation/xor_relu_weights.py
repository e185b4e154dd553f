"""Separate four XOR-like points with two ReLU units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import lcm
from typing import Any, Self

import numpy as np

from generator.exercises.four_points import (
    LAYOUTS,
    Net,
    Valley,
    draw_wrong_net,
    entries,
    forward,
    plain_net,
    same_unit,
)
from generator.exercises.plane import drawing
from generator.exercises.separation import common_mean, separating_direction
from generator.model.answers import Array, Choice, Number, Witness
from generator.model.errors import AuthoringError, Disagreement
from generator.model.exercise import Exercise, Rejected, agree, part, witness
from generator.model.figure import Figure
from generator.model.values import Matrix, Tex, Vector, exact, plain
from generator.sampling import Rng

SHAPES = {"W1": (2, 2), "b1": (2,), "w2": (2,), "b2": ()}
PREDICATES = ("strict", "exact")
SIGN_NAMES = {1: "positive", -1: "negative"}
CORNERS = plain(exact([[0, 0], [1, 1], [0, 1], [1, 0]]))  # first those where XOR is 0


@dataclass(frozen=True, eq=False)
class XorReluWeights(Exercise):
    """f(x) = w2^T ReLU(W1 x + b1) + b2 on four labelled points that no line separates.

    No three of the points lie on a line. So the convex weights that prove inseparability are
    unique, and two ReLUs suffice: along some direction u one class lies in the middle of the other.
    """

    title = "Four points and a hidden layer of ReLUs"
    source = "recitations of 2021 and 2022, question 2"
    level_settings = (
        {"layout": "axis", "minimum_units": True},
        {"layout": "general", "predicate": "exact", "count_errors": True},
    )
    variants = (
        {"layout": "affine", "predicate": "exact", "flipped": True, "count_errors": True},
        {"layout": "general", "integer_only": True, "minimum_units": True},
    )

    points: Matrix  # (4, 2), whole numbers, in the order of the sheet: P1, P2, P3, P4
    labels: Vector  # (4,), 1 or -1
    given: Net  # the net of the forward table
    predicate: str  # one of PREDICATES: y f(x) > 0, or f(x) = y, at every point
    integer_only: bool  # whether the weights asked for must be whole numbers
    count_errors: bool  # whether `misclassified` is asked
    minimum_units: bool  # whether `fewest_units` is asked

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        layout: str = "axis",
        predicate: str = "strict",
        integer_only: bool = False,
        flipped: bool = False,
        count_errors: bool = False,
        minimum_units: bool = False,
    ) -> Self:
        """`layout` is axis (a square along the axes), affine (a parallelogram) or general (any four
        points); `predicate` is strict (y f(x) > 0) or exact (f(x) = y); `integer_only` asks for
        whole-numbered weights; `flipped` swaps the classes; `count_errors` and `minimum_units`
        ask one part more each."""
        if layout not in LAYOUTS:
            raise ValueError(f"layout is one of {', '.join(LAYOUTS)}")
        if predicate not in PREDICATES:
            raise ValueError(f"predicate is one of {', '.join(PREDICATES)}")
        whole_fit = integer_only and predicate == "exact"
        points, labels = LAYOUTS[layout](rng, whole_fit)
        labels = -labels if flipped else labels
        exercise = cls(
            points=points,
            labels=labels,
            given=draw_wrong_net(rng, points, labels),
            predicate=predicate,
            integer_only=integer_only,
            count_errors=count_errors,
            minimum_units=minimum_units,
        )
        if integer_only and any(n.denominator != 1 for n in entries(exercise._example)):
            raise Rejected("the example weights are not whole numbers")
        rules = [mistake.rule for mistake in cls.parts["forward_table"].mistakes.values()]
        slips = [tuple(wrong.flat) for rule in rules if (wrong := rule(exercise)) is not None]
        if len(set(slips)) < len(slips):
            raise Rejected("two slips lead to the same table")
        return exercise

    # --- the forward pass of a given net

    @part(points=3)
    def forward_table(self) -> Array:
        return Array(table(self._points, **self._given), partial=True)

    @forward_table.mistake(
        "$h$ is $ReLU(z)$: a negative pre-activation becomes 0 before the output layer sees it."
    )
    def forgot_relu(self) -> Matrix:
        z, _, _ = self._passed
        return _table(z, z, z @ self._given["w2"] + self._given["b2"])

    @forward_table.mistake("$z = W1 x + b1$: the bias $b1$ is missing from the pre-activations.")
    def no_hidden_bias(self) -> Matrix | None:
        if not any(self.given["b1"]):
            return None
        return table(self._points, **{**self._given, "b1": 0})

    @forward_table.mistake("$f = w2^T h + b2$: the output bias $b2$ is missing from $f$.")
    def no_output_bias(self) -> Matrix | None:
        return table(self._points, **{**self._given, "b2": 0}) if self._given["b2"] else None

    @forward_table.mistake("Only the hidden layer has a ReLU; the output may be negative.")
    def relu_on_output(self) -> Matrix | None:
        z, h, f = self._passed
        return _table(z, h, np.maximum(f, 0)) if min(f) < 0 else None

    @forward_table.mistake("ReLU sets negative values to 0; it does not make them positive.")
    def absolute_value(self) -> Matrix:
        z, _, _ = self._passed
        return _table(z, abs(z), abs(z) @ self._given["w2"] + self._given["b2"])

    @forward_table.mistake(
        "The first pre-activation comes from the first row of $W1$, not from its first column."
    )
    def columns_for_rows(self) -> Matrix | None:
        W1 = self._given["W1"]
        return None if (W1 == W1.T).all() else table(self._points, **{**self._given, "W1": W1.T})

    @part(points=1)
    def misclassified(self, forward_table: Any) -> Number | None:
        if not self.count_errors:
            return None
        wrong = sum(y * f <= 0 for y, f in zip(self.labels, forward_table[:, -1], strict=True))
        return Number(int(wrong), integer=True)

    @misclassified.mistake("This is the number of points that come out right.")
    def counted_right(self, forward_table: Any) -> Fraction | None:
        right = sum(y * f > 0 for y, f in zip(self.labels, forward_table[:, -1], strict=True))
        return None if right == 2 else Fraction(int(right))

    @misclassified.mistake("$f(x) = 0$ is on neither side: such a point counts as misclassified.")
    def zero_counted_right(self, forward_table: Any) -> Fraction | None:
        wrong = sum(y * f < 0 for y, f in zip(self.labels, forward_table[:, -1], strict=True))
        return Fraction(int(wrong)) if 0 in forward_table[:, -1] else None

    # --- why a hidden layer is needed

    @part(points=1)
    def raw_separable(self) -> Choice:
        right = "no" if self._common_mean else "yes"
        return Choice(frozenset({right}), options=("yes", "no"))

    @raw_separable.mistake(
        "Join the points of each class, by a segment or a triangle, and look where these meet: a "
        "line keeps everything between points of one side on that side."
    )
    def called_separable(self) -> frozenset[str]:
        return frozenset({"yes"})

    @witness(points=2)
    def inseparability_certificate(self) -> Witness:
        positive, negative = self.certificate
        return Witness(
            {"positive": positive, "negative": negative},
            shapes={"positive": positive.shape, "negative": negative.shape},
        )

    @inseparability_certificate.check
    def certificate_failures(self, positive: Vector, negative: Vector) -> Iterator[str]:
        positive, negative = plain(positive), plain(negative)
        for y, weights in ((1, positive), (-1, negative)):
            for point, weight in zip(self._sides[y], weights, strict=True):
                if weight < 0:
                    yield f"{_row(point)} has the weight {weight}, but weights are not negative"
            if sum(weights) != 1:
                yield f"the weights of the {SIGN_NAMES[y]} points sum to {sum(weights)}, not 1"
        means = positive @ self._sides[1], negative @ self._sides[-1]
        if sum(positive) == sum(negative) == 1 and (means[0] != means[1]).any():
            yield (
                f"the positive points have the weighted mean {_row(means[0])}, the negative points "
                f"{_row(means[1])}, but these must be the same point"
            )

    @inseparability_certificate.outcome
    def certificate_shown(self, positive: Vector, negative: Vector) -> Any:
        """Right proportions show `not_normalised`, whatever their sums."""
        sums = sum(positive), sum(negative)
        if (
            sums != (1, 1)
            and min(sums) > 0
            and not any(self.certificate_failures(positive / sums[0], negative / sums[1]))
        ):
            return "not_normalised"
        return tuple(positive), tuple(negative)

    @inseparability_certificate.mistake(
        "The right proportions, but convex weights sum to 1 in each class: divide by their sum."
    )
    def not_normalised(self) -> dict[str, Vector]:
        positive, negative = self.certificate
        scale = lcm(*(weight.denominator for weight in [*positive, *negative]))
        return {"positive": positive * scale, "negative": negative * scale}

    @inseparability_certificate.mistake(
        "Equal weights give the middle of each class; the two middles are not the same point here."
    )
    def equal_weights(self) -> dict[str, Vector] | None:
        weights = [exact([Fraction(1, len(w))] * len(w)) for w in self.certificate]
        equal = dict(zip(("positive", "negative"), weights, strict=True))
        return equal if any(self.certificate_failures(**equal)) else None

    @inseparability_certificate.mistake(
        "The weights are at the wrong ends: the nearer a point, the larger its weight."
    )
    def ends_swapped(self) -> dict[str, Vector] | None:
        positive, negative = self.certificate
        swapped = {"positive": positive[::-1], "negative": negative[::-1]}
        halves = len(positive) == len(negative)
        return swapped if halves and any(self.certificate_failures(**swapped)) else None

    # --- how many units, and which weights

    @part(points=1)
    def fewest_units(self) -> Choice | None:
        right = frozenset({"2" if self._common_mean else "1"})
        return Choice(right, options=("1", "2", "3", "4")) if self.minimum_units else None

    @fewest_units.mistake(
        "With one ReLU, $f$ is monotone along one direction, so that $f > 0$ describes a "
        "half-plane."
    )
    def one_is_enough(self) -> frozenset[str]:
        return frozenset({"1"})

    @fewest_units.mistake("A unit for each point is more than is needed.")
    def one_a_point(self) -> frozenset[str]:
        return frozenset({"4"})

    @witness(points=4)
    def weights(self) -> Witness:
        return Witness(self.valley.net(self.predicate), shapes=SHAPES)

    @weights.check
    def weights_failures(self, W1: Matrix, b1: Vector, w2: Vector, b2: Fraction) -> Iterator[str]:
        net: Net = {"W1": W1, "b1": b1, "w2": w2, "b2": b2}
        if self.integer_only:
            for broken in (entry for entry in entries(net) if entry.denominator != 1):
                yield f"the weights include {broken}, but whole numbers are asked for"
        for point, y, f in zip(
            self._points, self._signs, forward(self._points, **plain_net(net))[2], strict=True
        ):
            if self.predicate == "exact" and f != y:
                yield f"f{_row(point)} = {f}, but it must be {y}"
            elif y * f <= 0:
                yield f"f{_row(point)} = {f}, but this point must come out {SIGN_NAMES[y]}"

    @weights.outcome
    def weights_shown(self, W1: Matrix, b1: Vector, w2: Vector, b2: Fraction) -> Any:
        """The mistake that a net shows, at whatever scale; else its values over the largest |f|.

        First what a change of w2 or b2 would repair, then what makes every w2 and b2 useless.
        """
        net = plain_net({"W1": W1, "b1": b1, "w2": w2, "b2": b2})
        w2, b2 = net["w2"], net["b2"]
        _, h, f = forward(self._points, **net)
        positive, negative = self._signs > 0, self._signs < 0
        margins = self._signs * f
        if min(margins) > 0:
            return "wrong_scale" if (f != self._signs).any() else "right"
        if max(margins) < 0:
            return "flipped_labels"
        if min(f[positive]) > max(f[negative]):
            return "wrong_output_bias" if b2 else "no_bias"
        if same_unit(net["W1"], net["b1"]):
            return "same_rows"
        # A turned sign of w2's first entry takes twice its term from f; likewise the second.
        opposite = w2[0] * w2[1] < 0
        if opposite and any(min(margins - 2 * self._signs * h[:, k] * w2[k]) > 0 for k in (0, 1)):
            return "opposite_w2"
        a_coordinate_each = (W1 != 0).sum() == 2 and W1.any(axis=0).all() and W1.any(axis=1).all()
        if a_coordinate_each and separating_direction(h[positive], h[negative]) is None:
            return "identity_W1"
        corners = forward(CORNERS, **net)[2]
        if corners[0] == corners[1] == 0 < corners[2] == corners[3]:
            return "weights_for_01_xor"
        return tuple(f / Fraction(max(abs(f)) or 1))

    @weights.mistake(
        "Some threshold separates your values of $f$, but not 0: the output bias $b2$ is missing."
    )
    def no_bias(self) -> Net | None:
        return self._showing("no_bias", b2=Fraction(0))

    @weights.mistake(
        "Your values of $f$ are larger at the positive points than at the negative ones, but 0 "
        "does not lie between: another output bias $b2$ moves all of them."
    )
    def wrong_output_bias(self) -> Net | None:
        return self._showing("wrong_output_bias", b2=-self._example["b2"])

    @weights.mistake(
        "Each of your hidden units sees one coordinate only, and no output layer can separate what "
        "these two make of the points. Choose rows that suit the classes."
    )
    def identity_W1(self) -> Net | None:
        return self._showing("identity_W1", W1=exact([[1, 0], [0, 1]]))

    @weights.mistake(
        "Both hidden units compute the same thing up to a factor: then $f$ only rises or only "
        "falls along one direction, as with a single unit."
    )
    def same_rows(self) -> Net | None:
        W1, b1 = self._example["W1"], self._example["b1"]
        return self._showing("same_rows", W1=W1[[0, 0]], b1=b1[[0, 0]])

    @weights.mistake(
        "The two entries of $w2$ pull in opposite directions, so that only one end of the outer "
        "class comes out right."
    )
    def opposite_w2(self) -> Net | None:
        return self._showing("opposite_w2", w2=self._example["w2"] * exact([1, -1]))

    @weights.mistake("Every sign is wrong: this net takes the classes for one another.")
    def flipped_labels(self) -> Net | None:
        w2, b2 = self._example["w2"], self._example["b2"]
        return self._showing("flipped_labels", w2=-w2, b2=-b2)

    @weights.mistake(
        "These weights solve XOR for inputs 0 and 1 and outputs 0 and 1; other points are given."
    )
    def weights_for_01_xor(self) -> Net | None:
        """Goodfellow, Bengio and Courville, Deep Learning, section 6.1."""
        return self._showing(
            "weights_for_01_xor",
            W1=exact([[1, 1], [1, 1]]),
            b1=exact([0, -1]),
            w2=exact([1, -2]),
            b2=Fraction(0),
        )

    @weights.mistake("Every sign is right, but $f(x)$ must be exactly 1 or $-1$: mind the scale.")
    def wrong_scale(self) -> Net | None:
        if self.predicate == "strict":
            return None
        w2, b2 = self._example["w2"], self._example["b2"]
        return self._showing("wrong_scale", w2=2 * w2, b2=2 * b2)

    def _showing(self, name: str, **changed: Any) -> Net | None:
        """The example net with other fields, if on these points it shows the mistake `name`."""
        net = {**self._example, **changed}
        return net if self.weights_shown(**net) == name else None

    # --- what the parts, the figures and the worked solution look at

    def side(self, label: int) -> Matrix:
        """The points of one class, in the order of the sheet."""
        chosen: Matrix = self.points[self._signs == label]
        return chosen

    @cached_property
    def _sides(self) -> dict[int, Matrix]:
        """The same of either class, in plain whole numbers."""
        return {label: plain(self.side(label)) for label in SIGN_NAMES}

    @cached_property
    def _points(self) -> Matrix:
        return plain(self.points)

    @cached_property
    def _given(self) -> Net:
        return plain_net(self.given)

    @cached_property
    def _passed(self) -> tuple[Matrix, Matrix, Vector]:
        """The forward pass of the given net."""
        return forward(self._points, **self._given)

    @cached_property
    def _signs(self) -> Vector:
        return plain(self.labels)

    def names(self, label: int) -> list[Tex]:
        """The names of the points of one class: P_1, P_4."""
        return [Tex(f"P_{i}") for i, y in enumerate(self._signs, start=1) if y == label]

    @cached_property
    def valley(self) -> Valley:
        """The direction that the example weights are made from."""
        return Valley.simplest(self.points, self.labels, self.predicate)

    @cached_property
    def _common_mean(self) -> tuple[Vector, Vector] | None:
        return common_mean(self._sides[1], self._sides[-1])

    @property
    def certificate(self) -> tuple[Vector, Vector]:
        """The convex weights of both classes that give them the same mean; see the class."""
        if self._common_mean is None:
            raise AuthoringError(f"a line separates the classes of {_rows(self.points)}")
        return self._common_mean

    @property
    def meeting_point(self) -> Vector:
        """Where the convex hulls of the two classes meet."""
        mean: Vector = self.certificate[0] @ self.side(1)
        return mean

    @property
    def level_pair(self) -> tuple[int, int]:
        """The two points (from 0) that u.x does not tell apart: u is normal to their segment."""
        heights = self.points @ self.valley.u
        return next((i, j) for i, j in combinations(range(4), 2) if heights[i] == heights[j])

    @property
    def clipped(self) -> int:
        """The first point (from 0) at which the given net would differ without its ReLU."""
        z, _, f = self._passed
        linear = z @ self._given["w2"] + self._given["b2"]
        return next((i for i in range(4) if linear[i] != f[i]), 0)

    @property
    def example_pass(self) -> Matrix:
        """The forward table of the example weights."""
        return exact(table(self._points, **plain_net(self._example)))

    @cached_property
    def _example(self) -> Net:
        return self.valley.net(self.predicate)

    def verify(self) -> None:
        """Nets by floating point, entry by entry; separability by trying a direction from each arc;
        the certificate by areas; the example weights by the absolute value for ReLU."""
        truths = self.truths()
        given = {name: np.asarray(field, dtype=float) for name, field in self.given.items()}
        rows = [_computed_row(given, point, 0.5) for point in self.points.astype(float)]
        agree("forward_table", truths["forward_table"], np.array(rows), within=1e-9)
        wrong = [row for row, y in zip(rows, self._signs, strict=True) if not row[-1] * y > 0]
        agree("misclassified", truths.get("misclassified"), len(wrong))

        apart = separating_direction(self._sides[1], self._sides[-1]) is not None
        agree("raw_separable", truths["raw_separable"], frozenset({"yes" if apart else "no"}))
        agree("fewest_units", truths.get("fewest_units"), frozenset({"1" if apart else "2"}))
        # Radon: the weight of a point is the area of the triangle of the three others.
        corners = self._points.tolist()
        areas = exact([_double_area(corners[:i] + corners[i + 1 :]) for i in range(4)])
        sides = {name: areas[self.labels == y] for y, name in SIGN_NAMES.items()}
        shares = {name: side / sum(side) for name, side in sides.items()}
        agree("inseparability_certificate", truths["inseparability_certificate"], shares)

        net = plain_net(self._example)
        for point, y in zip(self._points, self._signs, strict=True):
            f = _computed_row(net, point, Fraction(1, 2))[-1]
            if not (f == y if self.predicate == "exact" else f * y > 0):
                raise Disagreement(f"weights: f{_row(point)} = {f}, the label is {y}")

    # --- figures

    def map(self) -> Figure:
        """The four points, each with its class."""
        return self._drawn(self._described)

    def crossing(self) -> Figure:
        """The points of each class joined up: segments that cross, or a triangle around a point."""
        joins = [pair for y in (1, -1) for pair in combinations(map(tuple, self.side(y)), 2)]
        alt = f"{self._described}; the points of each class are joined"
        return self._drawn(alt, segments=joins)

    def regions(self) -> Figure:
        """The lines where the example's f is 0, and between them the line u.x = s."""
        u, s, drop = self.valley.u, self.valley.s, 1 / self._example["w2"]
        zeros = [(*u, -s - abs(drop[0])), (*u, -s + abs(drop[1]))]
        lines = [((*u, -s), "dashed"), *((line, "thick") for line in zeros)]
        alt = f"{self._described}; two parallel lines where f is 0, and a dashed one between them"
        return self._drawn(alt, lines=lines)

    def hidden_space(self) -> Figure:
        """What the example's hidden layer makes of the points, and the line w2.h + b2 = 0 there."""
        net = self._example
        return drawing(
            map(tuple, exact(forward(self.points, **net)[1])),
            self._signs,
            axes=("h_1", "h_2"),
            alt="the hidden images of the four points, and a line that separates the classes",
            lines=[((*net["w2"], net["b2"]), "thick")],
        )

    def _drawn(self, alt: str, **more: Any) -> Figure:
        places = map(tuple, self.points)
        return drawing(places, self._signs, axes=("x_1", "x_2"), alt=alt, **more)

    @cached_property
    def _described(self) -> str:
        classes = [f"{_rows(self.side(y))} {name}" for y, name in SIGN_NAMES.items()]
        return f"four points in the plane: {', '.join(classes)}"


def table(points: Matrix, **net: Any) -> Matrix:
    """One row a point: z_1, z_2, h_1, h_2, f."""
    return _table(*forward(points, **net))


def _table(z: Matrix, h: Matrix, f: Vector) -> Matrix:
    return np.column_stack([z, h, f])


def _computed_row(net: Net, point: Vector, half: Any) -> list[Any]:
    """z_1, z_2, h_1, h_2, f at a point, in its arithmetic, to which 1/2 belongs; ReLU(z) is
    (z + |z|) / 2."""
    x, y = point
    pairs = zip(net["W1"], net["b1"], strict=True)
    z = [across * x + up * y + bias for (across, up), bias in pairs]
    h = [(value + abs(value)) * half for value in z]
    first, second = net["w2"]
    return [*z, *h, first * h[0] + second * h[1] + net["b2"]]


def _double_area(triangle: list[list[Any]]) -> Fraction:
    (a, b), (c, d), (e, f) = triangle
    area: Fraction = abs((c - a) * (f - b) - (e - a) * (d - b))
    return area


def _row(point: Vector) -> str:
    return f"({', '.join(map(str, point))})"


def _rows(points: Matrix) -> str:
    return ", ".join(map(_row, points))
