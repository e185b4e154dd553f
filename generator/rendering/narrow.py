"""Displays for narrow columns: each brings a second way to set it, which TeX takes where the first
is too wide (`\\lines` and `\\linked` of `templates/sheets/fast.tex.j2`).

An alignment of several formulas in a row gets a row for each; a chain of equations is cut before
its relations, so that it can go on in the next line.
"""

from __future__ import annotations

import re

from generator.model.values import Tex

_DISPLAY = re.compile(
    r"\\begin\{align\*\}(?P<aligned>.*?)\\end\{align\*\}"
    r"|(?<!\\)\\\[(?P<single>.*?)(?<!\\)\\\]",
    re.DOTALL,
)
_MARK = re.compile(r"\\(?:begin|end)\b|\\\\(?:\[[^]]*\])?|\\[{}&]|[{}&]")
_DEEPER, _HIGHER = ("{", r"\begin"), ("}", r"\end")
_LINK = re.compile(
    r"\\(?:left|right)\s*(?:\\[{}|]|\\[a-zA-Z]+|.)|\\\\(?:\[[^]]*\])?|\\[a-zA-Z]+|\\.|[][{}()&=<>]"
)
_RELATIONS = frozenset(["=", "<", ">", r"\approx", r"\le", r"\ge", r"\leq", r"\geq"])
_OPENING = frozenset(["{", "(", "[", r"\begin", r"\{"])
_CLOSING = frozenset(["}", ")", "]", r"\end", r"\}"])
_SHORT = 60  # characters of LaTeX: what has no more of them fits into any column


def narrowed(text: Tex) -> Tex:
    """The text, its alignments (`align*`) between `\\lines` and `\\closelines`, its chains of
    equations between `\\linked` and `\\closelinked`, which take the other ways to set them."""
    return Tex(_DISPLAY.sub(_narrow, text))


def _narrow(found: re.Match[str]) -> str:
    if found["single"] is None:
        body = found["aligned"].strip()
        return rf"\lines {body}\closelines{{{pairs(body)}}}{{{links(body)}}}"
    body = found["single"].strip()
    chain = links(body)
    return rf"\linked {body}\closelinked{{{chain}}}" if chain else found[0]


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


def links(body: str) -> str:
    r"""The formulas of a display, each as `\chain{left-hand side}` and a `\link` for each relation
    with what follows it; nothing if it is short, or none of them has two relations.

    >>> links("y &= " + "x" * 60 + r" = f(z = 1), & u &= v.").replace("x" * 60, "x")
    '\\chain{y}\\link{= x}\\link{= f(z = 1),}\\chain{u}\\link{= v.}'
    """
    if len(body) <= _SHORT:
        return ""
    chains: list[list[str]] = [[]]
    depth = start = columns = 0

    def cut(end: int) -> None:
        piece = body[start:end].strip()
        if piece or not chains[-1]:
            chains[-1].append(piece)

    for mark in _LINK.finditer(body):
        sign = mark[0]
        if sign.startswith((r"\left", r"\right")) and not sign[1:].isalpha():
            depth += 1 if sign.startswith(r"\left") else -1
        elif sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
        elif depth:
            continue
        elif sign in _RELATIONS:
            cut(mark.start())
            start = mark.start()
        elif sign == "&" and columns % 2 == 0:
            columns += 1
            if body[start : mark.start()].strip():
                cut(mark.start())
            start = mark.end()
        elif sign == "&" or sign.startswith("\\\\") or sign in (r"\quad", r"\qquad"):
            cut(mark.start())
            start = mark.end()
            columns = 0 if sign.startswith("\\\\") else columns + (sign == "&")
            if len(chains[-1]) > 1:
                chains.append([])
    cut(len(body))
    chains = _continued(chains)
    if depth or any(len(chain) < 2 for chain in chains) or max(map(len, chains)) < 3:
        return ""
    return "".join(
        rf"\chain{{{chain[0]}}}" + "".join(rf"\link{{{each}}}" for each in chain[1:])
        for chain in chains
    )


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
