"""A PostgreSQL server for tests: one that is told, or one of our own on a socket in a folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

TOLD = "GRADSHEET_TEST_POSTGRESQL"  # the URL of a database whose user may create others


def programs() -> Path | None:
    """The folder of a server's programs."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in installed), default=None)


@contextlib.contextmanager
def server() -> Iterator[URL]:
    """The URL of a database on a server. Skips the test where there is none, and none to start."""
    pytest.importorskip("psycopg", reason="psycopg, the driver of PostgreSQL, is not installed")
    if told := os.environ.get(TOLD):
        yield make_url(told).set(drivername="postgresql+psycopg")
        return
    found = programs()
    if found is None:
        pytest.skip(f"there is no PostgreSQL: neither {TOLD} nor its programs")
    # Its socket needs a short path, and its folder another owner than root.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        user: dict[str, Any] = {}
        if os.getuid() == 0:
            user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(folder, "nobody")
        data = f"{folder}/data"
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        commands = [
            ["initdb", "-D", data, "-U", "teacher", "-A", "trust", "-E", "UTF8", "-N"],
            ["pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start"],
        ]
        for program, *arguments in commands:
            done = subprocess.run(
                [found / program, *arguments],
                check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder,
                **user,
            )  # fmt: skip
            if done.returncode:
                pytest.skip(f"PostgreSQL does not start: {done.stderr.decode()[-300:]}")
        try:
            query = {"host": folder}
            yield URL.create("postgresql+psycopg", "teacher", database="postgres", query=query)
        finally:
            stop = [str(found / "pg_ctl"), "-D", data, "-m", "immediate", "stop"]
            subprocess.run(stop, stdout=subprocess.DEVNULL, cwd=folder, check=True, **user)


@contextlib.contextmanager
def database(server: URL, name: str) -> Iterator[str]:
    """The URL of a new database on a server, as a teacher would write it."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
    try:
        url = server.set(drivername="postgresql", database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'drop database "{name}" with (force)'))
        engine.dispose()
