"""The softmax: what a common shift of the logits changes (nothing), and why one shifts them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise, permutations
from typing import Any, Self

import numpy as np

from generator.exercises.exponentials import (
    FLOATS,
    draw_lists,
    naive,
    overflows,
    softmax,
    vanishes,
)
from generator.exercises.proving import formula_at
from generator.model.answers import (
    EXACT,
    Array,
    Choice,
    Ends,
    Formula,
    Interval,
    Number,
    Order,
    Tolerance,
)
from generator.model.errors import Disagreement
from generator.model.exercise import Exercise, agree, part
from generator.model.values import Vector, exact
from generator.sampling import Rng

# The proof's lines, each with the form that it starts from and the form that it arrives at.
PROOF = {
    "define": ("claimed", "exponents of sums"),
    "split": ("exponents of sums", "products under the sum"),
    "factor": ("products under the sum", "factor before the sum"),
    "simplify": ("factor before the sum", "no shift under the sum"),
    "recognise": ("no shift under the sum", "shown"),
}
KEEPING = ("add_all", "subtract_mean", "subtract_min", "subtract_first", "subtract_lse")
CHANGING = ("add_one", "scale", "swap", "negate", "square", "add_place")
# What may be wrong in a fellow student's derivation, and which line it makes false.
SLIPS = {
    "softmax": {"unshifted_below": 1, "added_power": 2, "added_once": 3, "each_term": 3, "kept": 4},
    "lse": {"added_power": 2, "added_once": 3, "each_term": 3, "kept": 4},
}
# Which lists are on every sheet: one that fails as asked, and one that only a rule about the sum
# of the logits takes for failing.
SHOWN = {"overflow": ("mixed_sizes", "large_sum"), "underflow": ("all_tiny", "negative_sum")}


@dataclass(frozen=True, eq=False)
class SoftmaxInvariance(Exercise):
    """Logits ln(r_k) + c, whose softmax is r_k / sum(r) whatever c is; and logits as a machine
    meets them, where the shift by minus the largest one keeps exp in range."""

    title = "Shifting the logits of a softmax"
    source = "exam of 2023/02/07, exercise 3"
    level_settings = (
        {"shift": 3},
        {"variant": "lse", "classes": 4, "stability": "denominator", "find_error": True},
    )
    variants = (
        {"variant": "lse", "stability": "underflow", "precision": "float32", "find_error": True},
        {"stability": "denominator", "classes": 5, "find_error": True},
    )

    variant: str  # "softmax", or "lse" where the log-sum-exp is shifted
    logit: str  # the letter of this sheet for a logit,
    output: str  # for an output
    constant: str  # and for the shift
    lines: tuple[str, ...]  # the lines of PROOF in the order shown
    ratios: Vector  # (classes,) different whole numbers r_k
    shift: Fraction  # c, not 0
    scores: Vector  # (classes,) logits in decimals, to be shifted by minus the largest
    operations: tuple[str, ...]  # of KEEPING and CHANGING, in the order shown
    amount: Fraction  # what "add_all" and "add_one" add
    multiple: Fraction  # what "scale" multiplies by
    entry: int  # the logit, from 1, that "add_one" and "swap" pick
    stability: str  # "overflow", "underflow" or "denominator": what is asked about the machine
    precision: str  # "float32" or "float64"
    lists: tuple[Vector, ...]  # each (classes,): logits given to the machine
    outputs: int  # the number of classes for which the denominator is bounded, else 0
    slip: str  # what is wrong in the fellow student's derivation; "" where there is none

    @classmethod
    def sample(
        cls,
        rng: Rng,
        *,
        classes: int = 3,
        shift: int = 9,
        variant: str = "softmax",
        stability: str = "overflow",
        precision: str = "float64",
        find_error: bool = False,
    ) -> Self:
        """`shift` bounds the size of c; `variant` is softmax, or lse to shift the log-sum-exp and
        ask for its value too; `stability` asks which logits overflow, which underflow to 0/0, or
        for the range of the denominator; `find_error` asks for a false line in a derivation."""
        _check_options(classes, shift, variant, stability, precision)
        keeping = rng.integer(2, 3)
        operations = rng.sample(KEEPING, keeping) + rng.sample(CHANGING, 5 - keeping)
        bounded = stability == "denominator"
        shown = SHOWN.get(stability, ())
        return cls(
            variant=variant,
            logit=rng.choice("asuz"),
            output=rng.choice("pqy"),
            constant=rng.choice("cdt"),
            lines=_out_of_order(rng),
            ratios=exact(rng.sample(range(1, 13), classes)),
            shift=Fraction(rng.nonzero(shift)),
            scores=_scores(rng, classes),
            operations=tuple(rng.shuffled(operations)),
            amount=Fraction(rng.nonzero(9)),
            multiple=Fraction(rng.integer(2, 4)),
            entry=rng.integer(1, classes),
            stability=stability,
            precision=precision,
            lists=() if bounded else draw_lists(rng, shown, 5, precision, classes),
            outputs=rng.integer(5, 2000) if bounded else 0,
            slip=rng.choice(tuple(SLIPS[variant])) if find_error else "",
        )

    @property
    def total(self) -> Fraction:
        """sum(r)."""
        return Fraction(self.ratios.sum())

    @property
    def other(self) -> int:
        """The logit, from 1, that "swap" exchanges with `entry`."""
        return self.entry % len(self.ratios) + 1

    @cached_property
    def logits(self) -> Vector:
        """ln(r_k) + c, (classes,) in floating point."""
        values: Vector = np.log(self.ratios.astype(float)) + float(self.shift)
        return values

    @part(points=2)
    def proof_order(self) -> Order:
        return Order(tuple(PROOF), options=self.lines)

    @proof_order.mistake(
        "A factor leaves the fraction or the logarithm only once it multiplies the whole sum."
    )
    def simplified_inside_the_sum(self) -> tuple[str, ...]:
        return ("define", "split", "simplify", "factor", "recognise")

    @proof_order.mistake("Nothing comes out of the sum before each term of it is a product.")
    def factored_before_split(self) -> tuple[str, ...]:
        return ("define", "factor", "split", "simplify", "recognise")

    @proof_order.mistake(
        "A proof may not begin with what it is to show: begin with the shifted logits."
    )
    def result_first(self) -> tuple[str, ...]:
        return ("recognise", "define", "split", "factor", "simplify")

    @property
    def _factor_formula(self) -> Formula:
        return Formula(f"e^({self.constant} - m)", {self.constant: "real", "m": "real"})

    @part(points=1)
    def factor(self) -> Formula:
        """Two shifts, by c and then back by m: in letters, so that no number gives it away."""
        return self._factor_formula

    @factor.mistake(
        "The shift stands in an exponent: what does the exponential of a sum factor into?"
    )
    def shift_as_factor(self) -> str:
        return f"{self.constant} - m"

    @factor.mistake("Adding exponents multiplies powers; it does not add them.")
    def powers_added(self) -> str:
        return f"e^{self.constant} - e^m"

    @factor.mistake("The second shift goes down, so its power of $e$ divides.")
    def both_upwards(self) -> str:
        return f"e^({self.constant} + m)"

    @factor.mistake("The two shifts are the other way round: up by one, down by the other.")
    def wrong_way_round(self) -> str:
        return f"e^(m - {self.constant})"

    @part(points=1)
    def shifted_logits(self) -> Array:
        return Array(self.scores - max(self.scores))

    @shifted_logits.mistake(
        "The shift is minus the largest logit: it is to be subtracted, not added."
    )
    def plus_max(self) -> Any:
        return self.scores + max(self.scores)

    @shifted_logits.mistake(
        "After subtracting the smallest logit, none is negative: exp can still overflow."
    )
    def minus_min(self) -> Any:
        return self.scores - min(self.scores)

    @shifted_logits.mistake("The same constant is added to every logit, not only to the largest.")
    def only_the_largest(self) -> Any:
        return self.scores * (self.scores != max(self.scores))

    @shifted_logits.mistake("A shift subtracts the largest logit; dividing by it is a rescaling.")
    def divided_by_largest(self) -> Any:
        return self.scores / max(self.scores)

    @part(points=1)
    def lse(self) -> Number | None:
        value = self._of_lse(lambda r, c: math.log(sum(r)) + c)
        # In absolute terms only: a large shift must not widen what is accepted.
        return None if value is None else Number(value, Tolerance(Fraction(1, 2000), Fraction(0)))

    @lse.mistake("The log-sum-exp lies above the largest logit: all terms of the sum count.")
    def largest_logit_only(self) -> float | None:
        return self._of_lse(lambda r, c: math.log(max(r)) + c)

    @lse.mistake("The shift does not vanish here: every term of the sum carries its power of $e$.")
    def shift_lost(self) -> float | None:
        return self._of_lse(lambda r, c: math.log(sum(r)))

    @lse.mistake("The shift's power of $e$ leaves the sum once, not once for each term.")
    def shift_of_each_term(self) -> float | None:
        return self._of_lse(lambda r, c: math.log(sum(r)) + len(r) * c)

    @lse.mistake("The shift's power of $e$ multiplies every term; it is not one more term.")
    def one_more_term(self) -> float | None:
        return self._of_lse(lambda r, c: math.log(sum(r) + math.exp(c)))

    @lse.mistake("First the exponentials, then their sum, then its logarithm: the order matters.")
    def sum_of_logits(self) -> float | None:
        return self._of_lse(lambda r, c: sum(math.log(n) + c for n in r))

    def _of_lse(self, rule: Callable[[list[float], float], float]) -> float | None:
        """What a rule makes of r and c; None where the log-sum-exp is not asked for."""
        if self.variant != "lse":
            return None
        return rule([float(r) for r in self.ratios], float(self.shift))

    @part(points=3)
    def probs(self) -> Array:
        return Array(self.ratios / self.total)

    @probs.mistake("Softmax compares the exponentials of the logits, not the logits themselves.")
    def linear_normalisation(self) -> Any:
        return self.logits / self.logits.sum()

    @probs.mistake(
        "Dividing each exponential by the largest one (which is what shifting by the largest logit "
        "does) leaves none above 1, but they must still be divided by their sum."
    )
    def no_normalisation(self) -> Any:
        return self.ratios / max(self.ratios)

    @probs.mistake("The sum in the denominator runs over all classes, the numerator's included.")
    def own_term_left_out(self) -> Any:
        return self.ratios / (self.total - self.ratios)

    @probs.mistake("The shift is in the denominator too: every term of the sum carries it.")
    def numerator_only(self) -> Any:
        return self.ratios.astype(float) * math.exp(self.shift) / float(self.total)

    @probs.mistake("A sigmoid looks at one logit alone; the softmax weighs each against all.")
    def sigmoid_each(self) -> Any:
        return 1 / (1 + np.exp(-self.logits))

    @probs.mistake("The shift's power of $e$ is a factor of every term, not one more term.")
    def power_added(self) -> Any:
        power = math.exp(self.shift)
        return self.ratios.astype(float) * power / (float(self.total) + power)

    @part(points=2)
    def invariant_ops(self) -> Choice:
        right = frozenset(self.operations) & frozenset(KEEPING)
        return Choice(right, options=self.operations, several=True, partial=True)

    @invariant_ops.mistake(
        "Scaling the logits stretches their differences, and the outputs depend on these."
    )
    def scale_also_invariant(self) -> frozenset[str] | None:
        return self._also("scale")

    @invariant_ops.mistake("The output is a vector: the same numbers at other places differ.")
    def order_ignored(self) -> frozenset[str] | None:
        return self._also("swap")

    @invariant_ops.mistake("The constant cancels only if every logit is shifted by it.")
    def one_shifted_logit(self) -> frozenset[str] | None:
        return self._also("add_one")

    @invariant_ops.mistake(
        "A number that is computed from the logits can be one and the same for all of them too."
    )
    def fixed_constants_only(self) -> frozenset[str] | None:
        return frozenset({"add_all"}) if "add_all" in self.operations else None

    def _also(self, operation: str) -> frozenset[str] | None:
        """The right operations and a further one, where that is on the sheet."""
        if operation not in self.operations:
            return None
        return frozenset(self.operations) & {*KEEPING, operation}

    @part(points=1)
    def overflow(self) -> Choice | None:
        return self._choice(self._lists_that("overflow", self._overflow))

    @overflow.mistake(
        "Each logit is exponentiated by itself: one large logit is enough, and a large sum of "
        "moderate ones does no harm."
    )
    def sum_of_logits_overflows(self) -> frozenset[str] | None:
        return self._lists_that("overflow", lambda x: overflows(sum(x), self.precision))

    @overflow.mistake("The exponential of a very negative logit becomes 0; it does not overflow.")
    def sign_ignored(self) -> frozenset[str] | None:
        return self._lists_that(
            "overflow",
            lambda x: any(overflows(abs(logit), self.precision) for logit in x),
            but=self._overflow,
        )

    @part(points=1)
    def zero_over_zero(self) -> Choice | None:
        return self._choice(self._lists_that("underflow", self._vanish))

    @zero_over_zero.mistake("Each logit is exponentiated by itself: their sum decides nothing.")
    def sum_of_logits_underflows(self) -> frozenset[str] | None:
        return self._lists_that("underflow", lambda x: vanishes(sum(x), self.precision))

    @zero_over_zero.mistake(
        "An exponential that becomes 0 does no harm by itself: look at the denominator."
    )
    def one_underflow_is_enough(self) -> frozenset[str] | None:
        return self._lists_that(
            "underflow",
            lambda x: any(vanishes(logit, self.precision) for logit in x),
            but=self._vanish,
        )

    def _overflow(self, logits: list[float]) -> bool:
        return any(overflows(logit, self.precision) for logit in logits)

    def _vanish(self, logits: list[float]) -> bool:
        return all(vanishes(logit, self.precision) for logit in logits)

    @property
    def list_keys(self) -> tuple[str, ...]:
        return tuple(f"list{number}" for number in range(1, len(self.lists) + 1))

    def _lists_that(
        self,
        asked: str,
        fail: Callable[[list[float]], bool],
        but: Callable[[list[float]], bool] | None = None,
    ) -> frozenset[str] | None:
        """The lists that fail by this rule; None where something else is asked, or where the rule
        `but` picks the same."""
        if self.stability != asked:
            return None
        named = {key: x.tolist() for key, x in self._floats.items()}
        picked = frozenset(key for key, x in named.items() if fail(x))
        return None if but and picked == {key for key, x in named.items() if but(x)} else picked

    @cached_property
    def _floats(self) -> dict[str, Vector]:
        """The lists in floating point, where their whole numbers are exact."""
        return {key: each.astype(float) for key, each in self.named_lists.items()}

    @property
    def named_lists(self) -> dict[str, Vector]:
        return dict(zip(self.list_keys, self.lists, strict=True))

    def _choice(self, right: frozenset[str] | None) -> Choice | None:
        if right is None:
            return None
        return Choice(right, options=self.list_keys, several=True, partial=True)

    @part(points=1)
    def denominator_range(self) -> Interval | None:
        ends = self._from_to(1, self.outputs)
        return None if ends is None else Interval(ends, EXACT)

    @denominator_range.mistake("The largest logit becomes 0, and its exponential is in the sum.")
    def from_zero(self) -> Ends | None:
        return self._from_to(0, self.outputs)

    @denominator_range.mistake("That is the range of one output; the denominator is a sum of many.")
    def range_of_an_output(self) -> Ends | None:
        return self._from_to(0, 1)

    @denominator_range.mistake("No shifted logit exceeds 0: what does that say of each term?")
    def unbounded(self) -> Ends | None:
        return self._from_to(1, None)

    @denominator_range.mistake("The sum runs over all classes, the one with the largest included.")
    def largest_left_out(self) -> Ends | None:
        return self._from_to(0, self.outputs - 1)

    def _from_to(self, low: int, high: int | None) -> Ends | None:
        if self.stability != "denominator":
            return None
        top = None if high is None else Fraction(high)
        return Ends(Fraction(low), top, low_belongs=True, high_belongs=top is not None)

    @part(points=1)
    def first_false_line(self) -> Choice | None:
        if not self.slip:
            return None
        line = str(SLIPS[self.variant][self.slip])
        return Choice(frozenset({line}), options=("1", "2", "3", "4"))

    @first_false_line.mistake(
        "That line is true, or only carries on what went wrong above it. Look for the first that "
        "is false."
    )
    def line_after(self) -> frozenset[str] | None:
        line = SLIPS[self.variant][self.slip] + 1
        return frozenset({str(line)}) if line <= 4 else None

    def verify(self) -> None:
        """Softmax in floating point: of the logits as shown, before and after each operation, and
        in the machine's own precision; the proof by chaining lines that hold as numbers."""
        truths = self.truths()
        a = self.logits
        agree("probs", truths["probs"], softmax(a), within=1e-9)
        agree("lse", truths.get("lse"), float(np.logaddexp.reduce(a)), within=1e-9)
        agree("shifted_logits", truths["shifted_logits"], self.scores - sorted(self.scores)[-1])
        self._check_factor()
        agree("proof_order", truths["proof_order"], self._only_order())
        shown = softmax(a)
        same = {op for op in self.operations if _close(softmax(self._after(op, a)), shown)}
        agree("invariant_ops", truths["invariant_ops"], same)
        results = {key: naive(x, self.precision) for key, x in self._floats.items()}
        infinite = {key for key, (terms, _) in results.items() if np.isinf(terms).any()}
        agree("overflow", truths.get("overflow"), infinite)
        zero = {key for key, (_, below) in results.items() if below == 0}
        agree("zero_over_zero", truths.get("zero_over_zero"), zero)
        for key, x in self._floats.items():
            below = naive(x - x.max(), self.precision)[1]
            if not 1 <= below <= len(x):
                raise Disagreement(f"{key}: the shift does not cure it")
        if self.outputs:
            # The extremes: one logit far above the others, and all of them equal.
            sums = [
                naive(np.array([0.0] + [other] * (self.outputs - 1)), "float64")[1]
                for other in (-1e6, -1.0, 0.0)
            ]
            found = Ends(Fraction(min(sums)), Fraction(max(sums)), True, True)
            agree("denominator_range", truths["denominator_range"], found)
        if self.slip:
            agree("first_false_line", truths["first_false_line"], {self._first_false()})

    def _check_factor(self) -> None:
        """The factor by which the exponentials of the logits really change, at numbers."""
        c, m = 0.7, -1.3
        claimed = formula_at(self._factor_formula, {self.constant: c, "m": m})
        found = np.exp(self.logits + c - m) / np.exp(self.logits)
        if not _close(found, np.full_like(found, claimed)):
            raise Disagreement(
                f"factor: the part says {claimed}, the exponentials change by {found}"
            )

    def _only_order(self) -> tuple[str, ...]:
        """The one order of the lines in which each starts from the form where the last arrived,
        once it is certain that all these forms are equal as numbers."""
        e, c = self.ratios.astype(float), float(self.shift)  # e = exp(a) for a = ln r
        a, ec = np.log(e), math.exp(c)
        if self.variant == "softmax":
            forms = {
                "claimed": softmax(a + c),
                "exponents of sums": np.exp(a + c) / np.exp(a + c).sum(),
                "products under the sum": e * ec / (e * ec).sum(),
                "factor before the sum": ec * e / (ec * e.sum()),
                "no shift under the sum": e / e.sum(),
                "shown": softmax(a),
            }
        else:
            forms = {
                "claimed": np.logaddexp.reduce(a + c),
                "exponents of sums": np.log(np.exp(a + c).sum()),
                "products under the sum": np.log((e * ec).sum()),
                "factor before the sum": np.log(ec * e.sum()),
                "no shift under the sum": np.log(ec) + np.log(e.sum()),
                "shown": c + np.logaddexp.reduce(a),
            }
        for line, (start, end) in PROOF.items():
            if not _close(forms[start], forms[end]):
                raise Disagreement(f"proof_order: line {line} is false")
        orders = _chains()
        if len(orders) != 1 or sorted(self.lines) != sorted(PROOF):
            raise Disagreement(f"proof_order: {len(orders)} orders of {self.lines} are right")
        return orders[0]

    def _after(self, operation: str, a: Vector) -> Vector:
        """What an operation makes of the logits `a`."""
        place = np.arange(1, len(a) + 1)
        chosen, other = place == self.entry, place == self.other
        rules: dict[str, Callable[[], Vector]] = {
            "add_all": lambda: a + float(self.amount),
            "subtract_mean": lambda: a - a.mean(),
            "subtract_min": lambda: a - a.min(),
            "subtract_first": lambda: a - a[0],
            "subtract_lse": lambda: a - np.logaddexp.reduce(a),
            "add_one": lambda: a + float(self.amount) * chosen,
            "scale": lambda: a * float(self.multiple),
            "swap": lambda: a + (a[other] - a[chosen]) * chosen + (a[chosen] - a[other]) * other,
            "negate": lambda: -a,
            "square": lambda: a**2,
            "add_place": lambda: a + place,
        }
        return rules[operation]()

    def _first_false(self) -> str:
        """The first line of the fellow student's derivation that is false as numbers."""
        e, c = self.ratios.astype(float), 0.7  # e = exp(a) for a = ln r, and any c but 0
        a, ec = np.log(e), math.exp(c)
        terms, total = np.exp(a + c), np.exp(a + c).sum()
        split = e + ec if self.slip == "added_power" else e * ec
        below = {
            "unshifted_below": e.sum(),
            "added_power": e.sum() + len(e) * ec if self.variant == "lse" else ec * e.sum(),
            "added_once": e.sum() + ec,
            "each_term": math.exp(len(e) * c) * e.sum(),
        }.get(self.slip, ec * e.sum())
        true: Any
        if self.variant == "softmax":
            true = softmax(a + c)
            first = terms / (e.sum() if self.slip == "unshifted_below" else total)
            last = ec * softmax(a) if self.slip == "kept" else split / below
        else:
            true = first = np.logaddexp.reduce(a + c)
            last = c * np.log(e.sum()) if self.slip == "kept" else np.log(below)
        pairs = ((true, first), (terms, split), (total, below), (true, last))
        for line, (left, right) in enumerate(pairs, start=1):
            if not _close(left, right):
                return str(line)
        raise Disagreement("first_false_line: every line is true")


@cache
def _chains() -> list[tuple[str, ...]]:
    """The orders of the lines of PROOF in which each starts where the last arrived."""
    return [
        order
        for order in permutations(PROOF)
        if all(PROOF[x][1] == PROOF[y][0] for x, y in pairwise(order))
    ]


def _close(first: Any, second: Any) -> bool:
    """Whether two arrays agree to rounding, relative to the larger entry."""
    return bool((np.abs(first - second) <= 1e-12 + 1e-9 * np.abs(second)).all())


def _check_options(classes: int, shift: int, variant: str, stability: str, precision: str) -> None:
    if not 3 <= classes <= 5:
        raise ValueError("classes is 3, 4 or 5")
    if not 1 <= shift <= 100:
        raise ValueError("shift is a whole number from 1 to 100")
    if variant not in SLIPS:
        raise ValueError("variant is softmax or lse")
    if stability not in (*SHOWN, "denominator"):
        raise ValueError("stability is overflow, underflow or denominator")
    if precision not in FLOATS:
        raise ValueError("precision is float32 or float64")


def _out_of_order(rng: Rng) -> tuple[str, ...]:
    while (lines := tuple(rng.shuffled(tuple(PROOF)))) == tuple(PROOF):
        pass
    return lines


def _scores(rng: Rng, classes: int) -> Vector:
    """Logits with one decimal, large in size, that differ by at most 9.9."""
    largest = rng.sign() * rng.tenth(200, 9000)
    gaps = [0, *rng.sample(range(3, 100), classes - 1)]
    return exact([largest - Fraction(gap, 10) for gap in rng.shuffled(gaps)])
