"""Points where the numbers of a formula put something: sigma(x - 1000) bends at 1000, acos(x - 20)
is real from 19 to 21, and between 1{z > 0} and 1{z > 1e-9} lie very small z.

Along lines through a few points, one name grows in proportion. Where an argument is affine there,
the places at which it passes a level that matters are known; the points lie in, between and beyond
these places.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from generator.notation.formulas.evaluating import evaluate
from generator.notation.formulas.functions import FUNCTIONS
from generator.notation.formulas.scope import Scope
from generator.notation.formulas.tree import (
    Call,
    Compare,
    Const,
    Difference,
    Item,
    Name,
    Neg,
    Num,
    Power,
    Size,
    Tree,
)
from grader.comparing.points import Points, evaluated_each, with_given

_EDGES = 12  # arguments that are looked at
_NAMES = 3  # names that are moved
_LINES = (0, 5)  # the points through which lines go: all positive, and of both signs
_ROOTS = 12  # places on one line
_STEPS = np.array([1.0, 2.0, 3.0])  # where an argument is evaluated to see that it is affine
_SHARES = (0.25, 0.5, 0.875)  # of the way from one place to the next
_AFFINE = 1e-9  # relative error of a straight line
_USUAL = 16  # the points of every scope tell apart numbers up to it, and their inverses
_PARTS = 64  # and so many-th parts

_MOVED = ("real", "positive", "nonzero")
_NUMBERS = frozenset((Num, Const, Neg, Power, Call))  # or what may be one
_UNKNOWN = (Name, Item, Size)
_KINK = (0.0,)
_BEND = (-2.0, 0.0, 2.0)
_ENDS = (-1.0, 1.0)
_LEVELS = {
    **dict.fromkeys(("abs", "relu", "relu'", "leaky_relu", "sign", "step"), _KINK),
    **dict.fromkeys(("sqrt", "cbrt", "root", "ln", "log", "log2", "log10"), _KINK),
    **dict.fromkeys(("asin", "acos", "atanh", "asec", "acsc", "acoth"), _ENDS),
    **dict.fromkeys(("acosh", "asech"), (0.0, 1.0)),
}


@dataclass(frozen=True)
class Edge:
    """An argument, and the levels at which what is taken of it begins, ends or bends."""

    argument: Tree
    levels: tuple[float, ...]


def edges_of(nodes: Sequence[Tree]) -> tuple[Edge, ...]:
    """The first edges of a formula with these nodes, each once."""
    found: dict[Edge, None] = {}
    for node in nodes:
        if len(found) >= _EDGES:
            break
        found.update(dict.fromkeys(_edges(node)))
    return tuple(found)


def _edges(node: Tree) -> list[Edge]:
    match node:
        case Compare(left=left, right=right):
            return [Edge(Difference(left, right), _KINK)]
        case Power(base=base, exponent=exponent):
            return [Edge(each, _BEND) for each in (base, exponent) if not _is_number(each)]
        case Call(function="max" | "min", arguments=arguments):
            return [Edge(Difference(a, b), _KINK) for a, b in combinations(arguments, 2)]
        case Call(function=function, arguments=arguments):
            if FUNCTIONS[function].shape in ("entrywise", "same") and not _is_number(arguments[0]):
                return [Edge(arguments[0], _LEVELS.get(function, _BEND))]
    return []


def is_remarkable(edges: Sequence[Edge]) -> bool:
    """Whether a number in an argument puts it where the points of every scope hardly come."""
    return any(
        not _is_usual(node.value)
        if isinstance(node, Num)
        else isinstance(node, Power | Call) and _is_number(node) and not _is_near(node)
        for edge in edges
        for node in _nodes(edge.argument)
    )


def _nodes(tree: Tree) -> list[Tree]:
    found = [tree]
    for node in found:
        found += node.children()
    return found


def _names(tree: Tree) -> set[str]:
    """The names in a tree; that of a sum's index is one that the scope does not know."""
    return {node.name for node in _nodes(tree) if isinstance(node, Name | Item)}


def _is_number(tree: Tree) -> bool:
    return not any(isinstance(node, _UNKNOWN) for node in _nodes(tree))


def has_unusual_numbers(nodes: Sequence[Tree]) -> bool:
    """Whether there is anything to look for among these nodes: quick, and true too often."""
    for node in nodes:
        kind = type(node)
        if kind is Num:
            if not _is_usual(node.value):  # type: ignore[attr-defined]
                return True
        elif (kind is Power or kind is Call) and type(node.children()[0]) in _NUMBERS:
            return True
    return False


def _is_usual(value: Fraction) -> bool:
    top, bottom = abs(value.numerator), value.denominator
    return not top or (bottom <= _PARTS and top <= _USUAL * bottom <= _USUAL**2 * top)


def _is_near(number: Tree) -> bool:
    size = float(np.abs(evaluate(number, {}, {})).max())
    return bool(not size or 1 / _USUAL <= size <= _USUAL)


def at_landmarks(points: Points, edges: Collection[Edge], scope: Scope) -> Points | None:
    """Points of the same sizes at the places that the edges tell; None where they tell none."""
    edges = [edge for edge in edges if _names(edge.argument) <= scope.names.keys()]
    arguments = [edge.argument for edge in edges]
    names = {name for each in arguments for name in _names(each)}
    moved = [
        known.name
        for known in scope.names.values()
        if known.name in names
        and known.domain in _MOVED
        and not known.given
        and (known.shape or known.name not in points.sizes)
    ]
    result: Points | None = None
    for name in moved[:_NAMES]:
        for line in _LINES[: points.count]:
            start = points.only([line])
            ahead = evaluated_each(arguments, _moved(start, name, _STEPS, scope))
            steps = _steps(ahead, [edge.levels for edge in edges])
            if scope.names[name].domain != "real":
                steps = steps[steps > 0]
            if steps.size:
                found = _moved(start, name, steps, scope)
                result = found if result is None else result.joined(found)
    return result


def _moved(start: Points, name: str, steps: NDArray[np.float64], scope: Scope) -> Points:
    """One point, with a name's value times each of the steps."""
    line = start.only(np.zeros(len(steps), np.intp))
    value = line.values[name]
    values = dict(line.values)
    values[name] = value * steps.reshape(-1, *([1] * (value.ndim - 1)))
    return with_given(scope, Points(line.sizes, values, line.generic & False))


def _steps(
    arguments: Sequence[NDArray[np.float64]], levels: Sequence[tuple[float, ...]]
) -> NDArray[np.float64]:
    """Where to go along a line on which the arguments have these values at `_STEPS`."""
    places: set[float] = set()
    for argument, wanted in zip(arguments, levels, strict=True):
        first, second, third = argument.reshape(len(_STEPS), -1)
        slope = second - first
        bent = np.abs(third - 2 * second + first) > _AFFINE * (np.abs(first) + np.abs(third))
        with np.errstate(all="ignore"):
            for level in wanted:
                found = np.where(bent, np.nan, 1 + (level - first) / slope)
                places.update(found[np.isfinite(found)].tolist())
    known = np.array(sorted(places))
    if not known.size:
        return known
    known = known[np.unique(np.linspace(0, len(known) - 1, _ROOTS).astype(int))]
    reach = max(float(known[-1] - known[0]), float(np.abs(known).max()), 1e-12)
    steps = [float(f"{step:.12g}") for step in known.tolist()]
    for low, width in zip(known.tolist(), np.diff(known).tolist(), strict=False):
        steps += [_short(low + width * share, width) for share in _SHARES]
    steps += [_short(known[0] - far, reach) for far in (reach / 8, reach)]
    steps += [_short(known[-1] + far, reach) for far in (reach / 8, reach)]
    return np.unique(steps)


def _short(number: float, room: float) -> float:
    """A number with few digits, hardly farther off than a thousandth of the room around it."""
    return round(float(number), 3 - math.floor(math.log10(room)))
