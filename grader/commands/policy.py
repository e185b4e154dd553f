"""The options of a policy: which attempt counts, and what lateness costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.policies import Policy

_LATENESS = (
    click.option(
        "--late-after",
        metavar="TIME",
        help="The last moment that is in time: 2026-12-01T23:59+01:00, or a day, to its end.",
    ),
    click.option("--late-penalty", metavar="SHARE", help="What each day late costs, as in 10%."),
    click.option("--late-max", metavar="SHARE", help="The most that lateness costs, as in 50%."),
)


def with_policy(attempts: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """These options for a command, whose help says which `attempts` count unless told."""

    def declare(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(_LATENESS):
            command = option(command)
        return click.option(
            "--attempts",
            type=click.Choice(["best", "last", "first"]),
            help=f"Which of several submissions counts.  [default: {attempts}]",
        )(command)

    return declare


def policy_from(
    attempts: str | None,
    late_after: str | None,
    late_penalty: str | None,
    late_max: str | None,
    zone: tzinfo = UTC,
    otherwise: Policy | None = None,
) -> Policy | None:
    """The policy that was asked for; None if none of the options was given. `zone` is that of a
    time without one, `otherwise` has what was not asked for."""
    from grader.policies import Policy, due, policy

    if attempts is late_after is late_penalty is late_max is None:
        return None
    kept = otherwise or Policy()
    return policy(
        kept.attempts if attempts is None else attempts,
        kept.late_after if late_after is None else due(late_after, zone),
        str(kept.penalty) if late_penalty is None else late_penalty,
        str(kept.late_max) if late_max is None else late_max,
    )
