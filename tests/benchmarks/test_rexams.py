"""What R/exams is given to typeset, and what is said where it is not installed."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import __main__, rexams
from benchmarks.typesetting import CLASSES
from generator.assignment import Student
from generator.rendering.typesetting import find_engine, typeset

SHORT = CLASSES["short"]
STUDENTS = [Student("s1", "Ann"), Student("s2", "Bob Dee")]


def test_a_file_for_each_exercise_with_question_solution_and_what_r_exams_asks_for(
    tmp_path: Path,
) -> None:
    rexams.write(SHORT, STUDENTS, tmp_path)
    rows = list(csv.reader((tmp_path / "students.csv").open(encoding="utf-8")))
    assert [row[0] for row in rows] == ["Ann", "Bob Dee"]
    listed = [name for row in rows for name in row[1:]]
    assert len(set(listed)) == 2 * len(SHORT.entries)
    assert set(listed) == {path.name for path in (tmp_path / "exercises").iterdir()}
    for name in listed:
        text = (tmp_path / "exercises" / name).read_text("utf-8")
        for environment in ("question", "solution"):  # R/exams takes one of each, on lines of
            for end in ("begin", "end"):  # their own
                line = rf"\{end}{{{environment}}}"
                assert text.count(line) == text.splitlines().count(line) == 1
        question = text[: text.index(r"\end{question}")]
        assert r"\item (" in question
        assert re.findall(r"^\\ex(?:name|type|solution)\b", text, re.MULTILINE) == [
            r"\exname", r"\extype", r"\exsolution"
        ]  # fmt: skip
        assert not re.search(r"^(<<|@)|\\Sexpr", text, re.MULTILINE), "Sweave takes that for code"


def test_the_figures_of_the_short_sheet_are_in_tikz(tmp_path: Path) -> None:
    rexams.write(SHORT, STUDENTS[:1], tmp_path)
    texts = [path.read_text("utf-8") for path in sorted((tmp_path / "exercises").iterdir())]
    assert all(r"\begin{tikzpicture}" in text for text in texts)
    assert not any(r"\drawing" in text for text in texts)


@pytest.mark.parametrize("sheet", CLASSES)
@pytest.mark.parametrize("document", ["exam", "solution"])
def test_what_exams2pdf_makes_of_a_template_is_typeset(
    sheet: str, document: str, tmp_path: Path
) -> None:
    rexams.write(CLASSES[sheet], STUDENTS[:1], tmp_path)
    exercises = [path.read_text("utf-8") for path in sorted((tmp_path / "exercises").iterdir())]
    texts = [text[: text.index(r"\exname")] for text in exercises]
    source = (tmp_path / f"{document}.tex").read_text("utf-8")
    assert source.splitlines().count(r"%% \exinput{header}") == 1
    assert source.splitlines().count(r"%% \exinput{exercises}") == 1
    source = source.replace(r"%% \exinput{header}", r"\Student{Ann}")
    source = source.replace(r"%% \exinput{exercises}", "\n".join(texts))
    pdf = typeset(source, document, find_engine())
    assert pdf.startswith(b"%PDF")


def test_where_there_is_no_r_that_is_said_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    stream = io.StringIO()
    assert __main__._beside(Console(file=stream, width=100)) == {}
    assert stream.getvalue().strip() == (
        "R/exams is not measured: there is no Rscript on the PATH."
    )


@pytest.mark.skipif(os.name == "nt", reason="its Rscript is a shell script")
def test_where_r_has_no_such_package_its_words_are_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "Rscript"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'there is no package called exams' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    assert shutil.which("Rscript") == str(program)
    rexams.write(SHORT, STUDENTS, tmp_path)
    with pytest.raises(rexams.NotMeasured) as caught:
        rexams.run(tmp_path)
    assert str(caught.value) == (
        "R/exams is not measured: it made 0 of 4 PDFs. R says: there is no package called exams"
    )
