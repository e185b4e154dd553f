"""Following through: the truth of a part as it follows from a student's own earlier values.

What a student got wrong once is not charged twice. So that this can't be gamed, an own value
counts only if work shows in it, and so does what follows from it: see `usable` and `degenerate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from generator.model.answers import Answer, Array, Formula, Group, Number, Witness
from generator.model.exercise import Exercise, Part
from generator.model.values import Vector
from generator.notation.formulas.alike import is_constant

_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Followed:
    """The truth from the student's own values of the parts `sources`."""

    truth: Answer
    sources: tuple[str, ...]

    def member(self, name: str) -> Followed | None:
        """The same for one member of a group."""
        assert isinstance(self.truth, Group)
        member = self.truth.members[name]
        return None if degenerate(member, member.value) else Followed(member, self.sources)


@dataclass(frozen=True, eq=False)
class Before:
    """The plain values of the parts above `part`: `true` where all was right, and the student's,
    where `own` are usable wrong values of earlier parts."""

    exercise: Exercise
    part: Part
    truths: Mapping[str, Answer]
    own: Mapping[str, Any]

    @cached_property
    def true(self) -> dict[str, Any]:
        return self._values({})

    @cached_property
    def students(self) -> dict[str, Any]:
        return self._values(self.own) if self.own else self.true

    def _values(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """The student's own value where given in `own`, what follows from those, and else the
        truths. A value that can't be computed is left out."""
        values: dict[str, Any] = {}
        changed: set[str] = set()
        for name, part in self.exercise.parts.items():
            if name == self.part.name:
                break
            if name in own:
                values[name] = own[name]
                changed.add(name)
            elif changed.isdisjoint(part.needs):
                values[name] = self.truths[name].value if name in self.truths else None
            else:
                changed.add(name)
                try:
                    with np.errstate(all="ignore"):
                        answer = part.truth(self.exercise, values)
                except Exception:
                    continue
                values[name] = None if answer is None else answer.value
        return values


def follow(before: Before) -> Followed | None:
    """What a part comes to from the student's own values; None where it needs none of them or
    nothing sound follows.

    A rule may stumble over a student's odd values (a division by zero, say): then nothing follows.
    """
    exercise, part = before.exercise, before.part
    needed = _ancestors(type(exercise), part.name) if before.own else ()
    sources = tuple(name for name in before.own if name in needed)
    if not sources:
        return None
    try:
        with np.errstate(all="ignore"):
            answer = part.truth(exercise, before.students)
        if answer is None:
            return None
        truth = _by_its_own_size(before.truths[part.name].like(answer.value))
    except Exception:
        return None
    if degenerate(truth, truth.value):
        return None
    return Followed(truth, sources)


def _by_its_own_size(truth: Answer) -> Answer:
    """What is small but not 0 must be met by its own size, so that 0 does not pass for it."""
    if isinstance(truth, Number | Array) and degenerate(truth, truth.value):
        return replace(truth, tolerance=replace(truth.tolerance, abs=_ZERO))
    return truth


def usable(truth: Answer, value: Any) -> bool:
    """Whether marks may follow from a student's wrong value.

    It must fit the question and not be degenerate. A choice, an order or a size says too little:
    what follows from a guess among a few would be a guess too.
    """
    if value is None:
        return False
    match truth:
        case Group():
            # A member that is blank or can't be read leaves nothing to compute with.
            return set(value) == set(truth.members) and all(
                usable(member, value[name]) for name, member in truth.members.items()
            )
        case Array():
            return truth.value.shape == value.shape and not degenerate(truth, value)
        case Number() | Witness() | Formula():
            return not degenerate(truth, value)
    return False


def degenerate(answer: Answer, value: Any) -> bool:
    """Whether a value takes no work and makes what follows trivial: 0, an array of only zeros or
    only ones, the identity matrix, a witness whose fields are all zero, a formula that is one
    number everywhere. Within the tolerance, too: who writes 1e-9 for 0 has not worked either."""
    match answer:
        case Number():
            return answer.tolerance.near(Fraction(0), value)
        case Array():
            return _trivial(answer, value)
        case Witness():
            return all(not np.any(value[name] != 0) for name in answer.shapes)
        case Formula():
            return is_constant(value, answer.names)
        case Group():
            members = answer.members.items()
            return all(degenerate(member, value[name]) for name, member in members)
    return False


def _trivial(answer: Array, value: Vector) -> bool:
    """Whether it is nearly only zeros, only ones, or the identity matrix."""
    entries, near = value.ravel().tolist(), answer.tolerance.near
    if all(near(_ZERO, each) for each in entries) or all(near(_ONE, each) for each in entries):
        return True
    if value.ndim != 2 or value.shape[0] != value.shape[1]:
        return False
    diagonal = range(0, len(entries), len(value) + 1)
    return all(near(_ONE if i in diagonal else _ZERO, each) for i, each in enumerate(entries))


@lru_cache(maxsize=4096)
def sources(kind: type[Exercise], name: str) -> frozenset[str]:
    """The earlier parts on whose values a verdict on the part `name` may depend: what follows from
    them, and what its mistakes lead to."""
    part = kind.parts[name]
    needs = [*part.needs, *(need for each in part.mistakes.values() for need in each.needs)]
    return frozenset(_closure(kind.parts, needs))


@lru_cache(maxsize=4096)
def feeding(kind: type[Exercise]) -> frozenset[str]:
    """The parts on whose values a verdict on a later one may depend."""
    return frozenset().union(*(sources(kind, name) for name in kind.parts))


@lru_cache(maxsize=4096)
def _ancestors(kind: type[Exercise], name: str) -> frozenset[str]:
    """The parts that a part needs, directly or through others."""
    return frozenset(_closure(kind.parts, kind.parts[name].needs))


def _closure(parts: Mapping[str, Part], needs: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(needs)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(parts[name].needs)
    return found
