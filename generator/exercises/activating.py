"""Activations as a forward pass computes them, for `verify()`: values only, no slopes.

All take real or complex arrays, so that complex steps go through them; kinks look at real parts.
Axes of many points may stand before their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def activate(name: str, z: Any, leak: float = 0.1) -> Any:
    """relu, leaky (slope `leak` below 0), sigmoid, tanh or identity, entry by entry."""
    match name:
        case "relu":
            return np.where(z.real > 0, z, 0)
        case "leaky":
            return np.where(z.real > 0, z, leak * z)
        case "sigmoid":
            return sigmoid(z)
        case "tanh":
            return np.tanh(z)
        case "identity":
            return z
    raise ValueError(f"there is no activation {name}")


def sigmoid(z: Any) -> Any:
    """1 / (1 + exp(-z))."""
    return 1 / (1 + np.exp(-z))


def softmax(z: Any) -> Any:
    """exp(z_k) / sum_j exp(z_j)."""
    powers = np.exp(z)
    return powers / powers.sum(axis=-1, keepdims=True)
