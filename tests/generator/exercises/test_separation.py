"""Separability of points in the plane, against a search over many directions."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from generator.exercises.separation import common_mean, separating_direction
from generator.model.values import exact
from generator.sampling import Rng, seed

CASES = [
    ("two points", [[0, 0]], [[1, 0]], True),
    ("the same point", [[1, 2]], [[1, 2]], False),
    ("xor", [[1, 1], [-1, -1]], [[1, -1], [-1, 1]], False),
    ("and", [[1, 1]], [[-1, 1], [1, -1], [-1, -1]], True),
    ("alternating on a line", [[0, 0], [2, 2]], [[1, 1]], False),
    ("one after the other on a line", [[0, 0], [1, 1]], [[2, 2], [3, 3]], True),
    ("touching segments", [[0, 0], [2, 0]], [[1, 0], [1, 1]], False),
    ("a point in a triangle", [[0, 0], [3, 0], [0, 3]], [[1, 1]], False),
    ("a point beside a triangle", [[0, 0], [3, 0], [0, 3]], [[2, 2]], True),
    ("a point on its edge", [[0, 0], [3, 0], [0, 3]], [[2, 1]], False),
    ("fractions", [["1/2", "1/3"], ["-1/2", "-1/3"]], [[0, 0]], False),
]


@pytest.mark.parametrize(
    ("positive", "negative", "apart"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_known_cases(positive: Any, negative: Any, apart: bool) -> None:
    assert (common_mean(exact(positive), exact(negative)) is None) == apart
    assert (separating_direction(exact(positive), exact(negative)) is not None) == apart


def test_the_weights_of_a_triangle() -> None:
    corners, inside = exact([[0, 0], [4, 0], [0, 4]]), exact([[1, 2]])
    found = common_mean(corners, inside)
    assert found is not None
    assert found[0].tolist() == [Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)]
    assert found[1].tolist() == [1]


def test_more_dimensions() -> None:
    """2 x 2 pixels: the two columns against the two rows have the same mean, so no hyperplane."""
    columns, rows = exact([[1, 0, 1, 0], [0, 1, 0, 1]]), exact([[1, 1, 0, 0], [0, 0, 1, 1]])
    found = common_mean(columns, rows)
    assert found is not None
    assert (found[0] @ columns == found[1] @ rows).all()
    assert common_mean(columns, rows[:1]) is None


def test_random_sets_against_a_search_over_directions() -> None:
    """With coordinates up to 2, arcs of separating directions are far wider than a step."""
    angles = np.linspace(0, 2 * math.pi, 2000, endpoint=False) + 1e-3
    directions = np.stack([np.cos(angles), np.sin(angles)])
    rng, outcomes = Rng(seed(b"separation", 1)), []
    for _ in range(300):
        positive = rng.matrix(rng.integer(1, 4), 2, -2, 2)
        negative = rng.matrix(rng.integer(1, 4), 2, -2, 2)
        gaps = (positive.astype(float) @ directions).min(0) - (
            negative.astype(float) @ directions
        ).max(0)
        apart = bool((gaps > 1e-9).any())
        outcomes.append(apart)
        weights, direction = (
            common_mean(positive, negative),
            separating_direction(positive, negative),
        )
        assert (weights is None) == (direction is not None) == apart
        if weights is not None:
            assert min(min(each) for each in weights) >= 0
            assert [sum(each) for each in weights] == [1, 1]
            assert (weights[0] @ positive == weights[1] @ negative).all()
    assert 50 < sum(outcomes) < 250
