"""Answer keys that leave the instructor's machine: each one opens to one student's form alone.

A form carries a seal of 128 bits, made from the course's secret and the sheet's id. The key of that
sheet is encrypted under what HKDF (RFC 5869) derives from the seal, by AES-SIV (RFC 5297): the same
key gives the same bytes, and nothing else of the key or the course is in them.
"""

from __future__ import annotations

import zlib

from generator.model import records, sheet_id
from generator.model.errors import InputError
from generator.model.key import AnswerKey
from grader.keys import read_key

_LARGEST = 20 * 2**20


def sealed(key: AnswerKey) -> bytes:
    """A key, encrypted under its own seal. InputError where it has none."""
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    if len(plain_seal(key.seal)) < 26:
        raise InputError(
            f"key {key.sheet_id}", "it has no seal: build the assignment again with this version"
        )
    text = zlib.compress(records.dumps(key).encode(), 9)
    return AESSIV(_derived(key.seal, key.sheet_id)).encrypt(text, [_header(key.sheet_id)])


def opened(box: bytes, sheet: str, seal: str, source: str) -> AnswerKey:
    """The key in a box. InputError where the seal is another one, or the box is damaged."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    try:
        text = AESSIV(_derived(seal, sheet)).decrypt(box, [_header(sheet)])
    except (InvalidTag, ValueError):
        raise InputError(
            source,
            f"the seal is not the one of sheet {sheet}: copy the line `seal: ...` from the form "
            "that you were given",
        ) from None
    unpacker = zlib.decompressobj()
    return read_key(unpacker.decompress(text, _LARGEST), f"key {sheet}")


def plain_seal(seal: str) -> str:
    """A seal in its one spelling: case, spaces and hyphens do not count."""
    return "".join(seal.lower().split()).replace("-", "")


def _derived(seal: str, sheet: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA512
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derive = HKDF(algorithm=SHA512(), length=64, salt=None, info=_header(sheet))
    return derive.derive(plain_seal(seal).encode())


def _header(sheet: str) -> bytes:
    return b"gradsheet answer key 1 " + sheet_id.check(sheet).encode()
