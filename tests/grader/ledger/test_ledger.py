"""The ledger itself: damage, schemas, locks, other databases."""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy.dialects import postgresql, sqlite

from generator.model.errors import InputError
from grader import packing
from grader.batch import LEDGER, grade_folder
from grader.cli import program
from grader.ledger import open_ledger, tables
from grader.ledger.entries import encoded, packed, same, unpacked
from grader.ledger.rows import digest
from grader.submissions.received import Received, Sender
from tests.grader.ledger.classes import light_class, published


@pytest.fixture
def course(tmp_path: Path) -> Path:
    light_class(tmp_path, 40)
    graded(tmp_path)
    return tmp_path


def graded(course: Path, **options: Any) -> None:
    source, keys = course / "answers.jsonl", course / "keys"
    grade_folder(source, keys, course / "out", shared=True, **options)


def test_the_ledger_holds_all_as_received(course: Path) -> None:
    lines = (course / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    with open_ledger(course / "out" / LEDGER) as ledger:
        found = {each.received.source: each for each in ledger.judged(1)}
        assert len(found) == len(lines)
        for each in found.values():
            assert each.received.sender.student in each.received.content.decode()
            report = unpacked(each.outcome.report)
            assert report.sheet_id == each.outcome.sheet
            assert packed(report) == each.outcome.report
            assert encoded(report) == msgspec.json.encode(report, enc_hook=str)
            assert all(isinstance(v.credit, Fraction) for v in report.exercises[0].verdicts)
    with sqlite3.connect(course / "out" / LEDGER) as connection:
        events = connection.execute("select what from events order by id").fetchall()
        assert events == [("begun",), ("finished",)]
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)


def test_a_ledger_elsewhere(course: Path) -> None:
    graded(course, ledger=str(course / "elsewhere" / "course.sqlite"))
    assert (course / "elsewhere" / "course.sqlite").exists()


@pytest.mark.parametrize("damage", ["no database", "cut", "overwritten"])
def test_a_damaged_ledger(course: Path, damage: str) -> None:
    before = published(course / "out")
    path = course / "out" / LEDGER
    data = path.read_bytes()
    match damage:
        case "no database":
            path.write_bytes(b"a letter to my grandmother, and no database" * 1000)
        case "cut":
            path.write_bytes(data[: len(data) // 2])
        case _:
            path.write_bytes(data[:8192] + b"\xff" * (len(data) - 8192))
    with pytest.raises(InputError, match=r"put back a copy, or move it\s+away") as caught:
        graded(course)
    assert caught.value.source == str(path)
    assert published(course / "out") == before


@pytest.mark.parametrize(
    ("table", "column", "problem"),
    [
        ("verdicts", "report", "the ledger: something in it is damaged (a report: "),
        ("submissions", "content", "answers.jsonl:"),
    ],
)
def test_a_bit_that_turned_over(course: Path, table: str, column: str, problem: str) -> None:
    """Where the file is whole for SQLite, what is read from it is looked at still."""
    with sqlite3.connect(course / "out" / LEDGER) as ledger:
        (number, data), *_ = ledger.execute(f"SELECT id, {column} FROM {table} WHERE id = 7")
        turned = bytearray(data)
        turned[len(turned) // 2] ^= 16
        ledger.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (bytes(turned), number))
    ledger.close()
    done = CliRunner().invoke(program, ["regrade", str(course / "out")])
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert problem in said
    assert "put back a copy" in said


def test_a_newer_schema(course: Path) -> None:
    with open_ledger(course / "out" / LEDGER) as ledger:
        ledger.set_meta(schema="99")
    with pytest.raises(InputError, match="has schema 99; this program knows 2"):
        graded(course)


OLD_INDEX = "CREATE UNIQUE INDEX current_verdict ON verdicts (submission) WHERE current"


def old(course: Path) -> Path:
    """The ledger of a class as the first schema had it: its index is one that SQLite passes by."""
    path = course / "out" / LEDGER
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP INDEX current_verdict")
        connection.execute(OLD_INDEX)
        connection.execute("UPDATE meta SET value = '1' WHERE name = 'schema'")
    return path


def looked_up(path: Path) -> tuple[str, str, str]:
    """The schema, how the index is declared, and how SQLite finds a current verdict."""
    query = "EXPLAIN QUERY PLAN SELECT * FROM verdicts WHERE current = 1 AND submission = 7"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (schema,) = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        (index,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'current_verdict'"
        ).fetchone()
        return schema, index, connection.execute(query).fetchone()[-1]


def test_a_ledger_of_before_is_upgraded_and_tells_so_once(
    course: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = published(course / "out")
    path = old(course)
    assert looked_up(path)[::2] == ("1", "SCAN verdicts")
    graded(course)
    schema, index, plan = looked_up(path)
    assert schema == "2"
    assert "WHERE current = 1" in index
    assert "USING INDEX current_verdict" in plan
    assert [r.getMessage() for r in caplog.records] == [
        f"{path}: upgraded from schema 1 to 2; programs of before cannot open it any more"
    ]
    graded(course)
    assert len(caplog.records) == 1
    assert published(course / "out") == before
    with contextlib.closing(sqlite3.connect(path)) as connection:
        told = connection.execute("SELECT count(*) FROM events WHERE what LIKE 'upgraded%'")
        assert told.fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM verdicts").fetchone() == (40,)


def test_an_upgrade_that_fails_half_way_changes_nothing(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old(course)

    def full(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as failing:
        failing.setattr("grader.ledger.opening.set_values", full)
        with pytest.raises(OSError, match="no space left"):
            open_ledger(path)
    assert looked_up(path)[:2] == ("1", OLD_INDEX)
    open_ledger(path).close()
    assert looked_up(path)[0] == "2"


def test_a_ledger_of_the_schema_before(course: Path, tmp_path: Path) -> None:
    """All was compressed by zlib, a report as one text. It is gone on with, nothing is graded
    again, and the same files are published."""
    answers = course / "answers.jsonl"
    whole = answers.read_bytes()
    path = course / "out" / LEDGER
    with sqlite3.connect(path) as connection:
        held = {"content": packing.unpacked, "report": report_text}
        for table, column in (("submissions", "content"), ("verdicts", "report")):
            rows = connection.execute(f"select {column}, id from {table}").fetchall()
            connection.executemany(
                f"update {table} set {column} = ? where id = ?",
                [(zlib.compress(held[column](data), 1), number) for data, number in rows],
            )
        connection.execute("update meta set value = '1' where name = 'schema'")
    row = msgspec.json.decode(whole.splitlines()[0])
    with answers.open("ab") as file:
        file.write(msgspec.json.encode({**row, "student": "another"}) + b"\n")
    graded(course)
    with sqlite3.connect(path) as connection:
        assert connection.execute("select count(*) from verdicts").fetchone() == (41,)
    grade_folder(answers, course / "keys", tmp_path / "new", shared=True)
    assert published(course / "out") == published(tmp_path / "new")
    found = []
    for out in (course / "out", tmp_path / "new"):
        with open_ledger(out / LEDGER) as ledger:
            found.append({each.received.source: each for each in ledger.judged(ledger.run)})
    for source, old in found[0].items():
        new = found[1][source]
        assert old.received == new.received
        assert same(old.outcome, new.outcome)
        assert not same(old.outcome, new.outcome._replace(student="else"))
    assert {packing.is_zlib(old.outcome.report) for old in found[0].values()} == {True, False}
    (one, *_, other) = found[1].values()
    assert one.outcome.report != other.outcome.report
    assert not same(one.outcome, one.outcome._replace(report=other.outcome.report))


def report_text(data: bytes) -> bytes:
    return encoded(unpacked(data))


@pytest.mark.parametrize("size", [0, 1, 23, 512, 513, 70_000])
def test_bytes_are_kept(size: int) -> None:
    content = bytes(place % 251 for place in range(size))
    assert packing.unpacked(packing.packed(content)) == content
    assert packing.unpacked(zlib.compress(content, 1)) == content  # as ledgers of before have it
    assert zlib.decompress(packing.compressed(content)) == content
    assert not packing.is_zlib(msgspec.msgpack.encode([content] * (size % 100)))


def test_one_writer_at_a_time(course: Path) -> None:
    with (
        open_ledger(course / "out" / LEDGER),
        pytest.raises(InputError, match="another program is using this ledger"),
    ):
        graded(course)
    graded(course)


def test_a_url_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither a file nor the URL"):
        open_ledger("://x")
    with pytest.raises(InputError, match="no driver for this database"):
        open_ledger("nonsense://host/course")


def test_a_database_without_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(InputError, match=r"pip install gradsheet\[postgres\]"):
        open_ledger("postgresql://teacher:secret@host/course")


def test_the_same_tables_in_postgresql() -> None:
    made = " ".join(tables.statements(postgresql.dialect()))
    assert made.count("CREATE TABLE") == len(tables.tables.tables)
    assert 'source TEXT COLLATE "C" NOT NULL' in made
    assert "id BIGINT NOT NULL" in made
    assert "content BYTEA NOT NULL" in made
    assert "UNIQUE INDEX current_verdict ON verdicts (submission) WHERE current" in made
    assert "id SERIAL NOT NULL" in made
    here = " ".join(tables.statements(sqlite.dialect()))
    assert here.count("CREATE TABLE") == made.count("CREATE TABLE")
    assert "UNIQUE INDEX current_verdict" in here


def test_what_was_received_otherwise_is_another_submission() -> None:
    first = Received("a", b"x", ".json")
    others = [
        Received("a", b"y", ".json"),
        Received("a", b"x", ".yaml"),
        Received("a", b"x", ".json", Sender(student="s")),
        Received("a", b"x", ".json", late=True),
        Received("a", b"x", ".json", attempt=2),
    ]
    assert len({digest(each) for each in (first, *others)}) == 6
    assert digest(first) == digest(Received("a", b"x", ".json"))


def test_a_form_that_changed_replaces_the_former_one(course: Path) -> None:
    path = course / "answers.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:10]), encoding="utf-8")
    graded(course)
    assert len((course / "out" / "grades.csv").read_text().splitlines()) == 11
    assert len(list((course / "out" / "reports").glob("*.txt"))) == 10
    path.write_text("".join(lines), encoding="utf-8")
    graded(course)
    with sqlite3.connect(course / "out" / LEDGER) as connection:
        assert connection.execute("select count(*) from verdicts").fetchone() == (40,)
    assert len(list((course / "out" / "reports").glob("*.txt"))) == 40


def test_a_report_that_was_deleted_is_written_again(course: Path) -> None:
    before = published(course / "out")
    next((course / "out" / "reports").glob("*.txt")).unlink()
    graded(course)
    assert published(course / "out") == before
