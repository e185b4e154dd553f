"""Patterns of black and white pixels in two classes, which a hyperplane separates or does not.

A pattern on a grid of `side` by `side` pixels is a vector of n = side² entries, row by row: 1 for a
black pixel, 0 for a white one. A class is an exact array (k, n), one pattern a row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from itertools import chain, combinations, product

import numpy as np

from generator.drawing.grids import Pattern, pixel_grid
from generator.exercises.separation import common_mean
from generator.model.exercise import Rejected
from generator.model.figure import Figure
from generator.model.values import Matrix, Vector, exact, plain
from generator.sampling import Rng

Pixels = tuple[int, ...]
Scores = np.ndarray[tuple[int, int], np.dtype[np.float32]]
SIDES = (2, 3)
_DRAWS = 60


def lines(side: int) -> tuple[list[Pixels], list[Pixels], list[Pixels]]:
    """The columns, the rows and the two diagonals of a grid, as patterns."""
    cells = list(product(range(side), repeat=2))
    columns = [tuple(int(c == j) for _, c in cells) for j in range(side)]
    rows = [tuple(int(r == i) for r, _ in cells) for i in range(side)]
    falling = tuple(int(r == c) for r, c in cells)
    rising = tuple(int(r + c == side - 1) for r, c in cells)
    return columns, rows, [falling, rising]


def parallel_classes(rng: Rng, side: int) -> tuple[Matrix, Matrix]:
    """All lines of one direction against all of another: no hyperplane separates them, because
    each direction covers every pixel once."""
    complete = [family for family in lines(side) if len(family) == side]
    first, second = rng.sample(complete, 2)
    return exact(rng.shuffled(first)), exact(rng.shuffled(second))


def split_lines(rng: Rng, side: int) -> tuple[Matrix, Matrix]:
    """Two classes of `side` lines each, of any directions, that a hyperplane separates."""
    pool = list(chain(*lines(side)))
    for _ in range(_DRAWS):
        drawn = rng.sample(pool, 2 * side)
        first, second = exact(drawn[:side]), exact(drawn[side:])
        if simplest_separator(first, second) is not None:
            return first, second
    raise Rejected("no split of the lines is separable")


def balanced_classes(rng: Rng, side: int, size: int, shared: int) -> tuple[Matrix, Matrix]:
    """Two classes of `size` patterns, of which `shared` each have the same sum: not separable."""
    first, second = balanced_patterns(rng, side, size, shared)
    return exact(first), exact(second)


def balanced_patterns(
    rng: Rng, side: int, size: int, shared: int
) -> tuple[list[Pixels], list[Pixels]]:
    """The same as plain patterns."""
    first, second = _balanced(rng, side, size, shared)
    return rng.shuffled(first), rng.shuffled(second)


def unbalanced_classes(rng: Rng, side: int, size: int, shared: int) -> tuple[Matrix, Matrix]:
    """Nearly `balanced_classes`: one of the patterns with the same sum is another one, so that a
    hyperplane with small weights separates the classes."""
    for _ in range(_DRAWS):
        first, second = _balanced(rng, side, size, shared)
        first[0] = _pattern(rng, side, but={*first, *second})
        classes = exact(rng.shuffled(first)), exact(rng.shuffled(second))
        if simplest_separator(*classes) is not None:
            return classes
    raise Rejected("no change of a pattern made the classes separable")


def _balanced(rng: Rng, side: int, size: int, shared: int) -> tuple[list[Pixels], list[Pixels]]:
    """The patterns with the same sum come first in each class."""
    for _ in range(_DRAWS):
        first = [_pattern(rng, side) for _ in range(shared)]
        # Every pixel keeps its values, but deals them out to the patterns anew.
        dealt = [rng.shuffled(column) for column in zip(*first, strict=True)]
        second = list(zip(*dealt, strict=True))
        if len({*first, *second}) < 2 * shared or not all(map(any, second)):
            continue
        while len(second) < size:
            for patterns in (first, second):
                patterns.append(_pattern(rng, side, but={*first, *second}))
        return first, second
    raise Rejected("no classes of different patterns with a common sum")


def _pattern(rng: Rng, side: int, but: Collection[Pixels] = ()) -> Pixels:
    """A pattern with one black pixel or more that is not one of `but`."""
    n = side * side
    while True:
        drawn = _decoded(n, rng.integer(1, 2**n - 1))
        if drawn not in but:
            return drawn


@cache
def _decoded(n: int, code: int) -> Pixels:
    """The binary digits of a number below 2^n, the last one first."""
    return tuple(code >> place & 1 for place in range(n))


@cache
def weight_table(n: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Small whole weights (t, n) of hyperplanes, simplest first.

    For 4 pixels, all with entries up to 3: these are enough for every threshold function of four
    variables (S. Muroga, Threshold Logic and Its Applications, 1971), so that the table decides.
    For more, those with up to four entries 1 or -1.
    """
    if n <= 4:
        rows = list(product(range(-3, 4), repeat=n))
    else:
        rows = [
            tuple(dict(zip(places, signs, strict=True)).get(i, 0) for i in range(n))
            for count in range(1, 5)
            for places in combinations(range(n), count)
            for signs in product((1, -1), repeat=count)
        ]
    rows.sort(key=lambda row: (sum(w * w for w in row), [-w for w in row]))
    return np.array(rows)


@cache
def _weights_in_columns(n: int) -> Scores:
    """`weight_table` turned, (n, t): so sums over patterns run along memory."""
    return np.ascontiguousarray(weight_table(n).T, dtype=np.float32)


def table_scores(patterns: Matrix) -> Scores:
    """w·x of every pattern (k, n) and every w of `weight_table`, (k, t). Small whole numbers, which
    single precision holds exactly."""
    scores: Scores = plain(patterns).astype(np.float32) @ _weights_in_columns(patterns.shape[1])
    return scores


def simplest_separator(first: Matrix, second: Matrix) -> tuple[Vector, Fraction] | None:
    """(w, b) with w·x + b > 0 on the first class and < 0 on the second, of `weight_table`'s
    simplest weights that do; b puts the zero midway between the classes."""
    highs, lows = table_scores(first).min(axis=0), table_scores(second).max(axis=0)
    apart = highs > lows
    place = apart.argmax()  # the first
    if not apart[place]:
        return None
    return exact(weight_table(first.shape[1])[place]), -Fraction(int(highs[place] + lows[place]), 2)


def contradictions(first: Matrix, second: Matrix) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """All smallest sets of patterns of 4 pixels that no hyperplane separates, as places (from 0)
    in the first and in the second class; leaving any one pattern out makes them separable."""
    return list(_contradictions(_pixels(first), _pixels(second)))


@lru_cache(maxsize=1024)
def _contradictions(
    first: tuple[Pixels, ...], second: tuple[Pixels, ...]
) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
    """The same, found once for a draw and for what is asked of it."""
    ups = _of_subsets(table_scores(np.array(first)), np.minimum)
    downs = _of_subsets(table_scores(np.array(second)), np.maximum)
    least, most = (np.stack(list(each.values())).astype(np.int8) for each in (ups, downs))
    apart = (least[:, None] > most).any(axis=2)
    together = [
        pair for pair, is_so in zip(product(ups, downs), apart.flat, strict=True) if not is_so
    ]
    found: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for up, down in sorted(together, key=lambda pair: len(pair[0]) + len(pair[1])):
        if not any(set(u) <= set(up) and set(d) <= set(down) for u, d in found):
            found.append((up, down))
    return tuple(found)


def _pixels(patterns: Matrix) -> tuple[Pixels, ...]:
    """The patterns as plain whole numbers."""
    return tuple(tuple(map(int, row)) for row in patterns.tolist())


def _of_subsets(
    scores: Scores, fold: Callable[[Scores, Scores], Scores]
) -> dict[tuple[int, ...], Scores]:
    """By the places of every subset of the rows, their minimum or maximum column by column; a
    subset's comes from that without its last row."""
    found: dict[tuple[int, ...], Scores] = {}
    for places in _subsets(len(scores)):
        last = scores[places[-1]]
        found[places] = fold(found[places[:-1]], last) if places[1:] else last
    return found


@cache
def _subsets(count: int) -> list[tuple[int, ...]]:
    """All subsets of range(count) but the empty one; count is a class's size."""
    return [places for size in range(1, count + 1) for places in combinations(range(count), size)]


def are_separable(first: Matrix, second: Matrix) -> bool:
    """Whether a hyperplane separates two finite sets of points strictly; decided exactly."""
    return common_mean(first, second) is None


def pictures(side: int, groups: Sequence[tuple[str, Matrix]], pixel: float = 0.45) -> Figure:
    """The numbered grid, then the patterns of each group, named by its letter: A_1, A_2, ..."""
    shown = [Pattern.numbered(side, side)]
    for letter, patterns in groups:
        shown += [
            Pattern(pattern.reshape(side, side).astype(int).tolist(), caption=f"{letter}_{place}")
            for place, pattern in enumerate(patterns, start=1)
        ]
    return pixel_grid(shown, pixel=pixel, gap=0.6)
