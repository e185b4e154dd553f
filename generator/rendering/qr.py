"""QR codes of sheet id and page, as PDF rectangles, so that paper that comes back tells what it is.

A code (ISO/IEC 18004) is of version 1, 21 by 21 modules, at error correction level M, which
restores 15 % of it. The payload `K7Q2-9MXA-V 2` keeps to the alphanumeric alphabet.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np

from generator.model.values import Matrix

MODULES = 21
_ROW = MODULES + 1  # with a light module behind each
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
    changed, varying = _changed(sheet_id[len(sheet_id) // 2 * 2 :], len(sheet_id), pages)
    first = _modules(payload(sheet_id, 1))
    common, *others = _drawn(np.array([first & ~varying, *((first ^ changed) & varying)]))
    return Codes(common, tuple(others[:-1]), others[-1])


@lru_cache(maxsize=64)
def _changed(last: str, length: int, pages: int) -> tuple[Matrix, Matrix]:
    """The modules in which the codes of each page and of none differ from that of the first, and
    those in which any does."""
    # Characters are encoded in pairs: the `last` one of an odd number may have another partner, or
    # none, if no page follows. What stands before is the same.
    others = [_difference("0" * length, page) for page in range(1, pages + 1)]
    pageless = _difference("0" * (length - len(last)) + last, 0)
    changed = np.array([*others, pageless])
    return changed, np.any(changed, axis=0)


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
    row = _ROW
    light = np.zeros((len(codes), MODULES, row), dtype=np.int8)
    light[:, :, :MODULES] = codes
    ends = np.diff(light.ravel(), prepend=0)
    begin, end = np.flatnonzero(ends > 0), np.flatnonzero(ends < 0)
    above, left = np.divmod(begin, row)
    code, top = np.divmod(above, MODULES)
    # Runs that go on from above follow each other, at a distance of 1.
    runs = np.sort(((code * row + left) * row + end - begin) * row + top)
    first = np.flatnonzero(np.diff(runs, prepend=-2) != 1)
    heights = np.diff(first, append=len(runs))
    code, places = np.divmod(runs[first], row**3)
    bounds = np.searchsorted(code, np.arange(len(codes) + 1)).tolist()
    drawn = [_rectangle(number) for number in (places * row + heights).tolist()]
    return [" ".join(drawn[begin:end]) for begin, end in pairwise(bounds)]


@cache
def _rectangle(number: int) -> str:
    """A rectangle whose left end, width, top and height are the digits of a number."""
    rest, height = divmod(number, _ROW)
    rest, top = divmod(rest, _ROW)
    left, width = divmod(rest, _ROW)
    return f"{left} {MODULES - top - height} {width} {height} re"
