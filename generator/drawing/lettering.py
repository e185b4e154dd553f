"""How much room LaTeX mathematics takes, estimated without TeX.

The estimate knows the widths of Computer Modern's characters to about a tenth of an em and the
constructs that labels are made of: scripts, fractions, roots, accents, matrices and words.
Anything else counts as a symbol of ordinary width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

EM = {False: 0.385, True: 0.351}  # of \normalsize (10.95 pt) and \small (10 pt), in centimetres
_SCRIPT = 0.72  # size of a script beside its base
_ORDINARY = 0.58  # width of a symbol that is in no list

_TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|[{}^_&]|\s+|.", re.DOTALL)


def _macros(names: str) -> frozenset[str]:
    return frozenset(f"\\{name}" for name in names.split())


_WORDED = _macros("operatorname text textit mathrm mbox mathsf")
_ADORNED = _macros("textbf mathbf mathit mathcal bm boldsymbol hat bar tilde vec dot widehat")
_NOTHING = _macros("left right big Big bigl bigr displaystyle textstyle !")
_WORDS = _macros("sin cos tan tanh exp log ln max min arg det sinh cosh lim dim")
_RELATIONS = frozenset("=<>:") | _macros(
    "leq le geq ge neq ne approx to leftarrow rightarrow gets in mapsto equiv sim"
)
_OPERATORS = frozenset("+-*") | _macros("times cdot odot circ pm div otimes oplus top")
_LOW = frozenset("acegmnopqrsuvwxyz.,") | _macros(
    "alpha gamma epsilon varepsilon eta iota kappa mu nu pi rho sigma tau"
)
_DEEP = frozenset("gjpqyQ()[]|,;") | _macros("beta gamma eta mu rho phi varphi psi chi zeta xi")
_SPACES = {r"\,": 0.17, r"\:": 0.22, r"\;": 0.28, r"\ ": 0.33, r"\quad": 1.0, r"\qquad": 2.0}
_WIDTHS = {
    **dict.fromkeys("iljtfrI()[]", 0.4),
    **dict.fromkeys(".,;'|!", 0.28),
    **dict.fromkeys("mw", 0.88),
    **dict.fromkeys("MW", 1.1),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ", 0.74),
    **dict.fromkeys("0123456789", 0.52),
    r"\ell": 0.42,
    r"\nabla": 0.85,
    r"\cdot": 0.28,
    r"\ldots": 1.2,
    r"\cdots": 1.2,
    r"\infty": 1.0,
    r"\sum": 1.1,
    r"\Sigma": 0.75,
    r"\partial": 0.58,
}

Extent = tuple[float, float, float]  # width, height above and depth below the line, in em


@lru_cache(maxsize=4096)
def text_size(tex: str, small: bool = False) -> tuple[float, float]:
    """Width and height in centimetres of the formula `tex`, without any margin."""
    width, up, down = _row(_TOKEN.findall(tex))
    return width * EM[small], (up + down) * EM[small]


@lru_cache(maxsize=4096)
def spoken(tex: str) -> str:
    r"""A short formula for reading aloud: `\frac{1}{2} W_{1}` as `1/2 W_1`."""
    said = re.sub(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1/\2", tex)
    said = re.sub(r"\\(operatorname|text|mathrm|boldsymbol|bm|mathbf)\b", "", said)
    said = said.replace(r"\leftarrow", "<-").replace(r"\to", "->")
    said = re.sub(r"\\[,;: !]|~", " ", said)
    said = re.sub(r"\\([a-zA-Z]+)", r"\1", said)
    return " ".join(re.sub(r"[{}\\]", "", said).split())


def _row(tokens: list[str], word: bool = False) -> Extent:
    """Tokens one after the other; `word` counts the blanks between them."""
    width, up, down = 0.0, 0.44, 0.0
    for w, u, d in _atoms(tokens, word):
        width, up, down = width + w, max(up, u), max(down, d)
    return width, up, down


def _atoms(tokens: list[str], word: bool) -> Iterator[Extent]:
    place, scripts = 0, 0.0  # scripts: what the pair ^ _ at one base has taken already
    while place < len(tokens):
        token = tokens[place]
        place += 1
        if token in ("^", "_"):
            group, place = _group(tokens, place)
            w, u, d = (_SCRIPT * each for each in _row(group))
            yield (
                max(w + 0.05 - scripts, 0.0),
                *((0.4 + u, 0.0) if token == "^" else (0.44, d + 0.15)),
            )
            scripts = max(scripts, w + 0.05)
            continue
        if not token.isspace():
            scripts = 0.0
        if token == "{":
            group, place = _group(tokens, place - 1)
            yield _row(group, word)
        elif token in (r"\frac", r"\dfrac", r"\tfrac"):
            above, place = _group(tokens, place)
            below, place = _group(tokens, place)
            (w1, u1, d1), (w2, u2, d2) = _row(above), _row(below)
            yield (
                _SCRIPT * max(w1, w2) + 0.25,
                0.45 + _SCRIPT * (u1 + d1),
                0.2 + _SCRIPT * (u2 + d2),
            )
        elif token == r"\sqrt":
            group, place = _group(tokens, place)
            w, u, d = _row(group)
            yield w + 0.85, u + 0.2, d + 0.05
        elif token == r"\begin":
            yield (matrix := _matrix(tokens, place))[0]
            place = matrix[1]
        elif token in _WORDED | _ADORNED:
            group, place = _group(tokens, place)
            w, u, d = _row(group, word=True)
            yield (w, u, d) if token in _WORDED else (1.1 * w, u + 0.1, d)  # bold, or an accent
        else:
            yield _symbol(token, first=place == 1, word=word)


def _symbol(token: str, first: bool, word: bool) -> Extent:
    if token.isspace():
        return (0.33 if word else 0.0), 0.0, 0.0
    if token in _SPACES:
        return _SPACES[token], 0.0, 0.0
    if token in _NOTHING or token in "}&":
        return 0.0, 0.0, 0.0
    if token in _WORDS:
        return 0.52 * (len(token) - 1) + 0.15, 0.7, 0.0
    wide = _WIDTHS.get(token, 0.78 if token in _RELATIONS | _OPERATORS else _ORDINARY)
    if token in _RELATIONS and not word:
        wide += 0.56
    elif token in _OPERATORS and not first and not word:
        wide += 0.44
    tall = 0.45 if token in _LOW else 0.75 if token in "()[]|" else 0.69
    return wide, tall, 0.25 if token in _DEEP else 0.0


def _group(tokens: list[str], place: int) -> tuple[list[str], int]:
    """The tokens of the group or the one token that begins at `place`, and the place after it."""
    while place < len(tokens) and tokens[place].isspace():
        place += 1
    if place >= len(tokens):
        return [], place
    if tokens[place] != "{":
        return [tokens[place]], place + 1
    depth, start = 0, place + 1
    while place < len(tokens):
        depth += {"{": 1, "}": -1}.get(tokens[place], 0)
        place += 1
        if depth == 0:
            return tokens[start : place - 1], place
    return tokens[start:], place


def _matrix(tokens: list[str], place: int) -> tuple[Extent, int]:
    """An environment of rows and columns whose `\\begin` stands before `place`."""
    _, place = _group(tokens, place)
    end = next((i for i in range(place, len(tokens)) if tokens[i] == r"\end"), len(tokens))
    rows: list[list[list[str]]] = [[[]]]
    for token in tokens[place:end]:
        if token == r"\\":
            rows.append([[]])
        elif token == "&":
            rows[-1].append([])
        else:
            rows[-1][-1].append(token)
    cells = [[_row(cell) for cell in row] for row in rows if row != [[]]]
    columns = max((len(row) for row in cells), default=0)
    widths = [max(row[i][0] for row in cells if i < len(row)) for i in range(columns)]
    tall = sum(max(1.25, *(u + d + 0.3 for _, u, d in row)) for row in cells)
    _, after = _group(tokens, end + 1)
    return (sum(widths) + columns + 0.2, tall / 2 + 0.25, tall / 2 - 0.25), after
