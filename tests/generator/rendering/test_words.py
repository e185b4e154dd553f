"""The languages of sheets and forms: every word is there, and arrives where students see it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from string import Formatter
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader

from generator import assignment
from generator.model.answers import Number, Tolerance
from generator.model.form import DECIMALS, FIGURES, OF_FORMULAS, OF_NUMBERS
from generator.rendering.batches import Source, typeset_batch
from generator.rendering.documents import solutions, worksheet
from generator.rendering.forms import expected, form
from generator.rendering.pdfs import Pdf
from generator.rendering.typesetting import find_engine, overfull_lines, typeset_with_log
from generator.rendering.words import LANGUAGES
from generator.sheets import Sheet

Make = Callable[..., Sheet]
OTHERS = [code for code in LANGUAGES if code != "en"]
# The same in two languages, and rightly so.
SHARED = {
    "fr": {"page", "points", "one_point", "many_points", "solution", "form.matrices"},
    "it": set(),
    "de": set(),
    "es": {"form.matrices", "form.one_decimal"},
}


def spread(words: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each word by its path."""
    pairs = (
        words.items()
        if isinstance(words, Mapping)
        else ((field.name, getattr(words, field.name)) for field in fields(words))
    )
    for name, each in pairs:
        if isinstance(each, str):
            yield f"{path}{name}", each
        else:
            assert is_dataclass(each) or isinstance(each, Mapping)
            yield from spread(each, f"{path}{name}.")


def places(word: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(word) if name}


def test_an_assignment_may_choose_every_language_of_the_table() -> None:
    assert list(LANGUAGES) == list(assignment.LANGUAGES)
    assert all(words.code == code for code, words in LANGUAGES.items())


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_word_is_filled_with_the_same_places_as_in_english(code: str) -> None:
    english, other = dict(spread(LANGUAGES["en"])), dict(spread(LANGUAGES[code]))
    assert other.keys() == english.keys()
    for name, word in other.items():
        assert word.strip() == word != ""
        assert places(word) == places(english[name]), name


@pytest.mark.parametrize("code", OTHERS)
def test_every_word_is_translated(code: str) -> None:
    english, other = dict(spread(LANGUAGES["en"])), dict(spread(LANGUAGES[code]))
    same = {name for name, word in other.items() if re.search(r"[^\W\d_]{2}", places_out(word))}
    same = {name for name in same if other[name] == english[name]}
    assert same <= SHARED[code] | {"date"}


def places_out(word: str) -> str:
    return re.sub(r"\{\w+\}", "", word)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_form_has_words_and_every_year_twelve_months(code: str) -> None:
    assert len(LANGUAGES[code].months.split()) == 12
    assert set(LANGUAGES[code].form.asked) == {*OF_NUMBERS, *OF_FORMULAS} - {DECIMALS, FIGURES}


def test_french_has_no_break_spaces_before_high_marks() -> None:
    for name, word in spread(LANGUAGES["fr"]):
        assert not re.search(r"(?<!\u00a0)[:;!?]", word), name


@pytest.mark.parametrize(
    ("code", "typed", "shown"),
    [
        ("en", "2026-12-01", "1 December 2026"),
        ("it", "2026-12-01", "1º dicembre 2026"),
        ("de", "2026-12-01 23:59:00", "1. Dezember 2026, 23:59"),
        ("fr", "2026-05-01", "1er mai 2026"),
        ("fr", "2026-05-02", "2 mai 2026"),
        ("es", "2026-01-31T08:00:00", "31 de enero de 2026, 08:00"),
        ("de", "2026-02-31", "2026-02-31"),
        ("de", "nach den Ferien", "nach den Ferien"),
        ("de", "2026-12-01 23:59:00+01:00", "1. Dezember 2026, 23:59 UTC+01:00"),
        ("en", "2026-12-01T23:59:59Z", "1 December 2026, 23:59:59 UTC"),
    ],
)
def test_dates(code: str, typed: str, shown: str) -> None:
    assert LANGUAGES[code].dated(typed) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("en", ["0 points", "1 point", "1.5 points", "2 points"]),
        ("fr", ["0 point", "1 point", "1,5 point", "2 points"]),
        ("de", ["0 Punkte", "1 Punkt", "1,5 Punkte", "2 Punkte"]),
        ("es", ["0 puntos", "1 punto", "1,5 puntos", "2 puntos"]),
        ("it", ["0 punti", "1 punto", "1,5 punti", "2 punti"]),
    ],
)
def test_points(code: str, shown: list[str]) -> None:
    assert [LANGUAGES[code].counted_points(n) for n in ("0", "1", "1.5", "2")] == shown


def test_a_german_sheet_has_german_words_and_says_so(sheet_for: Make) -> None:
    german = sheet_for(language="de")
    sources = [Source("w", worksheet(german)), Source("s", solutions(german))]
    for pdf, words in zip(
        typeset_batch(sources, find_engine()),
        (
            ["Name", "Abgabe", "1. Dezember 2026", "Punkte", "Blatt", "Seite 1 von", "1 Punkt",
             "Schreiben Sie Ihre Antworten"],
            ["Lösungen", "Lösung.", "Antwort", "Eine mögliche Antwort", "Seite 1 von"],
        ),
        strict=True,
    ):  # fmt: skip
        assert isinstance(pdf, Pdf)
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.data)).pages)
        for word in words:
            assert word in " ".join(text.split())
        assert not re.search(r"\b(Student|Due|Points|Sheet|points?|Answer|page)\b", text)
        with pikepdf.open(io.BytesIO(pdf.data)) as document:
            assert str(document.Root.Lang) == "de"
    assert str(document.docinfo["/Subject"]) == "Lösungen, Blatt K7Q2-9MXA-V"


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("document", [worksheet, solutions])
def test_every_language_fits_its_lines(
    sheet_for: Make, code: str, document: Callable[[Sheet], str]
) -> None:
    long = "Donaudampfschifffahrtsgesellschaftskapitän " * 20
    source = document(sheet_for(language=code, instructions=long))
    log = typeset_with_log(source, "sheet", find_engine())[1]
    assert overfull_lines(log, source) == []


def test_a_french_form(sheet_for: Make) -> None:
    text = form(sheet_for(language="fr"))
    for line in (
        "#   nombres    -1/8   0.125   1e-3   2^-3   sqrt(2)",
        "#   choix      la lettre ou le nombre devant l’option\u00a0; plusieurs\u00a0: A, C",
        "  # (a) 1 point",
        "  # Attendu\u00a0: un vecteur, comme [1, 2, 3].",
        '    b: ""  # un vecteur de 1 nombre',
        '    units: ""  # une matrice, quelconque x 1',
        "# Comment chaque réponse est lue\u00a0; à laisser tel quel.",
    ):
        assert f"\n{line}\n" in text
    for english in ("Expected", "Answer form", "a vector", "whole number"):
        assert english not in text


def test_forms_of_answers_in_german() -> None:
    words = LANGUAGES["de"].form
    number = Number(Fraction(1, 8), Tolerance.to_decimals(1), form="1 decimal")
    assert expected(number, words) == "eine Zahl; geschrieben mit 1 Nachkommastelle"
    number = Number(Fraction(2, 3), form=("lowest terms", "no decimals"))
    assert expected(number, words) == (
        "eine Zahl; mit vollständig gekürzten Brüchen und exakt, ohne Nachkommastellen"
    )
    number = Number(Fraction(1, 2), Tolerance.to_figures(3))
    assert expected(number, words) == (
        "eine Zahl wie -1/8 oder 0.125; exakt oder auf mindestens 3 signifikante Stellen genau"
    )
