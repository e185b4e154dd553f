"""The pairs that every tool judges: `pairs.jsonl`, one truth and one answer a line.

A row has the `group` (formula, array or matrix), `truth` and `answer` as they are typed, whether
they are `equal`, and the `names` with domains or shapes. For the other tools it has both once more,
in the spellings that they read best: `python` for sympy (`@` a matrix product, `had` an entry by
entry one, `one(h)` ones in the shape of h, `step` 1 where positive) and `latex` for math-verify.
`tests/benchmarks/` evaluates `python` with numpy and so proves each label.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GROUPS = ("formula", "array", "matrix")
# What the letters in shapes are where entries are written out: distinct, so that nothing fits by
# chance, and small, because sympy's time grows with them.
SIZES = {"k": 2, "m": 3, "n": 4}


@dataclass(frozen=True)
class Pair:
    """A truth and an answer; `python` and `latex` are (truth, answer) for the other tools."""

    group: str
    truth: str
    answer: str
    equal: bool
    python: tuple[str, str]
    latex: tuple[str, str]
    names: Mapping[str, Any] = field(default_factory=dict)

    def shape(self, name: str) -> tuple[int, ...]:
        """Rows and columns of a name in numbers; () for a number."""
        given = self.names[name]
        if isinstance(given, str):
            return ()
        return tuple(SIZES[side] if isinstance(side, str) else side for side in given["shape"])

    def positive(self, name: str) -> bool:
        return bool(self.names[name] == "positive")


def _load() -> tuple[Pair, ...]:
    lines = Path(__file__).with_name("pairs.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return tuple(
        Pair(**{**row, "python": tuple(row["python"]), "latex": tuple(row["latex"])})
        for row in rows
    )


PAIRS = _load()

# What each tool judges before anything counts: of every group, and none of it above.
WARM_UP = (
    Pair("formula", "2 q", "q + q", True, ("2*q", "q + q"), ("2 q", "q + q"), {"q": "real"}),
    Pair("formula", "q^2", "2 q", False, ("q**2", "2*q"), ("q^2", "2 q"), {"q": "real"}),
    Pair(
        "array", "[1, 5]", "[1, 6]", False, ("[1, 5]", "[1, 6]"),
        (r"\begin{pmatrix}1 \\ 5\end{pmatrix}", r"\begin{pmatrix}1 \\ 6\end{pmatrix}"),
    ),
    Pair(
        "matrix", "Q q", "2 Q q", False, ("Q @ q", "2*Q @ q"), ("Q q", "2 Q q"),
        {"Q": {"shape": ["k", "k"]}, "q": {"shape": ["k", 1]}},
    ),
)  # fmt: skip
