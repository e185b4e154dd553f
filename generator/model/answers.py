"""The kinds of answer: what is asked, what is true, and how near an answer must come.

Each kind is a frozen dataclass whose `value` is the truth as a plain Python value. That same plain
value is what a later part receives, and what the reader makes of a student's text.

    Number    Fraction or float                   Choice    set of option keys
    Array     numpy array, exact or float         Order     option keys, first to last
    Shape     tuple of sizes or symbols           Edges     set of (from, to) names
    Interval  ends and whether they belong        FiniteSet set of numbers
    Formula   text in the answer language         Witness   named arrays, any that do
    Group     several named answers asked at once

A PartialOrder is an Order of which any arrangement is right that keeps some pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from generator.model.declared import Declared
from generator.model.form import (
    DECIMALS,
    FIGURES,
    OF_FORMULAS,
    OF_NUMBERS,
    Form,
    checked,
    counted,
)
from generator.model.records import ADDED, record
from generator.model.values import (
    Vector,
    array,
    as_float,
    decimals,
    exact,
    figures,
    magnitude,
    number,
)


@record("tolerance", kept=True)
@dataclass(frozen=True)
class Tolerance:
    """An answer v is near a truth t when |v - t| <= max(abs, rel * |t|, half a unit of the last
    significant figure of t), where `significant` says how many figures count; 0 for none.

    `decimals`, or else `significant`, is the precision that the question asks for; certification
    proves that a truth rounded to it, and everything computed from it, is still near.
    """

    abs: Fraction = Fraction(1, 2000)
    rel: Fraction = Fraction(1, 1000)
    decimals: int = 4
    significant: int = field(default=0, metadata=ADDED)

    @classmethod
    def to_decimals(cls, count: int) -> Tolerance:
        """Right to `count` decimals: at most half a unit of the last one away, both ways.

        >>> Tolerance.to_decimals(2).near(Fraction("0.125"), Fraction("0.12"))
        True
        """
        return cls(Fraction(1, 2 * 10**count), Fraction(0), count)

    @classmethod
    def to_figures(cls, count: int) -> Tolerance:
        """Right to `count` significant figures of the truth; of 0, only 0 is.

        >>> Tolerance.to_figures(3).near(Fraction("99.95"), Fraction(100))
        True
        """
        return cls(Fraction(0), Fraction(0), significant=count)

    @property
    def precision(self) -> str:
        """What the question asks for, in words."""
        if self.significant:
            return counted(self.significant, FIGURES)
        return counted(self.decimals, DECIMALS)

    def rounded(self, value: Fraction | float) -> Fraction:
        """A value as someone gives it who rounds to the precision that is asked for."""
        if self.significant:
            return figures(value, self.significant)
        return decimals(value, self.decimals)

    @cached_property
    def _floats(self) -> tuple[float, float]:
        return float(self.abs), float(self.rel)

    def margin(self, truth: Fraction | float) -> Fraction:
        return max(self.abs, self.rel * abs(Fraction(truth)), self.figure(truth))

    def figure(self, truth: Fraction | float) -> Fraction:
        """Half a unit of the last significant figure of `truth`; 0 where none are counted."""
        if not self.significant or not truth:
            return Fraction(0)
        return Fraction(10) ** (magnitude(truth) + 1 - self.significant) / 2

    def near(self, truth: Fraction | float, value: Fraction | float, times: int = 1) -> bool:
        """Whether `value` is within `times` margins of `truth`; exact, so ends belong."""
        try:
            right = as_float(truth)
            size, gap = abs(right), abs(as_float(value) - right)
            figure = float(self.figure(truth)) if self.significant else 0.0
            least, share = self._floats
            room = times * max(least, share * size, figure)
            if abs(gap - room) > 1e-12 * (size + gap + room):
                return gap < room  # far from the end of the margin, so floats decide
        except OverflowError:
            pass
        return abs(Fraction(value) - Fraction(truth)) <= times * self.margin(truth)


EXACT = Tolerance(Fraction(0), Fraction(0), decimals=12)


@dataclass(frozen=True, eq=False)
class Answer:
    """What one part asks for. Subclasses add `value`, the truth."""

    kind: ClassVar[str] = ""
    value: Any

    @property
    def forms(self) -> tuple[Form, ...]:
        """How an answer must be written; see `model.form`."""
        return ()

    def like(self, value: Any) -> Answer:
        """The same question with another value: what a mistake or a follow-through leads to."""
        other = object.__new__(type(self))
        vars(other).update(vars(self), value=value)
        other.__post_init__()
        return other

    def __post_init__(self) -> None:
        """Bring the value into its own form; ValueError for one that cannot be."""

    def near(self, value: Any, times: int = 1) -> bool:
        """Whether a plain value is the truth, within `times` tolerances."""
        return bool(self.value == value)


_HALF = Fraction(1, 2)


@dataclass(frozen=True, eq=False)
class Formed(Answer):
    """An answer that may have to be written in some `form`: one, or several of `model.form`.

    A right value in another form earns `form_credit` and is told what is missing.
    """

    form: str | tuple[str, ...] = field(default=(), kw_only=True, metadata=ADDED)
    form_credit: Fraction = field(default=_HALF, kw_only=True, metadata=ADDED)
    allowed: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        if self.form != ():
            object.__setattr__(self, "form", checked(self.form, self.allowed))
        if self.form_credit is _HALF:
            return
        if type(self.form_credit) is not Fraction:
            object.__setattr__(self, "form_credit", Fraction(self.form_credit))
        if not 0 <= self.form_credit < 1:
            raise ValueError("form_credit is at least 0 and less than 1")

    @property
    def forms(self) -> tuple[Form, ...]:
        return tuple(map(Form.of, self.form))


@record("number")
@dataclass(frozen=True, eq=False)
class Number(Formed):
    """One number. `integer` says in the prompt that a whole number is expected."""

    kind: ClassVar[str] = "number"
    value: Fraction | float
    tolerance: Tolerance = Tolerance()
    integer: bool = False
    allowed: ClassVar[tuple[str, ...]] = OF_NUMBERS

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "value", number(self.value))

    def near(self, value: Any, times: int = 1) -> bool:
        return self.tolerance.near(self.value, value, times)


@record("array")
@dataclass(frozen=True, eq=False)
class Array(Formed):
    """A vector (n,) or matrix (r, c). With `partial`, the right entries earn credit. A form is
    asked of every entry."""

    kind: ClassVar[str] = "array"
    value: Vector
    tolerance: Tolerance = Tolerance()
    partial: bool = False
    allowed: ClassVar[tuple[str, ...]] = OF_NUMBERS

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "value", array(self.value))

    def near(self, value: Any, times: int = 1) -> bool:
        if self.value.shape != value.shape:
            return False
        near = self.tolerance.near
        for truth, given in zip(self.value.ravel().tolist(), value.ravel().tolist(), strict=True):
            if not near(truth, given, times):
                return False
        return True


@record("shape")
@dataclass(frozen=True, eq=False)
class Shape(Answer):
    """The size of a vector (n,) or matrix (r, c): whole numbers, or symbols such as "m"."""

    kind: ClassVar[str] = "shape"
    value: tuple[int | str, ...]


@record("choice")
@dataclass(frozen=True, eq=False)
class Choice(Answer):
    """The right options, by key. `options` are the keys in the order shown; templates word them."""

    kind: ClassVar[str] = "choice"
    value: frozenset[str]
    options: tuple[str, ...]
    several: bool = False
    partial: bool = False

    def __post_init__(self) -> None:
        keys = {self.value} if isinstance(self.value, str) else self.value
        object.__setattr__(self, "value", frozenset(keys))
        _check_options(self.options, self.value)
        if not self.several and len(self.value) != 1:
            raise ValueError("a choice of one needs exactly one right option")


@record("order")
@dataclass(frozen=True, eq=False)
class Order(Answer):
    """All options in the right order, by key. `options` are the keys in the order shown."""

    kind: ClassVar[str] = "order"
    value: tuple[str, ...]
    options: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_options(self.options, self.value)
        if len(set(self.value)) != len(self.value):
            raise ValueError("an order names each option once")


@record("partial_order")
@dataclass(frozen=True, eq=False)
class PartialOrder(Order):
    """All options in any order that keeps the pairs (earlier, later) of `before`; `value` is one
    such order."""

    before: frozenset[tuple[str, str]]

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_options(self.options, [key for pair in self.before for key in pair])

    def keeps(self, value: tuple[str, ...]) -> bool:
        """Whether an order of all options has the earlier of each pair first."""
        place = {key: i for i, key in enumerate(value)}
        return place.keys() == set(self.options) and all(
            place[first] < place[then] for first, then in self.before
        )

    def near(self, value: Any, times: int = 1) -> bool:
        """Whether two orders are one, or both are right, or both are right when reversed (so that
        this mistake has a name whichever way it is written)."""
        both = (self.value, tuple(value))
        return (
            super().near(value)
            or all(map(self.keeps, both))
            or all(self.keeps(each[::-1]) for each in both)
        )


@record("edges")
@dataclass(frozen=True, eq=False)
class Edges(Answer):
    """The edges of a directed graph over `nodes`."""

    kind: ClassVar[str] = "edges"
    value: frozenset[tuple[str, str]]
    nodes: tuple[str, ...] = ()


@record("finite_set")
@dataclass(frozen=True, eq=False)
class FiniteSet(Answer):
    """A finite set of numbers."""

    kind: ClassVar[str] = "set"
    value: frozenset[Fraction | float]
    tolerance: Tolerance = Tolerance()

    def near(self, value: Any, times: int = 1) -> bool:
        def covered(those: Any, these: Any) -> bool:
            return all(any(self.tolerance.near(t, v, times) for t in these) for v in those)

        return covered(value, self.value) and covered(self.value, value)


@record("ends")
@dataclass(frozen=True)
class Ends:
    """The interval from `low` to `high`; None is an infinite end."""

    low: Fraction | float | None
    high: Fraction | float | None
    low_belongs: bool
    high_belongs: bool


@record("interval")
@dataclass(frozen=True, eq=False)
class Interval(Answer):
    """An interval of numbers."""

    kind: ClassVar[str] = "interval"
    value: Ends
    tolerance: Tolerance = Tolerance()

    def near(self, value: Any, times: int = 1) -> bool:
        def same(truth: Fraction | float | None, given: Fraction | float | None) -> bool:
            if truth is None or given is None:
                return truth is given
            return self.tolerance.near(truth, given, times)

        return (
            same(self.value.low, value.low)
            and same(self.value.high, value.high)
            and (self.value.low_belongs, self.value.high_belongs)
            == (value.low_belongs, value.high_belongs)
        )


@record("formula")
@dataclass(frozen=True, eq=False)
class Formula(Formed):
    """An expression in the answer language; `value` is one way to write the truth.

    `names` declares what may occur in it, as `notation.formulas.scope` reads it: name -> domain, or
    a mapping of shape, domain and aliases. Numbers need only come near with a `tolerance`. With
    `either_layout` a transposed answer is right too; with `domain_counts` an answer must also be
    defined wherever the truth is; `only` lists the names that an answer may use, where not all,
    which is a requirement of form too; with `reveal` a counterexample may show the right value.
    """

    kind: ClassVar[str] = "formula"
    value: str
    names: Mapping[str, Any] = field(default_factory=dict)
    tolerance: Tolerance | None = None
    either_layout: bool = False
    domain_counts: bool = False
    only: tuple[str, ...] = ()
    reveal: bool = False
    allowed: ClassVar[tuple[str, ...]] = OF_FORMULAS

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.names, Declared):
            object.__setattr__(self, "names", Declared(self.names))


@record("witness")
@dataclass(frozen=True, eq=False)
class Witness(Answer):
    """Any named arrays that satisfy the part's predicate; `value` is one that does.

    `shapes` gives each field's shape: () for a number, None for a size the student chooses.
    Entries are exact, so that the predicate can decide in rational arithmetic.
    """

    kind: ClassVar[str] = "witness"
    value: Mapping[str, Vector]
    shapes: Mapping[str, tuple[int | None, ...]]

    def __post_init__(self) -> None:
        if set(self.value) != set(self.shapes):
            raise ValueError("a witness needs a shape for each field, and a field for each shape")
        fields = {name: exact(self.value[name]) for name in self.shapes}
        for name, entries in fields.items():
            if not fits(entries.shape, self.shapes[name]):
                raise ValueError(f"field {name} has shape {entries.shape}, not {self.shapes[name]}")
        object.__setattr__(self, "value", fields)

    def near(self, value: Any, times: int = 1) -> bool:
        return all(np.array_equal(self.value[name], value[name]) for name in self.shapes)


@record("group")
@dataclass(frozen=True, eq=False)
class Group(Answer):
    """Several named answers to one part; each earns an equal share of its credit."""

    kind: ClassVar[str] = "group"
    value: Mapping[str, Any]
    members: Mapping[str, Answer]

    @classmethod
    def of(cls, **members: Answer) -> Group:
        return cls({name: member.value for name, member in members.items()}, members)

    def like(self, value: Any) -> Answer:
        return Group.of(**{name: self.members[name].like(value[name]) for name in self.members})

    def near(self, value: Any, times: int = 1) -> bool:
        return all(member.near(value[name], times) for name, member in self.members.items())


def fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    """Whether an array's shape is the wanted one, where None stands for any size."""
    if len(shape) != len(wanted):
        return False
    for size, asked in zip(shape, wanted, strict=True):
        if asked is not None and size != asked:
            return False
    return True


_SAY_NOTHING = {"yes", "no", "maybe", "true", "false", "always", "sometimes", "never"}


def typable(options: tuple[str, ...]) -> tuple[str, ...]:
    """What may be typed for each option, and a form may say: its key where all keys are plain
    words that tell nothing of the truth, else the label (a key such as `sign_slip` would tell)."""
    return options if {key.casefold() for key in options} <= _SAY_NOTHING else labels(options)


def labels(options: tuple[str, ...]) -> tuple[str, ...]:
    """What stands before each option: the keys if all are numbers or letters, else A, B, C."""
    letters = {key.casefold() for key in options if len(key) == 1 and key.isalpha()}
    if all(key.isdigit() for key in options) or len(letters) == len(options):
        return options
    return tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(options)])


def _check_options(options: tuple[str, ...], right: Any) -> None:
    if len(set(options)) != len(options) or not 1 < len(options) <= 26:
        raise ValueError("options are 2 to 26 different keys")
    unknown = set(right) - set(options)
    if unknown:
        raise ValueError(f"{sorted(unknown)} are not among the options {list(options)}")
