"""The forward pass of a network with one hidden layer, and its derivatives by complex steps.

    z1 = W x + b1,  h = s(z1),  z2 = U h + b2,  yhat = softmax(z2) or z2

It is what `verify()` compares formulas and numbers with; it knows no rule of differentiation.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from generator.exercises.activating import activate, softmax
from generator.exercises.proving import complex_steps, times
from generator.model.values import Vector


def forward(values: Mapping[str, Any], activation: str, loss: str) -> dict[str, Any]:
    """z1, h, z2, yhat and J, for x, W, U, y and the biases b1 and b2 where there are any.

    The loss is the cross_entropy of a softmax, or squared: (1/2) ||z2 - y||^2. Entries "z1" and
    "z2" of `values` are added to these nodes, to differentiate by; one of the values may have an
    axis of many points before its own.
    """
    z1 = times(values["W"], values["x"]) + values.get("b1", 0) + values.get("z1", 0)
    h = activate(activation, z1)
    z2 = times(values["U"], h) + values.get("b2", 0) + values.get("z2", 0)
    if loss == "squared":
        yhat, J = z2, ((z2 - values["y"]) ** 2).sum(axis=-1) / 2
    else:
        yhat, J = softmax(z2), cross_entropy(z2, values["y"])
    return {"z1": z1, "h": h, "z2": z2, "yhat": yhat, "J": J}


def cross_entropy(z: Any, y: Any) -> Any:
    """-sum_k y_k ln softmax(z)_k."""
    return -(y * np.log(softmax(z))).sum(axis=-1)


def derivatives(
    values: Mapping[str, Any],
    activation: str,
    loss: str,
    roles: tuple[str, ...] = ("U", "W", "z1", "z2"),
) -> dict[str, Vector]:
    """dJ/d of each role, in its own shape."""
    floats = {role: np.asarray(value, dtype=float) for role, value in values.items()}
    k, m = floats["U"].shape
    starts = {"z2": np.zeros(k), "U": floats["U"], "z1": np.zeros(m), "W": floats["W"]}

    def loss_at(role: str, moved: Any) -> Any:
        return forward({**floats, role: moved}, activation, loss)["J"]

    return {role: complex_steps(partial(loss_at, role), starts[role]) for role in roles}
