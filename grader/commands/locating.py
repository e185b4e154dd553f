"""Where the ledger of a command is, and the folder that it is published to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.ledger import Ledger
    from grader.published import Batch

MARKS = click.argument("marks", metavar="DIR|LEDGER")


def found(marks: str, *, only_read: bool = False) -> Ledger:
    """The ledger in the folder that `grader batch` wrote, in a file, or at a URL."""
    from grader.class_reports import ledger_of

    return ledger_of(marks, only_read=only_read)


def published_to(ledger: Ledger, marks: str) -> Path:
    """The folder that `grader batch` published to."""
    return Path(marks) if Path(marks).is_dir() else Path(ledger.meta("out"))


def published_again(ledger: Ledger, marks: str) -> Batch:
    """Publish to where `grader batch` did."""
    from grader.publishing import publish

    return publish(ledger, published_to(ledger, marks))
