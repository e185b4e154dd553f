"""Plays the class of the example: fills in the forms as its students might.

    python examples/recitation/play_class.py output/recitation examples/recitation/submissions

reads the blank forms and the keys of a build and writes one submission a student: one makes no
mistake, one types in an own style, one follows a wrong value through, one forgets brackets ...
Run it again when the sheets of the example have changed; a test says so.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from generator import catalog
from generator.model.answers import Answer, Array, Number
from generator.model.exercise import Exercise
from generator.model.key import AskedExercise
from generator.model.values import apply, decimals
from grader.keys import load_key
from grader.reading import Given, typed

Answers = dict[str, Given]


def right(exercise: Exercise, truths: Mapping[str, Answer]) -> Answers:
    return {name: typed(truth, truth.value) for name, truth in truths.items()}


def own_style(exercise: Exercise, truths: Mapping[str, Answer]) -> Answers:
    """Unicode minus signs, rows with semicolons, spaces in odd places, capital letters."""

    def restyled(text: str) -> str:
        for old, new in (("-", "\u2212"), ("], [", "; "), ("[[", "[ "), ("]]", " ]")):
            text = text.replace(old, new)
        return f"  {text} "

    return {name: _each_text(given, restyled) for name, given in right(exercise, truths).items()}


def rounded(exercise: Exercise, truths: Mapping[str, Answer]) -> Answers:
    """Every number as a decimal with four places."""
    answers = right(exercise, truths)
    for name, truth in truths.items():
        if isinstance(truth, Number):
            answers[name] = f"{float(decimals(truth.value, 4)):.4f}"
        elif isinstance(truth, Array):
            answers[name] = typed(truth, apply(lambda entry: decimals(entry, 4), truth.value))
    return answers


def mistaken(which: int, every: int) -> Callable[[Exercise, Mapping[str, Answer]], Answers]:
    """Makes the mistake number `which` (counted round) in every second, third, ... part."""

    def answer(exercise: Exercise, truths: Mapping[str, Answer]) -> Answers:
        answers = right(exercise, truths)
        for place, (name, truth) in enumerate(truths.items()):
            wrong = _mistakes(exercise, truths, name, truth)
            if wrong and (place + which) % every == 0:
                answers[name] = typed(truth, wrong[which % len(wrong)].value)
        return answers

    return answer


def followed(exercise: Exercise, truths: Mapping[str, Answer]) -> Answers:
    """One early mistake in each exercise, and right work from there."""
    answers = right(exercise, truths)
    needed = [need for part in exercise.parts.values() for need in part.needs if need in truths]
    for name in needed[:1]:
        wrong = _mistakes(exercise, truths, name, truths[name])[0].value
        later = exercise.truths({name: wrong})
        answers |= {part: typed(later[part], later[part].value) for part in truths}
        answers[name] = typed(truths[name], wrong)
    return answers


def unfinished(exercise: Exercise, truths: Mapping[str, Answer]) -> Answers:
    """The first half, then the bell."""
    answers = right(exercise, truths)
    return {name: answers[name] for name in list(answers)[: len(answers) // 2]}


def in_a_hurry(exercise: Exercise, truths: Mapping[str, Answer]) -> Answers:
    """Right, but for a closing bracket here and a word there."""
    answers = right(exercise, truths)
    for name, truth in truths.items():
        if isinstance(truth, Array):
            answers[name] = _each_text(answers[name], lambda text: text[:-1])
            break
    return answers | {list(answers)[-1]: "see the other page"}


CLASS: dict[str, Callable[[Exercise, Mapping[str, Answer]], Answers]] = {
    "ab101": right,
    "bk102": own_style,
    "cd103": mistaken(0, every=3),
    "em104": followed,
    "fk105": unfinished,
    "gb106": mistaken(1, every=2),
    "hs107": in_a_hurry,
    "iv108": mistaken(2, every=3),
    "jo109": rounded,
    "lt110": mistaken(0, every=4),
    "mn111": followed,
}  # zo112 hands nothing in
AS_JSON = {"mn111"}


def main(built: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for student, persona in CLASS.items():
        key = load_key(built / "keys" / f"{student}.json")
        form = YAML().load((built / "forms" / f"{student}.yaml").read_text(encoding="utf-8"))
        for asked in key.exercises:
            exercise, truths = _revived(asked)
            for part, given in persona(exercise, truths).items():
                _fill(form[asked.slot], part, given)
        if student in AS_JSON:
            text = json.dumps(form, indent=1, ensure_ascii=False) + "\n"
            (out / f"{student}.json").write_text(text, encoding="utf-8")
        else:
            stream, writer = StringIO(), YAML()
            writer.width = 10_000
            writer.dump(form, stream)
            (out / f"{student}.yaml").write_text(stream.getvalue(), encoding="utf-8")


def _revived(asked: AskedExercise) -> tuple[Exercise, dict[str, Answer]]:
    exercise = catalog.find(asked.exercise)(**asked.drawn)
    return exercise, {part.name: part.truth for part in asked.parts}


def _mistakes(
    exercise: Exercise, truths: Mapping[str, Answer], name: str, truth: Answer
) -> list[Answer]:
    part = exercise.parts[name]
    values: dict[str, Any] = dict.fromkeys(exercise.parts)
    values |= {each: answer.value for each, answer in truths.items()}
    found = (part.mistaken(mistake, exercise, truth, values) for mistake in part.mistakes)
    return [wrong for wrong in found if wrong is not None]


def _each_text(given: Given, change: Callable[[str], str]) -> Given:
    if isinstance(given, str):
        return change(given)
    return {name: change(text) for name, text in given.items()}


def _fill(parts: Any, name: str, given: Given) -> None:
    if isinstance(given, str):
        parts[name] = DoubleQuotedScalarString(given)
    else:
        for field, text in given.items():
            parts[name][field] = DoubleQuotedScalarString(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
