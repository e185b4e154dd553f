r"""Displays for narrow columns: each brings other ways to set it, of which TeX takes the first that
is not too wide (`\lines` and `\linked` of `templates/sheets/fast.tex.j2`).

Several formulas in a row get fewer in each row; a chain of equations is cut before its relations,
so that it can go on in the next line.
"""

from __future__ import annotations

import re
from functools import lru_cache

from generator.model.values import Tex

_DISPLAY = re.compile(  # a backslash first, which is found fast
    r"\\(?:begin\{align\*\}(?P<aligned>.*?)\\end\{align\*\}"
    r"|(?<!\\\\)\[(?P<single>.*?)(?<!\\)\\\])",
    re.DOTALL,
)
# Where each branch begins with a character of its own, what begins with none is passed over fast.
_MARK = re.compile(r"\\(?:begin|end)\b|\\\\(?:\[[^]]*\])?|\\[{}&]|\{[^{}\\]*\}|\{|\}|&")
_DEEPER, _HIGHER = ("{", r"\begin"), ("}", r"\end")
_CLOSED = r"([^][{}()\\]*[})])?"  # a group if there is nothing in it that may open or close
_LINK = re.compile(
    r"\\(begin\{[bp]?matrix\}(?:[^][{}()\\]|\\\\)*\\end\{[bp]?matrix\})"
    rf"|\{{{_CLOSED}|\({_CLOSED}"
    r"|\\(?:left|right)\s*(?:\\[{}|]|\\[a-zA-Z]+|.)|\\\\(?:\[[^]]*\])?"
    r"|\\(?:begin|end|q?quad|approx|[lg]eq?)(?![a-zA-Z])|\\[^a-zA-Z]|\[|\]|\}|\)|&|=|<|>"
)
_RELATIONS = frozenset(["=", "<", ">", r"\approx", r"\le", r"\ge", r"\leq", r"\geq"])
_OPENING = frozenset(["{", "(", "[", r"\begin", r"\{"])
_CLOSING = frozenset(["}", ")", "]", r"\end", r"\}"])
_SPACES = frozenset([r"\quad", r"\qquad"])
_SHORT = 60  # characters of LaTeX: what has no more of them fits into any column


def narrowed(text: Tex) -> Tex:
    """The text, its alignments (`align*`) as `\\lines`, its chains of equations as `\\linked`."""
    return Tex(_DISPLAY.sub(_narrow, text))


def _narrow(found: re.Match[str]) -> str:
    if found["single"] is None:
        return _lines(found["aligned"].strip())
    return _linked(found["single"].strip()) or found[0]


@lru_cache(maxsize=1024)  # the definitions of an exercise are the same on many sheets
def _lines(body: str) -> str:
    others = "".join(rf"\orelse{{{each}}}" for each in fewer(body))
    return rf"\lines{{{body}}}{{{others}}}{{{links(body)}}}"


@lru_cache(maxsize=1024)
def _linked(body: str) -> str:
    """Nothing if there is no chain in it."""
    chain = links(body)
    if not chain:
        return ""
    others = "".join(rf"\orelse{{{each}}}" for each in fewer(_abreast(body)))
    return rf"\linked{{{body}}}{{{others}}}{{{chain}}}"


def fewer(body: str) -> list[str]:
    """The alignment with fewer and fewer pairs of columns abreast, down to one.

    A row is cut into lines that are as full as each other. Where they could not be, the pairs flow
    from row to row, unless some go on with what stands above them.
    """
    rows, end = _rows(body)
    most = max(map(len, rows), default=0)
    flowing = [pair for row in rows for pair in row]
    if any(pair.startswith("&") for pair in flowing):
        flowing = []
    found: list[str] = []
    for abreast in range(most - 1, 0, -1):
        level = all(len(row) % -(-len(row) // abreast) == 0 for row in rows)
        lines = [
            line
            for row in (rows if level or not flowing else [flowing])
            for line in _levelled(row, abreast)
        ]
        text = f"{end}\n".join(" & ".join(line) for line in lines)
        if text not in found:
            found.append(text)
    return found


def _levelled(row: list[str], abreast: int) -> list[list[str]]:
    """The pairs in as few lines as can be, none much longer than the others."""
    lines = -(-len(row) // abreast)
    size = -(-len(row) // lines)
    return [row[start : start + size] for start in range(0, len(row), size)]


def _rows(body: str) -> tuple[list[list[str]], str]:
    """The pairs of columns of each row, without empty ones, and how rows are to end."""
    rows: list[list[str]] = [[]]
    end = r"\\[0pt]"
    depth = start = columns = 0

    def cut(stop: int) -> None:
        pair = body[start:stop].strip()
        if pair.strip("& "):
            rows[-1].append(pair)

    for mark in _MARK.finditer(body):
        if mark[0] in _DEEPER:
            depth += 1
        elif mark[0] in _HIGHER:
            depth -= 1
        elif depth:
            continue
        elif mark[0].startswith("\\\\"):
            cut(mark.start())
            start, columns = mark.end(), 0
            end = mark[0] if "[" in mark[0] else end
            rows.append([])
        elif mark[0] == "&":
            columns += 1
            if columns % 2 == 0:
                cut(mark.start())
                start = mark.end()
    cut(len(body))
    return [row for row in rows if row], end


def links(body: str) -> str:
    r"""The formulas of a display, each as `\chain{left-hand side}` and a `\link` for each relation
    with what follows it; nothing if it is short, or none of them has two relations.

    >>> links("y &= " + "x" * 60 + r" = f(z = 1), & u &= v.").replace("x" * 60, "x")
    '\\chain{y}\\link{= x}\\link{= f(z = 1),}\\chain{u}\\link{= v.}'
    """
    if len(body) <= _SHORT:
        return ""
    chains: list[list[str]] = [[]]
    start = columns = 0

    def cut(end: int) -> None:
        piece = body[start:end].strip()
        if piece or not chains[-1]:
            chains[-1].append(piece)

    for mark in _outside(body):
        sign = mark[0]
        if sign in _RELATIONS:
            cut(mark.start())
            start = mark.start()
        elif sign == "&" and columns % 2 == 0:
            columns += 1
            if body[start : mark.start()].strip():
                cut(mark.start())
            start = mark.end()
        elif sign == "&" or sign.startswith("\\\\") or sign in _SPACES:
            cut(mark.start())
            start = mark.end()
            if not any(chains[-1]):  # empty columns
                chains[-1] = []
            columns = 0 if sign.startswith("\\\\") else columns + (sign == "&")
            if len(chains[-1]) > 1:
                chains.append([])
    cut(len(body))
    chains = _continued(chains)
    if any(len(chain) < 2 for chain in chains) or max(map(len, chains), default=0) < 3:
        return ""
    return "".join(
        rf"\chain{{{chain[0]}}}" + "".join(rf"\link{{{each}}}" for each in chain[1:])
        for chain in chains
    )


def _outside(body: str) -> list[re.Match[str]]:
    """The marks outside all brackets; none where brackets do not match."""
    found: list[re.Match[str]] = []
    depth = 0
    for mark in _LINK.finditer(body):
        sign = mark[0]
        if mark.lastindex:  # it is closed
            continue
        if sign.startswith((r"\left", r"\right")) and not sign[1:].isalpha():
            depth += 1 if sign.startswith(r"\left") else -1
        elif sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
        elif depth == 0:
            found.append(mark)
    return [] if depth else found


def _abreast(body: str) -> str:
    r"""The formulas of a display as a row of an alignment, each aligned at its first relation; no
    row where there is one formula, or a piece without a relation.

    >>> _abreast(r"a = b, \qquad c \le d.")
    'a &= b, & c &\\le d.'
    """
    formulas: list[str] = []
    start, relation = 0, -1
    end = len(body)
    for sign, place, behind in [
        *((m[0], m.start(), m.end()) for m in _outside(body)),
        ("", end, end),
    ]:
        if sign in _RELATIONS and relation < 0:
            relation = place
        elif (sign in _SPACES or not sign) and body[start:place].strip():
            if relation < 0:
                return ""
            formulas.append(f"{body[start:relation].strip()} &{body[relation:place].strip()}")
            start, relation = behind, -1
        elif sign in _SPACES:
            start = behind
    return " & ".join(formulas) if len(formulas) > 1 else ""


def _continued(chains: list[list[str]]) -> list[list[str]]:
    """The chains, those without a left-hand side joined to the one before."""
    joined: list[list[str]] = []
    for chain in chains:
        if not any(chain):
            continue
        if joined and not chain[0]:
            joined[-1] += chain[1:]
        else:
            joined.append(chain)
    return joined
