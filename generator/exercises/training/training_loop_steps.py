"""The five steps of training: their order, what they compute, and what a missing one does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import permutations
from typing import Any, Self

import numpy as np

from generator.exercises.proving import complex_step
from generator.model.answers import Array, Choice, Order
from generator.model.exercise import Exercise, Rejected, agree, part
from generator.model.values import Matrix, Vector, exact, times
from generator.sampling import Rng

# The steps, each with what it needs and what it makes available.
STEPS = {
    "model": (set(), {"model"}),
    "forward": ({"model"}, {"outputs"}),
    "loss": ({"outputs"}, {"loss"}),
    "gradient": ({"loss"}, {"gradient"}),
    "update": ({"gradient"}, {"new parameters"}),
}
LOSSES = ("square", "half_square", "absolute")
RATES = ("1/10", "1/5", "1/4", "1/2")
# The formulas to choose from for the step that is asked about; the first one is right.
FORMULAS = {
    "gradient": ("zero_then_add", "add_then_zero", "add_only", "difference_of_losses"),
    "update": ("minus", "plus", "minus_loss", "gradient_only"),
}
# What may be missing from the loop.
REMOVED = {"zero": "every update", "zero_and_update": "no update in between"}


@dataclass(frozen=True, eq=False)
class TrainingLoopSteps(Exercise):
    """The steps in letters, and the loop in numbers for yhat = w^T x + b, one example a batch."""

    title = "The steps of training"
    source = "Deep learning HW1 of 2021/02/13, 1.2(a)"
    level_settings = (
        {"inputs": 1, "rate": "1/2", "loss": "half_square", "step": "update"},
        {"inputs": 3, "batches": 3, "loss": "square", "rate": "1/10"},
    )
    variants = (
        {"step": "gradient", "removed": "zero_and_update", "batches": 3},
        {"step": "update", "loss": "absolute", "rate": "1/4"},
        {"loss": "half_square", "inputs": 1},
    )

    steps: tuple[str, ...]  # STEPS in the order shown
    step: str  # the one of FORMULAS whose formula is asked
    formulas: tuple[str, ...]  # FORMULAS[step] in the order shown
    loss: str  # one of LOSSES
    rate: Fraction  # eta
    w: Vector  # (d,) the weights to begin with
    b: Fraction  # and the bias
    inputs: Matrix  # (batches, d)
    targets: Vector  # (batches,)
    removed: str  # one of REMOVED: what the second loop leaves out

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        inputs: int = 2,
        batches: int = 2,
        loss: str = "any",
        rate: str = "any",
        step: str = "any",
        removed: str = "zero",
    ) -> Self:
        """`inputs` of the model in numbers; `batches`, of one example each; `loss` is square,
        half_square, absolute or any; `rate` is the learning rate, 1/10, 1/5, 1/4, 1/2 or any;
        `step` is the one whose formula is asked, gradient, update or any; `removed` says what the
        second loop leaves out: setting the gradient to zero, or with `zero_and_update` all updates
        before the last batch as well."""
        _check_options(inputs, batches, loss, rate, step, removed)
        asked = rng.choice(tuple(FORMULAS)) if step == "any" else step
        chosen = rng.choice(LOSSES) if loss == "any" else loss
        x = exact([rng.sample([-2, -1, 2] + [1] * (inputs > 1), inputs) for _ in range(batches)])
        w, b = rng.vector(inputs, -3, 3, but=(0,)), Fraction(rng.nonzero(3))
        errors = exact([rng.sign() * rng.choice((1, 2, 3, 4)) for _ in range(batches)])
        exercise = cls(
            steps=_out_of_order(rng),
            step=asked,
            formulas=tuple(rng.shuffled(FORMULAS[asked])),
            loss=chosen,
            rate=Fraction(rng.choice(RATES) if rate == "any" else rate),
            w=w,
            b=b,
            inputs=x,
            targets=exact(x @ w + b - errors),
            removed=removed,
        )
        errors = exact([*exercise.run["errors"], *exercise.faulty["errors"]])
        if not all(errors) or max(abs(errors)) > 20:
            raise Rejected("an error is 0 or large")
        return exercise

    # The loop in numbers

    @property
    def parameters(self) -> Vector:
        """(d + 1,): the weights and the bias to begin with."""
        return exact([*self.w, self.b])

    def extended(self, batch: int) -> Vector:
        """The input of a batch (from 0) and the 1 that the bias multiplies, (d + 1,)."""
        return exact([*self.inputs[batch], 1])

    def error(self, batch: int, parameters: Vector) -> Fraction:
        """yhat - y for a batch (from 0)."""
        yhat = times(self.extended(batch)[None], parameters)[0]
        return Fraction(yhat - self.targets[batch])

    def factor(self, error: Fraction) -> Fraction:
        """dL/dyhat."""
        match self.loss:
            case "square":
                return 2 * error
            case "half_square":
                return error
        return Fraction(1 if error > 0 else -1)

    def _run(self, zeroed: bool, updated: bool, first: Vector | None = None) -> dict[str, Any]:
        """All batches in turn: the parameters before each and after all, errors, gradients, and
        what is stored as the gradient after each backward pass. With `first`, the parameters after
        the first update are taken to be these."""
        at, stored = self.parameters, exact([0] * (len(self.w) + 1))
        run: dict[str, Any] = {"parameters": [at], "errors": [], "gradients": [], "stored": []}
        for batch in range(len(self.targets)):
            error = self.error(batch, at)
            found = exact(self.factor(error) * self.extended(batch))  # dL/d(w, b)
            if batch == 0 and first is not None:
                found = self._gradient_behind(first)
            stored = found if zeroed else exact(stored + found)
            if updated:
                at = exact(at - self.rate * stored)
            if batch == 0 and first is not None:
                at = exact(first)
            run["errors"].append(error)
            run["gradients"].append(found)
            run["stored"].append(stored)
            run["parameters"].append(at)
        return run

    def _gradient_behind(self, first: Vector) -> Vector:
        """The gradient of batch 1 of who has `first` behind the first update: what leads to it, but
        the true one where it is the update that went wrong."""
        wrong_updates = (self.uphill(), self.rate_lost(), self.bias_kept())
        if any(Array(each).near(first) for each in wrong_updates):
            return exact(self.run["gradients"][0])
        return exact((self.parameters - exact(first)) / self.rate)

    @cached_property
    def run(self) -> dict[str, Any]:
        """The loop as it should be."""
        return self._run(zeroed=True, updated=True)

    @cached_property
    def faulty(self) -> dict[str, Any]:
        """The loop with its step removed."""
        return self._run(zeroed=False, updated=self.removed == "zero")

    # The parts

    @part(points=4)
    def order(self) -> Order:
        return Order(tuple(STEPS), options=self.steps)

    @order.mistake("The update takes its direction from the gradient: what must come before?")
    def update_before_backward(self) -> tuple[str, ...]:
        return ("model", "forward", "loss", "update", "gradient")

    @order.mistake("The loss compares the outputs with the targets: are there outputs yet?")
    def loss_before_forward(self) -> tuple[str, ...]:
        return ("model", "loss", "forward", "gradient", "update")

    @order.mistake("It is the loss that is differentiated: it has to be there first.")
    def gradient_before_loss(self) -> tuple[str, ...]:
        return ("model", "forward", "gradient", "loss", "update")

    @part(points=2)
    def match(self) -> Choice:
        return Choice(frozenset({FORMULAS[self.step][0]}), options=self.formulas)

    def _option(self, formula: str) -> frozenset[str] | None:
        return frozenset({formula}) if formula in self.formulas else None

    @match.mistake("Which way does the loss change along its gradient?")
    def plus_eta(self) -> frozenset[str] | None:
        return self._option("plus")

    @match.mistake("The loss is one number: which way each parameter goes, it does not tell.")
    def loss_for_gradient(self) -> frozenset[str] | None:
        return self._option("minus_loss")

    @match.mistake("An update starts from the parameters as they are and changes them.")
    def parameters_forgotten(self) -> frozenset[str] | None:
        return self._option("gradient_only")

    @match.mistake("What is left in the store for the update, after this?")
    def zero_after_backward(self) -> frozenset[str] | None:
        return self._option("add_then_zero")

    @match.mistake("Adding to the store is right, but what is in it before?")
    def never_zero(self) -> frozenset[str] | None:
        return self._option("add_only")

    @match.mistake("Backpropagation differentiates the loss; it does not compare two of them.")
    def losses_compared(self) -> frozenset[str] | None:
        return self._option("difference_of_losses")

    @part(points=3)
    def one_step(self) -> Array:
        return Array(self.run["parameters"][1])

    def _step_by(self, gradient: Vector) -> Vector:
        return exact(self.parameters - self.rate * gradient)

    @one_step.mistake("The step goes down: against the gradient.")
    def uphill(self) -> Any:
        return self._step_by(-self.run["gradients"][0])

    @one_step.mistake("The learning rate is missing.")
    def rate_lost(self) -> Any:
        return self.parameters - self.run["gradients"][0]

    @one_step.mistake("Look at the factor: a square gives 2, and a factor of the loss stays.")
    def factor_2(self) -> Any:
        if self.loss == "absolute":
            return None
        scale = Fraction(1, 2) if self.loss == "square" else Fraction(2)
        return self._step_by(scale * self.run["gradients"][0])

    @one_step.mistake("This loss is no square: its slope is 1 or $-1$, however large the error.")
    def slope_of_a_square(self) -> Any:
        if self.loss != "absolute":
            return None
        return self._step_by(2 * self.run["errors"][0] * self.extended(0))

    @one_step.mistake("A weight's derivative has its input as a factor.")
    def input_lost(self) -> Any:
        return self._step_by(self.factor(self.run["errors"][0]) * exact([1] * (len(self.w) + 1)))

    @one_step.mistake("The bias is a parameter, too.")
    def bias_kept(self) -> Any:
        return exact([*self.run["parameters"][1][:-1], self.b])

    @one_step.mistake("It is the gradient of the loss that is subtracted, not the error itself.")
    def error_for_gradient(self) -> Any:
        ones = exact([1] * (len(self.w) + 1))
        return None if self.loss == "half_square" else self._step_by(self.run["errors"][0] * ones)

    @part(points=1)
    def no_zero_grad(self, one_step: Vector) -> Array:
        updated = self.removed == "zero"
        run = self._run(zeroed=False, updated=updated, first=one_step if updated else None)
        return Array(run["stored"][-1])

    @no_zero_grad.mistake("Without setting it to zero the store keeps what earlier batches added.")
    def no_zero_grad_ignored(self) -> Any:
        return self.faulty["gradients"][-1]

    @no_zero_grad.mistake("What is stored is a sum; nothing divides it by the number of batches.")
    def mean_of_the_batches(self) -> Any:
        return self.faulty["stored"][-1] / len(self.targets)

    @no_zero_grad.mistake("When did the parameters change, and which ones did each batch meet?")
    def wrong_updates(self) -> Any:
        if self.loss == "absolute":  # its slope hardly ever depends on the parameters
            return None
        return self._run(zeroed=False, updated=self.removed != "zero")["stored"][-1]

    @no_zero_grad.mistake("Go through the updates again: each one uses all that is stored by then.")
    def only_stored_at_the_end(self) -> Any:
        if self.removed != "zero" or len(self.targets) == 2 or self.loss == "absolute":
            return None
        return sum(self.run["gradients"])

    # The proof

    def verify(self) -> None:
        """The loop in floating point with complex-step gradients; the steps by trying them."""
        truths = self.truths()
        agree("order", truths["order"], _only_order())
        agree("match", truths["match"], _fitting(self.step))
        agree("one_step", truths["one_step"], self._simulated(True, True)[0], within=1e-9)
        stored = self._simulated(False, self.removed == "zero")[1]
        agree("no_zero_grad", truths["no_zero_grad"], stored, within=1e-9)

    def _simulated(self, zeroed: bool, updated: bool) -> tuple[Vector, Vector]:
        """The parameters after the first batch, and what is stored after the last one."""
        at = np.array([*map(float, self.w), float(self.b)])
        stored, first = np.zeros(len(at)), None
        for x, y in zip(self.inputs.astype(float), self.targets.astype(float), strict=True):

            def loss(p: Any, x: Any = x, y: Any = y) -> Any:
                error = (x * p[:-1]).sum() + p[-1] - y
                if self.loss == "absolute":
                    return error if error.real > 0 else -error
                return error * error / (2 if self.loss == "half_square" else 1)

            stored = (0 if zeroed else stored) + complex_step(loss, at)
            at = at - float(self.rate) * stored if updated else at
            first = at if first is None else first
        assert first is not None
        return first, stored


def _check_options(
    inputs: int, batches: int, loss: str, rate: str, step: str, removed: str
) -> None:
    if not 1 <= inputs <= 3:
        raise ValueError(f"inputs is 1 to 3, not {inputs}")
    if not 2 <= batches <= 3:
        raise ValueError(f"batches is 2 or 3, not {batches}")
    for option, value, allowed in (
        ("loss", loss, (*LOSSES, "any")),
        ("rate", rate, (*RATES, "any")),
        ("step", step, (*FORMULAS, "any")),
        ("removed", removed, tuple(REMOVED)),
    ):
        if value not in allowed:
            raise ValueError(f"{option} is one of {', '.join(allowed)}, not {value}")


def _out_of_order(rng: Rng) -> tuple[str, ...]:
    """The steps, not in their order."""
    while (steps := tuple(rng.shuffled(tuple(STEPS)))) == tuple(STEPS):
        pass
    return steps


@lru_cache(maxsize=1)
def _only_order() -> tuple[str, ...]:
    """The one order of the steps in which each finds what it needs."""
    fitting = []
    for order in permutations(STEPS):
        there: set[str] = set()
        for step in order:
            needs, makes = STEPS[step]
            if not needs <= there:
                break
            there |= makes
        else:
            fitting.append(order)
    (only,) = fitting
    return only


@lru_cache(maxsize=2)
def _fitting(step: str) -> set[str]:
    """The formulas that do what the step is for, tried on a loss of two parameters."""

    def loss(p: Any) -> Any:
        return (3 * p[0] - p[1] - 2) ** 2 + p[1] ** 2

    at, stale, eta = np.array([0.4, -0.7]), np.array([5.0, -8.0]), 1e-3
    slope = complex_step(loss, at)
    stores: Mapping[str, Callable[[], Any]] = {
        "zero_then_add": lambda: np.zeros(2) + slope,
        "add_then_zero": lambda: (stale + slope) * 0,
        "add_only": lambda: stale + slope,
        "difference_of_losses": lambda: loss(at) - loss(at + stale) + np.zeros(2),
    }
    updates: Mapping[str, Callable[[], Any]] = {
        "minus": lambda: at - eta * slope,
        "plus": lambda: at + eta * slope,
        "minus_loss": lambda: at - eta * loss(at),
        "gradient_only": lambda: -eta * slope,
    }
    if step == "gradient":
        return {name for name, store in stores.items() if np.allclose(store(), slope)}
    # To first order, the loss falls by eta times the squared norm of the gradient.
    fall = eta * (slope**2).sum()
    return {
        name
        for name, update in updates.items()
        if abs(loss(at) - loss(update()) - fall) < 0.05 * fall
    }
