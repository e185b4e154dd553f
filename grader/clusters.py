"""Grading on a Dask cluster: the same shards, sent to its workers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from generator.model.errors import InputError
from grader.keyring import Keyring
from grader.ledger.entries import Outcome
from grader.pools import LocalPool
from grader.sharding import Grader
from grader.submissions.received import Received

C = TypeVar("C")
_AHEAD = 4  # shards for each thread of the cluster that are under way or wait


class Cluster:
    """A cluster by the address of its scheduler.

    The folder of the keys must be at the same place on all machines. A shard whose worker died is
    sent to another one; where that fails again, or takes longer than a submission may, `local`
    grades it here, under its watchdog.
    """

    def __init__(
        self, address: str, keyring: Keyring, local: LocalPool, *, shared: bool = False
    ) -> None:
        try:
            import distributed
        except ImportError:
            need = "pip install gradsheet[cluster]"
            raise InputError("--scheduler", f"grading on a cluster needs Dask: {need}") from None
        try:
            client: Any = distributed.Client
            self._client = client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError("--scheduler", f"no Dask scheduler at {address}: {error}") from None
        self._local = local
        self._shared = shared
        self._keyring = self._client.scatter(keyring, broadcast=True)

    def graded(
        self, shards: Iterable[tuple[C, Sequence[Received]]]
    ) -> Iterator[tuple[C, list[Outcome]]]:
        waiting: deque[tuple[C, Sequence[Received], Any]] = deque()
        with self._client:
            for context, shard in shards:
                future = self._client.submit(
                    grade_shard, shard, self._keyring, self._shared, pure=False
                )
                waiting.append((context, shard, future))
                if len(waiting) >= _AHEAD * max(1, sum(self._client.nthreads().values())):
                    yield self._collected(*waiting.popleft())
            while waiting:
                yield self._collected(*waiting.popleft())

    def _collected(
        self, context: C, shard: Sequence[Received], future: Any
    ) -> tuple[C, list[Outcome]]:
        try:
            return context, future.result(timeout=self._local.limits.seconds)
        except Exception:  # whatever the cluster died of: the shard is graded here
            future.cancel()
            return context, self._local.alone(shard)


def grade_shard(shard: Sequence[Received], keyring: Keyring, shared: bool) -> list[Outcome]:
    """Grade a shard in a worker of the cluster; keys and verdicts are remembered there."""
    from distributed import get_worker

    worker = get_worker()
    graders: dict[tuple[str, bool], Grader] = worker.__dict__.setdefault("_graders", {})
    name = (str(keyring.folder), shared)
    grader = graders.get(name)
    if grader is None or grader.opener.keyring != keyring:
        grader = graders[name] = Grader(keyring, shared=shared)
    return grader.grade_shard(shard)
