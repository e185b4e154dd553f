from __future__ import annotations

import pytest

from generator.drawing.boxes import Box
from generator.drawing.collisions import bounds, collisions
from generator.model.figure import Circle, Figure, Item, Label, Mark, Path, Rectangle


@pytest.mark.parametrize(
    ("items", "trouble"),
    [
        ([Label((0, 0), "x"), Label((0.1, 0), "y")], "label x meets label y"),
        ([Label((0, 0), "x"), Path(((-1, 0.1), (1, 0.1)))], "label x meets line (-1, 0.1)"),
        ([Label((0.4, 0), "x"), Circle((0, 0), 0.4)], "label x meets circle at (0, 0)"),
        ([Label((0.5, 0), "x"), Rectangle((0, 0), 1, 1)], "label x meets rectangle at (0, 0)"),
        ([Label((0, 0), "x"), Mark((0.1, 0), "dot")], "label x meets mark"),
        ([Circle((0, 0)), Path(((-1, 0), (1, 0)))], "line (-1, 0) to (1, 0) passes through circle"),
        ([Rectangle((0, 0), 1, 1), Path(((-1, 0), (1, 0)))], "passes through rectangle at (0, 0)"),
        ([Circle((0, 0), 0.4), Circle((0.5, 0), 0.4)], "circle at (0.5, 0) overlaps circle"),
        ([Circle((0, 0), 0.4), Rectangle((0.5, 0), 0.6, 0.6)], "rectangle at (0.5, 0) overlaps"),
        ([Rectangle((0, 0), 1, 1), Rectangle((0.9, 0), 1, 1)], "overlaps rectangle at (0, 0)"),
        ([Path(((0, 0), (16, 0)))], "16.0 cm wide"),
    ],
)
def test_what_collides(items: list[Item], trouble: str) -> None:
    (found,) = collisions(Figure(tuple(items), "trouble"))
    assert trouble in found


@pytest.mark.parametrize(
    "items",
    [
        [],
        [Circle((0, 0), 0.4), Label((0, 0), "x_1")],  # a name inside its node
        [Path(((-1, 0), (1, 0))), Label((0, 0), "w")],  # a label that interrupts its line
        [Path(((-1, 0), (1, 0))), Label((0, 0), "w", side="above")],
        [Path(((-1, 0), (1, 0)), "grid"), Label((0, 0.05), "w")],
        [Path(((-1, -1), (1, -1), (1, 1)), "none", True, True, "light"), Label((0, 0), "w")],
        [Circle((0, 0), 0.4), Path(((0.4, 0), (2, 0)), arrow=True)],  # from the rim
        [Rectangle((0, 0), 1, 1), Rectangle((1, 0), 1, 1)],  # side by side
    ],
)
def test_what_does_not(items: list[Item]) -> None:
    assert collisions(Figure(tuple(items), "fine")) == []


def test_a_segment_crosses_a_box_or_not() -> None:
    box = Box(0, 0, 2, 1)
    assert box.crosses((-1, 0.5), (3, 0.5))
    assert box.crosses((0.5, 0.5), (0.6, 0.6))
    assert box.crosses((-0.5, 0.5), (0.5, 1.4))
    assert not box.crosses((-1, 0.5), (-0.1, 0.5))
    assert not box.crosses((-1, 1.5), (3, 1.2))
    assert not box.crosses((-1, 0.2), (0.5, -1))


def test_bounds_hold_everything() -> None:
    figure = Figure((Circle((0, 0), 1), Mark((3, 0), "dot", 0.2), Path(((0, -2), (1, 1)))), "all")
    assert bounds(figure) == pytest.approx((-1, -2, 3.1, 1))
