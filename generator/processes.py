"""Work in several processes that end with the one that started them, whatever ends it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from generator.rendering import rooms

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Lost:
    """The process at work on an item was ended from outside, with this exit code."""

    code: int


def each(
    work: Callable[[Item], Result], items: Sequence[Item], jobs: int
) -> Generator[Result | Lost]:
    """`work` of every item, in their order, in up to `jobs` processes.

    An exception in one of them, or here, ends all.
    """
    if jobs == 1 or len(items) < 2:
        yield from map(work, items)
        return
    from pebble import ProcessExpired, ProcessPool

    pool = ProcessPool(min(jobs, len(items)), initializer=_begin)
    try:
        waiting = [pool.schedule(work, args=(item,)) for item in items]
        while waiting:
            try:
                yield waiting.pop(0).result()
            except ProcessExpired as error:
                yield Lost(error.exitcode or 0)
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _begin() -> None:
    """What a process does first: it makes sure that it leaves nothing behind at its end."""
    signal.signal(signal.SIGTERM, _end)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: Any) -> None:
    parent.join()
    _end()


def _end(*_: object) -> None:
    rooms.leave()
    os._exit(1)
