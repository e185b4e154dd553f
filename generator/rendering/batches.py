"""Many sheets in one run of TeX, split into one PDF each.

TeX's exit status is no evidence that a sheet is whole: a stray end of the document ends the run
without an error, an open environment is blamed on the last sheet. So every sheet is framed by two
lines in the log that tell the group level and the pages shipped so far, and is accepted only if
both are there, at the level of the run's beginning, without an error in between, and if the PDF has
the pages they tell of. The first sheet that fails ends the part of the run that counts: it is
typeset alone, which gives the error its place, and those behind it run again.
"""

from __future__ import annotations

import io
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.model.errors import TypesettingError
from generator.rendering.typesetting import (
    Engine,
    errors_in,
    read_log,
    run,
    spelled,
    started,
    typeset,
)

SHEETS = 25  # students whose sheets and solutions are set in one run
_SECONDS = 60.0  # for a run, and
_EACH = 2.0  # more for each of its sheets
_BEGIN, _END = "\\begin{document}", "\\end{document}"
_FRAME = re.compile(
    r"^gradsheet: sheet (\d+) (begins|ends) at level (\d+) behind (\d+) pages", re.MULTILINE
)
_INFO = re.compile(r"/(\w+) <([0-9A-F]+)>")
_SHEET_INFO = re.compile(r"\\sheetinfo\{([^}]*)\}\{([\w-]*)\}\n")


@dataclass(frozen=True)
class Source:
    """One LaTeX document of a batch; `name` is for messages, `files` are what it takes in."""

    name: str
    text: str
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def preamble(self) -> str:
        return self.text.partition(_BEGIN)[0]

    @property
    def body(self) -> str:
        """What is between the beginning and the end of the document, without its metadata."""
        inside = self.text.partition(_BEGIN)[2].rpartition(_END)[0]
        return _SHEET_INFO.sub("", inside, count=1)

    @property
    def info(self) -> dict[str, str]:
        """Title, author and the like, and the language as `Lang`."""
        found = _SHEET_INFO.search(self.text)
        if not found:
            return {}
        pairs = _INFO.findall(found[1])
        texts = {name: bytes.fromhex(code).decode("utf-16") for name, code in pairs}
        return {**texts, "Lang": found[2]}


def typeset_batch(
    sources: Sequence[Source], engine: Engine, *, log_folder: Path | None = None
) -> list[bytes | TypesettingError]:
    """The PDF of each source, or why there is none. All must have one preamble and the same files.

    The same sources give the same bytes. One bad sheet costs only itself.
    """
    results: dict[int, bytes | TypesettingError] = {}
    waiting = list(range(len(sources)))
    while waiting:
        if len(waiting) == 1:
            (only,) = waiting
            results[only] = _alone(sources[only], engine, log_folder)
            break
        batch = [sources[place] for place in waiting]
        pages = _run_batch(batch, engine)
        for place, pdf in zip(waiting, pages, strict=False):
            results[place] = pdf
        rest = waiting[len(pages) :]
        if rest and not pages:
            # Nothing of the run counts. It is cut in two, down to the sheet that spoils it.
            half = (len(rest) + 1) // 2
            for part in (rest[:half], rest[half:]):
                found = typeset_batch([sources[i] for i in part], engine, log_folder=log_folder)
                results.update(zip(part, found, strict=True))
            break
        if rest:
            results[rest[0]] = _alone(sources[rest[0]], engine, log_folder)
        waiting = rest[1:]
    return [results[place] for place in range(len(sources))]


def _alone(source: Source, engine: Engine, log_folder: Path | None) -> bytes | TypesettingError:
    try:
        return _single(
            typeset(source.text, source.name, engine, files=source.files, log_folder=log_folder)
        )
    except TypesettingError as error:
        return error


def _run_batch(batch: Sequence[Source], engine: Engine) -> list[bytes]:
    """The PDFs of the first sheets, up to the first that fails; none if the run gave no PDF."""
    source = _joined(batch)
    with tempfile.TemporaryDirectory(prefix="gradsheet-", ignore_cleanup_errors=True) as folder:
        room = Path(folder)
        try:
            encoded = spelled(source, engine).encode("utf-8")
        except UnicodeEncodeError:
            return []
        ready = _unhalted(started(encoded, engine, room, batch[0].files))
        if run(ready, room, time.monotonic() + _SECONDS + _EACH * len(batch)) is None:
            return []
        log = read_log(room)
        try:
            pdf = (room / "sheet.pdf").read_bytes()
        except OSError:
            return []
    return _split(pdf, _accepted(log, len(batch)), [each.info for each in batch])


def _joined(batch: Sequence[Source]) -> str:
    (preamble,) = {each.preamble for each in batch}
    bodies = [
        f"{_frame(number, 'begins')}{each.body}\n{_frame(number, 'ends')}"
        for number, each in enumerate(batch)
    ]
    return f"{preamble}{_BEGIN}\n{''.join(bodies)}{_END}\n"


def _frame(number: int, what: str) -> str:
    return (
        f"\\clearpage\\typeout{{^^Jgradsheet: sheet {number} {what} at level "
        "\\the\\currentgrouplevel\\space behind \\the\\ReadonlyShipoutCounter\\space pages}\n"
    )


def _unhalted(engine: Engine) -> Engine:
    """The engine, told to go on after an error: what stands before it counts."""
    return Engine(engine.name, tuple(o for o in engine.command if o != "-halt-on-error"))


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


def _split(pdf: bytes, pages: Sequence[range], infos: Sequence[dict[str, str]]) -> list[bytes]:
    """One PDF for each range of pages; none if the PDF lacks some of them."""
    import pikepdf

    if not pages:
        return []
    with pikepdf.open(io.BytesIO(pdf)) as whole:
        if len(whole.pages) < pages[-1].stop:
            return []
        split = []
        for numbers, info in zip(pages, infos, strict=False):
            with pikepdf.new() as sheet:
                sheet.pages.extend([whole.pages[number] for number in numbers])
                split.append(_saved(sheet, info))
    return split


def _single(pdf: bytes) -> bytes:
    """A PDF that was typeset alone, written as those of a batch are."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as whole:
        info = {name.lstrip("/"): str(text) for name, text in whole.docinfo.items()}
        info["Lang"] = str(whole.Root.get("/Lang", ""))
        return _saved(whole, {name: info[name] for name in info if name in _NAMES})


_NAMES = ("Title", "Author", "Subject", "Creator", "Lang")


def _saved(pdf: Any, info: dict[str, str]) -> bytes:
    """The bytes of a PDF with its metadata, the same at every time."""
    import pikepdf

    for name in list(pdf.docinfo):
        del pdf.docinfo[name]
    for name, text in info.items():
        place = pdf.Root if name == "Lang" else pdf.docinfo
        place[pikepdf.Name(f"/{name}")] = text
    target = io.BytesIO()
    pdf.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue()
