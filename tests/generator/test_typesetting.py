"""Typesetting is tried on the embedded engine itself: nothing here stands in for TeX."""

from __future__ import annotations

import io
import os
import platform
import re
import signal
import sys
import tempfile
import time
import unicodedata
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from generator.model.errors import InputError, TypesettingError
from generator.rendering import rooms, typesetting
from generator.rendering.typesetting import (
    Engine,
    engine_version,
    find_engine,
    overfull_lines,
    spelled,
    typeset,
    typeset_with_log,
)

PREAMBLE = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{lmodern,amsmath}"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return find_engine("embedded")


def document(body: str) -> str:
    """A document whose body begins on line 5, below two markers."""
    return (
        f"{PREAMBLE}\n\\begin{{document}}\n%%% exercise xor_relu_weights part bias\nEarlier.\\par\n"
        f"%%% exercise softmax_invariance part factor\n{body}\n\\end{{document}}\n"
    )


def words_drawn(pdf: bytes) -> int:
    """How many text-showing operators the pages hold."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return sum(
            str(step.operator) in ("Tj", "TJ")
            for page in opened.pages
            for step in pikepdf.parse_content_stream(page)
        )


def refusal(body: str, engine: Engine) -> str:
    with pytest.raises(TypesettingError) as caught:
        typeset(document(body), "anna", engine)
    return str(caught.value)


# --- what comes out ----------------------------------------------------------------------------


def test_a_document_becomes_a_pdf_with_vector_fonts(engine: Engine) -> None:
    pdf = typeset(
        document(r"José Łukasz Žižek Weiß \(\begin{bmatrix}1&2\end{bmatrix}\)"), "a", engine
    )
    assert words_drawn(pdf) > 0
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1
        fonts = opened.pages[0].Resources.Font
        assert all("/FontFile" in font.FontDescriptor for font in fonts.values())


def test_the_same_source_gives_the_same_bytes_at_any_time_and_under_any_name(
    engine: Engine,
) -> None:
    source = document(r"Made on \today, see page \pageref{here}.\label{here}")
    first = typeset(source, "anna", engine)
    time.sleep(1.1)  # PDF dates count seconds
    assert typeset(source, "ben/../ß", engine) == first
    assert typeset(source.replace("Made", "Done"), "anna", engine) != first


def test_references_are_resolved_by_a_second_run_only_where_there_are_some(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[float] = []
    once = typesetting.run

    def counted(engine: Engine, room: Path, deadline: float) -> int | str:
        runs.append(deadline)
        return once(engine, room, deadline)

    monkeypatch.setattr(typesetting, "run", counted)
    typeset(document("Plain."), "a", engine)
    assert len(runs) == 1
    runs.clear()
    typeset(document(r"See \ref{x}. \section{S}\label{x}"), "a", engine)
    assert len(runs) == 2


NAMES = "Đặng Ẹn, Nguyễn Thị Phương Thảo, Ưng Ỡn, Ṣāliḥ, Ștefan, Ǧ, José Łukasz Žižek Weiß ĳ þ"


def test_names_beyond_the_fonts_are_composed_and_can_be_copied_whole(engine: Engine) -> None:
    rare = sorted(set("ĐặẸāễịươảƯỠṢḥȘǦ"))
    pdf = typeset(document(NAMES), "a", engine)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        content = opened.pages[0].Contents.read_bytes().decode("latin-1")
    copied = {chr(int(code, 16)) for code in re.findall("ActualText <FEFF(....)>", content)}
    assert sorted(copied) == rare
    assert typeset(document(unicodedata.normalize("NFD", NAMES)), "a", engine) == pdf


def test_engines_with_unicode_fonts_are_told_of_the_accents_that_latex_knows(
    engine: Engine,
) -> None:
    """LaTeX lacks accents for what we draw, and fonts have the rest."""
    given = spelled(document("Lệ, ț ḥ ǰ, ả ữ, ā"), replace(engine, name="lualatex"))
    told = given.partition(r"\begin{document}")[0].removeprefix(PREAMBLE).strip()
    assert told == "".join(
        rf"\catcode`{letter}=13 \protected\def{letter}{{{accents}}}"
        for letter, accents in (("ǰ", r"\v{\j}"), ("ḥ", r"\d{h}"), ("ệ", r"\d{\^{e}}"))
    )


@pytest.mark.parametrize(
    ("body", "how"),
    [
        (r"\mbox{" + "far too wide " * 20 + "}", "wide"),
        (r"\vbox to 9pt{\hrule height 30pt}", "high"),
    ],
)
def test_what_is_overfull_is_found_with_its_exercise(body: str, how: str, engine: Engine) -> None:
    source = document(body)
    (line,) = overfull_lines(typeset_with_log(source, "a", engine)[1], source)
    assert re.fullmatch(
        rf"[\d.]+ pt too {how}, exercise softmax_invariance, part factor, line \d+", line
    )


def test_what_fits_is_not_overfull(engine: Engine) -> None:
    source = document("Not wide.")
    assert overfull_lines(typeset_with_log(source, "a", engine)[1], source) == []


# --- what is said when it fails ----------------------------------------------------------------


def test_an_error_names_sheet_exercise_part_lines_and_log(engine: Engine, tmp_path: Path) -> None:
    source = document("before\n\\nonsense{1}\nafter")
    with pytest.raises(TypesettingError) as caught:
        typeset(source, "anna/../1", engine, log_folder=tmp_path / "logs")
    assert str(caught.value).splitlines() == [
        "anna/../1, exercise softmax_invariance, part factor: "
        r"Undefined control sequence \nonsense.",
        "     6 | before",
        r">    7 | \nonsense{1}",
        "     8 | after",
        f"The log is {tmp_path / 'logs' / 'anna_.._1.log'}",
    ]
    kept = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert kept == ["anna_.._1.log", "anna_.._1.tex"]
    assert (tmp_path / "logs" / "anna_.._1.tex").read_text("utf-8") == source
    assert r"\nonsense" in (tmp_path / "logs" / "anna_.._1.log").read_text("utf-8")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (r"\begin{itemize}\item x", r"\begin{itemize} on input line 6 ended by \end{document}"),
        ("\\textbf{x\n\ny}", "Paragraph ended before"),
        ("x_1", "Missing $ inserted"),
        (r"\usetikzlibrary{calc}", r"Undefined control sequence \usetikzlibrary."),
        ("\\textbf{x \\nosuch@\ny}", r"Undefined control sequence \nosuch."),
        (r"\def\x{a\% \nosuch b}\x", r"Undefined control sequence \nosuch."),
        (r"see \ref{nowhere}", "Reference `nowhere' undefined"),
        (r"\font\x=msbm10 \x A", "Metric (TFM) file not found"),
        (r"\endinput", "Emergency stop. The source ends before the document does."),
        ("李", "the fonts have no character 李 (U+674E). Where a name or a title has it, write"),
        ("\\parbox{5cm}{李\n\nhere}", ">    6 | \\parbox{5cm}{李"),
        ("عمر", "the fonts have no character ع (U+0639)"),
        ("😀", "the fonts have no character 😀 (U+1F600)"),
        ("a\u202eb", "the fonts have no character ? (U+202E)"),
        ("a\x07b", "the fonts have no character ? (U+0007)"),
        ("a\udc80b", "the fonts have no character ? (U+DC80)"),
        (r"\font\x=lmsy10 \x\char200", "the fonts have no character \\xc8"),
    ],
)
def test_trouble_is_an_error_that_says_so(body: str, said: str, engine: Engine) -> None:
    assert said in refusal(body, engine)


@pytest.mark.parametrize(
    "earlier",
    [
        "$x",
        "{",
        r"\begin{itemize}\item x",
        r"\end{document}",
        r"\endinput",
        r"\csname @@end\endcsname",
        r"\begingroup",
        r"\hbox\bgroup",
        r"\def\again{\again}\again",
    ],
)
def test_a_cause_is_told_where_it_is_not_where_tex_noticed_it(
    earlier: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetting, "_CPU", 4.0)  # of which the preamble takes one
    source = document("Later.\n\n").replace("Earlier.\\par", earlier)
    with pytest.raises(TypesettingError) as caught:
        typeset(source, "anna", engine)
    assert str(caught.value).startswith("anna, exercise xor_relu_weights, part bias: ")
    assert "    3 | %%% exercise xor_relu" in str(caught.value)


def test_a_run_that_writes_without_end_is_ended(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetting, "_FILE", 1_000_000)
    monkeypatch.setattr(typesetting, "_LOG", 10_000)
    source = document(r"\def\again{\typeout{more}\again}\again")
    with pytest.raises(TypesettingError, match=r"part factor: TeX .* \(1 MB at most\)") as caught:
        typeset(source, "anna", engine, log_folder=tmp_path)
    assert "this part. It begins here:\n     4 | Earlier.\\par\n>    5 | %%%" in str(caught.value)
    assert (tmp_path / "anna.log").stat().st_size == 10_000


def test_a_document_without_pages_is_an_error_although_tex_is_content(engine: Engine) -> None:
    with pytest.raises(TypesettingError, match=r"made no PDF \(exit status 0\)"):
        typeset(f"{PREAMBLE}\n\\begin{{document}}\\end{{document}}", "anna", engine)


@pytest.mark.timeout(60)
def test_a_run_without_end_is_ended(engine: Engine) -> None:
    with pytest.raises(TypesettingError, match=r"did not finish in time \(0\.5 seconds"):
        typeset(document(r"\def\x{\x}\x"), "anna", engine, timeout=0.5)


@pytest.mark.skipif(sys.platform != "linux", reason="computing is limited by Linux")
def test_the_limit_that_ended_a_run_is_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetting, "_CPU", 0.5)
    with pytest.raises(TypesettingError, match=r"in time \(1 seconds of computing at most\)"):
        typeset(document(r"\def\x{\x}\x"), "anna", engine)


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are of Unix")
def test_children_of_the_engine_end_with_it(tmp_path: Path) -> None:
    program = tmp_path / "pdflatex"
    note = tmp_path / "child"
    program.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {note}\nwait\n")
    program.chmod(0o755)
    with pytest.raises(TypesettingError, match="did not finish"):
        typeset(document("x"), "anna", find_engine(str(program)), timeout=1)
    child = int(note.read_text())
    for _ in range(100):  # until the system has taken notice
        if not rooms.alive(child):
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the child outlived the run")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")
@pytest.mark.parametrize("times", [1, 2])
def test_a_run_that_was_ended_from_outside_is_repeated_once(
    times: int, tmp_path: Path, engine: Engine
) -> None:
    """Where memory is short, the system ends the largest process."""
    program = tmp_path / "pdflatex"
    ended = f"echo . >> {tmp_path}/ended; [ $(wc -l < {tmp_path}/ended) -gt {times} ] || kill -9 $$"
    program.write_text(f'#!/bin/sh\n{ended}\nexec {engine.command[0]} "$@"\n')
    program.chmod(0o755)
    if times > 1:
        with pytest.raises(TypesettingError, match="was ended from outside"):
            typeset(document("Text."), "anna", find_engine(str(program)))
    else:
        pdf = typeset(document("Text."), "anna", find_engine(str(program)))
        assert pdf == typeset(document("Text."), "anna", engine)


# --- the cage ----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["absolute", "parent"])
def test_files_outside_the_run_cannot_be_read(
    way: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    secret = tmp_path / "secret.tex"
    secret.write_text("stolen")
    path = secret if way == "absolute" else "../secret.tex"
    peek = rf"\newread\f\openin\f={path} \ifeof\f Refused.\else\errmessage{{opened}}\fi"
    typeset(document(peek), "anna", engine)

    # ... and it is the cage that refuses: without it, the same file opens.
    monkeypatch.setitem(typesetting._FIXED_ENVIRONMENT, "openin_any", "a")
    assert "opened" in refusal(peek, engine)


def test_the_password_file_cannot_be_typeset(engine: Engine) -> None:
    assert "File `/etc/passwd" in refusal(r"\input{/etc/passwd}", engine)


def test_nothing_is_written_outside_and_no_shell_is_run(engine: Engine, tmp_path: Path) -> None:
    out = tmp_path / "out.tex"
    assert "can't write" in refusal(rf"\newwrite\f\immediate\openout\f={out} ", engine)
    typeset(document(rf"Text.\immediate\write18{{touch {tmp_path}/shell}}"), "anna", engine)
    assert "can't find file" in refusal(rf'\input{{|"touch {tmp_path}/pipe"}}', engine)
    assert list(tmp_path.iterdir()) == []


def test_no_trace_is_left_and_no_home_is_needed(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", "/nowhere")
    monkeypatch.setenv("TEXMFCNF", "/nowhere")  # another TeX's settings do not reach this one
    monkeypatch.setenv("TEXINPUTS", "/nowhere")
    typeset(document("Text."), "anna", engine)
    assert list(tmp_path.iterdir()) == []


# --- which engine ------------------------------------------------------------------------------


def test_the_wheel_is_the_default(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADSHEET_TEX", raising=False)
    assert find_engine() == engine
    assert engine_version(engine).startswith("embedded: pdfTeX 3.14")


def test_the_variable_is_asked_only_without_a_choice(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADSHEET_TEX", "wordstar")
    assert find_engine("embedded") == engine
    with pytest.raises(InputError, match="GRADSHEET_TEX: 'wordstar' is none of embedded, pdflatex"):
        find_engine()


@pytest.mark.parametrize("choice", ["/nowhere/lualatex", "pdflatex"])
def test_an_engine_that_is_not_there_says_what_to_install(
    choice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(TypesettingError, match="apt install texlive-latex-extra") as caught:
        find_engine(choice)
    assert choice in str(caught.value)


def test_a_path_names_an_engine(engine: Engine) -> None:
    program = engine.command[0]
    found = find_engine(program)
    assert found == Engine("pdflatex", engine.command)


def test_a_platform_without_a_binary_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(TypesettingError, match="no embedded TeX engine for linux on riscv64"):
        find_engine("embedded")


def test_a_program_that_does_not_start_says_so(tmp_path: Path) -> None:
    program = tmp_path / "pdflatex"
    program.write_bytes(b"\x00not a program")
    program.chmod(0o755)
    with pytest.raises(TypesettingError, match="cannot be run"):
        typeset(document("x"), "anna", find_engine(str(program)))
