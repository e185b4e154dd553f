"""What small inputs leave of an activation function: a linear map, an affine one, or a kink."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, partial
from typing import Any, Self

import numpy as np

from generator.drawing.plots import Polyline, plot
from generator.exercises.near_zero import (
    CLASSES,
    EXAM,
    EXAM_SELU,
    POOL,
    Near,
    drawn_parameters,
    function_at,
    near,
    of_kind,
    slopes_found,
)
from generator.model.answers import Array, Choice, Group, Number
from generator.model.exercise import Exercise, agree, part
from generator.model.figure import Figure
from generator.model.values import Vector, exact
from generator.sampling import Rng

KAPPA = 1 - 2 / math.pi  # the variance of |u| for a standard normal u
# Affine near 0, with a rational constant and a positive slope other than 1, so that it takes work.
LAYERED = (("sigmoid", 2), ("sigmoid", 6), ("sigmoid", 8), ("exp", 2), ("exp", 3))
POOLS = ("exam", "wide")
SIDES = tuple(map(Fraction, ("0", "0.1", "0.2", "0.25", "0.5", "-0.1", "-0.2", "1", "2")))
RIGHT = tuple(map(Fraction, ("0.5", "1", "1.5", "2")))


@dataclass(frozen=True, eq=False)
class SmallSignalLinearity(Exercise):
    """Functions s_1, s_2, ... of x ~ N(0, sigma^2) as sigma tends to 0; a net of two layers whose
    activation is replaced by its first-order approximation; a function with a kink."""

    title = "Activation functions for small inputs"
    source = "exam of 2023/01/20, exercise 3"
    level_settings = (
        {"count": 4, "pool": "exam"},
        {"count": 6},
    )
    variants = ({"pool": "exam", "count": 4}, {"pool": "exam", "count": 5, "printed": True})

    names: tuple[str, ...]  # functions of POOL, in the order shown
    parameters: tuple[Vector, ...]  # of each
    probed: tuple[int, ...]  # two of them, from 1, in rising order; one has a kink, the other none
    layered: str  # the activation of the net, a function of POOL
    layered_parameters: Vector  # and its parameter; see LAYERED
    w: Vector  # (2,) its weights
    b: Vector  # (2,) its biases
    sides: Vector  # (2,) slopes left and right of 0 of a piecewise linear function

    @classmethod
    def sample(cls, rng: Rng, *, count: int = 5, pool: str = "wide", printed: bool = False) -> Self:
        """`count` functions, 4 to 6, at least one linear, one affine and one with a kink. From the
        pool "exam" come its four (sigmoid, tanh, ReLU, SELU) and any others beyond these; with
        `printed` their scales, lambda and alpha are the exam's, not drawn."""
        if not 4 <= count <= 6:
            raise ValueError("count is 4, 5 or 6")
        if pool not in POOLS:
            raise ValueError("pool is exam or wide")
        if printed and pool != "exam":
            raise ValueError("printed goes with the pool exam")
        names = _drawn_names(rng, count, pool)
        parameters = tuple(
            _as_printed(name) if printed and name in EXAM else drawn_parameters(rng, name)
            for name in names
        )
        kinds = [near(*each).kind for each in zip(names, parameters, strict=True)]
        places = range(1, count + 1)
        bent = [i for i in places if kinds[i - 1] == "kink" and names[i - 1] != "abs"]
        even = [i for i in places if kinds[i - 1] in ("linear", "affine")]
        unused = [each for each in LAYERED if each[0] not in names]
        layered, parameter = rng.choice(unused or LAYERED)
        layered_parameters = exact([parameter])
        return cls(
            names=names,
            parameters=parameters,
            probed=tuple(sorted((rng.choice(bent), rng.choice(even)))),
            layered=layered,
            layered_parameters=layered_parameters,
            **_two_layers(rng, near(layered, layered_parameters)),
            sides=_drawn_sides(rng),
        )

    @cached_property
    def near(self) -> tuple[Near, ...]:
        """Value and slopes at 0 of each function."""
        return tuple(near(*each) for each in zip(self.names, self.parameters, strict=True))

    @property
    def shown(self) -> tuple[str, ...]:
        """What the sheet calls the functions."""
        return tuple(f"s{place}" for place in range(1, len(self.names) + 1))

    # Classes

    @part(points=4)
    def classify(self) -> Group:
        return Group.of(
            **{
                name: Choice(frozenset({each.kind}), options=CLASSES)
                for name, each in zip(self.shown, self.near, strict=True)
            }
        )

    def _with(self, **classes: str) -> dict[str, frozenset[str]] | None:
        """The right classes, but for functions of POOL that a wrong rule puts elsewhere; None where
        none of these is on the sheet."""
        if not set(classes) & set(self.names):
            return None
        return {
            shown: frozenset({classes.get(name, each.kind)})
            for shown, name, each in zip(self.shown, self.names, self.near, strict=True)
        }

    @classify.mistake(
        "Not all inputs are mapped to 0: half of them are positive, however small $sigma$ is, and "
        "the slope there is not 0."
    )
    def relu_all_zero(self) -> Any:
        return self._with(relu="degenerate")

    @classify.mistake(
        "Look at the values at 0 as well: where $s(0)$ is not 0, the map that is left has a "
        "constant."
    )
    def intercept_overlooked(self) -> Any:
        return self._with(**dict.fromkeys(of_kind("affine"), "linear"))

    @classify.mistake(
        "That a function is smooth says that its slopes at 0 agree; it says neither that the slope "
        "is other than 0 nor that the value is 0."
    )
    def smooth_iff_linear(self) -> Any:
        if not set(self.names) & set(of_kind("degenerate")):
            return None  # the mistake above
        return self._with(**dict.fromkeys((*of_kind("affine"), *of_kind("degenerate")), "linear"))

    @classify.mistake(
        "A definition in pieces need not have a kink at 0: compare the slopes on both sides of 0."
    )
    def pieces_mean_a_kink(self) -> Any:
        pieced = [name for name, each in POOL.items() if each.pieced]
        return self._with(**dict.fromkeys(pieced, "kink"))

    @classify.mistake(
        "Work out the slope of each piece at 0: an exponential piece need not meet a straight one "
        "with the same slope."
    )
    def exponential_pieces_fit(self) -> Any:
        return self._with(elu="linear", selu="linear", standard_selu="linear")

    # Slopes

    @part(points=3)
    def slopes(self) -> Array:
        return Array(self._slopes(), partial=True)

    def _slopes(self, **wrong: Any) -> Vector:
        """Left and right slopes of the two probed functions; `wrong` replaces those of some, by a
        rule that takes name, parameters and what is near 0."""
        found: list[Any] = []
        for place in self.probed:
            each = self.near[place - 1]
            rule = wrong.get("kink" if each.kind == "kink" else "even")
            arguments = self.names[place - 1], self.parameters[place - 1], each
            found += rule(*arguments) if rule else (each.left, each.right)
        return (
            exact(found) if all(isinstance(s, Fraction) for s in found) else np.array(found, float)
        )

    def _probed(self, kinked: bool) -> int:
        """The place, from 0, of the probed function with a kink, or of the other."""
        return next(p - 1 for p in self.probed if (self.near[p - 1].kind == "kink") is kinked)

    @slopes.mistake("The two sides of 0 have slopes of their own: work out the left one too.")
    def right_slope_only(self) -> Any:
        return self._slopes(kink=lambda name, p, each: (each.right, each.right))

    @slopes.mistake("Only the definition counts: see which of the two factors stands on the left.")
    def selu_other_definition(self) -> Any:
        rules = {"selu": lambda lam, alpha: lam * alpha, "standard_selu": lambda lam, alpha: alpha}
        rule = rules.get(self.names[self._probed(True)])
        if rule is None:
            return None
        return self._slopes(kink=lambda name, p, each: (rule(*p), each.right))

    @slopes.mistake("This function is not 0 left of 0: it has a slope there.")
    def left_side_flat(self) -> Any:
        if self.near[self._probed(True)].left == 0:
            return None
        return self._slopes(kink=lambda name, p, each: (Fraction(0), each.right))

    @slopes.mistake("That is a value at 0, $s(0)$; the slope is what multiplies $x$.")
    def value_for_slope(self) -> Any:
        even = self.near[self._probed(False)]
        if even.kind == "linear" or even.value == even.left:
            return None
        return self._slopes(even=lambda name, p, each: (each.value, each.value))

    @slopes.mistake("The factor of $x$ inside the function multiplies the slope (chain rule).")
    def inner_factor_lost(self) -> Any:
        place = self._probed(False)
        if not POOL[self.names[place]].inner or self.parameters[place][0] == 1:
            return None
        return self._slopes(even=lambda name, p, each: (each.left / p[0], each.right / p[0]))

    @slopes.mistake(
        "$1/(1 + e^-z)$ rises less steeply at 0 than $tanh z$ does: differentiate it there."
    )
    def sigmoid_slope_of_tanh(self) -> Any:
        if self.names[self._probed(False)] not in ("sigmoid", "centred_sigmoid"):
            return None
        return self._slopes(even=lambda name, p, each: (p[0], p[0]))

    # Two layers

    @cached_property
    def first_order(self) -> Near:
        """Value and slope at 0 of the net's activation."""
        return near(self.layered, self.layered_parameters)

    def _layers(self, c: Fraction, m: Fraction) -> tuple[Fraction, Fraction]:
        """Slope and intercept of the two layers with c + m z for the activation."""
        (w1, w2), (b1, b2) = self.w, self.b
        return m * m * w1 * w2, c + m * (b2 + w2 * (c + m * b1))

    @property
    def first_line(self) -> tuple[Fraction, Fraction]:
        """Slope and intercept of the first layer, approximated."""
        c, m = self.first_order.value, self.first_order.left
        return m * self.w[0], c + m * self.b[0]

    @part(points=2)
    def effective_layer(self) -> Array:
        line = self._layers(self.first_order.value, self.first_order.left)
        return Array(exact(line), partial=True)

    @effective_layer.mistake("The value of the activation at 0 is not 0: it adds a constant.")
    def activation_without_constant(self) -> Any:
        return exact(self._layers(Fraction(0), self.first_order.left))

    @effective_layer.mistake("The factor of $z$ is the slope at 0; the value at 0 is the constant.")
    def value_as_factor(self) -> Any:
        c = self.first_order.value
        return None if c == self.first_order.left else exact(self._layers(c, c))

    @effective_layer.mistake("The second layer acts on the constant of the first one, too.")
    def constants_just_added(self) -> Any:
        slope, _ = self._layers(self.first_order.value, self.first_order.left)
        return exact([slope, 2 * self.first_order.value + self.b[0] + self.b[1]])

    @effective_layer.mistake("The signal passes two activations: both slopes multiply.")
    def slope_counted_once(self) -> Any:
        m = self.first_order.left
        slope, intercept = self._layers(self.first_order.value, m)
        return None if m == 1 else exact([slope / m, intercept])

    # The share that no affine map explains

    @property
    def mean_slope(self) -> Fraction:
        """m of r(x) = m x + d |x|."""
        return Fraction(self.sides[0] + self.sides[1]) / 2

    @cached_property
    def half_gap(self) -> Fraction:
        """d of r(x) = m x + d |x|."""
        return Fraction(self.sides[1] - self.sides[0]) / 2

    @property
    def bent_variance(self) -> float:
        """Of d |x|, in units of sigma^2."""
        return float(self.half_gap) ** 2 * KAPPA

    def _share(self, spread: float) -> float:
        bent = float(self.half_gap) ** 2 * spread
        return bent / (float(self.mean_slope) ** 2 + bent)

    @part(points=1)
    def unexplained_share(self) -> Number:
        return Number(self._share(KAPPA))

    @unexplained_share.mistake(
        "Subtract the square of the mean of $|x|$: an affine map explains the mean."
    )
    def mean_kept(self) -> float:
        return self._share(1)

    @unexplained_share.mistake(
        "The square of the mean of $|x|$ is what is to be taken off, not what is left."
    )
    def square_of_the_mean(self) -> float:
        return self._share(2 / math.pi)

    @unexplained_share.mistake(
        "How many inputs are left of 0 is not the question: how much variance is unexplained?"
    )
    def half_the_inputs(self) -> float:
        return 0.5

    @unexplained_share.mistake("The share is of the whole variance, not of the explained part.")
    def of_the_explained_part(self) -> float | None:
        share = self._share(KAPPA)
        return share / (1 - share) if share > 0.06 else None  # else hardly another number

    @unexplained_share.mistake("A share of the variance compares squares: no root is taken.")
    def of_the_deviation(self) -> float:
        return math.sqrt(self._share(KAPPA))

    def verify(self) -> None:
        """One-sided differences of the functions; the net run with an approximation found that way;
        least squares under the normal distribution by Gauss-Legendre quadrature."""
        truths = self.truths()
        found = [
            (function_at(*each, 0.0), *slopes_found(partial(function_at, *each)))
            for each in zip(self.names, self.parameters, strict=True)
        ]
        classes = {
            shown: frozenset({_class(*each)}) for shown, each in zip(self.shown, found, strict=True)
        }
        agree("classify", truths["classify"], classes)
        probed = [slope for place in self.probed for slope in found[place - 1][1:]]
        agree("slopes", truths["slopes"], np.array(probed), within=1e-6)

        activation = partial(function_at, self.layered, self.layered_parameters)
        value, (_, slope) = activation(0.0), slopes_found(activation)

        def output(x: float) -> float:
            for w, b in zip(self.w.astype(float), self.b.astype(float), strict=True):
                x = value + slope * (w * x + b)
            return x

        line = np.array([output(1.0) - output(0.0), output(0.0)])
        agree("effective_layer", truths["effective_layer"], line, within=1e-6)
        agree(
            "unexplained_share",
            truths["unexplained_share"],
            _fitted_share(*map(float, self.sides)),
            within=1e-8,
        )

    def best_fit(self) -> Figure:
        """The piecewise linear function and the affine map nearest to it, x in units of sigma."""
        p, q = map(float, self.sides)
        m, d = float(self.mean_slope), float(self.half_gap)
        constant = d * math.sqrt(2 / math.pi)
        ends = [-3 * p, 3 * q, constant - 3 * m, constant + 3 * m, 0.0, constant]
        return plot(
            [
                Polyline([(-3, -3 * p), (0, 0), (3, 3 * q)], label="r"),
                Polyline(
                    [(-3, constant - 3 * m), (3, constant + 3 * m)],
                    label=r"\text{best affine map}",
                    stroke="thick dashed",
                ),
            ],
            x=(-3, 3),
            y=(min(ends) - 0.2, max(ends) + 0.2),
            names=(r"x / \sigma", r"r / \sigma"),
            height=3.5,
            alt="the function r with its kink at 0, and the straight line nearest to it",
        )


def _class(value: float, left: float, right: float) -> str:
    if abs(left - right) > 1e-5:
        return "kink"
    if abs(right) < 1e-5:
        return "degenerate"
    return "affine" if abs(value) > 1e-9 else "linear"


def _fitted_share(p: float, q: float) -> float:
    """The variance of r(u), u standard normal, that a least-squares line leaves, as a share."""
    u, mass = _normal()
    r = np.where(u > 0, q, p) * u
    design = np.column_stack([np.ones_like(u), u]) * np.sqrt(mass)[:, np.newaxis]
    line = np.linalg.lstsq(design, r * np.sqrt(mass), rcond=None)[0]
    left = mass @ (r - line[0] - line[1] * u) ** 2
    return float(left / (mass @ r**2 - (mass @ r) ** 2))


@cache
def _normal() -> tuple[Vector, Vector]:
    """Gauss-Legendre points from -12 to 0 and from 0 to 12 with their normal masses."""
    nodes, weights = np.polynomial.legendre.leggauss(80)
    u = 6 * (nodes + 1)
    half = 6 * weights * np.exp(-u * u / 2) / math.sqrt(2 * math.pi)
    return np.concatenate([-u, u]), np.concatenate([half, half])


def _drawn_names(rng: Rng, count: int, pool: str) -> tuple[str, ...]:
    """At least one of each kind but perhaps the degenerate, and one with a kink that is no |x|."""
    if pool == "exam":
        chosen = list(EXAM)
    else:
        bent = [name for name in of_kind("kink") if name != "abs"]
        chosen = [rng.choice(of_kind("linear")), rng.choice(of_kind("affine")), rng.choice(bent)]
    rest = [name for name in POOL if name not in chosen]
    return tuple(rng.shuffled([*chosen, *rng.sample(rest, count - len(chosen))]))


def _as_printed(name: str) -> Vector:
    return EXAM_SELU if name == "selu" else exact([1])


def _two_layers(rng: Rng, activation: Near) -> dict[str, Vector]:
    """Weights, and biases that keep both pre-activations small: the second one takes most of the
    first layer's constant off again."""
    w1 = rng.sign() * rng.integer(2, 4)
    # Where w2 s'(0) = -1 the constant of the first layer undoes that of the second.
    w2 = rng.choice([w for w in range(-4, 5) if abs(w) > 1 and w * activation.left != -1])
    b1, rest = (Fraction(rng.nonzero(4), 10) for _ in range(2))
    return {"w": exact([w1, w2]), "b": exact([b1, rest - w2 * activation.value])}


def _drawn_sides(rng: Rng) -> Vector:
    """Neither one straight line nor a multiple of |x|."""
    return exact(rng.choice([(p, q) for p in SIDES for q in RIGHT if p not in (q, -q)]))
