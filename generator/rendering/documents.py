"""Sheets to LaTeX documents: the worksheet and its solutions.

Comment lines `%%% exercise NAME part PART` stand before each block, so that `typesetting` can say
where an error lies.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from string import Formatter, ascii_lowercase
from typing import Any, Literal, NamedTuple

from generator.assignment import Assignment
from generator.model.answers import Answer, PartialOrder, Witness
from generator.model.field_names import SOLUTIONS, WORKSHEET
from generator.model.values import Tex, decimals
from generator.pictures import Picture
from generator.rendering import blocks
from generator.rendering.advice import typeset
from generator.rendering.boxes import AnswerBox, abreast, answer_boxes, chosen
from generator.rendering.copying import copyable
from generator.rendering.environment import render
from generator.rendering.escaping import breakable, escape, paragraphs, shortened
from generator.rendering.figures import FigureWriter
from generator.rendering.mathematics import answer
from generator.rendering.narrow import narrowed
from generator.rendering.native import native
from generator.rendering.qr import codes
from generator.rendering.words import LANGUAGES, Words
from generator.sheets import Question, Sheet

Kind = Literal["worksheet", "solutions"]
_COURSE = 54
_NAME = 100
_RUNNING = 54  # characters of a name or title in header and footer
_SLIPS = 2  # of a part, at most
_DRAWN = re.compile(  # line by line, which is fast
    r"\\begin\{center\}\n% Figure:[^\n]*\n"
    r"(\\drawing[^\n]*(?:\n(?!\\end\{center\})[^\n]*)*)\n\\end\{center\}"
)
_ROOM_TO_WORK, _ROOM_TO_CHOOSE = 4, 1  # usual mm for each point that the exercise gives a part


class PartView(NamedTuple):
    """A part as the page shows it; in a worksheet its solution and result are empty.

    `room` is what is left blank to work in, in mm."""

    name: str
    letter: str
    key: Tex
    points: str
    prompt: Tex
    room: int
    boxes: tuple[AnswerBox, ...]
    slips: tuple[Tex, ...] = ()
    solution: Tex | None = None
    result_name: str = ""
    result: Tex | None = None


class ExerciseView(NamedTuple):
    """A question as the page shows it."""

    number: int
    name: Tex
    title: str
    key: Tex
    points: str
    statement: Tex
    parts: tuple[PartView, ...]


def worksheet(sheet: Sheet) -> str:
    """The LaTeX of what a student works on. Nothing in it depends on the truths."""
    return _document("worksheet", sheet, exercises(sheet, solved=False))


def solutions(sheet: Sheet) -> str:
    """The LaTeX of the worked solutions: each statement and prompt again, and its solution."""
    return _document("solutions", sheet, exercises(sheet, solved=True))


def both(sheet: Sheet) -> tuple[str, str]:
    """The worksheet and the solutions, for the price of the latter: they share their prompts."""
    solved = exercises(sheet, solved=True)
    return _document("worksheet", sheet, unsolved(solved)), _document("solutions", sheet, solved)


def unsolved(exercises: Sequence[ExerciseView]) -> list[ExerciseView]:
    """The exercises of a worksheet, of those with solutions."""
    return [
        each._replace(parts=tuple(_unsolved(part) for part in each.parts)) for each in exercises
    ]


def _unsolved(part: PartView) -> PartView:
    return part._replace(slips=(), solution=None, result_name="", result=None)


def _narrowed(exercise: ExerciseView) -> ExerciseView:
    """As it is set in columns."""
    parts = tuple(
        part._replace(prompt=narrowed(part.prompt), solution=narrowed(part.solution or Tex()))
        for part in exercise.parts
    )
    return exercise._replace(statement=narrowed(exercise.statement), parts=parts)


def points(value: Fraction, words: Words = LANGUAGES["en"]) -> str:
    """`1 point`, `2.5 points`, `1.67 points`: to two decimals."""
    return _counted(value.numerator, value.denominator, words.code)


@lru_cache(maxsize=256)  # a fraction and all words take longer to be looked up
def _counted(numerator: int, denominator: int, language: str) -> str:
    return LANGUAGES[language].counted_points(_shown(Fraction(numerator, denominator)))


def _shown(value: Fraction) -> str:
    return f"{float(decimals(value, 2)):.2f}".rstrip("0").rstrip(".")


def letter(place: int) -> str:
    """a, b, ..., z, aa, ab, ... for 0, 1, ..."""
    before, here = divmod(place, 26)
    return (letter(before - 1) if before else "") + ascii_lowercase[here]


def _document(kind: Kind, sheet: Sheet, exercises: Sequence[ExerciseView]) -> str:
    if kind == "solutions":
        exercises = [_narrowed(each) for each in exercises]
    return copyable(render(f"sheets/{kind}.tex.j2", context(kind, sheet, exercises))) + "\n"


def context(kind: Kind, sheet: Sheet, exercises: Sequence[ExerciseView]) -> dict[str, Any]:
    """What a template of sheets sees: docs/templates.md tells of each name."""
    assignment, student, words = sheet.assignment, sheet.student, _words(sheet)
    total = sum((each.total for each in sheet.questions), Fraction(0))
    title = shortened(assignment.title, _RUNNING)
    named = words.solutions if kind == "solutions" else words.worksheet
    return {
        "words": words,
        "sheet": {
            "title": breakable(assignment.title),
            "student": breakable(shortened(student.shown_name, _NAME)),
            "due": breakable(words.dated(assignment.due)),
            "points": words.number(_shown(total)),
            "sheet_id": sheet.sheet_id,
        },
        "exercises": exercises,
        "instructions": paragraphs(assignment.instructions),
        "how_to_answer": filled(words.how_to_answer, entry=_example(exercises)),
        "page_of": filled(words.page_of, page=Tex(r"\thepage{}"), pages=Tex(r"\sheetpages{}")),
        "running": f"{title} – {words.solutions}" if kind == "solutions" else title,
        "runner": shortened(student.shown_name, _RUNNING),
        "course": shortened(assignment.course, _COURSE),
        "sheet_id": sheet.sheet_id,
        "codes": _codes(sheet.sheet_id, exercises) if kind == "worksheet" else "",
        "paper": assignment.paper,
        "logo": _logo(sheet.assignment.logo),
        "tikz": any(_has_tikz(each) for each in exercises),
        "metadata": metadata(
            Title=f"{assignment.title} – {student.name}",
            Author=assignment.course,
            Subject=words.subject.format(kind=named, sheet=sheet.sheet_id),
            Keywords=SOLUTIONS if kind == "solutions" else WORKSHEET,
            Creator="gradsheet",
        ),
    }


def _codes(sheet_id: str, exercises: Sequence[ExerciseView]) -> Tex:
    """What the codes of all pages share; a code without a page, for more of them than expected; and
    one for each page, from 1.

    Only TeX knows how many pages there are; there is room for twice as many as usual."""
    parts = [part for each in exercises for part in each.parts]
    found = codes(sheet_id, 2 + len(exercises) + len(parts) // 4)
    pages = enumerate([found.pageless, *found.pages])
    apart = [rf"\sheetcode{{{page}}}{{{code}}}" for page, code in pages]
    return Tex("\n".join([rf"\sheetcommon{{{found.common}}}", *apart]))


def _words(sheet: Sheet) -> Words:
    return LANGUAGES[sheet.assignment.language]


def files(assignment: Assignment) -> dict[str, bytes]:
    """What its documents take in, by the name that they know it by."""
    logo = assignment.logo
    return {_file(logo): logo.content} if logo else {}


def _file(logo: Picture) -> str:
    return f"logo.{logo.suffix}"


@lru_cache(maxsize=8)
def _logo(logo: Picture | None) -> dict[str, Tex] | None:
    """The logo's file, and what tells it from another picture of that name."""
    if logo is None:
        return None
    digest = hashlib.sha256(logo.content).hexdigest()[:16]
    return {"file": Tex(_file(logo)), "digest": Tex(digest)}


def filled(word: str, **values: Tex) -> Tex:
    """A fixed word as LaTeX, with LaTeX in its places."""
    return Tex(
        "".join(
            escape(text) + (values[place] if place else "")
            for text, place, _, _ in Formatter().parse(word)
        )
    )


def _example(exercises: Sequence[ExerciseView]) -> Tex:
    """The key of the first box."""
    keys = [box.key for each in exercises for part in each.parts for box in part.boxes]
    return Tex(rf"\mbox{{\texttt{{{escape(keys[0])}}}}}" if keys else "")


def _has_tikz(exercise: ExerciseView) -> bool:
    """Whether a block has a TikZ picture, so that TikZ must be loaded."""
    texts = [exercise.statement]
    for part in exercise.parts:
        texts += [part.prompt, part.solution or Tex()]
    return any(r"\begin{tikzpicture}" in text for text in texts)


def exercises(sheet: Sheet, *, solved: bool, figure: FigureWriter = native) -> list[ExerciseView]:
    """The questions as the page shows them, with solutions or without."""
    assignment, words = sheet.assignment, _words(sheet)
    return [
        ExerciseView(
            number=number,
            name=Tex(question.name),
            title=question.exercise.title,
            key=_key(question.slot),
            points=points(question.total, words),
            statement=_beside(blocks.statement(question, figure)),
            parts=tuple(
                _part(question, place, name, assignment, solved, figure)
                for place, name in enumerate(question.truths)
            ),
        )
        for number, question in enumerate(sheet.questions, start=1)
    ]


def _beside(text: Tex) -> Tex:
    """A text with one of our drawings in it, which may then stand beside the text."""
    found = _DRAWN.split(text)
    if len(found) != 3:
        return text
    before, drawing, behind = found
    return Tex(rf"\beside{{{drawing}}}{{{before.rstrip()}}}{{{behind.lstrip()}}}")


def _part(
    question: Question,
    place: int,
    name: str,
    assignment: Assignment,
    solved: bool,
    figure: FigureWriter,
) -> PartView:
    words = LANGUAGES[assignment.language]
    truth, entry = question.truths[name], f"{question.slot}.{name}"
    usual = _ROOM_TO_CHOOSE if chosen(truth) else _ROOM_TO_WORK
    view = PartView(
        name=Tex(name),
        letter=letter(place),
        key=_key(entry),
        points=points(question.points[name], words),
        prompt=blocks.prompt(question, name, figure),
        room=round(question.exercise.parts[name].points * assignment.room * usual),
        boxes=abreast([*answer_boxes(entry, truth)]),
    )
    if not solved:
        return view
    return view._replace(
        slips=_slips(question, name),
        solution=blocks.solution(question, name, figure),
        result_name=words.one_answer if _one_of_many(truth) else words.answer,
        result=answer(truth),
    )


def _slips(question: Question, name: str) -> tuple[Tex, ...]:
    """The advice on the first mistakes of a part that this instance gives occasion for."""
    known = question.exercise.parts[name].mistakes
    advice = dict.fromkeys(known[each].marked for each in question.mistakes.get(name, ()))
    return tuple(typeset(each) for each in islice(advice, _SLIPS))


def _one_of_many(truth: Answer) -> bool:
    """Whether other answers than the one shown are right, too."""
    return isinstance(truth, Witness | PartialOrder)


@lru_cache(maxsize=1024)  # the same for a class
def _key(name: str) -> Tex:
    """The name of a form entry, which may break after a dot or an underscore."""
    return Tex(escape(name).replace(".", r".\allowbreak{}").replace(r"\_", r"\_\allowbreak{}"))


def metadata(**entries: str) -> Tex:
    """PDF document information: UTF-16 texts in hexadecimal."""
    return Tex(
        " ".join(f"/{name} <{_utf16(text)}>" for name, text in entries.items() if text.strip())
    )


def _utf16(text: str) -> str:
    encoded = ("\ufeff" + " ".join(text.split())).encode("utf-16-be", errors="replace")
    return encoded.hex().upper()
