"""Submissions and verdicts as rows of a ledger's tables, and read back from them."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from grader.ledger.entries import Outcome
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


@dataclass(frozen=True)
class Graded:
    """A submission and its current verdict, as they are read back."""

    id: int
    source: str
    sheet: str
    student: str
    problem: str
    report: bytes
    sha256: str
    sender: Sender
    at: datetime | None
    late: bool | None
    attempt: int | None


@dataclass(frozen=True)
class Judged:
    """A submission as received, and its current outcome by a version of the program."""

    id: int
    received: Received
    version: str
    outcome: Outcome


def digest(received: Received) -> bytes:
    """What a submission is known by, beside its source: all that was received."""
    told = [received.format, _told(received), received.late, received.attempt]
    head = msgspec.json.encode([*told, received.at and received.at.isoformat()])
    return hashlib.sha256(head + b"\n" + received.content).digest()[:16]


def stamp() -> str:
    """The time, as the ledger notes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def json_of(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _told(received: Received) -> dict[str, str]:
    return {name: text for name, text in vars(received.sender).items() if text}


def row_of(received: Received, number: int, run: int, now: str) -> dict[str, Any]:
    """A submission, new to the ledger at the time `now`."""
    return {
        "id": number,
        "source": received.source,
        "digest": digest(received),
        "sha256": hashlib.sha256(received.content).hexdigest(),
        "format": received.format,
        "content": zlib.compress(received.content, 1),
        "sender": json_of(_told(received)),
        "at": received.at and received.at.isoformat(),
        "late": received.late,
        "attempt": received.attempt,
        "received": now,
        "run": run,
    }


def received_of(row: Any) -> Received:
    """The submission as it came."""
    return Received(
        source=row.source,
        content=zlib.decompress(row.content),
        format=row.format,
        sender=sender_of(row.sender),
        at=time_of(row.at),
        late=row.late,
        attempt=row.attempt,
    )


def sender_of(text: str) -> Sender:
    return Sender() if text == "{}" else Sender(**msgspec.json.decode(text))


def time_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
