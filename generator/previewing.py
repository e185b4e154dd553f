"""Looking at an exercise: practice instances as text or PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generator import catalog
from generator.assignment import Assignment, Entry, Student, checked_options
from generator.model.errors import InputError
from generator.model.exercise import Exercise
from generator.model.files import write_whole
from generator.sheets import Sheet, draw_sheet


def drawn(exercise: str, seed: str, settings: Sequence[str], count: int) -> Sheet:
    """A practice sheet of `count` instances of one exercise. The same seed gives the same sheet."""
    kind = catalog.find(exercise)
    options = checked_settings(kind, settings)
    entry = Entry(catalog.name_of(kind), options, count=count)
    assignment = Assignment(f"preview-{seed}", kind.title, (entry,), practice=True)
    return draw_sheet(assignment, Student("preview", f"Preview, seed {seed}"), b"")


def gallery(level: int, seed: str) -> Sheet:
    """A practice sheet with one instance of every exercise of the catalogue, by topic and name."""
    entries = tuple(
        Entry(name, kind.by_level().get(level, {}))
        for name, kind in ((name, catalog.find(name)) for name in catalog.names())
    )
    about = f"One instance of each of the {len(entries)} exercises, with its worked solution."
    assignment = Assignment(
        f"gallery-{level}-{seed}",
        "Gallery of exercises",
        entries,
        course="gradsheet",
        instructions=about,
        practice=True,
    )
    return draw_sheet(assignment, Student("gallery", f"Level {level}, seed {seed}"), b"")


def as_text(sheet: Sheet) -> str:
    """Statement, prompts and solutions of every question, for a terminal."""
    from generator.rendering.spoken import whole

    return "\n\n".join(map(whole, sheet.questions))


def write_pdf(sheet: Sheet, path: Path, engine: str | None) -> None:
    """The sheet's solutions document, typeset."""
    from generator.rendering.documents import solutions

    _typeset(solutions(sheet), path, engine)


def write_worksheet(sheet: Sheet, path: Path, engine: str | None = None) -> None:
    """The sheet without solutions, typeset."""
    from generator.rendering.documents import worksheet

    _typeset(worksheet(sheet), path, engine)


def _typeset(source: str, path: Path, engine: str | None) -> None:
    from generator.rendering.typesetting import find_engine, typeset

    write_whole(path, typeset(source, path.stem, find_engine(engine), log_folder=path.parent))


def checked_settings(kind: type[Exercise], settings: Sequence[str]) -> dict[str, Any]:
    """`OPTION=VALUE` texts as options of an exercise: whole numbers, true and false, else text."""
    options: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name:
            raise InputError("--set", f"{setting!r}: OPTION=VALUE is expected, as in units=4")
        options[name.strip()] = _value(text.strip())
    try:
        return checked_options(kind, options)
    except ValueError as error:
        raise InputError(f"--set ({catalog.name_of(kind)})", str(error)) from None


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text)
    except ValueError:
        return text
