"""Linear, f, linear, g: what each layer puts out, and all gradients in a named layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Self

import numpy as np

from generator.deriving.operations import (
    Apply,
)
from generator.deriving.term import Term, named, number, read_term
from generator.exercises.activating import activate
from generator.exercises.letters import draw_letters
from generator.exercises.proving import close, formula_at
from generator.exercises.two_layer_net import TwoLayerNet, two_layer_net
from generator.exercises.two_layer_pass import (
    at_random,
    derivatives,
    forward_pass,
    right_updates,
)
from generator.model.answers import Array, Choice, Formula, Group
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, agree, part
from generator.model.values import Matrix, Tex, Vector, apply, array, exact, relu
from generator.notation.formulas.written import Written
from generator.sampling import Rng

HIDDEN = ("relu", "sigmoid", "tanh")
OUTPUTS = ("identity", "sigmoid")
LOSSES = ("mse", "bce")
LAYOUTS = ("numerator", "gradient")
# Pre-activations are the logarithms of these (half of them for tanh).
RATIOS = {
    "sigmoid": ("1/9", "1/4", "1/3", "3/2", "3", "4", "9"),  # sigma is 0.1, 0.2, ... 0.9
    "tanh": ("1/9", "1/4", "1/3", "3", "4", "9"),  # tanh is -0.8, -0.6, ... 0.8
}
POOLS: dict[tuple[str, ...], list[tuple[str, ...]]] = {
    ("x",): [("x",), ("u",), ("s",)],
    ("W1", "W2"): [("W1", "W2"), ("A", "B"), ("V", "U"), ("M1", "M2")],
    ("b1", "b2"): [("b1", "b2"), ("c1", "c2"), ("b", "c")],
    ("yhat", "y"): [("yhat", "y"), ("p", "t"), ("p", "y")],
    ("q", "G", "F"): [("q", "G", "F"), ("g", "Q", "D")],
    ("L",): [("L",), ("J",), ("E",)],
}
COURSE = {role: role for roles in POOLS for role in roles}
UPDATES = ("transposed", "as_it_is", "weights_transposed", "reshaped")
SIGN = "The sign is lost: where an output is too large, the loss grows with it."
FACTOR = "The derivative of a square has a factor 2, and this loss has no $1/2$."
MEAN = "This loss is a sum over the outputs, not a mean: there is no $1/K$."
LAYOUT = "This is the transpose: look at the layout that is asked for."
MASK = "The activation of the hidden layer is passed on the way back: its slope is missing."
VALUE = "What multiplies is the slope of the activation, not its value."


@dataclass(frozen=True, eq=False)
class TwoLayerForwardBackward(Exercise):
    """z1 = W1 x + b1, z2 = f(z1), z3 = W2 z2 + b2, yhat = g(z3) and a loss; n inputs, r hidden
    units and K outputs.

    Where an activation is smooth, the biases carry logarithms, so that its outputs are rational.
    """

    title = "Two layers, forward and backward"
    source = "Deep learning HW1 of 2021/02/13, 1.2(b), 1.2(c) and 1.3(a)"
    level_settings = (
        {"hidden": "relu", "units": 2, "inputs": 3, "letters": "course"},
        {"hidden": "any", "output": "sigmoid", "loss": "any", "inputs": 3, "units": 2},
    )
    variants = (
        {"hidden": "sigmoid", "output": "sigmoid"},
        {"output": "sigmoid", "loss": "bce"},
        {"hidden": "tanh", "layout": "gradient", "inputs": 3, "units": 2},
        {"numbers": False, "output": "sigmoid"},
    )

    letters: Mapping[str, str]  # from the letters of the course to those of this sheet
    hidden: str  # f, one of HIDDEN
    output: str  # g, one of OUTPUTS
    loss: str  # "mse", the sum of squares, or "bce", a mean
    layout: str  # of the gradients in letters: "numerator", or "gradient" (shape of the parameter)
    asked_for: str  # "numbers" where there are parts with numbers, else "letters"
    x: Vector  # (n,)
    W1: Matrix  # (r, n)
    b1: Vector  # (r,) but for the logarithms,
    ratios1: Vector  # (r,) of these numbers, that b1 has besides; all 1 for none
    W2: Matrix  # (K, r)
    b2: Vector  # (K,)
    ratios2: Vector  # (K,)
    y: Vector  # (K,)
    updates: tuple[str, ...]  # UPDATES in the order shown

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        inputs: int = 2,
        units: int = 3,
        outputs: int = 2,
        hidden: str = "relu",
        output: str = "identity",
        loss: str = "mse",
        layout: str = "numerator",
        numbers: bool = True,
        letters: str = "any",
    ) -> Self:
        """`hidden` is relu, sigmoid, tanh or any; `output` is identity, sigmoid or any; `loss` is
        mse (a sum of squares), bce (of a sigmoid) or any; `layout` says whether derivatives in
        letters are transposed gradients (numerator) or have the shape of their parameter
        (gradient); with `numbers = false` all stays in letters; `letters = "course"` takes those
        of the course."""
        _check_options(
            {"inputs": inputs, "units": units, "outputs": outputs},
            {"hidden": hidden, "output": output, "loss": loss, "layout": layout},
            letters,
        )
        f = rng.choice(HIDDEN) if hidden == "any" else hidden
        g = rng.choice(OUTPUTS) if output == "any" and loss != "bce" else output
        g = "sigmoid" if g == "any" else g
        chosen = loss if loss != "any" else rng.choice(LOSSES) if g == "sigmoid" else "mse"
        x = exact([rng.sign() * size for size in rng.sample((1, 2, 3), inputs)])
        W1 = rng.matrix(units, inputs, -2, 3, but=(0,))
        b1, ratios1, z2 = _hidden_layer(rng, f, W1 @ x)
        if g == "identity":
            ratios2 = exact([1] * outputs)
            W2, b2, y = _identity_layer(rng, outputs, z2)
        else:
            ratios2 = exact(rng.sample(RATIOS["sigmoid"], outputs))
            W2, b2, y = _sigmoid_layer(rng, ratios2, chosen, z2)
        return cls(
            letters=dict(COURSE) if letters == "course" else draw_letters(rng, POOLS),
            hidden=f,
            output=g,
            loss=chosen,
            layout=layout,
            asked_for="numbers" if numbers else "letters",
            x=x,
            W1=W1,
            b1=b1,
            ratios1=ratios1,
            W2=W2,
            b2=b2,
            ratios2=ratios2,
            y=y,
            updates=tuple(rng.shuffled(UPDATES)),
        )

    @cached_property
    def net(self) -> TwoLayerNet:
        """The network in letters, with its Jacobians."""
        return self._net(self.letters)

    @cached_property
    def course(self) -> TwoLayerNet:
        """The same in the letters of the course: numbers are worked out in these, so that many
        sheets share their formulas."""
        return self._net(COURSE)

    def _net(self, letters: Mapping[str, str]) -> TwoLayerNet:
        return two_layer_net(tuple(letters.items()), self.hidden, self.output, self.loss)

    # Derivatives in letters: in numerator layout, turned where the other layout is asked for

    def _laid_out(self, term: Term) -> Term:
        return term if self.layout == "numerator" else term.T

    def _written(self, term: Term) -> Written:
        return self._laid_out(term).written(self.net.names)

    def _formula(self, term: Term) -> Formula:
        return Formula(self._written(term), self.net.names)

    def _row(self, text: str) -> Term:
        """A student's own gradient of a bias as a row."""
        return self._laid_out(read_term(text, self.net.names))

    def derivative(self, role: str) -> Term:
        """The derivative by a parameter in the Jacobians' letters, as it is laid out."""
        found = {
            "b2": self.net.db2_row,
            "W2": self.net.letter("z2") @ self.net.db2_row,
            "b1": self.net.db1_row,
            "W1": self.net.letter("x") @ self.net.db1_row,
        }
        return self._laid_out(found[role])

    # Numbers

    @cached_property
    def z1(self) -> Vector:
        """(r,), in floating point where it is a logarithm."""
        if self.hidden == "relu":
            return exact(self.W1 @ self.x + self.b1)
        return _logarithms(self.hidden, self.ratios1)

    @cached_property
    def z2(self) -> Vector:
        return relu(self.z1) if self.hidden == "relu" else _squashed(self.hidden, self.ratios1)

    @cached_property
    def z3(self) -> Vector:
        """(K,), in floating point where it is a logarithm."""
        if self.output == "identity":
            return exact(self.W2 @ self.z2 + self.b2)
        return _logarithms(self.output, self.ratios2)

    @cached_property
    def yhat(self) -> Vector:
        return self.z3 if self.output == "identity" else _squashed("sigmoid", self.ratios2)

    def at(self, term: Term, forward: Mapping[str, Any] | None = None) -> Any:
        """The value of a term in the letters of the course at the numbers of this sheet, with
        nodes as in `forward`."""
        values = {"z1": self.z1, "z2": self.z2, "z3": self.z3, "yhat": self.yhat}
        values |= {"x": self.x, "W2": self.W2, "y": self.y} | dict(forward or {})
        return self.course.network.at(term, values)

    def dz1(self, forward: Mapping[str, Any], slopes: Term | None) -> Vector:
        """The gradient of z1 with other slopes than the right ones, or none, (r,)."""
        through = self.at(self.course.network.gradient("z2"), forward)
        found: Vector = through if slopes is None else through * self.at(slopes, forward)
        return found

    @property
    def products(self) -> dict[str, Vector]:
        """What the weights of each layer make of its input, before the bias."""
        return {"W1": exact(self.W1 @ self.x), "W2": exact(self.W2 @ self.z2)}

    @cached_property
    def backward(self) -> dict[str, Vector]:
        """The gradients of z3, (K,), of z2 and of z1, (r,), as a solution shows them."""
        nodes = ("z3", "z2", "z1")
        return {node: _legible(self.at(self.course.network.gradient(node))) for node in nodes}

    @cached_property
    def rounded(self) -> bool:
        """Whether gradients are shown rounded, as floats."""
        W1 = self.course.network.gradient("W1")
        return any(
            each.dtype != object for each in (*self.backward.values(), _legible(self.at(W1)))
        )

    @property
    def slopes(self) -> Vector:
        """f'(z1), (r,)."""
        f = Apply(self.hidden, "z1", from_input=self.hidden == "relu")
        return exact(self.at(f.slope(self.course.letter("z2"), self.course.letter("z1"))))

    # The parts

    @part(points=3)
    def forward_table(self) -> Group | None:
        if self.asked_for == "letters":
            return None
        table = {"z1": self.z1, "z2": self.z2, "z3": self.z3, "yhat": self.yhat}
        return Group.of(**{name: Array(value) for name, value in table.items()})

    @forward_table.mistake("The second layer takes what has passed the activation, $z2$.")
    def activation_forgotten(self) -> dict[str, Any]:
        return self._table(self.z1.astype(float), self.full_b2)

    @forward_table.mistake("The second layer has a bias, too.")
    def second_bias_forgotten(self) -> dict[str, Any]:
        return self._table(self.z2.astype(float), np.zeros(len(self.b2)))

    @forward_table.mistake("The last activation is missing: the outputs are the sigmoid of $z3$.")
    def output_activation_forgotten(self) -> dict[str, Any] | None:
        if self.output == "identity":
            return None
        return {"z1": self.z1, "z2": self.z2, "z3": self.z3, "yhat": self.z3}

    @property
    def full_b2(self) -> Vector:
        """b2 with its logarithms, (K,) in floating point."""
        logarithms: Vector = self.b2.astype(float) + _logarithms(self.output, self.ratios2)
        return logarithms

    def _table(self, z2: Vector, b2: Vector) -> dict[str, Any]:
        """The table where the second layer takes z2 and adds b2."""
        z3 = self.W2.astype(float) @ z2 + b2
        shown = self.z2 if close(z2, self.z2.astype(float)) else z2
        return {"z1": self.z1, "z2": shown, "z3": z3, "yhat": activate(self.output, z3)}

    @part(points=1)
    def db2(self) -> Formula:
        return self._formula(self.net.db2_row)

    @db2.mistake(LAYOUT)
    def db2_turned(self) -> Written:
        return self._written(self.net.db2_row.T)

    @db2.mistake(SIGN)
    def db2_sign(self) -> Written:
        return self._written(-self.net.db2_row)

    @db2.mistake(FACTOR)
    def db2_factor_2(self) -> Written | None:
        return self._of("mse", number(Fraction(1, 2)) * self.net.db2_row)

    @db2.mistake(MEAN)
    def db2_mean(self) -> Written | None:
        return self._of("mse", self.net.db2_row / named("K"))

    @db2.mistake("This loss is a mean over the outputs: where is its factor?")
    def db2_mean_lost(self) -> Written | None:
        return self._of("bce", named("K") * self.net.db2_row)

    @db2.mistake("The outputs pass an activation: its slopes are missing.")
    def db2_no_slope(self) -> Written | None:
        return self._written(self.net.jacobian("q")) if self.output != "identity" else None

    def _of(self, loss: str, row: Term) -> Written | None:
        return self._written(row) if self.loss == loss else None

    @part(points=1)
    def dW2(self, db2: str) -> Formula:
        return self._formula(self.net.letter("z2") @ self._row(db2))

    @dW2.mistake(LAYOUT)
    def dW2_turned(self, db2: str) -> Written:
        return self._written((self.net.letter("z2") @ self._row(db2)).T)

    @dW2.mistake("These weights multiply what has passed the activation, $z2$.")
    def z1_for_z2(self, db2: str) -> Written:
        return self._written(self.net.letter("z1") @ self._row(db2))

    @dW2.mistake("These weights multiply the hidden layer, not the input of the network.")
    def x_for_z2(self, db2: str) -> Written:
        return self._written(self.net.letter("x") @ self._row(db2))

    @part(points=1)
    def db1(self, db2: str) -> Formula:
        return self._formula(self.net.through_hidden(self._row(db2), self.net.jacobian("F")))

    @db1.mistake(LAYOUT)
    def db1_turned(self, db2: str) -> Written:
        return self._written(self.net.through_hidden(self._row(db2), self.net.jacobian("F")).T)

    @db1.mistake(MASK)
    def db1_no_mask(self, db2: str) -> Written:
        return self._written(self.net.through_hidden(self._row(db2), None))

    @db1.mistake(VALUE)
    def db1_mask_by_value(self, db2: str) -> Written:
        return self._written(self.net.through_hidden(self._row(db2), self.net.values))

    @part(points=1)
    def dW1(self, db1: str) -> Formula:
        return self._formula(self.net.letter("x") @ self._row(db1))

    @dW1.mistake(LAYOUT)
    def dW1_turned(self, db1: str) -> Written:
        return self._written((self.net.letter("x") @ self._row(db1)).T)

    @dW1.mistake(MASK)
    def dW1_no_mask(self, db2: str) -> Written:
        return self._written(self.net.letter("x") @ self.net.through_hidden(self._row(db2), None))

    @dW1.mistake(VALUE)
    def dW1_mask_by_value(self, db2: str) -> Written:
        through = self.net.through_hidden(self._row(db2), self.net.values)
        return self._written(self.net.letter("x") @ through)

    @dW1.mistake("These weights multiply the input of the network, not the hidden layer.")
    def z2_for_x(self, db1: str) -> Written:
        return self._written(self.net.letter("z2") @ self._row(db1))

    @part(points=2)
    def dW1_numeric(self, forward_table: Any) -> Array | None:
        if self.asked_for == "letters":
            return None
        return Array(_legible(self._right(forward_table)))

    def _outer(self, forward: Any, slopes: Term | None) -> Matrix:
        return np.outer(self.dz1(forward, slopes), self.x)

    def _right(self, forward: Any) -> Matrix:
        """What follows from a forward pass; the part and four slips ask for the same."""
        if self._right_of[0] is not forward:
            found = self.at(self.course.network.gradient("W1"), forward)
            self._right_of[:] = forward, found
        right: Matrix = self._right_of[1]
        return right

    @cached_property
    def _right_of(self) -> list[Any]:
        """The last forward pass, and the gradient that follows."""
        return [None, None]

    @dW1_numeric.mistake("This is the numerator layout: here the shape of the weights is asked.")
    def numeric_turned(self, forward_table: Any) -> Any:
        return self._right(forward_table).T

    @dW1_numeric.mistake(SIGN)
    def numeric_sign(self, forward_table: Any) -> Any:
        return -self._right(forward_table)

    @dW1_numeric.mistake(FACTOR)
    def numeric_factor_2(self, forward_table: Any) -> Any:
        return self._right(forward_table) / 2 if self.loss == "mse" else None

    @dW1_numeric.mistake("Look at the loss: is it a sum over the outputs or a mean?")
    def numeric_mean(self, forward_table: Any) -> Any:
        size = Fraction(len(self.y))
        if self.loss == "mse" and size == 2:  # the same as without the 2
            return None
        return self._right(forward_table) * (size if self.loss == "bce" else 1 / size)

    @dW1_numeric.mistake(MASK)
    def numeric_no_mask(self, forward_table: Any) -> Any:
        return self._outer(forward_table, None)

    @dW1_numeric.mistake(VALUE)
    def numeric_mask_by_value(self, forward_table: Any) -> Any:
        return self._outer(forward_table, self.course.letter("z2"))

    @part(points=1)
    def update_shape_fix(self) -> Choice:
        return Choice(frozenset({"transposed"}), options=self.updates)

    @update_shape_fix.mistake("Compare the sizes of the two matrices that are subtracted.")
    def update_as_it_is(self) -> frozenset[str]:
        return frozenset({"as_it_is"})

    @update_shape_fix.mistake("The new weights must have the size of the old ones.")
    def update_of_the_transpose(self) -> frozenset[str]:
        return frozenset({"weights_transposed"})

    @update_shape_fix.mistake("Which weight does entry $(j, i)$ of the derivative belong to?")
    def update_reshaped(self) -> frozenset[str]:
        return frozenset({"reshaped"})

    # The proof

    def verify(self) -> None:
        """Complex-step derivatives of the forward pass: at random data, and at this instance's."""
        values, gradients = at_random(self.hidden, self.output, self.loss)
        known = {self.letters.get(role, role): value for role, value in values.items()}
        truths = self.truths()
        for role in ("b2", "W2", "b1", "W1"):
            truth = truths[f"d{role}"]
            assert isinstance(truth, Formula)
            found = formula_at(truth, {name: known[name] for name in truth.names})
            expected = gradients[role].reshape(len(gradients[role]), -1)
            if self.layout == "numerator":
                expected = expected.T
            if not close(found, expected):
                raise Disagreement(f"d{role}: {truth.value} is not the derivative")
        agree("update_shape_fix", truths["update_shape_fix"], right_updates())
        if self.asked_for == "letters":
            return
        given = {role: getattr(self, role).astype(float) for role in ("x", "W1", "W2", "y")}
        given["b1"] = self.b1.astype(float) + _logarithms(self.hidden, self.ratios1)
        given["b2"] = self.full_b2
        nodes = forward_pass(given, self.hidden, self.output, self.loss)
        table = truths["forward_table"]
        assert isinstance(table, Group)
        for name, member in table.members.items():
            agree(f"forward_table {name}", member, nodes[name], within=1e-9)
        slopes = derivatives(given, self.hidden, self.output, self.loss, ("W1",))["W1"]
        agree("dW1_numeric", truths["dW1_numeric"], slopes, within=1e-9)

    @cached_property
    def tex(self) -> dict[str, Tex]:
        """The letters of this sheet as LaTeX, by those of the course."""
        return {role: Tex(named(letter).latex) for role, letter in self.letters.items()}


def _check_options(sizes: Mapping[str, int], names: Mapping[str, str], letters: str) -> None:
    for option, size in sizes.items():
        if not 2 <= size <= 4:
            raise ValueError(f"{option} is 2 to 4, not {size}")
    if sizes["inputs"] == sizes["units"]:
        raise ValueError("inputs and units differ, or a transpose would not show")
    for option, allowed in (
        ("hidden", (*HIDDEN, "any")),
        ("output", (*OUTPUTS, "any")),
        ("loss", (*LOSSES, "any")),
        ("layout", LAYOUTS),
    ):
        if names[option] not in allowed:
            raise ValueError(f"{option} is one of {', '.join(allowed)}, not {names[option]}")
    if letters not in ("course", "any"):
        raise ValueError(f"letters is one of course, any, not {letters}")
    if names["loss"] == "bce" and names["output"] == "identity":
        raise ValueError('loss = "bce" needs output = "sigmoid"')


def _legible(values: Vector) -> Vector:
    """Exact values where all of them end within 4 decimals, else floats, which are rounded."""
    short = values.dtype == object and all((10**4 * each).denominator == 1 for each in values.flat)
    return values if short else array(values.astype(float))


def _hidden_layer(rng: Rng, activation: str, Wx: Vector) -> tuple[Vector, Vector, Vector]:
    """b1 but for the logarithms, the ratios, and z2, all (r,), from W1 x (r,). Of ReLUs one is
    dead."""
    units = len(Wx)
    if activation == "relu":
        signs = rng.shuffled([-1, *[1] * (units - 1)])
        z1 = exact([sign * rng.integer(2, 4) for sign in signs])
        return exact(z1 - Wx), exact([1] * units), relu(z1)
    ratios = exact(rng.sample(RATIOS[activation], units))
    return exact(-Wx), ratios, _squashed(activation, ratios)


def _identity_layer(rng: Rng, outputs: int, z2: Vector) -> tuple[Matrix, Vector, Vector]:
    """W2 (K, r), b2 (K,) and y (K,), from drawn errors yhat - y."""
    errors = exact([rng.nonzero(3) for _ in range(outputs)])
    W2 = _weights(rng, errors, len(z2))
    b2 = rng.vector(outputs, -3, 3, but=(0,))
    return W2, b2, exact(W2 @ z2 + b2 - errors)


def _sigmoid_layer(
    rng: Rng, ratios: Vector, loss: str, z2: Vector
) -> tuple[Matrix, Vector, Vector]:
    """W2 (K, r), b2 (K,) but for the logarithms of the ratios (K,), and y (K,) of zeros and
    ones."""
    outputs = len(ratios)
    ones = rng.integer(1, outputs - 1)
    y = exact(rng.shuffled([1] * ones + [0] * (outputs - ones)))
    p = _squashed("sigmoid", ratios)
    W2 = _weights(rng, (p - y) * (p * (1 - p) if loss == "mse" else 1), len(z2))
    return W2, exact(-(W2 @ z2)), y


def _weights(rng: Rng, row: Vector, units: int) -> Matrix:
    """Weights that send something back from the row to every hidden unit, (K, units)."""
    while True:
        weights = rng.matrix(len(row), units, -3, 3, but=(0,))
        if all(row @ weights):
            return weights


def _logarithms(activation: str, ratios: Vector) -> Vector:
    """The pre-activations that belong to the ratios, in floating point; 0 for ratios of 1."""
    logarithms: Vector = np.log(ratios.astype(float))
    return logarithms / 2 if activation == "tanh" else logarithms


def _squashed(activation: str, ratios: Vector) -> Vector:
    """sigma(ln r) = r / (1 + r); tanh(ln(r) / 2) = (r - 1) / (r + 1)."""
    if activation == "sigmoid":
        return apply(lambda r: r / (1 + r), ratios)
    return apply(lambda r: (r - 1) / (r + 1), ratios)
