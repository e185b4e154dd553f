"""Regrading: everything in a ledger once more, with the installed version or corrected keys.

It is told who changes, from what to what and why. What people decided holds before and after.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from generator.model.errors import InputError
from generator.model.key import versions
from grader.counting import Standing, counted, policy_of, set_policy
from grader.deciding import Decisions
from grader.grading import Report
from grader.keyring import Keyring
from grader.ledger import Ledger, unpacked
from grader.ledger.entries import Outcome, same
from grader.ledger.rows import Judged
from grader.marking import Verdict
from grader.policies import Policy
from grader.pools import Pool
from grader.reports import amount, marks, printable, wrapped
from grader.submissions.received import Received

_SHARD = 100


@dataclass(frozen=True)
class PartChange:
    """One part before and after; None where a report does not have it."""

    place: str
    before: Verdict | None
    after: Verdict | None


@dataclass(frozen=True)
class Change:
    """What regrading changes for one submission. `problem` is why there is no report, if there is
    none, or what else there is to tell."""

    source: str
    sheet: str
    student: str
    before: Fraction | None
    after: Fraction | None
    points: Fraction
    problem: str
    parts: tuple[PartChange, ...]


def regrade(
    ledger: Ledger, keyring: Keyring, pool: Pool, *, apply: bool = False
) -> Iterator[Change]:
    """What changes, submission by submission in the order of their sources.

    With `apply` the new verdicts are recorded, the old ones are kept beside them, and the keys are
    from now on those of the ledger. InputError if the last run was interrupted.
    """
    complete(ledger)
    run, version = ledger.run, str(versions()["gradsheet"])
    decisions = Decisions(ledger)
    if apply:
        ledger.set_keys(keyring)
        ledger.tell("regraded")
    stream = ledger.judged(run)

    def shards() -> Iterator[tuple[Sequence[Judged], Sequence[Received]]]:
        while part := list(islice(stream, _SHARD)):
            yield part, [each.received for each in part]

    for part, outcomes in pool.graded(shards()):
        new = [
            (each.id, outcome)
            for each, outcome in zip(part, outcomes, strict=True)
            if version != each.version or not same(outcome, each.outcome)
        ]
        for each, outcome in zip(part, outcomes, strict=True):
            change = _change(each, outcome, decisions)
            if change is not None:
                yield change
        if apply and new:
            ledger.record(run, version, (), new)


def under(ledger: Ledger, policy: Policy, *, apply: bool = False) -> Iterator[Change]:
    """What another policy for attempts and lateness changes in what is published, by student."""
    before, after = (
        {
            (each.report.student, each.report.sheet_id): each
            for each in counted(ledger, ledger.run, rule)
            if isinstance(each, Standing)
        }
        for rule in (policy_of(ledger), policy)
    )
    for student, sheet in sorted(before.keys() | after.keys()):
        was, now = before.get((student, sheet)), after.get((student, sheet))
        if was and now and (was.report.earned, was.source) == (now.report.earned, now.source):
            continue
        told = now or was
        assert told is not None
        yield Change(
            source=told.source,
            sheet=sheet,
            student=student,
            before=was.report.earned if was else None,
            after=now.report.earned if now else None,
            points=told.report.points,
            problem=" ".join(now.report.notes) if now else "No submission counts.",
            parts=(),
        )
    if apply:
        set_policy(ledger, policy)


def complete(ledger: Ledger) -> None:
    """InputError if the last run did not come to its end: it has not seen all submissions."""
    if not ledger.run or not ledger.finished:
        raise InputError(
            ledger.name, "the last run was interrupted: give `grader batch` once more, first"
        )


def _change(each: Judged, outcome: Outcome, decisions: Decisions) -> Change | None:
    before, after = (
        decisions.applied(unpacked(o.report)) if o.report else None for o in (each.outcome, outcome)
    )
    parts = tuple(_parts(before, after))
    if not parts and each.outcome.problem == outcome.problem:
        return None
    told = after or before
    return Change(
        source=each.received.source,
        sheet=outcome.sheet or each.outcome.sheet,
        student=outcome.student or each.outcome.student,
        before=before.earned if before else None,
        after=after.earned if after else None,
        points=told.points if told else Fraction(0),
        problem=outcome.problem,
        parts=parts,
    )


def _parts(before: Report | None, after: Report | None) -> Iterator[PartChange]:
    old, new = _verdicts(before), _verdicts(after)
    for place in {**new, **old}:
        was, now = old.get(place), new.get(place)
        if was is None or now is None or _counts(was) != _counts(now):
            yield PartChange(place, was, now)


def _counts(verdict: Verdict) -> tuple[str, Fraction, Fraction]:
    return verdict.outcome, verdict.credit, verdict.points


def _verdicts(report: Report | None) -> dict[str, Verdict]:
    if report is None:
        return {}
    return {f"{each.slot}.{v.part}": v for each in report.exercises for v in each.verdicts}


def text(change: Change) -> str:
    """A change for people: the student, then the parts, then why."""
    before = "no report" if change.before is None else amount(change.before)
    after = "no report" if change.after is None else marks(change.after, change.points)
    who = printable(f"{change.student or change.source} ({change.sheet or 'no sheet'})")
    lines = [f"{who}: {before} -> {after}"]
    if change.problem:
        lines += wrapped(printable(change.problem), "  ")
    for part in change.parts if change.after is not None and change.before is not None else ():
        lines.append(f"  {part.place}: {_shown(part.before)} -> {_shown(part.after)}")
        if part.after is not None:
            for line in part.after.why.splitlines():
                lines += wrapped(printable(line), "    ")
    return "\n".join(lines) + "\n"


def tree(change: Change) -> dict[str, object]:
    """The same as plain JSON."""
    return {
        "source": change.source,
        "sheet": change.sheet,
        "student": change.student,
        "before": None if change.before is None else str(change.before),
        "after": None if change.after is None else str(change.after),
        "points": str(change.points),
        "problem": change.problem,
        "parts": [
            {
                "part": part.place,
                "before": _verdict_tree(part.before),
                "after": _verdict_tree(part.after),
            }
            for part in change.parts
        ],
    }


def _shown(verdict: Verdict | None) -> str:
    return "not asked" if verdict is None else f"{verdict.outcome} {amount(verdict.earned)}"


def _verdict_tree(verdict: Verdict | None) -> dict[str, str] | None:
    if verdict is None:
        return None
    earned, points = str(verdict.earned), str(verdict.points)
    return {"outcome": verdict.outcome, "earned": earned, "points": points, "why": verdict.why}
