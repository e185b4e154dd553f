"""Form files as trees of text: YAML, TOML and JSON, one function each.

A tree is a mapping whose values are text or trees. Nothing is interpreted: `no`, `1e-3` and `010`
stay as typed, and a list that stands where text is expected becomes the text "[1, 2]".
Each function takes the text of a file; a ValueError says what is wrong with it, and in which line.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from grader.submissions.plain import plain_json, plain_yaml
from grader.submissions.slips import slip

Tree = dict[str, Any]

_DEPTH = 12
_LINE = 50_000  # characters of a line of YAML, and
_EVENTS = 20_000  # what a parser may find: bounds on the work, far above any form
_QUOTE = "put each answer in quotes if it has characters that are special in YAML"


def yaml_tree(text: str) -> Tree:
    """The tree of a YAML file. Quotes around an answer may be those of a word processor, and lines
    may begin with tabs, two blanks each, and no-break spaces, which YAML has no place for."""
    text = _INDENT.sub(lambda found: found[0].replace("\t", "  ").replace("\xa0", " "), text)
    text = _TYPOGRAPHIC.sub(_with_plain_quotes, text)
    plain = plain_yaml(text)
    return full_yaml_tree(text) if plain is None else plain


def full_yaml_tree(text: str) -> Tree:
    """The tree of a YAML file, whatever it looks like.

    Built from parser events, so that types are never guessed and nothing is expanded: anchors,
    aliases and tags are refused, and so are keys that stand twice.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > _LINE:
            raise ValueError(f"line {number}: this is too long for an answer")
    text = _backslashes_as_typed(text)
    try:
        return _Events(YAML(typ="base", pure=True).parse(text), text).document()
    except MarkedYAMLError as error:
        if "quoted scalar" in str(error.context) and error.context_mark:
            line = error.context_mark.line + 1
            raise ValueError(f"line {line}: a quote is opened here and never closed") from None
        mark = error.problem_mark or error.context_mark
        if mark and (words := slip(text, mark.line + 1)):
            raise ValueError(words) from None
        where = f"line {mark.line + 1}: " if mark else ""
        problem = " ".join(str(error.problem or error.context).split())
        raise ValueError(f"{where}this is not YAML: {problem} ({_QUOTE})") from None
    except ReaderError as error:
        before, character = text[: error.position], text[error.position]
        code = f"U+{ord(character):04X}"
        raise ValueError(
            f"line {before.count(chr(10)) + 1}: the character {code} has no place in a form"
        ) from None
    except YAMLError as error:
        raise ValueError(f"this is not YAML: {' '.join(str(error).split())}") from None


# A key of more names than any form has: to parse one takes time that grows with its square.
_DOTTED = re.compile(
    r"""(?: (?: (?<![\w-])[\w-]++ | "(?:[^"\\\n]|\\.){0,100}+" | '[^'\n]{0,100}+' )
            [ \t]*+ [.] [ \t]*+ ){13}""",
    re.VERBOSE,
)


def toml_tree(text: str) -> Tree:
    """The tree of a TOML file. Numbers with a point or an exponent stay as typed."""
    if _DOTTED.search(text):
        raise ValueError("this is nested too deeply for a form")
    try:
        tree = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"this is not TOML: {error}") from None
    except RecursionError:
        raise ValueError("this is nested too deeply for a form") from None
    return textual(tree)


def json_tree(text: str) -> Tree:
    """The tree of a JSON file."""
    plain = plain_json(text.encode("utf-8", "surrogatepass"))
    return full_json_tree(text) if plain is None else plain


def full_json_tree(text: str) -> Tree:
    """The tree of a JSON file, whatever it looks like. Numbers stay as typed; NaN and Infinity are
    not JSON."""

    def constant(name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

    def pairs(items: list[tuple[str, Any]]) -> Tree:
        tree: Tree = {}
        for key, value in items:
            if key in tree:
                raise ValueError(f"the key {key[:60]!r} stands twice")
            tree[key] = value
        return tree

    try:
        tree = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_constant=constant,
            parse_float=str,
            parse_int=str,
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: this is not JSON: {error.msg}") from None
    except RecursionError:
        raise ValueError("this is nested too deeply for a form") from None
    if not isinstance(tree, dict):
        raise ValueError("a form is an object of answers by exercise, not a list or a single value")
    return textual(tree)


def textual(tree: Tree, depth: int = 0) -> Tree:
    """`tree` with every leaf as text."""
    if depth > _DEPTH:
        raise ValueError("this is nested too deeply for a form")
    return {
        key: textual(value, depth + 1) if isinstance(value, dict) else _text(key, value, depth)
        for key, value in tree.items()
    }


def _text(key: str, value: Any, depth: int) -> str:
    if depth > _DEPTH:
        raise ValueError("this is nested too deeply for a form")
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return value
        case int() if abs(value) < 10**1000:
            return str(value)
        case float():  # of a table: those of a file stay as typed
            return repr(value)
        case Decimal():  # of a table
            return f"{value:f}"
        case list():
            return f"[{', '.join(_text(key, each, depth + 1) for each in value)}]"
    raise ValueError(f"put the answer {key[:60]!r} in quotes")


# An item that holds several numbers or entries outside brackets: 1, 2 or 1 -2, but not 1 - 2.
_SEVERAL = re.compile(r"[^\[({]*(?:,|\d\s+[-+−]?\d)")
_NUMBERS = re.compile(r"[-+−]?\d++(?:[.,/]\d++)?+")
_ROW = re.compile(  # numbers on a line, which may open or close a matrix
    rf"\[{{0,2}}\s*+{_NUMBERS.pattern}(?:(?:\s*+,\s*+|\s++){_NUMBERS.pattern})*+\s*+\]{{0,2}}"
)
_INDENT = re.compile(r"^ *[\t\xa0][ \t\xa0]*(?=\S)", re.MULTILINE)
_TYPOGRAPHIC = re.compile(
    r'^([ \t]*[^\s"#:]+:[ \t]+)(["“”„«»])([^"\n]*)(["“”„«»])([ \t\r]*(?:#.*)?)$', re.MULTILINE
)


def _with_plain_quotes(line: re.Match[str]) -> str:
    before, _, answer, _, behind = line.groups()
    return f'{before}"{answer}"{behind}'


_QUOTED = re.compile(
    r'^([ \t]*[^\s"#:]+:[ \t]+")((?:[^"\\\n]|\\.)*)("[ \t\r]*(?:#.*)?)$', re.MULTILINE
)
_ESCAPE = re.compile(r"\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[^\n])")


def _backslashes_as_typed(text: str) -> str:
    r"""A YAML text in whose quoted answers LaTeX stays LaTeX.

    In YAML "\frac" is a form feed and "rac", and "\sqrt" an error. Here a backslash between quotes
    only escapes a quote, a backslash before a letter, and characters by number, as in "\u00d7".
    """

    def kept(escape: re.Match[str]) -> str:
        pair = escape[0]
        if len(pair) > 2 or pair == '\\"':
            return pair
        if pair == "\\\\" and escape.string[escape.end() :][:1].isalpha():
            return pair
        return pair.replace("\\", "\\\\")

    return _QUOTED.sub(lambda line: line[1] + _ESCAPE.sub(kept, line[2]) + line[3], text)


class _Events:
    """A recursive descent through the events of a YAML parser."""

    def __init__(self, events: Iterator[Any], text: str) -> None:
        self.events = events
        self.text = text
        self.seen = 0

    def next(self) -> Any:
        event = next(self.events)
        self.seen += 1
        if self.seen > _EVENTS:
            self.refuse(event, "this has more entries than any form")
        if getattr(event, "anchor", None) is not None:
            self.refuse(event, "anchors and aliases (& and *) have no place in a form")
        tag = getattr(event, "ctag", None)
        if tag is not None and str(tag):
            self.refuse(event, "tags (!) have no place in a form")
        return event

    def refuse(self, event: Any, problem: str) -> None:
        raise ValueError(f"line {event.start_mark.line + 1}: {problem}; {_QUOTE}")

    def document(self) -> Tree:
        from ruamel.yaml import events

        self.next()  # the start of the stream
        if isinstance(self.next(), events.StreamEndEvent):
            raise ValueError("this form is empty")
        start = self.next()
        if isinstance(start, events.ScalarEvent) and not start.value:
            raise ValueError("this form is empty")
        if not isinstance(start, events.MappingStartEvent):
            self.refuse(start, "a form is a mapping of answers by exercise, not a list or a text")
        tree = self.mapping(start, 1)
        assert isinstance(tree, dict)
        self.next()  # the end of the document
        if not isinstance(end := self.next(), events.StreamEndEvent):
            self.refuse(end, "a form is one YAML document; a second one starts here")
        return tree

    def value(self, event: Any, depth: int) -> Tree | str:
        from ruamel.yaml import events

        if depth > _DEPTH:
            self.refuse(event, "this is nested too deeply for a form")
        if isinstance(event, events.MappingStartEvent):
            return self.mapping(event, depth + 1)
        if isinstance(event, events.SequenceStartEvent):
            return self.sequence(event, depth + 1)
        value: str = event.value
        return value if event.style in ("|", ">") else self.rows(event) or value

    def rows(self, event: Any) -> str:
        """Numbers over several lines, as many on each, as the rows that they are typed in, where
        YAML has a blank for a new line; empty for any other text."""
        typed = self.text[event.start_mark.index : event.end_mark.index]
        lines = [line.strip() for line in typed.strip("\"'").split("\n")]
        if len(lines) < 2 or not all(map(_ROW.fullmatch, lines)):
            return ""
        counts = {len(_NUMBERS.findall(line)) for line in lines}
        return "\n".join(lines) if len(counts) == 1 and counts != {1} else ""

    def mapping(self, start: Any, depth: int) -> Tree | str:
        """A mapping; or, for a set typed without quotes as {1, 2}, its text."""
        from ruamel.yaml import events

        tree: Tree = {}
        while not isinstance(key := self.next(), events.MappingEndEvent):
            if not isinstance(key, events.ScalarEvent):
                self.refuse(key, "a key must be a name")
            if key.value in tree:
                line = key.start_mark.line + 1
                raise ValueError(f"line {line}: the key {key.value[:60]!r} stands twice")
            tree[key.value] = self.value(self.next(), depth)
        if start.flow_style and tree and not any(tree.values()):
            return self.text[start.start_mark.index : key.end_mark.index]
        return tree

    def sequence(self, start: Any, depth: int) -> str:
        """The text of a list: as typed where it is on one line and without quotes. Items below
        each other that hold several numbers are rows."""
        from ruamel.yaml import events

        items: list[str] = []
        while not isinstance(event := self.next(), events.SequenceEndEvent):
            item = self.value(event, depth)
            if not isinstance(item, str):
                self.refuse(event, "a list holds numbers or lists of numbers")
            assert isinstance(item, str)
            items.append(item)
        typed = self.text[start.start_mark.index : event.end_mark.index]
        if start.flow_style and not set(typed) & set("\n\"'"):
            return typed
        rows = not start.flow_style and any(map(_SEVERAL.match, items))
        return f"[{('; ' if rows else ', ').join(items)}]"
