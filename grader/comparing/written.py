"""A typed formula against the truth of a part, a slip in it, or what a mistake leads to."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import lru_cache

from generator.model.answers import Formula
from generator.model.declared import Declared
from generator.notation.formulas.scope import Scope, Shape
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.written import Written, scope_of, tree_of, typed_formula
from grader.comparing.comparison import RIGHT, Comparison
from grader.comparing.formulas import compare_expressions
from grader.comparing.mutants import Slip, slip_of
from grader.comparing.quickly import as_written, far_apart
from grader.comparing.truths import Expression, Truth, expression, prepared


def compare_written(truth: Formula, value: str) -> Comparison:
    """Compare a formula, as `reading.read` gives it, with the truth.

    The verdict depends on the truth's text, its names and the answer only.
    """
    right = _right(truth)
    answer = _given(truth, value, right.shape)
    if as_written(right, answer, scope_of(truth.names)):
        return RIGHT
    ready = _ready(truth)
    result = compare_expressions(
        ready,
        answer,
        truth.tolerance,
        domain_counts=truth.domain_counts,
        either_layout=truth.either_layout,
        reveal=truth.reveal,
    )
    if result.equal:
        return Comparison(True, Fraction(1), result.evidence)
    if result.equal is None:
        return Comparison(None, Fraction(0), result.evidence)
    return Comparison(
        False,
        Fraction(0),
        "; ".join(filter(None, (result.evidence, result.counterexample))),
        result.wrong,
        counterexample=result.counterexample,
    )


def slip_in(truth: Formula, value: str) -> Slip | None:
    """The one slip in the truth that leads to a wrong formula, if there is one: the same decision
    as equality."""
    ready = _ready(truth)
    return slip_of(ready, _given(truth, value, ready.right.shape))


def same_written(other: Formula, value: str, right: Formula) -> bool:
    """Whether a formula equals `other`, which is not the truth `right` of the part but what a
    mistake leads to.

    Most are far apart at a few of the truth's points, and then nothing is made ready for `other`.
    """
    known = _right(other)
    answer = _given(other, value, known.shape)
    if as_written(known, answer, scope_of(other.names)):
        return True
    exactly = other.tolerance is None and not other.either_layout
    if exactly and far_apart(known, answer, _ready(right).points.sample):
        return False
    return bool(
        compare_expressions(
            _ready(other),
            answer,
            other.tolerance,
            domain_counts=other.domain_counts,
            either_layout=other.either_layout,
        ).equal
    )


def _right(truth: Formula) -> Expression:
    """A truth or what a mistake leads to, typed."""
    if type(truth.value) is str:  # from a key, and asked for with each answer
        return _typed_truth(truth.value, _key(truth))
    return expression(tree_of(truth.value, truth.names), scope_of(truth.names))


def _ready(truth: Formula) -> Truth:
    """A truth made ready for many answers."""
    if type(truth.value) is str:
        return _ready_truth(truth.value, _key(truth))
    return prepared(tree_of(truth.value, truth.names), scope_of(truth.names), truth.value)


def _key(truth: Formula) -> str:
    assert isinstance(truth.names, Declared)
    return truth.names.key


@lru_cache(maxsize=1024)
def _typed_truth(truth: str, key: str) -> Expression:
    names = Declared(json.loads(key))
    return expression(tree_of(truth, names), scope_of(names))


@lru_cache(maxsize=1024)  # of those that are prepared
def _ready_truth(truth: str, key: str) -> Truth:
    names = Declared(json.loads(key))
    return prepared(tree_of(truth, names), scope_of(names), truth)


def _given(question: Formula, value: str, wanted: Shape) -> Expression:
    """An answer, typed; the same for the question's truth and for each of its mistakes."""
    scope = scope_of(question.names)
    if isinstance(value, Written) and value.source:
        return _typed_answer(value, value.source, scope, wanted)
    given = typed_formula(value, question.names, wanted)
    return Expression(given.tree, given.shape)


@lru_cache(maxsize=64)
def _typed_answer(value: Written, source: str, scope: Scope, wanted: Shape) -> Expression:
    """What was typed and how it was read tell the tree."""
    known = value.typed
    if known is None or not known.closed:
        known = typed(value.tree, scope, wanted, source)
    return Expression(known.tree, known.shape)
