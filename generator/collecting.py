"""The class in one file, beside the students' files:

DIR/<assignment>/print.pdf             the sheets, for a printer on both sides of the paper
                 solutions.pdf         the solutions, with bookmarks
                 instructor.pdf        a line of key for each part of each student
                 <assignment>.zip      on request, sheets and forms to hand out, and
                 <assignment>-solutions.zip  the solutions, for when all have handed in

Solutions and keys are the instructor's alone (0600). A file is made from those of the students, in
their order; where these are what they were, and it is as it was written, it is left as it is.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

from generator import catalog
from generator.assignment import Assignment
from generator.building import Built
from generator.fingerprints import of_file, of_texts
from generator.kept import as_written
from generator.made import Made, is_current, note_made, read_made, writing
from generator.model import records
from generator.model.errors import GradsheetError, InputError
from generator.model.files import write_whole, writing_whole
from generator.model.key import AnswerKey
from generator.rendering.instructor import about, key_lines, key_list
from generator.rendering.joining import Pages, join
from generator.rendering.pdfs import Pdf, page_count
from generator.rendering.typesetting import Engine, engine_version, typeset
from generator.rendering.words import LANGUAGES

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
            elif not force and is_current(folder, name, source, noted):
                found[name] = noted[name]
            else:
                try:
                    joined = work()
                except GradsheetError as error:
                    errors.append(str(error))
                    (folder / name).unlink(missing_ok=True)
                    continue
                write_whole(folder / name, joined.data, mode=0o600 if name in _PRIVATE else 0o644)
                found[name] = Made(source, of_file(folder / name), joined.pages)
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
    words = LANGUAGES[assignment.language]
    kinds = (PRINT, "sheets", words.worksheet), (SOLUTIONS, "solutions", words.solutions)
    for name, kind, named in kinds:
        source = _fingerprint(name, whole, kind)
        work = partial(
            _joined,
            whole,
            kind,
            folder,
            info=about(assignment, named),
            exercises=titles,
            duplex=name == PRINT,
            origin=source,
        )
        yield name, work, source
    version = engine_version(engine)
    work = partial(_list, assignment, whole, engine, folder)
    yield INSTRUCTOR, work, _fingerprint(f"{INSTRUCTOR} {version}", whole, "keys")


def _of_kind(built: Built, kind: str) -> str:
    return next(path for path in built.files if path.startswith(f"{kind}/"))


def _fingerprint(name: str, results: Sequence[Built], *kinds: str) -> str:
    """Of what is made from the students' files of these kinds: of what those were made from, which
    the assignment, templates and our code are part of, and of their contents."""
    made = [built.files[_of_kind(built, kind)] for built in results for kind in kinds]
    return of_texts(name, *(f"{each.source} {each.digest}" for each in made))


def _joined(whole: Sequence[Built], kind: str, folder: Path, **options: Any) -> Pdf:
    """The students' PDFs of a kind joined: from those of whole runs, where these are as they were
    written, else from the students' own."""
    made = {
        built.student: (path, built.files[path])
        for built in whole
        for path in [_of_kind(built, kind)]
    }
    kept = as_written(folder, (each.run for _, each in made.values()))
    pages = {}
    for student, (path, each) in made.items():
        place, behind = (each.run, each.behind) if each.run in kept else (path, 0)
        which = range(behind, behind + each.pages)
        pages[student] = Pages(folder / place, which, each.exercises)
    return join(pages, **options)


def _list(assignment: Assignment, whole: Sequence[Built], engine: Engine, folder: Path) -> Pdf:
    """The list of answers, typeset."""
    words = LANGUAGES[assignment.language]
    lines = [
        built.lines or key_lines(built.student, _key(folder / _of_kind(built, "keys")), words)
        for built in whole
    ]
    text = key_list(assignment, lines)
    seconds = _SECONDS + _EACH * len(whole)
    pdf = typeset(text, "instructor", engine, log_folder=folder / "logs", timeout=seconds)
    return Pdf(pdf, page_count(pdf))


def _key(path: Path) -> AnswerKey:
    """A key, without what was drawn for its exercises."""
    try:
        tree = json.loads(path.read_bytes())
        for exercise in tree["exercises"]:
            exercise["drawn"] = {}
        key = records.decode(tree)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(path, f"cannot be read: {error}") from None
    assert isinstance(key, AnswerKey)
    return key


def archive(assignment: Assignment, results: Sequence[Built], out: Path) -> Path:
    """Write the zip to hand out: a folder for each student with sheet and form, and no solutions.

    The same files give the same bytes. InputError where it cannot be written.
    """
    files = {}
    for built in results:
        stem = built.student.file_name
        for kind, end in (("forms", "yaml"), ("sheets", "pdf")):
            path = f"{kind}/{stem}.{end}"
            if path in built.files:
                files[f"{stem}/{stem}.{end}"] = path, built.files[path]
    return _archived(files, out / assignment.name, f"{assignment.name}.zip")


def archive_of_solutions(assignment: Assignment, results: Sequence[Built], out: Path) -> Path:
    """Write the zip to hand out when all have handed in: a folder for each student with solutions.

    It is the instructor's alone. InputError where it cannot be written.
    """
    files = {
        f"{stem}/{stem}-solutions.pdf": (path, built.files[path])
        for built in results
        for stem in [built.student.file_name]
        if (path := f"solutions/{stem}.pdf") in built.files
    }
    return _archived(files, out / assignment.name, f"{assignment.name}-solutions.zip", mode=0o600)


def _archived(
    files: Mapping[str, tuple[str, Made]], folder: Path, name: str, mode: int = 0o644
) -> Path:
    """A zip in a folder, of files there by their names in it; left as it is where it holds them."""
    source = of_texts(*(f"{made.digest} {inside}" for inside, (_, made) in sorted(files.items())))
    with writing(folder):
        noted = read_made(folder)
        if not is_current(folder, name, source, noted):
            paths = {inside: folder / path for inside, (path, _) in files.items()}
            with writing_whole(folder / name, mode=mode) as file:
                _zip(paths, file)
            note_made(folder, {**noted, name: Made(source, of_file(folder / name))})
    return folder / name


def _zip(files: Mapping[str, Path], target: IO[bytes]) -> None:
    with zipfile.ZipFile(target, "w") as whole:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # as on Unix, everywhere
            packed = name.endswith(".pdf")  # on the inside
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            whole.writestr(entry, files[name].read_bytes())
