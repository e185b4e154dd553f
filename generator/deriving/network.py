"""A network as a graph of operations: forward values, and gradients by reverse mode.

    network = Network.of(
        {"x": ("n",), "W": ("m", "n"), "b": ("m",), "y": ("m",)},
        {"z": Affine("W", "x", "b"), "h": Apply("sigmoid", "z"), "L": SquaredError("h", "y")},
    )
    str(network.gradient("W"))                  "2 ((h - y) ∘ h ∘ (1 - h)) x^T"
    str(network.gradient("W", through=("z",)))  "dz x^T", where dz stands for dL/dz
    network.gradients_at({"x": ..., ...})       the same in numbers, exact where they can be

Gradients have the shape of their quantity (G layout); `.T` of a term is the numerator layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from generator.deriving.exactly import evaluate_exactly
from generator.deriving.operations import Operation
from generator.deriving.term import Term, named, number, shaped
from generator.model.values import Shared, Vector, array, shared
from generator.notation.formulas.precise import evaluate_precisely
from generator.notation.formulas.scope import Known, Scope, Shape, Size
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.tree import Size as Length
from generator.notation.formulas.tree import Tree

Edge = tuple[str, str]
_EXACT = (Fraction, int)


@dataclass(frozen=True)
class Step:
    """One step back: the gradient of a node, from the gradients of the nodes that it feeds.

    `contributions` holds what comes back from each of them, in the order of the graph; `total` is
    their sum. In both, `name` of a later node's step stands for its gradient.
    """

    node: str
    name: str
    contributions: tuple[tuple[str, Term], ...]
    total: Term


@dataclass(frozen=True)
class Network:
    """Given names with their shapes, then nodes in an order in which they can be computed."""

    given: Mapping[str, Shape]
    nodes: Mapping[str, Operation]

    @classmethod
    def of(cls, given: Mapping[str, tuple[Size, ...]], nodes: Mapping[str, Operation]) -> Network:
        """From sizes such as () or ("m",) or ("m", "n"). ValueError for an input that is not
        there yet, or where shapes do not fit."""
        network = cls({name: shaped(sizes) for name, sizes in given.items()}, dict(nodes))
        assert network.shapes
        return network

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of every given name and node."""
        return {name: term.shape for name, term in self._terms[0].items()}

    @cached_property
    def _terms(self) -> tuple[dict[str, Term], dict[str, Term]]:
        """Every given name and node as a term, and the formula of every node."""
        terms = {name: named(name, shape) for name, shape in self.given.items()}
        formulas: dict[str, Term] = {}
        for name, operation in self.nodes.items():
            missing = [each for each in operation.inputs if each not in terms]
            if missing:
                raise ValueError(f"{name} needs {missing[0]}, which is not above it")
            formulas[name] = operation.value(*(terms[each] for each in operation.inputs))
            terms[name] = named(name, formulas[name].shape)
        return terms, formulas

    @property
    def loss(self) -> str:
        """The last node."""
        return list(self.nodes)[-1]

    def named(self, name: str) -> Term:
        """A given name or a node as a term."""
        return self._terms[0][name]

    def formula(self, node: str) -> Term:
        """A node in terms of its inputs."""
        return self._terms[1][node]

    def declared(self, *names: str, **domains: str) -> dict[str, Any]:
        """Names with their shapes, as a `Formula` declares what may occur in an answer. A node
        whose inputs are declared too is bound to its formula."""
        return {name: self._declared(name, names, domains) for name in names}

    def _declared(
        self, name: str, names: tuple[str, ...], domains: Mapping[str, str]
    ) -> dict[str, Any]:
        known: dict[str, Any] = {"shape": [str(s) for s in self.shapes[name] if s != 1]}
        if name in domains:
            known["domain"] = domains[name]
        if name in self.nodes and set(self.nodes[name].inputs) <= set(names):
            known["given"] = str(self.formula(name))
        return known

    # Gradients

    def steps(self, names: Mapping[str, str] | None = None) -> tuple[Step, ...]:
        """All steps back, from the node before the loss to the given names. A node's gradient is
        called d<node> unless `names` calls it otherwise."""
        return self._steps(names) if names else self._plain_steps

    @cached_property
    def _plain_steps(self) -> tuple[Step, ...]:
        return self._steps({})

    def _steps(self, names: Mapping[str, str]) -> tuple[Step, ...]:
        called = {name: names.get(name, f"d{name}") for name in self.shapes}
        found: list[Step] = []
        arriving: dict[str, list[tuple[str, Term]]] = {self.loss: [("", number(1))]}
        for name in reversed([*self.given, *self.nodes]):
            contributions = arriving.get(name)
            if not contributions:
                continue
            total = _sum(term for _, term in contributions)
            upstream = total
            if name != self.loss:
                found.append(Step(name, called[name], tuple(contributions), total))
                upstream = named(called[name], self.shapes[name])
            for each, through in self._back(name, upstream):
                arriving.setdefault(each, []).insert(0, (name, through))
        return tuple(found)

    def _back(self, name: str, upstream: Term) -> list[tuple[str, Term]]:
        if name not in self.nodes:
            return []
        operation = self.nodes[name]
        inputs = [self.named(each) for each in operation.inputs]
        back = operation.back(upstream, self.named(name), *inputs)
        pairs = zip(operation.inputs, back, strict=True)
        return [(each, through) for each, through in pairs if through is not None]

    def gradient(
        self,
        name: str,
        through: Iterable[str] = (),
        names: Mapping[str, str] | None = None,
        known: Mapping[str, Term] | None = None,
    ) -> Term:
        """dL/d(name) in terms of given names and nodes; the gradients of the nodes in `through`
        keep a name of their own (see `steps`), and those of the nodes in `known` are taken to be
        the terms there, right or wrong: what follows from them."""
        kept = {each: (names or {}).get(each, f"d{each}") for each in through}
        plain = not kept and not known
        total = self._total(name, kept, self._gradients if plain else dict(known or {}))
        if total is None:
            raise ValueError(f"{name} does not reach {self.loss}")
        return total

    def _total(
        self, name: str, kept: Mapping[str, str], found: dict[str, Term | None]
    ) -> Term | None:
        """dL/d(name), the sum of what comes back from the nodes that it feeds, those in `kept` by
        their names; None where it feeds nothing that reaches the loss. `found` remembers."""
        if name in found:
            return found[name]
        arriving: list[Term] = [number(1)] if name == self.loss else []
        for user in self._users[name]:
            total = self._total(user, kept, found)
            if total is not None and user in kept:
                total = named(kept[user], self.shapes[user])
            if total is not None:
                back = self._back(user, total)
                arriving += [term for target, term in reversed(back) if target == name]
        found[name] = _sum(arriving) if arriving else None
        return found[name]

    @cached_property
    def _users(self) -> dict[str, list[str]]:
        """The nodes that each name feeds, in the order of the graph."""
        found: dict[str, list[str]] = {name: [] for name in self.shapes}
        for name, operation in self.nodes.items():
            for each in dict.fromkeys(operation.inputs):
                found[each].append(name)
        return found

    @cached_property
    def _gradients(self) -> dict[str, Term | None]:
        """Those that were met, without anything kept or known."""
        return {}

    def jacobian(self, node: str, of: str) -> Term:
        """d node / d of, where `of` is an input of the node, in numerator layout."""
        operation = self.nodes[node]
        inputs = [self.named(each) for each in operation.inputs]
        return operation.jacobian(operation.inputs.index(of), self.named(node), *inputs)

    # Numbers

    def values_at(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The value of every node: exact where all of it is rational, else floats. Nodes whose
        values are given already are not computed."""
        known = {name: array(value) for name, value in values.items()}
        for name in self.nodes:
            if name not in known:
                known[name] = array(self.at(self.formula(name), known))
        return {name: _plain(value) for name, value in known.items()}

    def gradients_at(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """dL/d of every given name and node that reaches the loss, in its own shape."""
        known: dict[str, Any] = dict(self.values_at(values))
        found: dict[str, Any] = {}
        for step in self.steps({name: f"d{name}" for name in self.shapes}):
            found[step.node] = known[step.name] = self.at(step.total, known)
        return found

    def at(self, term: Term, values: Mapping[str, Any]) -> Any:
        """The value of a term: a number, or an array of the term's shape."""
        return Numbers(self, values).at(term)

    def typed_tree(self, tree: Tree) -> tuple[Tree, frozenset[str], bool]:
        """The typed tree, the names in it, and whether a size is a number in it."""
        known = self._typed_before.get(tree)
        if known is None:
            result = typed(tree, self._scope).tree
            sized = any(isinstance(node, Length) for node in _nodes(result))
            known = self._typed_before[tree] = result, frozenset(_names(result)), sized
        return known

    @cached_property
    def _typed_before(self) -> dict[Tree, tuple[Tree, frozenset[str], bool]]:
        return {}

    @cached_property
    def _scope(self) -> Scope:
        """Every name, and d<name> for its gradient."""
        shapes = self.shapes | {f"d{name}": shape for name, shape in self.shapes.items()}
        return Scope({name: Known(name, shape) for name, shape in shapes.items()})

    # Edges

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge from an input to the node that uses it, in the order of the graph."""
        return tuple(
            (each, name) for name, operation in self.nodes.items() for each in operation.inputs
        )

    def edges_between(self, start: str) -> tuple[Edge, ...]:
        """The edges that lie on some path from `start` to the loss."""
        after = {start}
        for first, second in self.edges:
            if first in after:
                after.add(second)
        before = {self.loss}
        for first, second in reversed(self.edges):
            if second in before:
                before.add(first)
        return tuple((a, b) for a, b in self.edges if a in after and b in before)

    def looked_up(self, parameters: Iterable[str]) -> frozenset[str]:
        """The given values and those of nodes that the steps back to the parameters' gradients
        take from the forward pass."""
        edges = {edge for each in parameters for edge in self.edges_between(each)}
        names = {
            name
            for step in self.steps()
            for node, term in step.contributions
            if (step.node, node) in edges
            for name in _names(term.tree)
        }
        return frozenset(names & self.shapes.keys())

    def derivatives_one_by_one(self, parameters: Iterable[str]) -> int:
        """Local derivatives (one an edge) where each parameter's gradient is worked out alone."""
        return sum(len(self.edges_between(each)) for each in parameters)

    def derivatives_shared(self, parameters: Iterable[str]) -> int:
        """Local derivatives where each edge's is worked out once: backpropagation."""
        return len({edge for each in parameters for edge in self.edges_between(each)})


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers for the names of a network, brought into their form once for many terms."""

    network: Network
    values: Mapping[str, Any]

    def at(self, term: Term) -> Any:
        """The value of a term: a number, or an array of the term's shape."""
        tree, names, sized = self.network.typed_tree(term.tree)
        used = [name for name in names if name in self.values]
        known = {name: self._shared(name) for name in used}
        found = evaluate_exactly(tree, known, self._sizes if sized else {})
        if found is None:
            every = {name: self._matrix(name) for name in self.values}
            found = evaluate_precisely(tree, every, self._sizes)
        if found is None:
            raise ArithmeticError(f"{term} has no value here")
        floating = any(self._matrix(name).dtype != object for name in used)
        entries = [
            entry if isinstance(entry, _EXACT) and not floating else float(entry)
            for entry in found.ravel().tolist()
        ]
        if not term.shape:
            return array(entries)[0]
        return array(entries).reshape(found.shape if term.shape[1] != 1 else (-1,))

    def _matrix(self, name: str) -> Vector:
        """The value of a name, vectors as columns."""
        if name not in self._matrices:
            value = array(self.values[name])
            self._matrices[name] = value.reshape((*value.shape, 1, 1)[:2])
        return self._matrices[name]

    def _shared(self, name: str) -> Shared:
        """The same over one denominator."""
        if name not in self._shared_matrices:
            self._shared_matrices[name] = shared(self._matrix(name))
        return self._shared_matrices[name]

    @cached_property
    def _matrices(self) -> dict[str, Vector]:
        return {}

    @cached_property
    def _shared_matrices(self) -> dict[str, Shared]:
        return {}

    @cached_property
    def _sizes(self) -> dict[str, int]:
        return {
            size: length
            for name, value in self.values.items()
            for size, length in zip(
                self.network.shapes.get(name, ()), np.shape(value), strict=False
            )
            if isinstance(size, str)
        }


def _sum(terms: Iterable[Term]) -> Term:
    first, *rest = terms
    return sum(rest, first)


def _nodes(tree: Tree) -> list[Tree]:
    found = [tree]
    for node in found:
        found += node.children()
    return found


def _names(tree: Tree) -> set[str]:
    names = (getattr(node, "name", None) for node in _nodes(tree))
    return {name for name in names if isinstance(name, str)}


def _plain(value: Vector) -> Any:
    return value[()] if value.shape == () else value
