"""Step functions of one real variable, and the nets of step units that realise them, exactly.

A net is w0 + sum_i w_i g(b_i + v_i x) with g(z) = 1 for z >= 0 and 0 for z < 0; its units are rows
(w_i, b_i, v_i). With the threshold t = -b/v, a unit with v > 0 is 1 on [t, oo) and one with v < 0
is 1 on (-oo, t]; one with v = 0 is constant. So the first kind jumps onto the point t and the
second jumps off it, and a net can take any value at a break point.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from generator.model.values import Matrix, exact, plain, ratio, whole
from generator.sampling import Rng

Unit = Sequence[Any]  # (w, b, v)

POINT_VALUES = ("right", "ends", "any")


class Break(NamedTuple):
    """A break point: the level before it, the value at it, the level after it."""

    at: Fraction
    before: Fraction
    value: Fraction
    after: Fraction

    @property
    def onto(self) -> Fraction:
        """The jump onto the point: the weight of a unit g(x - at)."""
        return self.value - self.before

    @property
    def off(self) -> Fraction:
        """The jump off the point: minus the weight of a unit g(at - x)."""
        return self.after - self.value

    @property
    def isolated(self) -> bool:
        """Whether the value belongs to neither side."""
        return self.onto != 0 and self.off != 0


@dataclass(frozen=True)
class StepFunction:
    """A function with finitely many constant pieces: `levels[0]` before the first of the increasing
    `breaks`, `values[i]` at `breaks[i]`, `levels[i + 1]` after it.

    Nothing breaks without need (`levels[i] == values[i] == levels[i + 1]` raises ValueError), so
    two step functions are equal as records exactly if they are equal everywhere. Whole numbers may
    be `int`.
    """

    breaks: tuple[Fraction, ...]
    levels: tuple[Fraction, ...]
    values: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if not len(self.breaks) == len(self.values) == len(self.levels) - 1:
            raise ValueError("n break points need n values and n + 1 levels")
        if any(s >= t for s, t in pairwise(self.breaks)):
            raise ValueError("break points must increase")
        around = zip(self.levels, self.values, self.levels[1:], strict=False)
        if any(before == value == after for before, value, after in around):
            raise ValueError("a break point where nothing jumps")

    @cached_property
    def points(self) -> tuple[Break, ...]:
        """The break points with what surrounds them."""
        columns = (self.breaks, self.levels[:-1], self.values, self.levels[1:])
        return tuple(map(Break._make, zip(*columns, strict=True)))

    def at(self, x: Fraction) -> Fraction:
        """The value at x."""
        place = bisect_left(self.breaks, x)
        here = place < len(self.breaks) and self.breaks[place] == x
        return self.values[place] if here else self.levels[place]

    @property
    def right_continuous(self) -> bool:
        return all(point.off == 0 for point in self.points)

    def moved(self, values: Sequence[Fraction]) -> StepFunction:
        """The same levels with other values at the break points."""
        return assembled(
            self.levels[0],
            {
                point.at: (value - point.before, point.after - value)
                for point, value in zip(self.points, values, strict=True)
            },
        )


def assembled(first: Fraction, jumps: dict[Fraction, tuple[Fraction, Fraction]]) -> StepFunction:
    """The step function that starts at the level `first` and jumps onto and off each point."""
    breaks, levels, values = [], [first], []
    for at, (onto, off) in sorted(jumps.items()):
        if onto or off:
            breaks.append(at)
            values.append(levels[-1] + onto)
            levels.append(values[-1] + off)
    return StepFunction(tuple(breaks), tuple(levels), tuple(values))


def realised(w0: Fraction, units: Matrix) -> StepFunction:
    """What a net computes on the whole real line; `units` (n, 3) has rows (w, b, v)."""
    first, jumps = whole(w0), dict[Fraction, tuple[Any, Any]]()
    for w, b, v in plain(units).tolist():
        if v == 0:
            first += w if b >= 0 else 0
            continue
        at = ratio(-b.numerator * v.denominator, b.denominator * v.numerator)
        onto, off = jumps.get(at, (0, 0))
        if v > 0:
            jumps[at] = onto + w, off
        else:
            first += w
            jumps[at] = onto, off - w
    return assembled(first, jumps)


def net_of(function: StepFunction) -> tuple[Fraction, Matrix]:
    """The smallest net that is `function` everywhere: (w0, units).

    At each break point a unit g(x - t) weighted by the jump onto it, and a unit g(t - x) weighted
    by minus the jump off it. The latter are 1 far to the left, so w0 takes their weights back.
    """
    w0, rows = function.levels[0], []
    for point in function.points:
        if onto := point.onto:
            rows.append((onto, -point.at, 1))
        if off := point.off:
            rows.append((-off, point.at, -1))
            w0 += off
    return w0, unit_rows(rows)


def unit_rows(rows: Sequence[Sequence[Fraction | int]]) -> Matrix:
    """Units as an exact (n, 3) array, also where n is 0."""
    return exact(rows).reshape(-1, 3)


def output(w0: Fraction, units: Iterable[Unit], x: Fraction) -> Fraction:
    """The net's output at x, straight from its definition; lists of `plain` numbers are fast."""
    place = whole(x)
    value: Fraction = sum((w for w, b, v in units if b + v * place >= 0), whole(w0))
    return value


def differences(
    first: StepFunction, second: StepFunction
) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    """Places x with the two functions' values there, wherever they differ; simplest x first.

    The break points of both, a point between any two neighbours and one beyond each end decide
    equality on the whole line.
    """
    if first == second:
        return
    breaks = sorted({*first.breaks, *second.breaks})
    ends = [breaks[0] - 1, breaks[-1] + 1]
    between = [_simple_between(s, t) for s, t in pairwise(breaks)]
    for x in sorted([*breaks, *ends, *between], key=lambda x: (x.denominator, abs(x), -x)):
        if first.at(x) != second.at(x):
            yield x, first.at(x), second.at(x)


def drawn_target(rng: Rng, breaks: int, point_values: str) -> StepFunction:
    """Whole breaks from -6 to 6 and whole levels from -4 to 4. At the breaks the function continues
    from the right ("right"), belongs to either side and not always to the right one ("ends"), or
    to neither at one break or more ("any")."""
    places = sorted(rng.sample(range(-6, 7), breaks))
    chosen = rng.below(breaks)  # the break that shows what `point_values` allows
    levels, values = [rng.integer(-4, 4)], []
    for number in range(breaks):
        before = levels[-1]
        side = rng.choice(("left", "right", "neither"))
        if point_values == "right":
            side = "right"
        elif point_values == "ends":
            side = "left" if number == chosen or side == "left" else "right"
        elif number == chosen:
            side = "neither"
        # Only where the point stands apart may both sides be on the same level.
        alike = side == "neither" and rng.chance(1, 3)
        after = before if alike else rng.integer(-4, 4, but=(before,))
        apart = rng.integer(-4, 4, but=(before, after))
        values.append({"left": before, "right": after, "neither": apart}[side])
        levels.append(after)
    return StepFunction(*(tuple(map(Fraction, each)) for each in (places, levels, values)))


def drawn_units(rng: Rng, rising: bool) -> Matrix:
    """Three units with whole thresholds; unless all rise, some rise and some fall."""
    down = 0 if rising else rng.integer(1, 2)
    signs = rng.shuffled([-1] * down + [1] * (3 - down))
    slopes = [sign * rng.integer(1, 3) for sign in signs]
    thresholds = rng.sample(range(-5, 6), 3)
    return exact([(rng.nonzero(4), -v * t, v) for v, t in zip(slopes, thresholds, strict=True)])


def _simple_between(low: Fraction, high: Fraction) -> Fraction:
    """A whole number strictly between where there is one, else the midpoint."""
    floor: Any = (low + high) // 2
    found = next((n for n in (floor, floor + 1) if low < n < high), None)
    return Fraction(low + high, 2) if found is None else found
