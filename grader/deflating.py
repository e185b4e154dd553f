"""Bytes as a ledger keeps them: zlib streams, which `zlib.decompress` reads.

To begin a stream costs zlib more than the few bytes of a form or a verdict are worth. So a short
text is kept in a block that is stored as it is, and what many reports have in common is compressed
once: blocks that end at a byte and refer to nothing before them can stand in any stream (RFC 1950
and 1951).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

_HEAD = b"\x78\x01"
_SHORT = 512  # bytes that are not worth compressing
_STORED = 65_535  # the most that one block can store
_MEMORY = 5  # of 1 to 9: to make a larger table ready takes longer than it saves


def packed(content: bytes) -> bytes:
    """One text; compressed, unless it is short."""
    if len(content) > _SHORT:
        return zlib.compress(content, 1)
    return joined([stored(content)], [content])


def joined(blocks: Iterable[bytes], texts: Iterable[bytes]) -> bytes:
    """A stream of `blocks` (see `block`), for the `texts` that they stand for."""
    check = zlib.adler32(b"".join(texts))
    return b"".join((_HEAD, *blocks, _LAST, check.to_bytes(4)))


def block(text: bytes) -> bytes:
    """A text, compressed; other blocks may stand before and behind it."""
    window = max(9, min(15, len(text).bit_length()))  # it reaches back to the beginning
    packer = zlib.compressobj(6, zlib.DEFLATED, -window, _MEMORY)
    return packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)


def stored(text: bytes) -> bytes:
    """A text as it is, of at most 65,535 bytes; or else compressed."""
    size = len(text)
    if size > _STORED:
        return block(text)
    return b"\0" + struct.pack("<HH", size, size ^ _STORED) + text


_LAST = b"\1" + stored(b"")[1:]  # an empty block that is the last one
