"""Whether two formulas look alike as functions: a quick look, for authors.

It certifies that a wrong rule differs from the truth. It does not judge students: that is for
`grader.comparing.formulas`, which visits every region and computes precisely where it must.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from generator.notation.formulas.evaluating import evaluate
from generator.notation.formulas.scope import Known, Scope
from generator.notation.formulas.shapes import typed
from generator.notation.formulas.written import scope_of, tree_of

_POINTS = 24
_APART = 1e-3  # of the size of the values
# Steps whose multiples fill the unit interval evenly (golden ratio and its like).
_STEP = 0.6180339887498949
_WIDER = 0.7548776662466927


def alike(first: str, second: str, names: Mapping[str, Any]) -> bool:
    """Whether two formulas have one shape and nearly the same values at some fixed points.

    Raises NotationError for a formula that cannot be read over `names`.
    """
    scope = scope_of(names)
    one, two = (typed(tree_of(formula, names), scope) for formula in (first, second))
    if one.shape != two.shape:
        return False
    sizes = {symbol: 2 + place for place, symbol in enumerate(sorted(scope.sizes))}
    values = _values(scope, sizes)
    a, b = evaluate(one.tree, values, sizes), evaluate(two.tree, values, sizes)
    known = np.isfinite(a) & np.isfinite(b)
    apart = np.abs(a - b) > _APART * (1 + np.abs(a))
    return not bool((apart & known).any())


def _values(scope: Scope, sizes: Mapping[str, int]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    start = 1
    for name, known in scope.names.items():
        if name in sizes and not known.shape:
            values[name] = np.full((_POINTS, 1, 1), float(sizes[name]))
            continue
        rows, columns = (
            sizes[size] if isinstance(size, str) else size for size in known.shape or (1, 1)
        )
        count = _POINTS * rows * columns
        spread = (start * _WIDER + np.arange(1, count + 1) * _STEP) % 1.0
        values[name] = _placed(known, spread.reshape(_POINTS, rows, columns))
        start += count
    return values


def _placed(known: Known, spread: Any) -> Any:
    """Numbers evenly spread over (0, 1), brought into a name's domain."""
    match known.domain:
        case "real" | "nonzero":
            return 6 * spread - 3
        case "positive":
            return 0.1 + 4 * spread
        case "integer":
            return np.floor(9 * spread) - 4
        case "natural":
            return 1 + np.floor(6 * spread)
        case "probabilities":
            return (0.05 + spread) / (0.05 + spread).sum(axis=(1, 2), keepdims=True)
        case "onehot":
            return (spread == spread.max(axis=(1, 2), keepdims=True)).astype(float)
    return spread
