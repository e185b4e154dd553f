"""The reports of a class, for its analysis and for a platform: from its ledger, or from files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from generator.model.key import AnswerKey
from grader import reports
from grader.analysis import Seen
from grader.analysis.stored import Drawn, stored_reports
from grader.batch import LEDGER
from grader.counting import Standing, counted, policy_of
from grader.ledger import Ledger, open_ledger
from grader.platforms.marks import DOCUMENTS, grade_of, read_marks
from grader.regrading import complete
from grader.report_files import ReportFiles
from grader.submissions.received import Grade


def class_reports(marks: str | Path, keys: Path | None = None) -> Iterator[Seen]:
    """What counts of a class: of the ledger in a folder, in a file or at a URL, with the times of
    the submissions; else of the report files in a folder.

    With the folder of the keys, also what was drawn for each student. InputError where there is
    neither, and where the last run was interrupted.
    """
    if not has_ledger(marks):
        yield from stored_reports(Path(marks), keys)
        return
    with ledger_of(marks, only_read=True) as ledger:
        complete(ledger)
        drawn = None if keys is None else Drawn(keys)
        for each in counted(ledger, ledger.run, policy_of(ledger)):
            if isinstance(each, Standing):
                features = drawn.of(each.report.sheet_id) if drawn else {}
                yield Seen(each.report, each.at, features)


def class_grades(
    marks: str | Path, keys: Iterable[AnswerKey] = (), documents: Sequence[str] = DOCUMENTS
) -> list[Grade]:
    """The grades of a class by student: of the report files in a folder, or where there are none,
    of a ledger in it, in a file or at a URL.

    `keys` tell the students' addresses, `documents` the suffixes of what goes back to a student, of
    which the first counts that is published. InputError where there is neither, and where the last
    run was interrupted.
    """
    folder = Path(marks)
    if not has_ledger(marks) or (folder / "reports").is_dir():
        return read_marks(folder, keys, documents)
    emails = {key.sheet_id: key.email for key in keys}
    grades = []
    with ledger_of(marks, only_read=True) as ledger:
        complete(ledger)
        files = ReportFiles(ledger, Path(ledger.meta("out")), ())
        wanted = [suffix for suffix in documents if suffix in files.wanted.suffixes][:1]
        for each in counted(ledger, ledger.run, policy_of(ledger)):
            if isinstance(each, Standing):
                grade = grade_of(reports.tree(each.report), emails.get(each.report.sheet_id, ""))
                texts = files.texts(each.report) if wanted else {}
                given = {f"report{suffix}": texts[suffix].encode() for suffix in wanted}
                grades.append(replace(grade, documents=given))
    return sorted(grades, key=lambda grade: grade.sender.student)


def has_ledger(marks: str | Path) -> bool:
    """Whether there is a ledger, and not only a folder of files (or nothing)."""
    path = Path(marks)
    return "://" in str(marks) or path.is_file() or (path / LEDGER).is_file()


def ledger_of(marks: str | Path, *, only_read: bool = False) -> Ledger:
    """The ledger in the folder that `grader batch` wrote, in a file, or at a URL. InputError where
    there is none."""
    path = Path(marks)
    target = path / LEDGER if path.is_dir() else marks
    return open_ledger(target, new=False, only_read=only_read)
