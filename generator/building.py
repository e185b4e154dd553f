"""Building an assignment: sheets, solutions, forms and keys for every student of a roster.

DIR/<assignment>/sheets/<student>.pdf
                 solutions/<student>.pdf
                 forms/<student>.yaml
                 keys/<student>.json
                 runs/                      of batches, for the files of the class
                 tex/                       LaTeX of sheets and solutions to edit, if asked for
                 logs/                      only where TeX refused a sheet, or sheets together
                 built.json                 what each file was made from, and its digest

and, by `collecting`, the class in one file. What tells answers is the instructor's alone: folders
0700, files 0600. Students are built in batches: one run of TeX each, in one of several processes.
Every file is written whole, and what is done is noted after each batch, so that a build that is
ended at any moment goes on where it stopped. A batch is left as it is if each of its files was made
from what it would be made from now, and is as it was written.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from generator.assignment import Assignment, Student
from generator.fingerprints import digest, of_assignment, of_batch, of_file, of_student
from generator.kept import drop_others, keep, path_of
from generator.made import Made, is_current, note_made, read_made, writing
from generator.model import records
from generator.model.errors import AuthoringError, GradsheetError, InputError
from generator.model.files import write_whole
from generator.model.garbage import searched_rarely
from generator.processes import Lost, each
from generator.rendering import documents, exporting, fields, forms
from generator.rendering.alphabet import check_names
from generator.rendering.batches import SHEETS, Source, Typeset, typeset_batch
from generator.rendering.environment import templates_from
from generator.rendering.instructor import key_lines
from generator.rendering.rehearsing import rehearse
from generator.rendering.typesetting import Engine, engine_version
from generator.rendering.words import LANGUAGES
from generator.sheets import Sheet, answer_key, draw_sheet

KINDS = ("sheets", "solutions")  # of PDFs
TEX = "tex"
_PRIVATE = ("solutions/", "keys/", "tex/solutions/")  # the instructor's alone
SECRET_VARIABLE = "GRADSHEET_SECRET"
SECRET_FILE = "gradsheet.secret"
# Of batches. A run begins and ends in the time of four students, hence no small ones; there
# are few sizes, so that one student more changes one batch.
_SIZES = (10, 25, 50, SHEETS)
_BATCHES = 6  # or fewer, unless the class is large: so that every core has some
_NO_PDF = Typeset(b"", 0)  # of files of other kinds: no pages


@dataclass(frozen=True)
class Built:
    """What became of one student: the files by path in the folder, or the error that stopped the
    sheet.

    `lines` are those of the instructor's list, of one whose key is written now; `refused` are the
    logs of PDFs that were set alone, as TeX refused them together with others, and `reaching` the
    words of those that were as they might have changed others.
    """

    student: Student
    files: Mapping[str, Made] = field(default_factory=dict)
    error: str = ""
    lines: str = field(default="", compare=False, repr=False)
    refused: Mapping[str, str] = field(default_factory=dict)
    reaching: Mapping[str, str] = field(default_factory=dict)

    @property
    def pdfs(self) -> dict[str, Made]:
        """The PDFs of `KINDS`, none where nothing was to be typeset."""
        return {path: self.files[path] for path in _pdfs(self.student) if path in self.files}


@dataclass(frozen=True)
class Plan:
    """Everything that building one student takes besides the student."""

    assignment: Assignment
    secret: bytes
    folder: Path
    engine: Engine | None  # None writes no PDF
    templates: Path | None = None  # a folder whose templates go before ours
    fillable: bool = False  # the sheets are forms
    keep_tex: bool = False  # LaTeX to edit besides


@dataclass(frozen=True)
class Batch:
    """Students who are typeset together, what each of their files is to be made from, by path, and
    the PDFs that are up to date: all or none, as they are made together."""

    students: Sequence[Student]
    sources: Mapping[str, str]
    pdfs: Mapping[str, Made] = field(default_factory=dict)


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
    """Write everything for `students` under `out`; what is up to date is left as it is, unless by
    `force`.

    One student's error costs only that student: it is reported in the result. InputError where a
    name has letters that the engine lacks, and where the folder cannot be written or the disk is
    full. What is wrong with own templates or with the logo is raised before anything is written.
    """
    folder = out / assignment.name
    plan = Plan(assignment, secret, folder, engine, templates, fillable, keep_tex)
    batches = [planned(plan, each) for each in _batches(students)]
    if engine is not None:
        check_names(assignment, students, engine)
    if templates is not None or assignment.logo is not None:
        done = {} if force else read_made(folder)
        if not any(_noted(each, done) for each in batches):  # else they have proven good
            with templates_from(templates):
                rehearse(assignment, secret, engine)
    with writing(folder):
        noted = read_made(folder)
        known = {} if force else noted
        results: list[Built] = []
        stale = [_stale(folder, batch, known) for batch in batches]
        works = [(plan, batch) for batch in stale if batch is not None]
        with closing(each(build_batch, works, jobs)) as outcomes:
            for whole, batch in zip(batches, stale, strict=True):
                if batch is None:
                    built = [_left(plan, student, noted) for student in whole.students]
                else:
                    outcome = next(outcomes)
                    built = _lost(whole.students, outcome) if isinstance(outcome, Lost) else outcome
                    noted.update((path, made) for one in built for path, made in one.files.items())
                    note_made(folder, noted)
                for one in built:
                    results.append(one)
                    progress(one)
        drop_others(folder, noted)
    return results


def _batches(students: Sequence[Student]) -> list[Sequence[Student]]:
    """In the roster's order; of a size that depends on nothing but their number, as the fonts of a
    PDF hold the letters of its batch."""
    size = next((size for size in _SIZES if len(students) <= _BATCHES * size), _SIZES[-1])
    return [students[start : start + size] for start in range(0, len(students), size)]


def planned(plan: Plan, students: Sequence[Student]) -> Batch:
    """These students as a batch of which nothing is up to date."""
    common = of_assignment(plan.assignment, plan.secret, plan.templates)
    alone = [of_student(common, student) for student in students]
    engine = "" if plan.engine is None else engine_version(plan.engine)
    whole = of_batch(alone, engine, plan.fillable)
    sources = dict.fromkeys(_shared(plan), common)
    for student, own in zip(students, alone, strict=True):
        pdfs = _pdfs(student)
        sources.update((path, whole if path in pdfs else own) for path in _paths(plan, student))
    return Batch(students, sources)


def _paths(plan: Plan, student: Student) -> list[str]:
    """The files of a student, in the order in which they are written: the key before what is handed
    out."""
    stem = student.file_name
    pdfs = _pdfs(student) if plan.engine is not None else []
    tex = [f"{TEX}/{path}" for path in exporting.paths(student)] if plan.keep_tex else []
    return [f"keys/{stem}.json", f"forms/{stem}.yaml", *pdfs, *tex]


def _pdfs(student: Student) -> list[str]:
    return [f"{kind}/{student.file_name}.pdf" for kind in KINDS]


def _shared(plan: Plan) -> list[str]:
    """The files that the LaTeX of all students takes in."""
    return [f"{TEX}/{path}" for path in exporting.shared(plan.assignment)] if plan.keep_tex else []


def _noted(batch: Batch, noted: Mapping[str, Made]) -> bool:
    """Whether a batch has been made before, from the same."""
    sources = batch.sources.items()
    return all(path in noted and noted[path].source == source for path, source in sources)


def _left(plan: Plan, student: Student, noted: Mapping[str, Made]) -> Built:
    """What became of a student whose files are up to date."""
    return Built(student, {path: noted[path] for path in (*_shared(plan), *_paths(plan, student))})


def _stale(folder: Path, batch: Batch, noted: Mapping[str, Made]) -> Batch | None:
    """The batch, if a file of it is to be made."""
    sources = batch.sources
    stale = {path for path in sources if not is_current(folder, path, sources[path], noted)}
    if not stale:
        return None
    pdfs = sources.keys() & {path for student in batch.students for path in _pdfs(student)}
    return batch if stale & pdfs else replace(batch, pdfs={path: noted[path] for path in pdfs})


@searched_rarely()
def build_batch(work: tuple[Plan, Batch]) -> list[Built]:
    """Draw the sheets of some students and write their files; a student's errors are returned.

    InputError where a file cannot be written.
    """
    plan, batch = work
    with templates_from(plan.templates):
        return _build_batch(plan, batch)


def _build_batch(plan: Plan, batch: Batch) -> list[Built]:
    drawn: dict[str, Sheet] = {}
    sources: dict[str, Source] = {}
    errors: dict[str, GradsheetError] = {}
    for student in batch.students:
        try:
            sheet = draw_sheet(plan.assignment, student, plan.secret)
            if plan.engine is not None and not batch.pdfs:
                sources.update(zip(_pdfs(student), _both(sheet, plan), strict=True))
            drawn[student.id] = sheet
        except GradsheetError as error:
            errors[student.id] = error
    pdfs = _typeset(plan, sources)
    if len(batch.students) > 1:  # else it saves nothing
        whole = [pdf.run for pdf in pdfs.values() if isinstance(pdf, Typeset) and pdf.run]
        keep(plan.folder, whole)
    for student in batch.students:
        for path in _pdfs(student):
            if isinstance(pdf := pdfs.get(path), GradsheetError):
                errors.setdefault(student.id, pdf)
    built: list[Built] = []
    for student in batch.students:
        if student.id not in errors:
            try:
                built.append(_written(plan, batch, drawn[student.id], pdfs))
            except AuthoringError as error:  # TeX reads more than what makes forms
                errors[student.id] = error
        if student.id in errors:
            built.append(Built(student, error=str(errors[student.id])))
    return built


def _both(sheet: Sheet, plan: Plan) -> list[Source]:
    """The worksheet and the solutions, to be typeset."""
    files = documents.files(sheet.assignment)
    sources = []
    for kind, text in zip(KINDS, documents.both(sheet), strict=True):
        name = f"{sheet.student.file_name}-{kind}"
        if plan.fillable and kind == "sheets":
            sources.append(Source(name, fields.wanted(text), files, fields.fields(sheet)))
        else:
            sources.append(Source(name, text, files))
    return sources


def _typeset(plan: Plan, sources: Mapping[str, Source]) -> Mapping[str, Typeset | GradsheetError]:
    """The PDFs by path, or why there is none.

    The fonts of a PDF hold the letters of its whole batch, so it is made from the whole batch.
    """
    if plan.engine is None or not sources:
        return {}
    try:
        found = typeset_batch(list(sources.values()), plan.engine, log_folder=plan.folder / "logs")
    except GradsheetError as error:
        return dict.fromkeys(sources, error)
    except OSError as error:  # the folder for temporary files is full, a program is gone, ...
        raise InputError(error.filename or "the system", str(error.strerror)) from None
    return dict(zip(sources, found, strict=True))


def _written(
    plan: Plan,
    batch: Batch,
    sheet: Sheet,
    pdfs: Mapping[str, Typeset | GradsheetError],
) -> Built:
    """Write a student's files, but the PDFs that are up to date. InputError where that fails,
    AuthoringError where no form can be made of a prompt."""
    stem = sheet.student.file_name
    found = {path: pdfs.get(path) for path in _pdfs(sheet.student)}
    own = {path: pdf for path, pdf in found.items() if isinstance(pdf, Typeset)}
    key = answer_key(sheet)
    contents = {
        f"keys/{stem}.json": records.dumps(key).encode(),
        f"forms/{stem}.yaml": forms.form(sheet).encode(),
        **{path: pdf.data for path, pdf in own.items()},
    }
    if plan.keep_tex:
        contents.update((f"{TEX}/{path}", text) for path, text in exporting.files(sheet).items())
    made = {}
    shared = _shared(plan)
    for path in (*shared, *_paths(plan, sheet.student)):
        if path in batch.pdfs:
            made[path] = batch.pdfs[path]
            continue
        content = contents[path]
        pdf = own.get(path, _NO_PDF)
        made[path] = Made(
            batch.sources[path], digest(content), pdf.pages,
            path_of(pdf.run), pdf.behind, pdf.exercises,
        )  # fmt: skip
        if path not in shared or of_file(plan.folder / path) != made[path].digest:
            _write(plan.folder / path, content, private=path.startswith(_PRIVATE))
    lines = key_lines(sheet.student, key, LANGUAGES[sheet.assignment.language])
    refused = {path: pdf.refused for path, pdf in own.items() if pdf.refused is not None}
    reaching = {path: pdf.reaching for path, pdf in own.items() if pdf.reaching}
    return Built(sheet.student, made, lines=lines, refused=refused, reaching=reaching)


def _write(path: Path, content: bytes, *, private: bool) -> None:
    """Write a file, in a folder that is made if it is not there."""
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700 if private else 0o755, parents=True, exist_ok=True)
    write_whole(path, content, mode=0o600 if private else 0o644)


def _lost(students: Sequence[Student], lost: Lost) -> list[Built]:
    error = f"the process that built it was ended from outside (exit code {lost.code}); build again"
    return [Built(student, error=error) for student in students]
