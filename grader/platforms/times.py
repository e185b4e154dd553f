"""When participants of Moodle handed in, by the grading worksheet: its download does not tell.

The worksheet writes times as its reader's language and zone do, to the minute. What cannot be read
stays unknown; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo

from msgspec import structs

from grader.matching import Bridge, is_listed
from grader.platforms.moodle import Worksheet, read_worksheet
from grader.submissions.received import YEARS, Received

_MONTHS = (
    "january januar janvier enero gennaio januari janeiro jan",
    "february februar février febrero febbraio februari fevereiro feb",
    "march märz mars marzo maart março mar",
    "april avril abril aprile abr apr",
    "may mai mayo maggio mei maio maj",
    "june juni juin junio giugno junho jun",
    "july juli juillet julio luglio julho jul",
    "august août agosto augustus augusti aug",
    "september septembre septiembre settembre setembro sep",
    "october oktober octobre octubre ottobre outubro oct okt",
    "november novembre noviembre novembro nov",
    "december dezember décembre diciembre dicembre dezembro desember dec",
)
_MONTH = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_IN_WORDS = re.compile(
    r"(?:[^\W\d_]+\.?,?\s+)?(?P<day>\d{1,2})\.?\s+(?:de\s+)?(?P<month>[^\W\d_]+)\.?,?\s+(?:de\s+)?"
    r"(?P<year>\d{4}),?\s+(?:(?:um|à|a las|alle|kl\.?|om|às)\s+)?(?P<hour>\d{1,2})[:.]"
    r"(?P<minute>\d{2})(?:\s*(?P<half>[ap])\.?\s?m\.?)?",
    re.IGNORECASE,
)
_IN_NUMBERS = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})[ T](?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?P<half>)(?::\d{2})?"
)


def submission_times(data: bytes, source: str, zone: tzinfo) -> dict[str, datetime]:
    """When each participant handed in, by their number. `zone` is that of the worksheet's times.

    InputError where the file is no grading worksheet.
    """
    sheet = read_worksheet(data, source)
    column = _column(sheet)
    if column is None:
        return {}
    times = {
        sheet.participant(row): parse_time(sheet.table.value(row, column), zone)
        for row in sheet.rows()
    }
    return {participant: at for participant, at in times.items() if at is not None}


def dated(received: Received, times: Mapping[str, datetime], people: Bridge) -> Received:
    """What was received, with the time of its participant; not where the number is a team's, which
    shows in another name."""
    participant = received.sender.participant
    listed = people.get(participant)
    name = received.sender.name
    other = listed is not None and bool(name and listed.name) and not is_listed(name, listed.name)
    if received.at is not None or participant not in times or other:
        return received
    return structs.replace(received, at=times[participant])


def parse_time(text: str, zone: tzinfo) -> datetime | None:
    """A time such as `Friday, 20 November 2026, 8:35 PM`; None where it cannot be read."""
    plain = " ".join(text.split())
    found = _IN_WORDS.fullmatch(plain) or _IN_NUMBERS.fullmatch(plain)
    if not found:
        return None
    word = found["month"].casefold()
    month = int(word) if word.isdecimal() else _MONTH.get(word)
    hour = int(found["hour"])
    if int(found["year"]) not in YEARS:
        return None
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (found["half"].lower() == "p")
    try:
        return datetime(
            int(found["year"]), month or 0, int(found["day"]), hour, int(found["minute"]),
            tzinfo=zone,
        )  # fmt: skip
    except ValueError:
        return None


def _column(sheet: Worksheet) -> int | None:
    """The first column behind the grade that holds nothing but times and signs for none: that of
    the submission stands before that of the grade."""
    for column in range(sheet.most + 2, len(sheet.table.rows[0])):
        cells = [sheet.table.value(row, column).strip() for row in sheet.rows()]
        if cells and all(c in ("", "-") or re.search(r"\d{4}.*\d[:.]\d\d", c) for c in cells):
            return column if any(c not in ("", "-") for c in cells) else None
    return None
