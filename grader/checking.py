"""Checking a form without a key: how each answer is read, and what is missing or unreadable."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from generator.model.answers import Answer, Array, Group
from generator.model.errors import InputError, NotationError
from generator.notation.form import missing
from grader import reading
from grader.grading import form_id
from grader.marking import excerpt
from grader.reports import printable
from grader.submissions import Given, Submission
from grader.submissions.expects import question

Status = Literal["READ", "BLANK", "UNREADABLE", "NOT_ASKED"]


@dataclass(frozen=True)
class Checked:
    """One answer of a form. `place` is `slot.part`, or `slot.part.field` in a group. `problem` says
    why it can't be read, what it lacks of the form that is asked for, or what its place is near."""

    place: str
    status: Status
    given: str
    read_as: str = ""
    problem: str = ""


def check(submission: Submission) -> tuple[Checked, ...]:
    """The sheet id, every answer that the form expects, as it is read, and what it does not expect.

    InputError if the form's `expects` entry is missing or was edited.
    """
    expected = submission.expects
    if not expected:
        raise InputError(
            submission.source,
            "its last entry, `expects`, is missing: answers can't be read without it; copy it from "
            "the blank form (for grading it is not needed)",
        )
    return (
        _sheet(submission),
        *_expected(submission, expected),
        *_not_asked(submission.answers, expected),
    )


def _sheet(submission: Submission) -> Checked:
    shown = excerpt(submission.sheet_id)
    try:
        return Checked("sheet", "READ", shown, read_as=form_id(submission))
    except InputError as error:
        return Checked("sheet", "UNREADABLE", shown, problem=error.problem)


def _expected(submission: Submission, expected: Mapping[str, Any]) -> Iterator[Checked]:
    for slot, parts in expected.items():
        if not isinstance(parts, Mapping):
            raise InputError(submission.source, f"expects.{slot}: this entry was edited")
        answers = submission.answers.get(slot, {})
        for name, kind in parts.items():
            try:
                asked = question(kind)
            except (ValueError, TypeError) as error:
                problem = f"expects.{slot}.{name}: this entry was edited: {error}"
                raise InputError(submission.source, problem) from None
            yield from _read(f"{slot}.{name}", asked, answers.get(name, ""))


def _read(place: str, asked: Answer, given: Given) -> Iterator[Checked]:
    shown = excerpt(given)
    if reading.is_blank(given):
        yield Checked(place, "BLANK", shown)
    elif not isinstance(asked, Group):
        try:
            value = reading.read(asked, given)
        except NotationError as trouble:
            problem = f"{trouble.shown()}{_with_points(asked, given)}"
            yield Checked(place, "UNREADABLE", shown, problem=problem)
        else:
            told = reading.read_as(asked, value)
            yield Checked(place, "READ", shown, told, _note(asked, given, value))
    elif isinstance(given, str):
        known = ", ".join(asked.members)
        problem = f"several answers are expected here: {known}, each on a line of its own below"
        yield Checked(place, "UNREADABLE", shown, problem=problem)
    else:
        for name, member in asked.members.items():
            yield from _read(f"{place}.{name}", member, given.get(name, ""))
        for name in given:
            if name not in asked.members:
                yield Checked(f"{place}.{name}", "NOT_ASKED", excerpt(given[name]))


def _note(asked: Answer, given: Given, value: Any) -> str:
    """What there is to tell of an answer that can be read."""
    if lacking := missing(asked, given, value):
        return f"this is not written as asked for: {lacking}"
    if isinstance(asked, Array) and isinstance(given, str):
        other = reading.with_decimal_commas(asked, given)
        if other is not None and not np.array_equal(other, value):
            told = reading.read_as(asked, other)
            return (
                f"or {told}, if only this has the size asked for: write decimal points to be sure"
            )
    return ""


def _with_points(asked: Answer, given: Given) -> str:
    """What an array that cannot be read otherwise is with decimal commas."""
    if not isinstance(asked, Array) or not isinstance(given, str):
        return ""
    other = reading.with_decimal_commas(asked, given)
    if other is None:
        return ""
    told = reading.read_as(asked, other)
    return f"\nIs this {told}? A comma separates: write numbers with a point to be sure"


def _not_asked(
    answers: Mapping[str, Mapping[str, Given]], expected: Mapping[str, Any]
) -> Iterator[Checked]:
    known = [f"{slot}.{name}" for slot, parts in expected.items() for name in parts]
    for slot, parts in answers.items():
        for name, given in parts.items():
            if name not in expected.get(slot, {}):
                place = f"{slot}.{name}"
                near = difflib.get_close_matches(place[:60].lower(), known, n=1)
                meant = f"did you mean {near[0]}?" if near else ""
                yield Checked(excerpt(place), "NOT_ASKED", excerpt(given), problem=meant)


def text(found: tuple[Checked, ...]) -> str:
    """The findings for people, with a count of each kind at the end."""
    lines = [line for each in found for line in _lines(each)]
    counts = Counter(each.status for each in found if each.place != "sheet")
    total = f"{counts['READ']} read, {counts['BLANK']} without an answer"
    if counts["UNREADABLE"]:
        total += f", {counts['UNREADABLE']} unreadable"
    if counts["NOT_ASKED"]:
        total += f", {counts['NOT_ASKED']} not on this sheet"
    return "\n".join([*lines, "", total]) + "\n"


def _lines(each: Checked) -> list[str]:
    match each.status:
        case "READ":
            note = [f"    {printable(each.problem)}"] if each.problem else []
            return [f"{each.place}: {printable(each.read_as)}", *note]
        case "BLANK":
            return [f"{each.place}: no answer"]
        case "NOT_ASKED":
            meant = f": {each.problem}" if each.problem else ""
            return [f"{each.place}: not on this sheet{meant}"]
    reasons = [f"    {line}".rstrip() for line in each.problem.splitlines()]
    return [f"{each.place}: CAN'T BE READ", *reasons]
