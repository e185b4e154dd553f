"""Folders of files: every file below, in the order of their paths; links are not followed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from generator.model.errors import InputError
from grader.submissions.archives import Member, is_rubbish, unsafe
from grader.submissions.received import Refused


def members(folder: Path) -> Iterator[Member | Refused]:
    """The files of a folder and of the folders in it. InputError where it cannot be read."""

    def fail(error: OSError) -> None:
        raise InputError(error.filename or folder, f"cannot be read: {error.strerror}")

    found: list[tuple[str, str]] = []
    for base, folders, files in os.walk(folder, onerror=fail):
        links = [name for name in folders if (Path(base) / name).is_symlink()]
        found += ((Path(base, name).relative_to(folder).as_posix(), "") for name in files)
        found += ((Path(base, name).relative_to(folder).as_posix(), "link") for name in links)
    for path, link in sorted(found):
        whole = folder / path
        if is_rubbish(path):
            continue
        if link or whole.is_symlink():
            yield Refused(_printable(path), "it is a symbolic link, not a file")
        elif not whole.is_file():
            yield Refused(_printable(path), "it is a device or a pipe, not a file")
        elif reason := unsafe(path):
            yield Refused(_printable(path), reason)
        else:
            yield Member(path, reader(whole))


def reader(path: Path) -> Callable[[int], bytes]:
    """How to read at most so many bytes of a file; ValueError says why not."""

    def read(limit: int) -> bytes:
        try:
            with path.open("rb") as file:
                data = file.read(limit + 1)
        except OSError as error:
            raise ValueError(f"it cannot be read: {error.strerror}") from None
        if len(data) > limit:
            raise ValueError(f"it is larger than {limit / 2**20:.0f} MB")
        return data

    return read


def _printable(path: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in path)
