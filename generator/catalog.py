"""The catalogue: every exercise by its name, found by walking folders, never by a list.

An exercise `two_branch_backprop` is the class in `exercises/<topic>/two_branch_backprop.py`. Other
distributions add exercises by an entry point in the group `gradsheet.exercises` whose value is a
package laid out like `generator.exercises` (`<package>/<topic>/<name>.py`), with the templates in
`<package>/templates/exercises/<topic>/<name>.tex.j2`.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from generator.model.errors import AuthoringError, InputError
from generator.model.exercise import Exercise

GROUP = "gradsheet.exercises"


@cache
def modules() -> dict[str, str]:
    """Exercise name -> module name, sorted by topic and name."""
    found: dict[str, str] = {}
    for package, folder in packages().items():
        for file in sorted(folder.glob("*/*.py")):
            if file.stem.startswith("_"):
                continue
            module = f"{package}.{file.parent.name}.{file.stem}"
            if file.stem in found:
                raise AuthoringError(
                    f"two exercises are called {file.stem}: {module}, {found[file.stem]}"
                )
            found[file.stem] = module
    return found


@cache
def packages() -> dict[str, Path]:
    """The packages that hold exercises, ours first, and their folders."""
    others = sorted(point.value for point in entry_points(group=GROUP))
    return {package: _folder(package) for package in ("generator.exercises", *others)}


def names() -> list[str]:
    """The names of all exercises."""
    return list(modules())


def topic(name: str) -> str:
    """The folder an exercise lies in."""
    return modules()[_plain(name)].split(".")[-2]


@cache
def find(name: str) -> type[Exercise]:
    """The class of the exercise called `name` or `topic/name`; InputError if there is none."""
    known = modules()
    plain = _plain(name)
    if plain not in known or ("/" in name and name != f"{topic(plain)}/{plain}"):
        near = difflib.get_close_matches(plain, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else "."
        raise InputError(
            "exercise", f"there is no exercise {name!r}{hint} `generator list` shows all of them"
        )
    module = importlib.import_module(known[plain])
    own = [
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, Exercise) and each.__module__ == module.__name__
    ]
    if len(own) != 1:
        raise AuthoringError(
            f"{module.__file__}: an exercise file defines one Exercise, not {len(own)}"
        )
    own[0].drawn_fields()
    return own[0]


def name_of(kind: type[Exercise]) -> str:
    """The catalogue name of an exercise class: the name of its file."""
    return kind.__module__.rpartition(".")[2]


def _plain(name: str) -> str:
    return name.rpartition("/")[2]


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise AuthoringError(f"entry point group {GROUP}: there is no package {package}")
    return Path(next(iter(spec.submodule_search_locations)))
