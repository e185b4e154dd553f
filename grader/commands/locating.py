"""Where the ledger of a command is, and the folder that it is published to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.ledger import Ledger
    from grader.publishing import Batch

MARKS = click.argument("marks", metavar="DIR|LEDGER")


def found(marks: str) -> Ledger:
    """The ledger in the folder that `grader batch` wrote, in a file, or at a URL."""
    from grader.batch import LEDGER
    from grader.ledger import open_ledger

    path = Path(marks)
    return open_ledger(path / LEDGER if path.is_dir() else marks, new=False)


def published_again(ledger: Ledger, marks: str) -> Batch:
    """Publish to where `grader batch` did."""
    from grader.publishing import publish

    out = Path(marks) if Path(marks).is_dir() else Path(ledger.meta("out"))
    return publish(ledger, out, with_reports=ledger.meta("with_reports") != "no")
