"""Indices that leave their sequence, in words."""

from __future__ import annotations

from typing import Any

import pytest

from generator.notation.formulas.parsing import read
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.shapes import typed
from grader.comparing.points import sizes_of
from grader.comparing.sequences import outside

OPEN: dict[str, Any] = {"h": {"length": "T"}, "x": {"length": "T"}, "x0": "real"}
FIXED: dict[str, Any] = {"h": {"length": 3}}


def told(formula: str, names: dict[str, Any]) -> str:
    scope = Scope.of(names)
    return outside(typed(read(formula, scope), scope).tree, scope, sizes_of(scope))


@pytest.mark.parametrize(
    ("formula", "names", "words"),
    [
        (
            "sum_{t=2}^{T} h_{t+1}",
            OPEN,
            "h_{t + 1} at t = T is h_{T + 1}, but the sequence ends at h_T",
        ),
        (
            "sum_{t=1}^{T} h_{t-1}",
            OPEN,
            "h_{t - 1} at t = 1 is h_0, but the sequence starts at h_1",
        ),
        ("sum_{t=1}^{3} h_{t+1}", FIXED, "h_{t + 1} at t = 3 is h_4, but the sequence ends at h_3"),
        (
            "sum_{t=1}^{T} sum_{k=1}^{t} h_{k+1}",
            OPEN,
            "h_{k + 1} at t = T, k = T is h_{T + 1}, but the sequence ends at h_T",
        ),
        ("h_{T+1}", OPEN, "there is no h_{T + 1}: the sequence ends at h_T"),
    ],
)
def test_what_leaves_is_told(formula: str, names: dict[str, Any], words: str) -> None:
    assert told(formula, names) == words


@pytest.mark.parametrize(
    "formula",
    ["sum_{t=2}^{T} h_{t-1}", "sum_{t=1}^{T} x_{t-1}", "sum_{t=1}^{T-1} h_{t+1}", "h_T + h_1"],
)
def test_what_stays_inside_is_not(formula: str) -> None:
    assert told(formula, OPEN) == ""
