"""Which attempt counts, and what lateness costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.errors import InputError
from grader.policies import (
    Attempt,
    Counted,
    Policy,
    Uncounted,
    counted,
    due,
    in_time,
    lateness,
    policy,
    share,
)
from grader.submissions.received import Sender

DUE = datetime(2026, 12, 1, 23, 59, tzinfo=UTC)
TENTH = Policy("best", DUE, Fraction(1, 10), Fraction(1, 2))


def attempt(source: str, earned: int = 10, **told) -> Attempt:
    return Attempt(source, Fraction(earned), Fraction(20), **told)


def chosen(attempts, rule) -> str:
    """Which one counts, whatever the order they come in."""
    found = {counted(each, rule) for each in permutations(attempts)}
    assert len(found) == 1
    (one,) = found
    assert isinstance(one, Counted), one
    return one.attempt.source


def at(hours: float) -> datetime:
    return DUE + timedelta(hours=hours)


def test_first_last_and_best_by_time() -> None:
    several = [attempt("b", 12, at=at(-3)), attempt("a", 15, at=at(-2)), attempt("c", 9, at=at(-1))]
    assert [chosen(several, Policy(which)) for which in ("first", "last", "best")] == [
        "b",
        "c",
        "a",
    ]


def test_first_and_last_by_the_number_of_the_attempt() -> None:
    several = [attempt("b", attempt=2), attempt("a", attempt=10), attempt("c", attempt=1)]
    assert [chosen(several, Policy(which)) for which in ("first", "last")] == ["c", "a"]


def test_the_best_is_the_best_after_its_penalty_and_of_equals_the_first() -> None:
    assert (
        chosen([attempt("late", 12, at=at(25)), attempt("early", 9, at=at(-1))], TENTH) == "early"
    )
    assert chosen([attempt("a", 9, at=at(-1)), attempt("b", 9, at=at(-2))], TENTH) == "b"


def test_what_counts_is_told() -> None:
    one = counted([attempt("a", 12, at=at(-1)), attempt("b", 12, at=at(30))], Policy("last", DUE))
    assert isinstance(one, Counted)
    assert one.reasons == ("2 submissions; the last counts: b.", "Late by 2 started days.")


@pytest.mark.parametrize("told", [{}, {"attempt": 1}, {"at": DUE}])
def test_nobody_knows_which_came_last(told) -> None:
    result = counted([attempt("a", **told), attempt("b", **told)], Policy("last"))
    assert result == Uncounted("2 submissions, and nobody knows which came last: a, b")
    assert isinstance(counted([attempt("a"), attempt("b")], Policy("best")), Counted)


def test_the_same_bytes_twice_are_one() -> None:
    both = [attempt("a", digest="x", at=at(-1)), attempt("b", digest="x", at=at(40))]
    one = counted(both, Policy("last", DUE, Fraction(1, 10)))
    assert one == Counted(both[0], Fraction(10))


def test_two_senders_for_one_sheet() -> None:
    anna, bob = Sender(participant="1"), Sender(participant="2")
    result = counted(
        [attempt("a", sender=anna, digest="x"), attempt("b", sender=bob, digest="x")], TENTH
    )
    assert result == Uncounted("two senders for one sheet: a and b")


@pytest.mark.parametrize(
    ("hours", "days"), [(-9, 0), (0, 0), (0.001, 1), (24, 1), (24.001, 2), (47, 2), (240, 10)]
)
def test_each_started_day_counts(hours: float, days: int) -> None:
    assert lateness(at(hours), DUE) == days


@pytest.mark.parametrize(
    ("hours", "earned", "left", "reason"),
    [
        (1, 10, 8, "Late by 1 started day: 10% of 20 points, so 8 instead of 10."),
        (25, 10, 6, "Late by 2 started days: 20% of 20 points, so 6 instead of 10."),
        (999, 15, 5, "Late by 42 started days: at most 50% of 20 points, so 5 instead of 15."),
        (999, 3, 0, "Late by 42 started days: at most 50% of 20 points, so 0 instead of 3."),
    ],
)
def test_the_penalty(hours: float, earned: int, left: int, reason: str) -> None:
    one = counted([attempt("a", earned, at=at(hours))], TENTH)
    assert isinstance(one, Counted)
    assert one.earned == left
    assert one.reasons == (reason,)
    assert not one.needs_human


def test_a_lateness_that_nobody_knows_waits_for_a_person() -> None:
    for late, waits in ((True, True), (None, True), (False, False)):
        one = counted([attempt("a", late=late)], TENTH)
        assert isinstance(one, Counted)
        assert one.earned == 10
        assert one.needs_human is bool(one.reasons) is waits
    one = counted([attempt("a")], Policy("last", DUE))
    assert one == Counted(attempt("a"), Fraction(10))


def test_the_policy_of_options() -> None:
    assert policy("best", DUE, "10%", "0.5") == TENTH
    assert policy("last", datetime(2026, 12, 1)).late_after == datetime(2026, 12, 1, tzinfo=UTC)
    bad: tuple[tuple[dict[str, Any], str], ...] = (
        ({"attempts": "worst"}, "none of best, last, first"),
        ({"late_penalty": "ten"}, "is not a share from 0% to 100%: write 10%"),
        ({"late_penalty": ""}, "is not a share"),
        ({"late_penalty": "nan"}, "is not a share"),
        ({"late_penalty": "1e-99999999"}, "is not a share"),
        ({"late_max": "1/0"}, "is not a share"),
        ({"late_max": "١٠%"}, "is not a share"),
        ({"late_penalty": "110%"}, "from 0% to 100%"),
        ({"late_max": "-1%"}, "from 0% to 100%"),
        ({"late_penalty": "5%"}, "give --late-after"),
    )
    for options, problem in bad:
        with pytest.raises(InputError, match=problem):
            policy(**options)


def test_a_day_is_in_time_to_its_end() -> None:
    rome = ZoneInfo("Europe/Rome")
    day = due("2026-12-01", rome)
    assert day.isoformat() == "2026-12-01T23:59:59.999999+01:00"
    assert lateness(datetime(2026, 12, 1, 23, 59, 59, tzinfo=rome), day) == 0
    assert lateness(datetime(2026, 12, 2, 0, 0, tzinfo=rome), day) == 1
    assert lateness(datetime(2026, 12, 2, 23, 59, 59, tzinfo=rome), day) == 1
    assert lateness(datetime(2026, 12, 3, 0, 0, tzinfo=rome), day) == 2
    assert due("20261201") == due("2026-12-01")
    assert due("2026-12-01T00:00", rome).isoformat() == "2026-12-01T00:00:00+01:00"
    # Clocks are set back from 24:00 to 23:00 there: the day ends where they show 24:00 again.
    santiago = ZoneInfo("America/Santiago")
    assert due("2026-04-04", santiago).utcoffset() == timedelta(hours=-4)
    for text in ("", "tomorrow", "01.12.2026", "2026-12-01T25:00", "0001-01-01", "9999-12-31"):
        with pytest.raises(InputError, match=r"--late-after: .* write a time such as"):
            due(text)


def test_until_when_a_form_is_in_time_is_told() -> None:
    assert in_time(Policy()) == ""
    assert in_time(Policy("last", due("2026-12-01"))) == "In time until 2026-12-01 23:59:59+00:00"
    assert in_time(policy("last", due("2026-12-01T18:00+01:00"), "10%", "1/2")) == (
        "In time until 2026-12-01 18:00:00+01:00; each day that has started since costs 10%, at "
        "most 50%"
    )


@given(
    st.fractions(0, 20),
    st.fractions(0, 1),
    st.fractions(0, 1),
    st.integers(-100, 1000),
)
def test_a_penalty_takes_no_more_than_there_is(earned, penalty, most, hours) -> None:
    rule = Policy("last", DUE, penalty, most)
    one = counted([Attempt("a", earned, Fraction(20), at=at(hours))], rule)
    assert isinstance(one, Counted)
    assert max(0, earned - 20 * most) <= one.earned <= earned
    assert one.earned == earned or lateness(at(hours), DUE) > 0


def test_shares() -> None:
    assert [share(text) for text in ("10%", " 2.5 %", "0.1", "1/3", "0", "100%")] == [
        Fraction(1, 10), Fraction(1, 40), Fraction(1, 10), Fraction(1, 3), 0, 1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "due", "days"),
    [
        (datetime(2026, 3, 29, 23, 59, 30), datetime(2026, 3, 28, 23, 59), 1),  # 23 hours
        (datetime(2026, 10, 25, 23, 59), datetime(2026, 10, 24, 23, 59), 2),  # 25 hours
        (datetime(2026, 10, 25, 2, 30, fold=1), datetime(2026, 10, 25, 2, 45), 1),
        (datetime(2026, 10, 25, 2, 45), datetime(2026, 10, 25, 2, 30, fold=1), 0),
    ],
)
def test_when_clocks_change_a_day_has_24_hours(at: datetime, due: datetime, days: int) -> None:
    """The same in the zone of the course as in another one."""
    rome = ZoneInfo("Europe/Rome")
    at, due = at.replace(tzinfo=rome), due.replace(tzinfo=rome)
    assert lateness(at, due) == lateness(at.astimezone(UTC), due) == days
    late = attempt("b", at=at)
    early = attempt("a", at=due)
    assert chosen([late, early], Policy("last")) == ("b" if days else "a")
