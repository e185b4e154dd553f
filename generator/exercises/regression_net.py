"""A regression network with one hidden layer, in letters: its gradients, and slips in them.

    z1 = A x,  z2 = s(z1),  z3 = b^T z2,  z4 = y - z3 or z3 - y,  L = factor z4^2

with h hidden units, m inputs and one output.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from generator.deriving.network import Network
from generator.deriving.operations import Affine, Apply, Combine, Dot, SquaredNorm
from generator.deriving.term import Term, called, named, number
from generator.model.declared import Declared
from generator.notation.formulas.written import Written

SLIPS_OF_B = ("sign", "factor", "z3_for_z4", "x_for_z2", "z1_for_z2", "transposed")
SLIPS_OF_A = (
    *("sign", "factor", "z3_for_z4", "no_slope", "slope_of_z2", "other_slope"),
    *("b_lost", "z2_for_x", "transposed"),
)


Letters = tuple[tuple[str, str], ...]


@lru_cache(maxsize=128)
def regression_net(
    letters: Letters, activation: str, factor: Fraction, target_first: bool
) -> RegressionNet:
    """A network in letters, made once for all sheets that use these; there are not many."""
    return RegressionNet(dict(letters), activation, factor, target_first)


@dataclass(frozen=True)
class RegressionNet:
    """`letters` gives those of a sheet for A, b, x and y; the nodes keep their names."""

    letters: Mapping[str, str]
    activation: str
    factor: Fraction
    target_first: bool  # whether z4 is y - z3

    @cached_property
    def network(self) -> Network:
        """The network in the letters of this sheet; h hidden units, m inputs."""
        of = self.letters
        ends = (of["y"], "z3") if self.target_first else ("z3", of["y"])
        kinked = self.activation == "relu"
        return Network.of(
            {of["x"]: ("m",), of["A"]: ("h", "m"), of["b"]: ("h",), of["y"]: ()},
            {
                "z1": Affine(of["A"], of["x"]),
                "z2": Apply(self.activation, "z1", from_input=kinked),
                "z3": Dot(of["b"], "z2"),
                "z4": Combine(tuple(zip(ends, (1, -1), strict=True))),
                "L": SquaredNorm("z4", self.factor),
            },
        )

    def letter(self, role: str) -> Term:
        """A quantity by its letter of the course, or a node."""
        return self.network.named(self.letters.get(role, role))

    def value(self, node: str) -> Term:
        """The formula of a node."""
        return self.network.formula(node)

    @cached_property
    def gradients(self) -> dict[str, Term]:
        """The gradients in letters, by those of the course."""
        roles = ("A", "b", "z1", "z2", "z3", "z4")
        return {role: self.network.gradient(self.letters.get(role, role)) for role in roles}

    @cached_property
    def names(self) -> Declared:
        """What may occur in an answer in letters."""
        order = (*(self.letters[role] for role in ("x", "A", "b", "y")), "z1", "z2", "z3", "z4")
        return Declared(self.network.declared(*order))

    @cached_property
    def in_letters(self) -> dict[str, Written]:
        """The gradients as answers, by the letters of the course."""
        return {role: self.gradients[role].written(self.names) for role in ("A", "b")}

    @cached_property
    def wrong_b(self) -> dict[str, Term]:
        """What each slip makes of dL/db."""
        return {slip: self._wrong_b(slip) for slip in SLIPS_OF_B}

    @cached_property
    def wrong_b_in_letters(self) -> dict[str, Written]:
        """The same as answers."""
        return {slip: term.written(self.names) for slip, term in self.wrong_b.items()}

    @cached_property
    def wrong_A(self) -> dict[str, Term]:
        """What each slip makes of dL/dA."""
        return {slip: self._wrong_A(slip) for slip in SLIPS_OF_A}

    @cached_property
    def wrong_A_in_letters(self) -> dict[str, Written]:
        """The same as answers."""
        return {slip: term.written(self.names) for slip, term in self.wrong_A.items()}

    def _wrong_b(self, slip: str) -> Term:
        match slip:
            case "sign":
                return -self.gradients["b"]
            case "factor":
                return self._wrong_factor * named("z4") * self.letter("z2")
            case "z3_for_z4":
                return self._right_factor * named("z3") * self.letter("z2")
            case "x_for_z2":
                return self._right_factor * named("z4") * self.letter("x")
            case "z1_for_z2":
                return self._right_factor * named("z4") * self.letter("z1")
            case "transposed":
                return self.gradients["b"].T
        raise ValueError(f"there is no slip {slip}")

    def _wrong_A(self, slip: str) -> Term:
        x = self.letter("x")
        error, b = self._right_factor * named("z4"), self.letter("b")
        match slip:
            case "sign":
                return -self.gradients["A"]
            case "factor":
                return (self._wrong_factor * named("z4") * (b * self.slope)) @ x.T
            case "z3_for_z4":
                return (self._right_factor * named("z3") * (b * self.slope)) @ x.T
            case "no_slope":
                return (error * b) @ x.T
            case "slope_of_z2":
                slope = called(f"{self.activation}'", self.letter("z2"))
                return (error * (b * slope)) @ x.T
            case "other_slope":
                return (error * (b * self._other_slope)) @ x.T
            case "b_lost":
                return (error * self.slope) @ x.T
            case "z2_for_x":
                return (error * (b * self.slope)) @ self.letter("z2").T
            case "transposed":
                return self.gradients["A"].T
        raise ValueError(f"there is no slip {slip}")

    @property
    def slope(self) -> Term:
        """ds/dz1, entry by entry."""
        return Apply(self.activation, "z1", from_input=self.activation == "relu").slope(
            self.letter("z2"), self.letter("z1")
        )

    @property
    def _other_slope(self) -> Term:
        z2, one = self.letter("z2"), number(1)
        return one - z2 * z2 if self.activation == "sigmoid" else z2 * (one - z2)

    @property
    def _right_factor(self) -> Term:
        """What stands before z4 in dL/dz3."""
        return number((-2 if self.target_first else 2) * self.factor)

    @property
    def _wrong_factor(self) -> Term:
        return number((-1 if self.target_first else 1) * (3 - 2 * self.factor))
