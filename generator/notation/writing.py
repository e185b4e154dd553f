"""Plain values to text: the shortest that reads back to the same value."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from generator.model.answers import Ends
from generator.model.values import Vector
from generator.notation.formulas import leaves

_PLACES = 6  # up to here a decimal is written as one
_LONGEST = 20  # and up to here if the fraction is longer
_LARGE = 10**40  # beyond it a power of ten is written: 1e400


def write(value: Any) -> str:
    """The text of any plain value of an answer. Reading it back gives the value again.

    A float is written with the digits that name it, so reading gives the fraction nearest to it
    that has so few. Raises TypeError for what is no plain value.

    >>> write(Fraction(-1, 8)), write((3, 4)), write(Ends(None, Fraction(2), False, True))
    ('-0.125', '3x4', '(-inf, 2]')
    """
    match value:
        case str():
            return value
        case Fraction() | float() | int():
            return _number(value)
        case np.ndarray():
            return _array(value)
        case Ends():
            low = "-inf" if value.low is None else _number(value.low)
            high = "inf" if value.high is None else _number(value.high)
            return f"{'(['[value.low_belongs]}{low}, {high}{')]'[value.high_belongs]}"
        case tuple():
            return _tuple(value)
        case frozenset():
            return _set(value)
        case Mapping():
            return "; ".join(f"{name} = {write(each)}" for name, each in value.items())
    raise TypeError(f"{type(value).__name__} is not a plain value of an answer")


def _number(value: Fraction | float) -> str:
    if isinstance(value, float | np.floating):
        return repr(float(value))
    top, bottom = value.as_integer_ratio()
    size = abs(top)
    if max(size, bottom) > _LARGE:
        return leaves.number(Fraction(value))
    if bottom == 1:
        return str(top)
    scaled, rest = divmod(size * 10**_LONGEST, bottom)
    if rest:
        return f"{top}/{bottom}"
    whole, places = divmod(scaled, 10**_LONGEST)
    digits = f"{places:0{_LONGEST}d}".rstrip("0")
    decimal = f"{'-' if top < 0 else ''}{whole}.{digits}"
    return decimal if len(digits) <= _PLACES else min(decimal, f"{top}/{bottom}", key=len)


def _array(values: Vector) -> str:
    return _listed(values.tolist())


def _listed(entries: Any) -> str:
    if isinstance(entries, list):
        return f"[{', '.join([_listed(each) for each in entries])}]"
    return _number(entries)


def _tuple(items: tuple[Any, ...]) -> str:
    """A shape, with a whole number or none; otherwise symbols or labels: (m, n) is read as both."""
    if not items:
        return "scalar"
    if len(items) == 1:
        return str(items[0])
    if all(isinstance(item, int) for item in items):
        return "x".join(map(str, items))
    return f"({', '.join(map(str, items))})"


def _set(members: frozenset[Any]) -> str:
    if not members:
        return "none"
    if all(isinstance(member, tuple) for member in members):
        return ", ".join(f"{start}->{end}" for start, end in sorted(members))
    if all(isinstance(member, str) for member in members):
        return ", ".join(sorted(members))
    return f"{{{', '.join(_number(member) for member in sorted(members))}}}"
