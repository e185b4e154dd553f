"""Submissions as they came: bytes, where they lay, and who is said to have sent them.

Every source (a folder, a zip of a learning platform, a table) is read into these, one at a time, so
that a million of them need no more memory than one. Nothing is graded or matched here. Those that
there are a million of are structs, which are made in a tenth of the time of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec


class Sender(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who a source says a submission is from; what it does not tell is empty.

    `participant` is Moodle's number within one assignment, `lms_id` a platform's id of the user.
    `note` is for a person, where another list tells something else.
    """

    student: str = ""  # the roster's id
    participant: str = ""
    lms_id: str = ""
    email: str = ""
    name: str = ""
    note: str = ""


class Received(msgspec.Struct, frozen=True):
    """One file, text or row of answers. `source` is unique within its intake.

    `content` are the bytes as received; `format` says how to read them: the suffix of a form
    (`.yaml`, `.toml`, `.json`, `.pdf`), `.html` or `.txt` for a text typed online. `at` is when it
    was handed in, with a time zone; `late` is the platform's own mark. None where unknown.
    """

    source: str
    content: bytes
    format: str
    sender: Sender = Sender()
    at: datetime | None = None
    late: bool | None = None
    attempt: int | None = None


# Those that a course has times in: far from where Python's calendar ends, in every zone.
YEARS = range(1900, 2200)

NOT_A_FORM = "this is not a form"  # the reason for files that may lie beside submissions


@dataclass(frozen=True)
class Refused:
    """Something in a source that is no submission that can be read, and why."""

    source: str
    reason: str
    sender: Sender = field(default_factory=Sender)


@dataclass(frozen=True)
class Grade:
    """What a platform is told of one student: points, of how many, and feedback.

    `sender` holds every identity known, so that each platform finds its own.
    """

    sender: Sender
    earned: str  # exact, as in 44/3 or 12.5
    points: str
    feedback: str  # plain text
    feedback_html: str  # a fragment, escaped
    documents: Mapping[str, bytes] = field(default_factory=dict)  # file name -> report
    waiting: int = 0  # parts that a person must look at: the grade is not final
