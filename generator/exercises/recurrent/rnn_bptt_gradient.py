"""Backpropagation through time, in letters and in numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from generator.deriving.term import Term, named
from generator.exercises.proving import formula_at
from generator.exercises.recurrence import (
    BELOW,
    backward,
    drawn_network,
    forward,
    slopes_of,
    unrolled,
)
from generator.exercises.recurrence_letters import (
    ALWAYS_RIGHT,
    CANDIDATES,
    COURSE,
    OTHERS,
    RIGHT_FOR_ONE_STEP,
    UPSTREAM,
    Letters,
    Rule,
    derivatives,
    drawn_candidates,
    gradient,
    holds_for,
    names_of,
    names_of_sums,
    sampled,
)
from generator.model.answers import Array, Choice, Formula, Number
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, agree, part
from generator.model.figure import Figure
from generator.model.values import Matrix, Tex, Vector, exact, plain
from generator.sampling import Rng

IN_LETTERS = ("any", "tanh", "sigmoid")


@dataclass(frozen=True, eq=False)
class RnnBpttGradient(Exercise):
    """z_{t-1} = W x_{t-1} + U h_{t-1}, h_t = g(z_{t-1}) for t = 1..T, with a loss in h_T."""

    title = "Backpropagation through time"
    source = "recitation 2021, optional: backpropagation in RNN"
    level_settings = (
        {"size": 1, "activation": "identity"},
        {"forward_shown": False, "notation": "any"},
    )
    variants = (
        {"answers": "letters"},
        {"answers": "letters", "activation": "tanh", "steps": 2},
        {"size": 1, "activation": "leaky", "steps": 4},
        {"activation": "leaky", "notation": "any"},
    )

    answers: str  # "numbers" or "letters"
    activation: str  # of BELOW in numbers, of IN_LETTERS in letters ("any": only its slopes D_k)
    symbols: tuple[str, ...]  # of `Letters`, in its order
    aligned: bool  # z_t = W x_t + U h_{t-1}, else the course's z_{t-1} = W x_{t-1} + U h_{t-1}
    steps: int  # T
    candidates: tuple[str, ...]  # of CANDIDATES, in the order shown
    # In letters the rest is empty.
    U: Matrix  # (m, m)
    W: Matrix  # (m, n)
    inputs: Matrix  # (T, n)
    h0: Vector  # (m,)
    q: Vector  # (m,) dL/dh_T
    forward_shown: bool  # whether the sheet shows the pre-activations and states

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        answers: str = "numbers",
        size: int = 2,
        steps: int = 3,
        activation: str = "",
        forward_shown: bool = True,
        notation: str = "",
    ) -> Self:
        """`answers` is numbers or letters; `size`, 1 or 2, counts units and inputs in numbers;
        `steps` is T. In numbers `activation` is relu (the default of size 2), leaky (that of
        size 1) or identity, in letters any (the default: given by its slopes), tanh or sigmoid.
        With `forward_shown = false` the student computes the states of a numeric network too;
        `notation` is course (the default in numbers), or any (in letters) to draw other letters
        and indices as well."""
        _check_options(answers, size, steps, activation, notation)
        in_letters = answers == "letters"
        notation = notation or ("any" if in_letters else "course")
        *symbols, aligned = astuple(COURSE if notation == "course" else rng.choice(OTHERS))
        activation = activation or ("any" if in_letters else "relu" if size == 2 else "leaky")
        drawn = _nothing() if in_letters else drawn_network(rng, size, steps, activation)
        # The right formula would tell those who are asked for it in letters.
        others = [key for key in CANDIDATES if not in_letters or key not in ALWAYS_RIGHT]
        return cls(
            answers=answers,
            activation=activation,
            symbols=tuple(symbols),
            aligned=aligned,
            steps=steps,
            candidates=drawn_candidates(rng, others),
            **drawn,
            forward_shown=forward_shown or in_letters,
        )

    @property
    def letters(self) -> Letters:
        return Letters(*self.symbols, aligned=self.aligned)

    @property
    def in_letters(self) -> bool:
        return self.answers == "letters"

    @property
    def scalar(self) -> bool:
        return len(self.h0) == 1

    # In numbers

    @cached_property
    def pre(self) -> Matrix:
        """(T, m) pre-activations."""
        return self._passed[0]

    @cached_property
    def states(self) -> Matrix:
        """(T + 1, m) from h_0 on."""
        return self._passed[1]

    @cached_property
    def _passed(self) -> tuple[Matrix, Matrix]:
        return forward(self.activation, self.W, self.U, self.inputs, self.h0)

    @cached_property
    def slopes(self) -> Matrix:
        """(T, m) slopes g'(z)."""
        return slopes_of(self.activation, self.pre)

    @cached_property
    def deltas(self) -> Matrix:
        """(T, m) gradients of the pre-activations."""
        return backward(self.U.T, self.slopes, self.q)

    @cached_property
    def arriving(self) -> Matrix:
        """(T, m) gradients of h_1 .. h_T."""
        return exact([*self._before[1:], self.q])

    @cached_property
    def _before(self) -> Matrix:
        """(T, m) gradients of h_0 .. h_{T-1}."""
        return exact(plain(self.deltas) @ plain(self.U))

    def _numbers(self, rule: Callable[[], Any]) -> Any:
        """What a rule leads to; None where the answers are letters."""
        return None if self.in_letters else rule()

    def _flat(self, rows: Matrix) -> Vector | Matrix:
        """One row for each step; of a scalar network one number."""
        return rows[:, 0] if self.scalar else rows

    def _wrong_deltas(self, back: Matrix, slopes: Matrix) -> Matrix:
        return backward(back, slopes, self.q)

    @part(points=3)
    def dL_dz(self) -> Array | None:
        return None if self.in_letters else Array(self._flat(self.deltas))

    @dL_dz.mistake(
        "This has passed back through the recurrent weights once more: it is the gradient of the "
        "state before the pre-activation, not that of the pre-activation."
    )
    def gradient_of_state_before(self) -> Any:
        return self._numbers(lambda: self._flat(self._before))

    @dL_dz.mistake(
        "The activation's slope in every step is a factor on the way back through that step."
    )
    def slopes_forgotten(self) -> Any:
        if self.in_letters or (self.slopes == 1).all():
            return None
        return self._flat(self._wrong_deltas(self.U.T, self.slopes * 0 + 1))

    @dL_dz.mistake("The loss gives the gradient of the last state; its slope is a factor too.")
    def last_slope_forgotten(self) -> Any:
        if self.in_letters or (self.slopes[-1] == 1).all():
            return None
        slopes = exact([*self.slopes[:-1], self.slopes[-1] * 0 + 1])
        return self._flat(self._wrong_deltas(self.U.T, slopes))

    @dL_dz.mistake("Gradients run against the arrows, so the recurrent weights come transposed.")
    def not_transposed(self) -> Any:
        if self.in_letters or self.scalar:
            return None
        return self._flat(self._wrong_deltas(self.U, self.slopes))

    @part(points=4)
    def dL_dU(self, dL_dz: Any) -> Array | Number | None:
        return None if self.in_letters else self._weights(dL_dz, self.states[:-1])

    def _weights(self, deltas: Any, fed: Matrix) -> Array | Number:
        """The sum over the steps of delta times what the weights were fed there."""
        total = plain(deltas.reshape(len(fed), -1)).T @ plain(fed)
        return Number(total[0, 0]) if self.scalar else Array(total)

    def _summed(self, deltas: Matrix, fed: Matrix) -> Any:
        return self._weights(deltas, fed).value

    @dL_dU.mistake(
        "There is one factor too many: the gradient of the pre-activation meets the state before "
        "it, without passing the recurrent weights again. Try the formula with $T = 1$."
    )
    def one_factor_too_many(self) -> Any:
        return self._numbers(lambda: self._summed(self._before, self.states[:-1]))

    @dL_dU.mistake("Every step on the way back multiplies by the activation's slope in that step.")
    def no_slopes_in_sum(self) -> Any:
        if self.in_letters or (self.slopes == 1).all():
            return None
        deltas = self._wrong_deltas(self.U.T, self.slopes * 0 + 1)
        return self._summed(deltas, self.states[:-1])

    @dL_dU.mistake("On the way back in time the recurrent weights come transposed.")
    def not_transposed_in_sum(self) -> Any:
        if self.in_letters or self.scalar:
            return None
        return self._summed(self._wrong_deltas(self.U, self.slopes), self.states[:-1])

    @dL_dU.mistake("The same weights are used in every step, and each use adds its own term.")
    def last_step_only(self) -> Any:
        return self._numbers(lambda: self._summed(self.deltas[-1:], self.states[-2:-1]))

    @dL_dU.mistake("The weights multiply the state before the step, not the one it leads to.")
    def state_after(self) -> Any:
        return self._numbers(lambda: self._summed(self.deltas, self.states[1:]))

    @dL_dU.mistake("This is the transpose: the gradient has the shape of the weights themselves.")
    def transposed(self, dL_dz: Any) -> Any:
        if self.in_letters or self.scalar:
            return None
        return self._summed(dL_dz, self.states[:-1]).T

    @part(points=2)
    def dL_dW(self, dL_dz: Any) -> Array | Number | None:
        return None if self.in_letters else self._weights(dL_dz, self.inputs)

    @dL_dW.mistake("The input weights are used in every step too: each use adds its own term.")
    def last_input_only(self) -> Any:
        return self._numbers(lambda: self._summed(self.deltas[-1:], self.inputs[-1:]))

    @dL_dW.mistake("Each gradient meets the input of its own step, not that of the next one.")
    def next_input(self) -> Any:
        return self._numbers(lambda: self._summed(self.deltas[:-1], self.inputs[1:]))

    @dL_dW.mistake(
        "There is one factor too many: the input weights stand behind the activation only."
    )
    def one_factor_too_many_for_W(self) -> Any:
        return self._numbers(lambda: self._summed(self._before, self.inputs))

    @dL_dW.mistake("This is the transpose: the gradient has the shape of the input weights.")
    def transposed_for_W(self, dL_dz: Any) -> Any:
        if self.in_letters or self.scalar:
            return None
        return self._summed(dL_dz, self.inputs).T

    # In letters

    @property
    def network_activation(self) -> str:
        return "" if self.activation == "any" else self.activation

    def gradient(self, quantity: str) -> Any:
        """A gradient in letters, as the derivation engine finds it."""
        return gradient(self.letters, self.steps, self.network_activation, quantity)

    @property
    def terms(self) -> tuple[Term, ...]:
        """dL/dU term by term, the last step's first."""
        letters, m = self.letters, self.letters.rows
        rule = Rule(letters, self.steps, self.network_activation)
        states = [named(f"{letters.state}{t}", (m, 1)) for t in range(self.steps)]
        return tuple(rule.delta(t) @ states[t].T for t in reversed(range(self.steps)))

    def slope_times(self, step: int, gradient: str) -> Tex:
        """The gradient of a state, handed to its pre-activation, in LaTeX."""
        h = f"{self.letters.state}_{step + 1}"
        if self.activation == "any":
            return Tex(f"D_{step + self.letters.first} {gradient}")
        slope = rf"(1 - {h} \odot {h})" if self.activation == "tanh" else rf"{h} \odot (1 - {h})"
        return Tex(rf"{gradient} \odot {slope}")

    def _formula(self, rule: Callable[[Rule], Any], **changes: bool) -> str | None:
        """What a changed rule makes of the gradients; None where the answers are numbers."""
        if not self.in_letters:
            return None
        return str(rule(Rule(self.letters, self.steps, self.network_activation, **changes)))

    @property
    def names(self) -> dict[str, Any]:
        """What may occur in the formulas for a given T."""
        return names_of(self.letters, self.steps, self.activation)

    @part(points=3)
    def dz_letters(self) -> Formula | None:
        """dL/dz of the first step."""
        if not self.in_letters:
            return None
        first = f"{self.letters.pre}{self.letters.first}"
        return Formula(str(self.gradient(first)), self.names)

    @dz_letters.mistake(
        "This has passed back through the recurrent weights once more: it is the gradient of the "
        "state before the first step."
    )
    def gradient_of_first_state(self) -> str | None:
        return self._formula(lambda rule: rule.delta(0), extra=True)

    @dz_letters.mistake("The slopes of every step on the way are factors.")
    def no_slopes_letters(self) -> str | None:
        return self._formula(lambda rule: rule.delta(0), sloped=False)

    @dz_letters.mistake("Gradients run against the arrows: the recurrent weights come transposed.")
    def not_transposed_letters(self) -> str | None:
        return self._formula(lambda rule: rule.delta(0), turned=False)

    @dz_letters.mistake("This is the gradient one step later: there is one more step to go back.")
    def one_step_short(self) -> str | None:
        return self._formula(lambda rule: rule.delta(1))

    @part(points=4)
    def dU_letters(self) -> Formula | None:
        if not self.in_letters:
            return None
        return Formula(str(self.gradient(self.letters.recurrent)), self.names)

    @dU_letters.mistake(
        "There is one factor too many in every term: the gradient of the pre-activation meets the "
        "state before it, without passing the recurrent weights again. Try $T = 1$."
    )
    def published_formula(self) -> str | None:
        return self._formula(lambda rule: rule.summed(), extra=True)

    @dU_letters.mistake("The slopes of every step on the way are factors of each term.")
    def no_slopes_in_terms(self) -> str | None:
        return self._formula(lambda rule: rule.summed(), sloped=False)

    @dU_letters.mistake("On the way back in time the recurrent weights come transposed.")
    def not_transposed_in_terms(self) -> str | None:
        return self._formula(lambda rule: rule.summed(), turned=False)

    @dU_letters.mistake("The same weights are used in every step, and each use adds its own term.")
    def last_term_only(self) -> str | None:
        last, state = self.steps - 1, f"{self.letters.state}{self.steps - 1}"
        return self._formula(lambda rule: f"({rule.delta(last)}) {state}^T")

    @dU_letters.mistake("The weights multiply the state before the step, not the one it leads to.")
    def state_after_in_terms(self) -> str | None:
        return self._formula(lambda rule: rule.summed(later=1))

    @dU_letters.mistake("This is the transpose: the gradient has the shape of the weights.")
    def transposed_letters(self) -> str | None:
        return self._formula(lambda rule: f"({rule.summed()})^T")

    @part(points=2)
    def dW_letters(self) -> Formula | None:
        """For every T, from the gradients of the pre-activations: a sum over the steps."""
        return self._sum_of("{delta} {x}^T")

    def _sum_of(self, term: str, later: str = "") -> Formula | None:
        if not self.in_letters:
            return None
        letters = self.letters
        index = "t" if letters.aligned else "t-1"
        text = term.format(
            delta=f"delta_{{{index}}}",
            x=f"{letters.input}_{{{later or index}}}",
            h=f"{letters.state}_{{t-1}}",
            U=letters.recurrent,
        )
        return Formula(f"sum_{{t=1}}^{{T}} {text}", names_of_sums(letters))

    def _wrong_sum(self, term: str, later: str = "") -> str | None:
        formula = self._sum_of(term, later)
        return None if formula is None else formula.value

    @dW_letters.mistake(
        "There is one factor too many: the input weights stand behind the activation only."
    )
    def factor_in_sum(self) -> str | None:
        return self._wrong_sum("{U}^T {delta} {x}^T")

    @dW_letters.mistake("This is the transpose: the gradient has the shape of the input weights.")
    def transposed_sum(self) -> str | None:
        return self._wrong_sum("{x} {delta}^T")

    @dW_letters.mistake("That is the gradient of the recurrent weights, which meet the states.")
    def states_for_inputs(self) -> str | None:
        return self._wrong_sum("{delta} {h}^T")

    @dW_letters.mistake("Each gradient meets the input of its own step.")
    def shifted_inputs(self) -> str | None:
        return None if self.aligned else self._wrong_sum("{delta} {x}^T", later="t")

    @dW_letters.mistake("The input weights are used in every step: each use adds its own term.")
    def last_of_sum_only(self) -> str | None:
        x, last = self.letters.input, "T" if self.aligned else "T-1"
        return f"delta_{{{last}}} {x}_{{{last}}}^T" if self.in_letters else None

    @part(points=1)
    def T1_check(self) -> Choice:
        right = frozenset(self.candidates) & RIGHT_FOR_ONE_STEP
        return Choice(right, options=self.candidates, several=True, partial=True)

    @T1_check.mistake("Equal sizes are not enough: put $T = 1$ and compare factor by factor.")
    def all_that_fit(self) -> frozenset[str]:
        return frozenset(self.candidates)

    @T1_check.mistake(
        "A formula that goes wrong for longer sequences can be right for $T = 1$: look at what is "
        "left of each when the sum has one term."
    )
    def only_those_right_for_all(self) -> frozenset[str] | None:
        right = frozenset(self.candidates) & ALWAYS_RIGHT
        return right if right and right != self.truth_of_check else None

    @T1_check.mistake(
        "Where a product begins and ends at the same $k$ it has one factor; it is empty only where "
        "it would end before it begins."
    )
    def one_factor_overlooked(self) -> frozenset[str]:
        return frozenset(self.candidates) & (RIGHT_FOR_ONE_STEP | {"published", "swapped"})

    @property
    def truth_of_check(self) -> frozenset[str]:
        return frozenset(self.candidates) & RIGHT_FOR_ONE_STEP

    def verify(self) -> None:
        """Complex-step derivatives of the forward pass itself; of formulas, at random data."""
        truths = self.truths()
        found = {key for key in self.candidates if holds_for(key, 1)}
        agree("T1_check", truths["T1_check"], found)
        if self.in_letters:
            self._verify_letters(truths)
            return
        drawn = (self.U, self.W, self.inputs, self.h0, self.q)
        numbers = [each.astype(float) for each in drawn]
        by_step, of_U, of_W = derivatives(self.activation, *numbers)
        agree("dL_dz", truths["dL_dz"], self._flat(by_step), within=1e-9)
        agree("dL_dU", truths["dL_dU"], of_U[0, 0] if self.scalar else of_U, within=1e-9)
        agree("dL_dW", truths["dL_dW"], of_W[0, 0] if self.scalar else of_W, within=1e-9)

    def _verify_letters(self, truths: dict[str, Any]) -> None:
        data = sampled(self.steps, self.network_activation or "tanh")
        letters, first = self.letters, self.letters.first
        values = {letters.recurrent: data.U, UPSTREAM: data.q}
        for t, state in enumerate(data.states):
            values[f"{letters.state}{t}"] = state
        for t, slopes in enumerate(data.slopes):
            values[f"D{t + first}"] = np.diag(slopes)
        _same("dz_letters", formula_at(truths["dz_letters"], values), data.by_step[0])
        _same("dU_letters", formula_at(truths["dU_letters"], values), data.of_U)
        # Sequences count from 1; what the course calls delta_0 and x_0 has a name of its own.
        sums = {letters.recurrent: data.U, f"{letters.state}0": data.states[0]}
        sums[letters.state] = data.states[1:]
        for name, rows in (("delta", data.by_step), (letters.input, data.inputs)):
            sums[f"{name}0"] = rows[0]
            sums[name] = rows if first else np.vstack([rows[1:], rows[:1] + 99])
        _same("dW_letters", formula_at(truths["dW_letters"], sums), data.of_W)

    def graph(self) -> Figure:
        """The recurrence unrolled."""
        return unrolled(self.letters, self.steps)

    def gradients(self) -> Figure:
        """The same with the states and the gradients that come back to them."""
        return unrolled(self.letters, self.steps, list(self.states), list(self.arriving))


def _same(name: str, found: Any, wanted: Any) -> None:
    if np.abs(np.asarray(found) - wanted.reshape(found.shape)).max() > 1e-9:
        raise Disagreement(f"{name}: the formula has the value {found}, verify() finds {wanted}")


def _nothing() -> dict[str, Any]:
    return dict.fromkeys(("U", "W", "inputs", "h0", "q"), exact([]))


def _check_options(answers: str, size: int, steps: int, activation: str, notation: str) -> None:
    if answers not in ("numbers", "letters"):
        raise ValueError("answers is numbers or letters")
    if size not in (1, 2):
        raise ValueError("size is 1 or 2")
    # Beyond these, numbers are too much work and formulas too long for a line.
    long_formulas = activation in ("tanh", "sigmoid")
    longest = 3 if (size == 2 if answers == "numbers" else long_formulas) else 4
    if not 2 <= steps <= longest:
        raise ValueError(f"steps is a whole number from 2 to {longest} here")
    known = tuple(BELOW) if answers == "numbers" else IN_LETTERS
    if size == 1 and activation == "relu":
        raise ValueError("activation is leaky or identity where size is 1: a ReLU would stop all")
    if activation and activation not in known:
        raise ValueError(f"activation is one of {', '.join(known)} where answers is {answers}")
    if notation not in ("", "course", "any"):
        raise ValueError("notation is course or any")
