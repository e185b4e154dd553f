"""The reports in a browser: without a word on its console, nothing sticks out, tables sort.

Skipped where there is no Chromium.
"""

from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from grader.analysis import Seen, analyse, page
from grader.grading import Report
from grader.student_pages import student_page
from tests.grader.analysis.conftest import Make, verdict

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), "")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--enable-logging=stderr",
]


def opened(html: str, folder: Path, *, then: str = "", width: int = 1280) -> BeautifulSoup:
    """The page as it is once Chromium has run its script. `then` is run as well, which the page's
    own policy would forbid: it is taken away for that."""
    if then:
        policy = html[html.index("<meta http-equiv") : html.index("<meta name=")]
        html = html.replace(policy, "").replace("</body>", f"<script>{then}</script></body>")
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    size = f"--window-size={width},800"
    command = [CHROMIUM, *QUIET, size, f"--user-data-dir={folder / 'profile'}", "--dump-dom"]
    run = subprocess.run(
        [*command, file.as_uri()], capture_output=True, text=True, timeout=300, check=True
    )
    assert ":CONSOLE" not in run.stderr
    return BeautifulSoup(run.stdout, "html.parser")


def of_class(reports: list[Report]) -> str:
    return page(analyse([Seen(each) for each in reports]))


def column(soup: BeautifulSoup, place: int) -> list[str]:
    """What a column of the table of parts says, in the order that is shown."""
    table = soup.select("table.sortable")[0]
    bodies = [body for body in table.select("tbody:not(.group)") if not body.has_attr("hidden")]
    return [row.find_all(["td", "th"])[place].get_text() for body in bodies for row in body("tr")]


def clicks(place: int, times: int) -> str:
    button = f"document.querySelectorAll('table.sortable')[0].querySelectorAll('button')[{place}]"
    return f"{button}.click();" * times


def test_the_script_runs_under_the_policy_of_its_page(
    reports: list[Report], tmp_path: Path
) -> None:
    html = of_class(reports)
    soup = opened(html, tmp_path)
    heads = soup.select("table.sortable thead th")
    assert len(heads) > 20
    assert all(head.button is not None for head in heads)
    assert column(soup, 1) == column(BeautifulSoup(html, "html.parser"), 1)


def test_tables_sort_by_the_column_that_is_clicked(reports: list[Report], tmp_path: Path) -> None:
    html = of_class(reports)
    rising = opened(html, tmp_path, then=clicks(3, 1))
    facilities = [float(each) for each in column(rising, 3)]
    assert facilities == sorted(facilities)
    assert len(set(facilities)) > 2
    head = rising.select("table.sortable")[0].select("thead th")[3]
    assert head["aria-sort"] == "ascending"
    assert len(rising.select("table.sortable")[0].select("[aria-sort]")) == 1
    falling = opened(html, tmp_path, then=clicks(3, 2))
    assert [float(each) for each in column(falling, 3)] == facilities[::-1]
    for times in (1, 2):  # what cannot be computed stays below
        assert column(opened(html, tmp_path, then=clicks(5, times)), 5)[-1] == "–"
    again = opened(html, tmp_path, then=clicks(3, 1) + clicks(0, 1))
    assert column(again, 0) == ["1", "2", "3", "4"]
    assert not again.select("tbody.group[hidden]")


def test_rows_are_filtered_by_what_they_say(make: Make, tmp_path: Path) -> None:
    names = [f"part_{letter}" for letter in "abcdefghijklm"]
    made = [make(f"s{i}", {"q1": [verdict(name, i % 2) for name in names]}) for i in range(4)]
    then = (
        "const field = document.querySelector('.filter input');"
        "field.value = 'PART_C';"
        "field.dispatchEvent(new Event('input'));"
    )
    soup = opened(of_class(made), tmp_path, then=then)
    rows = soup.select("table.sortable")[0].select("tbody:not(.group) tr")
    shown = [row for row in rows if not row.has_attr("hidden")]
    assert [row.select("th")[0].get_text() for row in shown] == ["q1.part_c"]


WIDE = (
    "document.body.dataset.wide ="
    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
)


@pytest.mark.parametrize("width", [500, 1280])  # a narrower window Chromium does not make
def test_nothing_sticks_out(make: Make, reports: list[Report], width: int, tmp_path: Path) -> None:
    long = verdict("a", 0, given="x" * 4000, why="It is\n" + " " * 2 + "y" * 4000)
    student = student_page(make("s1", {"q1": [long, verdict("b", Fraction(1, 2))]}))
    for html in (of_class(reports), student):
        soup = opened(html, tmp_path, then=WIDE, width=width)
        assert soup.body is not None
        assert soup.body["data-wide"] == "0"
