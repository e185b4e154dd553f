"""The class report: whole, self-contained, safe whatever was typed, and the same every time."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from grader.analysis import Seen, analyse, page, plots
from grader.analysis.analysing import Moment
from grader.analysis.page import amount, percent, share
from grader.analysis.statistics import Statistic
from grader.grading import Report
from tests.grader.analysis.conftest import Make, verdict
from tests.grader.hostile import PIECES, TEXTS, check_page, shown


def seen(reports: list[Report]) -> list[Seen]:
    start = datetime(2026, 11, 20, 9, tzinfo=UTC)
    return [
        Seen(each, start + timedelta(hours=7 * i), {"q1": {"activation": "ab"[i % 2]}})
        for i, each in enumerate(reports)
    ]


def test_a_page_says_what_the_analysis_found(reports: list[Report]) -> None:
    found = analyse(seen(reports), pass_share=Fraction(1, 2))
    text = check_page(page(found))
    assert "12 submissions" in text
    assert f"{found.marks.mean.value:.2f} of 7 points" in text
    assert f"{100 * found.consistency.cic.value:.1f} %" in text.replace("−", "-")  # type: ignore[operator]
    assert "no mask in q1.b : 4 students" in text
    assert "Mask it." in text
    assert "2 × [0, 1]" in text
    assert "very easy: above 90 % on average: q2.d" in text
    assert "everybody has the same mark" in text
    assert "q1 by activation · p = " in text
    assert "2026-11-23" in text
    assert f"{found.passed} {share(found.passed / 12)} %, with at least 50.0 %" in text  # type: ignore[operator]


def test_every_number_of_the_table_of_parts(reports: list[Report]) -> None:
    found = analyse(reports)
    soup = BeautifulSoup(page(found), "html.parser")
    table = next(t for t in soup.select("table") if "How hard" in t.get_text())
    shown = table.select("tbody:not(.group) tr")
    rows = [[cell.get_text() for cell in row.select("td, th")] for row in shown]
    for number, (row, part) in enumerate(zip(rows, found.parts, strict=True), start=1):
        each = part.statistics
        assert row == [
            str(number),
            part.name,
            f"{round(part.points, 2):g}",
            percent(each.facility),
            percent(each.sd),
            percent(each.discrimination),
            percent(each.efficiency),
            percent(each.upper_lower),
            share(part.intended_weight),
            percent(part.effective_weight),
        ]


def test_no_student_is_named(reports: list[Report]) -> None:
    text = page(analyse(seen(reports)))
    for report in reports:
        assert report.name not in text
        assert report.sheet_id not in text


def test_a_class_of_none_and_of_one(make: Make) -> None:
    assert "0 submissions" in check_page(page(analyse([])))
    one = check_page(page(analyse([make("s1", {"q1": [verdict("a", 1)]})])))
    assert "too few submissions" in one
    blank = make("s1", {"q1": [verdict("a", 0, 0, outcome="BLANK", given="")]})
    assert "no points are given here" in check_page(page(analyse([blank])))
    assert "1 submission " in check_page(page(analyse([make("s1", {})])))


def test_of_a_few_nothing_is_worth_a_look_but_what_waits(make: Make) -> None:
    """One student's marks make no part hard or easy."""
    made = [make(f"s{i}", {"q1": [verdict("a", 1)]}) for i in range(5)]
    assert "very easy: above" in page(analyse(made))
    assert "very easy: above" not in page(analyse(made[:4]))
    open_one = make("s1", {"q1": [verdict("a", 0, outcome="UNDECIDED")]})
    assert "some answers wait for a person" in page(analyse([open_one]))


@given(st.lists(TEXTS, min_size=8, max_size=8))
def test_whatever_is_typed_is_only_shown(make: Any, texts: list[str]) -> None:
    """Without plots, which hold no text from outside and take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("histogram", "outcomes", "landscape", "timeline"):
            patch.setattr(plots, name, lambda analysis: "")
        check_texts(make, texts)


def test_nor_is_it_where_there_are_plots(make: Any) -> None:
    check_texts(make, ["".join(PIECES)] * 8)


def check_texts(make: Any, texts: list[str]) -> None:
    slot, part, title, given_text, name, advice, level, feature = texts
    wrong = verdict(part, 0, mistake=name, advice=advice, given=given_text)
    other = verdict(f"{part}2", 0, given=given_text)
    unread = verdict(f"{part}3", 0, given=given_text, outcome="UNREADABLE")
    made = [
        Seen(
            make(f"s{i}", {slot: [wrong, other, unread]}, title=title),
            drawn={slot: {feature: f"{level}{i % 2}"}},
        )
        for i in range(10)
    ]
    text = check_page(page(analyse(made)))
    for run in shown([title, given_text, advice]):
        assert run in text


def test_the_same_bytes_in_any_process() -> None:
    """A dictionary's order or a counter of matplotlib would differ."""
    program = """
import random
from tests.grader.analysis.test_page import sample
print(sample())
"""
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert texts == {sample() + "\n"}


def sample() -> str:
    """A page with all its plots."""
    from tests.grader.analysis import conftest

    make: Any = getattr(conftest.make, "__wrapped__", None) or conftest.make._get_wrapped_function()
    made: Any = getattr(conftest.reports, "__wrapped__", None)
    made = made or conftest.reports._get_wrapped_function()
    return page(analyse(seen(made(make())), pass_share=Fraction(1, 2)))


def test_plots_take_the_colours_of_the_page(reports: list[Report]) -> None:
    found = analyse(seen(reports), pass_share=Fraction(1, 2))
    for draw in (plots.histogram, plots.outcomes, plots.landscape, plots.timeline):
        svg = draw(found)
        assert 'role="img"' in svg
        assert re.search(r'aria-label="[A-Z][^"]{20,}\."', svg)
        assert "style" not in svg
        colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg))
        assert {c for c in colours if not c.startswith("url(#")} <= {
            "none",
            "currentColor",
            "#4477aa",
        }
        for name in re.findall(r'(?:url\(|href=")#([\w.-]+)', svg):
            assert f'id="{name}"' in svg


def test_labels_of_parts_in_a_crowd_are_joined(make: Make) -> None:
    made = [
        make(
            str(i), {"q1": [verdict("a", i % 2), verdict("b", i % 2), verdict("c", 1 - i % 3 // 2)]}
        )
        for i in range(12)
    ]
    assert ">1, 2<" in plots.landscape(analyse(made))


def test_times_by_hour_by_day_and_over_a_year() -> None:
    start = datetime(2026, 1, 1, 8, tzinfo=UTC)
    hours = plots.by_time((Moment(start, 2), Moment(start + timedelta(hours=3), 1)))
    assert hours == [("01-01 08:00", 2), ("01-01 09:00", 0), ("01-01 10:00", 0), ("01-01 11:00", 1)]
    days = plots.by_time((Moment(start, 2), Moment(start + timedelta(hours=90), 1)))
    assert [count for _, count in days] == [2, 0, 0, 0, 1]
    assert days[0][0] == "2026-01-01"
    year = plots.by_time((Moment(start, 2), Moment(start + timedelta(days=364), 5)))
    assert (year[0], year[-1], len(year)) == (("before", 2), ("2026-12-31", 5), 61)
    assert plots.by_time(()) == []


@pytest.mark.parametrize(
    ("value", "shown_percent", "shown_amount"),
    [
        (0.0, "0.0", "0.00"),
        (-1e-9, "0.0", "0.00"),
        (-0.123, "−12.3", "−0.12"),
        (1.0, "100.0", "1.00"),
    ],
)
def test_numbers_for_people(value: float, shown_percent: str, shown_amount: str) -> None:
    assert percent(Statistic(value)) == shown_percent
    assert amount(Statistic(value)) == shown_amount
    assert percent(Statistic(None, "why")) == "–"
