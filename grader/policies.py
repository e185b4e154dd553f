"""Which of several submissions counts, and what lateness costs: stated rules, exact numbers.

A rule that cannot be applied, because nobody knows which came last or when, is told and left to a
person; nothing is guessed.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fractions import Fraction
from itertools import combinations
from typing import Literal, get_args

from generator.model.errors import InputError
from generator.model.values import decimals
from grader.matching import same_sender
from grader.submissions.received import YEARS, Sender

Choice = Literal["best", "last", "first"]
CHOICES = get_args(Choice)
_DAY = timedelta(days=1)
_SHARE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9}|/[1-9][0-9]{0,8})?) ?(%?)")
_NOTHING = Fraction(0)


@dataclass(frozen=True)
class Policy:
    """`penalty` is the share of the sheet's points that each started day after `late_after` costs,
    `late_max` the largest share that lateness costs at all."""

    attempts: Choice = "last"
    late_after: datetime | None = None
    penalty: Fraction = _NOTHING
    late_max: Fraction = Fraction(1)


@dataclass(frozen=True)
class Attempt:
    """One graded submission: what was told of it when it was received, and what it earned.

    `digest` tells whether two are the same bytes.
    """

    source: str
    earned: Fraction
    points: Fraction
    at: datetime | None = None
    late: bool | None = None
    attempt: int | None = None
    sender: Sender = field(default_factory=Sender)
    digest: str = ""


@dataclass(frozen=True)
class Counted:
    """The attempt that counts, with the points after the penalty and the reasons, for the report.

    `needs_human` is set where a reason waits for a person.
    """

    attempt: Attempt
    earned: Fraction
    reasons: tuple[str, ...] = ()
    needs_human: bool = False


@dataclass(frozen=True)
class Uncounted:
    """Why none of several submissions counts until a person has chosen."""

    reason: str


def counted(attempts: Sequence[Attempt], policy: Policy) -> Counted | Uncounted:
    """What counts of the submissions for one sheet, in any order; the result is the same.

    Submissions of two senders for one sheet count for neither: one of them is somebody else.
    """
    if not attempts:
        raise ValueError("there is no submission to choose from")
    ordered = _without_copies(sorted(attempts, key=_steady))
    for one, other in combinations(ordered, 2):
        if not same_sender(one.sender, other.sender):
            return Uncounted(f"two senders for one sheet: {one.source} and {other.source}")
    penalised = [_after_penalty(each, policy) for each in ordered]
    if len(penalised) == 1:
        return penalised[0]
    if policy.attempts == "best":
        chosen = max(penalised, key=lambda each: each.earned)  # of equals, the first
        return _of_several(chosen, len(penalised), "the best")
    places = _in_time(ordered)
    if places is None:
        files = ", ".join(each.source for each in ordered[:5])
        return Uncounted(
            f"{len(ordered)} submissions, and nobody knows which came {policy.attempts}: {files}"
        )
    chosen = penalised[places[0 if policy.attempts == "first" else -1]]
    return _of_several(chosen, len(penalised), f"the {policy.attempts}")


def lateness(at: datetime, due: datetime) -> int:
    """How many days of 24 hours after `due` have started at `at`; 0 where it is in time."""
    # In UTC: Python takes two times of one zone as its clocks show them, also when these change.
    return max(0, math.ceil((at.astimezone(UTC) - due.astimezone(UTC)) / _DAY))


def due(text: str, zone: tzinfo = UTC) -> datetime:
    """The last moment that is in time: a time such as 2026-12-01T23:59+01:00, or the end of a day
    such as 2026-12-01. `zone` is that of a time without one. InputError where it is neither."""
    asked = "write a time such as 2026-12-01T23:59+01:00, or a day such as 2026-12-01"
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError("--late-after", f"{text[:40]!r} is not a time: {asked}") from None
    if at.year not in YEARS:
        raise InputError(
            "--late-after", f"{text[:40]!r}: no course is in the year {at.year}: {asked}"
        )
    with contextlib.suppress(ValueError):
        # Where clocks are set back at midnight, the last minutes of the day come twice.
        at = datetime.combine(date.fromisoformat(text), time.max.replace(fold=1))
    return at if at.tzinfo else at.replace(tzinfo=zone)


def in_time(policy: Policy) -> str:
    """Until when a form is in time and what comes then, for people; empty where it always is."""
    if policy.late_after is None:
        return ""
    until = f"In time until {policy.late_after.replace(microsecond=0)}"
    if not policy.penalty:
        return until
    return (
        f"{until}; each day that has started since costs {_percent(policy.penalty)}, "
        f"at most {_percent(policy.late_max)}"
    )


def share(text: str) -> Fraction:
    """A share such as 10% or 0.1. ValueError where it is none, or not from 0 to 1."""
    found = _SHARE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text[:40]!r} is not a share from 0% to 100%: write 10% or 0.1")
    value = Fraction(found[1]) / (100 if found[2] else 1)
    if value > 1:
        raise ValueError(f"{text[:40]!r} is not a share from 0% to 100%")
    return value


def policy(
    attempts: str = "last",
    late_after: datetime | None = None,
    late_penalty: str = "0",
    late_max: str = "100%",
) -> Policy:
    """The policy of the command line's options. InputError names the one that cannot be used."""
    if attempts not in CHOICES:
        raise InputError("--attempts", f"{attempts!r} is none of {', '.join(CHOICES)}")
    shares = []
    for name, text in (("--late-penalty", late_penalty), ("--late-max", late_max)):
        try:
            shares.append(share(text))
        except ValueError as error:
            raise InputError(name, str(error)) from None
    if shares[0] and late_after is None:
        raise InputError("--late-penalty", "a penalty needs a time: give --late-after")
    if late_after is not None and late_after.tzinfo is None:
        late_after = late_after.replace(tzinfo=UTC)
    chosen: Choice = attempts  # type: ignore[assignment]
    return Policy(chosen, late_after, shares[0], shares[1])


def _after_penalty(attempt: Attempt, policy: Policy) -> Counted:
    whole = Counted(attempt, attempt.earned)
    if policy.late_after is None:
        return whole
    if attempt.at is None:
        if attempt.late:
            reason = "Late by the platform's mark, but nobody knows by how much: no penalty taken."
            return replace(whole, reasons=(reason,), needs_human=bool(policy.penalty))
        if attempt.late is None and policy.penalty:
            reason = "Nobody knows when this was handed in: no penalty taken."
            return replace(whole, reasons=(reason,), needs_human=True)
        return whole
    days = lateness(attempt.at, policy.late_after)
    if not days:
        return whole
    late = f"Late by {days} started day{'s' * (days > 1)}"
    asked = min(policy.penalty * days, policy.late_max)
    taken = min(asked * attempt.points, max(attempt.earned, _NOTHING))
    if not taken:
        return replace(whole, reasons=(f"{late}.",))
    most = "at most " if policy.penalty * days > policy.late_max else ""
    reason = (
        f"{late}: {most}{_percent(asked)} of {_shown(attempt.points)} points, "
        f"so {_shown(attempt.earned - taken)} instead of {_shown(attempt.earned)}."
    )
    return replace(whole, earned=attempt.earned - taken, reasons=(reason,))


def _steady(attempt: Attempt) -> tuple[bool, datetime, int, str]:
    """An order that does not depend on the order given: by time, by attempt, by name."""
    never = datetime.max.replace(tzinfo=UTC)
    at = never if attempt.at is None else attempt.at.astimezone(UTC)
    return attempt.at is None, at, attempt.attempt or 0, attempt.source


def _without_copies(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The attempts without later ones that are the same bytes from the same sender."""
    kept: list[Attempt] = []
    for each in attempts:
        if not each.digest or not any(
            each.digest == other.digest and same_sender(each.sender, other.sender) for other in kept
        ):
            kept.append(each)
    return kept


def _in_time(attempts: Sequence[Attempt]) -> list[int] | None:
    """The places of `attempts` from the first to the last; None where nobody knows."""
    places = range(len(attempts))
    numbers = [each.attempt for each in attempts if each.attempt is not None]
    times = [each.at.astimezone(UTC) for each in attempts if each.at is not None]
    if len(set(times)) == len(attempts):
        return sorted(places, key=lambda place: times[place])
    if len(set(numbers)) == len(attempts):
        return sorted(places, key=lambda place: numbers[place])
    return None


def _of_several(chosen: Counted, count: int, which: str) -> Counted:
    reason = f"{count} submissions; {which} counts: {chosen.attempt.source}."
    return replace(chosen, reasons=(reason, *chosen.reasons))


def _percent(value: Fraction) -> str:
    return f"{_shown(value * 100)}%"


def _shown(value: Fraction) -> str:
    """An exact number as people read it: with decimals where few are enough."""
    text = f"{float(decimals(value, 2)):.2f}".rstrip("0").rstrip(".")
    return text if Fraction(text) == value else str(value)
