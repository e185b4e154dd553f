"""Whether an engine's fonts can set what is written in a roster: asked before anything is built."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterable, Iterator

from generator.assignment import Assignment, Student
from generator.model.errors import InputError
from generator.rendering import documents, rooms
from generator.rendering.batches import Source
from generator.rendering.escaping import escape
from generator.rendering.typesetting import (
    Engine,
    errors_in,
    read_log,
    run,
    spelled,
    started,
    unhalted,
)
from generator.sheets import Sheet

_KNOWN = 0x180  # below it, every engine has every letter
_CHARACTER = re.compile(r"^gradsheet: character (\d+)$", re.MULTILINE)
_SECONDS = 120.0
_NAMED = 3  # students, and characters, that a message names


def check_names(assignment: Assignment, students: Iterable[Student], engine: Engine) -> None:
    """InputError where the name or the id of a student or a text of the assignment has a character
    that the engine's fonts lack: it tells whose, which, and the way out."""
    whose = {f"{each.id} ({each.name})": each for each in students}
    names = [(who, each.shown_name) for who, each in whose.items()]
    ids = [(who, each.id) for who, each in whose.items()]
    words = ("title", "course", "due", "instructions")
    ours = [(word, getattr(assignment, word)) for word in words]
    asked = list(
        dict.fromkeys(one for _, text in (*names, *ids, *ours) for one in _characters(text))
    )
    lacking = list(dict.fromkeys(_lacking(asked, assignment, engine)))
    if not lacking:
        return
    told = ", ".join(f"{each} ({_name(each)})" for each in lacking[:_NAMED])
    lacks = f"the fonts of TeX ({engine.name}) have no {told}{_more(lacking)}"
    for word, text in ours:
        if not set(lacking).isdisjoint(_characters(text)):
            raise InputError(f"{word} of {assignment.name}", f"{lacks}; write it otherwise")
    who = _who(names, lacking)
    way_out = "Write such names in Latin letters in a column print_name of the roster"
    if not who:
        who = _who(ids, lacking)
        way_out = "The instructor's list has the id: write it in Latin letters"
    other = "" if engine.name == "lualatex" else ", or choose --engine lualatex"
    raise InputError(f"{', '.join(who[:_NAMED])}{_more(who)}", f"{lacks}. {way_out}{other}")


def _who(texts: list[tuple[str, str]], lacking: list[str]) -> list[str]:
    """Those whose text has one of the characters."""
    return [name for name, text in texts if not set(lacking).isdisjoint(_characters(text))]


def _more(all_of: list[str]) -> str:
    return f" and {len(all_of) - _NAMED} more" if len(all_of) > _NAMED else ""


def _name(character: str) -> str:
    return f"U+{ord(character[0]):04X} {unicodedata.name(character[0], '')}".rstrip()


def _characters(text: str) -> Iterator[str]:
    """The rarer letters of a text, each with its marks."""
    for one in re.findall(r".[\u0300-\u036f]*", unicodedata.normalize("NFC", text), re.DOTALL):
        if any(ord(code) >= _KNOWN for code in one):
            yield one


def _lacking(characters: list[str], assignment: Assignment, engine: Engine) -> Iterator[str]:
    """Those of the characters that the engine cannot set in the fonts of a sheet."""
    if not characters:
        return
    empty = Sheet("SAMPLE", assignment, Student("sample", "Sample"), ())
    preamble = Source("names", documents.worksheet(empty)).preamble
    lines = [  # each a paragraph, as TeX gives up behind a hundred errors in one
        f"\\typeout{{^^Jgradsheet: character {number}}}"
        f"\\setbox0\\vbox{{\\noindent {escape(each)}\\bfseries {escape(each)}\\par}}"
        for number, each in enumerate(characters)
    ]
    end = f"\\typeout{{^^Jgradsheet: character {len(characters)}}}"
    text = "\n".join((f"{preamble}\\begin{{document}}", *lines, end, "\\end{document}\n"))
    with rooms.room() as room:
        ready = unhalted(started(spelled(text, engine).encode(), engine, room))
        run(ready, room, time.monotonic() + _SECONDS)
        log = read_log(room)
    begins = [(match.start(), int(match[1])) for match in _CHARACTER.finditer(log)]
    if not begins or begins[-1][1] != len(characters):  # the sheets will tell what is wrong
        return
    for place in errors_in(log):
        before = [number for start, number in begins if start < place]
        if before and before[-1] < len(characters):
            yield characters[before[-1]]
