"""Whether a variant was unfair: found where it was, and not where it was not."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from generator.model.key import AnswerKey
from grader.analysis import Seen, analyse, drawn_features
from grader.analysis.variants import _chi_square_tail, chance, compare
from tests.grader.analysis.conftest import Make, verdict


def drawn(*levels: str) -> tuple[tuple[str, ...], Any]:
    names = tuple(dict.fromkeys(levels))
    return names, np.array([names.index(level) for level in levels])


@pytest.mark.parametrize(
    ("value", "freedom", "tail"),  # tables of the chi-square distribution
    [
        (3.841459, 1, 0.05),
        (5.991465, 2, 0.05),
        (7.814728, 3, 0.05),
        (9.487729, 4, 0.05),
        (11.070498, 5, 0.05),
        (24.724970, 11, 0.01),
        (0.0, 4, 1.0),
        (1000.0, 3, 0.0),
    ],
)
def test_tails_of_chi_square(value: float, freedom: int, tail: float) -> None:
    assert _chi_square_tail(value, freedom) == pytest.approx(tail, abs=1e-7)


def test_groups_alike_differ_by_chance() -> None:
    """Of 200 fair comparisons, about one in twenty is below 0.05: that is what p means."""
    rng = np.random.default_rng(3)
    found = [chance([rng.random(12), rng.random(9), rng.random(15)]) for _ in range(200)]
    assert 3 <= sum(p < 0.05 for p in found) <= 20
    assert 0.4 < float(np.mean(found)) < 0.6


def test_a_group_that_does_much_worse_is_no_chance() -> None:
    rng = np.random.default_rng(4)
    assert chance([rng.random(30), rng.random(30) + 0.4]) < 0.005
    assert chance([rng.random(3000), rng.random(3000) + 0.1]) < 1e-6


def test_shuffling_and_its_limit_agree() -> None:
    """A class of 2,000 is shuffled, one of 2,001 is not; p is nearly the same."""
    rng = np.random.default_rng(5)
    first, second = rng.integers(0, 5, 1000) / 4, rng.integers(0, 5, 1000) / 4 + 0.025
    shuffled = chance([first, second])
    limit = chance([first, np.append(second, second.mean())])
    assert shuffled == pytest.approx(limit, abs=0.03)
    assert 0.01 < limit < 0.9


def test_marks_without_spread_differ_by_nothing() -> None:
    assert chance([np.full(6, 0.5), np.full(7, 0.5)]) == 1.0


def test_only_features_with_a_few_levels_are_compared() -> None:
    shares = {"q1": np.linspace(0, 1, 40)}
    found = compare(
        shares,
        {
            ("q1", "one"): drawn(*["a"] * 40),
            ("q1", "each"): drawn(*map(str, range(40))),
            ("q1", "two"): drawn(*["a", "b"] * 20),
            ("q1", "again"): drawn(*["x", "y"] * 20),  # the same groups
            ("q1", "small"): drawn(*["a"] * 37, *["b"] * 3),
        },
    )
    assert [each.feature for each in found] == ["again", "small"]
    assert found[1].p is None
    assert "fewer than two groups" in found[1].hint


def test_p_is_raised_for_the_number_of_comparisons() -> None:
    rng = np.random.default_rng(6)
    shares = {"q1": rng.random(200)}
    several = {
        ("q1", f"f{i}"): drawn(*("ab"[bit] for bit in rng.integers(0, 2, 200))) for i in range(20)
    }
    alone = [compare(shares, {place: each})[0].p for place, each in several.items()]
    together = [each.p for each in compare(shares, several)]
    assert min(filter(None, together)) == pytest.approx(min(1, 20 * min(filter(None, alone))))
    assert sorted(filter(None, together)) >= sorted(filter(None, alone))


def test_whole_numbers_are_in_their_order() -> None:
    found = compare(
        {"q1": np.linspace(0, 1, 40)}, {("q1", "w0"): drawn(*["10", "-1", "2", "-3"] * 10)}
    )
    assert [level.name for level in found[0].levels] == ["-3", "-1", "2", "10"]


def test_an_unfair_exercise_in_a_slot_is_found(make: Make) -> None:
    rng = random.Random(7)
    seen = [
        Seen(
            make(
                f"s{i}",
                {
                    "q1": [verdict("a", int(rng.random() < (0.2, 0.8)[i % 2]))],
                    "q2": [verdict("b", 1)],
                },
                {"q1": ("hard_one", "easy_one")[i % 2]},
            ),
            drawn={"q1": {"coin": str(rng.random() < 0.5)}},
        )
        for i in range(80)
    ]
    *coins, kind = analyse(seen).variants
    assert not any(coin.unfair for coin in coins)
    assert [coin.feature for coin in coins] == ["coin of easy_one", "coin of hard_one"]
    assert (kind.feature, kind.unfair) == ("exercise", True)
    assert "'hard_one'" in kind.hint
    assert [level.count for level in kind.levels] == [40, 40]


def test_what_two_exercises_of_a_slot_draw_is_kept_apart(make: Make) -> None:
    """Else the harder exercise would make its words look unfair."""
    seen = [
        Seen(
            make(f"s{i}", {"q1": [verdict("a", i % 2)]}, {"q1": ("hard", "easy")[i % 2]}),
            drawn={"q1": {"activation": "ab"[i % 4 // 2]}},
        )
        for i in range(40)
    ]
    found = {each.feature: each for each in analyse(seen).variants}
    assert set(found) == {"activation of easy", "activation of hard", "exercise"}
    assert found["exercise"].unfair
    assert not found["activation of easy"].unfair


def test_a_key_tells_what_was_drawn(key: AnswerKey) -> None:
    found = drawn_features(key)["q1"]
    assert found
    assert all(isinstance(level, str) and level for level in found.values())
    assert not any("[" in level for level in found.values())
