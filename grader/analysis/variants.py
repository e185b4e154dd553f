"""Was a variant unfair? Facilities of one slot by what was drawn, and whether chance explains them.

For each slot and each feature (which exercise, an option, a drawn word or number) the students fall
into groups. Whether their mean shares differ by more than chance makes differ is tested by
shuffling: students' shares are dealt to the groups anew 1,999 times, and p is how often the groups
then differ at least as much. Above 2,000 students the limit of that test is taken, the chi-square
distribution of (n - 1) times the share of the variation between groups (for ranks: W. H. Kruskal,
W. A. Wallis, Use of ranks in one-criterion variance analysis, JASA 47, 1952; any scores do).
Many features are tested at once, so the p are raised by S. Holm's method (A simple sequentially
rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

Shares = np.ndarray[Any, np.dtype[np.float64]]

_LEAST = 5  # students in a group that is compared
_MOST = 12  # groups
_SHUFFLED = 2000  # students
_DEALS = 1999
_BLOCK = 200
CHANCE = 0.05


@dataclass(frozen=True)
class Level:
    """One group: what was drawn for it, how many students, their mean share of the points."""

    name: str
    count: int
    facility: float


@dataclass(frozen=True)
class Variant:
    """One feature of one slot. `p` is already raised for the number of features compared; None
    where fewer than two groups have five students."""

    slot: str
    feature: str
    levels: tuple[Level, ...]
    p: float | None

    @property
    def spread(self) -> float:
        """How far the facilities of the compared groups lie apart."""
        found = [level.facility for level in self.levels if level.count >= _LEAST]
        return max(found) - min(found) if len(found) > 1 else 0.0

    @property
    def unfair(self) -> bool:
        return self.p is not None and self.p < CHANCE

    @property
    def hint(self) -> str:
        """What this says, and no more."""
        if self.p is None:
            return f"Not compared: fewer than two groups have {_LEAST} students."
        if not self.unfair:
            return "No more different than chance makes groups of this size."
        hardest = min(
            (each for each in self.levels if each.count >= _LEAST), key=lambda each: each.facility
        )
        return (
            f"More different than chance explains: look at {hardest.name!r}, or at who got it. "
            "Groups may differ for other reasons than the question."
        )


def compare(
    shares: Mapping[str, Shares], drawn: Mapping[tuple[str, str], tuple[tuple[str, ...], Any]]
) -> tuple[Variant, ...]:
    """Every feature that has from two to twelve levels.

    `shares` are by slot the students' shares of its points, (n,). `drawn` are by slot and feature
    the levels and the number of each student's, (n,), -1 where nothing was drawn.
    """
    found = []
    for (slot, feature), (levels, codes) in sorted(drawn.items(), key=lambda item: item[0]):
        if not 2 <= len(levels) <= _MOST:
            continue
        groups = {
            name: np.sort(shares[slot][codes == code])
            for name, code in sorted(
                zip(levels, range(len(levels)), strict=True), key=lambda level: _ordered(level[0])
            )
        }
        large = [group for group in groups.values() if len(group) >= _LEAST]
        shown = tuple(
            Level(name, len(group), float(group.mean()))
            for name, group in groups.items()
            if len(group)
        )
        found.append(Variant(slot, feature, shown, chance(large) if len(large) > 1 else None))
    return _raised(_distinct(found))


def chance(groups: list[Shares]) -> float:
    """How often groups of these sizes differ as much by chance alone."""
    scores = np.concatenate(groups)
    sizes = np.array([len(group) for group in groups])
    scores = scores - scores.mean()
    total = float(scores @ scores)
    if total < 1e-12:
        return 1.0
    observed = _between(np.array([[group.sum() for group in _split(scores, sizes)]]), sizes)[0]
    if len(scores) > _SHUFFLED:
        return _chi_square_tail((len(scores) - 1) * observed / total, len(groups) - 1)
    rng = np.random.Generator(np.random.PCG64(0))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    as_far = 0
    for done in range(0, _DEALS, _BLOCK):
        deals = np.tile(scores, (min(_BLOCK, _DEALS - done), 1))
        dealt = rng.permuted(deals, axis=1)
        between = _between(np.add.reduceat(dealt, starts, axis=1), sizes)
        as_far += int((between >= observed - 1e-9 * total).sum())
    return (as_far + 1) / (_DEALS + 1)


def _between(sums: np.ndarray[Any, Any], sizes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The variation between groups, of the sums of their scores (deals, groups)."""
    found: np.ndarray[Any, Any] = (sums**2 / sizes).sum(axis=1)
    return found


def _split(scores: np.ndarray[Any, Any], sizes: np.ndarray[Any, Any]) -> list[Any]:
    return np.split(scores, np.cumsum(sizes)[:-1])


def _chi_square_tail(value: float, freedom: int) -> float:
    """P(chi-square with `freedom` >= value), by the finite sums for even and odd degrees."""
    half = value / 2
    if freedom % 2 == 0:
        term = total = math.exp(-half)
        first = 1
    else:
        total = math.erfc(math.sqrt(half))
        term = math.sqrt(half) * math.exp(-half) / math.gamma(1.5)
        total += term if freedom > 1 else 0.0
        first = 2
    for place in range(first, (freedom + 1) // 2):
        term *= half / (place if freedom % 2 == 0 else place - 0.5)
        total += term
    return min(1.0, total)


def _ordered(level: str) -> tuple[Fraction, str]:
    """-2 before -1 before 10; words by themselves."""
    number = re.fullmatch(r"-?[0-9]+", level)
    return Fraction(level) if number else Fraction(0), level


def _distinct(found: list[Variant]) -> list[Variant]:
    """Without features that make the same groups as another of the slot: one question, one test."""
    kept: dict[tuple[str, tuple[tuple[int, float], ...]], Variant] = {}
    for each in found:
        groups = tuple(sorted((level.count, level.facility) for level in each.levels))
        kept.setdefault((each.slot, groups), each)
    return list(kept.values())


def _raised(found: list[Variant]) -> tuple[Variant, ...]:
    """With every p raised by Holm's method."""
    tested = sorted((each for each in found if each.p is not None), key=lambda each: each.p or 0)
    raised: dict[tuple[str, str], float] = {}
    least = 0.0
    for place, each in enumerate(tested):
        least = max(least, min(1.0, (len(tested) - place) * (each.p or 0)))
        raised[each.slot, each.feature] = least
    return tuple(
        Variant(each.slot, each.feature, each.levels, raised.get((each.slot, each.feature)))
        for each in found
    )
