"""Signs: one spelling for what keyboards and word processors write differently."""

from __future__ import annotations

import unicodedata

from generator.notation.limits import check_length

RESPELLED = str.maketrans(
    {
        **dict.fromkeys("−–—‐‑‒﹣", "-"),
        **dict.fromkeys("×✕✖·⋅∙•∗", "*"),
        **dict.fromkeys("÷∕⁄", "/"),
        **dict.fromkeys("⟨〈", "("),
        **dict.fromkeys("⟩〉", ")"),
        **dict.fromkeys("′’‘`´", "'"),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),  # seen by nobody
        **dict.fromkeys("\u2028\u2029\x85\x0b\x0c\r", "\n"),
        "\t": " ",
        "→": "->",
        "ᵀ": "^T",
        "≈": "=",
        "∅": "{}",
    }
)
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾", "0123456789+-()", strict=True))
VULGAR = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"


def vulgar(word: str) -> tuple[str, str, str] | None:
    """The whole part, numerator and denominator of a number such as 1½; None for any other."""
    if word[-1] not in VULGAR:
        return None
    above, below = unicodedata.normalize("NFKC", word[-1]).split("\u2044")
    return word[:-1] or "0", above, below


def shown(word: str) -> str:
    """A piece of someone's text, short and printable, as messages quote it."""
    short = word if len(word) <= 20 else word[:17] + "..."
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short)


def respelled(text: str) -> str:
    """The text with one spelling for each sign, for answers made of words. Raises NotationError."""
    check_length(text)
    return _respell(text)[0]


def _respell(text: str) -> tuple[str, list[int]]:
    """The text in the signs that `_TOKEN` knows, and the place in `text` of each character."""
    pieces: list[str] = []
    places: list[int] = []
    raised = False
    for at, char in enumerate(text):
        if (char in RAISED) != raised:
            raised = not raised
            piece = "^(" if raised else ")"
            pieces.append(piece)
            places.extend([at] * len(piece))
        piece = char if " " <= char <= "~" and char not in "`" else plain_sign(char)
        pieces.append(piece)
        places.extend([at] * len(piece))
    if raised:
        pieces.append(")")
        places.append(len(text) - 1)
    return "".join(pieces), places


def plain_sign(char: str) -> str:
    plain = char.translate(RESPELLED)
    if plain != char or char in VULGAR:
        return plain
    if char in RAISED:
        return RAISED[char]
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if unicodedata.category(char) == "Nl":  # a Roman numeral is no letter
        return char
    plain = unicodedata.normalize("NFKC", char)
    return plain.translate(RESPELLED) if len(plain) <= 2 else char  # ﷺ would become a sentence


def strange(char: str) -> str:
    if char.isprintable() and char != " ":
        return f"the sign {char} is not read here"
    return f"there is an invisible character here (U+{ord(char):04X}): please type this again"
