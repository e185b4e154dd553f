"""The options that say what is written for each student."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

_OPTIONS = (
    click.option(
        "--reports/--no-reports",
        "with_reports",
        default=True,
        help="Write a report for each student.  [default: reports]",
    ),
    click.option(
        "--pages/--no-pages",
        "with_pages",
        default=True,
        help="Write each report as a page (HTML), too.  [default: pages]",
    ),
    click.option(
        "--release-solutions",
        is_flag=True,
        help="Show right answers and how they are found, on the pages.",
    ),
)


def with_wanted(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command with these options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
