"""The grades of a class as `grader batch` wrote them, and what each student is told beside them."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from msgspec import structs

from generator.model.errors import GradsheetError, InputError
from generator.model.key import AnswerKey
from grader import reports
from grader.matching import Bridge, Match, Person, is_listed, match, people
from grader.submissions.received import Grade, Received, Refused, Sender
from grader.submissions.texts import read_received

DOCUMENTS = (".html", ".txt")


def read_marks(
    folder: Path, keys: Iterable[AnswerKey] = (), documents: Sequence[str] = DOCUMENTS
) -> list[Grade]:
    """A grade for each report in `folder`, or in its folder `reports`, in the order of the files.

    `keys` tell the students' addresses, `documents` the suffixes of what goes back to a student, of
    which the first counts that is there. InputError where there is no report, or one is damaged.
    """
    inside = folder / "reports"
    place = inside if inside.is_dir() else folder
    emails = {key.sheet_id: key.email for key in keys}
    try:
        files = sorted(path for path in place.iterdir() if path.suffix == ".json")
    except OSError as error:
        raise InputError(folder, f"cannot be read: {error.strerror}") from None
    grades = [_grade(path, emails, documents) for path in files]
    if not grades:
        raise InputError(
            folder, "there is no report in it: give the folder that `grader batch` wrote"
        )
    return grades


def with_senders(
    grades: Iterable[Grade],
    submissions: Iterable[Received | Refused],
    keys: Iterable[AnswerKey],
    bridge: Bridge | None = None,
) -> list[Grade]:
    """The grades with the platform's numbers of those who handed in, for names that are hidden.

    A sheet that several senders handed in stays without numbers.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    for each, person in _matched(submissions, keys, bridge):
        sender = each.sender
        # Under a name that is not the student's the number may be that of a team.
        if not sender.name or is_listed(sender.name, person.name):
            numbers = found.setdefault(person.student, set())
            numbers.add((sender.participant, sender.lms_id))
    return [replace(each, sender=_numbered(each.sender, found)) for each in grades]


def handed_in(
    submissions: Iterable[Received | Refused],
    keys: Iterable[AnswerKey],
    bridge: Bridge | None = None,
) -> dict[str, list[str]]:
    """What each student handed in that could be read, by its place in the download."""
    found: dict[str, list[str]] = {}
    for each, person in _matched(submissions, keys, bridge):
        found.setdefault(person.student, []).append(each.source)
    return found


def _matched(
    submissions: Iterable[Received | Refused], keys: Iterable[AnswerKey], bridge: Bridge | None
) -> Iterator[tuple[Received, Person]]:
    """The submissions whose students are known; the others were told when they were graded."""
    known = people(keys)
    for each in submissions:
        if isinstance(each, Refused):
            continue
        try:
            matched = match(each, read_received(each), known, bridge)
        except GradsheetError:
            continue
        if isinstance(matched, Match):
            yield each, matched.person


def _numbered(sender: Sender, found: Mapping[str, set[tuple[str, str]]]) -> Sender:
    numbers = found.get(sender.student, set())
    if len(numbers) != 1:
        return sender
    participant, lms_id = next(iter(numbers))
    return structs.replace(sender, participant=participant, lms_id=lms_id)


def grade_of(tree: Mapping[str, Any], email: str) -> Grade:
    """What a report, as `reports.tree` has it, says to a platform; LookupError, TypeError or
    ValueError for another tree."""
    return Grade(
        sender=Sender(student=tree["student"], name=tree["name"], email=email),
        earned=str(Fraction(tree["earned"])),
        points=str(Fraction(tree["points"])),
        feedback=feedback_text(tree),
        feedback_html=feedback_html(tree),
        waiting=int(tree["needs_human"]),
    )


def _grade(path: Path, emails: Mapping[str, str], documents: Sequence[str]) -> Grade:
    try:
        tree = json.loads(path.read_bytes())
        grade = grade_of(tree, emails.get(tree["sheet"], ""))
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError):
        raise InputError(path, "this is not a report that `grader batch` wrote") from None
    for suffix in documents:
        document = path.with_suffix(suffix)
        if document.is_file():
            return replace(grade, documents={f"report{suffix}": document.read_bytes()})
    return grade


def feedback_text(tree: Mapping[str, Any]) -> str:
    """What a student is told, a line a part: how it went, points, why, the advice,
    and what a person decided."""
    lines = [_head(tree), *map(reports.printable, tree["notes"])]
    for exercise in tree["exercises"]:
        lines.append(f"{exercise['slot']}  {exercise['title']} ({_marks(exercise)})")
        for part, said in _parts(exercise):
            lines.append(f"  {part}{': ' if said else ''}{' '.join(said)}")
    return "\n".join(lines)


def feedback_html(tree: Mapping[str, Any]) -> str:
    """The same as a fragment of HTML, in which everything is escaped."""
    pieces = [f"<p>{_escaped(line)}</p>" for line in (_head(tree), *tree["notes"])]
    for exercise in tree["exercises"]:
        title = f"{exercise['slot']} {exercise['title']}"
        pieces.append(f"<p><b>{_escaped(title)}</b> ({_marks(exercise)})</p><ul>")
        for part, said in _parts(exercise):
            why = "".join(f"<br>{_escaped(line)}" for line in said)
            pieces.append(f"<li>{_escaped(part)}{why}</li>")
        pieces.append("</ul>")
    return "".join(pieces)


def _parts(exercise: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for place, part in enumerate(exercise["parts"]):
        name = f"{reports.lettered(place)}{part['part']}"
        head = f"{name}: {reports.WORDS[part['outcome']]}, {_marks(part)}"
        said = []
        if part["outcome"] not in ("CORRECT", "BLANK"):
            said.append(reports.printable(part["why"].partition("\n")[0]))
        if part["advice"]:
            said.append(reports.printable(part["advice"]))
        if part.get("override"):
            said.append(reports.printable(part["override"]))
        yield head, said


def _head(tree: Mapping[str, Any]) -> str:
    waiting = int(tree["needs_human"])
    later = f"; a person will look at {reports.plural(waiting, 'part')}" if waiting else ""
    return f"{_marks(tree)} points{later}"


def _marks(tree: Mapping[str, Any]) -> str:
    return reports.marks(Fraction(tree["earned"]), Fraction(tree["points"]))


def _escaped(text: str) -> str:
    return html.escape(reports.printable(text))
