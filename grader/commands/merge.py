"""`grader merge`: the parts that `grader batch --shard` graded become one class."""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from grader.commands.policy import policy_from, with_policy
from grader.commands.showing import CODES, FILE, JSON, TIME_ZONE, echo, echo_json
from grader.commands.wanted import with_wanted


@click.command(epilog=CODES)
@click.argument("out", type=FILE)
@click.option("--ledger", metavar="FILE|URL", help="The ledger.  [default: OUT/ledger.sqlite]")
@with_policy("last")
@TIME_ZONE
@with_wanted
@JSON
def merge(
    out: Path,
    ledger: str | None,
    attempts: str | None,
    late_after: str | None,
    late_penalty: str | None,
    late_max: str | None,
    zone: ZoneInfo,
    with_reports: bool,
    with_pages: bool,
    release_solutions: bool,
    as_json: bool,
) -> None:
    """Publish the parts that `grader batch --out OUT --shard I/N` graded.

    The files are those of one run over everything.

    \b
    Example:
      grader merge output/week3/marks
    """
    from grader import merging
    from grader.batch import DEFAULT, LEDGER
    from grader.counting import set_policy
    from grader.ledger import open_ledger
    from grader.publishing import publish, table, tree
    from grader.report_files import Wanted, set_wanted

    policy = policy_from(attempts, late_after, late_penalty, late_max, zone) or DEFAULT
    parts = merging.parts_of(out)
    with open_ledger(ledger or out / LEDGER) as book:
        merging.merge(parts, book)
        set_policy(book, policy)
        set_wanted(book, Wanted(with_reports, with_pages, release_solutions))
        batch = publish(book, out)
    if as_json:
        echo_json(tree(batch))
    else:
        echo(table(batch))
    if batch.problems:
        sys.exit(1)
