"""Drawing: keyed seeds, and a stream of random numbers that is ours to keep stable.

The stream is BLAKE2b in counter mode (RFC 7693): block i is the 64-byte digest of i under the
seed as key. It depends on nothing but the standard library, so a sheet drawn today can be drawn
again in ten years; `tests/generator/test_sampling.py` pins it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import chain, count
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from generator.model.values import Matrix, Vector, exact

T = TypeVar("T")

_WORD = 8
_BLOCK = 64
_WORDS = struct.Struct("<8Q")  # of a block
_ALL = 2**64  # words there are
_NAMES = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def seed(secret: bytes, *names: str | int) -> bytes:
    """The 32-byte seed of one draw: HMAC-SHA256 of the names under the course secret.

    Names are encoded as a JSON list, so that no two lists of names give the same message.
    """
    return hmac.digest(secret, _NAMES.encode(names).encode(), "sha256")


def words(seed: bytes, count: int) -> NDArray[np.uint64]:
    """The first `count` words of a stream: what `Rng(seed).word()` gives one after the other."""
    keyed = hashlib.blake2b(key=hashlib.sha256(seed).digest())
    blocks = []
    for number in range(-(-count // (_BLOCK // _WORD))):
        block = keyed.copy()  # faster than to key each
        block.update(number.to_bytes(_WORD, "little"))
        blocks.append(block.digest())
    return np.frombuffer(b"".join(blocks), "<u8")[:count]


def _blocks(seed: bytes) -> Iterator[tuple[int, ...]]:
    key = hashlib.sha256(seed).digest()
    for number in count():
        block = hashlib.blake2b(number.to_bytes(_WORD, "little"), key=key)
        yield _WORDS.unpack(block.digest())


class Rng:
    """A stream of uniform draws. The same seed gives the same draws on every machine, for ever."""

    def __init__(self, seed: bytes) -> None:
        self._next = chain.from_iterable(_blocks(seed)).__next__

    def word(self) -> int:
        """The next 64 bits of the stream."""
        return self._next()

    def below(self, bound: int) -> int:
        """A whole number from 0 to bound - 1, each equally likely (words past the last whole
        multiple of `bound` are drawn again)."""
        if not 0 < bound <= 2**32:
            raise ValueError(f"bound must be 1 to 2**32, not {bound}")
        while True:
            word = self._next()
            rest = word % bound
            if word - rest <= _ALL - bound:
                return rest

    def integer(self, low: int, high: int, *, but: Sequence[int] = ()) -> int:
        """A whole number from `low` to `high`, both included, that is not one of `but`."""
        if but:
            return self.choice(_others(low, high, tuple(but)))
        return low + self.below(high - low + 1)

    def nonzero(self, size: int) -> int:
        """A whole number from -size to size, but not 0."""
        return self.integer(-size, size, but=(0,))

    def sign(self) -> int:
        """1 or -1."""
        return self.choice((1, -1))

    def chance(self, numerator: int, denominator: int) -> bool:
        """True with probability numerator / denominator."""
        return self.below(denominator) < numerator

    def choice(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different ones of the options, in random order."""
        pool = list(options)
        return [pool.pop(self.below(left)) for left in range(len(pool), len(pool) - count, -1)]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """The options in random order."""
        return self.sample(options, len(options))

    def vector(self, size: int, low: int, high: int, *, but: Sequence[int] = ()) -> Vector:
        """An exact vector of whole numbers."""
        return exact([self.integer(low, high, but=but) for _ in range(size)])

    def matrix(
        self, rows: int, columns: int, low: int, high: int, *, but: Sequence[int] = ()
    ) -> Matrix:
        """An exact matrix of whole numbers, drawn row by row."""
        return exact(
            [[self.integer(low, high, but=but) for _ in range(columns)] for _ in range(rows)]
        )

    def tenth(self, low: int, high: int) -> Fraction:
        """A multiple of 1/10 from low/10 to high/10, both included."""
        return Fraction(self.integer(low, high), 10)


@lru_cache(maxsize=256)
def _others(low: int, high: int, but: tuple[int, ...]) -> tuple[int, ...]:
    """The whole numbers from `low` to `high` that are not among `but`."""
    return tuple(n for n in range(low, high + 1) if n not in but)
