"""What docs/lms.md names is there: options, columns of tables, sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from grader.cli import program
from grader.submissions.intake import SOURCES
from grader.submissions.tables import KNOWN

PAGE = (Path(__file__).parents[1] / "docs/lms.md").read_text(encoding="utf-8")


def options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        names = (*parameter.opts, *parameter.secondary_opts)
        yield from (name for name in names if name.startswith("--"))
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from options(each)


def test_options_exist() -> None:
    named = set(re.findall(r"--[a-z][a-z-]+", PAGE))
    assert len(named) > 10
    assert named <= set(options(program))


def test_every_option_of_these_commands_is_told() -> None:
    commands = [program.commands[name] for name in ("gradescope-zip", "intake")]
    told = {name for command in commands for name in options(command)} - {"--json", "--advice"}
    assert {name for name in told if name not in PAGE} == set()


def test_every_column_and_source_is_told() -> None:
    (table,) = re.findall(r"^\| column \|.*?\n\n", PAGE, re.M | re.S)
    named = {name for name in re.findall(r"`([^`]+)`", table) if "." not in name}
    assert named - {"--time-zone"} == KNOWN
    assert all(f"`{source}`" in PAGE for source in SOURCES)


def test_commands_exist() -> None:
    back = program.commands["return"]
    assert isinstance(back, click.Group)
    used = set(re.findall(r"\bgrader (return [a-z-]+|[a-z-]+)[ `]", PAGE))
    assert used <= {*program.commands, *(f"return {name}" for name in back.commands)}
    assert {"intake", "batch", "return moodle", "return canvas", "gradescope-zip"} <= used
