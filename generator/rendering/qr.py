"""QR codes of sheet id and page, as PDF rectangles, so that paper that comes back tells what it is.

A code (ISO/IEC 18004) is of version 1, 21 by 21 modules, at error correction level M, which
restores 15 % of it. The payload `K7Q2-9MXA-V 2` keeps to the alphanumeric alphabet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

MODULES = 21
# Any of the eight masks can be read; to find the one that prints best takes five times as long.
_MASK = 3


def payload(sheet_id: str, page: int = 0) -> str:
    """What the code of a page says; without a page, only whose sheet it is."""
    return f"{sheet_id} {page}" if page else sheet_id


def rectangles(text: str) -> str:
    """PDF operators whose path is the dark modules of a code; one module is one unit, and the
    origin is the lower left corner.

    Raises ValueError for a text that is not alphanumeric or does not fit (20 characters).
    """
    import segno

    code = segno.make(
        text, version=1, error="m", mode="alphanumeric", mask=_MASK, boost_error=False
    )
    runs = (
        f"{left} {MODULES - 1 - row} {width} 1 re"
        for row, modules in enumerate(code.matrix)
        for left, width in _dark(modules)
    )
    return " ".join(runs)


def _dark(modules: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where each horizontal run of dark modules begins, and how long it is."""
    left = 0
    for dark, run in groupby(modules):
        width = len(list(run))
        if dark:
            yield left, width
        left += width
