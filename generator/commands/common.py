"""What commands share: options, and a progress bar."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

CODES = "Exit codes: 0 done, 1 something to fix, 2 misuse."
JOBS = min(os.cpu_count() or 1, 8)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 64), default=JOBS, show_default=True, help="Processes to use."
)
engine_option = click.option(
    "--engine",
    metavar="NAME",
    help="TeX to use: embedded (default), pdflatex, lualatex, latexmk, tectonic, or a path. "
    "GRADSHEET_TEX sets the default.",
)
templates_option = click.option(
    "--templates",
    metavar="DIR",
    type=click.Path(readable=False, path_type=Path),
    help="Take the templates in DIR in place of ours (`generator templates --copy DIR`).",
)


@contextlib.contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal's standard error; nothing in a pipe. It tells
    what is done, how many in a second, and the time left."""
    if not sys.stderr.isatty() or total < 2:
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(title, total=total, rate="")
        began, done = time.monotonic(), 0

        def advance(steps: int) -> None:
            nonlocal done
            done += steps
            rate = done / max(time.monotonic() - began, 0.001)
            bar.update(task, advance=steps, rate=f"{rate:.1f}/s")

        yield advance
