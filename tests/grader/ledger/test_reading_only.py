"""A ledger that lies where nothing can be written: what only reads it works all the same."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.batch import LEDGER, grade_folder
from tests.grader.ledger.classes import light_class, published

# Root writes everywhere: the tests run it as one to whom modes of files apply.
_ROOT = ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override")
AS_ANYONE = _ROOT if os.name == "posix" and os.geteuid() == 0 else ()

pytestmark = pytest.mark.skipif(
    os.name != "posix" or (bool(AS_ANYONE) and shutil.which("setpriv") is None),
    reason="there is no way to a folder that cannot be written",
)


def run(*arguments: str | Path, code: int = 0) -> str:
    command = [*AS_ANYONE, sys.executable, "-m", "grader", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Path]:
    light_class(tmp_path, 20, sheets=2)
    place = (tmp_path / "answers.jsonl", tmp_path / "keys", tmp_path / "out")
    grade_folder(*place, shared=True)
    yield tmp_path
    (tmp_path / "out").chmod(0o755)


def test_what_only_reads_works_where_nothing_can_be_written(course: Path) -> None:
    out = course / "out"
    asked: tuple[tuple[str | Path, ...], ...] = (
        ("report", out, "--json"),
        ("review", out),
        ("regrade", out, "--json"),
    )
    before = [run(*command) for command in asked]
    files = published(out)
    out.chmod(0o555)
    assert [run(*command) for command in asked] == before
    run("report", out, "--out", course / "report.html")
    run("return", "plain", "--marks", out / LEDGER, "--out", course / "grades.csv")
    assert published(out) == files


def test_what_writes_says_that_it_cannot(course: Path) -> None:
    out = course / "out"
    out.chmod(0o555)
    assert "may you write in its folder?" in run("regrade", out, "--apply", code=1)
    assert "report.html: cannot be written: Permission denied; --out FILE" in run(
        "report", out, code=1
    )


def test_what_is_not_yet_in_the_file_is_not_passed_over(course: Path) -> None:
    path = course / "out" / LEDGER
    writer = sqlite3.connect(path)
    writer.execute("update meta set value = 'changed' where name = 'published'")
    writer.commit()  # into the file beside it, which a writer that is killed leaves there
    wal, index = (Path(f"{path}{suffix}") for suffix in ("-wal", "-shm"))
    assert wal.stat().st_size
    for name, copied in (("whole", (path, wal, index)), ("part", (path, wal))):
        (course / name).mkdir()
        for each in copied:
            shutil.copy(each, course / name)
        (course / name).chmod(0o555)
    writer.close()
    run("review", course / "whole")
    told = run("review", course / "part", code=1)
    assert "ledger.sqlite-wal holds what is not in it yet: copy both to a folder" in told


def test_a_ledger_of_another_schema_is_not_upgraded_there(course: Path) -> None:
    path = course / "out" / LEDGER
    with sqlite3.connect(path) as connection:
        connection.execute("update meta set value = '2' where name = 'schema'")
    connection.close()
    (course / "out").chmod(0o555)
    told = run("review", course / "out", code=1)
    assert "schema 2, not 3" in told
    assert "copy it to a folder that can be written" in told
