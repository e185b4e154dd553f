"""Dask's scheduler, a worker or the program itself is killed at a random moment, again and again:
the run that comes to its end writes the bytes of one that nothing happened to."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.grader.ledger.classes import light_class, published

# GRADSHEET_CLUSTER_KILLS=10 is the long version: that many of each.
KILLS = int(os.environ.get("GRADSHEET_CLUSTER_KILLS", "1"))
SUBMISSIONS = int(os.environ.get("GRADSHEET_CLUSTER_SUBMISSIONS", "300"))
_PATIENCE = 120  # seconds

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="no Dask here"),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here"),
]


def begun(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def cluster() -> Iterator[tuple[str, dict[str, subprocess.Popen[bytes]]]]:
    """The address of a scheduler with two workers, and their processes."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    scheduler = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port))
    worker = ("distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1")
    found = {"scheduler": begun("-m", *scheduler, "--no-dashboard")}
    try:
        deadline = time.monotonic() + _PATIENCE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert time.monotonic() < deadline
            time.sleep(0.1)
        for name in ("worker", "other worker"):
            found[name] = begun("-m", *worker, "--no-dashboard")
        yield address, found
    finally:
        for process in found.values():
            process.kill()
            process.communicate()


def batch(folder: Path, out: str, *options: str) -> subprocess.Popen[bytes]:
    answers, keys = str(folder / "answers.jsonl"), str(folder / "keys")
    command = ["-m", "grader", "batch", answers, "--keys", keys, "--out", str(folder / out)]
    return begun(*command, "--shared-sheets", "--no-reports", *options)


def ended(process: subprocess.Popen[bytes]) -> str:
    """What a program said before it ended: never a traceback of ours (Dask logs its own)."""
    _, said = process.communicate(timeout=_PATIENCE)
    text = said.decode()
    assert "grader/cli.py" not in text, text
    return text


def test_whatever_is_killed(tmp_path: Path) -> None:
    light_class(tmp_path, SUBMISSIONS)
    whole = batch(tmp_path, "whole")
    said = ended(whole)
    assert whole.returncode == 0, said
    with cluster() as (address, _):
        began = time.monotonic()
        first = batch(tmp_path, "first", "--scheduler", address)
        said = ended(first)
        assert first.returncode == 0, said
        needed = time.monotonic() - began
    assert published(tmp_path / "first") == published(tmp_path / "whole")
    moments = random.Random(11)
    for place in range(3 * KILLS):
        with cluster() as (address, processes):
            client = batch(tmp_path, f"killed{place}", "--scheduler", address)
            processes["client"] = client
            time.sleep(moments.uniform(0.1 * needed, 0.9 * needed))
            victim = ("scheduler", "worker", "client")[place % 3]
            processes[victim].kill()
            said = ended(client)
            if victim == "worker":  # the other one goes on
                assert client.returncode == 0, said
            if victim == "scheduler":  # the program does, unless it had not reached it yet
                assert client.returncode == 0 or "no Dask scheduler at" in said, said
        again = batch(tmp_path, f"killed{place}")
        said = ended(again)
        assert again.returncode == 0, (victim, said)
        assert published(tmp_path / f"killed{place}") == published(tmp_path / "whole"), victim
