"""What a node of a network computes, and how a gradient passes back through it.

Each operation names its inputs. `value` is the node's formula; `back(g, ...)` is, input by input,
the product of the upstream gradient g = dL/d(node) with the operation's Jacobian, in the shape of
that input (G layout: the gradient has the shape of its quantity). The rules are those of matrix
calculus, e.g. z = W x + b: dL/dW = g x^T, dL/dx = W^T g, dL/db = g (Goodfellow, Bengio,
Courville, Deep Learning, 2016, section 6.5.6).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from generator.deriving.activations import ACTIVATIONS
from generator.deriving.term import Term, called, named, number, where_negative, where_positive


class Operation(ABC):
    """A node's operation on other nodes; `roles` are the fields that name these nodes."""

    roles: ClassVar[tuple[str, ...]] = ()

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The nodes that it is computed from, each named once; one with an empty name is none."""
        return tuple(filter(None, (getattr(self, role) for role in self.roles)))

    @abstractmethod
    def value(self, *inputs: Term) -> Term:
        """The node in terms of its inputs."""

    @abstractmethod
    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        """The gradient that each input receives from the node; None where none is defined."""

    def jacobian(self, place: int, node: Term, *inputs: Term) -> Term:
        """d node / d input in numerator layout: (entries of node) x (entries of the input)."""
        if node.shape:
            raise ValueError(f"{type(self).__name__}: this Jacobian is not a matrix")
        through = self.back(number(1), node, *inputs)[place]
        assert through is not None
        return through.T


@dataclass(frozen=True)
class Affine(Operation):
    """W x + b, or W x without a bias. Also for scalars."""

    roles = ("weights", "input", "bias")
    weights: str
    input: str
    bias: str = ""

    def value(self, *inputs: Term) -> Term:
        W, x, *b = inputs
        return W @ x + b[0] if b else W @ x

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        W, x, *b = inputs
        return (g @ x.T, W.T @ g, *([g] if b else []))

    def jacobian(self, place: int, node: Term, *inputs: Term) -> Term:
        if place != 1:
            return super().jacobian(place, node, *inputs)
        return inputs[0]


@dataclass(frozen=True)
class Apply(Operation):
    """An activation, entry by entry. Its slope is read from the output unless `from_input`."""

    roles = ("input",)
    activation: str
    input: str
    from_input: bool = False

    def value(self, *inputs: Term) -> Term:
        return ACTIVATIONS[self.activation].of(inputs[0])

    def slope(self, node: Term, z: Term) -> Term:
        known = ACTIVATIONS[self.activation]
        if self.from_input or known.from_output is None:
            return known.from_input(z)
        return known.from_output(node)

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        return (g * self.slope(node, inputs[0]),)

    def jacobian(self, place: int, node: Term, *inputs: Term) -> Term:
        slope = self.slope(node, inputs[0])
        if not node.shape:
            return slope
        rows = node.shape[0]
        if not slope.shape:
            return called("eye", _size(rows), (rows, rows))
        return called("diag", slope, (rows, rows))


@dataclass(frozen=True)
class Entrywise(Operation):
    """Any activation, entry by entry, of which only the slopes are known: they stand in the
    diagonal matrix `slopes`. Its value is the activation's to first order, slopes times input."""

    roles = ("slopes", "input")
    slopes: str
    input: str

    def value(self, *inputs: Term) -> Term:
        return inputs[0] @ inputs[1]

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        return (None, inputs[0] @ g)


@dataclass(frozen=True)
class Leaky(Operation):
    """A leaky ReLU: z above 0, `leak` z below."""

    roles = ("input",)
    leak: Fraction
    input: str

    def value(self, *inputs: Term) -> Term:
        return inputs[0] * self.slope(inputs[0])

    def slope(self, z: Term) -> Term:
        return where_positive(z) + number(self.leak) * where_negative(z)

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        return (g * self.slope(inputs[0]),)


@dataclass(frozen=True)
class Combine(Operation):
    """A sum of nodes with whole or fractional factors: 2 a - b + 3 c."""

    factors: tuple[tuple[str, Fraction | int], ...]

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.factors)

    def value(self, *inputs: Term) -> Term:
        terms = [number(f) * each for (_, f), each in zip(self.factors, inputs, strict=True)]
        return sum(terms[1:], terms[0])

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        return tuple(number(factor) * g for _, factor in self.factors)


@dataclass(frozen=True)
class Times(Operation):
    """Two nodes multiplied entry by entry; also two scalars."""

    roles = ("left", "right")
    left: str
    right: str

    def value(self, *inputs: Term) -> Term:
        return inputs[0] * inputs[1]

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        return (g * inputs[1], g * inputs[0])


@dataclass(frozen=True)
class Dot(Operation):
    """The inner product b^T z of two vectors."""

    roles = ("left", "right")
    left: str
    right: str

    def value(self, *inputs: Term) -> Term:
        return inputs[0].T @ inputs[1]

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        return (g * inputs[1], g * inputs[0])


@dataclass(frozen=True)
class SquaredNorm(Operation):
    """factor ||d||^2; of a scalar, factor d^2."""

    roles = ("input",)
    input: str
    factor: Fraction | int = 1

    def value(self, *inputs: Term) -> Term:
        return number(self.factor) * (inputs[0].T @ inputs[0])

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        return (g * (number(2 * Fraction(self.factor)) * inputs[0]),)


@dataclass(frozen=True)
class SquaredError(Operation):
    """factor ||yhat - y||^2, a sum over the entries."""

    roles = ("output", "target")
    output: str
    target: str
    factor: Fraction | int = 1

    def value(self, *inputs: Term) -> Term:
        error = inputs[0] - inputs[1]
        return number(self.factor) * (error.T @ error)

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        return (g * (number(2 * Fraction(self.factor)) * (inputs[0] - inputs[1])), None)


@dataclass(frozen=True)
class Softmax(Operation):
    """exp(z_k) / sum_j exp(z_j); the Jacobian is diag(p) - p p^T."""

    roles = ("input",)
    input: str

    def value(self, *inputs: Term) -> Term:
        return called("softmax", inputs[0])

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        return (node * g - (node.T @ g) * node,)

    def jacobian(self, place: int, node: Term, *inputs: Term) -> Term:
        size = node.shape[0]
        return called("diag", node, (size, size)) - node @ node.T


@dataclass(frozen=True)
class CrossEntropy(Operation):
    """-sum_i y_i ln p_i."""

    roles = ("output", "target")
    output: str
    target: str

    def value(self, *inputs: Term) -> Term:
        p, y = inputs
        return -(y.T @ called("ln", p))

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        p, y = inputs
        return (-(g * (y / p)), None)


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Operation):
    """-sum_i y_i ln softmax(z)_i of the logits z; `output` names softmax(z), a node beside this
    one. Both steps at once: dL/dz = softmax(z) - y if sum(y) = 1, as `normalised` says, and
    sum(y) softmax(z) - y for any y."""

    roles = ("logits", "output", "target")
    logits: str
    output: str
    target: str
    normalised: bool = True

    def value(self, *inputs: Term) -> Term:
        _, p, y = inputs
        return -(y.T @ called("ln", p))

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        _, p, y = inputs
        return (g * ((p if self.normalised else called("sum", y, ()) * p) - y), None, None)


@dataclass(frozen=True)
class BinaryCrossEntropy(Operation):
    """-(1/K) sum_i y_i ln p_i + (1 - y_i) ln(1 - p_i) over K outputs; `size` is K."""

    roles = ("output", "target")
    output: str
    target: str
    size: str

    def value(self, *inputs: Term) -> Term:
        p, y = inputs
        one = number(1)
        each = y * called("ln", p) + (one - y) * called("ln", one - p)
        return -(called("sum", each, ()) / _size(self.size)) if p.shape else -each

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        p, y = inputs
        one = number(1)
        through = (p - y) / (p * (one - p))
        return (g * (through / _size(self.size) if p.shape else through), None)


@dataclass(frozen=True)
class SigmoidCrossEntropy(Operation):
    """The binary cross-entropy of sigma(z), a mean over K outputs; `output` names sigma(z), a node
    beside this one, and `size` is K. Both steps at once: dL/dz = (sigma(z) - y) / K."""

    roles = ("logits", "output", "target")
    logits: str
    output: str
    target: str
    size: str

    def value(self, *inputs: Term) -> Term:
        return BinaryCrossEntropy(self.output, self.target, self.size).value(*inputs[1:])

    def back(self, g: Term, node: Term, *inputs: Term) -> tuple[Term | None, ...]:
        _, p, y = inputs
        return (g * ((p - y) / _size(self.size) if p.shape else p - y), None, None)


def _size(size: int | str) -> Term:
    return number(size) if isinstance(size, int) else named(size)
