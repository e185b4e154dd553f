"""Answers typed into a learning platform's text box: HTML or plain text, into a submission.

Either the lines of a form that was pasted, or one answer a line:

    sheet: K7Q2-9MXA-V
    q1.min_units: 3
    q1.sizes.W1 = 3x4
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.model.errors import InputError
from grader.submissions import Submission
from grader.submissions.forms import contents, load_form, read_form, submission, text_of
from grader.submissions.received import Received
from grader.submissions.sizes import FORM
from grader.submissions.trees import yaml_tree

SUFFIXES = (".html", ".txt")
_NAME = r"[A-Za-z][\w']*"
_LINE = re.compile(
    rf"\s*({_NAME}(?:\.[\w']+){{1,2}}|sheet(?: id)?|student(?: id)?|seal)\s*[:=](.*)", re.I
)
_BLOCKS = ("p", "div", "li", "tr", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul",
           "ol", "table")  # fmt: skip
_NBSP = "\N{NO-BREAK SPACE}"
_TAGS = 20_000
_RAISED = {"sup": "^{", "sub": "_{"}
_HIDDEN = ("head", "script", "style", "template", "title")
_TYPED = str.maketrans(
    {
        _NBSP: " ", "\N{NARROW NO-BREAK SPACE}": " ", "\u200b": "", "\ufeff": "",
        "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'",
    }
)  # fmt: skip


def load(path: Path) -> Submission:
    """The form in a file, or the answers in one that is a text. InputError names the file and what
    is wrong."""
    if path.suffix.lower() in SUFFIXES and not path.is_dir():
        return read_text(contents(path), path.suffix.lower(), str(path))
    return load_form(path)


def read_received(received: Received) -> Submission:
    """The submission in what was received. InputError names its source and what is wrong."""
    if received.format in SUFFIXES:
        return read_text(received.content, received.format, received.source)
    return read_form(received.content, received.format, received.source)


def read_text(data: bytes, suffix: str, source: str) -> Submission:
    """The answers in a text typed online: `.html`, or plain. InputError where there are none."""
    if len(data) > FORM:
        raise InputError(source, "this is too large for a text of answers (at most 1 MB)")
    text = text_of(data, source)
    try:
        return submission(text_tree(html_text(text) if suffix == ".html" else text), source)
    except ValueError as error:
        raise InputError(source, str(error)) from None


def html_text(html: str) -> str:
    """The text of a web page as its reader sees it, a line for each block and line break.

    What is raised or lowered becomes `^{...}` and `_{...}`, so that x² and W₁ stay what they are.
    ValueError where there are more tags than in any text of answers.
    """
    from bs4 import BeautifulSoup

    if html.count("<") > _TAGS:
        raise ValueError("this has more tags than any text of answers")
    try:
        shown = "".join(_pieces(BeautifulSoup(html, "html.parser")))
    except RecursionError:
        raise ValueError("this is nested too deeply for a text of answers") from None
    return re.sub(r"[ \t]*\n[ \t\n]*", "\n", shown).strip(" \n")


@dataclass(frozen=True)
class _End:
    """The end of a tag: where the pieces of its text begin, and how many were solid before."""

    name: str
    start: int
    solid: int


def _pieces(page: Any) -> list[str]:
    """The text of a parsed page in pieces; each node is seen once."""
    from bs4.element import NavigableString, Tag

    pieces: list[str] = []
    solid = 0  # pieces that are more than spaces
    preformatted = 0  # how many <pre> are open: in them spaces count
    todo: list[Any] = [page]
    while todo:
        node = todo.pop()
        if isinstance(node, _End):
            preformatted -= node.name == "pre"
            if node.name in _BLOCKS:
                pieces.append("\n")
            elif node.name in _RAISED and solid > node.solid:
                pieces[node.start] = _RAISED[node.name]
                pieces.append("}")
        elif isinstance(node, Tag) and node.name not in _HIDDEN:
            preformatted += node.name == "pre"
            todo.append(_End(node.name, len(pieces), solid))
            todo += reversed(node.contents)
            pieces.append("\n" if node.name == "br" or node.name in _BLOCKS else "")
        elif type(node) is NavigableString:  # no comment, no declaration
            solid += not node.isspace()
            if preformatted:
                pieces.append(node.replace(" ", _NBSP).replace("\t", _NBSP * 4))
            else:
                pieces.append(re.sub(r"[ \t\r\n]+", " ", node))
    return pieces


def text_tree(text: str) -> dict[str, Any]:
    """The tree of answers in a text. ValueError where none can be found in it."""
    text = text.translate(_TYPED)
    lines = text.splitlines()
    if any(_is_answer(line) for line in lines):
        return _by_lines(lines)
    try:
        tree = yaml_tree(text)
    except ValueError as error:
        raise ValueError(f"{_WANTED}; as a form that was pasted, {error}") from None
    if not any(isinstance(value, dict) for value in tree.values()):
        raise ValueError(f"{_WANTED}; of a form that was pasted, the indentation is lost")
    return tree


_WANTED = "there is no line such as `q1.min_units: 3` in this text"


def _is_answer(line: str) -> bool:
    found = _LINE.match(line)
    return found is not None and "." in found[1]


def _by_lines(lines: list[str]) -> dict[str, Any]:
    """One answer a line. A line that names nothing goes on with the answer above it; what stands
    above the first answer is a greeting."""
    typed: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines:
        if found := _LINE.match(line):
            place = found[1] if "." in found[1] else found[1].split()[0].lower()
            if place in typed:
                raise ValueError(f"{place[:60]} stands twice")
            current = typed[place] = [found[2]]
        elif current is not None and not line.lstrip().startswith("#"):
            current.append(line)
    tree: dict[str, Any] = {}
    for place, answer in typed.items():
        value = _unquoted("\n".join(answer).strip())
        names = place.split(".")
        if len(names) == 1:
            tree[place] = value.partition("\n")[0].strip()
            continue
        branch = tree
        for name in names[:-1]:
            branch = branch.setdefault(name, {})
            if not isinstance(branch, dict):
                raise ValueError(f"{place[:60]}: there is an answer to {name} as a whole already")
        if names[-1] in branch:
            raise ValueError(f"{place[:60]}: there are answers to its entries already")
        branch[names[-1]] = value
    return tree


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" and "\n" not in value
    return value[1:-1].strip() if quoted else value
