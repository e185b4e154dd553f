"""Networks whose computation graph is asked for or counted: formulas, one operation a node.

In `network`: data x and a target y, weights A (and B), an output vector b, perhaps a bias c, in an
instance's own letters. All end in a scalar prediction, its error y - prediction, and the squared
error L.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from generator.deriving.network import Network
from generator.deriving.operations import (
    Affine,
    Apply,
    Combine,
    CrossEntropy,
    Dot,
    Operation,
    Softmax,
    SquaredError,
    SquaredNorm,
    Times,
)
from generator.exercises.proving import formula_at
from generator.model.answers import Formula
from generator.notation.formulas.scope import Shape

LOSS = "L"
KINDS = ("two_layer", "branches", "residual", "tied")
# By role: data, target, two weight matrices, output vector, bias; then the intermediate values.
LETTERS = (
    ("x", "y", "A", "M", "b", "c", "z"),
    ("x", "t", "W", "U", "v", "b", "a"),
    ("u", "y", "P", "Q", "r", "s", "h"),
    ("v", "t", "U", "H", "w", "c", "a"),
)
ROLES = ("x", "y", "A", "B", "b", "c", "z")


@lru_cache(maxsize=256)
def network(
    kind: str, letters: str, activations: tuple[str, ...], bias: bool = False, half: bool = False
) -> Network:
    """The network of a kind. `letters` has a letter for each of ROLES; `activations` are those of
    the nodes that apply one, in order; with `bias` the first layer has one, with `half` the loss
    a factor 1/2.

    two_layer  b^T s(A x)                  branches  b^T (s(A x) o r(A x))
    residual   b^T (h + B h), h = s(A x)   tied      b^T s(A r(A x))
    """
    role = dict(zip(ROLES, letters, strict=True))
    A, B, b = role["A"], role["B"], role["b"]
    operations = [Affine(A, role["x"], role["c"] if bias else "")]

    def node(place: int) -> str:
        return f"{role['z']}{place}"

    def applied(which: int, place: int) -> Operation:
        name = activations[which]
        return Apply(name, node(place), from_input=name == "relu")

    bodies: Mapping[str, list[Operation]] = {
        "two_layer": [applied(0, 1)],
        "branches": [applied(0, 1), applied(-1, 1), Times(node(2), node(3))],
        "residual": [applied(0, 1), Affine(B, node(2)), Combine(((node(2), 1), (node(3), 1)))],
        "tied": [applied(0, 1), Affine(A, node(2)), applied(-1, 3)],
    }
    body: list[Operation] = [*operations, *bodies[kind]]
    prediction = len(body) + 1
    body += [Dot(b, node(prediction - 1)), Combine(((role["y"], 1), (node(prediction), -1)))]
    nodes = {node(place): each for place, each in enumerate(body, start=1)}
    nodes[LOSS] = SquaredNorm(node(len(body)), Fraction(1, 2) if half else 1)
    square = kind == "tied"
    shapes: dict[str, tuple[str, ...]] = {
        role["x"]: ("m",) if square else ("n",),
        role["y"]: (),
        A: ("m", "m") if square else ("m", "n"),
        **({B: ("m", "m")} if kind == "residual" else {}),
        b: ("m",),
        **({role["c"]: ("m",)} if bias else {}),
    }
    return Network.of(shapes, nodes)


@lru_cache(maxsize=256)
def chain(layers: int, *, activation: str, bias: bool, loss: str) -> Network:
    """Layers z_k = W_k h_(k-1) (+ b_k) with h_0 = x and an activation behind all but the last
    ("" for none: then z_(k-1) stands for h_(k-1)), and a loss of z_K:

    direct   L = ||z_K - y||^2
    error    e = y - z_K, L = e^2
    softmax  p = softmax(z_K), L = -sum y ln p
    """
    given: dict[str, tuple[str, ...]] = {"x": ("d0",)}
    nodes: dict[str, Operation] = {}
    below = "x"
    for k in range(1, layers + 1):
        given[f"W{k}"] = (f"d{k}", f"d{k - 1}")
        if bias:
            given[f"b{k}"] = (f"d{k}",)
        nodes[f"z{k}"] = Affine(f"W{k}", below, f"b{k}" if bias else "")
        below = f"z{k}"
        if activation and k < layers:
            nodes[f"h{k}"] = Apply(activation, below)
            below = f"h{k}"
    ends: dict[str, dict[str, Operation]] = {
        "direct": {LOSS: SquaredError(below, "y")},
        "error": {"e": Combine((("y", 1), (below, -1))), LOSS: SquaredNorm("e")},
        "softmax": {"p": Softmax(below), LOSS: CrossEntropy("p", "y")},
    }
    return Network.of(given | {"y": (f"d{layers}",)}, nodes | ends[loss])


@lru_cache(maxsize=4096)
def influences(definition: str, shapes: tuple[tuple[str, Shape], ...]) -> dict[str, frozenset[str]]:
    """For each name that moves the value of a formula: the names that its derivative by that name
    depends on. Names are given with their shapes.

    By finite differences at points on both sides of 0, large ones: what is 0 here is 0 identically
    (a value's first difference, a derivative's mixed second difference).
    """
    words = set(re.findall(r"\w+", definition))
    names = {name: shape for name, shape in shapes if name in words}
    asked = Formula(definition, {name: {"shape": list(map(str, s))} for name, s in names.items()})
    lengths: dict[int | str, int] = {"m": 3, "n": 2}
    bases = {}
    for k, (name, shape) in enumerate(names.items()):
        sizes = [lengths.get(size, 1) for size in shape]
        bases[name] = np.cos(1 + 2 * k + np.arange(int(np.prod(sizes)))).reshape(sizes)

    def value(*moved: str) -> Any:
        """The value after a step of each of the names, which turns the signs of its entries."""
        return np.asarray(
            formula_at(asked, {n: base * (1 - 1.7 * moved.count(n)) for n, base in bases.items()})
        )

    found: dict[str, frozenset[str]] = {}
    for name in names:
        step = value(name) - value()
        if not np.allclose(step, 0):
            bent = (n for n in names if not np.allclose(value(name, n) - value(n), step))
            found[name] = frozenset(bent)
    return found
