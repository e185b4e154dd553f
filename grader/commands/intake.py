"""`grader intake`: what was handed in, before anything is graded."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click

_CODES = "Exit codes: 0 done, 1 something to fix, 2 misuse."
_FILE = click.Path(readable=False, path_type=Path)


@click.command(epilog=_CODES)
@click.argument("submissions", type=click.Path(readable=False, path_type=Path, allow_dash=True))
@click.option("--keys", type=_FILE, help="The answer keys, to tell whose each submission is.")
@click.option(
    "--people", type=_FILE, help="Moodle's worksheet or Canvas's gradebook: who has which number."
)
@click.option("--source", default="", help="What it is, where its content does not show it.")
@click.option("--time-zone", default="UTC", show_default=True, help="Of times without one.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
def intake(
    submissions: Path,
    keys: Path | None,
    people: Path | None,
    source: str,
    time_zone: str,
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
    from dataclasses import asdict

    from grader.platforms.keys import load_keys
    from grader.platforms.people import Listed, read_people
    from grader.receiving import receive, text
    from grader.submissions.intake import intake

    try:
        zone = ZoneInfo(time_zone)
    except (LookupError, ValueError, OSError):
        raise click.BadParameter(
            f"{time_zone!r} is no time zone", param_hint="--time-zone"
        ) from None
    listed = read_people(people, zone) if people is not None else Listed()
    known = load_keys(keys) if keys is not None else None
    taken = map(listed.dated, intake(submissions, source=source, zone=zone))
    found = receive(taken, known, listed.people)
    click.echo(json.dumps(asdict(found), indent=1) if as_json else text(found).rstrip("\n"))
    if found.problems:
        sys.exit(1)
