"""Every region of two formulas: points on both sides of each kink, far from it and close to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.notation.formulas.scope import Scope
from generator.notation.formulas.tree import Item, Name, Tree
from grader.comparing.points import Points, evaluated, evaluated_each, with_given

_WHOLE_DOMAINS = ("integer", "natural", "onehot")
_KINKS = 6  # of an expression that are looked at
_REGION = 0.1  # share of the generic points that makes a region
_MORE = 16  # points added for missing patterns
_FACTORS = tuple(s * 2.0**e for e in range(-20, 41, 3) for s in (1, -1))
_SCALED = ("real", "positive", "nonzero", "integer", "natural")


def covered(points: Points, kinks: Sequence[Tree], scope: Scope) -> Points:
    """The points, with more where a sign of a kink's argument, or a pattern of several signs, is
    missing: found along rays out to large and small numbers; and with two close to each kink.

    It gives up on a pattern that does not show there.
    """
    kinks = kinks[:_KINKS]
    if not kinks:
        return points
    arguments = evaluated_each(kinks, points)
    seen = set(_patterns(arguments))
    if not _complete(seen, len(kinks)):
        pool = _pool(kinks, points, scope)
        new: dict[int, int] = {}
        for place, pattern in enumerate(_patterns(evaluated_each(kinks, pool))):
            if pattern not in seen:
                new.setdefault(pattern, place)
        if new:
            points = points.joined(pool.only(sorted(new.values())[:_MORE]))
            arguments = evaluated_each(kinks, points)
    for kink, argument in zip(kinks, arguments, strict=True):
        near = _near(kink, argument, points, scope)
        if near is not None:
            points = points.joined(near)
    return points


def on_a_kink(points: Points, kinks: Sequence[Tree], scope: Scope) -> NDArray[np.bool_]:
    """The points that lie exactly on a kink, where derivatives and masks are a convention.

    An argument that is 0 in a whole region, such as relu(z), or that is made of whole numbers
    only, takes the value 0 in earnest and does not count.
    """
    result = np.zeros(points.count, dtype=bool)
    bent = [kink for kink in kinks if _has_real_names(kink, scope)]
    for argument in evaluated_each(bent, points):
        zero = (argument == 0).reshape(points.count, -1)
        region = zero[points.generic].mean(axis=0) > _REGION
        result |= (zero & ~region).any(axis=1)
    return result


def _has_real_names(kink: Tree, scope: Scope) -> bool:
    """Whether a kink's argument has names, and not only those of whole numbers."""
    known = [scope.names[n] for n in names_of(kink) if n in scope.names]
    return bool(known) and not all(each.domain in _WHOLE_DOMAINS for each in known)


def names_of(*trees: Tree) -> set[str]:
    """The names that the trees use, indexed ones too."""
    found: set[str] = set()
    waiting = list(trees)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Name | Item):
            found.add(node.name)
        waiting.extend(node.children())
    return found


def _patterns(arguments: Sequence[NDArray[np.float64]]) -> list[int]:
    """For every point, which signs the entries of each argument take: two bits an argument."""
    codes = np.zeros(len(arguments[0]), np.intp)
    for each in arguments:
        flat = each.reshape(len(each), -1)
        codes = 4 * codes + 2 * (flat > 0).any(axis=1) + (flat < 0).any(axis=1)
    return codes.tolist()


def _complete(seen: set[int], kinks: int) -> bool:
    """Whether each pattern of signs is there; of one kink, both signs, be it at one point."""
    if kinks == 1:
        return any(each & 2 for each in seen) and any(each & 1 for each in seen)
    plain = [each for each in seen if all((each >> 2 * i) & 3 in (1, 2) for i in range(kinks))]
    return len(plain) == 1 << kinks


def _pool(kinks: Sequence[Tree], points: Points, scope: Scope) -> Points:
    """Points on rays: the names of the kinks scaled together, each on its own way, and alone."""
    used = sorted(
        name
        for name in names_of(*kinks) & scope.names.keys()
        if scope.names[name].domain in _SCALED
        and not scope.names[name].given
        and not (name in points.sizes and not scope.names[name].shape)
    )
    base = points.only(range(min(4, points.count)))
    pool = base.joined(_scaled(base, used, scope))
    if len(used) > 1:
        pool = pool.joined(_scaled(base, used, scope, apart=True))
        for name in used[:_KINKS]:
            pool = pool.joined(_scaled(base, [name], scope))
    return pool


def _scaled(base: Points, moved: Sequence[str], scope: Scope, apart: bool = False) -> Points:
    """Every point, with the moved names multiplied by every factor that their domain allows;
    `apart`, the names by different ones."""
    repeated = base.only(np.tile(np.arange(base.count), len(_FACTORS)))
    turns = np.repeat(np.arange(len(_FACTORS)), base.count)
    values = dict(repeated.values)
    for place, name in enumerate(moved):
        step, start = (2 * place + 1, 5 * place) if apart else (1, 0)
        factors = np.array(_FACTORS)[(turns * step + start) % len(_FACTORS)]
        domain = scope.names[name].domain
        f = np.abs(factors) if domain in ("positive", "natural") else factors
        scaled = values[name] * f.reshape(-1, *([1] * (values[name].ndim - 1)))
        if domain in ("integer", "natural"):
            scaled = np.trunc(scaled)
            scaled = np.maximum(scaled, 1) if domain == "natural" else scaled
        values[name] = scaled
    return with_given(scope, Points(base.sizes, values, repeated.generic & False))


def _near(kink: Tree, argument: NDArray[np.float64], points: Points, scope: Scope) -> Points | None:
    """Two points close to the kink, one on each side; None where names are whole numbers, and
    where a product of many entries has its kinks at hand anyway."""
    known = [scope.names[n] for n in names_of(kink) if n in scope.names]
    if any(each.domain in (*_WHOLE_DOMAINS, "probabilities") for each in known):
        return None
    if argument[0].size != 1:
        return None
    flat = argument.reshape(-1)
    above, below = np.flatnonzero(flat > 0), np.flatnonzero(flat < 0)
    if not above.size or not below.size:
        return None
    ends = points.only([above[0], below[0]])
    for _ in range(4):  # each step is 16 times as close
        share = np.arange(17) / 16
        line = {n: _between(v[0], v[1], share) for n, v in ends.values.items()}
        trial = with_given(scope, Points(points.sizes, line, np.zeros(17, bool)))
        sign = np.sign(evaluated(kink, trial).reshape(-1))
        change = np.flatnonzero((sign[:-1] > 0) & (sign[1:] < 0))
        if not change.size:
            break
        ends = trial.only([change[0], change[0] + 1])
    return ends


def _between(
    first: NDArray[np.float64], last: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    s = share.reshape(-1, *([1] * first.ndim))
    return first * (1 - s) + last * s
