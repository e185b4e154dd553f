"""Writing files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from generator.model.errors import InputError


def write_whole(
    path: Path, content: str | bytes | Callable[[IO[bytes]], object], *, mode: int = 0o644
) -> None:
    """Write beside `path`, then rename: readers see the old file or the new one, never a part.

    A function writes its content itself. Folders above are made. InputError where the disk or the
    permissions do not allow it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    except OSError as error:
        raise InputError(path, f"cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content.encode() if isinstance(content, str) else content)
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    except OSError as error:
        raise InputError(path, f"cannot be written: {error.strerror}") from None
    finally:
        Path(beside).unlink(missing_ok=True)
