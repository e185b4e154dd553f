"""Groups: the mean of their members."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from generator.model.answers import Answer, Group
from grader.comparing.comparison import Comparison, wrong


def compare_groups(
    truth: Group, value: Mapping[str, Any], compare: Callable[[Answer, Any], Comparison]
) -> Comparison:
    """Each member by `compare`; one that `value` lacks earns nothing."""
    results = {
        name: compare(member, value[name]) if name in value else wrong("there is no answer")
        for name, member in truth.members.items()
    }
    outcomes = {result.equal for result in results.values()}
    equal = False if False in outcomes else None if None in outcomes else True
    credit = sum((result.credit for result in results.values()), Fraction(0)) / len(results)
    evidence = "; ".join(f"{name}: {r.evidence}" for name, r in results.items() if r.evidence)
    return Comparison(equal, credit, evidence)
