"""Whose submission it is: by the sheet id first, then by what the source tells of its sender.

Nothing is guessed. Who cannot be matched is told with the reason, and so is a form whose sheet is
one student's and whose sender is another: it is graded for neither, until a person has looked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import structs

from generator.model import sheet_id
from generator.model.key import AnswerKey
from grader.submissions import Submission
from grader.submissions.received import Received, Sender


@dataclass(frozen=True)
class Person:
    """A student with a sheet, as the answer key names them."""

    sheet_id: str
    student: str
    name: str
    email: str = ""


@dataclass(frozen=True)
class Match:
    """The person, by what they were found ("sheet id", "email", ...), and what is worth telling."""

    person: Person
    by: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unmatched:
    """Why a submission is nobody's until a person has looked."""

    reason: str


Bridge = Mapping[str, Sender]
"""A platform's own list: its number of a participant or user, and who that is."""


class People:
    """Those who may hand in, found by any of their identities."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._by: dict[str, dict[str, list[Person]]] = {
            way: {} for way in ("sheet id", "roster id", "email", "name")
        }
        for person in people:
            self._add("sheet id", person.sheet_id, person)
            self._add("roster id", person.student.casefold(), person)
            self._add("email", person.email.casefold(), person)
            for spelling in spellings(person.name):
                self._add("name", spelling, person)

    def _add(self, way: str, identity: str, person: Person) -> None:
        same = self._by[way].setdefault(identity, [])
        if identity and person not in same:
            same.append(person)

    def find(self, way: str, identity: str) -> list[Person]:
        """Everyone with this identity; of a name, case, accents and order do not count."""
        if way == "name":
            identity = _plain(identity)
        elif way != "sheet id":
            identity = identity.strip().casefold()
        return self._by[way].get(identity, []) if identity else []


def people(keys: Iterable[AnswerKey]) -> People:
    """The students whose keys these are."""
    return People(Person(k.sheet_id, k.student, k.name, k.email) for k in keys)


def match(
    received: Received, submission: Submission, known: People, bridge: Bridge | None = None
) -> Match | Unmatched:
    """Whose `submission` it is, as it was `received`.

    `bridge` tells who stands behind a platform's numbers. A sheet id that is not known is never
    replaced by another identity: the answers may be to other questions.
    """
    sender = known_sender(received.sender, bridge or {})
    notes = [sender.note] if sender.note else []
    owner: Person | None = None
    if submission.sheet_id:
        try:
            found = sheet_id.check(submission.sheet_id)
        except ValueError as error:
            notes.append(f"The form's sheet id cannot be used: {error}.")
        else:
            owners = known.find("sheet id", found)
            if not owners:
                return Unmatched(f"there is no key for sheet {found}")
            owner = owners[0]
    told = [
        ("roster id", sender.student or (submission.student if owner is None else "")),
        ("email", sender.email),
        ("name", sender.name),
    ]
    claims = [(way, identity, known.find(way, identity)) for way, identity in told if identity]
    if owner is not None:
        return _confirmed(owner, claims, notes)
    return _by_sender(claims, notes)


_Claim = tuple[str, str, list[Person]]


def _confirmed(owner: Person, claims: Iterable[_Claim], notes: list[str]) -> Match | Unmatched:
    """The sheet's owner, unless the sender is known to be somebody else."""
    for way, identity, found in claims:
        others = {person.student for person in found}
        if others and owner.student not in others:
            who = _either(sorted(others))
            return Unmatched(
                f"the form is for sheet {owner.sheet_id} of {owner.student}, but by its {way} "
                f"({identity[:60]}) the sender is {who}"
            )
        if found:
            break  # a weaker identity, such as a name that two have, cannot unsay it
    return Match(owner, "sheet id", tuple(notes))


def _by_sender(claims: Sequence[_Claim], notes: list[str]) -> Match | Unmatched:
    """The one person that all identities of the sender agree on."""
    email = next((identity for way, identity, _ in claims if way == "email"), "")
    tried: list[str] = []
    chosen: Match | None = None
    for way, identity, found in claims:
        if chosen is not None:
            if found and chosen.person not in found:
                who = _either([person.student for person in found])
                one = chosen.person.student
                return Unmatched(
                    f"{_NO_SHEET}; by the {chosen.by} the sender is {one}, by the {way} {who}"
                )
        elif len(found) == 1 and way == "name" and _has_another_email(found[0], email):
            return Unmatched(
                f"{_NO_SHEET}; {identity[:60]!r} is the name of {found[0].student}, "
                f"but not with the address {email[:60]!r}"
            )
        elif len(found) == 1:
            told = f"The form has no sheet id that can be used: matched by {way}."
            chosen = Match(found[0], way, (*notes, told))
        elif found:
            same = len({person.student for person in found}) == 1
            who = "has several sheets" if same else "is that of several students"
            sheets = ", ".join(sorted(f"{p.student} ({p.sheet_id})" for p in found))
            return Unmatched(f"{_NO_SHEET}, and the {way} {identity[:60]!r} {who}: {sheets}")
        else:
            tried.append(f"{way} {identity[:60]!r}")
    if chosen is not None:
        return chosen
    found_nobody = f", and nobody has the {' or the '.join(tried)}" if tried else ""
    return Unmatched(f"{_NO_SHEET}{found_nobody}")


_NO_SHEET = "the form has no sheet id that can be used"


def _has_another_email(person: Person, email: str) -> bool:
    return bool(email and person.email) and email.casefold() != person.email.casefold()


def _either(students: list[str]) -> str:
    return " or ".join(students)


def known_sender(sender: Sender, bridge: Bridge) -> Sender:
    """The sender with what the platform's list adds; with a note instead, where the list has
    another name for the number; as it may stand in the sender's report, it does not tell that."""
    found = bridge.get(sender.participant) if sender.participant else bridge.get(sender.lms_id)
    if found is None:
        return sender
    if sender.name and found.name and not is_listed(sender.name, found.name):
        number = sender.participant or sender.lms_id
        told = f"In the platform's list, number {number} has another name than {sender.name!r}"
        return structs.replace(sender, note=f"{told}: the list was not used.")
    merged = {
        field: getattr(sender, field) or getattr(found, field)
        for field in ("student", "email", "lms_id", "participant")
    }
    return structs.replace(found, **merged)


def same_sender(one: Sender, other: Sender) -> bool:
    """Whether two senders may be one: no identity that both have differs."""
    pairs: list[tuple[str, str, Callable[[str, str], bool]]] = [
        (one.participant, other.participant, str.__eq__),
        (one.lms_id, other.lms_id, str.__eq__),
        (one.student.casefold(), other.student.casefold(), str.__eq__),
        (one.email.casefold(), other.email.casefold(), str.__eq__),
        (one.name, other.name, same_name),
    ]
    return all(same(a, b) for a, b, same in pairs if a and b)


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are of one name: case, accents, signs and order do not count, nor do
    the spaces of one that has none, as Canvas writes them."""
    return bool(spellings(one) & (spellings(other) | {_plain(other)})) or _plain(one) in (
        spellings(other)
    )


def is_listed(name: str, listed: str) -> bool:
    """Whether the name in a download may be the one in its platform's list: Moodle puts that of a
    group before it, as in Lab 2-Anna Berg."""
    return any(
        same_name(name[place:], listed) for place in (0, *_behind_hyphens(name)) if name[place:]
    )


def _behind_hyphens(name: str) -> list[int]:
    return [place + 1 for place, character in enumerate(name) if character == "-"]


# Letters that are no letter with an accent for Unicode, but are typed as one.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
)


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    spaced = "".join(c if c.isalnum() else "" if c in "'’`´" else " " for c in letters)
    return spaced.split()


def _plain(name: str) -> str:
    """A name as it is looked up: its words in the order of the alphabet."""
    return " ".join(sorted(_words(name)))


def spellings(name: str) -> set[str]:
    """What a name may be looked up by: its words, sorted; or all in one, from any word on, as in
    `vanderberganna` for Anna van der Berg."""
    words = _words(name)
    turned = {"".join(words[place:] + words[:place]) for place in range(len(words))}
    return {_plain(name), *turned} - {""}
