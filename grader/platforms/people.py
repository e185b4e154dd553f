"""A platform's own list of its people: who has which number, and when they handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from msgspec import structs

from generator.model.delimited import header_of
from generator.model.errors import InputError
from grader.matching import Bridge, known_sender
from grader.platforms import canvas, moodle, scores, times
from grader.submissions.received import Received, Refused


@dataclass(frozen=True)
class Listed:
    """The people by their numbers, for `grader.matching`, and the times where the list has them."""

    people: Bridge = field(default_factory=dict)
    times: Mapping[str, datetime] = field(default_factory=dict)
    handed: scores.Handed = field(default_factory=scores.Handed)

    def dated(self, each: Received | Refused) -> Received | Refused:
        """What was received with its time, where it had none and the list tells it; and with all
        that is told of who has no number on a platform."""
        if isinstance(each, Refused):
            return each
        return times.dated(self.handed.completed(each), self.times, self.people)

    def completed(self, each: Received | Refused) -> Received | Refused:
        """What was received with all that the list tells: the time, and the sender's identities.

        So what is graded follows from what was received alone, also when the list is gone.
        """
        if isinstance(each, Refused):
            return each
        found = self.handed.completed(each)
        sender = known_sender(found.sender, self.people)
        return structs.replace(times.dated(found, self.times, self.people), sender=sender)


def read_people(path: Path, zone: tzinfo = UTC) -> Listed:
    """The people in Moodle's grading worksheet, in Canvas's gradebook or in Gradescope's table of
    scores; `zone` is that of times without one. InputError where the file is none of them."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    source = str(path)
    if scores.is_scores(data):
        return Listed(handed=scores.handed(data, source, zone))
    if header_of(data)[0] in ("Student", "LastName"):
        return Listed(canvas.people(data, source))
    return Listed(moodle.people(data, source), times.submission_times(data, source, zone))
