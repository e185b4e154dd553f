"""When participants handed in, as Moodle's worksheet writes it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from grader.platforms.moodle import people
from grader.platforms.times import dated, parse_time, submission_times
from grader.submissions.received import Received, Sender

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 20, 20, 35, tzinfo=BERLIN)
SHEET = (
    b'Identifier,"Full name",Status,Grade,"Maximum grade","Grade can be changed",'
    b'"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    b'Participant 4,Anna Berg,x,,20.00,Yes,"Friday, 20 November 2026, 8:35 PM",-,\n'
    b'Participant 1,Bob Oil,x,,20.00,Yes,-,"Friday, 20 November 2026, 9:00 PM",\n'
)


@pytest.mark.parametrize(
    "text",
    [
        "Friday, 20 November 2026, 8:35 PM",
        "Freitag, 20. November 2026, 20:35",
        "vendredi 20 novembre 2026, 20:35",
        "viernes, 20 de noviembre de 2026, 20:35",
        "venerdì, 20 novembre 2026, 20:35",
        "vrijdag, 20 november 2026, 8:35 p.m.",
        "2026-11-20 20:35",
        "20 Nov 2026, 20.35",
    ],
)
def test_times(text: str) -> None:
    assert parse_time(text, BERLIN) == AT


def test_midnight_and_noon() -> None:
    hours = [
        parse_time(f"1 May 2026, {hour}", BERLIN) for hour in ("12:00 AM", "12:00 PM", "1:00 AM")
    ]
    assert [at.hour for at in hours if at] == [0, 12, 1]


@pytest.mark.parametrize(
    "text",
    ["", "-", "yesterday", "31 February 2026, 20:35", "20 Brumaire 2026, 20:35", "11/12/2026 20:35",
     "20 November 2026, 25:00", "20 November 2026, 13:00 PM", "2026年11月20日 下午8:35",
     "1 January 0001, 00:00", "9999-12-31 23:59"],
)  # fmt: skip
def test_what_cannot_be_read_is_not_guessed(text: str) -> None:
    assert parse_time(text, BERLIN) is None


def test_the_submission_s_time_not_the_grade_s() -> None:
    assert submission_times(SHEET, "w", BERLIN) == {"4": AT}


def test_what_was_received_gets_its_time() -> None:
    times, listed = submission_times(SHEET, "w", BERLIN), people(SHEET, "w")

    def at(name: str, participant: str, known: datetime | None = None) -> datetime | None:
        sender = Sender(participant=participant, name=name)
        return dated(Received("a", b"", ".yaml", sender, known), times, listed).at

    earlier = datetime(2026, 1, 1, tzinfo=BERLIN)
    assert at("Anna Berg", "4") == at("", "4") == AT
    assert at("Team A", "4") is None
    assert at("Bob Oil", "1") is None
    assert at("Anna Berg", "4", earlier) == earlier
