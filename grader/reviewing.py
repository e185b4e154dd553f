"""What waits for a person, grouped by what was written, to be settled once for everybody."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from generator.model.answers import Answer, Array, FiniteSet, Group, Interval, Number
from generator.model.errors import GradsheetError, InputError, NotationError
from grader import reading
from grader.deciding import Decisions, written
from grader.ledger import Ledger, Override, unpacked
from grader.marking import Verdict
from grader.regrading import complete
from grader.reports import amount, plural, printable, wrapped

Kind = Literal["UNREADABLE", "UNDECIDED", "NEAR"]
_NEAR = 10  # tolerances
_SHOWN = 5


class _Case(NamedTuple):
    """One answer on one sheet: why it waits, its part and exercise, and the verdict on it."""

    sheet: str
    kind: Kind
    place: str
    exercise: str
    verdict: Verdict


@dataclass(frozen=True)
class Waiting:
    """One answer to one question, and the sheets on which it was given.

    `id` stays the same from run to run. NEAR is an answer that counts as wrong but lies within ten
    tolerances of the truth. `question` is empty where the answer is too long to be held against
    another one: then it stands alone.
    """

    id: str
    kind: Kind
    place: str
    exercise: str
    written: str
    why: str
    sheets: tuple[str, ...]
    question: str
    answer: str


def waiting(ledger: Ledger, *, near: bool = True) -> list[Waiting]:
    """All that waits, what most students wrote first. InputError after an interrupted run."""
    complete(ledger)
    decisions = Decisions(ledger)
    found: dict[tuple[str, str], list[_Case]] = {}
    for each in ledger.graded(ledger.run):
        if each.problem:
            continue
        report = decisions.applied(unpacked(each.report))
        for exercise in report.exercises:
            for verdict in exercise.verdicts:
                kind = _kind(verdict, decisions, each.sheet, exercise.slot, near)
                if kind is None:
                    continue
                answer = written(verdict)
                question = decisions.question(each.sheet, exercise.slot, verdict.part)
                if not answer:
                    question = ""
                place = f"{exercise.slot}.{verdict.part}"
                group = (question, answer) if question else (each.sheet, place)
                case = _Case(each.sheet, kind, place, exercise.exercise, verdict)
                found.setdefault(group, []).append(case)
    items = [_item(group, cases) for group, cases in found.items()]
    return sorted(items, key=lambda item: (-len(item.sheets), item.place, item.written, item.id))


def _item(group: tuple[str, str], cases: list[_Case]) -> Waiting:
    _, kind, place, exercise, verdict = cases[0]
    answer = written(verdict)
    return Waiting(
        id=hashlib.sha256("\n".join(group).encode()).hexdigest()[:8],
        kind=kind,
        place=place,
        exercise=exercise,
        written=verdict.given,
        why=verdict.why,
        sheets=tuple(sorted({case.sheet for case in cases})),
        question=group[0] if answer and group[1] == answer else "",
        answer=answer,
    )


def settle(ledger: Ledger, id: str, credit: Fraction, reason: str, person: str) -> Waiting:
    """Give an answer that waits its credit, for all who wrote it and all who will."""
    item = next((each for each in waiting(ledger) if each.id == id), None)
    if item is None:
        raise InputError("--settle", f"nothing that waits has the id {id[:40]!r}")
    _check_decision(credit, reason, person)
    if item.question:
        ledger.override(
            Override(item.place, credit, reason, person, "", item.question, item.answer)
        )
    else:
        for sheet in item.sheets:
            ledger.override(Override(item.place, credit, reason, person, sheet))
    return item


def override(
    ledger: Ledger,
    sheet: str,
    place: str,
    reason: str,
    person: str,
    *,
    credit: Fraction | None = None,
    points: Fraction | None = None,
) -> Verdict:
    """Set the credit, or the points, of one part of a sheet, whatever the program says now or
    later; the verdict as it was. InputError if the sheet has no such part."""
    complete(ledger)
    verdicts = {
        f"{each.slot}.{verdict.part}": verdict
        for graded in ledger.graded(ledger.run, sheet)
        if not graded.problem
        for each in unpacked(graded.report).exercises
        for verdict in each.verdicts
    }
    if not verdicts:
        raise InputError(sheet[:40], "no graded submission is for this sheet")
    if place not in verdicts:
        raise InputError(place[:60], f"the sheet has no such part: it has {', '.join(verdicts)}")
    verdict = verdicts[place]
    if credit is None:
        if points is None:
            raise InputError(place, "the credit or the points are missing")
        if not verdict.points or not 0 <= points <= verdict.points:
            raise InputError(place, f"the points are from 0 to {amount(verdict.points)}")
        credit = points / verdict.points
    _check_decision(credit, reason, person)
    ledger.override(Override(place, credit, reason, person, sheet))
    return verdict


def _check_decision(credit: Fraction, reason: str, person: str) -> None:
    """InputError if a decision is no share of the points, or does not say why or by whom."""
    if not 0 <= credit <= 1:
        raise InputError("--credit", "the share of the points is expected, from 0 to 1")
    for option, told in (("--reason", reason), ("--by", person)):
        if not printable(told):
            raise InputError(option, "this is empty")
        if len(told) > 500:
            raise InputError(option, "at most 500 characters are expected")


def text(items: list[Waiting]) -> str:
    """What waits, for people."""
    if not items:
        return "Nothing waits for a person.\n"
    lines: list[str] = []
    for item in items:
        sheets = ", ".join(item.sheets[:_SHOWN]) + (", ..." if len(item.sheets) > _SHOWN else "")
        head = {"NEAR": "close to right"}.get(item.kind, item.kind.lower())
        lines.append(f"{item.id}  {item.place} ({item.exercise}), {head}")
        lines += wrapped(f"written  {printable(item.written)}", "  ", "         ")
        for line in item.why.splitlines():
            lines.append(f"    {printable(line)}" if not line.startswith(" ") else f"    {line}")
        lines += [f"  on {plural(len(item.sheets), 'sheet')}: {sheets}", ""]
    lines.append('Settle one with --settle ID --credit 1 --reason "..." --by NAME')
    return "\n".join(lines) + "\n"


def tree(items: list[Waiting]) -> list[dict[str, object]]:
    """The same as plain JSON."""
    return [
        {
            "id": item.id,
            "kind": item.kind,
            "part": item.place,
            "exercise": item.exercise,
            "written": item.written,
            "why": item.why,
            "sheets": list(item.sheets),
        }
        for item in items
    ]


def _kind(verdict: Verdict, decisions: Decisions, sheet: str, slot: str, near: bool) -> Kind | None:
    if verdict.needs_human:
        return "UNDECIDED" if verdict.outcome == "UNDECIDED" else "UNREADABLE"
    wrong = verdict.outcome in ("INCORRECT", "PARTIAL")
    if near and wrong and not verdict.override and verdict.mistake is None:
        try:
            truth = decisions.truth(sheet, slot, verdict.part)
        except GradsheetError:
            return None
        if truth is not None and any(_close(*each) for each in _members(truth, verdict)):
            return "NEAR"
    return None


def _members(truth: Answer, verdict: Verdict) -> Iterator[tuple[Answer, Verdict]]:
    if isinstance(truth, Group):
        for member in verdict.members:
            yield truth.members[member.part], member
    else:
        yield truth, verdict


def _close(truth: Answer, verdict: Verdict) -> bool:
    if not isinstance(truth, Number | Array | FiniteSet | Interval):
        return False
    if verdict.outcome not in ("INCORRECT", "PARTIAL") or verdict.given.endswith("…"):
        return False
    try:
        value = reading.read(truth, verdict.given)
    except NotationError:
        return False
    return not truth.near(value) and truth.near(value, _NEAR)
