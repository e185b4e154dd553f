"""Reports as `grader batch` stored them: from JSON back to what they were."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

from generator.model.errors import GradsheetError, InputError
from grader.analysis.gathering import Seen, drawn_features
from grader.grading import MarkedExercise, Report
from grader.keyring import open_keys
from grader.keys import load_key
from grader.marking import Outcome, Verdict

_LIMIT = 20 * 2**20
_DEEPEST = 8  # groups inside groups
_OUTCOMES = frozenset(get_args(Outcome))


def stored_reports(folder: Path, keys: Path | None = None) -> Iterator[Seen]:
    """The reports of a folder that `grader batch` wrote, in the order of their names.

    With the folder of the keys, also what was drawn for each student. InputError names a folder
    without reports, a file that is no report, and a folder of keys that cannot be read.
    """
    inside = folder / "reports"
    found = _json_files(inside if inside.is_dir() else folder)
    if not found:
        raise InputError(folder, "there are no reports here; `grader batch` writes them")
    drawn = None if keys is None else Drawn(keys)
    for path in found:
        report = load_report(path)
        yield Seen(report, drawn=drawn.of(report.sheet_id) if drawn else {})


def load_report(path: Path) -> Report:
    """A report from the JSON that `reports.tree` makes. InputError names the file and what is wrong
    with it."""
    try:
        if path.stat().st_size > _LIMIT:
            raise InputError(path, "this is too large for a report")
        return report_of(json.loads(path.read_bytes()))
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    except RecursionError:
        raise InputError(path, "not a report: it is nested too deep") from None
    except ValueError as error:
        raise InputError(path, f"not a report, or cut off: {error}") from None


def report_of(tree: Any) -> Report:
    """The report that `reports.tree` told of. ValueError names what is missing or of another kind
    than expected."""
    versions = _get(tree, "versions", Mapping)
    return Report(
        sheet_id=_get(tree, "sheet", str),
        assignment=_get(tree, "assignment", str),
        title=_get(tree, "title", str),
        student=_get(tree, "student", str),
        name=_get(tree, "name", str),
        exercises=tuple(_exercise(each) for each in _get(tree, "exercises", list)),
        notes=tuple(str(note) for note in _get(tree, "notes", list)),
        versions=dict(versions),
        penalty=_fraction(tree, "penalty") if "penalty" in tree else Fraction(0),
    )


def _exercise(tree: Any) -> MarkedExercise:
    return MarkedExercise(
        slot=_get(tree, "slot", str),
        exercise=_get(tree, "exercise", str),
        title=_get(tree, "title", str),
        verdicts=tuple(_verdict(each) for each in _get(tree, "parts", list)),
    )


def _verdict(tree: Any, depth: int = 0) -> Verdict:
    outcome = _get(tree, "outcome", str)
    if outcome not in _OUTCOMES:
        raise ValueError(f"{outcome[:40]!r} is not an outcome")
    members = tree.get("members", [])
    if not isinstance(members, list) or depth > _DEEPEST:
        raise ValueError("'members' is not a list, or nested too deep")
    return Verdict(
        part=_get(tree, "part", str),
        outcome=outcome,
        credit=_fraction(tree, "credit"),
        points=_fraction(tree, "points"),
        why=_get(tree, "why", str),
        given=_get(tree, "given", str),
        read_as=_get(tree, "read_as", str),
        mistake=_get(tree, "mistake", str | None),
        advice=_get(tree, "advice", str),
        counterexample=_get(tree, "counterexample", str | None),
        members=tuple(_verdict(member, depth + 1) for member in members),
        override=_get(tree, "override", str) if "override" in tree else "",
    )


def _fraction(tree: Any, name: str) -> Fraction:
    text = _get(tree, name, str)
    try:
        if len(text) > 200 or "e" in text.lower():
            raise ValueError
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{name!r} is {text[:40]!r}, not a fraction") from None


def _get(tree: Any, name: str, kind: Any) -> Any:
    if not isinstance(tree, Mapping) or name not in tree:
        raise ValueError(f"there is no {name!r}")
    if not isinstance(tree[name], kind):
        raise ValueError(f"{name!r} is a {type(tree[name]).__name__}")
    return tree[name]


class Drawn:
    """What the keys of a folder drew, read when asked. InputError where there is no key."""

    def __init__(self, folder: Path) -> None:
        self._keyring = open_keys(folder)

    def of(self, sheet: str) -> dict[str, dict[str, str]]:
        """For one sheet; nothing where there is no key that can be used."""
        entry = self._keyring.entries.get(sheet)
        if entry is None:
            return {}
        try:
            return drawn_features(load_key(self._keyring.folder / entry.file))
        except GradsheetError:  # `grader batch` lists it
            return {}


def _json_files(folder: Path) -> list[Path]:
    """The JSON files of a folder in the order of their names."""
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() == ".json"]
    except OSError as error:
        raise InputError(folder, f"cannot be read: {error.strerror}") from None
    return sorted(path for path in found if not path.name.startswith("."))
