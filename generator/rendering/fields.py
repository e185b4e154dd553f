"""A sheet's PDF as a form: a text field over each answer box, and what it takes to read it back.

TeX tells in its log where each box has come to lie (`templates/sheets/fields.tex.j2`), and the
fields are laid over the finished pages. They are text fields at the top of the form's tree, none
with children: what every program that fills forms can do. A few more hold what else a form says, as
the sheet id and the kinds of the answers; they are not seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.model.answers import Answer, Array, Edges, Formula, Group, Witness
from generator.model.errors import TypesettingError
from generator.model.expects import expects
from generator.model.field_names import entry_keys, field_names
from generator.rendering.forms import expected, field_shape
from generator.rendering.words import LANGUAGES, FormWords
from generator.sheets import Sheet

if TYPE_CHECKING:
    import pikepdf

_BEGIN, _END = "\\begin{document}\n", "\\end{document}"
_SP = 65781.76  # scaled points in 1/72 inch
_FIELD = re.compile(r"^gradsheet: field (\S+) (\d+) (\d+) at (\d+) (\d+) on (\d+)$", re.MULTILINE)
_READ_ONLY, _MULTILINE, _NO_SPELLING = 1, 1 << 12, 1 << 22  # flags of a field: ISO 32000-1, 12.7.4
_GAP = 1.5  # below a field in its box, and twice that beside it, in 1/72 inch
_LABEL = 4.0  # above a field: as far as the name of the box hangs into it
# The characters 128 to 160 of PDFDocEncoding (ISO 32000-1, D.2): it has a minus sign.
_GLYPHS = (
    "bullet dagger daggerdbl ellipsis emdash endash florin fraction guilsinglleft guilsinglright "
    "minus perthousand quotedblbase quotedblleft quotedblright quoteleft quoteright quotesinglbase "
    "trademark fi fl Lslash OE Scaron Ydieresis Zcaron dotlessi lslash oe scaron zcaron "
    ".notdef Euro"
)
_HIDDEN, _PRINT = 2, 4  # flags of an annotation: 12.5.3


@dataclass(frozen=True)
class Field:
    """One entry of the form. `tooltip` begins with its key and a colon; a long answer may take
    several lines."""

    key: str
    name: str
    tooltip: str
    long: bool


@dataclass(frozen=True)
class Fields:
    """All that the PDF of a sheet holds as a form.

    `hidden` is what the form says beside its answers, by `field_names.RESERVED`; `expects` as JSON.
    """

    hidden: Mapping[str, str]
    entries: tuple[Field, ...]


@dataclass(frozen=True)
class Place:
    """Where a box is: its page, from 1, and its sides in 1/72 inch from the page's lower left."""

    key: str
    page: int
    left: float
    low: float
    right: float
    high: float


def fields(sheet: Sheet) -> Fields:
    """The fields of a sheet, in the order of its answer form. Nothing depends on the truths."""
    tree = expects({question.slot: question.truths for question in sheet.questions})
    words = LANGUAGES[sheet.assignment.language].form
    kinds = {
        key: kind
        for question in sheet.questions
        for name, truth in question.truths.items()
        for key, kind in _kinds(f"{question.slot}.{name}", truth, words)
    }
    return Fields(
        hidden={
            "sheet": sheet.sheet_id,
            "student": sheet.student.id,
            "seal": sheet.seal,
            "expects": json.dumps(tree, ensure_ascii=False),
        },
        entries=tuple(
            Field(key, name, f"{key}: {kinds[key][0]}", kinds[key][1])
            for name, key in field_names(entry_keys(tree)).items()
        ),
    )


def _kinds(key: str, truth: Answer, words: FormWords) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Of each entry: what is expected, in words, and whether it may be long."""
    match truth:
        case Group():
            for name, member in truth.members.items():
                yield from _kinds(f"{key}.{name}", member, words)
        case Witness():
            for name, shape in truth.shapes.items():
                yield f"{key}.{name}", (field_shape(shape, words), bool(shape))
        case _:
            yield key, (expected(truth, words), isinstance(truth, Array | Formula | Edges))


def wanted(source: str) -> str:
    """The LaTeX of a worksheet, with its fields' places told in the log."""
    head, begin, rest = source.partition(_BEGIN)
    body, end, tail = rest.rpartition(_END)
    return f"{head}{begin}\\gsfieldstrue\n{body}\\gsfieldsfalse\n{end}{tail}"


def places(log: str) -> list[Place]:
    """Where the answer boxes are, by the log of a run."""
    found = []
    for key, *numbers in _FIELD.findall(log):
        *sizes, page = map(int, numbers)
        width, height, left, low = (round(each / _SP, 2) for each in sizes)
        sides = (left, low, round(left + width, 2), round(low + height, 2))
        found.append(Place(key.replace("\\", ""), page, *sides))
    return found


def add_fields(
    pdf: pikepdf.Pdf,
    pages: Sequence[pikepdf.Object],
    form: Fields,
    found: Sequence[Place],
    name: str,
    behind: int = 0,
) -> None:
    """Lay the form over all pages of an open PDF (pikepdf), which are those `behind` so many others
    of the run that `found` is from.

    Raises TypesettingError, which begins with `name`, unless each entry has one box.
    """
    here = [each for each in found if behind < each.page <= behind + len(pages)]
    boxes = {each.key: each for each in here}
    keys = [each.key for each in form.entries]
    if len(here) != len(boxes) or set(boxes) != set(keys):
        there = [each.key for each in here]
        wrong = next(key for key in (*keys, *there) if keys.count(key) != there.count(key))
        raise TypesettingError(
            f"{name}: the page has {there.count(wrong)} answer boxes for {wrong}, and the form has "
            f"{keys.count(wrong)}: the template must set one \\answerbox for each entry"
        )
    _Form(pdf).add(pages, form, boxes, behind)


class _Form:
    """The form of a PDF, whose fields share one font."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        import pikepdf

        self.pdf = pdf
        self.new = pikepdf.Dictionary
        self.array = pikepdf.Array
        self.name = pikepdf.Name
        self.font = pdf.make_indirect(
            self.new(
                Type=self.name.Font,
                Subtype=self.name.Type1,
                BaseFont=self.name.Helvetica,
                Encoding=self.new(
                    Type=self.name.Encoding,
                    BaseEncoding=self.name.WinAnsiEncoding,
                    Differences=[128, *(self.name(f"/{glyph}") for glyph in _GLYPHS.split())],
                ),
            )
        )

    def add(
        self, pages: Sequence[pikepdf.Object], form: Fields, boxes: Mapping[str, Place], behind: int
    ) -> None:
        shown: list[list[pikepdf.Object]] = [[] for _ in pages]
        for each in form.entries:
            box = boxes[each.key]
            number = box.page - behind - 1
            shown[number].append(self._field(each, box, pages[number]))
        hidden = [self._hidden(name, text, pages[0]) for name, text in form.hidden.items()]
        for page, on_it in zip(pages, [[*shown[0], *hidden], *shown[1:]], strict=True):
            if on_it:
                annotations = self.array([*page.get("/Annots", []), *on_it])
                page.Annots = self.pdf.make_indirect(annotations)
                page.Tabs = self.name.R  # from row to row
        self.pdf.Root.AcroForm = self.pdf.make_indirect(
            self.new(
                Fields=[*(each for on_it in shown for each in on_it), *hidden],
                DR=self.new(Font=self.new(Helv=self.font)),
                DA=b"/Helv 10 Tf 0 g",
            )
        )

    def _field(self, field: Field, box: Place, page: pikepdf.Object) -> pikepdf.Object:
        left, right = box.left + 2 * _GAP, box.right - 2 * _GAP
        low, high = box.low + _GAP, box.high - _LABEL
        return self._widget(
            field.name,
            page,
            TU=field.tooltip,
            F=_PRINT,
            Ff=_NO_SPELLING | (_MULTILINE if field.long else 0),
            Rect=[round(side, 2) for side in (left, low, right, high)],
            # A long answer is set as small as it takes to be seen whole.
            DA=b"/Helv 0 Tf 0 g" if field.long else b"/Helv 10 Tf 0 g",
            AP=self.new(N=self._blank(round(right - left, 2), round(high - low, 2))),
        )

    def _hidden(self, name: str, text: str, page: pikepdf.Object) -> pikepdf.Object:
        return self._widget(
            name, page, V=text, F=_HIDDEN, Ff=_READ_ONLY, Rect=[0, 0, 1, 1], DA=b"/Helv 10 Tf 0 g"
        )

    def _widget(self, name: str, page: pikepdf.Object, **entries: Any) -> pikepdf.Object:
        """A field and the annotation that shows it, in one."""
        return self.pdf.make_indirect(
            self.new(
                Type=self.name.Annot, Subtype=self.name.Widget, FT=self.name.Tx, T=name, P=page,
                **entries,
            )
        )  # fmt: skip

    def _blank(self, width: float, height: float) -> pikepdf.Stream:
        """How a field without a text looks, for programs that show only what they find.

        Each field has its own, for some programs write a field's text into the one that is there.
        """
        return self.pdf.make_stream(
            b"/Tx BMC EMC",
            Type=self.name.XObject,
            Subtype=self.name.Form,
            BBox=[0, 0, width, height],
            Resources=self.new(Font=self.new(Helv=self.font)),
        )
