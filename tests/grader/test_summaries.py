"""The grades and the summary of a small class, checked against numbers worked out by hand."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction

import pytest

from grader import summaries
from grader.grading import MarkedExercise, Report
from grader.marking import Outcome, Verdict


def verdict(part: str, outcome: Outcome, credit: str, mistake: str | None = None) -> Verdict:
    advice = f"Mind {mistake}." if mistake else ""
    return Verdict(
        part, outcome, Fraction(credit), Fraction(2), "why", mistake=mistake, advice=advice
    )


def report(student: str, *verdicts: Verdict) -> Report:
    exercise = MarkedExercise("q1", "topic", "Title", verdicts)
    return Report("ID", "week3", "Week 3", student, f"Name {student}", (exercise,), (), {})


CLASS = [
    report("s1", verdict("a", "CORRECT", "1"), verdict("b", "INCORRECT", "0", "slip")),
    report("s2", verdict("a", "PARTIAL", "1/2", "slip"), verdict("b", "UNREADABLE", "0")),
    report("s3", verdict("a", "BLANK", "0"), verdict("b", "INCORRECT", "0", "slip")),
    report("s4", verdict("a", "CORRECT", "1"), verdict("b", "UNDECIDED", "0")),
]


def test_exercises_that_are_one_object_count_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait to be counted, and in whatever order they come."""
    known = summaries.summarise([*CLASS, *CLASS, CLASS[1]])
    monkeypatch.setattr(summaries, "_MET", 1)
    assert summaries.summarise([*CLASS, *CLASS, CLASS[1]]) == known
    assert [part.asked for part in known.parts] == [9, 9]
    assert [(m.part, m.count) for m in known.mistakes] == [("b", 4), ("a", 3)]


def test_the_numbers_of_the_class() -> None:
    summary = summaries.summarise(CLASS)
    assert summary.graded == 4
    assert summary.mean == Fraction(5, 16)  # of 1/2, 1/4, 0, 1/2
    assert summary.median == Fraction(3, 8)
    assert summary.needs_human == 2
    first, second = summary.parts
    assert first.facility == Fraction(5, 8)
    assert second.facility == 0
    assert [first.waiting, second.waiting] == [0, 2]
    assert [first.blank, second.unreadable, second.undecided] == [1, 1, 1]
    assert [(m.part, m.mistake, m.count) for m in summary.mistakes] == [
        ("b", "slip", 2),
        ("a", "slip", 1),
    ]


def test_the_text_names_the_commonest_mistake_with_its_advice() -> None:
    text = summaries.text(summaries.summarise(CLASS))
    assert "Mean 31.3%, median 37.5%" in text
    assert "2 x  slip in q1.b: Mind slip." in text
    assert "Not final: 2 answers" in text
    assert "left out of the mean credits" in text


def test_a_part_that_only_waits_for_a_person_has_no_facility() -> None:
    summary = summaries.summarise([report("s1", verdict("a", "UNREADABLE", "0"))])
    assert summary.parts[0].facility is None
    assert summaries.tree(summary)["parts"][0]["facility"] is None
    assert summaries.text(summary)


def test_a_class_without_submissions() -> None:
    summary = summaries.summarise([])
    assert (summary.mean, summary.median) == (None, None)
    assert "0 submissions" in summaries.text(summary)
    assert json.dumps(summaries.tree(summary))


def test_grades_are_a_table_that_reads_back() -> None:
    table = [summaries.grades_header(["q1"]), summaries.grades_row(CLASS[1], "f,1.yaml", ("q1",))]
    rows = list(csv.DictReader(io.StringIO(summaries.csv_text(table))))
    assert rows == [
        {
            "student": "s2",
            "name": "Name s2",
            "sheet": "ID",
            "earned": "1",
            "points": "4",
            "percent": "25.0",
            "q1": "1",
            "needs_human": "1",
            "notes": "0",
            "form": "f,1.yaml",
        }
    ]


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@x", "\tx", " =1", "\r=1", "\n=1", "\u00a0=1", "\ufeff=1", "＝1", "＋1"],
)
def test_cells_that_a_spreadsheet_would_run_are_made_harmless(cell: str) -> None:
    assert summaries.harmless(cell, inside=False) == f"'{cell}"
    assert summaries.harmless(cell).lstrip("\n").startswith("'")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("Ann;=1+1", "Ann;'=1+1"),
        ("Ann;;-1;@x", "Ann;;'-1;'@x"),
        ("Ann\n=1+1", "Ann\n'=1+1"),
        ("Ann\r\n＝1", "Ann\r\n'＝1"),
        ("Ann\t+1", "Ann\t'+1"),
    ],
)
def test_nor_where_another_delimiter_would_begin_a_cell(cell: str, shown: str) -> None:
    assert summaries.harmless(cell) == shown
    assert summaries.harmless(cell, inside=False) == cell
    for delimiter in ";\t,":
        text = summaries.csv_text([("s1", summaries.harmless(cell), "1")])
        for row in text.splitlines():
            for found in row.split(delimiter):
                assert not found.strip('"').startswith(("=", "+", "-", "@", "＝")), row


def test_characters_that_steer_are_shown_as_such() -> None:
    assert summaries.harmless("A\x1b[31m\0\u202eb\nc\td") == "A\ufffd[31m\ufffd\ufffdb\nc\td"


@pytest.mark.parametrize(
    "cell", ["", "Ann", "O'Neill", "4711", "a=b", "[1 2; -3 4]", "q1 (1 of 2)\n  (a) x: right"]
)
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert summaries.harmless(cell) == cell


@pytest.mark.parametrize("before", ["", "a", "1 ", "x:"])
def test_no_character_of_a_plain_cell_is_one_that_is_made_harmless(before: str) -> None:
    plain = [c for c in map(chr, range(0x11000)) if summaries._PLAIN.fullmatch(f"{before}{c}")]
    assert {"b", "7", "\u00e9"} <= set(plain)
    assert not {"\t", "\n", ";", "=", "\u202e", "\uff1d"} & set(plain)
    for pattern in (summaries._STEERING, summaries._BEGINS_INSIDE):
        assert not pattern.search(before + "".join(plain))
    assert not any(summaries._BEGINS.match(before + c) for c in plain)
