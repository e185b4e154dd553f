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
    rows = [frozenset(_dark(modules)) for modules in code.matrix]
    drawn = []
    for top, (runs, above) in enumerate(zip(rows, [frozenset(), *rows], strict=False)):
        for left, width in sorted(runs - above):  # one that goes on from above is drawn already
            height = next((n for n, row in enumerate(rows[top:]) if (left, width) not in row), None)
            rows_down = MODULES - top if height is None else height
            drawn.append(f"{left} {MODULES - top - rows_down} {width} {rows_down} re")
    return " ".join(drawn)


def _dark(modules: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where each horizontal run of dark modules begins, and how long it is."""
    left = 0
    for dark, run in groupby(modules):
        width = len(list(run))
        if dark:
            yield left, width
        left += width
