"""A ledger in PostgreSQL: everything that a course does with it, and the same bytes as SQLite."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.engine import URL

from generator.model.errors import InputError
from grader.batch import grade_folder
from grader.cli import program
from grader.ledger import open_ledger
from tests.grader.ledger import servers
from tests.grader.ledger.classes import drawn, light_class, published, right_answers

SUBMISSIONS = 150


@pytest.fixture(scope="module")
def server() -> Iterator[URL]:
    with servers.server() as found:
        yield found


@pytest.fixture
def url(server: URL) -> Iterator[str]:
    with servers.database(server, f"gradsheet_{uuid.uuid4().hex[:12]}") as found:
        yield found


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A class in which students have names that databases sort and store in their own ways."""
    light_class(tmp_path, SUBMISSIONS)
    sheet = drawn("v0")
    odd = ["a\0b", "Zoë", "_z", "Ärger", "a b", "A-1", "a1", "ı", "x" * 3000]
    with (tmp_path / "answers.jsonl").open("a", encoding="utf-8") as file:
        for student in odd:
            row = {"sheet": sheet.sheet_id, "student": student, **right_answers(sheet)}
            file.write(json.dumps(row) + "\n")
        file.write('{"sheet": "no\\u0000ne"}\n{"sheet": \n')
    return tmp_path


def walk(course: Path, out: Path, ledger: str) -> list[str]:
    """What a teacher does with a class: what was said, and what lay in `out` after each step."""
    said: list[str] = []

    def step(*arguments: str | Path) -> str:
        done = CliRunner().invoke(program, list(map(str, arguments)))
        assert done.exception is None or isinstance(done.exception, SystemExit), arguments
        text = done.output.replace(str(out), "OUT").replace(ledger, "LEDGER")
        files = {name: data for name, data in published(out).items() if "shards" not in name}
        said.append(f"{arguments[0]} {done.exit_code}\n{text}\n{sorted(files.items())}")
        return done.output

    answers, keys = course / "answers.jsonl", course / "keys"
    batch = ("batch", answers, "--keys", keys, "--out", out, "--ledger", ledger)
    shared = ("--shared-sheets", "--attempts", "last", "--late-after", "2026-12-01")
    step(*batch, *shared)
    step(*batch, *shared)
    assert said[0] == said[1]
    step("regrade", ledger, "--keys", course / "new", "--json")
    step("regrade", ledger, "--keys", course / "new", "--apply")
    assert "0 submissions change" in step("regrade", ledger)
    sheet = drawn("v1")
    part = next(iter(right_answers(sheet)["q1"]))
    decision = ("--reason", "wh\N{LATIN SMALL LETTER Y WITH DIAERESIS}", "--by", "A. Lee")
    step("override", ledger, sheet.sheet_id, f"q1.{part}", "--credit", "1/3", *decision)
    waiting = json.loads(step("review", ledger, "--json"))
    step("review", ledger)
    step("review", ledger, "--settle", waiting[0]["id"], "--credit", "1", *decision)
    step("regrade", ledger, "--attempts", "first", "--apply")
    step("report", ledger, "--json")
    step("report", ledger, "--out", out / "report.html")
    text = answers.read_text(encoding="utf-8")
    changed = text.splitlines(keepends=True)
    changed[3:9] = reversed(changed[3:9])
    answers.write_text("".join(changed), encoding="utf-8")
    step(*batch, "--shared-sheets", "--jobs", "2", "--no-pages")
    answers.write_text(text, encoding="utf-8")
    return said


def corrected(course: Path) -> None:
    """A folder `new` of keys, in which a part of one sheet is worth more."""
    (course / "new").mkdir()
    for path in (course / "keys").iterdir():
        tree = json.loads(path.read_text(encoding="utf-8"))
        if path.stem == "v2":
            points = tree["exercises"][0]["parts"][0]["points"]
            points["value"] = str(Fraction(points["value"]) + 5)
        (course / "new" / path.name).write_text(json.dumps(tree), encoding="utf-8")


def test_all_that_a_course_does_gives_the_same_bytes_as_sqlite(course: Path, url: str) -> None:
    corrected(course)
    here = walk(course, course / "here", str(course / "here.sqlite"))
    there = walk(course, course / "there", url)
    for one, other in zip(here, there, strict=True):
        assert one == other


def test_parts_are_merged_into_it(course: Path, url: str) -> None:
    answers, keys, out = course / "answers.jsonl", course / "keys", course / "out"
    for part in ("2/2", "1/2"):
        arguments = [
            "batch",
            answers,
            "--keys",
            keys,
            "--out",
            out,
            "--shared-sheets",
            "--shard",
            part,
        ]
        assert CliRunner().invoke(program, list(map(str, arguments))).exit_code == 0
    for _ in range(2):
        done = CliRunner().invoke(program, ["merge", str(out), "--ledger", url])
        assert done.exit_code == 1, done.output  # the bad rows
    grade_folder(answers, keys, course / "whole", shared=True)
    merged = {n: data for n, data in published(out).items() if not n.startswith("shards")}
    assert merged == published(course / "whole")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_killed_at_random_moments_and_finished(course: Path, url: str) -> None:
    def started(out: str, ledger: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable, "-m", "grader", "batch", str(course / "answers.jsonl"),
            "--keys", str(course / "keys"), "--out", str(course / out), "--shared-sheets",
            "--ledger", ledger, "--no-pages",
        ]  # fmt: skip
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            command, stdout=quiet, stderr=subprocess.PIPE, start_new_session=True
        )

    began = time.monotonic()
    whole = started("whole", str(course / "whole.sqlite"))
    _, said = whole.communicate(timeout=600)
    assert whole.returncode == 1, said.decode()  # the bad rows
    needed = time.monotonic() - began
    moments, killed = random.Random(5), 0
    for _ in range(int(os.environ.get("GRADSHEET_KILLS", "5"))):
        process = started("killed", url)
        time.sleep(moments.uniform(0.3 * needed, needed))
        if process.poll() is None:
            killed += 1
        process.kill()
        process.communicate()
    assert killed
    process = started("killed", url)
    _, said = process.communicate(timeout=600)
    assert process.returncode == 1, said.decode()
    assert b"another program" not in said
    assert published(course / "killed") == published(course / "whole")
    with open_ledger(url) as ledger:
        sources = [each.received.source for each in ledger.judged(ledger.run)]
        assert len(sources) == len(set(sources)) == SUBMISSIONS + 10


def test_one_writer_at_a_time(course: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.ledger.opening._PATIENCE", 0.5)
    with (
        open_ledger(url),
        pytest.raises(InputError, match="another program is using this ledger"),
    ):
        open_ledger(url)
    with open_ledger(url) as ledger:
        assert ledger.run == 0


def test_a_database_that_is_not_there(server: URL) -> None:
    url = server.set(drivername="postgresql", database="nowhere", password="secret")
    with pytest.raises(InputError, match="is the database there") as caught:
        open_ledger(url.render_as_string(hide_password=False))
    assert "secret" not in str(caught.value)


def test_a_ledger_of_before_is_upgraded(url: str) -> None:
    with open_ledger(url) as ledger:
        ledger.set_meta(schema="1")
    with open_ledger(url) as ledger:
        assert ledger.meta("schema") == "3"
    open_ledger(url).close()
