"""The stream of draws: pinned values, uniformity, and keyed seeds."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.sampling import Rng, seed, words


def test_the_stream_is_pinned_for_ever() -> None:
    """Sheets drawn by an older gradsheet must be drawn again the same: never edit these numbers."""
    rng = Rng(seed(b"course", "hw1", "s1", "two_branch_backprop", "q1"))
    assert [rng.word() for _ in range(3)] == [
        9472282546652541343,
        118648983436334981,
        2994113067826444846,
    ]
    assert [rng.below(100) for _ in range(8)] == [47, 93, 34, 39, 48, 91, 57, 27]
    assert rng.shuffled("abcdef") == list("aefdbc")
    assert rng.matrix(2, 2, -9, 9).tolist() == [[7, -3], [2, -8]]


def test_blocks_join_without_a_seam() -> None:
    whole, pieces = Rng(b"s"), Rng(b"s")
    first = [whole.word() for _ in range(20)]
    assert first == [pieces.word() for _ in range(20)]
    assert len(set(first)) == 20
    for count in (0, 1, 8, 20):
        assert words(b"s", count).tolist() == first[:count]


def test_bounded_draws_are_uniform() -> None:
    """Chi-square of 12,000 draws over 12 values stays under its 0.1 % point (31.3, 11 degrees)."""
    rng = Rng(b"uniform")
    counts = Counter(rng.below(12) for _ in range(12_000))
    assert sum((counts[n] - 1000) ** 2 / 1000 for n in range(12)) < 31.3


def test_names_are_not_confused() -> None:
    assert seed(b"k", "ab", "c") != seed(b"k", "a", "bc")
    assert seed(b"k", "1") != seed(b"k", 1)
    assert seed(b"k", "a") != seed(b"l", "a")


@given(st.integers(1, 2**32), st.binary(min_size=1, max_size=8))
def test_below_stays_below(bound: int, key: bytes) -> None:
    assert 0 <= Rng(key).below(bound) < bound


@pytest.mark.parametrize("bound", [0, -1, 2**32 + 1])
def test_bounds_out_of_range_are_refused(bound: int) -> None:
    with pytest.raises(ValueError, match="bound"):
        Rng(b"s").below(bound)


def test_samples_do_not_repeat_and_leave_out_what_they_must() -> None:
    rng = Rng(b"s")
    assert all(sorted(rng.sample(range(5), 5)) == [0, 1, 2, 3, 4] for _ in range(20))
    assert {rng.nonzero(2) for _ in range(200)} == {-2, -1, 1, 2}
    assert {rng.integer(1, 4, but=(2, 3)) for _ in range(50)} == {1, 4}
