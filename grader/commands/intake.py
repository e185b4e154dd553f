"""`grader intake`: what was handed in, before anything is graded."""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from grader.commands.showing import (
    CODES,
    FILE,
    JSON,
    PEOPLE,
    SOURCE,
    SUBMISSIONS,
    TIME_ZONE,
    echo,
    echo_json,
)


@click.command(epilog=CODES)
@SUBMISSIONS
@click.option("--keys", type=FILE, help="The answer keys, to tell whose each submission is.")
@PEOPLE
@SOURCE
@TIME_ZONE
@JSON
def intake(
    submissions: Path,
    keys: Path | None,
    people: Path | None,
    source: str,
    zone: ZoneInfo,
    as_json: bool,
) -> None:
    """Tell what is in SUBMISSIONS, what can be read of it and whose it is. Nothing is graded.

    SUBMISSIONS is a folder or zip of Moodle, Canvas, Gradescope or of forms; a table (CSV, JSON
    lines, Parquet); one form; or - for standard input.

    \b
    Examples:
      grader intake week3-submissions.zip --keys output/week3/keys
      grader intake submissions.zip --keys keys --people Grades-week3.csv
      grader intake answers.parquet --json
    """
    from grader.platforms.keys import load_keys
    from grader.platforms.people import Listed, read_people
    from grader.receiving import receive, text
    from grader.submissions.intake import intake

    listed = read_people(people, zone) if people is not None else Listed()
    known = load_keys(keys) if keys is not None else None
    taken = map(listed.dated, intake(submissions, source=source, zone=zone))
    found = receive(taken, known, listed.people)
    if as_json:
        echo_json({**vars(found), "matched": dict(found.matched)})
    else:
        echo(text(found))
    if found.problems:
        sys.exit(1)
