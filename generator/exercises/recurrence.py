"""A recurrent network in numbers: z_t = W x_t + U h_t, h_{t+1} = g(z_t), a loss in its last state.

Arrays have a row for each step: `inputs` (T, n), `states` (T + 1, m) from h_0 on, pre-activations
and slopes (T, m).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from generator.drawing.graphs import Edge, Node, layered_graph
from generator.exercises.recurrence_letters import LEAK, Letters
from generator.model.exercise import Rejected
from generator.model.figure import Figure
from generator.model.values import Matrix, Vector, apply, array, exact, plain, whole
from generator.sampling import Rng

BELOW = {"identity": Fraction(1), "relu": Fraction(0), "leaky": LEAK}  # slopes below 0
LARGEST = 40  # gradient that is drawn


def slopes_of(activation: str, pre: Matrix) -> Matrix:
    """g'(z), for activations that are linear on both sides of 0."""
    above, below = Fraction(1), BELOW[activation]
    return apply(lambda z: above if z > 0 else below, plain(pre))


def forward(
    activation: str, W: Matrix, U: Matrix, inputs: Matrix, h0: Vector
) -> tuple[Matrix, Matrix]:
    """The pre-activations (T, m) and the states (T + 1, m)."""
    W, U, below = plain(W), plain(U), whole(BELOW[activation])
    pre, states = [], [plain(h0)]
    for x in plain(inputs):
        pre.append(W @ x + U @ states[-1])
        states.append(np.where(pre[-1] > 0, pre[-1], below * pre[-1]))
    return array(pre), array(states)


def backward(back: Matrix, slopes: Matrix, last: Vector) -> Matrix:
    """The gradients (T, m) of all pre-activations, from dL/dh_T = `last`; `back`, U^T, takes a
    gradient from one step to the step before."""
    back, found, arriving = plain(back), [], plain(last)
    for slope in plain(slopes)[::-1]:
        found.append(arriving * slope)
        arriving = back @ found[-1]
    return array(found[::-1])


# The numbers


def _matrices() -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """2 x 2 with two entries of size 1 and two of size 2, invertible and not symmetric: all are
    equally much work, and their rows are far from parallel."""
    return [
        ((a, b), (c, d))
        for a, b, c, d in product((-2, -1, 1, 2), repeat=4)
        if abs(a) + abs(b) + abs(c) + abs(d) == 6 and b != c and a * d != b * c
    ]


_MATRICES = _matrices()
_ENTRIES = (-3, -2, -1, 1, 2, 3)
_INPUTS = (-4, *_ENTRIES, 4)
_HIGHEST = 7  # pre-activation
Patterns = frozenset[tuple[bool, ...]]  # which units are above 0; empty where it does not matter


def drawn_network(rng: Rng, size: int, steps: int, activation: str) -> dict[str, Any]:
    """U, W, inputs, h0 and q = dL/dh_T with small numbers, no pre-activation 0, live and dead
    units; a dead unit has a gradient to stop. Scalars (`size` 1) have W and U of shape (1, 1)."""
    if size == 1:
        U: Any = [[rng.choice((Fraction(-1, 2), Fraction(1, 2), -2, 2))]]
        W: Any = [[rng.sign() * rng.integer(2, 3)]]
    else:
        U, W = rng.choice(_MATRICES), rng.choice(_MATRICES)
    h0 = [rng.integer(1, 3) for _ in range(size)]
    patterns = _patterns(rng, size, steps, activation)
    inputs = exact(_inputs(rng, W, U, h0, patterns, activation))
    drawn = {"U": exact(U), "W": exact(W), "inputs": inputs, "h0": exact(h0)}
    pre, _ = forward(activation, drawn["W"], drawn["U"], inputs, drawn["h0"])
    slopes = slopes_of(activation, pre)
    for q in rng.sample(list(product(_ENTRIES, repeat=size)), 6):
        deltas = backward(drawn["U"].T, slopes, exact(q))
        deltas = plain(deltas)
        arriving = deltas[1:] @ plain(drawn["U"])
        # Scalars have no gradient behind a dead step.
        clear = size == 1 or all(arriving.flat)
        if clear and all(abs(each) <= LARGEST for each in (*deltas.flat, *arriving.flat)):
            return drawn | {"q": exact(q)}
    raise Rejected("a gradient that is 0 or large")


def _patterns(rng: Rng, size: int, steps: int, activation: str) -> list[Patterns]:
    """What is allowed in each step: all but one of two units' steps have a dead unit, and half of
    a single unit's."""
    if activation == "identity":
        return [Patterns()] * steps
    live = Patterns({(True,) * size})
    bent = Patterns({(False,)} if size == 1 else {(True, False), (False, True)})
    chosen = rng.sample(range(steps), steps // 2 if size == 1 else steps - 1)
    return [bent if t in chosen else live for t in range(steps)]


def _inputs(
    rng: Rng,
    W: Any,
    U: Any,
    h0: Sequence[int],
    patterns: Sequence[Patterns],
    activation: str,
) -> list[tuple[int, ...]]:
    """An input for each step that leads to an allowed pattern and to small numbers."""
    below = whole(BELOW[activation])
    choices = list(product(_INPUTS, repeat=len(h0)))
    fed = np.array(choices) @ np.array(W).T
    h: list[Any] = list(h0)
    found = []
    for allowed in patterns:
        z_of = fed + np.array([_dot(row, h) for row in U])
        small = ((z_of != 0) & (abs(z_of) <= _HIGHEST)).all(axis=1)
        fitting = [
            (choices[place], z)
            for place, z in zip(np.flatnonzero(small), z_of[small].tolist(), strict=True)
            if _fits(z, allowed, below)
        ]
        if not fitting:
            raise Rejected("no input leads to an allowed pattern")
        x, z = rng.choice(fitting)
        found.append(x)
        h = [each if each > 0 else whole(below * each) for each in z]
    return found


def _fits(z: Sequence[Any], allowed: Patterns, below: Fraction | int) -> bool:
    if not allowed:
        return True
    if tuple(each > 0 for each in z) not in allowed:
        return False
    # What a leaky ReLU halves stays whole; of a scalar, a half.
    return all(each > 0 or (below * each).denominator <= 3 - len(z) for each in z)


def _dot(first: Sequence[Any], second: Sequence[Any]) -> Any:
    return sum(a * b for a, b in zip(first, second, strict=True))


# The figure


def unrolled(
    letters: Letters, steps: int, values: Sequence[Vector] = (), gradients: Sequence[Vector] = ()
) -> Figure:
    """The recurrence, time to the right; with the values of the states h_0 .. h_T and with the
    gradients that come back to h_1 .. h_T, if given."""
    above = [_short(each) for each in values] or [""] * (steps + 1)
    below = ["", *(_short(each) for each in gradients)] if len(gradients) else [""] * (steps + 1)
    nodes = [
        Node(f"h{t}", f"{letters.state}_{t}", value=above[t], gradient=below[t])
        for t in range(steps + 1)
    ]
    edges = []
    layers: list[list[str | None]] = [["h0", None]]
    for t in range(1, steps + 1):
        nodes.append(Node(f"x{t}", f"{letters.input}_{t - 1 + letters.first}"))
        edges.append(Edge(f"h{t - 1}", f"h{t}", letters.recurrent))
        edges.append(Edge(f"x{t}", f"h{t}", letters.input_weights))
        layers.append([f"h{t}", f"x{t}"])
    nodes.append(Node("L", "L"))
    edges.append(Edge(f"h{steps}", "L"))
    alt = f"{steps} steps of a recurrent network: each state comes from the one before and an input"
    notes = [
        f"{letters.state}{t} is {above[t]}" + f", its gradient {below[t]}" * bool(below[t])
        for t in range(steps + 1)
        if above[t]
    ]
    said = f": {'; '.join(notes)}" if notes else ""
    return layered_graph(nodes, edges, layers=[*layers, ["L", None]], alt=alt + said)


def _short(values: Vector) -> str:
    texts = [f"{float(each):g}" for each in values]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
