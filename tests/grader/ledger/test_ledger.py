"""The ledger itself: damage, schemas, locks, other databases."""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Callable
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
from grader.grading import Report
from grader.ledger import open_ledger, tables
from grader.ledger.entries import encoded, of_before, same, stored, unpacked
from grader.ledger.rows import digest, new
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
            assert stored(report) == each.outcome.report
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
        ("verdicts", "report", "something in it is damaged (a verdict refers to other pieces"),
        ("pieces", "content", "the ledger: something in it is damaged (a report: "),
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
    with pytest.raises(InputError, match="has schema 99; this program knows 3"):
        graded(course)


OLD_INDEX = "CREATE UNIQUE INDEX current_verdict ON verdicts (submission) WHERE current"


def old(course: Path) -> Path:
    """The ledger of a class as the first schema had it: its index is one that SQLite passes by, and
    all was compressed by zlib, a report as one text."""
    path = course / "out" / LEDGER
    with open_ledger(path) as ledger:
        reports = {each.id: encoded(unpacked(each.outcome.report)) for each in ledger.judged(1)}
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE pieces")
        connection.execute("CREATE INDEX ix_submissions_run ON submissions (run)")
        connection.execute("DROP INDEX current_verdict")
        connection.execute(OLD_INDEX)
        rows = connection.execute("SELECT content, id FROM submissions").fetchall()
        connection.executemany(
            "UPDATE submissions SET content = ? WHERE id = ?",
            [(zlib.compress(packing.unpacked(data), 1), number) for data, number in rows],
        )
        connection.executemany(
            "UPDATE verdicts SET report = ? WHERE submission = ?",
            [(zlib.compress(text, 1), number) for number, text in reports.items()],
        )
        connection.execute("UPDATE meta SET value = '1' WHERE name = 'schema'")
    return path


def second(course: Path) -> Path:
    """The same as the second schema had it: a report is a list of what stands before its exercises,
    of these, compressed, and of what stands behind."""
    path = course / "out" / LEDGER
    with open_ledger(path) as ledger:
        reports = {each.id: parts(unpacked(each.outcome.report)) for each in ledger.judged(1)}
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE pieces")
        connection.execute("CREATE INDEX ix_submissions_run ON submissions (run)")
        connection.executemany(
            "UPDATE verdicts SET report = ? WHERE submission = ?",
            [(msgspec.msgpack.encode(report), number) for number, report in reports.items()],
        )
        connection.execute("UPDATE meta SET value = '2' WHERE name = 'schema'")
    return path


def parts(report: Report) -> list[bytes]:
    tree = msgspec.json.decode(encoded(report))
    head = {name: tree[name] for name in ("sheet_id", "assignment", "title", "student", "name")}
    tail = {name: tree[name] for name in ("notes", "versions", "penalty")}
    streams = [packing.compressed(each.encoded) for each in report.exercises]
    return [msgspec.json.encode(head), *streams, msgspec.json.encode(tail)]


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
    assert schema == "3"
    assert "WHERE current = 1" in index
    assert "USING INDEX current_verdict" in plan
    with contextlib.closing(sqlite3.connect(path)) as connection:
        indexes = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
        assert "ix_submissions_run" not in {name for (name,) in indexes}
    assert [r.getMessage() for r in caplog.records] == [
        f"{path}: upgraded from schema 1 to 3; programs of before cannot open it any more"
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
    assert looked_up(path)[0] == "3"


@pytest.mark.parametrize("before", [old, second])
def test_a_ledger_of_a_schema_before_is_gone_on_with(
    course: Path, tmp_path: Path, before: Callable[[Path], Path]
) -> None:
    """Nothing is graded again, and the same files are published."""
    answers = course / "answers.jsonl"
    first = published(course / "out")
    path = before(course)
    with open_ledger(path) as ledger:
        ledger.set_meta(published="")  # so that all is read
    graded(course)
    assert published(course / "out") == first
    row = msgspec.json.decode(answers.read_bytes().splitlines()[0])
    with answers.open("ab") as file:
        file.write(msgspec.json.encode({**row, "student": "another"}) + b"\n")
    graded(course)
    with sqlite3.connect(path) as connection:
        assert connection.execute("select count(*) from verdicts").fetchone() == (41,)
        rows = [row for (row,) in connection.execute("select report from verdicts")]
    assert len(rows[-1]) < 100 < min(map(len, rows[:-1]))  # it refers to its pieces
    assert of_before(rows[0])
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
    (one, *_, other) = found[1].values()
    assert one.outcome.report != other.outcome.report
    assert not same(one.outcome, one.outcome._replace(report=other.outcome.report))
    head, around, *exercises = one.outcome.report
    inflated = (head, around, *[zlib.compress(zlib.decompress(each), 9) for each in exercises])
    assert inflated != one.outcome.report
    assert same(one.outcome, one.outcome._replace(report=inflated))


def test_what_many_reports_share_is_kept_once(course: Path) -> None:
    with open_ledger(course / "out" / LEDGER) as ledger:
        reports = [each.outcome.report for each in ledger.judged(1)]
    with sqlite3.connect(course / "out" / LEDGER) as connection:
        pieces = [content for (content,) in connection.execute("select content from pieces")]
    assert len(pieces) == len(set(pieces))
    assert set(pieces) == {piece for _, *rest in reports for piece in rest}


def test_pieces_that_were_forgotten_are_written_again(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.ledger.pieces._REMEMBERED", 2)
    grade_folder(course / "answers.jsonl", course / "keys", course / "few", shared=True)
    assert published(course / "few") == published(course / "out")
    with sqlite3.connect(course / "few" / LEDGER) as connection:
        (all_, distinct) = connection.execute(
            "select count(*), count(distinct content) from pieces"
        ).fetchone()
    assert all_ > distinct


def test_pieces_that_were_not_written_are_not_referred_to(course: Path) -> None:
    """A transaction that fails takes its pieces with it."""
    with open_ledger(course / "out" / LEDGER) as ledger:
        (one, *_) = ledger.judged(1)
        report = (one.outcome.report[0], b"[new]", *one.outcome.report[2:])
        outcome = one.outcome._replace(report=report)
        with pytest.raises(InputError, match="cannot be used"):
            ledger.record(1, "0", (), [(new(one.received), outcome)])  # it is there already
        ledger.record(1, "0", (), [(one.id, outcome)])
        (again, *_) = ledger.judged(1)
        assert again.outcome.report == report


@pytest.mark.parametrize("place", [0, 3, 12, -1])
def test_a_verdict_that_refers_to_another_piece(course: Path, place: int) -> None:
    """A bit that turned over is no other report."""
    with sqlite3.connect(course / "out" / LEDGER) as connection:
        ((row,),) = connection.execute("select report from verdicts where id = 7")
        turned = bytearray(row)
        turned[place] ^= 1
        connection.execute("update verdicts set report = ? where id = 7", (bytes(turned),))
    with (
        open_ledger(course / "out" / LEDGER) as ledger,
        pytest.raises(InputError, match="something in it is damaged"),
    ):
        list(ledger.graded(1))


def test_a_piece_that_is_gone(course: Path) -> None:
    with sqlite3.connect(course / "out" / LEDGER) as connection:
        connection.execute("delete from pieces where id = 2")
    with (
        open_ledger(course / "out" / LEDGER) as ledger,
        pytest.raises(InputError, match=r"is damaged \(there is no piece 2\)"),
    ):
        list(ledger.graded(1))


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
    with pytest.raises(InputError, match=r"pip install 'gradsheet\[postgres\]'"):
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
