"""The independent routes of `verify()`, by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from generator.exercises.proving import close


@pytest.mark.parametrize("apart", [0.0, 1e-9, 9e-6, 2e-5, 1.0])
def test_close_is_as_near_as_numpy_has_it(apart: float) -> None:
    expected = np.array([1.0, -2.0, 0.0])
    found = expected * (1 + apart)
    assert close(found, expected) == np.allclose(found, expected)
    assert close(found, expected, rtol=0, atol=1e-9) == (apart < 1e-9)


@pytest.mark.parametrize("found", [[1.0, np.nan], [1.0, np.inf], [1.0], [[1.0, 2.0]]])
def test_other_shapes_and_what_is_not_finite_are_not_close(found: list[float]) -> None:
    assert not close(np.array(found), np.array([1.0, 2.0]))
