from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from generator.assignment import Assignment, Entry, Student
from generator.building import KINDS, build
from generator.model.errors import AuthoringError, GradsheetError, InputError, TypesettingError
from generator.rendering import overriding
from generator.rendering.documents import worksheet
from generator.rendering.environment import render, templates_from
from generator.rendering.typesetting import find_engine, typeset
from generator.sheets import Sheet

MACROS = "sheets/macros.tex.j2"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "mine"


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_list_has_sheets_and_exercises_and_nothing_for_authors() -> None:
    names = overriding.names()
    assert {MACROS, "sheets/worksheet.tex.j2"} <= set(names)
    assert "exercises/outputs/softmax_invariance.tex.j2" in names
    assert not any(name.startswith("new/") for name in names)


def test_a_copy_of_all_passes_the_checks_and_changes_nothing(mine: Path, sheet_for) -> None:
    assert len(overriding.copy(mine)) == len(overriding.names())
    overriding.check(mine)
    before = worksheet(sheet_for())
    with templates_from(mine):
        assert worksheet(sheet_for()) == before


def test_a_copy_overwrites_nothing_and_then_copies_nothing(mine: Path) -> None:
    put(mine, MACROS, "mine")
    with pytest.raises(InputError, match=r"macros.tex.j2: is there already"):
        overriding.copy(mine)
    assert [path.name for path in mine.rglob("*.j2")] == ["macros.tex.j2"]
    assert (mine / MACROS).read_text() == "mine"


def test_copying_names_a_template_near_the_one_that_is_not_there(mine: Path) -> None:
    with pytest.raises(InputError, match=r"did you mean sheets/macros.tex.j2"):
        overriding.copy(mine, ["sheets/macro.tex.j2"])
    assert not mine.exists()


def test_own_templates_hold_inside_and_only_there(mine: Path) -> None:
    put(mine, "sheets/solutions.tex.j2", "mine << x >>")
    with templates_from(mine):
        assert render("sheets/solutions.tex.j2", {"x": 1}) == "mine 1"
    with pytest.raises(AuthoringError, match="undefined"):
        render("sheets/solutions.tex.j2", {"x": 1})


def test_a_block_of_ours_can_be_replaced_alone(mine: Path, sheet_for: Callable[..., Sheet]) -> None:
    name = "exercises/rendering/every_kind.tex.j2"
    put(mine, name, f'<% extends "ours/{name}" %><% block statement %>Other words.<% endblock %>')
    before = worksheet(sheet_for())
    with templates_from(mine):
        after = worksheet(sheet_for())
    changed = set(after.split("\n")) - set(before.split("\n"))
    changed = {line for line in changed if not line.startswith(r"\def\gs")}  # of its fractions
    assert changed == {"Other words."}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("sheets/worksheets.tex.j2", "x", "overrides no template; did you mean sheets/worksheet"),
        ("macros.tex.j2", "x", "overrides no template; did you mean sheets/macros.tex.j2"),
        ("sheets/worksheet.tex", "x", "overrides no template"),
        (MACROS, "one\n<% if %>", "macros.tex.j2, line 2: Expected an expression"),
        (MACROS, "one\n<< x | strange >>", "macros.tex.j2, line 2: No filter named 'strange'"),
        (MACROS, "<% block a %>", "line 1: Unexpected end of template"),
        ("readme.md", "x", "has no templates"),
    ],
)
def test_what_is_refused_before_any_sheet(mine: Path, name: str, text: str, said: str) -> None:
    put(mine, name, text)
    with pytest.raises(GradsheetError) as raised:
        overriding.check(mine)
    assert said in str(raised.value)
    assert str(mine) in str(raised.value)


def test_bytes_that_are_no_text_are_refused_with_their_line(mine: Path) -> None:
    put(mine, MACROS, "")
    (mine / MACROS).write_bytes(b"one\n\xff\n")
    with pytest.raises(InputError, match=r"macros.tex.j2: line 2: not UTF-8"):
        overriding.check(mine)


def test_a_folder_that_is_not_there(mine: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        overriding.check(mine)


def test_own_files_that_own_templates_take_in_are_no_typos(mine: Path) -> None:
    put(mine, "sheets/worksheet.tex.j2", '<% include "house/header.tex.j2" %>')
    put(mine, "house/header.tex.j2", "x")
    put(mine, ".git/config.tex", "x")
    overriding.check(mine)


@pytest.mark.parametrize("block", ["statement", "prompt_number"])
def test_an_error_of_latex_names_the_file_that_the_exercise_comes_from(
    mine: Path, sheet_for: Callable[..., Sheet], block: str
) -> None:
    name = "exercises/rendering/every_kind.tex.j2"
    put(mine, name, f'<% extends "ours/{name}" %><% block {block} %>\\nonsense<% endblock %>')
    place = "exercise every_kind" + (", part number" if block != "statement" else "")
    with templates_from(mine), pytest.raises(TypesettingError) as raised:
        typeset(worksheet(sheet_for()), "s1", find_engine())
    assert str(raised.value).startswith(f"s1, {place}: Undefined control sequence \\nonsense.\n")
    assert str(raised.value).endswith(f"\nThe text of this exercise comes from {mine / name}")


def test_an_error_of_latex_names_no_file_of_other_exercises_and_none_of_ours(
    mine: Path, sheet_for: Callable[..., Sheet]
) -> None:
    put(mine, "exercises/outputs/softmax_invariance.tex.j2", "")
    broken = worksheet(sheet_for()).replace("\\parthead{a}", "\\nonsense\\parthead{a}", 1)
    with templates_from(mine), pytest.raises(TypesettingError) as raised:
        typeset(broken, "s1", find_engine())
    assert "exercise every_kind" in str(raised.value)
    assert "comes from" not in str(raised.value)


ASSIGNMENT = Assignment("hw", "Homework", (Entry("deep_linear_collapse", {}),), practice=True)
CLASS = [Student(f"s{n}", f"Student {n}") for n in range(9)]


def test_own_templates_hold_in_every_process(mine: Path, tmp_path: Path) -> None:
    put(mine, "sheets/worksheet.tex.j2", (
        r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{lmodern}\pagestyle{empty}\begin{document}"
        "\n<< sheet.student >>\n\\end{document}"
    ))  # fmt: skip
    put(mine, "sheets/solutions.tex.j2", '<% include "sheets/worksheet.tex.j2" %>')
    built = build(
        ASSIGNMENT, CLASS, b"", tmp_path, engine=find_engine(), jobs=2, templates=mine
    )  # fmt: skip
    assert [each.error for each in built] == [""] * len(CLASS)
    for student in CLASS:
        (page,) = PdfReader(tmp_path / f"hw/sheets/{student.id}.pdf").pages
        assert page.extract_text().split() == student.name.split()
    # and they are part of what a PDF is made from
    before = {kind: (tmp_path / "hw" / kind / "s3.pdf").read_bytes() for kind in KINDS}
    build(ASSIGNMENT, CLASS, b"", tmp_path, engine=find_engine())
    for kind in KINDS:
        assert (tmp_path / "hw" / kind / "s3.pdf").read_bytes() != before[kind]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<< nonsense >>", r"worksheet.tex.j2, line 1: 'nonsense' is undefined"),
        (
            r"\documentclass{article}\begin{document}\nonsense x\end{document}",
            "Undefined control sequence",
        ),
    ],
)
def test_a_wrong_template_stops_a_build_before_it_writes(
    mine: Path, tmp_path: Path, text: str, said: str
) -> None:
    put(mine, "sheets/worksheet.tex.j2", text)
    with pytest.raises(GradsheetError, match=said):
        build(ASSIGNMENT, CLASS, b"", tmp_path / "out", engine=find_engine(), templates=mine)
    assert not (tmp_path / "out").exists()
