"""Drawing the values of names at points: from a keyed stream, kind of point by kind of point.

What is drawn for a name of real numbers takes the same number of words of the stream whatever they
are, so that all points of one kind are drawn at once; where that is not so (a number of the domain
is drawn again until it fits), they are drawn one by one. Both read the stream in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.notation.formulas.scope import Known, Size
from generator.sampling import Rng, words

Values = dict[str, NDArray[np.float64]]  # (P, rows, columns), (P, length, rows, columns) if indexed

GRID = (-2.0, 0.5, 2.0, 3.0)  # where roots and powers of both signs are real, and differ
_PARTS = 64  # probabilities are so many-th parts
_PLAIN = ("real", "nonzero", "positive")  # domains whose numbers are drawn once
_WORDS = 2**64  # the stream's words are below it
_RARE = 2**10  # words so near to it may be drawn again, to be fair


@dataclass(frozen=True, eq=False)
class Draw:
    """A kind of numbers: from whole numbers below `bounds`, and from the turn and the place of an
    entry, its value, which is never 0. All may be numbers or arrays."""

    bounds: tuple[int, ...]
    value: Callable[..., Any]

    def one(self, rng: Rng, turn: int, entry: int) -> float:
        return float(self.value(turn, entry, *map(rng.below, self.bounds)))


def _sign(half: Any) -> Any:
    return 1 - 2 * half


SIMPLE = Draw((), lambda turn, entry: (entry + turn) % 7 + 1)
SIMPLE_SIGNED = Draw(
    (), lambda turn, entry: _sign((entry + turn) % 2) * ((2 * entry + turn) % 5 + 1)
)
WHOLE = Draw((9,), lambda turn, entry, n: n + 1)
WHOLE_SIGNED = Draw((18,), lambda turn, entry, n: n - 9 + (n >= 9))
UNIT = Draw((63,), lambda turn, entry, n: (n + 1) / 64)
UNIT_SIGNED = Draw((126,), lambda turn, entry, n: (n - 63 + (n >= 63)) / 64)
MODERATE = Draw((312,), lambda turn, entry, n: (n + 9) / 64)
MODERATE_SIGNED = Draw((2, 312), lambda turn, entry, half, n: _sign(half) * (n + 9) / 64)
NEGATIVE = Draw((312,), lambda turn, entry, n: -(n + 9) / 64)
LARGE = Draw((2, 281), lambda turn, entry, half, n: _sign(half) * (n + 80) / 8)
SMALL = Draw(
    (2, 63),
    lambda turn, entry, half, n: np.ldexp(_sign(half) * (n + 1.0), -12 - 6 * (turn % 3)),
)
MIXED = Draw(
    (2, 31, 15), lambda turn, entry, half, n, k: np.ldexp(_sign(half) * (n + 33.0), k - 12)
)
FAR = Draw((31, 15), lambda turn, entry, n, k: np.ldexp(n + 33.0, k - 8))
FAR_SIGNED = Draw(
    (2, 31, 15), lambda turn, entry, half, n, k: np.ldexp(_sign(half) * (n + 33.0), k - 8)
)
ROOTED = Draw((4,), lambda turn, entry, n: np.array(GRID)[n])


def drawn(
    names: tuple[Known, ...], sizes: Mapping[str, int], draws: Sequence[Draw], seed: bytes
) -> Values:
    """The values of the names at a point for each of `draws`, in their domains."""
    if not names:
        return {}
    found = layout(names, tuple(sizes.items()))
    values = found.at_once(draws, seed) if found.steady else None
    return values or found.one_by_one(draws, seed)


@dataclass(frozen=True)
class _Named:
    """A name: the place of its first member among all, and how many members of what shape."""

    known: Known
    place: int
    members: int
    rows: int
    columns: int
    number: float | None  # of a name that is a size: nothing is drawn

    @property
    def hot(self) -> bool:
        """Whether each column of it, or else each row, has one entry 1 and the others 0."""
        return self.known.domain == "onehot" and self.known.shape != ()

    @property
    def shape(self) -> tuple[int, ...]:
        inner = (self.rows, self.columns)
        return inner if self.known.length is None else (self.members, *inner)

    @property
    def length(self) -> int:
        """Of a vector that is one example."""
        return self.rows if self.columns == 1 else self.columns

    @property
    def examples(self) -> int:
        return self.members * self.rows * self.columns // self.length


@dataclass(frozen=True, eq=False)
class Plan:
    """What draws take of the stream: so many `words`; of these the `plain` ones for the numbers of
    plain entries, run of equal draws by run, which are below their `bounds`, and `ones` for the
    places of the 1s, draw by draw. `runs` are the draws with their turns and their numbers."""

    words: int
    plain: NDArray[np.int64]
    bounds: NDArray[np.uint64]
    ones: NDArray[np.int64]  # (draws, examples)
    runs: tuple[tuple[Draw, NDArray[np.int64], slice], ...]


@lru_cache(maxsize=512)
def layout(names: tuple[Known, ...], sizes: tuple[tuple[str, int], ...]) -> Layout:
    """What is drawn for names, where the size symbols are these numbers."""
    numbers = dict(sizes)

    def number(size: Size) -> int:
        return numbers[size] if isinstance(size, str) else size

    found = []
    for place, known in enumerate(names):
        rows, columns = map(number, known.shape or (1, 1))
        if known.name in numbers and not known.shape:
            found.append(_Named(known, place, 1, 1, 1, float(numbers[known.name])))
        else:
            members = 1 if known.length is None else number(known.length)
            found.append(_Named(known, place, members, rows, columns, None))
    return Layout(tuple(found))


@dataclass(frozen=True, eq=False)
class Layout:
    """What a scope's names take of the stream, in their order: each entry of a plain name the
    numbers of a draw, each example of a one-hot name the place of its 1."""

    names: tuple[_Named, ...]

    @cached_property
    def steady(self) -> bool:
        """Whether as many words are taken whatever they are."""
        return all(
            each.hot or each.number is not None or each.known.domain in _PLAIN
            for each in self.names
        )

    @cached_property
    def entries(self) -> NDArray[np.int64]:
        """The place by which a draw knows each plain entry."""
        places = [
            each.place + member + 3 * i
            for each in self._drawn
            if not each.hot
            for member in range(each.members)
            for i in range(each.rows * each.columns)
        ]
        return np.array(places, np.int64)

    @cached_property
    def before(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of each plain entry, how many examples are drawn before it; of each example, how many
        plain entries."""
        examples: list[int] = []
        entries: list[int] = []
        for each in self._drawn:
            if each.hot:
                examples += [len(entries)] * each.examples
            else:
                entries += [len(examples)] * (each.members * each.rows * each.columns)
        return np.array(entries, np.int64), np.array(examples, np.int64)

    @cached_property
    def lengths(self) -> NDArray[np.uint64]:
        """Of each example."""
        hot = [each for each in self._drawn if each.hot]
        return np.array([each.length for each in hot for _ in range(each.examples)], np.uint64)

    @property
    def _drawn(self) -> list[_Named]:
        return [each for each in self.names if each.number is None]

    def at_once(self, draws: Sequence[Draw], seed: bytes) -> Values | None:
        """The values at all points; None where a word of the stream has to be drawn again."""
        plan = planned(self, tuple(draws))
        stream = words(seed, plan.words)
        if stream.size and stream.max() >= _WORDS - _RARE:
            return None
        numbers = (stream[plan.plain] % plan.bounds).astype(np.int64)
        plain = np.empty((len(draws), len(self.entries)))
        for draw, turns, places in plan.runs:
            shape = (len(draw.bounds), len(turns), len(self.entries))
            plain[turns[0] : turns[-1] + 1] = draw.value(
                turns[:, None], self.entries, *numbers[places].reshape(shape)
            )
        ones = (stream[plan.ones] % self.lengths).astype(np.int64)
        return self._named(plain, ones)

    def _named(self, plain: NDArray[np.float64], ones: NDArray[np.int64]) -> Values:
        values: Values = {}
        entry = example = 0
        for each in self.names:
            if each.number is not None:
                value = np.full((len(plain), 1, 1), each.number)
            elif each.hot:
                places = ones[:, example : example + each.examples]
                value = (places[:, :, None] == np.arange(each.length)).astype(np.float64)
                example += each.examples
            else:
                count = each.members * each.rows * each.columns
                value = plain[:, entry : entry + count].copy()
                entry += count
                if each.known.domain == "positive":
                    value = np.abs(value)
            values[each.known.name] = value.reshape(len(plain), *each.shape)
        return values

    def one_by_one(self, draws: Sequence[Draw], seed: bytes) -> Values:
        """The same, of names in any domain."""
        rng = Rng(seed)
        columns: dict[str, list[list[float]]] = {each.known.name: [] for each in self.names}
        for turn, draw in enumerate(draws):
            for each in self.names:
                columns[each.known.name].append(_entries(each, draw, rng, turn))
        return {
            each.known.name: np.array(columns[each.known.name]).reshape(len(draws), *each.shape)
            for each in self.names
        }


@lru_cache(maxsize=128)  # about 0.1 MB each
def planned(layout: Layout, draws: tuple[Draw, ...]) -> Plan:
    """Where in the stream the numbers of draws are."""
    entries, examples = len(layout.entries), len(layout.lengths)
    before, after = layout.before
    plain, bounds, ones, runs = [], [], [], []
    start = turn = place = 0
    for draw, same in groupby(draws):
        count, each = len(list(same)), len(draw.bounds)
        turns = np.arange(turn, turn + count)
        taken = each * entries + examples
        starts = start + taken * np.arange(count)[:, None]
        first = starts + np.arange(entries) * each + before
        plain += [(first + i).ravel() for i in range(each)]
        bounds += [np.full(first.size, bound, np.uint64) for bound in draw.bounds]
        ones.append(starts + after * each + np.arange(examples))
        runs.append((draw, turns, slice(place, place + each * first.size)))
        start, turn, place = start + taken * count, turn + count, place + each * first.size
    return Plan(
        words=start,
        plain=np.concatenate([np.empty(0, np.int64), *plain]),
        bounds=np.concatenate([np.empty(0, np.uint64), *bounds]),
        ones=np.concatenate(ones),
        runs=tuple(runs),
    )


def _entries(named: _Named, draw: Draw, rng: Rng, turn: int) -> list[float]:
    """All entries of one value of a name, in its domain."""
    if named.number is not None:
        return [named.number]
    domain = named.known.domain
    if domain in ("onehot", "probabilities") and named.known.shape:
        choose = _onehot if domain == "onehot" else _probabilities
        return [n for _ in range(named.examples) for n in choose(named.length, rng)]
    return [
        _in_domain(domain, draw.one(rng, turn, named.place + member + 3 * i), rng)
        for member in range(named.members)
        for i in range(named.rows * named.columns)
    ]


def _in_domain(domain: str, value: float, rng: Rng) -> float:
    """A number of the domain that is like `value`, which is never 0."""
    size = abs(value)
    if domain == "positive":
        return size
    if domain in ("unit", "probabilities"):
        return size if size < 1 else rng.integer(1, 63) / 64
    if domain == "onehot":
        return float(rng.below(2))
    if domain == "integer":
        return value if value == int(value) else float(rng.nonzero(9))
    if domain == "natural":
        return size if size == int(size) else float(rng.integer(1, 9))
    return value


def _onehot(count: int, rng: Rng) -> list[float]:
    hot = rng.below(count)
    return [float(i == hot) for i in range(count)]


def _probabilities(count: int, rng: Rng) -> list[float]:
    cuts = sorted(rng.sample(range(1, _PARTS), count - 1)) if count > 1 else []
    ends = zip([0, *cuts], [*cuts, _PARTS], strict=True)
    return [(high - low) / _PARTS for low, high in ends]
