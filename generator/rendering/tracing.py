"""Which block of a sheet is at fault where the line that TeX complains about does not tell.

A brace that is left open is noticed at the end of the sheet, an `\\end{document}` not at all. So
the sheet is run again with its comment lines `%%% exercise NAME part PART` made to say where TeX
is and at what level. The block at fault is that before the first of these which is not at the
level of the first of all, or the last that TeX came to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_MARKER = re.compile(r"^%%% exercise .*$", re.MULTILINE)
_TOLD = re.compile(r"^gradsheet: line (\d+) at level (\d+)( of a formula)?$", re.MULTILINE)


def traced(source: str) -> str:
    """The source, with its blocks told in the log; lines keep their numbers. "" if it has none."""
    markers = [match.start() for match in _MARKER.finditer(source)]
    rest = max(source.rfind("\n\\shippages"), 0) or source.rfind("\n\\end{document}")
    if not markers or rest < markers[-1]:
        return ""
    told: list[str] = []
    done = 0
    for start in (*markers, rest + 1):  # the last is behind all blocks
        told += source[done:start], _telling(source.count("\n", 0, start) + 1)
        done = start
    return "".join((*told, source[done:]))


def _telling(line: int) -> str:
    """What writes to log and console at once, and puts nothing on the page."""
    return (
        f"\\message{{^^Jgradsheet: line {line} at level \\the\\currentgrouplevel"
        "\\ifmmode\\space of a formula\\fi^^J}"
    )


def blocks(said: str) -> int:
    """How many blocks a run of the traced source told of."""
    return len(_TOLD.findall(said))


@dataclass(frozen=True)
class Fault:
    """The line where the block at fault begins; whether it is the last that TeX came to."""

    line: int
    last: bool


def at_fault(said: str, source: str) -> Fault | None:
    """The block at fault by what a run of the traced source said; None where every block was left
    as it was entered."""
    told = [(int(line), level, formula) for line, level, formula in _TOLD.findall(said)]
    if not told:
        return None
    for before, here in pairwise(told):
        if here[1:] != told[0][1:]:
            return Fault(before[0], last=False)
    last = told[-1][0]
    return Fault(last, last=True) if _MARKER.match(source.split("\n")[last - 1]) else None
