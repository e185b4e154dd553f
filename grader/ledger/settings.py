"""What a ledger notes of its runs: settings, the keys of the last one, events."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection, select

from grader.keyring import Keyring
from grader.ledger import tables as t
from grader.ledger.rows import json_of, stamp


def set_keys(connection: Connection, keyring: Keyring) -> None:
    """These are the keys of the last run."""
    entries = [
        {"sheet": e.sheet, "student": e.student, "name": e.name, "fingerprint": e.fingerprint}
        for e in keyring.entries.values()
    ]
    summed = hashlib.sha256(msgspec.json.encode(entries)).hexdigest()
    value = select(t.meta.c.value).where(t.meta.c.name == "keys")
    if connection.scalar(value) != summed:
        connection.execute(t.keys.delete())
        connection.execute(t.keys.insert(), entries)
    problems = [[each.file, each.reason] for each in keyring.problems]
    set_values(
        connection,
        {
            "keys": summed,
            "keys_folder": str(keyring.folder.resolve()),
            "key_problems": json_of(problems),
        },
    )


def set_values(connection: Connection, values: Mapping[str, str]) -> None:
    """Settings of a ledger."""
    connection.execute(t.meta.delete().where(t.meta.c.name.in_(list(values))))
    rows = [{"name": name, "value": value} for name, value in values.items()]
    connection.execute(t.meta.insert(), rows)


def tell(connection: Connection, run: int, what: str) -> None:
    """An event for the record."""
    connection.execute(t.events.insert().values(at=stamp(), run=run, what=what))
