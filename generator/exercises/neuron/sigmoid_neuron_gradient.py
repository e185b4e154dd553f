"""The gradient of the squared error of one neuron, and a step of gradient descent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Self

import numpy as np

from generator.deriving.term import Term, called, number
from generator.drawing.graphs import Edge, Node, layered_graph
from generator.exercises.activating import activate
from generator.exercises.descent import PROGRAMS, SEQUENTIAL, SIMULTANEOUS, UPHILL, run
from generator.exercises.neuron_in_letters import LETTERS, NeuronInLetters
from generator.exercises.neurons import logarithm, output, slope_of
from generator.exercises.proving import close, complex_steps, formula_at
from generator.model.answers import Array, Choice, Formula, Group, Tolerance
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, agree, part
from generator.model.figure import Figure
from generator.model.values import Tex, Vector, array, decimals, exact
from generator.notation.formulas.written import Written
from generator.sampling import Rng

LOSSES = {"half": Fraction(1, 2), "full": Fraction(1)}
# y = r / (1 + r) for the sigmoid of ln r, and (r - 1) / (r + 1) for tanh of (ln r) / 2. Not 2/3
# for the sigmoid: at y = 0.4 sigma'(y) is y (1 - y) to three decimals, so a slip would not show.
RATIOS = {"sigmoid": ("1/4", "1/3", "3/2", "3", "4", "9"), "tanh": ("1/4", "1/3", "3", "4", "9")}
RATES = (Fraction(1, 2), Fraction(1), Fraction(2))
TARGETS = (Fraction(-1), Fraction(0), Fraction(1, 2), Fraction(1))


@dataclass(frozen=True, eq=False)
class SigmoidNeuronGradient(Exercise):
    """y = s(v) with v = w x + b and J = factor (y - z)^2, where s is the sigmoid or tanh.

    The bias is offset + ln(ratio) for the sigmoid and offset + ln(ratio) / 2 for tanh, so that y is
    rational where offset = -w x.
    """

    title = "One neuron and one step of gradient descent"
    source = "exam of 2023/09/06, exercise 3"
    level_settings = (
        {"show_output": True},
        {"activation": "any", "loss": "any", "inputs": 2, "numbers": "decimal"},
    )
    variants = (
        {"activation": "tanh", "loss": "full", "inputs": 2},
        {"numbers": "decimal", "loss": "full"},
        {"step": "letters", "inputs": 3},
        {"activation": "tanh", "numbers": "decimal", "step": "letters"},
    )

    letters: Mapping[str, str]  # from the letters of the exam to those of this sheet
    activation: str  # "sigmoid" or "tanh"
    factor: Fraction  # of the squared error
    w: Vector  # (inputs,)
    x: Vector  # (inputs,)
    ratio: Fraction
    offset: Fraction
    z: Fraction
    rate: Fraction
    output_shown: bool  # whether the sheet gives y
    step: str  # "numbers", or "letters" where the step is asked as a formula
    programs: tuple[str, ...]  # of PROGRAMS, in the order shown

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        activation: str = "sigmoid",
        loss: str = "half",
        inputs: int = 1,
        numbers: str = "exact",
        step: str = "numbers",
        show_output: bool = False,
        letters: str = "any",
    ) -> Self:
        """`activation` is sigmoid, tanh or any; `loss` is half for (y - z)^2 / 2, full for
        (y - z)^2, or any; with `numbers = "exact"` the output is a fraction, with "decimal" a
        calculator is needed; `step` asks for the step in numbers or in letters; `show_output` gives
        the output; `letters = "course"` takes those of the course."""
        _check_options(activation, loss, inputs, numbers, step, letters)
        activation = rng.choice(tuple(RATIOS)) if activation == "any" else activation
        loss = rng.choice(tuple(LOSSES)) if loss == "any" else loss
        x = exact([rng.sign() * n for n in rng.sample((2, 3, 4), inputs)])
        w = rng.vector(inputs, -3, 3, but=(0,))
        ratio, rest = Fraction(rng.choice(RATIOS[activation])), Fraction(0)
        if numbers == "decimal":
            ratio, w = Fraction(1), exact(w / 2)
            # tanh is flat sooner.
            rest = rng.sign() * rng.tenth(5, 20 if activation == "sigmoid" else 12)
        y, z = _output_and_target(rng, activation, LOSSES[loss], ratio, rest)
        size = abs(LOSSES[loss] * 2 * (y - z) * slope_of(activation, y))
        shown = [rng.choice(SIMULTANEOUS), *SEQUENTIAL, rng.choice(UPHILL)]
        return cls(
            letters={
                role: role if letters == "course" else rng.choice(pool)
                for role, pool in LETTERS.items()
            },
            activation=activation,
            factor=LOSSES[loss],
            w=w,
            x=x,
            ratio=ratio,
            offset=rest - sum(w * x),
            z=z,
            rate=rng.choice([eta for eta in RATES if eta * size >= 0.125] or RATES[-1:]),
            output_shown=show_output,
            step=step,
            programs=tuple(rng.shuffled(shown)),
        )

    # The neuron in numbers

    @property
    def exactly(self) -> bool:
        """Whether y is a fraction."""
        return self.ratio != 1

    @property
    def bias(self) -> float:
        return float(self.offset) + logarithm(self.activation, self.ratio)

    @property
    def rest(self) -> Fraction:
        """The pre-activation without the logarithm."""
        return sum(self.w * self.x, self.offset)

    @property
    def v(self) -> float:
        return float(self.rest) + logarithm(self.activation, self.ratio)

    @cached_property
    def y(self) -> Fraction | float:
        """The output, as a fraction where it is one."""
        return output(self.activation, self.ratio, self.rest)

    @property
    def slope(self) -> Fraction | float:
        """dy/dv."""
        found: Fraction | float = slope_of(self.activation, self.y)
        return found

    @property
    def error(self) -> Fraction | float:
        """dJ/dy."""
        return 2 * self.factor * (self.y - self.z)

    @cached_property
    def delta(self) -> Fraction | float:
        """dJ/dv."""
        return self.error * self.slope

    @property
    def parameters(self) -> Vector:
        """(w, b), (inputs + 1,)."""
        return array([*self.w, self.bias])

    # The neuron in letters

    @cached_property
    def formulas(self) -> NeuronInLetters:
        """The neuron in the letters of this sheet."""
        return NeuronInLetters(self.letters, self.activation, self.factor, len(self.x) > 1)

    @property
    def of_w(self) -> str:
        """The field for dJ/dw."""
        return f"d{self.letters['w']}"

    @property
    def of_b(self) -> str:
        """The field for dJ/db."""
        return f"d{self.letters['b']}"

    def _both(self, rule: Callable[[Term], Term]) -> dict[str, Written]:
        """dJ/dw and dJ/db by a rule for the last derivative, which is x for w and 1 for b."""
        return {
            self.of_w: self.formulas.written(rule(self.formulas.letter("x"))),
            self.of_b: self.formulas.written(rule(number(1))),
        }

    @cached_property
    def _in_letters(self) -> Group:
        gradients = {self.of_w: self.formulas.gradient("w"), self.of_b: self.formulas.gradient("b")}
        return Group.of(
            **{
                name: Formula(self.formulas.written(gradient), self.formulas.names)
                for name, gradient in gradients.items()
            }
        )

    @part(points=3)
    def grad_symbolic(self) -> Group:
        return self._in_letters

    def _scaled(self, factor: Fraction | int) -> dict[str, Written]:
        return self._both(lambda last: number(factor) * (self.formulas.gradient("v") @ last))

    @property
    def _error_in_letters(self) -> Term:
        return self.formulas.gradient("y")

    @grad_symbolic.mistake(
        "The chain runs through the activation too: its slope is one of the factors."
    )
    def no_sigma_prime(self) -> dict[str, Written]:
        return self._both(lambda last: self._error_in_letters * last)

    @grad_symbolic.mistake("The cost is a square: its derivative by the output keeps the error.")
    def no_error_factor(self) -> dict[str, Written]:
        return self._both(lambda last: self.formulas.slope * last)

    @grad_symbolic.mistake("The 2 of the square cancels the factor $1/2$ of the cost.")
    def factor_2(self) -> dict[str, Written] | None:
        return self._scaled(2) if self.factor == Fraction(1, 2) else None

    @grad_symbolic.mistake(
        "The square brings a factor 2 down; multiply the cost's own factor by it."
    )
    def half_kept(self) -> dict[str, Written]:
        return self._both(
            lambda last: (
                number(self.factor)
                * (self.formulas.letter("y") - self.formulas.letter("z"))
                * self.formulas.slope
                * last
            )
        )

    @grad_symbolic.mistake(
        "The error is the wrong way round: where the output is too large, the derivative with "
        "respect to it must be positive."
    )
    def sign(self) -> dict[str, Written]:
        return self._scaled(-1)

    @grad_symbolic.mistake("The bias is added by itself: its last derivative is 1, not the input.")
    def x_on_b(self) -> dict[str, Written] | None:
        if len(self.x) > 1:
            return None
        gradient = self.formulas.written(self.formulas.gradient("w"))
        return {self.of_w: gradient, self.of_b: gradient}

    @grad_symbolic.mistake("The weight multiplies the input, so the input is its last derivative.")
    def x_missing(self) -> dict[str, Written] | None:
        if len(self.x) > 1:
            return None
        gradient = self.formulas.written(self.formulas.gradient("b"))
        return {self.of_w: gradient, self.of_b: gradient}

    @grad_symbolic.mistake(
        "The output has passed the activation already: write the slope with the output alone, or "
        "take it at the pre-activation."
    )
    def sigma_prime_of_y(self) -> dict[str, Written]:
        slope = called(f"{self.activation}'", self.formulas.letter("y"))
        return self._both(lambda last: self._error_in_letters * slope * last)

    @grad_symbolic.mistake(
        "That is the slope of another activation: with the output $y$ it is $y(1 - y)$ for the "
        "sigmoid and $1 - y^2$ for tanh."
    )
    def other_slope(self) -> dict[str, Written]:
        y, one = self.formulas.letter("y"), number(1)
        slope = y * (one - y) if self.activation == "tanh" else one - y.squared
        return self._both(lambda last: self._error_in_letters * slope * last)

    @part(points=3)
    def grad_numeric(self) -> Array:
        return Array(self._with_inputs(self.delta))

    def _with_inputs(self, delta: Any) -> Vector:
        """(delta x, delta), (inputs + 1,)."""
        return array([*(delta * each for each in self.x), delta])

    @grad_numeric.mistake("The slope of the activation is missing among the factors.")
    def no_slope_in_numbers(self) -> Vector:
        return self._with_inputs(self.error)

    @grad_numeric.mistake("The error, output minus target, is missing among the factors.")
    def no_error_in_numbers(self) -> Vector:
        return self._with_inputs(self.slope)

    @grad_numeric.mistake("The 2 of the square cancels the factor $1/2$ of the cost.")
    def factor_2_in_numbers(self) -> Vector | None:
        return self._with_inputs(2 * self.delta) if self.factor == Fraction(1, 2) else None

    @grad_numeric.mistake(
        "The square brings a factor 2 down; multiply the cost's own factor by it."
    )
    def half_kept_in_numbers(self) -> Vector:
        return self._with_inputs(self.delta / 2)

    @grad_numeric.mistake(
        "The error is the wrong way round: where the output is too large, the derivative with "
        "respect to it must be positive."
    )
    def sign_in_numbers(self) -> Vector:
        return self._with_inputs(-self.delta)

    @grad_numeric.mistake("The bias is added by itself: its last derivative is 1, not the input.")
    def x_on_b_in_numbers(self) -> Vector | None:
        return array([self.delta * self.x[0]] * 2) if len(self.x) == 1 else None

    @grad_numeric.mistake("A weight multiplies its input, so that input is its last derivative.")
    def x_missing_in_numbers(self) -> Vector:
        return array([self.delta] * (len(self.x) + 1))

    @grad_numeric.mistake(
        "The output has passed the activation already: do not put its value into it once more."
    )
    def sigma_prime_of_y_in_numbers(self) -> Vector:
        y = float(self.y)
        again = 1 / (1 + np.exp(-y)) if self.activation == "sigmoid" else np.tanh(y)
        return self._with_inputs(float(self.error) * float(slope_of(self.activation, again)))

    @grad_numeric.mistake(
        "That is the slope of another activation: with the output $y$ it is $y(1 - y)$ for the "
        "sigmoid and $1 - y^2$ for tanh."
    )
    def other_slope_in_numbers(self) -> Vector:
        other = {"sigmoid": "tanh", "tanh": "sigmoid"}[self.activation]
        return self._with_inputs(self.error * slope_of(other, self.y))

    @part(points=3)
    def gd_step(self, grad_numeric: Any) -> Array | None:
        # In absolute terms only: a large weight must not hide a small step.
        return self._step(self.parameters - self.rate * grad_numeric)

    def _step(self, parameters: Any) -> Array | None:
        if self.step != "numbers":
            return None
        return Array(parameters, Tolerance(Fraction(1, 2000), Fraction(0)))

    def _stepped(self, change: Any) -> Vector | None:
        return array(self.parameters + change) if self.step == "numbers" else None

    @gd_step.mistake("Gradient descent goes against the gradient: subtract it.")
    def ascent(self, grad_numeric: Any) -> Vector | None:
        return self._stepped(self.rate * grad_numeric)

    @gd_step.mistake("The gradient is multiplied by the learning rate before it is subtracted.")
    def no_rate(self, grad_numeric: Any) -> Vector | None:
        return self._stepped(-grad_numeric) if self.rate != 1 else None

    @gd_step.mistake("This is the change; it is still to be added to the old values.")
    def change_only(self, grad_numeric: Any) -> Vector | None:
        return -self.rate * grad_numeric if self.step == "numbers" else None

    @gd_step.mistake(
        "All parameters change at once: the bias uses the output from before the step too."
    )
    def sequential(self) -> Vector | None:
        return self._one_after_the_other("w_then_b")

    @gd_step.mistake(
        "All parameters change at once: the weights use the output from before the step too."
    )
    def sequential_bias_first(self) -> Vector | None:
        return self._one_after_the_other("b_then_w")

    def _one_after_the_other(self, program: str) -> Vector | None:
        if self.step != "numbers":
            return None
        return array(run(program, self.parameters, float(self.rate), self._slopes_at))

    def _slopes_at(self, parameters: Vector) -> Vector:
        """The gradient at other parameters, by the formula."""
        v = parameters[:-1] @ self.x.astype(float) + parameters[-1]
        y = float(activate(self.activation, v))
        delta = float(2 * self.factor) * (y - float(self.z)) * slope_of(self.activation, y)
        return self._with_inputs(delta).astype(float)

    @part(points=3)
    def gd_letters(self) -> Group | None:
        if self.step != "letters":
            return None
        names = self.formulas.names_with_rate
        return Group.of(
            **{
                self.letters[role]: Formula(self.formulas.stepped(role).written(names), names)
                for role in ("w", "b")
            }
        )

    def _other_step(self, rule: Callable[[str], Term]) -> dict[str, Written] | None:
        """w and b by another rule for their roles; None where the step is asked in numbers."""
        if self.step != "letters":
            return None
        names = self.formulas.names_with_rate
        return {self.letters[role]: rule(role).written(names) for role in ("w", "b")}

    @gd_letters.mistake("Gradient descent goes against the gradient: subtract it.")
    def ascent_in_letters(self) -> dict[str, Written] | None:
        return self._other_step(
            lambda role: self.formulas.letter(role) + self.formulas.scaled_by_rate(role)
        )

    @gd_letters.mistake("The gradient is multiplied by the learning rate before it is subtracted.")
    def no_rate_in_letters(self) -> dict[str, Written] | None:
        return self._other_step(
            lambda role: self.formulas.letter(role) - self.formulas.gradient(role)
        )

    @gd_letters.mistake("This is the change; it is still to be added to the old values.")
    def change_only_in_letters(self) -> dict[str, Written] | None:
        return self._other_step(lambda role: -self.formulas.scaled_by_rate(role))

    @part(points=1)
    def sequential_or_simultaneous(self) -> Choice:
        right = [program for program in self.programs if program in SIMULTANEOUS]
        return Choice(frozenset(right), options=self.programs)

    @sequential_or_simultaneous.mistake(
        "Its second gradient is evaluated after the first step, at a point where the cost has "
        "another gradient already."
    )
    def recomputed(self) -> frozenset[str]:
        return frozenset({"w_then_b"})

    @sequential_or_simultaneous.mistake(
        "The order does not matter, but when the gradient is evaluated does: here the second one "
        "is evaluated after the first step."
    )
    def recomputed_bias_first(self) -> frozenset[str]:
        return frozenset({"b_then_w"})

    @sequential_or_simultaneous.mistake("Each step must go against its gradient.")
    def added(self) -> frozenset[str]:
        return frozenset(set(self.programs) & set(UPHILL))

    def lines(self, program: str) -> tuple[str, ...]:
        """The assignments of a program."""
        return PROGRAMS[program]

    # The proof

    def verify(self) -> None:
        """Complex-step derivatives of the cost itself, at the numbers and at others; the programs
        by running them with these derivatives."""
        truths = self.truths()
        x, z, at = self.x.astype(float), float(self.z), self.parameters.astype(float)

        def slopes(parameters: Vector) -> Vector:
            return complex_steps(lambda p: self._cost(p[..., :-1], x, p[..., -1], z), parameters)

        gradient = slopes(at)
        agree("grad_numeric", truths["grad_numeric"], gradient, within=1e-9)
        down = at - float(self.rate) * gradient
        agree("gd_step", truths.get("gd_step"), down, within=1e-9)
        found = {
            name
            for name in self.programs
            if close(run(name, at, float(self.rate), slopes), down, rtol=0, atol=1e-9)
        }
        agree("sequential_or_simultaneous", truths["sequential_or_simultaneous"], found)
        self._check_letters(truths)

    def _check_letters(self, truths: Mapping[str, Any]) -> None:
        """The formulas at numbers that are not this sheet's."""
        size = len(self.x)
        x, w = np.array([1.3, -0.7, 0.4])[:size], np.array([-0.6, 1.1, 0.9])[:size]
        b, z, eta = 0.35, -0.8, 0.7
        v = w @ x + b
        values = {"x": x, "w": w, "b": b, "v": v, "y": activate(self.activation, v), "z": z}
        named_here = {self.letters[role]: value for role, value in values.items()}
        of_w = complex_steps(lambda p: self._cost(p, x, b, z), w)
        of_b = complex_steps(lambda p: self._cost(w, x, p[..., 0], z), np.array([b]))
        pairs = [("grad_symbolic", {self.of_w: of_w, self.of_b: of_b})]
        if self.step == "letters":
            named_here |= {self.letters["eta"]: eta}
            stepped = {self.letters["w"]: w - eta * of_w, self.letters["b"]: b - eta * of_b}
            pairs.append(("gd_letters", stepped))
        for name, wanted in pairs:
            for member, value in wanted.items():
                truth = truths[name].members[member]
                here = {each: named_here[each] for each in truth.names}
                if not close(np.ravel(formula_at(truth, here)), value, atol=1e-9):
                    raise Disagreement(f"{name}: {truth.value} is not the derivative")

    def _cost(self, w: Any, x: Any, b: Any, z: float) -> Any:
        return float(self.factor) * (activate(self.activation, w @ x + b) - z) ** 2

    def graph(self) -> Figure:
        """The neuron with its values, and the gradients of what leads back to w and b."""
        t, y = self.formulas.tex, float(self.y)
        values = {"v": self.v, "y": y, "J": float(self.factor) * (y - float(self.z)) ** 2}
        gradients = {"v": self.delta, "y": self.error, "J": 1, "b": self.delta}
        nodes, edges = [], []
        for i, (weight, each) in enumerate(zip(self.w, self.x, strict=True), start=1):
            name = f"{t['w']}_{i}" if len(self.x) > 1 else t["w"]
            nodes.append(Node(f"w{i}", name, _short(weight), _short(self.delta * each)))
            edges.append(Edge(f"w{i}", "v", rf"\times {_factor(each)}"))
        nodes.append(Node("b", t["b"], _short(self.bias), _short(gradients["b"])))
        nodes += [Node(k, t[k], _short(values[k]), _short(gradients[k])) for k in values]
        edges += [Edge("b", "v"), Edge("v", "y", self.function), Edge("y", "J")]
        alt = "Values and gradients of the neuron, from its parameters to the cost"
        return layered_graph(nodes, edges, alt=alt)

    @property
    def function(self) -> Tex:
        return Tex({"sigmoid": r"\sigma", "tanh": r"\tanh"}[self.activation])


def _output_and_target(
    rng: Rng, activation: str, factor: Fraction, ratio: Fraction, rest: Fraction
) -> tuple[Fraction | float, Fraction]:
    """The output, and a target at some distance from it, else steps are too small to tell apart. A
    dJ/dy of size 1 would hide that it was forgotten."""
    y = output(activation, ratio, rest)
    gaps = {z: abs(float(y) - float(z)) for z in TARGETS}
    far = [z for z, gap in gaps.items() if gap > 0.4 and abs(2 * float(factor) * gap - 1) > 0.02]
    return y, rng.choice(far)


def _short(value: Fraction | float) -> str:
    """Up to four decimals."""
    return f"{float(decimals(value, 4)):.4f}".rstrip("0").rstrip(".")


def _factor(value: Fraction) -> str:
    return f"({value})" if value < 0 else str(value)


def _check_options(
    activation: str, loss: str, inputs: int, numbers: str, step: str, letters: str
) -> None:
    if activation not in (*RATIOS, "any"):
        raise ValueError("activation is sigmoid, tanh or any")
    if loss not in (*LOSSES, "any"):
        raise ValueError("loss is half, full or any")
    if inputs not in (1, 2, 3):
        raise ValueError("inputs is 1, 2 or 3")
    if numbers not in ("exact", "decimal"):
        raise ValueError("numbers is exact or decimal")
    if step not in ("numbers", "letters"):
        raise ValueError("step is numbers or letters")
    if letters not in ("any", "course"):
        raise ValueError("letters is any or course")
