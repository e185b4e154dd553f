"""Precompiled formats: a preamble that TeX has read once, so that a run starts in milliseconds.

A format holds the state of TeX behind a preamble (the primitive dump). It is kept in the user's
cache folder under a name made of the engine's version and the preamble, uncompressed, for reading
it is most of what a small run does. Only pdfTeX can keep fonts in a format; others run without.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_cache_path

from generator.model.errors import InputError
from generator.model.files import write_whole
from generator.rendering import rooms

CACHE_VARIABLE = "GRADSHEET_CACHE"
_GZIP = b"\x1f\x8b"
_MOST = 8  # formats that are kept, of 19 MB each
_TIMEOUT = 120  # seconds


def format_file(
    preamble: str, program: str, version: str, environment: Mapping[str, str]
) -> Path | None:
    """The format of a preamble for the pdfTeX at `program`; None where none can be made, in which
    case the preamble is to be read as it is."""
    key = hashlib.sha256(f"{version}\n{program}\n{preamble}".encode()).hexdigest()[:32]
    path = _folder() / f"{key}.fmt"
    if path.is_file():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:  # a home that may not be written
        return None
    made = _made(preamble, program, environment) if os.access(path.parent, os.W_OK) else None
    if made is None:
        return None
    try:
        write_whole(path, made)
        _prune(path.parent)
    except (OSError, InputError):  # a disk that is full
        return None
    return path


def _prune(folder: Path) -> None:
    """Remove all but the newest formats: another version of TeX or of a preamble makes new ones."""
    newest_first = sorted(folder.glob("*.fmt"), key=lambda path: -path.stat().st_mtime)
    for path in newest_first[_MOST:]:
        path.unlink(missing_ok=True)


def _folder() -> Path:
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else user_cache_path("gradsheet") / "formats"


def _made(preamble: str, program: str, environment: Mapping[str, str]) -> bytes | None:
    with rooms.room() as room:
        (room / "sheets.tex").write_text(f"{preamble}\n\\dump\n", encoding="utf-8")
        command = [
            program,
            "-ini",
            "-interaction=nonstopmode",
            "-halt-on-error",
            "-no-shell-escape",
        ]
        try:
            done = subprocess.run(
                [*command, "-jobname=sheets", "&pdflatex", "sheets.tex"],
                cwd=room,
                env={**environment, "HOME": str(room / "home")},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_TIMEOUT,
                check=False,
            )
            made = (room / "sheets.fmt").read_bytes() if done.returncode == 0 else b""
        except (OSError, subprocess.SubprocessError):
            return None
    if not made:
        return None
    return gzip.decompress(made) if made.startswith(_GZIP) else made
