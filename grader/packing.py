"""Bytes as a ledger keeps them.

To begin a zlib stream costs more than the few bytes of a form are worth: what is short is kept as
it is, as the bytes of MessagePack. The two are told apart by their first byte.
"""

from __future__ import annotations

import zlib

import msgspec

_SHORT = 512  # bytes that are not worth compressing
_MEMORY = 5  # of 1 to 9: to make a larger table ready takes longer than it saves
_ZLIB = b"\x78"  # its first byte, as `zlib.compress` writes it; to MessagePack a number
_bytes = msgspec.msgpack.Decoder(bytes)


def packed(content: bytes) -> bytes:
    """Some bytes, compressed unless they are few."""
    if len(content) <= _SHORT:
        return msgspec.msgpack.encode(content)
    return zlib.compress(content, 1)


def unpacked(data: bytes) -> bytes:
    """The bytes that were `packed`. Raises zlib.error or msgspec.DecodeError for damaged ones."""
    return zlib.decompress(data) if is_zlib(data) else _bytes.decode(data)


def is_zlib(data: bytes) -> bool:
    """Whether this is a zlib stream, and nothing that MessagePack wrote for bytes or a list."""
    return data[:1] == _ZLIB


def compressed(text: bytes) -> bytes:
    """A zlib stream made quickly: its window is no larger than the text."""
    window = max(9, min(15, len(text).bit_length()))
    packer = zlib.compressobj(6, zlib.DEFLATED, window, _MEMORY)
    return packer.compress(text) + packer.flush()
