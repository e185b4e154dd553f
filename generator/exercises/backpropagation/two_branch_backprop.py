"""Backpropagation through a node that feeds several branches."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Self

import numpy as np

from generator.drawing.graphs import Edge, Node, layered_graph
from generator.exercises.activating import activate
from generator.exercises.proving import complex_steps, times
from generator.model.answers import Array, Choice, Group, Shape
from generator.model.exercise import Exercise, Rejected, agree, part
from generator.model.figure import Figure
from generator.model.values import Matrix, Vector, apply, exact, plain, relu
from generator.sampling import Rng

LEAK = Fraction(1, 10)
BRANCHES = ("sigmoid", "tanh", "leaky", "identity")
FROM_OUTPUT = ("sigmoid", "tanh")  # whose slope is read from h, not from z
SLIPS = ("mask", "product", "slope", "sign", "sum")


@dataclass(frozen=True, eq=False)
class TwoBranchBackprop(Exercise):
    """A node v feeds a ReLU branch and one or two others; their gradients add up at v.

    Branch k computes h_k = s_k(z_k) with z_k = W_k v + b_k. What is shown of a branch is z_k or
    h_k, whichever its slope is read from; the biases are whatever makes these values true.
    """

    title = "Backpropagation through branches"
    source = "exam of 2022/07/08, exercise 3"
    level_settings = (
        {"units": 2, "inputs": 3},
        {"units": 4, "branches": 3, "second": "any", "given": "h"},
    )
    variants = (
        {"second": "tanh", "branches": 3, "units": 2, "inputs": 3, "given": "h"},
        {"second": "leaky", "units": 4},
        {"second": "identity", "branches": 3},
        {"numeric_weights": False},
    )

    activations: tuple[str, ...]  # "relu" first, then one or two of BRANCHES
    shown: tuple[str, ...]  # per branch "z" or "h": which of the two the sheet shows
    values: tuple[Vector, ...]  # per branch (units,): z for relu, leaky, identity; h otherwise
    upstream: tuple[Vector, ...]  # per branch (units,): dL/dh
    weights: tuple[Matrix, ...]  # per branch (units, inputs); empty where W stays a letter
    v: Vector  # (inputs,)
    slip: str  # which line of the fellow student's derivation is false
    # That derivation is about other numbers, for it would give the answers to the parts away:
    other_values: tuple[Vector, ...]  # of branches 1 and 2, as in `values`,
    other_upstream: tuple[Vector, ...]  # and as in `upstream`

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        units: int = 3,
        inputs: int = 0,
        branches: int = 2,
        second: str = "sigmoid",
        given: str = "z",
        numeric_weights: bool = True,
    ) -> Self:
        """`inputs` is the size of v, never that of z (0: one more); `second` is the activation of
        branch 2 (sigmoid, tanh, leaky, identity, any); `given` says whether z or h is shown for the
        ReLU branch; with `numeric_weights = false` the weights stay letters, as in the exam, and
        dL/dv is not asked as numbers."""
        inputs = inputs or units + 1
        _check_options(units, inputs, branches, second, given)
        first_other = rng.choice(BRANCHES) if second == "any" else second
        rest = [name for name in BRANCHES if name != first_other]
        activations = ("relu", first_other, *rng.sample(rest, branches - 2))
        values, upstream = _branches(rng, activations, units)
        weights = tuple(rng.matrix(units, inputs, -3, 3) for _ in activations)
        v = exact(rng.sample([n for n in range(-3, 6) if n != 0], inputs))
        slip = rng.choice(SLIPS)
        other_values, other_upstream = _branches(rng, activations[:2], units)
        return cls(
            activations=activations,
            shown=(given, *("h" if name in FROM_OUTPUT else "z" for name in activations[1:])),
            values=values,
            upstream=upstream,
            weights=weights if numeric_weights else (),
            v=v,
            slip=slip,
            other_values=other_values,
            other_upstream=other_upstream,
        )

    @property
    def units(self) -> int:
        return len(self.values[0])

    @property
    def shown_values(self) -> tuple[Vector, ...]:
        """What the sheet shows of each branch, (units,): z or h."""
        first = relu(self.values[0]) if self.shown[0] == "h" else self.values[0]
        return (first, *self.values[1:])

    @cached_property
    def slopes(self) -> tuple[Vector, ...]:
        """dh_k/dz_k of each branch, (units,)."""
        return tuple(map(slope, self.activations, self.values))

    @cached_property
    def contributions(self) -> tuple[Vector, ...]:
        """What each branch sends back to v, (inputs,)."""
        return tuple(map(exact, self._terms(**self._true_brackets())))

    @cached_property
    def _plain_weights(self) -> tuple[Matrix, ...]:
        return tuple(map(plain, self.weights))

    @cached_property
    def _plain_branches(self) -> dict[str, tuple[Vector, Vector]]:
        """Upstream gradient and value of each branch, by its activation."""
        pairs = zip(map(plain, self.upstream), map(plain, self.values), strict=True)
        return dict(zip(self.activations, pairs, strict=True))

    def _bracket(self, name: str) -> Array | None:
        if name not in self.activations:
            return None
        upstream, _ = self._plain_branches[name]
        return Array(upstream * plain(self.slopes[self.activations.index(name)]))

    def _wrong(self, name: str, rule: Any) -> Vector | None:
        """What `rule(upstream, value)` makes of the branch `name`; None where there is no such."""
        if name not in self.activations:
            return None
        wrong: Vector = rule(*self._plain_branches[name])
        return wrong

    @part(points=2)
    def relu_bracket(self) -> Array | None:
        return self._bracket("relu")

    @relu_bracket.mistake("ReLU has slope 0 where $z1 < 0$: no gradient passes there.")
    def no_mask(self) -> Vector | None:
        return self._wrong("relu", lambda g, z: g)

    @relu_bracket.mistake(
        "The mask looks at the sign of $z1$, not at the sign of the upstream gradient."
    )
    def mask_by_gradient_sign(self) -> Vector | None:
        return self._wrong("relu", lambda g, z: relu(g))

    @relu_bracket.mistake("Multiply by the slope of ReLU (0 or 1), not by its value.")
    def times_value(self) -> Vector | None:
        return self._wrong("relu", lambda g, z: g * relu(z))

    @relu_bracket.mistake("The mask is the wrong way round: ReLU passes gradients where $z1 > 0$.")
    def inverted_mask(self) -> Vector | None:
        return self._wrong("relu", lambda g, z: g * (z < 0))

    @part(points=2)
    def sigmoid_bracket(self) -> Array | None:
        return self._bracket("sigmoid")

    @sigmoid_bracket.mistake(
        "The upstream gradient must still be multiplied by the slope of the sigmoid."
    )
    def no_sigma_prime(self) -> Vector | None:
        return self._wrong("sigmoid", lambda g, h: g)

    @sigmoid_bracket.mistake(
        "$h$ is already $sigma(z)$: its slope is $h(1 - h)$, without another $sigma$ around $h$."
    )
    def sigma_prime_of_h(self) -> Vector | None:
        return self._wrong("sigmoid", lambda g, h: g * apply(_sigma_prime, h))

    @sigmoid_bracket.mistake(
        "The slope of the sigmoid is $h(1 - h)$; the factor $1 - h$ is missing."
    )
    def sigmoid_times_h(self) -> Vector | None:
        return self._wrong("sigmoid", lambda g, h: g * h)

    @sigmoid_bracket.mistake("$1 - h^2$ is the slope of tanh; this branch is a sigmoid.")
    def tanh_rule(self) -> Vector | None:
        return self._wrong("sigmoid", lambda g, h: g * (1 - h * h))

    @sigmoid_bracket.mistake(
        "The slope of the sigmoid is never negative: each entry keeps the sign of its upstream "
        "gradient, and the last one here has lost it."
    )
    def sigmoid_sign_slip_last(self) -> Vector | None:
        return self._wrong("sigmoid", lambda g, h: _last_negated(g * h * (1 - h)))

    @part(points=2)
    def tanh_bracket(self) -> Array | None:
        return self._bracket("tanh")

    @tanh_bracket.mistake("The upstream gradient must still be multiplied by the slope of tanh.")
    def no_tanh_prime(self) -> Vector | None:
        return self._wrong("tanh", lambda g, h: g)

    @tanh_bracket.mistake("$h(1 - h)$ is the slope of the sigmoid; this branch is a tanh.")
    def sigmoid_rule(self) -> Vector | None:
        return self._wrong("tanh", lambda g, h: g * h * (1 - h))

    @tanh_bracket.mistake("Multiply by the slope of tanh, $1 - h^2$, not by its value $h$.")
    def tanh_times_h(self) -> Vector | None:
        return self._wrong("tanh", lambda g, h: g * h)

    @tanh_bracket.mistake("The slope of tanh is $1 - h^2$: $h$ is to be squared.")
    def tanh_not_squared(self) -> Vector | None:
        return self._wrong("tanh", lambda g, h: g * (1 - h))

    @part(points=2)
    def leaky_bracket(self) -> Array | None:
        return self._bracket("leaky")

    @leaky_bracket.mistake("A leaky ReLU has slope 0.1, not 0, where $z < 0$.")
    def leaky_as_relu(self) -> Vector | None:
        return self._wrong("leaky", lambda g, z: g * (z > 0))

    @leaky_bracket.mistake("Where $z < 0$ the slope of the leaky ReLU is 0.1, not 1.")
    def leaky_ignored(self) -> Vector | None:
        return self._wrong("leaky", lambda g, z: g)

    @leaky_bracket.mistake("The two slopes are swapped: it is 0.1 where $z < 0$.")
    def leaky_inverted(self) -> Vector | None:
        return self._wrong("leaky", lambda g, z: g * slope("leaky", -z))

    @part(points=1)
    def identity_bracket(self) -> Array | None:
        return self._bracket("identity")

    @identity_bracket.mistake("The slope of the identity is 1; its value is not a factor.")
    def identity_times_value(self) -> Vector | None:
        return self._wrong("identity", lambda g, z: g * z)

    @part(points=1)
    def sizes(self) -> Group:
        rows, columns = self.units, len(self.v)
        return Group.of(
            W1=Shape((rows, columns)), W2=Shape((rows, columns)), dL_dv=Shape((columns,))
        )

    @sizes.mistake(
        "$W1$ and $W2$ take $v$ to $z1$ and $z2$: they have a row for each entry of $z$."
    )
    def sizes_transposed(self) -> dict[str, Any]:
        rows, columns = self.units, len(self.v)
        return {"W1": (columns, rows), "W2": (columns, rows), "dL_dv": (columns,)}

    @sizes.mistake("The gradient with respect to $v$ has the size of $v$, not of $z$.")
    def gradient_sized_like_z(self) -> dict[str, Any]:
        rows, columns = self.units, len(self.v)
        return {"W1": (rows, columns), "W2": (rows, columns), "dL_dv": (rows,)}

    @part(points=3)
    def dL_dv(
        self,
        relu_bracket: Any,
        sigmoid_bracket: Any,
        tanh_bracket: Any,
        leaky_bracket: Any,
        identity_bracket: Any,
    ) -> Array | None:
        terms = self._terms(
            relu=relu_bracket,
            sigmoid=sigmoid_bracket,
            tanh=tanh_bracket,
            leaky=leaky_bracket,
            identity=identity_bracket,
        )
        return Array(sum(terms[1:], terms[0])) if terms else None

    @dL_dv.mistake("The branches' gradients add up at $v$; none is subtracted.")
    def difference(self) -> Vector | None:
        terms = self.contributions
        return terms[0] - sum(terms[2:], terms[1]) if terms else None

    @dL_dv.mistake("$v$ feeds more than one branch, and each sends back a gradient of its own.")
    def one_branch_only(self) -> Vector | None:
        return self.contributions[0] if self.contributions else None

    @dL_dv.mistake("Each upstream gradient passes its activation's slope before $W^T$.")
    def slopes_forgotten(self) -> Vector | None:
        terms = self._terms(**dict(zip(self.activations, self.upstream, strict=True)))
        return sum(terms[1:], terms[0]) if terms else None

    @part(points=1)
    def dL_dW1(self, relu_bracket: Any) -> Array:
        return Array(np.outer(plain(relu_bracket), plain(self.v)))

    @dL_dW1.mistake("This is the transpose: the gradient has the shape of $W1$ itself.")
    def transposed(self, relu_bracket: Any) -> Matrix:
        return np.outer(plain(self.v), plain(relu_bracket))

    @dL_dW1.mistake("The gradient that reaches $W1$ has passed the ReLU: use the masked one.")
    def unmasked(self) -> Matrix:
        return np.outer(plain(self.upstream[0]), plain(self.v))

    @part(points=1)
    def first_false_line(self) -> Choice:
        keys = tuple(str(line) for line in range(1, len(SLIPS) + 1))
        return Choice(frozenset({keys[SLIPS.index(self.slip)]}), options=keys)

    @first_false_line.mistake(
        "That line is right, given the lines above it: look for the one that is false by itself."
    )
    def line_after(self) -> frozenset[str] | None:
        line = SLIPS.index(self.slip) + 2
        return frozenset({str(line)}) if line <= len(SLIPS) else None

    @cached_property
    def derivation(self) -> dict[str, Vector]:
        """The four vectors of a derivation whose line `slip` is false and whose others follow."""
        return self._derived(self.slip)

    @property
    def right_derivation(self) -> dict[str, Vector]:
        """The same vectors without a slip."""
        return self._derived("")

    def _derived(self, slip: str) -> dict[str, Vector]:
        values, upstream = self.other_values, self.other_upstream
        mask = slope("relu", values[0])
        if slip == "mask":
            mask = 1 - mask
        product = upstream[0] * mask
        if slip == "product":
            product = relu(upstream[0])
        slope2 = slope(self.activations[1], values[1])
        if slip == "slope":
            slope2 = values[1] if self.activations[1] != "identity" else upstream[1]
        product2 = upstream[1] * slope2
        if slip == "sign":
            product2 = _last_negated(product2)
        return {"mask": mask, "product": product, "slope": slope2, "product2": product2}

    def _true_brackets(self) -> dict[str, Vector]:
        triples = zip(self.activations, self.slopes, self.upstream, strict=True)
        return {name: plain(g) * plain(rate) for name, rate, g in triples}

    def _terms(self, **brackets: Vector | None) -> list[Vector]:
        """W_k^T bracket_k of each branch; empty where the weights are letters."""
        pairs = zip(self.activations, self._plain_weights, strict=False)
        return [W.T @ plain(np.asarray(brackets[name])) for name, W in pairs]

    def verify(self) -> None:
        """Complex-step derivatives of the network L = sum_k g_k . s_k(W_k v + b_k) itself."""
        pre = [_pre_activation(n, v) for n, v in zip(self.activations, self.values, strict=True)]
        # Letters stand for any weights: the brackets and dL/dW1 must not depend on the choice.
        weights = [w.astype(float) for w in self.weights] or [
            np.arange(1.0, self.units * len(self.v) + 1).reshape(self.units, -1) for _ in pre
        ]
        v = self.v.astype(float)
        biases = [z - W @ v for z, W in zip(pre, weights, strict=True)]
        upstream = [g.astype(float) for g in self.upstream]

        moved = [v, weights[0].ravel(), *biases]  # what is differentiated by, in one vector
        ends = np.cumsum([len(each) for each in moved])[:-1]

        def loss(at: Any) -> Any:
            v, W1, *biases = np.split(at, ends, axis=-1)
            total = 0
            for k, name in enumerate(self.activations):
                W = weights[k] if k else W1.reshape(-1, *weights[0].shape)
                total = total + activate(name, times(W, v) + biases[k]) @ upstream[k]
            return total

        truths = self.truths()
        of_v, of_W1, *of_biases = np.split(complex_steps(loss, np.concatenate(moved)), ends)
        for name, of_bias in zip(self.activations, of_biases, strict=True):
            agree(f"{name}_bracket", truths.get(f"{name}_bracket"), of_bias, within=1e-9)
        agree("dL_dv", truths.get("dL_dv"), of_v, within=1e-9)
        of_W1 = of_W1.reshape(weights[0].shape)
        agree("dL_dW1", truths["dL_dW1"], of_W1, within=1e-9)
        found = {"W1": of_W1.shape, "W2": weights[1].shape, "dL_dv": of_v.shape}
        agree("sizes", truths["sizes"], found)
        right = self.right_derivation.values()
        pairs = enumerate(zip(right, self.derivation.values(), strict=True), start=1)
        false = [line for line, (true, written) in pairs if (true != written).any()]
        agree("first_false_line", truths["first_false_line"], {str(min([*false, len(SLIPS)]))})

    def graph(self) -> Figure:
        """v on the left, a row for each branch, the loss on the right."""
        nodes, edges = [Node("v", "v")], []
        for k, name in enumerate(self.activations, start=1):
            z, h = f"z_{k}", f"h_{k}"
            nodes += [Node(z, z), Node(h, h)]
            edges += [Edge("v", z, f"W_{k}"), Edge(z, h, TEX_NAMES[name]), Edge(h, "L")]
        alt = f"v feeds {len(self.activations)} branches ({', '.join(self.activations)})"
        return layered_graph([*nodes, Node("L", "L")], edges, alt=f"{alt} that meet at L")


TEX_NAMES = {
    "relu": r"\operatorname{ReLU}",
    "sigmoid": r"\sigma",
    "tanh": r"\tanh",
    "leaky": r"\operatorname{LReLU}",
    "identity": r"\operatorname{id}",
}


def slope(name: str, value: Vector) -> Vector:
    """The slope of an activation, from z (relu, leaky, identity) or from h (sigmoid, tanh)."""
    return apply(_SLOPES[name], plain(value))


_SLOPES: dict[str, Callable[[Any], Any]] = {
    "relu": lambda z: int(z > 0),
    "leaky": lambda z: 1 if z > 0 else LEAK,
    "identity": lambda z: 1,
    "sigmoid": lambda h: h * (1 - h),
    "tanh": lambda h: 1 - h * h,
}


def _branches(
    rng: Rng, names: Sequence[str], units: int
) -> tuple[tuple[Vector, ...], tuple[Vector, ...]]:
    """The shown values of some branches, and their upstream gradients."""
    values, upstream = zip(*(_branch(rng, name, units) for name in names), strict=True)
    return values, upstream


def _branch(rng: Rng, name: str, units: int) -> tuple[Vector, Vector]:
    """The shown values and the upstream gradient of one branch."""
    upstream = [rng.nonzero(4) for _ in range(units)]
    if name == "sigmoid":
        return exact([rng.tenth(1, 9) for _ in range(units)]), exact(upstream)
    if name == "tanh":
        return exact([rng.sign() * rng.tenth(1, 9) for _ in range(units)]), exact(upstream)
    z = [rng.nonzero(4) for _ in range(units)]
    dead = [i for i in range(units) if z[i] < 0]
    live = [i for i in range(units) if z[i] > 0]
    if not dead or not live or all(z[i] == 1 for i in live):
        raise Rejected("no dead unit, or no live one with z > 1")
    # Else a mask made from the gradient's own sign would be right by accident.
    upstream[rng.choice(dead)] = rng.integer(1, 4)
    upstream[rng.choice(live)] = -rng.integer(1, 4)
    return exact(z), exact(upstream)


def _check_options(units: int, inputs: int, branches: int, second: str, given: str) -> None:
    if not (2 <= units <= 6 and 2 <= inputs <= 7 and units != inputs):
        raise ValueError("units is a whole number from 2 to 6, inputs another one from 2 to 7")
    if branches not in (2, 3):
        raise ValueError("branches is 2 or 3")
    if second not in (*BRANCHES, "any"):
        raise ValueError(f"second is one of {', '.join(BRANCHES)}, any")
    if given not in ("z", "h"):
        raise ValueError("given is z or h")


def _sigma_prime(z: Fraction) -> float:
    s = 1 / (1 + math.exp(-z))
    return s * (1 - s)


def _last_negated(values: Vector) -> Vector:
    return exact([*values[:-1], -values[-1]])


def _pre_activation(name: str, value: Vector) -> Any:
    numbers = value.astype(float)
    if name == "sigmoid":
        return np.log(numbers / (1 - numbers))
    return np.arctanh(numbers) if name == "tanh" else numbers
