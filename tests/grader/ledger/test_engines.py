"""The same bytes whoever does the work: one worker or two, a cluster that loses one, parts."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator.model import records
from generator.model.errors import InputError
from grader.batch import LEDGER, grade_folder, grade_part
from grader.cli import program
from grader.clusters import Cluster
from grader.keyring import open_keys
from grader.keys import load_key
from grader.ledger import open_ledger
from grader.merging import merge, parts_of
from grader.pools import LocalPool
from tests.grader.ledger import test_watchdog
from tests.grader.ledger.classes import drawn, light_class, published, with_keys

SUBMISSIONS = 400


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class and `one`, what one worker makes of it."""
    folder = tmp_path_factory.mktemp("course")
    light_class(folder, SUBMISSIONS)
    with (folder / "answers.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"sheet": "0000-0000-1", "q1": {}}\n{"sheet": \n')
    graded(folder, "one")
    return folder


def graded(course: Path, out: str, **options: Any) -> None:
    source, keys = course / "answers.jsonl", course / "keys"
    grade_folder(source, keys, course / out, shared=True, **options)


def test_two_workers(course: Path) -> None:
    graded(course, "two", jobs=2)
    assert published(course / "two") == published(course / "one")


@pytest.mark.parametrize("parts", [1, 3])
def test_parts_and_a_merge(course: Path, tmp_path: Path, parts: int) -> None:
    source, keys = course / "answers.jsonl", course / "keys"
    for part in reversed(range(1, parts + 1)):
        grade_part(source, keys, tmp_path, part, parts, shared=True)
    done = CliRunner().invoke(program, ["merge", str(tmp_path)])
    assert done.exit_code == 1, done.output  # the two bad rows
    shards = {name for name in published(tmp_path) if name.startswith("shards/")}
    here = {name: data for name, data in published(tmp_path).items() if name not in shards}
    assert here == published(course / "one")
    with open_ledger(tmp_path / LEDGER) as ledger:
        merge(parts_of(tmp_path), ledger)  # again: nothing is doubled
        sources = [each.received.source for each in ledger.judged(ledger.run)]
        assert len(sources) == len(set(sources)) >= SUBMISSIONS
        assert ledger.run == 2


def test_parts_that_cannot_be_merged(course: Path, tmp_path: Path) -> None:
    source, keys = course / "answers.jsonl", course / "keys"
    with pytest.raises(InputError, match="no parts here"):
        parts_of(tmp_path)
    grade_part(source, keys, tmp_path, 2, 3, shared=True)
    with pytest.raises(InputError, match="of 3 parts these are missing, to be graded yet: 1, 3"):
        parts_of(tmp_path)
    grade_part(source, keys, tmp_path, 1, 3, shared=True)
    grade_part(source, keys, tmp_path, 3, 3)
    with (
        open_ledger(tmp_path / LEDGER) as ledger,
        pytest.raises(InputError, match="different keys, or some with --shared-sheets"),
    ):
        merge(parts_of(tmp_path), ledger)
    with open_ledger(tmp_path / "shards" / "3-of-3.sqlite") as part:
        part.set_meta(run="7")
    with (
        open_ledger(tmp_path / LEDGER) as ledger,
        pytest.raises(InputError, match="interrupted"),
    ):
        merge(parts_of(tmp_path), ledger)


@pytest.mark.parametrize("shard", ["0/3", "4/3", "3", "a/b", "1/0"])
def test_part_numbers_that_are_refused(course: Path, shard: str) -> None:
    arguments = ["batch", "x", "--keys", "k", "--out", "o", "--shard", shard]
    done = CliRunner().invoke(program, arguments)
    assert done.exit_code == 2
    assert "3/20" in done.output


needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="Dask is not installed"
)


@pytest.fixture
def cluster() -> Iterator[Any]:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as found:
        yield found


@needs_dask
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_a_cluster_that_loses_a_worker_half_way(course: Path, cluster: Any) -> None:
    done: list[int] = []
    killed: list[int] = []

    def half_way(count: int) -> None:
        done.append(count)
        if not killed and count > SUBMISSIONS // 4:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    graded(course, "dask", scheduler=cluster.scheduler_address, progress=half_way)
    assert killed
    assert done[-1] == SUBMISSIONS + 2
    assert published(course / "dask") == published(course / "one")


@needs_dask
@test_watchdog.limited
def test_a_cluster_with_answers_that_hang_and_a_worker_that_is_killed(
    tmp_path: Path, cluster: Any
) -> None:
    with_keys(tmp_path, [drawn("ann")])
    keyring, limits = open_keys(tmp_path / "keys"), test_watchdog.LIMITS
    shards = [("harm", test_watchdog.tasks())]
    shards += [(f"{n}", [test_watchdog.task(f"{n}")]) for n in range(60)]
    found = {}
    with LocalPool(keyring, limits=limits) as local:
        engine = Cluster(
            cluster.scheduler_address, keyring, local, limits=limits, start=test_watchdog.plant
        )
        local.grade_shard = lambda shard: pytest.fail("the cluster should do it")  # type: ignore
        for name, outcomes in engine.graded(shards):
            found[name] = outcomes
            if name == "20":
                worker = next(iter(cluster.workers.values())).pid
                below = children(worker)
                assert below
                os.kill(worker, signal.SIGKILL)
    test_watchdog.check(found["harm"])
    for name, (outcome,) in list(found.items())[1:]:
        assert not outcome.human, name
    deadline = time.monotonic() + 20
    while running(below) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not running(below)


@needs_dask
def test_regrading_says_the_same_whoever_does_it(course: Path, cluster: Any) -> None:
    """Against keys of which one was corrected."""
    corrected = course / "corrected"
    shutil.copytree(course / "keys", corrected)
    key = sorted(path for path in corrected.glob("*.json") if path.name != "built.json")[0]
    asked = load_key(key)
    (exercise,) = asked.exercises
    worth = tuple(replace(part, points=2 * part.points) for part in exercise.parts)
    key.write_text(records.dumps(replace(asked, exercises=(replace(exercise, parts=worth),))))
    said = set()
    for options in (
        [], ["--jobs", "2"], ["--scheduler", cluster.scheduler_address, "--seconds", "30"],
    ):  # fmt: skip
        arguments = ["regrade", str(course / "one"), "--keys", str(corrected), *options]
        done = CliRunner().invoke(program, arguments)
        assert done.exit_code == 0, done.output
        said.add(done.output)
    (text,) = said
    assert " -> " in text


def children(process: int) -> set[int]:
    """All processes below one, directly or through others."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            parents[int(status.parent.name)] = int(fields[1])
    found = {process}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {process}


def running(processes: set[int]) -> set[int]:
    """Those of some processes that have not ended."""
    found = set()
    for process in processes:
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            if status[0] != "Z":
                found.add(process)
    return found


@needs_dask
def test_no_cluster_there(course: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no Dask scheduler at"):
        grade_folder(
            course / "answers.jsonl", course / "keys", tmp_path, scheduler="tcp://127.0.0.1:9"
        )


def test_without_dask(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(InputError, match=r"needs Dask: pip install 'gradsheet\[cluster\]'"):
        graded(course, "none", scheduler="tcp://127.0.0.1:9")
