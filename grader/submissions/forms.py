"""Answer forms: the YAML file that comes with a sheet, and the same tree as TOML, JSON or PDF.

sheet: K7Q2-9MXA-V
student: "4711"
seal: l7pgwm...     # proves whose form it is, where keys are encrypted
q1:
  relu_bracket: "(2, 0, 3)"
  sizes:
    W1: 3x4
expects: {...}      # left as it is: the kinds of the answers, for `grader check`
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from generator.model.delimited import decoded
from generator.model.errors import InputError
from grader.submissions import Given, Remembered, Submission
from grader.submissions.pdf_forms import pdf_tree
from grader.submissions.plain import plain_json
from grader.submissions.trees import Tree, json_tree, toml_tree, yaml_tree

_MB = 2**20
_PDF, _JSON = ".pdf", ".json"
_READERS = {".yaml": yaml_tree, ".yml": yaml_tree, ".toml": toml_tree, _JSON: json_tree}
SUFFIXES = (*_READERS, _PDF)
LIMIT = 10 * _MB  # of any form; of text it is a tenth
_RESERVED = frozenset(("sheet", "student", "seal", "expects"))


def load_form(path: Path) -> Submission:
    """Read a form. InputError names the file and, where there is one, the line."""
    if path.is_dir():
        raise InputError(path, "this is a folder, not a form")
    _check_suffix(path.suffix, str(path))
    return read_form(contents(path), path.suffix, str(path))


def contents(path: Path) -> bytes:
    """The bytes of a form's file. InputError where they cannot be read or are too many."""
    try:
        if not path.is_file():
            raise InputError(path, "there is no such file" if not path.exists() else "not a file")
        _check_size(path.stat().st_size, path.suffix.lower(), str(path))  # before it is read
        return path.read_bytes()
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None


def read_form(data: bytes, suffix: str, source: str) -> Submission:
    """The form that these bytes are; `suffix` says how to read them, `source` is for messages.

    Raises InputError.
    """
    kind = suffix.lower()
    _check_suffix(kind, source)
    _check_size(len(data), kind, source)
    try:
        if kind == _PDF:
            return submission(pdf_tree(data), source)
        if kind == _JSON and (tree := plain_json(data)) is not None:
            return _submission(tree, source)
        return submission(_READERS[kind](text_of(data, source)), source)
    except ValueError as error:
        raise InputError(source, str(error)) from None


def _check_suffix(suffix: str, source: str) -> None:
    if suffix.lower() not in SUFFIXES:
        known = ", ".join((*SUFFIXES, ".txt"))
        saved = "save a word processor's document as plain text"
        raise InputError(source, f"a form is a file that ends in {known}: {saved}")


def _check_size(size: int, kind: str, source: str) -> None:
    limit = 10 if kind == _PDF else 1
    if size > limit * _MB:
        problem = f"{size / _MB:.0f} MB is too large for a form (at most {limit} MB)"
        raise InputError(source, problem)


def text_of(data: bytes, source: str) -> str:
    """The text in these bytes: UTF-8, or UTF-16 that says so. InputError where they are not, are
    not text, or empty."""
    try:
        text = decoded(data)
    except ValueError as error:
        raise InputError(source, f"{error}: save it as plain text in UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(source, f"line {line}: this is not text: it has a NUL character")
    if not text.strip():
        raise InputError(source, "this form is empty")
    return text


def submission(tree: Tree, source: str) -> Submission:
    """The submission in a tree of answers. ValueError where it is not a form's."""
    try:
        msgspec.json.encode(tree)
    except UnicodeEncodeError:
        raise ValueError("an escape stands for half a character (a lone surrogate)") from None
    return _submission(tree, source)


def _submission(tree: Tree, source: str) -> Submission:
    return Submission(
        sheet_id=_plain(tree, "sheet"),
        student=_plain(tree, "student"),
        answers={
            slot: parts if type(parts) is Remembered else _parts(slot, parts)
            for slot, parts in tree.items()
            if slot not in _RESERVED
        },
        source=source,
        expects=_expects(tree.get("expects", {})),
        seal=_plain(tree, "seal"),
    )


def _plain(tree: Tree, key: str) -> str:
    value = tree.get(key, "")
    if not isinstance(value, str):
        raise ValueError(f"{key}: a text is expected, not a mapping")
    return value.strip()


def _parts(slot: str, parts: Any) -> dict[str, Given]:
    if parts == "":
        return {}
    if not isinstance(parts, dict):
        raise ValueError(
            f"{slot[:60]}: the parts of the exercise are expected under it, one a line"
        )
    return {
        name: given if isinstance(given, str) else _given(f"{slot}.{name}", given)
        for name, given in parts.items()
    }


def _given(place: str, given: Any) -> Given:
    deeper = [field for field, text in given.items() if not isinstance(text, str)]
    if deeper:
        raise ValueError(f"{place[:60]}.{deeper[0][:60]}: one text is expected here, not a mapping")
    return dict(given)


def _expects(tree: Any) -> Mapping[str, Any]:
    return tree if isinstance(tree, Mapping) else {}
