"""Own templates from the command line: `templates`, and `--templates` of build and preview."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.cli import cli
from tests.generator.test_cli import HOMEWORK, run

SLOPE = "exercises/linearity/deep_linear_collapse.tex.j2"


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments])


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "mine"


def test_they_are_listed() -> None:
    lines = invoke("templates").output.splitlines()
    assert "sheets/worksheet.tex.j2" in lines
    assert SLOPE in lines


def test_they_are_copied_all_or_one(mine: Path, tmp_path: Path) -> None:
    shown = invoke("templates", "--copy", mine, "sheets/macros.tex.j2")
    assert (shown.exit_code, shown.output) == (0, f"Written: {mine}/sheets/macros.tex.j2\n")
    assert len(list(mine.rglob("*.j2"))) == 1
    assert invoke("templates", "--copy", tmp_path / "all").exit_code == 0
    assert (tmp_path / "all" / SLOPE).is_file()


def test_a_name_without_a_folder_is_misuse() -> None:
    assert invoke("templates", "sheets/macros.tex.j2").exit_code == 2


def test_a_preview_takes_own_templates(mine: Path) -> None:
    (mine / SLOPE).parent.mkdir(parents=True)
    (mine / SLOPE).write_text(
        f'<% extends "ours/{SLOPE}" %><% block statement %>A statement of our own.<% endblock %>'
    )
    shown = invoke("preview", "deep_linear_collapse", "--templates", mine)
    assert "A statement of our own." in shown.output
    assert "A statement of our own." not in invoke("preview", "deep_linear_collapse").output


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("sheets/worksheet.tex.j2", "x\n<< nonsense >>\n", "line 2: 'nonsense' is undefined"),
        ("sheets/worksheet.tex.j2", "<% if %>", "line 1: Expected an expression"),
        ("sheets/worksheets.tex.j2", "", "did you mean sheets/worksheet.tex.j2"),
    ],
)
def test_a_wrong_template_is_told_once_and_nothing_is_written(
    mine: Path, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (mine / name).parent.mkdir(parents=True)
    (mine / name).write_text(text)
    (tmp_path / "hw.toml").write_text(HOMEWORK)
    (tmp_path / "class.csv").write_text("id,name\ns1,Ann\ns2,Bo\ns3,Cy\n")
    done = run(
        "build", "hw.toml", "--roster", "class.csv", "--templates", "mine", "--no-pdf",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("generator: ")
    assert done.stderr.count("\n") == 1
    assert f"mine/{name}" in done.stderr
    assert said in done.stderr
    assert not (tmp_path / "output").exists()


def test_an_error_that_many_students_share_is_told_once(mine: Path, tmp_path: Path) -> None:
    # It shows with students alone: the rehearsal, for nobody, does not meet it.
    (mine / "sheets").mkdir(parents=True)
    (mine / "sheets/solutions.tex.j2").write_text(
        '<% if sheet.student != "Sample Student" %><< nonsense >><% endif %>'
        r"\documentclass{article}\pagestyle{empty}\begin{document}\hrule\end{document}"
    )
    (tmp_path / "hw.toml").write_text(HOMEWORK)
    names = ["Ann", "Bo", "Cy", "Di", "Ed"]
    rows = "".join(f"s{place},{name}\n" for place, name in enumerate(names))
    (tmp_path / "class.csv").write_text("id,name\n" + rows)
    shown = invoke(
        "build", tmp_path / "hw.toml", "--roster", tmp_path / "class.csv", "--templates", mine,
        "--out", tmp_path / "out", "--jobs", "1",
    )  # fmt: skip
    assert shown.exit_code == 1
    assert shown.stderr.count("nonsense") == 1
    assert "s0 (Ann), s1 (Bo), s2 (Cy) and 2 more: " in shown.stderr
    assert not list((tmp_path / "out/hw/keys").iterdir())
