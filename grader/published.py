"""What was published last, so that publishing the same once more is nothing to do.

What stands in the files follows from the version, the ledger and the keys: all of these are in a
digest, which is forgotten before a file is touched.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from pathlib import Path

import msgspec

from generator.model.key import versions
from grader.grading import ENCODER, Report
from grader.keyring import Problem
from grader.ledger import Ledger
from grader.ledger.entries import fraction_of
from grader.report_files import wanted_of
from grader.summaries import Summary

TABLES = ("grades.csv", "problems.csv", "summary.txt", "summary.json")
_SETTINGS = ("keys", "keys_folder", "key_problems", "shared", "policy", "wanted")


@dataclass(frozen=True)
class Missing:
    """A student with a key from whom there is no graded form."""

    student: str
    name: str
    sheet_id: str


@dataclass(frozen=True)
class Batch:
    """What was published: the class in numbers, and what could not be used or is not there.

    `graded` are the first reports with the names of their forms, in the order of these names;
    `skipped` are files that are no forms. Nobody knows what lateness costs the `unclear` forms;
    the first of them are `unclear_first`. `in_time` tells until when a form is in time.
    """

    graded: tuple[tuple[Report, str], ...]
    summary: Summary
    problems: tuple[Problem, ...]
    missing: tuple[Missing, ...]
    skipped: tuple[str, ...]
    unclear: int = 0
    unclear_first: tuple[str, ...] = ()
    in_time: str = ""


def recalled(ledger: Ledger, out: Path) -> Batch | None:
    """What was published into `out` last, if it is all there and nothing has changed since."""
    told = ledger.meta("published")
    if not told or ledger.meta("published_as") != _digest(ledger, out):
        return None
    folder = out / "reports"
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    suffixes = wanted_of(ledger).suffixes
    if any(f"{name}{suffix}" not in there for name in ledger.published() for suffix in suffixes):
        return None
    return _decoder.decode(told)


def forget(ledger: Ledger) -> None:
    """From now on, the files may be others than those that were published last."""
    if ledger.meta("published"):
        ledger.set_meta(published="", published_as="")


def remember(ledger: Ledger, out: Path, batch: Batch) -> None:
    """All files are written."""
    ledger.set_meta(published=ENCODER.encode(batch).decode(), published_as=_digest(ledger, out))


def _digest(ledger: Ledger, out: Path) -> str:
    """Of all that the files follow from, and of the tables as they lie in `out`."""
    run = ledger.run
    told = [
        str(versions()["gradsheet"]),
        str(out.resolve()),
        *(ledger.meta(name) for name in _SETTINGS),
        [(each.source, each.reason) for each in ledger.refusals(run)],
        [list(map(str, astuple(each))) for each in ledger.overrides()],
    ]
    digest = hashlib.sha256(msgspec.json.encode(told))
    for numbers in ledger.numbers(run):
        digest.update(numbers)
    for name in TABLES:
        path = out / name
        digest.update(hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest())
    return digest.hexdigest()


_decoder = msgspec.json.Decoder(Batch, dec_hook=fraction_of)
