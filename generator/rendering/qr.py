"""QR codes of sheet id and page, as PDF rectangles, so that paper that comes back tells what it is.

A code (ISO/IEC 18004) is of version 1, 21 by 21 modules, at error correction level M, which
restores 15 % of it. The payload `K7Q2-9MXA-V 2` keeps to the alphanumeric alphabet.

Only what differs between codes is worked out here, many hundred times faster than a library for
codes of every kind does; what all have in common is taken from the library's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

MODULES = 21
# Any of the eight masks can be read; to find the one that prints best takes five times as long.
_MASK = 3
_LONGEST = 20
_DATA, _CHECK = 16, 10  # codewords
_ALPHABET = {
    sign: place for place, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
}
_FIELD = 0x11D  # x^8 + x^4 + x^3 + x^2 + 1, by which bytes are multiplied
_DARK = re.compile(b"\1+")


def payload(sheet_id: str, page: int = 0) -> str:
    """What the code of a page says; without a page, only whose sheet it is."""
    return f"{sheet_id} {page}" if page else sheet_id


def rectangles(text: str) -> str:
    """PDF operators whose path is the dark modules of a code; one module is one unit, and the
    origin is the lower left corner.

    Raises ValueError for a text that is not alphanumeric or does not fit (20 characters).
    """
    return _drawn(_modules(text))


def of_pages(sheet_id: str, pages: int) -> list[str]:
    """The rectangles of the codes of the pages 1, 2, ... of a sheet."""
    return [rectangles(payload(sheet_id, page)) for page in range(1, pages + 1)]


def _modules(text: str) -> int:
    """The modules of a code, row by row from the top: a byte each, which is 1 if it is dark."""
    return _common() ^ _placed(text)


@cache
def _common() -> int:
    """What every code has: the patterns for finding it, level and mask, and the mask itself."""
    import segno

    code = segno.make("A", version=1, error="m", mode="alphanumeric", mask=_MASK, boost_error=False)
    return int.from_bytes(b"".join(map(bytes, code.matrix))) ^ _placed("A")


def _placed(text: str) -> int:
    """The bits of data and of error correction, where they stand, without the mask."""
    if not 0 < len(text) <= _LONGEST or not _ALPHABET.keys() >= set(text):
        raise ValueError(f"{text!r} is not of 1 to {_LONGEST} alphanumeric characters")
    data = _data(text)
    rest = 0  # of the division by the generator polynomial, whose coefficients are bytes
    for byte in data.to_bytes(_DATA):
        factor = byte ^ rest >> 8 * (_CHECK - 1)
        rest = (rest << 8 & (1 << 8 * _CHECK) - 1) ^ _multiples()[factor]
    found = 0
    for bit, module in zip(f"{data << 8 * _CHECK | rest:0208b}", _places(), strict=True):
        if bit == "1":
            found |= module
    return found


def _data(text: str) -> int:
    """The data codewords: mode, length, two characters in 11 bits each, and padding."""
    values = [_ALPHABET[sign] for sign in text]
    bits = f"0010{len(text):09b}"
    bits += "".join(f"{45 * a + b:011b}" for a, b in zip(values[::2], values[1::2], strict=False))
    if len(values) % 2:
        bits += f"{values[-1]:06b}"
    bits += "0" * min(4, 8 * _DATA - len(bits))
    bits += "0" * (-len(bits) % 8)
    padding = "1110110000010001" * _DATA
    return int((bits + padding)[: 8 * _DATA], 2)


@cache
def _multiples() -> list[int]:
    """The generator polynomial of Reed and Solomon, without its leading 1, times each byte."""
    polynomial, root = [1], 1
    for _ in range(_CHECK):  # times x - 2^k
        shifted = [*polynomial, 0]
        scaled = [0, *(_times(each, root) for each in polynomial)]
        polynomial, root = [a ^ b for a, b in zip(shifted, scaled, strict=True)], _times(root, 2)
    found = [0]
    for power in (1, 2, 4, 8, 16, 32, 64, 128):
        more = int.from_bytes(bytes(_times(each, power) for each in polynomial[1:]))
        found += [each ^ more for each in found]
    return found


def _times(one: int, other: int) -> int:
    """The product of two bytes of the field."""
    product = 0
    while other:
        product ^= one * (other & 1)
        one, other = one << 1 ^ (one >> 7) * _FIELD, other >> 1
    return product


@cache
def _places() -> list[int]:
    """The module of each bit of the codewords, as one of `_modules`."""
    return [1 << 8 * (MODULES**2 - 1 - place) for place in _way()]


def _way() -> Iterator[int]:
    """Two columns wide, up and down from the lower right corner, round the patterns."""
    upwards = True
    for right in (20, 18, 16, 14, 12, 10, 8, 5, 3, 1):
        for row in reversed(range(MODULES)) if upwards else range(MODULES):
            for column in (right, right - 1):
                corner = ((row < 9 or row > 12) and column < 9) or (row < 9 and column > 12)
                if not corner and row != 6:
                    yield MODULES * row + column
        upwards = not upwards


def _drawn(modules: int) -> str:
    """The dark modules as rectangles: each run of a row, as far down as it goes on."""
    square = modules.to_bytes(MODULES**2)
    lines = b"\0".join(square[at : at + MODULES] for at in range(0, MODULES**2, MODULES))
    ends: dict[tuple[int, int, int], int] = {}  # left, width and top, to the row below
    open_: dict[tuple[int, int], int] = {}  # the top of the last one of that left and width
    for run in _DARK.finditer(lines):
        start, end = run.span()
        row, left = divmod(start, MODULES + 1)
        side = left, end - start
        top = open_.get(side, row)
        if ends.get((*side, top)) != row:  # it does not go on from above
            top = open_[side] = row
        ends[*side, top] = row + 1
    return " ".join(_rectangle(*place, end) for place, end in ends.items())


@cache
def _rectangle(left: int, width: int, top: int, end: int) -> str:
    return f"{left} {MODULES - end} {width} {end - top} re"
