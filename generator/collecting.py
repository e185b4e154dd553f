"""The class in one file, beside the students' files:

DIR/<assignment>/print.pdf             the sheets, for a printer on both sides of the paper
                 solutions.pdf         the solutions, with bookmarks
                 instructor.pdf        a line of key for each part of each student
                 <assignment>.zip      on request, sheets and forms to hand out, and
                 <assignment>-solutions.zip  the solutions, for when all have handed in

Solutions and keys are the instructor's alone (0600). What is up to date is left as it is.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from generator import catalog
from generator.assignment import Assignment
from generator.building import Built
from generator.made import Made, note_made, read_made, writing
from generator.model.errors import GradsheetError
from generator.model.files import write_whole, writing_whole
from generator.rendering.instructor import key_list
from generator.rendering.joining import join
from generator.rendering.pdfs import Pdf, page_count
from generator.rendering.typesetting import Engine, engine_version, typeset

PRINT, SOLUTIONS, INSTRUCTOR = "print.pdf", "solutions.pdf", "instructor.pdf"
_PRIVATE = (SOLUTIONS, INSTRUCTOR)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day of zip files
_SECONDS, _EACH = 60.0, 0.2  # for the list of answers, and more for each student


@dataclass(frozen=True)
class Collected:
    """The files of the class, with their pages, and why some are not there."""

    pages: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


def collect(
    assignment: Assignment,
    results: Sequence[Built],
    out: Path,
    engine: Engine,
    *,
    force: bool = False,
) -> Collected:
    """Write the files of the class from those of its students; one without PDFs is left out.

    InputError where a file cannot be written or read.
    """
    folder = out / assignment.name
    whole = [built for built in results if built.pdfs]
    found: dict[str, Made] = {}
    errors = []
    with writing(folder):
        noted = read_made(folder)
        for name, work, source in _works(assignment, whole, folder, engine):
            if not whole:
                (folder / name).unlink(missing_ok=True)
            elif not force and name in noted and noted[name].source == source:
                found[name] = noted[name]
            else:
                try:
                    joined = work()
                except GradsheetError as error:
                    errors.append(str(error))
                    (folder / name).unlink(missing_ok=True)
                    continue
                write_whole(folder / name, joined.data, mode=0o600 if name in _PRIVATE else 0o644)
                found[name] = Made(source, joined.pages)
                note_made(folder, {**noted, **found})
    return Collected({name: made.pages for name, made in found.items()}, tuple(errors))


def _works(
    assignment: Assignment, whole: Sequence[Built], folder: Path, engine: Engine
) -> Iterator[tuple[str, Callable[[], Pdf], str]]:
    """Each file of the class: its name, how it is made, and the fingerprint of its sources."""
    titles = [
        catalog.find(entry.exercise).title
        for entry in assignment.entries
        for _ in range(entry.count)
    ]
    for name, kind in ((PRINT, "sheets"), (SOLUTIONS, "solutions")):
        paths = {built.student: _of_kind(built, kind) for built in whole}
        sources = [built.pdfs[paths[built.student]].source for built in whole]
        names = [repr(built.student) for built in whole]
        yield (
            name,
            partial(
                join,
                {student: folder / path for student, path in paths.items()},
                f"{assignment.title}, {kind}",
                titles,
                duplex=name == PRINT,
            ),
            _fingerprint(name, assignment.title, *titles, *names, *sources),
        )
    text = key_list(assignment, [built.key_lines for built in whole])
    yield (
        INSTRUCTOR,
        partial(_list, text, len(whole), engine, folder),
        _fingerprint(engine_version(engine), text),
    )


def _of_kind(built: Built, kind: str) -> str:
    return next(path for path in built.pdfs if path.startswith(f"{kind}/"))


def _list(text: str, students: int, engine: Engine, folder: Path) -> Pdf:
    """The list of answers, typeset."""
    seconds = _SECONDS + _EACH * students
    pdf = typeset(text, "instructor", engine, log_folder=folder / "logs", timeout=seconds)
    return Pdf(pdf, page_count(pdf))


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def archive(assignment: Assignment, results: Sequence[Built], out: Path) -> Path:
    """Write the zip to hand out: a folder for each student with sheet and form, and no solutions.

    The same files give the same bytes. InputError where it cannot be written.
    """
    files = {}
    for built in results:
        stem = built.student.file_name
        if not built.error:
            files[f"{stem}/{stem}.yaml"] = f"forms/{stem}.yaml"
        if built.pdfs:
            files[f"{stem}/{stem}.pdf"] = _of_kind(built, "sheets")
    return _archived(files, out / assignment.name, f"{assignment.name}.zip")


def archive_of_solutions(assignment: Assignment, results: Sequence[Built], out: Path) -> Path:
    """Write the zip to hand out when all have handed in: a folder for each student with solutions.

    It is the instructor's alone. InputError where it cannot be written.
    """
    files = {
        f"{stem}/{stem}-solutions.pdf": _of_kind(built, "solutions")
        for built in results
        if built.pdfs
        for stem in [built.student.file_name]
    }
    return _archived(files, out / assignment.name, f"{assignment.name}-solutions.zip", mode=0o600)


def _archived(files: Mapping[str, str], folder: Path, name: str, mode: int = 0o644) -> Path:
    """A zip in a folder, of files there by their names in it."""
    paths = {inside: folder / path for inside, path in files.items()}
    with writing_whole(folder / name, mode=mode) as file:
        _zip(paths, file)
    return folder / name


def _zip(files: Mapping[str, Path], target: IO[bytes]) -> None:
    with zipfile.ZipFile(target, "w") as whole:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # as on Unix, everywhere
            packed = name.endswith(".pdf")  # on the inside
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            whole.writestr(entry, files[name].read_bytes())
