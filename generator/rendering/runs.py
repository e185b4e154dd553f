"""A short formula as runs of characters on one line, for writers that have text but no TeX.

Where spaces stand, scripts and heights follow TeX (The TeXbook, chapter 18 and appendix G), widths
are those of Computer Modern. Fractions are written with a slash. What has more than one line, as a
matrix, is written as in a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from generator.rendering.latex_tree import Environment, Formula, Group, Macro, Node, Text, read
from generator.rendering.plain import plain

Style = Literal["italic", "upright", "bold"]
_Kind = Literal["ord", "op", "bin", "rel", "open", "close", "punct"]


@dataclass(frozen=True)
class Run:
    """Characters of one style; size and rise above the line in em of the formula."""

    text: str
    style: Style
    size: float = 1.0
    rise: float = 0.0


@dataclass(frozen=True)
class Row:
    """Runs one after the other; their width, height above and depth below the line, in em."""

    runs: tuple[Run, ...]
    width: float
    up: float
    down: float


_SCRIPT = 0.7
_SUP, _SUB, _SUB_BELOW_SUP = 0.363, 0.15, 0.247  # TeX's sup2, sub1, sub2
_BLANK = "\u00a0"  # for all of TeX's spaces: what every font has, and no program drops

_RELATIONS = "=<>:≤≥≠≈→←↦≡∼∈⇒∝"
_BINARY = "+−∗·×÷±⊙⊗⊕∘"
_KINDS: dict[str, _Kind] = {
    **dict.fromkeys(_RELATIONS, "rel"),
    **dict.fromkeys(_BINARY, "bin"),
    **dict.fromkeys("([{⟨", "open"),
    **dict.fromkeys(")]}⟩", "close"),
    **dict.fromkeys(",;", "punct"),
}
_SPACES = dict.fromkeys((",", ":", ";", " ", "quad", "qquad"), _BLANK)
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307"}
_STYLES: dict[str, Style] = {
    **dict.fromkeys(("mathrm", "text", "textrm", "mathsf", "operatorname", "mbox"), "upright"),
    **dict.fromkeys(("mathbf", "textbf", "boldsymbol", "bm"), "bold"),
    **dict.fromkeys(("mathit", "textit", "emph"), "italic"),
}
_WORDED = ("text", "textrm", "textbf", "textit", "emph", "mbox")  # where blanks count
_NAMES = "sin cos tan tanh exp log ln max min arg det sinh cosh lim dim"
_FUNCTIONS = frozenset(_NAMES.split())
_FRACTIONS = ("frac", "dfrac", "tfrac")
_PRINT_NOTHING = "left right big Big bigl bigr displaystyle textstyle limits small"
_IGNORED = frozenset(_PRINT_NOTHING.split())
_SIGNS = {"-": "−", "*": "∗", "'": "′", "~": " "}
_NAMED = {"cdot": "·", "top": "⊤", "ldots": "…", "dots": "…", "cdots": "⋯", "ell": "ℓ", "mid": "|",
          "{": "{", "}": "}", "_": "_", "%": "%", "&": "&"}  # fmt: skip

_WIDTHS: dict[str, float] = {  # of upright letters and signs
    **dict.fromkeys("ijl,.:;!'′·|", 0.28),
    **dict.fromkeys("[]ft()r", 0.39),
    **dict.fromkeys("cesvxyzℓ", 0.46),
    **dict.fromkeys("mwWM…", 0.9),
    **dict.fromkeys("+−=<>×÷±≤≥≠≈∼⊤⊙⊗⊕∇ABCDGHKNOQRTUVXY", 0.76),
    **dict.fromkeys("EFLPZJΓΣ", 0.66),
    **dict.fromkeys("→←↦∞⇒⋯", 1.0),
    **dict.fromkeys(" \u00a0", 0.28),
}
_ORDINARY = 0.52
_LOW, _DEEP = "acemnorsuvwxzαγεηικμνπρστυφχω", "gjpqyβγζημξρφχψ"


@lru_cache(maxsize=4096)
def runs(tex: str) -> Row:
    """The formula `tex`, which has no dollar signs. AuthoringError where it cannot be read."""
    nodes = read(tex)
    if _fits_a_line(nodes):
        return _row(nodes, "italic", in_script=False)
    words = plain(f"${tex}$", 1000)
    return _joined([_characters(words, "upright", "ord")], in_script=False)


def _fits_a_line(nodes: list[Node]) -> bool:
    """Whether it holds only what is known here."""
    for node in nodes:
        if isinstance(node, Environment):
            return False
        if isinstance(node, Group | Formula) and not _fits_a_line(node.nodes):
            return False
        if isinstance(node, Macro) and node.arguments:
            known = node.name in _FRACTIONS or node.name in _STYLES or node.name in _ACCENTS
            if not known or not _fits_a_line(node.arguments):
                return False
    return True


@dataclass(frozen=True)
class _Atom:
    """What stands together, and how it keeps its distance."""

    runs: tuple[Run, ...]
    kind: _Kind
    width: float
    up: float
    down: float


def _row(nodes: list[Node], style: Style, in_script: bool) -> Row:
    return _joined(_atoms(nodes, style, worded=False), in_script)


def _atoms(nodes: list[Node], style: Style, worded: bool) -> list[_Atom]:
    """The atoms of a formula; of words, where blanks count and letters mean themselves."""
    if worded:
        text = "".join(_words(nodes))
        return [_characters(text, style, "ord")] if text else []
    found: list[_Atom] = []
    base: list[Row] = [Row((), 0.0, 0.0, 0.0)] * 2  # subscript and superscript of the last atom
    unscripted: _Atom | None = None
    script = ""
    for unit in _units(nodes):
        if isinstance(unit, Text) and unit.chars in ("_", "^"):
            if not script and unscripted is None:
                unscripted = found.pop() if found else _Atom((), "ord", 0.0, 0.0, 0.0)
                found.append(unscripted)
                base = [Row((), 0.0, 0.0, 0.0)] * 2
            script = unit.chars
        elif script and unscripted is not None:
            inside: list[Node] = unit.nodes if isinstance(unit, Group) else [unit]
            base["_^".index(script)] = _row(inside, style, in_script=True)
            found[-1] = _scripted(unscripted, *base)
            script = ""
        else:
            unscripted = None
            found += _of(unit, style)
    return found


def _units(nodes: list[Node]) -> Iterator[Node]:
    """Nodes, with texts character by character."""
    for node in nodes:
        if isinstance(node, Text):
            yield from (Text(each) for each in node.chars if not each.isspace())
        else:
            yield node


def _words(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Text):
            yield " ".join(node.chars.split("\n"))
        elif isinstance(node, Group | Formula):
            yield from _words(node.nodes)
        elif isinstance(node, Macro):
            yield from _words(node.arguments) if node.arguments else _symbol(node)
        else:
            yield _SIGNS.get(node.chars, node.chars) if not isinstance(node, Environment) else ""


def _of(unit: Node, style: Style) -> list[_Atom]:
    """The atoms of a unit: one as a rule, none for what prints nothing."""
    if isinstance(unit, Macro):
        return _macro(unit, style)
    if isinstance(unit, Group | Formula):
        inside = _row(unit.nodes, style, in_script=False)
        return [_Atom(inside.runs, "ord", inside.width, inside.up, inside.down)]
    if isinstance(unit, Environment):
        return []
    return [_sign(_SIGNS.get(unit.chars, unit.chars), style)]


def _macro(node: Macro, style: Style) -> list[_Atom]:
    name = node.name
    if name in _IGNORED or name == "!":
        return []
    if name in _SPACES:
        return [_characters(_SPACES[name], "upright", "ord")]
    if name in _FUNCTIONS:
        return [_characters(name, "upright", "op")]
    if name in _FRACTIONS:
        top, bottom = node.arguments
        return [*_factor(top, style), _sign("/", style), *_factor(bottom, style, below=True)]
    if name in _STYLES:
        inside = _atoms(node.arguments[-1:], _STYLES[name], worded=name in _WORDED)
        if name == "operatorname":
            inside = [_characters("".join(_words(node.arguments)), "upright", "op")]
        return inside
    if name in _ACCENTS:
        inside = _atoms(node.arguments, style, worded=False)
        return [_accented(inside[0], _ACCENTS[name]), *inside[1:]] if inside else []
    symbol = _symbol(node)
    return [_sign(symbol, style)] if len(symbol) == 1 else [_characters(symbol, "upright", "ord")]


def _symbol(node: Macro) -> str:
    return _NAMED.get(node.name) or plain(f"${node.source}$").strip() or node.name


def _factor(node: Node, style: Style, below: bool = False) -> list[_Atom]:
    """In parentheses where it would not hold together beside a stroke: sums, products below it."""
    atoms = _atoms(node.nodes if isinstance(node, Group) else [node], style, worded=False)
    text = "".join(run.text for atom in atoms for run in atom.runs)
    product = below and len(atoms) > 1 and not text.isdecimal() and not text.startswith("∂")
    if product or any(kind in ("bin", "rel") for kind in _settled([a.kind for a in atoms])):
        return [_sign("(", style), *atoms, _sign(")", style)]
    return atoms


def _accented(atom: _Atom, accent: str) -> _Atom:
    """With an accent on its first sign."""
    if not atom.runs:
        return atom
    first, *rest = atom.runs
    runs = (replace(first, text=first.text[0] + accent + first.text[1:]), *rest)
    return replace(atom, runs=runs, up=atom.up + 0.26)


def _sign(sign: str, style: Style) -> _Atom:
    slanted = sign.isalpha() and (sign.isascii() or sign.islower()) and sign != "ℓ"
    return _characters(
        sign, style if slanted or style == "bold" else "upright", _KINDS.get(sign, "ord")
    )


def _characters(text: str, style: Style, kind: _Kind) -> _Atom:
    sizes = [_size(each) for each in text]
    width = sum(_WIDTHS.get(each, _ORDINARY) for each in text) * (1.1 if style == "bold" else 1)
    up, down = max(up for up, _ in sizes), max(down for _, down in sizes)
    return _Atom((Run(text, style),), kind, width, up, down)


def _size(sign: str) -> tuple[float, float]:
    """Height above and depth below the line."""
    if sign in "()[]{}|/‖":
        return 0.75, 0.25
    if sign in ",;.":
        return 0.106, 0.0 if sign == "." else 0.194
    if sign in "+−×÷±⊙⊗⊕=<>≤≥":
        return 0.583, 0.083
    if sign.isdigit():
        return 0.644, 0.0
    return 0.431 if sign in _LOW or sign in "gpqy" else 0.69, 0.194 if sign in _DEEP else 0.0


def _scripted(base: _Atom, below: Row, above: Row) -> _Atom:
    """An atom with scripts, one after the other: to go back, programs differ in what they do."""
    sub = _SUB_BELOW_SUP if above.runs else _SUB
    runs, width, up, down = [*base.runs], base.width, base.up, base.down
    for row, rise in ((below, -sub), (above, _SUP)):
        if not row.runs:
            continue
        runs += [
            replace(run, size=run.size * _SCRIPT, rise=rise + run.rise * _SCRIPT)
            for run in row.runs
        ]
        width += _SCRIPT * row.width
        up, down = max(up, rise + _SCRIPT * row.up), max(down, _SCRIPT * row.down - rise)
    return _Atom(tuple(runs), base.kind, width, up, down)


def _joined(atoms: list[_Atom], in_script: bool) -> Row:
    """Atoms at their distances; runs that look the same and touch become one."""
    kinds = _settled([atom.kind for atom in atoms])
    found: list[Run] = []
    width = up = down = 0.0
    for place, atom in enumerate(atoms):
        blank = _distance(kinds[place - 1], kinds[place], in_script) if place else ""
        width += (_WIDTHS[blank] if blank else 0.0) + atom.width
        up, down = max(up, atom.up), max(down, atom.down)
        for run in atom.runs:
            run, blank = replace(run, text=blank + run.text), ""
            if found and _look(run) == _look(found[-1]):
                found[-1] = replace(found[-1], text=found[-1].text + run.text)
            else:
                found.append(run)
    return Row(tuple(found), width, up, down)


def _look(run: Run) -> tuple[Style, float, float]:
    return run.style, run.size, run.rise


def _settled(kinds: list[_Kind]) -> list[_Kind]:
    """A binary operator with nothing to operate on is an ordinary sign: -1."""
    settled: list[_Kind] = []
    for place, kind in enumerate(kinds):
        before = settled[-1] if settled else "open"
        after = kinds[place + 1] if place + 1 < len(kinds) else "close"
        alone = before in ("bin", "op", "rel", "open", "punct") or after in (
            "rel", "close", "punct",
        )  # fmt: skip
        settled.append("ord" if kind == "bin" and alone else kind)
    return settled


def _distance(before: _Kind, after: _Kind, in_script: bool) -> str:
    """The blank between two kinds of atoms: The TeXbook, page 170, without inner atoms."""
    pair = {before, after}
    if "op" in pair and not pair & {"open", "close", "punct", "bin", "rel"}:
        return _BLANK
    if in_script:
        return ""
    if before == "punct":
        return _BLANK
    if "bin" in pair or ("rel" in pair and not (before in ("open", "rel") and after == "rel")):
        return "" if after in ("close", "punct") else _BLANK
    return ""
