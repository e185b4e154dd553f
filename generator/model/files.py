"""Writing files whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from generator.model.errors import InputError

BESIDE = ".new-"  # how the names of files begin that are not whole yet


def write_whole(path: Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Write beside `path`, then rename: readers see the old file or the new one, never a part.

    Folders above are made. InputError where the disk or the permissions do not allow it.
    """
    with writing_whole(path, mode=mode) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def writing_whole(path: Path, *, mode: int = 0o644) -> Iterator[BinaryIO]:
    """The same for what is too large to be held: a file that takes its name when all is written."""
    try:
        descriptor, beside = _beside(path.parent)
    except OSError as error:
        raise InputError(path, f"cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        made = Path(beside)
        made.chmod(mode)
        made.replace(path)
    except BaseException as error:
        Path(beside).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise InputError(path, f"cannot be written: {error.strerror}") from None
        raise


def _beside(folder: Path) -> tuple[int, str]:
    """A new file in the folder, which is made if it is not there; open."""
    try:
        return tempfile.mkstemp(dir=folder, prefix=BESIDE)
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.mkstemp(dir=folder, prefix=BESIDE)


def beginning(name: str) -> str:
    """As much of a name as every system takes, with an ending: 100 characters, and 220 bytes."""
    return name[:100].encode()[:220].decode(errors="ignore")


def drop_output() -> None:
    """Let go of what standard output does not take: its disk is full, its reader is gone.

    Else Python tries again at its end, complains by itself, and exits with 120.
    """
    with suppress(OSError, ValueError):  # a test's output is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
