"""The files of each student's report: text, JSON and a page, written where they changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from generator.model.errors import InputError
from generator.model.files import beginning, write_whole
from generator.model.key import AnswerKey
from grader import reports
from grader.grading import Report
from grader.keyring import Entry, Keyring, open_keys
from grader.keys import load_key
from grader.ledger import Ledger
from grader.ledger.entries import encoded
from grader.student_pages import student_page
from grader.submissions.archives import unsafe

_TOGETHER = 200  # reports that are written between two entries in the ledger
_PAGE = ".html"
_SUFFIXES = (".txt", ".json", _PAGE)


@dataclass(frozen=True)
class Wanted:
    """What is written for each student: the report as text and JSON, its page beside them, and on
    the page how everything is solved."""

    reports: bool = True
    pages: bool = True
    solutions: bool = False

    @property
    def suffixes(self) -> tuple[str, ...]:
        wanted = {".txt": self.reports, ".json": self.reports, _PAGE: self.reports and self.pages}
        return tuple(suffix for suffix in _SUFFIXES if wanted[suffix])


ALL = Wanted()


def wanted_of(ledger: Ledger) -> Wanted:
    """What the last run wrote."""
    return Wanted(**json.loads(ledger.meta("wanted") or "{}"))


def set_wanted(ledger: Ledger, wanted: Wanted) -> None:
    """From now on, this is what is written. InputError for solutions without pages."""
    if wanted.solutions and _PAGE not in wanted.suffixes:
        raise InputError("--release-solutions", "solutions stand on the pages: let them be written")
    ledger.set_meta(wanted=json.dumps(asdict(wanted)))


class ReportFiles:
    """The folder of the reports. What it holds is noted in the ledger, so that only what changed
    is written; what no report speaks for any more is removed at the end."""

    def __init__(self, ledger: Ledger, folder: Path, students: Iterable[Entry]) -> None:
        self.ledger = ledger
        self.folder = folder
        self.wanted = wanted_of(ledger)
        self.suffixes = self.wanted.suffixes
        self.names = _file_names(students)
        self.before = ledger.published()
        self.there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        self.seen: set[str] = set()
        self.waiting: dict[str, tuple[bytes, dict[str, str]]] = {}

    @cached_property
    def keys(self) -> _Keys:
        return _Keys(self.ledger)

    def __enter__(self) -> ReportFiles:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            return
        self._write_waiting()
        gone = sorted(self.before.keys() - self.seen)
        for name in gone:
            self._remove(name, _SUFFIXES)
        self.ledger.publish({}, gone)

    def write(self, report: Report) -> None:
        suffixes = self.suffixes
        if not suffixes:
            return
        name = self.names[report.sheet_id, report.student]
        self.seen.add(name)
        proof = self.keys.fingerprint(report.sheet_id)
        told = json.dumps([asdict(self.wanted), proof]).encode()
        digest = hashlib.sha256(encoded(report) + b"\n" + told).digest()[:16]
        whole = all(f"{name}{suffix}" in self.there for suffix in suffixes)
        if whole and self.before.get(name) == digest:
            return
        self.waiting[name] = (digest, self.texts(report))
        if len(self.waiting) >= _TOGETHER:
            self._write_waiting()

    def _write_waiting(self) -> None:
        """Write some reports. What the ledger knows of their former files is struck first: should
        this end half-way, they are written again, even where a form is put back as it was."""
        self.ledger.publish({}, self.waiting.keys() & self.before.keys())
        for name, (_, texts) in self.waiting.items():
            for suffix, text in texts.items():
                write_whole(self.folder / f"{name}{suffix}", text)
            self._remove(name, set(_SUFFIXES) - texts.keys())
        self.ledger.publish({name: digest for name, (digest, _) in self.waiting.items()})
        self.waiting = {}

    def texts(self, report: Report) -> dict[str, str]:
        """What each of the files says, by its suffix."""
        from grader import solving  # it brings the templates of the sheets

        key = self.keys.key(report.sheet_id)
        prompts = solving.prompts(key) if key is not None else {}
        texts = {
            ".txt": reports.text(report, prompts),
            ".json": json_text(reports.tree(report)),
        }
        if _PAGE in self.suffixes:
            worked = self._worked(report, key) if self.wanted.solutions else None
            texts[_PAGE] = student_page(
                report,
                key=key,
                release_solutions=self.wanted.solutions,
                prompts=prompts,
                worked=worked,
            )
        return texts

    def _worked(self, report: Report, key: AnswerKey | None) -> dict[reports.Place, str]:
        if key is None:
            raise InputError(
                self.keys.folder,
                f"the key of sheet {report.sheet_id} is gone or has changed since it was graded: "
                "its solutions cannot be released before it is graded again",
            )
        from grader import solving

        return solving.worked_solutions(key)

    def _remove(self, name: str, suffixes: Iterable[str]) -> None:
        for suffix in suffixes:
            if f"{name}{suffix}" in self.there:
                (self.folder / f"{name}{suffix}").unlink(missing_ok=True)


class _Keys:
    """The keys that the last run graded with, as far as they still lie in their folder."""

    def __init__(self, ledger: Ledger) -> None:
        self.folder = Path(ledger.meta("keys_folder"))
        try:
            self._keyring = open_keys(self.folder)
        except InputError:
            self._keyring = Keyring(self.folder, {})
        self._graded = {entry.sheet: entry.fingerprint for entry in ledger.entries()}
        self._load = lru_cache(64)(load_key)  # many students may share a sheet

    def fingerprint(self, sheet: str) -> str:
        """That of the key that a page is made with; empty where there is none."""
        found = self._keyring.fingerprint(sheet)
        return found if found == self._graded.get(sheet) else ""

    def key(self, sheet: str) -> AnswerKey | None:
        if not self.fingerprint(sheet):
            return None
        return self._load(self.folder / self._keyring.entries[sheet].file)


def json_text(tree: object) -> str:
    """JSON as it is published."""
    return json.dumps(tree, ensure_ascii=False, indent=1) + "\n"


def _file_names(students: Iterable[Entry]) -> dict[tuple[str, str], str]:
    """The file names of reports: the student's id, made safe and unique."""
    names: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for each in students:
        # Neither hidden, nor taken for an option, nor the name of a device on Windows.
        name = beginning(re.sub(r"[^\w.@+-]", "_", each.student)).lstrip(".-") or "student"
        if unsafe(f"{name}.txt"):
            name = f"student-{name}"
        if name != each.student or name.casefold() in taken:
            name = f"{name}-{each.sheet}"
        taken.add(name.casefold())
        names[each.sheet, each.student] = name
    return names
