"""How much the work differs between the instances of one exercise.

Three measures of an instance, all taken from its truths:

    operations  additions, multiplications and divisions of two numbers, neither of them 0 (nor 1 or
                -1 in a product), made in exact arithmetic while the numeric truths are
                computed
    digits      digits that a student writes down for the numeric truths, as fractions or as
                decimals of the precision asked for, whichever is shorter
    zeros       zero entries of the numeric truths: dead units, masked gradients

An exercise is fair at some options where the middle 90 % of its instances need numbers of
operations and of digits that differ by a factor of at most `FAIR` (below `FEW` none counts).
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from generator import catalog, sampling
from generator.certifying import certify
from generator.model.answers import Answer, Array, Group, Number
from generator.model.exercise import Exercise
from generator.model.values import decimals

FAIR = 2.0
FEW = 5


@dataclass(frozen=True)
class Work:
    """What one instance asks of a student."""

    operations: int
    digits: int
    zeros: int


@dataclass(frozen=True)
class Spread:
    """The 5th percentile, the median and the 95th percentile of a measure over instances."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, numbers: Sequence[int]) -> Spread:
        cuts = statistics.quantiles(numbers, n=20, method="inclusive")
        return cls(cuts[0], statistics.median(numbers), cuts[-1])

    @property
    def ratio(self) -> float:
        """How many times the light instances' work the heavy ones need; less than `FEW` counts as
        that many, for one operation more or less is no matter."""
        return max(self.high, FEW) / max(self.low, FEW)


@dataclass(frozen=True)
class Fairness:
    """The measures of one exercise over many instances."""

    exercise: str
    instances: int
    operations: Spread
    digits: Spread
    zeros: Spread

    @property
    def fair(self) -> bool:
        return max(self.operations.ratio, self.digits.ratio) <= FAIR

    def as_tree(self) -> dict[str, Any]:
        def spread(each: Spread) -> dict[str, float]:
            return {"low": each.low, "median": each.median, "high": each.high}

        return {
            "exercise": self.exercise,
            "instances": self.instances,
            "operations": spread(self.operations),
            "digits": spread(self.digits),
            "zeros": spread(self.zeros),
            "fair": self.fair,
        }


def fairness(
    options: Mapping[str, Mapping[str, Any]],
    count: int,
    *,
    progress: Callable[[int], None] = lambda steps: None,
) -> list[Fairness]:
    """Measure `count` instances (two or more) of each exercise named in `options`, with these
    options. The draws are the same at every call."""
    found = []
    for name, settings in options.items():
        kind = catalog.find(name)
        works = []
        for number in range(count):
            rng = sampling.Rng(sampling.seed(b"fairness", name, number))
            drawn = certify(kind, rng, settings, seed=f"fairness/{number}")
            works.append(work(drawn.exercise, drawn.truths))
            progress(1)
        found.append(
            Fairness(
                name,
                count,
                *(
                    Spread.of([getattr(each, measure) for each in works])
                    for measure in ("operations", "digits", "zeros")
                ),
            )
        )
    return found


def work(exercise: Exercise, truths: Mapping[str, Answer]) -> Work:
    """The measures of one instance."""
    fields = {name: getattr(exercise, name) for name in exercise.drawn_fields()}
    unworked = type(exercise)(**fields)  # nothing that was worked out before is kept
    earlier = dict.fromkeys(exercise.parts) | {name: each.value for name, each in truths.items()}
    with _counted() as count:
        for name, part in exercise.parts.items():
            # How the program finds a witness or decides a choice is no student's work.
            if name in truths and _entries(truths[name]):
                part.truth(unworked, earlier)
    entries = [entry for truth in truths.values() for entry in _entries(truth)]
    return Work(
        operations=count[0],
        digits=sum(_digits(value, places) for value, places in entries),
        zeros=sum(value == 0 for value, _ in entries),
    )


def _entries(truth: Answer) -> list[tuple[Any, int]]:
    """The numbers of an answer, each with the decimals asked for."""
    match truth:
        case Number():
            return [(truth.value, truth.tolerance.decimals)]
        case Array():
            return [(value, truth.tolerance.decimals) for value in truth.value.flat]
        case Group():
            return [entry for member in truth.members.values() for entry in _entries(member)]
    return []


def _digits(value: Any, places: int) -> int:
    rounded = decimals(value, places)
    decimal = f"{float(rounded):.{places}f}".rstrip("0")
    written = [decimal]
    if isinstance(value, Fraction):
        written.append(str(value))
    return min(sum(char.isdigit() for char in text) for text in written)


_SUMS = ("__add__", "__radd__", "__sub__", "__rsub__")
_PRODUCTS = ("__mul__", "__rmul__", "__truediv__", "__rtruediv__")


@contextmanager
def _counted() -> Iterator[list[int]]:
    """Count the operations of `Fraction`s made inside; ones that need no work are free."""
    count = [0]
    before = {name: getattr(Fraction, name) for name in (*_SUMS, *_PRODUCTS)}

    def counting(name: str, free: tuple[int, ...]) -> Callable[[Any, Any], Any]:
        operation = before[name]

        def counted(first: Any, second: Any) -> Any:
            # Of a fraction and an array, numpy makes products of fractions, which count.
            if not isinstance(second, np.ndarray) and first not in free and second not in free:
                count[0] += 1
            return operation(first, second)

        return counted

    try:
        for name in _SUMS:
            setattr(Fraction, name, counting(name, (0,)))
        for name in _PRODUCTS:
            setattr(Fraction, name, counting(name, (0, 1, -1)))
        yield count
    finally:
        for name, operation in before.items():
            setattr(Fraction, name, operation)
