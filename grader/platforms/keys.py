"""The keys of a built assignment."""

from __future__ import annotations

from pathlib import Path

from generator.model.errors import InputError
from generator.model.key import AnswerKey
from grader.keys import load_key


def load_keys(folder: Path) -> list[AnswerKey]:
    """The keys in a folder that `generator build` wrote, or in its folder `keys`, in the order of
    their files. InputError where there is none, or one cannot be read."""
    inside = folder / "keys"
    place = inside if inside.is_dir() else folder
    try:
        paths = sorted(path for path in place.iterdir() if path.suffix.lower() == ".json")
    except OSError as error:
        raise InputError(folder, f"cannot be read: {error.strerror}") from None
    keys = [load_key(path) for path in paths if path.name != "built.json"]
    if not keys:
        raise InputError(
            folder, "there is no answer key in this folder, nor in a folder `keys` in it"
        )
    return keys
