"""What helps against vanishing gradients in a deep network of sigmoids, and what does not.

`helps` tries each out: a signal is sent through a random deep network, with and without the change,
and the size of the derivative of the last layer with respect to the first is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from generator.exercises.activating import activate, sigmoid

HELPING = ("relu", "leaky_relu", "residual", "normalisation", "initialisation")
USELESS = ("deeper", "small_rate", "zero_weights", "large_biases", "flatter")

_WIDTH, _EXAMPLES, _DEPTH = 24, 16, 10
_STEP = 1e-20

Layer = Callable[[Any, Any, Any], Any]


def _normalised(z: Any) -> Any:
    """Each unit over the examples of the batch: mean 0, variance 1."""
    centred = z - z.mean(axis=0)
    return centred / np.sqrt((centred**2).mean(axis=0) + 1e-9)


def _plain(h: Any, W: Any, b: Any) -> Any:
    return sigmoid(h @ W + b)


# From the outputs of the layer below, weights of standard deviation 1/sqrt(width) and biases of
# standard deviation `spread`, which drive many sigmoids into saturation. ReLU layers get the
# weights that are usual for them and biases 0 (He et al. 2015); the scaled initialisation has
# biases 0 as well (Glorot and Bengio 2010).
_LAYERS: dict[str, Layer] = {
    "relu": lambda h, W, b: activate("leaky", h @ W * 2**0.5, 0),
    "leaky_relu": lambda h, W, b: activate("leaky", h @ W * 2**0.5, 0.1),
    "residual": lambda h, W, b: h + sigmoid(h @ W + b),
    "normalisation": lambda h, W, b: sigmoid(_normalised(h @ W + b)),
    "initialisation": lambda h, W, b: sigmoid(h @ W),
    "deeper": _plain,
    "small_rate": _plain,
    "zero_weights": lambda h, W, b: sigmoid(0 * (h @ W) + b),
    "large_biases": lambda h, W, b: sigmoid(h @ W + 3 * b),
    "flatter": lambda h, W, b: sigmoid((h @ (4 * W) + 4 * b) / 4),
}


@cache
def helps(key: str, spread: float = 3) -> bool:
    """Whether the change makes the derivative at least ten times as large, where biases have the
    standard deviation `spread`."""
    depth = 2 * _DEPTH if key == "deeper" else _DEPTH
    before = _sensitivity(_plain, _DEPTH, spread)
    return _sensitivity(_LAYERS[key], depth, spread) > 10 * before


def _sensitivity(layer: Layer, depth: int, spread: float) -> float:
    """The length of the directional derivative of the last outputs, by complex step."""
    rng = np.random.default_rng(0)
    h = rng.normal(size=(_EXAMPLES, _WIDTH)) + 1j * _STEP * rng.normal(size=(_EXAMPLES, _WIDTH))
    for _ in range(depth):
        W = rng.normal(size=(_WIDTH, _WIDTH)) / _WIDTH**0.5
        h = layer(h, W, spread * rng.normal(size=_WIDTH))
    return float(np.linalg.norm(h.imag) / _STEP)
