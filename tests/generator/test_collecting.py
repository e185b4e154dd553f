"""The class in one file: joined PDFs, the list of answers, and the archive to hand out."""

from __future__ import annotations

import io
import stat
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String

from generator import collecting
from generator.assignment import Assignment, Entry, Student
from generator.building import Built, build
from generator.collecting import (
    INSTRUCTOR,
    PRINT,
    SOLUTIONS,
    archive,
    archive_of_solutions,
    collect,
)
from generator.model.errors import InputError
from generator.rendering import documents
from generator.rendering.joining import Pages, join
from generator.rendering.typesetting import Engine, find_engine
from generator.sheets import Sheet, draw_sheet

HOMEWORK = Assignment(
    "hw",
    "Homework & more",
    (Entry("output_loss_jacobians", {}), Entry("training_loop_steps", {}, count=2)),
    practice=True,
)
CLASS = tuple(Student(f"s{n}", f"Ann {n}") for n in range(3))
ALL = {"Title": "All", "Lang": "it"}
TITLES = ["One", "Two", "Three"]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return find_engine("embedded")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def built(out: Path, engine: Engine) -> list[Built]:
    results = build(HOMEWORK, CLASS, b"", out, engine=engine)
    assert not any(each.error for each in results)
    return results


def pages_of(results: list[Built], folder: Path, kind: str) -> dict[Student, Pages]:
    """The pages of the students, in files of their own."""
    found = {each.student: f"{kind}/{each.student.file_name}.pdf" for each in results}
    return {
        built.student: Pages(folder / "hw" / path, range(made.pages), made.exercises)
        for built in results
        for path in [found[built.student]]
        for made in [built.files[path]]
    }


def whole(paths: dict[Student, Path]) -> dict[Student, Pages]:
    """All the pages of these files."""
    return {
        student: Pages(path, range(len(pikepdf.open(path).pages)))
        for student, path in paths.items()
    }


def looks(pdf: bytes) -> list[bytes]:
    """Each page as an image."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [page.render(scale=0.5).to_numpy().tobytes() for page in document]


def text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def objgen_of(destination: Any) -> tuple[int, int]:
    """The number of the page that a bookmark leads to."""
    number, generation = destination[0].objgen
    return number, generation


def test_joined_pages_look_as_in_the_students_files(out: Path, built: list[Built]) -> None:
    paths = pages_of(built, out, "solutions")
    joined = join(paths, ALL, TITLES)
    each = [looks(pages.path.read_bytes()) for pages in paths.values()]
    assert looks(joined.data) == [page for pages in each for page in pages]
    assert joined.pages == sum(map(len, each))
    assert joined == join(paths, ALL, TITLES)


def test_what_the_files_share_is_stored_once(out: Path, built: list[Built]) -> None:
    paths = pages_of(built, out, "sheets")
    alone = [len(pages.path.read_bytes()) for pages in paths.values()]
    joined = join(paths, ALL, TITLES).data
    assert len(joined) < sum(alone) / 2
    with pikepdf.open(io.BytesIO(joined)) as opened:
        fonts = [font for page in opened.pages for font in page.resources.Font.values()]
        names = {str(font.FontDescriptor.FontName): font.objgen for font in fonts}
        assert len({font.objgen for font in fonts}) < len(fonts) / 2
        assert names


@pytest.mark.parametrize("mode", pikepdf.ObjectStreamMode.__members__)
def test_what_other_programs_wrote_is_joined_as_it_is(tmp_path: Path, mode: str) -> None:
    """Pages that inherit their size, and fonts that refer to themselves and to each other's."""
    paths = {}
    for student, base in zip(CLASS, ("Courier", "Helvetica", "Courier"), strict=True):
        with pikepdf.new() as pdf:
            font = pdf.make_indirect(
                Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{base}"))
            )
            font.Own = pdf.make_indirect(Dictionary(Back=font, Text=String("7 0 R (1 0 R)")))
            for number in range(2):
                pdf.add_blank_page(page_size=(300, 400))
                page = pdf.pages[-1].obj
                page.Resources = Dictionary(Font=Dictionary(F1=font))
                page.Annots = Array([pdf.make_indirect(Dictionary(Subtype=Name.Link, P=page))])
                drawn = f"BT /F1 20 Tf 9 9 Td ({student.id} {number}) Tj ET".encode()
                page.Contents = pdf.make_stream(drawn)
                del page.MediaBox
            pdf.Root.Pages.MediaBox = Array([0, 0, 300, 400])
            paths[student] = tmp_path / f"{student.id}.pdf"
            pdf.save(
                paths[student],
                object_stream_mode=pikepdf.ObjectStreamMode.__members__[mode],
            )
    joined = join(whole(paths), ALL, ())
    assert text(joined.data).split() == [f for n in range(3) for p in "01" for f in (f"s{n}", p)]
    with pikepdf.open(io.BytesIO(joined.data)) as opened:
        assert opened.check_pdf_syntax() == []
        assert {tuple(map(int, page.mediabox)) for page in opened.pages} == {(0, 0, 300, 400)}
        assert not any("/Annots" in page.obj for page in opened.pages)
        fonts = [page.obj.Resources.Font.F1 for page in opened.pages]
        assert fonts[0].objgen == fonts[4].objgen != fonts[2].objgen
        for each in fonts:
            assert each.Own.Back.objgen == each.objgen
            assert str(each.Own.Text) == "7 0 R (1 0 R)"


def test_bookmarks_by_student_and_exercise(out: Path, built: list[Built]) -> None:
    paths = pages_of(built, out, "solutions")
    joined = join(paths, ALL, TITLES)
    with pikepdf.open(io.BytesIO(joined.data)) as opened:
        assert {key: str(text) for key, text in opened.docinfo.items()} == {
            "/Title": "All",
            "/Creator": "gradsheet",
        }
        assert str(opened.Root.Lang) == "it"
        assert opened.Root.PageMode == "/UseOutlines"
        with opened.open_outline() as outline:
            assert [item.title for item in outline.root] == [f"Ann {n} (s{n})" for n in range(3)]
            below = [[child.title for child in item.children] for item in outline.root]
            assert below == [["1 One", "2 Two", "3 Three"]] * 3
            places = [page.obj.objgen for page in opened.pages]
            first = [places.index(objgen_of(item.destination)) for item in outline.root]
        counts = [len(pages.places) for pages in paths.values()]
        assert first == [0, counts[0], counts[0] + counts[1]]


def test_each_printed_sheet_begins_on_a_right_hand_page(tmp_path: Path) -> None:
    paths = {}
    for student, count in zip(CLASS, (1, 2, 3), strict=True):
        with pikepdf.new() as blank:
            for _ in range(count):
                blank.add_blank_page(page_size=(300, 400))
                content = f"% {student.id}".encode()
                blank.pages[-1].Contents = pikepdf.Stream(blank, content)
            blank.save(tmp_path / f"{student.id}.pdf")
        paths[student] = tmp_path / f"{student.id}.pdf"
    joined = join(whole(paths), ALL, (), duplex=True)
    with pikepdf.open(io.BytesIO(joined.data)) as opened:
        drawn = [page.obj.get("/Contents") for page in opened.pages]
        whose = [each.read_bytes().decode() if each is not None else "" for each in drawn]
        assert whose == ["% s0", "", "% s1", "% s1", "% s2", "% s2", "% s2", ""]
        assert {tuple(map(int, page.mediabox)) for page in opened.pages} == {(0, 0, 300, 400)}
    assert joined.pages == 8


def test_a_broken_pdf_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("no PDF")
    with pytest.raises(InputError, match=r"a\.pdf: not a whole PDF"):
        join({CLASS[0]: Pages(tmp_path / "a.pdf", range(1))}, ALL, ())
    with pikepdf.new() as empty:
        empty.save(tmp_path / "c.pdf")
    with pytest.raises(InputError, match=r"c\.pdf: not a whole PDF"):
        join({CLASS[0]: Pages(tmp_path / "c.pdf", range(1))}, ALL, ())
    with pytest.raises(InputError, match=r"b\.pdf: cannot be read"):
        join({CLASS[0]: Pages(tmp_path / "b.pdf", range(1))}, ALL, ())


def test_the_files_of_the_class(out: Path, built: list[Built], engine: Engine) -> None:
    collected = collect(HOMEWORK, built, out, engine)
    assert not collected.errors
    assert list(collected.pages) == [PRINT, SOLUTIONS, INSTRUCTOR]
    modes = {name: stat.S_IMODE((out / "hw" / name).stat().st_mode) for name in collected.pages}
    assert modes == {PRINT: 0o644, SOLUTIONS: 0o600, INSTRUCTOR: 0o600}
    shown = text((out / "hw" / INSTRUCTOR).read_bytes())
    assert all(f"Ann {n}" in shown for n in range(3))
    sheets = [draw_sheet(HOMEWORK, student, b"") for student in CLASS]
    parts = sum(len(question.truths) for sheet in sheets for question in sheet.questions)
    assert parts == shown.count("q1.") + shown.count("q2.") + shown.count("q3.")
    assert "Homework & more" in shown


def test_they_are_made_again_only_after_a_change(
    out: Path, built: list[Built], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = collect(HOMEWORK, built, out, engine)
    before = {name: (out / "hw" / name).stat().st_mtime_ns for name in whole.pages}
    first = {name: (out / "hw" / name).read_bytes() for name in whole.pages}
    assert collect(HOMEWORK, built, out, engine) == whole
    assert {name: (out / "hw" / name).stat().st_mtime_ns for name in whole.pages} == before
    fewer = [built[0], replace(built[1], files={}, error="TeX said no"), built[2]]
    less = collect(HOMEWORK, fewer, out, engine)
    assert less.pages[SOLUTIONS] < whole.pages[SOLUTIONS]
    assert "Ann 1" not in text((out / "hw" / INSTRUCTOR).read_bytes())
    assert collect(HOMEWORK, built, out, engine, force=True) == whole
    assert {name: (out / "hw" / name).read_bytes() for name in whole.pages} == first


def test_files_of_the_class_say_what_they_are(
    out: Path, built: list[Built], engine: Engine
) -> None:
    collect(replace(HOMEWORK, course="Learning"), built, out, engine, force=True)
    kinds = {PRINT: "Worksheet", SOLUTIONS: "Solutions", INSTRUCTOR: "Answers"}
    for name, kind in kinds.items():
        with pikepdf.open(out / "hw" / name) as opened:
            said = {key: str(text) for key, text in opened.docinfo.items()}
            assert said["/Title"] == f"Homework & more – {kind}"
            assert (said["/Author"], said["/Subject"]) == ("Learning", kind)
            assert str(opened.Root.Lang) == "en"


def test_nobody_is_left(out: Path, built: list[Built], engine: Engine) -> None:
    collect(HOMEWORK, built, out, engine)
    none = [replace(each, files={}, error="no") for each in built]
    assert collect(HOMEWORK, none, out, engine) == collecting.Collected()
    assert not any((out / "hw" / name).exists() for name in (PRINT, SOLUTIONS, INSTRUCTOR))


def test_the_archive_holds_what_students_get(out: Path, built: list[Built]) -> None:
    path = archive(HOMEWORK, built, out)
    first = path.read_bytes()
    with zipfile.ZipFile(path) as opened:
        assert opened.namelist() == [
            f"s{n}/s{n}{end}" for n in range(3) for end in (".pdf", ".yaml")
        ]
        assert opened.read("s1/s1.pdf") == (out / "hw/sheets/s1.pdf").read_bytes()
        assert {each.date_time for each in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert archive(HOMEWORK, built, out).read_bytes() == first
    failed = [built[0], replace(built[1], files={}, error="no"), built[2]]
    with zipfile.ZipFile(archive(HOMEWORK, failed, out)) as opened:
        assert not any(name.startswith("s1/") for name in opened.namelist())


def test_solutions_have_an_archive_of_their_own(out: Path, built: list[Built]) -> None:
    path = archive_of_solutions(HOMEWORK, built, out)
    assert path.name == "hw-solutions.zip"
    with zipfile.ZipFile(path) as opened:
        assert opened.namelist() == [f"s{n}/s{n}-solutions.pdf" for n in range(3)]
        inside = opened.read("s2/s2-solutions.pdf")
    assert inside == (out / "hw/solutions/s2.pdf").read_bytes()


def test_what_tells_answers_is_the_instructors_alone(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("solutions", "tex/solutions"):  # as a build of an earlier version left it
        (tmp_path / "hw" / name).mkdir(parents=True)
    both = documents.both

    def injured(sheet: Sheet) -> tuple[str, str]:
        worksheet, solutions = both(sheet)
        if sheet.student.id == "s1":
            solutions = solutions.replace("\n\\shippages\n", "\n\\oops\n\\shippages\n")
        return worksheet, solutions

    monkeypatch.setattr("generator.building.documents.both", injured)
    results = build(HOMEWORK, CLASS, b"", tmp_path, engine=engine, keep_tex=True)
    collect(HOMEWORK, results, tmp_path, engine)
    archive(HOMEWORK, results, tmp_path)
    archive_of_solutions(HOMEWORK, results, tmp_path)
    open_to_all = {
        path.relative_to(tmp_path / "hw").as_posix()
        for path in (tmp_path / "hw").rglob("*")
        if path.stat().st_mode & 0o077 and not path.is_relative_to(tmp_path / "hw/logs")
    }
    assert open_to_all == {
        *("print.pdf", "hw.zip", "sheets", "forms", "tex", "tex/sheets"),
        *(f"{kind}" for n in (0, 2) for kind in (f"sheets/s{n}.pdf", f"tex/sheets/s{n}.tex")),
        *(f"forms/s{n}.yaml" for n in (0, 2)),
    }
    assert stat.S_IMODE((tmp_path / "hw/logs").stat().st_mode) == 0o700
