"""How much work an instance takes, on exercises whose work can be counted by hand."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

import pytest

from generator.fairness import FAIR, Fairness, Spread, fairness, work
from generator.model.answers import Array, Choice, Number
from generator.model.exercise import Exercise, part
from generator.model.values import Vector, exact


@dataclass(frozen=True, eq=False)
class Scaled(Exercise):
    """Entries times a factor, and their sum."""

    title = "Scaled"
    entries: Vector
    factor: Fraction

    @classmethod
    def sample(cls, rng: Any) -> Self:
        return cls(rng.vector(3, -4, 4), Fraction(2))

    @part(points=1)
    def scaled(self) -> Array:
        return Array(self.factor * self.entries)  # numpy's turn: only its entries count

    @part(points=1)
    def mean(self) -> Number:
        return Number(sum(self.entries[1:], self.entries[0]) / 3)

    @part(points=1)
    def sign(self) -> Choice:
        return Choice(frozenset("a"), ("a", "b"))

    def verify(self) -> None:
        """Nothing here is handed out."""


@pytest.mark.parametrize(
    ("entries", "factor", "operations", "digits", "zeros"),
    [
        ([2, 3, 5], 2, 3 + 2 + 1, (1 + 1 + 2) + 3, 0),  # 4 6 10 and 10/3, shorter than 3.3333
        ([2, 0, 5], 2, 2 + 1 + 1, (1 + 1 + 2) + 2, 1),  # 0 is free in sums and products
        ([2, 3, 5], -1, 0 + 2 + 1, (1 + 1 + 1) + 3, 0),  # so is -1 in a product
        ([0, 0, 0], 2, 0, (1 + 1 + 1) + 1, 4),
    ],
)
def test_the_work_of_an_instance(
    entries: list[int], factor: int, operations: int, digits: int, zeros: int
) -> None:
    exercise = Scaled(exact(entries), Fraction(factor))
    found = work(exercise, exercise.truths())
    assert (found.operations, found.digits, found.zeros) == (operations, digits, zeros)


def test_counting_leaves_fractions_as_they_were() -> None:
    before = vars(Fraction)["__mul__"]
    exercise = Scaled(exact([2, 3, 5]), Fraction(2))
    work(exercise, exercise.truths())
    assert vars(Fraction)["__mul__"] is before


def test_what_is_fair() -> None:
    even, uneven = Spread(10, 12, 20), Spread(10, 12, 21)
    assert even.ratio == FAIR
    assert Fairness("even", 9, even, even, uneven).fair
    assert not Fairness("uneven", 9, uneven, even, even).fair
    assert Spread(0, 0, 0).ratio == Spread(0, 1, 5).ratio == 1


def test_a_report_is_the_same_every_time() -> None:
    first, second = (fairness({"two_branch_backprop": {"units": 2}}, 6) for _ in range(2))
    assert first == second
    assert first[0].instances == 6
    assert first[0].operations.median > 10
