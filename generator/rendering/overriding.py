"""Templates of an instructor's own that go before ours: what there is, copies, checks."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from jinja2 import TemplateSyntaxError, nodes

from generator.model.errors import AuthoringError, InputError
from generator.model.files import write_whole
from generator.rendering.environment import environment, template_folders

_NEW = "new/"  # what `generator new` writes is no template of sheets
_SUFFIXES = (".j2", ".tex")


def names() -> list[str]:
    """The templates that can be overridden, by relative path."""
    found = {name for folder in template_folders() for name in _inside(folder, ("*.tex.j2",))}
    return sorted(name for name in found if not name.startswith(_NEW))


def copy(folder: Path, chosen: Sequence[str] = ()) -> list[Path]:
    """Copies of the chosen templates, or of all; InputError, and no copy, where one is there."""
    known = names()
    for name in chosen:
        if name not in known:
            raise InputError(name, f"there is no such template{_near(name, known)}")
    copies = {name: folder / name for name in chosen or known}
    for path in copies.values():
        if path.exists():
            raise InputError(path, "is there already, and is not overwritten")
    for name, path in copies.items():
        write_whole(path, _source(name))
    return list(copies.values())


def check(folder: Path) -> None:
    """Raise for what is wrong with the templates in `folder` before any student's sheet is made.

    InputError for a folder that is not there or empty and for a file that overrides nothing and
    that no other file of the folder takes in; AuthoringError, with file and line, for a syntax
    error. Names that are undefined show when a sheet is rendered.
    """
    if not folder.is_dir():
        raise InputError(folder, "there is no such folder; one with templates is expected")
    found = _inside(folder, tuple(f"*{suffix}" for suffix in _SUFFIXES))
    if not found:
        expected = "files such as sheets/worksheet.tex.j2 are expected"
        raise InputError(folder, f"has no templates; {expected} (`generator templates` lists all)")
    taken_in = {name for each in found for name in _references(folder / each)}
    known = names()
    for name in found:
        if name not in known and name not in taken_in:
            raise InputError(folder / name, f"overrides no template{_near(name, known)}")


def _references(path: Path) -> set[str]:
    """The templates that one extends, includes or imports, as far as their names are constant."""
    try:
        source = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(path, f"line {line}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    env = environment()
    try:
        tree = env.parse(source)
        taking_in = tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport))
        # a literal is LaTeX, and so a node around its text
        referred = {text.value for node in taking_in for text in node.find_all(nodes.Const)}
        env.compile(tree)  # finds unknown filters as well
    except TemplateSyntaxError as error:
        raise AuthoringError(f"{path}, line {error.lineno}: {error.message}") from None
    return referred


def _inside(folder: Path, patterns: Sequence[str]) -> list[str]:
    """Relative paths of the files of these names, without hidden ones."""
    paths = {
        path.relative_to(folder)
        for pattern in patterns
        for path in folder.rglob(pattern)
        if path.is_file()
    }
    return sorted(
        path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts)
    )


def _source(name: str) -> bytes:
    return next(path for each in template_folders() if (path := each / name).is_file()).read_bytes()


def _near(name: str, known: Sequence[str]) -> str:
    """`; did you mean A or B?`, or where all names can be seen."""
    file = name.rpartition("/")[2]
    near = [each for each in known if each.rpartition("/")[2] == file]
    near = near or difflib.get_close_matches(name, known, n=3)
    if near:
        return f"; did you mean {' or '.join(near)}?"
    return "; `generator templates` lists all"
