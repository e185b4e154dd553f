"""The program `grader`: what it prints, and how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.sheets import Sheet
from grader.cli import program

Form = Callable[[Sheet, Mapping[str, Any]], str]


def run(*arguments: str | Path, **options: Any) -> Result:
    return CliRunner().invoke(program, [str(each) for each in arguments], **options)


@pytest.fixture
def filled(
    tmp_path: Path, sheet: Sheet, right: Callable[[Sheet], dict[str, Any]], form: Form
) -> Path:
    path = tmp_path / "forms" / "s1.json"
    path.parent.mkdir()
    path.write_text(form(sheet, right(sheet)))
    return path


def test_help_shows_examples_and_exit_codes() -> None:
    for command in ((), ("check",), ("grade",), ("batch",), ("compare",)):
        result = run(*command, "--help")
        assert result.exit_code == 0
        assert "Examples:" in result.output
        assert "Exit codes: 0 done, 1 something to fix, 2 misuse." in result.output


def test_version() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.output.startswith("grader, gradsheet ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("unknown",),
        ("grade", "form.yaml"),
        ("batch", "forms", "--keys", "k", "--out", "o", "--jobs", "0"),
        ("compare", "--kind", "number"),
        ("compare", "--kind", "number", "--truth", "1", "--answer", "1", "--name", "x"),
        ("compare", "--jsonl", "-", "--kind", "number"),
    ],
)
def test_misuse_exits_with_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("--seconds", ("nan", "inf", "-inf", "1e400", "0", "-1", "86401", "", "1,5", "60s")),
        ("--jobs", ("nan", "inf", "0", "-1", "257", "1.5", "")),
    ],
)
def test_a_number_that_is_none_of_time_or_processes_is_refused(option: str, values) -> None:
    for value in values:
        for command in (("batch", "a", "--keys", "k", "--out", "o"), ("regrade", "marks")):
            result = run(*command, option, value)
            assert result.exit_code == 2
            assert f"Invalid value for '{option}'" in result.output.splitlines()[-1]


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("--abs", ("nan", "inf", "-1", "1e400", "")),
        ("--rel", ("nan", "-inf", "-1e-9", "x")),
        ("--decimals", ("nan", "-1", "31", "1.0")),
        ("--significant", ("0", "-1", "31", "inf")),
    ],
)
def test_a_number_that_is_no_tolerance_is_refused(option: str, values) -> None:
    for value in values:
        result = run("compare", "--kind", "number", "--truth", "1", "--answer", "1", option, value)
        assert result.exit_code == 2
        assert f"Invalid value for '{option}'" in result.output.splitlines()[-1]


@pytest.mark.parametrize("option", ["--late-after", "--late-penalty", "--late-max"])
def test_an_empty_option_of_the_policy_is_refused(tmp_path: Path, option: str) -> None:
    due = () if option == "--late-after" else ("--late-after", "2026-12-01")
    result = run("batch", tmp_path, "--keys", tmp_path, "--out", tmp_path / "o", *due, option, "")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {option}: '' is not")


def test_check_shows_how_answers_are_read(filled: Path) -> None:
    result = run("check", filled)
    assert result.exit_code == 0, result.output
    assert "q1.sizes.W1: 3x4" in result.output


def test_a_form_saved_as_text_is_checked_and_graded_as_it_is_in_a_batch(
    filled: Path, tmp_path: Path
) -> None:
    """Notepad ends it in .txt, and Windows hides that."""
    text = tmp_path / "answers.yaml.txt"
    text.write_bytes(filled.read_bytes())
    assert run("check", text).output == run("check", filled).output
    document = tmp_path / "answers.docx"
    document.write_bytes(b"PK\3\4")
    assert "save a word processor's document as plain text" in run("check", document).stderr
    workbook = tmp_path / "answers.yaml"
    workbook.write_bytes(b"PK\3\4")
    assert "a document or an archive, not text" in run("check", workbook).stderr


def test_check_exits_with_1_for_what_cannot_be_read(
    tmp_path: Path, sheet: Sheet, form: Form
) -> None:
    path = tmp_path / "form.json"
    path.write_text(form(sheet, {"q1": {"relu_bracket": "[1, "}}))
    result = run("check", path, "--json")
    assert result.exit_code == 1
    found = {each["place"]: each for each in json.loads(result.output)}
    assert found["q1.relu_bracket"]["status"] == "UNREADABLE"
    assert found["q1.dL_dv"]["status"] == "BLANK"


def test_a_blank_form_is_only_reported(tmp_path: Path, sheet: Sheet, form: Form) -> None:
    path = tmp_path / "form.json"
    path.write_text(form(sheet, {}))
    assert run("check", path).exit_code == 0


def test_grade_prints_the_report(filled: Path, key_file: Path) -> None:
    result = run("grade", filled, "--key", key_file)
    assert result.exit_code == 0
    assert "12 of 12 points" in result.output
    tree = json.loads(run("grade", filled, "--key", key_file, "--json").output)
    assert (tree["earned"], tree["points"]) == ("12", "12")


def test_errors_are_one_message_and_no_traceback(tmp_path: Path, filled: Path) -> None:
    path = tmp_path / "form.yaml"
    path.write_text("- a list\n")
    for arguments in (
        ("check", path),
        ("check", tmp_path / "none.yaml"),
        ("grade", filled, "--key", tmp_path / "none.json"),
        ("batch", tmp_path / "none", "--keys", tmp_path, "--out", tmp_path / "out"),
        ("compare", "--jsonl", tmp_path / "none.jsonl"),
    ):
        result = run(*arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert result.stdout == ""
        assert isinstance(result.exception, SystemExit)


def test_an_error_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "form.json"
    path.write_text(json.dumps({"\x1b[31mq1": "text"}))
    assert "\x1b" not in run("check", path).stderr


def test_batch_ends_with_the_marks_and_exits_with_1_for_problems(
    tmp_path: Path, filled: Path, key_file: Path
) -> None:
    arguments = ("batch", filled.parent, "--keys", key_file.parent, "--out", tmp_path / "out")
    result = run(*arguments)
    assert result.exit_code == 0
    assert "12 of 12" in result.output
    assert "Mean 100.0%" in result.output
    assert str(tmp_path / "out") in result.output
    (filled.parent / "bad.yaml").write_text("- a list\n")
    result = run(*arguments, "--json")
    assert result.exit_code == 1
    tree = json.loads(result.stdout)
    assert tree["graded"] == 1
    assert [problem["file"] for problem in tree["problems"]] == ["bad.yaml"]


def test_compare_one_pair() -> None:
    result = run("compare", "--kind", "array", "--truth", "[1,2]", "--answer", "(1, 2)")
    assert result.exit_code == 0
    assert result.output.startswith("CORRECT")
    near = ("compare", "--kind", "number", "--truth", "1", "--answer", "1.01", "--json")
    assert json.loads(run(*near).output)["status"] == "INCORRECT"
    assert json.loads(run(*near, "--abs", "0.02").output)["status"] == "CORRECT"
    assert json.loads(run(*near, "--rel", "0.02").output)["status"] == "CORRECT"
    assert json.loads(run(*near, "--decimals", "1").output)["status"] == "CORRECT"
    assert json.loads(run(*near, "--significant", "3").output)["status"] == "INCORRECT"
    form = run("compare", "--kind", "number", "--truth", "1/2", "--answer", "2/4",
               "--form", "lowest terms", "--form", "no decimals")  # fmt: skip
    assert "PARTIAL" in form.output
    assert "the fraction 2/4 is not in lowest terms" in form.output


def test_compare_a_choice_among_options() -> None:
    options = ("--option", "yes", "--option", "no")
    result = run("compare", "--kind", "choice", "--truth", "yes", "--answer", "b", *options)
    assert (result.exit_code, result.output.split()[0]) == (0, "INCORRECT")


def test_compare_says_when_the_truth_is_at_fault() -> None:
    result = run("compare", "--kind", "array", "--truth", "[1,", "--answer", "1")
    assert result.exit_code == 1
    assert "truth" in result.output


def test_compare_many_never_stops_on_a_bad_line(tmp_path: Path) -> None:
    lines = [
        b'{"id": 1, "kind": "number", "truth": "1/2", "answer": "0.5"}',
        b"{not json",
        b"\xff\xfe",
        b'{"id": "\\ud800", "kind": "number", "truth": "1", "answer": "\\ud800"}',
        b'{"id": 4, "kind": "shape", "truth": "3x4", "answer": "(3, 4)"}',
    ]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(lines))
    for result in (
        run("compare", "--jsonl", path),
        run("compare", "--jsonl", "-", input=b"\n".join(lines)),
    ):
        assert result.exit_code == 0
        rows = [json.loads(line) for line in result.output.splitlines()]
        assert [row["status"] for row in rows] == [
            "CORRECT",
            "ERROR",
            "ERROR",
            "UNREADABLE",
            "CORRECT",
        ]
        assert rows[4]["id"] == 4


def python(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


def test_it_runs_as_a_module() -> None:
    done = python("-m", "grader", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: grader ")


@pytest.mark.parametrize("module", ["grader", "grader.cli"])
def test_the_program_starts_light(module: str) -> None:
    heavy = {"sympy", "jinja2", "pylatex", "numpy", "rich", "ruamel"}
    script = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    assert python("-c", script).stdout.strip() == "[]"


def test_grading_needs_no_typesetting_and_no_algebra() -> None:
    heavy = {"sympy", "jinja2", "pylatex", "rich"}
    script = f"import sys, grader.batch, grader.judging; print(sorted({heavy} & set(sys.modules)))"
    assert python("-c", script).stdout.strip() == "[]"


def test_a_reader_that_leaves_early_causes_no_traceback() -> None:
    row = '{"kind": "number", "truth": "1", "answer": "1"}\n'
    with subprocess.Popen(
        [sys.executable, "-m", "grader", "compare", "--jsonl", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(row)
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        try:
            process.stdin.write(row * 20_000)
            process.stdin.close()
        except BrokenPipeError:
            pass
        assert "Traceback" not in process.stderr.read()
        process.stdin = None


def test_a_terminal_without_unicode_gets_question_marks() -> None:
    arguments = ("-m", "grader", "compare", "--kind", "shape", "--truth", "3", "--answer", "3×é")
    done = python(*arguments, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
