"""Filled PDFs: the tree of the form, whatever program filled it, and every way to be none."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pypdfium2
import pytest
from click.testing import CliRunner
from msgspec import structs

from generator.assignment import read_assignment, read_roster
from generator.building import build
from generator.model.errors import InputError
from generator.model.field_names import entry_keys, field_names
from generator.rendering.fields import Field, Fields, Place, add_fields
from generator.rendering.typesetting import find_engine
from grader import reports
from grader.batch import grade_folder
from grader.cli import program
from grader.grading import grade
from grader.keys import load_key
from grader.submissions import Submission
from grader.submissions.forms import load_form, read_form
from tests.effort import calls
from tests.grader.submissions.filling import PROGRAMS, by_pikepdf, saved

pytestmark = pytest.mark.filterwarnings("ignore:This document has .* not reachable")
RECITATION = Path(__file__).parents[3] / "examples" / "recitation"
WHO = ("ab101", "gb106")
ID, OTHER_ID = "K7Q2-9MXA-V", "Z0PQ-WBCQ-2"
EXPECTS = {"q1": {"sum": "number", "sizes": {"dW": "shape", "dw": "shape"}}, "q2": {"text": "set"}}
FILLED = {"q1sum": "3/4", "q1sizesdw": "2x3", "q1sizesdw2": "3", "q2text": "{1}"}
ANSWERS = {"q1": {"sum": "3/4", "sizes": {"dW": "2x3", "dw": "3"}}, "q2": {"text": "{1}"}}


def blank_form(sheet: str = ID, printed: str = ID, expects: Any = EXPECTS) -> bytes:
    """A page with fields, laid over it as over a sheet, without a run of TeX."""
    keys = entry_keys(EXPECTS)
    entries = tuple(
        Field(key, name, f"{key}: a text", True) for name, key in field_names(keys).items()
    )
    boxes = [Place(key, 1, 50, 700 - 50 * place, 300, 730 - 50 * place)
             for place, key in enumerate(keys)]  # fmt: skip
    with pikepdf.new() as pdf:
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Courier
        )
        pdf.add_blank_page(page_size=(595, 842))
        page = pdf.pages[0].obj
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = pdf.make_stream(f"BT /F1 9 Tf 50 800 Td (Sheet {printed}) Tj ET".encode())
        text = expects if isinstance(expects, str) else json.dumps(expects)
        hidden = {"sheet": sheet, "student": "0042", "expects": text}
        add_fields(pdf, [page], Fields(hidden, entries), boxes, "form")
        return saved(pdf)


def changed(change: Callable[[pikepdf.Pdf], None], pdf: bytes | None = None) -> bytes:
    """The filled form after a change to its inside."""
    with pikepdf.open(io.BytesIO(pdf or filled())) as document:
        change(document)
        return saved(document)


def filled() -> bytes:
    return by_pikepdf(blank_form(), FILLED)


def read(pdf: bytes) -> Submission:
    return read_form(pdf, ".pdf", "form.pdf")


def refused(pdf: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(pdf)
    assert caught.value.source == "form.pdf"
    return caught.value.problem


def field(pdf: pikepdf.Pdf, name: str) -> Any:
    return next(each for each in pdf.Root.AcroForm.Fields if str(each.T) == name)


# --- sheets as they are built, filled by programs as they are ----------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recitation, fillable, for two of its students."""
    out = tmp_path_factory.mktemp("built")
    assignment = read_assignment(RECITATION / "recitation.toml")
    students = [each for each in read_roster(RECITATION / "roster.csv") if each.id in WHO]
    results = build(assignment, students, b"", out, engine=find_engine("embedded"), fillable=True)
    assert [each.error for each in results] == ["", ""]
    return out / "recitation"


def texts(submission: Submission) -> dict[str, str]:
    """Field name -> answer."""
    names = {key: name for name, key in field_names(entry_keys(submission.expects)).items()}
    found = {}
    for slot, parts in submission.answers.items():
        for part, given in parts.items():
            if isinstance(given, str):
                found[names[f"{slot}.{part}"]] = given
            else:
                found |= {names[f"{slot}.{part}.{key}"]: text for key, text in given.items()}
    return found


@pytest.mark.filterwarnings("ignore")  # pypdf tells what its font can't show
@pytest.mark.parametrize("fill", PROGRAMS)
@pytest.mark.parametrize("who", WHO)
def test_a_filled_pdf_earns_what_the_yaml_form_earns(who: str, fill: str, built: Path) -> None:
    typed = load_form(RECITATION / "submissions" / f"{who}.yaml")
    blank = (built / "sheets" / f"{who}.pdf").read_bytes()
    given = read_form(PROGRAMS[fill](blank, texts(typed)), ".pdf", typed.source)
    form = load_form(built / "forms" / f"{who}.yaml")
    assert given == structs.replace(typed, seal=form.seal)
    assert given.seal
    key = load_key(built / "keys" / f"{who}.json")
    assert reports.tree(grade(key, given)) == reports.tree(grade(key, typed))


@pytest.mark.parametrize("fill", ["pikepdf", "pdfium"])
def test_the_command_line_takes_a_pdf_as_it_takes_yaml(
    fill: str, built: Path, tmp_path: Path
) -> None:
    typed = RECITATION / "submissions" / "ab101.yaml"
    blank = (built / "sheets" / "ab101.pdf").read_bytes()
    path = tmp_path / "in" / "ab101.PDF"
    path.parent.mkdir()
    path.write_bytes(PROGRAMS[fill](blank, texts(load_form(typed))))
    key = str(built / "keys" / "ab101.json")
    run = CliRunner().invoke
    for command in (["check", "FORM"], ["grade", "FORM", "--key", key]):
        of_pdf, of_yaml = (
            run(program, [str(form) if word == "FORM" else word for word in command])
            for form in (path, typed)
        )
        assert (of_pdf.exit_code, of_pdf.output) == (of_yaml.exit_code, of_yaml.output)
        assert of_pdf.exit_code == 0
    marked = grade_folder(path.parent, built / "keys", tmp_path / "out")
    assert [report.student for report, _ in marked.graded] == ["ab101"]
    assert marked.problems == ()


def test_a_built_sheet_that_was_printed_is_told_by_its_id(built: Path) -> None:
    blank = (built / "sheets" / "ab101.pdf").read_bytes()
    with pikepdf.open(io.BytesIO(by_pikepdf(blank, {"q1minunits": "3"}))) as document:
        document.flatten_annotations("all")
        assert "this is sheet Z0PQ-WBCQ-2, but its fields are gone" in refused(saved(document))
    printed = pypdfium2.PdfDocument(blank)
    printed.init_forms()
    for page in printed:
        page.flatten()
    target = io.BytesIO()
    printed.save(target)
    assert "this is sheet Z0PQ-WBCQ-2, but its fields are gone" in refused(target.getvalue())
    assert "nothing is filled in" in refused(blank)


# --- what a field may hold ---------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fill", PROGRAMS)
@pytest.mark.parametrize(
    "text", ["−0,125 ≈ β", "U^T (ŷ − y) ∘ h", r"\frac{1}{2}", "(a)(b\\)", "ÿ é", "张 ﬁ ∘", " 1 "]
)
def test_every_character_survives(text: str, fill: str) -> None:
    given = read(PROGRAMS[fill](blank_form(), {**FILLED, "q2text": text}))
    assert given.answers == {**ANSWERS, "q2": {"text": text}}
    assert (given.sheet_id, given.student, given.expects) == (ID, "0042", EXPECTS)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\u2028", "\u0085"])
def test_a_line_break_is_one_whatever_it_is_made_of(end: str) -> None:
    given = read(by_pikepdf(blank_form(), {"q2text": f"1 2{end}3 4{end}"}))
    assert given.answers["q2"] == {"text": "1 2\n3 4\n"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (pikepdf.Name.Yes, "Yes"),
        (pikepdf.Name.Off, ""),
        (pikepdf.String(b"\xef\xbb\xbf\xce\xb2"), "β"),  # UTF-8, as PDF 2.0 has it
        (pikepdf.String(b"\xff\xfe\xb2\x03"), "β"),
        (pikepdf.String(b"\x8a1"), "−1"),  # PDFDocEncoding
        (pikepdf.String("𝛽".encode("utf-16")), "𝛽"),
    ],
)
def test_a_text_in_other_clothes(value: Any, text: str) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        field(pdf, "q2text").V = value

    assert read(changed(change)).answers["q2"] == {"text": text}


def test_a_text_kept_as_a_stream() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        field(pdf, "q2text").V = pdf.make_stream("\ufeff{β}".encode("utf-16-be"))

    assert read(changed(change)).answers["q2"] == {"text": "{β}"}


# --- what programs do to a form ----------------------------------------------------------------


def rename(pdf: pikepdf.Pdf) -> None:
    for each in pdf.Root.AcroForm.Fields:
        each.T = pikepdf.String(f"Text {each.objgen[0]}")


def prefix(pdf: pikepdf.Pdf) -> None:
    for each in pdf.Root.AcroForm.Fields:
        each.T = pikepdf.String(f"form1[0].{str(each.T).upper()}[0]")
        if "/TU" in each:
            del each.TU


def put_under_a_parent(pdf: pikepdf.Pdf) -> None:
    kids = pdf.Root.AcroForm.Fields
    above = pdf.make_indirect(pikepdf.Dictionary(T="document1", Kids=kids))
    for each in kids:
        each.Parent = above
    pdf.Root.AcroForm.Fields = [above]


def split_widgets_off(pdf: pikepdf.Pdf) -> None:
    """As many programs write them: a field, and below it its annotation."""
    for each in pdf.Root.AcroForm.Fields:
        kid = pdf.make_indirect(pikepdf.Dictionary(Subtype=pikepdf.Name.Widget, Parent=each))
        each.Kids = [kid]
    pdf.pages[0].obj.Annots = [each.Kids[0] for each in pdf.Root.AcroForm.Fields]


def lose_the_tree(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.AcroForm


def lose_the_page(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[0].obj.Annots


@pytest.mark.parametrize(
    "change", [prefix, put_under_a_parent, split_widgets_off, lose_the_tree, lose_the_page]
)
def test_a_form_that_a_program_wrote_anew(change: Callable[[pikepdf.Pdf], None]) -> None:
    given = read(changed(change))
    assert (given.answers, given.sheet_id, given.expects) == (ANSWERS, ID, EXPECTS)


def test_names_that_a_program_changed_are_told_by_the_tooltips() -> None:
    def lose(pdf: pikepdf.Pdf) -> None:
        rename(pdf)
        kept = [each for each in pdf.Root.AcroForm.Fields if "/TU" in each]
        pdf.Root.AcroForm.Fields = kept
        pdf.pages[0].obj.Annots = kept

    given = read(changed(lose))
    assert (given.answers, given.sheet_id, given.expects) == (ANSWERS, ID, {})


def test_later_versions_of_a_file_count() -> None:
    """Incremental updates, as Acrobat, Firefox and Evince append them."""
    first = by_pikepdf(blank_form(), {**FILLED, "q2text": "{7}"})
    writer = pypdf.PdfWriter(io.BytesIO(first), incremental=True)
    writer.update_page_form_field_values(writer.pages[0], {"q2text": "{1}"}, auto_regenerate=False)
    target = io.BytesIO()
    writer.write(target)
    appended = target.getvalue()
    assert appended.startswith(first)
    assert read(appended).answers == ANSWERS
    assert refused(appended[: len(first) + 200]).startswith("this PDF is cut off")


def test_what_else_is_filled_in_is_not_dropped() -> None:
    def add(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm.Fields.append(
            pikepdf.Dictionary(FT=pikepdf.Name.Tx, T="Initials 1", V="A. L.")
        )
        pdf.Root.AcroForm.Fields.extend(
            [
                pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="Signed", V=pikepdf.Dictionary()),
                pikepdf.Dictionary(FT=pikepdf.Name.Btn, T="Button"),
            ]
        )
        pdf.pages[0].obj.Annots.append(
            pikepdf.Dictionary(Subtype=pikepdf.Name.FreeText, Contents="dW is 2x3")
        )

    given = read(changed(add)).answers
    assert given == {
        **ANSWERS,
        "field": {"Initials 1": "A. L."},
        "comment on page 1": {"8": "dW is 2x3"},
    }


# --- what is no filled form --------------------------------------------------------------------


def test_printed_flattened_and_foreign_files() -> None:
    def print_(pdf: pikepdf.Pdf) -> None:
        del pdf.Root.AcroForm, pdf.pages[0].obj.Annots

    flat = changed(print_)
    problem = refused(flat)
    assert problem.startswith(f"this is sheet {ID}, but its fields are gone")
    assert 'save it with "Save" or "Download"' in problem

    def empty(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.Contents = pdf.make_stream(b"")

    assert refused(changed(empty, flat)).startswith("this PDF has no fields, and no sheet id")


@pytest.mark.parametrize(
    ("keyword", "problem"),
    [
        ("solutions", f"these are the solutions of sheet {ID}"),
        ("worksheet", f"this is sheet {ID} as it is for paper"),
        ("fillable", f"this is sheet {ID}, but its fields are gone"),
    ],
)
def test_what_never_had_fields_is_told_from_what_lost_them(keyword: str, problem: str) -> None:
    def without(pdf: pikepdf.Pdf) -> None:
        del pdf.Root.AcroForm, pdf.pages[0].obj.Annots
        pdf.docinfo["/Keywords"] = keyword

    assert refused(changed(without)).startswith(problem)


def test_what_a_class_is_given_and_hands_in_by_mistake(tmp_path: Path) -> None:
    assignment = read_assignment(RECITATION / "recitation.toml")
    student = read_roster(RECITATION / "roster.csv")[:1]
    (done,) = build(assignment, student, b"", tmp_path, engine=find_engine("embedded"))
    assert not done.error
    name = student[0].file_name
    for folder, problem in (("sheets", "never had fields"), ("solutions", "are the solutions of")):
        told = refused(next(tmp_path.rglob(f"{folder}/{name}.pdf")).read_bytes())
        assert problem in told
        assert "answer form (a .yaml file)" in told


def test_a_form_that_was_flattened(built: Path) -> None:
    form = (built / f"sheets/{WHO[0]}.pdf").read_bytes()
    flat = changed(lambda pdf: pdf.flatten_annotations("all"), form)
    assert "but its fields are gone" in refused(flat)


def test_nothing_filled_in() -> None:
    assert refused(blank_form()).startswith("nothing is filled in")
    assert refused(by_pikepdf(blank_form(), {"q1sum": " \r "})).startswith("nothing is filled in")

    def write_on_it(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.Annots.append(
            pikepdf.Dictionary(Subtype=pikepdf.Name.FreeText, Contents="3/4")
        )

    problem = refused(changed(write_on_it, blank_form()))
    assert problem.startswith("the answers were typed beside the fields")


@pytest.mark.parametrize(
    ("pdf", "problem"),
    [
        (b"", "this is not a PDF"),
        (b"sheet: x\n", "this is not a PDF"),
        (b"%PDF-1.5\n", "this PDF is cut off"),
        (b"%PDF-1.5\n1 0 obj\n%%EOF", "this PDF is damaged"),
        (b"%PDF-1.5\ntrailer<</Root 1 0 R>>\n%%EOF", "this PDF is damaged"),
        (b" " * (12 * 2**20), "12 MB is too large for a form (at most 10 MB)"),
    ],
)
def test_bytes_that_are_no_pdf(pdf: bytes, problem: str) -> None:
    assert refused(pdf).startswith(problem)


def test_a_lock() -> None:
    for user, opens in (("secret", False), ("", True)):
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(filled()))
        writer.encrypt(user, "owner", algorithm="RC4-128")
        target = io.BytesIO()
        writer.write(target)
        if opens:
            assert read(target.getvalue()).answers == ANSWERS
        else:
            assert refused(target.getvalue()).startswith("this PDF is locked with a password")


def test_answers_of_another_sheet() -> None:
    """Fields imported from a neighbour's PDF bring the hidden ones along."""
    problem = refused(by_pikepdf(blank_form(printed=OTHER_ID), FILLED))
    assert problem.startswith(f"the page shows sheet {OTHER_ID}, but the answers belong to")
    imported = blank_form(printed=OTHER_ID, expects={"q7": {"other": "number"}})
    assert refused(by_pikepdf(imported, FILLED)) == problem
    given = read(by_pikepdf(blank_form(sheet="k7q2 9mxa v"), FILLED))
    assert given.sheet_id == ID
    assert read(by_pikepdf(blank_form(printed="nothing"), FILLED)).sheet_id == ID
    assert read(by_pikepdf(blank_form(sheet="K7Q2-9MXA-W"), FILLED)).sheet_id == "K7Q2-9MXA-W"
    assert read(by_pikepdf(blank_form(sheet=""), FILLED)).sheet_id == ID


@pytest.mark.parametrize(
    ("expects", "problem"),
    [
        ("{", "the field `expects`, which is not seen, was edited: line 1"),
        ("[1]", "the field `expects`, which is not seen, was edited: a form is an object"),
        ("[" * 100_000, "the field `expects`, which is not seen, was edited: this is nested"),
        ({"q1": {"a": {"b": {"c": "number"}}}}, "the field `expects`, which is not seen, was"),
        ({"q1": {"other": "number"}}, "there is no field for q1.other: were pages left out"),
        ({**EXPECTS, "q3": {"a": "set", "b": "set"}}, "there is no field for q3.a, nor for 1"),
    ],
)
def test_what_is_hidden_was_edited(expects: Any, problem: str) -> None:
    assert refused(by_pikepdf(blank_form(expects=expects), FILLED)).startswith(problem)


def test_forged_expectations_move_no_answer_to_another_entry() -> None:
    fewer = {"q1": {"sizes": {"dw": "shape"}}}  # whose field would be q1sizesdw, that of dW
    given = by_pikepdf(blank_form(expects=fewer), FILLED)
    assert refused(given).startswith("the field `q1sizesdw` is for q1.sizes.dW, but by `expects`")


def test_two_sheets_in_one() -> None:
    other = by_pikepdf(blank_form(sheet=OTHER_ID, printed=OTHER_ID), FILLED)
    writer = pypdf.PdfWriter()
    for each in (filled(), other):
        writer.append(io.BytesIO(each))
    target = io.BytesIO()
    writer.write(target)
    assert refused(target.getvalue()).startswith("this PDF holds two sheets or more")


def hostile() -> Iterator[tuple[str, Callable[[pikepdf.Pdf], None], str]]:
    def form(change: Callable[[pikepdf.Pdf, Any], None]) -> Callable[[pikepdf.Pdf], None]:
        return lambda pdf: change(pdf, pdf.Root.AcroForm)

    def value(make: Callable[[pikepdf.Pdf], Any]) -> Callable[[pikepdf.Pdf], None]:
        def change(pdf: pikepdf.Pdf) -> None:
            field(pdf, "q2text").V = make(pdf)

        return change

    def own_child(pdf: pikepdf.Pdf) -> None:
        each = field(pdf, "q2text")
        each.Kids = [each]
        each.Parent = each

    def ancestors(pdf: pikepdf.Pdf) -> None:
        node = field(pdf, "q2text")
        for _ in range(50):
            node = pdf.make_indirect(pikepdf.Dictionary(Kids=[node], T="x"))
        pdf.Root.AcroForm.Fields = [node]

    many = "this PDF has more fields than any sheet"
    yield "XFA", form(lambda _, each: each.update({"/XFA": pikepdf.Array()})), "this is an XFA"
    yield "a child of itself", own_child, "there is no field for q2.text"
    yield "deep ancestors", ancestors, many
    yield (
        "many fields",
        form(lambda pdf, each: each.Fields.extend(
            pikepdf.Dictionary(T=f"x{n}", V="1") for n in range(5000))),
        many,
    )  # fmt: skip
    yield "an array", value(lambda _: pikepdf.Array([1])), "the field q2text holds no text"
    yield "a number", value(lambda _: 3), "the field q2text holds no text"
    yield "a dictionary", value(lambda _: pikepdf.Dictionary()), "the field q2text holds no text"
    yield "megabytes", value(lambda _: "x" * 2**21), "the fields hold more text than any form"
    yield (
        "a bomb",
        value(lambda pdf: pikepdf.Stream(
            pdf, zlib.compress(b" " * 10**8), Filter=pikepdf.Name.FlateDecode)),
        "this PDF is damaged",
    )  # fmt: skip
    yield "no fields", form(lambda _, each: each.update({"/Fields": 3})), ""


HOSTILE = {name: (change, problem) for name, change, problem in hostile()}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(60)
def test_hostile_files_are_refused(name: str) -> None:
    change, problem = HOSTILE[name]
    pdf = changed(change)
    if problem:
        assert refused(pdf).startswith(problem)
    else:
        assert read(pdf).answers == ANSWERS


def test_odd_names_are_kept_for_the_report() -> None:
    odd = "../\x1b[31m\0\u202e<b>" + "x" * 1000

    def add(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm.Fields.append(pikepdf.Dictionary(T=odd, V="1"))

    assert read(changed(add)).answers == {**ANSWERS, "field": {odd[:200]: "1"}}


def test_a_packing_that_cannot_be_bounded_is_refused() -> None:
    for name in (b"/LZWDecode ", b"/LZW]", b"/#4cZ#57 ", b"/ObjStm " * 300):
        # A comment, so that nothing else of the file changes.
        pdf = filled().replace(b"\n", b"\n%" + name + b"\n", 1)
        assert refused(pdf).startswith("this PDF is packed in a way that is not read")


def many_operators(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Contents = pdf.make_stream(b"(x) Tj " * 600_000)


def forms_in_themselves(pdf: pikepdf.Pdf) -> None:
    form = pdf.make_stream(b"/X Do " * 2000)
    form.stream_dict.Subtype = pikepdf.Name.Form
    form.stream_dict.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=form))
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/X Do " * 2000)
    pdf.pages[0].obj.Resources = form.stream_dict.Resources


def letters(table: bytes) -> Callable[[pikepdf.Pdf], None]:
    """A font with a map to Unicode, used a hundred times."""

    def change(pdf: pikepdf.Pdf) -> None:
        font = pikepdf.Dictionary(ToUnicode=pdf.make_stream(table))
        pdf.pages[0].obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        pdf.pages[0].obj.Contents = pdf.make_stream(b"/F 9 Tf (x) Tj " * 100)

    return change


@pytest.mark.parametrize(
    "change",
    [
        many_operators,
        forms_in_themselves,
        letters(b"beginbfchar " + b"<41><0041> " * 300_000),
        letters(b"beginbfrange " + b"<0000><ffff><0041> " * 200_000),
        letters(b"beginbfchar" * 100_000),
        letters(b"beginbfchar " + b"<00" + b" " * 300_000),
    ],
    ids=["operators", "forms", "codes", "ranges", "beginnings", "blanks"],
)
@pytest.mark.timeout(60)
def test_a_page_that_takes_long_to_read_costs_only_the_check_of_its_id(
    change: Callable[[pikepdf.Pdf], None],
) -> None:
    pdf = changed(change)

    def work() -> None:
        assert read(pdf).answers == ANSWERS

    assert calls(work) < 2_500_000


def test_every_cut_and_every_changed_byte_is_an_answer_or_an_error() -> None:
    whole = filled()
    for place in range(0, len(whole), 97):
        for broken in (
            whole[:place],
            whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :],
            whole[:place] + whole[place + 20 :],
        ):
            try:
                read(broken)
            except InputError:
                continue
