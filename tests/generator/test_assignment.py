"""Assignment and roster files: what is read, and what is refused with which words."""

from __future__ import annotations

import codecs
import csv
from fractions import Fraction
from pathlib import Path

import pytest

from generator import catalog
from generator.assignment import Student, checked_options, read_assignment, read_roster
from generator.model.errors import InputError

GOOD = """
title = "Homework 1"
course = "NN"
due = 2026-12-01
[[exercise]]
name = "two_branch_backprop"
points = 7.5
units = 4
inputs = 3
[[exercise]]
name = "backpropagation/two_branch_backprop"
count = 2
"""


def assignment(folder: Path, text: str, name: str = "hw1.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_assignment(path)


def test_a_whole_assignment(tmp_path: Path) -> None:
    read = assignment(tmp_path, GOOD)
    assert (read.name, read.title, read.course, read.due) == (
        "hw1",
        "Homework 1",
        "NN",
        "2026-12-01",
    )
    assert [entry.points for entry in read.entries] == [Fraction(15, 2), None]
    assert read.entries[0].options == {"units": 4, "inputs": 3}
    assert read.entries[1].exercise == "two_branch_backprop"
    assert read.entries[1].count == 2
    assert (read.paper, read.language) == ("a4", "en")


def test_paper_and_language(tmp_path: Path) -> None:
    assert assignment(tmp_path, "paper = 'letter'" + GOOD).paper == "letter"
    assert assignment(tmp_path, "language = 'de'" + GOOD).language == "de"


@pytest.mark.parametrize(("room", "read"), [("0", 0), ("0.0", 0), ("0.5", "1/2"), ("4", 4)])
def test_room_to_work(tmp_path: Path, room: str, read: int | str) -> None:
    assert assignment(tmp_path, f"room = {room}" + GOOD).room == Fraction(read)
    assert assignment(tmp_path, GOOD).room == 1


EXERCISE = 'title = "T"\n[[exercise]]\nname = "two_branch_backprop"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title = ", "not TOML"),
        ("title = nan\n" + EXERCISE[12:], "title: a text is expected, not nan"),
        (f"title = {'[' * 5000}", "not TOML: brackets within brackets"),
        ("", "exercise: at least one"),
        ('title = "T"', "exercise: at least one"),
        ("[[exercise]]\nname = 'two_branch_backprop'", "title: missing"),
        ("titel = 'T'\n" + EXERCISE, "titel: unknown key; did you mean title?"),
        (
            "title = 3\n[[exercise]]\nname = 'two_branch_backprop'",
            "title: a text is expected, not 3",
        ),
        ("name = '../x'\n" + EXERCISE, "name: '../x' is to be a folder"),
        ("due = '2026-02-30'\n" + EXERCISE, "due: there is no day 2026-02-30"),
        ("due = '2026-13-01 17:00'\n" + EXERCISE, "due: there is no day 2026-13-01"),
        ("practice = 'yes'\n" + EXERCISE, "practice: true or false is expected"),
        ("paper = 'A3'\n" + EXERCISE, "paper: 'A3' is none of a4, letter"),
        ("paper = 4\n" + EXERCISE, "paper: a text is expected, not 4"),
        ("language = 'pt'\n" + EXERCISE, "language: 'pt' is none of en, it, de, fr, es"),
        ("title = 'T'\nexercise = 'x'", "exercise: at least one"),
        ("title = 'T'\nexercise = ['x']", "exercise 1: a table is expected"),
        ("title = 'T'\n[[exercise]]\npoints = 3", "exercise 1, name: missing"),
        (
            "title = 'T'\n[[exercise]]\nname = 'two_branch_backpro'",
            "exercise 1, name: there is no exercise 'two_branch_backpro'; did you mean "
            "two_branch_backprop?",
        ),
        (EXERCISE + "zzz = 3", "unknown option 'zzz'. It takes units, "),
        (
            EXERCISE + "unit = 3",
            r"exercise 1 (two_branch_backprop): unknown option 'unit'; did you",
        ),
        (EXERCISE + "units = '3'", "units = '3': a whole number is expected"),
        (EXERCISE + "units = true", "units = true: a whole number is expected"),
        (EXERCISE + "units = 2.5", "units = 2.5: a whole number is expected"),
        (EXERCISE + "units = 99", "units is a whole number from 2 to 6, inputs another"),
        (EXERCISE + "units = 99", "(found units = 99)"),
        (EXERCISE + "points = 0", "points: a number above 0 and up to 10000 is expected, not 0"),
        (
            EXERCISE + "points = nan",
            "points: a number above 0 and up to 10000 is expected, not nan",
        ),
        (
            EXERCISE + "points = 1e999999999",
            "points: a number above 0 and up to 10000 is expected, not inf",
        ),
        (
            EXERCISE + "points = 1e99",
            "points: a number above 0 and up to 10000 is expected, not 1e+99",
        ),
        ("room = -1\n" + EXERCISE, "room: a number from 0 to 4 is expected, not -1"),
        ("room = 4.5\n" + EXERCISE, "room: a number from 0 to 4 is expected, not 4.5"),
        ("room = inf\n" + EXERCISE, "room: a number from 0 to 4 is expected, not inf"),
        ("room = true\n" + EXERCISE, "room: a number from 0 to 4 is expected, not true"),
        (EXERCISE + "count = 0", "count: a whole number from 1 to 50 is expected, not 0"),
        (EXERCISE + "count = 1.5", "from 1 to 50 is expected, not 1.5"),
        ('title = "' + "x" * 2000 + '"\n' + EXERCISE[12:], "title: 2000 characters"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        assignment(tmp_path, text)
    assert words in str(error.value)
    assert "hw1.toml" in str(error.value)


def test_a_missing_a_binary_and_a_huge_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_assignment(tmp_path / "none.toml")
    (tmp_path / "b.toml").write_bytes(b"title = 'x'\n\xff\xfe")
    with pytest.raises(InputError, match="line 2: this is not UTF-8"):
        read_assignment(tmp_path / "b.toml")
    (tmp_path / "c.toml").write_bytes(b"#" * 6_000_000)
    with pytest.raises(InputError, match="6000000 bytes"):
        read_assignment(tmp_path / "c.toml")


def roster(folder: Path, content: str | bytes):
    path = folder / "roster.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_roster(path)


@pytest.mark.parametrize(
    "text",
    [
        "id,name\ns1,Ann\ns2,Bob\n",
        "\ufeffid,name\r\ns1,Ann\r\ns2,Bob\r\n",
        "Name;ID;Group\nAnn;s1;A\nBob;s2;B\n",
        '"Name, first";Name;ID\n;Ann;s1\n;Bob;s2\n',
        "sep=;\r\nid;name\r\ns1;Ann\r\ns2;Bob\r\n",
        "\ufeffsep=\t\nid\tname\ns1\tAnn\ns2\tBob\n",
        '"sep=|"\nid|name\ns1|Ann\ns2|Bob\n',
        "id\tname\r\ns1\tAnn\r\ns2\tBob\r\n".encode("utf-16"),
        codecs.BOM_UTF16_BE + "id;name\ns1;Ann\ns2;Bob\n".encode("utf-16-be"),
        "email\tname\tid\na@x\tAnn\ts1\n\t\t\n\tBob\ts2\n",
        'id,name\n"s1", Ann \ns2,Bob\n',
        "id,name\ns1,\u200bAnn\u00ad\ns2,Bob,,\n",
    ],
)
def test_rosters_in_many_spellings(tmp_path: Path, text: str | bytes) -> None:
    assert [(s.id, s.name) for s in roster(tmp_path, text)] == [("s1", "Ann"), ("s2", "Bob")]


def test_a_name_for_the_paper(tmp_path: Path) -> None:
    ann, wei = roster(tmp_path, "id,name,print_name\ns1,Ann,\ns2,张伟,Zhang Wei\n")
    assert (ann.name, ann.shown_name) == ("Ann", "Ann")
    assert (wei.name, wei.shown_name) == ("张伟", "Zhang Wei")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("id,email\ns1,x\n", "line 1: no column 'name'; the columns found are: email, id"),
        ("id,name\n", "no students below"),
        ("id,name\ns1,Ann\ns1,Bob\n", "line 3: the id 's1' is used already in line 2"),
        (
            "id,name\ns1,Ann\nS1,Bob\n",
            "line 3: the id 'S1' and 's1' in line 2 would name the same files",
        ),
        (
            "id,name\na/b,Ann\na_b,Bob\n",
            "line 3: the id 'a_b' and 'a/b' in line 2 would name the same files",
        ),
        ("id,name\ns1,Ann\ns1\u200b,Bob\n", "line 3: the id 's1' is used already in line 2"),
        ("id,name,ID\ns1,Ann,s2\n", "line 1: the column 'id' stands twice"),
        ("id,name\ns1,Doe, Ann\n", "line 2: 3 cells under 2 columns; put a name that has a comma"),
        ('id,name\ns1,"Ann\n', "line 2: not CSV: unexpected end of data"),
        ('id,name\n\ns0,"A\nB"\ns1,"Ann\ns2,"Bo"\n', "line 5: not CSV: ',' expected after"),
        ('"id,name\ns1,Ann\n', "line 1: not CSV"),
        ("id,name\n,Ann\n", "line 2: the id is empty"),
        ("id,name\ns1,\n", "line 2: the name is empty"),
        ("id,name\ns1,A\x07nn\n", "line 2: the name has a control character"),
        ('id,name\ns1,"A\nnn"\n', "the name has a control character"),
        ("id,name\ns1," + "x" * 1001 + "\n", "line 2: the name has over 1000 characters"),
        ("id,name\ns1," + "x" * 200_000 + "\n", "line 2: not CSV"),
        (
            "id,name\ns1,Jos\xe9\n".encode("latin-1"),
            "line 2: this is not UTF-8; save it as CSV in UTF-8",
        ),
        ("id,name\ns1,A\n".encode("utf-16")[:-1], "line 2: this begins as UTF-16"),
        (b"PK\3\4workbook", "this is a workbook"),
        ("sep=;\nid;email\ns1;Ann\n", "line 2: no column 'name'"),
        ("sep=;\nid;name\n;Ann\n", "line 3: the id is empty"),
    ],
)
def test_rosters_that_are_refused(tmp_path: Path, text: str | bytes, words: str) -> None:
    csv.field_size_limit(2**17)  # what a fresh process has: readers of answers raise it
    with pytest.raises(InputError) as error:
        roster(tmp_path, text)
    assert words in str(error.value)


def test_file_names_are_as_long_as_systems_take() -> None:
    """255 bytes with what is added, not characters."""
    assert Student("ệ" * 100, "A").file_name == "ệ" * 73
    assert Student("é" * 101, "A").file_name == "é" * 100


def test_file_names_are_safe(tmp_path: Path) -> None:
    names = {
        s.file_name
        for s in roster(tmp_path, "id,name\n../../x,A\n.hid,B\nä b,C\n" + "y" * 300 + ",D\n")
    }
    assert names == {"_.._x", "hid", "ä_b", "y" * 100}


def test_a_level_sets_options_and_others_beside_it_go_before() -> None:
    kind = catalog.find("two_branch_backprop")
    assert checked_options(kind, {"level": 1}) == {"units": 2, "inputs": 3}
    assert checked_options(kind, {"level": 2}) == {}
    assert checked_options(kind, {"level": 1, "inputs": 5}) == {"units": 2, "inputs": 5}
    for wrong in (0, 4, "2", True):
        with pytest.raises(ValueError, match=r"level = .*: 1 \(gentle\), 2 \(exam\) or 3 \(hard\)"):
            checked_options(kind, {"level": wrong})
