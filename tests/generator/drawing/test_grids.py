from __future__ import annotations

import pytest

from generator.drawing.collisions import bounds, collisions
from generator.drawing.grids import WIDTH, Pattern, pixel_grid
from generator.model.figure import Figure, Label, Rectangle


def pixels(figure: Figure) -> list[Rectangle]:
    return [item for item in figure.items if isinstance(item, Rectangle)]


def test_pixels_are_filled_where_the_pattern_is_true() -> None:
    figure = pixel_grid([Pattern([[1, 0], [0, 0]])], pixel=1)
    shades = {box.at: box.fill for box in pixels(figure)}
    assert shades == {(0.5, -0.5): "black", (1.5, -0.5): "none", (0.5, -1.5): "none",
                      (1.5, -1.5): "none"}  # fmt: skip


def test_pixels_are_numbered_in_reading_order() -> None:
    figure = pixel_grid([Pattern.numbered(2, 3)], pixel=1)
    labels = [item for item in figure.items if isinstance(item, Label)]
    assert [label.text for label in labels] == [f"x_{{{i}}}" for i in range(1, 7)]
    assert labels[0].at == (0.5, -0.5)
    assert labels[3].at == (0.5, -1.5)
    assert {box.fill for box in pixels(figure)} == {"none"}


def test_patterns_stand_in_rows_over_their_captions() -> None:
    captions = [rf"\text{{class {'I' * (i % 3 + 1)}}}" for i in range(20)]
    patterns = [Pattern([[1, 0, 1]] * 3, caption) for caption in captions]
    figure = pixel_grid([Pattern.numbered(3, 3), *patterns])
    assert collisions(figure) == []
    assert bounds(figure).right - bounds(figure).left <= WIDTH + 0.1
    below = [item for item in figure.items if isinstance(item, Label) and item.side == "below"]
    assert len(below) == 20
    assert len({caption.at[1] for caption in below}) > 1


def test_it_is_said_in_words() -> None:
    figure = pixel_grid([Pattern([[1, 0], [0, 1]], r"\text{class I}"), Pattern.numbered(1, 2)])
    assert figure.alt.endswith("from top to bottom: class I: #. / .#; x_1 x_2.")


@pytest.mark.parametrize("rows", [[], [[]], [[1], [1, 0]]])
def test_what_is_no_pattern(rows: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="rows of equal length"):
        pixel_grid([Pattern(rows)])
