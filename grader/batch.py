"""Grading a folder of forms: one report a student, the grades, a summary of the class."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from generator.model import sheet_id
from generator.model.errors import GradsheetError, InputError
from generator.model.files import write_whole
from generator.model.key import AnswerKey
from grader import reports, summaries
from grader.grading import Report, form_id, grade
from grader.keys import load_key
from grader.submissions.forms import SUFFIXES, load_form
from grader.summaries import Summary

log = logging.getLogger(__name__)

_CHUNK = 4
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Problem:
    """A file that could not be used, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Missing:
    """A student with a key from whom there is no graded form."""

    student: str
    name: str
    sheet_id: str


@dataclass(frozen=True)
class Batch:
    """A graded folder: reports with the names of their forms, in the order of these names.

    `skipped` are files of the folder that are no forms.
    """

    graded: tuple[tuple[Report, str], ...]
    problems: tuple[Problem, ...]
    missing: tuple[Missing, ...]
    skipped: tuple[str, ...]

    @property
    def summary(self) -> Summary:
        return summaries.summarise([report for report, _ in self.graded])


def grade_folder(
    folder: Path,
    keys: Path,
    out: Path,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Batch:
    """Grade every form in `folder` with the key of its sheet id from `keys`.

    Writes `reports/<student>.txt` and `.json`, `grades.csv`, `problems.csv`, `summary.txt` and
    `summary.json` into `out`.

    A bad form costs only itself: it is listed among the problems. Two forms for one sheet are both
    refused, since nobody but the instructor can say which one counts. The result and every byte
    written are the same for any number of `jobs`. `progress` is told (forms done, of how many).
    """
    if jobs < 1:
        raise InputError("jobs", "at least 1 is needed")
    index, problems = _index(keys)
    if not index:
        raise InputError(keys, "there is no answer key in this folder")
    files = [path for path in _files(folder) if not path.name.startswith(".")]
    forms = [path for path in files if path.is_file() and path.suffix.lower() in SUFFIXES]
    outcomes = []
    for outcome in _graded(index, forms, jobs):
        outcomes.append(outcome)
        if progress is not None:
            progress(len(outcomes), len(forms))
    outcomes = _without_duplicates(list(zip(forms, outcomes, strict=True)))
    graded = [
        (outcome, path.name)
        for path, outcome in zip(forms, outcomes, strict=True)
        if isinstance(outcome, Report)
    ]
    problems += [outcome for outcome in outcomes if isinstance(outcome, Problem)]
    present = {report.sheet_id for report, _ in graded}
    batch = Batch(
        graded=tuple(graded),
        problems=tuple(problems),
        missing=tuple(
            Missing(key.student, key.name, key.sheet_id)
            for key in sorted(index.values(), key=lambda key: (key.student, key.sheet_id))
            if key.sheet_id not in present
        ),
        skipped=tuple(path.name for path in files if path not in forms),
    )
    _write(batch, index, out)
    return batch


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise InputError(folder, f"cannot be read: {error.strerror}") from None


def _index(folder: Path) -> tuple[dict[str, AnswerKey], list[Problem]]:
    """The keys of a folder by sheet id; those that can't be used are problems."""
    index: dict[str, AnswerKey] = {}
    files: dict[str, str] = {}
    problems = []
    for path in _files(folder):
        if path.suffix.lower() != ".json" or path.name.startswith("."):
            continue
        try:
            key = load_key(path)
            found = sheet_id.check(key.sheet_id)
            if found in index:
                raise InputError(
                    path, f"a second key for sheet {found}; {files[found]} is the first"
                )
            index[found], files[found] = key, path.name
        except (GradsheetError, ValueError) as error:
            problems.append(Problem(f"{folder.name}/{path.name}", _reason(error, path)))
    return index, problems


def _graded(
    index: Mapping[str, AnswerKey], forms: list[Path], jobs: int
) -> Iterator[Report | Problem]:
    """The outcome of each form, in order."""
    if jobs == 1 or len(forms) < 2:
        yield from (_grade_one(index, path) for path in forms)
        return
    workers = min(jobs, len(forms))
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(index,)) as pool:
        try:
            yield from pool.map(_grade_in_worker, forms, chunksize=_CHUNK)
        except BrokenProcessPool:
            raise GradsheetError(
                "a grading process was ended from outside (out of memory?); try --jobs 1"
            ) from None


_worker_index: dict[str, AnswerKey] = {}


def _start(index: Mapping[str, AnswerKey]) -> None:
    """Hand a worker process the keys once, not with every form."""
    _worker_index.update(index)


def _grade_in_worker(path: Path) -> Report | Problem:
    return _grade_one(_worker_index, path)


def _grade_one(index: Mapping[str, AnswerKey], path: Path) -> Report | Problem:
    try:
        submission = load_form(path)
        found = form_id(submission)
        if found not in index:
            raise InputError(path, f"there is no key for sheet {found}")
        return grade(index[found], submission)
    except GradsheetError as error:
        return Problem(path.name, _reason(error, path))
    except Exception as error:
        log.exception("%s: grading failed", path)
        return Problem(path.name, f"internal error: {type(error).__name__}: {error}")


def _without_duplicates(
    outcomes: Iterable[tuple[Path, Report | Problem]],
) -> list[Report | Problem]:
    """The outcomes, where forms for one and the same sheet have become problems."""
    pairs = list(outcomes)
    files: dict[str, list[str]] = {}
    for path, outcome in pairs:
        if isinstance(outcome, Report):
            files.setdefault(outcome.sheet_id, []).append(path.name)
    result: list[Report | Problem] = []
    for path, outcome in pairs:
        if isinstance(outcome, Report) and len(same := files[outcome.sheet_id]) > 1:
            others = ", ".join(name for name in same if name != path.name)
            reason = f"another form is for the same sheet {outcome.sheet_id}: {others}; keep one"
            result.append(Problem(path.name, reason))
        else:
            result.append(outcome)
    return result


def _reason(error: Exception, path: Path) -> str:
    """An error's message without the name of the file, which stands beside it."""
    return str(error).removeprefix(f"{path}: ")


def _write(batch: Batch, index: Mapping[str, AnswerKey], out: Path) -> None:
    names = _file_names(index.values())
    for report, _ in batch.graded:
        base = out / "reports" / names[report.sheet_id]
        write_whole(base.with_name(base.name + ".txt"), reports.text(report))
        write_whole(base.with_name(base.name + ".json"), _json(reports.tree(report)))
    for missing in batch.missing:
        # A report of an earlier run would speak for a form that does not count any more.
        base = out / "reports" / names[missing.sheet_id]
        for suffix in (".txt", ".json"):
            base.with_name(base.name + suffix).unlink(missing_ok=True)
    write_whole(out / "grades.csv", summaries.grades_csv(batch.graded))
    rows = [(summaries.harmless(p.file), summaries.harmless(p.reason)) for p in batch.problems]
    write_whole(out / "problems.csv", summaries.csv_text([("file", "problem"), *rows]))
    write_whole(out / "summary.txt", text(batch))
    write_whole(out / "summary.json", _json(tree(batch)))


def _json(tree: object) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=1) + "\n"


def _file_names(keys: Iterable[AnswerKey]) -> dict[str, str]:
    """Sheet id -> the file name of its report: the student's id, made safe and unique."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for key in sorted(keys, key=lambda key: (key.student, key.sheet_id)):
        name = re.sub(r"[^\w.@+-]", "_", key.student)[:100].lstrip(".")
        if name != key.student or name.casefold() in taken:
            name = f"{name}-{key.sheet_id}"
        taken.add(name.casefold())
        names[key.sheet_id] = name
    return names


def text(batch: Batch) -> str:
    """The summary of the class, then the problems, who is missing, what was skipped."""
    lines = [summaries.text(batch.summary).rstrip("\n")]
    if batch.problems:
        lines += ["", "Problems: these files were not used"]
        lines += [f"  {p.file}: {reports.printable(p.reason)}" for p in batch.problems]
    if batch.missing:
        lines += ["", "No graded submission from"]
        lines += [
            f"  {m.student}  {reports.printable(m.name)} ({m.sheet_id})" for m in batch.missing
        ]
    if batch.skipped:
        lines += ["", "Skipped, not a form", *(f"  {name}" for name in batch.skipped)]
    return "\n".join(lines) + "\n"


def tree(batch: Batch) -> dict[str, object]:
    """The same as plain JSON."""
    return {
        **summaries.tree(batch.summary),
        "problems": [{"file": p.file, "problem": p.reason} for p in batch.problems],
        "missing": [
            {"student": m.student, "name": m.name, "sheet": m.sheet_id} for m in batch.missing
        ],
        "skipped": list(batch.skipped),
    }


def table(batch: Batch, rows: int) -> str:
    """The summary, then the marks of at most `rows` students as a table: for the terminal."""
    cells = [("student", "name", "points", "share", "for a person")]
    for report, _ in batch.graded[:rows]:
        cells.append(
            (
                reports.printable(report.student)[:20],
                reports.printable(report.name)[:28],
                reports.marks(report.earned, report.points),
                reports.percent(summaries.share(report)),
                str(report.needs_human or ""),
            )
        )
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in cells]
    lines.insert(1, "-" * max(map(len, lines)))
    if len(batch.graded) > rows:
        lines.append(f"... and {len(batch.graded) - rows} more in grades.csv")
    return text(batch) + "\n" + "\n".join(line.rstrip() for line in lines) + "\n"
