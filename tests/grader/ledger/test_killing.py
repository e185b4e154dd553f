"""A run that is killed at any moment goes on where it was and ends with the same bytes."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.grader.ledger.classes import light_class, published

# GRADSHEET_KILLS=50 GRADSHEET_SUBMISSIONS=100000 is the long version.
KILLS = int(os.environ.get("GRADSHEET_KILLS", "5"))
SUBMISSIONS = int(os.environ.get("GRADSHEET_SUBMISSIONS", "1200"))
# What is written for each student, and into how many parts it divides the number of submissions.
WRITTEN = [(["--no-reports"], 1), (["--no-pages"], 5), ([], 20)]


def started(folder: Path, out: str, written: Sequence[str]) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "grader", "batch", str(folder / "answers.jsonl"),
        "--keys", str(folder / "keys"), "--out", str(folder / out), "--shared-sheets", *written,
    ]  # fmt: skip
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def finish(folder: Path, out: str, written: Sequence[str]) -> float:
    began = time.monotonic()
    process = started(folder, out, written)
    _, said = process.communicate(timeout=1800)
    assert process.returncode == 0, said.decode()
    return time.monotonic() - began


def rows(folder: Path, out: str, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / out / "ledger.sqlite") as connection:
        return connection.execute(query).fetchall()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.parametrize(("written", "parts"), WRITTEN)
def test_killed_at_random_moments_and_finished(
    tmp_path: Path, written: Sequence[str], parts: int
) -> None:
    submissions = SUBMISSIONS // parts
    light_class(tmp_path, submissions)
    needed = finish(tmp_path, "whole", written)
    moments = random.Random(7)
    killed = 0
    for _ in range(3 * KILLS):
        process = started(tmp_path, "killed", written)
        time.sleep(moments.uniform(0.05 * needed, 0.9 * needed))
        if process.poll() is None:
            killed += 1
        process.kill()
        process.communicate()
        if killed == KILLS:
            break
        if process.returncode == 0:
            # All was done before the kill: begin anew, so that every kill interrupts something.
            for path in sorted((tmp_path / "killed").rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
    assert killed >= KILLS
    finish(tmp_path, "killed", written)
    assert published(tmp_path / "killed") == published(tmp_path / "whole")
    count = "select count(*), count(distinct source) from submissions"
    assert rows(tmp_path, "killed", count) == [(submissions, submissions)]
    verdicts = "select count(*), count(distinct submission), min(current) from verdicts"
    assert rows(tmp_path, "killed", verdicts) == [(submissions, submissions, 1)]
    before = rows(tmp_path, "killed", "select max(id) from verdicts")
    finish(tmp_path, "killed", written)
    assert rows(tmp_path, "killed", "select max(id) from verdicts") == before
    assert published(tmp_path / "killed") == published(tmp_path / "whole")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are told by /proc")
def test_workers_end_with_the_run_that_is_killed(tmp_path: Path) -> None:
    light_class(tmp_path, 2000)
    process = started(tmp_path, "out", ["--no-pages"])
    children: set[int] = set()
    while process.poll() is None and not (tmp_path / "out" / "ledger.sqlite-wal").exists():
        time.sleep(0.02)
    while process.poll() is None and len(children) < 2:
        children |= session(process.pid) - {process.pid}
        time.sleep(0.02)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 20
    while session(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not session(process.pid)


def session(number: int) -> set[int]:
    """The processes of a session that are not zombies."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == number and fields[0] != "Z":
            found.add(int(status.parent.name))
    return found
