"""What a database says, in words for a person."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator

import msgspec
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from generator.model.errors import InputError


@contextlib.contextmanager
def readable(name: str) -> Iterator[None]:
    """What a database says, as an InputError about the ledger of this name."""
    try:
        yield
    except DatabaseError as error:
        said = " ".join(str(error.orig).split())
        raise InputError(name, f"the ledger cannot be used ({said}): {_advice(name)}") from None
    except SQLAlchemyError as error:
        raise InputError(name, f"the ledger cannot be used: {error}") from None
    except (zlib.error, msgspec.DecodeError) as error:
        raise InputError(name, f"the ledger is damaged: {error}") from None


def _advice(name: str) -> str:
    if "://" in name:
        return "is the database there, and may you make tables in it?"
    return "if it is damaged, put back a copy, or move it away and grade again"
