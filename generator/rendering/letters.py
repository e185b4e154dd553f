"""Accented Latin letters that fonts lack, declared as a letter with accents."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_COMMA = r"\textcommabelow"
_ACCENTS = {  # combining mark -> what sets it on a letter in the T1 encoding
    "\u0300": r"\`",
    "\u0301": r"\'",
    "\u0302": r"\^",
    "\u0303": r"\~",
    "\u0304": r"\=",
    "\u0306": r"\u",
    "\u0307": r"\.",
    "\u0308": r"\"",
    "\u030a": r"\r",
    "\u030b": r"\H",
    "\u030c": r"\v",
    "\u0323": r"\d",
    "\u0326": _COMMA,
    "\u0327": r"\c",
    "\u0328": r"\k",
    "\u0331": r"\b",
}
_HOOK, _HORN, _ABOVE = "\u0309", "\u031b", 230  # the last is Unicode's class of marks on top
_BELOW = tuple(each for mark, each in _ACCENTS.items() if unicodedata.combining(mark) != _ABOVE)
_DRAWN = {_HOOK: r"\gradsheethook", _HORN: r"\gradsheethorn"}
_WHOLE = set("ĂăĄąĆćČčĎďĘęĚěĞğİĹĺĽľŃńŇňŐőŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž")  # are in the T1 encoding
_NAMESAKES = {"Đ": r"\DJ", "ẞ": r"\SS"}  # in it, too, with glyphs that bear names of others
_RARE = "\u01a0"  # up to here Unicode fonts have all
_ASCII = bytes(range(128))
_DRAWINGS = (  # Vietnamese: no font of ours has these two; drawn ahead of the letter, no width
    r"\def\gradsheethook#1{\hbox to 0pt{\setbox0=\hbox{#1}\kern.5\wd0\raise\ht0\hbox{"
    r"\pdfliteral{q 1 J .45 w -.8 2.4 m -.3 3.1 1 3 1 2.2 c 1 1.6 .1 1.6 .1 .9 c S Q}}\hss}}"
    r"\def\gradsheethorn#1{\hbox to 0pt{\setbox0=\hbox{#1}\kern\wd0\raise\ht0\hbox{"
    r"\pdfliteral{q 1 J .6 w -.8 -.7 m .6 -.7 1 -.2 .8 .8 c S Q}}\hss}}"
)


def for_pdftex(source: str) -> str:
    """Declarations for pdfTeX of the rarer letters in a source (NFC); "" where it has none.

    What has ActualText begins and ends with a letter or a glyph without width, not with an accent:
    viewers measure it by its first and last glyph, and would copy a space beside a narrow one.
    """
    declared = ""
    namesakes = [(each, letter, "") for each, letter in _NAMESAKES.items() if each in source]
    for character, letter, drawings in (*_composed(source), *namesakes):
        code = f"{ord(character):04X}"
        end = r"\textcompwordmark " if letter.startswith(_BELOW) else ""
        declared += (
            rf"\DeclareUnicodeCharacter{{{code}}}{{\leavevmode{drawings}"
            rf"\pdfliteral page{{/Span <</ActualText <FEFF{code}>>> BDC}}"
            rf"\textcompwordmark {letter}{end}\pdfliteral page{{EMC}}}}"
        )
    return _DRAWINGS + declared if declared else ""


def for_unicode_fonts(source: str) -> str:
    """The same for engines that read Unicode fonts: LaTeX takes the letter where the font has it,
    else its accents, of which it lacks those that we draw."""
    return "".join(
        rf"\catcode`{character}=13 \protected\def{character}{{{letter}}}"
        for character, letter, drawings in _composed(source)
        if character >= _RARE and not drawings and _COMMA not in letter
    )


def _composed(source: str) -> Iterator[tuple[str, str, str]]:
    """Each of the rarer letters in a source, with LaTeX that makes it from accents, and with what
    is drawn before it."""
    others = source.encode(errors="ignore").translate(None, _ASCII).decode()
    for character in sorted(c for c in set(others) - _WHOLE if "\u0100" <= c <= "\u1eff"):
        base, *marks = list(unicodedata.normalize("NFD", character))
        if not base.isascii() or not marks or not _ACCENTS.keys() | _DRAWN.keys() >= set(marks):
            continue
        letter, drawings = base, ""
        for mark in sorted(marks, key=unicodedata.combining, reverse=True):  # above, below, joined
            if mark in _DRAWN:
                drawings += f"{_DRAWN[mark]}{{{base if mark == _HORN else letter}}}"
            else:
                above = unicodedata.combining(mark) == _ABOVE
                dotless = {"i": r"\i", "j": r"\j"} if above else {}
                letter = f"{_ACCENTS[mark]}{{{dotless.get(letter, letter)}}}"
        yield character, letter, drawings
