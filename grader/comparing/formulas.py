"""Formulas: equal, not equal with the simplest counterexample found, or undecided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.model.answers import Tolerance
from generator.notation.formulas.scope import Scope, Shape
from generator.notation.formulas.tree import Const, Neg, Transpose, Tree
from grader.comparing import telling
from grader.comparing.deciding import Decision, decide
from grader.comparing.quickly import same_shape
from grader.comparing.truths import Expression, Truth, expression, prepared

UNDECIDED = "the formulas have real values at too few common points to compare them"


@dataclass(frozen=True)
class FormulaComparison:
    """Whether an answer equals the truth (None: undecided), and why, without the truth itself.

    `evidence` is a sentence for the student, "" where there is nothing to say. `counterexample`
    is a point where both differ, with the answer's value there. `wrong` places the entries that
    are wrong at that point, from 0. `transposed` says that the transpose would be right.
    """

    equal: bool | None
    evidence: str = ""
    counterexample: str = ""
    wrong: tuple[tuple[int, int], ...] = ()
    transposed: bool = False


@dataclass(frozen=True)
class EntriesComparison:
    """Of several answers: `wrong` are those equal to no truth, `missing` the truths not met."""

    equal: bool | None
    wrong: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()


def compare_formulas(
    truth: Tree,
    answer: Tree,
    scope: Scope,
    *,
    identity: str,
    tolerance: Tolerance | None = None,
    domain_counts: bool = False,
    either_layout: bool = False,
    reveal: bool = False,
) -> FormulaComparison:
    """Compare an answer with the truth, both as read over `scope`.

    The same `identity` (of the part) gives the same verdict always. With a tolerance, values near
    enough are equal. With `domain_counts`, both must also be defined at the same points. With
    `either_layout`, a transposed result is equal, with a note. `reveal` adds the right value to a
    counterexample. Raises NotationError where shapes do not fit inside either formula.
    """
    ready = prepared(truth, scope, identity)
    given = expression(answer, scope, ready.right.shape)
    return compare_expressions(ready, given, tolerance, domain_counts, either_layout, reveal)


def compare_expressions(
    truth: Truth,
    answer: Expression,
    tolerance: Tolerance | None = None,
    domain_counts: bool = False,
    either_layout: bool = False,
    reveal: bool = False,
) -> FormulaComparison:
    """The same, of a prepared truth and a typed answer."""
    if not same_shape(answer.shape, truth.right.shape):
        return _other_shape(truth, answer, tolerance, either_layout)
    decision = decide(truth, answer, tolerance)
    result = _told(truth, answer, decision, domain_counts, reveal)
    square = _square(truth.right.shape) and decision.at is not None
    if result.equal is False and square and decide(truth, _turned(answer), tolerance).equal:
        return _layout(truth.right.shape, either_layout)
    return result


def compare_entries(
    truths: Sequence[Tree],
    answers: Sequence[Tree],
    scope: Scope,
    *,
    identity: str,
    tolerance: Tolerance | None = None,
    ordered: bool = True,
) -> EntriesComparison:
    """Compare entries one by one, or as sets, where repetitions and order do not count.

    An infinite end of an interval equals the same infinity only.
    """

    def equal(i: int, j: int) -> bool | None:
        t, a = truths[i], answers[j]
        if _infinite(t) or _infinite(a):
            return t == a
        return compare_formulas(t, a, scope, identity=identity, tolerance=tolerance).equal

    if ordered:
        same = [equal(i, i) for i in range(min(len(truths), len(answers)))]
        wrong = [i for i, each in enumerate(same) if each is False]
        wrong += range(len(same), len(answers))
        missing = tuple(range(len(same), len(truths)))
        undecided = None in same
    else:
        table = [[equal(i, j) for j in range(len(answers))] for i in range(len(truths))]
        columns = list(zip(*table, strict=True)) if table else [()] * len(answers)
        wrong = [j for j, column in enumerate(columns) if True not in column]
        missing = tuple(i for i, row in enumerate(table) if True not in row)
        undecided = any(None in columns[j] for j in wrong) or any(None in table[i] for i in missing)
    if undecided:
        return EntriesComparison(None, tuple(wrong), missing)
    return EntriesComparison(not wrong and not missing, tuple(wrong), missing)


def _infinite(tree: Tree) -> bool:
    inner = tree.body if isinstance(tree, Neg) else tree
    return isinstance(inner, Const) and inner.name == "inf"


def _told(
    truth: Truth, answer: Expression, decision: Decision, domain_counts: bool, reveal: bool
) -> FormulaComparison:
    if decision.equal is None:
        return FormulaComparison(None, UNDECIDED)
    lacking = _domain(truth, answer, decision)
    if decision.equal:
        if not lacking:
            return FormulaComparison(True)
        if domain_counts:
            return FormulaComparison(False, f"the values agree, but {lacking}")
        return FormulaComparison(True, f"the values agree where both are real; {lacking}")
    if decision.at is None:
        reason = decision.reason or lacking
        return FormulaComparison(False, reason or "this has no real value where it should")
    evidence = "this is not equal to the formula asked for"
    if decision.nearly:
        evidence = "this comes very near, but it is not exactly equal"
    example = _counterexample(truth, answer, decision, reveal)
    return FormulaComparison(False, evidence, example, decision.places)


def _domain(truth: Truth, answer: Expression, decision: Decision) -> str:
    """Where only one of both has a real value, in words."""
    at = decision.missing if decision.missing is not None else decision.added
    if at is None:
        return ""
    names = truth.right.names | answer.names
    where = _at(telling.point(decision.points, at, names, truth.scope))
    if at == decision.missing:
        return f"yours has no real value {where}, where there should be one"
    return f"yours has a value {where}, where there should be none"


def _at(point: str) -> str:
    return f"at {point}" if point else "at some points"


def _counterexample(truth: Truth, answer: Expression, decision: Decision, reveal: bool) -> str:
    given, expected, at = decision.given, decision.expected, decision.at
    assert given is not None
    assert expected is not None
    assert at is not None
    names = truth.right.names | answer.names
    point = telling.point(decision.points, at, names, truth.scope)
    right = f"; right is {telling.array(expected)}" if reveal and expected.size <= 14 else ""
    if given.size == 1:
        if not names:
            return f"yours is {telling.array(given)}{right}"
        if not point:
            return f"at one of the points tried, yours gives {telling.array(given)}, which is wrong"
        return f"at {point}: yours gives {telling.array(given)}, which is wrong{right}"
    where = telling.places(decision.places, (given.shape[0], given.shape[1]))
    if not point or given.size > 14:
        return f"at one of the points tried, {where}"
    return f"at {point}: yours gives {telling.array(given)}, where {where}{right}"


def _square(shape: Shape) -> bool:
    return len(shape) == 2 and shape[0] == shape[1] and shape[0] != 1


def _turned(answer: Expression) -> Expression:
    return Expression(Transpose(answer.tree), answer.shape[::-1])


def _other_shape(
    truth: Truth, answer: Expression, tolerance: Tolerance | None, either_layout: bool
) -> FormulaComparison:
    turned = _turned(answer)
    fits = len(turned.shape) == 2 and turned.shape == truth.right.shape
    if fits and decide(truth, turned, tolerance).equal:
        return _layout(turned.shape, either_layout)
    asked, given = telling.kind_of(truth.right.shape), telling.kind_of(answer.shape)
    return FormulaComparison(False, f"yours is {given}, but {asked} is asked for")


def _layout(shape: Shape, allowed: bool) -> FormulaComparison:
    asked = telling.kind_of(shape)
    if allowed:
        return FormulaComparison(
            True,
            f"this is right in the other layout: {asked} is asked for, and yours is its transpose",
            transposed=True,
        )
    return FormulaComparison(
        False,
        f"this is the transpose of the right result, in the other layout: {asked} is asked for",
        transposed=True,
    )
