"""Grading submissions into a ledger: what is new is graded, what is there already is not.

Whenever a run is killed and begun again, it goes on where it was and ends with the same files.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from itertools import islice
from pathlib import Path

from generator.model.errors import InputError
from generator.model.garbage import searched_rarely
from generator.model.key import versions
from grader.counting import set_policy
from grader.keyring import Keyring, open_keys
from grader.ledger import Ledger, open_ledger
from grader.ledger.rows import Known, New
from grader.platforms.people import read_people
from grader.policies import Policy
from grader.pools import USUAL, Limits, LocalPool, Pool
from grader.published import Batch
from grader.publishing import publish
from grader.report_files import ALL, Wanted, set_wanted
from grader.submissions.intake import intake
from grader.submissions.received import Received, Refused

LEDGER = "ledger.sqlite"
SHARDS = "shards"
DEFAULT = Policy()
_SHARD = 100  # submissions; the first shards are smaller, so that all workers soon have one
Progress = Callable[[int], None]


def grade_folder(
    source: Path,
    keys: Path,
    out: Path,
    *,
    ledger: str | Path | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    shared: bool = False,
    wanted: Wanted = ALL,
    limits: Limits = USUAL,
    policy: Policy = DEFAULT,
    kind: str = "",
    people: Path | None = None,
    zone: tzinfo = UTC,
    progress: Progress | None = None,
) -> Batch:
    """Grade every submission in `source` with the key of its sheet id from `keys`, and publish.

    A bad form costs only itself: it is listed among the problems. Of several forms for one sheet,
    `policy` says which one counts; where it cannot, all are refused. Every byte published is the
    same for any number of `jobs`, and whatever the ledger (in `out`, if no other is named) holds
    already.

    `kind` is what `source` is, where its content does not show it, `people` a platform's own list
    of its people (see `received`), `zone` that of times without one, `wanted` what is written for
    each student. `progress` is told how many submissions are done.
    """
    if jobs < 1:
        raise InputError("jobs", "at least 1 is needed")
    keyring = open_keys(keys)
    found = received(source, kind, people, zone)
    with open_ledger(ledger or out / LEDGER) as book:
        with grading_pool(keyring, jobs, scheduler, shared=shared, limits=limits) as pool:
            grade_into(book, found, keyring, pool, shared=shared, progress=progress)
        set_policy(book, policy)
        set_wanted(book, wanted)
        return publish(book, out)


@contextlib.contextmanager
def grading_pool(
    keyring: Keyring,
    jobs: int,
    scheduler: str | None = None,
    *,
    shared: bool = False,
    limits: Limits = USUAL,
) -> Iterator[Pool]:
    """What grades: processes on this machine, or the Dask cluster of a scheduler."""
    with LocalPool(keyring, jobs=jobs, shared=shared, limits=limits) as local:
        if scheduler is None:
            yield local
            return
        from grader.clusters import Cluster

        yield Cluster(scheduler, keyring, local, shared=shared, limits=limits)


def grade_part(
    source: Path,
    keys: Path,
    out: Path,
    part: int,
    parts: int,
    *,
    jobs: int = 1,
    shared: bool = False,
    limits: Limits = USUAL,
    kind: str = "",
    people: Path | None = None,
    zone: tzinfo = UTC,
    progress: Progress | None = None,
) -> int:
    """Grade the submissions that fall to one of many equal parts, into a ledger of its own,
    `shards/<part>-of-<parts>.sqlite` in `out`. Returns how many were graded; `merge` publishes.

    What falls to a part depends on the names of the submissions alone.
    """
    keyring = open_keys(keys)
    found = received(source, kind, people, zone)
    mine = (each for each in found if _place(each.source, parts) == part - 1)
    with (
        open_ledger(out / SHARDS / f"{part}-of-{parts}.sqlite") as book,
        LocalPool(keyring, jobs=jobs, shared=shared, limits=limits) as pool,
    ):
        return grade_into(book, mine, keyring, pool, shared=shared, progress=progress)


def received(
    source: Path, kind: str = "", people: Path | None = None, zone: tzinfo = UTC
) -> Iterator[Received | Refused]:
    """What is in `source`, completed by a platform's list of `people`, which is Moodle's grading
    worksheet, Canvas's gradebook or Gradescope's table of scores: when each was handed in, and the
    sender's address and name. `kind` is one of `intake.SOURCES`; empty, the content shows it.

    With a list that tells something else, a submission is another one, and is graded again.
    """
    found = intake(source, source=kind, zone=zone)
    return found if people is None else map(read_people(people, zone).completed, found)


def _place(source: str, parts: int) -> int:
    return int.from_bytes(hashlib.sha256(source.encode()).digest()[:8]) % parts


@searched_rarely()
def grade_into(
    ledger: Ledger,
    submissions: Iterable[Received | Refused],
    keyring: Keyring,
    pool: Pool,
    *,
    shared: bool = False,
    progress: Progress | None = None,
) -> int:
    """One run: everything that the ledger lacks, or judged with another key or version, is graded
    into it. Returns how many were graded."""
    version = str(versions()["gradsheet"])
    run = ledger.begin(keyring)
    ledger.set_meta(shared="yes" if shared else "no")
    done = graded = 0

    def shards() -> Iterator[tuple[_Shard, Sequence[Received]]]:
        for part in _parts(submissions):
            found = [each for each in part if isinstance(each, Received)]
            refused = [each for each in part if isinstance(each, Refused)]
            known = ledger.known(found)
            shard = _sorted(found, refused, known, keyring, version, run)
            yield shard, [each for each, _ in shard.todo]

    for shard, outcomes in pool.graded(shards()):
        judged = [
            (known if isinstance(known, New) else known.id, outcome)
            for (_, known), outcome in zip(shard.todo, outcomes, strict=True)
        ]
        ledger.record(run, version, shard.seen, judged)
        ledger.refuse(run, shard.refused)
        done += len(shard.seen) + len(judged) + len(shard.refused)
        graded += len(judged)
        if progress is not None:
            progress(done)
    ledger.finish(run)
    return graded


@dataclass(frozen=True)
class _Shard:
    """A part of a run: what needs no work, what is to be graded (with what the ledger has of it),
    and what cannot be."""

    seen: Sequence[int]
    todo: Sequence[tuple[Received, Known | New]]
    refused: Sequence[Refused]


def _sorted(
    found: Sequence[Received],
    refused: Sequence[Refused],
    known: dict[str, Known | New],
    keyring: Keyring,
    version: str,
    run: int,
) -> _Shard:
    seen = []
    todo: list[tuple[Received, Known | New]] = []
    names: set[str] = set()
    for each in found:
        before = known[each.source]
        if each.source in names or (isinstance(before, Known) and before.run == run):
            raise InputError(each.source, "two submissions have this name")
        names.add(each.source)
        if (
            isinstance(before, Known)
            and before.version == version
            and keyring.current(before.sheet, before.key)
        ):
            seen.append(before.id)
        else:
            todo.append((each, before))
    return _Shard(seen, todo, refused)


def _parts(submissions: Iterable[Received | Refused]) -> Iterator[list[Received | Refused]]:
    stream = iter(submissions)
    done = 0
    while part := list(islice(stream, min(_SHARD, 4 + done // 8))):
        yield part
        done += len(part)
