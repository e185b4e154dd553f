"""Words for what comparing formulas found: points, values and places, as the course writes them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from generator.notation.formulas.scope import Scope, Shape
from grader.comparing.points import Points

_SHOWN = 14  # numbers of a point that a person still looks at
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_SPOKEN_VOWELS = "8aefhilmnorsx"  # how what begins with them is said: an m×n matrix


def number(value: float) -> str:
    """Six digits, or up to twelve where these are all there are.

    >>> number(-3.0), number(4.984375), number(1 / 3), number(2.0**50)
    ('-3', '4.984375', '0.333333', '1.1259e+15')
    """
    if np.isinf(value):
        return "more than 10^300" if value > 0 else "less than -10^300"
    if not value:
        return "0"
    exact = (text for text in (f"{value:.9g}", f"{value:.12g}") if float(text) == value)
    return next(exact, f"{value:.6g}")


def array(value: NDArray[np.float64]) -> str:
    """A number, a vector in round brackets, a matrix row by row.

    >>> array(np.array([[2.0], [-1.0]])), array(np.array([[1.0, 2.0], [3.0, 4.0]]))
    ('(2, -1)', '[[1, 2], [3, 4]]')
    """
    if value.ndim == 3:
        return ", ".join(array(each) for each in value)
    columns = value.shape[1]
    if value.size == 1:
        return number(float(value[0, 0]))
    if columns == 1:
        return "(" + ", ".join(number(float(v)) for v in value[:, 0]) + ")"
    return "[" + ", ".join("[" + ", ".join(map(number, map(float, r))) + "]" for r in value) + "]"


def point(points: Points, at: int, names: Collection[str], scope: Scope) -> str:
    """`x = 2, h = (1, -1)`, or "" where that is too much to look at."""
    arrays = {n for n, known in scope.names.items() if known.shape}
    sizes = [n for n in points.sizes if n in names and n not in arrays]
    shown = [n for n in scope.names if n in names and n not in sizes]
    if sum(points.values[n][at].size for n in shown) > _SHOWN:
        return ""
    parts = [f"{name} = {array(points.values[name][at])}" for name in shown]
    return ", ".join(parts + [f"{name} = {points.sizes[name]}" for name in sizes])


def places(wrong: Sequence[tuple[int, int]], shape: tuple[int, int]) -> str:
    """Which entries, counted from 1.

    >>> places([(1, 0)], (3, 1)), places([(0, 0), (1, 2)], (2, 3))
    ('the second entry is wrong', 'the entries (row, column) (1, 1) and (2, 3) are wrong')
    >>> places([(0, 0), (1, 0), (2, 0)], (3, 1))
    'every entry is wrong'
    """
    rows, columns = shape
    if len(wrong) == rows * columns:
        return "every entry is wrong"
    if len(wrong) > 4:
        return f"{len(wrong)} of {rows * columns} entries are wrong"
    if 1 in shape and max(shape) <= len(_ORDINALS):
        names = [_ORDINALS[max(place)] for place in wrong]
        one, many = "the {} entry is wrong", "the {} entries are wrong"
    elif len(wrong) == 1:
        return f"the entry in row {wrong[0][0] + 1}, column {wrong[0][1] + 1} is wrong"
    else:
        names = [f"({row + 1}, {column + 1})" for row, column in wrong]
        one, many = "", "the entries (row, column) {} are wrong"
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
    return (one if len(names) == 1 else many).format(listed)


def kind_of(shape: Shape) -> str:
    """A shape in a student's words.

    >>> kind_of(()), kind_of(("n", 1)), kind_of((1, 3))
    ('a single number', 'a vector with n entries', 'a row with 3 entries')
    >>> kind_of(("k", "m")), kind_of(("m", "k")), kind_of((8, 12))
    ('a k×m matrix', 'an m×k matrix', 'an 8×12 matrix')
    """
    if not shape or shape == (1, 1):
        return "a single number"
    rows, columns = shape
    if columns == 1:
        return f"a vector with {rows} entries"
    if rows == 1:
        return f"a row with {columns} entries"
    an = str(rows)[0] in _SPOKEN_VOWELS or rows in (11, 18)
    return f"{'an' if an else 'a'} {rows}×{columns} matrix"
