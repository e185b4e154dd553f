"""The instructor's list of answers: numbered pages, whatever is wide on them."""

from __future__ import annotations

import io
import json

import pypdfium2
import pytest

from generator import catalog
from generator.assignment import Assignment, Entry, Student
from generator.model import records
from generator.rendering.instructor import key_lines, key_list
from generator.rendering.typesetting import find_engine, overfull_lines, typeset_with_log
from generator.rendering.words import LANGUAGES
from generator.sheets import answer_key, draw_sheet

EXERCISES = ("sincos_graph_backprop", "xor_relu_weights", "training_loop_steps")


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_pages_are_numbered_and_nothing_sticks_out(paper: str) -> None:
    entries = tuple(Entry(name, {}, count=4) for name in EXERCISES)
    homework = Assignment("hw", "A & B", entries, practice=True, course="C_1", paper=paper)
    people = [Student("s" * 40, "Ünal"), Student("b_2", "N" * 80)]
    sheets = [draw_sheet(homework, student, b"") for student in people]
    source = key_list(homework, [key_lines(sheet.student, answer_key(sheet)) for sheet in sheets])
    assert r"\smaller" in source
    assert r"\broken" in source
    pdf, log = typeset_with_log(source, "list", find_engine("embedded"))
    assert not overfull_lines(log, source)
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    shown = [page.get_textpage().get_text_range() for page in document]
    assert len(shown) > 1
    for number, text in enumerate(shown, 1):
        assert f"page {number}\r\n" in f"{text}\r\n"
    for sheet in sheets:
        parts = sum(len(question.truths) for question in sheet.questions)
        assert "".join(shown).count(sheet.sheet_id) == parts
    assert document.get_metadata_dict()["Title"] == "A & B – Answers"


@pytest.mark.parametrize("name", catalog.names())
def test_the_lines_of_a_key_that_was_read_are_those_of_the_sheet(name: str) -> None:
    homework = Assignment("hw", "A", (Entry(name, {}, count=3),), practice=True)
    student = Student("s1", "Ann")
    key = answer_key(draw_sheet(homework, student, b""))
    read = records.decode(json.loads(records.dumps(key)))
    assert key_lines(student, read) == key_lines(student, key)


def test_its_words_are_of_the_assignments_language() -> None:
    homework = Assignment(
        "hw", "Blatt 1", (Entry(EXERCISES[0], {}),), practice=True, language="de"
    )  # fmt: skip
    sheet = draw_sheet(homework, Student("s1", "Ann"), b"")
    lines = key_lines(sheet.student, answer_key(sheet), LANGUAGES["de"])
    pdf, _ = typeset_with_log(key_list(homework, [lines]), "list", find_engine("embedded"))
    text = pypdfium2.PdfDocument(io.BytesIO(pdf))[0].get_textpage().get_text_range()
    for word in ("Antworten", "Name", "Blatt", "Eintrag", "Punkte", "Antwort", "Seite 1"):
        assert word in text
    assert not {"Answers", "Entry", "Points", "page"} & set(text.split())
