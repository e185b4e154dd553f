"""Activation functions: their slopes in letters, from the pre-activation or from the output.

Slopes: sigma' = sigma (1 - sigma), tanh' = 1 - tanh^2; ReLU has slope 1 above 0 and 0 below, a
leaky ReLU alpha below. Where a slope jumps it is not defined: instances stay off the jump.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generator.deriving.term import Term, called, number, where_positive


@dataclass(frozen=True)
class Activation:
    """`function` is its name in the answer language, "" for the identity; `tex` in a template.

    `from_input` is the slope in terms of z, `from_output` in terms of h = s(z), None where h does
    not tell it.
    """

    name: str
    function: str
    word: str
    tex: str
    from_input: Callable[[Term], Term]
    from_output: Callable[[Term], Term] | None

    def of(self, z: Term) -> Term:
        return called(self.function, z) if self.function else z


def _slope(function: str) -> Callable[[Term], Term]:
    return lambda z: called(f"{function}'", z)


_ONE = number(1)

ACTIVATIONS: dict[str, Activation] = {
    each.name: each
    for each in (
        Activation("relu", "relu", "ReLU", r"\operatorname{ReLU}", where_positive, where_positive),
        Activation(
            "sigmoid", "sigmoid", "sigmoid", r"\sigma", _slope("sigmoid"), lambda h: h * (_ONE - h)
        ),
        Activation("tanh", "tanh", "tanh", r"\tanh", _slope("tanh"), lambda h: _ONE - h.squared),
        Activation(
            "identity", "", "identity", r"\operatorname{id}", lambda z: _ONE, lambda h: _ONE
        ),
        Activation(
            "softplus",
            "softplus",
            "softplus",
            r"\operatorname{softplus}",
            lambda z: called("sigmoid", z),
            lambda h: _ONE - called("exp", -h),
        ),
        Activation("sin", "sin", "sine", r"\sin", lambda z: called("cos", z), None),
        Activation("cos", "cos", "cosine", r"\cos", lambda z: -called("sin", z), None),
        Activation("exp", "exp", "exponential", r"\exp", lambda z: called("exp", z), lambda h: h),
    )
}
