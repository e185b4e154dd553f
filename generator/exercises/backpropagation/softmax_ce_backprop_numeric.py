"""Gradients of a classifier with one hidden layer, in numbers that come out rational."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import combinations
from math import gcd
from operator import mul
from typing import Any, Self

import numpy as np

from generator.drawing.graphs import Edge, Node, layered_graph
from generator.exercises.activating import softmax
from generator.exercises.hidden_layer import derivatives, forward
from generator.model.answers import Array, Group
from generator.model.exercise import Exercise, agree, part
from generator.model.figure import Figure
from generator.model.values import Matrix, Vector, exact, relu, shared, times
from generator.sampling import Rng


@dataclass(frozen=True, eq=False)
class SoftmaxCeBackpropNumeric(Exercise):
    """z1 = W x + b1, h = relu(z1), z2 = U h + b2, yhat = softmax(z2), and the cross-entropy.

    The second bias is b2 = ln r - U h for whole numbers r, so that z2 = ln r and yhat = r / sum(r).
    """

    title = "Backpropagation through one hidden layer, in numbers"
    source = "recitation of 2021/04/21, question 3; Recitation 12 of 2022/04/20, question 3"
    level_settings = (
        {"units": 2, "classes": 2},
        {"units": 4, "inputs": 3, "dead": 2},
    )
    variants = ({"units": 3, "inputs": 2, "classes": 4}, {"units": 4, "classes": 2, "dead": 2})

    x: Vector  # (inputs,) of different sizes, none of them 0
    W: Matrix  # (units, inputs)
    b1: Vector  # (units,)
    U: Matrix  # (classes, units)
    ratios: Vector  # (classes,) different whole numbers r
    target: Fraction  # the right class, from 1

    @classmethod
    def sample(
        cls, rng: Rng, *, units: int = 3, inputs: int = 2, classes: int = 3, dead: int = 1
    ) -> Self:
        """`dead` of the hidden units have a negative pre-activation."""
        _check_options(units, inputs, classes, dead)
        x = exact([size * rng.sign() for size in rng.sample((1, 2, 3, 4), inputs)])
        signs = rng.shuffled([-1] * dead + [1] * (units - dead))
        rows = [_hidden_unit(rng, x, sign) for sign in signs]
        ratios = exact(rng.shuffled(rng.choice(_ratios(classes))))
        target = rng.integer(1, classes)
        errors = ratios / ratios.sum() - _one_hot(classes, target)
        return cls(
            x=x,
            W=exact([row[:-1] for row in rows]),
            b1=exact([row[-1] for row in rows]),
            U=_output_weights(rng, errors, signs),
            ratios=ratios,
            target=Fraction(target),
        )

    @cached_property
    def y(self) -> Vector:
        """The one-hot target, (classes,)."""
        return _one_hot(len(self.ratios), int(self.target))

    @cached_property
    def Wx(self) -> Vector:
        """(units,)"""
        return times(self.W, self.x)

    @cached_property
    def z1(self) -> Vector:
        """(units,)"""
        return exact(self.Wx + self.b1)

    @cached_property
    def Uh(self) -> Vector:
        """(classes,)"""
        return times(self.U, relu(self.z1))

    @cached_property
    def shifts(self) -> Vector:
        """What b2 adds to ln r, (classes,)."""
        return exact(-self.Uh)

    @cached_property
    def dh(self) -> Vector:
        """U^T (yhat - y), (units,): the true gradient of h, for the solution."""
        return self._sent_back(self.ratios / self.ratios.sum() - self.y)

    @property
    def mask(self) -> Vector:
        """The slope of ReLU at z1, (units,)."""
        return exact([int(z > 0) for z in self.z1])

    def graph(self) -> Figure:
        """The forward values, and the gradients below them; for the solution."""
        error = self.ratios / self.ratios.sum() - self.y
        nodes = [
            Node("x", "x", value=_listed(self.x)),
            Node("z1", "z_1", value=_listed(self.z1), gradient=_listed(self.dh * self.mask)),
            Node("h", "h", value=_listed(relu(self.z1)), gradient=_listed(self.dh)),
            Node("z2", "z_2", gradient=_listed(error)),
            Node("J", "J", gradient="1"),
        ]
        edges = [
            Edge("x", "z1", "W"),
            Edge("z1", "h", r"\operatorname{ReLU}"),
            Edge("h", "z2", "U"),
            Edge("z2", "J"),
        ]
        return layered_graph(nodes, edges, direction="up")

    @part(points=2)
    def forward(self) -> Group:
        return Group.of(h=Array(relu(self.z1)), yhat=Array(self.ratios / self.ratios.sum()))

    def _forward_from(self, h: Vector) -> dict[str, Any]:
        """h and what the rest of the network makes of it, in floating point."""
        change = times(self.U, h - relu(self.z1)).astype(float)
        return {"h": h, "yhat": softmax(np.log(self.ratios.astype(float)) + change)}

    @forward.mistake("Each negative pre-activation becomes 0 in the hidden layer.")
    def relu_forgotten(self) -> dict[str, Any]:
        return self._forward_from(self.z1)

    @forward.mistake("The first bias is missing from the pre-activations.")
    def bias_forgotten(self) -> dict[str, Any]:
        return self._forward_from(relu(self.Wx))

    @forward.mistake("The softmax divides by the sum of the exponentials: its entries sum to 1.")
    def not_normalised(self) -> dict[str, Any]:
        return {"h": relu(self.z1), "yhat": self.ratios}

    @forward.mistake(
        "The softmax is of the exponentials, and $e^(ln r) = r$. The logits themselves will not do."
    )
    def linear_normalisation(self) -> dict[str, Any]:
        logits = np.log(self.ratios.astype(float))
        return {"h": relu(self.z1), "yhat": logits / logits.sum()}

    @part(points=2)
    def delta1(self, forward: Any) -> Array:
        return Array(forward["yhat"] - self.y)

    @delta1.mistake("The difference is the wrong way round: the right class has to be negative.")
    def sign(self, forward: Any) -> Any:
        return self.y - forward["yhat"]

    @delta1.mistake(
        "This is the gradient with respect to the probabilities; the softmax comes before them."
    )
    def stop_at_ce(self, forward: Any) -> Any:
        return -self.y / forward["yhat"]

    @delta1.mistake("The target is missing: a perfect prediction must have gradient 0.")
    def forgot_y(self, forward: Any) -> Any:
        return forward["yhat"]

    @delta1.mistake("The softmax is in the result already: do not multiply by its slope once more.")
    def extra_diag(self, forward: Any) -> Any:
        p = forward["yhat"]
        return (p - self.y) * p * (1 - p)

    @part(points=2)
    def dU(self, forward: Any, delta1: Any) -> Array:
        return Array(np.outer(delta1, forward["h"]))

    @dU.mistake("This is the transpose: row $i$ belongs to class $i$, as in $U$.")
    def dU_transposed(self, forward: Any, delta1: Any) -> Matrix:
        return np.outer(forward["h"], delta1)

    @dU.mistake("$U$ multiplies the hidden layer after the ReLU, not its pre-activations.")
    def z1_for_h(self, delta1: Any) -> Matrix:
        return np.outer(delta1, self.z1)

    @dU.mistake("$U$ multiplies the hidden layer, not the input.")
    def x_for_h(self, delta1: Any) -> Matrix:
        return np.outer(delta1, self.x)

    @part(points=2)
    def delta2(self, forward: Any, delta1: Any) -> Array:
        return Array(self._sent_back(delta1) * (forward["h"] > 0))

    def _sent_back(self, delta1: Any) -> Vector:
        """U^T delta1, (units,)."""
        return times(self.U.T, delta1)

    @delta2.mistake("ReLU has slope 0 where $z1 < 0$: no gradient passes there.")
    def no_mask(self, delta1: Any) -> Any:
        return self._sent_back(delta1)

    @delta2.mistake("Multiply by the slope of ReLU (0 or 1), not by its value.")
    def mask_by_value(self, forward: Any, delta1: Any) -> Any:
        return self._sent_back(delta1) * forward["h"]

    @delta2.mistake("The mask looks at the sign of $z1$, not at the sign of the gradient.")
    def mask_by_gradient_sign(self, delta1: Any) -> Vector:
        return relu(self._sent_back(delta1))

    @delta2.mistake("The mask is the wrong way round: ReLU passes gradients where $z1 > 0$.")
    def inverted_mask(self, forward: Any, delta1: Any) -> Any:
        return self._sent_back(delta1) * (forward["h"] <= 0)

    @delta2.mistake("Each hidden unit collects along its column of $U$: the transpose is missing.")
    def U_not_transposed(self, forward: Any, delta1: Any) -> Vector | None:
        classes, units = self.U.shape
        return times(self.U, delta1) * (forward["h"] > 0) if classes == units else None

    @part(points=2)
    def dW(self, delta2: Any) -> Array:
        return Array(np.outer(delta2, self.x))

    @dW.mistake("This is the transpose: row $i$ belongs to hidden unit $i$, as in $W$.")
    def dW_transposed(self, delta2: Any) -> Matrix:
        return np.outer(self.x, delta2)

    @dW.mistake("$W$ multiplies the input, not the hidden layer.")
    def h_for_x(self, forward: Any, delta2: Any) -> Matrix:
        return np.outer(delta2, forward["h"])

    @dW.mistake("The gradient that reaches $W$ has passed the ReLU: use the masked one.")
    def dW_no_mask(self, delta1: Any) -> Matrix:
        return np.outer(self._sent_back(delta1), self.x)

    def verify(self) -> None:
        """The forward pass in floating point and its complex-step derivatives."""
        values = {
            "x": self.x.astype(float),
            "W": self.W.astype(float),
            "b1": self.b1.astype(float),
            "U": self.U.astype(float),
            "b2": np.log(self.ratios.astype(float)) + self.shifts.astype(float),
            "y": self.y.astype(float),
        }
        nodes = forward(values, "relu", "cross_entropy")
        gradients = derivatives(values, "relu", "cross_entropy")
        truths = self.truths()
        both = truths["forward"]
        assert isinstance(both, Group)
        for name in ("h", "yhat"):
            agree(f"forward {name}", both.members[name], nodes[name], within=1e-9)
        for name, role in (("delta1", "z2"), ("dU", "U"), ("delta2", "z1"), ("dW", "W")):
            agree(name, truths[name], gradients[role], within=1e-9)


def _check_options(units: int, inputs: int, classes: int, dead: int) -> None:
    for option, value, low, high in (
        ("units", units, 2, 5),
        ("inputs", inputs, 2, 4),
        ("classes", classes, 2, 4),
        ("dead", dead, 1, units - 1),
    ):
        if not low <= value <= high:
            raise ValueError(f"{option} is {low} to {high}, not {value}")


def _hidden_unit(rng: Rng, x: Vector, sign: int) -> list[Any]:
    """A row of W and an entry of b1 whose pre-activation has the sign; a live one is not 1, which
    would hide a mask by value."""
    while True:
        row = [rng.integer(-2, 2) for _ in x]
        bias = rng.integer(-3, 3)
        z = int(row @ x) + bias
        if 2 <= abs(z) <= 5 and bias not in (0, z):
            turn = sign if z > 0 else -sign
            return [turn * entry for entry in (*row, bias)]


def _output_weights(rng: Rng, errors: Vector, signs: Sequence[int]) -> Matrix:
    """U, (classes, units), for hidden units of these signs. It sends a gradient up to a dead unit
    and one down to a live one, so that a mask by the sign of the gradient shows, and a square U
    tells itself from its transpose."""
    shown = {signs.index(-1): 1, signs.index(1): -1}
    live = [sign > 0 for sign in signs]
    while True:
        columns = [_column(rng, errors, shown.get(u) or rng.sign()) for u in range(len(signs))]
        UT = exact(columns)
        if len(errors) != len(signs):
            return UT.T
        sent = times(UT, errors)
        if (sent != times(UT.T, errors))[live].any() and (sent != errors).any():
            return UT.T


def _column(rng: Rng, errors: Vector, sign: int) -> list[int]:
    """A column of U, (classes,), that sends back a gradient of the sign."""
    sizes = shared(errors).entries.tolist()
    while True:
        column = [rng.integer(-3, 3) for _ in sizes]
        sent = sum(map(mul, column, sizes))
        if sent != 0:
            return column if (sent > 0) == (sign > 0) else [-entry for entry in column]


@lru_cache(maxsize=8)
def _ratios(classes: int) -> tuple[tuple[int, ...], ...]:
    """Different whole numbers whose shares of their sum end within two decimals."""
    sums = (4, 5, 8, 10, 20) if classes == 2 else (10, 20)
    return tuple(
        ratios
        for total in sums
        for ratios in combinations(range(1, 13), classes)
        if sum(ratios) == total and gcd(*ratios) == 1
    )


def _one_hot(classes: int, target: int) -> Vector:
    return exact([int(place == target) for place in range(1, classes + 1)])


def _listed(values: Vector) -> str:
    """A vector for a figure; all values end within a few decimals."""
    return f"({', '.join(f'{float(value):g}' for value in values)})"
