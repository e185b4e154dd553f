"""Building an assignment: sheets, solutions, forms and keys for every student of a roster.

DIR/<assignment>/sheets/<student>.pdf
                 solutions/<student>.pdf
                 forms/<student>.yaml
                 keys/<student>.json        the folder is the instructor's alone (0700)
                 logs/                      only where TeX refused a sheet
                 built.json                 what each PDF was typeset from
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from generator.assignment import Assignment, Student
from generator.model import records
from generator.model.errors import GradsheetError, InputError
from generator.model.files import write_whole
from generator.rendering import documents, forms
from generator.rendering.typesetting import Engine, engine_version, typeset
from generator.sheets import answer_key, draw_sheet

SECRET_VARIABLE = "GRADSHEET_SECRET"
SECRET_FILE = "gradsheet.secret"


@dataclass(frozen=True)
class Built:
    """What became of one student: the PDFs' fingerprints, or the error that stopped the sheet."""

    student: Student
    fingerprints: dict[str, str]
    error: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything that building one student takes besides the student."""

    assignment: Assignment
    secret: bytes
    folder: Path
    engine: Engine | None  # None writes no PDF
    done: dict[str, str]  # fingerprints of the PDFs that are there already


def course_secret(assignment_file: Path, assignment: Assignment) -> bytes:
    """The secret that draws are keyed with: from GRADSHEET_SECRET, else from the file
    `gradsheet.secret` beside the assignment, made on first use. A practice needs none."""
    if assignment.practice:
        return b""
    from_environment = os.environ.get(SECRET_VARIABLE, "")
    if from_environment:
        return _long_enough(from_environment, SECRET_VARIABLE)
    path = assignment_file.resolve().parent / SECRET_FILE
    if not path.exists():
        write_whole(path, secrets.token_hex(32) + "\n", mode=0o600)
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InputError(path, f"the course secret cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(path, "the course secret is not UTF-8") from None
    return _long_enough(secret, path)


def _long_enough(secret: str, source: str | Path) -> bytes:
    if len(secret) < 16:
        raise InputError(
            source, "the course secret is too short: 16 characters or more are expected"
        )
    return secret.encode("utf-8", errors="surrogateescape")


def build(
    assignment: Assignment,
    students: Sequence[Student],
    secret: bytes,
    out: Path,
    *,
    engine: Engine | None,
    jobs: int = 1,
    progress: Callable[[Built], None] = lambda built: None,
) -> list[Built]:
    """Write everything for `students` under `out`; a PDF that is up to date is left as it is.

    One student's error costs only that student: it is reported in the result. InputError where the
    folder cannot be written at all.
    """
    folder = out / assignment.name
    _make_folders(folder)
    done = _read_fingerprints(folder)
    plan = Plan(assignment, secret, folder, engine, done)
    results = []
    try:
        for built in _each(partial(build_student, plan), students, jobs):
            results.append(built)
            done = {**done, **built.fingerprints}
            progress(built)
    finally:  # an interrupted build goes on from here
        if engine is not None:
            write_whole(folder / "built.json", json.dumps(done, indent=1, sort_keys=True) + "\n")
    return results


def build_student(plan: Plan, student: Student) -> Built:
    """Draw one sheet and write its four files; an error is returned, not raised."""
    try:
        sheet = draw_sheet(plan.assignment, student, plan.secret)
        stem = student.file_name
        fingerprints = {}
        if plan.engine is not None:
            sources = {
                "sheets": documents.worksheet(sheet),
                "solutions": documents.solutions(sheet),
            }
            for kind, source in sources.items():
                path = f"{kind}/{stem}.pdf"
                fingerprints[path] = _fingerprint(source, plan.engine)
                current = plan.done.get(path) == fingerprints[path]
                if not current or not (plan.folder / path).exists():
                    logs = plan.folder / "logs"
                    pdf = typeset(source, f"{stem}-{kind}", plan.engine, log_folder=logs)
                    write_whole(plan.folder / path, pdf)
        write_whole(plan.folder / f"forms/{stem}.yaml", forms.form(sheet))
        write_whole(plan.folder / f"keys/{stem}.json", records.dumps(answer_key(sheet)), mode=0o600)
        return Built(student, fingerprints)
    except GradsheetError as error:
        return Built(student, {}, str(error))
    except OSError as error:  # the folder for temporary files is full, a program is gone, ...
        return Built(student, {}, f"{error.filename or 'the system'}: {error.strerror}")


def _each(
    work: Callable[[Student], Built], students: Sequence[Student], jobs: int
) -> Iterator[Built]:
    """`work` of every student, in the roster's order, whatever the number of jobs."""
    if jobs == 1 or len(students) < 2:
        yield from map(work, students)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(work, students)


def _make_folders(folder: Path) -> None:
    try:
        for kind in ("sheets", "solutions", "forms", "keys"):
            (folder / kind).mkdir(parents=True, exist_ok=True)
        (folder / "keys").chmod(0o700)
    except OSError as error:
        raise InputError(folder, f"cannot be written: {error.strerror}") from None
    if not os.access(folder, os.W_OK):
        raise InputError(folder, "cannot be written: permission denied")


def _fingerprint(source: str, engine: Engine) -> str:
    return hashlib.sha256(f"{engine_version(engine)}\n{source}".encode()).hexdigest()


def _read_fingerprints(folder: Path) -> dict[str, str]:
    try:
        tree = json.loads((folder / "built.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # nothing is known to be up to date, so everything is typeset again
    return tree if isinstance(tree, dict) else {}
