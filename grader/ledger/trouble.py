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
        raise InputError(
            name, f"the ledger cannot be used ({said}): {_advice(name, said)}"
        ) from None
    except SQLAlchemyError as error:
        raise InputError(name, f"the ledger cannot be used: {error}") from None
    except DAMAGES as error:
        raise damaged(str(error), name) from None


DAMAGES = (zlib.error, msgspec.DecodeError)  # what unpacking damaged bytes raises


def damaged(what: str, name: str = "the ledger") -> InputError:
    """What to say of bytes that are not as they were written."""
    return InputError(name, f"something in it is damaged ({what}): {_advice(name)}")


def _advice(name: str, said: str = "") -> str:
    if "disk is full" in said:
        return "make room, and give the same command again"
    if "://" in name:
        return "is the database there, and may you make tables in it?"
    return "if it is damaged, put back a copy, or move it away and grade again"
