"""The answer keys of a class: which sheet's key is in which file, and keys loaded when needed.

A class may have more keys than fit into memory, and each is needed for a submission or two. So only
where they are is kept, and a few keys at a time are loaded.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from generator.model import records, sheet_id
from generator.model.errors import GradsheetError, InputError
from generator.model.exercise import Exercise
from generator.model.key import AnswerKey, AskedExercise
from generator.model.records import FORMAT
from grader.keys import check_kinds, load_key, revive

_KEYS = 256  # loaded at a time (0.4 MB each), and
_EXERCISES = 5_000  # distinct exercises as asked
T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """Whose sheet a key is for, where it lies, and the fingerprint of its bytes."""

    sheet: str
    student: str
    name: str
    file: str
    fingerprint: str
    email: str = ""


@dataclass(frozen=True)
class Problem:
    """Something that was given and could not be used, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Keyring:
    """The keys of a folder by sheet id. `problems` are those that cannot be used."""

    folder: Path
    entries: Mapping[str, Entry]
    problems: tuple[Problem, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The fingerprint of all keys together."""
        told = sorted((each.sheet, each.fingerprint) for each in self.entries.values())
        return _digest(json.dumps(told).encode()).hex()

    def current(self, sheet: str, proof: str) -> bool:
        """Whether a verdict on `sheet` would be made with the same keys again: `proof` is the
        fingerprint of the one that was used, after a colon that of all, if all had a say."""
        one, _, whole = proof.partition(":")
        return one == self.fingerprint(sheet) and whole in ("", self.digest)

    def fingerprint(self, sheet: str) -> str:
        """That of a sheet's key; empty where there is none."""
        return self.entries[sheet].fingerprint if sheet in self.entries else ""


def open_keys(folder: Path) -> Keyring:
    """The keys in a folder. InputError if there is none that can be used."""
    entries: dict[str, Entry] = {}
    problems = []
    for path in files(folder):
        if path.suffix.lower() != ".json" or path.name.startswith("."):
            continue
        try:
            entry = _entry(path)
            if first := entries.get(entry.sheet):
                raise InputError(
                    path, f"a second key for sheet {entry.sheet}; {first.file} is the first"
                )
            entries[entry.sheet] = entry
        except (GradsheetError, ValueError) as error:
            problems.append(Problem(f"{folder.name}/{path.name}", reason(error, path)))
    if not entries:
        expected = "the folder `keys` that `generator build` wrote is expected"
        raise InputError(
            folder, f"there is no answer key that can be used{_first(problems)}: {expected}"
        )
    return Keyring(folder, entries, tuple(problems))


def _first(problems: Sequence[Problem]) -> str:
    """The first of what could not be used, in brackets."""
    return f" ({problems[0].file}: {problems[0].reason})" if problems else ""


def files(folder: Path) -> list[Path]:
    """What lies in a folder, in the order of the names. InputError if it can't be read."""
    try:
        return sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise InputError(folder, f"cannot be read: {error.strerror}") from None


def reason(error: Exception, source: Path | str) -> str:
    """An error's message without the name of the file, which stands beside it."""
    return str(error).removeprefix(f"{source}: ")


class _Head(msgspec.Struct):
    """What of a key is read to find it; its exercises stay as they are."""

    kind: str = msgspec.field(name="@")
    sheet_id: str
    student: str
    name: str
    versions: dict[str, Any]
    email: str = ""


_heads = msgspec.json.Decoder(_Head)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_exercises = msgspec.json.Decoder(tuple[msgspec.Raw, ...])


def _entry(path: Path) -> Entry:
    try:
        data = path.read_bytes()
        head = _heads.decode(data)
        if head.kind != "answer_key" or head.versions.get("format") != FORMAT:
            raise ValueError
    except (OSError, ValueError, RecursionError):
        key = load_key(path)  # says what is wrong
        raise InputError(path, f"the key of {key.student} cannot be read") from None
    return Entry(
        sheet=sheet_id.check(head.sheet_id),
        student=head.student,
        name=head.name,
        file=path.name,
        fingerprint=_digest(data).hex(),
        email=head.email,
    )


@dataclass(frozen=True)
class Opened:
    """A key, its checked exercises by slot, and what identifies each of these as asked."""

    key: AnswerKey
    fingerprint: str
    exercises: Mapping[str, Exercise]
    identities: Mapping[str, bytes]


class Opener:
    """Loads keys of a keyring and checks them; remembers the last ones."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.keys: OrderedDict[str, Opened] = OrderedDict()
        self.exercises: OrderedDict[bytes, tuple[AskedExercise, Exercise]] = OrderedDict()

    def open(self, sheet: str) -> Opened:
        """InputError if the key is damaged, GradsheetError if the installed exercises disagree."""
        return _recalled(self.keys, sheet, _KEYS, lambda: self._load(sheet))

    def _load(self, sheet: str) -> Opened:
        path = self.keyring.folder / self.keyring.entries[sheet].file
        try:
            data = path.read_bytes()
            fields = _fields.decode(data)
            exercises = _exercises.decode(fields.pop("exercises"))
        except (OSError, ValueError, LookupError, RecursionError) as error:
            raise InputError(path, f"the key cannot be read any more: {error}") from None
        identities = tuple(map(_digest, exercises))
        try:
            asked = tuple(
                self.exercises[identity][0]
                if identity in self.exercises
                else records.decode(json.loads(bytes(raw)))
                for identity, raw in zip(identities, exercises, strict=True)
            )
            told = {n: records.decode(json.loads(bytes(raw))) for n, raw in fields.items()}
            key = AnswerKey(**{n: each for n, each in told.items() if n != "@"}, exercises=asked)
            check_kinds(key)
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
            raise InputError(path, f"the key is damaged: {error}") from None
        checked = {
            each.slot: _recalled(self.exercises, identity, _EXERCISES, _reviving(key, each))[1]
            for identity, each in zip(identities, asked, strict=True)
        }
        slots = (each.slot for each in asked)
        return Opened(key, _digest(data).hex(), checked, dict(zip(slots, identities, strict=True)))


def _reviving(key: AnswerKey, asked: AskedExercise) -> Callable[[], tuple[AskedExercise, Exercise]]:
    return lambda: (asked, revive(key, asked))


def _recalled(memory: OrderedDict[Any, T], name: Any, size: int, make: Callable[[], T]) -> T:
    """What is remembered under a name, or else made and remembered; the oldest is forgotten."""
    if name in memory:
        memory.move_to_end(name)
        return memory[name]
    made = memory[name] = make()
    if len(memory) > size:
        memory.popitem(last=False)
    return made


def _digest(data: bytes | msgspec.Raw) -> bytes:
    return hashlib.sha256(data).digest()[:16]
