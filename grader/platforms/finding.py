"""Which row of a platform's table is whose: by the platform's own number first, by name last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from grader.matching import same_name, same_sender, spellings
from grader.submissions.received import Grade, Sender

_WAYS = ("participant", "lms_id", "student", "email", "name")
_OWN = ("participant", "lms_id")  # numbers that mean something on one platform only


@dataclass(frozen=True)
class Found:
    """The grades by the row that they belong into, and what could not be placed."""

    grades: Mapping[int, Grade]
    notes: tuple[str, ...]
    missed: int


def find(
    grades: Sequence[Grade],
    rows: Mapping[int, Sender],
    logins: Mapping[int, Collection[str]] | None = None,
) -> Found:
    """The row of each grade. `logins` are further names of a row's student, such as a login.

    A grade that no row or several rows could be meant for is told and not written.
    """
    index = _index(rows, logins or {})
    ours = {row.student.casefold() for row in rows.values()}
    same_ids = any(grade.sender.student.casefold() in ours - {""} for grade in grades)
    placed: dict[int, list[Grade]] = {}
    notes: list[str] = []
    for grade in grades:
        found = _rows(grade.sender, rows, index, same_ids)
        if len(found) == 1:
            placed.setdefault(found[0], []).append(grade)
        else:
            what = "no row is this student's" if not found else "several rows could be meant"
            notes.append(f"{who(grade.sender)}: {what}; not written")
    for row, several in placed.items():
        if len(several) > 1:
            names = " and ".join(who(grade.sender) for grade in several)
            notes.append(f"{names}: both belong into row {row + 1}; neither is written")
    alone = {row: found[0] for row, found in placed.items() if len(found) == 1}
    return Found(alone, tuple(notes), len(grades) - len(alone))


def who(sender: Sender) -> str:
    """A student, for a message."""
    return (
        sender.student or sender.email or sender.name or sender.participant or sender.lms_id or "?"
    )


_Index = Mapping[str, Mapping[str, list[int]]]


def _index(rows: Mapping[int, Sender], logins: Mapping[int, Collection[str]]) -> _Index:
    index: dict[str, dict[str, list[int]]] = {way: {} for way in _WAYS}
    for row, sender in rows.items():
        for way in _WAYS[:-1]:
            names = {getattr(sender, way).casefold()}
            if way in ("student", "email"):
                names |= {login.casefold() for login in logins.get(row, ())}
            for name in names - {""}:
                index[way].setdefault(name, []).append(row)
        for name in spellings(sender.name):
            index["name"].setdefault(name, []).append(row)
    return index


def _rows(sender: Sender, rows: Mapping[int, Sender], index: _Index, same_ids: bool) -> list[int]:
    for way in _WAYS[:-1]:
        identity = getattr(sender, way).casefold()
        found = index[way].get(identity, []) if identity else []
        if way in _OWN:
            found = [row for row in found if _agrees(sender, rows[row])]
        if found:
            return found
    several = {row for name in spellings(sender.name) for row in index["name"].get(name, ())}
    return sorted(row for row in several if _may_be(sender, rows[row], same_ids))


def _may_be(sender: Sender, row: Sender, same_ids: bool) -> bool:
    """Whether nothing speaks against it: neither the address nor, where the ids of the table are
    those of the roster, the id."""
    student = sender.student if same_ids else ""
    return same_sender(Sender(student=student, email=sender.email, name=sender.name), row)


def _agrees(one: Sender, other: Sender) -> bool:
    """Whether some other identity is the same, or there is none to compare: numbers of another
    assignment or course would name somebody else."""
    pairs = [
        (getattr(one, name).casefold(), getattr(other, name).casefold())
        for name in ("student", "email")
    ]
    same = [a == b for a, b in pairs if a and b]
    if one.name and other.name:
        same.append(same_name(one.name, other.name))
    return not same or any(same)
