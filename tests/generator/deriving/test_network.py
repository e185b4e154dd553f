"""Gradients in letters and in numbers, against central differences of the forward pass alone."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from generator.deriving.activations import ACTIVATIONS
from generator.deriving.network import Network
from generator.deriving.operations import (
    Affine,
    Apply,
    BinaryCrossEntropy,
    Combine,
    CrossEntropy,
    Dot,
    Entrywise,
    Leaky,
    Operation,
    SigmoidCrossEntropy,
    Softmax,
    SoftmaxCrossEntropy,
    SquaredError,
    SquaredNorm,
    Times,
)
from generator.deriving.term import read_term
from generator.model.values import exact
from generator.notation.formulas.written import read_formula

LAYER = {"x": ("n",), "W": ("m", "n"), "b": ("m",)}
SIZES: dict[int | str, int] = {"n": 3, "m": 4, "k": 2}


def classifier(hidden: Operation) -> Network:
    return Network.of(
        {**LAYER, "U": ("k", "m"), "c": ("k",), "y": ("k",)},
        {
            "z1": Affine("W", "x", "b"),
            "h": hidden,
            "z2": Affine("U", "h", "c"),
            "yhat": Softmax("z2"),
            "J": SoftmaxCrossEntropy("z2", "yhat", "y"),
        },
    )


def one_layer(**nodes: Operation) -> Network:
    other = "y" if any("y" in node.inputs for node in nodes.values()) else "v"
    return Network.of({**LAYER, other: ("m",)}, {"z": Affine("W", "x", "b"), **nodes})


NETWORKS: dict[str, Network] = {
    **{
        f"classifier {name}": classifier(Apply(name, "z1"))
        for name in ACTIVATIONS
        if name not in ("sin", "cos")
    },
    "classifier, slope from z": classifier(Apply("tanh", "z1", from_input=True)),
    "classifier leaky": classifier(Leaky(Fraction(1, 10), "z1")),
    "softmax and cross-entropy of any targets": one_layer(
        p=Softmax("z"), J=SoftmaxCrossEntropy("z", "p", "y", normalised=False)
    ),
    "softmax and cross-entropy apart": one_layer(p=Softmax("z"), J=CrossEntropy("p", "y")),
    "binary cross-entropy": one_layer(p=Apply("sigmoid", "z"), J=BinaryCrossEntropy("p", "y", "m")),
    "sigmoid and binary cross-entropy at once": one_layer(
        p=Apply("sigmoid", "z"), J=SigmoidCrossEntropy("z", "p", "y", "m")
    ),
    "squared error": one_layer(h=Apply("sin", "z"), J=SquaredError("h", "y", Fraction(1, 2))),
    "inner product": one_layer(
        h=Apply("cos", "z"), s=Dot("v", "h"), J=SquaredNorm("s", Fraction(1, 2))
    ),
    "slopes in a diagonal matrix": Network.of(
        {**LAYER, "D": ("m", "m"), "y": ("m",)},
        {"z": Affine("W", "x", "b"), "h": Entrywise("D", "z"), "J": SquaredError("h", "y")},
    ),
    "shared weights": Network.of(
        {"U": ("m", "m"), "W": ("m", "n"), "x1": ("n",), "x2": ("n",), "h0": ("m",), "y": ("m",)},
        {
            "a1": Affine("W", "x1"),
            "r1": Affine("U", "h0"),
            "z1": Combine((("a1", 1), ("r1", 1))),
            "h1": Apply("tanh", "z1"),
            "a2": Affine("W", "x2"),
            "r2": Affine("U", "h1"),
            "z2": Combine((("a2", 2), ("r2", Fraction(-1, 3)))),
            "h2": Times("z2", "h1"),
            "J": SquaredError("h2", "y"),
        },
    ),
    "scalars": Network.of(
        {"w": (), "x": (), "b": (), "y": ()},
        {
            "z": Affine("w", "x", "b"),
            "p": Apply("sigmoid", "z"),
            "q": Times("p", "z"),
            "J": SquaredError("q", "y", Fraction(1, 2)),
        },
    ),
}


def drawn(network: Network) -> dict[str, Any]:
    rng = np.random.default_rng(5)
    sizes = {**SIZES, 1: 1}
    values: dict[str, Any] = {}
    for name, shape in network.given.items():
        entries = rng.normal(size=[sizes[each] for each in shape if each != 1])
        values[name] = float(entries) if not shape else entries
    if "D" in values:
        values["D"] = np.diag(np.diag(values["D"]))
    last = network.nodes[network.loss]
    if isinstance(last, SoftmaxCrossEntropy) and not last.normalised:
        values["y"] = np.abs(values["y"]) + 0.1
    elif network.given.get("y"):
        positive = np.abs(values["y"]) + 0.1
        values["y"] = positive / positive.sum()
    return values


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_central_differences_of_the_forward_pass(name: str) -> None:
    network = NETWORKS[name]
    values = drawn(network)
    found = network.gradients_at(values)
    for each in network.given:
        if each in ("y", "D"):
            continue
        base = np.asarray(values[each], dtype=float)
        slope = np.empty(base.shape)
        for index in np.ndindex(base.shape):
            sides = []
            for sign in (1, -1):
                moved = base.copy()
                moved[index] += sign * 1e-5
                sides.append(network.values_at({**values, each: moved})["J"])
            slope[index] = (sides[0] - sides[1]) / 2e-5
        np.testing.assert_allclose(np.asarray(found[each], dtype=float), slope, atol=1e-8)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_gradient_in_letters_has_the_value_of_the_steps(name: str) -> None:
    network = NETWORKS[name]
    values = drawn(network)
    known = network.values_at(values)
    found = network.gradients_at(values)
    for each in network.given:
        if each not in ("y", "D"):
            whole = network.at(network.gradient(each), known)
            np.testing.assert_allclose(
                np.asarray(whole, dtype=float), np.asarray(found[each], dtype=float), atol=1e-12
            )
            turned = network.at(network.gradient(each).T, known)
            np.testing.assert_allclose(
                np.asarray(turned, dtype=float).squeeze(),
                np.asarray(found[each], dtype=float).T.squeeze(),
                atol=1e-12,
            )


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_printed_reads_back_over_the_declared_names(name: str) -> None:
    network = NETWORKS[name]
    names = network.declared(*network.shapes)
    for each in network.given:
        if each not in ("y", "D"):
            term = network.gradient(each)
            assert read_formula(str(term), names) == str(term)
            assert read_formula(term.latex, names) == str(term)


def test_a_node_is_bound_to_its_formula_where_its_inputs_are_declared() -> None:
    network = NETWORKS["classifier sigmoid"]
    names = network.declared("W", "x", "b", "z1", "h", "yhat", "y", y="onehot")
    assert names["z1"] == {"shape": ["m"], "given": "W x + b"}
    assert names["h"] == {"shape": ["m"], "given": "sigma(z1)"}
    assert names["yhat"] == {"shape": ["k"]}  # z2 is not declared
    assert names["y"] == {"shape": ["k"], "domain": "onehot"}


def test_a_gradient_follows_from_a_wrong_one_of_a_student() -> None:
    network = NETWORKS["classifier relu"]
    names = network.declared("yhat", "y")
    wrong = read_term("y - yhat", names)
    assert str(network.gradient("U", known={"z2": wrong})) == "(y - yhat) h^T"
    with pytest.raises(ValueError, match="is"):
        network.gradient("U", known={"z2": read_term("yhat^T", names)})


def test_scalars_stay_in_front_of_products() -> None:
    network = Network.of(
        {"x": ("n",), "A": ("h", "n"), "b": ("h",), "y": ()},
        {
            "z1": Affine("A", "x"),
            "z2": Apply("sigmoid", "z1"),
            "z3": Dot("b", "z2"),
            "z4": Combine((("y", 1), ("z3", -1))),
            "L": SquaredNorm("z4"),
        },
    )
    assert str(network.gradient("A")) == "-2 z4 (b ∘ z2 ∘ (1 - z2)) x^T"
    assert str(network.gradient("A").T) == "-2 z4 x (b^T ∘ z2^T ∘ (1 - z2)^T)"
    assert str(-network.gradient("z2").T) == "2 z4 b^T"
    assert str(network.gradient("x")) == "-2 z4 A^T (b ∘ z2 ∘ (1 - z2))"


def test_the_square_of_a_scalar_is_a_power_and_that_of_a_vector_entry_by_entry() -> None:
    network = Network.of(
        {"w": (), "x": (), "t": ()},
        {"z": Affine("w", "x"), "y": Apply("tanh", "z"), "L": SquaredError("y", "t")},
    )
    assert str(network.gradient("z")) == "2 (y - t) (1 - y^2)"
    assert network.gradients_at({"w": 1, "x": 2, "y": Fraction(3, 5), "t": 0, "z": 0, "L": 0})[
        "z"
    ] == Fraction(96, 125)
    hidden = NETWORKS["classifier, slope from z"].named("h")
    assert str(hidden.squared) == "h ∘ h"


def test_jacobians_have_a_row_for_each_entry_of_the_node() -> None:
    network = NETWORKS["softmax and cross-entropy apart"]
    assert str(network.jacobian("z", "x")) == "W"
    assert str(network.jacobian("p", "z")) == "diag(p) - p p^T"
    assert network.jacobian("J", "p").shape == (1, "m")
    sigmoid = NETWORKS["binary cross-entropy"]
    assert str(sigmoid.jacobian("p", "z")) == "diag(p ∘ (1 - p))"


def test_exact_values_stay_exact() -> None:
    network = Network.of(
        {"x": ("n",), "A": ("h", "n"), "b": ("h",), "y": ()},
        {
            "z1": Affine("A", "x"),
            "z2": Apply("sigmoid", "z1"),
            "z3": Dot("b", "z2"),
            "z4": Combine((("y", 1), ("z3", -1))),
            "L": SquaredNorm("z4"),
        },
    )
    found = network.gradients_at(
        {
            "x": exact([1, 2]),
            "A": exact([[1, 2], [3, 4]]),
            "z2": exact(["3/4", "4/5"]),  # given, so A is not what it came from
            "b": exact([8, -5]),
            "y": Fraction(3),
        }
    )
    assert (found["b"] == exact(["-1.5", "-1.6"])).all()
    assert (found["A"] == exact([[-3, -6], ["1.6", "3.2"]])).all()
    assert str(network.gradient("A", through=("z2",))) == "(dz2 ∘ z2 ∘ (1 - z2)) x^T"
    assert [step.node for step in network.steps()] == ["z4", "z3", "z2", "z1", "y", "b", "A", "x"]
    assert network.derivatives_one_by_one(("A", "b")) == 8
    assert network.derivatives_shared(("A", "b")) == 6
    assert network.looked_up(("A", "b")) == {"x", "b", "z2", "z4"}
    assert network.looked_up(("b",)) == {"z2", "z4"}


@pytest.mark.parametrize("layers", range(1, 6))
def test_counts_of_a_chain_of_layers_follow_the_known_formulas(layers: int) -> None:
    """K^2 + 2K one by one and 3K at once, where each layer is a product and an activation."""
    nodes: dict[str, Operation] = {}
    below = "x"
    for k in range(1, layers + 1):
        nodes[f"z{k}"] = Affine(f"W{k}", below)
        nodes[f"h{k}"] = Apply("sigmoid", f"z{k}")
        below = f"h{k}"
    weights = {f"W{k}": ("n", "n") for k in range(1, layers + 1)}
    nodes["L"] = SquaredNorm(below)
    network = Network.of({"x": ("n",), **weights}, nodes)
    assert network.derivatives_one_by_one(weights) == layers**2 + 2 * layers
    assert network.derivatives_shared(weights) == 3 * layers


def test_a_network_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="z needs b, which is not above it"):
        Network.of({"x": ("n",), "W": ("m", "n")}, {"z": Affine("W", "x", "b")})
    with pytest.raises(ValueError, match="x is"):
        Network.of({"x": ("k",), "W": ("m", "n")}, {"z": Affine("W", "x")})


@pytest.mark.parametrize("given", ["-(p - y)", "-p", "--p", "-2 (p - y)", "y - p"])
def test_a_students_own_gradient_may_have_a_minus_sign(given: str) -> None:
    network = NETWORKS["softmax and cross-entropy apart"]
    names = network.declared("p", "y")
    own = network.gradient("W", known={"z": read_term(given, names)})
    values = network.values_at(drawn(network))
    whole = network.at(own, values)
    upstream = network.at(read_term(given, names), values)
    np.testing.assert_allclose(
        np.asarray(whole, dtype=float), np.outer(upstream, values["x"]), atol=1e-12
    )
