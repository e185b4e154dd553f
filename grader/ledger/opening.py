"""Opening a ledger: a file or a database, its schema, and a lock against a second writer."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from generator.model.errors import InputError
from grader.ledger import tables as t
from grader.ledger.ledger import Ledger
from grader.ledger.settings import set_values, tell
from grader.ledger.trouble import readable

log = logging.getLogger(__name__)

_PAGE = 8_192  # bytes: several submissions, or one whole
_PATIENCE = 15.0  # seconds; PostgreSQL on a busy machine is slow to see that a program is gone
_SCHEMA = select(t.meta.c.value).where(t.meta.c.name == "schema")
_LOCK = 4_737_238  # any number that no other program is likely to lock in the same database


def open_ledger(target: str | Path, *, new: bool = True, only_read: bool = False) -> Ledger:
    """The ledger in a file or at a database's URL; made, if it is `new`.

    What is `only_read` may lie where nothing can be written: then nobody is kept from writing.
    InputError if there is none, it is damaged, of a newer schema, or in use.
    """
    url, name = _url(target)
    file = url.database if url.get_backend_name() == "sqlite" else None
    if only_read and file is not None and Path(file).is_file() and not _writable(Path(file)):
        return _read_only(Path(file), name)
    if file is not None:
        path = Path(file)
        if not new and not path.exists():
            raise InputError(name, "there is no ledger here: `grader batch` makes one")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(path.parent, f"cannot be written: {error.strerror}") from None
    try:
        engine = create_engine(url)
    except (NoSuchModuleError, ImportError) as error:
        need = "; PostgreSQL needs `pip install 'gradsheet[postgres]'`"
        raise InputError(name, f"no driver for this database: {error}{need}") from None
    if file is not None:
        event.listen(engine, "connect", _prepare)
    lock = _locked(engine, file, name)
    try:
        with readable(name):
            _check_schema(engine, name)
        return Ledger(name, engine, lock)
    except BaseException:
        lock.close()
        engine.dispose()
        raise


def _writable(path: Path) -> bool:
    """Whether a file and what SQLite keeps beside it can be written."""
    effective = os.access in os.supports_effective_ids
    return all(os.access(each, os.W_OK, effective_ids=effective) for each in (path, path.parent))


def _read_only(path: Path, name: str) -> Ledger:
    beside = [Path(f"{path}{suffix}") for suffix in ("-wal", "-shm")]
    unsaved = beside[0].is_file() and beside[0].stat().st_size > 0
    if unsaved and not beside[1].is_file():
        raise InputError(
            name,
            f"nothing can be written here, and {beside[0].name} holds what is not in it yet: copy "
            "both to a folder that can be written",
        )
    # In WAL mode SQLite wants to write even where it only reads, but for files that never change.
    mode = {"mode": "ro"} if unsaved else {"mode": "ro", "immutable": "1"}
    database = f"file:{quote(str(path.resolve()))}"
    engine = create_engine(
        make_url("sqlite://").set(database=database, query=mode | {"uri": "true"})
    )
    try:
        with readable(name), engine.connect() as connection:
            found = connection.scalar(_SCHEMA)
        if found != str(t.SCHEMA):
            raise InputError(
                name,
                f"the ledger has schema {found}, not {t.SCHEMA}, and nothing can be written here: "
                "copy it to a folder that can be written",
            )
        return Ledger(name, engine, contextlib.ExitStack())
    except BaseException:
        engine.dispose()
        raise


def _url(target: str | Path) -> tuple[Any, str]:
    text = str(target)
    if "://" not in text:
        return make_url("sqlite://").set(database=text), text
    try:
        url = make_url(text)
    except SQLAlchemyError:
        raise InputError("--ledger", "this is neither a file nor the URL of a database") from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    return url, url.render_as_string(hide_password=True)


def _prepare(connection: Any, _: Any) -> None:
    """WAL: readers and the writer don't wait for each other, and a crash leaves whole chunks."""
    page = f"page_size={_PAGE}"  # of a new ledger
    for pragma in (page, "journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=60000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _locked(engine: Engine, file: str | None, name: str) -> Any:
    """Something to close that keeps all other programs from writing; it ends with the process."""
    busy = InputError(name, "another program is using this ledger: wait until it is done")
    if file is None:
        with readable(name):
            lock = _DatabaseLock(engine)
            if not lock.taken():
                lock.close()
                raise busy
            return lock
    guard = sqlite3.connect(f"{file}-lock", timeout=1, isolation_level=None)
    try:
        guard.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        guard.close()
        if "locked" in str(error):
            raise busy from None
        advice = "is there room, and may you write in its folder?"
        raise InputError(name, f"the ledger cannot be written ({error}): {advice}") from None
    return guard


class _DatabaseLock:
    """A lock of PostgreSQL, held by a session of its own; it ends with the session."""

    def __init__(self, engine: Engine) -> None:
        # No transaction: one that stays open for hours keeps the database from tidying up.
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def taken(self) -> bool:
        """Try for some seconds: a session whose program was killed may still finish a query."""
        deadline = time.monotonic() + _PATIENCE
        while not self._connection.scalar(select(func.pg_try_advisory_lock(_LOCK))):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def close(self) -> None:
        with contextlib.suppress(SQLAlchemyError):  # a session that is lost holds no lock
            self._connection.scalar(select(func.pg_advisory_unlock_all()))
            self._connection.close()


def _check_schema(engine: Engine, name: str) -> None:
    with engine.begin() as connection:
        t.meta.create(connection, checkfirst=True)
        found = connection.scalar(_SCHEMA)
        if found is None:
            t.tables.create_all(connection)
            set_values(connection, {"schema": str(t.SCHEMA)})
        elif found in ("1", "2"):
            _upgrade(connection, name, found)
        elif found != str(t.SCHEMA):
            raise InputError(
                name,
                f"the ledger has schema {found}; this program knows {t.SCHEMA}: "
                "use the version of gradsheet that wrote it, or a newer one",
            )


def _upgrade(connection: Connection, name: str, found: str) -> None:
    """From a schema of before, in the one transaction that is open. Reports stay as they are: what
    is judged from now on has its pieces apart."""
    if connection.dialect.name == "sqlite":
        # Python's driver opens a transaction for rows, but not for tables and indexes.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    t.pieces.create(connection, checkfirst=True)
    connection.exec_driver_sql("DROP INDEX IF EXISTS ix_submissions_run")
    # That of the first schema may be one that SQLite does not use: every run took longer.
    t.current_verdict.drop(connection, checkfirst=True)
    t.current_verdict.create(connection)
    run = connection.scalar(select(t.meta.c.value).where(t.meta.c.name == "run"))
    told = f"upgraded from schema {found} to {t.SCHEMA}"
    tell(connection, int(run or 0), told)
    set_values(connection, {"schema": str(t.SCHEMA)})
    log.warning("%s: %s; programs of before cannot open it any more", name, told)
