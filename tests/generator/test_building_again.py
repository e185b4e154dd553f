"""Building again: where nothing changed nothing is drawn, and all that counts is a change."""

from __future__ import annotations

import ast
import dataclasses
import io
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from generator import building, collecting, fingerprints
from generator.assignment import Assignment, Entry, Student
from generator.pictures import Picture
from generator.rendering import environment
from generator.rendering.batches import Source, Typeset
from generator.rendering.typesetting import Engine, find_engine
from generator.sheets import Sheet, draw_sheet

ENTRY = Entry("output_loss_jacobians", {"outputs": 3})
HOMEWORK = Assignment("hw", "Homework", (ENTRY,), course="C")
SECRET = b"a secret that nobody knows"
ANN, BO = CLASS = (Student("s1", "Ann"), Student("s2", "Bo"))
LOGO = Picture("PNG", b"one")
SIZES = building._SIZES


class Builds:
    """Builds into one folder, each of which tells whose sheets it drew and what it typeset.

    A PDF is a blank page that says what it was made from.
    """

    def __init__(self, out: Path, patch: pytest.MonkeyPatch) -> None:
        self.out = out
        self.drawn: list[str] = []
        self.typeset: list[str] = []
        patch.setattr(building, "draw_sheet", self._draw)
        patch.setattr(building, "typeset_batch", self._typeset)
        patch.setattr(building, "rehearse", lambda *_: None)
        patch.setattr(building, "_SIZES", (1,))  # a batch for each student

    def _draw(self, assignment: Assignment, student: Student, secret: bytes) -> Sheet:
        self.drawn.append(student.id)
        return draw_sheet(assignment, student, secret)

    def _typeset(self, sources: Sequence[Source], _: Engine, log_folder: Path) -> list[Typeset]:
        self.typeset += [source.name for source in sources]
        return [_blank(repr(source)) for source in sources]

    def __call__(
        self,
        assignment: Assignment = HOMEWORK,
        students: Sequence[Student] = CLASS,
        secret: bytes = SECRET,
        pdf: bool = True,
        **options: Any,
    ) -> list[str]:
        """Whose sheets were drawn."""
        self.drawn, self.typeset = [], []
        engine = find_engine("embedded") if pdf else None
        results = building.build(assignment, students, secret, self.out, engine=engine, **options)
        assert [each.error for each in results] == [""] * len(students)
        for built in results:
            assert all((self.out / "hw" / path).is_file() for path in built.files)
            assert all(made.pages == 1 for made in built.pdfs.values())
        return self.drawn


def _blank(text: str) -> Typeset:
    stream = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.docinfo["/Title"] = text
        pdf.save(stream, deterministic_id=True)
    return Typeset(stream.getvalue(), 1)


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Builds:
    return Builds(tmp_path / "out", monkeypatch)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


OF_ASSIGNMENT: dict[str, Any] = {
    "title": "Other",
    "course": "D",
    "due": "tomorrow",
    "instructions": "Be brief.",
    "practice": True,
    "paper": "letter",
    "language": "de",
    "logo": LOGO,
    "room": Fraction(2),
}
OF_ENTRY: dict[str, Any] = {
    "exercise": "training_loop_steps",
    "options": {"outputs": 4},
    "points": Fraction(7),
    "count": 2,
}
OF_STUDENT = {"name": "Ann-Lee", "email": "ann@nyu.edu", "print_name": "A."}


def _with_entry(name: str, value: Any) -> Assignment:
    options = {} if name == "exercise" else ENTRY.options
    return replace(HOMEWORK, entries=(replace(ENTRY, **{"options": options, name: value}),))


CHANGED = {
    **{name: replace(HOMEWORK, **{name: value}) for name, value in OF_ASSIGNMENT.items()},
    **{f"entry's {name}": _with_entry(name, value) for name, value in OF_ENTRY.items()},
    "another entry": replace(HOMEWORK, entries=(ENTRY, Entry("training_loop_steps", {}))),
}


def test_no_field_of_an_assignment_or_a_student_is_left_out() -> None:
    def names(kind: Any) -> set[str]:
        return {each.name for each in dataclasses.fields(kind)}

    assert names(Assignment) == {"name", "entries", *OF_ASSIGNMENT}  # the name is the folder
    assert names(Entry) == set(OF_ENTRY)
    assert names(Student) == {"id", *OF_STUDENT}  # the id is the file


@pytest.mark.parametrize("changed", CHANGED)
def test_a_change_of_the_assignment_rebuilds_all(build: Builds, changed: str) -> None:
    assert build() == ["s1", "s2"]
    before = contents(build.out)
    assert build(CHANGED[changed]) == ["s1", "s2"]
    assert len(build.typeset) == 4
    assert contents(build.out) != before
    assert build(CHANGED[changed]) == []
    assert build() == ["s1", "s2"]
    assert contents(build.out) == before


def test_another_logo_rebuilds_all(build: Builds) -> None:
    build(replace(HOMEWORK, logo=LOGO))
    assert build(replace(HOMEWORK, logo=Picture("PNG", b"two"))) == ["s1", "s2"]


@pytest.mark.parametrize("name", OF_STUDENT)
def test_a_change_of_a_student_rebuilds_that_one(build: Builds, name: str) -> None:
    build()
    students = (replace(ANN, **{name: OF_STUDENT[name]}), BO)
    assert build(students=students) == ["s1"]
    assert build.typeset == ["s1-sheets", "s1-solutions"]
    assert build(students=students) == []


def test_another_id_is_another_student(build: Builds) -> None:
    build()
    assert build(students=(replace(ANN, id="s3"), BO)) == ["s3"]
    # two ids that make one name of a file
    assert build(students=(Student("x/y", "Ann"),)) == ["x/y"]
    assert build(students=(Student("x_y", "Ann"),)) == ["x_y"]


def test_students_who_are_typeset_together_are_built_together(
    build: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "_SIZES", SIZES)
    build()
    assert build() == []
    assert build(students=(BO, ANN)) == ["s2", "s1"]
    assert build(students=(BO, replace(ANN, name="Ann-Lee"))) == ["s2", "s1"]
    assert len(build.typeset) == 4


def test_another_secret_rebuilds_all_and_is_not_told(build: Builds) -> None:
    build()
    assert build(secret=b"another secret that nobody knows") == ["s1", "s2"]
    notes = build.out / "hw/built.json"
    assert b"secret" not in notes.read_bytes()
    assert stat.S_IMODE(notes.stat().st_mode) == 0o600


def test_another_engine_or_flag_typesets_again(
    build: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    assert build(fillable=True) == ["s1", "s2"]
    assert len(build.typeset) == 4
    assert build(fillable=True) == []
    monkeypatch.setattr(building, "engine_version", lambda engine: "embedded: pdfTeX 4")
    assert build(fillable=True) == ["s1", "s2"]
    assert len(build.typeset) == 4
    assert build(fillable=True) == []
    assert build(fillable=True, force=True) == ["s1", "s2"]
    assert len(build.typeset) == 4


def test_what_is_asked_for_besides_typesets_nothing_again(build: Builds) -> None:
    assert build(pdf=False) == ["s1", "s2"]
    assert build(pdf=False) == []
    assert build() == ["s1", "s2"]
    assert build(pdf=False) == []
    assert build(keep_tex=True) == ["s1", "s2"]
    assert build.typeset == []
    assert build(keep_tex=True) == []
    assert build() == []


def test_forms_without_pdfs_leave_old_pdfs_to_the_next_build(build: Builds) -> None:
    build()
    other = CHANGED["title"]
    assert build(other, pdf=False) == ["s1", "s2"]
    assert build(other) == ["s1", "s2"]
    assert len(build.typeset) == 4


@pytest.fixture
def looked_again() -> Iterator[Callable[[], None]]:
    """What a new process does: it looks at code and templates anew."""

    def look() -> None:
        for known in (fingerprints._of_folder, fingerprints._installed, environment._environment):
            known.cache_clear()

    yield look
    look()


def test_other_templates_rebuild_all(
    build: Builds, tmp_path: Path, looked_again: Callable[[], None]
) -> None:
    mine = tmp_path / "mine"
    own = mine / "exercises/outputs/output_loss_jacobians.tex.j2"
    own.parent.mkdir(parents=True)
    own.write_bytes((environment._our_folder() / own.relative_to(mine)).read_bytes())
    build()
    assert build(templates=mine) == ["s1", "s2"]
    assert build(templates=mine) == []
    (mine / "taken-in.tex").write_text("new")
    looked_again()
    assert build(templates=mine) == ["s1", "s2"]
    own.write_bytes(own.read_bytes() + b"\n")
    looked_again()
    assert build(templates=mine) == ["s1", "s2"]
    assert build(templates=mine) == []
    assert build() == ["s1", "s2"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fingerprints._version", lambda library: f"{library} 99"),
        ("fingerprints._of_folder", lambda folder: f"other code in {folder}"),
        ("fingerprints.platform.python_version", lambda: "3.99"),
    ],
)
def test_other_code_rebuilds_all(
    build: Builds,
    monkeypatch: pytest.MonkeyPatch,
    looked_again: Callable[[], None],
    name: str,
    value: Any,
) -> None:
    build()
    with monkeypatch.context() as patch:
        fingerprints._installed.cache_clear()
        patch.setattr(f"generator.{name}", value)
        assert build() == ["s1", "s2"]
        assert build() == []
    looked_again()


def test_code_is_all_files_of_a_folder_but_compiled_ones(
    tmp_path: Path, looked_again: Callable[[], None]
) -> None:
    seen = set()
    for name, text in (("a.py", "1"), ("a.py", "2"), ("b/c.tex.j2", "1"), ("b/d.csv", "")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        looked_again()
        seen.add(fingerprints._of_folder(tmp_path))
    assert len(seen) == 4
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/a.pyc").write_text("")
    looked_again()
    assert fingerprints._of_folder(tmp_path) in seen
    (tmp_path / "a.py").rename(tmp_path / "e.py")
    looked_again()
    assert fingerprints._of_folder(tmp_path) not in seen


def test_every_library_that_is_imported_counts() -> None:
    files = Path(building.__file__).parent.rglob("*.py")
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    names = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    names |= {str(n.module) for n in nodes if isinstance(n, ast.ImportFrom) and not n.level}
    foreign = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"generator"}
    whose = packages_distributions()
    found = {each.lower() for name in foreign for each in whose[name]}
    assert len(found) > 8
    assert found <= set(fingerprints.LIBRARIES)


FILES = [
    *("keys/s1.json", "forms/s1.yaml", "sheets/s1.pdf", "solutions/s1.pdf"),
    *("tex/sheets/s1.tex", "tex/solutions/s1.tex", "tex/sheets/logo.png"),
]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _edit(path: Path) -> None:
    """As long as before, and with the time of before."""
    times = path.stat()
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize("injure", [Path.unlink, _cut, _edit])
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_as_it_was_written_is_restored(
    build: Builds, name: str, injure: Callable[[Path], None]
) -> None:
    homework = replace(HOMEWORK, logo=LOGO)
    build(homework, keep_tex=True)
    before = contents(build.out)
    injure(build.out / "hw" / name)
    assert contents(build.out) != before
    drawn = build(homework, keep_tex=True)
    assert drawn == (["s1", "s2"] if "logo" in name else ["s1"])  # which all take in
    assert bool(build.typeset) == name.endswith(".pdf")
    assert contents(build.out) == before
    assert build(homework, keep_tex=True) == []


def test_a_file_of_another_student_is_no_substitute(build: Builds) -> None:
    build()
    keys = build.out / "hw/keys"
    (keys / "s1.json").write_bytes((keys / "s2.json").read_bytes())
    assert build() == ["s1"]
    assert json.loads((keys / "s1.json").read_bytes())["student"] == "s1"


@pytest.mark.parametrize(
    "notes",
    [
        "",
        "[]",
        '{"sheets/s1.pdf": {"source": "0", "pages": 1}}',  # as of an earlier version
        '{"sheets/s1.pdf": 3}',
    ],
)
def test_without_notes_everything_is_built_once(build: Builds, notes: str) -> None:
    build()
    before = contents(build.out)
    (build.out / "hw/built.json").write_text(notes)
    assert build() == ["s1", "s2"]
    assert contents(build.out) == before
    assert build() == []


def test_a_stopped_build_goes_on_behind_what_is_done(build: Builds) -> None:
    def stop(built: building.Built) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(progress=stop)
    assert build() == ["s2"]
    assert build() == []


def test_the_second_build_of_a_class_draws_nothing_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = find_engine("embedded")

    def whole(jobs: int) -> tuple[list[building.Built], collecting.Collected]:
        results = building.build(HOMEWORK, CLASS, SECRET, tmp_path, engine=engine, jobs=jobs)
        collected = collecting.collect(HOMEWORK, results, tmp_path, engine)
        collecting.archive(HOMEWORK, results, tmp_path)
        collecting.archive_of_solutions(HOMEWORK, results, tmp_path)
        return results, collected

    first, before = whole(1), contents(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert len(before) == 2 * 4 + 1 + 3 + 2 + 1  # one run of TeX

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("drawn, typeset or joined again")

    with monkeypatch.context() as patch:
        for name in ("draw_sheet", "typeset_batch"):
            patch.setattr(building, name, never)
        for name in ("join", "typeset", "key_lines", "_zip"):
            patch.setattr(collecting, name, never)
        for jobs in (1, 2):
            assert whole(jobs) == first
    assert contents(tmp_path) == before
    assert {path: path.stat().st_mtime_ns for path in times} == times

    of_class = ("print.pdf", "solutions.pdf", "instructor.pdf", "hw.zip", "hw-solutions.zip")
    for number, name in enumerate(of_class):
        (Path.unlink, _cut, _edit)[number % 3](tmp_path / "hw" / name)
    monkeypatch.setattr(building, "draw_sheet", never)
    assert whole(1) == first
    assert contents(tmp_path) == before
