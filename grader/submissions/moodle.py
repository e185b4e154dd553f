"""Moodle's "Download all submissions": a folder a student, or one long name a file.

    Anna Maria Berg_17_assignsubmission_file/answers.yaml
    Anna Maria Berg_17_assignsubmission_file_answers.yaml      without folders
    Anna Maria Berg_17_assignsubmission_file_/answers.yaml     before Moodle 4.1
    Anna Maria Berg_17_assignsubmission_onlinetext/onlinetext.html
    Participant_17_assignsubmission_file/answers.yaml          blind marking
    Lab 2-Anna Maria Berg_17_assignsubmission_file_/...        one group or a team, before 4.1
    Default team_assignsubmission_file/answers.yaml            those who are in no team

The number counts the participants of this one assignment; it is no user id. In a team's submission
it is the id of the group, and the name is the group's.
"""

from __future__ import annotations

import re

from grader.submissions.placed import Placed
from grader.submissions.received import Sender

_FOLDER = re.compile(
    r"(?P<name>[^_]*)(?:_(?P<participant>\d{1,18}))?_(?P<kind>assignsubmission|assignfeedback)"
    r"_(?P<plugin>[a-z]+)(?:_(?P<rest>.*))?",
    re.DOTALL,
)


def placed(path: str) -> Placed | None:
    """What a path tells; None where no part of it is named in Moodle's way."""
    parts = path.split("/")
    for place, part in enumerate(parts):
        if found := _FOLDER.fullmatch(part):
            below = [found["rest"] or "", *parts[place + 1 :]]
            return _placed(found, "/".join(filter(None, below)))
    return None


def _placed(found: re.Match[str], file: str) -> Placed:
    number = found["participant"]
    participant = "" if number is None else number.lstrip("0") or "0"
    name = " ".join(found["name"].split())
    sender = Sender(participant=participant, name="" if _is_hidden(name) else name)
    if found["kind"] == "assignfeedback":
        return Placed(sender, file, refusal="it is feedback, not a submission")
    if found["plugin"] not in ("file", "onlinetext"):
        return Placed(sender, file, refusal=f"Moodle's {found['plugin']} holds no answers")
    online = found["plugin"] == "onlinetext" and file.lower().endswith((".html", ".htm"))
    return Placed(sender, file, online=online)


def _is_hidden(name: str) -> bool:
    """Whether blind marking put this word in the place of a name; that of a group may go before."""
    return name.rpartition("-")[2].casefold() in _HIDDEN


# What Moodle writes for a participant whose name is hidden, in the languages it was looked up in.
_HIDDEN = frozenset(
    (
        "participant", "teilnehmer/in", "teilnehmer in", "teilnehmer", "participante",
        "partecipante", "deelnemer", "deltagare", "deltager", "deltaker", "osallistuja",
        "uczestnik", "účastník", "résztvevő", "участник", "учасник", "katılımcı", "参加者",
        "参与者", "참가자", "",
    )
)  # fmt: skip
