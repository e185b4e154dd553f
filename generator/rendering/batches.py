"""Many sheets in one run of TeX, split into one PDF each.

TeX's exit status is no evidence that a sheet is whole: a stray end of the document ends the run
without an error, an open environment is blamed on the last sheet. So every sheet is framed by two
lines in the log that tell the group level and the pages shipped so far, and is accepted only if
both are there, at the level of the run's beginning, without an error in between, and if the PDF has
the pages they tell of. The first sheet that fails ends the part of the run that counts: it is
typeset alone, which gives the error its place, and those behind it run again.

No sheet may change how those behind it look. What it defines or sets ends with it, as each is a
group; one whose LaTeX has words that reach beyond groups is set alone.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from generator.model.errors import TypesettingError
from generator.model.field_names import FILLABLE
from generator.rendering import rooms
from generator.rendering.fields import Fields, Place, add_fields, places
from generator.rendering.pdfs import Pdf, opened_to_split, own_pages, saved, set_pages
from generator.rendering.typesetting import (
    Engine,
    errors_in,
    keep,
    read_console,
    read_log,
    run,
    spelled,
    started,
    typeset_with_log,
    unhalted,
)

if TYPE_CHECKING:
    import pikepdf

SHEETS = 100  # students whose sheets and solutions are set in one run at most
_SECONDS = 60.0  # for a run, and
_EACH = 2.0  # more for each of its sheets
_BEGIN, _END = "\\begin{document}", "\\end{document}"
_FRAME = re.compile(
    r"^gradsheet: sheet (\d+) (begins|ends) at level (\d+) behind (\d+) pages", re.MULTILINE
)
_EXERCISE = re.compile(r"^gradsheet: exercise (\d+) on (\d+)$", re.MULTILINE)
# Words that reach beyond their group: they assign globally, count, write, want another run, or make
# any of these words.
_WORDS = r"""
    global globaldefs gdef xdef csname scantokens fontdimen hyphenchar skewchar hyphenation patterns
    lpcode rpcode efcode tagcode knbscode stbscode shbscode knbccode knaccode pdfnoligatures
    pdffontexpand pdfinfo pdfcatalog pdfnames pdfcolorstack pdfmapline pdfmapfile
    prevgraf pagegoal pagetotal pagenumbering deadcycles thispagestyle shipout
    AddToHook\w* AtBegin\w+ AtEnd\w+ ExplSyntaxOn makeatletter
    batchmode scrollmode nonstopmode errorstopmode interactionmode
    immediate write openin openout closein closeout input include addto\w+
    newcounter newlength newsavebox newbox newcount newdimen newskip newmuskip newtoks newread
    newwrite newtheorem setcounter stepcounter refstepcounter
    chapter part section subsection subsubsection paragraph subparagraph caption footnote\w*
    marginpar tableofcontents label ref pageref eqref cite maketitle title author date
"""
_ENVIRONMENTS = """
    equation eqnarray align gather multline flalign alignat subequations figure table picture
    verbatim thebibliography
"""
_BY_LETTER = "|".join(  # as every word of a sheet is looked at
    f"{letter}(?:{'|'.join(word[1:] for word in words)})"
    for letter, words in groupby(sorted(_WORDS.split()), key=itemgetter(0))
)
_REACHING = re.compile(
    rf"\\(?:{_BY_LETTER})(?![A-Za-z@])|\\begin\{{(?:{'|'.join(_ENVIRONMENTS.split())})\}}|\^\^"
)
_INFO = re.compile(r"/(\w+) <([0-9A-F]+)>")
_SHEET_INFO = re.compile(r"\\sheetinfo\{([^}]*)\}\{([\w-]*)\}\n")


@dataclass(frozen=True)
class Source:
    """One LaTeX document of a batch; `name` is for messages, `files` are what it takes in. With
    `fields` its PDF is a form; the text must be one that tells their places (`fields.wanted`)."""

    name: str
    text: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    fields: Fields | None = None

    @property
    def preamble(self) -> str:
        return self.text.partition(_BEGIN)[0]

    @property
    def body(self) -> str:
        """What is between the beginning and the end of the document, without its metadata."""
        inside = self.text.partition(_BEGIN)[2].rpartition(_END)[0]
        return _SHEET_INFO.sub("", inside, count=1)

    @property
    def reaching(self) -> str:
        """The first word of its body by which it might change the sheets behind it; or ""."""
        found = _REACHING.search(self.text, self.text.find(_BEGIN))
        return found[0] if found else ""

    @property
    def info(self) -> dict[str, str]:
        """Title, author and the like, and the language as `Lang`."""
        found = _SHEET_INFO.search(self.text, self.text.find(_BEGIN))
        if not found:
            return {}
        pairs = _INFO.findall(found[1])
        texts = {name: bytes.fromhex(code).decode("utf-16") for name, code in pairs}
        return {**texts, "Lang": found[2]}


@dataclass(frozen=True)
class Run:
    """The PDF that TeX wrote in a run, and its digest."""

    data: bytes
    digest: str


@dataclass(frozen=True)
class Typeset(Pdf):
    """The PDF of a source; its pages are also in that of the whole run, behind so many others, if
    there are others.

    `exercises` are those that begin on a page of solutions: their numbers, and the page, from 0.
    `refused` is the log of the run in which TeX refused it together with others, so that it was set
    alone; "" where no log was kept, None where it was not refused. `reaching` is a word by which it
    might have changed others, so that it was set alone.
    """

    run: Run | None = None
    behind: int = 0
    exercises: tuple[tuple[int, int], ...] = ()
    refused: str | None = None
    reaching: str = ""


@dataclass(frozen=True)
class _Outcome:
    """Of a run for several sheets: the PDFs of the first, up to the first that fails, and those
    among which a bad one is, by place, as far as the run tells. No PDFs if it did not end by itself
    or gave none."""

    pdfs: list[Typeset | TypesettingError]
    suspects: range | None
    log: str


@dataclass(frozen=True)
class _Failure:
    """A run that failed: its sheets, by place, and those among which a bad one is looked for."""

    places: list[int]
    suspects: list[int]
    log: str


def typeset_batch(
    sources: Sequence[Source], engine: Engine, *, log_folder: Path | None = None
) -> list[Typeset | TypesettingError]:
    """The PDF of each source, or why there is none. All must have one preamble and the same files.

    The same sources give the same bytes. One bad sheet costs only itself. Sheets that might change
    others are set alone. Where TeX refuses sheets together of which none is bad, their PDFs say so,
    and log and LaTeX of the first such run are kept in `log_folder` as
    `together-<name of the first source>`.
    """
    results: dict[int, Typeset | TypesettingError] = {}
    failures: list[_Failure] = []
    single: set[int] = set()  # set alone

    def together(waiting: list[int]) -> None:
        while len(waiting) > 1:
            done = _run_batch([sources[place] for place in waiting], engine)
            results.update(zip(waiting, done.pdfs, strict=False))
            rest = waiting[len(done.pdfs) :]
            if not rest:
                return
            before, suspects, behind = _parted(waiting, done)
            failures.append(_Failure(waiting, suspects or rest, done.log))
            together(before)
            alone(suspects)
            waiting = behind
        alone(waiting)

    def alone(places: list[int]) -> None:
        for place in places:
            results[place] = _alone(sources[place], engine, log_folder)
        single.update(places)

    apart = {place: source.reaching for place, source in enumerate(sources) if source.reaching}
    together([place for place in range(len(sources)) if place not in apart])
    whole = {place: pdf for place, pdf in results.items() if isinstance(pdf, Typeset)}
    refused = [each for each in failures if whole.keys() >= set(each.suspects)]
    if refused:
        log = ""
        if log_folder is not None:
            text = _joined([sources[place] for place in refused[0].places])
            log = str(keep(f"together-{sources[0].name}", text, refused[0].log, log_folder))
        for place in single & whole.keys():
            results[place] = replace(whole[place], refused=log)
    alone(list(apart))
    if len(sources) > 1:
        for place, word in apart.items():
            pdf = results[place]
            if isinstance(pdf, Typeset):
                results[place] = replace(pdf, reaching=word)
    return [results[place] for place in range(len(sources))]


def _parted(places: list[int], done: _Outcome) -> tuple[list[int], list[int], list[int]]:
    """What is left of a run that failed: sheets before those among which the bad one is, these, and
    those behind; none of these where the run does not tell, which is cut in two."""
    start, told = len(done.pdfs), done.suspects
    if told is None:
        half = start + (len(places) - start + 1) // 2
        return places[start:half], [], places[half:]
    return places[start : told.start], places[told.start : told.stop], places[told.stop :]


def _alone(source: Source, engine: Engine, log_folder: Path | None) -> Typeset | TypesettingError:
    try:
        pdf, log = typeset_with_log(
            source.text, source.name, engine, files=source.files, log_folder=log_folder
        )
    except TypesettingError as error:
        return error
    (sheet,) = _split(pdf, None, [source], log)
    return sheet


def _run_batch(batch: Sequence[Source], engine: Engine) -> _Outcome:
    source = _joined(batch)
    with rooms.room() as room:
        try:
            encoded = spelled(source, engine).encode("utf-8")
        except UnicodeEncodeError as error:
            return _Outcome([], None, str(error))
        ready = unhalted(started(encoded, engine, room, batch[0].files))
        deadline = time.monotonic() + _SECONDS + _EACH * len(batch)
        status = run(ready, room, deadline, sheets=len(batch))
        log = read_log(room)
        begun = max(_begun(log), _begun(read_console(room)))
        try:
            pdf = (room / "sheet.pdf").read_bytes() if isinstance(status, int) else b""
        except OSError:
            pdf = b""
    accepted = _accepted(log, len(batch))
    pdfs = _split(pdf, accepted, batch, log) if pdf else []
    suspects = None
    if pdf and len(pdfs) == len(accepted):
        suspects = range(len(pdfs), len(pdfs) + 1)
    elif begun and len(accepted) < len(batch) and not pdf:
        # Nothing of the run counts, but it tells how far it came. What TeX last told may be lost:
        # the sheet that spoils the run is the last that we know of, or the next.
        suspects = range(begun - 1, begun + 1)
    ended = isinstance(status, str)
    end = f"{status} and was ended" if ended else f"ended with exit status {status}"
    return _Outcome(pdfs, suspects, f"{log}\nTeX {end}.\n")


def _begun(log: str) -> int:
    return sum(each[2] == "begins" for each in _FRAME.finditer(log))


def _joined(batch: Sequence[Source]) -> str:
    (preamble,) = {each.preamble for each in batch}
    bodies = [
        f"{_frame(number, 'begins')}\\begingroup{each.body}\n\\endgroup{_frame(number, 'ends')}"
        for number, each in enumerate(batch)
    ]
    return "".join((preamble, _BEGIN, "\n", *bodies, _END, "\n"))


def _frame(number: int, what: str) -> str:
    return (
        f"\\clearpage\\typeout{{^^Jgradsheet: sheet {number} {what} at level "
        "\\the\\currentgrouplevel\\space behind \\the\\ReadonlyShipoutCounter\\space pages}\n"
    )


def _accepted(log: str, count: int) -> list[range]:
    """The pages, from 0, of the first sheets of the run, up to the first that is not whole."""
    frames = {
        (int(each[1]), each[2]): (each.start(), int(each[3]), int(each[4]))
        for each in _FRAME.finditer(log)
    }
    wrong = errors_in(log)
    accepted: list[range] = []
    level = frames.get((0, "begins"), (0, 0, 0))[1]
    for number in range(count):
        begin, end = frames.get((number, "begins")), frames.get((number, "ends"))
        if begin is None or end is None or not begin[1] == end[1] == level:
            break
        if any(begin[0] <= place <= end[0] for place in wrong) or end[2] <= begin[2]:
            break
        accepted.append(range(begin[2], end[2]))
    return accepted


def _split(
    data: bytes, numbers: Sequence[range] | None, batch: Sequence[Source], log: str
) -> list[Typeset | TypesettingError]:
    """One PDF for each range of pages, or of all; none if the PDF lacks some of them."""
    if not numbers and numbers is not None:
        return []
    boxes = places(log)
    run = Run(data, hashlib.sha256(data).hexdigest())
    begins = [(int(number), int(page) - 1) for number, page in _EXERCISE.findall(log)]
    with opened_to_split(data) as whole:
        pages = own_pages(whole)
        if numbers is None:
            numbers = [range(len(pages))]
        if len(pages) < numbers[-1].stop:
            return []
        sheets: list[Typeset | TypesettingError] = []
        for each, source in zip(numbers, batch, strict=False):
            try:
                sheet = _sheet(whole, pages[each.start : each.stop], source, boxes, run, each.start)
            except TypesettingError as error:
                sheets.append(error)
                continue
            own = tuple((number, page - each.start) for number, page in begins if page in each)
            sheets.append(
                Typeset(sheet, len(each), run if len(batch) > 1 else None, each.start, own)
            )
        return sheets


def _sheet(
    pdf: pikepdf.Pdf,
    pages: list[pikepdf.Object],
    source: Source,
    boxes: Sequence[Place],
    run: Run,
    behind: int,
) -> bytes:
    """Some pages of a run as a PDF of their own: a form if there are to be fields.

    The run is saved as if it had no others. pikepdf writes only what its catalog leads to, which
    takes less than to copy the pages into a new PDF. TypesettingError where its boxes are not those
    of its fields.
    """
    info = source.info
    language = info.pop("Lang", "")
    set_pages(pdf, [pages])
    if language:
        pdf.Root.Lang = language
    if source.fields:
        add_fields(pdf, pages, source.fields, boxes, source.name, behind)
        info["Keywords"] = FILLABLE
    kind = "form" if source.fields else "sheet"
    sheet = saved(pdf, info, f"{run.digest} {kind} behind {behind} pages")
    if source.fields:  # which are in no other sheet's form
        for page in pages:
            page.Annots = []
    return sheet
