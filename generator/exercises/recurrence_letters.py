"""A recurrent network in letters: its symbols, its gradients, and formulas for dL/dU.

h_t = g(z_{t-1}), z_{t-1} = W x_{t-1} + U h_{t-1} in the indices of the course (recitation 2021);
q stands for dL/dh_T and D_k for the diagonal matrix of the slopes g'(z_k).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from generator.deriving.network import Network
from generator.deriving.operations import Affine, Apply, Combine, Dot, Entrywise, Operation
from generator.deriving.term import Term, named, number
from generator.exercises.activating import activate
from generator.exercises.proving import complex_steps, times
from generator.sampling import Rng

LEAK = Fraction(1, 2)  # the slope of the leaky ReLU below 0


@dataclass(frozen=True)
class Letters:
    """The symbols of one sheet: h_t = g(z_t), z_t = W x_t + U h_{t-1} if `aligned`, else in the
    indices of the course, h_t = g(z_{t-1}), z_{t-1} = W x_{t-1} + U h_{t-1}."""

    state: str = "h"
    recurrent: str = "U"
    input_weights: str = "W"
    input: str = "x"
    pre: str = "z"
    rows: str = "m"
    columns: str = "n"
    aligned: bool = field(default=False, kw_only=True)

    @property
    def first(self) -> int:
        """The index of the first input, pre-activation and slope."""
        return int(self.aligned)


COURSE = Letters()
OTHERS = (
    COURSE,
    Letters(aligned=True),
    Letters("s", "A", "B", "u", "a", "p", "n"),
    Letters("s", "A", "B", "u", "a", "p", "n", aligned=True),
    Letters("h", "V", "W", "x", "a", "p", "m"),
    Letters("s", "R", "W", "x", "z", "r", "n", aligned=True),
)
UPSTREAM = "q"  # dL/dh_T


@cache
def network(letters: Letters, steps: int, activation: str = "") -> Network:
    """The recurrence, with the loss q^T h_T, whose gradient at h_T is q.

    Without an activation D_k stands for the diagonal matrix of the slopes at pre-activation k.
    """
    s, U, W, x, z = (
        letters.state,
        letters.recurrent,
        letters.input_weights,
        letters.input,
        letters.pre,
    )
    m, n = letters.rows, letters.columns
    given: dict[str, tuple[str | int, ...]] = {U: (m, m), W: (m, n), f"{s}0": (m,), UPSTREAM: (m,)}
    nodes: dict[str, Operation] = {}
    for t in range(steps):
        k = t + letters.first
        given[f"{x}{k}"] = (n,)
        if not activation:
            given[f"D{k}"] = (m, m)
        nodes[f"from_{x}{k}"] = Affine(W, f"{x}{k}")
        nodes[f"from_{s}{t}"] = Affine(U, f"{s}{t}")
        nodes[f"{z}{k}"] = Combine(((f"from_{x}{k}", 1), (f"from_{s}{t}", 1)))
        nodes[f"{s}{t + 1}"] = (
            Apply(activation, f"{z}{k}") if activation else Entrywise(f"D{k}", f"{z}{k}")
        )
    nodes["L"] = Dot(UPSTREAM, f"{s}{steps}")
    return Network.of(given, nodes)


@cache
def gradient(letters: Letters, steps: int, activation: str, quantity: str) -> Any:
    return network(letters, steps, activation).gradient(quantity)


def names_of(letters: Letters, steps: int, activation: str) -> dict[str, Any]:
    """q, the recurrent weights and all states; D_k = diag(d_k) where the slopes have no formula."""
    m = letters.rows
    names: dict[str, Any] = {letters.recurrent: {"shape": [m, m]}, UPSTREAM: {"shape": [m]}}
    names |= {f"{letters.state}{t}": {"shape": [m]} for t in range(steps + 1)}
    if activation == "any":
        for k in range(letters.first, letters.first + steps):
            names[f"D{k}"] = {"shape": [m, m], "given": f"diag(d{k})"}
            names[f"d{k}"] = {"shape": [m]}
    return names


def names_of_sums(letters: Letters) -> dict[str, Any]:
    """Sequences for any T. They count from 1: what has the index 0 is a name of its own."""
    m, n = letters.rows, letters.columns
    names: dict[str, Any] = {letters.recurrent: {"shape": [m, m]}}
    sequences = {"delta": m, letters.input: n, letters.state: m}
    for name, size in sequences.items():
        names[name] = {"shape": [size], "length": "T"}
        if not letters.aligned or name == letters.state:
            names[f"{name}0"] = {"shape": [size]}
    return names


@dataclass(frozen=True)
class Rule:
    """A rule for the gradients of the pre-activations in letters; by itself the right one.

    `turned` takes U^T back through time (False: U), `sloped` multiplies by the slopes, and `extra`
    is the published slip: one more U^T in front, which makes it the gradient of the state before.
    """

    letters: Letters
    steps: int
    activation: str = ""
    turned: bool = True
    sloped: bool = True
    extra: bool = False

    def delta(self, step: int) -> Term:
        """The gradient of the pre-activation of `step`, counted from 0."""
        m = self.letters.rows
        U = named(self.letters.recurrent, (m, m))
        back = U.T if self.turned else U
        term = named(UPSTREAM, (m, 1))
        for t in reversed(range(step, self.steps)):
            if t < self.steps - 1:
                term = back @ term
            if self.sloped:
                term = self._through(t, term)
        return U.T @ term if self.extra else term

    def _through(self, t: int, term: Term) -> Term:
        m = self.letters.rows
        if not self.activation:
            return named(f"D{t + self.letters.first}", (m, m)) @ term
        h = named(f"{self.letters.state}{t + 1}", (m, 1))
        return term * (number(1) - h * h if self.activation == "tanh" else h * (number(1) - h))

    def summed(self, later: int = 0) -> Term:
        """The sum over the steps of delta_t h_t^T; `later` moves the states by that many steps."""
        s, m = self.letters.state, self.letters.rows
        terms = [self.delta(t) @ named(f"{s}{t + later}", (m, 1)).T for t in range(self.steps)]
        return sum(terms[1:], terms[0])


# Formulas for dL/dU that a sheet may show, as what they come to at q = dL/dh_T, from U, the slope
# vectors D_0 .. D_{T-1} and the states h_0 .. h_T. The products run over k, smallest k leftmost.

Numbers = Any


def _product(factor: Callable[[int], Numbers], start: int, stop: int, q: Numbers) -> Numbers:
    for k in reversed(range(start, stop)):
        q = factor(k) @ q
    return q


def _of_terms(term: Callable[..., Numbers]) -> Callable[..., Numbers]:
    def total(U: Numbers, slopes: Numbers, states: Numbers, q: Numbers) -> Numbers:
        D = [np.diag(row) for row in slopes]
        return sum(term(t, len(D), U, D, states, q) for t in range(1, len(D) + 1))

    return total


CANDIDATES: dict[str, Callable[..., Numbers]] = {
    "right": _of_terms(
        lambda t, T, U, D, h, q: np.outer(
            D[t - 1] @ _product(lambda k: U.T @ D[k], t, T, q), h[t - 1]
        )
    ),
    "regrouped": _of_terms(
        lambda t, T, U, D, h, q: np.outer(
            _product(lambda k: D[k - 1] @ U.T, t, T, D[T - 1] @ q), h[t - 1]
        )
    ),
    "published": _of_terms(
        lambda t, T, U, D, h, q: np.outer(_product(lambda k: U.T @ D[k], t - 1, T, q), h[t - 1])
    ),
    "swapped": _of_terms(
        lambda t, T, U, D, h, q: np.outer(_product(lambda k: D[k] @ U.T, t - 1, T, q), h[t - 1])
    ),
    "slope_lost": _of_terms(
        lambda t, T, U, D, h, q: np.outer(_product(lambda k: U.T @ D[k], t, T, q), h[t - 1])
    ),
    "next_state": _of_terms(
        lambda t, T, U, D, h, q: np.outer(D[t - 1] @ _product(lambda k: U.T @ D[k], t, T, q), h[t])
    ),
    "plain": _of_terms(
        lambda t, T, U, D, h, q: np.outer(
            D[t - 1] @ _product(lambda k: U @ D[k], t, T, q), h[t - 1]
        )
    ),
    "slope_of_first": _of_terms(
        lambda t, T, U, D, h, q: np.outer(
            D[t - 1] @ _product(lambda k: U.T @ D[t - 1], t, T, q), h[t - 1]
        )
    ),
}
SHOWN = 4  # on a sheet
ALWAYS_RIGHT = frozenset({"right", "regrouped"})
RIGHT_FOR_ONE_STEP = ALWAYS_RIGHT | {"plain", "slope_of_first"}


def drawn_candidates(rng: Rng, keys: Sequence[str]) -> tuple[str, ...]:
    """The published formula and others, one or two of them right for T = 1."""
    right = [key for key in keys if key in RIGHT_FOR_ONE_STEP]
    wrong = [key for key in keys if key not in RIGHT_FOR_ONE_STEP and key != "published"]
    count = rng.integer(1, 2)
    chosen = ["published", *rng.sample(right, count), *rng.sample(wrong, SHOWN - 1 - count)]
    return tuple(rng.shuffled(chosen))


@dataclass(frozen=True)
class Sampled:
    """A network at random data, with the derivatives of L = q^T h_T found by complex step."""

    U: Numbers  # (m, m)
    W: Numbers  # (m, n)
    inputs: Numbers  # (T, n)
    states: Numbers  # (T + 1, m)
    slopes: Numbers  # (T, m)
    q: Numbers  # (m,)
    by_step: Numbers  # (T, m) of the pre-activations
    of_U: Numbers
    of_W: Numbers


def states_of(
    activation: str, U: Numbers, W: Numbers, inputs: Numbers, h0: Numbers, added: Numbers
) -> list[Numbers]:
    """h_0 .. h_T, where a row of `added` is added to the pre-activation of each step. U, W and
    `added` may have an axis of many points before their own."""
    states = [h0]
    for x, extra in zip(inputs, np.moveaxis(added, -2, 0), strict=True):
        states.append(activate(activation, times(W, x) + times(U, states[-1]) + extra, float(LEAK)))
    return states


def derivatives(
    activation: str, U: Numbers, W: Numbers, inputs: Numbers, h0: Numbers, q: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """dL/dz (T, m), dL/dU and dL/dW of L = q^T h_T, by complex step of the forward pass."""
    none = np.zeros((len(inputs), len(h0)))
    return (
        complex_steps(lambda added: states_of(activation, U, W, inputs, h0, added)[-1] @ q, none),
        complex_steps(lambda each: states_of(activation, each, W, inputs, h0, none)[-1] @ q, U),
        complex_steps(lambda each: states_of(activation, U, each, inputs, h0, none)[-1] @ q, W),
    )


@cache
def sampled(steps: int, activation: str) -> Sampled:
    """Three units, two inputs; the same data at every call."""
    rng = np.random.default_rng(steps)
    U, W = rng.normal(size=(3, 3)), rng.normal(size=(3, 2))
    inputs, h0, q = rng.normal(size=(steps, 2)), rng.normal(size=3), rng.normal(size=3)
    states = np.array(states_of(activation, U, W, inputs, h0, np.zeros((steps, 3))))
    pre = inputs @ W.T + states[:-1] @ U.T
    h = 1e-20
    slopes = activate(activation, pre + 1j * h, float(LEAK)).imag / h
    return Sampled(U, W, inputs, states, slopes, q, *derivatives(activation, U, W, inputs, h0, q))


@cache
def holds_for(candidate: str, steps: int) -> bool:
    """Whether a formula of CANDIDATES is dL/dU at random data for T = `steps`."""
    data = sampled(steps, "tanh")
    found = CANDIDATES[candidate](data.U, data.slopes, data.states, data.q)
    return bool(np.abs(found - data.of_U).max() < 1e-9)
