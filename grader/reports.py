"""A report on one submission, as text for the student and as JSON for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from string import ascii_lowercase
from typing import Any

from generator.model.values import decimals
from grader.grading import MarkedExercise, Report
from grader.marking import FOUND, Verdict

WIDTH = 88
_OPEN = ("UNREADABLE", "UNDECIDED")
WORDS = {  # an outcome, for the student
    outcome: f"{found}: a person will look at it" if outcome in _OPEN else found
    for outcome, found in FOUND.items()
}


Place = tuple[str, str]  # slot and part


@dataclass(frozen=True)
class Prompt:
    """What a part asks: in brief on one line of text, and all of it as HTML."""

    line: str
    page: str


def text(report: Report, prompts: Mapping[Place, Prompt] | None = None) -> str:
    """The report for people, at most 88 columns wide where the student's own text allows; with
    `prompts` (`solving.prompts`), a line of each part says what was asked."""
    lines = [
        f"{printable(report.title)} - sheet {report.sheet_id}",
        f"{printable(report.name)} ({printable(report.student)})",
        f"{marks(report.earned, report.points)} points",
    ]
    if report.needs_human:
        lines.append(f"A person must look at {plural(report.needs_human, 'part')}.")
    for note in report.notes:
        lines += wrapped(f"Note: {printable(note)}", "")
    for exercise in report.exercises:
        lines += ["", *_exercise_lines(exercise, prompts or {})]
    return "\n".join(lines) + "\n"


def tree(report: Report) -> dict[str, Any]:
    """The report as plain JSON. Amounts are given exactly, as text, and as decimals."""
    return {
        "sheet": report.sheet_id,
        "assignment": report.assignment,
        "title": report.title,
        "student": report.student,
        "name": report.name,
        **_amounts(report.earned, report.points),
        **({"penalty": str(report.penalty)} if report.penalty else {}),
        "needs_human": report.needs_human,
        "notes": list(report.notes),
        "exercises": [
            {
                "slot": each.slot,
                "exercise": each.exercise,
                "title": each.title,
                **_amounts(each.earned, each.points),
                "parts": [_verdict_tree(verdict) for verdict in each.verdicts],
            }
            for each in report.exercises
        ],
        "versions": dict(report.versions),
    }


def amount(value: Fraction) -> str:
    """A number of points for people: exact where two decimals are enough, else rounded to them."""
    return _amount(*value.as_integer_ratio())


@lru_cache(maxsize=10_000)
def _amount(top: int, bottom: int) -> str:
    return f"{float(decimals(Fraction(top, bottom), 2)):.2f}".rstrip("0").rstrip(".")


def marks(earned: Fraction, points: Fraction) -> str:
    return f"{amount(earned)} of {amount(points)}"


def percent(share: Fraction) -> str:
    return _percent(*share.as_integer_ratio())


@lru_cache(maxsize=10_000)
def _percent(top: int, bottom: int) -> str:
    return f"{float(decimals(Fraction(100 * top, bottom), 1)):.1f}%"


def plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def lettered(place: int) -> str:
    """What the sheet calls a part, before its name: (a), (b), ..."""
    return f"({ascii_lowercase[place]}) " if place < len(ascii_lowercase) else ""


def printable(typed: str) -> str:
    """Text from outside on one line, without characters that could steer a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in typed).split())


def _exercise_lines(exercise: MarkedExercise, prompts: Mapping[Place, Prompt]) -> Iterator[str]:
    head = f"{exercise.slot}  {exercise.title}"
    yield f"{head}  ({marks(exercise.earned, exercise.points)})"
    yield "-" * min(WIDTH, len(head))
    for place, verdict in enumerate(exercise.verdicts):
        earned = marks(verdict.earned, verdict.points)
        yield f"{lettered(place)}{verdict.part}: {WORDS[verdict.outcome]}, {earned}"
        if prompt := prompts.get((exercise.slot, verdict.part)):
            line = textwrap.shorten(printable(prompt.line), WIDTH - 15, placeholder=" …")
            yield f"    asked      {line}"
        if verdict.given:
            yield from wrapped(f"you wrote  {printable(verdict.given)}", "    ", "           ")
        if verdict.read_as:
            yield from wrapped(f"read as    {printable(verdict.read_as)}", "    ", "           ")
        if verdict.outcome not in ("CORRECT", "BLANK"):
            for line in verdict.why.splitlines():
                yield from _reason(line)
        if verdict.override:
            yield from wrapped(printable(verdict.override), "    ")
        if verdict.advice:
            yield from wrapped(f"advice     {verdict.advice}", "    ", "           ")


def _reason(line: str) -> Iterator[str]:
    """A line of a reason: wrapped, unless it is indented, as the text above a caret is."""
    shown = "".join(c if c.isprintable() else " " for c in line)
    if shown.startswith(" "):
        yield f"    {shown}".rstrip()
    else:
        yield from wrapped(shown, "    ")


def wrapped(line: str, indent: str, hanging: str = "  ") -> list[str]:
    """A line as several of at most 88 columns; all but the first hang."""
    return textwrap.wrap(
        line,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_long_words=True,
        break_on_hyphens=False,
    )


def _verdict_tree(verdict: Verdict) -> dict[str, Any]:
    shown = {
        "part": verdict.part,
        "outcome": verdict.outcome,
        "credit": str(verdict.credit),
        **_amounts(verdict.earned, verdict.points),
        "needs_human": verdict.needs_human,
        "given": verdict.given,
        "read_as": verdict.read_as,
        "why": verdict.why,
        "mistake": verdict.mistake,
        "advice": verdict.advice,
        "counterexample": verdict.counterexample,
    }
    if verdict.override:
        shown["override"] = verdict.override
    if verdict.members:
        shown["members"] = [_verdict_tree(member) for member in verdict.members]
    return shown


def _amounts(earned: Fraction, points: Fraction) -> dict[str, Any]:
    return {
        "earned": str(earned),
        "earned_decimal": round(float(earned), 6),
        "points": str(points),
        "points_decimal": round(float(points), 6),
    }
