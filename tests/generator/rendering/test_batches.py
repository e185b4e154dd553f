"""Batches: one bad sheet costs only itself, whatever is wrong with it."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pikepdf
import pypdfium2
import pytest

from generator import catalog
from generator.assignment import Assignment, Entry, Student
from generator.model.errors import TypesettingError
from generator.rendering import batches, documents, typesetting
from generator.rendering.batches import Source, typeset_batch
from generator.rendering.pdfs import Pdf
from generator.rendering.typesetting import Engine, find_engine
from generator.sheets import Sheet, draw_sheet

HOMEWORK = Assignment("hw", "Homework", (Entry("two_branch_backprop", {}),), practice=True)
NAMES = ("Ann", "Bo", "Cy", "Di", "Ed")
INJURIES = {
    "an undefined command": r"\nosuchcommand",
    "an open dollar": "$x",
    "an open brace": "{",
    "a closing brace": "}",
    "an extra alignment mark": r"\begin{align*} a & b & c & d \\ e \end{align*} & x",
    "an open environment": r"\begin{itemize} \item x",
    "the end of the document": r"\end{document}",
    "a character that the fonts lack": "張",
    "the end of TeX": r"\csname @@end\endcsname",
    "an end of another environment": r"\end{center}",
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return find_engine("embedded")


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    sheets = [draw_sheet(HOMEWORK, Student(name.lower(), name), b"") for name in NAMES]
    return [Source(name, documents.worksheet(s)) for name, s in zip(NAMES, sheets, strict=True)]


@pytest.fixture(scope="module")
def whole(sources: list[Source], engine: Engine) -> list[bytes]:
    """What the sheets look like where none is bad."""
    return [looks(pdf) for pdf in typeset_batch(sources, engine)]


def looks(pdf: Pdf | TypesettingError) -> bytes:
    """The pages as an image."""
    assert isinstance(pdf, Pdf), pdf
    document = pypdfium2.PdfDocument(io.BytesIO(pdf.data))
    return b"".join(page.render(scale=0.8).to_numpy().tobytes() for page in document)


def injured(source: Source, injury: str) -> Source:
    """The source with something wrong in the middle of its text."""
    return Source(
        source.name,
        source.text.replace("\\par\\end{samepage}", f"{injury}\n\\par\\end{{samepage}}", 1),
    )


def test_a_batch_gives_what_each_alone_gives(
    sources: list[Source], whole: list[bytes], engine: Engine
) -> None:
    alone = [typeset_batch([source], engine)[0] for source in sources]
    assert [looks(pdf) for pdf in alone] == whole
    assert len(set(whole)) == len(NAMES)


@pytest.mark.parametrize("document", [documents.worksheet, documents.solutions])
def test_nothing_is_left_behind_for_the_next_sheet(
    document: Callable[[Sheet], str], engine: Engine
) -> None:
    """Alphabets of formulas, sizes and glue: in every exercise, the second of two is as alone."""
    every = Assignment("all", "All", tuple(Entry(n, {}) for n in catalog.names()), practice=True)
    first, second = (
        Source(name, document(draw_sheet(every, Student(name, name), b""))) for name in ("a", "b")
    )
    behind = typeset_batch([first, second], engine)[1]
    assert looks(behind) == looks(typeset_batch([second], engine)[0])


@pytest.mark.parametrize(
    "change",
    [
        r"\bfseries",
        r"\renewcommand{\frac}[2]{#2/#1}",
        r"\let\frac\binom",
        r"\parindent=50pt \hsize=300pt",
        "\\catcode`\\q=9 ",
        r"\global\let\frac\binom",
        r"\gdef\frac#1#2{#2/#1}",
        r"\globaldefs=1 \baselineskip=33pt ",
        "\\global\\catcode`\\q=9 ",
        r"\fontdimen2\font=20pt ",
        r"\csname global\endcsname\def\parthead#1#2#3{}",
        r"\^^67lobal\def\parthead#1#2#3{}",
        r"\pdfnoligatures\font ",
        r"\AddToHook{cmd/parthead/before}{x}",
        r"\ExplSyntaxOn\cs_gset_eq:NN\parthead\relax\ExplSyntaxOff",
        r"\makeatletter\g@addto@macro\rmdefault{x}\makeatother",
        r"\begin{equation} x = 1 \end{equation}",
        r"\setcounter{page}{7}",
    ],
)
def test_what_a_sheet_changes_ends_with_it(
    change: str, sources: list[Source], whole: list[bytes], engine: Engine
) -> None:
    bad = [sources[0], injured(sources[1], change), *sources[2:]]
    pdfs = typeset_batch(bad, engine)
    assert [looks(pdf) for place, pdf in enumerate(pdfs) if place != 1] == whole[:1] + whole[2:]


def test_no_sheet_of_ours_is_set_alone() -> None:
    every = Assignment("all", "All", tuple(Entry(n, {}) for n in catalog.names()), practice=True)
    both = documents.both(draw_sheet(every, Student("a", "A"), b""))
    assert not any(Source("a", text).reaching for text in both)


def test_the_same_batch_gives_the_same_bytes(sources: list[Source], engine: Engine) -> None:
    assert typeset_batch(sources, engine) == typeset_batch(sources, engine)


def test_each_pdf_says_whose_it_is(sources: list[Source], engine: Engine) -> None:
    for name, pdf in zip(NAMES, typeset_batch(sources, engine), strict=True):
        assert isinstance(pdf, Pdf)
        with pikepdf.open(io.BytesIO(pdf.data)) as document:
            assert str(document.docinfo["/Title"]) == f"Homework – {name}"
            assert str(document.Root.Lang) == "en"
            pages = len(document.pages)
            assert document.check_pdf_syntax() == []
        assert pdf.pages == pages
        text = "".join(
            page.get_textpage().get_text_range()
            for page in pypdfium2.PdfDocument(io.BytesIO(pdf.data))
        )
        assert f"page 1 of {pages}" in text
        assert f"page {pages} of {pages}" in text
        assert name in text


@pytest.mark.parametrize(
    ("injury", "place"), [(injury, each % 5) for each, injury in enumerate(INJURIES)]
)
def test_a_bad_sheet_costs_only_itself(
    injury: str, place: int, sources: list[Source], whole: list[bytes], engine: Engine
) -> None:
    batch = list(sources)
    batch[place] = injured(sources[place], INJURIES[injury])
    results = typeset_batch(batch, engine)
    error = results[place]
    assert isinstance(error, TypesettingError)
    assert str(error).startswith(NAMES[place])
    for each, result in enumerate(results):
        if each != place:
            assert looks(result) == whole[each]


def test_the_error_names_exercise_and_part(sources: list[Source], engine: Engine) -> None:
    batch = [sources[0], injured(sources[1], r"\nosuchcommand"), sources[2]]
    error = typeset_batch(batch, engine)[1]
    assert isinstance(error, TypesettingError)
    assert "exercise two_branch_backprop, part relu_bracket" in str(error)
    assert "Undefined control sequence" in str(error)


def test_several_bad_sheets(sources: list[Source], whole: list[bytes], engine: Engine) -> None:
    batch = [
        injured(source, r"\nosuchcommand") if place in (0, 3) else source
        for place, source in enumerate(sources)
    ]
    results = typeset_batch(batch, engine)
    assert [isinstance(result, Pdf) for result in results] == [False, True, True, False, True]
    assert [looks(results[place]) for place in (1, 2, 4)] == [whole[place] for place in (1, 2, 4)]


@pytest.mark.parametrize("injury", [r"\nosuchcommand", "{", r"\end{document}"])
@pytest.mark.parametrize("bad", [(0,), (2, 3), (0, 1, 4)])
def test_runs_grow_with_the_bad_sheets_only(
    injury: str, bad: tuple[int, ...], tmp_path: Path, sources: list[Source], engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A sheet that comes right behind a bad one is the first of its run, and may be bad as well."""
    counted: list[int] = []

    def counting(ready: Engine, room: Path, deadline: float, sheets: int = 1) -> int | str:
        counted.append(sheets)
        return typesetting.run(ready, room, deadline, sheets)

    monkeypatch.setattr(batches, "run", counting)
    batch = [injured(s, injury) if place in bad else s for place, s in enumerate(sources)]
    results = typeset_batch(batch, engine, log_folder=tmp_path)
    assert tuple(each for each, r in enumerate(results) if isinstance(r, TypesettingError)) == bad
    assert not any(r.refused for r in results if isinstance(r, Pdf))
    assert len(counted) <= len(bad) + 1


def test_a_sheet_that_never_ends_is_found_and_ended(
    sources: list[Source], whole: list[bytes], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_SECONDS", 6.0)
    monkeypatch.setattr(batches, "_EACH", 0.0)
    batch = list(sources[:3])
    batch[1] = injured(sources[1], r"\def\again{\again}\again")
    results = typeset_batch(batch, engine)
    assert "did not finish" in str(results[1])
    assert [looks(results[place]) for place in (0, 2)] == [whole[0], whole[2]]


def test_sheets_that_are_refused_together_say_so(
    tmp_path: Path, sources: list[Source], whole: list[bytes], engine: Engine
) -> None:
    """Each spoils the next one, and none is bad."""
    batch = [spoiling(source) for source in sources]
    results = typeset_batch(batch, engine, log_folder=tmp_path)
    assert [looks(result) for result in results] == whole
    log = tmp_path / "together-Ann.log"
    refused = [result.refused for result in results if isinstance(result, Pdf)]
    assert refused == [None, str(log), None, str(log), str(log)]
    assert "Undefined control sequence" in log.read_text()
    assert "TeX ended with exit status" in log.read_text()
    text = log.with_suffix(".tex").read_text()
    assert all(f"}}{{{name}}}" in text for name in NAMES)


def spoiling(source: Source) -> Source:
    """With a word of its preamble that changes the sheets behind."""
    begin, end = r"\begin{document}", r"\end{document}"
    text = source.text.replace(begin, rf"\def\spoil{{\global\let\room\undefined}}{begin}")
    return Source(source.name, text.replace(end, rf"\spoil{end}"))


@pytest.mark.parametrize("told", [True, False])
def test_runs_that_all_fail_say_so(
    told: bool, tmp_path: Path, sources: list[Source], whole: list[bytes], engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Whether they tell how far they came or not."""

    def failing(ready: Engine, room: Path, deadline: float, sheets: int = 1) -> int | str:
        if told:
            typesetting.run(ready, room, deadline, sheets)
            return "did not finish"
        (room / "sheet.log").write_text("Killed")
        return -9

    monkeypatch.setattr(batches, "run", failing)
    results = typeset_batch(sources, engine, log_folder=tmp_path)
    assert [looks(result) for result in results] == whole
    assert all(result.refused for result in results if isinstance(result, Pdf))
    log = (tmp_path / "together-Ann.log").read_text()
    assert log.endswith("TeX did not finish and was ended.\n" if told else "exit status -9.\n")


def test_a_bad_sheet_explains_what_is_refused(
    tmp_path: Path, sources: list[Source], engine: Engine
) -> None:
    for injury in (r"\nosuchcommand", r"\csname @@end\endcsname", "\ud800"):
        batch = [*sources[:3], injured(sources[3], injury), sources[4]]
        results = typeset_batch(batch, engine, log_folder=tmp_path)
        assert [r.refused if isinstance(r, Pdf) else "bad" for r in results] == [
            None, None, None, "bad", None,
        ]  # fmt: skip
    assert not list(tmp_path.glob("together*"))


def test_where_no_format_can_be_kept_the_preamble_is_read(
    tmp_path: Path, sources: list[Source], whole: list[bytes], engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GRADSHEET_CACHE", str(tmp_path / "file"))
    assert looks(typeset_batch(sources[:2], engine)[1]) == whole[1]


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_a_folder_that_takes_no_format_stops_nothing(
    number: int, tmp_path: Path, sources: list[Source], whole: list[bytes], engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def refused(*_: object, **__: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setenv("GRADSHEET_CACHE", str(tmp_path))
    monkeypatch.setattr("generator.model.files.tempfile.mkstemp", refused)
    assert looks(typeset_batch(sources[:2], engine)[1]) == whole[1]
    assert list(tmp_path.iterdir()) == []


def test_formats_are_made_once_and_few_are_kept(
    tmp_path: Path, sources: list[Source], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADSHEET_CACHE", str(tmp_path))
    typeset_batch(sources[:1], engine)
    (made,) = tmp_path.glob("*.fmt")
    before = made.stat().st_mtime_ns
    typeset_batch(sources[:2], engine)
    assert [each.stat().st_mtime_ns for each in tmp_path.glob("*.fmt")] == [before]
