"""The program `generator`: exit codes, messages, and what it prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pexpect
import pikepdf
import pytest
from click.testing import CliRunner

import generator.cli
import grader.cli
from generator import catalog
from generator.cli import cli
from generator.rendering import documents
from generator.sheets import Sheet

HOMEWORK = """
title = "Homework"
practice = true
[[exercise]]
name = "two_branch_backprop"
"""


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
        check=False,
    )


def test_help_lists_the_commands_and_ends_with_0() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in ("list", "build", "preview", "verify", "new"):
        assert command in done.stdout
        assert "Example" in run(command, "--help").stdout


def test_misuse_ends_with_2() -> None:
    assert run("build").returncode == 2
    assert run("paint").returncode == 2
    assert run("verify", "--count", "0").returncode == 2


def test_list_for_people_and_programs() -> None:
    rows = json.loads(run("list", "--json").stdout)
    by_name = {row["name"]: row for row in rows}
    row = by_name["two_branch_backprop"]
    assert row["topic"] == "backpropagation"
    assert row["options"]["units"] == 3
    assert {"relu_bracket", "dL_dv"} <= {part["name"] for part in row["parts"]}
    text = run("list").stdout
    assert all(name in text for name in by_name)
    assert "numeric_weights = true" in text
    assert "inputs = 0" in text


@pytest.mark.parametrize("program", [generator.cli.cli, grader.cli.program])
def test_a_file_that_may_not_be_read_is_no_misuse(program: click.Group) -> None:
    paths = [
        option.type
        for command in program.commands.values()
        for option in command.params
        if isinstance(option.type, click.Path)
    ]
    assert paths
    assert not any(path.readable for path in paths)  # or click would end with 2


def test_list_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, run("list").stdout.splitlines())) <= 60


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("program", ["generator list", "grader compare --help"])
@pytest.mark.parametrize("environment", [None, {}])  # without a language, output ends otherwise
def test_output_to_a_full_disk_is_one_message(
    program: str, environment: dict[str, str] | None
) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", *program.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=environment,
        )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "No space left on device" in done.stderr


def test_build_writes_and_reports(tmp_path: Path) -> None:
    (tmp_path / "hw.toml").write_text(HOMEWORK)
    (tmp_path / "class.csv").write_text("id,name\ns1,Ann\ns2,Bo\n")
    done = run("build", "hw.toml", "--roster", "class.csv", "--no-pdf", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [row["error"] for row in json.loads(done.stdout)["students"]] == [None, None]
    assert (tmp_path / "output/hw/forms/s2.yaml").exists()
    assert not list((tmp_path / "output/hw/sheets").iterdir())
    only = run(
        "build", "hw.toml", "--roster", "class.csv", "--no-pdf", "--only", "s2", "--out", "o",
        cwd=tmp_path,
    )  # fmt: skip
    assert re.fullmatch(r"1 of 1 students built in o/hw/: 2 files, \d+\.\d s\n", only.stdout)
    assert [path.name for path in (tmp_path / "o/hw/forms").iterdir()] == ["s2.yaml"]


def test_all_files_are_counted(tmp_path: Path) -> None:
    (tmp_path / "hw.toml").write_text(HOMEWORK)
    (tmp_path / "class.csv").write_text("id,name\ns1,Ann\ns2,Bo\n")
    call = ("build", "hw.toml", "--roster", "class.csv", "--keep-tex", "--zip", "--json")
    done = run(*call, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = [path for path in (tmp_path / "output/hw").rglob("*") if path.is_file()]
    own = ("built.json", "runs")  # the program's
    handed = [path for path in found if not {path.name, path.parent.name} & {*own}]
    assert json.loads(done.stdout)["files"] == len(handed)


def test_fillable_sheets_are_built_unless_there_are_none(tmp_path: Path) -> None:
    (tmp_path / "hw.toml").write_text(HOMEWORK)
    done = run("build", "hw.toml", "--fillable", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with pikepdf.open(tmp_path / "output/hw/sheets/sample.pdf") as pdf:
        assert "/AcroForm" in pdf.Root
    misuse = run("build", "hw.toml", "--fillable", "--no-pdf", cwd=tmp_path)
    assert misuse.returncode == 2
    assert "--no-pdf writes none" in misuse.stderr


@pytest.mark.parametrize(
    ("toml", "roster", "arguments", "words"),
    [
        (HOMEWORK + "unit = 3", "id,name\ns1,A\n", (), "unknown option 'unit'"),
        (HOMEWORK, "id,name\ns1,A\ns1,B\n", (), "line 3: the id 's1' is used already"),
        (HOMEWORK, "id,name\ns1,A\n", ("--only", "s9"), "no student with the id 's9'"),
        (HOMEWORK, "id,name\ns1,A\n", ("--engine", "word"), "word"),
        (HOMEWORK, "id,name\ns1,A\n", ("--engine", "tectonic"), "tectonic"),
    ],
)
def test_what_is_wrong_is_said_and_ends_with_1(
    tmp_path: Path, toml: str, roster: str, arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "hw.toml").write_text(toml)
    (tmp_path / "class.csv").write_text(roster)
    done = run("build", "hw.toml", "--roster", "class.csv", *arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "output").exists()


def test_preview_shows_statement_and_solution() -> None:
    done = run("preview", "two_branch_backprop", "--seed", "3", "--set", "units=4")
    assert done.returncode == 0
    assert "branches" in done.stdout
    assert "\\" not in done.stdout
    assert (
        done.stdout
        == run("preview", "two_branch_backprop", "--seed", "3", "--set", "units=4").stdout
    )
    assert done.stdout != run("preview", "two_branch_backprop", "--set", "units=4").stdout


def test_preview_as_pdf(tmp_path: Path) -> None:
    done = run("preview", "two_branch_backprop", "--pdf", "p.pdf", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("setting", ["units", "units=x", "unit=3", "units=9"])
def test_settings_that_are_refused(setting: str) -> None:
    done = run("preview", "two_branch_backprop", "--set", setting)
    assert done.returncode == 1
    assert "--set" in done.stderr


def test_verify_reports_and_ends_with_0() -> None:
    done = run("verify", "two_branch_backprop", "--count", "20", "--json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["certified"], row["distinct"], row["errors"]) == (20, 20, [])
    assert "two_branch_backprop" in run("verify", "two_branch_backprop", "--count", "3").stdout


def test_verify_of_an_unknown_exercise() -> None:
    done = run("verify", "two_branch")
    assert done.returncode == 1
    assert "did you mean two_branch_backprop?" in done.stderr


def test_fairness_for_people_and_programs() -> None:
    call = ["verify", "two_branch_backprop", "--fairness", "--count", "5"]
    shown = CliRunner().invoke(cli, call)
    assert shown.exit_code == 0
    assert "5th percentile, median and 95th percentile" in shown.output
    assert max(map(len, shown.output.splitlines())) <= 100
    (row,) = json.loads(CliRunner().invoke(cli, [*call, "--json"]).output)
    assert row["instances"] == 5
    assert row["operations"]["low"] <= row["operations"]["median"] <= row["operations"]["high"]


def test_the_gallery_shows_every_exercise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["softmax_invariance", "two_branch_backprop"]
    monkeypatch.setattr(catalog, "names", lambda: names)
    result = CliRunner().invoke(cli, ["gallery", str(tmp_path / "all.pdf"), "--level", "1"])
    assert result.exit_code == 0, result.output
    with pikepdf.open(tmp_path / "all.pdf") as pdf:
        assert len(pdf.pages) > 2


def test_who_failed_is_told_and_left_out_of_the_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = documents.both

    def injured(sheet: Sheet) -> tuple[str, str]:
        worksheet, solutions = both(sheet)
        if sheet.student.id == "s2":
            worksheet = worksheet.replace("\\par\\end{samepage}", "\\oops\\par\\end{samepage}", 1)
        return worksheet, solutions

    monkeypatch.setattr("generator.building.documents.both", injured)
    (tmp_path / "hw.toml").write_text(HOMEWORK)
    (tmp_path / "class.csv").write_text("id,name\ns1,Ann\ns2,Bo\ns3,Cy\n")
    files = [str(tmp_path / "hw.toml"), "--roster", str(tmp_path / "class.csv")]
    options = ["--out", str(tmp_path / "o"), "--jobs", "1", "--zip", "--zip-solutions"]
    done = CliRunner().invoke(cli, ["build", *files, *options])
    assert done.exit_code == 1
    assert done.stdout.startswith(f"2 of 3 students built in {tmp_path}/o/hw/: 13 files, ")
    assert "s2 (Bo): s2-sheets, exercise two_branch_backprop, part relu_bracket" in done.stderr
    of_class = "print.pdf, solutions.pdf, instructor.pdf, hw.zip, hw-solutions.zip"
    assert done.stderr.endswith(f"Without s2: {of_class}\n")
    monkeypatch.undo()
    again = CliRunner().invoke(cli, ["build", *files, *options, "--json"])
    assert again.exit_code == 0
    tree = json.loads(again.stdout)
    assert tree["files"] == 17
    names = [Path(each).name for each in tree["zips"]]
    assert names == ["hw.zip", "hw-solutions.zip"]
    assert tree["pages"] == sum(sum(row["pages"].values()) for row in tree["students"])
    assert set(tree["class"]["pages"]) == {"print.pdf", "solutions.pdf", "instructor.pdf"}


def test_sheets_that_had_to_be_set_alone_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = documents.both

    def spoiling(sheet: Sheet) -> tuple[str, ...]:
        """Each document spoils the next one, and none is bad."""
        spoilt = r"\global\let\room\undefined\global\let\result\undefined\end{document}"
        return tuple(text.replace(r"\end{document}", spoilt) for text in both(sheet))

    (tmp_path / "hw.toml").write_text(HOMEWORK)
    (tmp_path / "class.csv").write_text("id,name\ns1,Ann\ns2,Bo\n")
    files = [str(tmp_path / "hw.toml"), "--roster", str(tmp_path / "class.csv")]
    command = ["build", *files, "--out", str(tmp_path / "o"), "--jobs", "1"]
    quiet = CliRunner().invoke(cli, command)
    assert quiet.stderr == ""
    monkeypatch.setattr("generator.building.documents.both", spoiling)
    monkeypatch.setattr("generator.rendering.batches.Source.reaching", "")  # no list has all words
    done = CliRunner().invoke(cli, [*command, "--force"])
    log = tmp_path / "o/hw/logs/together-s1-sheets.log"
    assert done.exit_code == 0
    assert done.stdout.startswith("2 of 2 students built")
    assert done.stderr == (
        f"2 sheets were set alone, which takes longer: TeX refused them together ({log})\n"
    )
    assert "Undefined control sequence" in log.read_text()
    assert log.parent.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    tree = json.loads(CliRunner().invoke(cli, [*command, "--force", "--json"]).stdout)
    assert tree["set_alone"] == {"sheets": 2, "logs": [str(log)], "words": []}
    assert json.loads(CliRunner().invoke(cli, [*command, "--json"]).stdout)["set_alone"] == {
        "sheets": 0,
        "logs": [],
        "words": [],
    }


def test_sheets_with_words_that_reach_beyond_them_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = documents.both

    def labelled(sheet: Sheet) -> tuple[str, ...]:
        worksheet, solutions = both(sheet)
        word = r"\label{a}" if sheet.student.id == "s1" else r"\gdef\b{}"
        return worksheet, solutions.replace(r"\end{document}", rf"{word}\end{{document}}")

    monkeypatch.setattr("generator.building.documents.both", labelled)
    (tmp_path / "hw.toml").write_text(HOMEWORK)
    (tmp_path / "class.csv").write_text("id,name\ns1,Ann\ns2,Bo\n")
    files = [str(tmp_path / "hw.toml"), "--roster", str(tmp_path / "class.csv")]
    command = ["build", *files, "--out", str(tmp_path / "o"), "--jobs", "1"]
    done = CliRunner().invoke(cli, command)
    assert done.stderr == (
        "2 sheets were set alone, which takes longer: "
        r"\gdef, \label might change the sheets behind" + "\n"
    )
    tree = json.loads(CliRunner().invoke(cli, [*command, "--force", "--json"]).stdout)
    assert tree["set_alone"] == {"sheets": 2, "logs": [], "words": [r"\gdef", r"\label"]}


@pytest.mark.skipif(sys.platform == "win32", reason="pexpect needs a pseudo-terminal")
def test_progress_is_shown_at_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "hw.toml").write_text(HOMEWORK)
    (tmp_path / "class.csv").write_text("id,name\ns1,Ann\ns2,Bo\n")
    command = ["-m", "generator", "build", "hw.toml", "--roster", "class.csv", "--no-pdf"]
    child = pexpect.spawn(
        sys.executable, command, cwd=str(tmp_path), timeout=60, encoding="utf-8",
        dimensions=(24, 120), env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    child.expect("Building hw")
    child.expect(r"2/2\S* +\d+\.\d/s")
    child.expect(r"2 of 2 students built in output/hw/: 4 files, \d+\.\d s")
    child.expect(pexpect.EOF)
