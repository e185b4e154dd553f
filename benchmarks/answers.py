"""Pairs of truth and typed answer, and two judges of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from generator.sampling import Rng
from grader.judging import judge


@dataclass(frozen=True)
class Pair:
    """`equal` is whether the answer is right: known from how the pair was made."""

    kind: str
    truth: str
    answer: str
    equal: bool


def _pairs() -> tuple[Pair, ...]:
    rng = Rng(b"benchmark answers")
    pairs = []
    for place in range(200):
        equal = place % 2 == 0
        offset = 0 if equal else rng.nonzero(3)
        value = Fraction(rng.nonzero(40), rng.choice((1, 2, 4, 5, 8, 3, 7)))
        wrong = value + offset
        spellings = (str(wrong), f"({wrong.numerator})/{wrong.denominator}", f"{wrong + 2} - 2")
        pairs.append(Pair("number", str(value), rng.choice(spellings), equal))
        rows = rng.matrix(2, 3, -9, 9)
        typed = [[int(entry) for entry in row] for row in rows]
        truth = str(typed)
        typed[rng.below(2)][rng.below(3)] += offset
        pairs.append(Pair("array", truth, str(typed), equal))
    return tuple(pairs)


PAIRS = _pairs()

# Truth, a right answer and a wrong one, in signs that both judges read.
_FORMULAS = (
    ("x*(1-x)", "x - x^2", "x + x^2"),
    ("(y-z)*y*(1-y)*x", "x*y*(y-z) - x*y^2*(y-z)", "(y-z)*y*(1+y)*x"),
    ("1/(1+exp(-x))", "exp(x)/(1+exp(x))", "1/(1+exp(x))"),
    ("exp(-x)/(1+exp(-x))^2", "1/(2+exp(x)+exp(-x))", "exp(-x)/(1+exp(-x))"),
    ("1-tanh(x)^2", "1/cosh(x)^2", "1-tanh(x)"),
    ("log(exp(x)+exp(y))", "y+log(1+exp(x-y))", "x+y"),
    ("sqrt(x^2+1)-x", "1/(sqrt(x^2+1)+x)", "sqrt(x^2-1)-x"),
    ("-2*(y-b*z)*z", "2*b*z^2-2*y*z", "-2*(y-b*z)*b"),
    ("cos(2*x)", "1-2*sin(x)^2", "2*sin(x)^2-1"),
    ("(x+y)^3", "x^3+3*x^2*y+3*x*y^2+y^3", "x^3+3*x^2*y+3*x*y^2-y^3"),
    ("w-x*(y-z)/2", "(2*w-x*y+x*z)/2", "w-x*(y+z)/2"),
    ("a/(b*c)+d", "(a+b*c*d)/(b*c)", "a/b*c+d"),
    ("Max(x,0)", "(x+Abs(x))/2", "x"),
    ("Abs(x*y)", "Abs(x)*Abs(y)", "x*y"),
    ("x^2*y/(x*y^2)", "x/y", "y/x"),
    ("sin(x+y)", "sin(x)*cos(y)+cos(x)*sin(y)", "sin(x)+sin(y)"),
    ("asinh(x)", "log(x+sqrt(x^2+1))", "log(x+sqrt(x^2-1))"),
    ("exp(x)^2", "exp(2*x)", "exp(x^2)"),
    ("(x^2-1)/(x-1)", "x+1", "x-1"),
    ("1+Max(x-4.5,0)", "Max(x-3.5,1)", "1"),
)
FORMULAS = tuple(
    Pair("formula", truth, answer, equal)
    for truth, right, wrong in _FORMULAS
    for answer, equal in ((right, True), (wrong, False))
)
_NAMES = dict.fromkeys("abcdwxyz", "real")


def judged_by_us(pair: Pair) -> bool:
    row = {"id": "0", "kind": pair.kind, "truth": pair.truth, "answer": pair.answer}
    if pair.kind == "formula":
        return bool(judge({**row, "names": _NAMES})["status"] == "CORRECT")
    return bool(judge(row)["status"] == "CORRECT")


def judged_by_sympy(pair: Pair) -> bool:
    """What people write first: parse both, subtract, ask whether nothing is left."""
    import sympy
    from sympy.parsing.sympy_parser import parse_expr

    real = {name: sympy.Symbol(name, real=True) for name in _NAMES}
    truth, answer = (
        parse_expr(text.replace("^", "**"), local_dict=real) for text in (pair.truth, pair.answer)
    )
    if pair.kind == "array":
        difference = sympy.Matrix(truth) - sympy.Matrix(answer)
        return all(entry.equals(0) for entry in difference)
    return bool(truth.equals(answer))
