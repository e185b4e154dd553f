"""A platform's own list of who has which number."""

from __future__ import annotations

from pathlib import Path

from generator.model.errors import InputError
from grader.platforms import canvas, moodle
from grader.submissions.received import Sender


def read_people(path: Path) -> dict[str, Sender]:
    """The people in Moodle's grading worksheet or in Canvas's gradebook, by their numbers."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip(b'"')
    if head.startswith((b"Student", b"LastName")):
        return canvas.people(data, str(path))
    return moodle.people(data, str(path))
