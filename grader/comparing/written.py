"""A typed formula against the truth of a part: equality, and the slip that it shows."""

from __future__ import annotations

from fractions import Fraction

from generator.model.answers import Formula
from generator.notation.formulas.written import scope_of, tree_of
from grader.comparing.comparison import Comparison
from grader.comparing.formulas import compare_formulas
from grader.comparing.mutants import name_slip


def compare_written(truth: Formula, answer: str) -> Comparison:
    """Compare a formula, as `reading.read` gives it, with the truth.

    The verdict depends on the truth's text, its names and the answer only. A wrong answer that one
    slip in the truth leads to is told which.
    """
    scope = scope_of(truth.names)
    right, given = tree_of(truth.value, truth.names), tree_of(answer, truth.names)
    result = compare_formulas(
        right,
        given,
        scope,
        identity=truth.value,
        tolerance=truth.tolerance,
        domain_counts=truth.domain_counts,
        either_layout=truth.either_layout,
        reveal=truth.reveal,
    )
    if result.equal:
        return Comparison(True, Fraction(1), result.evidence)
    if result.equal is None:
        return Comparison(None, Fraction(0), result.evidence)
    slip = name_slip(given, right, scope, identity=truth.value)
    return Comparison(
        False,
        Fraction(0),
        "; ".join(filter(None, (result.evidence, result.counterexample))),
        result.wrong,
        counterexample=result.counterexample,
        mistake=slip.name if slip else "",
        advice=slip.advice if slip else "",
    )
