"""A quick look at two formulas: the letters do not matter, unless one means something by itself."""

from __future__ import annotations

from typing import Any

import pytest

from generator.model.errors import NotationError
from generator.notation.formulas import alike as module
from generator.notation.formulas.alike import alike


def network(W: str, x: str, h: str, m: str = "m", n: str = "n") -> dict[str, Any]:
    return {
        x: {"shape": [n]},
        W: {"shape": [m, n]},
        h: {"shape": [m], "given": f"relu({W} {x})"},
    }


@pytest.mark.parametrize("letters", ["W x h", "A u s", "T x h", "I x h", "W e h", "W x exp"])
def test_what_a_node_is_given_by_holds_in_all_letters(letters: str) -> None:
    W, x, h = letters.split()
    names = network(W, x, h)
    assert alike(f"{h} ∘ {h}", f"{h} ∘ ({W} * {x})", names)
    assert not alike(f"{h} ∘ {h}", f"{h}", names)
    assert not alike(f"{h} * {x}^⊤", f"{x} * {h}^⊤", names)


def test_sheets_with_other_letters_share_what_is_found() -> None:
    module._alike.cache_clear()
    alike("h x^T", "(W x) x^T", network("W", "x", "h"))
    alike("s u^T", "(A u) u^T", network("A", "u", "s", "k", "d"))
    assert module._alike.cache_info().misses == 1


def test_a_transpose_is_none_where_T_is_a_name() -> None:
    names: dict[str, Any] = {"x": {"shape": []}, "T": {"shape": []}}
    assert alike("x^(T)", "x^(2 T - T)", names | {"x": {"shape": [], "domain": "positive"}})
    assert not alike("x T", "x", names)


def test_a_name_that_is_not_declared_is_refused() -> None:
    with pytest.raises(NotationError):
        alike("v1 x", "x", {"y": {"shape": []}, "x": {"shape": []}})
