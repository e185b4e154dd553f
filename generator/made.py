"""The folder of an assignment: who may write there now, and what its files were made from."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.fingerprints import of_file
from generator.model.errors import InputError
from generator.model.files import BESIDE, write_whole
from generator.rendering import rooms

_FOLDERS = ("sheets", "solutions", "forms", "keys")
_PRIVATE = ("solutions", "keys", "runs", "tex/solutions", "logs")  # the instructor's alone
_NOTES = "built.json"


@dataclass(frozen=True)
class Made:
    """A file: the fingerprint of what it was made from, the digest of its content, and how many
    pages it has, if it is a PDF.

    The pages of a student's PDF are also in that of a whole run of TeX, if it was kept: `run` is
    its path, and its name is its digest. The rest is as in `Typeset`.
    """

    source: str
    digest: str
    pages: int = 0
    run: str = ""
    behind: int = 0
    exercises: tuple[tuple[int, int], ...] = ()


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """The folder, made and ours alone while the block lasts.

    What an ended build left half-written is removed, before the block and behind it. InputError
    where the folder cannot be written or another build is writing there.
    """
    try:
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name in _PRIVATE:
            if (folder / name).is_dir():  # also what an earlier version has left open to all
                (folder / name).chmod(0o700)
    except OSError as error:
        raise InputError(folder, f"cannot be written: {error.strerror}") from None
    if not os.access(folder, os.W_OK):
        raise InputError(folder, "cannot be written: permission denied")
    with _locked(folder):
        _sweep(folder)
        try:
            yield
        finally:
            _sweep(folder)  # processes that were ended with the build may have been writing


def _sweep(folder: Path) -> None:
    """Remove what is half-written, and where TeX ran; nobody writes there now."""
    for stray in folder.rglob(f"{BESIDE}*"):
        stray.unlink(missing_ok=True)
    rooms.sweep()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """A lock that the system takes back when its process ends; none where there are no locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(folder, "another build is writing there; wait for its end") from None
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(descriptor)


def read_made(folder: Path) -> dict[str, Made]:
    """The files that are noted as made and are there, by their path in the folder."""
    import msgspec

    try:
        noted = msgspec.json.decode((folder / _NOTES).read_bytes(), type=dict[str, Made])
    except (OSError, ValueError):
        return {}  # nothing is known to be up to date, so everything is made again
    there = {
        path
        for above in {each.rpartition("/")[0] for each in noted}
        for path in _files(folder, above)
    }
    return {path: made for path, made in noted.items() if path in there}


def _files(folder: Path, inner: str) -> list[str]:
    """The paths of the files in a folder inside; listed at once, which is faster than to look for
    each."""
    before = f"{inner}/" if inner else ""
    try:
        with os.scandir(folder / inner) as entries:
            return [before + each.name for each in entries if each.is_file()]
    except OSError:
        return []


def is_current(folder: Path, path: str, source: str, noted: Mapping[str, Made]) -> bool:
    """Whether a file was made from just this, and is as it was written."""
    made = noted.get(path)
    return made is not None and made.source == source and made.digest == of_file(folder / path)


def note_made(folder: Path, made: Mapping[str, Made]) -> None:
    """Note what the files were made from; for the instructor alone."""
    import msgspec

    text = msgspec.json.Encoder().encode
    rows = (b"%b: %b" % (text(path), text(each)) for path, each in sorted(made.items()))
    write_whole(folder / _NOTES, b"{\n%b\n}\n" % b",\n".join(rows), mode=0o600)
