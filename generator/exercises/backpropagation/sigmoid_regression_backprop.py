"""Gradients of a regression network with one hidden layer and one output, letters and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, Self

import numpy as np

from generator.deriving.network import Numbers
from generator.deriving.term import Term, named
from generator.drawing.graphs import Edge, Node, layered_graph
from generator.exercises.activating import activate
from generator.exercises.hidden_layer import derivatives
from generator.exercises.letters import draw_letters
from generator.exercises.neurons import slope_of
from generator.exercises.proving import close, formula_at
from generator.exercises.regression_net import RegressionNet, regression_net
from generator.model.answers import Array, Formula, Group, Number
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, agree, part
from generator.model.figure import Figure
from generator.model.values import Matrix, Tex, Vector, apply, exact, relu
from generator.notation.formulas.written import Written
from generator.sampling import Rng

ACTIVATIONS = ("sigmoid", "tanh", "relu")
# z1 is the logarithm of these (half of it for tanh). No 2/3: sigma'(0.4) is 0.4 (1 - 0.4) almost.
RATIOS = {
    "sigmoid": ("1/9", "1/4", "1/3", "3/2", "3", "4", "9"),  # sigma is 0.1, 0.2, ... 0.9
    "tanh": ("1/9", "1/4", "1/3", "3", "4", "9"),  # tanh is -0.8, -0.6, ... 0.8
}
POOLS: dict[tuple[str, ...], list[tuple[str, ...]]] = {
    ("A", "b"): [("A", "b"), ("W", "v"), ("V", "w"), ("M", "c")],
    ("x",): [("x",), ("u",), ("s",)],
    ("y",): [("y",), ("t",), ("r",)],
}
COURSE = {"A": "A", "b": "b", "x": "x", "y": "y"}
SIGN = "The sign is lost: follow how the error changes when the output grows."
FACTOR = "Look at the factor: the derivative of $z4^2$ is $2 z4$, and a factor of the loss stays."
OUTPUT = "The loss depends on the error $z4$: that is what its derivative is made of, not $z3$."
SLOPE = "On the way to these weights lies the activation: its slope is a factor, entry by entry."
SLOPE_OF_SLOPE = "$z2$ is a value of the activation already: no derivative of it at $z2$ is needed."
LOST = "The output weights multiply the hidden layer: they come back as factors."
INPUT = "These weights multiply the input, not the hidden layer."
TURNED = "This is the transpose: a gradient has the shape of the weights themselves."
OTHER = (
    "That is the slope of another activation: with the output $z$ it is $z(1 - z)$ for the sigmoid "
    "and $1 - z^2$ for tanh."
)


@dataclass(frozen=True, eq=False)
class SigmoidRegressionBackprop(Exercise):
    """z1 = A x, z2 = s(z1), z3 = b^T z2, z4 = y - z3 (or z3 - y), L = z4^2 (or half of it).

    Where s is smooth, z1 is a logarithm, so that z2 is rational: A is a matrix of whole numbers
    with A x = 0, plus the logarithms in a column where x is 1.
    """

    title = "Backpropagation for a regression network"
    source = "DS 102 Discussion 7 of 2021/10/20, question 2 (b) and (c)"
    level_settings = (
        {"units": 2, "letters": "course", "error": "target_first"},
        {"activation": "any", "loss": "any", "inputs": 3},
    )
    variants = (
        {"activation": "tanh", "loss": "half_square", "units": 2, "inputs": 3},
        {"activation": "relu"},
    )

    letters: Mapping[str, str]  # from the letters of the course to those of this sheet
    activation: str  # one of ACTIVATIONS
    factor: Fraction  # of z4^2 in the loss: 1 or 1/2
    target_first: str  # "yes" where z4 is y - z3, "no" where it is z3 - y
    x: Vector  # (inputs,)
    weights: Matrix  # (units, inputs) the whole numbers in A
    ratios: Vector  # (units,) whose logarithms A has besides; 1 for none
    b: Vector  # (units,)
    y: Fraction

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        units: int = 3,
        inputs: int = 2,
        activation: str = "sigmoid",
        loss: str = "square",
        error: str = "any",
        letters: str = "any",
    ) -> Self:
        """`activation` is sigmoid, tanh, relu or any of them; `loss` is square, half_square or any;
        `error` says whether z4 is target_first (y - z3), output_first (z3 - y) or any of the two;
        `letters = "course"` takes those of the course."""
        _check_options(units, inputs, activation, loss, error, letters)
        chosen = rng.choice(ACTIVATIONS) if activation == "any" else activation
        half = rng.chance(1, 2) if loss == "any" else loss == "half_square"
        first = rng.chance(1, 2) if error == "any" else error == "target_first"
        sizes = rng.sample((2, 3, 4), inputs - 1)
        x = exact(rng.shuffled([1, *(size * rng.sign() for size in sizes)]))
        if chosen == "relu":
            signs = rng.shuffled([-1, *[1] * (units - 1)])
            weights = exact([_row(rng, x, sign) for sign in signs])
            ratios = exact([1] * units)
        else:
            place = list(x).index(1)
            weights = exact([_balanced(rng, x, place) for _ in range(units)])
            ratios = exact(rng.sample(RATIOS[chosen], units))
        z2 = _hidden(chosen, weights @ x, ratios)
        b = exact(rng.sample([n for n in range(-6, 9) if n not in (-1, 0, 1)], units))
        z4 = rng.sign() * (rng.choice((1, 2, 3)) if half else Fraction(rng.choice((1, 2, 4)), 2))
        z3 = Fraction((b * z2).sum())
        return cls(
            letters=dict(COURSE) if letters == "course" else draw_letters(rng, POOLS),
            activation=chosen,
            factor=Fraction(1, 2) if half else Fraction(1),
            target_first="yes" if first else "no",
            x=x,
            weights=weights,
            ratios=ratios,
            b=b,
            y=z3 + z4 if first else z3 - z4,
        )

    @cached_property
    def net(self) -> RegressionNet:
        """The network in letters, its gradients and what slips make of them."""
        return self._net(self.letters)

    @cached_property
    def course(self) -> RegressionNet:
        """The same in the letters of the course: numbers are worked out in these, so that many
        sheets share their formulas."""
        return self._net(COURSE)

    def _net(self, letters: Mapping[str, str]) -> RegressionNet:
        first = self.target_first == "yes"
        return regression_net(tuple(letters.items()), self.activation, self.factor, first)

    @cached_property
    def z1(self) -> Vector:
        """(units,), in floating point where it is a logarithm."""
        return _pre_activation(self.activation, self.weights @ self.x, self.ratios)

    @cached_property
    def z2(self) -> Vector:
        """(units,), exact."""
        return _hidden(self.activation, self.weights @ self.x, self.ratios)

    @cached_property
    def z3(self) -> Fraction:
        return Fraction((self.b * self.z2).sum())

    @cached_property
    def z4(self) -> Fraction:
        return Fraction(self._error(self.z3))

    def _error(self, z3: Any) -> Any:
        return self.y - z3 if self.target_first == "yes" else z3 - self.y

    def _at(self, term: Term, forward: Mapping[str, Any]) -> Any:
        """The value of a term in the letters of the course where the hidden layer and what follows
        have the values `forward`."""
        if self._numbers_of[0] is not forward:
            fixed = {"x": self.x, "b": self.b, "y": self.y, "z1": self.z1}
            numbers = Numbers(self.course.network, {**fixed, **forward})
            self._numbers_of[:] = forward, numbers
        return self._numbers_of[1].at(term)

    @cached_property
    def _numbers_of(self) -> list[Any]:
        """The last forward pass, and its numbers: parts and slips ask for the same."""
        return [None, None]

    @cached_property
    def output_gradient(self) -> Fraction:
        """dL/dz3."""
        return Fraction(self._at(self.course.gradients["z3"], {"z4": self.z4}))

    @cached_property
    def slopes(self) -> Vector:
        """The slope of the activation at each entry of z1, (units,)."""
        slopes: Vector = self._at(self.course.slope, {"z2": self.z2})
        return slopes

    @cached_property
    def dz1(self) -> Vector:
        """(units,)"""
        return exact(self.output_gradient * self.b * self.slopes)

    # The parts

    @part(points=2)
    def forward(self) -> Group:
        return Group.of(z2=Array(self.z2), z3=Number(self.z3), z4=Number(self.z4))

    @forward.mistake("The error is taken the wrong way round: look at what $z4$ is here.")
    def error_turned(self) -> dict[str, Any]:
        return {"z2": self.z2, "z3": self.z3, "z4": -self.z4}

    @forward.mistake("The output weights meet the hidden layer after its activation.")
    def activation_forgotten(self) -> dict[str, Any]:
        z3 = float(self.b.astype(float) @ self.z1.astype(float))
        return {"z2": self.z2, "z3": z3, "z4": self._error(Fraction(z3))}

    @part(points=2)
    def db_symbolic(self) -> Formula:
        return Formula(self.net.in_letters["b"], self.net.names)

    @db_symbolic.mistake(SIGN)
    def b_sign(self) -> Written:
        return self.net.wrong_b_in_letters["sign"]

    @db_symbolic.mistake(FACTOR)
    def b_factor_2(self) -> Written:
        return self.net.wrong_b_in_letters["factor"]

    @db_symbolic.mistake(OUTPUT)
    def b_z3_for_z4(self) -> Written:
        return self.net.wrong_b_in_letters["z3_for_z4"]

    @db_symbolic.mistake("The output weights multiply the hidden layer, not the input.")
    def b_x_for_z2(self) -> Written:
        return self.net.wrong_b_in_letters["x_for_z2"]

    @db_symbolic.mistake("The output weights multiply the hidden layer after its activation.")
    def b_z1_for_z2(self) -> Written:
        return self.net.wrong_b_in_letters["z1_for_z2"]

    @db_symbolic.mistake(TURNED)
    def b_transposed(self) -> Written:
        return self.net.wrong_b_in_letters["transposed"]

    @part(points=2)
    def dA_symbolic(self) -> Formula:
        return Formula(self.net.in_letters["A"], self.net.names)

    @dA_symbolic.mistake(SIGN)
    def A_sign(self) -> Written:
        return self.net.wrong_A_in_letters["sign"]

    @dA_symbolic.mistake(FACTOR)
    def A_factor_2(self) -> Written:
        return self.net.wrong_A_in_letters["factor"]

    @dA_symbolic.mistake(OUTPUT)
    def A_z3_for_z4(self) -> Written:
        return self.net.wrong_A_in_letters["z3_for_z4"]

    @dA_symbolic.mistake(SLOPE)
    def A_no_slope(self) -> Written:
        return self.net.wrong_A_in_letters["no_slope"]

    @dA_symbolic.mistake(SLOPE_OF_SLOPE)
    def A_slope_of_z2(self) -> Written | None:
        return self.net.wrong_A_in_letters["slope_of_z2"] if self.activation != "relu" else None

    @dA_symbolic.mistake(OTHER)
    def A_other_slope(self) -> Written:
        return self.net.wrong_A_in_letters["other_slope"]

    @dA_symbolic.mistake(LOST)
    def A_b_lost(self) -> Written:
        return self.net.wrong_A_in_letters["b_lost"]

    @dA_symbolic.mistake(INPUT)
    def A_z2_for_x(self) -> Written:
        return self.net.wrong_A_in_letters["z2_for_x"]

    @dA_symbolic.mistake(TURNED)
    def A_transposed(self) -> Written:
        return self.net.wrong_A_in_letters["transposed"]

    @part(points=2)
    def db(self, forward: Any) -> Array:
        return Array(self._at(self.course.gradients["b"], forward))

    @db.mistake(SIGN)
    def db_sign(self, forward: Any) -> Any:
        return self._at(self.course.wrong_b["sign"], forward)

    @db.mistake(FACTOR)
    def db_factor_2(self, forward: Any) -> Any:
        return self._at(self.course.wrong_b["factor"], forward)

    @db.mistake(OUTPUT)
    def db_z3_for_z4(self, forward: Any) -> Any:
        return self._at(self.course.wrong_b["z3_for_z4"], forward)

    @db.mistake("The output weights multiply the hidden layer, not the input.")
    def db_x_for_z2(self, forward: Any) -> Any:
        return self._at(self.course.wrong_b["x_for_z2"], forward)

    @db.mistake("The output weights multiply the hidden layer after its activation.")
    def db_z1_for_z2(self, forward: Any) -> Any:
        return self._at(self.course.wrong_b["z1_for_z2"], forward)

    @part(points=2)
    def dA(self, forward: Any) -> Array:
        return Array(self._at(self.course.gradients["A"], forward))

    @dA.mistake(SIGN)
    def dA_sign(self, forward: Any) -> Any:
        return self._at(self.course.wrong_A["sign"], forward)

    @dA.mistake(FACTOR)
    def dA_factor_2(self, forward: Any) -> Any:
        return self._at(self.course.wrong_A["factor"], forward)

    @dA.mistake(OUTPUT)
    def dA_z3_for_z4(self, forward: Any) -> Any:
        return self._at(self.course.wrong_A["z3_for_z4"], forward)

    @dA.mistake(SLOPE)
    def dA_no_slope(self, forward: Any) -> Any:
        return self._at(self.course.wrong_A["no_slope"], forward)

    @dA.mistake(SLOPE_OF_SLOPE)
    def dA_slope_of_z2(self, forward: Any) -> Any:
        if self.activation == "relu":
            return None
        slope = slope_of(self.activation, activate(self.activation, forward["z2"].astype(float)))
        error = float(self._at(self.course.gradients["z3"], forward))
        return np.outer(error * self.b.astype(float) * slope, self.x.astype(float))

    @dA.mistake(OTHER)
    def dA_other_slope(self, forward: Any) -> Any:
        return self._at(self.course.wrong_A["other_slope"], forward)

    @dA.mistake(LOST)
    def dA_b_lost(self, forward: Any) -> Any:
        return self._at(self.course.wrong_A["b_lost"], forward)

    @dA.mistake(INPUT)
    def dA_z2_for_x(self, forward: Any) -> Any:
        return self._at(self.course.wrong_A["z2_for_x"], forward)

    @dA.mistake(TURNED)
    def dA_transposed(self, forward: Any) -> Any:
        return self._at(self.course.wrong_A["transposed"], forward)

    def verify(self) -> None:
        """Complex-step derivatives of the forward pass: of this instance, and at random data."""
        given = self._floats()
        gradients = _differentiated(given, self.activation, self.factor)
        truths = self.truths()
        both = truths["forward"]
        assert isinstance(both, Group)
        z2 = activate(self.activation, given["A"] @ given["x"])
        z3 = float(given["b"] @ z2)
        found = {"z2": z2, "z3": z3, "z4": self._error(Fraction(z3))}
        for name, value in found.items():
            agree(f"forward {name}", both.members[name], value, within=1e-9)
        for name in ("b", "A"):
            agree(f"d{name}", truths[f"d{name}"], gradients[name], within=1e-9)
        values, slopes = _numerically(self.activation, self.factor)
        known = {self.letters.get(role, role): value for role, value in values.items()}
        known["z4"] = values["z4"] if self.target_first == "yes" else -values["z4"]
        for name in ("b", "A"):
            truth = truths[f"d{name}_symbolic"]
            assert isinstance(truth, Formula)
            value = np.squeeze(formula_at(truth, {each: known[each] for each in truth.names}))
            if not close(value, slopes[name]):
                raise Disagreement(f"d{name}_symbolic: {truth.value} is not the derivative")

    def _floats(self) -> dict[str, Any]:
        A = self.weights.astype(float)
        if self.activation != "relu":
            scale = 1 if self.activation == "sigmoid" else 0.5
            A[:, self.place] += scale * np.log(self.ratios.astype(float))
        known = {"x": self.x, "b": self.b, "y": self.y}
        return {"A": A} | {name: np.asarray(value, dtype=float) for name, value in known.items()}

    @property
    def place(self) -> int:
        """The column of A that has logarithms: where x is 1."""
        return list(self.x).index(1)

    @cached_property
    def tex(self) -> dict[str, Tex]:
        """The letters of this sheet as LaTeX, by those of the course."""
        return {role: Tex(named(letter).latex) for role, letter in self.letters.items()}

    def graph(self) -> Figure:
        """The computation graph, with the parameters that gradients are asked for."""
        of = self.letters
        nodes = [Node(of[role], of[role]) for role in ("x", "A", "b", "y")]
        nodes += [Node(f"z{k}", f"z_{k}") for k in range(1, 5)] + [Node("L", "L")]
        edges = [Edge(start, end) for start, end in self.net.network.edges]
        return layered_graph(nodes, edges)


def _check_options(
    units: int, inputs: int, activation: str, loss: str, error: str, letters: str
) -> None:
    for option, size in (("units", units), ("inputs", inputs)):
        if not 2 <= size <= 4:
            raise ValueError(f"{option} is 2 to 4, not {size}")
    for option, value, allowed in (
        ("activation", activation, (*ACTIVATIONS, "any")),
        ("loss", loss, ("square", "half_square", "any")),
        ("error", error, ("target_first", "output_first", "any")),
        ("letters", letters, ("course", "any")),
    ):
        if value not in allowed:
            raise ValueError(f"{option} is one of {', '.join(allowed)}, not {value}")


def _balanced(rng: Rng, x: Vector, place: int) -> list[int]:
    """A row of whole numbers whose product with x is 0, free but for the entry at `place`."""
    row = [rng.nonzero(3) for _ in x]
    row[place] = 0
    row[place] = -int(row @ x)
    return row


def _row(rng: Rng, x: Vector, sign: int) -> list[int]:
    """A row whose product with x has the sign, is of moderate size and not 1."""
    while True:
        row = [rng.nonzero(3) for _ in x]
        z = int(row @ x)
        if 2 <= abs(z) <= 4:
            return row if (z > 0) == (sign > 0) else [-entry for entry in row]


def _pre_activation(activation: str, Ax: Vector, ratios: Vector) -> Vector:
    if activation == "relu":
        return exact(Ax)
    logarithms: Vector = np.log(ratios.astype(float))
    return logarithms if activation == "sigmoid" else logarithms / 2


def _hidden(activation: str, Ax: Vector, ratios: Vector) -> Vector:
    """sigma(ln r) = r / (1 + r); tanh(ln(r) / 2) = (r - 1) / (r + 1)."""
    match activation:
        case "sigmoid":
            return apply(lambda r: r / (1 + r), ratios)
        case "tanh":
            return apply(lambda r: (r - 1) / (r + 1), ratios)
    return relu(exact(Ax))


def _differentiated(v: Mapping[str, Any], activation: str, factor: Fraction) -> dict[str, Any]:
    """dL/db and dL/dA at numbers, in their own shapes."""
    layer = {"x": v["x"], "W": v["A"], "U": v["b"].reshape(1, -1), "y": v["y"].reshape(1)}
    found = derivatives(layer, activation, "squared", ("U", "W"))  # of half the square
    return {"b": 2 * float(factor) * found["U"][0], "A": 2 * float(factor) * found["W"]}


@lru_cache(maxsize=16)
def _numerically(activation: str, factor: Fraction) -> tuple[dict[str, Any], dict[str, Any]]:
    """Random data with the nodes' values, where z4 = y - z3, and the gradients."""
    rng = np.random.default_rng(6)
    h, m = 4, 3
    values: dict[str, Any] = {
        "x": rng.normal(size=m),
        "A": rng.normal(size=(h, m)),
        "b": rng.normal(size=h),
        "y": np.array(1.7),
    }
    gradients = _differentiated(values, activation, factor)
    values["z1"] = values["A"] @ values["x"]
    if not (values["z1"] > 0).any() or not (values["z1"] < 0).any():
        raise Disagreement("the data must show both sides of a kink")
    values["z2"] = activate(activation, values["z1"])
    values["z3"] = values["b"] @ values["z2"]
    values["z4"] = values["y"] - values["z3"]
    return values, gradients
