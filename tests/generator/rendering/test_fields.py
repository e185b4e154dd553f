"""Fields: one over each answer box, in the form's order, wherever TeX has put the box."""

from __future__ import annotations

import io
import itertools
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from ruamel.yaml import YAML

from generator.assignment import Student, read_assignment
from generator.model.errors import TypesettingError
from generator.model.field_names import RESERVED, entry_keys, field_names
from generator.rendering import documents, forms
from generator.rendering.batches import Source, typeset_batch
from generator.rendering.fields import fields, places, wanted
from generator.rendering.pdfs import Pdf
from generator.rendering.typesetting import Engine, find_engine
from generator.sheets import Sheet, draw_sheet

RECITATION = Path(__file__).parents[3] / "examples" / "recitation" / "recitation.toml"
STUDENTS = (Student("s1", "Ann"), Student("sβ", "Bořivoj Kříž"))


@pytest.fixture(scope="module")
def sheets() -> list[Sheet]:
    return [draw_sheet(read_assignment(RECITATION), each, b"") for each in STUDENTS]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return find_engine("embedded")


@pytest.fixture(scope="module")
def sources(sheets: list[Sheet]) -> list[Source]:
    return [source(sheet) for sheet in sheets]


@pytest.fixture(scope="module")
def pdfs(sources: list[Source], engine: Engine) -> list[bytes]:
    return [checked(each) for each in typeset_batch(sources, engine)]


def source(sheet: Sheet) -> Source:
    return Source(sheet.student.id, wanted(documents.worksheet(sheet)), fields=fields(sheet))


def checked(result: Pdf | TypesettingError) -> bytes:
    assert isinstance(result, Pdf), result
    return result.data


def widgets(pdf: bytes) -> list[tuple[int, str, list[float], int]]:
    """Page, name, sides and flags of each annotation."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [
            (number, str(each.T), [float(side) for side in each.Rect], int(each.F))
            for number, page in enumerate(document.pages)
            for each in page.obj.get("/Annots", [])
        ]


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["q1.min_units", "q1.net.w0"], ["q1minunits", "q1netw0"]),
        (["q1.dW", "q1.dw", "q1.d_w"], ["q1dw", "q1dw2", "q1dw3"]),
        (["q1.dW", "q1.dw2", "q1.dw"], ["q1dw", "q1dw2", "q1dw3"]),
        (["q1.dW", "q1.dw", "q1.dw2"], ["q1dw", "q1dw2", "q1dw22"]),
        (["q1.β", "q1.γ"], ["q1", "q12"]),
        (["sheet", "expects", "___"], ["sheet2", "expects2", "2"]),
    ],
)
def test_a_name_for_each_key(keys: list[str], names: list[str]) -> None:
    assert field_names(keys) == dict(zip(names, keys, strict=True))


def test_the_keys_are_the_entries_of_the_form(sheets: list[Sheet]) -> None:
    form = YAML(typ="safe").load(forms.form(sheets[0]))
    blank = {slot: parts for slot, parts in form.items() if slot not in RESERVED}
    keys = [each.key for each in fields(sheets[0]).entries]
    assert keys == entry_keys(blank) == entry_keys(form["expects"])
    assert {"q1.build_net.w0", "q2.weights.W1", "q2.weights.w2", "q3.shapes.dU"} <= set(keys)


def test_tooltips_speak_the_language_of_the_sheet(sheets: list[Sheet]) -> None:
    german = replace(sheets[0], assignment=replace(sheets[0].assignment, language="de"))
    (tooltip,) = (each.tooltip for each in fields(german).entries if each.key == "q1.min_units")
    assert tooltip == "q1.min_units: eine ganze Zahl"


def test_a_tree_deeper_than_a_form_has_no_keys() -> None:
    with pytest.raises(ValueError, match="d: a text is expected"):
        entry_keys({"a": {"b": {"d": {"e": "number"}}}})


def test_each_field_is_named_and_lies_in_an_empty_place_in_the_order_of_the_form(
    sheets: list[Sheet], pdfs: list[bytes]
) -> None:
    for sheet, pdf in zip(sheets, pdfs, strict=True):
        shown = [each for each in widgets(pdf) if each[3] != 2]  # hidden
        names = [name for _, name, _, _ in shown]
        assert names == [each.name for each in fields(sheet).entries]
        assert all(re.fullmatch("[a-z0-9]+", name) for name in names)
        document = pypdfium2.PdfDocument(pdf)
        rows = [(page, -sides[1], sides[0]) for page, _, sides, _ in shown]
        assert rows == sorted(rows)
        for page, _, (left, low, right, high), flags in shown:
            assert flags == 4  # printed, and seen
            assert right - left > 50
            assert high - low > 12
            width, height = document[page].get_size()
            assert 0 < left < right < width
            assert 0 < low < high < height
            assert document[page].get_textpage().get_text_bounded(left, low, right, high) == ""
        assert all(apart(one, other) for one, other in itertools.combinations(shown, 2))


def apart(one: tuple[int, str, list[float], int], other: tuple[int, str, list[float], int]) -> bool:
    """Whether two fields don't overlap."""
    (left, low, right, high), (left2, low2, right2, high2) = one[2], other[2]
    return one[0] != other[0] or high2 < low or high < low2 or left2 > right or right2 < left


def test_what_a_field_tells_people_and_programs(sheets: list[Sheet], pdfs: list[bytes]) -> None:
    with pikepdf.open(io.BytesIO(pdfs[1])) as document:
        assert str(document.Root.Lang) == "en"
        form = document.Root.AcroForm
        by_name = {str(each.T): each for each in form.Fields}
        assert not [each for each in form.Fields if "/Kids" in each or each.FT != "/Tx"]
        net = by_name["q1buildnetunits"]
        assert str(net.TU) == "q1.build_net.units: a matrix, any x 3"
        assert int(net.Ff) & 1 << 12  # may have several lines
        assert not int(by_name["q1minunits"].Ff) & 1 << 12
        looks = [each.AP.N.objgen for each in form.Fields if "/AP" in each]
        assert len(set(looks)) == len(fields(sheets[1]).entries)  # none is shared
        assert "/V" not in net
        assert {"sheet", "student", "seal", "expects"} <= by_name.keys()
        for name, text in fields(sheets[1]).hidden.items():
            assert str(by_name[name].V) == text
            assert int(by_name[name].F) == 2  # hidden
            assert int(by_name[name].Ff) == 1  # read only
        assert all(page.Tabs == "/R" for page in document.pages if "/Annots" in page)


def test_no_field_depends_on_a_truth(sheets: list[Sheet], pdfs: list[bytes]) -> None:
    """Whoever has the key finds nothing of it in what is hidden in the PDF."""
    assert (
        '"build_net": {"w0": "exact number", "units": "exact array any x 3"}'
        in (fields(sheets[0]).hidden["expects"])
    )
    first, second = ({each.key: each.tooltip for each in fields(sheet).entries} for sheet in sheets)
    same = first.keys() & second.keys()
    formulas = {key for key in same if "a formula in" in first[key]}
    assert {key for key in same if first[key] != second[key]} <= formulas  # names differ there


def test_fields_alone_are_where_they_are_in_a_batch(
    sources: list[Source], pdfs: list[bytes], engine: Engine
) -> None:
    alone = checked(typeset_batch(sources[1:], engine)[0])
    assert widgets(alone) == widgets(pdfs[1])


def test_the_same_bytes(sources: list[Source], pdfs: list[bytes], engine: Engine) -> None:
    assert [checked(each) for each in typeset_batch(sources, engine)] == pdfs


@pytest.mark.skipif(not shutil.which("lualatex"), reason="needs lualatex")
def test_lualatex_tells_places_too(sheets: list[Sheet], sources: list[Source]) -> None:
    lualatex = find_engine("lualatex")
    batch = [checked(each) for each in typeset_batch(sources, lualatex)]
    alone = checked(typeset_batch(sources[:1], lualatex)[0])
    assert widgets(alone) == widgets(batch[0])
    names = [each.name for each in fields(sheets[0]).entries]
    assert [name for _, name, _, flags in widgets(alone) if flags == 4] == names


def test_a_sheet_that_is_not_to_be_filled_in_has_no_trace_of_it(
    sheets: list[Sheet], sources: list[Source], engine: Engine
) -> None:
    plain = Source("s1", documents.worksheet(sheets[0]))
    (alone,) = typeset_batch([plain], engine)
    assert widgets(checked(alone)) == []
    # Beside one with fields: the switch of one sheet says nothing to the next.
    beside = typeset_batch([sources[1], plain], engine)[1]
    looks = [
        [
            page.render(scale=0.5).to_numpy().tobytes()
            for page in pypdfium2.PdfDocument(checked(each))
        ]
        for each in (alone, beside)
    ]
    assert looks[0] == looks[1]
    assert widgets(checked(beside)) == []


@pytest.mark.parametrize("instead", ["q1.none", "q3.dU"])
def test_a_template_without_a_box_for_each_entry_is_told(
    instead: str, sources: list[Source], pdfs: list[bytes], engine: Engine
) -> None:
    text, count = re.subn(r"(\\answerbox){q1.min\\?_units}", rf"\1{{{instead}}}", sources[0].text)
    assert count == 1
    wrong = Source("s1", text, fields=sources[0].fields)
    error, other = typeset_batch([wrong, sources[1]], engine)
    assert isinstance(error, TypesettingError)
    assert re.match(r"s1: the page has \d answer boxes for q\d\.\w+, and the form", str(error))
    assert widgets(checked(other)) == widgets(pdfs[1])
    (alone,) = typeset_batch([wrong], engine)
    assert str(alone) == str(error)


def test_places_are_read_from_a_log() -> None:
    log = (
        "x\ngradsheet: field q1.min\\_units 6578176 1315635 at 13156352 657818 on 3\n"
        "gradsheet: sheet 0 ends\nsays gradsheet: field q1.no 1 1 at 1 1 on 1\n"
    )
    (found,) = places(log)
    assert (found.key, found.page) == ("q1.min_units", 3)
    assert (found.left, found.low, found.right, found.high) == (200.0, 10.0, 300.0, 30.0)
