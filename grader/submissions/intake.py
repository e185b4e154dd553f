"""What was handed in, from wherever it lies: one `Received` or `Refused` after the other.

    a folder or zip of Moodle, of Canvas, of Gradescope, or of forms
    a table: CSV, JSON lines, Parquet
    one form, or any of these on standard input

Which of them a path is shows from its content, unless it is told. Nothing is unpacked to the disk,
and no more than one file is in memory at a time.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePosixPath

from msgspec import structs

from generator.model.delimited import header_of
from generator.model.errors import InputError
from grader.submissions import (
    archives,
    canvas,
    folders,
    forms,
    gradescope,
    moodle,
    sizes,
    tables,
)
from grader.submissions.archives import Limits, Member
from grader.submissions.placed import Placed
from grader.submissions.received import NOT_A_FORM, Received, Refused

PLATFORMS = ("moodle", "canvas", "gradescope", "folder")
SOURCES = (*PLATFORMS, *tables.KINDS, "form")
_PDF = ".pdf"
FORMS = tuple(dict.fromkeys((*forms.SUFFIXES, _PDF, ".txt")))
_HEAD = 2**16
_DOCUMENTS = ({"[Content_Types].xml"}, {"mimetype", "content.xml"})  # what office programs zip

Placer = Callable[[str], Placed | None]


def intake(
    path: str | Path, *, source: str = "", zone: tzinfo = UTC, limits: Limits | None = None
) -> Iterator[Received | Refused]:
    """Everything in `path`, or on standard input where it is "-", in the order of its names.

    `source` is one of SOURCES; empty, the content shows it. `zone` is that of times without one.
    InputError where nothing can be read at all; what is bad by itself is refused and the rest goes
    on.
    """
    if source and source not in SOURCES:
        raise InputError("--source", f"{source!r} is none of {', '.join(SOURCES)}")
    if str(path) != "-":
        yield from _intake(Path(path), Path(path).name, source, zone, limits or Limits())
        return
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "stdin"
        with whole.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield from _intake(whole, "stdin", source, zone, limits or Limits())


def _intake(
    path: Path, label: str, source: str, zone: tzinfo, limits: Limits
) -> Iterator[Received | Refused]:
    if path.is_dir():
        if source not in ("", *PLATFORMS):
            raise InputError(path, f"this is a folder, not {source}")
        if path.name == "submission" and (path.parent / gradescope.METADATA).is_file():
            path = path.parent
        yield from _files(path, lambda: folders.members(path), source)
        return
    head = _head(path)
    if source in PLATFORMS or (not source and head.startswith((b"PK\3\4", b"PK\5\6"))):
        yield from _files(path, lambda: archives.members(path, limits), source)
        return
    kind = source or _kind(path, head)
    if kind in tables.KINDS:
        yield from tables.submissions(path, kind, label, zone)
    else:
        yield _form(path, label, kind if kind != "form" else path.suffix.lower(), head)


def _files(
    path: Path, members: Callable[[], Iterator[Member | Refused]], source: str
) -> Iterator[Received | Refused]:
    """The files of a folder or an archive, by what its platform tells of their paths."""
    if not source:
        names = [each.path for each in members() if isinstance(each, Member)]
        if any(told <= set(names) for told in _DOCUMENTS):
            problem = "this is a workbook or a document: save a table as CSV in UTF-8"
            raise InputError(path, problem)
        source = recognise(names)
    if source == "gradescope":
        root = gradescope.export_root(each.path for each in members() if isinstance(each, Member))
        if root is None:
            yield from _gradescope(path, members)
        else:
            yield from _gradescope_export(path, members, root)
        return
    placers: dict[str, Placer] = {
        "moodle": moodle.placed,
        "canvas": canvas.placed,
        "folder": lambda name: Placed(file=name),
    }
    for each in members():
        if isinstance(each, Refused):
            sender = (placers[source](each.source) or Placed()).sender
            yield replace(each, sender=sender)
        else:
            found = placers[source](each.path)
            if found is None:
                yield Refused(each.path, f"it is not named in the way of {source.capitalize()}")
            else:
                yield _received(each, found)


def recognise(paths: Iterable[str]) -> str:
    """Which platform made files of these paths: one of PLATFORMS."""
    some = list(paths)
    if gradescope.METADATA in some and any(p.startswith(gradescope.FOLDER) for p in some):
        return "gradescope"
    root = gradescope.export_root(some)
    if root is not None and not moodle.placed(root):  # not a student's own file of that name
        return "gradescope"
    if any(moodle.placed(path) for path in some):
        return "moodle"
    if some and all(canvas.placed(path) for path in some):
        return "canvas"
    return "folder"


def _received(member: Member, found: Placed) -> Received | Refused:
    """What to make of one file: read it, where it may be a form."""
    suffix = ".html" if found.online else PurePosixPath(found.file).suffix.lower()
    reason = found.refusal
    if not reason and archives.is_packed(found.file):
        reason = "an archive inside: unpack it, or ask for the form itself"
    if not reason and not found.online and suffix not in FORMS:
        reason = NOT_A_FORM
    if not reason:
        try:
            content = member.read(sizes.PDF if suffix == _PDF else sizes.FORM)
            if not content.strip():
                raise ValueError("it is empty")
            return Received(
                source=member.path,
                content=content,
                format=suffix,
                sender=found.sender,
                late=found.late,
                attempt=found.attempt,
            )
        except ValueError as error:
            reason = str(error)
    return Refused(member.path, reason, found.sender)


def _at(each: Received | Refused, at: datetime | None) -> Received | Refused:
    """What was handed in then."""
    return structs.replace(each, at=at) if isinstance(each, Received) else each


def _gradescope(
    path: Path, members: Callable[[], Iterator[Member | Refused]]
) -> Iterator[Received | Refused]:
    """One submission, as an autograder finds it."""
    data = _member(path, members, gradescope.METADATA, sizes.FORM)
    metadata = gradescope.read_metadata(data, str(path / gradescope.METADATA))
    for each in members():
        name = each.path if isinstance(each, Member) else each.source
        if not name.startswith(gradescope.FOLDER):
            continue
        if isinstance(each, Refused):
            yield replace(each, sender=metadata.sender)
            continue
        file = name.removeprefix(gradescope.FOLDER)
        placed = Placed(metadata.sender, file, attempt=metadata.attempt)
        yield _at(_received(each, placed), metadata.at)


def _gradescope_export(
    path: Path, members: Callable[[], Iterator[Member | Refused]], root: str
) -> Iterator[Received | Refused]:
    """All submissions, as an instructor exports them. Files that the metadata do not tell of are
    from nobody, until their sheet ids say whose they are."""
    data = _member(path, members, f"{root}{gradescope.EXPORT}", sizes.METADATA)
    known = gradescope.read_export(data, str(path / gradescope.EXPORT))
    nobody = gradescope.Metadata((), None, 1)
    for each in members():
        name = each.path if isinstance(each, Member) else each.source
        inside = name.removeprefix(root)
        if inside == gradescope.EXPORT:
            continue
        folder, _, file = inside.partition("/")
        metadata = known.get(folder, nobody)
        if isinstance(each, Refused):
            yield replace(each, sender=metadata.sender)
            continue
        attempt = metadata.attempt if folder in known else None
        placed = Placed(metadata.sender, file or folder, attempt=attempt)
        yield _at(_received(each, placed), metadata.at)


def _member(
    path: Path, members: Callable[[], Iterator[Member | Refused]], name: str, limit: int
) -> bytes:
    """The bytes of one file of a platform's own. InputError where it is missing or too large."""
    for each in members():
        if isinstance(each, Member) and each.path == name:
            try:
                return each.read(limit)
            except ValueError as error:
                raise InputError(path / name, str(error)) from None
    raise InputError(path, f"there is no {name} in it")


def _form(path: Path, label: str, suffix: str, head: bytes) -> Received | Refused:
    """One form by itself; without a suffix that tells what it is, its content does."""
    if suffix not in FORMS:
        suffix = _sniffed(head)
    member = Member(label, folders.reader(path))
    return _received(member, Placed(file=f"form{suffix}", online=suffix == ".html"))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        what = "there is no such file or folder" if not path.exists() else error.strerror
        raise InputError(path, f"cannot be read: {what}") from None


def _kind(path: Path, head: bytes) -> str:
    """What a file is: a kind of table, or the suffix of a form. The name tells, or the content."""
    suffix = path.suffix.lower()
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"%PDF"):
        return _PDF
    if suffix in (".csv", ".tsv"):
        return "csv"
    if suffix in (".jsonl", ".ndjson"):
        return "jsonl"
    columns = {cell.lower() for cell in header_of(head)}
    if suffix not in (*forms.SUFFIXES, _PDF) and len(columns) > 1 and tables.KNOWN & columns:
        return "csv"  # Excel's "Unicode text" ends in .txt
    if suffix in FORMS:
        return suffix
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0].strip()
    if first.startswith(b"{") and first.endswith(b"}"):
        return "jsonl"
    return _sniffed(head)


def _sniffed(head: bytes) -> str:
    """The suffix that a form with this content should have."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"%PDF"):
        return _PDF
    if text.startswith(b"{"):
        return ".json"
    if text.startswith(b"<"):
        return ".html"
    lines = [line.strip() for line in text.splitlines() if line and not line.startswith(b"#")]
    if any(line.startswith(b"sheet") and b"=" in line.partition(b":")[0] for line in lines):
        return ".toml"
    return ".yaml"
