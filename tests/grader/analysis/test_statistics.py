"""Statistics of marks against the definitions themselves, computed slowly in fractions."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.analysis import statistics
from grader.analysis.statistics import FEW, NEGATIVE, SAME, Statistic

Rows = list[list[Fraction]]
CLOSE: dict[str, Any] = {"rel": 1e-9, "abs": 1e-12}

# Marks out of 1, 2 and 4, as quarters of a point, of up to 12 submissions.
CLASSES = st.lists(
    st.tuples(
        st.integers(0, 4), st.integers(0, 8), st.integers(0, 16), st.sampled_from([0, 4])
    ).map(lambda row: [Fraction(quarters, 4) for quarters in row]),
    min_size=4,
    max_size=12,
)
POINTS = (1, 2, 4, 1)


def table(rows: Rows) -> tuple[Any, Any]:
    items = np.array([[float(mark) for mark in row] for row in rows])
    return items, items.sum(axis=1)


def column(rows: Rows, which: int) -> list[Fraction]:
    return [row[which] for row in rows]


def mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def covariance(one: list[Fraction], other: list[Fraction]) -> Fraction:
    """By pairs: half the mean product of differences, with no mean taken anywhere."""
    pairs = list(combinations(range(len(one)), 2))
    products = ((one[i] - one[j]) * (other[i] - other[j]) for i, j in pairs)
    return sum(products, Fraction(0)) / (2 * len(pairs))


def agrees(found: Statistic, wanted: float | None) -> bool:
    if wanted is None:
        return found.value is None and bool(found.why)
    return found.value == pytest.approx(wanted, **CLOSE)


@given(CLASSES)
def test_each_item_as_defined(rows: Rows) -> None:
    items, totals = table(rows)
    for which, points in enumerate(POINTS):
        found = statistics.item(items[:, which], totals, points)
        own = column(rows, which)
        rest = [sum(row, Fraction(0)) - row[which] for row in rows]
        assert agrees(found.facility, float(mean(own) / points))
        assert agrees(found.sd, math.sqrt(covariance(own, own)) / points)
        both = covariance(own, own) * covariance(rest, rest)
        together = covariance(own, rest)
        assert agrees(found.discrimination, together / math.sqrt(both) if both else None)
        most = covariance(sorted(own), sorted(rest))
        assert agrees(found.efficiency, float(together / most) if most else None)


@given(CLASSES)
def test_the_sheet_as_defined(rows: Rows) -> None:
    items, totals = table(rows)
    sums = [sum(row, Fraction(0)) for row in rows]
    n = len(rows)
    found = statistics.distribution(totals)
    assert agrees(found.mean, float(mean(sums)))
    middle = sorted(sums)
    assert agrees(found.median, float((middle[(n - 1) // 2] + middle[n // 2]) / 2))
    k2 = covariance(sums, sums)
    assert agrees(found.sd, math.sqrt(k2))
    # k-statistics from sums of powers (Fisher), not from central moments
    s1, s2, s3, s4 = (sum((t**power for t in sums), Fraction(0)) for power in (1, 2, 3, 4))
    k3 = (n**2 * s3 - 3 * n * s2 * s1 + 2 * s1**3) / (n * (n - 1) * (n - 2))
    k4 = (
        (n**3 + n**2) * s4 - 4 * (n**2 + n) * s3 * s1 - 3 * (n**2 - n) * s2**2
        + 12 * n * s2 * s1**2 - 6 * s1**4
    ) / (n * (n - 1) * (n - 2) * (n - 3))  # fmt: skip
    assert agrees(found.skewness, float(k3) / float(k2) ** 1.5 if k2 else None)
    assert agrees(found.kurtosis, float(k4 / k2**2) if k2 else None)

    found_consistency = statistics.consistency(items, totals)
    count = len(POINTS)
    variances = [covariance(column(rows, i), column(rows, i)) for i in range(count)]
    # Alpha by covariances between items: P / (P - 1) times their share of the variance of sums.
    between = sum(
        (
            2 * covariance(column(rows, i), column(rows, j))
            for i, j in combinations(range(count), 2)
        ),
        Fraction(0),
    )
    alpha = Fraction(count, count - 1) * between / k2 if k2 else None
    assert agrees(found_consistency.cic, None if alpha is None else float(alpha))
    ratio = None if alpha is None else math.sqrt(1 - alpha)
    assert agrees(found_consistency.error_ratio, ratio)
    error = None if ratio is None else ratio * math.sqrt(k2)
    assert agrees(found_consistency.standard_error, error)
    assert sum(variances) + between == k2

    shared = [covariance(column(rows, i), sums) for i in range(count)]
    roots = sum(math.sqrt(each) for each in shared if each > 0)
    for weight, each in zip(statistics.effective_weights(items, totals), shared, strict=True):
        wanted = math.sqrt(each) / roots if roots and each >= 0 else None
        assert agrees(weight, wanted)


@given(st.lists(st.lists(st.integers(0, 1), min_size=5, max_size=5), min_size=3, max_size=15))
def test_consistency_of_right_and_wrong_is_kuder_richardson_20(rows: list[list[int]]) -> None:
    items = np.array(rows, dtype=float)
    totals = items.sum(axis=1)
    n, count = items.shape
    found = statistics.consistency(items, totals).cic
    if len(set(totals)) == 1:
        assert found == Statistic(None, SAME)
        return
    shares = [Fraction(sum(row[i] for row in rows), n) for i in range(count)]
    sums = [Fraction(sum(row)) for row in rows]
    # Both variances over n, as Kuder and Richardson have it; the ratio is the same.
    spread = mean([t**2 for t in sums]) - mean(sums) ** 2
    kr20 = Fraction(count, count - 1) * (1 - sum(p * (1 - p) for p in shares) / spread)
    assert found.value == pytest.approx(float(kr20), **CLOSE)


def test_parallel_items_measure_one_thing() -> None:
    own = np.array([0.0, 1, 1, 0, 1])
    items = np.column_stack([own] * 4)
    found = statistics.consistency(items, items.sum(axis=1))
    assert found.cic.value == pytest.approx(1)
    assert found.standard_error.value == pytest.approx(0, abs=1e-6)
    one = statistics.item(own, items.sum(axis=1), 1)
    assert one.discrimination.value == one.efficiency.value == pytest.approx(1)
    weights = statistics.effective_weights(items, items.sum(axis=1))
    assert [weight.value for weight in weights] == [pytest.approx(0.25)] * 4


def test_an_item_against_the_rest_has_no_weight_and_a_negative_index() -> None:
    items = np.array([[0.0, 3], [1, 1], [1, 0], [0, 3]])
    totals = items.sum(axis=1)
    against = statistics.item(items[:, 0], totals, 1)
    assert against.discrimination.value is not None
    assert against.discrimination.value < 0
    assert against.efficiency.value is not None
    assert against.efficiency.value < 0
    first, second = statistics.effective_weights(items, totals)
    assert first == Statistic(None, NEGATIVE)
    assert second.value == 1


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_submissions_leave_numbers_out_and_say_why(n: int) -> None:
    items = np.array([[0.0, 1], [1, 3], [1, 0]])[:n]
    totals = items.sum(axis=1)
    found = statistics.distribution(totals)
    least = {"mean": 1, "median": 1, "sd": 2, "skewness": 3, "kurtosis": 4}
    for name, needed in least.items():
        each = getattr(found, name)
        assert (each.value is None) == (n < needed)
        assert bool(each.why) == (n < needed)
    assert (statistics.consistency(items, totals).cic.value is None) == (n < 3)
    item = statistics.item(items[:, 0], totals, 1)
    assert (item.facility.value is None) == (n < 1)
    assert (item.discrimination.value is None) == (n < 2)


@pytest.mark.parametrize("mark", [0.0, 1 / 3, 0.1, 1.0])
def test_marks_that_are_all_the_same_have_no_spread_to_divide_by(mark: float) -> None:
    own = np.full(7, mark)
    totals = own + np.array([0.0, 1, 2, 3, 4, 5, 6])
    found = statistics.item(own, totals, 1)
    assert found.sd == Statistic(0.0)
    assert found.discrimination == found.efficiency == Statistic(None, SAME)
    same = statistics.distribution(own)
    assert same.sd == Statistic(0.0)
    assert same.skewness == same.kurtosis == Statistic(None, SAME)
    assert statistics.consistency(np.column_stack([own, own]), 2 * own).cic == Statistic(None, SAME)
    assert (
        statistics.effective_weights(np.column_stack([own, own]), 2 * own)
        == (Statistic(None, SAME),) * 2
    )


def test_a_rest_that_is_the_same_but_for_rounding_has_no_spread() -> None:
    own = np.array([0, 1, 2, 3, 3]) / 3
    totals = own + 2 / 3 + np.array([0, 1e-16, 0, -1e-16, 2e-16])
    found = statistics.item(own, totals, 1)
    assert found.discrimination.value is found.efficiency.value is None
    assert "the rest of the sheet" in found.discrimination.why
    assert found.sd.value == pytest.approx(math.sqrt(1.7 / 9))


def test_the_upper_and_the_lower_group() -> None:
    """Of ten, 2.7 are in each group: two and 0.7 of the third."""
    totals = np.arange(10.0)
    credits = np.array([0.0, 0, 1, 0, 0, 0, 0, 1, 1, 0])
    found = statistics.item(credits, totals, 1).upper_lower
    assert found.value == pytest.approx((0 + 1 + 0.7 - 0.7) / 2.7)


def test_who_ties_at_the_border_of_a_group_counts_in_part() -> None:
    """All orders of those who tie give the same number: the mean over them."""
    totals = np.array([5.0, 4, 4, 4, 1, 1, 0, 0, 0, 0])  # 2.7 at the top: the 5, and 1.7 of three
    credits = np.array([1.0, 1, 0, 0, 0, 0, 1, 0, 0, 0])  # 2.7 at the bottom: of four
    found = statistics.item(credits, totals, 1).upper_lower
    assert found.value == pytest.approx((1 + 1.7 / 3 - 2.7 / 4) / 2.7)


def test_three_submissions_make_no_groups() -> None:
    found = statistics.item(np.array([0.0, 1, 1]), np.array([0.0, 1, 2]), 1)
    assert found.upper_lower == Statistic(None, FEW)


@given(CLASSES, st.permutations(range(4)))
def test_points_in_another_unit_change_no_share(rows: Rows, order: list[int]) -> None:
    """Nor do items in another order."""
    items, totals = table(rows)
    for which, points in enumerate(POINTS):
        found = statistics.item(items[:, which], totals, points)
        scaled = statistics.item(8 * items[:, which], 8 * totals, 8 * points)
        for name in ("facility", "sd", "discrimination", "efficiency", "upper_lower"):
            value = getattr(found, name).value
            assert agrees(getattr(scaled, name), value)
    alpha = statistics.consistency(items, totals).cic.value
    assert agrees(statistics.consistency(items[:, order], totals).cic, alpha)
