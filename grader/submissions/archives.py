"""Zip archives from outside, read without being unpacked and without being believed.

Nothing is written to the disk. A member is decompressed piece by piece, and what its header says of
its size is only a first reason to refuse it; what counts is what comes out. A member that cannot be
used costs only itself.
"""

from __future__ import annotations

import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from generator.model.errors import InputError
from grader.submissions.received import Refused

RUBBISH = frozenset(
    ("__MACOSX", ".DS_Store", ".localized", "Thumbs.db", "desktop.ini",
     ".git", ".idea", ".ipynb_checkpoints", ".vscode")
)  # fmt: skip
_BIDI = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_DEVICES = ("con", "prn", "aux", "nul")
_PACKED = (".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".tar")
_PIECE = 2**16


@dataclass(frozen=True)
class Limits:
    """What is read of one archive at most. `ratio` bounds a member that comes out above 1 MB."""

    members: int = 200_000
    directory: int = 2**26  # bytes of the list of members
    total: int = 2**35  # bytes that come out of all members
    ratio: int = 200


@dataclass(frozen=True)
class Member:
    """A file in a folder or an archive: its path inside, with `/`, and its bytes.

    `read(limit)` raises ValueError where there are more than `limit` bytes, or they are damaged.
    """

    path: str
    read: Callable[[int], bytes]


def members(path: Path, limits: Limits | None = None) -> Iterator[Member | Refused]:
    """The members of a zip in the order of their paths; those that are unsafe are refused.

    InputError where the file is no zip, is cut off, or lists more than the limits allow.
    """
    limits = limits or Limits()
    try:
        with path.open("rb") as file:
            _check_directory(file, path, limits)
            with zipfile.ZipFile(file) as archive:
                yield from _members(archive, limits)
    except (
        zipfile.BadZipFile, EOFError, struct.error, NotImplementedError, UnicodeDecodeError,
    ) as error:  # fmt: skip
        raise InputError(path, f"not a zip, or cut off: {error}") from None
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None


def unsafe(path: str) -> str:
    """Why a path inside an archive or a folder is not to be trusted; empty where it is."""
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in _BIDI for c in path):
        return "its name has control characters"
    parts = path.replace("\\", "/").split("/")
    if not parts[0] or (len(parts[0]) > 1 and parts[0][1] == ":" and parts[0][0].isalpha()):
        return "its name is an absolute path"
    if ".." in parts:
        return "its name leads out of the archive (..)"
    if len(path.encode("utf-8", "replace")) > 1000 or len(parts) > 40:
        return "its name is too long"
    if any(part.partition(".")[0].lower() in _DEVICES for part in parts):
        return "its name is that of a device"
    return ""


def is_rubbish(path: str) -> bool:
    """Whether a file is what systems and programs leave behind: skipped without a word."""
    parts = path.replace("\\", "/").split("/")
    return not RUBBISH.isdisjoint(parts) or parts[-1].startswith("._")


def is_packed(path: str) -> bool:
    """Whether a file is an archive by its name."""
    return path.lower().endswith(_PACKED)


def _members(archive: zipfile.ZipFile, limits: Limits) -> Iterator[Member | Refused]:
    infos = archive.infolist()
    if len(infos) > limits.members:
        raise zipfile.BadZipFile(f"{len(infos)} members; at most {limits.members} are read")
    named = sorted(((_name(info), info) for info in infos), key=lambda pair: pair[0])
    files = [(name, info) for name, info in named if not name.endswith(("/", "\\"))]
    often = Counter(unicodedata.normalize("NFC", name).casefold() for name, _ in files)
    spent = _Spent(limits)
    told: set[str] = set()
    for name, info in files:
        reason = unsafe(name) or _odd(info)
        if not reason and is_rubbish(name):
            continue
        same = unicodedata.normalize("NFC", name).casefold()
        if not reason and often[same] > 1:
            if same in told:
                continue
            told.add(same)
            reason = f"{often[same]} members have this name: nobody knows which one counts"
        if reason:
            yield Refused(_shown(name), reason)
        else:
            yield Member(name.replace("\\", "/"), _reader(archive, info, spent))


@dataclass
class _Spent:
    """How many bytes have come out of an archive."""

    limits: Limits
    bytes: int = 0


def _reader(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, spent: _Spent
) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        pieces: list[bytes] = []
        size = 0
        try:
            with archive.open(info) as file:
                while piece := file.read(_PIECE):
                    size += len(piece)
                    spent.bytes += len(piece)
                    if size > limit:
                        raise ValueError(f"it is larger than {limit / 2**20:.0f} MB")
                    if size > 2**20 and size > spent.limits.ratio * max(1, info.compress_size):
                        raise ValueError("it is compressed as no file of answers is: a zip bomb?")
                    if spent.bytes > spent.limits.total:
                        raise ValueError("the archive holds more than is read of one archive")
                    pieces.append(piece)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, UnicodeDecodeError) as error:
            raise ValueError(f"it is damaged: {error}") from None
        except (NotImplementedError, RuntimeError) as error:
            raise ValueError(f"it cannot be unpacked: {error}") from None
        return b"".join(pieces)

    return read


def _odd(info: zipfile.ZipInfo) -> str:
    """Why a member is not a plain file that can be read; empty where it is."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "it is a symbolic link, not a file"
    if kind not in (0, stat.S_IFREG):
        return "it is a device or a pipe, not a file"
    if info.flag_bits & 1:
        return "it is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed in a way that learning platforms do not use"
    return ""


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a member as it was written: in UTF-8, also where the flag for it is missing.

    `orig_filename` still has what follows a NUL character, which zipfile cuts off.
    """
    name = info.orig_filename
    if info.flag_bits & 0x800:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _shown(name: str) -> str:
    """A name that may be printed and stand in a table."""
    plain = "".join(c if c.isprintable() and c not in _BIDI else "\N{REPLACEMENT CHARACTER}"
                    for c in name)  # fmt: skip
    return plain if len(plain) <= 200 else plain[:199] + "…"


def _check_directory(file: BinaryIO, path: Path, limits: Limits) -> None:
    """Refuse a list of members too long to be held in memory, before it is read.

    The end of a zip says how many bytes the list has: APPNOTE.TXT 4.3.14 to 4.3.16.
    """
    size = file.seek(0, 2)
    start = max(0, size - 2**16 - 22 - 20)
    file.seek(start)
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        raise InputError(path, "not a zip, or cut off: its end is missing")
    (listed,) = struct.unpack_from("<I", tail, end + 12)
    if listed == 0xFFFFFFFF and end >= 20 and tail[end - 20 : end - 16] == b"PK\6\7":
        (place,) = struct.unpack_from("<Q", tail, end - 12)
        file.seek(min(place, size))
        record = file.read(56)
        if len(record) == 56:
            (listed,) = struct.unpack_from("<Q", record, 40)
    if listed > limits.directory:
        megabytes = limits.directory / 2**20
        raise InputError(path, f"its list of members is longer than {megabytes:.0f} MB")
    file.seek(0)
