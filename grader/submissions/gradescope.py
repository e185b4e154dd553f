"""What Gradescope hands an autograder: `submission/` and `submission_metadata.json` beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from generator.model.errors import InputError
from grader.submissions.received import Sender

METADATA = "submission_metadata.json"
FOLDER = "submission/"


@dataclass(frozen=True)
class Metadata:
    """Who handed in, when, which time it was (from 1), and the late due date where there is one."""

    senders: tuple[Sender, ...]
    at: datetime | None
    attempt: int

    @property
    def sender(self) -> Sender:
        """The one sender; of a group only the names, for nobody knows whose sheet it is."""
        if len(self.senders) == 1:
            return self.senders[0]
        return Sender(name=", ".join(sender.name for sender in self.senders))


def read_metadata(data: bytes, source: str) -> Metadata:
    """The metadata of one submission. InputError where they are not Gradescope's."""
    try:
        tree = json.loads(data)
        users = [_sender(user) for user in tree["users"]]
        at = datetime.fromisoformat(str(tree["created_at"]))
        before = len(tree.get("previous_submissions") or ())
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise InputError(source, f"not the metadata of a Gradescope submission: {error}") from None
    return Metadata(tuple(users), at if at.tzinfo else None, before + 1)


def _sender(user: Any) -> Sender:
    return Sender(
        lms_id=str(user.get("id") or ""),
        email=str(user.get("email") or ""),
        name=str(user.get("name") or ""),
    )
