"""`grader override`: a person decides what one part of one sheet earns."""

from __future__ import annotations

from fractions import Fraction

import click

from grader.commands.amounts import exact
from grader.commands.locating import MARKS, found, published_again
from grader.commands.showing import CODES, echo


@click.command(epilog=CODES)
@MARKS
@click.argument("sheet")
@click.argument("part", metavar="SLOT.PART")
@click.option("--credit", type=exact, metavar="X", help="The share of the points, from 0 to 1.")
@click.option("--points", type=exact, metavar="X", help="The points, instead of their share.")
@click.option("--reason", required=True, help="Why; the student reads it.")
@click.option("--by", "person", required=True, metavar="NAME", help="Who decides.")
def override(
    marks: str,
    sheet: str,
    part: str,
    credit: Fraction | None,
    points: Fraction | None,
    reason: str,
    person: str,
) -> None:
    """Set what a part of a sheet earns, in place of the program.

    It holds whatever the program says now or later, is shown in the reports with the name and the
    reason, and is published at once. The last one for a part counts.

    \b
    Example:
      grader override marks K7Q2-9MXA-V q1.sizes --points 1.5 --reason "typo in (b)" --by "A. Lee"
    """
    from generator.model import sheet_id
    from generator.model.errors import InputError
    from grader import reviewing
    from grader.reports import amount

    if (credit is None) == (points is None):
        raise click.UsageError("give --credit or --points")
    try:
        sheet = sheet_id.check(sheet)
    except ValueError as error:
        raise InputError("SHEET", f"{error}; grades.csv names each student's") from None
    with found(marks) as ledger:
        was = reviewing.override(
            ledger, sheet, part, reason, person,
            credit=credit,
            points=points,
        )  # fmt: skip
        published_again(ledger, marks)
    given = f"credit {credit}" if points is None else f"{amount(points)} points"
    echo(f"{sheet} {part}: {given}; the program said {was.outcome}, credit {was.credit}\n")
