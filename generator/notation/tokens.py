"""Text to tokens: one spelling for what keyboards, word processors and LaTeX write differently.

Every token knows where it starts in the text as typed, whatever was respelled on the way.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from generator.model.errors import NotationError
from generator.notation.limits import check_length


@dataclass(frozen=True)
class Token:
    """`kind` is number, name, sign or end; `blank` and `line`: a space, a new line comes before."""

    kind: str
    text: str
    at: int
    blank: bool = False
    line: bool = False

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else shown(self.text)


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

_LATEX = {
    **dict.fromkeys(("cdot", "times", "ast"), "*"),
    **dict.fromkeys(("left", "right", "displaystyle", "quad", "boxed"), ""),
    **dict.fromkeys(("dfrac", "tfrac"), "frac"),
    "lbrace": "{",
    "rbrace": "}",
    "div": "/",
    "langle": "(",
    "rangle": ")",
    "infty": "inf",
    "top": "T",
}

_TOKEN = re.compile(
    rf"""(?P<blank>[ ]+ | \\[ ,;:!] | \$)
    | (?P<line>\n)
    | (?P<open>\\begin\s?\{{(?:[pbv]?matrix|array|smallmatrix)\}}(?:\{{[clr|]*\}})?)
    | (?P<close>\\end\s?\{{(?:[pbv]?matrix|array|smallmatrix)\}})
    | (?P<escaped>\\[{{}}()\[\]%])
    | (?P<upright>\\(?:operatorname|mathrm|text)\{{[A-Za-z]+\}})
    | (?P<row>\\\\)
    | (?P<command>\\[A-Za-z]+)
    | (?P<based>0[xXbBoO][0-9A-Fa-f]+)
    | (?P<grouped>[0-9]+(?:[_'][0-9]+)+)
    | (?P<number>[0-9]*[{VULGAR}] | (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<name>π | ∞ | (?:sqrt|ln)(?=[0-9])
        | [^\W\d{VULGAR}π]\w*(?:\.[^\W\d]\w*)*)
    | (?P<sign>\*\* | -> | [-+*/^()\[\]{{}},;|%√=&'])""",
    re.VERBOSE,
)


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, ending in one of kind "end". Raises NotationError.

    >>> [token.text for token in tokens("2 × 10⁻³")]
    ['2', '*', '10', '^', '(', '-', '3', ')', '']
    """
    check_length(text)
    spelled, places = _respell(text)
    result: list[Token] = []
    blank = line = False
    position = 0
    while position < len(spelled):
        match = _TOKEN.match(spelled, position)
        at = places[position]
        if match is None:
            raise NotationError(strange(text[at]), text, at)
        kind, word = match.lastgroup or "", match.group()
        position = match.end()
        token = _token(kind, word, text, at, blank, line)
        if token is None:
            blank, line = True, line or kind == "line"
        else:
            result.append(token)
            blank = line = False
    return [*result, Token("end", "", len(text.rstrip()), True)]


def _token(kind: str, word: str, text: str, at: int, blank: bool, line: bool) -> Token | None:
    match kind:
        case "blank" | "line":
            return None
        case "based":
            raise NotationError(f"{shown(word)} is not read: write it in base ten", text, at)
        case "grouped":
            plain = re.sub("[_']", "", word)
            raise NotationError(
                f"write {shown(plain)}: digits are not grouped by {word.lstrip('0123456789')[0]}",
                text,
                at,
            )
        case "command":
            word = _LATEX.get(word[1:], word[1:])
            if not word:
                return None
            kind = "name" if word[0].isalpha() else "sign"
        case "open" | "close" | "row":
            # A LaTeX matrix keeps its own brackets: in it, blanks and new lines separate nothing.
            word, kind = {"open": "begin", "close": "end", "row": ";"}[kind], "sign"
        case "escaped":
            word, kind = word[1], "sign"
        case "upright":
            word, kind = word[word.index("{") + 1 : -1], "name"
    spelling = {"**": "^", "&": ",", "π": "pi", "∞": "inf"}
    return Token(kind, spelling.get(word, word), at, blank, line)


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
    plain = unicodedata.normalize("NFKC", char)
    return plain.translate(RESPELLED) if len(plain) <= 2 else char  # ﷺ would become a sentence


def strange(char: str) -> str:
    if char.isprintable() and char != " ":
        return f"the sign {char} is not read here"
    return f"there is an invisible character here (U+{ord(char):04X}): please type this again"
