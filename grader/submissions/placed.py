"""What a learning platform tells of a file by its path: the shape that each platform's reader
gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.submissions.received import Sender


@dataclass(frozen=True)
class Placed:
    """Who sent a file, and the student's own name for it.

    `online` marks a text that was typed into the platform. `refusal` says why a file of the
    platform's is no submission; it is empty for the others.
    """

    sender: Sender = field(default_factory=Sender)
    file: str = ""
    online: bool = False
    late: bool | None = None
    attempt: int | None = None
    refusal: str = ""
