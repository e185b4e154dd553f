"""Deciding whether two formulas are equal: floats at many points, exact numbers where they waver.

Equality is asked at points in general position where both formulas have real values: a single
point on a kink, where a mask is a convention, decides nothing. Floats that agree to twelve digits
everywhere are equal, unless a number in a formula is so large or small that floats can't show it.
Every disagreement is confirmed with exact or high-precision numbers before it counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.model.answers import Tolerance
from generator.notation.formulas.tree import Tree
from grader.comparing.gaps import LARGEST, as_flags, as_floats, margins_of, precise_gaps
from grader.comparing.points import Points, evaluated
from grader.comparing.quickly import FAR
from grader.comparing.regions import covered, on_a_kink
from grader.comparing.sequences import outside
from grader.comparing.truths import (
    Expression,
    Flags,
    Floats,
    Truth,
    comparable,
    precisely,
)

AGREE = 1e-12  # relative gap of floats that counts as none
_NOISE = 1e-14  # the same, relative to the largest entry beside it
_CLEAR = 1e-6  # relative gap that floats rarely show by rounding alone
_TINY = 1e-9  # gap that may be rounding
_FEWEST = 4  # common points that a decision needs
_CHECKS = 6  # points looked at exactly
_PLAIN = 12  # the first points, of small whole numbers
_REGION = 0.15  # share of the points that makes a region
_DIGITS = (40, 240, 290)  # of precise evaluations in turn: rounding shrinks by far
_LOST = 80  # digits that functions near their limits may lose
_MOST_DIGITS = (900, 1000)  # the same where numbers such as 10^300 are added and taken off


@dataclass(frozen=True, eq=False)
class Decision:
    """Whether a formula equals the truth; None where too little could be compared.

    `points` and `at` give the simplest place found where they differ, `places` the wrong entries.
    `missing` and `added` are points in a region where only the truth, or only the answer, has a
    real value. `nearly` says that the gap is tiny at every point. `reason` tells why the formula
    has no value anywhere.
    """

    equal: bool | None
    points: Points
    at: int | None = None
    given: Floats | None = None
    expected: Floats | None = None
    places: tuple[tuple[int, int], ...] = ()
    missing: int | None = None
    added: int | None = None
    nearly: bool = False
    reason: str = ""


def decide(truth: Truth, answer: Expression, tolerance: Tolerance | None = None) -> Decision:
    """Decide on an answer of the truth's shape."""
    first = truth.points
    with np.errstate(all="ignore"):
        decision = _decide(truth, answer, first, tolerance)
        if decision.equal and first.sizes and (truth.sized or answer.counts(first.sizes)):
            others = truth.places.others
            assert others is not None
            other = _decide(truth, answer, others, tolerance)
            if other.equal is False:
                return other
    return decision


def _decide(
    truth: Truth, answer: Expression, points: Points, tolerance: Tolerance | None
) -> Decision:
    main = points is truth.points
    if answer.indexed and not np.isfinite(answer.at(points)).any():
        reason = outside(answer.tree, truth.scope, points.sizes)
        if reason:
            return Decision(False, points, reason=reason)
    kinks = tuple(kink for kink in answer.kinks if kink not in truth.kinks)
    remarkable = main and answer.remarkable and not truth.right.edges_include(answer.edges)
    if kinks or remarkable:
        points = covered(points, kinks, truth.scope)
        if remarkable:
            points = truth.around(points, answer)
        case = _extended(truth, answer, points, kinks)
    else:
        expected, given = truth.right.at(points), answer.at(points)
        common = truth.comparable(points) & np.isfinite(given)
        case = _Case(truth, answer, points, expected, given, common)
    if case.common.all():
        return case.decided(tolerance)
    if main and not case.enough and not remarkable:
        case = _extended(truth, answer, truth.around(case.points, answer), kinks)
    if main and not case.enough:
        case = _extended(truth, answer, case.points.joined(truth.places.wide), kinks)
    decision = case.decided(tolerance) if case.common.any() else None
    if decision is not None and not decision.equal:
        return decision
    if decision is None or not case.enough:
        if truth.right.tree == answer.tree:
            return Decision(True, case.points)
        if decision is None or not case.scattered:
            precise = case.decided_precisely()
            if precise is not None:
                return precise
    missing = case.region(case.expected, case.given, answer.tree)
    added = case.region(case.given, case.expected, truth.right.tree)
    if decision is not None and case.enough:
        return replace(decision, missing=missing, added=added)
    if decision is None:
        added = None
        missing = case.nowhere if missing is None else missing
    wrong = missing is not None or added is not None
    return Decision(False if wrong else None, case.points, missing=missing, added=added)


def _extended(truth: Truth, answer: Expression, points: Points, kinks: tuple[Tree, ...]) -> _Case:
    """The case at more points than the truth's own, off more kinks."""
    expected, given = evaluated(truth.right.tree, points), answer.at(points)
    common = comparable(expected, points, (*truth.kinks, *kinks), truth.scope) & np.isfinite(given)
    return _Case(truth, answer, points, expected, given, common)


@dataclass(frozen=True, eq=False)
class _Case:
    truth: Truth
    answer: Expression
    points: Points
    expected: Floats
    given: Floats
    common: Flags

    @cached_property
    def enough(self) -> bool:
        """Whether there are points enough to call the formulas equal."""
        least = self.common.sum(axis=0).min()
        if least < _FEWEST and not self.names:
            return bool(least)
        return bool(least >= _FEWEST) and not self.scattered

    @cached_property
    def scattered(self) -> bool:
        """Whether both have values together at whole numbers only, as (-1)^x and cos(pi x) do,
        and one of them elsewhere too."""
        few = self.points.few
        if 2 * np.count_nonzero(self.common[few, 0, 0]) > len(few):
            return False
        broken = np.zeros(self.points.count, bool)
        for name in self.names & self.points.values.keys():
            value = self.points.values[name].reshape(self.points.count, -1)
            broken |= (value != np.rint(value)).any(axis=1)
        either = (np.isfinite(self.expected) | np.isfinite(self.given))[broken]
        return bool(either.any()) and not self.common[broken].any()

    @property
    def names(self) -> frozenset[str]:
        return self.truth.right.names | self.answer.names

    @property
    def delicate(self) -> bool:
        return self.truth.right.delicate or self.answer.delicate

    @property
    def nowhere(self) -> int | None:
        """The first point with a truth, if there are enough and the answer has no value at any."""
        real = np.flatnonzero(np.isfinite(self.expected).all(axis=(1, 2)))
        if len(real) < 2 * _FEWEST or np.isfinite(self.given[real]).all(axis=(1, 2)).any():
            return None
        return int(real[0])

    def region(self, here: Floats, absent: Floats, tree: Tree) -> int | None:
        """The simplest point of a region where one side is real and `tree` has no value."""
        real, kept = (np.isfinite(each).all(axis=(1, 2)) for each in (here, absent))
        flags: Flags = np.asarray(real & ~kept)
        generic = self.points.generic
        if not flags.any() or flags[generic].sum() < _REGION * generic.sum():
            return None
        at = self._simplest(np.flatnonzero(flags))
        return at if precisely(tree, self.points, at, _DIGITS[0]) is None else None

    def decided(self, tolerance: Tolerance | None) -> Decision:
        """The decision from the common points, of which there are some."""
        gap = np.abs(self.expected - self.given)
        size = np.maximum(np.abs(self.expected), np.abs(self.given))
        if tolerance is not None:
            margins = margins_of(tolerance, np.abs(self.expected))
            bad = (gap > margins + AGREE * size) & self.common
            return self._wrong(bad, None) if bad.any() else self._equal
        bad = (gap > AGREE * size) & self.common
        if bad.any() and size[0].size > 1 and not self.delicate:
            beside = np.where(self.common, size, 0.0).max(axis=(1, 2), keepdims=True)
            bad &= gap > _NOISE * beside
        if not bad.any():
            return self._checked(self._spread(), bad) if self.delicate else self._equal
        if not self.delicate and self._plain(gap, size, bad):
            return self._wrong(bad, None)
        gap[~self.common] = 0.0
        share = np.where(bad, gap / size, 0.0)
        return self._checked(self._suspects(gap, share, size), bad, share)

    @property
    def _equal(self) -> Decision:
        return Decision(True, self.points)

    def decided_precisely(self) -> Decision | None:
        """The decision from a few points where floats have no values: they may be too large."""
        known = unknown = 0
        for place in self._first_places():
            values = [
                self.truth.precisely(self.points, place, _DIGITS[0]),
                precisely(self.answer.tree, self.points, place, _DIGITS[0]),
            ]
            if any(each is None for each in values):
                unknown += 1
                if unknown > known + 1:
                    return None
                continue
            expected, given = (as_floats(each) for each in values if each is not None)
            shape = np.broadcast_shapes(expected.shape, given.shape)
            here = replace(
                self,
                points=self.points.only([place]),
                expected=np.broadcast_to(expected, shape)[None],
                given=np.broadcast_to(given, shape)[None],
                common=np.ones((1, *shape), bool),
            )
            differs = here._differs(0)
            if differs is None:
                continue
            if differs.any():
                return here._wrong(differs[None], 0, differs)
            known += 1
        if known < (_FEWEST if self.names else 1):
            return None
        return self._equal

    def _first_places(self) -> list[int]:
        """A few points off the kinks, of small whole numbers and in general position."""
        if not self.names:
            return [0]
        places = [0, _PLAIN // 2, *self.points.few.tolist()]
        kinks = (*self.truth.kinks, *self.answer.kinks)
        bent = on_a_kink(self.points, kinks, self.truth.scope)
        return [place for place in places if not bent[place]]

    def _checked(self, suspects: list[int], bad: Flags, share: Floats | None = None) -> Decision:
        """Look at the suspects exactly, one by one."""
        unknown = 0
        for place in suspects:
            differs = self._differs(place)
            if differs is None:
                unknown += 1
            elif differs.any():
                return self._wrong(bad, place, differs, share)
        if not unknown or share is None or share.max() <= _CLEAR:
            return self._equal
        clear = (share > _CLEAR).any(axis=(1, 2)).sum()
        if unknown == len(suspects) and 2 * clear >= self.common.any(axis=(1, 2)).sum():
            return self._wrong(share > _CLEAR, None, None, share)
        return Decision(None, self.points)

    def _plain(self, gap: Floats, size: Floats, bad: Flags) -> bool:
        """Whether they differ by far at most small whole numbers, which no rounding explains."""
        first = slice(_PLAIN)
        far = bad[first] & (gap[first] > FAR) & (gap[first] > FAR * size[first])
        common, apart = (each.any(axis=(1, 2)).sum() for each in (self.common[first], far))
        return bool(2 * common >= _PLAIN and 3 * apart >= 2 * common)

    def _spread(self) -> list[int]:
        """Points to look at where floats agree: one with small values and a few others."""
        usable = np.flatnonzero(self.common.any(axis=(1, 2)))
        if not self.names:
            return [int(usable[0])]
        size = np.abs(self.expected[usable]).max(axis=(1, 2))
        order = [usable[int(np.argmin(size))], usable[int(np.argmax(size))]]
        return [int(i) for i in dict.fromkeys([usable[0], *order])]

    def _suspects(self, gap: Floats, share: Floats, size: Floats) -> list[int]:
        """The points to look at: the simplest with a clear gap, then the largest gaps, by share
        of the value, in themselves, and where values are moderate."""
        by_share, by_gap = share.max(axis=(1, 2)), gap.max(axis=(1, 2))
        moderate = np.where((size > 1e-3) & (size < 1e3), share, 0.0).max(axis=(1, 2))
        clear = np.flatnonzero(by_share > _CLEAR)
        first = [self._simplest(clear)] if clear.size else []
        orders = [np.argsort(-each, kind="stable") for each in (moderate, by_share, by_gap)]
        mixed = [int(order[i]) for i in range(min(len(by_gap), _CHECKS)) for order in orders]
        wanted = [i for i in dict.fromkeys(first + mixed) if by_share[i] > 0]
        tiny = (gap <= _TINY * (1 + size)).all()  # everywhere: all alike, and slow to tell apart
        return wanted[: _CHECKS // 2 if tiny else _CHECKS]

    def _simplest(self, candidates: NDArray[np.intp]) -> int:
        """The candidate with the smallest whole numbers."""
        some = candidates[:24]
        names = self.names
        cost = np.zeros(len(some))
        for name in self.points.values:
            if name in names:
                cost += self.points.cost(name)[some]
        return int(some[int(np.argmin(cost))])

    def _differs(self, place: int) -> Flags | None:
        """Which entries differ at a point, exactly; None if that can't be told."""
        shape = self.common.shape[1:]
        usable = np.broadcast_to(self.common[place], shape)
        found: Flags | None = None
        earlier: NDArray[Any] | None = None
        turns = _DIGITS[:2]
        if self.delicate:
            turns = _MOST_DIGITS
        elif np.abs(self.expected[place] - self.given[place]).max() < _TINY:
            turns = _DIGITS[1:]
        for digits in turns:
            right = self.truth.precisely(self.points, place, digits)
            answer = precisely(self.answer.tree, self.points, place, digits)
            gaps = precise_gaps(right, answer, digits)
            if gaps is None:
                return found
            gap, size = gaps
            exact = all(isinstance(each, Fraction) for each in gap.flat)
            lost = _LOST if turns == _DIGITS[1:] else 5  # of tiny gaps, 1 - tanh(z)^2 loses more
            differs = as_flags(gap > 0 if exact else gap * 10 ** (digits - lost) > size)
            if not exact:  # 1 - sigma(1700) is lost in so many digits: it tells nothing
                differs &= as_flags(size * 10 ** (digits - 20) > 1)
            if earlier is not None:  # a gap that shrinks with the rounding is rounding
                differs &= as_flags(gap > earlier / 10**10)
            found = usable & np.broadcast_to(differs, shape)
            if exact or not found.any():
                return found
            floats = np.abs(self.expected[place] - self.given[place])
            near = np.broadcast_to(np.minimum(as_floats(gap), LARGEST), shape)
            alike = np.abs(near - floats) <= 1e-3 * near
            if not self.delicate and (alike & (near > AGREE))[found].all():
                return found  # floats and precise numbers tell of the same gap
            earlier = gap
        return found

    def _wrong(
        self,
        bad: Flags,
        place: int | None,
        differs: Flags | None = None,
        share: Floats | None = None,
    ) -> Decision:
        at = place if place is not None else self._simplest(np.flatnonzero(bad.any(axis=(1, 2))))
        entries = bad[at] if differs is None else differs
        places = tuple((int(r), int(c)) for r, c in np.argwhere(entries))
        nearly = share is not None and bool(share.max() < _CLEAR)
        return Decision(
            False,
            self.points,
            at,
            self.given[at],
            self.expected[at],
            places,
            nearly=nearly or not bad.any(),
        )
