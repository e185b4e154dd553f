"""A typed formula against the truth of a part: equality, and the slip that it shows."""

from __future__ import annotations

from fractions import Fraction

from generator.model.answers import Formula
from generator.notation.formulas.written import scope_of, tree_of, typed_formula
from grader.comparing.comparison import Comparison
from grader.comparing.formulas import compare_expressions
from grader.comparing.mutants import slip_of
from grader.comparing.truths import Expression, prepared


def compare_written(truth: Formula, value: str) -> Comparison:
    """Compare a formula, as `reading.read` gives it, with the truth.

    The verdict depends on the truth's text, its names and the answer only. A wrong answer that one
    slip in the truth leads to is told which.
    """
    scope = scope_of(truth.names)
    ready = prepared(tree_of(truth.value, truth.names), scope, truth.value)
    given = typed_formula(value, truth.names, ready.right.shape)
    answer = Expression(given.tree, given.shape)
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
    slip = slip_of(ready, answer)
    return Comparison(
        False,
        Fraction(0),
        "; ".join(filter(None, (result.evidence, result.counterexample))),
        result.wrong,
        counterexample=result.counterexample,
        mistake=slip.name if slip else "",
        advice=slip.advice if slip else "",
    )
