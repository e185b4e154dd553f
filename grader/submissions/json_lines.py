"""JSON lines: an object a line, each by itself good or refused."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec

from grader.submissions.received import Refused
from grader.submissions.sizes import FORM

_NAME = re.compile(rb'"\s*:')


def rows(
    path: Path, label: str, plain: Collection[str]
) -> Iterator[tuple[int, dict[str, Any]] | Refused]:
    """Each line's number and object; `plain` names what must be a text or a number in it."""
    decoder = msgspec.json.Decoder(float_hook=str)  # a number stays as typed
    with path.open("rb") as file:
        number = 0
        while line := file.readline(FORM + 1):
            number += 1
            if len(line) > FORM:
                while line and not line.endswith(b"\n"):
                    line = file.readline(FORM)
                yield Refused(f"{label}:{number}", "this line is too long for a form (1 MB)")
                continue
            if line.isspace():
                continue
            try:
                row = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
                yield Refused(f"{label}:{number}", f"this is not JSON: {error}")
                continue
            if not isinstance(row, dict):
                yield Refused(f"{label}:{number}", "an object is expected in each line")
                continue
            if twice := _twice(line, row):
                yield Refused(f"{label}:{number}", f"the key {twice[:60]!r} stands twice")
                continue
            nested = [name for name in plain if name in row and type(row[name]) in (dict, list)]
            if not nested:
                yield number, row
            else:
                found = "a list" if isinstance(row[nested[0]], list) else "an object"
                reason = f"{nested[0]}: a text or a number is expected, not {found}"
                yield Refused(f"{label}:{number}", reason)


def _twice(line: bytes, row: dict[str, Any]) -> str:
    """A key that stands twice in an object of a line of JSON, of which the decoder keeps the last.

    There is a colon behind each key: as many as keys that were kept, and there are no others."""
    kept = _keys(row)
    if line.count(b":") == kept or len(_NAME.findall(line)) == kept:
        return ""
    found: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in items]
        found.extend(name for name in names if names.count(name) > 1)

    json.loads(line, object_pairs_hook=pairs)
    return next(iter(found), "")


def _keys(value: dict[str, Any] | list[Any]) -> int:
    inside = value.values() if isinstance(value, dict) else value
    deeper = [each for each in inside if type(each) is dict or type(each) is list]
    return (len(value) if isinstance(value, dict) else 0) + sum(map(_keys, deeper))
