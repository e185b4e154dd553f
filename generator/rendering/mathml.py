r"""The mathematics of exercise templates as MathML.

Templates use more of LaTeX than our printing of formulas does: spaces, words, brackets that need
not match, cases, limits, alignments. What is not known here is a ValueError.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

from generator.notation.formulas.mathml import Reader, table

_TOKEN = re.compile(
    r"\\(?:text(?:bf|it|rm|tt)?|mbox)\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"  # words, with their blanks
    r"|\\[A-Za-z]+\*?|\\.|[0-9]+(?:\.[0-9]+)?|[^\s\\]",
    re.DOTALL,
)
_WORDS = re.compile(r"\\\w+\{(.*)\}", re.DOTALL)
_HEIGHT = re.compile(r"(?<=\\\\)\[[\d.]+ *(?:ex|em|pt|mm)\]")  # of the gap between two rows
_DIGITS = re.compile(r"(\\[dt]?frac)([0-9])([0-9])")  # \tfrac12
_SPACES = {
    ",": ".17", ":": ".22", ";": ".28", " ": ".33", "quad": "1", "qquad": "2",
}  # fmt: skip
_SIGNS = {
    "times": "×", "approx": "≈", "neq": "≠", "pm": "±", "in": "∈", "to": "→", "leftarrow": "←",
    "mid": "|", "colon": ":", "%": "%",
    "nabla": "∇",
}  # fmt: skip
_LETTERS = {
    "partial": "∂", "dots": "…", "ldots": "…", "cdots": "⋯", "vdots": "⋮", "ell": "ℓ",
    "varepsilon": "ε", "varphi": "φ", "vartheta": "θ",
}  # fmt: skip
_FENCES = {"lvert": "|", "rvert": "|", "lVert": "‖", "rVert": "‖", "|": "‖", "{": "{", "}": "}"}
_FUNCTIONS = frozenset(["arctan", "cos", "exp", "ln", "log", "max", "min", "sin", "tanh"])
_NO_BREAK = "\u00a0"
_LARGE = {"sum": "∑", "prod": "∏"}
_SIZES = frozenset(f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in "lrm")
_SILENT = frozenset(["displaystyle", "textstyle", "limits", "nolimits", "!", "notag"])
_AROUND = frozenset(["left", "right", "end"])
_MATRICES = {"pmatrix": ("(", ")"), "cases": ("{", ""), "aligned": ("", "")}
_OPENING = frozenset(["{", r"\begin", r"\left"])
_CLOSING = frozenset(["}", r"\end", r"\right"])


@lru_cache(maxsize=16_384)  # the names of quantities come again and again
def inline(latex: str) -> str:
    r"""A formula in a line of text.

    >>> inline(r"y \ne \ell")
    '<math><mrow><mi>y</mi><mo>≠</mo><mi>ℓ</mi></mrow></math>'
    """
    return f"<math>{_Template(_tokens(latex)).row('')}</math>"


def display(latex: str) -> list[list[str]]:
    r"""A display by its rows; of each row, what stands apart by `\quad` or in columns of its own.

    >>> len(display(r"a &= b, & c &= d")[0])
    2
    """
    return [[_set(tuple(piece)) for piece in row] for row in _rows(_tokens(latex))]


@lru_cache(maxsize=4_096)
def _set(piece: tuple[str, ...]) -> str:
    return f'<math displaystyle="true">{_Template(list(piece)).row("")}</math>'


def _tokens(latex: str) -> list[str]:
    return _TOKEN.findall(_DIGITS.sub(r"\1{\2}{\3}", _HEIGHT.sub("", latex)))


def _rows(tokens: list[str]) -> list[list[list[str]]]:
    """The rows of an alignment, each in pieces; every second & is inside one: a &= b."""
    rows: list[list[list[str]]] = [[[]]]
    depth = columns = 0
    for token in tokens:
        depth += (token in _OPENING) - (token in _CLOSING)
        if depth or token not in ("&", r"\\", r"\quad", r"\qquad"):
            rows[-1][-1].append(token)
            continue
        if token == r"\\":
            rows.append([[]])
            columns = 0
        elif token != "&":
            rows[-1].append([])
        else:
            columns += 1
            if columns % 2 == 0:
                rows[-1].append([])
    found = ([piece for piece in row if piece] for row in rows)
    return [row for row in found if row]


class _Template(Reader):
    """What is left to be read of a formula in a template."""

    def item(self) -> str:
        first = self.next.lstrip("\\")
        item = super().item()
        letters = self.next.strip("\\")
        if first in _FUNCTIONS and letters.isalnum() and letters not in _AROUND:
            item += _space(".17")  # ln 4, but max(0, z)
        return item

    def sum(self) -> str:
        sign = f"<mo>{_LARGE[self.take()[1:]]}</mo>"
        return self.limits(sign)

    def limits(self, sign: str) -> str:
        """A large operator with what stands below and above it."""
        while self.next[1:] in _SILENT:
            self.take()
        below = above = ""
        while self.next in ("_", "^") and self.next:
            if self.take() == "_":
                below = self.argument()
            else:
                above = self.argument()
        if below and above:
            return f"<munderover>{sign}{below}{above}</munderover>"
        if below:
            return f"<munder>{sign}{below}</munder>"
        return f"<mover>{sign}{above}</mover>" if above else sign

    def started(self, token: str) -> str:
        if token in ("(", ")", "[", "]"):
            return _fence(token, grown=False)
        if token in ("|", "/", "."):
            return f'<mo lspace="0" rspace="0" stretchy="false">{token}</mo>'
        if token == "~":
            return _space(".33")
        if words := _WORDS.fullmatch(token):
            texts = words[1].split("$")  # formulas stand inside words, too
            return "".join(
                f"<mrow>{_Template(_tokens(text)).row('')}</mrow>" if place % 2 else _words(text)
                for place, text in enumerate(texts)
            )
        return super().started(token)

    def command(self, name: str) -> str:
        name = name.removesuffix("*")
        if name in _SPACES:
            return _space(_SPACES[name])
        if name in _SILENT:
            return ""
        if name in _SIGNS:
            return f"<mo>{_SIGNS[name]}</mo>"
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in _FENCES:
            return _fence(_FENCES[name], grown=False)
        if name in _SIZES:
            return _fence(self.delimiter(), grown=False, size="1.4em")
        if name in _LARGE:
            return self.limits(f"<mo>{_LARGE[name]}</mo>")
        match name:
            case "lim":
                return self.limits("<mo>lim</mo>")
            case "dfrac" | "tfrac":
                return super().command("frac")
            case "mathsf" | "mathrm" if self.next == "{":
                return f'<mi mathvariant="normal">{html.escape(self.word())}</mi>'
            case "underbrace":
                under = f'<munder>{self.argument()}<mo stretchy="true">⏟</mo></munder>'
                return self.limits(under)
        return super().command(name)

    def grown(self) -> str:
        opening = self.delimiter()
        inside = self.row(r"\right")
        self.take(r"\right")
        return f"<mrow>{_fence(opening)}{inside}{_fence(self.delimiter())}</mrow>"

    def delimiter(self) -> str:
        token = self.take()
        return _FENCES.get(token[1:], "") if token[0] == "\\" else token.replace(".", "")

    def matrix(self) -> str:
        kind, rows = self.word(), self.entries()
        if self.word() != kind:
            raise ValueError(f"the end of {kind} is missing")
        rows = [row for row in rows if any(entry != "<mrow></mrow>" for entry in row)]
        if kind == "bmatrix":
            return table(rows)
        if kind not in _MATRICES:
            raise ValueError(f"{kind} is not known in formulas")
        first, last = _MATRICES[kind]
        inside = "".join(f"<mtr>{''.join(map(_entry, row))}</mtr>" for row in rows)
        aligned = ' columnalign="left" class="cases"' if kind == "cases" else ""
        return f"<mrow>{_fence(first)}<mtable{aligned}>{inside}</mtable>{_fence(last)}</mrow>"


def _entry(inside: str) -> str:
    return f"<mtd>{inside}</mtd>"


def _fence(sign: str, *, grown: bool = True, size: str = "") -> str:
    if not sign:
        return ""
    stretched = f'minsize="{size}"' if size else f'stretchy="{"true" if grown else "false"}"'
    return f"<mo {stretched}>{html.escape(sign)}</mo>"


def _space(ems: str) -> str:
    return f'<mspace width="{ems}em"></mspace>'


def _words(text: str) -> str:
    """Words in a formula, whose blanks at the ends count."""
    kept = " ".join(text.replace("~", _NO_BREAK).split(" "))
    ends = re.sub(r"^\s+|\s+$", _NO_BREAK, kept)
    return f"<mtext>{html.escape(ends)}</mtext>" if ends else ""
