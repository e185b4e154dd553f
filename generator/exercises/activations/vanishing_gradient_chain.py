"""Vanishing gradients: products of slopes, dead units, saturated outputs, remedies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any, Self

import numpy as np

from generator.drawing.graphs import Edge, Node, layered_graph
from generator.exercises.activating import activate, sigmoid
from generator.exercises.proving import complex_step
from generator.exercises.remedies import HELPING, USELESS, helps
from generator.model.answers import EXACT, Array, Choice, Number, Tolerance
from generator.model.exercise import Exercise, Rejected, agree, part
from generator.model.figure import Figure
from generator.model.form import Form
from generator.model.values import Tex, Vector, array, exact
from generator.notation.form import write_in
from generator.sampling import Rng

SLOPES: dict[str, Callable[[Fraction], Fraction]] = {
    "sigmoid": lambda h: h * (1 - h),
    "tanh": lambda h: 1 - h * h,
    "relu": lambda h: Fraction(1),  # of a unit with h > 0
}
STEEPEST = {"sigmoid": Fraction(1, 4), "tanh": Fraction(1), "relu": Fraction(1)}
SHOWN = 5  # changes
THREE_FIGURES = Tolerance.to_figures(3)


@dataclass(frozen=True, eq=False)
class VanishingGradientChain(Exercise):
    """A chain h_l = s_l(w_l h_{l-1} + b_l), whose biases make the outputs true; a layer of two ReLU
    units with one input, one of them dead; and a saturated sigmoid output."""

    title = "Vanishing gradients in a chain of layers"
    source = "discussion 7, 1(c); homework 1, 1.3(c)"
    level_settings = (
        {"depth": 3, "relu_layers": 0},
        {"depth": 5, "relu_layers": 2, "activation": "mixed", "largest_weight": 3},
    )
    variants = (
        {"activation": "tanh", "relu_layers": 0, "depth": 3, "largest_weight": 2},
        {"activation": "mixed", "depth": 5, "relu_layers": 2, "largest_weight": 3},
    )

    activations: tuple[str, ...]  # (L,) of SLOPES, from the first layer to the last
    weights: Vector  # (L,) w_1 .. w_L
    outputs: Vector  # (L,) h_1 .. h_L
    largest_weight: Fraction  # bound on all |w_l| of a chain of sigmoids
    exponent: int  # its derivative is to be below 10^-exponent
    unit_weights: Vector  # (2,) of the ReLU units, the input's weight
    unit_biases: Vector  # (2,)
    inputs: Vector  # (3,) one of each example
    upstream: tuple[Vector, ...]  # per example (2,): dL/dh of both units
    rate: Fraction  # learning rate
    output: Fraction  # of a sigmoid, near 0 or 1
    target: Fraction  # 0 or 1, the other one
    changes: tuple[str, ...]  # of HELPING and USELESS, in the order shown

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        depth: int = 4,
        relu_layers: int = 1,
        activation: str = "sigmoid",
        largest_weight: int = 1,
    ) -> Self:
        """`depth` is the number of layers of the chain, of which `relu_layers` are ReLUs and the
        others have the `activation` sigmoid, tanh, or mixed; `largest_weight`, 1 to 3, bounds the
        weights where the depth is asked that makes a derivative small."""
        _check_options(depth, relu_layers, activation, largest_weight)
        weights, outputs, activations = _chain(rng, depth, relu_layers, activation)
        target = Fraction(rng.integer(0, 1))
        gap = Fraction(rng.integer(1, 4), 100)  # between the output and the wrong target
        helping = rng.integer(2, 3)
        chosen = rng.sample(HELPING, helping) + rng.sample(USELESS, SHOWN - helping)
        return cls(
            activations=activations,
            weights=weights,
            outputs=outputs,
            largest_weight=Fraction(largest_weight),
            exponent=rng.integer(2, 9) if largest_weight < 3 else rng.integer(2, 4),
            **_layer(rng),
            rate=rng.choice((Fraction(1, 10), Fraction(1, 5), Fraction(1, 2))),
            output=gap if target else 1 - gap,
            target=target,
            changes=tuple(rng.shuffled(chosen)),
        )

    @property
    def depth(self) -> int:
        return len(self.weights)

    # The chain

    @cached_property
    def slopes(self) -> Vector:
        """(L,) s'_l(z_l)."""
        pairs = zip(self.activations, self.outputs, strict=True)
        return exact([SLOPES[name](h) for name, h in pairs])

    @cached_property
    def factors(self) -> Vector:
        """(L,) dh_l / dh_{l-1}."""
        return self.weights * self.slopes

    @cached_property
    def gradients(self) -> Vector:
        """(L + 1,) dh_L / dh_l for l = 0 .. L."""
        found = [Fraction(1)]
        for factor in self.factors[::-1]:
            found.append(found[-1] * factor)
        return exact(found[::-1])

    @property
    def three_figures(self) -> Tex:
        """dh_L / dh_0 as it is asked for."""
        return Tex(write_in(self.gradients[0], [Form.of("3 significant figures")]))

    @property
    def weights_only(self) -> Fraction:
        """The product of the weights."""
        return Fraction(math.prod(self.weights))

    @part(points=3)
    def chain_product(self) -> Number:
        return Number(math.prod(self.factors), THREE_FIGURES)

    @chain_product.mistake(
        "Each layer's slope is a factor of the derivative, not its weight alone."
    )
    def no_derivative(self) -> Fraction:
        return self.weights_only

    @chain_product.mistake("Multiply by each activation's slope, not by its value.")
    def value_for_slope(self) -> Any:
        named = zip(self.activations, self.outputs, strict=True)
        values = [Fraction(1) if name == "relu" else h for name, h in named]
        return math.prod(self.weights * exact(values))

    @chain_product.mistake("The weights are factors too, one in each layer.")
    def weights_forgotten(self) -> Any:
        return math.prod(self.slopes)

    @chain_product.mistake(
        "$1/4$ is the largest slope of a sigmoid, which it has at $z = 0$ only: a bound, not the "
        "value."
    )
    def bound_used_as_value(self) -> Any:
        if "sigmoid" not in self.activations:
            return None
        return math.prod(self.weights * exact([STEEPEST[name] for name in self.activations]))

    @chain_product.mistake("There are as many factors as layers: the first layer counts too.")
    def one_factor_short(self) -> Any:
        return self.gradients[1]

    @chain_product.mistake("$h(1 - h)$ is the slope of the sigmoid; tanh has another one.")
    def sigmoid_rule_for_tanh(self) -> Any:
        if "tanh" not in self.activations:
            return None
        named = zip(self.activations, self.outputs, strict=True)
        slopes = [SLOPES["sigmoid" if name == "tanh" else name](h) for name, h in named]
        return math.prod(self.weights * exact(slopes))

    @part(points=2)
    def layers_until(self) -> Number:
        return Number(self._layers_below(self.largest_weight / 4), EXACT, integer=True)

    def _layers_below(self, factor: Fraction) -> Fraction:
        """The first L with factor^L below 10^-exponent."""
        return Fraction(math.floor(self._crossing(factor)) + 1)

    def _crossing(self, factor: Fraction) -> float:
        """The L, no whole number, with factor^L = 10^-exponent."""
        return self.exponent * math.log(10) / -math.log(factor)

    @property
    def crossing(self) -> float:
        return self._crossing(self.largest_weight / 4)

    @layers_until.mistake("With one layer less the bound is not yet small enough: round up.")
    def rounded_down(self) -> Fraction:
        return self._layers_below(self.largest_weight / 4) - 1

    @layers_until.mistake("Every layer has an activation, so there are as many slopes as layers.")
    def one_slope_less(self) -> Fraction:
        return self._layers_below(self.largest_weight / 4) + 1

    @layers_until.mistake("The slope of a sigmoid is $h(1 - h)$: how large is that at most?")
    def slope_up_to_a_half(self) -> Any:
        if self.largest_weight >= 2:
            return None
        return self._layers_below(self.largest_weight / 2)

    @layers_until.mistake("Each layer brings its weight as well as its slope.")
    def weights_not_bounded(self) -> Any:
        return None if self.largest_weight == 1 else self._layers_below(Fraction(1, 4))

    # Two ReLU units

    @cached_property
    def pre(self) -> tuple[Vector, ...]:
        """Per example (2,) pre-activations of both units."""
        return tuple(self.unit_weights * x + self.unit_biases for x in self.inputs)

    @property
    def dead(self) -> int:
        """Which unit, from 1, is dead: not above 0 for any example."""
        return 1 + min(i for i in (0, 1) if all(z[i] < 0 for z in self.pre))

    @cached_property
    def sums(self) -> Vector:
        """(4,) the derivatives with respect to w_1, b_1, w_2, b_2."""
        return self._sums(tuple(exact([Fraction(each > 0) for each in z]) for z in self.pre))

    def _sums(self, masks: Sequence[Vector]) -> Vector:
        total = exact([0] * 4)
        for x, g, mask in zip(self.inputs, self.upstream, masks, strict=True):
            first, second = g * mask
            total = total + exact([first * x, first, second * x, second])
        return total

    @cached_property
    def parameters(self) -> Vector:
        """(4,) w_1, b_1, w_2, b_2 before the step."""
        pairs = zip(self.unit_weights, self.unit_biases, strict=True)
        return exact([entry for pair in pairs for entry in pair])

    @part(points=2)
    def dead_unit_update(self) -> Array:
        return Array(self.parameters - self.rate * self.sums)

    @dead_unit_update.mistake(
        "Where $z < 0$ the slope of ReLU is 0, and nothing of the upstream gradient gets through."
    )
    def dead_unit_still_moves(self) -> Vector:
        whole: Vector = self.parameters - self.rate * self._sums([exact([1, 1])] * 3)
        return whole

    @dead_unit_update.mistake("Gradient descent goes against the gradient: subtract.")
    def ascent(self) -> Vector:
        risen: Vector = self.parameters + self.rate * self.sums
        return risen

    @dead_unit_update.mistake("The loss is the sum over the examples here, not their mean.")
    def mean_over_examples(self) -> Vector:
        mean: Vector = self.parameters - self.rate * self.sums / 3
        return mean

    @dead_unit_update.mistake("The biases are parameters as well, and take part in the step.")
    def biases_left(self) -> Vector:
        return exact(self.parameters - self.rate * self.sums * exact([1, 0, 1, 0]))

    # A saturated output

    @cached_property
    def error(self) -> Fraction:
        return self.output - self.target

    @cached_property
    def output_slope(self) -> Fraction:
        return self.output * (1 - self.output)

    @property
    def squared_error_gradient(self) -> Fraction:
        return 2 * self.error * self.output_slope

    @part(points=2)
    def bce_vs_mse_output(self) -> Array:
        # As decimals: nobody wants 0.074... as a fraction.
        return Array(array([float(self.squared_error_gradient), float(self.error)]))

    @bce_vs_mse_output.mistake(
        "The derivative of the cross-entropy with respect to the output is large where the sigmoid "
        "is flat: the slope of the sigmoid cancels."
    )
    def bce_saturates(self) -> Vector:
        slope = self.output_slope
        return exact([2 * self.error * slope, self.error * slope])

    @bce_vs_mse_output.mistake("With the squared error the slope of the sigmoid stays as a factor.")
    def mse_without_slope(self) -> Vector:
        return exact([2 * self.error, self.error])

    @bce_vs_mse_output.mistake("The square has no factor $1/2$ here: its derivative keeps the 2.")
    def half_assumed(self) -> Vector:
        return exact([self.error * self.output_slope, self.error])

    @bce_vs_mse_output.mistake("Which way round is the difference? Think of the effect of a step.")
    def wrong_sign(self) -> Vector:
        return exact([-2 * self.error * self.output_slope, -self.error])

    @bce_vs_mse_output.mistake("These are derivatives with respect to the output; go on to $z$.")
    def stopped_at_output(self) -> Vector:
        return exact([2 * self.error, self.error / self.output_slope])

    @part(points=1)
    def remedies(self) -> Choice:
        right = frozenset(self.changes) & frozenset(HELPING)
        return Choice(right, options=self.changes, several=True, partial=True)

    def _also(self, key: str) -> frozenset[str] | None:
        """What helps, and one that does not, where that is on the sheet."""
        return frozenset(self.changes) & {*HELPING, key} if key in self.changes else None

    @remedies.mistake("Each further sigmoid layer brings one more slope of at most $1/4$.")
    def deeper_helps(self) -> frozenset[str] | None:
        return self._also("deeper")

    @remedies.mistake("The learning rate scales the step, not the gradient.")
    def rate_helps(self) -> frozenset[str] | None:
        return self._also("small_rate")

    @remedies.mistake("With weights 0 nothing gets back through a layer at all.")
    def zero_weights_help(self) -> frozenset[str] | None:
        return self._also("zero_weights")

    @remedies.mistake("A sigmoid is flat far from 0, where large biases drive it.")
    def large_biases_help(self) -> frozenset[str] | None:
        return self._also("large_biases")

    @remedies.mistake(
        "Four times the weights make up for a quarter of the slope: the factor of a layer stays."
    )
    def flatter_helps(self) -> frozenset[str] | None:
        return self._also("flatter")

    def verify(self) -> None:
        """Complex-step derivatives of the chain, of the two units' loss and of both output losses;
        bounds multiplied out; remedies tried out on a random network."""
        truths = self.truths()
        found = complex_step(self._last_output, np.ones(1))[0]
        agree("chain_product", truths["chain_product"], found, within=1e-9)
        bound, layers = Fraction(1), 0
        while bound >= Fraction(1, 10**self.exponent):
            bound, layers = bound * self.largest_weight / 4, layers + 1
        agree("layers_until", truths["layers_until"], layers)
        start = self.parameters.astype(float)
        moved = start - float(self.rate) * complex_step(self._loss_of_units, start)
        agree("dead_unit_update", truths["dead_unit_update"], moved, within=1e-9)
        y, z = float(self.target), math.log(self.output / (1 - self.output))
        losses = (
            lambda z: (sigmoid(z[0]) - y) ** 2,
            lambda z: y * np.log(1 + np.exp(-z[0])) + (1 - y) * np.log(1 + np.exp(z[0])),
        )
        both = [complex_step(loss, np.array([z]))[0] for loss in losses]
        agree("bce_vs_mse_output", truths["bce_vs_mse_output"], both, within=1e-9)
        agree(
            "remedies",
            truths["remedies"],
            {key for key in self.changes if helps(key)},
        )

    def _last_output(self, start: Any) -> Any:
        """h_L as a function of h_0, which is 1 where the outputs are true."""
        h, before = start[0], 1.0
        for name, w, output in zip(self.activations, self.weights, self.outputs, strict=True):
            bias = _INVERSES[name](float(output)) - float(w) * before
            h, before = activate(name, float(w) * h + bias), float(output)
        return h

    def _loss_of_units(self, parameters: Any) -> Any:
        """The sum over examples and units of upstream gradient times output."""
        weights, biases = parameters[[0, 2]], parameters[[1, 3]]
        total = 0
        for x, g in zip(self.inputs.astype(float), self.upstream, strict=True):
            total = total + g.astype(float) @ activate("relu", weights * x + biases)
        return total

    # Figures

    def graph(self) -> Figure:
        """The chain with its weights and outputs."""
        return self._drawn([""] * (self.depth + 1))

    def graph_of_gradients(self) -> Figure:
        """The same with dh_L / dh_l in boxes."""
        return self._drawn([f"{float(each):.3g}" for each in self.gradients])

    def _drawn(self, gradients: Sequence[str]) -> Figure:
        values = ["", *(f"{float(h):g}" for h in self.outputs)]
        nodes = [
            Node(f"h{i}", f"h_{i}", value=values[i], gradient=gradients[i])
            for i in range(self.depth + 1)
        ]
        edges = [Edge(f"h{i}", f"h{i + 1}", f"{float(w):g}") for i, w in enumerate(self.weights)]
        return layered_graph(nodes, edges)


_INVERSES: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda h: math.log(h / (1 - h)),
    "tanh": math.atanh,
    "relu": lambda h: h,
}


# Drawing


def _chain(
    rng: Rng, depth: int, relu_layers: int, activation: str
) -> tuple[Vector, Vector, tuple[str, ...]]:
    """Weights, outputs and activations; no sigmoid or tanh is near its steepest."""
    rectified = rng.sample(range(depth), relu_layers)
    tenths = rng.sample((1, 2, 3, 7, 8, 9), depth)
    weights, outputs, names = [], [], []
    for layer in range(depth):
        if layer in rectified:
            names.append("relu")
            outputs.append(Fraction(rng.integer(1, 4)))
        elif activation == "tanh" or (activation == "mixed" and rng.chance(1, 2)):
            names.append("tanh")
            outputs.append(rng.sign() * rng.tenth(5, 9))
        else:
            names.append("sigmoid")
            outputs.append(Fraction(tenths[layer], 10))
        weights.append(rng.sign() * rng.integer(2, 4))
    return exact(weights), exact(outputs), tuple(names)


def _layer(rng: Rng) -> dict[str, Any]:
    """Two ReLU units, one dead on all three examples and one live on one or two of them."""
    inputs = rng.sample([x for x in range(-3, 5) if x != 0], 3)
    dead, live = [], []
    for w, b in product((-3, -2, -1, 1, 2, 3), range(-5, 6)):
        z = [w * x + b for x in inputs]
        if max(z) < 0:
            dead.append((w, b))
        elif 0 not in z and min(z) < 0:
            live.append((w, b))
    if not dead or not live:
        raise Rejected("no dead unit, or none that is live in part")
    units = rng.shuffled([rng.choice(dead), rng.choice(live)])
    columns = [_upstream(rng, [w * x + b for x in inputs], inputs) for w, b in units]
    return {
        "unit_weights": exact([w for w, _ in units]),
        "unit_biases": exact([b for _, b in units]),
        "inputs": exact(inputs),
        "upstream": tuple(exact(g) for g in zip(*columns, strict=True)),
    }


def _upstream(rng: Rng, pre: Sequence[int], inputs: Sequence[int]) -> list[int]:
    """Upstream gradients of one unit, whose sums, masked or not, are not 0."""
    for _ in range(20):
        drawn = [rng.nonzero(4) for _ in inputs]
        live = [g * (z > 0) for g, z in zip(drawn, pre, strict=True)]
        sums = []
        for gradients in [drawn, live] if any(live) else [drawn]:
            sums += [sum(gradients), sum(g * x for g, x in zip(gradients, inputs, strict=True))]
        if all(sums):
            return drawn
    raise Rejected("upstream gradients that cancel")


def _check_options(depth: int, relu_layers: int, activation: str, largest_weight: int) -> None:
    if not 2 <= depth <= 6:
        raise ValueError("depth is a whole number from 2 to 6")
    if not 0 <= relu_layers < depth:
        raise ValueError("relu_layers is a whole number from 0 to depth - 1")
    if activation not in ("sigmoid", "tanh", "mixed"):
        raise ValueError("activation is sigmoid, tanh or mixed")
    if largest_weight not in (1, 2, 3):
        raise ValueError("largest_weight is 1, 2 or 3")
