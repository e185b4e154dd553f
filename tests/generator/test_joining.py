"""The class from the PDFs of whole runs of TeX: what it would be from the students' own files."""

from __future__ import annotations

import io
import shutil
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from generator import building
from generator.assignment import Assignment, Entry, Student
from generator.building import Built, build
from generator.collecting import PRINT, SOLUTIONS, collect
from generator.kept import RUNS
from generator.made import read_made
from generator.rendering import documents
from generator.rendering.typesetting import Engine, find_engine
from generator.sheets import Sheet

QUIZ = Assignment("quiz", "Quiz", (Entry("output_loss_jacobians", {}, count=2),), practice=True)
CLASS = tuple(Student(f"s{n}", f"Ann {n}") for n in range(5))
KINDS = {PRINT: "sheets", SOLUTIONS: "solutions"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return find_engine("embedded")


@pytest.fixture(autouse=True)
def two_in_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "_SIZES", (2,))


def made(
    out: Path, engine: Engine, students: Sequence[Student] = CLASS, **options: Any
) -> list[Built]:
    """The students who were built, with the files of their class."""
    results = build(QUIZ, students, b"", out, engine=engine, **options)
    assert collect(QUIZ, results, out, engine).errors == ()
    return [each for each in results if not each.error]


def runs(out: Path) -> list[Path]:
    return sorted((out / "quiz" / RUNS).glob("*"))


def of_class(out: Path) -> dict[str, bytes]:
    return {name: (out / "quiz" / name).read_bytes() for name in KINDS}


def looks(path: Path) -> list[bytes]:
    """Each page as an image, and its text."""
    return [
        page.render(scale=0.5).to_numpy().tobytes() + page.get_textpage().get_text_range().encode()
        for page in pypdfium2.PdfDocument(path)
    ]


def assert_right(out: Path, results: Sequence[Built]) -> None:
    """The files of the class are the pages of the students' files, in order; these are also what
    they would be made from without runs, with the same bytes."""
    for name, kind in KINDS.items():
        found = looks(out / "quiz" / name)
        for built in results:
            pages = looks(out / f"quiz/{kind}/{built.student.file_name}.pdf")
            assert found[: len(pages)] == pages
            blank = len(pages) % 2 if name == PRINT else 0
            found = found[len(pages) + blank :]
        assert found == []
    alone = out.with_name("alone")
    shutil.copytree(out, alone)
    shutil.rmtree(alone / "quiz" / RUNS)
    collect(QUIZ, results, alone, find_engine("embedded"), force=True)
    assert of_class(alone) == of_class(out)
    shutil.rmtree(alone)


def test_the_class_is_what_its_students_files_are(tmp_path: Path, engine: Engine) -> None:
    results = made(tmp_path / "out", engine)
    assert_right(tmp_path / "out", results)
    assert len(runs(tmp_path / "out")) == 2  # the fifth student is alone
    modes = [stat.S_IMODE(path.stat().st_mode) for path in runs(tmp_path / "out")]
    assert modes == [0o600] * 2
    assert stat.S_IMODE((tmp_path / "out/quiz" / RUNS).stat().st_mode) == 0o700


def test_a_run_opens_one_file_and_a_damaged_one_is_not_taken(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = made(tmp_path / "out", engine)
    right = of_class(tmp_path / "out")
    opened: list[str] = []
    open_pdf = pikepdf.open

    def counted(file: Any, **options: Any) -> Any:
        if isinstance(file, Path):
            opened.append(file.parent.name)
        return open_pdf(file, **options)

    monkeypatch.setattr(pikepdf, "open", counted)
    collect(QUIZ, results, tmp_path / "out", engine, force=True)
    assert opened == [RUNS, RUNS, "sheets", RUNS, RUNS, "solutions"]
    first, second = runs(tmp_path / "out")
    first.write_bytes(second.read_bytes())  # whole, but not that run
    second.write_bytes(b"no PDF")
    collect(QUIZ, results, tmp_path / "out", engine, force=True)
    assert opened[6:] == ["sheets"] * 5 + ["solutions"] * 5
    assert of_class(tmp_path / "out") == right


@pytest.mark.parametrize("kind", KINDS.values())
@pytest.mark.parametrize("always", [True, False])
def test_a_student_who_is_set_alone(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, kind: str, always: bool
) -> None:
    """Whose sheet is wrong, or only where others are before it."""
    both = documents.both
    wrong = "\\oops" if always else "\\ifnum\\ReadonlyShipoutCounter>0 \\oops\\fi"

    def injured(sheet: Sheet) -> tuple[str, str]:
        texts = dict(zip(KINDS.values(), both(sheet), strict=True))
        if sheet.student.id == "s1":
            texts[kind] = texts[kind].replace("\n\\shippages\n", f"\n{wrong}\n\\shippages\n")
        return texts["sheets"], texts["solutions"]

    monkeypatch.setattr("generator.building.documents.both", injured)
    monkeypatch.setattr(building, "_SIZES", (5,))
    results = made(tmp_path / "out", engine)
    assert [each.student.id for each in results] == [
        s.id for s in CLASS if not always or s.id != "s1"
    ]
    assert_right(tmp_path / "out", results)
    taken = {
        built.student.id: [bool(made.run) for made in built.pdfs.values()] for built in results
    }
    assert all(all(found) for student, found in taken.items() if student != "s1")
    assert always or taken["s1"] == [kind != each for each in KINDS.values()]
    assert len(runs(tmp_path / "out")) == 2  # before it and behind it


def test_after_a_change_of_one_batch(tmp_path: Path, engine: Engine) -> None:
    out = tmp_path / "out"
    made(out, engine)
    before = runs(out)
    students = (*CLASS[:3], replace(CLASS[3], name="Bo"), CLASS[4])
    results = made(out, engine, students)
    assert len(set(runs(out)) & set(before)) == 1
    assert len(runs(out)) == 2  # that of before is gone
    assert_right(out, results)
    fewer = made(out, engine, students[1:])  # other batches
    assert_right(out, fewer)
    needed = {made.run for made in read_made(out / "quiz").values()}
    assert {f"{RUNS}/{path.name}" for path in runs(out)} <= needed
    assert_right(out, made(out, engine, students))
    before_force = of_class(out), runs(out)
    assert_right(out, made(out, engine, students, force=True))
    assert (of_class(out), runs(out)) == before_force


def test_a_build_that_was_stopped_goes_on(tmp_path: Path, engine: Engine) -> None:
    def stop(built: Built) -> None:
        if built.student.id == "s2":
            raise KeyboardInterrupt

    right = made(tmp_path / "right", engine)
    with pytest.raises(KeyboardInterrupt):
        build(QUIZ, CLASS, b"", tmp_path / "out", engine=engine, progress=stop)
    assert made(tmp_path / "out", engine) == right
    assert of_class(tmp_path / "out") == of_class(tmp_path / "right")
    assert [a.name for a in runs(tmp_path / "out")] == [a.name for a in runs(tmp_path / "right")]


def test_forms_are_no_forms_in_the_class(tmp_path: Path, engine: Engine) -> None:
    results = made(tmp_path / "out", engine, fillable=True)
    assert_right(tmp_path / "out", results)
    with pikepdf.open(tmp_path / "out/quiz/sheets/s0.pdf") as sheet:
        assert "/AcroForm" in sheet.Root
    with pikepdf.open(io.BytesIO(of_class(tmp_path / "out")[PRINT])) as whole:
        assert "/AcroForm" not in whole.Root
        assert not any("/Annots" in page.obj for page in whole.pages)
        assert whole.check_pdf_syntax() == []
