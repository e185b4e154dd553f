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
import math
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from generator.assignment import Assignment, Student
from generator.model import records
from generator.model.errors import GradsheetError, InputError
from generator.model.files import write_whole
from generator.rendering import documents, fields, forms
from generator.rendering.batches import SHEETS, Source, typeset_batch
from generator.rendering.typesetting import Engine, engine_version
from generator.sheets import Sheet, answer_key, draw_sheet

KINDS = ("sheets", "solutions")  # of PDFs
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
    fillable: bool = False  # the sheets are forms


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
    fillable: bool = False,
    progress: Callable[[Built], None] = lambda built: None,
) -> list[Built]:
    """Write everything for `students` under `out`; a PDF that is up to date is left as it is.

    One student's error costs only that student: it is reported in the result. InputError where the
    folder cannot be written at all.
    """
    folder = out / assignment.name
    _make_folders(folder)
    done = _read_fingerprints(folder)
    plan = Plan(assignment, secret, folder, engine, done, fillable)
    results = []
    try:
        for batch in _each(partial(build_batch, plan), _batches(students), jobs):
            for built in batch:
                results.append(built)
                done = {**done, **built.fingerprints}
                progress(built)
    finally:  # an interrupted build goes on from here
        if engine is not None:
            write_whole(folder / "built.json", json.dumps(done, indent=1, sort_keys=True) + "\n")
    return results


def build_batch(plan: Plan, students: Sequence[Student]) -> list[Built]:
    """Draw the sheets of some students and write their files; errors are returned, not raised."""
    drawn: dict[str, Sheet] = {}
    sources: dict[str, Source] = {}
    errors: dict[str, Exception] = {}
    for student in students:
        try:
            sheet = drawn[student.id] = draw_sheet(plan.assignment, student, plan.secret)
            if plan.engine is not None:
                for kind, text in zip(KINDS, documents.both(sheet), strict=True):
                    name = f"{student.file_name}-{kind}"
                    sources[_pdf(kind, student)] = _source(name, text, kind, sheet, plan)
        except (GradsheetError, OSError) as error:
            errors[student.id] = error
    pdfs, prints = _typeset(plan, sources)
    results = []
    for student in students:
        paths = [path for kind in KINDS if (path := _pdf(kind, student)) in sources]
        refused = [pdf for path in paths if isinstance(pdf := pdfs.get(path), Exception)]
        try:
            for reason in (*filter(None, [errors.get(student.id)]), *refused):
                raise reason
            for path in paths:
                if isinstance(pdf := pdfs.get(path), bytes):
                    write_whole(plan.folder / path, pdf)
            sheet, stem = drawn[student.id], student.file_name
            write_whole(plan.folder / f"forms/{stem}.yaml", forms.form(sheet))
            key = records.dumps(answer_key(sheet))
            write_whole(plan.folder / f"keys/{stem}.json", key, mode=0o600)
            results.append(Built(student, {path: prints[path] for path in paths}))
        except (GradsheetError, OSError) as error:
            results.append(Built(student, {}, _said(error)))
    return results


def _source(name: str, text: str, kind: str, sheet: Sheet, plan: Plan) -> Source:
    if plan.fillable and kind == "sheets":
        return Source(name, fields.wanted(text), fields.fields(sheet))
    return Source(name, text)


def _pdf(kind: str, student: Student) -> str:
    return f"{kind}/{student.file_name}.pdf"


def _typeset(
    plan: Plan, sources: Mapping[str, Source]
) -> tuple[dict[str, bytes | Exception], dict[str, str]]:
    """The PDFs by path, none where all are up to date, and the fingerprints of all.

    The fonts of a PDF hold the letters of its whole batch, so it is made from the whole batch.
    """
    if plan.engine is None or not sources:
        return {}, {}
    texts = [
        text
        for source in sources.values()
        for text in (source.text, *([repr(source.fields)] if source.fields else []))
    ]
    prints = {path: _fingerprint(path, texts, plan.engine) for path in sources}
    if all(
        plan.done.get(path) == prints[path] and (plan.folder / path).exists() for path in sources
    ):
        return {}, prints
    try:
        logs = plan.folder / "logs"
        pdfs = typeset_batch(list(sources.values()), plan.engine, log_folder=logs)
    except (GradsheetError, OSError) as error:
        return dict.fromkeys(sources, error), prints
    return dict(zip(sources, pdfs, strict=True)), prints


def _said(error: Exception) -> str:
    if isinstance(error, OSError):  # the folder for temporary files is full, a program is gone, ...
        return f"{error.filename or 'the system'}: {error.strerror}"
    return str(error)


def _batches(students: Sequence[Student]) -> list[Sequence[Student]]:
    """Eight or more batches, so that every core has some, of at most as many as a run can take."""
    size = min(SHEETS, max(1, math.ceil(len(students) / 8)))
    return [students[start : start + size] for start in range(0, len(students), size)]


def _each(
    work: Callable[[Sequence[Student]], list[Built]],
    batches: Sequence[Sequence[Student]],
    jobs: int,
) -> Iterator[list[Built]]:
    """`work` of every batch, in the roster's order, whatever the number of jobs."""
    if jobs == 1 or len(batches) < 2:
        yield from map(work, batches)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(work, batches)


def _make_folders(folder: Path) -> None:
    try:
        for kind in ("sheets", "solutions", "forms", "keys"):
            (folder / kind).mkdir(parents=True, exist_ok=True)
        (folder / "keys").chmod(0o700)
    except OSError as error:
        raise InputError(folder, f"cannot be written: {error.strerror}") from None
    if not os.access(folder, os.W_OK):
        raise InputError(folder, "cannot be written: permission denied")


def _fingerprint(path: str, texts: Sequence[str], engine: Engine) -> str:
    whole = "\n".join((engine_version(engine), path, *texts))
    return hashlib.sha256(whole.encode("utf-8", errors="surrogatepass")).hexdigest()


def _read_fingerprints(folder: Path) -> dict[str, str]:
    try:
        tree = json.loads((folder / "built.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # nothing is known to be up to date, so everything is typeset again
    return tree if isinstance(tree, dict) else {}
