"""Answer keys: reading them from files, and proving that the installed exercises agree."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from generator import catalog
from generator.model.answers import Answer, Witness
from generator.model.errors import GradsheetError, InputError
from generator.model.exercise import Exercise, WitnessPart
from generator.model.key import AnswerKey, AskedExercise, AskedPart
from generator.model.records import FORMAT, decode

_LIMIT = 20 * 2**20


def load_key(path: Path) -> AnswerKey:
    """Read a key. InputError names the file and what is wrong with it."""
    try:
        if path.is_file() and path.stat().st_size > _LIMIT:
            raise InputError(path, "this is too large for an answer key")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(path, f"the key cannot be read: {error.strerror}") from None
    return read_key(data, str(path))


def read_key(data: bytes, source: str) -> AnswerKey:
    """The key that these bytes are; `source` is for messages. Raises InputError."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(source, f"not an answer key, or cut off: {error}") from None
    if not isinstance(tree, dict) or tree.get("@") != "answer_key":
        raise InputError(source, "this file is not an answer key")
    found = tree["versions"].get("format") if isinstance(tree.get("versions"), dict) else None
    if found != FORMAT:
        raise InputError(source, f"the key has format {found!r}; format {FORMAT} is expected")
    try:
        key = decode(tree)
        check_kinds(key)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        raise InputError(source, f"the key is damaged: {error}") from None
    assert isinstance(key, AnswerKey)
    return key


def check_key(key: AnswerKey) -> dict[str, Exercise]:
    """The key's exercises by slot, rebuilt from what was drawn.

    GradsheetError where an exercise is not installed, or where the installed one computes another
    truth than the key records: then marks would not mean what the sheet asked.
    """
    return {asked.slot: revive(key, asked) for asked in key.exercises}


def revive(key: AnswerKey, asked: AskedExercise) -> Exercise:
    """One exercise of a key, checked as by `check_key`."""
    place = f"key {key.sheet_id}, {asked.slot}"
    try:
        kind = catalog.find(asked.exercise)
    except InputError as error:
        raise GradsheetError(f"{place}: {error.problem}") from None
    try:
        exercise = kind(**asked.drawn)
        truths = exercise.truths()
    except Exception as error:
        raise GradsheetError(
            f"{place}: the installed exercise {asked.exercise} cannot use the key's numbers "
            f"({type(error).__name__}: {error})"
        ) from error
    recorded = {part.name: part.truth for part in asked.parts}
    for name in {**recorded, **truths}:
        if not _agrees(exercise, name, recorded.get(name), truths.get(name)):
            raise GradsheetError(
                f"{place}: the installed exercise {asked.exercise} disagrees with the key's "
                f"recorded truth of {asked.slot}.{name}; the key was made by gradsheet "
                f"{key.versions.get('gradsheet', 'of another version')}"
            )
    return exercise


def _agrees(exercise: Exercise, name: str, recorded: Answer | None, found: Answer | None) -> bool:
    if recorded is None or found is None or type(recorded) is not type(found):
        return False
    part = exercise.parts[name]
    if isinstance(part, WitnessPart):
        # Another example may have become the usual one; the recorded one must still be right.
        assert isinstance(recorded, Witness)
        assert isinstance(found, Witness)
        return recorded.shapes == found.shapes and not part.failures(exercise, recorded.value)
    return recorded.near(found.value)


def check_kinds(key: Any) -> None:
    """Raise TypeError where a field of the key holds another kind of value than it should."""
    for name in ("sheet_id", "assignment", "title", "student", "name", "email", "seal"):
        _expect(f"its {name}", getattr(key, name), str)
    _expect("its exercises", key.exercises, tuple)
    for asked in key.exercises:
        _expect("an exercise", asked, AskedExercise)
        _expect("a slot", asked.slot, str)
        _expect(f"{asked.slot}: the exercise", asked.exercise, str)
        _expect(f"{asked.slot}: what was drawn", asked.drawn, dict)
        _expect(f"{asked.slot}: its parts", asked.parts, tuple)
        for part in asked.parts:
            _expect(f"{asked.slot}: a part", part, AskedPart)
            _expect(f"{asked.slot}: the name of a part", part.name, str)
            _expect(f"{asked.slot}.{part.name}: its points", part.points, Fraction)
            _expect(f"{asked.slot}.{part.name}: its truth", part.truth, Answer)
    slots = [asked.slot for asked in key.exercises]
    if len(set(slots)) != len(slots):
        raise ValueError("two exercises are in one slot")


def _expect(what: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"{what} is a {type(value).__name__}, not a {kind.__name__}")
