"""Many whole rows into a table, as tuples: SQLAlchemy writes the statement, and the driver takes
the values as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Table

Row = tuple[Any, ...]


class Insert:
    """Inserts into a table. A row has a value for each column, in the order of these: a text, a
    whole number, bytes, a truth value or None, which the drivers of both databases take."""

    def __init__(self, table: Table, engine: Engine) -> None:
        compiled: Any = table.insert().compile(engine)
        self._statement = str(compiled)
        self._names = None if compiled.positional else [column.name for column in table.columns]

    def __call__(self, connection: Connection, rows: Sequence[Row]) -> None:
        given: Any = rows
        if self._names is not None:
            given = [dict(zip(self._names, row, strict=True)) for row in rows]
        if rows:
            connection.exec_driver_sql(self._statement, given)
