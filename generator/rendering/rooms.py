"""Private folders that TeX runs in, and their end: also when the process that made them must go.

A room is named after its process, so that what a killed process left behind can be told from what
is in use, and is swept by the next build.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"gradsheet-(\d+)-\w+")
_rooms: dict[Path, subprocess.Popen[bytes] | None] = {}  # of this process, with what runs in them


@contextlib.contextmanager
def room() -> Iterator[Path]:
    """A folder of its own, gone afterwards. What the system cannot do in it names at least where
    such folders are."""
    prefix = f"gradsheet-{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        path = Path(folder)
        _rooms[path] = None
        try:
            yield path
        except OSError as error:
            if error.filename is None:  # of writing to an open file
                error.filename = str(path.parent)
            raise
        finally:
            _rooms.pop(path, None)


@contextlib.contextmanager
def running(process: subprocess.Popen[bytes], path: Path) -> Iterator[None]:
    """Remembers what runs in a room while the block lasts, and ends it behind the block."""
    if path in _rooms:
        _rooms[path] = process
    try:
        yield
    finally:
        end(process)
        if path in _rooms:
            _rooms[path] = None


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and everything it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        except PermissionError:  # macOS: nothing but an ended process is left in the group
            process.kill()
    process.wait()


def in_use(path: Path) -> bool:
    """Whether a folder is a room of this process, which has not left it."""
    return path in _rooms


def leave() -> None:
    """End every run of this process and remove its rooms: for a process that is about to end."""
    while _rooms:
        path, process = _rooms.popitem()
        if process is not None:
            with contextlib.suppress(OSError):
                end(process)
        shutil.rmtree(path, ignore_errors=True)


def sweep() -> None:
    """Remove the rooms of processes that are gone: they were killed before they could."""
    if sys.platform == "win32":  # where a process cannot be asked for without ending it
        return
    for path in Path(tempfile.gettempdir()).glob("gradsheet-*"):
        named = _NAME.fullmatch(path.name)
        with contextlib.suppress(OSError):
            if named and path.stat().st_uid == os.getuid() and not alive(int(named[1])):
                shutil.rmtree(path, ignore_errors=True)


def alive(process: int) -> bool:
    """Whether it still runs. One that has ended does not, though it keeps its number until the
    system has collected it, which may take seconds where nobody waits for it."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    try:  # Linux tells the state behind the name, which stands in brackets
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):  # it has gone, or the system has no such files
        return not Path("/proc/self").exists()
