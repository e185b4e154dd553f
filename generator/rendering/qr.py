"""QR codes of sheet id and page, as PDF rectangles, so that paper that comes back tells what it is.

A code (ISO/IEC 18004) is of version 1, 21 by 21 modules, at error correction level M, which
restores 15 % of it. The payload `K7Q2-9MXA-V 2` keeps to the alphanumeric alphabet.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from generator.model.values import Matrix

MODULES = 21
# Any of the eight masks can be read; to find the one that prints best takes five times as long.
_MASK = 3


@dataclass(frozen=True)
class Codes:
    """The codes of a sheet as PDF operators, whose path is the dark modules; one module is one
    unit, and the origin is the lower left corner.

    A code is what is `common` to all, and besides that of a page, from 1 on, or of no page.
    """

    common: str
    pages: tuple[str, ...]
    pageless: str


def payload(sheet_id: str, page: int = 0) -> str:
    """What the code of a page says; without a page, only whose sheet it is."""
    return f"{sheet_id} {page}" if page else sheet_id


def codes(sheet_id: str, pages: int) -> Codes:
    """The codes of the pages 1, 2, ... of a sheet, and one without a page.

    To encode is linear over GF(2): the codes of two pages differ in the same modules on every
    sheet. Raises ValueError for what is not alphanumeric or does not fit (20 characters).
    """
    differences = [_difference("0" * len(sheet_id), page) for page in range(1, pages + 1)]
    # Characters are encoded in pairs: the last one may have another partner, or none, if no page
    # follows. What stands before is the same.
    paired = len(sheet_id) // 2 * 2
    differences.append(_difference("0" * paired + sheet_id[paired:], 0))
    first, changed = _modules(payload(sheet_id, 1)), np.array(differences)
    varying = changed.any(axis=0)
    common, *others = _drawn(np.array([first & ~varying, *((first ^ changed) & varying)]))
    return Codes(common, tuple(others[:-1]), others[-1])


@lru_cache(maxsize=256)
def _difference(sheet_id: str, page: int) -> Matrix:
    """The modules in which the code of a page differs from that of the first."""
    difference: Matrix = _modules(payload(sheet_id, 1)) ^ _modules(payload(sheet_id, page))
    return difference


def _modules(text: str) -> Matrix:
    """The modules of a code, row by row from the top; true ones are dark."""
    import segno

    code = segno.make(
        text, version=1, error="m", mode="alphanumeric", mask=_MASK, boost_error=False
    )
    return np.frombuffer(b"".join(map(bytes, code.matrix)), dtype=bool).reshape(MODULES, MODULES)


def _drawn(codes: Matrix) -> list[str]:
    """The dark modules of each of n codes (n, MODULES, MODULES) as rectangles: each run of a row,
    as far down as it goes on."""
    size = (len(codes), MODULES + 1, MODULES + 1, MODULES + 1)
    ends = np.diff(codes.astype(np.int8), axis=2, prepend=0, append=0)
    code, top, left = np.nonzero(ends > 0)
    right = np.nonzero(ends < 0)[2]
    # Runs that go on from above follow each other, at a distance of 1.
    runs = np.sort(np.ravel_multi_index((code, left, right, top), size))
    first = np.flatnonzero(np.diff(runs, prepend=-2) != 1)
    heights = np.diff(first, append=len(runs))
    code, left, right, top = np.unravel_index(runs[first], size)
    columns = (code, left, MODULES - top - heights, right - left, heights)
    drawn: list[list[str]] = [[] for _ in codes]
    for number, x, y, width, height in zip(*(each.tolist() for each in columns), strict=True):
        drawn[number].append(f"{x} {y} {width} {height} re")
    return [" ".join(each) for each in drawn]
