"""Worker processes that grade shards, and a watchdog over them.

A submission that makes the grader hang, crash or fill the memory costs only itself: its shard is
graded again one by one, and what fails alone, too, is left to a person. The work inside is bounded
anyway; this is for what nobody has thought of.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from grader.keyring import Keyring
from grader.ledger.entries import Outcome
from grader.sharding import Grader
from grader.submissions.received import Received

C = TypeVar("C")
_AHEAD = 3  # shards for each worker that are under way or wait


class Pool(Protocol):
    """Grades shards, each given with whatever belongs to it, and yields them in the same order."""

    def graded(
        self, shards: Iterable[tuple[C, Sequence[Received]]]
    ) -> Iterator[tuple[C, list[Outcome]]]: ...


@dataclass(frozen=True)
class Limits:
    """What one submission may take: seconds of waiting, and bytes beyond what a worker has."""

    seconds: float = 60.0
    memory: int = 2**30


USUAL = Limits()


class LocalPool:
    """Processes on this machine. `start` is called in each of them first."""

    def __init__(
        self,
        keyring: Keyring,
        *,
        jobs: int = 1,
        shared: bool = False,
        limits: Limits = USUAL,
        start: Callable[[], None] | None = None,
    ) -> None:
        from pebble import ProcessPool

        self.jobs = jobs
        self.limits = limits
        # Not forked from here: a database is open, and other threads run.
        fresh = "forkserver" in multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("forkserver" if fresh else "spawn")
        if fresh:
            context.set_forkserver_preload(["grader.pools"])
        self._pool: Any = ProcessPool(
            max_workers=jobs,
            initializer=_begin,
            initargs=[keyring, shared, limits.memory, start],
            context=context,
        )

    def __enter__(self) -> LocalPool:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._pool.close()
        else:
            self._pool.stop()
        self._pool.join()

    def graded(
        self, shards: Iterable[tuple[C, Sequence[Received]]]
    ) -> Iterator[tuple[C, list[Outcome]]]:
        waiting: deque[tuple[C, Sequence[Received], Future[list[Outcome]]]] = deque()
        for context, shard in shards:
            waiting.append((context, shard, self._schedule(_grade, shard)))
            if len(waiting) >= _AHEAD * self.jobs:
                yield self._collected(*waiting.popleft())
        while waiting:
            yield self._collected(*waiting.popleft())

    def alone(self, shard: Sequence[Received]) -> list[Outcome]:
        """Each by itself: what hangs or crashes is named, and the others are graded."""
        waiting = [(each, self._schedule(_grade, [each])) for each in shard]
        return [outcome for each, future in waiting for outcome in self._or_undecided(each, future)]

    def _collected(
        self, context: C, shard: Sequence[Received], future: Future[list[Outcome]]
    ) -> tuple[C, list[Outcome]]:
        outcomes, _ = _result(future)
        return context, self.alone(shard) if outcomes is None else outcomes

    def _or_undecided(self, received: Received, future: Future[list[Outcome]]) -> list[Outcome]:
        outcomes, why = _result(future)
        if outcomes is None:
            outcomes, _ = _result(
                self._schedule(_stopped, received, f"{why} A person will mark it.")
            )
        return outcomes or [Outcome(problem=f"{why} The form could not even be read.")]

    def _schedule(self, work: Callable[..., Any], *arguments: Any) -> Future[list[Outcome]]:
        future: Future[list[Outcome]] = self._pool.schedule(
            work, args=arguments, timeout=self.limits.seconds
        )
        return future


def _result(future: Future[list[Outcome]]) -> tuple[list[Outcome] | None, str]:
    """What came of a shard, or why nothing did."""
    from pebble import ProcessExpired

    try:
        return future.result(), ""
    except TimeoutError:
        return None, "The program took too long over this submission and was stopped."
    except ProcessExpired:
        return None, "The program broke down over this submission."
    except MemoryError:
        return None, "The program ran out of memory over this submission."


_grader: Grader | None = None


def _begin(keyring: Keyring, shared: bool, memory: int, start: Callable[[], None] | None) -> None:
    global _grader  # noqa: PLW0603 - one in each worker, which has nothing else to keep it in
    _grader = Grader(keyring, shared=shared)
    _limit_memory(memory)
    if start is not None:
        start()


def _grade(shard: Sequence[Received]) -> list[Outcome]:
    assert _grader is not None
    return _grader.grade_shard(shard)


def _stopped(received: Received, why: str) -> list[Outcome]:
    assert _grader is not None
    return [_grader.stopped(received, why)]


def _limit_memory(beyond: int) -> None:
    """Let this process have so many bytes more than now, where the system can tell and limit it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + beyond
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
