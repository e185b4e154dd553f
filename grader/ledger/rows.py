"""Submissions and verdicts as rows of a ledger's tables, and read back from them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from grader import packing
from grader.ledger.entries import Outcome, Stored, storable
from grader.ledger.rapid import Row
from grader.ledger.trouble import DAMAGES, damaged
from grader.submissions.received import Received, Sender


@dataclass(frozen=True)
class Known:
    """A submission that the ledger has, and what its current verdict was made with."""

    id: int
    digest: bytes
    run: int
    sheet: str
    key: str
    version: str


class New(NamedTuple):
    """A submission that the ledger does not have, with its digest and its sender as JSON."""

    received: Received
    digest: bytes
    sender: str


class Graded(NamedTuple):
    """A submission and its current verdict, as they are read back: most of what belongs to the
    submission is made of its row where it is asked for."""

    id: int
    source: str
    sheet: str
    student: str
    problem: str
    sha256: str
    told: str
    time: str | None
    late: bool | None
    attempt: int | None
    report: Stored

    @property
    def sender(self) -> Sender:
        return sender_of(self.told)

    @property
    def at(self) -> datetime | None:
        return time_of(self.time)


@dataclass(frozen=True)
class Judged:
    """A submission as received, and its current outcome by a version of the program."""

    id: int
    received: Received
    version: str
    outcome: Outcome


def digest(received: Received) -> bytes:
    """What a submission is known by, beside its source: all that was received."""
    return new(received).digest


def new(received: Received) -> New:
    """The submission, if the ledger does not have it."""
    r = received
    sender = _encoder.encode(r.sender)
    told = [r.format, msgspec.Raw(sender), r.late, r.attempt, r.at and r.at.isoformat()]
    whole = _encoder.encode(told) + b"\n" + r.content
    return New(r, hashlib.sha256(whole).digest()[:16], sender.decode())


def stamp() -> str:
    """The time, as the ledger notes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def json_of(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def submission_row(new: New, number: int, run: int, now: str) -> Row:
    """A submission, new to the ledger at the time `now`."""
    received, digest, sender = new
    return (
        number,
        received.source,
        digest,
        hashlib.sha256(received.content).hexdigest(),
        received.format,
        packing.packed(received.content),
        sender,
        received.at and received.at.isoformat(),
        received.late,
        received.attempt,
        now,
        run,
    )


def verdict_row(
    outcome: Outcome, report: bytes, number: int, submission: int, version: str, now: str
) -> Row:
    """The verdict of this number on a submission, its current one from the time `now` on;
    `report` refers to the pieces of its report."""
    return (
        number,
        submission,
        True,
        outcome.sheet,
        outcome.student,
        outcome.key,
        version,
        outcome.slots,
        outcome.human,
        storable(outcome.problem),
        report,
        now,
    )


def received_of(row: Any) -> Received:
    """The submission as it came. InputError where its bytes have another digest now."""
    try:
        content = packing.unpacked(row.content)
    except DAMAGES as error:
        raise damaged(f"{row.source}: {error}") from None
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise damaged(f"{row.source}: it has another SHA-256 than when it was received")
    return Received(
        source=row.source,
        content=content,
        format=row.format,
        sender=sender_of(row.sender),
        at=time_of(row.at),
        late=row.late,
        attempt=row.attempt,
    )


def sender_of(text: str) -> Sender:
    return _senders.decode(text)


def time_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


_encoder = msgspec.json.Encoder()
_senders = msgspec.json.Decoder(Sender)
