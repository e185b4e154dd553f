"""LaTeX commands: what each stands for in the one language that plain text is written in too."""

from __future__ import annotations

import re

from generator.model.errors import NotationError
from generator.notation.formulas.functions import SPELLINGS

_GREEK_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon
phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
GREEK = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
LETTERS = {letter: name for name, letter in GREEK.items()}

ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307", "vec": "\u20d7"}

_ACCENT_COMMANDS = ACCENTS | {
    "widehat": ACCENTS["hat"],
    "widetilde": ACCENTS["tilde"],
    "overline": ACCENTS["bar"],
    "overrightarrow": ACCENTS["vec"],
}

_LETTER_COMMANDS = GREEK | {
    "varepsilon": "ε",
    "vartheta": "θ",
    "varphi": "φ",
    "varrho": "ρ",
    "varsigma": "σ",
    "ell": "l",
}

_STYLE_NAMES = """
mathbf mathrm mathsf mathit mathtt mathcal mathbb mathds mathbbm bm boldsymbol pmb mathnormal
text textrm textbf textit textsf operatorname mathop
"""
STYLES = frozenset(_STYLE_NAMES.split())  # what they hold is read as if they were not there

_IGNORED_NAMES = """
displaystyle textstyle scriptstyle limits nolimits boxed quad qquad thinspace medspace thickspace
enspace negthinspace space mathstrut strut mathopen mathclose mathord mathbin nonumber
left right middle big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm
"""
_IGNORED = frozenset(_IGNORED_NAMES.split())

# Functions that a letter may follow at once: \lnx
_COMMON = frozenset(
    ["sin", "cos", "tan", "sec", "csc", "cot", "arcsin", "arccos", "arctan", "ln", "log", "exp"]
)

_SIGNS = {
    **dict.fromkeys(("cdot", "cdotp", "times", "bullet"), "·"),
    "ast": "*",
    **dict.fromkeys(("odot", "circ"), "∘"),
    **dict.fromkeys(("le", "leq", "leqslant"), "<="),
    **dict.fromkeys(("ge", "geq", "geqslant"), ">="),
    **dict.fromkeys(("ne", "neq"), "!="),
    **dict.fromkeys(("dfrac", "tfrac", "frac", "cfrac"), "frac"),
    **dict.fromkeys(("binom", "dbinom", "tbinom"), "binom"),
    **dict.fromkeys(("top", "intercal", "transp"), "⊤"),
    **dict.fromkeys(("lbrace", "lgroup"), "{"),
    **dict.fromkeys(("rbrace", "rgroup"), "}"),
    **dict.fromkeys(("Vert", "parallel"), "‖"),
    **dict.fromkeys(("vert", "mid"), "|"),
    "lt": "<",
    "gt": ">",
    "div": "/",
    "langle": "(",
    "rangle": ")",
    "lbrack": "[",
    "rbrack": "]",
    "lparen": "(",
    "rparen": ")",
    "lvert": "|<",
    "rvert": "|>",
    "lVert": "‖<",
    "rVert": "‖>",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "prime": "'",
    "sum": "∑",
    "prod": "∏",
    "otimes": "⊗",
    "oslash": "/",
    **dict.fromkeys(("mod", "bmod"), "mod"),
    "choose": "choose",
    "over": "over",
    "sqrt": "√",
    "infty": "∞",
    "partial": "∂",
    "nabla": "∇",
    "indicator": "𝟙",
    "colon": ":",
    **dict.fromkeys(("leftarrow", "gets", "approx"), "="),  # behind what is defined or computed
}

# \cdotb: students forget the blank
_JOINED = frozenset({"cdot", "times", "ast", "div"})  # a letter may follow: \cdotb
_DOTS = frozenset({"cdots", "cdotp"})
_OPENING = frozenset({"left", "bigl", "Bigl", "biggl", "Biggl"})
_CLOSING = frozenset({"right", "bigr", "Bigr", "biggr", "Biggr"})
_SPACE = re.compile(r"[ \n]*")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?")
_RUN = re.compile(r"[^\W\d_][^\W_]*")
_SUBSCRIPT = re.compile(r"_(?:([^\W_]+)|\{[ ]*([^\W_]+)[ ]*\})")
_ONE = re.compile(r"[ ]*(?:\{[ ]*1[ ]*\}|1(?!\d))")
_SKIP = re.compile(r"\\(?:[mh]skip|mkern|kern|hspace)\*?[ ]?\{?-?[0-9.]+[ ]?[a-z]{2}\}?")
_DELIMITER = re.compile(r"[ ]*(?:[(\[{)\]}|.\\/<>]|$)")
_BAR = re.compile(r"[ ]*(\\\||\\[lr]?[vV]ert(?![A-Za-z])|\|)")
_DELIMITERS = re.compile(r"\\[\\$]|\$+|\\[()\[\]]|\\(begin|end)[ ]?\{(\w+)\}")
_CLOSING_DELIMITERS = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
_NESTED = 4  # accents and typefaces around one letter


def command(text: str, start: int) -> tuple[str, str, int] | None:
    r"""What the command at `start` stands for: the kind and text of a token, and its end.

    The kind is word, sign, or blank for what only spaces or sizes; None if it is unknown.

    >>> command(r"\hat{y}_1 x", 0) == ("word", "y\u0302_1", 9)
    True
    """
    if skip := _SKIP.match(text, start):
        return "blank", "", skip.end()
    found = _COMMAND.match(text, start)
    if found is None:
        return None
    name, end = found.group(1), found.end()
    if name == "exponentialE":
        return "word", "e", end
    if name in ("left", "right") and not _DELIMITER.match(text, end):
        return None
    if name in STYLES or name in _ACCENT_COMMANDS or name in _LETTER_COMMANDS:
        if (
            (name in STYLES or name == "vec")
            and (one := _ONE.match(text, end))
            and not name.startswith("text")
        ):
            return "sign", "𝟙", one.end()
        read = _letter(text, start, 0)
        if read is not None:
            return "word", *with_subscripts(text, *read)
        return ("blank", "", end) if name in STYLES else None
    if (bar := _BAR.match(text, end)) and name in _IGNORED:
        side = "<" if name in _OPENING else ">" if name in _CLOSING else ""
        sign = "‖" if bar.group(1)[-1] == "|" and len(bar.group(1)) > 1 else "|"
        if bar.group(1).endswith("Vert"):
            sign = "‖"
        return "sign", sign + side, bar.end()
    if name in ("left", "right") and text[end : end + 1] == ".":
        return "blank", "", end + 1
    if name in _IGNORED:
        return "blank", "", end
    if name in _SIGNS:
        return "sign", _SIGNS[name], end
    if name in SPELLINGS:
        return "word", name, end
    known = name[:-1]
    if known in _JOINED and name not in _DOTS:
        return "sign", _SIGNS[known], end - 1
    return ("word", known, end - 1) if known in _COMMON else None


def check_pairs(text: str) -> None:
    """Refuse a $, \\( or \\[ without its other half, and a matrix that ends as another kind."""
    opened: list[tuple[str, str, int]] = []  # each with what closes it, and its place
    for found in _DELIMITERS.finditer(text):
        word, at = found.group(), found.start()
        side, kind = found.groups()
        closes = opened[-1][1] if opened else ""
        if side == "begin":
            opened.append((word, f"\\end{{{kind}}}", at))
        elif side == "end" and closes[:4] == "\\end":
            if closes[4:] != f"{{{kind}}}":
                raise NotationError(f"{opened[-1][0]} ends in \\end{{{kind}}}", text, at)
            opened.pop()
        elif word == closes:
            opened.pop()
        elif word in _CLOSING_DELIMITERS:
            opened.append((word, _CLOSING_DELIMITERS[word], at))
        elif word in _CLOSING_DELIMITERS.values():
            raise NotationError(f"nothing is open that this {word} closes", text, at)
    for word, closes, at in opened:
        if word in _CLOSING_DELIMITERS:
            raise NotationError(f"there is no {closes} that closes this {word}", text, at)


def with_subscripts(text: str, run: str, place: int) -> tuple[str, int]:
    r"""A run of letters with the simple subscripts that follow it, and where they end.

    A subscript that is itself a formula, as in x_{t-1}, is left to the parser.
    """
    while text[place : place + 1] == "_":
        if found := _SUBSCRIPT.match(text, place):
            run, place = f"{run}_{found.group(1) or found.group(2)}", found.end()
        elif (read := _letter(text, place + 1, 0)) is not None:
            run, place = f"{run}_{read[0]}", read[1]
        else:
            break
    return run, place


def _letter(text: str, place: int, depth: int, grouped: bool = False) -> tuple[str, int] | None:
    """A letter, or in a group a run of them, with its accents and without its typeface."""
    place = _SPACE.match(text, place).end()  # type: ignore[union-attr]  # it always matches
    if depth > _NESTED:
        return None
    if text[place : place + 1] == "{":
        read = _letter(text, place + 1, depth + 1, True)
        if read is None:
            return None
        run, end = with_subscripts(text, *read)
        end = _SPACE.match(text, end).end()  # type: ignore[union-attr]
        return (run, end + 1) if text[end : end + 1] == "}" else None
    if found := _COMMAND.match(text, place):
        name = found.group(1)
        if name in _LETTER_COMMANDS:
            return _LETTER_COMMANDS[name], found.end()
        if name in STYLES:
            return _letter(text, found.end(), depth + 1)
        if name in _ACCENT_COMMANDS:
            read = _letter(text, found.end(), depth + 1)
            return (read[0] + _ACCENT_COMMANDS[name], read[1]) if read else None
        return None
    if run_found := _RUN.match(text, place):
        return (run_found.group(), run_found.end()) if grouped else (text[place], place + 1)
    return None
