"""Names are checked against the engine's fonts before anything is built."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.assignment import Assignment, Entry, Student
from generator.building import build
from generator.model.errors import InputError
from generator.rendering.alphabet import check_names
from generator.rendering.escaping import breakable, escape
from generator.rendering.typesetting import Engine, find_engine

QUIZ = Assignment("quiz", "Quiz", (Entry("output_loss_jacobians", {}),), practice=True)
FOREIGN = ("Жанна", "张伟", "Αθηνά", "مريم", "משה")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return find_engine("embedded")


def test_latin_letters_of_every_language_are_known(engine: Engine) -> None:
    names = ("Nguyễn Thị Phương Thảo", "José Łukasz Žižek", "Ştefan Ǧ", "O’Neill–“Bo”", "Ŋ & €")
    check_names(QUIZ, [Student(f"s{n}", name) for n, name in enumerate(names)], engine)


@pytest.mark.parametrize("name", FOREIGN)
def test_a_name_in_another_script_is_refused_before_the_run(
    name: str, tmp_path: Path, engine: Engine
) -> None:
    students = [Student("s1", "Ann"), Student("s2", name)]
    with pytest.raises(InputError) as caught:
        build(QUIZ, students, b"", tmp_path, engine=engine)
    message = str(caught.value)
    assert message.startswith(f"s2 ({name}): the fonts of TeX (embedded) have no {name[0]} (U+")
    assert "print_name" in message
    assert "--engine lualatex" in message
    assert not list(tmp_path.iterdir())


def test_many_such_names_are_one_message(engine: Engine) -> None:
    students = [Student(f"s{n}", name) for n, name in enumerate(FOREIGN)]
    with pytest.raises(InputError, match=r"^s0 \(Жанна\), s1 \(张伟\), s2 \(Αθηνά\) and 2 more: "):
        check_names(QUIZ, students, engine)


def test_a_class_whose_names_have_hundreds_of_such_letters(engine: Engine) -> None:
    """TeX gives up after a hundred errors in one paragraph."""
    names = ["Ann", *(chr(0x4E00 + n) + chr(0x5E00 + n) for n in range(100))]
    students = [Student(f"s{n}", name) for n, name in enumerate(names)]
    with pytest.raises(InputError, match=r"and 97 more: .* 帀 \(.* and 197 more\. Write"):
        check_names(QUIZ, students, engine)


def test_a_name_for_the_paper_is_the_way_out(engine: Engine) -> None:
    check_names(QUIZ, [Student("s1", "张伟", print_name="Zhang Wei")], engine)


def test_an_id_is_checked_too(engine: Engine) -> None:
    """It stands in the instructor's list."""
    words = r"^s一 \(Ann\): the fonts .* 一 \(U\+.*\. The instructor's list has the id: .*lualatex$"
    with pytest.raises(InputError, match=words):
        check_names(QUIZ, [Student("s一", "Ann"), Student("s2", "Bo")], engine)


def test_a_title_is_checked_too(engine: Engine) -> None:
    quiz = Assignment("quiz", "Тест", QUIZ.entries, practice=True)
    with pytest.raises(InputError, match=r"^title of quiz: .* Т \(U\+0422 CYRILLIC .*otherwise"):
        check_names(quiz, [Student("s1", "Ann")], engine)


def test_a_text_of_the_assignment_is_told_before_a_sample_is_set(
    tmp_path: Path, engine: Engine
) -> None:
    quiz = Assignment("quiz", "Quiz", QUIZ.entries, instructions="Тест", practice=True)
    with pytest.raises(InputError, match=r"^instructions of quiz: "):
        build(quiz, [Student("s1", "Ann")], b"", tmp_path, engine=engine, templates=tmp_path)


def test_runs_from_right_to_left_are_kept_together() -> None:
    assert escape("Ann (مريم العلي)") == r"Ann (\righttoleft{مريم العلي})"
    assert breakable("مريم العلي") == r"\righttoleft{مريم العلي}"
    assert breakable("Ann משה כהן Bo") == r"Ann \righttoleft{משה כהן} Bo"
    assert r"\righttoleft" not in breakable("Ann Жанна 张伟")


@pytest.mark.skipif(not shutil.which("lualatex"), reason="needs LuaLaTeX")
def test_lualatex_takes_letters_from_fonts_of_the_system() -> None:
    check_names(QUIZ, [Student("s1", "Жанна")], find_engine("lualatex"))
