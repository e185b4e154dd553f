"""Backpropagation by hand through layers of sines and cosines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np

from generator.drawing.graphs import Edge, Node, layered_graph
from generator.exercises.proving import complex_step
from generator.model.answers import Array, Number, Tolerance
from generator.model.exercise import Exercise, Rejected, agree, part
from generator.model.figure import Figure
from generator.model.values import Vector, array, decimals
from generator.sampling import Rng

Pair = tuple[float, float]  # of the upper and the lower node of a layer
Rule = Callable[[str, float], float]  # of a node's function and the sum of its inputs

OUTPUTS = ("product", "sum", "difference")
ORDERS = {"sin_first": ("sin", "cos"), "cos_first": ("cos", "sin")}
LAYERS = (("t", "b"), ("p", "q"), ("u", "v"), ("c", "d"), ("g", "h"))
ENDS = (("x", "y"), ("x", "z"), ("a", "y"), ("r", "y"))
SMALLEST = 0.02  # of a gradient: below it a wrong answer could be near by accident
# Four decimals all along are off by 0.0002 at most after five layers.
WITHIN = Tolerance(Fraction(1, 1000), Fraction(0), decimals=4)


@dataclass(frozen=True, eq=False)
class SincosGraphBackprop(Exercise):
    """Two nodes a layer, sine and cosine of the sum of the layer before; the last node joins both.

    In each layer t = s_1(sum), b = s_2(sum), where the first sum is x; y = t b, t + b or t - b.
    """

    title = "Backpropagation through sines and cosines"
    source = "exam of 2023/07/06, exercise 3"
    level_settings = (
        {"layers": 2},
        {"layers": 4, "output": "any"},
    )
    variants = (
        {"layers": 5},
        {"output": "sum", "order": "cos_first"},
        {"output": "difference", "layers": 2},
    )

    functions: tuple[str, str]  # of the upper and the lower nodes: "sin" and "cos" or vice versa
    output: str  # of OUTPUTS
    layers: int
    x: Fraction  # in radians
    names: tuple[str, str]  # of the upper and the lower nodes
    ends: tuple[str, str]  # the names of input and output

    @classmethod
    def sample(
        cls, rng: Rng, *, layers: int = 3, output: str = "product", order: str = "any"
    ) -> Self:
        """`output` is product, sum, difference or any; `order` is sin_first where the upper nodes
        are sines, cos_first, or any."""
        _check_options(layers, output, order)
        exercise = cls(
            functions=ORDERS[rng.choice(tuple(ORDERS)) if order == "any" else order],
            output=rng.choice(OUTPUTS) if output == "any" else output,
            layers=layers,
            x=Fraction(rng.integer(20, 140), 100),
            names=rng.choice(LAYERS),
            ends=rng.choice(ENDS),
        )
        adjoints, slope = exercise._backward()
        if min(abs(value) for value in (*adjoints[0], *adjoints[-1], slope)) < SMALLEST:
            raise Rejected("a gradient near 0")
        return exercise

    # Forward and backward

    @cached_property
    def values(self) -> list[Pair]:
        """The upper and the lower node of each layer."""
        return self._forward(self.layers, evaluate)

    @property
    def sums(self) -> list[float]:
        """What the nodes of each layer get: x, then the sum of the layer before."""
        return self._sums(self.values)

    def _sums(self, values: Sequence[Pair]) -> list[float]:
        return [float(self.x), *(t + b for t, b in values[:-1])]

    def _forward(self, layers: int, rule: Rule) -> list[Pair]:
        values: list[Pair] = []
        at = float(self.x)
        for _ in range(layers):
            upper, lower = (rule(name, at) for name in self.functions)
            values.append((upper, lower))
            at = upper + lower
        return values

    def _joined(self, pair: Pair) -> float:
        """The output, from the last layer."""
        return _join(self.output, *pair)

    def _seeds(self, pair: Pair) -> Pair:
        """The derivatives of the output by the nodes of the last layer."""
        t, b = pair
        return {"product": (b, t), "sum": (1.0, 1.0), "difference": (1.0, -1.0)}[self.output]

    def _backward(
        self,
        values: Sequence[Pair] = (),
        seeds: Pair | None = None,
        slope: Rule | None = None,
    ) -> tuple[list[Pair], float]:
        """The derivatives of y by the nodes of each layer, from the last to the first, and dy/dx,
        with the right values, seeds and slopes unless others are given."""
        values = values or self.values
        rule = slope or derivative
        found = [seeds or self._seeds(values[-1])]
        back = 0.0
        for at in reversed(self._sums(values)):
            back = sum(
                g * rule(name, at) for g, name in zip(found[-1], self.functions, strict=True)
            )
            found.append((back, back))
        return found[:-1], back

    @property
    def adjoints(self) -> list[Pair]:
        """The derivatives of y by the nodes of each layer, from the first to the last."""
        return self._backward()[0][::-1]

    # The parts

    @part(points=3)
    def forward(self) -> Array:
        return Array(self._listed(self.values), WITHIN, partial=True)

    def _listed(self, values: Sequence[Pair]) -> Vector:
        return array([*(each for pair in values for each in pair), self._joined(values[-1])])

    @forward.mistake("The input is in radians: set the calculator to them.")
    def degrees(self) -> Vector:
        return self._listed(self._forward(self.layers, in_degrees))

    @forward.mistake("The functions of the upper and the lower nodes are exchanged.")
    def exchanged(self) -> Vector:
        def other(name: str, at: float) -> float:
            return evaluate("cos" if name == "sin" else "sin", at)

        return self._listed(self._forward(self.layers, other))

    @forward.mistake("From the second layer on, each node gets the sum of both nodes before it.")
    def own_branch_only(self) -> Vector:
        pair = self.values[0]
        values = [pair]
        for _ in range(self.layers - 1):
            upper, lower = (evaluate(n, at) for n, at in zip(self.functions, pair, strict=True))
            pair = (upper, lower)
            values.append(pair)
        return self._listed(values)

    @forward.mistake("Look at the last node again: it joins its two inputs in another way.")
    def other_output(self) -> Vector:
        other = "product" if self.output == "sum" else "sum"
        return array([*self._listed(self.values)[:-1], _join(other, *self.values[-1])])

    @part(points=2)
    def top_adjoints(self, forward: Any) -> Array:
        upper, lower = self._seeds(self._pairs(forward)[-1])
        return Array(array([upper, lower]), WITHIN)

    def _pairs(self, forward: Any) -> list[Pair]:
        """The nodes of each layer, from the list of all values."""
        numbers = [float(value) for value in forward]
        return list(zip(numbers[:-1:2], numbers[1:-1:2], strict=True))

    @top_adjoints.mistake(
        "The derivative of a product with respect to one factor is the other factor, not that "
        "factor itself."
    )
    def product_not_crossed(self, forward: Any) -> list[float] | None:
        return list(self._pairs(forward)[-1]) if self.output == "product" else None

    @top_adjoints.mistake("The last node is no sum: its derivatives are not both 1.")
    def sum_output(self) -> list[float] | None:
        return [1.0, 1.0] if self.output != "sum" else None

    @top_adjoints.mistake("The last node is no product: its inputs do not multiply each other.")
    def product_output(self, forward: Any) -> list[float] | None:
        return list(self._pairs(forward)[-1][::-1]) if self.output != "product" else None

    @part(points=3)
    def hidden_adjoints(self, forward: Any, top_adjoints: Any) -> Array:
        return Array(self._hidden(forward, top_adjoints), WITHIN, partial=True)

    def _hidden(self, forward: Any, top_adjoints: Any, slope: Rule | None = None) -> Vector:
        """The derivatives by the nodes of the layers before the last, from back to front."""
        upper, lower = (float(each) for each in top_adjoints)
        adjoints, _ = self._backward(self._pairs(forward), (upper, lower), slope)
        return array([each for pair in adjoints[1:] for each in pair])

    @hidden_adjoints.mistake("The derivative of the cosine is minus the sine.")
    def dcos_plus(self, forward: Any, top_adjoints: Any) -> Vector:
        return self._hidden(forward, top_adjoints, plus)

    @hidden_adjoints.mistake(
        "Each node feeds two nodes of the next layer: the cosine sends back a gradient as well."
    )
    def sin_branch_only(self, forward: Any, top_adjoints: Any) -> Vector:
        return self._hidden(forward, top_adjoints, only("sin"))

    @hidden_adjoints.mistake(
        "Each node feeds two nodes of the next layer: the sine sends back a gradient as well."
    )
    def cos_branch_only(self, forward: Any, top_adjoints: Any) -> Vector:
        return self._hidden(forward, top_adjoints, only("cos"))

    @hidden_adjoints.mistake(
        "A slope is taken at what goes into the node, the sum, not at what comes out of it."
    )
    def slope_at_output(self, forward: Any, top_adjoints: Any) -> Vector:
        def at_output(name: str, at: float) -> float:
            return derivative(name, evaluate(name, at))

        return self._hidden(forward, top_adjoints, at_output)

    @part(points=2)
    def dy_dx(self, hidden_adjoints: Any) -> Number:
        return Number(self._at_input(hidden_adjoints, derivative), WITHIN)

    def _at_input(self, hidden_adjoints: Any, slope: Rule) -> float:
        """dy/dx from the derivatives by the nodes of the first layer."""
        first = (float(each) for each in hidden_adjoints[-2:])
        pairs = zip(first, self.functions, strict=True)
        return sum(g * slope(name, float(self.x)) for g, name in pairs)

    @dy_dx.mistake("The derivative of the cosine is minus the sine: here the last minus is lost.")
    def dcos_plus_at_input(self, hidden_adjoints: Any) -> float:
        return self._at_input(hidden_adjoints, plus)

    @dy_dx.mistake("The derivative of the cosine is minus the sine, in each layer.")
    def dcos_plus_everywhere(self) -> float:
        return self._backward(slope=plus)[1]

    @dy_dx.mistake("In each layer the cosine sends back a gradient as well: add both.")
    def sines_only(self) -> float:
        return self._backward(slope=only("sin"))[1]

    @dy_dx.mistake("In each layer the sine sends back a gradient as well: add both.")
    def cosines_only(self) -> float:
        return self._backward(slope=only("cos"))[1]

    @dy_dx.mistake(
        "The derivative of the last product with respect to one factor is the other factor."
    )
    def not_crossed(self) -> float | None:
        return self._backward(seeds=self.values[-1])[1] if self.output == "product" else None

    @dy_dx.mistake("The last node is no sum: its derivatives are not both 1.")
    def seeds_of_a_sum(self) -> float | None:
        return self._backward(seeds=(1.0, 1.0))[1] if self.output != "sum" else None

    @dy_dx.mistake("The nodes of a layer get the same sum, but each path counts once, not twice.")
    def double_count(self) -> float:
        return 2 * self._backward()[1]

    @dy_dx.mistake("Count the layers: one is missing on the way.")
    def one_layer_short(self) -> float:
        return self._backward(self.values[:-1])[1]

    @dy_dx.mistake("This is the gradient at the nodes of the first layer; one step is left.")
    def stopped_at_layer1(self, hidden_adjoints: Any) -> float:
        return float(hidden_adjoints[-1])

    @dy_dx.mistake("The input is in radians: set the calculator to them.")
    def degrees_everywhere(self) -> float:
        def slope(name: str, at: float) -> float:
            return derivative(name, math.radians(at))

        return self._backward(self._forward(self.layers, in_degrees), slope=slope)[1]

    # The proof

    def verify(self) -> None:
        """Complex-step derivatives of the forward pass, begun at the input or at any layer."""
        functions = {"sin": np.sin, "cos": np.cos}
        upper, lower = (functions[name] for name in self.functions)

        def from_input(x: Any) -> list[Any]:
            layers = [np.array([upper(x), lower(x)])]
            while len(layers) < self.layers:
                total = layers[-1].sum()
                layers.append(np.array([upper(total), lower(total)]))
            return layers

        def finished(layer: Any, left: int) -> Any:
            for _ in range(left):
                layer = np.array([upper(layer.sum()), lower(layer.sum())])
            joined = {"product": layer.prod(), "sum": layer.sum()}
            return joined.get(self.output, layer[0] - layer[1])

        truths = self.truths()
        layers = from_input(float(self.x))
        found = [*np.concatenate(layers), finished(layers[-1], 0)]
        agree("forward", truths["forward"], found, within=1e-12)
        slopes = [
            complex_step(lambda at, left=left: finished(at, left), layer)  # type: ignore[misc]
            for left, layer in enumerate(reversed(layers))
        ]
        agree("top_adjoints", truths["top_adjoints"], slopes[0], within=1e-9)
        agree("hidden_adjoints", truths["hidden_adjoints"], np.concatenate(slopes[1:]), within=1e-9)
        of_x = complex_step(lambda at: finished(from_input(at[0])[-1], 0), np.array([self.x]))
        agree("dy_dx", truths["dy_dx"], of_x[0], within=1e-9)

    # For the template

    def slope_of(self, name: str, at: Any) -> float:
        """sin' or cos'."""
        return derivative(name, float(at))

    @property
    def sign(self) -> str:
        return {"product": r"\times", "sum": "+", "difference": "-"}[self.output]

    def graph(self, solved: bool = False) -> Figure:
        """The nodes with their functions and names, or with their values and gradients."""
        (upper, lower), (x, y) = self.names, self.ends
        numbered = range(1, self.layers + 1)
        keys = [[f"{upper}_{n}", f"{lower}_{n}"] for n in numbered]
        labels = {
            key: rf"\{f}" for pair in keys for key, f in zip(pair, self.functions, strict=True)
        }
        if solved:
            nodes = self._solved_nodes(keys)
        else:
            named = [Node(key, label, value=key) for key, label in labels.items()]
            nodes = [Node(x, x), *named, Node(y, self.sign, value=y)]
        edges = [Edge(x, key) for key in keys[0]]
        for before, after in pairwise(keys):
            edges += [Edge(a, b) for a in before for b in after]
        edges += [Edge(key, y) for key in keys[-1]]
        alt = (
            f"{self.layers} layers of two nodes, {self.functions[0]} above {self.functions[1]}, "
            f"between {x} and {y}"
        )
        # Gradients beside the values need room between the two rows.
        rows = [[above, None, below] for above, below in keys] if solved else keys
        return layered_graph(nodes, edges, layers=[[x], *rows, [y]], alt=alt)

    def _solved_nodes(self, keys: Sequence[Sequence[str]]) -> list[Node]:
        x, y = self.ends
        last = self._joined(self.values[-1])
        nodes = [Node(x, x, _shown(self.x), _shown(self._backward()[1]))]
        for pair, values, gradients in zip(keys, self.values, self.adjoints, strict=True):
            triples = zip(pair, values, gradients, strict=True)
            nodes += [Node(key, key, _shown(value), _shown(g)) for key, value, g in triples]
        return [*nodes, Node(y, y, _shown(last), "1")]


def evaluate(name: str, at: float) -> float:
    return math.sin(at) if name == "sin" else math.cos(at)


def derivative(name: str, at: float) -> float:
    return math.cos(at) if name == "sin" else -math.sin(at)


def in_degrees(name: str, at: float) -> float:
    return evaluate(name, math.radians(at))


def plus(name: str, at: float) -> float:
    """The slopes of someone who forgets the minus of the cosine's."""
    return math.cos(at) if name == "sin" else math.sin(at)


def only(name: str) -> Rule:
    """The slopes of someone who goes back through one of the two functions only."""
    return lambda other, at: derivative(other, at) if other == name else 0.0


def _join(output: str, upper: float, lower: float) -> float:
    return {"product": upper * lower, "sum": upper + lower, "difference": upper - lower}[output]


def _shown(value: Fraction | float) -> str:
    """Up to four decimals."""
    return f"{float(decimals(value, 4)):.4f}".rstrip("0").rstrip(".")


def _check_options(layers: int, output: str, order: str) -> None:
    if not 2 <= layers <= 5:
        raise ValueError("layers is a whole number from 2 to 5")
    if output not in (*OUTPUTS, "any"):
        raise ValueError(f"output is one of {', '.join(OUTPUTS)}, any")
    if order not in (*ORDERS, "any"):
        raise ValueError("order is sin_first, cos_first or any")
