"""Two linear layers with activations, in letters: the network and its Jacobians.

    z1 = W1 x + b1,  z2 = f(z1),  z3 = W2 z2 + b2,  yhat = g(z3),  L

with n inputs, r hidden units and K outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from generator.deriving.network import Network
from generator.deriving.operations import (
    Affine,
    Apply,
    BinaryCrossEntropy,
    Operation,
    SquaredError,
)
from generator.deriving.term import Term, called, named
from generator.model.declared import Declared

Letters = tuple[tuple[str, str], ...]


@lru_cache(maxsize=128)
def two_layer_net(letters: Letters, hidden: str, output: str, loss: str) -> TwoLayerNet:
    """A network in letters, made once for all sheets that use these."""
    return TwoLayerNet(dict(letters), hidden, output, loss)


@dataclass(frozen=True)
class TwoLayerNet:
    """`letters` gives those of a sheet for x, W1, b1, W2, b2, yhat, y, L and the Jacobians q, G and
    F; z1, z2 and z3 keep their names. The loss is "mse" (a sum of squares) or "bce" (a mean)."""

    letters: Mapping[str, str]
    hidden: str
    output: str
    loss: str

    @cached_property
    def network(self) -> Network:
        of = self.letters
        loss: Operation = SquaredError(of["yhat"], of["y"])
        if self.loss == "bce":
            loss = BinaryCrossEntropy(of["yhat"], of["y"], "K")
        given = {"x": ("n",), "W1": ("r", "n"), "b1": ("r",)}
        given |= {"W2": ("K", "r"), "b2": ("K",), "y": ("K",)}
        return Network.of(
            {of[role]: sizes for role, sizes in given.items()},
            {
                "z1": Affine(of["W1"], of["x"], of["b1"]),
                "z2": Apply(self.hidden, "z1", from_input=self.hidden == "relu"),
                "z3": Affine(of["W2"], "z2", of["b2"]),
                of["yhat"]: Apply(self.output, "z3"),
                of["L"]: loss,
            },
        )

    def letter(self, role: str) -> Term:
        """A quantity by its letter of the course, or a node."""
        return self.network.named(self.letters.get(role, role))

    def value(self, node: str) -> Term:
        """The formula of a node."""
        return self.network.formula(node)

    @cached_property
    def jacobians(self) -> dict[str, Term]:
        """dL/dyhat, dyhat/dz3 and dz2/dz1 in numerator layout, by their letters of the course."""
        of, net = self.letters, self.network
        return {
            "q": net.jacobian(of["L"], of["yhat"]),
            "G": net.jacobian(of["yhat"], "z3"),
            "F": net.jacobian("z2", "z1"),
        }

    def jacobian(self, role: str) -> Term:
        """One of these by its letter."""
        return named(self.letters[role], self.jacobians[role].shape)

    @cached_property
    def names(self) -> Declared:
        """What may occur in an answer in letters."""
        order = ("x", "W1", "b1", "z1", "z2", "W2", "b2", "z3", "yhat", "y")
        domain = {"identity": "real", "sigmoid": "unit"}[self.output]
        known = [self.letters.get(role, role) for role in order]
        names = self.network.declared(*known, **{self.letters["y"]: domain})
        for role, term in self.jacobians.items():
            sizes = [1, "K"] if role == "q" else list(term.shape)
            names[self.letters[role]] = {"shape": sizes, "given": str(term)}
        return Declared(names)

    @property
    def db2_row(self) -> Term:
        """dL/db2 in the Jacobians' letters, a row."""
        return self.jacobian("q") @ self.jacobian("G")

    def through_hidden(self, row: Term, slopes: Term | None) -> Term:
        """The row dL/dz1 that follows from the row dL/dz3 with these slopes, or with none."""
        through = row @ self.letter("W2")
        return through if slopes is None else through @ slopes

    @property
    def db1_row(self) -> Term:
        """dL/db1 in the Jacobians' letters, a row."""
        return self.through_hidden(self.db2_row, self.jacobian("F"))

    @property
    def values(self) -> Term:
        """diag(z2), which some take for the slopes."""
        return called("diag", self.letter("z2"), ("r", "r"))
