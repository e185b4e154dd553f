"""The LaTeX of a block as plain text: for a terminal, and for the comments of a form.

Formulas are written much as the answer language writes them: `W_1^T z`, `1/8`, `(1, 2)` for a
column, `[1 2; 3 4]` for a matrix.
"""

from __future__ import annotations

import re
import textwrap
from functools import cache, lru_cache
from itertools import zip_longest
from unicodedata import category

from pylatexenc.latex2text import LatexNodes2Text

from generator.rendering.latex_tree import (
    DISPLAYS,
    Environment,
    Formula,
    Group,
    Macro,
    Node,
    Sign,
    Text,
    read,
    rows_of,
)

INDENT = 4
_BULLET = "-"
_INSIDE = frozenset({"aligned", "gathered", "split", "array"})  # displays inside a display
_MATRICES = frozenset({"matrix", "bmatrix", "pmatrix", "vmatrix", "smallmatrix", "bsmallmatrix"})
_LISTS = frozenset({"enumerate", "itemize", "description"})
_QUAD = "\u2003"
_WIDE = "   "  # what a quad becomes
_SPACES = {**dict.fromkeys(",:; ", " "), "!": "", "/": "", "quad": _QUAD, "qquad": 2 * _QUAD}
_NAMED = {  # where the answer language has a name, or Unicode has no good sign
    "top": "T", "mathsf": None, "ldots": "...", "dots": "...", "cdots": "...", "vdots": "...",
    "cdot": " · ", "colon": ":", "mid": " | ", "to": " → ", "lvert": "|", "rvert": "|", "|": "‖",
    "ne": "≠", "textasciigrave": "`", "textquotedbl": '"', "textless": "<", "textgreater": ">",
}  # fmt: skip
_SILENCED = """
left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle limits nolimits hline
noindent centering allowbreak par small footnotesize hfill smallskip medskip bigskip nobreak
nonumber notag
"""
_TRANSPARENT = """
emph text textbf textit textrm textsf texttt textsc mathrm mathbf mathsf mathit mathtt bm
boldsymbol operatorname mbox ensuremath underbrace overbrace boxed
"""
_SILENT = frozenset(_SILENCED.split())
_CONTENTS = frozenset(_TRANSPARENT.split())
_PREFIXES = frozenset("∂∇∆∑∏∫√¬∞")  # these cling to what follows, or stand alone
_FRACTIONS = frozenset({"frac", "dfrac", "tfrac"})
_NAMES_FUNCTION = re.compile(r"(?:(?<![A-Za-z])[A-Za-z]{2,}|σ) *$")  # ln, exp, tanh
_GAP = re.compile(r"\n\s*\n")
_BLANKS = re.compile(r"\s+")
_SPACES_IN_A_ROW = re.compile(r"  +")
_NEEDLESS = re.compile(r" (?=[,;.)\]])|(?<=[(\[_^]) ")
_QUADS = re.compile(rf" *{_QUAD}[{_QUAD} ]*")
_SIMPLE = re.compile(r"[\w.′ᵀ∂]*|\([^()]*\)")


@lru_cache(maxsize=4096)  # most prompts of a class are the same for many students
def plain(tex: str, width: int = 88) -> str:
    """The text of a block, its paragraphs wrapped to `width` columns.

    Displays and tables keep their lines. AuthoringError where the LaTeX does not even parse.
    """
    return "\n".join(_lines(read(tex, formulas=False), width)).strip("\n")


@lru_cache(maxsize=4096)
def _shown(source: str) -> str:
    """What the library has for a macro or a sign."""
    return str(_library().latex_to_text(source))


@cache
def _library() -> LatexNodes2Text:
    return LatexNodes2Text(math_mode="text", keep_comments=False)


# --- paragraphs, displays, lists ----------------------------------------------------------------


def _lines(nodes: list[Node], width: int) -> list[str]:
    """Nodes as lines; paragraphs are separated by an empty line."""
    lines: list[str] = []
    running = ""

    def finish(gap: bool) -> None:
        nonlocal running
        if running.strip():
            lines.extend(_wrapped(" ".join(running.split()), width))
        running = ""
        if gap and lines and lines[-1]:
            lines.append("")

    for node in nodes:
        block = _block(node, width)
        if block is not None:
            finish(gap=False)
            lines.extend(block)
        elif isinstance(node, (Text, Sign)) and "\n\n" in _gaps(node):
            first, *rest = _GAP.split(_gaps(node))
            running += _spaced(first)
            for paragraph in rest:
                finish(gap=True)
                running = _spaced(paragraph)
        elif isinstance(node, Macro) and node.name in ("\\", "par", "newline"):
            finish(gap=False)
        else:
            running = _joined(running, node, math=False)
    finish(gap=False)
    return lines


@lru_cache(maxsize=4096)  # and so are most paragraphs, where a formula between them is not
def _wrapped(words: str, width: int) -> tuple[str, ...]:
    if len(words) <= width:
        return (words,)
    return tuple(textwrap.wrap(words, width, break_on_hyphens=False))


def _block(node: Node, width: int) -> list[str] | None:
    """A node that has lines of its own; None for one inside a paragraph."""
    if isinstance(node, Formula) and node.display:
        return list(_display(node.source, width))
    if not isinstance(node, Environment):
        return None
    name = node.name.rstrip("*")
    if name in DISPLAYS:
        return list(_display(node.source, width))
    if name in _LISTS:
        return _list(node, width)
    if name in ("tabular", "tabular*"):
        return _table(node.nodes)
    return _lines(node.nodes, width)


@lru_cache(maxsize=4096)  # most formulas are the same for many students, too
def _display(source: str, width: int) -> list[str]:
    rows = [" ".join(_inline(c, math=True).strip() for c in row) for row in rows_of(read(source))]
    return [line for row in rows if row.strip() for line in _formula_lines(_tidy(row), width)]


def _formula_lines(formula: str, width: int) -> list[str]:
    """A formula on indented lines, broken at wide gaps and equals signs where it is too long."""
    lines = [""]
    for clause in formula.split(_WIDE):
        for place, step in enumerate(re.split(r"(?<=\S) (?=[=≈] )", clause)):
            gap, indent = (" ", 2 * INDENT) if place else (_WIDE, INDENT)
            if not lines[-1]:
                lines[-1] = " " * indent + step
            elif len(lines[-1] + gap + (step if place else clause)) <= width:
                lines[-1] += gap + step
            else:
                lines.append(" " * indent + step)
    return lines


def _list(node: Environment, width: int) -> list[str]:
    items: list[tuple[str, list[Node]]] = []
    numbered = node.name == "enumerate"
    for each in node.nodes:
        if isinstance(each, Macro) and each.name == "item":
            given = each.arguments[0] if each.arguments else None
            label = f"{len(items) + 1}." if numbered else _BULLET
            items.append((label if given is None else _inline([given], math=False).strip("[]"), []))
        elif items:
            items[-1][1].append(each)
    lines: list[str] = []
    for label, content in items:
        hang = " " * (len(label) + 3)
        body = _lines(content, max(20, width - len(hang))) or [""]
        lines.append(f"  {label} {body[0].strip()}".rstrip())
        lines += [hang + line if line else "" for line in body[1:]]
        while not lines[-1]:
            lines.pop()
    return lines


def _table(nodes: list[Node]) -> list[str]:
    rows = [[_tidy(_inline(cell, math=False)) for cell in row] for row in rows_of(nodes)]
    rows = [row for row in rows if any(row)]
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    padded = (map(str.ljust, row, widths) for row in rows)
    return [f"{' ' * INDENT}{'  '.join(row)}".rstrip() for row in padded]


# --- inside a line ------------------------------------------------------------------------------


def _inline(nodes: list[Node], math: bool) -> str:
    text = ""
    for node in nodes:
        text = _joined(text, node, math)
    return text


def _joined(text: str, node: Node, math: bool) -> str:
    """`text` followed by a node."""
    if isinstance(node, Formula):
        return text + _formula(node.source)
    if isinstance(node, Text):
        return text + (_spaced(node.chars).replace("'", "′") if math else _spaced(node.chars))
    if isinstance(node, Sign):
        return text + _special(node, math)
    if isinstance(node, Group):
        content = _inline(node.nodes, math)
        if math and text.endswith("_") and not content.isalnum():
            return f"{text}({content})"
        if math and text.endswith("^") and not (content.isdecimal() or len(content) == 1):
            return f"{text}({content})"  # e^2x would be e^2 x
        return text + content
    if isinstance(node, Environment):
        return text + _environment(node, math)
    if node.name in _FRACTIONS and _NAMES_FUNCTION.search(text):
        return f"{text}({_macro(node, math)})"  # ln 3/2 would be half of ln 3
    return text + _macro(node, math)


@lru_cache(maxsize=4096)
def _formula(source: str) -> str:
    """Mathematics in a line."""
    return _tidy(_inline(read(source), math=True))


def _special(node: Sign, math: bool) -> str:
    if node.chars == "&":
        return " "
    if math and node.chars.startswith("'"):
        return "′" * len(node.chars)
    if node.chars.isspace():
        return " "
    return _shown(node.chars)


def _environment(node: Environment, math: bool) -> str:
    name = node.name.rstrip("*")
    nodes = read(node.source) if name in DISPLAYS else node.nodes
    rows = [[_tidy(_inline(cell, math=True)) for cell in row] for row in rows_of(nodes)]
    rows = [row for row in rows if any(row)]
    if name in _MATRICES:
        if all(len(row) == 1 for row in rows):
            return "(" + ", ".join(row[0] for row in rows) + ")"
        gap = ", " if any(" " in cell for row in rows for cell in row) else " "
        return "[" + "; ".join(gap.join(row) for row in rows) + "]"
    if name == "cases":
        return "{ " + "; ".join(map(_case, rows)) + " }"
    if name in _INSIDE:
        return "; ".join(" ".join(row) for row in rows)
    return _inline(nodes, math)


def _case(row: list[str]) -> str:
    """A value and when it holds, with the word "if" between them where none stands there."""
    value, *when = (cell.rstrip(",;.") for cell in row)
    if (
        when
        and when[0][:1].isalpha()
        and re.match(r"(if|for|when|where|else|otherwise)\b", when[0])
    ):
        return " ".join([value, *when])
    return " if ".join([value, *filter(None, [" ".join(when)])])


def _macro(node: Macro, math: bool) -> str:
    name = node.name
    arguments = node.arguments
    after = " " if node.space and not arguments and math else ""
    if name in _FRACTIONS:
        top, bottom = (_inline([each], math).strip() for each in arguments)
        return f"{_factor(top)}/{_factor(bottom)}"
    if name in _CONTENTS:
        return _inline(arguments[-1:], math and not name.startswith(("text", "mbox", "emph")))
    if name in _SILENT:
        return ""
    if name in _SPACES:
        return _SPACES[name]
    known = _NAMED.get(name)
    shown = known if known is not None else _shown(node.source).strip()
    if not shown and not arguments:
        shown, after = name, after or " "  # unknown to the library: better its name than nothing
    if math and len(shown) == 1 and category(shown) == "Sm" and shown not in _PREFIXES:
        return f" {shown} "  # a relation or an operator between two terms
    return shown + ("" if shown in _PREFIXES else after)


def _factor(text: str) -> str:
    """`text`, in parentheses unless it holds together beside a fraction stroke."""
    return text if _SIMPLE.fullmatch(text) else f"({text})"


def _gaps(node: Text | Sign) -> str:
    return _GAP.sub("\n\n", node.chars)


@lru_cache(maxsize=4096)
def _spaced(text: str) -> str:
    return _BLANKS.sub(" ", text)


@lru_cache(maxsize=4096)
def _tidy(text: str) -> str:
    """One line: no blanks at its ends, before a comma or inside parentheses."""
    text = _NEEDLESS.sub("", _SPACES_IN_A_ROW.sub(" ", text.strip()))
    return _QUADS.sub(_WIDE, text) if _QUAD in text else text
