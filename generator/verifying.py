"""Proving many instances of exercises, and counting what that takes in draws and time."""

from __future__ import annotations

import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any

from generator import catalog, sampling
from generator.certifying import certify
from generator.model import records
from generator.model.errors import AuthoringError

CHUNK = 50


@dataclass(frozen=True)
class Verified:
    """What drawing many instances of one exercise came to; times are per certified instance."""

    exercise: str
    certified: int
    distinct: int
    rejections: Counter[str]
    errors: tuple[str, ...]
    median_ms: float
    p99_ms: float

    def as_tree(self) -> dict[str, Any]:
        return {
            "exercise": self.exercise,
            "certified": self.certified,
            "distinct": self.distinct,
            "rejected": dict(self.rejections.most_common()),
            "errors": list(self.errors),
            "median_ms": round(self.median_ms, 3),
            "p99_ms": round(self.p99_ms, 3),
        }


@dataclass(frozen=True)
class _Chunk:
    exercise: str
    seconds: tuple[float, ...]
    prints: tuple[bytes, ...]
    rejections: Counter[str]
    errors: tuple[str, ...]


def verify(
    options: Mapping[str, Mapping[str, Any]],
    count: int,
    *,
    jobs: int = 1,
    progress: Callable[[int], None] = lambda steps: None,
) -> list[Verified]:
    """Certify `count` instances of each exercise named in `options`, with these options.

    The draws are the same at every call.
    """
    work = [
        (name, range(start, min(start + CHUNK, count)), settings)
        for name, settings in options.items()
        for start in range(0, count, CHUNK)
    ]
    if jobs == 1:
        chunks = _collect(map(_certify_chunk, work), progress)
    else:
        with ProcessPoolExecutor(jobs) as pool:
            chunks = _collect(pool.map(_certify_chunk, work), progress)
    return [_sum(name, [each for each in chunks if each.exercise == name]) for name in options]


def _collect(chunks: Iterable[_Chunk], progress: Callable[[int], None]) -> list[_Chunk]:
    done = []
    for chunk in chunks:
        done.append(chunk)
        progress(len(chunk.seconds) + len(chunk.errors))
    return done


def _certify_chunk(work: tuple[str, range, Mapping[str, Any]]) -> _Chunk:
    name, numbers, options = work
    kind = catalog.find(name)
    seconds, prints, rejections, errors = [], [], Counter[str](), []
    for number in numbers:
        rng = sampling.Rng(sampling.seed(b"verify", name, number))
        start = time.perf_counter()
        try:
            certified = certify(kind, rng, options, seed=f"verify/{number}")
        except AuthoringError as error:
            errors.append(str(error))
            continue
        seconds.append(time.perf_counter() - start)
        drawn = tuple(getattr(certified.exercise, field) for field in kind.drawn_fields())
        prints.append(sha256(records.dumps(drawn).encode()).digest())
        rejections += certified.rejections
    return _Chunk(name, tuple(seconds), tuple(prints), rejections, tuple(errors))


def _sum(name: str, chunks: Sequence[_Chunk]) -> Verified:
    times = sorted(1000 * second for chunk in chunks for second in chunk.seconds)
    rejections = sum((chunk.rejections for chunk in chunks), Counter[str]())
    return Verified(
        exercise=name,
        certified=len(times),
        distinct=len({each for chunk in chunks for each in chunk.prints}),
        rejections=rejections,
        errors=tuple(error for chunk in chunks for error in chunk.errors),
        median_ms=statistics.median(times) if times else 0.0,
        p99_ms=times[math.ceil(Fraction(99, 100) * len(times)) - 1] if times else 0.0,
    )
