"""What an exercise is: drawn numbers as fields, parts as methods, mistakes as wrong rules.

    @dataclass(frozen=True, eq=False)
    class Doubling(Exercise):
        '''Double a number.'''

        title = "Doubling"
        x: Fraction

        @classmethod
        def sample(cls, rng, *, largest: int = 9) -> Self:
            return cls(x=rng.integer(2, largest))

        @part(points=1)
        def double(self) -> Number:
            return Number(2 * self.x)

        @double.mistake("Doubling adds the number to itself; it does not square it.")
        def squared(self):
            return self.x**2

        @part(points=2)
        def quadruple(self, double) -> Number:      # receives the value of the part `double`
            return Number(2 * double)

        def verify(self) -> None:
            agree("double", self.truths()["double"], self.x + self.x)

A part that names an earlier part as an argument receives that part's plain value: the truth when
the key is made, the student's own value when marks follow through. A part that the instance does
not have returns None, and so does a mistake that can't be made on this instance.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self

import numpy as np

from generator.model.answers import Answer, Array, Number, Witness
from generator.model.errors import AuthoringError, Disagreement
from generator.model.values import as_float, flattened


@dataclass(frozen=True)
class Mistake:
    """A wrong rule for one part. Its advice teaches without giving the answer away.

    `marked` is the advice as its author wrote it, with mathematics between dollars."""

    name: str
    marked: str
    rule: Callable[..., Any]
    needs: tuple[str, ...]

    @property
    def advice(self) -> str:
        """The advice as a terminal shows it."""
        return self.marked.replace("$", "")


class Part:
    """One thing asked: a method that computes the truth, its points and its known mistakes."""

    def __init__(self, rule: Callable[..., Any], points: Fraction) -> None:
        self.name = rule.__name__
        self.rule = rule
        self.points = points
        self.needs = _needs(rule)
        self.mistakes: dict[str, Mistake] = {}

    def mistake(self, advice: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the decorated method to be a wrong rule for this part.

        It takes `self` and any parts that this part could take, and returns the plain value that
        the wrong rule leads to, or None where the instance gives no occasion for it. Mathematics
        in the advice stands between dollars, typed as in an answer: `"$z1 < 0$"`.
        """

        def declare(rule: Callable[..., Any]) -> Callable[..., Any]:
            if rule.__name__ in self.mistakes:
                raise AuthoringError(f"{rule.__qualname__}: this mistake is declared twice")
            if advice.count("$") % 2:
                raise AuthoringError(f"{rule.__qualname__}: a dollar in the advice has no partner")
            self.mistakes[rule.__name__] = Mistake(rule.__name__, advice, rule, _needs(rule))
            return rule

        return declare

    def truth(self, exercise: Exercise, earlier: Mapping[str, Any]) -> Answer | None:
        """The answer, given the plain values of the earlier parts that this part names."""
        answer: Answer | None = self.rule(exercise, **{name: earlier[name] for name in self.needs})
        return answer

    def mistaken(
        self, name: str, exercise: Exercise, truth: Answer, earlier: Mapping[str, Any]
    ) -> Answer | None:
        """What the mistake `name` leads to, as an answer of the same kind as `truth`."""
        mistake = self.mistakes[name]
        value = mistake.rule(exercise, **{need: earlier[need] for need in mistake.needs})
        return None if value is None else truth.like(value)


class WitnessPart(Part):
    """A part that any weights satisfying a predicate answer. The method gives one example."""

    def __init__(self, rule: Callable[..., Any], points: Fraction) -> None:
        super().__init__(rule, points)
        self.predicate: Callable[..., Iterable[str]] | None = None
        self.behaviour: Callable[..., Any] | None = None

    def check(self, predicate: Callable[..., Iterable[str]]) -> Callable[..., Iterable[str]]:
        """Declare the predicate: from the witness's fields, as keyword arguments (exact arrays, and
        fractions for fields of shape ()), it yields one sentence for each way in which they fail;
        nothing means they are right."""
        self.predicate = predicate
        return predicate

    def outcome(self, behaviour: Callable[..., Any]) -> Callable[..., Any]:
        """Declare what a witness does, as a comparable value: a student's weights show a mistake
        if they do the same as the mistake's weights. Without it the fields themselves compare."""
        self.behaviour = behaviour
        return behaviour

    def failures(self, exercise: Exercise, value: Mapping[str, Any]) -> list[str]:
        """Counterexamples to the witness `value`, simplest first; empty if it is right."""
        return list(self._found(exercise, value))

    def failure(self, exercise: Exercise, value: Mapping[str, Any]) -> str | None:
        """The first of the counterexamples; None if there is none."""
        return next(iter(self._found(exercise, value)), None)

    def _found(self, exercise: Exercise, value: Mapping[str, Any]) -> Iterable[str]:
        if self.predicate is None:
            raise AuthoringError(f"{type(exercise).__name__}.{self.name} has no @{self.name}.check")
        return self.predicate(exercise, **_scalars_out(value))

    def same(self, exercise: Exercise, first: Witness, value: Mapping[str, Any]) -> bool:
        """Whether two witnesses behave alike."""
        if self.behaviour is None:
            return first.near(value)
        does = self.behaviour(exercise, **_scalars_out(first.value))
        return bool(does == self.behaviour(exercise, **_scalars_out(value)))


def part(points: int | Fraction) -> Callable[[Callable[..., Any]], Part]:
    """Make a method a part worth `points` of its exercise."""
    return lambda rule: Part(rule, Fraction(points))


def witness(points: int | Fraction) -> Callable[[Callable[..., Any]], WitnessPart]:
    """Make a method a witness part: it returns one example, `@NAME.check` judges any other."""
    return lambda rule: WitnessPart(rule, Fraction(points))


class Exercise(ABC):
    """A drawn instance. Subclasses are frozen dataclasses (`@dataclass(frozen=True, eq=False)`)."""

    title: ClassVar[str]
    source: ClassVar[str] = ""
    variants: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    """Option settings which, with the defaults, show every part; tests and galleries use them."""
    level_settings: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    """What `level = 1` (gentle) and `level = 3` (hard) set; level 2 (exam) is the defaults."""
    parts: ClassVar[dict[str, Part]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.parts = dict(cls.parts)
        for name, member in vars(cls).items():
            if isinstance(member, Part):
                cls.parts[name] = member
        known: set[str] = set()
        for name, each in cls.parts.items():
            rules = [(each.name, each.needs), *((m.name, m.needs) for m in each.mistakes.values())]
            for rule, needs in rules:
                later = [need for need in needs if need not in known]
                if later:
                    raise AuthoringError(
                        f"{cls.__name__}.{rule} needs {', '.join(later)}, "
                        f"which is not a part above {name}"
                    )
            known.add(name)

    @classmethod
    @abstractmethod
    def sample(cls, rng: Any) -> Self:
        """Draw an instance from a `sampling.Rng`. Keyword-only arguments, each with a default, are
        the difficulty options; raise ValueError for one that is out of range."""

    @abstractmethod
    def verify(self) -> None:
        """Confirm the truths by a route that shares no formula with the parts; see `agree`."""

    def truths(self, own: Mapping[str, Any] | None = None) -> dict[str, Answer]:
        """The answers of all parts that this instance has.

        `own` replaces the plain values of earlier parts: what marks that follow through use.
        """
        known: Mapping[str, Answer] | None = vars(self).get("_truths")
        answers: dict[str, Answer] = {}
        values = _Earlier(own or {})
        touched = set(own or ())  # parts whose value is not, or may not be, the truth
        for name, each in self.parts.items():
            if known is not None and touched.isdisjoint(each.needs):
                answer = known.get(name)
            else:
                answer = each.truth(self, values)
                touched.add(name)
            values.offer(name, None if answer is None else answer.value)
            if answer is not None:
                answers[name] = answer
        return answers

    @contextmanager
    def knowing(self, truths: Mapping[str, Answer]) -> Iterator[None]:
        """While this lasts, `truths()` takes these and computes only what follows from `own`."""
        vars(self)["_truths"] = truths
        try:
            yield
        finally:
            del vars(self)["_truths"]

    @classmethod
    def options(cls) -> dict[str, Any]:
        """The difficulty options of `sample` and their defaults."""
        parameters = list(inspect.signature(cls.sample).parameters.values())
        return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}

    @classmethod
    def by_level(cls) -> dict[int, dict[str, Any]]:
        """The options that each level sets; empty where the exercise has no levels."""
        if not cls.level_settings:
            return {}
        gentle, hard = cls.level_settings
        return {1: dict(gentle), 2: {}, 3: dict(hard)}

    @classmethod
    def drawn_fields(cls) -> tuple[str, ...]:
        """The names of the drawn numbers."""
        if not is_dataclass(cls) or "__eq__" in vars(cls):
            raise AuthoringError(
                f"{cls.__name__}: declare it with @dataclass(frozen=True, eq=False)"
            )
        return tuple(each.name for each in fields(cls))


class _Earlier(dict[str, Any]):
    """Plain values of earlier parts, where the student's own come before the truths."""

    def __init__(self, own: Mapping[str, Any]) -> None:
        super().__init__(own)
        self.own = frozenset(own)

    def offer(self, name: str, truth: Any) -> None:
        if name not in self.own:
            self[name] = truth


class Rejected(Exception):
    """This draw makes a poor question; `sample` raises it to ask for another draw."""


def agree(what: str, truth: Answer | None, found: Any, *, within: float = 0) -> None:
    """Raise `Disagreement` unless `found` is the truth.

    `within` is an absolute bound for what was computed in floating point (finite differences, say);
    0 asks for equality.
    """
    if truth is None:
        return
    if isinstance(truth, (Number, Array)):
        (shape, mine), (other_shape, other) = flattened(truth.value), flattened(found)
        same = shape == other_shape and (_close(mine, other, within) if within else mine == other)
    else:
        same = truth.near(found)
    if not same:
        raise Disagreement(f"{what}: the part says {truth.value}, verify() finds {found}")


def _close(mine: list[Any], other: list[Any], within: float) -> bool:
    for truth, found in zip(map(as_float, mine), map(as_float, other), strict=True):
        if not abs(truth - found) <= within * max(1.0, abs(truth)):  # so is what is no number
            return False
    return True


def _scalars_out(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Witness fields as predicates take them: a fraction for an array without dimensions."""
    return {name: np.asarray(entries)[()] for name, entries in fields.items()}


def _needs(rule: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(rule).parameters)[1:]
