"""Forms that are written plainly, read quickly: the same trees as `trees`, or None.

A form as `generator build` writes it and a row as JSON need no parser of the whole language. What
is not exactly of the patterns below is left to `trees`, which also tells what is wrong with it; a
test holds the two readers against each other.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

from grader.submissions import Remembered

_LINES = 5_000
_LINE = 50_000
_DEPTH = 8
_SHORT = 500  # bytes of answers that are worth remembering
# Characters that stand for themselves in YAML; others, a tab for one, are for the full reader.
_ODD = re.compile(r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff]")
_ENTRY = re.compile(
    r"""( (?:[ ]{2})* )                     # two spaces a level
        ([A-Za-z_][A-Za-z0-9_]{0,60}):      # a name
        (?: [ ]+ (?:
            "((?:[^"\\]|\\")*)"             # an answer in quotes; a backslash only before a quote
          | '([^']*)'
          | ([A-Za-z0-9](?:[A-Za-z0-9 .-]*[A-Za-z0-9])?)  # words
        ) )?
        (?: [ ]+ (?:[#].*)? )?              # a remark
    """,
    re.VERBOSE,
)


def plain_yaml(text: str) -> dict[str, Any] | None:
    """The tree of a YAML form in which each line is blank, a remark, or `name: answer`."""
    if _ODD.search(text):
        return None
    lines = text.split("\n")
    if len(lines) > _LINES:
        return None
    root: dict[str, Any] = {}
    levels = [root]  # the mappings that are open, the outermost first
    opened: tuple[dict[str, Any], str] | None = None  # the last name, if nothing stood behind it
    for line in lines:
        stripped = line.lstrip(" ")
        if not stripped or stripped[0] == "#":
            if len(line) > _LINE:
                return None
            continue
        found = _ENTRY.fullmatch(line)
        if found is None or len(line) > _LINE:
            return None
        indent, name, double, single, words = found.groups()
        level = len(indent) // 2
        if level == len(levels):
            if opened is None or level > _DEPTH:
                return None
            above, key = opened
            above[key] = {}
            levels.append(above[key])
        elif level > len(levels):
            return None
        else:
            del levels[level + 1 :]
        here = levels[level]
        if name in here:
            return None
        if double is not None:
            given: str | None = double.replace('\\"', '"')
        else:
            given = words if single is None else single
        here[name] = given or ""
        opened = (here, name) if given is None else None
    return root or None


_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_texts = msgspec.json.Decoder(str)
_answers = msgspec.json.Decoder(dict[str, str | dict[str, str]])
_whole = msgspec.json.Decoder(dict[str, str | dict[str, str | dict[str, str]]])
_encoder = msgspec.json.Encoder()
_KEY = re.compile(rb'"\s*:')


def plain_json(data: bytes) -> dict[str, Any] | None:
    """The tree of a JSON form whose values are texts, without a name that stands twice. What many
    gave for an exercise is one object, which must not be changed."""
    if b"\\" in data:
        return None
    try:
        raw = _decoder.decode(data)
        if _encoder.encode(raw) == data:  # no space, and no name that stands twice
            tree: dict[str, Any] = {name: _value(bytes(value)) for name, value in raw.items()}
            if None not in tree.values():
                return tree
        tree = _whole.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    # Without escapes, a quote and a colon behind it end a name, or begin a text that begins with a
    # colon: they are as many as the names only if no name stands twice and no text begins so.
    if len(_KEY.findall(data)) != _names(tree):
        return None
    return tree


def _value(raw: bytes) -> str | dict[str, Any] | None:
    """A text, or the answers to one exercise; None where these are not in one spelling."""
    if raw.startswith(b'"'):
        return _texts.decode(raw)
    return _remembered(raw) if len(raw) <= _SHORT else _exercise(raw)


def _exercise(raw: bytes) -> dict[str, Any] | None:
    answers = _answers.decode(raw)
    return answers if _encoder.encode(answers) == raw else None


@lru_cache(8_192)
def _remembered(raw: bytes) -> Remembered | None:
    answers = _exercise(raw)
    return None if answers is None else Remembered(answers, raw)


def _names(tree: dict[str, Any]) -> int:
    return len(tree) + sum(_names(value) for value in tree.values() if isinstance(value, dict))
