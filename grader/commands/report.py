"""`grader report`: what a class made of a sheet, for its teacher."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import click

from generator.model.errors import InputError

_NUMBER = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9}|/[1-9][0-9]{0,8})?) *(%?)")
_FILE = click.Path(readable=False, path_type=Path)


@click.command(epilog="Exit codes: 0 done, 1 something to fix, 2 misuse.")
@click.argument("marks", type=_FILE)
@click.option("--out", type=_FILE, help="The page to write.  [default: MARKS/report.html]")
@click.option("--keys", type=_FILE, help="The folder of the keys: compares variants too.")
@click.option("--pass", "pass_mark", metavar="PERCENT", help="The share that passes, as in 50%.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON instead.")
def report(
    marks: Path, out: Path | None, keys: Path | None, pass_mark: str | None, as_json: bool
) -> None:
    """Show what a class made of a sheet: MARKS is the folder that `grader batch` wrote.

    Writes one HTML file that needs nothing else: marks, how hard and how telling each part was, the
    named mistakes with examples, what could not be read, and whether a variant was unfair. No
    student is named in it.

    \b
    Examples:
      grader report output/recitation/marks
      grader report marks --keys keys --pass 50% --out report.html
      grader report marks --json
    """
    from generator.model.files import write_whole
    from grader import analysis
    from grader.analysis.stored import stored_reports

    passing = None if pass_mark is None else _share(pass_mark)
    found = analysis.analyse(stored_reports(marks, keys), pass_share=passing)
    if as_json:
        text = json.dumps(analysis.tree(found), indent=1) + "\n"
        if out is None:
            click.echo(text, nl=False)
            return
    else:
        out = out or marks / "report.html"
        text = analysis.page(found)
    write_whole(out, text)
    click.echo(f"{out}: {found.reports} submissions, {len(found.parts)} parts")


def _share(text: str) -> Fraction:
    """50%, 50 and 1/2 are one and the same share of the points."""
    found = _NUMBER.fullmatch(text.strip())
    value = Fraction(found[1]) if found else None
    if found and value is not None and (found[2] or value > 1):
        value /= 100
    if value is None or value > 1:
        raise InputError("--pass", f"{text[:30]!r} is not a share of the points, such as 50%")
    return value
