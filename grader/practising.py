"""Practising in a terminal: one instance, part by part, with as many tries as one likes.

An answer is marked as on a sheet, following through from the student's own earlier values. Words
that are no answers steer: `hint`, `solution`, `skip`, `again`, `quit`.
"""

from __future__ import annotations

import contextlib
import importlib
import secrets
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from generator import catalog, previewing
from generator.model.answers import Answer, Group, Witness
from generator.rendering import spoken
from generator.rendering.forms import expected, field_shape
from generator.sampling import Rng
from generator.sampling import seed as sampling_seed
from generator.sheets import Question
from grader import reading
from grader.marking import Verdict, mark
from grader.reports import amount, plural, printable, wrapped
from grader.submissions import Given

COMMANDS = {
    "hint": "a word on what to watch for; ask again for another",
    "solution": "the worked solution of this part",
    "skip": "go on to the next part",
    "again": "show the question again",
    "quit": "stop here",
}
_RIGHT = ("CORRECT", "FOLLOWED")

Say = Callable[[str], None]
Ask = Callable[[str], str]
End = Literal["right", "shown", "skipped"]


class _Steered(Exception):
    """A command was typed in place of an answer."""


class _Quit(Exception):
    """The student stops."""


@dataclass
class Session:
    """What has happened so far. `tries` and `ends` are by part; `answers` is what counts for the
    parts that follow."""

    question: Question
    answers: dict[str, Given] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    ends: dict[str, End] = field(default_factory=dict)

    def marked(self, name: str, given: Given) -> Verdict:
        """The verdict on one part, given the answers to the others so far."""
        answers = {**self.answers, name: given}
        verdicts = mark(self.question.asked, self.question.exercise, answers)
        return next(verdict for verdict in verdicts if verdict.part == name)


def drawn(
    exercise: str | None,
    level: int | None,
    seed: str,
    settings: Sequence[str] = (),
    worksheet: Path | None = None,
) -> Question:
    """A practice question, and its worksheet as PDF where one is asked for. Without an exercise,
    the seed picks one of the catalogue."""
    name = exercise or Rng(sampling_seed(b"practice", seed)).choice(catalog.names())
    at_level = [f"level={level}"] if level else []
    sheet = previewing.drawn(name, seed, [*at_level, *settings], 1)
    if worksheet is not None:
        previewing.write_worksheet(sheet, worksheet)
    return sheet.questions[0]


def command(exercise: str, level: int | None, seed: str, settings: Sequence[str]) -> str:
    """What to type for the same question again."""
    words = ["grader", "practice", exercise, *(["--level", str(level)] if level else [])]
    words += [word for setting in settings for word in ("--set", setting)]
    return shlex.join([*words, "--seed", seed])


def new_seed() -> str:
    """A short seed that nobody has to think of."""
    return secrets.token_hex(3)


def ask_in_terminal() -> Ask:
    """A line from the terminal, with the editing keys and the history of a shell where the
    platform has them."""
    with contextlib.suppress(ImportError):
        importlib.import_module("readline")
    return input


def practise(question: Question, say: Say, ask: Ask, worksheet: Path | None = None) -> Session:
    """Go through the parts of a question. `say` prints a text, `ask` prints a prompt and returns
    a line, or raises EOFError or KeyboardInterrupt at the end of input, which ends the session.

    With a `worksheet`, the question was written there and is not printed.
    """
    session = Session(question)
    say(f"{question.exercise.title}\n")
    if worksheet is None:
        say(spoken.statement(question) + "\n")
    else:
        say(f"The question is in {worksheet}\n")
    say("Type an answer, or one of these:\n" + _commands())
    try:
        for name in question.truths:
            _part(session, name, say, ask, spoken_prompt=worksheet is None)
    except (_Quit, EOFError, KeyboardInterrupt):
        say("")
    say(summary(session))
    return session


def summary(session: Session) -> str:
    """What was reached: the parts got right, at how many tries, and those shown or left out."""
    lines = []
    for name in session.question.truths:
        end, tries = session.ends.get(name), session.tries.get(name, 0)
        match end:
            case "right":
                said = "right at once" if tries == 1 else f"right after {tries} tries"
            case "shown":
                said = "solution shown"
            case "skipped":
                said = "left out"
            case _:
                continue
        lines.append(f"  {name}: {said}")
    parts = len(session.question.truths)
    right = sum(end == "right" for end in session.ends.values())
    return "\n".join([f"{right} of {plural(parts, 'part')} right by yourself.", *lines])


def _part(session: Session, name: str, say: Say, ask: Ask, *, spoken_prompt: bool) -> None:
    question, truth = session.question, session.question.truths[name]
    hints = _hints(question, name)

    def show() -> None:
        say("\n" + spoken.heading(question, name))
        if spoken_prompt:
            say(spoken.indented(spoken.prompt(question, name, spoken.WIDTH - 4)))
        say(spoken.indented(f"Expected: {expected(truth)}."))

    show()
    while True:
        command, given = _answered(name, truth, ask)
        match command:
            case "":
                if _settled(session, name, given, say):
                    return
            case "hint":
                say("\n".join(wrapped(next(hints), "    ", "")))
            case "again":
                say(spoken.statement(question))
                show()
            case "solution":
                say(spoken.indented(spoken.solution(question, name, spoken.WIDTH - 4)))
                # From here on the student has the true value.
                session.answers[name] = reading.typed(truth, truth.value)
                session.ends[name] = "shown"
                return
            case "skip":
                session.ends[name] = "skipped"
                return
            case "quit":
                raise _Quit


def _settled(session: Session, name: str, given: Given, say: Say) -> bool:
    """Mark an answer and say what came of it; whether the part is done."""
    if reading.is_blank(given):
        say("    Type an answer, or " + ", ".join(COMMANDS) + ".")
        return False
    verdict = session.marked(name, given)
    say("\n".join(_told(verdict)))
    if verdict.outcome == "UNREADABLE":
        return False  # costs no try
    session.answers[name] = given
    session.tries[name] = session.tries.get(name, 0) + 1
    if verdict.outcome in _RIGHT:
        session.ends[name] = "right"
        return True
    if verdict.outcome == "UNDECIDED":
        say("    Compare it with the solution: type solution.")
    else:
        say("    Try again, or type hint, solution or skip.")
    return False


def _told(verdict: Verdict) -> Iterator[str]:
    """How the answer was read, and what is to be said of it."""
    if verdict.read_as:
        yield from wrapped(f"read as  {printable(verdict.read_as)}", "    ", "         ")
    for line in verdict.why.splitlines():
        if line.startswith(" "):  # the text above a caret
            yield f"    {line}"
        else:
            yield from wrapped(printable(line), "    ", "")
    if verdict.advice:
        yield from wrapped(verdict.advice, "    ", "")
    if verdict.outcome == "PARTIAL":
        yield f"    That is {amount(verdict.earned)} of {amount(verdict.points)} points."


def _answered(name: str, truth: Answer, ask: Ask) -> tuple[str, Given]:
    """A command and no answer, or no command and an answer; of a group or a witness, field by
    field."""
    try:
        if isinstance(truth, Group):
            return "", {member: _line(ask, member) for member in truth.members}
        if isinstance(truth, Witness):
            return "", {
                each: _line(ask, f"{each} ({field_shape(shape)})")
                for each, shape in truth.shapes.items()
            }
        return "", _line(ask, name)
    except _Steered as steered:
        return str(steered), ""


def _line(ask: Ask, label: str) -> str:
    line = ask(f"{label}> ")
    word = line.strip().casefold()
    if word in COMMANDS:
        raise _Steered(word)
    return line


def _hints(question: Question, name: str) -> Iterator[str]:
    """The lessons of the mistakes that this part gives occasion for, one after another, then over
    again."""
    known = type(question.exercise).parts[name].mistakes
    advice = [known[each].advice for each in question.mistakes.get(name, ())]
    lessons: Sequence[str] = [
        f"Hint, said of a common slip: {each}" for each in dict.fromkeys(advice)
    ] or ["There is no hint for this part; type solution to see how it is done."]
    while True:
        yield from lessons


def _commands() -> str:
    return "\n".join(f"    {word:<10}{meaning}" for word, meaning in COMMANDS.items())
