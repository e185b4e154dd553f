"""Judging under a time limit: each tool in a process of its own, which is ended when it hangs."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

from benchmarks.judges import JUDGES, NO_VERDICT
from benchmarks.pairs import WARM_UP, Pair

LIMIT = 5.0  # seconds that a tool may take for one pair
_START = 120.0  # ... and to be imported and warm

OVER_TIME = "over time"


@dataclass(frozen=True)
class Judgement:
    """A verdict of `judges`, or OVER_TIME, and the milliseconds it took."""

    pair: Pair
    verdict: str
    ms: float


def judgements(tool: str, pairs: Iterable[Pair], limit: float = LIMIT) -> Iterator[Judgement]:
    """The pairs one after the other, by a tool that has judged only `WARM_UP` before."""
    worker = _Worker(tool)
    try:
        for pair in pairs:
            if (judged := worker.judge(pair, limit)) is None:
                worker.end()
                worker = _Worker(tool)
                judged = Judgement(pair, OVER_TIME, 1000 * limit)
            yield judged
    finally:
        worker.end()


class _Worker:
    def __init__(self, tool: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(tool, theirs), daemon=True)
        self._process.start()
        theirs.close()
        for pair in WARM_UP:
            if self.judge(pair, _START) is None:
                raise RuntimeError(f"{tool} does not start")

    def judge(self, pair: Pair, limit: float) -> Judgement | None:
        """None if it takes longer than the limit."""
        self._connection.send(pair)
        if not self._connection.poll(limit):
            return None
        verdict, ms = self._connection.recv()
        return Judgement(pair, verdict, ms)

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


def _serve(tool: str, connection: Connection) -> None:
    while True:
        try:
            pair = connection.recv()
        except EOFError:
            return
        began = time.perf_counter()
        try:
            decide = JUDGES[tool](pair)
            began = time.perf_counter()
            verdict = decide()
        except Exception:
            verdict = NO_VERDICT
        connection.send((verdict, 1000 * (time.perf_counter() - began)))
