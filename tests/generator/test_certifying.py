"""Certification: what it lets through, what it draws again, and what it calls an error."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

import pytest

from generator.certifying import DRAWS, certify, confusable
from generator.model.answers import (
    Array,
    Group,
    Number,
    Order,
    PartialOrder,
    Tolerance,
    Witness,
)
from generator.model.errors import AuthoringError, Disagreement
from generator.model.exercise import Exercise, Rejected, agree, part, witness
from generator.model.values import exact
from generator.sampling import Rng


@dataclass(frozen=True, eq=False)
class Doubling(Exercise):
    """Twice a number, and four times; the wrong rules meet the truth now and then."""

    title = "Doubling"
    x: int

    @classmethod
    def sample(cls, rng: Rng, *, largest: int = 9) -> Self:
        return cls(rng.integer(0, largest))

    @part(points=1)
    def double(self) -> Number:
        return Number(2 * self.x)

    @double.mistake("Doubling is not squaring.")
    def squared(self) -> Any:
        return self.x**2

    @part(points=1)
    def quadruple(self, double: Any) -> Number:
        return Number(2 * double)

    def verify(self) -> None:
        agree("double", self.truths()["double"], self.x + self.x)


def test_an_accepted_draw_has_no_mistake_near_any_truth() -> None:
    drawn = [certify(Doubling, Rng(bytes([n])), {}) for n in range(60)]
    # 0 and 2 square to their double, 4 squares to its quadruple: all three are drawn again.
    assert {each.exercise.x for each in drawn} == {1, 3, 5, 6, 7, 8, 9}  # type: ignore[attr-defined]
    reasons = {reason for each in drawn for reason in each.rejections}
    assert reasons == {"double.squared is too near double", "double.squared is too near quadruple"}


def test_only_groups_of_the_same_fields_are_confusable() -> None:
    first, second = Group.of(w=Number(1), b=Number(2)), Group.of(w=Number(3), b=Number(4))
    assert confusable(first, second)
    assert not confusable(first, Group.of(dw=Number(1), db=Number(2)))
    assert not confusable(first, Number(1))


def test_an_exercise_that_can_never_be_certified_says_so() -> None:
    with pytest.raises(AuthoringError, match=rf"seed s7.*no draw of {DRAWS}.*too near double"):
        certify(Doubling, Rng(b"s"), {"largest": 0}, seed="s7")


def test_a_contradicted_truth_is_an_error_at_once() -> None:
    class Wrong(Doubling):
        def verify(self) -> None:
            agree("double", self.truths()["double"], self.x + self.x + 1)

    with pytest.raises(Disagreement, match=r"Wrong.*double: the part says"):
        certify(Wrong, Rng(b"s"), {})


@pytest.mark.parametrize(
    ("options", "before"),
    [("ab", {("b", "a")}), ("abc", set()), ("ab", {("a", "b"), ("b", "a")})],
)
def test_an_order_that_is_not_right_itself_is_an_error(options: str, before: Any) -> None:
    class Ordering(Doubling):
        @part(points=1)
        def first(self) -> Order:
            return PartialOrder(("a", "b"), tuple(options), frozenset(before))

    with pytest.raises(Disagreement, match="first: the order breaks"):
        certify(Ordering, Rng(b"s"), {})


def test_an_internal_failure_names_exercise_and_seed() -> None:
    class Broken(Doubling):
        def verify(self) -> None:
            raise ZeroDivisionError("oh")

    with pytest.raises(AuthoringError, match=r"Broken, seed 3\): ZeroDivisionError: oh"):
        certify(Broken, Rng(b"s"), {}, seed="3")


@dataclass(frozen=True, eq=False)
class Rounding(Exercise):
    """Thirds of a number, and a part that magnifies their rounding error."""

    title = "Rounding"
    factor: int

    @classmethod
    def sample(cls, rng: Rng, *, factor: int = 1) -> Self:
        return cls(factor)

    @part(points=1)
    def third(self) -> Number:
        return Number(Fraction(1, 3), Tolerance(decimals=4))

    @part(points=1)
    def magnified(self, third: Any) -> Array:
        return Array(exact([third * self.factor - Fraction(self.factor, 3) + 1]))

    def verify(self) -> None:
        agree("magnified", self.truths()["magnified"], [Fraction(1)])


def test_answers_must_survive_rounding_of_earlier_parts() -> None:
    assert certify(Rounding, Rng(b"s"), {}).truths["third"].value == Fraction(1, 3)
    with pytest.raises(AuthoringError, match="magnified does not survive rounding of earlier"):
        certify(Rounding, Rng(b"s"), {"factor": 1000})


@dataclass(frozen=True, eq=False)
class Positive(Exercise):
    """Any positive number."""

    title = "Positive"
    example: int

    @classmethod
    def sample(cls, rng: Rng, *, example: int = 1) -> Self:
        return cls(example)

    @witness(points=1)
    def number(self) -> Witness:
        return Witness({"n": exact(self.example)}, {"n": ()})

    @number.check
    def is_positive(self, n: Any) -> Any:
        if n <= 0:
            yield f"n = {n} is not positive"

    @number.mistake("Zero is not positive.")
    def zero(self) -> Any:
        return {"n": 0}

    def verify(self) -> None:
        if self.example > 100:
            raise Rejected("large")


def test_a_witness_example_must_satisfy_its_predicate() -> None:
    assert certify(Positive, Rng(b"s"), {}).rejections == {}
    with pytest.raises(Disagreement, match="number: the example witness fails: n = -1"):
        certify(Positive, Rng(b"s"), {"example": -1})


def test_parts_must_name_earlier_parts() -> None:
    with pytest.raises(AuthoringError, match=r"Late\.first needs second"):

        class Late(Doubling):
            @part(points=1)
            def first(self, second: Any) -> Number:
                return Number(second)

            @part(points=1)
            def second(self) -> Number:
                return Number(1)
