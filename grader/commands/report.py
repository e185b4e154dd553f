"""`grader report`: what a class made of a sheet, for its teacher."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import click

from generator.model.errors import InputError
from grader.commands.locating import MARKS, found, published_to
from grader.commands.showing import CODES, FILE, echo_json

_NUMBER = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9}|/[1-9][0-9]{0,8})?) *(%?)")


@click.command(epilog=CODES)
@MARKS
@click.option("--out", type=FILE, help="The page to write.  [default: DIR/report.html]")
@click.option("--keys", type=FILE, help="The folder of the keys: compares variants too.")
@click.option("--pass", "pass_mark", metavar="PERCENT", help="The share that passes, as in 50%.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON instead.")
def report(
    marks: str, out: Path | None, keys: Path | None, pass_mark: str | None, as_json: bool
) -> None:
    """Show what a class made of a sheet: DIR is the folder that `grader batch` wrote.

    Writes one HTML file that needs nothing else: marks, how hard and how telling each part was, the
    named mistakes with examples, what could not be read, whether a variant was unfair and, where
    the ledger tells it, when they handed in. No student is named in it.

    \b
    Examples:
      grader report output/recitation/marks
      grader report marks --keys keys --pass 50% --out report.html
      grader report marks --json
      grader report postgresql://host/course --out report.html
    """
    from generator.model.files import write_whole
    from grader import analysis
    from grader.class_reports import class_reports
    from grader.reports import plural

    passing = None if pass_mark is None else _share(pass_mark)
    analysed = analysis.analyse(class_reports(marks, keys), pass_share=passing)
    if as_json and out is None:
        echo_json(analysis.tree(analysed))
        return
    out = out or _folder(marks) / "report.html"
    data = json.dumps(analysis.tree(analysed), indent=1) + "\n" if as_json else ""
    try:
        write_whole(out, data or analysis.page(analysed))
    except InputError as error:
        raise InputError(out, f"{error.problem}; --out FILE writes it elsewhere") from None
    told = plural(analysed.reports, "submission"), plural(len(analysed.parts), "part")
    click.echo(f"{out}: {', '.join(told)}")


def _folder(marks: str) -> Path:
    if Path(marks).is_dir():
        return Path(marks)
    with found(marks, only_read=True) as ledger:
        return published_to(ledger, marks)


def _share(text: str) -> Fraction:
    """50%, 50 and 1/2 are one and the same share of the points."""
    found = _NUMBER.fullmatch(text.strip())
    value = Fraction(found[1]) if found else None
    if found and value is not None and (found[2] or value > 1):
        value /= 100
    if value is None or value > 1:
        raise InputError("--pass", f"{text[:30]!r} is not a share of the points, such as 50%")
    return value
