"""QR codes of sheet id and page, as PDF rectangles, so that paper that comes back tells what it is.

A code (ISO/IEC 18004) is of version 1, 21 by 21 modules, at error correction level M, which
restores 15 % of it. The payload `K7Q2-9MXA-V 2` keeps to the alphanumeric alphabet.
"""

from __future__ import annotations

import re
from functools import lru_cache

MODULES = 21
# Any of the eight masks can be read; to find the one that prints best takes five times as long.
_MASK = 3
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
    """The rectangles of the codes of the pages 1, 2, ... of a sheet.

    To encode is linear over GF(2): the codes of two pages, of as many digits, differ in the same
    modules on every sheet.
    """
    drawn = []
    for page in range(1, pages + 1):
        if page in (1, 10, 100):
            first, modules = page, _modules(payload(sheet_id, page))
        drawn.append(_drawn(modules ^ _difference(len(sheet_id), first, page)))
    return drawn


@lru_cache(maxsize=256)
def _difference(length: int, page: int, other: int) -> int:
    """The modules in which the codes of two pages differ, for a sheet id of some length."""
    sheet_id = "0" * length
    return _modules(payload(sheet_id, page)) ^ _modules(payload(sheet_id, other))


def _modules(text: str) -> int:
    """The modules of a code, row by row from the top: a byte each, which is 1 if it is dark."""
    import segno

    code = segno.make(
        text, version=1, error="m", mode="alphanumeric", mask=_MASK, boost_error=False
    )
    return int.from_bytes(b"".join(map(bytes, code.matrix)))


def _drawn(modules: int) -> str:
    """The dark modules as rectangles: each run of a row, as far down as it goes on."""
    square = modules.to_bytes(MODULES**2)
    lines = [square[start : start + MODULES] for start in range(0, MODULES**2, MODULES)]
    rows = [{run.span() for run in _DARK.finditer(line)} for line in lines]
    below = [*rows, set()]
    drawn = []
    for top, (runs, above) in enumerate(zip(rows, [set(), *rows], strict=False)):
        for run in sorted(runs - above):  # one that goes on from above is drawn already
            end = top + 1
            while run in below[end]:
                end += 1
            left, right = run
            drawn.append(f"{left} {MODULES - end} {right - left} {end - top} re")
    return " ".join(drawn)
