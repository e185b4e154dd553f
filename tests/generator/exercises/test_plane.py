"""Drawings of classified points: nothing is written over anything else where there is room."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import dist

import pytest

from generator.exercises.plane import Place, drawing
from generator.model.figure import Figure, Label, Mark


def at(*places: tuple[int, int]) -> list[Place]:
    return [(Fraction(x), Fraction(y)) for x, y in places]


def drawn(places: list[Place], joined: bool = False) -> Figure:
    segments = [(places[0], places[1])] if joined else []
    return drawing(places, [1] * len(places), axes=("x_1", "x_2"), alt="points", segments=segments)


def sides(figure: Figure) -> list[str]:
    return [
        item.side for item in figure.items if isinstance(item, Label) and item.text.startswith("P_")
    ]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (at((2, 2), (5, 5)), ["right", "right"]),  # the usual side
        (at((0, 0), (3, 3)), ["above right", "right"]),  # beside both axes
        (at((0, 3), (3, 3)), ["right", "right"]),  # the axis runs upwards
        (at((3, 0), (3, 3)), ["above", "right"]),  # the axis runs to the right
    ],
)
def test_a_name_keeps_off_the_axes(places: list[Place], expected: list[str]) -> None:
    assert sides(drawn(places)) == expected


def test_a_name_keeps_off_segments_and_neighbours() -> None:
    assert sides(drawn(at((1, 2), (4, 2)), joined=True)) == ["above", "right"]
    assert sides(drawn(at((7, 9), (8, 9), (1, 1))))[0] != "right"


def test_points_in_one_place_share_a_mark_and_a_name() -> None:
    figure = drawn(at((1, 1), (1, 1), (3, 3)))
    names = [item.text for item in figure.items if isinstance(item, Label)]
    assert "P_1, P_2" in names
    assert sum(isinstance(item, Mark) and item.shape == "ring" for item in figure.items) == 2


@pytest.mark.parametrize("far", [1, 3, 6, 7, 10, 13, 20, 34, 80, 400])
def test_numbers_on_the_axes_do_not_collide(far: int) -> None:
    labels = [item for item in drawn(at((-far, 0), (0, far))).items if isinstance(item, Label)]
    for side in ("below", "left"):
        numbers = [item for item in labels if item.side == side and item.text.lstrip("-").isdigit()]
        assert len(numbers) >= 2
        assert all(dist(one.at, two.at) > 0.45 for one, two in combinations(numbers, 2))
