"""The tools beside each other. Each is given what it reads best, and its truth beforehand.

A judge takes a pair, reads the truth, and returns what is timed: read the answer and decide.
Whatever a tool raises counts as no verdict.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from benchmarks.pairs import Pair
from grader.judging import judge

ACCEPTED, REJECTED, NO_VERDICT = "accepted", "rejected", "no verdict"

Decide = Callable[[], str]


def gradsheet(pair: Pair) -> Decide:
    """The whole of `grader compare`: reading, verdict, counterexample, named mistake."""
    kind = "array" if pair.group == "array" else "formula"
    row = {"kind": kind, "truth": pair.truth, "answer": pair.answer, "names": pair.names}

    def decide() -> str:
        result = judge(row)
        if result["status"] in ("CORRECT", "INCORRECT"):
            return ACCEPTED if result["status"] == "CORRECT" else REJECTED
        # Shapes that do not fit cost a student no attempt, but they are told apart.
        return REJECTED if "not fit" in result["feedback"] else NO_VERDICT

    return decide


def sympy_equals(pair: Pair) -> Decide:
    """`.equals`: of numbers, or of matrices entry by entry. None is no verdict."""
    return _by_sympy(pair, lambda truth, answer: truth.equals(answer))


def sympy_simplify(pair: Pair) -> Decide:
    """`simplify(a - b) == 0`, of matrices the same with a matrix of zeros."""
    import sympy

    def is_zero(truth: Any, answer: Any) -> bool:
        rest = sympy.simplify(truth - answer)
        return bool(rest == (rest * 0 if isinstance(rest, sympy.MatrixBase) else 0))

    return _by_sympy(pair, is_zero)


def math_verify(pair: Pair) -> Decide:
    """`parse` and `verify` of LaTeX as documented; their own time limits off, ours holds.

    Matrices are single letters to it, whose products commute.
    """
    from math_verify import LatexExtractionConfig, parse, verify

    logging.getLogger("math_verify").setLevel(logging.ERROR)  # warns that its limits are off

    def read(text: str) -> list[Any]:
        found: list[Any] = parse(
            f"${text}$",
            [LatexExtractionConfig()],
            fallback_mode="no_fallback",
            parsing_timeout=None,
        )
        return found

    truth = read(pair.latex[0])

    def decide() -> str:
        answer = read(pair.latex[1])
        if not truth or not answer:
            return NO_VERDICT
        same = verify(truth, answer, timeout_seconds=None, raise_on_error=True)
        return ACCEPTED if same else REJECTED

    return decide


JUDGES: dict[str, Callable[[Pair], Decide]] = {
    "gradsheet": gradsheet,
    "sympy .equals": sympy_equals,
    "sympy simplify": sympy_simplify,
    "math-verify": math_verify,
}


def _by_sympy(pair: Pair, equal: Callable[[Any, Any], bool | None]) -> Decide:
    """Both read by `parse_expr` over symbols with the right assumptions, decimals as fractions,
    matrices with one symbol an entry: sympy decides more of them than of `MatrixSymbol`s."""
    import sympy
    from sympy.matrices.exceptions import ShapeError
    from sympy.parsing.sympy_parser import parse_expr, rationalize, standard_transformations

    names = {**_sympy_functions(), **{name: _symbols(pair, name) for name in pair.names}}

    def read(text: str) -> Any:
        transformations = (*standard_transformations, rationalize)
        found = parse_expr(text, local_dict=names, transformations=transformations)
        return sympy.Matrix(found) if isinstance(found, list) else found

    truth = read(pair.python[0])

    def decide() -> str:
        try:
            answer = read(pair.python[1])
        except ShapeError:
            return REJECTED
        if getattr(answer, "shape", ()) != getattr(truth, "shape", ()):
            return REJECTED
        same = equal(truth, answer)
        if same is None:
            return NO_VERDICT
        return ACCEPTED if same else REJECTED

    return decide


def _symbols(pair: Pair, name: str) -> Any:
    import sympy

    shape = pair.shape(name)
    if not shape:
        return sympy.Symbol(name, real=True, positive=pair.positive(name) or None)
    return sympy.Matrix(
        *shape, lambda row, column: sympy.Symbol(f"{name}_{row}_{column}", real=True)
    )


def _sympy_functions() -> dict[str, Any]:
    """What `python` of a pair may call, on numbers and on matrices."""
    import sympy

    def each(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def applied(value: Any) -> Any:
            if isinstance(value, sympy.MatrixBase):
                return value.applyfunc(function)
            return function(value)

        return applied

    def dot(first: Any, second: Any) -> Any:
        return (first.T @ second)[0, 0]

    exp = each(sympy.exp)
    return {
        "exp": exp,
        "Abs": each(sympy.Abs),
        "relu": each(lambda x: sympy.Max(0, x)),
        "step": each(lambda x: sympy.Heaviside(x, 0)),  # as sympy differentiates Max(0, x)
        "sigma": each(lambda x: 1 / (1 + sympy.exp(-x))),
        "softplus": each(lambda x: sympy.log(1 + sympy.exp(x))),
        "softmax": lambda x: exp(x) / sum(exp(x)),
        "sum": sum,
        "had": lambda first, second: first.multiply_elementwise(second),
        "one": lambda like: sympy.ones(*like.shape),
        "diag": lambda column: sympy.diag(*column),
        "inv": lambda matrix: matrix.inv(),
        "trace": lambda matrix: matrix.trace(),
        "dot": dot,
        "norm2": lambda column: dot(column, column),
    }
