"""The names that a part knows: their one spelling, their shapes and their domains.

    Scope.of({"U": {"shape": ["k", "m"]}, "eta": "positive", "x": "real",
              "yhat": {"shape": ["k", 1], "domain": "probabilities", "aliases": ["ŷ"]}})

A shape is () for a scalar, (n,) or (n, 1) for a column, (r, c) for a matrix; sizes are whole
numbers or symbols such as "m". A column is always kept as (n, "1")-like (n, 1): vectors are
columns. Symbols may be used as scalars in formulas too (mean of n entries: 1/n).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Size = int | str
Shape = tuple[Size, ...]  # () for a scalar, else (rows, columns)

DOMAINS = (
    "real",  # any real numbers
    "positive",  # above 0
    "unit",  # strictly between 0 and 1
    "probabilities",  # positive entries that sum to 1
    "onehot",  # one entry 1, the others 0
    "nonzero",
    "integer",  # whole numbers of both signs
    "natural",  # whole numbers from 1
)


@dataclass(frozen=True)
class Known:
    """One name: `given` is a formula that its values must satisfy (h = relu(z)), "" for none."""

    name: str
    shape: Shape = ()
    domain: str = "real"
    aliases: tuple[str, ...] = ()
    given: str = ""
    length: Size | None = None  # of a sequence h_1 .. h_T; None for a single value


@dataclass(frozen=True, eq=False)
class Scope:
    """The names of a part, by canonical spelling; equal where they are in the same order, too."""

    names: Mapping[str, Known]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and self._known == other._known

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _known(self) -> tuple[Known, ...]:
        return tuple(self.names.values())

    @cached_property
    def _hash(self) -> int:
        return hash(self._known)

    @classmethod
    def of(cls, declared: Mapping[str, Any]) -> Scope:
        """From what an item or a row of `grader compare` declares. ValueError names the key.

        A declaration is None (a size symbol or a real scalar), a domain, or a mapping with any of
        `shape`, `domain`, `aliases`, `given`, `length`.
        """
        return cls({name: _known(name, each) for name, each in declared.items()})

    @cached_property
    def sizes(self) -> frozenset[str]:
        """The size symbols that shapes use."""
        return frozenset(
            size for known in self.names.values() for size in known.shape if isinstance(size, str)
        )

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The size symbols, and those for the lengths of sequences."""
        lengths = {known.length for known in self.names.values()}
        return self.sizes | {each for each in lengths if isinstance(each, str)}


def _known(name: str, declared: Any) -> Known:
    if declared is None:
        return Known(name)
    if isinstance(declared, str):
        return Known(name, domain=_domain(name, declared))
    if not isinstance(declared, Mapping):
        raise ValueError(f"names: {name}: a domain or a mapping is expected, not {declared!r}")
    unknown = set(declared) - {"shape", "domain", "aliases", "given", "length"}
    if unknown:
        raise ValueError(f"names: {name}: unknown key {sorted(unknown)[0]!r}")
    aliases = declared.get("aliases") or ()
    if not isinstance(aliases, list | tuple) or not all(isinstance(a, str) for a in aliases):
        raise ValueError(f"names: {name}: aliases is a list of texts")
    return Known(
        name,
        shape=_shape(name, declared.get("shape") or ()),
        domain=_domain(name, declared.get("domain") or "real"),
        aliases=tuple(aliases),
        given=str(declared.get("given") or ""),
        length=declared.get("length"),
    )


def _domain(name: str, domain: Any) -> str:
    if domain not in DOMAINS:
        raise ValueError(f"names: {name}: the domain is one of {', '.join(DOMAINS)}")
    return str(domain)


def _shape(name: str, shape: Any) -> Shape:
    """() for a scalar (also 1 x 1), else (rows, columns): a column for one size."""
    sizes = list(shape) if isinstance(shape, list | tuple) else [shape]
    if len(sizes) > 2 or not all(_is_size(size) for size in sizes):
        raise ValueError(f"names: {name}: a shape is up to two sizes, as in ['m', 3]")
    plain = [int(size) if str(size).isdigit() else str(size) for size in sizes]
    if not plain or plain in ([1], [1, 1]):
        return ()
    return (plain[0], plain[1] if len(plain) == 2 else 1)


def _is_size(size: Any) -> bool:
    if isinstance(size, bool):
        return False
    return (isinstance(size, int) and size > 0) or (isinstance(size, str) and size.strip() != "")
