"""Two classes of pixel patterns: is there a separating hyperplane, and what proves the answer?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product
from math import lcm
from typing import Any, Self

import numpy as np

from generator.exercises.patterns import (
    SIDES,
    are_separable,
    balanced_classes,
    balanced_patterns,
    contradictions,
    parallel_classes,
    pictures,
    simplest_separator,
    split_lines,
    unbalanced_classes,
)
from generator.exercises.separation import common_mean
from generator.model.answers import Choice, Witness
from generator.model.errors import AuthoringError, Disagreement
from generator.model.exercise import Exercise, Rejected, part, witness
from generator.model.figure import Figure
from generator.model.values import Matrix, Vector, exact, plain, whole
from generator.sampling import Rng

PATTERNS = ("any", "lines")
OUTCOMES = ("either", "yes", "no")
CLASSES = ("I", "II")
SIGNS = ("positive", "negative")
# Weights with sum 1 of which one is negative, for classes of two and of three patterns.
NOT_CONVEX: dict[int, list[tuple[int, ...]]] = {
    2: [(2, -1), (-1, 2)],
    3: [(1, 1, -1), (1, -1, 1), (-1, 1, 1), (2, -1, 0), (2, 0, -1), (0, 2, -1)],
}


@dataclass(frozen=True, eq=False)
class LinePatternSeparability(Exercise):
    """Patterns of class I are to have w·x + b > 0, those of class II w·x + b < 0.

    Both proofs are asked for in one part, so that its fields do not tell which one it takes: two
    lists, of which the second has one entry, b, if and only if the first one is w.
    """

    title = "Separating patterns of pixels by a hyperplane"
    source = "exam without a date among those of 2023, exercise 3 (line patterns), question 1"
    level_settings = ({"per_class": 2}, {"side": 3})
    variants = (
        {"patterns": "lines", "separable": "no"},
        {"patterns": "lines", "side": 3},
        {"separable": "yes"},
        {"separable": "no"},
        {"side": 3, "separable": "yes"},
    )

    side: int  # of the grid, in pixels
    class_I: Matrix  # (k, side²)
    class_II: Matrix  # (k, side²)
    conditions_I: Matrix  # (3, 4), the patterns behind the conditions (1) to (3)
    conditions_II: Matrix  # (3, 4), and behind (4) to (6)

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        side: int = 2,
        per_class: int = 3,
        patterns: str = "any",
        separable: str = "either",
    ) -> Self:
        """The grid has `side` by `side` pixels, 2 or 3. There are `per_class` patterns in each
        class, 2 to 4, any ones; or, with patterns = lines, `side` lines in each class. `separable`
        is either, yes or no."""
        _check_options(side, per_class, patterns, separable)
        apart = rng.chance(1, 2) if separable == "either" else separable == "yes"
        if patterns == "lines":
            first, second = (split_lines if apart else parallel_classes)(rng, side)
        else:
            shared = 2 if per_class == 2 or rng.chance(2, 3) else 3
            draw = unbalanced_classes if apart else balanced_classes
            first, second = draw(rng, side, per_class, shared)
            if rng.chance(1, 2):
                first, second = second, first
        conditions = _conditions(rng)
        return cls(
            side=side,
            class_I=first,
            class_II=second,
            conditions_I=conditions[0],
            conditions_II=conditions[1],
        )

    @property
    def pixels(self) -> int:
        return self.side**2

    # --- yes or no

    @part(points=2)
    def separable(self) -> Choice:
        right = "yes" if self.common_mean is None else "no"
        return Choice(frozenset({right}), options=("yes", "no"))

    @separable.mistake(
        "A few patterns in a space of many pixels need not be separable: look for mixtures of the "
        "patterns of either class that coincide."
    )
    def separable_because_few_points(self) -> frozenset[str] | None:
        return None if self.common_mean is None else frozenset({"yes"})

    @separable.mistake(
        "Two conditions that pull in opposite directions are no contradiction yet: patterns of "
        "different classes may share pixels. Only all conditions together decide."
    )
    def one_violated_pair_is_enough(self) -> frozenset[str] | None:
        return frozenset({"no"}) if self.common_mean is None else None

    # --- the proof, either way

    @witness(points=5)
    def witness_or_certificate(self) -> Witness:
        if self.common_mean is not None:
            value = dict(zip(("p", "q"), self.common_mean, strict=True))
        else:
            value = {"p": self.separator[0], "q": exact([self.separator[1]])}
        return Witness(value, shapes={"p": (None,), "q": (None,)})

    @witness_or_certificate.check
    def proof_failures(self, p: Vector, q: Vector) -> Iterator[str]:
        if len(q) == 1:
            yield from self._hyperplane_failures(p, q[0])
        else:
            yield from self._mixture_failures(p, q)

    def _hyperplane_failures(self, w: Vector, b: Fraction) -> Iterator[str]:
        if len(w) != self.pixels:
            yield f"with one number in q, p must be the {self.pixels} weights w, not {len(w)}"
            return
        w, b = plain(w), whole(b)
        for letter, patterns, sign in zip("AB", self._classes, (1, -1), strict=True):
            for place, score in enumerate(patterns @ w + b, start=1):
                if sign * score <= 0:
                    wanted = SIGNS[sign < 0]
                    yield f"w·x + b = {score} at {letter}_{place}, but it must be {wanted}"

    def _mixture_failures(self, p: Vector, q: Vector) -> Iterator[str]:
        sizes = [len(patterns) for patterns in self._classes]
        if [len(p), len(q)] != sizes:
            yield (
                f"q is either [b] or the weights of the {sizes[1]} patterns of class II, and then "
                f"p is those of the {sizes[0]} patterns of class I"
            )
            return
        p, q = plain(p), plain(q)
        for letter, weights, name in zip("AB", (p, q), CLASSES, strict=True):
            for place, weight in enumerate(weights, start=1):
                if weight < 0:
                    yield f"{letter}_{place} has the weight {weight}, but no weight is negative"
            if sum(weights) != 1:
                yield f"the weights of class {name} have the sum {sum(weights)}, not 1"
        if sum(p) == sum(q) == 1:
            means = p @ self._classes[0], q @ self._classes[1]
            for pixel, (mine, other) in enumerate(zip(*means, strict=True), start=1):
                if mine != other:
                    yield (
                        f"pixel x_{pixel} is {mine} in the mean of class I and {other} in that of "
                        "class II, but the means must agree"
                    )

    @witness_or_certificate.outcome
    def proof_shown(self, p: Vector, q: Vector) -> Any:
        """The mistake that an answer shows, at whatever scale; else its numbers."""
        if not any(self.proof_failures(p, q)):
            return "right"
        shown = None
        if len(q) == 1 and len(p) == self.pixels:
            shown = self._hyperplane_shown(p, q[0])
        elif [len(p), len(q)] == [len(patterns) for patterns in self._classes]:
            shown = self._mixture_shown(p, q)
        return shown or (tuple(p), tuple(q))

    def _hyperplane_shown(self, w: Vector, b: Fraction) -> str | None:
        first, second = (patterns @ w for patterns in self._classes)
        if max(first) < min(second):
            return "swap_classes"
        if min(first) <= max(second):
            return None
        if b == 0:
            return "no_bias"
        if min(first) - b > 0 > max(second) - b:
            return "threshold_sign"
        return "on_the_boundary" if 0 in (min(first) + b, max(second) + b) else "wrong_bias"

    def _mixture_shown(self, p: Vector, q: Vector) -> str | None:
        sums = sum(p), sum(q)
        if min(sums) <= 0:
            return None
        p, q = p / sums[0], q / sums[1]
        if (p @ self.class_I == q @ self.class_II).all():
            return "negative_multipliers" if min([*p, *q]) < 0 else "not_normalised"
        return "equal_multipliers" if len({*p}) == len({*q}) == 1 else None

    @witness_or_certificate.mistake(
        "Your $w$ tells the classes apart the wrong way round: $w^T x$ must be larger on class I. "
        "Turn the sign of $w$, and put $-b$ between the values of $w^T x$ on the two classes."
    )
    def swap_classes(self) -> dict[str, Any] | None:
        return self._plane(-1, -1)

    @witness_or_certificate.mistake(
        "The hyperplane goes through the origin without $b$. Some $b$ suits your $w$: put $-b$ "
        "between the values of $w^T x$ on the two classes."
    )
    def no_bias(self) -> dict[str, Any] | None:
        return self._plane(1, 0)

    @witness_or_certificate.mistake(
        "The class begins where $w^T x$ exceeds a threshold, and the threshold is $-b$, not $b$."
    )
    def threshold_sign(self) -> dict[str, Any] | None:
        return self._plane(1, -1)

    @witness_or_certificate.mistake(
        "A pattern with $w^T x + b = 0$ lies on the hyperplane, on neither side: move $b$ a little."
    )
    def on_the_boundary(self) -> dict[str, Any] | None:
        if self.common_mean is not None:
            return None
        w, _ = self.separator
        scores = [patterns @ plain(w) for patterns in self._classes]
        touching = -min(scores[0]) or -max(scores[1])
        return {"p": w, "q": exact([touching])}

    def _plane(self, sign: int, times: int) -> dict[str, Any] | None:
        """sign·w and times·b, if that separates no longer; None where certificates are asked."""
        if self.common_mean is not None:
            return None
        w, b = self.separator
        wrong = {"p": sign * w, "q": exact([times * b])}
        return wrong if any(self.proof_failures(**wrong)) else None

    @witness_or_certificate.mistake(
        "The right proportions, but sums of patterns are no means: in each class the weights must "
        "sum to 1. If the classes' sums had different numbers of terms, $b$ would not cancel."
    )
    def not_normalised(self) -> dict[str, Any] | None:
        if self.common_mean is None:
            return None
        p, q = self.common_mean
        scale = lcm(*(weight.denominator for weight in [*p, *q]))
        return {"p": scale * p, "q": scale * q}

    @witness_or_certificate.mistake(
        "A negative weight turns the condition of its pattern round, so that the sum of the "
        "conditions proves nothing."
    )
    def negative_multipliers(self) -> dict[str, Any] | None:
        """Found only where the classes have more than one combination in common."""
        k = len(self.class_I)
        if self.common_mean is None or k not in NOT_CONVEX:
            return None
        weights = NOT_CONVEX[k]
        means, others = (np.array(weights) @ patterns for patterns in self._classes)
        for i, j in product(range(len(weights)), repeat=2):
            if (means[i] == others[j]).all():
                return {"p": exact(weights[i]), "q": exact(weights[j])}
        return None

    @witness_or_certificate.mistake(
        "The plain means of the two classes are different: find out which of the patterns to mix, "
        "and give the others the weight 0."
    )
    def equal_multipliers(self) -> dict[str, Any] | None:
        if self.common_mean is None:
            return None
        p, q = (exact([Fraction(1, len(patterns))] * len(patterns)) for patterns in self._classes)
        return {"p": p, "q": q} if any(self._mixture_failures(p, q)) else None

    # --- which conditions contradict each other

    @part(points=3)
    def contradiction_pair(self) -> Choice:
        return Choice(self._keys(*self.contradiction), options=tuple("123456"), several=True)

    @contradiction_pair.mistake(
        "The sums contradict each other only if $b$ is left out. Count how often $b$ occurs in "
        "each: a hyperplane need not go through the origin."
    )
    def no_bias_proof(self) -> frozenset[str]:
        # The proof published with the exam drops b.
        i, *downs = self.without_bias
        return self._keys((i,), tuple(downs))

    @contradiction_pair.mistake(
        "Two conditions never contradict each other here: two different patterns are always "
        "separable. It takes sums of conditions."
    )
    def one_violated_pair(self) -> frozenset[str]:
        ups, downs = self.contradiction
        return self._keys(ups[:1], downs[:1])

    @contradiction_pair.mistake(
        "Together all six conditions contradict each other, but fewer of them do as well."
    )
    def all_conditions(self) -> frozenset[str]:
        return frozenset("123456")

    def _keys(self, ups: tuple[int, ...], downs: tuple[int, ...]) -> frozenset[str]:
        return frozenset({*(str(i + 1) for i in ups), *(str(j + 4) for j in downs)})

    # --- what the parts, the figures and the worked solution look at

    @cached_property
    def _classes(self) -> tuple[Matrix, Matrix]:
        """Both classes, in plain whole numbers."""
        return plain(self.class_I), plain(self.class_II)

    @cached_property
    def _conditions(self) -> tuple[Matrix, Matrix]:
        """The patterns behind the conditions on either class, in plain whole numbers."""
        return plain(self.conditions_I), plain(self.conditions_II)

    @cached_property
    def common_mean(self) -> tuple[Vector, Vector] | None:
        """Convex weights of both classes with the same mean, None if the classes are separable."""
        return common_mean(*self._classes)

    @cached_property
    def separator(self) -> tuple[Vector, Fraction]:
        """Small w and b that separate the classes."""
        found = simplest_separator(*self._classes)
        if found is None:
            raise AuthoringError("no small weights separate these classes")
        return found

    @cached_property
    def contradiction(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Places (from 0) of the contradicting conditions, in either class."""
        found, *others = contradictions(*self._conditions)
        if others:
            raise AuthoringError("more than one smallest set of conditions contradict each other")
        return found

    def scores(self, patterns: Matrix) -> Vector:
        """w·x + b of the example at each pattern."""
        w, b = self.separator
        return exact(plain(patterns) @ plain(w) + whole(b))

    @property
    def mean(self) -> Vector:
        """The common mean of the classes."""
        assert self.common_mean is not None
        return exact(self.common_mean[0] @ self.class_I)

    @property
    def without_bias(self) -> tuple[int, int, int]:
        """A pattern behind the conditions of class I that is the sum of two of class II (from 0):
        these three contradict each other if there is no b."""
        ones, others = self._conditions
        places = product(range(3), combinations(range(3), 2))
        return next((i, j, k) for i, (j, k) in places if (ones[i] == others[j] + others[k]).all())

    @cached_property
    def condition_sum(self) -> Vector:
        """What the contradicting patterns of either class sum to."""
        return exact(self.conditions_I[list(self.contradiction[0])].sum(axis=0))

    def verify(self) -> None:
        """Either proof settles the question by itself: it is checked pattern by pattern, in whole
        numbers. The smallest contradiction is checked by exact linear programming."""
        truths = self.truths()
        p, q = (plain(truths["witness_or_certificate"].value[name]) for name in "pq")
        if truths["separable"].value == {"yes"}:
            for patterns, sign in zip(self._classes, (1, -1), strict=True):
                for x in patterns:
                    score = q[0] + sum(w for w, black in zip(p, x, strict=True) if black)
                    if score * sign <= 0:
                        raise Disagreement(f"w·x + b = {score} at {x}")
        else:
            if min([*p, *q]) < 0 or sum(p) != 1 or sum(q) != 1:
                raise Disagreement(f"{p} and {q} are no convex weights")
            for pixel in range(self.pixels):
                mine, other = (
                    sum(a for a, x in zip(weights, patterns, strict=True) if x[pixel])
                    for weights, patterns in zip((p, q), self._classes, strict=True)
                )
                if mine != other:
                    raise Disagreement(f"pixel {pixel + 1}: the means are {mine} and {other}")
        self._verify_contradiction(truths["contradiction_pair"].value)

    def _verify_contradiction(self, keys: frozenset[str]) -> None:
        """The named patterns have equal sums; without any one of them, all the others are
        separable. So every contradiction contains them all, and they are the smallest one."""
        ups = [i for i in range(3) if str(i + 1) in keys]
        downs = [j for j in range(3) if str(j + 4) in keys]
        for pixel in range(4):
            mine = sum(self._conditions[0][i][pixel] for i in ups)
            if len(ups) != len(downs) or mine != sum(self._conditions[1][j][pixel] for j in downs):
                raise Disagreement(f"contradiction_pair: the sums of {sorted(keys)} differ")
        for number in sorted(keys):
            rest = [
                patterns[[i for i in range(3) if str(i + first) != number]]
                for patterns, first in zip(self._conditions, (1, 4), strict=True)
            ]
            if not are_separable(*rest):
                raise Disagreement(f"contradiction_pair: there is another one, without {number}")

    # --- figures

    def classes_drawn(self) -> Figure:
        """The numbered pixels and all patterns."""
        groups = [("A", self.class_I), ("B", self.class_II)]
        return pictures(self.side, groups)


def _conditions(rng: Rng) -> tuple[Matrix, Matrix]:
    """Three patterns of 4 pixels in each class: two and two have the same sum, and one of the
    first class is the sum of two of the second. The former alone are not separable."""
    for _ in range(60):
        first, second = balanced_patterns(rng, 2, 2, 2)
        added = tuple(rng.below(2) if not pixel else 0 for pixel in second[0])
        first.append(tuple(x + more for x, more in zip(second[0], added, strict=True)))
        second.append(added)
        if not any(added) or len({*first, *second}) < 6:
            continue
        classes = exact(rng.shuffled(first)), exact(rng.shuffled(second))
        if len(contradictions(*classes)) == 1:
            return classes
    raise Rejected("no conditions with one smallest contradiction")


def _check_options(side: int, per_class: int, patterns: str, apart: str) -> None:
    if side not in SIDES:
        raise ValueError("side is 2 or 3")
    if not 2 <= per_class <= 4:
        raise ValueError("per_class is a whole number from 2 to 4")
    if patterns not in PATTERNS:
        raise ValueError(f"patterns is one of {', '.join(PATTERNS)}")
    if apart not in OUTCOMES:
        raise ValueError(f"separable is one of {', '.join(OUTCOMES)}")
