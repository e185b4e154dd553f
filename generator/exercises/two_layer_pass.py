"""The forward pass of two linear layers with activations, and its derivatives by complex steps.

    z1 = W1 x + b1,  z2 = f(z1),  z3 = W2 z2 + b2,  yhat = g(z3)

and the squared error ("mse", a sum) or the binary cross-entropy ("bce", a mean) of yhat and y. It
is what `verify()` compares formulas and numbers with; it knows no rule of differentiation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import numpy as np

from generator.exercises.activating import activate
from generator.exercises.proving import complex_jacobian, complex_steps, times
from generator.model.errors import Disagreement

SIZES = {"n": 4, "r": 3, "K": 2}  # inputs, hidden units and outputs where formulas are tried


def forward_pass(v: Mapping[str, Any], hidden: str, output: str, loss: str) -> dict[str, Any]:
    """All nodes, where entries z2 and z3 of `v` replace what is computed. One of the values may
    have an axis of many points before its own."""
    z1 = v.get("z1", times(v["W1"], v["x"]) + v["b1"])
    z2 = v.get("z2", activate(hidden, z1))
    z3 = v.get("z3", times(v["W2"], z2) + v["b2"])
    yhat = v.get("yhat", activate(output, z3))
    if loss == "mse":
        value = ((yhat - v["y"]) ** 2).sum(axis=-1)
    else:
        value = -(v["y"] * np.log(yhat) + (1 - v["y"]) * np.log(1 - yhat)).mean(axis=-1)
    return {"z1": z1, "z2": z2, "z3": z3, "yhat": yhat, "L": value}


def derivatives(
    v: Mapping[str, Any], hidden: str, output: str, loss: str, roles: tuple[str, ...]
) -> dict[str, Any]:
    """dL/d of each role, in its own shape."""

    def loss_at(role: str, moved: Any) -> Any:
        return forward_pass({**v, role: moved}, hidden, output, loss)["L"]

    return {role: complex_steps(partial(loss_at, role), v[role]) for role in roles}


@lru_cache(maxsize=16)
def at_random(hidden: str, output: str, loss: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Random data with every node and Jacobian, and the gradients."""
    rng = np.random.default_rng(23)
    n, r, K = SIZES["n"], SIZES["r"], SIZES["K"]
    shapes: dict[str, Any] = {"x": n, "W1": (r, n), "b1": r, "W2": (K, r), "b2": K}
    values: dict[str, Any] = {role: rng.normal(size=shape) for role, shape in shapes.items()}
    values["y"] = rng.uniform(0.1, 0.9, size=K)
    gradients = derivatives(values, hidden, output, loss, ("W1", "b1", "W2", "b2"))
    nodes = forward_pass(values, hidden, output, loss)
    if not (nodes["z1"] > 0).any() or not (nodes["z1"] < 0).any():
        raise Disagreement("the data must show both sides of a kink")
    every = values | {name: nodes[name] for name in ("z1", "z2", "z3", "yhat")}
    every["q"] = derivatives(every, hidden, output, loss, ("yhat",))["yhat"].reshape(1, -1)
    every["G"] = complex_jacobian(partial(activate, output), nodes["z3"])
    every["F"] = complex_jacobian(partial(activate, hidden), nodes["z1"])
    return every, gradients


@lru_cache(maxsize=1)
def right_updates() -> set[str]:
    """The updates that give weights of the right size and lower the loss of a network."""
    values, gradients = at_random("tanh", "identity", "mse")
    given = {role: values[role] for role in ("x", "W1", "b1", "W2", "b2", "y")}
    before = forward_pass(given, "tanh", "identity", "mse")["L"]
    W, turned = given["W1"], 1e-4 * gradients["W1"].T
    updates: dict[str, Callable[[], Any]] = {
        "transposed": lambda: W - turned.T,
        "as_it_is": lambda: W - turned,
        "weights_transposed": lambda: W.T - turned,
        "reshaped": lambda: W - turned.reshape(W.shape),
    }
    # To first order the loss falls by the step times the squared norm of the gradient.
    fall = 1e-4 * (gradients["W1"] ** 2).sum()
    right = set()
    for name, update in updates.items():
        try:
            after = forward_pass({**given, "W1": update()}, "tanh", "identity", "mse")["L"]
        except ValueError:  # the sizes do not fit
            continue
        if abs(before - after - fall) < 0.01 * fall:
            right.add(name)
    return right
