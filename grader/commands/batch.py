"""`grader batch`: many submissions, graded into a ledger and published."""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from grader.commands.policy import policy_from, with_policy
from grader.commands.showing import (
    CODES,
    FILE,
    JOBS,
    JSON,
    PEOPLE,
    SCHEDULER,
    SECONDS,
    SOURCE,
    SUBMISSIONS,
    TIME_ZONE,
    echo,
    echo_json,
    showing_progress,
)
from grader.commands.wanted import with_wanted

_SHARD = "I/N"


@click.command(epilog=CODES)
@SUBMISSIONS
@click.option("--keys", type=FILE, required=True, help="The folder of the answer keys.")
@click.option("--out", type=FILE, required=True, help="The folder to write into.")
@SOURCE
@PEOPLE
@TIME_ZONE
@click.option("--ledger", metavar="FILE|URL", help="The ledger.  [default: OUT/ledger.sqlite]")
@JOBS
@SCHEDULER
@click.option("--shard", metavar=_SHARD, help="Grade only part I of N, for `grader merge`.")
@click.option("--shared-sheets", is_flag=True, help="Many students may answer the same sheet.")
@SECONDS
@with_policy("last")
@with_wanted
@JSON
def batch(
    submissions: Path,
    keys: Path,
    out: Path,
    source: str,
    people: Path | None,
    zone: ZoneInfo,
    ledger: str | None,
    jobs: int,
    scheduler: str | None,
    shard: str | None,
    shared_sheets: bool,
    seconds: float,
    attempts: str | None,
    late_after: str | None,
    late_penalty: str | None,
    late_max: str | None,
    with_reports: bool,
    with_pages: bool,
    release_solutions: bool,
    as_json: bool,
) -> None:
    """Mark every submission in SUBMISSIONS: a folder of forms, or what a platform hands out.

    Writes a report for each student as text, data and page (reports/), grades.csv, problems.csv and
    a summary of the class (summary.txt, summary.json). A form that can't be used is listed, all
    others are graded, and the exit code is 1. What was graded before is not graded again: the
    ledger holds every submission and verdict, and an interrupted run goes on where it was.

    \b
    Examples:
      grader batch submissions --keys output/week3/keys --out output/week3/marks
      grader batch week3.zip --keys keys --out marks --people Grades-week3.csv
      grader batch submissions --keys keys --out marks --jobs 4 --json
      grader batch answers.jsonl --keys keys --out marks --ledger postgresql://host/course
      grader batch answers.jsonl --keys keys --out marks --shard 3/20
      grader batch - --source jsonl --keys keys --out marks < answers
    """
    from grader.batch import DEFAULT, grade_folder, grade_part
    from grader.pools import Limits
    from grader.publishing import table, tree
    from grader.report_files import Wanted

    limits = Limits(seconds=seconds)
    policy = policy_from(attempts, late_after, late_penalty, late_max, zone) or DEFAULT
    with showing_progress() as progress:
        if shard is not None:
            part, parts = _part(shard)
            if ledger or scheduler:
                raise click.UsageError("--shard has a ledger of its own and no scheduler")
            done = grade_part(
                submissions, keys, out, part, parts,
                jobs=jobs, shared=shared_sheets, limits=limits, kind=source, people=people,
                zone=zone, progress=progress,
            )  # fmt: skip
            echo(f"Part {part} of {parts}: {done} graded. When all are there: grader merge {out}\n")
            return
        graded = grade_folder(
            submissions, keys, out,
            ledger=ledger, jobs=jobs, scheduler=scheduler, shared=shared_sheets,
            wanted=Wanted(with_reports, with_pages, release_solutions),
            limits=limits, policy=policy, kind=source, people=people, zone=zone, progress=progress,
        )  # fmt: skip
    if as_json:
        echo_json(tree(graded))
    else:
        echo(table(graded))
        echo(f"\n{'Reports, grades.csv' if with_reports else 'grades.csv'} and summary.txt")
        echo(f" are in {out}\n")
    if graded.problems:
        sys.exit(1)


def _part(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts) <= 100_000):
        raise click.BadParameter(f"{text!r} is not of the form 3/20", param_hint="--shard")
    return int(part), int(parts)
