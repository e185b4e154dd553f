r"""Fractions that are copied out of a PDF as `1/2` instead of as two numbers on two lines.

Each brings the text that it is copied as (ActualText: ISO 32000-1, 14.9.4), for `\copied` of
`templates/sheets/fast.tex.j2`. The texts of a document are defined once: TeX reads formulas often.
"""

from __future__ import annotations

import re
from functools import lru_cache

from generator.model.errors import AuthoringError
from generator.rendering.plain import plain

_BEGIN = "\\begin{document}\n"
_STYLES = {"": "", "t": r"\textstyle", "d": r"\displaystyle"}
_FLAT = r"[^{}&$%#\\]*"
_TEXT = rf"{_FLAT}(?:(?:\\[a-zA-Z]+|\\[,;!]|\{{{_FLAT}\}}){_FLAT})*"  # no formula or table in it
_FRACTION = re.compile(rf"\\([td]?)frac *(?:\{{({_TEXT})\}}|(\d))(?:\{{({_TEXT})\}}|(\d))")
_LETTER = re.compile(r"\s*(?:[A-Za-z]|\\[A-Za-z]+)\s*")
_CLINGING = re.compile(r"(?:(?<![A-Za-z\\])[A-Za-z]|[0-9)]|(?<!matrix)\}) ?\Z")
_ASCII = re.compile(r"[\w ./+*^-]*", re.ASCII)
_LONGEST = 40  # characters of a fraction that is copied so
_DIGITS = str.maketrans("0123456789", "abcdefghij")


def copyable(source: str) -> str:
    """A document of ours, each short fraction in it with the text that it is copied as."""
    head, begin, body = source.partition(_BEGIN)
    names: dict[str, str] = {}  # of texts

    def copied(found: re.Match[str]) -> str:
        style, top, digit, bottom, other = found.groups()
        text, macro, rest = _parts(style, top or digit, bottom or other)
        if not macro:
            return found[0]
        if _CLINGING.search(found.string, max(0, found.start() - 8), found.start()):
            text = f" {text}"  # 3 1/2 is not 31/2
        name = names.setdefault(text, f"\\gs{len(names)}".translate(_DIGITS))
        return f"{macro}{name}{rest}"

    body = _FRACTION.sub(copied, body)
    texts = "".join(rf"\def{name}{{{_string(text)}}}" for text, name in names.items())
    return f"{head}{begin}{texts}\n{body}" if texts else source


@lru_cache(maxsize=4096)  # a class has much the same
def _parts(style: str, top: str, bottom: str) -> tuple[str, str, str]:
    """The text of a fraction, the macro that sets it, and all but the first of its arguments; no
    macro where it is left as it is.

    Beside a single letter there can be no stroke: TeX would keep its italic correction.
    """
    try:
        text = plain(rf"$\frac{{{top}}}{{{bottom}}}$", 1000)
    except AuthoringError:  # which TeX will tell
        return "", "", ""
    letters = [bool(_LETTER.fullmatch(each)) for each in (top, bottom)]
    if len(text) > _LONGEST or "\n" in text or all(letters):
        return text, "", ""
    macro = r"\copiedbelow" if letters[0] else r"\copied"
    return text, macro, rf"{{{_STYLES[style]}}}{{{top}}}{{{bottom}}}"


@lru_cache(maxsize=4096)
def _string(text: str) -> str:
    """A PDF text string (ISO 32000-1, 7.9.2.2)."""
    if _ASCII.fullmatch(text):
        return f"({text})"
    encoded = ("\ufeff" + text).encode("utf-16-be")
    return f"<{encoded.hex().upper()}>"
