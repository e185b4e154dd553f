"""Comparing: one module a kind of answer, from a truth and a value to a `Comparison`."""

from __future__ import annotations

from typing import Any

from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Edges,
    FiniteSet,
    Formula,
    Group,
    Interval,
    Number,
    Order,
    PartialOrder,
    Shape,
)
from grader.comparing.arrays import compare_arrays
from grader.comparing.choices import compare_choices
from grader.comparing.comparison import Comparison
from grader.comparing.graphs import compare_edges
from grader.comparing.groups import compare_groups
from grader.comparing.numbers import compare_numbers
from grader.comparing.orders import compare_orders, compare_partial_orders
from grader.comparing.sets import compare_intervals, compare_sets
from grader.comparing.shapes import compare_shapes
from grader.comparing.written import compare_written, same_written, slip_in

__all__ = ["Comparison", "compare", "same", "slip_in"]


def compare(truth: Answer, value: Any) -> Comparison:
    """Compare a plain value, as `reading.read` gives it, with the truth.

    Raises TypeError for a witness, which its part's predicate judges, and for other kinds that
    have no single truth to compare with.
    """
    match truth:
        case Number():
            return compare_numbers(truth, value)
        case Array():
            return compare_arrays(truth, value)
        case Shape():
            return compare_shapes(truth, value)
        case Choice():
            return compare_choices(truth, value)
        case PartialOrder():
            return compare_partial_orders(truth, value)
        case Order():
            return compare_orders(truth, value)
        case Edges():
            return compare_edges(truth, value)
        case FiniteSet():
            return compare_sets(truth, value)
        case Interval():
            return compare_intervals(truth, value)
        case Formula():
            return compare_written(truth, value)
        case Group():
            return compare_groups(truth, value, compare)
    raise TypeError(f"a {type(truth).__name__} is not compared with one truth")


def same(other: Answer, value: Any, right: Answer) -> bool:
    """Whether a value is that of `other`, which has the question of `right` and a mistake's value:
    as `compare` finds it, without telling why not."""
    match other:
        case Number() | Array():
            return other.near(value)
        case Formula():
            assert isinstance(right, Formula)
            return same_written(other, value, right)
    return compare(other, value).equal is True
