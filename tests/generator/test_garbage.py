"""How often Python searches for cycles while a class is built or graded."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from generator import building
from generator.assignment import Assignment
from generator.model.garbage import searched_rarely


def test_the_search_is_as_frequent_as_before_also_behind_a_failure() -> None:
    usual = gc.get_threshold()

    @searched_rarely()
    def fail() -> None:
        assert gc.get_threshold() > usual
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):
            fail()
        assert gc.get_threshold() == usual


def test_a_batch_is_built_with_few_searches(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usual = gc.get_threshold()
    seen = []

    def watched(*_: object) -> list[building.Built]:
        seen.append(gc.get_threshold())
        return []

    monkeypatch.setattr(building, "_build_batch", watched)
    plan = building.Plan(Assignment("a", "A", ()), b"", tmp_path, None)
    building.build_batch((plan, building.Batch((), {})))
    assert seen[0] > usual == gc.get_threshold()
