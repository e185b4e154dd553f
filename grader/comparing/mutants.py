"""Named slips: the truth's own tree with one thing done wrong, to recognise what went wrong.

The rules are in `mutations`. A mutant that does not type-check, or that equals the truth after
all, is no slip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice

import numpy as np

from generator.model.errors import NotationError
from generator.notation.formulas.misfits import Unread
from generator.notation.formulas.scope import Scope, Shape
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.tree import Tree
from grader.comparing.deciding import decide
from grader.comparing.mutations import mutations
from grader.comparing.points import evaluated_each
from grader.comparing.truths import (
    Expression,
    Flags,
    Floats,
    Truth,
    expression,
    prepared,
)

MOST = 60  # slips of one truth
_TOGETHER = 20  # that are evaluated at once
_NEAR = 1e-9


@dataclass(frozen=True)
class Slip:
    """A named mistake: what to tell the student, and the formula that it leads to."""

    name: str
    advice: str
    tree: Tree


_ADVICE = {
    "other layout": "This is the transpose of the right result: a gradient has the shape of what"
    " it is taken by.",
    "opposite sign": "Everything is right but the sign: look at which way round the difference is.",
    "sign of a term": "One term has the wrong sign: follow the minus signs through each bracket.",
    "mask forgotten": "ReLU passes a gradient only where its input is positive: the mask is"
    " missing.",
    "mask of the other side": "The mask keeps the wrong side: the slope is 1 where the input is"
    " positive and 0 where it is negative.",
    "value for mask": "The slope of ReLU is 0 or 1: multiply by the mask, not by the activation.",
    "derivative forgotten": "The chain rule has one more factor: the derivative of the activation"
    " is missing.",
    "wrong derivative": "The derivative of the activation is another: sigmoid gives h(1 - h),"
    " tanh gives 1 - h^2.",
    "derivative not needed": "There is one derivative of an activation too many.",
    "derivative at the wrong argument": "The derivative is taken at the wrong place: it belongs at"
    " what goes into the function.",
    "function forgotten": "A function is missing: its argument stands there alone.",
    "transpose dropped": "A transpose is missing: check which index each product sums over.",
    "transpose added": "There is a transpose too many: check which index each product sums over.",
    "factor 2": "The result is off by a factor 2: look at the derivative of each square.",
    "sum for mean": "A mean divides by the number of entries: sum and mean are exchanged.",
    "factor missing": "A factor is missing: each step of the chain rule leaves one.",
    "term lost": "A term is missing: every path to the variable adds its own.",
    "entry by entry": "A product is taken entry by entry where a matrix product belongs.",
    "matrix product": "A matrix product is taken where the product is entry by entry.",
    "order reversed": "The factors of a matrix product are in the wrong order.",
    "name exchanged": "One name stands where another of the same shape belongs.",
}


def slips(truth: Tree, scope: Scope, *, identity: str) -> tuple[Slip, ...]:
    """The slips of a truth, the most telling first; at most `MOST`."""
    return tuple(each.slip for each in _mutants(prepared(truth, scope, identity)))


def name_slip(answer: Tree, truth: Tree, scope: Scope, *, identity: str) -> Slip | None:
    """The slip that explains a wrong answer, by the same decision as equality.

    Raises NotationError where shapes do not fit inside the answer.
    """
    ready = prepared(truth, scope, identity)
    return slip_of(ready, expression(answer, scope, ready.right.shape))


def slip_of(truth: Truth, answer: Expression) -> Slip | None:
    """The same, of a prepared truth and a typed answer."""
    family = _families(truth).get(answer.shape)
    values = _at_few(truth, answer)
    if family is None or not np.isfinite(values).any():
        return None
    for place in np.flatnonzero(_alike(family.values, values)):
        mutant = family.mutants[place]
        if decide(mutant.truth, answer).equal:
            return mutant.slip
    return None


@dataclass(frozen=True, eq=False)
class _Mutant:
    """A slip of a truth, and its values at a few points."""

    slip: Slip
    formula: Expression
    values: Floats
    original: Truth

    @cached_property
    def truth(self) -> Truth:
        """The mutant in the place of the truth, at the truth's points."""
        kinks = tuple(dict.fromkeys((*self.original.kinks, *self.formula.kinks)))
        return replace(self.original, right=self.formula, kinks=kinks)


@dataclass(frozen=True, eq=False)
class _Family:
    """The mutants of one shape, and their values at a few points one after the other."""

    mutants: list[_Mutant]
    values: Floats  # (mutants, points, rows, columns)


@lru_cache(maxsize=256)
def _families(truth: Truth) -> dict[Shape, _Family]:
    shapes: dict[Shape, list[_Mutant]] = {}
    for each in _mutants(truth):
        shapes.setdefault(each.formula.shape, []).append(each)
    return {s: _Family(found, np.stack([m.values for m in found])) for s, found in shapes.items()}


@lru_cache(maxsize=256)
def _mutants(truth: Truth) -> tuple[_Mutant, ...]:
    fitting, kept = _fitting(truth), list[tuple[int, _Mutant]]()
    while found := list(islice(fitting, MOST - len(kept))):
        mutants = [mutant for _, mutant in found]
        equal = [
            alike and decide(truth, each.formula).equal is not False
            for each, alike in zip(mutants, _like_truth(truth, mutants), strict=True)
        ]
        kept += [each for each, same in zip(found, equal, strict=True) if not same]
    return tuple(each for _, each in sorted(kept, key=lambda pair: pair[0]))


def _fitting(truth: Truth) -> Iterator[tuple[int, _Mutant]]:
    """The mutants that type-check and have values, with the ranks of their rules."""
    few, formulas = truth.points.sample, _formulas(truth)
    while found := list(islice(formulas, _TOGETHER)):
        several = evaluated_each([formula.tree for _, _, formula in found], few)
        for (rank, name, formula), values in zip(found, several, strict=True):
            if np.isfinite(values).any():
                slip = Slip(name, _ADVICE[name], formula.tree)
                yield rank, _Mutant(slip, formula, values, truth)


def _formulas(truth: Truth) -> Iterator[tuple[int, str, Expression]]:
    """The mutants that type-check, each once, with the ranks and names of their rules."""
    seen = {truth.right.tree}
    for rank, name, tree in mutations(truth.right.tree, truth.scope):
        try:
            found = typed(tree, truth.scope, misfits=Unread)
        except NotationError:
            continue
        known = len(seen)
        seen.add(found.tree)
        if len(seen) > known:
            yield rank, name, Expression(found.tree, found.shape)


def _like_truth(truth: Truth, mutants: Sequence[_Mutant]) -> list[bool]:
    """Which mutants have nearly the truth's values at a few points."""
    shaped = [i for i, each in enumerate(mutants) if each.formula.shape == truth.right.shape]
    result = [False] * len(mutants)
    if shaped:
        values = np.stack([mutants[i].values for i in shaped])
        for i, alike in zip(shaped, _alike(values, _at_few(truth, truth.right)), strict=True):
            result[i] = bool(alike)
    return result


def _at_few(truth: Truth, formula: Expression) -> Floats:
    """The values at a few of the truth's points, by which mutants are known."""
    points = truth.points
    return formula.at(points)[points.few]


def _alike(several: Floats, one: Floats) -> Flags:
    """Which of several (M, P, rows, columns) have nearly the values of one (P, rows, columns)."""
    both = np.isfinite(several) & np.isfinite(one)
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(several), np.abs(one))
        size = np.where(both, size, 0.0).max(axis=(2, 3), keepdims=True)
        near = np.abs(several - one) <= _NEAR * size
    return np.asarray((near | ~both).all(axis=(1, 2, 3)))
