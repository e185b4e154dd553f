"""Named slips: the truth's own tree with one thing done wrong, to recognise what went wrong.

The rules are in `mutations`. A mutant that does not type-check, or that equals the truth after
all, is no slip.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generator.model.errors import NotationError
from generator.notation.formulas.scope import Known, Scope, Shape
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.tree import Tree
from grader.comparing.deciding import decide
from grader.comparing.mutations import mutations
from grader.comparing.regions import on_a_kink
from grader.comparing.truths import Truth, evaluated, is_delicate, kinks_of, prepared

MOST = 60  # slips of one truth
_FINGERPRINTS = 6  # points at which a mutant is compared first
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
    return tuple(each.slip for each in _slips(truth, tuple(scope.names.values()), identity))


def name_slip(answer: Tree, truth: Tree, scope: Scope, *, identity: str) -> Slip | None:
    """The slip that explains a wrong answer, by the same decision as equality.

    Raises NotationError where shapes do not fit inside the answer.
    """
    ready = prepared(truth, scope, identity)
    given = typed(answer, scope, ready.shape)
    candidates = [
        each
        for each in _slips(truth, tuple(scope.names.values()), identity)
        if each.shape == given.shape
    ]
    if not candidates:
        return None
    print_of_answer = _fingerprint(ready, given.tree)
    for each in candidates:
        if not _alike(each.fingerprint, print_of_answer):
            continue
        if decide(_as_truth(ready, each), given.tree).equal:
            return each.slip
    return None


@dataclass(frozen=True, eq=False)
class _Known:
    slip: Slip
    shape: Shape
    fingerprint: NDArray[np.float64]


@lru_cache(maxsize=256)
def _slips(truth: Tree, known: tuple[Known, ...], identity: str) -> tuple[_Known, ...]:
    scope = Scope({each.name: each for each in known})
    ready = prepared(truth, scope, identity)
    own = _fingerprint(ready, ready.tree)
    kept: list[tuple[int, _Known]] = []
    seen = {ready.tree}
    for rank, name, tree in mutations(ready.tree, scope):
        if len(kept) == MOST:
            break
        try:
            mutant = typed(tree, scope)
            if mutant.tree in seen:
                continue
            seen.add(mutant.tree)
            mark = _fingerprint(ready, mutant.tree)
        except NotationError:
            continue
        if not np.isfinite(mark).any():
            continue
        same = mutant.shape == ready.shape and _alike(own, mark)
        if same and decide(ready, mutant.tree).equal is not False:
            continue
        slip = Slip(name, _ADVICE[name], mutant.tree)
        kept.append((rank, _Known(slip, mutant.shape, mark)))
    return tuple(each for _, each in sorted(kept, key=lambda pair: pair[0]))


def _fingerprint(truth: Truth, tree: Tree) -> NDArray[np.float64]:
    points = truth.batches[0]
    generic = np.flatnonzero(points.generic)
    step = max(1, len(generic) // _FINGERPRINTS)
    return evaluated(tree, points.only(generic[::step][:_FINGERPRINTS]))


def _alike(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    if first.shape != second.shape:
        return False
    both = np.isfinite(first) & np.isfinite(second)
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(first), np.abs(second))
        size = np.where(both, size, 0.0).max(axis=(1, 2), keepdims=True)
        return bool((~both | (np.abs(first - second) <= _NEAR * size)).all())


def _as_truth(ready: Truth, known: _Known) -> Truth:
    """A mutant in the place of the truth, at the truth's points."""
    tree = known.slip.tree
    kinks = tuple(dict.fromkeys((*ready.kinks, *kinks_of(tree))))
    return replace(
        ready,
        tree=tree,
        shape=known.shape,
        kinks=kinks,
        values=tuple(evaluated(tree, points) for points in ready.batches),
        on_kinks=tuple(on_a_kink(points, kinks, ready.scope) for points in ready.batches),
        delicate=is_delicate(tree),
    )
