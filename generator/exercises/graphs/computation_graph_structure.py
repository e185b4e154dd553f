"""The computation graph of a loss as data: its edges, its leaves, the order of the way back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from generator.deriving.activations import ACTIVATIONS
from generator.deriving.network import Network, Step
from generator.deriving.operations import Apply
from generator.drawing.graphs import Edge, Node, layered_graph
from generator.exercises.computation_graphs import (
    KINDS,
    LETTERS,
    LOSS,
    ROLES,
    influences,
    network,
)
from generator.exercises.paths import paths
from generator.model.answers import Choice, Edges, PartialOrder
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, Rejected, agree, part
from generator.model.figure import Figure
from generator.model.values import Tex
from generator.sampling import Rng

Pair = tuple[str, str]

FUNCTIONS = ("sigmoid", "tanh", "relu")


@dataclass(frozen=True, eq=False)
class ComputationGraphStructure(Exercise):
    """The nodes are the loss, the intermediate values, data and parameters; an edge leads from u to
    v where v is computed from u. Options are numbered, for a letter could be taken for a node.
    """

    title = "A computation graph"
    source = "DS 102 discussion 7, question 2(a)"
    level_settings = ({"activation": "sigmoid"}, {"formula": "residual", "bias": True})
    variants = (
        {"formula": "branches"},
        {"formula": "residual", "activation": "relu"},
        {"formula": "tied", "bias": True},
        {"bias": True, "activation": "tanh"},
    )

    formula: str  # of KINDS
    letters: str  # one for each of ROLES
    activations: tuple[str, ...]  # of FUNCTIONS, for the nodes that apply one
    bias: bool
    half: bool  # whether the loss has the factor 1/2
    nodes: tuple[str, ...]  # all nodes, in the order of their numbers

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        formula: str = "two_layer",
        activation: str = "any",
        bias: bool = False,
    ) -> Self:
        """`formula` is two_layer, branches (a value feeds two activations), residual, tied (one
        weight matrix used twice) or any; `activation` is sigmoid, tanh, relu or any; with `bias`
        the first layer has one."""
        _check_options(formula, activation)
        kind = rng.choice(KINDS) if formula == "any" else formula
        first = rng.choice(FUNCTIONS) if activation == "any" else activation
        activations: tuple[str, ...] = (first,)
        if kind == "branches":
            activations = (first, rng.choice([name for name in FUNCTIONS if name != first]))
        letters = "".join(rng.choice(LETTERS))
        graph = network(kind, letters, activations, bias)
        drawn = cls(
            formula=kind,
            letters=letters,
            activations=activations,
            bias=bias,
            half=rng.chance(1, 2),
            nodes=tuple(rng.shuffled([*graph.given, *graph.nodes])),
        )
        order = drawn._backward_order
        if order.keeps(order.options):
            raise Rejected("the numbers are in a right order")
        return drawn

    @cached_property
    def graph(self) -> Network:
        return network(self.formula, self.letters, self.activations, self.bias, self.half)

    @cached_property
    def role(self) -> dict[str, str]:
        """The letter of each role."""
        return dict(zip(ROLES, self.letters, strict=True))

    @property
    def data(self) -> tuple[str, ...]:
        return (self.role["x"], self.role["y"])

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        return tuple(name for name in self.graph.given if name not in self.data)

    @property
    def intermediate(self) -> tuple[str, ...]:
        """The nodes between the leaves and the loss, in the order in which they are computed."""
        return tuple(name for name in self.graph.nodes if name != LOSS)

    @property
    def activation_nodes(self) -> dict[str, str]:
        """The nodes that apply an activation function, with its name."""
        found = self.graph.nodes.items()
        return {name: each.activation for name, each in found if isinstance(each, Apply)}

    def key(self, node: str) -> str:
        """The number of a node in the list of all."""
        return self._numbers[node]

    @cached_property
    def _numbers(self) -> dict[str, str]:
        return {node: str(place) for place, node in enumerate(self.nodes, start=1)}

    def _keys(self, nodes: Any) -> frozenset[str]:
        return frozenset(map(self.key, nodes))

    def _choice(self, nodes: Any) -> Choice:
        options = tuple(map(self.key, self.nodes))
        return Choice(self._keys(nodes), options, several=True, partial=True)

    @part(points=4)
    def edges(self) -> Edges:
        return Edges(frozenset(self.graph.edges), (*self.graph.given, *self.graph.nodes))

    @edges.mistake("Parameters are nodes too, and what is computed from them depends on them.")
    def parameter_edges_missing(self) -> frozenset[Pair]:
        return frozenset(edge for edge in self.graph.edges if edge[0] not in self.parameters)

    @edges.mistake("The pre-activation and the activation are two nodes: one operation, one node.")
    def activation_merged(self) -> frozenset[Pair]:
        before, after = self.intermediate[:2]
        moved = {(a, after if b == before else b) for a, b in self.graph.edges}
        return frozenset((a, b) if a != before else (after, b) for a, b in moved) - {(after, after)}

    @edges.mistake("Edges run forwards: from what is used to what is computed from it.")
    def edges_reversed(self) -> frozenset[Pair]:
        return frozenset((b, a) for a, b in self.graph.edges)

    @edges.mistake("The target enters where the error is computed; the prediction does not use it.")
    def target_too_early(self) -> frozenset[Pair]:
        prediction, error = self.intermediate[-2:]
        target = self.role["y"]
        return frozenset(self.graph.edges) - {(target, error)} | {(target, prediction)}

    @edges.mistake("One value is used twice: it has an edge to each node that uses it.")
    def second_use_forgotten(self) -> frozenset[Pair] | None:
        twice = self.used_twice
        if not twice:
            return None
        uses = [edge for edge in self.graph.edges if edge[0] == twice]
        return frozenset(self.graph.edges) - {uses[-1]}

    @cached_property
    def used_twice(self) -> str:
        """The node below the loss that feeds two others; "" where there is none."""
        starts = [start for start, _ in self.graph.edges if start != self.role["x"]]
        return next((start for start in starts if starts.count(start) > 1), "")

    @part(points=1)
    def leaves(self) -> Choice:
        return self._choice(self.graph.given)

    @leaves.mistake("Data are leaves too: nothing computes them.")
    def parameters_only(self) -> frozenset[str]:
        return self._keys(self.parameters)

    @leaves.mistake("Parameters are leaves too: nothing computes them.")
    def data_only(self) -> frozenset[str]:
        return self._keys(self.data)

    @leaves.mistake("The target is a leaf like the input: no edge enters it.")
    def target_forgotten(self) -> frozenset[str]:
        return self._keys(name for name in self.graph.given if name != self.role["y"])

    @leaves.mistake("A leaf here is where the computation begins: no edge enters it.")
    def loss_as_leaf(self) -> frozenset[str]:
        return self._keys([LOSS])

    @cached_property
    def gradients(self) -> tuple[str, ...]:
        """The nodes on the way from a parameter to the loss, in the order of their numbers."""
        found = set(self.parameters)
        for start, end in self.graph.edges:  # in the order of the computation
            if start in found:
                found.add(end)
        return tuple(name for name in self.nodes if name in found - {LOSS})

    @property
    def forwards(self) -> tuple[str, ...]:
        """The same nodes, in an order in which they can be computed forwards."""
        return tuple(n for n in (*self.graph.given, *self.graph.nodes) if n in self.gradients)

    @part(points=3)
    def backward_order(self) -> PartialOrder:
        return self._backward_order

    @cached_property
    def _backward_order(self) -> PartialOrder:
        return PartialOrder(
            self._in_order(self.backwards),
            options=self._in_order(self.gradients),
            before=frozenset(
                (self.key(b), self.key(a))
                for a, b in self.graph.edges
                if a in self.gradients and b in self.gradients
            ),
        )

    def _in_order(self, nodes: Any) -> tuple[str, ...]:
        return tuple(map(self.key, nodes))

    @backward_order.mistake("This is the order of the forward pass; gradients come back from $L$.")
    def forward_order(self) -> tuple[str, ...]:
        return self._in_order(self.forwards)

    @backward_order.mistake(
        "A parameter's gradient needs the gradient of the node that is computed from it."
    )
    def parameters_first(self) -> tuple[str, ...]:
        rest = [node for node in self.backwards if node not in self.parameters]
        return self._in_order([*(n for n in self.gradients if n in self.parameters), *rest])

    @backward_order.mistake(
        "A value that is used twice gets a contribution from each use: its gradient is complete "
        "only when both have come back."
    )
    def after_the_first_contribution(self) -> tuple[str, ...] | None:
        twice = self.used_twice
        if not twice:
            return None
        rest = [node for node in self.backwards if node != twice]
        users = [rest.index(b) for a, b in self.graph.edges if a == twice]
        rest.insert(min(users) + 1, twice)
        return self._in_order(rest)

    @cached_property
    def backwards(self) -> tuple[str, ...]:
        """The nodes with a gradient, each after all that it feeds; parameters as soon as they
        can be."""
        done: list[str] = []
        waiting = sorted(self.gradients, key=self.forwards[::-1].index)
        while waiting:
            ready = [
                n for n in waiting if all(b in (LOSS, *done) for a, b in self.graph.edges if a == n)
            ]
            ready.sort(key=lambda n: n not in self.parameters)
            done.append(ready[0])
            waiting.remove(ready[0])
        return tuple(done)

    @part(points=2)
    def cache(self) -> Choice:
        return self._choice(self.cached)

    @cached_property
    def cached(self) -> frozenset[str]:
        """The nodes whose values the way back looks up."""
        return self.graph.looked_up(self.parameters)

    @cache.mistake("Not every value is needed: look which ones the local derivatives contain.")
    def everything(self) -> frozenset[str]:
        return self._keys(self.nodes)

    @cache.mistake(
        "Data and parameters count, too: the derivative of a product with respect to one factor is "
        "the other factor."
    )
    def intermediate_only(self) -> frozenset[str]:
        return self._keys(self.cached - self.graph.given.keys())

    @cache.mistake(
        "The slope is computed from the output of the activation, as said: not from $z$."
    )
    def pre_activations_too(self) -> frozenset[str] | None:
        inputs = {
            self.graph.nodes[node].inputs[0]
            for node, name in self.activation_nodes.items()
            if name != "relu"
        }
        return self._keys(self.cached | inputs) if inputs - self.cached else None

    @cache.mistake(
        "No gradient goes on to the input, so the weights that multiply the input are not needed."
    )
    def first_weights_too(self) -> frozenset[str] | None:
        weights = self.role["A"]
        return None if weights in self.cached else self._keys(self.cached | {weights})

    @property
    def right_orders(self) -> int:
        """How many orders of the gradients are right."""
        bits = {name: 1 << place for place, name in enumerate(self.gradients)}
        before = dict.fromkeys(bits.values(), 0)  # what each waits for; sets of nodes as bits
        for start, end in self.graph.edges:
            if start in bits and end != LOSS:
                before[bits[start]] |= bits[end]
        counts = {0: 1}  # how often each set of nodes is what is done so far
        for _ in bits:
            further: dict[int, int] = {}
            for done, count in counts.items():
                for node, needed in before.items():
                    if not node & done and needed & done == needed:
                        further[done | node] = further.get(done | node, 0) + count
            counts = further
        (orders,) = counts.values()
        return orders

    def steps(self) -> list[Step]:
        """The steps back to nodes whose gradients are asked, where zbar stands for dL/dz."""
        named = {name: f"{name[0]}bar{name[1:]}" for name in self.graph.shapes}
        return [step for step in self.graph.steps(named) if step.node in self.gradients]

    def definition(self, node: str) -> str:
        """A node in terms of others, in the answer language."""
        if node == LOSS:
            return f"{'1/2 ' if self.half else ''}{self.intermediate[-1]}^2"
        return str(self.graph.formula(node))

    def verify(self) -> None:
        """From the definitions as the sheet prints them: a node depends on what changes its value,
        and a local derivative on what bends it (mixed second differences)."""
        truths = self.truths()
        edges, bent = set[Pair](), dict[Pair, frozenset[str]]()
        shapes = tuple(self.graph.shapes.items())
        for node in self.graph.nodes:
            for used, others in influences(self.definition(node), shapes).items():
                edges.add((used, node))
                bent[used, node] = others
        agree("edges", truths["edges"], frozenset(edges))
        entered = {end for _, end in edges}
        agree("leaves", truths["leaves"], self._keys(n for n in self.nodes if n not in entered))
        ways = [path for name in self.parameters for path in paths(edges, name, LOSS)]
        used_edges = {edge for path in ways for edge in path}
        pairs = {(self.key(b), self.key(a)) for a, b in used_edges if b != LOSS}
        order = truths["backward_order"]
        if not isinstance(order, PartialOrder) or order.before != pairs:
            raise Disagreement(f"backward_order: verify() finds the pairs {sorted(pairs)}")
        looked_up = set[str]()
        for used, node in used_edges:
            slope_of_output = self.activation_nodes.get(node, "relu") != "relu"
            looked_up |= {node} if slope_of_output else bent[used, node]
        agree("cache", truths["cache"], self._keys(looked_up))

    def drawing(self) -> Figure:
        """The computation graph."""
        nodes = [
            Node(name, tex(name), fill="light" if name in self.parameters else "none")
            for name in (*self.graph.given, *self.graph.nodes)
        ]
        return layered_graph(nodes, [Edge(a, b) for a, b in self.graph.edges])

    def tex(self, name: str) -> Tex:
        return tex(name)

    def bar(self, name: str) -> Tex:
        """The gradient of a node as the solution writes it."""
        return Tex(rf"\bar{{{name[0]}}}" + (f"_{{{name[1:]}}}" if name[1:] else ""))

    def in_numbers(self, keys: frozenset[str]) -> list[str]:
        return sorted(keys, key=int)

    @property
    def needed(self) -> tuple[str, ...]:
        """The nodes whose values the way back looks up, in the order of the computation."""
        return tuple(n for n in (*self.graph.given, *self.graph.nodes) if n in self.cached)

    def word(self, activation: str) -> str:
        return ACTIVATIONS[activation].word


def tex(name: str) -> Tex:
    """z1 as z_1."""
    return Tex(f"{name[0]}_{name[1:]}" if name[1:] else name)


def _check_options(formula: str, activation: str) -> None:
    if formula not in (*KINDS, "any"):
        raise ValueError(f"formula is one of {', '.join(KINDS)}, any")
    if activation not in (*FUNCTIONS, "any"):
        raise ValueError(f"activation is one of {', '.join(FUNCTIONS)}, any")
