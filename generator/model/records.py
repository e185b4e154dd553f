"""Records to JSON and back.

A dataclass becomes an object tagged with its kind under "@", a fraction text such as "3/4" under
its own tag; tuples become lists, and lists come back as tuples. The same record gives the same
bytes. Nothing but the kinds registered here is ever built from a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from generator.model.declared import Declared
from generator.model.values import array, exact, fraction

FORMAT = 1
_TAG = "@"
# The metadata of a field that came after records had been written. Its default is not written, so
# that a record, and what is computed from its bytes, stays what it was; and is meant without it.
ADDED = {"added": True}
_PLAIN: frozenset[type] = frozenset({str, bool, int, type(None)})  # written as they are
_kinds: dict[str, type] = {}
_tags: dict[type, str] = {}
_kept: set[type] = set()
_TREE = "_tree"  # where a record keeps its own


def record(kind: str, *, kept: bool = False) -> Any:
    """Register a dataclass so that files may hold it, under the tag `kind`. With `kept`, a record
    keeps its JSON tree, as one does that is written more than once."""

    def register(cls: type) -> type:
        if kind in _kinds:
            raise ValueError(f"two record kinds are called {kind!r}")
        _kinds[kind] = cls
        _tags[cls] = kind
        if kept:
            _kept.add(cls)
        return cls

    return register


def encode(value: Any) -> Any:
    """A JSON tree for a value made of records, numbers, arrays, tuples, sets and mappings. It is
    read only, and floats are raw JSON in it."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is Fraction:
        return {_TAG: "fraction", "value": str(value)}
    if kind in _kept:
        known = vars(value)
        if _TREE not in known:
            known[_TREE] = _record(value)
        return known[_TREE]
    if kind in _tags:
        return _record(value)
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return {_TAG: "exact", "value": _texts(value.tolist())}
        return {_TAG: "float", "value": encode(value.tolist())}
    if isinstance(value, (list, tuple)):
        return [each if type(each) in _PLAIN else encode(each) for each in value]
    if kind is Declared:  # JSON by itself
        return dict(value)
    if isinstance(value, frozenset):
        return {_TAG: "set", "value": sorted(map(encode, value), key=_in_one_line)}
    if isinstance(value, Mapping):
        return {str(name): encode(each) for name, each in value.items()}
    if isinstance(value, float):
        return _raw(value)
    if isinstance(value, str | int):  # of a class of its own
        return str(value) if isinstance(value, str) else int(value)
    raise TypeError(f"a {kind.__name__} is not a record")


def _record(value: Any) -> dict[str, Any]:
    """The tree of a record; what was `ADDED` is in it if it is not the default."""
    kind: type = type(value)
    tree = {_TAG: _tags[kind]}
    for name, added, default in _fields_of(kind):
        given = getattr(value, name)
        if not added or (given is not default and given != default):
            tree[name] = given if type(given) in _PLAIN else encode(given)
    return tree


@cache
def _fields_of(kind: type) -> list[tuple[str, bool, Any]]:
    """Name of each field, whether it was `ADDED`, and its default."""
    return [(each.name, each.metadata == ADDED, each.default) for each in fields(kind)]


def _raw(value: float) -> Any:
    """A float as Python writes it, which msgspec does not."""
    import msgspec

    return msgspec.Raw(float.__repr__(value).encode())


def _float(raw: Any) -> float:
    """What `_raw` was made of."""
    return float(bytes(raw))


_in_one_line = json.JSONEncoder(default=_float).encode


def decode(tree: Any) -> Any:
    """The value of a JSON tree. Raises ValueError naming what is unknown or out of place."""
    if isinstance(tree, list):
        return tuple(decode(each) for each in tree)
    if not isinstance(tree, dict):
        return tree
    if _TAG not in tree:
        return {name: decode(each) for name, each in tree.items()}
    kind = tree[_TAG]
    match kind:
        case "fraction":
            return fraction(tree["value"])
        case "exact":
            return exact(tree["value"])
        case "float":
            return array(np.array(tree["value"], dtype=float))
        case "set":
            return frozenset(decode(each) for each in tree["value"])
    if kind not in _kinds:
        raise ValueError(f"unknown kind of record {kind!r}")
    cls = _kinds[kind]
    given = {name: decode(each) for name, each in tree.items() if name != _TAG}
    needed, expected = _names(cls)
    if not needed <= given.keys() <= expected:
        odd = sorted((needed - given.keys()) | (given.keys() - expected))
        raise ValueError(f"a record of kind {kind!r} has missing or unknown fields: {odd}")
    return cls(**given)


@cache
def _names(cls: type) -> tuple[frozenset[str], frozenset[str]]:
    """The fields that a record must have, and all that it may have."""
    every = fields(cls)
    needed = frozenset(f.name for f in every if f.metadata != ADDED)
    return needed, frozenset(f.name for f in every)


def dumps(value: Any) -> str:
    """The JSON text of a record, indented, ending in a newline."""
    import msgspec  # Python's own encoder is slow

    tree = encode(value)
    try:
        text = msgspec.json.format(msgspec.json.encode(tree), indent=1).decode()
    except (msgspec.DecodeError, UnicodeEncodeError):  # Infinity, half a character: JSON has none
        text = json.dumps(tree, ensure_ascii=False, indent=1, default=_float)
    return text + "\n"


def _texts(entries: Any) -> Any:
    """The texts of numbers in nested lists."""
    if type(entries) is not list:
        return str(entries)
    nested = bool(entries) and type(entries[0]) is list
    return [_texts(each) for each in entries] if nested else list(map(str, entries))
