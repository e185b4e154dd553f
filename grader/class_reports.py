"""The reports of a class for its analysis: from its ledger, or from the files without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.analysis import Seen
from grader.analysis.stored import Drawn, stored_reports
from grader.batch import LEDGER
from grader.counting import Standing, counted, policy_of
from grader.ledger import Ledger, open_ledger
from grader.regrading import complete


def class_reports(marks: str | Path, keys: Path | None = None) -> Iterator[Seen]:
    """What counts of a class: of the ledger in a folder, in a file or at a URL, with the times of
    the submissions; else of the report files in a folder.

    With the folder of the keys, also what was drawn for each student. InputError where there is
    neither, and where the last run was interrupted.
    """
    if not has_ledger(marks):
        yield from stored_reports(Path(marks), keys)
        return
    with ledger_of(marks) as ledger:
        complete(ledger)
        drawn = None if keys is None else Drawn(keys)
        for each in counted(ledger, ledger.run, policy_of(ledger)):
            if isinstance(each, Standing):
                features = drawn.of(each.report.sheet_id) if drawn else {}
                yield Seen(each.report, each.at, features)


def has_ledger(marks: str | Path) -> bool:
    """Whether there is a ledger, and not only a folder of files (or nothing)."""
    path = Path(marks)
    return "://" in str(marks) or path.is_file() or (path / LEDGER).is_file()


def ledger_of(marks: str | Path) -> Ledger:
    """The ledger in the folder that `grader batch` wrote, in a file, or at a URL. InputError where
    there is none."""
    path = Path(marks)
    return open_ledger(path / LEDGER if path.is_dir() else marks, new=False)
