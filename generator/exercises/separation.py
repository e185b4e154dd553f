"""Can a hyperplane separate two finite sets of points? Decided exactly, with a certificate.

Two finite sets can be strictly separated if and only if their convex hulls are disjoint. So convex
weights under which both sets have the same mean prove that no hyperplane separates them (Farkas'
lemma), and a separating direction proves that one does.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import lcm

from generator.model.values import Matrix, Vector, exact, plain


def common_mean(positive: Matrix, negative: Matrix) -> tuple[Vector, Vector] | None:
    """Convex weights (k,) and (m,) under which points (k, d) and (m, d) have the same mean.

    None if there are none: then a hyperplane strictly separates the two sets.
    """
    k, m = len(positive), len(negative)
    columns = zip(plain(positive).T.tolist(), (-plain(negative)).T.tolist(), strict=True)
    rows = [[*of_positive, *of_negative] for of_positive, of_negative in columns]
    rows += [[1] * k + [0] * m, [0] * k + [1] * m]
    found = _nonnegative_solution(rows, [0] * (len(rows) - 2) + [1, 1])
    return None if found is None else (exact(found[:k]), exact(found[k:]))


def separating_direction(positive: Matrix, negative: Matrix) -> tuple[int, int] | None:
    """For points in the plane: a direction u with u·p > u·n for all p and n, or None.

    The order of the projections u·x changes only where u is normal to a line through two points.
    One direction from each arc between such normals therefore decides. No shared formula with
    `common_mean`, so that either can check the other.
    """
    both = plain(positive).tolist(), plain(negative).tolist()
    scale = lcm(*{entry.denominator for points in both for point in points for entry in point})
    ups, downs = ([(int(x * scale), int(y * scale)) for x, y in points] for points in both)
    between = [(a - c, b - d) for a, b in ups for c, d in downs]
    pairs = combinations(dict.fromkeys(ups + downs), 2)
    gaps = [(c - a, d - b) for (a, b), (c, d) in pairs]
    normals = {(sign * y, -sign * x) for x, y in gaps for sign in (1, -1)}
    # The sum of neighbouring normals lies between them; the gaps serve where all points are on
    # one line, so that its two normals have sum 0.
    arcs = [(a + c, b + d) for (a, b), (c, d) in combinations(sorted(normals), 2)]
    for x, y in arcs + [(sign * x, sign * y) for x, y in gaps for sign in (1, -1)]:
        for across, up in between:
            if x * across + y * up <= 0:
                break
        else:
            return x, y
    return None


def _nonnegative_solution(
    rows: Sequence[Sequence[Fraction | int]], right: Sequence[int]
) -> list[Fraction] | None:
    """A solution x >= 0 of rows·x = right, or None. `right` has no negative entry.

    Phase one of the simplex method; Bland's rule keeps it from cycling (R. G. Bland, Mathematics of
    Operations Research 2, 1977). The table holds whole numbers over the last pivot, so that every
    division is exact (E. H. Bareiss, Mathematics of Computation 22, 1968).
    """
    unknowns = len(rows[0])
    scale = lcm(*{entry.denominator for row in rows for entry in row})
    table = [[int(e * scale) for e in [*row, end]] for row, end in zip(rows, right, strict=True)]
    basis = [unknowns + place for place in range(len(rows))]  # one artificial variable a row
    excess = [sum(column) for column in zip(*table, strict=True)]
    below = 1  # the denominator of all entries
    while (enters := next((j for j in range(unknowns) if excess[j] > 0), None)) is not None:
        leaves = _leaves(table, basis, enters)
        pivot, one = table[leaves], table[leaves][enters]
        for row in (*table, excess):
            factor = row[enters]
            if row is not pivot and (factor or one != below):
                row[:] = [(e * one - factor * p) // below for e, p in zip(row, pivot, strict=True)]
        basis[leaves], below = enters, one
    if excess[-1]:
        return None
    solution = [Fraction(0)] * unknowns
    for variable, row in zip(basis, table, strict=True):
        if variable < unknowns:
            solution[variable] = Fraction(row[-1], below)
    return solution


def _leaves(table: list[list[int]], basis: list[int], enters: int) -> int:
    """The place of the row with the least ratio of its end to its positive entry in the column
    `enters`; of those, with the first variable."""
    best, least, size = -1, 0, 1
    for place, row in enumerate(table):
        if (entry := row[enters]) > 0:
            ours, theirs = row[-1] * size, least * entry
            if best < 0 or ours < theirs or (ours == theirs and basis[place] < basis[best]):
                best, least, size = place, row[-1], entry
    return best
