"""Worker processes that grade shards, and a watchdog over them.

An answer that makes the grader hang, crash or fill the memory costs only itself: its shard is
graded again one by one, and of a submission that fails alone, too, each answer is tried by itself.
Those that fail are left to a person, and the others are marked. The work inside is bounded anyway;
this is for what nobody has thought of.
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

from generator.model.garbage import search_rarely
from grader.keyring import Keyring
from grader.ledger.entries import Outcome
from grader.sharding import Grader
from grader.submissions.received import Received
from grader.withholding import Harmful, Place, Question

C = TypeVar("C")
T = TypeVar("T")
_AHEAD = 3  # shards for each worker that are under way or wait


class Pool(Protocol):
    """Grades shards, each given with whatever belongs to it, and yields them in the same order."""

    def graded(
        self, shards: Iterable[tuple[C, Sequence[Received]]]
    ) -> Iterator[tuple[C, list[Outcome]]]: ...


@dataclass(frozen=True)
class Limits:
    """What a submission may take, and an answer that is tried by itself: seconds of waiting, and
    bytes beyond what a worker has."""

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
        self._harmful: dict[Question, str] = {}
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
            self._pool.join()
        else:
            self.stop()

    def stop(self) -> None:
        """End all processes at once."""
        self._pool.stop()
        self._pool.join()

    def graded(
        self, shards: Iterable[tuple[C, Sequence[Received]]]
    ) -> Iterator[tuple[C, list[Outcome]]]:
        waiting: deque[tuple[C, Sequence[Received], Future[list[Outcome]]]] = deque()
        for context, shard in shards:
            waiting.append((context, shard, self._grading(shard)))
            if len(waiting) >= _AHEAD * self.jobs:
                context, shard, future = waiting.popleft()
                yield context, self._collected(shard, future)
        for context, shard, future in waiting:
            yield context, self._collected(shard, future)

    def grade_shard(self, shard: Sequence[Received]) -> list[Outcome]:
        """The outcome of each, in order; waits for them."""
        return self._collected(shard, self._grading(shard))

    def _grading(self, shard: Sequence[Received]) -> Future[list[Outcome]]:
        if shard:
            return self._schedule(_grade, shard, self._harmful)
        nothing: Future[list[Outcome]] = Future()
        nothing.set_result([])
        return nothing

    def _collected(self, shard: Sequence[Received], future: Future[list[Outcome]]) -> list[Outcome]:
        try:
            return _result(future)
        except _Stopped:
            return list(self._one_by_one(shard))

    def _one_by_one(self, shard: Sequence[Received]) -> Iterator[Outcome]:
        """What hangs or crashes is found, and the others are graded. Only a few are under way, so
        that the next ones already know which answers did harm."""
        waiting: deque[tuple[Received, Future[list[Outcome]]]] = deque()
        for each in shard:
            waiting.append((each, self._grading([each])))
            if len(waiting) >= self.jobs:
                yield self._settled(*waiting.popleft())
        for each, future in waiting:
            yield self._settled(each, future)

    def _settled(self, received: Received, future: Future[list[Outcome]]) -> Outcome:
        try:
            return _result(future)[0]
        except _Stopped:
            return self._by_answers(received)

    def _by_answers(self, received: Received) -> Outcome:
        """Each answer is tried by itself, then all that did no harm are graded together."""
        try:
            places = _result(self._schedule(_places, received))
        except _Stopped as stopped:
            return Outcome(problem=f"{stopped.over('submission')} The form could not even be read.")
        for place in places:
            if place.question not in self._harmful:
                try:
                    _result(self._schedule(_try, received, place, self._harmful))
                except _Stopped as stopped:
                    self._harmful[place.question] = f"{stopped.over('answer')} {_LEFT}"
        try:
            graded = self._schedule(_grade, [received], self._harmful, times=1 + len(places))
            return _result(graded)[0]
        except _Stopped as stopped:
            why = f"{stopped.over('submission')} {_LEFT}"
        try:
            return _result(self._schedule(_undecided, received, why))
        except _Stopped:
            return Outcome(problem=why)

    def _schedule(self, work: Callable[..., T], *arguments: Any, times: int = 1) -> Future[T]:
        timeout = times * self.limits.seconds
        future: Future[T] = self._pool.schedule(work, args=arguments, timeout=timeout)
        return future


_LEFT = "A person will mark it."


class _Stopped(Exception):
    """Some work had to be stopped; `over` a submission or an answer, in words for a person."""

    def over(self, what: str) -> str:
        return str(self).format(what)


def _result(future: Future[T]) -> T:
    """What came of some work. Raises _Stopped if nothing did."""
    from pebble import ProcessExpired

    try:
        return future.result()
    except TimeoutError:
        raise _Stopped("The program took too long over this {} and was stopped.") from None
    except ProcessExpired:
        raise _Stopped("The program broke down over this {}.") from None
    except MemoryError:
        raise _Stopped("The program ran out of memory over this {}.") from None


_grader: Grader | None = None


def _begin(keyring: Keyring, shared: bool, memory: int, start: Callable[[], None] | None) -> None:
    global _grader  # noqa: PLW0603 - one in each worker, which has nothing else to keep it in
    _grader = Grader(keyring, shared=shared)
    _limit_memory(memory)
    search_rarely()
    if start is not None:
        start()


def _grade(shard: Sequence[Received], harmful: Harmful) -> list[Outcome]:
    assert _grader is not None
    return _grader.grade_shard(shard, harmful)


def _places(received: Received) -> list[Place]:
    assert _grader is not None
    return _grader.places(received)


def _try(received: Received, place: Place, harmful: Harmful) -> bool:
    assert _grader is not None
    _grader.try_answer(received, place, harmful)
    return True


def _undecided(received: Received, why: str) -> Outcome:
    assert _grader is not None
    return _grader.stopped(received, why)


def _limit_memory(beyond: int) -> None:
    """Let this process have so many bytes more than now, where the system can tell and limit it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + beyond
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
