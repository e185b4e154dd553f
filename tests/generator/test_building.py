"""Building a class: what is written, with which rights, and what an error costs."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import pikepdf
import pytest

from generator import building
from generator.assignment import Assignment, Entry, Student
from generator.made import writing
from generator.model.errors import InputError, TypesettingError
from generator.model.values import Tex
from generator.rendering import blocks
from generator.rendering.batches import Source, Typeset
from generator.rendering.typesetting import Engine, find_engine
from generator.sheets import Question, Sheet, draw_sheet

HOMEWORK = Assignment("hw1", "Homework", (Entry("two_branch_backprop", {}),), practice=True)
CLASS = (
    Student("s1", "Ann"),
    Student("s2", r"\input{/etc/passwd} & 50% #1_{x}^~"),
    Student("s3", "Bo"),
)


@pytest.fixture
def pdf() -> Typeset:
    """A PDF of one blank page."""
    blank = pikepdf.new()
    blank.add_blank_page()
    blank.save(stream := io.BytesIO())
    return Typeset(stream.getvalue(), 1)


def build(out: Path, jobs: int = 1, engine: Engine | None = None, students=CLASS):
    return building.build(HOMEWORK, students, b"", out, engine=engine, jobs=jobs)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_same_bytes_for_any_number_of_jobs(tmp_path: Path) -> None:
    build(tmp_path / "one", jobs=1)
    build(tmp_path / "two", jobs=2)
    build(tmp_path / "two", jobs=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert {"hw1/forms/s1.yaml", "hw1/keys/s3.json"} <= set(contents(tmp_path / "one"))


def test_pdfs_are_the_same_bytes_and_only_changes_are_typeset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = find_engine("embedded")
    results = build(tmp_path / "a", engine=engine, students=CLASS[:2])
    assert [each.error for each in results] == ["", ""]
    build(tmp_path / "b", engine=engine, students=CLASS[:2])
    first = contents(tmp_path / "a")
    assert first == contents(tmp_path / "b")
    assert first["hw1/sheets/s2.pdf"].startswith(b"%PDF")

    again = recorded(monkeypatch, Typeset(first["hw1/sheets/s2.pdf"], 1))
    (tmp_path / "a/hw1/solutions/s1.pdf").unlink()
    build(tmp_path / "a", engine=engine, students=CLASS[:2])
    batch = ["s1-sheets", "s1-solutions", "s2-sheets", "s2-solutions"]
    assert again == batch  # the fonts hold the letters of all of it
    build(tmp_path / "a", engine=engine, students=CLASS[:2])
    assert again == batch
    building.build(HOMEWORK, CLASS[:2], b"", tmp_path / "a", engine=engine, force=True)
    assert again == batch * 2


def test_fillable_sheets_are_forms_and_solutions_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = find_engine("embedded")

    def build_it(fillable: bool) -> None:
        results = building.build(
            HOMEWORK, CLASS[:2], b"", tmp_path, engine=engine, fillable=fillable
        )
        assert [each.error for each in results] == ["", ""]

    def forms() -> dict[str, bool]:
        found = {}
        for path in tmp_path.glob("hw1/s*/*.pdf"):
            with pikepdf.open(path) as pdf:
                found[str(path.relative_to(tmp_path / "hw1"))] = "/AcroForm" in pdf.Root
        return found

    build_it(True)
    names = ("s1.pdf", "s2.pdf")
    solutions = {f"solutions/{name}": False for name in names}
    assert forms() == {f"sheets/{name}": True for name in names} | solutions
    build_it(False)  # what was a form is typeset again
    assert forms() == {f"sheets/{name}": False for name in names} | solutions
    build_it(True)
    again = recorded(monkeypatch, Typeset(b"", 0))
    build_it(True)
    assert again == []


def recorded(monkeypatch: pytest.MonkeyPatch, pdf: Typeset) -> list[str]:
    """The names of what is typeset from here on, all of which becomes one PDF."""
    names: list[str] = []

    def typeset_batch(
        sources: Sequence[Source], engine: Engine, log_folder: Path
    ) -> list[Typeset | TypesettingError]:
        names.extend(source.name for source in sources)
        return [pdf] * len(sources)

    monkeypatch.setattr(building, "typeset_batch", typeset_batch)
    return names


def test_keys_are_the_instructors_alone(tmp_path: Path) -> None:
    build(tmp_path)
    assert stat.S_IMODE((tmp_path / "hw1/keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "hw1/keys/s1.json").stat().st_mode) == 0o600


def test_a_form_and_its_key_carry_one_sheet_id(tmp_path: Path) -> None:
    build(tmp_path)
    key = json.loads((tmp_path / "hw1/keys/s1.json").read_text())
    assert key["sheet_id"] in (tmp_path / "hw1/forms/s1.yaml").read_text()
    others = {
        json.loads((tmp_path / f"hw1/keys/s{n}.json").read_text())["sheet_id"] for n in (2, 3)
    }
    assert key["sheet_id"] not in others


def test_one_students_error_costs_only_that_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pdf: Typeset
) -> None:
    def typeset_batch(
        sources: Sequence[Source], engine: Engine, log_folder: Path
    ) -> list[Typeset | TypesettingError]:
        no = TypesettingError("TeX said no")
        return [no if source.name == "s2-solutions" else pdf for source in sources]

    monkeypatch.setattr(building, "typeset_batch", typeset_batch)
    results = build(tmp_path, engine=find_engine("embedded"))
    assert [(each.student.id, each.error) for each in results] == [
        ("s1", ""),
        ("s2", "TeX said no"),
        ("s3", ""),
    ]
    written = contents(tmp_path / "hw1")
    assert "keys/s3.json" in written
    assert not any("s2" in name for name in written)


def test_a_prompt_that_no_form_can_be_made_of_costs_only_its_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TeX may read what an own template prints, and the form not."""
    prompt = blocks.prompt

    def spoilt(question: Question, name: str, *others: Any) -> Tex:
        one = name == "sizes" and repr(question.exercise) == bad
        return Tex(r"\verb|$$$|") if one else prompt(question, name, *others)

    bad = repr(draw_sheet(HOMEWORK, CLASS[1], b"").questions[0].exercise)
    monkeypatch.setattr(blocks, "prompt", spoilt)
    first, second, third = build(tmp_path)
    assert (first.error, third.error) == ("", "")
    assert second.error.startswith("exercise two_branch_backprop, part sizes: this LaTeX cannot be")
    assert not any("s2" in name for name in contents(tmp_path / "hw1"))


def test_a_full_disk_of_temporary_files_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is full stands in no error of writing to an open file."""
    (tmp_path / "rooms").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "rooms"))

    def full(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(InputError, match=f"^{tmp_path}/rooms: No space left on device$"):
        build(tmp_path / "out", engine=find_engine("embedded"))
    assert list((tmp_path / "rooms").iterdir()) == []


def test_a_full_disk_of_temporary_files_ends_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def typeset_batch(sources: Sequence[Source], engine: Engine, log_folder: Path) -> list[Typeset]:
        raise OSError(28, "No space left on device", "/tmp/x")

    monkeypatch.setattr(building, "typeset_batch", typeset_batch)
    with pytest.raises(InputError, match=r"^/tmp/x: No space left on device$"):
        build(tmp_path, engine=find_engine("embedded"))


def test_an_interrupted_build_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pdf: Typeset
) -> None:
    again = recorded(monkeypatch, pdf)
    monkeypatch.setattr(building, "_SIZES", (1,))  # a batch for each student

    def stop(built: building.Built) -> None:
        raise KeyboardInterrupt

    engine = find_engine("embedded")
    with pytest.raises(KeyboardInterrupt):
        building.build(HOMEWORK, CLASS, b"", tmp_path, engine=engine, progress=stop)
    again.clear()
    build(tmp_path, engine=engine)
    assert again == ["s2-sheets", "s2-solutions", "s3-sheets", "s3-solutions"]


def test_two_builds_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with (
        writing(tmp_path / "hw1"),
        pytest.raises(InputError, match="another build is writing there"),
    ):
        build(tmp_path)
    build(tmp_path)


@pytest.mark.parametrize(
    ("students", "sizes"),
    [(1, [1]), (12, [10, 2]), (100, [25] * 4), (151, [50] * 3 + [1]), (301, [100] * 3 + [1])],
)
def test_batches_depend_on_the_number_of_students_alone(students: int, sizes: list[int]) -> None:
    whole = [Student(f"s{number}", "Ann") for number in range(students)]
    batches = building._batches(whole)
    assert [len(batch) for batch in batches] == sizes
    assert [student for batch in batches for student in batch] == whole


def test_a_student_more_changes_the_last_batch_alone() -> None:
    whole = [Student(f"s{number}", "Ann") for number in range(99)]
    before, after = building._batches(whole), building._batches([*whole, Student("new", "Bo")])
    assert before[:-1] == after[:-1]


def test_a_large_class_has_batches_of_one_size() -> None:
    batches = building._batches([Student(f"s{number}", "Ann") for number in range(1000)])
    assert {len(batch) for batch in batches} == {100}


def test_a_process_that_is_killed_costs_its_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadly(assignment: Assignment, student: Student, secret: bytes) -> Sheet:
        if student.id == "s2":
            os.kill(os.getpid(), signal.SIGKILL)
        return draw_sheet(assignment, student, secret)

    monkeypatch.setattr(building, "draw_sheet", deadly)
    monkeypatch.setattr(building, "_SIZES", (1,))
    results = build(tmp_path, jobs=2)
    assert [bool(each.error) for each in results] == [False, True, False]
    assert "ended from outside (exit code -9)" in results[1].error


def test_an_unwritable_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written"):
        build(tmp_path / "file")


def test_nothing_half_written_is_left_behind(tmp_path: Path) -> None:
    build(tmp_path)
    assert not [name for name in contents(tmp_path) if ".new-" in name]


class TestSecret:
    graded = Assignment("hw1", "Homework", HOMEWORK.entries)

    def test_comes_from_the_environment_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GRADSHEET_SECRET", "a secret from outside")
        assert building.course_secret(tmp_path / "a.toml", self.graded) == b"a secret from outside"
        monkeypatch.setenv("GRADSHEET_SECRET", "short")
        with pytest.raises(InputError, match="GRADSHEET_SECRET: the course secret is too short"):
            building.course_secret(tmp_path / "a.toml", self.graded)
        assert not list(tmp_path.iterdir())

    def test_is_made_once_and_kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("GRADSHEET_SECRET", raising=False)
        first = building.course_secret(tmp_path / "a.toml", self.graded)
        assert first == building.course_secret(tmp_path / "b.toml", self.graded)
        assert len(first) == 64
        file = tmp_path / "gradsheet.secret"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_is_refused_when_too_short(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("GRADSHEET_SECRET", raising=False)
        (tmp_path / "gradsheet.secret").write_text("abc")
        with pytest.raises(InputError, match="too short"):
            building.course_secret(tmp_path / "a.toml", self.graded)

    def test_a_practice_has_none(self, tmp_path: Path) -> None:
        assert building.course_secret(tmp_path / "a.toml", HOMEWORK) == b""
        assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="Permission denied"):
        build(tmp_path)
