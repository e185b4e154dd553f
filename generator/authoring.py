"""Starting a new exercise: a working file and template under a name of one's own."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from generator import catalog
from generator.model.errors import InputError
from generator.model.files import write_whole
from generator.rendering.environment import template_folders

_NAME = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")


def write_new_exercise(name: str, into: Path) -> list[Path]:
    """Write `TOPIC/NAME` into the checkout `into`; InputError if it exists or is no such name."""
    topic, _, plain = name.partition("/")
    if not _NAME.fullmatch(name) or keyword.iskeyword(plain) or keyword.iskeyword(topic):
        raise InputError(
            "TOPIC/NAME", f"{name!r}: two Python names are expected, as in rnn/unrolling"
        )
    exercises = into / "generator" / "exercises"
    templates = into / "templates" / "exercises"
    if not exercises.is_dir() or not templates.is_dir():
        raise InputError(
            into,
            "this is no checkout of gradsheet, which has generator/exercises and"
            " templates/exercises: name one by --into",
        )
    code, template = exercises / topic / f"{plain}.py", templates / topic / f"{plain}.tex.j2"
    if plain in catalog.modules() or code.exists() or template.exists():
        raise InputError("TOPIC/NAME", f"there is an exercise {plain!r} already")
    title = plain.replace("_", " ").capitalize()
    skeleton = _skeleton("exercise.py")
    skeleton = skeleton.replace("NewExercise", plain.title().replace("_", ""))
    write_whole(code, skeleton.replace("New exercise", title))
    write_whole(template, _skeleton("exercise.tex.j2"))
    package = code.parent / "__init__.py"
    if not package.exists():
        write_whole(package, "")
    return [code, template]


def _skeleton(file: str) -> str:
    folder = next(each / "new" for each in template_folders() if (each / "new").is_dir())
    return (folder / file).read_text(encoding="utf-8")
