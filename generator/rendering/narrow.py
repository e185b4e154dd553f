"""Displays for narrow columns: an alignment with a second way to set it, a line for each pair.

TeX takes the second where the first is too wide (`\\lines` of `templates/sheets/fast.tex.j2`).
"""

from __future__ import annotations

import re

from generator.model.values import Tex

_ALIGNED = re.compile(r"\\begin\{align\*\}(.*?)\\end\{align\*\}", re.DOTALL)
_MARK = re.compile(r"\\(?:begin|end)\b|\\\\(?:\[[^]]*\])?|\\[{}&]|[{}&]")
_DEEPER, _HIGHER = ("{", r"\begin"), ("}", r"\end")


def narrowed(text: Tex) -> Tex:
    """The text, its alignments (`align*`) as `\\lines` macros."""
    return Tex(_ALIGNED.sub(_lines, text))


def _lines(found: re.Match[str]) -> str:
    body = found[1].strip()
    return rf"\lines{{{body}}}{{{pairs(body)}}}"


def pairs(body: str) -> str:
    """The rows of an alignment, a row for each pair of columns; nothing if they are so."""
    cut: list[str] = []
    depth = start = columns = 0
    for mark in _MARK.finditer(body):
        if mark[0] in _DEEPER:
            depth += 1
        elif mark[0] in _HIGHER:
            depth -= 1
        elif depth == 0 and mark[0].startswith("\\\\"):
            columns = 0
        elif depth == 0 and mark[0] == "&":
            columns += 1
            if columns % 2 == 0:
                cut.append(body[start : mark.start()].strip())
                start = mark.end()
    return "\\\\[0pt]\n".join([*cut, body[start:].strip()]) if cut else ""
