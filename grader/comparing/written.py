"""A typed formula against the truth of a part, a slip in it, or what a mistake leads to."""

from __future__ import annotations

from fractions import Fraction

from generator.model.answers import Formula
from generator.notation.formulas.written import scope_of, tree_of, typed_formula
from grader.comparing.comparison import RIGHT, Comparison
from grader.comparing.deciding import as_written, far_apart
from grader.comparing.formulas import compare_expressions
from grader.comparing.mutants import Slip, slip_of
from grader.comparing.truths import Expression, expression, prepared


def compare_written(truth: Formula, value: str) -> Comparison:
    """Compare a formula, as `reading.read` gives it, with the truth.

    The verdict depends on the truth's text, its names and the answer only.
    """
    scope = scope_of(truth.names)
    right = expression(tree_of(truth.value, truth.names), scope)
    given = typed_formula(value, truth.names, right.shape)
    answer = Expression(given.tree, given.shape)
    if as_written(right, answer, scope):
        return RIGHT
    ready = prepared(tree_of(truth.value, truth.names), scope, truth.value)
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
    scope = scope_of(truth.names)
    ready = prepared(tree_of(truth.value, truth.names), scope, truth.value)
    given = typed_formula(value, truth.names, ready.right.shape)
    return slip_of(ready, Expression(given.tree, given.shape))


def same_written(other: Formula, value: str, right: Formula) -> bool:
    """Whether a formula equals `other`, which is not the truth `right` of the part but what a
    mistake leads to.

    Most are far apart at a few of the truth's points, and then nothing is made ready for `other`.
    """
    scope, names = scope_of(other.names), other.names
    known = expression(tree_of(other.value, names), scope)
    given = typed_formula(value, names, known.shape)
    answer = Expression(given.tree, given.shape)
    if as_written(known, answer, scope):
        return True
    if other.tolerance is None and not other.either_layout:
        points = prepared(tree_of(right.value, right.names), scope, right.value).points.sample
        if far_apart(known, answer, points):
            return False
    ready = prepared(tree_of(other.value, names), scope, other.value)
    return bool(
        compare_expressions(
            ready,
            answer,
            other.tolerance,
            domain_counts=other.domain_counts,
            either_layout=other.either_layout,
        ).equal
    )
