"""Statistics of marks, by the definitions of Moodle's quiz report, so that the numbers agree.

With marks x of one item, T of the whole sheet, n submissions and P items (all variances and
covariances over n - 1):

    facility                     mean(x) / points
    intended, effective weight   points / all points; sqrt(cov(x, T)) over the sum of these
    discrimination index         Pearson's correlation of x with T - x
    discriminative efficiency    cov(x, T - x) over the largest that the same marks allow: both
                                 sorted
    consistency (CIC)            P / (P - 1) (1 - sum of var(x) / var(T)): Cronbach's alpha, which
                                 for marks of 0 and 1 is KR-20
    error ratio                  sqrt(1 - CIC); the standard error is this share of the SD
    skewness, kurtosis           k3 / k2^1.5 and k4 / k2^2 of Fisher's k-statistics

Source: Moodle, `mod/quiz/report/statistics/classes/calculator.php` and
`question/classes/statistics/questions/calculator.php`; there they are percentages, here shares.
The upper-lower index is the difference of the facilities of the best and the weakest 27 %
(T. L. Kelley, The selection of upper and lower groups for the validation of test items, Journal of
Educational Psychology 30, 1939).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Marks = np.ndarray[Any, np.dtype[np.float64]]

GROUP = 0.27
_NOTHING = 1e-12  # differences and covariances this small beside the numbers are rounding


@dataclass(frozen=True)
class Statistic:
    """A number, or None and why there is none."""

    value: float | None
    why: str = ""


def none(why: str) -> Statistic:
    return Statistic(None, why)


FEW = "too few submissions"
SAME = "everybody has the same mark"
NEGATIVE = "who did better here did worse on the sheet"


@dataclass(frozen=True)
class Distribution:
    """Marks T of whole sheets."""

    count: int
    mean: Statistic
    median: Statistic
    sd: Statistic
    skewness: Statistic
    kurtosis: Statistic


@dataclass(frozen=True)
class Consistency:
    """How far the items measure one thing. `cic` and `error_ratio` are shares, `standard_error` is
    in points."""

    cic: Statistic
    error_ratio: Statistic
    standard_error: Statistic


@dataclass(frozen=True)
class ItemStatistics:
    """One item beside the rest of the sheet; all are shares, from -1 or 0 to 1."""

    facility: Statistic
    sd: Statistic
    discrimination: Statistic
    efficiency: Statistic
    upper_lower: Statistic


def distribution(totals: Marks) -> Distribution:
    """Mean, median, spread and form of the marks (n,)."""
    n = len(totals)
    if n == 0:
        nothing = none("no submissions")
        return Distribution(0, *[nothing] * 5)
    mean = Statistic(float(totals.mean()))
    median = Statistic(float(np.median(totals)))
    if n < 2:
        return Distribution(n, mean, median, *[none(FEW)] * 3)
    away = _centred(totals)
    m2, m3, m4 = (float(np.mean(away**power)) for power in (2, 3, 4))
    k2 = n * m2 / (n - 1)
    sd = Statistic(math.sqrt(k2))
    if n < 3 or k2 == 0:
        return Distribution(n, mean, median, sd, *[none(FEW if n < 3 else SAME)] * 2)
    k3 = n**2 * m3 / ((n - 1) * (n - 2))
    skewness = Statistic(k3 / k2**1.5)
    if n < 4:
        return Distribution(n, mean, median, sd, skewness, none(FEW))
    k4 = n**2 * ((n + 1) * m4 - 3 * (n - 1) * m2**2) / ((n - 1) * (n - 2) * (n - 3))
    return Distribution(n, mean, median, sd, skewness, Statistic(k4 / k2**2))


def consistency(items: Marks, totals: Marks) -> Consistency:
    """Of the marks (n, P) of all items and the sheets' (n,), their sums. As in Moodle, there is
    none for fewer than three submissions, one item, or marks without spread."""
    n, count = items.shape
    spread = _variance(totals) if n > 1 else 0.0
    if n < 3 or count < 2 or spread == 0:
        why = FEW if n < 3 else "there is only one part" if count < 2 else SAME
        return Consistency(*[none(why)] * 3)
    own = sum(_variance(items[:, column]) for column in range(count))
    cic = count / (count - 1) * (1 - own / spread)
    ratio = math.sqrt(max(0.0, 1 - cic))
    return Consistency(Statistic(cic), Statistic(ratio), Statistic(ratio * math.sqrt(spread)))


def item(marks: Marks, totals: Marks, points: float) -> ItemStatistics:
    """One item's marks (n,) out of `points`, in sheets whose marks are `totals` (n,)."""
    n = len(marks)
    if n == 0 or points == 0:
        return ItemStatistics(*[none(FEW if n == 0 else "no points are given here")] * 5)
    facility = Statistic(float(marks.mean()) / points)
    if n < 2:
        return ItemStatistics(facility, *[none(FEW)] * 4)
    rest = totals - marks
    own, others = _variance(marks), _variance(rest)
    together = _covariance(marks, rest)
    most = _covariance(np.sort(marks), np.sort(rest))
    flat = SAME if own == 0 else "the rest of the sheet has the same mark for everybody"
    return ItemStatistics(
        facility=facility,
        sd=Statistic(math.sqrt(own) / points),
        discrimination=Statistic(together / math.sqrt(own * others))
        if own and others
        else none(flat),
        efficiency=Statistic(together / most) if most else none(flat),
        upper_lower=_upper_lower(marks / points, totals),
    )


def effective_weights(items: Marks, totals: Marks) -> tuple[Statistic, ...]:
    """What share of the sheets' variation each item (n, P) makes; none where the covariance with
    the sheet is negative, and of such items nothing enters the sum."""
    n, count = items.shape
    nothing: tuple[Statistic, ...] = (none(FEW if n < 2 else SAME),) * count
    if n < 2:
        return nothing
    shared = [_covariance(items[:, column], totals) for column in range(count)]
    total = sum(math.sqrt(each) for each in shared if each > 0)
    if total == 0:
        return nothing
    return tuple(
        none(NEGATIVE) if each < 0 else Statistic(math.sqrt(each) / total) for each in shared
    )


def _upper_lower(credits: Marks, totals: Marks) -> Statistic:
    """Facility of the best 27 % less that of the weakest. Of those who tie at the border all count,
    each with the same part of one, so that no order among them matters."""
    n = len(credits)
    size = GROUP * n
    if size < 1:
        return none(FEW)
    if not _centred(totals).any():
        return none(SAME)
    upper, lower = (_weights(way * totals, size) for way in (1, -1))
    return Statistic(float(credits @ upper - credits @ lower) / size)


def _weights(totals: Marks, size: float) -> Marks:
    """How much of each belongs to the `size` largest."""
    border = np.sort(totals)[::-1][math.ceil(size) - 1]
    above, level = totals > border, totals == border
    weights: Marks = np.where(level, (size - above.sum()) / level.sum(), above.astype(float))
    return weights


def _centred(values: Marks) -> Marks:
    """Less their mean; exactly 0 where all are the same but for rounding."""
    centred: Marks = values - values.mean()
    if np.abs(centred).max() <= _NOTHING * np.abs(values).max():
        return np.zeros_like(values)
    return centred


def _variance(values: Marks) -> float:
    return float(np.sum(_centred(values) ** 2)) / (len(values) - 1)


def _covariance(one: Marks, other: Marks) -> float:
    first, second = _centred(one), _centred(other)
    found = float(np.sum(first * second))
    size = math.sqrt(float(np.sum(first**2)) * float(np.sum(second**2)))
    return 0.0 if abs(found) <= _NOTHING * size else found / (len(one) - 1)
