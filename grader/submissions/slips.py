"""What is wrong with a form that is no YAML, in the words of whoever typed it.

A parser names the place where it gave up, and what it expected there. What was typed wrong stands
there or some lines above: the nearest line that shows one of a few slips is told instead.
"""

from __future__ import annotations

import re
from collections import Counter

_ENTRY = re.compile(r"( *)(\w+)(\s*)([:=])(.*)")
_ANSWER = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(.*)""")
_SPECIAL = "%`@*&!|>{}[]?-,#"
_ABOVE = 100  # lines that are looked at


def slip(text: str, last: int) -> str:
    """The slip in the lines up to number `last`, with the number of its line; empty where none is
    found."""
    lines = text.splitlines()
    entries = [_ENTRY.match(line) for line in lines]
    indents = Counter(len(found[1]) for found in entries if found)
    for number in range(min(last, len(lines)), max(0, last - _ABOVE), -1):
        line, found = lines[number - 1].strip(), entries[number - 1]
        if not line or line.startswith("#"):
            continue
        here = number == last
        words = _entry(found, indents, here) if found else _other(line) if here else ""
        if words:
            return f"line {number}: {words}"
    return ""


def _entry(found: re.Match[str], indents: Counter[int], here: bool) -> str:
    """The slip of a line that names an entry; of some slips only where the parser gave up here."""
    indent, name, _, sign, rest = found.groups()
    answer = rest.strip()
    if sign == "=":
        return f'write a colon behind {name[:60]}, as in {name[:60]}: "..."'
    if rest and not rest[0].isspace():
        return f"a blank is missing behind {name[:60]}:"
    if answer[:1] in ("'", '"'):
        whole = _ANSWER.fullmatch(answer)
        if whole is None:
            return "the quote that opens here is not closed"
        if whole[2].strip() and not whole[2].lstrip().startswith("#"):
            return "the answer goes on behind its closing quote: put all of it between two quotes"
    elif answer[-1:] == '"' and answer.count('"') == 1:
        return "a quote is closed here that was not opened"
    elif here and answer not in ("", "|", ">") and _needs_quotes(answer):
        return f'put this answer in quotes: {name[:60]}: "..."'
    if indent and indents[len(indent)] == 1 and len(indents) > 1:
        blanks = f"{len(indent)} blank{'s' * (len(indent) > 1)}"
        return f"this line begins with {blanks}, and no other entry does"
    return ""


def _needs_quotes(answer: str) -> bool:
    return answer[0] in _SPECIAL or re.search(r":(?:\s|\Z)", answer) is not None


def _other(line: str) -> str:
    """The slip of a line that names no entry, where the parser gave up at it."""
    if line.startswith("```"):
        return "``` has no place in a form: delete this line"
    if line.startswith("- "):
        return ""
    return "this line names no entry: write an answer behind its name, between two quotes"
