"""An exercise with a part of every kind of answer, for the tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from generator.model.answers import (
    Array,
    Choice,
    Edges,
    Ends,
    FiniteSet,
    Formula,
    Group,
    Interval,
    Number,
    Order,
    Shape,
    Witness,
)
from generator.model.exercise import Exercise, Rejected, part, witness
from generator.model.figure import Circle, Figure, Label, Mark, Path
from generator.model.values import Vector, exact


@dataclass(frozen=True, eq=False)
class EveryKind(Exercise):
    """Asks one thing of each kind."""

    title = "Every kind & more"
    x: Fraction
    v: Vector
    remark: str

    @classmethod
    def sample(cls, rng: Any) -> Self:
        raise Rejected("tests make their own")

    @property
    def twice(self) -> Fraction:
        return 2 * self.x

    @part(points=1)
    def number(self) -> Number:
        return Number(self.x)

    @number.mistake("Do not add one.")
    def off_by_one(self) -> Fraction:
        return self.x + 1

    @part(points=1)
    def whole(self) -> Number:
        return Number(7, integer=True)

    @part(points=1)
    def vector(self) -> Array:
        return Array(self.v)

    @part(points=1)
    def matrix(self) -> Array:
        return Array(exact([["1/3", "-2/7"], [0, "1/8"]]))

    @part(points=1)
    def size(self) -> Shape:
        return Shape((3, "m"))

    @part(points=1)
    def one_choice(self) -> Choice:
        return Choice(frozenset({"yes"}), ("no", "yes"))

    @part(points=1)
    def some_choices(self) -> Choice:
        return Choice(frozenset({"1", "3"}), ("1", "2", "3"), several=True)

    @part(points=1)
    def order(self) -> Order:
        return Order(("third", "first", "second"), ("first", "second", "third"))

    @part(points=1)
    def edges(self) -> Edges:
        return Edges(frozenset({("x", "z"), ("z", "L")}), ("x", "z", "L"))

    @part(points=1)
    def numbers(self) -> FiniteSet:
        return FiniteSet(frozenset({Fraction(-1), Fraction(1, 2)}))

    @part(points=1)
    def interval(self) -> Interval:
        return Interval(Ends(None, Fraction(2), False, True))

    @part(points=1)
    def formula(self) -> Formula:
        return Formula("x^2 + 1", {"x": "real"})

    @part(points=1)
    def group(self) -> Group:
        return Group.of(
            W1=Shape((2, 3)), pick=Choice(frozenset({"left"}), ("left", "right")), n=Number(3)
        )

    @witness(points=2)
    def weights(self) -> Witness:
        fields = {"W1": [[1, 2], [3, 4]], "b": [1], "c": 5, "units": [[1]]}
        value = {name: exact(entries) for name, entries in fields.items()}
        return Witness(value, {"W1": (2, 2), "b": (1,), "c": (), "units": (None, 1)})

    @weights.check
    def hold(self, **fields: Any) -> Any:
        return iter(())

    def verify(self) -> None:
        """Nothing is drawn here."""

    def drawing(self) -> Figure:
        return Figure(
            (
                Path(((0, 0), (4, 0)), stroke="grid"),
                Path(((0, 0), (0, 1), (1, 1)), closed=True, fill="light"),
                Path(((0, 0), (3, 1)), arrow=True, stroke="thick"),
                Path(((0, 0), (3, -1)), stroke="dashed"),
                Path(((0, 0), (-1e-9, -1)), stroke="dotted"),
                Circle((3, 1), 0.3),
                Label((3, 1), "h_1"),
                Mark((1, 0), "dot"),
                Mark((2, 0), "ring"),
                Mark((2.5, 0), "plus"),
                Mark((2.6, 0), "minus"),
                Mark((2.7, 0), "cross"),
                Mark((2.8, 0), "square"),
                Label((1, 0), "x_1", side="below", small=True),
            ),
            alt="lines & marks,\n100 % of them",
        )


def example(remark: str = "50 % & more") -> EveryKind:
    """The one instance, with `remark` as text from outside."""
    return EveryKind(Fraction(-1, 8), exact(["-1/8", "1/3", 0]), remark)
