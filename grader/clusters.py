"""Grading on a Dask cluster: the same shards, sent to its workers.

A thread of a worker cannot be ended. So what a worker grades is graded in processes below it, under
the same watchdog as on one machine, and an answer that hangs costs only itself there, too.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from generator.model.errors import InputError
from grader.keyring import Keyring
from grader.ledger.entries import Outcome
from grader.pools import USUAL, Limits, LocalPool
from grader.submissions.received import Received

C = TypeVar("C")
log = logging.getLogger(__name__)

_AHEAD = 4  # shards for each thread of the cluster that are under way or wait
_PATIENCE = 10.0  # seconds for an answer of the scheduler; one that goes may never give it


@dataclass(frozen=True)
class _Work:
    """What the processes of one run are made with, wherever they are."""

    run: str
    keyring: Keyring
    shared: bool
    limits: Limits
    start: Callable[[], None] | None

    def pool(self, jobs: int) -> LocalPool:
        return LocalPool(
            self.keyring, jobs=jobs, shared=self.shared, limits=self.limits, start=self.start
        )


class Cluster:
    """A cluster by the address of its scheduler. `start` is called in each grading process first.

    The folder of the keys must be at the same place on all machines. A shard whose worker died is
    sent to another one; where that fails again, or neither worker nor scheduler is left, `local`
    grades it here.
    """

    def __init__(
        self,
        address: str,
        keyring: Keyring,
        local: LocalPool,
        *,
        shared: bool = False,
        limits: Limits = USUAL,
        start: Callable[[], None] | None = None,
    ) -> None:
        try:
            import distributed
        except ImportError:
            need = "pip install 'gradsheet[cluster]'"
            raise InputError("--scheduler", f"grading on a cluster needs Dask: {need}") from None
        try:
            client: Any = distributed.Client
            self._client = client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError("--scheduler", f"no Dask scheduler at {address}: {error}") from None
        self._local = local
        self._gone = False
        self._run = uuid.uuid4().hex
        # A task and no scattered data, which would be lost with the worker that has it.
        told = (self._run, keyring, shared, limits, start)
        self._work = self._sent(_Work, *told)

    def graded(
        self, shards: Iterable[tuple[C, Sequence[Received]]]
    ) -> Iterator[tuple[C, list[Outcome]]]:
        waiting: deque[tuple[C, Sequence[Received], Any]] = deque()
        with self._client:
            try:
                for context, shard in shards:
                    waiting.append((context, shard, self._grading(shard)))
                    if len(waiting) >= _AHEAD * max(1, self._threads()):
                        context, shard, future = waiting.popleft()
                        yield context, self._collected(shard, future)
                for context, shard, future in waiting:
                    yield context, self._collected(shard, future)
            finally:
                with contextlib.suppress(Exception):  # workers that are gone need no end
                    if not self._gone:
                        self._asked(self._client.run, _end, self._run)

    def _grading(self, shard: Sequence[Received]) -> Any:
        return self._sent(grade_shard, shard, self._work) if shard else None

    def _sent(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """A task of the cluster; None where its scheduler is gone: then all is graded here."""
        if not self._gone:
            try:
                return self._client.submit(work, *arguments, pure=False)
            except Exception as error:  # Dask has several, and they change
                self._tell_gone(error)
        return None

    def _tell_gone(self, error: Exception) -> None:
        self._gone = True
        log.warning("the Dask scheduler is gone (%s): the rest is graded here", error)

    def _asked(self, question: Callable[..., Any], *arguments: Any) -> Any:
        """What the scheduler answers. A client that is closed meanwhile would wait forever."""
        return self._client.sync(question, *arguments, callback_timeout=_PATIENCE)

    def _threads(self) -> int:
        """How many there are to grade; none where the scheduler is gone."""
        if not self._gone:
            try:
                return sum(self._asked(self._client.scheduler.ncores).values())
            except Exception as error:
                self._tell_gone(error)
        return 0

    def _collected(self, shard: Sequence[Received], future: Any) -> list[Outcome]:
        while future is not None and (not self._gone or future.done()):
            try:
                return list(future.result(timeout=_PATIENCE))
            except TimeoutError:  # it waits for its turn, unless nobody is there to take it
                if self._threads():
                    continue
            except Exception:
                pass
            with contextlib.suppress(Exception):  # nor need a task of a scheduler that is gone
                future.cancel()
            break
        return self._local.grade_shard(shard)


_pools: dict[str, LocalPool] = {}
_opening = threading.Lock()


def grade_shard(shard: Sequence[Received], work: _Work) -> list[Outcome]:
    """Grade a shard in a worker of the cluster, in one of the processes below it that remember keys
    and verdicts: one for each of its threads."""
    from distributed import get_worker

    with _opening:
        pool = _pools.get(work.run)
        if pool is None:
            # Dask's workers are daemons, which may have no children; ours are daemons, too, and
            # end with the worker.
            vars(multiprocessing.current_process())["_config"]["daemon"] = False
            pool = _pools[work.run] = work.pool(get_worker().state.nthreads)
    return pool.grade_shard(shard)


def _end(run: str) -> None:
    """The processes of a run are no longer needed on a worker."""
    pool = _pools.pop(run, None)
    if pool is not None:
        pool.stop()
