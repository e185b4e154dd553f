"""Merging: the ledgers of all parts of a class become one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from generator.model.errors import InputError
from grader.batch import SHARDS
from grader.keyring import Keyring
from grader.ledger import Ledger, open_ledger
from grader.ledger.entries import Outcome
from grader.ledger.rows import New

_TOGETHER = 500


def merge(parts: Sequence[Path], ledger: Ledger) -> int:
    """Bring parts together in one run of `ledger`; how many submissions.

    The result is that of one run over everything. InputError if a part is missing, was interrupted
    or had other keys.
    """
    told = set()
    keyring: Keyring | None = None
    for path in parts:
        with open_ledger(path, new=False) as part:
            if not part.run or not part.finished:
                raise InputError(path, "this part was interrupted: grade it again, it goes on")
            told.add((part.meta("keys"), part.meta("shared")))
            if keyring is None:
                entries = {entry.sheet: entry for entry in part.entries()}
                keyring = Keyring(Path(part.meta("keys_folder")), entries, part.key_problems())
                ledger.set_meta(shared=part.meta("shared"))
    if len(told) > 1:
        raise InputError(
            parts[0].parent,
            "the parts were graded with different keys, or some with --shared-sheets and some"
            " without: grade them again alike",
        )
    assert keyring is not None
    run = ledger.begin(keyring)
    count = 0
    for path in parts:
        with open_ledger(path, new=False) as part:
            count += sum(_copied(part, ledger, run))
            ledger.refuse(run, part.refusals(part.run))
    ledger.finish(run)
    return count


def _copied(part: Ledger, ledger: Ledger, run: int) -> Iterator[int]:
    stream = part.judged(part.run)
    while chunk := list(islice(stream, _TOGETHER)):
        known = ledger.known([each.received for each in chunk])
        seen = []
        judged: dict[str, list[tuple[New | int, Outcome]]] = {}
        for each in chunk:
            before = known[each.received.source]
            if isinstance(before, New):
                judged.setdefault(each.version, []).append((before, each.outcome))
            elif (before.key, before.version) == (each.outcome.key, each.version):
                seen.append(before.id)
            else:
                judged.setdefault(each.version, []).append((before.id, each.outcome))
        ledger.record(run, "", seen, ())
        for version, some in judged.items():
            ledger.record(run, version, (), some)
        yield len(chunk)


def parts_of(out: Path) -> list[Path]:
    """The ledgers of all parts in `out`/shards. InputError if there are none, or not all."""
    folder = out / SHARDS
    found: dict[int, dict[int, Path]] = {}
    for path in sorted(folder.glob("*.sqlite")) if folder.is_dir() else ():
        if named := re.fullmatch(r"(\d+)-of-(\d+)", path.stem):
            found.setdefault(int(named[2]), {})[int(named[1])] = path
    if not found:
        raise InputError(folder, "there are no parts here: `grader batch --shard 1/4` makes one")
    if len(found) > 1:
        counts = " and ".join(str(count) for count in sorted(found))
        raise InputError(
            folder, f"there are parts of {counts}: keep those of one number, and remove the others"
        )
    ((count, parts),) = found.items()
    if missing := [number for number in range(1, count + 1) if number not in parts]:
        numbers = ", ".join(map(str, missing[:20]))
        raise InputError(folder, f"of {count} parts these are missing, to be graded yet: {numbers}")
    return [parts[number] for number in range(1, count + 1)]
