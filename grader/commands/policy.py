"""The options of a policy: which attempt counts, and what lateness costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.policies import Policy

_OPTIONS = (
    click.option(
        "--attempts",
        type=click.Choice(["best", "last", "first"]),
        help="Which of several submissions counts.  [default: last]",
    ),
    click.option("--late-after", metavar="TIME", help="When it was due: 2026-12-01T23:59+01:00."),
    click.option("--late-penalty", metavar="SHARE", help="What each day late costs, as in 10%."),
    click.option("--late-max", metavar="SHARE", help="The most that lateness costs, as in 50%."),
)


def with_policy(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command with these options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def policy_from(
    attempts: str | None,
    late_after: str | None,
    late_penalty: str | None,
    late_max: str | None,
    zone: tzinfo = UTC,
) -> Policy | None:
    """The policy that was asked for; None if none of the options was given. `zone` is that of a
    time without one."""
    from generator.model.errors import InputError
    from grader.policies import policy

    if attempts is late_after is late_penalty is late_max is None:
        return None
    try:
        due = None if late_after is None else datetime.fromisoformat(late_after)
    except ValueError:
        raise InputError(
            "--late-after", f"{late_after!r} is not a time such as 2026-12-01T23:59+01:00"
        ) from None
    if due is not None and due.tzinfo is None:
        due = due.replace(tzinfo=zone)
    return policy(attempts or "last", due, late_penalty or "0", late_max or "100%")
