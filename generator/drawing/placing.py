"""Places for labels: of the candidates of each, the one that is written over nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count, pairwise
from math import dist, hypot

from generator.drawing.collisions import Box, box_of, label_box, label_size, lies_under, meets
from generator.model.figure import Item, Label, Path, Point


@dataclass(frozen=True)
class Wanted:
    """Places for one label, the best first, which are looked at once and only as far as needed.

    Some may be on the `line` that it belongs to.
    """

    places: Iterable[Label]
    line: Path | None = None


_COLLISION = 1000.0
_CROWDED = 25.0  # something is near enough to be taken for what the label belongs to
_CLEAR, _ROOMY = 0.02, 0.07  # margins, in centimetres
_SWEEPS = 4
_SHARES = (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.22, 0.78, 0.16, 0.84)  # of a line
_SHARES_ON_IT = (0.27, 0.24, 0.3, 0.21, 0.33, 0.18, 0.36, 0.7, 0.73, 0.76, 0.79)


def placed(wanted: Sequence[Wanted], fixed: Sequence[Item]) -> list[Label]:
    """One candidate of each, so that they keep off each other and off what is `fixed`.

    First come, first served, and then everyone may move to a better place until nobody does.
    """
    near = [(item, *box_of(item).grown(0.001)) for item in fixed if not lies_under(item)]
    groups = [_Candidates(each, near) for each in wanted]
    chosen: dict[int, int] = {}
    for _ in range(_SWEEPS):
        before = dict(chosen)
        for i, group in enumerate(groups):
            others = [groups[k].measured[at].box for k, at in chosen.items() if k != i]
            chosen[i] = group.best(others)
        if chosen == before:
            break
    return [group.measured[chosen[i]].label for i, group in enumerate(groups)]


@dataclass(frozen=True)
class _Candidate:
    """A place, the box that must be clear, and its cost before the other labels are looked at."""

    label: Label
    box: Box
    cost: float


_Near = Sequence[tuple[Item, float, float, float, float]]  # with the sides of their boxes


class _Candidates:
    """The places of one label, made and measured when they are first looked at: most never are."""

    def __init__(self, wanted: Wanted, near: _Near) -> None:
        self.measured: list[_Candidate] = []
        self._places = iter(wanted.places)
        self._line = wanted.line
        self._near = near

    def best(self, others: Sequence[Box]) -> int:
        """The first of the cheapest places, given the boxes of the other labels."""
        best, least = 0, float("inf")
        for place in count():
            # The cost of a place is its number at least.
            if least <= place or not self._has(place):
                break
            cost, box = self.measured[place].cost, self.measured[place].box
            if cost < least:
                cost += _COLLISION * sum(map(box.meets, others))
            if cost < least:
                best, least = place, cost
        return best

    def _has(self, place: int) -> bool:
        """Whether there is such a place; then it is measured."""
        if place < len(self.measured):
            return True
        label = next(self._places, None)
        if label is None:
            return False
        box = label_box(label)
        tight = box.grown(_CLEAR)
        cost = place + self._disturbance(label, tight, box.grown(_ROOMY))
        self.measured.append(_Candidate(label, tight, cost))
        return True

    def _disturbance(self, label: Label, tight: Box, wide: Box) -> float:
        left, bottom, right, top = wide
        cost = 0.0
        for item, its_left, its_bottom, its_right, its_top in self._near:
            if left < its_right and its_left < right and bottom < its_top and its_bottom < top:
                centre = label.at if item is self._line else None
                if meets(wide, centre, item):
                    cost += _COLLISION if meets(tight, centre, item) else _CROWDED
        return cost


def beside(
    at: Point, way: Point, reach: float, text: str, *, small: bool = True, framed: bool = False
) -> Label:
    """A label whose background ends `reach` centimetres from `at`, in the direction `way`."""
    width, height = label_size(text, small, framed)
    length = hypot(*way)
    dx, dy = way[0] / length, way[1] / length
    away = reach + abs(dx) * width / 2 + abs(dy) * height / 2
    return Label(_rounded((at[0] + dx * away, at[1] + dy * away)), text, small=small, framed=framed)


def along(
    line: Path, text: str, *, side: int, framed: bool = False, on_it_first: bool = False
) -> Wanted:
    """Places for the label of a line: on its `side` (1 above or left, -1 below or right), then on
    the other side, then on the line itself."""

    def beside_it() -> Iterator[Label]:
        for turn in (side, -side):
            for share in _SHARES:
                at, (nx, ny) = _spot(line.points, share)
                reach = _ROOMY * (abs(nx) + abs(ny)) + 0.005  # just not crowded by the line itself
                yield beside(at, (turn * nx, turn * ny), reach, text, framed=framed)

    def on_it() -> Iterator[Label]:
        for share in _SHARES_ON_IT if on_it_first else _SHARES:
            at, _ = _spot(line.points, share)
            yield Label(_rounded(at), text, small=True, framed=framed)

    ways = (on_it(), beside_it()) if on_it_first else (beside_it(), on_it())
    return Wanted(chain(*ways), line)


def _spot(points: Sequence[Point], share: float) -> tuple[Point, Point]:
    """The place at a share of a line's length, and the direction across: upwards, or left."""
    left = share * sum(dist(a, b) for a, b in pairwise(points))
    for a, b in pairwise(points):
        length = dist(a, b)
        if left <= length and length > 0:
            break
        left -= length
    t = left / length
    nx, ny = (a[1] - b[1]) / length, (b[0] - a[0]) / length
    if ny < -1e-9 or (abs(ny) <= 1e-9 and nx > 0):
        nx, ny = -nx, -ny
    return (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])), (nx, ny)


def _rounded(at: Point) -> Point:
    return round(at[0], 3) + 0.0, round(at[1], 3) + 0.0
