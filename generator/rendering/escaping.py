"""Text from outside (names, titles, what people typed) on its way into LaTeX."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from generator.model.errors import InputError
from generator.model.values import Tex

# What pylatex leaves as it is but T1 fonts would join to another sign (<< to «, '' to ”) or lack.
_MORE = {
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "−": r"\ensuremath{-}",
    "–": r"\textendash{}",  # in titles of ours, whose sheets are of ASCII alone otherwise
}
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0327": "c",
    "\u0328": "k",
    "\u0331": "b",
}
_BELOW = "dcb"  # these accents are boxes, so they go around the others
_KNOWN = 0x180  # up to here (Latin Extended-A) LaTeX knows each letter
# Letters of Hebrew, Arabic and their neighbours, with what stands between them.
_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_RIGHT_TO_LEFT = re.compile(rf"{_LETTER}(?:[\w\s'.-]*{_LETTER})?")
_LONGEST_WORD = 16  # in capital Ws, the width of the narrowest column


@lru_cache(maxsize=4096)  # names of nodes, units and options come again and again
def escape(text: str) -> Tex:
    """LaTeX that prints `text` as typed; runs of white space become one space.

    Raises InputError for a control character. A character that the fonts lack stays, so that TeX
    names it.
    """
    from pylatex.utils import escape_latex

    spaced = re.sub(r"[^\S\u00a0]+", " ", unicodedata.normalize("NFC", str(text)))
    for character in spaced:
        if unicodedata.category(character) == "Cc":
            raise InputError(repr(spaced[:40]), f"has a control character (U+{ord(character):04X})")
    escaped = str(escape_latex(spaced)).replace(r"\^{}", r"\textasciicircum{}")
    escaped = re.sub(r"(['\",])(?=\1)", r"\1{}", escaped)
    escaped = "".join(_MORE.get(c) or _composed(c) for c in escaped)
    return Tex(_RIGHT_TO_LEFT.sub(r"\\righttoleft{\g<0>}", escaped))


def breakable(text: str) -> Tex:
    """As `escape`, where a line may also break inside words too long for any line."""
    run = _RIGHT_TO_LEFT.search(text)
    if run and " " in run[0]:  # its words stand in their order from right to left
        before, after = text[: run.start()], text[run.end() :]
        space = " " if after[:1].isspace() else ""
        return Tex(f"{escape(before)}{escape(run[0])}{space}{breakable(after)}")
    words = (re.findall(rf".{{1,{_LONGEST_WORD}}}", word) for word in text.split())
    return Tex(" ".join(r"\penalty500{}".join(map(escape, pieces)) for pieces in words))


def paragraphs(text: str) -> Tex:
    """As `breakable`; empty lines part paragraphs."""
    blocks = (block for block in re.split(r"\n\s*\n", text) if block.strip())
    return Tex("\\par\n".join(map(breakable, blocks)))


def shortened(text: str, length: int) -> str:
    """`text` in at most `length` characters, the last of them … where something is missing."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= length else one_line[: length - 1].rstrip() + "…"


def _composed(character: str) -> str:
    """A letter that LaTeX does not know as a whole, from its base and its accents."""
    if ord(character) < _KNOWN:
        return character
    base, *marks = tuple(unicodedata.normalize("NFD", character))
    if not marks or not base.isascii() or any(mark not in _ACCENTS for mark in marks):
        return character
    if base in "ij" and not set(marks) & set("\u0323\u0327\u0328\u0331"):
        base = f"\\{base}"
    accents = sorted((_ACCENTS[mark] for mark in marks), key=_BELOW.__contains__)
    for accent in accents:
        base = f"\\{accent}{{{base}}}"
    return base
