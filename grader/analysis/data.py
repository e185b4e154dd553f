"""An analysis as plain JSON."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from grader.analysis.analysing import Analysis
from grader.analysis.statistics import Statistic
from grader.analysis.variants import Variant

_DIGITS = 6


def tree(analysis: Analysis) -> dict[str, Any]:
    """The analysis as JSON: shares from 0 to 1, marks in points, all rounded to six decimals.

    What cannot be computed is null, with the reason beside it: {"value": null, "why": "..."}.
    """
    found = _tree(analysis)
    assert isinstance(found, dict)
    return found


def _tree(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS) + 0.0  # no -0.0
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Statistic):
        if value.value is not None:
            return {"value": _tree(value.value)}
        return {"value": None, "why": value.why}
    if is_dataclass(value):
        told = {each.name: _tree(getattr(value, each.name)) for each in fields(value)}
        if isinstance(value, Variant):
            told |= {"unfair": value.unfair, "hint": value.hint}
        return told
    if isinstance(value, tuple):
        return [_tree(each) for each in value]
    if isinstance(value, dict):
        return {name: _tree(each) for name, each in value.items()}
    return value
