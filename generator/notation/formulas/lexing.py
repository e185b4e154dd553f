"""Text or LaTeX to tokens, before any name is known.

A token of kind word is a run of letters, digits, accents and subscripts (`yhat_1`, `ab98cd`,
`log_bx_0`): which names it is made of depends on the part (see `spellings`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from generator.model.errors import NotationError
from generator.notation.formulas import latex
from generator.notation.limits import check_length
from generator.notation.tokens import RAISED, VULGAR, plain_sign, shown, strange


class Token(NamedTuple):
    """`kind` is number, word, sign, attribute or end, and what a word turns out to be: name,
    function or constant. `blank`: a space comes before, `line`: with a new line in it."""

    kind: str
    text: str
    at: int
    blank: bool = False
    line: bool = False

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else shown(_READABLE.get(self.text, self.text))


_READABLE = {
    "|<": "|",
    "|>": "|",
    "‖<": "‖",
    "‖>": "‖",
    "begin": "\\begin",
    "end": "\\end",
    "cases": "\\begin",
}

_RAISED = RAISED | dict(zip("ᵀⁿⁱˣʸᵏᵐᵗᵃᵇᶜᵈᵉᵖʳˢ", "Tnixykmtabcdeprs", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-aehijklmnoprstuvx", strict=True))

_SIGNS = {
    **dict.fromkeys("∘⊙◦⊚", "∘"),
    **dict.fromkeys("·⋅∙•×✕✖", "·"),
    **dict.fromkeys("𝟙𝟏", "𝟙"),
    **dict.fromkeys("‖∥", "‖"),
    **dict.fromkeys("≤≦⩽", "<="),
    **dict.fromkeys("≥≧⩾", ">="),
    "∣": "|",
    "≠": "!=",
    "∆": "Δ",
    "⊺": "⊤",
    "⊘": "/",
    "←": "=",
}
_KEPT = frozenset("√∛∜∞∑∏∂∇⌊⌋⌈⌉⊤⊗" + "".join(latex.ACCENTS.values()))
_ACCENTS = frozenset(latex.ACCENTS.values())
_MARKS = "".join(latex.ACCENTS.values())
_LETTER = rf"[^\W\d_{VULGAR}]"

# ŷ as browsers copy it out of a PDF: the hat, a sign by itself, before its letter. Behind a letter,
# a number or a bracket it may be a power.
_ALONE = dict(
    zip("ˆ˜¯ˉ˙", map(latex.ACCENTS.get, ("hat", "tilde", "bar", "bar", "dot")), strict=True)
)
_COPIED = re.compile(rf"(?<![\w)\]}}'’′])([{''.join(_ALONE)}])({_LETTER})")

_SPELLED = {
    "**": "^",
    ".*": "∘",
    "./": "/",
    "=<": "<=",
    "==": "=",
    ":=": "=",
}


_TEMPLATE = re.compile(r"\s*\{\{[^{}\\]*\}\}\s*")

# x⁻¹⁻¹ in one raised run: an inverse of an inverse, not the power -1 - 1
_RAISED_TWICE = re.compile("⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+[⁺⁻][⁰¹²³⁴⁵⁶⁷⁸⁹]+")

# 0·75 and 1·75, as decimals were written in Britain: 0 and 1 are hardly factors, but in 1·10⁻³ and
# 1·12·3. In numbers that stand alone no other factor is surely one. Nowhere that points are for
# decimals: 0·1 + 1·0.3.
_DOT = "[·⋅∙•]"
_FACTORS = re.compile(rf"([0-9]+){_DOT}([0-9]+)")
_RAISED_POINT = re.compile(
    rf"""(?<![\w.]) (0 | (?<!{_DOT})1 (?={_DOT}[0-9]{{2,}}+ (?!\ ?[{_DOT[1:-1]}^*⁰-⁻¹²³])))
    {_DOT} ([0-9]+) (?!\.?[0-9])""",
    re.VERBOSE,
)
_NUMBER = rf"[-+−]?[0-9]+(?:{_DOT}[0-9]+)?"
_BETWEEN = r"[\s\[\](){},;&|]"
_NUMBERS = re.compile(rf"(?:[^=]*=)?{_BETWEEN}*{_NUMBER}(?:{_BETWEEN}+{_NUMBER})*{_BETWEEN}*\.?\s*")
_POINT = re.compile(r"[0-9]\.[0-9]")


@lru_cache(maxsize=4)
def _pattern(names: str) -> re.Pattern[str]:
    """The tokens, where the letters e and E in `names` are names and belong to no number."""
    ten = "".join(letter for letter in "eE" if letter not in names)
    power = rf"(?:[{ten}][+-]?[0-9]+)?" if ten else ""
    return re.compile(
        rf"""(?P<blank>[ \n\t\r]+ | \$+)
        | (?P<word>{_LETTER}(?:[^\W_{VULGAR}]|[{_MARKS}])*
            (?:_(?:[^\W_]+|\{{[ ]*[^\W_]+[ ]*\}})[{_MARKS}]*)*)
        | (?P<based>0[xXbBoO][0-9A-Fa-f]*[0-9][0-9A-Fa-f]*)
        | (?P<grouped>[0-9]+(?:_[0-9]+)+ | [0-9]+(?:'[0-9]{{3}})+)
        | (?P<number>[0-9]*[{VULGAR}] | (?:[0-9]+(?:\.(?![.*/^])[0-9]*)?|\.[0-9]+){power})
        | (?P<attribute>\.[A-Za-z_][A-Za-z0-9_]*)
        | (?P<sign>\*\* | \.[*^/] | \.\. | [<>!=:]= | =< | \{{,\}}
            | [-+*/^(){{}}\[\]<>=,;!'%|_&@·∘𝟙‖√∛∜∞∑∏∂∇⌊⌋⌈⌉⊤⊗])
        | (?P<row>\\\\)
        | (?P<space>\\[ ,;:!>()\[\]])
        | (?P<escaped>\\[{{}}|%])
        | (?P<aligned>\\(?:begin|end)[ ]?\{{(?:aligned|align\*?|gathered|split|equation\*?)\}})
        | (?P<cases>\\(?:begin|end)[ ]?\{{cases\}})
        | (?P<matrix>\\(?:begin|end)[ ]?\{{(?:[pbvBV]?matrix|smallmatrix|array)\}}
            (?:\{{[clr|@ ]*\}})?)
        | (?P<command>\\[A-Za-z]+)
        | (?P<tie>(?<=\S)~(?=\S))""",
        re.VERBOSE,
    )


def tokens(text: str, names: str = "") -> tuple[list[Token], list[int] | None]:
    """The tokens of `text`, ending in one of kind "end"; and where in `text` each character of
    its plain spelling comes from, None if the spelling is the text. Raises NotationError.

    >>> [token.text for token in tokens(r"\\mathbf{W}_{1} \\ast x²")[0]]
    ['W_1', '*', 'x', '^', '(', '2', ')', '']
    """
    check_length(text)
    if "\\" in text or "$" in text:
        latex.check_pairs(text)
    if "{{" in text and _TEMPLATE.fullmatch(text):
        raise NotationError("{{ }} is no formula: write it without braces", text, 0)
    spelled, places = (text, None) if text.isascii() else _respelled(text)
    pattern = _pattern(names)
    result: list[Token] = []
    blank = line = False
    position, end = 0, len(spelled)
    while position < end:
        at = places[position] if places else position
        match = pattern.match(spelled, position)
        if match is None:
            if spelled[position:].strip() == "." and position and spelled[position - 1] != ".":
                break  # a full stop
            problem = "a backslash without a command" if text[at] == "\\" else strange(text[at])
            raise NotationError(problem, text, at)
        kind, word, position = match.lastgroup or "", match.group(), match.end()
        if kind == "command":
            read = latex.command(spelled, match.start())
            if read is None:
                raise NotationError(f"{shown(word)} is not read here", text, at)
            kind, word, position = read
        elif kind == "word":
            if "{" in word:
                word = re.sub("[{} ]", "", word)
            if position < end and spelled[position] == "_":
                word, position = latex.with_subscripts(spelled, word, position)
        elif kind not in ("number", "sign", "attribute", "blank"):
            kind, word = _other(kind, word, text, at)
        if kind in ("blank", "space", "aligned", "tie"):
            blank, line = True, line or "\n" in word
            continue
        if kind == "sign":
            word = _SPELLED.get(word, word)
        result.append(Token(kind, word, at, blank, line))
        blank = line = False
    result.append(Token("end", "", len(text.rstrip()), True))
    return result, places


def _other(kind: str, word: str, text: str, at: int) -> tuple[str, str]:
    """The kind and text of a rare token. Refuses numbers that are not in base ten."""
    match kind:
        case "based":
            raise NotationError(f"{shown(word)} is not read: write it in base ten", text, at)
        case "grouped":
            plain = re.sub("[_']", "", word)
            raise NotationError(
                f"write {shown(plain)}: digits are not grouped by {word.lstrip('0123456789')[0]}",
                text,
                at,
            )
        case "cases":
            return "sign", "cases" if word.startswith("\\begin") else "end"
        case "row":
            return "sign", "\\\\"
        case "matrix":
            return "sign", "begin" if word.startswith("\\begin") else "end"
        case "escaped":
            return "sign", {"|": "‖"}.get(word[1], word[1])
    return kind, word


def _respelled(text: str) -> tuple[str, list[int]]:
    """The text in the signs that tokens know, and the place in `text` of each character."""
    text = _COPIED.sub(lambda found: f"{found[2]}{_ALONE[found[1]]}", text)
    pieces: list[str] = []
    places: list[int] = []
    if twice := _RAISED_TWICE.search(text):
        problem = f"{twice.group()} could be two powers or one: write brackets"
        raise NotationError(problem, text, twice.start())
    _check_raised_points(text)
    level = ""  # "^" in raised, "_" in lowered characters
    for at, char in enumerate(text):
        if not level and " " <= char <= "~":
            pieces.append(char)
            places.append(at)
            continue
        where = "^" if char in _RAISED else "_" if char in _LOWERED else ""
        piece = ""
        if where != level:
            piece = {"": "", "^": ")", "_": "}"}[level] + {"": "", "^": "^(", "_": "_{"}[where]
            level = where
        piece += _RAISED.get(char) or _LOWERED.get(char) or _plain(char)
        pieces.append(piece)
        places.extend([at] * len(piece))
    pieces.append({"": "", "^": ")", "_": "}"}[level])
    places.append(max(len(text) - 1, 0))
    return "".join(pieces), places


def _check_raised_points(text: str) -> None:
    """NotationError where a dot between digits may well be a decimal point."""
    if not _FACTORS.search(text) or _POINT.search(text):
        return
    if found := (_FACTORS if _NUMBERS.fullmatch(text) else _RAISED_POINT).search(text):
        one, other = found.groups()
        problem = f"is this a decimal or a product? Write {one}.{other} or {one}*{other}"
        raise NotationError(problem, text, found.start())


def _plain(char: str) -> str:
    if " " <= char <= "~" or char in _KEPT or char in latex.LETTERS:
        return char
    if char in _SIGNS:
        return _SIGNS[char]
    parts = unicodedata.normalize("NFD", char)
    if len(parts) == 2 and parts[1] in _ACCENTS:
        return parts
    return plain_sign(char)
