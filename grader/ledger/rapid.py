"""What a ledger does for each of a million submissions: SQLAlchemy writes the statements, once, and
the driver takes the values as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, bindparam

Row = tuple[Any, ...]
_TOGETHER = 100


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


class Finding:
    """Finds the rows of a query where a column is one of the values given."""

    def __init__(self, query: Select[Any], column: ColumnElement[Any], engine: Engine) -> None:
        names = [f"value_{place}" for place in range(_TOGETHER)]
        here = column.in_([bindparam(name, type_=column.type) for name in names])
        compiled: Any = query.where(here).compile(engine)
        self._statement = str(compiled)
        self._names = None if compiled.positional else names

    def __call__(self, connection: Connection, values: Sequence[Any]) -> Iterator[Any]:
        for start in range(0, len(values), _TOGETHER):
            some = values[start : start + _TOGETHER]
            some = [*some, *[some[0]] * (_TOGETHER - len(some))]  # so many as the statement has
            given: Any = tuple(some)
            if self._names is not None:
                given = dict(zip(self._names, some, strict=True))
            yield from connection.exec_driver_sql(self._statement, given)
