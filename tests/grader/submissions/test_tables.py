"""Tables of submissions: wide and long, in three formats, with rows that cannot be used."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.errors import InputError
from grader.policies import due, lateness
from grader.submissions.intake import intake
from grader.submissions.received import Received, Refused
from grader.submissions.texts import read_received

WIDE = [
    {"sheet": "K7Q2-9MXA-V", "student": "ann", "q1.a": "1.50", "q1.sizes.W1": "3x4", "q2.b": ""},
    {"sheet": "A", "student": "bob", "q1.a": "", "q1.sizes.W1": "", "q2.b": '"x", y\nz'},
]
LONG = [
    {"sheet": "K7Q2-9MXA-V", "student": "ann", "entry": "q1.sizes.W1", "answer": "3x4"},
    {"sheet": "K7Q2-9MXA-V", "student": "ann", "entry": "q1.a", "answer": "1.50"},
    {"sheet": "A", "student": "bob", "entry": "q2.b", "answer": '"x", y\nz'},
    {"sheet": "A", "student": "bob", "entry": "q1.a", "answer": ""},
]
CONTENT = [
    b'{"q1":{"a":"1.50","sizes":{"W1":"3x4"}},"sheet":"K7Q2-9MXA-V","student":"ann"}',
    b'{"q2":{"b":"\\"x\\", y\\nz"},"sheet":"A","student":"bob"}',
]


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A table in the format that the path's suffix names."""
    match path.suffix:
        case ".csv":
            text = io.StringIO()
            table = csv.DictWriter(text, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
            path.write_text("\ufeff" + text.getvalue(), encoding="utf-8", newline="")
        case ".jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        case ".parquet":
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def read(path: Path, **options: Any) -> tuple[list[Received], dict[str, str]]:
    every = list(intake(path, **options))
    received = [each for each in every if isinstance(each, Received)]
    return received, {e.source: e.reason for e in every if isinstance(e, Refused)}


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("rows", [WIDE, LONG], ids=["wide", "long"])
def test_the_same_submissions_in_every_format(tmp_path: Path, suffix: str, rows) -> None:
    received, refused = read(written(tmp_path / f"t{suffix}", rows))
    assert not refused
    assert [each.content for each in received] == CONTENT
    assert [each.sender.student for each in received] == ["ann", "bob"]
    assert read_received(received[0]).answers == {"q1": {"a": "1.50", "sizes": {"W1": "3x4"}}}


def test_a_line_may_be_a_form_and_its_numbers_stay_as_typed(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(
        '{"sheet": "A", "q1": {"a": 1.50, "b": [1, 2.0], "c": null, "d": true, "e": {"W": 1e-3}}}\n'
        '{"sheet": "A", "q1.a": 12345678901234567890123.10}\n'
    )
    received, refused = read(path)
    assert not refused
    assert json.loads(received[0].content)["q1"] == {
        "a": "1.50", "b": "[1, 2.0]", "d": "true", "e": {"W": "1e-3"},
    }  # fmt: skip
    assert json.loads(received[1].content)["q1"] == {"a": "12345678901234567890123.10"}


def test_senders_times_and_attempts(tmp_path: Path) -> None:
    row = {
        "Sheet": "A", "E-mail": "x", "email": "a@x.edu", "Name": "Ann B", "LMS ID": "7",
        "participant": "3", "attempt": "2", "Submitted at": "2026-12-01T23:59", "q1.a": "1",
    }  # fmt: skip
    path = written(tmp_path / "t.csv", [row])
    (one,), refused = read(path, zone=ZoneInfo("Europe/Berlin"))
    assert refused == {
        "t.csv: column 'E-mail'": "no column of a table of answers: it is left out, in all rows"
    }
    sender = one.sender
    assert (sender.email, sender.name, sender.lms_id) == ("a@x.edu", "Ann B", "7")
    assert (sender.participant, one.attempt) == ("3", 2)
    assert one.at == datetime(2026, 12, 1, 22, 59, tzinfo=UTC)
    (one,), _ = read(written(path, [{**row, "Submitted at": "2026-12-01T23:59-05:00"}]))
    assert one.at == datetime(2026, 12, 2, 4, 59, tzinfo=UTC)


@pytest.mark.parametrize(("told", "days"), [("2026-12-01", 0), ("2026-12-02", 1)])
def test_a_day_alone_counts_from_its_beginning(tmp_path: Path, told: str, days: int) -> None:
    """In the zone of the course, so that a day is late by days as people count them."""
    zone = ZoneInfo("Europe/Berlin")
    row = {"sheet": "A", "q1.a": "1", "submitted_at": told}
    (one,), _ = read(written(tmp_path / "t.csv", [row]), zone=zone)
    assert one.at is not None
    assert lateness(one.at, due("2026-12-01", zone)) == days


def test_types_of_parquet(tmp_path: Path) -> None:
    at = datetime(2026, 12, 1, 12, tzinfo=UTC)
    row = {"sheet": "A", "attempt": 2, "submitted_at": at, "q1.a": 0.5, "q1.b": [1.5, 2.0]}
    (one,), _ = read(written(tmp_path / "t.parquet", [row]))
    assert (one.attempt, one.at) == (2, at)
    assert json.loads(one.content)["q1"] == {"a": "0.5", "b": "[1.5, 2.0]"}


def test_a_bad_row_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "sheet,attempt,submitted_at,q1.a,q1.a.b\n"
        "A,1,,x,\n"
        "B,two,,x,\n"
        "C,,tomorrow,x,\n"
        "D,,,x\n"
        "\n"
        "E,,,x,y\n"
        "F,,,x,\n"
    )
    received, refused = read(path)
    assert [json.loads(each.content)["sheet"] for each in received] == ["A", "F"]
    assert refused == {
        "t.csv:3": "attempt: a whole number is expected, not 'two'",
        "t.csv:4": "submitted_at: a time as in 2026-12-01T23:59 is expected, not 'tomorrow'",
        "t.csv:5": "4 cells under 5 columns",
        "t.csv:7": "'q1.a.b': there is an answer to 'a' as a whole already",
    }


def test_whose_a_line_of_json_is_stands_plain(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    lines = ['{"sheet": "A", "student": 7, "q1": {"a": "1"}}',
             '{"sheet": "B", "student": {"id": 7}, "q1": {"a": "1"}}',
             '{"sheet": ["C"], "q1": {"a": "1"}}']  # fmt: skip
    path.write_text("\n".join(lines))
    (one,), refused = read(path)
    assert one.sender.student == "7"
    assert refused == {
        "t.jsonl:2": "student: a text or a number is expected, not an object",
        "t.jsonl:3": "sheet: a text or a number is expected, not a list",
    }


def test_bad_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    deep = "[" * 5000 + "]" * 5000
    lines = ['{"sheet": "A", "q1.a": "1"}', "{", "[1]", '{"sheet": "B", "q1.a": ' + deep + "}",
             "", '{"sheet": "' + "x" * 2**20 + '"}', '{"sheet": "C", "q1.a": "1"}']  # fmt: skip
    path.write_text("\n".join(lines))
    received, refused = read(path)
    assert [json.loads(each.content)["sheet"] for each in received] == ["A", "C"]
    assert list(refused) == ["t.jsonl:2", "t.jsonl:3", "t.jsonl:4", "t.jsonl:6"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sheet,sheet\nA,B\n", "the column 'sheet' stands twice"),
        ("q1.a,q1.b\n1,2\n", "no column tells whose a row is"),
        ("", "no column tells whose a row is"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=problem):
        read(path)


def test_broken_quotes_and_encodings_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('sheet,q1.a\nA,1\nB,"2\nC,3\n')
    received, refused = read(path)
    assert len(received) == 1
    assert "nothing is read from here on" in refused["t.csv:4"]
    path.write_bytes("sheet,q1.a\nA,1\nB,ü\nC,3\n".encode("cp1252"))
    received, refused = read(path)
    assert [each.source for each in received] == ["t.csv:2", "t.csv:4"]
    assert refused == {"t.csv:3": "not UTF-8: save it as UTF-8"}
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 and so on")
    with pytest.raises(InputError, match="not Parquet"):
        read(path)


def test_rows_of_a_submission_that_are_apart(tmp_path: Path) -> None:
    """Graded as they come, each half would be half a submission."""
    rows = [LONG[0], LONG[2], LONG[1]]
    with pytest.raises(InputError, match=r"t\.csv:5: rows of sheet 'K7Q2-9MXA-V' also"):
        read(written(tmp_path / "t.csv", rows))


def test_a_bad_line_does_not_split_a_submission(tmp_path: Path) -> None:
    lines = [json.dumps(row) for row in LONG[:2]]
    path = tmp_path / "t.jsonl"
    path.write_text(f"{lines[0]}\n{{\n{lines[1]}\n")
    received, refused = read(path)
    assert [each.content for each in received] == CONTENT[:1]
    assert list(refused) == ["t.jsonl:2"]


def test_an_entry_that_stands_twice_or_nowhere(tmp_path: Path) -> None:
    rows = [LONG[0], LONG[0], {**LONG[2], "entry": "b"}, {**LONG[2], "sheet": "C"}]
    received, refused = read(written(tmp_path / "t.csv", rows))
    assert [json.loads(each.content)["sheet"] for each in received] == ["C"]
    assert refused == {
        "t.csv:2": "row 3: 'q1.sizes.W1' stands twice",
        "t.csv:5": "row 5: 'b' is no place of an answer, as q1.min_units is",
    }


def test_without_pyarrow(tmp_path: Path, monkeypatch) -> None:
    path = written(tmp_path / "t.parquet", WIDE)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'gradsheet\[parquet\]'"):
        read(path)


_cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=30)


@settings(max_examples=60)
@given(answers=st.lists(st.tuples(_cells, _cells), min_size=1, max_size=5))
def test_every_text_survives_every_format(tmp_path_factory, answers) -> None:
    rows = [
        {"sheet": f"s{place}", "q1.a": one, "q1.b": two} for place, (one, two) in enumerate(answers)
    ]
    folder = tmp_path_factory.mktemp("tables")
    for suffix in (".csv", ".jsonl", ".parquet"):
        received, refused = read(written(folder / f"t{suffix}", rows))
        assert not refused
        for each, row in zip(received, rows, strict=True):
            form = json.loads(each.content)
            typed = {name: row[f"q1.{name}"] for name in "ab" if row[f"q1.{name}"]}
            assert form == ({"sheet": row["sheet"]} | ({"q1": typed} if typed else {}))


def test_a_key_that_stands_twice_in_a_line_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(
        '{"sheet": "A", "q1.a": "1", "q1.a": "2"}\n'
        '{"sheet": "B", "q1": {"a": "1", "a" : "2"}}\n'
        '{"sheet": "C", "q1": {"a": [{"b": 1, "b": 2}]}}\n'
        '{"sheet": "D", "q1.a": "1", "q1": {"b": "2"}}\n'
        '{"sheet": "E", "q1": {"b": "2"}, "q1.a": "1: \\"q1\\": 2"}\n'
    )
    received, refused = read(path)
    assert [json.loads(each.content)["q1"] for each in received] == [{"a": '1: "q1": 2', "b": "2"}]
    assert refused == {
        "t.jsonl:1": "the key 'q1.a' stands twice",
        "t.jsonl:2": "the key 'a' stands twice",
        "t.jsonl:3": "the key 'b' stands twice",
        "t.jsonl:4": "'q1': there are answers to it already",
    }


def test_rows_are_submissions_or_answers(tmp_path: Path) -> None:
    """Read as the other, a row would lose its answers without a word."""
    wide, long = WIDE[0], LONG[2]
    received, refused = read(written(tmp_path / "w.jsonl", [wide, long]))
    assert len(received) == 1
    assert "this row is an answer" in refused["w.jsonl:2"]
    received, refused = read(written(tmp_path / "l.jsonl", [long, wide]))
    assert len(received) == 1
    assert "is an answer beside `entry` and `answer`" in refused["l.jsonl:2"]


def test_unknown_columns_of_long_tables_are_told(tmp_path: Path) -> None:
    received, refused = read(written(tmp_path / "t.csv", [{**row, "mark": "7"} for row in LONG]))
    assert [each.content for each in received] == CONTENT
    assert list(refused) == ["t.csv: column 'mark'"]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("sheet,q1_a", "no column holds answers"),
        ("sheet,entry,response", "a column 'entry', but not both"),
        ("sheet,entry,answer,q1.a", "a submission or an answer, not both"),
    ],
)
def test_a_table_without_answers_grades_nobody_as_blank(
    tmp_path: Path, header: str, problem: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{header}\n{','.join('x' * (header.count(',') + 1))}\n")
    with pytest.raises(InputError, match=problem):
        read(path)


@pytest.mark.parametrize("suffix", [".csv", ".txt", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("stated", ["", "sep=\t\r\n"])
def test_as_excel_writes_tables(tmp_path: Path, suffix: str, encoding: str, stated: str) -> None:
    """With the places of rows in the file; "Unicode text" is UTF-16 with tabs, and ends in .txt."""
    path = tmp_path / f"t{suffix}"
    text = f'{stated}sheet\tq1.a\tq1.b\r\nA\t0,5\t"(1, 2)"\r\nB\t½\r\n'
    path.write_bytes(text.encode(encoding))
    (one,), refused = read(path)
    assert json.loads(one.content) == {"sheet": "A", "q1": {"a": "0,5", "b": "(1, 2)"}}
    line = 3 + bool(stated)
    assert refused == {f"t{suffix}:{line}": "2 cells under 3 columns"}


def test_damaged_utf_16_costs_one_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("sheet,q1.a\nA,1\nB,2".encode("utf-16")[:-1])
    (one,), refused = read(path)
    assert (one.source, refused) == ("t.csv:2", {"t.csv:3": "UTF-16 that is damaged or cut off"})


def test_a_header_behind_a_stated_delimiter_is_told_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("sep=;\nq1.a;q1.b\n1;2\n")
    with pytest.raises(InputError, match=r"t\.csv:2: no column tells whose a row is"):
        read(path)


@pytest.mark.parametrize("time", ["1780012800000", "1796083200", "178001280012", 20261201])
def test_seconds_since_1970_are_no_date(tmp_path: Path, time: object) -> None:
    """As ISO 8601, the first of them is a day in 1780."""
    row = {"sheet": "A", "submitted_at": time, "q1.a": "1"}
    received, refused = read(written(tmp_path / "t.jsonl", [row]))
    assert not received
    assert "a time as in 2026-12-01T23:59 is expected" in refused["t.jsonl:1"]


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "9999-12-31", "1780-01-28T12:00"]
)
def test_times_that_no_course_has_are_refused(tmp_path: Path, time: str) -> None:
    """Those at the ends of Python's calendar cannot be held against others, and ended the run."""
    row = {"sheet": "A", "submitted_at": time, "q1.a": "1"}
    received, refused = read(written(tmp_path / "t.jsonl", [row]))
    assert not received
    assert "a time as in 2026-12-01T23:59 is expected" in refused["t.jsonl:1"]


def parquet(path: Path, **columns: Any) -> Path:
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def test_more_types_of_parquet(tmp_path: Path) -> None:
    """As pandas and Spark write them: what is missing is NaN, and makes whole numbers floats."""
    path = parquet(
        tmp_path / "t.parquet",
        **{
            "sheet": pyarrow.array([b"A", b"B"], pyarrow.binary()),
            "student": pyarrow.array([4711.0, float("nan")]),
            "attempt": pyarrow.array([2.0, float("nan")]),
            "submitted_at": pyarrow.array([1796083200123456789, None], pyarrow.timestamp("ns")),
            "q1.a": pyarrow.array([0.1, float("nan")], pyarrow.float32()),
            "q1.b": pyarrow.array([Decimal("1.50"), None]),
            "q1.c": pyarrow.array([b"3x4", None], pyarrow.binary()),
        },
    )
    (one, two), refused = read(path)
    assert not refused
    assert (one.sender.student, one.attempt) == ("4711", 2)
    assert one.at == datetime(2026, 12, 1, 0, 0, 0, 123456, tzinfo=UTC)
    assert json.loads(one.content)["q1"] == {"a": "0.1", "b": "1.50", "c": "3x4"}
    assert json.loads(two.content) == {"sheet": "B"}


def test_types_of_parquet_that_are_no_answers(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "t.parquet",
        **{
            "sheet": ["A", "B", "C"],
            "q1.a": pyarrow.array([date(2026, 1, 2), None, None]),
            "q1.b": pyarrow.array([None, b"\xff", None], pyarrow.binary()),
        },
    )
    received, refused = read(path)
    assert [json.loads(each.content) for each in received] == [{"sheet": "C"}]
    assert refused == {
        "t.parquet:1": "'q1.a' holds a date or a time: make it a column of text",
        "t.parquet:2": "'q1.b' holds bytes that are not UTF-8",
    }


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"sheet": [{"id": 1}], "q1.a": ["1"]}, "sheet: a text or a number is expected"),
        ({"sheet": ["A"], "q1_a": ["1"]}, "no column holds answers"),
        (
            {
                "sheet": ["A"],
                "q1.a": ["1"],
                "submitted_at": pyarrow.array([2**50], pyarrow.timestamp("ms")),
            },
            "beyond the year 9999",
        ),
    ],
)
def test_parquet_that_cannot_be_used(tmp_path: Path, columns, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read(parquet(tmp_path / "t.parquet", **columns))
