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


def judged_by_us(pair: Pair) -> bool:
    row = {"id": "0", "kind": pair.kind, "truth": pair.truth, "answer": pair.answer}
    return bool(judge(row)["status"] == "CORRECT")


def judged_by_sympy(pair: Pair) -> bool:
    """What people write first: parse both, subtract, ask whether nothing is left."""
    import sympy
    from sympy.parsing.sympy_parser import parse_expr

    truth, answer = parse_expr(pair.truth), parse_expr(pair.answer)
    if pair.kind == "array":
        difference = sympy.Matrix(truth) - sympy.Matrix(answer)
        return all(entry.equals(0) for entry in difference)
    return bool(truth.equals(answer))
