"""Backpropagation where all that is known of a network is the derivative on each edge."""

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
from generator.exercises.layered import OUTPUT, Weighted, edge_range, joined, with_derivatives
from generator.exercises.paths import paths
from generator.exercises.proving import complex_step
from generator.model.answers import Array, Number
from generator.model.exercise import Exercise, Rejected, agree, part
from generator.model.figure import Figure
from generator.model.values import Tex, Vector, array, exact, whole
from generator.notation import write
from generator.sampling import Rng

Rule = Callable[[Sequence[Fraction]], Fraction]  # from the contributions to a node's gradient

LOSSES = ("log", "square", "half_square")
SLOPES = ("0.4", "0.6", "0.8", "1.2", "1.5", "2.5", "3", "3.5")  # of the half squared error
NAMES = (("x", "v", "u", "s"), ("x", "p", "q", "r"), ("x", "a", "b", "c"), ("s", "h", "k", "m"))


def total(terms: Sequence[Fraction]) -> Fraction:
    return sum(terms, Fraction(0))


@dataclass(frozen=True, eq=False)
class EdgeGraphBackprop(Exercise):
    """A network in layers with one output o. The edge from node i to node j carries dy_j/dy_i; the
    gradient of a node is the sum, over its outgoing edges, of edge times gradient at the end.
    """

    title = "Backpropagation along weighted edges"
    source = "exams of 2022/09/01 and 2022/06/16, exercise 3"
    level_settings = (
        {"width": 2, "edges": 8},
        {"depth": 3, "loss": "any", "missing": True},
    )
    variants = (
        {"loss": "half_square", "missing": True},
        {"loss": "square", "depth": 1},
        {"depth": 3, "missing": True},
        {"width": 2},
        {"width": 4, "edges": 18},
    )

    layers: tuple[tuple[str, ...], ...]  # the names of the inputs, then of each hidden layer
    edges: tuple[Weighted, ...]  # in the order of their starts, then of their ends
    loss: str  # of LOSSES
    output: Fraction  # the value of o
    target: Fraction  # of the half squared error, else 0
    missing: int  # the place in `edges` of the derivative that is not shown; -1 for none

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        width: int = 3,
        depth: int = 2,
        edges: int = 0,
        loss: str = "log",
        missing: bool = False,
    ) -> Self:
        """`width` nodes in each of the input layer and `depth` hidden layers; `edges` in all (0: a
        few more than it takes to join all nodes); `loss` is log, square, half_square or any; with
        `missing`, one derivative is to be found from the gradient of the node it leaves."""
        least, most = edge_range(width, depth)
        edges = edges or min(least + (depth if width == 2 else 2 * depth), most)
        _check_options(width, depth, edges, loss, missing)
        letters = rng.choice(NAMES)[: depth + 1]
        layers = tuple(tuple(f"{each}{i}" for i in range(1, width + 1)) for each in letters)
        pairs = joined(rng, layers, edges - least)
        kind = rng.choice(LOSSES) if loss == "any" else loss
        weighted = with_derivatives(rng, layers, pairs)
        count = sum(len(list(paths(pairs, node, OUTPUT))) for node in layers[0])
        output, target = _output(rng, kind, count)
        hidden = -1
        if missing:
            hidden = _to_hide(rng, weighted, layers[1])
        return cls(layers, weighted, kind, output, target, hidden)

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.layers[0]

    @cached_property
    def hidden(self) -> tuple[str, ...]:
        """The hidden nodes, last layer first: the order in which backpropagation meets them."""
        return tuple(name for layer in reversed(self.layers[1:]) for name in layer)

    @property
    def missing_edge_is(self) -> Weighted | None:
        return self.edges[self.missing] if self.missing >= 0 else None

    @cached_property
    def given(self) -> dict[str, Fraction]:
        """The gradient that the sheet gives: that of the node which the missing edge leaves."""
        if self.missing < 0:
            return {}
        start = self.edges[self.missing][0]
        return {start: self._backward(self._slope, given={})[start]}

    @cached_property
    def gradients(self) -> dict[str, Fraction]:
        """dL of every node."""
        return self._backward(self._slope)

    def contributions(self, node: str) -> list[tuple[str, Fraction, Fraction]]:
        """For each edge that leaves a node: its end, its derivative, the gradient at its end."""
        gradients = self.gradients
        return [(end, w, gradients[end]) for start, end, w in self.edges if start == node]

    @property
    def hidden_computed(self) -> tuple[str, ...]:
        """The hidden nodes whose gradients are not given."""
        return tuple(node for node in self.hidden if node not in self.given)

    @property
    def other_contributions(self) -> Fraction:
        """What the other edges contribute to the gradient that is given."""
        start, lost, _ = self.edges[self.missing]
        return total([w * g for end, w, g in self.contributions(start) if end != lost])

    @cached_property
    def onward(self) -> dict[str, int]:
        """How many paths lead from each node to o."""
        onward = {OUTPUT: 1}
        for node in (*self.hidden, *self.inputs):
            onward[node] = sum(onward[end] for start, end, _ in self.edges if start == node)
        return onward

    @property
    def _slope(self) -> Fraction:
        """dL/do."""
        slopes = {
            "log": -1 / self.output,
            "square": 2 * self.output,
            "half_square": self.output - self.target,
        }
        return slopes[self.loss]

    def _backward(
        self,
        slope: Fraction,
        *,
        rule: Rule = total,
        edges: Sequence[Weighted] = (),
        given: dict[str, Fraction] | None = None,
    ) -> dict[str, Fraction]:
        """The gradient of every node from dL/do, where `rule` joins what its edges send back."""
        found = {OUTPUT: slope}
        known = self.given if given is None else given
        for node in (*self.hidden, *self.inputs):
            terms = [w * found[end] for start, end, w in edges or self.edges if start == node]
            found[node] = known[node] if node in known else rule(terms)
        return found

    def _of(self, nodes: Sequence[str], gradients: dict[str, Any]) -> Vector:
        return array([gradients[node] for node in nodes])

    def _at_inputs(
        self, hidden: Vector, rule: Rule = total, edges: Sequence[Weighted] = ()
    ) -> Vector:
        """dL of the inputs from those of the hidden nodes."""
        known = dict(zip(self.hidden, hidden, strict=True))
        return self._of(
            self.inputs, self._backward(Fraction(0), rule=rule, edges=edges, given=known)
        )

    @part(points=1)
    def dL_do(self) -> Number:
        return Number(self._slope)

    @dL_do.mistake("Mind the sign of the loss's derivative: which way does $L$ go as $o$ grows?")
    def forgot_minus(self) -> Fraction | None:
        return -self._slope if self.loss != "square" else None

    @dL_do.mistake("The derivative of $ln o$ is $1/o$, not $o$.")
    def not_inverted(self) -> Fraction | None:
        return -self.output if self.loss == "log" else None

    @dL_do.mistake(
        "$ln$ is the natural logarithm; the factor $1/ln 10$ belongs to the one of base 10."
    )
    def base_ten(self) -> float | None:
        return float(self._slope) / math.log(10) if self.loss == "log" else None

    @dL_do.mistake("This is the loss itself; its derivative with respect to $o$ is asked.")
    def loss_itself(self) -> Any:
        return _loss(self.loss, self.target, self.output)

    @dL_do.mistake("The loss is a function of $o$ with a slope of its own: $dL/do$ is not 1.")
    def output_slope_1(self) -> Fraction:
        return Fraction(1)

    @dL_do.mistake("The square brings a factor 2 down; multiply the loss's own factor by it.")
    def factor_two(self) -> Fraction | None:
        factors = {"square": Fraction(1, 2), "half_square": Fraction(2)}
        return self._slope * factors[self.loss] if self.loss in factors else None

    @part(points=4)
    def hidden_adjoints(self, dL_do: Any) -> Array:
        return Array(self._of(self.hidden, self._backward(dL_do)), partial=True)

    @hidden_adjoints.mistake("The way back starts at the loss: begin with $dL/do$, not with 1.")
    def seed_1(self) -> Vector:
        return self._of(self.hidden, self._backward(Fraction(1)))

    @hidden_adjoints.mistake(
        "A node with several outgoing edges gets a contribution along each of them: add them up."
    )
    def one_path(self, dL_do: Any) -> Vector | None:
        if not self._branching(self.layers[1:]):
            return None
        return self._of(self.hidden, self._backward(dL_do, rule=lambda terms: terms[0]))

    @hidden_adjoints.mistake("Contributions along different edges add up; they do not multiply.")
    def terms_multiplied(self, dL_do: Any) -> Vector | None:
        if not self._branching(self.layers[1:]):
            return None
        return self._of(self.hidden, self._backward(dL_do, rule=_product))

    @hidden_adjoints.mistake("A minus sign on an edge into $o$ was lost.")
    def sign_lost_on_output_edge(self, dL_do: Any) -> Vector | None:
        edges = self._without_sign([edge for edge in self.edges if edge[1] == OUTPUT])
        return self._of(self.hidden, self._backward(dL_do, edges=edges)) if edges else None

    @part(points=2)
    def missing_edge(self, hidden_adjoints: Any) -> Number | None:
        if self.missing < 0:
            return None
        gradient, others, end = self._equation(hidden_adjoints)
        return Number((gradient - others) / end)

    @missing_edge.mistake(
        "The node has other outgoing edges too: take their contributions off first."
    )
    def others_ignored(self, hidden_adjoints: Any) -> Any:
        return self._solved(hidden_adjoints, lambda gradient, others, end: gradient / end)

    @missing_edge.mistake("The other contributions belong to the given sum: subtract them from it.")
    def others_added(self, hidden_adjoints: Any) -> Any:
        return self._solved(
            hidden_adjoints, lambda gradient, others, end: (gradient + others) / end
        )

    @missing_edge.mistake("The unknown is multiplied by the gradient at its end: divide by that.")
    def multiplied(self, hidden_adjoints: Any) -> Any:
        return self._solved(
            hidden_adjoints, lambda gradient, others, end: (gradient - others) * end
        )

    @missing_edge.mistake("The quotient is upside down.")
    def upside_down(self, hidden_adjoints: Any) -> Any:
        return self._solved(
            hidden_adjoints, lambda gradient, others, end: end / (gradient - others)
        )

    def _solved(self, hidden_adjoints: Any, rule: Callable[[Any, Any, Any], Any]) -> Any:
        return rule(*self._equation(hidden_adjoints)) if self.missing >= 0 else None

    def _equation(self, hidden_adjoints: Any) -> tuple[Any, Any, Any]:
        """The given gradient, what the other edges contribute to it, the gradient at the end."""
        gradients = dict(zip(self.hidden, hidden_adjoints, strict=True))
        start, end, _ = self.edges[self.missing]
        others = [w * gradients[to] for node, to, w in self.edges if node == start and to != end]
        return self.given[start], sum(others), gradients[end]

    @part(points=4)
    def input_gradients(self, hidden_adjoints: Any) -> Array:
        return Array(self._at_inputs(hidden_adjoints), partial=True)

    @input_gradients.mistake("The way back starts at the loss: $dL/do$ is a factor of every path.")
    def without_the_loss(self) -> Vector:
        return self._of(self.inputs, self._backward(Fraction(1), given={}))

    @input_gradients.mistake(
        "An input with several outgoing edges gets a contribution along each of them: add them up."
    )
    def one_edge_only(self, hidden_adjoints: Any) -> Vector:
        return self._at_inputs(hidden_adjoints, lambda terms: terms[0])

    @input_gradients.mistake("Along a path derivatives multiply (the chain rule); they do not add.")
    def added_along_path(self) -> Vector:
        return self._by_paths(lambda paths: sum(sum(path) for path in paths))

    @input_gradients.mistake("Every path counts, also those of small products: add them all up.")
    def largest_path(self) -> Vector:
        return self._by_paths(lambda paths: max(map(_product, paths), key=abs))

    @input_gradients.mistake("The contributions of different paths add up; they do not multiply.")
    def product_of_paths(self) -> Vector:
        return self._by_paths(lambda paths: _product([_product(path) for path in paths]))

    @input_gradients.mistake("A minus sign on an edge that leaves an input was lost.")
    def sign_lost_on_input_edge(self, hidden_adjoints: Any) -> Vector | None:
        edges = self._without_sign([edge for edge in self.edges if edge[0] in self.inputs])
        return self._at_inputs(hidden_adjoints, edges=edges) if edges else None

    @part(points=1)
    def number_of_paths(self) -> Number:
        return Number(sum(self.onward[node] for node in self.inputs), integer=True)

    @number_of_paths.mistake("This is the number of edges; a path leads along several of them.")
    def edges_counted(self) -> int:
        return len(self.edges)

    @number_of_paths.mistake("Not every node is joined to every node of the next layer.")
    def as_if_complete(self) -> int:
        return math.prod(len(layer) for layer in self.layers)

    @number_of_paths.mistake("Paths branch again behind the first hidden layer.")
    def first_edges_counted(self) -> int | None:
        if not self._branching(self.layers[1:]):
            return None
        return sum(start in self.inputs for start, _, _ in self.edges)

    def _branching(self, layers: Sequence[Sequence[str]]) -> list[str]:
        """The nodes of some layers that have several outgoing edges (and no given gradient)."""
        starts = [start for start, _, _ in self.edges]
        nodes = [node for layer in layers for node in layer if node not in self.given]
        return [node for node in nodes if starts.count(node) > 1]

    def _without_sign(self, among: Sequence[Weighted]) -> list[Weighted]:
        """All edges, the first negative one of `among` made positive; nothing where none is."""
        first = next((edge for edge in among if edge[2] < 0), None)
        if first is None:
            return []
        return [(a, b, abs(w) if (a, b, w) == first else w) for a, b, w in self.edges]

    def _by_paths(self, rule: Callable[[list[tuple[Fraction, ...]]], Any]) -> Vector:
        """dL/do times what a rule makes of the derivatives along all paths of each input."""
        weights = {(start, end): whole(w) for start, end, w in self.edges}
        routes = [
            [tuple(weights[edge] for edge in path) for path in paths(weights, node, OUTPUT)]
            for node in self.inputs
        ]
        return exact([self._slope * rule(each) for each in routes])

    def verify(self) -> None:
        """Forward: each node is moved a little, and the change followed along the edges to L."""
        truths = self.truths()
        o, target = float(self.output), float(self.target)
        slope = complex_step(lambda at: _loss(self.loss, target, at[0]), exact([self.output]))
        agree("dL_do", truths["dL_do"], slope[0], within=1e-9)

        def moved(node: str, edges: Sequence[Weighted]) -> float:
            def loss(change: Any) -> Any:
                changes = {each: 0j for layer in self.layers for each in layer} | {OUTPUT: 0j}
                changes[node] = change[0]
                for start, end, w in edges:  # in the order of the layers
                    changes[end] += float(w) * changes[start]
                return _loss(self.loss, target, o + changes[OUTPUT])

            return float(complex_step(loss, exact([0]))[0])

        for name, nodes in (("hidden_adjoints", self.hidden), ("input_gradients", self.inputs)):
            found = [moved(node, self.edges) for node in nodes]
            agree(name, truths[name], np.array(found), within=1e-9)
        if self.missing >= 0:
            start, end, _ = self.edges[self.missing]
            with_0, with_1 = (
                moved(
                    start,
                    [
                        (a, b, Fraction(w) if (a, b) != (start, end) else Fraction(n))
                        for a, b, w in self.edges
                    ],
                )
                for n in (0, 1)
            )
            wanted = (float(self.given[start]) - with_0) / (with_1 - with_0)
            agree("missing_edge", truths["missing_edge"], wanted, within=1e-9)
        pairs = [(start, end) for start, end, _ in self.edges]
        count = sum(len(list(paths(pairs, node, OUTPUT))) for node in self.inputs)
        agree("number_of_paths", truths["number_of_paths"], count)

    def graph(self, solved: bool = False) -> Figure:
        """The network; `solved` writes the gradients at the nodes."""
        gradients = self.gradients if solved else {}
        nodes = [
            Node(name, tex(name), gradient=write(gradients[name]) if solved else "")
            for name in (*(each for layer in self.layers for each in layer), OUTPUT)
        ]
        edges = [Edge(a, b, write(w) if solved else self.shown(a, b)) for a, b, w in self.edges]
        return layered_graph(nodes, edges, layers=[*self.layers, [OUTPUT]])

    @property
    def gaps(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Each layer and the one that it feeds."""
        return list(pairwise((*self.layers, (OUTPUT,))))

    def shown(self, start: str, end: str) -> str:
        """The derivative on an edge as the sheet shows it; "" where there is no edge."""
        for i, (a, b, weight) in enumerate(self.edges):
            if (a, b) == (start, end):
                return "w" if i == self.missing else write(weight)
        return ""

    def tex(self, name: str) -> Tex:
        return tex(name)


def tex(name: str) -> Tex:
    """x1 as x_1."""
    return Tex(f"{name[0]}_{name[1:]}" if name[1:] else name)


def _loss(kind: str, target: Any, o: Any) -> Any:
    """L of the output, a real or complex number."""
    if kind == "log":
        return -np.log(complex(o)) if isinstance(o, complex) else -math.log(o)
    return o * o if kind == "square" else (o - target) ** 2 / 2


def _product(terms: Sequence[Fraction]) -> Fraction:
    return math.prod(terms, start=Fraction(1))


def _to_hide(rng: Rng, edges: Sequence[Weighted], layer: Sequence[str]) -> int:
    """The place of an edge that leaves a layer beside another; its derivative is not 1 or -1."""
    starts = [start for start, _, _ in edges]
    fitting = [
        i
        for i, (start, _, weight) in enumerate(edges)
        if start in layer and starts.count(start) > 1 and abs(weight) > 1
    ]
    if not fitting:
        raise Rejected("no edge to hide")
    return rng.choice(fitting)


def _output(rng: Rng, loss: str, count: int) -> tuple[Fraction, Fraction]:
    """The value of o and the target; dL/do has one or two digits, and is not 1 or -count (else
    it would look like an answer about the `count` paths)."""
    if loss == "square":
        return Fraction(rng.choice((1, 2, 3, 6)), rng.choice((5, 10))), Fraction(0)
    if loss == "log":
        return Fraction(1, rng.integer(2, 10, but=(3, 6, 7, 8, 9, count))), Fraction(0)
    output = Fraction(1, rng.choice((2, 4, 5, 10)))
    return output, output - rng.sign() * Fraction(rng.choice(SLOPES))


def _check_options(width: int, depth: int, edges: int, loss: str, missing: bool) -> None:
    if not 2 <= width <= 4:
        raise ValueError("width is a whole number from 2 to 4")
    if not 1 <= depth <= 3:
        raise ValueError("depth is a whole number from 1 to 3")
    least, most = edge_range(width, depth)
    if not least < edges <= most:
        raise ValueError(f"edges is 0 or a whole number from {least + 1} to {most} here")
    if loss not in (*LOSSES, "any"):
        raise ValueError(f"loss is one of {', '.join(LOSSES)}, any")
    if missing and (depth == 1 or edges < least + 2):
        raise ValueError("missing needs a depth of 2 or 3, and two edges above the least number")
