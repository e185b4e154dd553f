"""Canvas's "Download submissions": one folder of files with long names.

    vanderberganna_LATE_1234_98765_answers.yaml     name, late, user, attachment, the file
    anon_a1B2c_98765_answers.yaml                   anonymous grading
    vanderberganna_1234_text.html                   a text typed online
    vanderberganna_1234_98765_answers-1.yaml        handed in again under the same name

The name has no capitals, spaces or signs; it may be digits alone, or empty before its `_`. The
second number is the attachment's, not the attempt's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.submissions.placed import Placed
from grader.submissions.received import Sender

_FILE = re.compile(
    r"(?:(?!LATE_|anon_[A-Za-z0-9]{3,12}_)(?P<name>.*?)_)?(?:(?P<late>LATE)_)?"
    r"(?P<user>\d{1,18}|anon_[A-Za-z0-9]{3,12})"
    r"_(?:(?P<attachment>\d{1,18})_(?P<file>.+)|(?P<online>text|link)\.html)",
    re.DOTALL,
)
_AGAIN = re.compile(r"-(\d{1,3})(?=\.[^.]+\Z)")


@dataclass(frozen=True)
class Attached:
    """A file that a student handed in: whose it is, and Canvas's number of it."""

    name: str
    user: str  # a number, or anon_ with an id
    attachment: str
    file: str


def attached(path: str) -> Attached | None:
    """What a path tells of a file that was handed in; None of texts, links and all else."""
    found = _FILE.fullmatch(path.rpartition("/")[2])
    if not found or found["online"]:
        return None
    return Attached(found["name"] or "", found["user"], found["attachment"], found["file"])


def placed(path: str) -> Placed | None:
    """What a path tells; None where the file is not named in Canvas's way."""
    found = _FILE.fullmatch(path.rpartition("/")[2])
    if not found:
        return None
    sender = Sender(lms_id=found["user"], name=found["name"] or "")
    late = found["late"] is not None
    if found["online"] == "link":
        return Placed(sender, late=late, refusal="it is a link to a web page, not a form")
    if found["online"] == "text":
        return Placed(sender, "text.html", online=True, late=late)
    again = _AGAIN.search(found["file"])
    attempt = int(again[1]) + 1 if again else 1
    return Placed(sender, found["file"], late=late, attempt=attempt)
