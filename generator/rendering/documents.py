"""Sheets to LaTeX documents: the worksheet and its solutions.

Comment lines `%%% exercise NAME part PART` stand before each block, so that `typesetting` can say
where an error lies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from string import ascii_lowercase
from typing import Any, Literal

from generator.model.answers import Answer, PartialOrder, Witness
from generator.model.values import Tex, decimals
from generator.rendering import blocks
from generator.rendering.environment import render
from generator.rendering.escaping import breakable, escape, shortened
from generator.rendering.mathematics import answer
from generator.sheets import Question, Sheet

Paper = Literal["a4", "letter"]
_COURSE = 60
_NAME = 100
_RUNNING = 44  # characters of a name or title in header and footer


@dataclass(frozen=True)
class PartView:
    """A part as the page shows it; in a worksheet its solution and result are empty."""

    name: str
    letter: str
    key: Tex
    points: str
    prompt: Tex
    solution: Tex | None = None
    result_name: str = ""
    result: Tex | None = None


@dataclass(frozen=True)
class ExerciseView:
    """A question as the page shows it."""

    number: int
    name: Tex
    title: str
    key: Tex
    points: str
    statement: Tex
    parts: tuple[PartView, ...]


def worksheet(sheet: Sheet, paper: Paper = "a4") -> str:
    """The LaTeX of what a student works on. Nothing in it depends on the truths."""
    exercises = [_exercise(number, each) for number, each in enumerate(sheet.questions, start=1)]
    return _document("worksheet", "Worksheet", sheet, exercises, paper)


def solutions(sheet: Sheet, paper: Paper = "a4") -> str:
    """The LaTeX of the worked solutions: each statement and prompt again, and its solution."""
    exercises = [
        _exercise(number, each, solved=True) for number, each in enumerate(sheet.questions, start=1)
    ]
    return _document("solutions", "Solutions", sheet, exercises, paper)


def both(sheet: Sheet, paper: Paper = "a4") -> tuple[str, str]:
    """The worksheet and the solutions, for the price of the latter: they share their prompts."""
    exercises = [
        _exercise(number, each, solved=True) for number, each in enumerate(sheet.questions, start=1)
    ]
    plain = [
        replace(each, parts=tuple(_unsolved(part) for part in each.parts)) for each in exercises
    ]
    return (
        _document("worksheet", "Worksheet", sheet, plain, paper),
        _document("solutions", "Solutions", sheet, exercises, paper),
    )


def _unsolved(part: PartView) -> PartView:
    return replace(part, solution=None, result_name="", result=None)


def points(value: Fraction) -> str:
    """`1 point`, `2.5 points`, `1.67 points`: to two decimals."""
    shown = f"{float(decimals(value, 2)):.2f}".rstrip("0").rstrip(".")
    return f"{shown} point{'' if shown == '1' else 's'}"


def letter(place: int) -> str:
    """a, b, ..., z, aa, ab, ... for 0, 1, ..."""
    before, here = divmod(place, 26)
    return (letter(before - 1) if before else "") + ascii_lowercase[here]


def _document(
    template: str, kind: str, sheet: Sheet, exercises: list[ExerciseView], paper: Paper
) -> str:
    assignment, student = sheet.assignment, sheet.student
    total = sum((sum(each.points.values(), Fraction(0)) for each in sheet.questions), Fraction(0))
    running = f"{shortened(assignment.title, _RUNNING)}{', solutions' * (kind == 'Solutions')}"
    context: dict[str, Any] = {
        "sheet": {
            "title": breakable(assignment.title),
            "student": breakable(shortened(student.shown_name, _NAME)),
            "due": breakable(assignment.due),
            "points": points(total).split()[0],
            "sheet_id": sheet.sheet_id,
        },
        "exercises": exercises,
        "instructions": breakable(assignment.instructions),
        "example": exercises[0].parts[0].key if exercises else "",
        "running": running,
        "runner": shortened(student.shown_name, _RUNNING),
        "course": shortened(assignment.course, _COURSE),
        "sheet_id": sheet.sheet_id,
        "paper": paper,
        "tikz": any(_has_tikz(each) for each in exercises),
        "metadata": _metadata(
            Title=f"{assignment.title} – {student.name}",
            Author=assignment.course,
            Subject=f"{kind}, sheet {sheet.sheet_id}",
            Creator="gradsheet",
        ),
    }
    return render(f"sheets/{template}.tex.j2", context) + "\n"


def _has_tikz(exercise: ExerciseView) -> bool:
    """Whether a block has a TikZ picture, so that TikZ must be loaded."""
    texts = [exercise.statement]
    for part in exercise.parts:
        texts += [part.prompt, part.solution or Tex()]
    return any(r"\begin{tikzpicture}" in text for text in texts)


def _exercise(number: int, question: Question, solved: bool = False) -> ExerciseView:
    return ExerciseView(
        number=number,
        name=Tex(question.name),
        title=question.exercise.title,
        key=_key(question.slot),
        points=points(sum(question.points.values(), Fraction(0))),
        statement=blocks.statement(question),
        parts=tuple(
            _part(question, place, name, truth, solved)
            for place, (name, truth) in enumerate(question.truths.items())
        ),
    )


def _part(question: Question, place: int, name: str, truth: Answer, solved: bool) -> PartView:
    view = PartView(
        name=Tex(name),
        letter=letter(place),
        key=_key(f"{question.slot}.{name}"),
        points=points(question.points[name]),
        prompt=blocks.prompt(question, name),
    )
    if not solved:
        return view
    return replace(
        view,
        solution=blocks.solution(question, name),
        result_name="One answer" if _one_of_many(truth) else "Answer",
        result=answer(truth),
    )


def _one_of_many(truth: Answer) -> bool:
    """Whether other answers than the one shown are right, too."""
    return isinstance(truth, Witness | PartialOrder)


def _key(name: str) -> Tex:
    """The name of a form entry, which may break after a dot or an underscore."""
    return Tex(escape(name).replace(".", r".\allowbreak{}").replace(r"\_", r"\_\allowbreak{}"))


def _metadata(**entries: str) -> Tex:
    """PDF document information: UTF-16 texts in hexadecimal."""
    return Tex(
        " ".join(f"/{name} <{_utf16(text)}>" for name, text in entries.items() if text.strip())
    )


def _utf16(text: str) -> str:
    encoded = ("\ufeff" + " ".join(text.split())).encode("utf-16-be", errors="replace")
    return encoded.hex().upper()
