"""What Gradescope hands out: to an autograder one submission, to an instructor all of them.

submission/answers.yaml                             with submission_metadata.json beside it
assignment_12_export/submission_345/answers.yaml    with submission_metadata.yml beside them
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from generator.model.errors import InputError
from grader.submissions.received import YEARS, Sender

METADATA = "submission_metadata.json"
FOLDER = "submission/"
EXPORT = "submission_metadata.yml"


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
    return Metadata(tuple(users), at if at.tzinfo and at.year in YEARS else None, before + 1)


def export_root(paths: Iterable[str]) -> str | None:
    """The folder (with its `/`, or nothing) in which the metadata of an export lie; None where they
    do not lie at the top, or in the one folder that everything is in."""
    some = list(paths)
    first = some[0].partition("/")[0] if some else ""
    one = f"{first}/" if all(path.startswith(f"{first}/") for path in some) else ""
    return next((root for root in ("", one) if f"{root}{EXPORT}" in some), None)


def read_export(data: bytes, source: str) -> dict[str, Metadata]:
    """The metadata of an export by the folder or file of each submission. InputError where they are
    not Gradescope's.

    The file also holds what every test printed, now and before, so only the lines that tell who and
    when are looked at: `:submitters:` (`:name:`, `:sid:`, `:email:`), `:created_at:` and how many
    entries `:history:` has, each two blanks below its submission.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(source, "this is not UTF-8") from None
    found = {}
    for name, lines in _records(text.splitlines()):
        fields = dict(_fields(lines))
        if _SUBMITTERS in fields:
            senders = tuple(map(_submitter, _entries(fields[_SUBMITTERS])))
            at = _time(fields.get(":created_at", [""])[0])
            attempt = len(list(_entries(fields.get(":history", [])))) + 1
            found[name] = Metadata(senders, at, attempt)
    if not found:
        raise InputError(source, "not the metadata of a Gradescope export: nobody submits in it")
    return found


_SUBMITTERS = ":submitters"
_NAMED = re.compile(r"""(?:"([^"]+)"|'([^']+)'|([^\s'"#:-][^:]*)):\s*""")
_FIELD = re.compile(r"  (:\w+):(?: (.*))?")
_DASH = re.compile(r"( +- +)\S")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)\d* ?(Z|UTC|[+-]\d\d:?\d\d)"
)
_LONGEST = 10_000  # characters that tell of one submitter


def _records(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each submission's name with the lines below it: they are indented, blank ones excepted."""
    name = ""
    inside: list[str] = []
    for line in lines:
        if line and not line.startswith((" ", "---", "#")):
            yield name, inside
            named = _NAMED.fullmatch(line)
            name, inside = (next(filter(None, named.groups())) if named else ""), []
        else:
            inside.append(line)
    yield name, inside


def _fields(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each field of a submission: what stands on its line, and the lines below."""
    name = ""
    inside: list[str] = []
    for line in lines:
        if found := _FIELD.fullmatch(line):
            yield name, inside
            name, inside = found[1], [found[2] or ""]
        else:
            inside.append(line)
    yield name, inside


def _entries(lines: list[str]) -> Iterator[str]:
    """The entries of a list, without the dash that each begins with."""
    dash = next((found[1] for line in lines if (found := _DASH.match(line))), "")
    entry: list[str] = []
    for line in lines:
        begins = dash and line.startswith(dash)
        if begins and entry:
            yield "\n".join(entry)
            entry = []
        if begins or entry:
            entry.append(line[len(dash) :])
    if entry:
        yield "\n".join(entry)


def _submitter(entry: str) -> Sender:
    """Who handed in; nothing of what cannot be read."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        told = YAML(typ="base", pure=True).load(entry[:_LONGEST])  # text stays text, whatever it is
    except (YAMLError, ValueError, RecursionError):
        return Sender()
    fields = told if isinstance(told, dict) else {}
    student, name, email = (
        value if isinstance(value := fields.get(key), str) else ""
        for key in (":sid", ":name", ":email")
    )
    return Sender(student=student.strip(), name=name.strip(), email=email.strip())


def _time(text: str) -> datetime | None:
    found = _TIME.fullmatch(text.strip().strip("'\""))
    if not found:
        return None
    try:
        at = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3].replace('UTC', 'Z')}")
    except ValueError:
        return None
    return at if at.year in YEARS else None


def _sender(user: Any) -> Sender:
    return Sender(
        lms_id=str(user.get("id") or ""),
        email=str(user.get("email") or ""),
        name=str(user.get("name") or ""),
    )
