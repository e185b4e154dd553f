"""New exercise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from generator.exercises.proving import complex_step
from generator.model.answers import Array, Number
from generator.model.exercise import Exercise, agree, part
from generator.model.values import Vector
from generator.sampling import Rng


@dataclass(frozen=True, eq=False)
class NewExercise(Exercise):
    """A linear neuron z = w . x with the loss L = z^2 / 2: replace it by your own."""

    title = "New exercise"

    w: Vector  # (inputs,)
    x: Vector  # (inputs,)

    @classmethod
    def sample(cls, rng: Rng, *, inputs: int = 3) -> Self:
        """`inputs` is the number of entries of w and x, 2 to 6."""
        if not 2 <= inputs <= 6:
            raise ValueError("inputs is a whole number from 2 to 6")
        return cls(w=rng.vector(inputs, -4, 4, but=(0,)), x=rng.vector(inputs, -4, 4, but=(0,)))

    @part(points=1)
    def z(self) -> Number:
        return Number(self.w @ self.x)

    @z.mistake("Each weight is multiplied by its own input before anything is added.")
    def sums_multiplied(self) -> Any:
        return sum(self.w) * sum(self.x)

    @part(points=2)
    def dL_dw(self, z: Any) -> Array:
        return Array(z * self.x)

    @dL_dw.mistake("$dL/dz$ is $z$, and $dz/dw$ is $x$: the gradient is $z x$, not $z w$.")
    def weights_for_inputs(self, z: Any) -> Vector:
        wrong: Vector = z * self.w
        return wrong

    def verify(self) -> None:
        """Complex-step derivatives of the loss itself."""
        x = self.x.astype(float)
        truths = self.truths()
        agree("z", truths["z"], float(np.dot(self.w.astype(float), x)), within=1e-9)
        gradient = complex_step(lambda w: (w @ x) ** 2 / 2, self.w)
        agree("dL_dw", truths["dL_dw"], gradient, within=1e-9)
