"""A sheet's PDF that was filled in, as the tree of an answer form.

The fields are those that `generator.rendering.fields` lays over a sheet. Whatever program filled
them, only names, values and tooltips are looked at, never how a field looks. The sheet id and the
kinds of the answers travel in fields that are not seen. Both can be forged or overwritten by the
fields of another sheet, so they must agree with what is printed and with the fields that are there.

A file is hostile until it is read: sizes, depth, the number of fields and what a stream unfolds to
are bounded, and nothing in it is executed or followed outside.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.model import sheet_id
from generator.model.field_names import (
    EXPECTS,
    RESERVED,
    SHEET,
    SOLUTIONS,
    WORKSHEET,
    entry_keys,
    field_names,
)
from grader.submissions.pdf_pages import PAGES, printed_ids
from grader.submissions.trees import Tree, json_tree

if TYPE_CHECKING:
    import pikepdf

_TEXT = 2**20  # characters of all values
_FIELDS = 2_000
_DEPTH = 8  # of fields within fields
_PACKED = 200  # streams of objects, each of which may unfold to as much as the limits allow
_LIMITS: dict[str, Any] = {  # of qpdf, which are set while a file is read
    "flate_max_memory": 4 * 2**20,
    "png_max_memory": 4 * 2**20,
    "tiff_max_memory": 4 * 2**20,
    "run_length_max_memory": 4 * 2**20,
    "parser_max_nesting": 100,
    "parser_max_container_size": 100_000,
    "max_stream_filters": 3,
    "doc_max_warnings": 1_000,
}
# qpdf bounds what every filter unfolds to but this one, which no program writes any more.
_LZW = re.compile(rb"/(?:L|#4[Cc])(?:Z|#5[Aa])(?:W|#57)(?:Decode)?[\s/\[\]<>()]")
_KEY = re.compile(r"q\d+(?:\.\w+){1,2}")
_BREAKS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_SAVE = (
    'Open the sheet that you were given, type the answers into its boxes and save it with "Save" '
    'or "Download"; "Print", "Export" and "Flatten" lose them'
)

_INSTEAD = (
    "Hand in the answer form (a .yaml file) that came with the sheet, filled in, or the sheet as a "
    "PDF with fields, where you were given one (`generator build --fillable` makes them)"
)


@dataclass(frozen=True)
class _Field:
    """A field as it is in the file: its full name, its tooltip and its value as a text."""

    name: str
    tooltip: str
    value: str


def pdf_tree(data: bytes) -> Tree:
    """The tree of a filled PDF. ValueError says what is wrong with it and what to do."""
    import pikepdf

    if b"%PDF-" not in data[:1024]:
        raise ValueError("this is not a PDF")
    _, end, behind = data.rpartition(b"%%EOF")
    if not end or b"obj" in behind:
        raise ValueError("this PDF is cut off: save it or send it once more")
    if _LZW.search(data) or data.count(b"/ObjStm") > _PACKED:
        raise ValueError(f"this PDF is packed in a way that is not read. {_SAVE}")
    try:
        with _bounded(), pikepdf.open(io.BytesIO(data)) as pdf:
            return _tree(pdf)
    except pikepdf.PasswordError:
        raise ValueError("this PDF is locked with a password: save it without one") from None
    except (pikepdf.PdfError, RuntimeError):
        raise ValueError("this PDF is damaged: save it or send it once more") from None


@contextmanager
def _bounded() -> Iterator[None]:
    """The limits set, and what pikepdf finds to say about a file not said."""
    from pikepdf import settings

    log = logging.getLogger("pikepdf")
    level = log.level
    before: dict[str, Any] = settings.set_qpdf_limits(**_LIMITS)
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
        settings.set_qpdf_limits(**before)


def _tree(pdf: pikepdf.Pdf) -> Tree:
    found = list(_fields(pdf))
    printed = printed_ids(pdf)
    if all(_key(field, {}) in RESERVED for field in found):  # fields not seen may outlast a print
        raise ValueError(_without_fields(pdf, printed))
    given = {name: _only(found, name) for name in RESERVED}
    sheet = _sheet(given[SHEET], printed)
    expected = _expected(given[EXPECTS])
    answers = _answers(found, field_names(entry_keys(expected)))
    comments = list(_comments(pdf))
    if not any(map(str.strip, answers.values())):
        raise ValueError(_blank(bool(comments)))
    known = {name: text for name, text in given.items() if text}
    tree: Tree = {**known, SHEET: sheet, **_nested(answers), EXPECTS: expected}
    for page, number, text in comments:
        tree.setdefault(f"comment on page {page}", {})[str(number)] = text
    return tree


def _only(found: list[_Field], name: str) -> str:
    """The value of a field that is not seen; empty where it was lost."""
    values = {field.value for field in found if _key(field, {}) == name} - {""}
    if len(values) > 1:
        raise ValueError(f"this PDF holds two sheets or more (`{name}`): send each by itself")
    return "".join(values)


def _sheet(given: str, printed: set[str]) -> str:
    """The sheet id, by the field that holds it and by what is printed."""
    if not given.strip() and len(printed) == 1:
        return next(iter(printed))
    try:
        found = sheet_id.check(given)
    except ValueError:
        return given  # whoever needs the id says what is wrong with it
    if printed and found not in printed:
        raise ValueError(
            f"the page shows sheet {', '.join(sorted(printed))}, but the answers belong to sheet "
            f"{found}: were they imported from another PDF? Type them into this sheet's own"
        )
    return found


def _expected(text: str) -> Tree:
    """The kinds of the answers; none where the field was lost."""
    if not text.strip():
        return {}
    try:
        tree = json_tree(text)
        entry_keys(tree)
    except ValueError as error:
        raise ValueError(f"the field `{EXPECTS}`, which is not seen, was edited: {error}") from None
    return tree


def _answers(found: list[_Field], names: Mapping[str, str]) -> dict[str, str]:
    """Key -> answer, for all entries of the form in their order, then for what is not one."""
    answers = dict.fromkeys(names.values(), "")
    present: set[str] = set()
    for field in found:
        key = _key(field, names)
        if key in RESERVED:
            continue
        before = answers.get(key, "")
        if before.strip() and field.value.strip() and before != field.value:
            raise ValueError(f"two fields for {key[:60]} hold different answers")
        answers[key] = field.value if field.value.strip() else before
        present.add(key)
    lost = [key for key in names.values() if key not in present]
    if lost:
        more = f", nor for {len(lost) - 1} other answers" if len(lost) > 1 else ""
        raise ValueError(
            f"there is no field for {lost[0][:60]}{more}: were pages left out? {_SAVE}"
        )
    return answers


def _key(field: _Field, names: Mapping[str, str]) -> str:
    """The entry that a field is for: by its name; or, where a program changed that, by its tooltip,
    or by the end of its name, as in form[0].page[0].q1sum[0]."""
    told = field.tooltip.partition(":")[0]
    if field.name in names:
        key = names[field.name]
        if told != key and _KEY.fullmatch(told):
            raise ValueError(
                f"the field `{field.name}` is for {told[:60]}, but by `{EXPECTS}` it is for "
                f"{key[:60]}: one of them was edited"
            )
        return key
    if told in names.values() or (not names and _KEY.fullmatch(told)):
        return told
    last = re.sub(r"\[\d+\]$", "", field.name).rpartition(".")[2].lower()
    return names.get(last, last if last in RESERVED else field.name)


def _nested(answers: Mapping[str, str]) -> Tree:
    """The answers by slot, part and, in a group, name; what has no such key is put under its own.

    ValueError where one key is the beginning of another.
    """
    tree: Tree = {}
    for key, answer in answers.items():
        if not _KEY.fullmatch(key):
            if answer.strip():
                tree.setdefault("field", {})[key] = answer
            continue
        *way, last = key.split(".")
        place = tree
        for name in way:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise ValueError(f"{key[:60]} and a field above it both hold an answer")
        if last in place:
            raise ValueError(f"{key[:60]} and a field below it both hold an answer")
        place[last] = answer
    return tree


# --- what is in the file -----------------------------------------------------------------------


def _fields(pdf: pikepdf.Pdf) -> Iterator[_Field]:
    """Each field that has no fields below, wherever it is: in the form's tree, or on a page only,
    where a program lost the tree."""
    import pikepdf

    form = pdf.Root.get("/AcroForm")
    form = form if isinstance(form, pikepdf.Dictionary) else pikepdf.Dictionary()
    if "/XFA" in form:
        raise ValueError("this is an XFA form, not the PDF of a sheet")
    size = 0
    for count, field in enumerate(_leaves([*_items(form.get("/Fields")), *_widgets(pdf)])):
        if count == _FIELDS:
            raise ValueError("this PDF has more fields than any sheet")
        size += len(field.value)
        if size > _TEXT:
            raise ValueError("the fields hold more text than any form")
        yield field


def _leaves(roots: list[Any]) -> Iterator[_Field]:
    import pikepdf

    waiting = [(root, 0) for root in reversed(roots)]
    seen: set[tuple[int, int]] = set()
    while waiting:
        node, depth = waiting.pop()
        if not isinstance(node, pikepdf.Dictionary) or node.objgen in seen:
            continue
        if node.is_indirect:
            seen.add(node.objgen)
        if depth > _DEPTH or len(waiting) > 2 * _FIELDS:
            raise ValueError("this PDF has more fields than any sheet")
        kids = _items(node.get("/Kids"))
        waiting += [(kid, depth + 1) for kid in reversed(kids)]
        signature = _inherited(node, "/FT") == "/Sig"
        if not kids and not signature and (name := _name(node)):
            yield _Field(name, _label(_inherited(node, "/TU")), _value(node, name))


def _inherited(node: pikepdf.Object, key: str) -> Any:
    """An entry of a field, or of the nearest field above that has it."""
    return next((each[key] for each in _upwards(node) if key in each), None)


def _upwards(node: Any) -> Iterator[pikepdf.Dictionary]:
    import pikepdf

    for _ in range(_DEPTH + 1):
        if not isinstance(node, pikepdf.Dictionary):
            return
        yield node
        node = node.get("/Parent")


def _name(node: pikepdf.Object) -> str:
    names = [_label(each["/T"]) for each in _upwards(node) if "/T" in each]
    return ".".join(reversed(names))[:200]


def _label(text: Any) -> str:
    import pikepdf

    return str(text) if isinstance(text, pikepdf.String) else ""


def _value(node: pikepdf.Object, name: str) -> str:
    return _BREAKS.sub("\n", _text(_inherited(node, "/V"), name))


def _text(value: Any, name: str) -> str:
    """A text, the state of a checkbox, or a long text that is kept as a stream."""
    import pikepdf

    match value:
        case None:
            return ""
        case pikepdf.String():
            return str(value)
        case pikepdf.Name():
            return "" if value == "/Off" else str(value)[1:]
        case pikepdf.Stream():
            return str(pikepdf.String(value.read_bytes()))
    raise ValueError(f"the field {name[:60]} holds no text")


def _items(array: Any) -> list[Any]:
    import pikepdf

    return list(array) if isinstance(array, pikepdf.Array) else []


def _widgets(pdf: pikepdf.Pdf) -> Iterator[Any]:
    for _, each in _annotations(pdf):
        if each.get("/Subtype") == "/Widget":
            yield each


def _comments(pdf: pikepdf.Pdf) -> Iterator[tuple[int, int, str]]:
    """Page, number and text of what was typed on a page beside the fields."""
    import pikepdf

    for number, (page, each) in enumerate(_annotations(pdf), start=1):
        text = each.get("/Contents")
        if each.get("/Subtype") == "/FreeText" and isinstance(text, pikepdf.String):
            yield page, number, str(text)[:1000]


def _annotations(pdf: pikepdf.Pdf) -> Iterator[tuple[int, Any]]:
    import pikepdf

    for number, page in enumerate(pdf.pages, start=1):
        if number > 5 * PAGES:
            return
        for each in _items(page.obj.get("/Annots"))[: 2 * _FIELDS]:
            if isinstance(each, pikepdf.Dictionary):
                yield number, each


# --- what to say where there are no answers ----------------------------------------------------


def _without_fields(pdf: pikepdf.Pdf, printed: set[str]) -> str:
    import pikepdf

    info = pdf.trailer.get("/Info")
    known: Any = info if isinstance(info, pikepdf.Dictionary) else {}
    creator, keyword = (str(known.get(name)) for name in ("/Creator", "/Keywords"))
    if not printed and creator != "gradsheet":
        return f"this PDF has no fields, and no sheet id that can be read. {_SAVE}"
    whose = f"sheet {min(printed)}" if printed else "a sheet"
    if keyword == SOLUTIONS:
        return f"these are the solutions of {whose}, which nobody fills in. {_INSTEAD}"
    if keyword == WORKSHEET:
        return f"this is {whose} as it is for paper: it never had fields. {_INSTEAD}"
    return f"this is {whose}, but its fields are gone: it was printed or flattened. {_SAVE}"


def _blank(comments: bool) -> str:
    if comments:
        return f"the answers were typed beside the fields, as comments. {_SAVE}"
    return (
        "nothing is filled in: this is the sheet as it was handed out, or the program did not "
        f"save what was typed. {_SAVE}"
    )
