"""Labels get the cheapest of their places, though few places and few items are looked at."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from generator.drawing.boxes import Box
from generator.drawing.collisions import Obstacles, box_of, label_size, lies_on
from generator.drawing.placing import Wanted, along, placed, rounded
from generator.model.figure import Circle, Item, Label, Mark, Path, Point, Rectangle


def some_point(rng: random.Random) -> Point:
    return round(rng.uniform(0, 6), 2), round(rng.uniform(0, 6), 2)


def some_items(rng: random.Random) -> list[Item]:
    """Of every kind, in a square of 6 cm."""
    items: list[Item] = []
    for _ in range(rng.randint(2, 7)):
        at = some_point(rng)
        kinds: list[Item] = [
            Path((at, some_point(rng))),
            Path((at, some_point(rng), some_point(rng)), closed=rng.random() < 0.5),
            Path((at, (at[0], 5.0))),
            Mark(at, "dot"),
            Circle(at, rng.uniform(0.2, 1.5)),
            Rectangle(at, rng.uniform(0.3, 2), rng.uniform(0.3, 2)),
            Label(at, "x_1", "above", small=True),
        ]
        items.append(rng.choice(kinds))
    return items


@pytest.mark.parametrize("seed", range(40))
def test_obstacles_are_the_items_that_a_box_lies_on(seed: int) -> None:
    rng = random.Random(seed)
    items = some_items(rng)
    obstacles = Obstacles(items)
    for _ in range(60):  # now close to the box before, now far away
        at = some_point(rng)
        for _ in range(3):
            box = Box.around(at, rng.uniform(0.1, 0.8), rng.uniform(0.1, 0.5))
            assert list(obstacles.met(box)) == [item for item in items if lies_on(box, item)]
            at = at[0] + rng.uniform(-0.3, 0.3), at[1] + rng.uniform(-0.3, 0.3)


def cost(at: Point, number: int, text: str, items: list[Item], others: list[Label]) -> float:
    """What the place of a centred label costs, by the rules of `placed`."""
    bare = Box.around(at, *label_size(text, True))
    near = [item for item in items if lies_on(bare.grown(0.07), item)]
    close = [item for item in near if lies_on(bare.grown(0.02), item)]
    met = [each for each in others if bare.grown(0.02).meets(box_of(each).grown(0.02))]
    return number + 25 * len(near) + 975 * len(close) + 1000 * len(met)


@pytest.mark.parametrize("seed", range(60))
def test_a_label_has_the_first_of_the_cheapest_of_all_its_places(seed: int) -> None:
    rng = random.Random(seed)
    items, text = some_items(rng), rng.choice(["w", "-0.25", r"\frac{1}{2}"])
    places = [some_point(rng) for _ in range(rng.randint(1, 40))]
    [found] = placed([Wanted(text, iter(places))], items)
    costs = [cost(at, number, text, items, []) for number, at in enumerate(places)]
    assert found == Label(places[costs.index(min(costs))], text, small=True)


@pytest.mark.parametrize("seed", range(60))
def test_a_label_keeps_off_one_that_has_nowhere_else_to_go(seed: int) -> None:
    rng = random.Random(seed)
    items, only = some_items(rng), some_point(rng)
    places = [only, *(some_point(rng) for _ in range(30))]
    first, second = placed([Wanted("w", iter([only])), Wanted("v", iter(places))], items)
    costs = [cost(at, number, "v", items, [first]) for number, at in enumerate(places)]
    assert first == Label(only, "w", small=True)
    assert second == Label(places[costs.index(min(costs))], "v", small=True)


def test_places_are_made_only_until_none_can_be_better() -> None:
    made = []

    def places() -> Iterator[Point]:
        for x in range(100):
            made.append(x)
            yield float(x), 0.0

    wall = Path(((-1.0, 0.0), (2.5, 0.0)))
    [found] = placed([Wanted("w", places())], [wall])
    assert found.at == (3.0, 0.0)
    assert len(made) < 6


def test_a_label_may_interrupt_its_own_line_alone() -> None:
    line, other = Path(((0.0, 0.0), (4.0, 0.0))), Path(((0.0, 0.0), (4.0, 0.0)), "thick")
    [found] = placed([along(line, "w", side=1, on_it_first=True)], [line])
    assert found.at[1] == 0
    [found] = placed([along(line, "w", side=1, on_it_first=True)], [line, other])
    assert found.at[1] > 0


def test_points_are_rounded_as_round_does() -> None:
    rng = random.Random(1)
    ties = [k / 2000 + rng.choice([0.0, 1e-15, -1e-15, 1e-9]) for k in range(-2000, 2000)]
    values = [*ties, *(rng.uniform(-20, 20) for _ in range(2000))]
    assert [str(rounded((each, 0.0))[0]) for each in values] == [
        str(round(each, 3) + 0.0) for each in values
    ]
