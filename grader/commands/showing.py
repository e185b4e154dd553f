"""What the commands share: options, and how they print."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from grader.commands.amounts import Finite

CODES = "Exit codes: 0 done, 1 something to fix, 2 misuse."
JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
FILE = click.Path(readable=False, path_type=Path)
SUBMISSIONS = click.argument(
    "submissions", type=click.Path(readable=False, path_type=Path, allow_dash=True)
)
SOURCE = click.option(
    "--source", default="", help="What it is (docs/lms.md), where its content does not show it."
)
PEOPLE = click.option(
    "--people",
    type=FILE,
    help="Moodle's worksheet, Canvas's gradebook or Gradescope's scores: who sent what, and when.",
)

JOBS = click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes."
)
SCHEDULER = click.option(
    "--scheduler", metavar="tcp://...", help="Grade on this Dask cluster instead."
)
SECONDS = click.option(
    "--seconds",
    type=Finite(0.1, 86_400),
    default=60,
    show_default=True,
    help="What one submission may take before it is left to a person.",
)


def _zone(_: Any, __: Any, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise click.BadParameter(f"{name!r} is no time zone") from None


TIME_ZONE = click.option(
    "--time-zone", "zone", default="UTC", show_default=True, callback=_zone,
    help="Of times without one.",
)  # fmt: skip


def echo(text: str) -> None:
    click.echo(text, nl=False)


def echo_json(tree: Any) -> None:
    click.echo(json.dumps(tree, indent=1))


def printable(message: str) -> str:
    """A message without characters that could steer the terminal; it may quote a student's form."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in message)


@contextlib.contextmanager
def showing_progress() -> Iterator[Callable[[int], None] | None]:
    """A count on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed} graded"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("grading", total=None)
        yield lambda done: bar.update(task, completed=done)
