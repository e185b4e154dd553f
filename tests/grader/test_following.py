"""Which values carry marks on to later parts."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Formula,
    Group,
    Number,
    Order,
    Shape,
    Tolerance,
    Witness,
)
from generator.model.values import exact
from grader.following import usable

SQUARE = Array(exact([[1, 2], [3, 4]]))
PAIR = Group.of(a=Number(2), b=Array(exact([1, 2])))
LETTERS = Formula("x", {"x": "real"})
WEIGHTS = Witness({"w": exact([1, 2]), "b": exact(1)}, {"w": (2,), "b": ()})


@pytest.mark.parametrize(
    ("truth", "value", "follows"),
    [
        (Number(3), Fraction(5), True),
        (Number(3), 5.5, True),
        (Number(3), Fraction(0), False),
        (Number(3), None, False),
        (Number(3), 1e-9, False),
        (Number(3, Tolerance(Fraction(0), Fraction(1, 100))), 1e-9, True),
        (SQUARE, exact([[1, 2], [3, 5]]), True),
        (SQUARE, np.array([[0.5, 2], [3, 5]]), True),
        (SQUARE, exact([[0, 0], [0, 0]]), False),
        (SQUARE, exact([[1, 1], [1, 1]]), False),
        (SQUARE, exact([[1, 0], [0, 1]]), False),
        (SQUARE, exact([[2, 0], [0, 2]]), True),
        (SQUARE, exact([["1e-9", "2e-9"], [0, 0]]), False),
        (SQUARE, exact([["0.9999", 1], [1, 1]]), False),
        (SQUARE, np.array([[1.0, 1e-5], [0.0, 1.0]]), False),
        (SQUARE, exact([1, 2, 3, 4]), False),
        (SQUARE, exact([[1, 2, 3], [4, 5, 6]]), False),
        (PAIR, {"a": Fraction(3), "b": exact([1, 5])}, True),
        (PAIR, {"a": Fraction(3)}, False),
        (PAIR, {"a": Fraction(3), "b": exact([0, 0])}, False),
        (WEIGHTS, {"w": exact([0, 0]), "b": exact(3)}, True),
        (WEIGHTS, {"w": exact([0, 0]), "b": exact(0)}, False),
        (Choice(frozenset("a"), ("a", "b")), frozenset("b"), False),
        (Order(("a", "b"), ("a", "b")), ("b", "a"), False),
        (Shape((3, 4)), (4, 3), False),
        (LETTERS, "x + 1", True),
        (LETTERS, "0", False),
        (LETTERS, "x - x", False),
        (LETTERS, "x/x", False),
    ],
)
def test_usable(truth: Answer, value: Any, follows: bool) -> None:
    assert usable(truth, value) is follows
