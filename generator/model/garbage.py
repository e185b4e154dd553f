"""Python's search for cycles, of which building and grading leave next to none behind. By default
it begins after every 700 objects."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

_RARELY = (10_000, 20, 20)


def search_rarely() -> None:
    """From now on, in a process that does nothing but grade."""
    gc.set_threshold(*_RARELY)


@contextlib.contextmanager
def searched_rarely() -> Iterator[None]:
    """While this lasts; also a decorator."""
    usual = gc.get_threshold()
    search_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*usual)
