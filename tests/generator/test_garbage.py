"""How often Python searches for cycles while a class is built or graded."""

from __future__ import annotations

import gc

import pytest

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
