"""Building an assignment: sheets, solutions, forms and keys for every student of a roster.

DIR/<assignment>/sheets/<student>.pdf
                 solutions/<student>.pdf    this folder and the next are the instructor's alone
                 forms/<student>.yaml
                 keys/<student>.json        (0700, and 0600 the files)
                 tex/                       LaTeX of sheets and solutions to edit, if asked for
                 logs/                      only where TeX refused a sheet
                 built.json                 what each PDF was typeset from

and, by `collecting`, the class in one file. Students are built in batches: one run of TeX each, in
one of several processes. Every file is written whole, and what is done is noted after each batch,
so that a build that is ended at any moment goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from generator.assignment import Assignment, Student
from generator.made import Made, note_made, read_made, writing
from generator.model import records
from generator.model.errors import GradsheetError, InputError
from generator.model.files import write_whole
from generator.processes import Lost, each
from generator.rendering import documents, exporting, fields, forms
from generator.rendering.alphabet import check_names
from generator.rendering.batches import SHEETS, Source, typeset_batch
from generator.rendering.environment import templates_from
from generator.rendering.instructor import key_lines
from generator.rendering.pdfs import Pdf
from generator.rendering.rehearsing import rehearse
from generator.rendering.typesetting import Engine, engine_version
from generator.sheets import Sheet, answer_key, draw_sheet

KINDS = ("sheets", "solutions")  # of PDFs
SECRET_VARIABLE = "GRADSHEET_SECRET"
SECRET_FILE = "gradsheet.secret"
_SIZES = (5, 10, 20, SHEETS)  # of batches; few sizes, so that one student more changes one batch
_BATCHES = 12  # or fewer, unless the class is large: so that every core has some


@dataclass(frozen=True)
class Built:
    """What became of one student: the PDFs by path in the folder, and the lines of the instructor's
    list of answers; or the error that stopped the sheet."""

    student: Student
    pdfs: Mapping[str, Made] = field(default_factory=dict)
    key_lines: str = ""  # LaTeX
    error: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything that building one student takes besides the student."""

    assignment: Assignment
    secret: bytes
    folder: Path
    engine: Engine | None  # None writes no PDF
    done: Mapping[str, Made]  # the PDFs that are there already
    templates: Path | None = None  # a folder whose templates go before ours
    fillable: bool = False  # the sheets are forms
    keep_tex: bool = False  # LaTeX to edit besides


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
    templates: Path | None = None,
    fillable: bool = False,
    keep_tex: bool = False,
    force: bool = False,
    progress: Callable[[Built], None] = lambda built: None,
) -> list[Built]:
    """Write everything for `students` under `out`; a PDF that is up to date is left as it is,
    unless by `force`.

    One student's error costs only that student: it is reported in the result. InputError where a
    name has letters that the engine lacks, and where the folder cannot be written or the disk is
    full. What is wrong with own templates or with the logo is raised before anything is written.
    """
    if templates is not None or assignment.logo is not None:
        with templates_from(templates):
            rehearse(assignment, secret, engine)
    folder = out / assignment.name
    if engine is not None:
        check_names(assignment, students, engine)
    with writing(folder):
        noted = read_made(folder)
        known = {} if force else dict(noted)
        plan = Plan(assignment, secret, folder, engine, known, templates, fillable, keep_tex)
        results: list[Built] = []
        batches = _batches(students)
        works = [(_for_batch(plan, batch), batch) for batch in batches]
        with closing(each(build_batch, works, jobs)) as outcomes:
            for batch, outcome in zip(batches, outcomes, strict=True):
                built = _lost(batch, outcome) if isinstance(outcome, Lost) else outcome
                if engine is not None:
                    noted.update((path, made) for one in built for path, made in one.pdfs.items())
                    note_made(folder, noted)
                for one in built:
                    results.append(one)
                    progress(one)
    return results


def _batches(students: Sequence[Student]) -> list[Sequence[Student]]:
    """In the roster's order; of a size that depends on nothing but their number, as the fonts of a
    PDF hold the letters of its batch."""
    size = next((size for size in _SIZES if len(students) <= _BATCHES * size), _SIZES[-1])
    return [students[start : start + size] for start in range(0, len(students), size)]


def _for_batch(plan: Plan, students: Sequence[Student]) -> Plan:
    """The plan as far as these students go: it is sent to another process."""
    paths = [_pdf(kind, student) for student in students for kind in KINDS]
    return replace(plan, done={path: plan.done[path] for path in paths if path in plan.done})


def build_batch(work: tuple[Plan, Sequence[Student]]) -> list[Built]:
    """Draw the sheets of some students and write their files; a student's errors are returned.

    InputError where a file cannot be written.
    """
    plan, students = work
    with templates_from(plan.templates):
        return _build_batch(plan, students)


def _build_batch(plan: Plan, students: Sequence[Student]) -> list[Built]:
    drawn: dict[str, Sheet] = {}
    sources: dict[str, Source] = {}
    errors: dict[str, GradsheetError] = {}
    for student in students:
        try:
            sheet = draw_sheet(plan.assignment, student, plan.secret)
            if plan.engine is not None:
                for kind, text in zip(KINDS, documents.both(sheet), strict=True):
                    name = f"{student.file_name}-{kind}"
                    sources[_pdf(kind, student)] = _source(name, text, kind, sheet, plan)
            drawn[student.id] = sheet
        except GradsheetError as error:
            errors[student.id] = error
    pdfs, made = _typeset(plan, sources)
    for student in students:
        for path in (_pdf(kind, student) for kind in KINDS):
            if isinstance(pdf := pdfs.get(path), GradsheetError):
                errors.setdefault(student.id, pdf)
    return [
        Built(student, error=str(errors[student.id]))
        if student.id in errors
        else _written(plan, drawn[student.id], pdfs, made)
        for student in students
    ]


def _written(
    plan: Plan, sheet: Sheet, pdfs: Mapping[str, Pdf | GradsheetError], made: Mapping[str, Made]
) -> Built:
    """Write a student's files, the key before what is handed out."""
    stem = sheet.student.file_name
    key = records.dumps(answer_key(sheet))
    write_whole(plan.folder / f"keys/{stem}.json", key, mode=0o600)
    write_whole(plan.folder / f"forms/{stem}.yaml", forms.form(sheet))
    paths = [path for kind in KINDS if (path := _pdf(kind, sheet.student)) in made]
    for path in paths:
        if isinstance(pdf := pdfs.get(path), Pdf):
            private = path == _pdf("solutions", sheet.student)
            write_whole(plan.folder / path, pdf.data, mode=0o600 if private else 0o644)
    if plan.keep_tex:
        exporting.write(plan.folder / "tex", sheet)
    lines = key_lines(sheet) if paths else ""
    return Built(sheet.student, {path: made[path] for path in paths}, lines)


def _source(name: str, text: str, kind: str, sheet: Sheet, plan: Plan) -> Source:
    if plan.fillable and kind == "sheets":
        return Source(name, fields.wanted(text), documents.files(sheet), fields.fields(sheet))
    return Source(name, text, documents.files(sheet))


def _pdf(kind: str, student: Student) -> str:
    return f"{kind}/{student.file_name}.pdf"


def _typeset(
    plan: Plan, sources: Mapping[str, Source]
) -> tuple[Mapping[str, Pdf | GradsheetError], dict[str, Made]]:
    """The PDFs by path, none where all are up to date, and what is to be noted of each.

    The fonts of a PDF hold the letters of its whole batch, so it is made from the whole batch.
    """
    if plan.engine is None or not sources:
        return {}, {}
    prints = _fingerprints(sources, plan.engine)
    there = {path: plan.done[path] for path in sources if path in plan.done}
    if all(path in there and there[path].source == prints[path] for path in sources):
        return {}, there
    try:
        found = typeset_batch(list(sources.values()), plan.engine, log_folder=plan.folder / "logs")
    except GradsheetError as error:
        return dict.fromkeys(sources, error), {}
    except OSError as error:  # the folder for temporary files is full, a program is gone, ...
        raise InputError(error.filename or "the system", str(error.strerror)) from None
    pdfs = dict(zip(sources, found, strict=True))
    whole = {path: pdf for path, pdf in pdfs.items() if isinstance(pdf, Pdf)}
    return pdfs, {path: Made(prints[path], pdf.pages) for path, pdf in whole.items()}


def _fingerprints(sources: Mapping[str, Source], engine: Engine) -> dict[str, str]:
    """Of each PDF, by path: it depends on the engine and on the texts of its batch."""
    whole = hashlib.sha256(engine_version(engine).encode())
    for source in sources.values():
        text = f"{source.text}\0{source.fields or ''}"
        whole.update(b"\0" + text.encode("utf-8", errors="surrogatepass"))
    batch = whole.hexdigest()
    return {path: hashlib.sha256(f"{batch} {path}".encode()).hexdigest() for path in sources}


def _lost(students: Sequence[Student], lost: Lost) -> list[Built]:
    error = f"the process that built it was ended from outside (exit code {lost.code}); build again"
    return [Built(student, error=error) for student in students]
