"""`grader review`: answers that wait for a person, settled once for all who wrote the same."""

from __future__ import annotations

from fractions import Fraction

import click

from grader.commands.amounts import exact
from grader.commands.locating import MARKS, found, published_again
from grader.commands.showing import CODES, JSON, echo, echo_json


@click.command(epilog=CODES)
@MARKS
@click.option("--settle", metavar="ID", help="Decide on the answers of this id.")
@click.option("--credit", type=exact, metavar="X", help="The share of the points, from 0 to 1.")
@click.option("--reason", help="Why; the students read it.")
@click.option("--by", "person", metavar="NAME", help="Who decides.")
@click.option(
    "--near/--no-near", default=True, help="Also list wrong answers that are close.  [default: on]"
)
@JSON
def review(
    marks: str,
    settle: str | None,
    credit: Fraction | None,
    reason: str | None,
    person: str | None,
    near: bool,
    as_json: bool,
) -> None:
    """List the answers that could not be read or decided, and those that are nearly right.

    Answers are grouped by question and by what was written, what most students wrote first. What is
    settled holds for all who wrote the same, now and in later runs.

    \b
    Examples:
      grader review marks
      grader review marks --settle 3f9a1c07 --credit 1 --reason "clear enough" --by "A. Lee"
    """
    from grader import reviewing
    from grader.reports import plural

    with found(marks, only_read=settle is None) as ledger:
        if settle is None:
            items = reviewing.waiting(ledger, near=near)
            if as_json:
                echo_json(reviewing.tree(items))
            else:
                echo(reviewing.text(items))
            return
        if credit is None or reason is None or person is None:
            raise click.UsageError("--settle needs --credit, --reason and --by")
        item = reviewing.settle(ledger, settle, credit, reason, person)
        published_again(ledger, marks)
    if as_json:
        echo_json(reviewing.tree([item])[0])
    else:
        echo(f"{item.place}: credit {credit} on {plural(len(item.sheets), 'sheet')}\n")
