"""`grader merge`: the parts that `grader batch --shard` graded become one class."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.commands.policy import policy_from, with_policy
from grader.commands.showing import CODES, FILE, JSON, echo, echo_json


@click.command(epilog=CODES)
@click.argument("out", type=FILE)
@click.option("--ledger", metavar="FILE|URL", help="The ledger.  [default: OUT/ledger.sqlite]")
@click.option(
    "--reports/--no-reports",
    "with_reports",
    default=True,
    help="Write a report for each student.  [default: reports]",
)
@with_policy
@JSON
def merge(
    out: Path,
    ledger: str | None,
    with_reports: bool,
    attempts: str | None,
    late_after: str | None,
    late_penalty: str | None,
    late_max: str | None,
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

    policy = policy_from(attempts, late_after, late_penalty, late_max) or DEFAULT
    parts = merging.parts_of(out)
    with open_ledger(ledger or out / LEDGER) as book:
        merging.merge(parts, book)
        set_policy(book, policy)
        batch = publish(book, out, with_reports=with_reports)
    if as_json:
        echo_json(tree(batch))
    else:
        echo(table(batch))
    if batch.problems:
        sys.exit(1)
