"""Form after value: a right value must also be written as the question asks.

The value is compared first. Only where it is right does the form count, and what is missing is said
beside the fact that the value is right.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from generator.model.answers import Answer, Formed
from generator.notation.form import missing
from grader import comparing
from grader.comparing import Comparison


def compare_in_form(truth: Answer, given: Any, value: Any) -> Comparison:
    """Compare what was `given`, and read as `value`, with the truth: value first, then form.

    A right value in another form has the question's `form_credit`, and `form` says what is missing.
    """
    result = comparing.compare(truth, value)
    if not result.equal or not isinstance(truth, Formed):
        return result
    lacking = missing(truth, given, value)
    if not lacking:
        return result
    evidence = f"the value is right, but {lacking}"
    return replace(result, equal=False, credit=truth.form_credit, evidence=evidence, form=lacking)
