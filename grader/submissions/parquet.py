"""Parquet: the rows of a file, whose values mean what was stored, whatever their types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.model.errors import InputError

_BATCH = 2_000


def header(path: Path, label: str) -> dict[str, bool]:
    """The names of the columns, and which of them hold structs, lists or maps. A name that stands
    twice is refused, as is what is not Parquet, by an InputError."""
    pyarrow = _pyarrow(label)
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(label, f"this is not Parquet: {error}") from None
    twice = next((name for name in schema.names if schema.names.count(name) > 1), None)
    if twice is not None:
        raise InputError(label, f"the column {twice[:60]!r} stands twice")
    return {field.name: pyarrow.types.is_nested(field.type) for field in schema}


def rows(path: Path, label: str) -> Iterator[tuple[Any, ...]]:
    """The rows, in the order of the file; None for what is missing, as a float that is no number
    is. InputError names the row behind which nothing can be read."""
    pyarrow = _pyarrow(label)
    number = 0
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                for row in zip(*(_values(pyarrow, each) for each in batch.columns), strict=True):
                    number += 1
                    yield row
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(label, f"row {number + 1}: this is not Parquet: {error}") from None
    except OverflowError:
        raise InputError(label, f"behind row {number}: a time beyond the year 9999") from None


def _values(pyarrow: Any, column: Any) -> list[Any]:
    """The values of a column as Python has them."""
    types = pyarrow.types
    if types.is_timestamp(column.type):  # Python's times have no nanoseconds
        wanted = pyarrow.timestamp("us", column.type.tz)
        return column.cast(wanted, safe=False).to_pylist()  # type: ignore[no-any-return]
    values: list[Any] = column.to_pylist()
    if types.is_floating(column.type):
        short = column.type.bit_width < 64
        return [_float(value, short) for value in values]
    if types.is_binary(column.type) or types.is_large_binary(column.type):
        return [value if value is None else _decoded(value) for value in values]
    return values


def _float(value: float | None, short: bool) -> float | str | None:
    """A float; None for NaN, which stands for what is missing. A short one, as text: 0.1 in 32
    bits is 0.1, not 0.10000000149."""
    if value is None or value != value:
        return None
    if not short:
        return value
    import numpy as np

    return str(np.float32(value))


def _decoded(value: bytes) -> str | bytes:
    """Text that was stored without saying so; bytes that are none stay."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _pyarrow(label: str) -> Any:
    try:
        import pyarrow  # type: ignore[import-untyped]
        import pyarrow.parquet  # type: ignore[import-untyped]
    except ImportError:
        raise InputError(
            label, "reading Parquet takes pyarrow: pip install 'gradsheet[parquet]'"
        ) from None
    return pyarrow
