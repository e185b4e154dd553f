from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from operator import mul

import pytest

from generator.drawing.collisions import collisions
from generator.drawing.plots import Band, Curve, Function, Polyline, Spot, Steps, plot
from generator.model.figure import Figure, Label, Mark, Path, Point

THICK = ("thick", "thick dashed", "thick dotted")


def curves_of(figure: Figure) -> list[Path]:
    return [item for item in figure.items if isinstance(item, Path) and item.stroke in THICK]


def unit_plot(*curves: Curve, **more) -> Figure:
    """A window of -2 to 2 both ways, one centimetre a unit."""
    options = {"x": (-2, 2), "y": (-2, 2), "width": 4, "height": 4, "alt": "curves", **more}
    return plot(curves, **options)


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


@pytest.mark.parametrize("of", [math.sin, math.tanh, math.exp, sigmoid, abs, lambda x: x**3])
def test_a_curve_is_near_the_function_with_few_points(of) -> None:
    pieces = curves_of(unit_plot(Function(of)))
    assert sum(len(piece.points) for piece in pieces) < 120
    for piece in pieces:
        for (a, b), (c, d) in zip(piece.points, piece.points[1:], strict=False):
            for t in (0.0, 0.25, 0.5, 0.75):
                u, v = a + t * (c - a), b + t * (d - b)
                assert abs(of(u - 2) + 2 - v) < 0.015 * (1 + abs(d - b) / (c - a))


def test_a_line_needs_two_points() -> None:
    (line,) = curves_of(unit_plot(Function(lambda x: x / 2)))
    assert line.points == ((0, 1), (4, 3))


def test_a_kink_stays_sharp() -> None:
    (line,) = curves_of(unit_plot(Function(lambda x: max(0.0, x))))
    assert (2, 2) in line.points


def test_what_leaves_the_window_is_cut_off() -> None:
    (line,) = curves_of(unit_plot(Polyline([(-2, -6), (2, 6)])))
    start, end = line.points
    assert start == pytest.approx((4 / 3, 0), abs=1e-3)
    assert end == pytest.approx((8 / 3, 4), abs=1e-3)


def test_a_pole_parts_a_curve() -> None:
    pieces = curves_of(unit_plot(Function(lambda x: 1 / x)))
    assert len(pieces) == 2
    assert max(p[0] for p in pieces[0].points) < 2 < min(p[0] for p in pieces[1].points)


def test_no_value_no_curve() -> None:
    (line,) = curves_of(unit_plot(Function(math.log)))
    assert all(point[0] > 2 for point in line.points)
    (part,) = curves_of(unit_plot(Function(math.sin, start=-1, end=1)))
    assert (part.points[0][0], part.points[-1][0]) == (1, 3)


def test_steps_have_dots_and_rings() -> None:
    figure = unit_plot(Steps([0, 1], [0, 1, Fraction(1, 2)], values=[1, -1]))
    marks = {item.at: item.shape for item in figure.items if isinstance(item, Mark)}
    assert marks == {(2, 2): "ring", (2, 3): "dot", (3, 3): "ring", (3, 2.5): "ring", (3, 1): "dot"}
    levels = [line.points for line in curves_of(figure)]
    assert levels == [((0, 2), (2, 2)), ((2, 3), (3, 3)), ((3, 2.5), (4, 2.5))]


def test_ticks_are_round_or_as_given() -> None:
    def numbers(side: str, **more) -> list[str]:
        labels = [item for item in unit_plot(**more).items if isinstance(item, Label)]
        return [label.text for label in labels if label.side == side]

    assert numbers("below") == ["-2", "-1", "0", "1", "2"]
    assert numbers("below", x=(0, 1)) == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    assert numbers("below", x=(-1000, 1000)) == ["-1000", "0", "1000"]
    assert numbers("left", yticks=[Fraction(1, 3), 0.25]) == [r"\frac{1}{3}", "0.25"]
    assert numbers("below", xticks={math.pi / 2: r"\frac{\pi}{2}"}) == [r"\frac{\pi}{2}"]


def test_bands_asymptotes_and_points() -> None:
    figure = unit_plot(
        Function(math.sin, label=r"\sin x"),
        bands=[Band(math.sin, 0.25)],
        asymptotes=[1, -1],
        points=[Spot((0, 0), "O"), Spot((1, 1), open=True)],
    )
    band = next(item for item in figure.items if isinstance(item, Path) and item.fill == "light")
    heights = {round(v - 2 - math.sin(u - 2), 2) for u, v in band.points}
    assert heights == {0.25, -0.25}
    dashed = [item for item in figure.items if isinstance(item, Path) and item.stroke == "dashed"]
    assert [line.points for line in dashed] == [((0, 3), (4, 3)), ((0, 1), (4, 1))]
    assert [item.shape for item in figure.items if isinstance(item, Mark)] == ["dot", "ring"]
    assert collisions(figure) == []


@pytest.mark.parametrize(
    "curves",
    [
        [Function(math.tanh, r"\tanh"), Function(sigmoid, r"\sigma", "thick dashed")],
        [Function(math.sin, r"\sin"), Function(math.cos, r"\cos"), Function(math.exp, r"\exp")],
        [Function(partial(mul, k / 4), f"{k}x/4") for k in range(-4, 5)],
        [Polyline([(-2, 1), (2, 1)], "f"), Polyline([(-2, 1), (2, 1)], "g")],
        [Steps([0], [0, 1], [1], "H"), Function(lambda x: max(x, 0.0), "r")],
    ],
)
def test_labels_of_curves_keep_off_everything(curves: list[Curve]) -> None:
    figure = plot(curves, x=(-2, 2), y=(-2, 2), alt="curves")
    labels = {item.text for item in figure.items if isinstance(item, Label)}
    assert {curve.label for curve in curves} <= labels
    assert collisions(figure) == []


@pytest.mark.parametrize(("x", "y"), [((0, 0), (0, 1)), ((0, 1), (2, 1))])
def test_a_window_has_an_extent(x: Point, y: Point) -> None:
    with pytest.raises(ValueError, match="no plot"):
        plot([], x=x, y=y, alt="nothing")


def test_steps_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="steps need"):
        unit_plot(Steps([0], [1], [1]))
