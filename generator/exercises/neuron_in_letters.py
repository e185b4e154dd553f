"""One neuron with a squared error, in letters: its network, gradients and steps of descent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from generator.deriving.network import Network
from generator.deriving.operations import Affine, Apply, Combine, Dot, Operation, SquaredError
from generator.deriving.term import Term, named, number
from generator.model.declared import Declared
from generator.model.values import Tex
from generator.notation.formulas.written import Written

# Roles by the letters of the exam; no letter stands for two roles.
LETTERS = {
    "x": ("x", "u"),
    "w": ("w", "a"),
    "b": ("b", "c"),
    "v": ("v", "q", "s"),
    "y": ("y", "p", "h"),
    "z": ("z", "t"),
    "J": ("J", "L", "E"),
    "eta": ("eta", "alpha", "gamma"),
}


@dataclass(frozen=True)
class NeuronInLetters:
    """y = s(v), v = w x + b (w^T x + b with `several` inputs), J = factor (y - z)^2; quantities go
    by their letters of the exam."""

    letters: Mapping[str, str]  # from the letters of the exam to those of the sheet
    activation: str  # "sigmoid" or "tanh"
    factor: Fraction
    several: bool

    @cached_property
    def network(self) -> Network:
        """The network that is differentiated."""
        return self._with_factor(self.factor)

    def _with_factor(self, factor: Fraction) -> Network:
        of = self.letters
        size = ("n",) if self.several else ()
        nodes: dict[str, Operation] = {of["v"]: Affine(of["w"], of["x"], of["b"])}
        if self.several:
            product = f"{of['w']}{of['x']}"
            nodes = {
                product: Dot(of["w"], of["x"]),
                of["v"]: Combine(((product, 1), (of["b"], 1))),
            }
        return Network.of(
            {of["x"]: size, of["w"]: size, of["b"]: (), of["z"]: ()},
            nodes
            | {
                of["y"]: Apply(self.activation, of["v"]),
                of["J"]: SquaredError(of["y"], of["z"], factor),
            },
        )

    @property
    def tex(self) -> dict[str, Tex]:
        """The letters as LaTeX."""
        return {
            role: Tex(f"\\{letter}" if len(letter) > 1 else letter)
            for role, letter in self.letters.items()
        }

    @cached_property
    def names(self) -> Declared:
        """What may occur in an answer; v and y are bound to what they are."""
        of = self.letters
        product = f"{of['w']}^T {of['x']}" if self.several else f"{of['w']} {of['x']}"
        return Declared(
            {
                **self.network.declared(of["x"], of["w"], of["b"], of["z"]),
                of["v"]: {"given": f"{product} + {of['b']}"},
                of["y"]: {"given": f"{self.activation}({of['v']})"},
            }
        )

    @cached_property
    def names_with_rate(self) -> dict[str, Any]:
        """What may occur where a step of gradient descent is asked."""
        return self.names | {self.letters["eta"]: "positive"}

    def written(self, term: Term) -> Written:
        """A term as an answer over the names."""
        return term.written(self.names)

    def letter(self, role: str) -> Term:
        return self.network.named(self.letters[role])

    def gradient(self, role: str) -> Term:
        """dJ of w, b, v or y."""
        return self._gradients[role]

    @cached_property
    def _gradients(self) -> dict[str, Term]:
        return {role: self.network.gradient(self.letters[role]) for role in "wbvy"}

    @cached_property
    def slope(self) -> Term:
        """dy/dv, from y."""
        return self.network.jacobian(self.letters["y"], self.letters["v"])

    def stepped(self, role: str) -> Term:
        """w or b after a step of gradient descent."""
        return self.letter(role) - self.scaled_by_rate(role)

    def scaled_by_rate(self, role: str) -> Term:
        """eta dJ of w or b, with the number 2 of the square first."""
        half = self._with_factor(Fraction(1, 2)).gradient(self.letters[role])
        return number(2 * self.factor) * (named(self.letters["eta"]) * half)
