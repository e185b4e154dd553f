"""Which reports of a ledger count, and for how much: people's decisions, attempts, lateness."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from msgspec import structs

from grader import policies
from grader.deciding import Decisions
from grader.grading import Report
from grader.keyring import Problem
from grader.ledger import Graded, Ledger, unpacked
from grader.policies import Attempt, Counted, Policy, Uncounted


class Standing(NamedTuple):
    """A report that counts, the name of its form, and when that was handed in; None if unknown.

    `unclear` where a person must tell what lateness costs."""

    report: Report
    source: str
    at: datetime | None
    unclear: bool = False


def counted(ledger: Ledger, run: int, policy: Policy) -> Iterator[Standing | Problem]:
    """Every report of a run that counts, as people decided; a problem where there is no report, or
    where nobody knows which one counts."""
    decisions = Decisions(ledger)
    several = _several(ledger, run, decisions, policy)
    for each in ledger.graded(run):
        if each.problem:
            yield Problem(each.source, each.problem)
            continue
        if each.id in several:
            found = several[each.id]
        elif policy.late_after is None:
            found = None
        else:
            report = decisions.applied(unpacked(each.report))
            found = policies.counted([_attempt(each, report)], policy)
        if isinstance(found, Uncounted):
            yield Problem(each.source, f"{found.reason}; keep one")
        elif found is None or found.attempt.source == each.source:
            report = _after(decisions.applied(unpacked(each.report)), found)
            yield Standing(report, each.source, each.at, found is not None and found.needs_human)


def _several(
    ledger: Ledger, run: int, decisions: Decisions, policy: Policy
) -> dict[int, Counted | Uncounted]:
    """What counts of the submissions for one sheet and student, where there are several."""
    found = {}
    for numbers in ledger.several(run):
        attempts = [
            _attempt(each, decisions.applied(unpacked(each.report)))
            for each in ledger.graded(run, numbers=numbers)
        ]
        what = policies.counted(attempts, policy)
        found.update(dict.fromkeys(numbers, what))
    return found


def _attempt(each: Graded, report: Report) -> Attempt:
    return Attempt(
        source=each.source,
        earned=report.earned,
        points=report.points,
        at=each.at,
        late=each.late,
        attempt=each.attempt,
        sender=each.sender,
        digest=each.sha256,
    )


def _after(report: Report, found: Counted | None) -> Report:
    if found is None or not (found.reasons or found.earned != report.earned):
        return report
    penalty = report.earned - found.earned
    return structs.replace(report, notes=(*found.reasons, *report.notes), penalty=penalty)


def policy_of(ledger: Ledger) -> Policy:
    """The policy of the last run."""
    told = json.loads(ledger.meta("policy") or "{}")
    if not told:
        return Policy()
    late_after = told["late_after"] and datetime.fromisoformat(told["late_after"])
    penalty, most = Fraction(told["penalty"]), Fraction(told["late_max"])
    return Policy(told["attempts"], late_after, penalty, most)


def set_policy(ledger: Ledger, policy: Policy) -> None:
    """From now on, this is the policy of the ledger."""
    told = {
        "attempts": policy.attempts,
        "late_after": policy.late_after and policy.late_after.isoformat(),
        "penalty": str(policy.penalty),
        "late_max": str(policy.late_max),
    }
    ledger.set_meta(policy=json.dumps(told))
