"""The LaTeX of a block as a tree: text, macros and environments with their arguments, formulas.

It reads what exercise templates may use and looks up in pylatexenc's tables which arguments a macro
takes; that library's own reader is ten times slower. Comments are left out.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from pylatexenc.latexwalker import get_default_latex_context_db

from generator.model.errors import AuthoringError


class Text(NamedTuple):
    """Characters as they stand; an empty line in them ends a paragraph."""

    chars: str


class Sign(NamedTuple):
    """Characters that LaTeX prints as something else, or parts cells with: ~ -- &."""

    chars: str


class Group(NamedTuple):
    """What is in braces, or in the brackets of an optional argument."""

    nodes: list[Node]


class Macro(NamedTuple):
    """A macro without its backslash, its arguments in order, the blanks behind its name, and all
    of it as it was written."""

    name: str
    arguments: list[Node]
    space: str
    source: str


class Environment(NamedTuple):
    """What is between begin and end, as nodes and as it was written; arguments are left out."""

    name: str
    nodes: list[Node]
    source: str


class Formula(NamedTuple):
    """Mathematics in a line or on display, as nodes and as it was written."""

    nodes: list[Node]
    display: bool
    source: str


Node = Text | Sign | Group | Macro | Environment | Formula

_PLAIN = re.compile(r"(?:[^\\{}$%&~`'!?-]+|-(?!-)|'(?!')|`(?!`)|[!?](?!`))+")
_PLAIN_IN_BRACKETS = re.compile(r"[^\\{}\[\]$%&~`'!?-]+")
_SIGN = re.compile(r"&|~|``|''|---?|!`|\?`")
_MACRO = re.compile(r"\\([^\W\d_]+|.)", re.DOTALL)
_BEHIND = re.compile(r"(?:(?!\n\n)\s)*")  # a macro's name, up to a new paragraph
_COMMENT = re.compile(r"%[^\n]*(?:\n(?!\s*?\n)\s*)?")
_ENVIRONMENT = re.compile(r"\s*\{([\w* ._-]+)\}")
_BLANK = re.compile(r"\s*")
_SPECIAL = re.compile(r"\\.|[{}$]", re.DOTALL)
DISPLAYS = frozenset({"equation", "align", "gather", "multline", "alignat", "flalign"})
_CLOSING = {r"\(": r"\)", r"\[": r"\]"}
# What pylatexenc does not know, or not as we write it.
_ARGUMENTS = {
    **dict.fromkeys(("bm", "boldsymbol", "mbox", "boxed", "underbrace", "overbrace"), "{"),
    **dict.fromkeys(("dfrac", "tfrac"), "{{"),
    "operatorname": "*{",
}


def read(tex: str, *, formulas: bool = True) -> list[Node]:
    """The nodes of a text. Without `formulas`, mathematics and displays have their source alone,
    which is a third of the work. AuthoringError where a group, formula or environment does not
    end."""
    return _Reader(tex, formulas).nodes("")


def rows_of(nodes: list[Node]) -> list[list[list[Node]]]:
    r"""The rows of a table or an alignment, parted by `\\`, each in cells, parted by `&`."""
    rows: list[list[list[Node]]] = [[[]]]
    for node in nodes:
        if isinstance(node, Macro) and node.name == "\\":
            rows.append([[]])
        elif isinstance(node, Sign) and node.chars == "&":
            rows[-1].append([])
        else:
            rows[-1][-1].append(node)
    return rows


class _Reader:
    def __init__(self, tex: str, formulas: bool) -> None:
        self.tex = tex
        self.at = 0
        self.formulas = formulas

    def nodes(self, end: str) -> list[Node]:
        r"""The nodes up to `end`, which is read, too: `}`, `]`, `$`, `\]`, `\end{align}`, ..."""
        found: list[Node] = []
        text = ""
        plain_text = _PLAIN_IN_BRACKETS if end == "]" else _PLAIN
        while self.at < len(self.tex):
            if plain := plain_text.match(self.tex, self.at):
                text += plain[0]
                self.at = plain.end()
                continue
            if end and self.tex.startswith(end, self.at):
                self.at += len(end)
                break
            piece = self._piece(end)
            if isinstance(piece, Text):
                text += piece.chars
                continue
            if text:
                found.append(Text(text))
                text = ""
            if piece is not None:
                found.append(piece)
        else:
            if end:
                raise self._error(f"{end} is missing")
        return [*found, Text(text)] if text else found

    def _piece(self, end: str) -> Node | None:
        """What begins here with a character that may mean something; None for a comment."""
        tex, at = self.tex, self.at
        first = tex[at]
        if first == "\\":
            return self._macro()
        if first == "%":
            self._skip(_COMMENT)
            return None
        if first == "$":
            delimiter = "$$" if end != "$" and tex.startswith("$$", at) else "$"
            self.at += len(delimiter)
            nodes, source = self._inside(delimiter)
            return Formula(nodes, delimiter == "$$", source)
        if first == "{" or (first == "[" and end == "]"):
            self.at += 1
            return Group(self.nodes("}" if first == "{" else "]"))
        if first == "}":
            raise self._error("nothing is open that } could close")
        sign = _SIGN.match(tex, at)
        self.at = sign.end() if sign else at + 1
        return Sign(sign[0]) if sign else Text(first)

    def _macro(self) -> Node:
        start = self.at
        found = _MACRO.match(self.tex, start)
        if found is None:
            raise self._error("a backslash with nothing behind it")
        self.at = found.end()
        name = found[1]
        if name in "([":
            nodes, source = self._inside(_CLOSING[found[0]])
            return Formula(nodes, name == "[", source)
        if name in (")", "]", "end"):
            raise self._error(f"nothing is open that {found[0]} could close")
        if name == "begin":
            return self._environment()
        space = self._skip(_BEHIND) if name.isalpha() else ""
        arguments = self._arguments(_arguments_of(name), spaced=name != "\\")
        return Macro(name, arguments, space, self.tex[start : self.at])

    def _environment(self) -> Environment:
        found = _ENVIRONMENT.match(self.tex, self.at)
        if found is None:
            raise self._error(r"\begin without the name of an environment")
        self.at = found.end()
        self._arguments(_arguments_of_environment(found[1]))
        display = found[1].removesuffix("*") in DISPLAYS
        nodes, source = self._inside(rf"\end{{{found[1]}}}", mathematics=display)
        return Environment(found[1], nodes, source)

    def _inside(self, end: str, mathematics: bool = True) -> tuple[list[Node], str]:
        """The nodes up to `end`, and what they were read from."""
        start = self.at
        if mathematics and not self.formulas:
            nodes: list[Node] = []
            self._pass(end)
        else:
            nodes = self.nodes(end)
        return nodes, self.tex[start : self.at - len(end)]

    def _pass(self, end: str) -> None:
        """Go behind `end`, past groups and what is written with a backslash."""
        depth = 0
        for sign in _SPECIAL.finditer(self.tex, self.at):
            if depth == 0 and self.tex.startswith(end, sign.start()):
                self.at = sign.start() + len(end)
                return
            depth += {"{": 1, "}": -1}.get(sign[0], 0)
        raise self._error(f"{end} is missing")

    def _arguments(self, kinds: str, spaced: bool = True) -> list[Node]:
        """Those that are there: `{` must be, `[` and `*` may be, `spaced` even behind blanks."""
        found: list[Node] = []
        for kind in kinds:
            before = self.at
            if spaced:
                self._skip(_BLANK)
            if kind == "{":
                found.append(self._argument())
            elif not self.tex.startswith(kind, self.at):
                self.at = before
            elif kind == "[":
                self.at += 1
                found.append(Group(self.nodes("]")))
            else:
                self.at += 1
        return found

    def _argument(self) -> Node:
        """A group, a macro without arguments, or one character."""
        while self.tex.startswith("%", self.at):
            self._skip(_COMMENT)
            self._skip(_BLANK)
        if self.at == len(self.tex):
            raise self._error("an argument is missing")
        first = self.tex[self.at]
        if first == "}":
            return Text("")
        self.at += 1
        if first == "{":
            return Group(self.nodes("}"))
        if first != "\\":
            return Text(first)
        found = _MACRO.match(self.tex, self.at - 1)
        if found is None or found[1] == "end":
            raise self._error("an argument is missing")
        self.at = found.end()
        return Macro(found[1], [], self._skip(_BEHIND) if found[1].isalpha() else "", found[0])

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """What the pattern matches here, which is read."""
        found = pattern.match(self.tex, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def _error(self, trouble: str) -> AuthoringError:
        near = self.tex[max(0, self.at - 30) : self.at + 10]
        return AuthoringError(f"this LaTeX cannot be read: {trouble}, near {near!r}")


@cache
def _tables() -> Any:
    return get_default_latex_context_db()


@cache
def _arguments_of(macro: str) -> str:
    """The kinds of a macro's arguments: `{` for one that must be there, `[` and `*`."""
    known = _ARGUMENTS.get(macro)
    return _kinds(_tables().get_macro_spec(macro)) if known is None else known


@cache
def _arguments_of_environment(name: str) -> str:
    return _kinds(_tables().get_environment_spec(name))


def _kinds(spec: Any) -> str:
    return (spec.args_parser.argspec or "") if spec is not None else ""
