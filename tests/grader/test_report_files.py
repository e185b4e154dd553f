"""The names of report files: safe, of one student each, and those of the roster where they can."""

from __future__ import annotations

import pytest

from grader.keyring import Entry
from grader.report_files import _file_names
from grader.submissions.archives import unsafe

HOSTILE = (
    "../../x", "a/b", "..", ".", "", "-rf", "--help", "con", "NUL", "com1", "x" * 5000, "a\nb",
    "\x1b[31mred", "\u202eevil", "a\0b", "*", "$(id)", "|id", "<b>", ".hidden", "a:b", "aux.html",
)  # fmt: skip


def names(*students: str) -> list[str]:
    entries = [Entry(f"SHEET-{place}", each, "", "", "") for place, each in enumerate(students)]
    return list(_file_names(entries).values())


def test_usual_names_stay() -> None:
    usual = ("ab101", "anna.berg@x.edu", "é", "s_1+2", "4711")
    assert names(*usual) == list(usual)


@pytest.mark.parametrize("student", HOSTILE)
def test_a_name_is_never_a_path_an_option_or_a_device(student: str) -> None:
    (name,) = names(student)
    assert not unsafe(f"{name}.txt")
    assert not name.startswith(("-", "."))
    assert "/" not in name
    assert name.isprintable()
    assert len(name) < 120


def test_no_two_students_have_one_file() -> None:
    found = names("a", "A", "a_b", "a/b", "a?b", "", ".", "-", "con", "CON", *HOSTILE)
    assert len({name.casefold() for name in found}) == len(found)
