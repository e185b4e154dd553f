"""Whether two formulas look alike as functions: a quick look, for authors.

It certifies that a wrong rule differs from the truth. It does not judge students: that is for
`grader.comparing.formulas`, which visits every region and computes precisely where it must.

Sheets that differ in their letters ask the same. So formulas are compared with neutral names in
place of theirs, once for all of these sheets: the points depend on the order of the names and on
their shapes and domains, not on the letters.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.model.declared import Declared
from generator.model.errors import NotationError
from generator.notation.formulas.constraints import constraints
from generator.notation.formulas.evaluating import evaluate
from generator.notation.formulas.shapes import Typed, typed
from generator.notation.formulas.spellings import CONSTANTS, is_function
from generator.notation.formulas.written import Written, read_formula, scope_of

_POINTS = 24
_APART = 1e-3  # of the size of the values
# Steps whose multiples fill the unit interval evenly (golden ratio and its like).
_STEP = 0.6180339887498949
_WIDER = 0.7548776662466927

_NAME = re.compile("[A-Za-z][A-Za-z0-9]*")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MEANINGFUL = CONSTANTS.keys() | {"T", "I", "o"}  # a transpose, an identity, an entrywise product
_RENAMED = {"shape", "domain", "given"}

Floats = NDArray[np.float64]


def alike(first: str, second: str, names: Mapping[str, Any]) -> bool:
    """Whether two formulas have one shape and nearly the same values at some fixed points.

    Raises NotationError for a formula that cannot be read over `names`.
    """
    declared = _key(names)
    letters, neutral = _neutral(declared)
    if letters:
        try:
            return _alike(
                _neutral_formula(first, declared), _neutral_formula(second, declared), neutral
            )
        except NotationError:  # written so that its letters matter
            pass
    return _alike(first, second, declared)


@lru_cache(maxsize=1024)
def _neutral(declared: str) -> tuple[dict[str, str], str]:
    """A neutral name for each declared one and for each size symbol, in the order in which they are
    met; and what is declared so. Nothing is renamed where a letter may mean something by itself."""
    names: dict[str, Any] = json.loads(declared)
    known = [each for each in names.values() if isinstance(each, dict)]
    if any(each.keys() - _RENAMED or not isinstance(each.get("shape"), list) for each in known):
        return {}, declared
    sizes = dict.fromkeys(str(size) for each in known for size in each["shape"])
    symbols = [size for size in sizes if not size.isdigit()]
    plain = all(map(_is_plain, [*names, *symbols])) and names.keys().isdisjoint(symbols)
    if not plain or len(symbols) > 9:
        return {}, declared
    letters = {name: f"v{place}" for place, name in enumerate(names, start=1)}
    letters |= {symbol: f"s{place}" for place, symbol in enumerate(symbols, start=1)}
    unknown = dict.fromkeys(letters.values(), "?")  # v1 where it is not declared: not to be read
    letters = unknown | letters
    return letters, json.dumps({letters[name]: _neutrally(names[name], letters) for name in names})


def _is_plain(name: str) -> bool:
    """Whether a name is a word that has no meaning of its own."""
    return bool(_NAME.fullmatch(name)) and not is_function(name) and name not in _MEANINGFUL


def _neutrally(known: Any, letters: dict[str, str]) -> Any:
    """What is declared of a name, in neutral letters."""
    if not isinstance(known, dict):
        return known
    shape = [letters.get(str(size), size) for size in known["shape"]]
    return known | {"shape": shape, "given": _renamed(known.get("given") or "", letters)}


@lru_cache(maxsize=4096)
def _neutral_formula(formula: str, declared: str) -> str:
    """Renamed once, as `_typed` is typed once."""
    return _renamed(formula, _neutral(declared)[0])


def _renamed(formula: str, letters: dict[str, str]) -> str:
    return _WORD.sub(lambda word: letters.get(word[0], word[0]), formula)


@lru_cache(maxsize=4096)
def _alike(first: str, second: str, declared: str) -> bool:
    if _typed(first, declared).shape != _typed(second, declared).shape:
        return False
    a, b = _valued(first, declared), _valued(second, declared)
    known = np.isfinite(a) & np.isfinite(b)
    apart = np.abs(a - b) > _APART * (1 + np.abs(a))
    return not bool((apart & known).any())


def is_constant(formula: str, names: Mapping[str, Any]) -> bool:
    """Whether a formula has one value for all its entries at all of the points: 0, ones, p/p."""
    values = _valued(formula, _key(names))
    known = values[np.isfinite(values)]
    return not known.size or bool(np.ptp(known) <= _APART * np.abs(known).max())


def _key(names: Mapping[str, Any]) -> str:
    return names.text if isinstance(names, Declared) else json.dumps(names)


@lru_cache(maxsize=1024)
def _names(declared: str) -> Declared:
    return Declared(json.loads(declared))


@lru_cache(maxsize=4096)
def _typed(formula: str, declared: str) -> Typed:
    """Typed once: a wrong rule meets the truths of several parts, and a truth many wrong rules."""
    names = _names(declared)
    known = formula if isinstance(formula, Written) else read_formula(formula, names)
    return known.typed or typed(known.tree, scope_of(names))


@lru_cache(maxsize=4096)
def _valued(formula: str, declared: str) -> Floats:
    return evaluate(_typed(formula, declared).tree, *_points(declared))


@lru_cache(maxsize=1024)
def _points(declared: str) -> tuple[dict[str, Floats], dict[str, int]]:
    names = _names(declared)
    scope = scope_of(names)
    lengths = {known.length for known in scope.names.values() if isinstance(known.length, str)}
    sizes = {symbol: 2 + place for place, symbol in enumerate(sorted(scope.sizes | lengths))}
    values: dict[str, Floats] = {}
    start = 1
    for name in names:  # in their order, which the values depend on
        known = scope.names[name]
        if name in sizes and not known.shape:
            values[name] = np.full((_POINTS, 1, 1), float(sizes[name]))
            continue
        members = [] if known.length is None else [known.length]
        each = [
            sizes[size] if isinstance(size, str) else size
            for size in (*members, *(known.shape or (1, 1)))
        ]
        values[name] = _drawn(known.domain, start, (_POINTS, *each))
        start += values[name].size
    for name, tree in constraints(scope):
        values[name] = evaluate(tree, values, sizes)
    return values, sizes


@lru_cache(maxsize=1024)
def _drawn(domain: str, start: int, shape: tuple[int, ...]) -> Floats:
    """Numbers of a domain, from the place `start` of the sequence on; the same for many names."""
    spread = (start * _WIDER + np.arange(1, math.prod(shape) + 1) * _STEP) % 1.0
    drawn: Floats = _placed(domain, spread.reshape(shape))
    drawn.setflags(write=False)
    return drawn


def _placed(domain: str, spread: Any) -> Any:
    """Numbers evenly spread over (0, 1), brought into a domain."""
    match domain:
        case "real" | "nonzero":
            return 6 * spread - 3
        case "positive":
            return 0.1 + 4 * spread
        case "integer":
            return np.floor(9 * spread) - 4
        case "natural":
            return 1 + np.floor(6 * spread)
        case "probabilities":
            return (0.05 + spread) / (0.05 + spread).sum(axis=(-2, -1), keepdims=True)
        case "onehot":
            return (spread == spread.max(axis=(-2, -1), keepdims=True)).astype(float)
    return spread
