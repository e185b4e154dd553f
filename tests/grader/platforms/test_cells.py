"""CSV files whose other bytes stay as they are."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.errors import InputError
from grader.platforms.cells import decimal, number, parse, scaled

_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@st.composite
def tables(draw) -> tuple[list[list[str]], bytes]:
    """Rows of any texts, and a file of them in one of the ways that programs write CSV."""
    width = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(_texts, min_size=width, max_size=width), min_size=1, max_size=5))
    text = io.StringIO()
    end = draw(st.sampled_from(["\n", "\r\n"]))
    # Python 3.11 forgets to quote a lone \\r.
    bare = any("\r" in cell for row in rows for cell in row)
    every = bare or draw(st.booleans())
    csv.writer(
        text, lineterminator=end, quoting=csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    ).writerows(rows)
    whole = draw(st.sampled_from(["", "\ufeff"])) + text.getvalue()
    return rows, whole[: len(whole) - draw(st.booleans()) * len(end)].encode()


@given(tables())
def test_what_is_not_changed_stays(drawn) -> None:
    rows, data = drawn
    table = parse(data, "t.csv")
    assert table.changed({}) == data
    if not rows[0][0].startswith("\ufeff"):
        assert [[table.value(r, c) for c in range(len(row))] for r, row in enumerate(rows)] == rows


@given(tables(), _texts, st.data())
def test_only_the_cell_changes(drawn, text: str, data) -> None:
    rows, before = drawn
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[0]) - 1))
    table = parse(before, "t.csv")
    after = parse(table.changed({(row, column): text}), "t.csv")
    assert after.value(row, column) == text
    for r, cells in enumerate(table.rows):
        for c, raw in enumerate(cells):
            assert (r, c) == (row, column) or after.rows[r][c] == raw
    assert (after.ends, after.written) == (table.ends, table.written)


def test_a_column_is_added_where_rows_are_told() -> None:
    table = parse(b"a,b\r\n1,2\r\n\r\n3,4", "t.csv")
    assert table.changed({(0, 2): "c", (1, 2): "x,y", (3, 2): ""}) == (
        b'a,b,c\r\n1,2,"x,y"\r\n\r\n3,4,'
    )


def test_quotes_behind_backslashes_as_php_writes_them() -> None:
    data = b'a,b\n"1\\"x,y",2\n'
    table = parse(data, "t.csv")
    assert table.changed({(1, 1): "3"}) == b'a,b\n"1\\"x,y",3\n'


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("stated", ["", "sep={}\r\n", '"sep={}"\r\n'])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_as_excel_writes_tables(delimiter: str, stated: str, encoding: str) -> None:
    """Read, and written as they came."""
    head = stated.format(delimiter)
    row = delimiter.join
    before = f"{head}{row(['Name', 'Grade'])}\r\n{row(['Çelik', ''])}\r\n".encode(encoding)
    table = parse(before, "t.csv")
    assert [table.value(1, column) for column in range(2)] == ["Çelik", ""]
    after = f"{head}{row(['Name', 'Grade'])}\r\n{row(['Çelik', '7'])}\r\n".encode(encoding)
    assert table.changed({}) == before
    assert table.changed({(1, 1): "7"}) == after


def test_a_delimiter_in_a_quoted_header_parts_nothing() -> None:
    table = parse(b'"Week 1, 2, 3";Name\n1;Ann\n', "t.csv")
    assert table.value(0, 0) == "Week 1, 2, 3"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("a,ü\n".encode("cp1252"), "line 1: this is not UTF-8: use the file as it was downloaded"),
        ("a,b\n1,2\n".encode("utf-16")[:-1], "line 2: this begins as UTF-16 and is damaged or cut"),
        (b"PK\3\4", "this is a workbook"),
        (b"a,b\n1\n", "different numbers of cells"),
        (b'a,b\n1,"2\n', "different numbers of cells"),
    ],
)
def test_what_is_no_table(data: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        parse(data, "t.csv")


def test_numbers() -> None:
    assert [number(text) for text in ("100.00", "12,5", " 7 ", "", "-", "1,234,5", "x")] == [
        100, Fraction(25, 2), 7, None, None, None, None,
    ]  # fmt: skip
    assert [decimal(Fraction(value)) for value in ("1/3", "2", "0.005", "19.995")] == [
        "0.33", "2.00", "0.01", "20.00",
    ]  # fmt: skip
    assert decimal(Fraction(5, 2), comma=True) == "2,50"
    assert scaled("15", "20", Fraction(100)) == 75
    assert scaled("0", "0", Fraction(100)) == 0
