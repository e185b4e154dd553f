"""`grader regrade`: who changes with the installed version or with corrected keys."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from grader.commands.locating import MARKS, found, published_again
from grader.commands.policy import policy_from, with_policy
from grader.commands.showing import (
    CODES,
    FILE,
    JOBS,
    JSON,
    SCHEDULER,
    SECONDS,
    TIME_ZONE,
    echo,
    echo_json,
)


@click.command(epilog=CODES)
@MARKS
@click.option("--keys", type=FILE, help="Corrected keys.  [default: those of the last run]")
@click.option("--apply", is_flag=True, help="Record the new verdicts and publish them.")
@JOBS
@SCHEDULER
@SECONDS
@with_policy("as in the last run")
@TIME_ZONE
@JSON
def regrade(
    marks: str,
    keys: Path | None,
    apply: bool,
    jobs: int,
    scheduler: str | None,
    seconds: float,
    attempts: str | None,
    late_after: str | None,
    late_penalty: str | None,
    late_max: str | None,
    zone: ZoneInfo,
    as_json: bool,
) -> None:
    """Grade everything once more, and tell who changes, from what to what and why.

    DIR is a folder that `grader batch` wrote. Every submission is taken from its ledger and graded
    with the installed version and the keys as they are now. Nothing is changed without --apply.
    With another policy for attempts or lateness, it is told what that changes in what is published;
    what is not named of the policy stays.
    Times are those of the ledger: where a platform's list tells them, `grader batch --people` puts
    them there. What people decided by `grader override` and `grader review` stays. There
    are no shards: everything is in one ledger by then. For many, take --jobs or --scheduler.

    \b
    Examples:
      grader regrade output/week3/marks
      grader regrade output/week3/marks --keys corrected/keys --apply
    """
    from grader import regrading
    from grader.batch import grading_pool
    from grader.counting import policy_of
    from grader.keyring import open_keys
    from grader.policies import in_time
    from grader.pools import Limits
    from grader.reports import plural, printable

    with found(marks, only_read=not apply) as ledger:
        regrading.complete(ledger)
        former = policy_of(ledger)
        policy = policy_from(attempts, late_after, late_penalty, late_max, zone, former)
        keyring = open_keys(keys or Path(ledger.meta("keys_folder")))
        bad = [f"{each.file}: {printable(each.reason)}" for each in keyring.problems]
        if not as_json:
            echo("".join(f"This key cannot be used: {each}\n" for each in bad))
        changes = []
        with grading_pool(
            keyring, jobs, scheduler,
            shared=ledger.meta("shared") == "yes", limits=Limits(seconds=seconds),
        ) as pool:  # fmt: skip
            for change in regrading.regrade(ledger, keyring, pool, apply=apply):
                changes.append(regrading.tree(change))
                if not as_json:
                    echo(regrading.text(change))
        for change in regrading.under(ledger, policy, apply=apply) if policy else ():
            changes.append(regrading.tree(change))
            if not as_json:
                echo(regrading.text(change))
        if apply:
            published_again(ledger, marks)
    until = in_time(policy) if policy else ""
    if as_json:
        echo_json({"applied": apply, "changes": changes, "key_problems": bad, "in_time": until})
        return
    echo(f"{until}\n" if until else "")
    told = f"{plural(len(changes), 'submission')} {'changes' if len(changes) == 1 else 'change'}"
    echo(f"{told}; {'published' if apply else 'nothing is published without --apply'}\n")
