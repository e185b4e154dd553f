"""Pieces of reports that many submissions share: a ledger has them once, and a verdict refers to
them by number.

Only what was written or read lately is remembered. What comes again after it was forgotten is
another piece with the same content, which changes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any
from zlib import crc32

import msgspec
from sqlalchemy import Connection, Engine, select

from grader.ledger import tables as t
from grader.ledger.entries import Stored, of_before
from grader.ledger.rapid import Finding, Insert, Row

_REMEMBERED = 20_000  # pieces of some hundred bytes
_REFERS = b"\1"  # no report of a ledger of before begins so; a checksum is behind it


class PiecesWritten:
    """Puts reports into a ledger, as rows refer to them, from the piece of this number on."""

    def __init__(self, first: int, engine: Engine) -> None:
        self._insert = Insert(t.pieces, engine)
        self._numbers = _Numbers(first)

    def referring(self, report: Stored) -> bytes:
        """What stands for the report in its row; `write` puts what it refers to into the ledger."""
        if not report:
            return b""
        head, *pieces = report
        numbers = self._numbers
        told = _encoder.encode([head, *[numbers[piece] for piece in pieces]])
        return _REFERS + crc32(told).to_bytes(4) + told

    def write(self, connection: Connection) -> None:
        self._insert(connection, self._numbers.new)
        self._numbers.new = []
        if len(self._numbers) > _REMEMBERED:
            self._numbers.clear()

    @contextlib.contextmanager
    def remembered(self) -> Iterator[None]:
        """While this lasts, pieces are written; should it fail, none of them may be there."""
        try:
            yield
        except BaseException:
            self._numbers.clear()
            self._numbers.new = []
            raise


class _Numbers(dict[bytes, int]):
    """Numbers of pieces; one that has none gets the next, and is among the `new`."""

    def __init__(self, first: int) -> None:
        super().__init__()
        self.next = first
        self.new: list[Row] = []

    def __missing__(self, piece: bytes) -> int:
        number = self[piece] = self.next
        self.next += 1
        self.new.append((number, piece))
        return number


class PiecesRead:
    """Finds the reports that rows refer to."""

    def __init__(self, engine: Engine) -> None:
        self._find = Finding(select(t.pieces), t.pieces.c.id, engine)
        self._pieces: dict[int, bytes] = {}

    def reports(self, connection: Connection, rows: Sequence[bytes]) -> list[Stored]:
        """The reports, in order. Raises msgspec.DecodeError for what stands for none, or where
        a piece is gone."""
        told = [_told(each) for each in rows]
        self._load(connection, {piece for each in told for piece in each if type(piece) is int})
        pieces = self._pieces
        return [tuple([pieces.get(piece, piece) for piece in each]) for each in told]

    def _load(self, connection: Connection, numbers: set[int]) -> None:
        if len(self._pieces) > _REMEMBERED:
            self._pieces.clear()
        missing = sorted(numbers - self._pieces.keys())
        for number, content in self._find(connection, missing):
            self._pieces[number] = bytes(content)
        if gone := numbers - self._pieces.keys():
            raise msgspec.ValidationError(f"there is no piece {min(gone)}")


def _told(row: bytes) -> Sequence[Any]:
    """The head of a report and the numbers of its pieces; a report of a ledger of before stands
    there as a whole."""
    if not row:
        return ()
    if row[:1] != _REFERS:
        return of_before(row)
    if crc32(row[5:]) != int.from_bytes(row[1:5]):
        raise msgspec.ValidationError("a verdict refers to other pieces than when it was written")
    found: list[Any] = _list.decode(row[5:])
    return found


_encoder = msgspec.msgpack.Encoder()
_list = msgspec.msgpack.Decoder(list[bytes | int])
