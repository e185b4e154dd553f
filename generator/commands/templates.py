"""`generator templates`: what can be overridden, and copies to begin with."""

from __future__ import annotations

from pathlib import Path

import click

templates_option = click.option(
    "--templates",
    metavar="DIR",
    type=click.Path(readable=False, path_type=Path),
    help="Take the templates in DIR in place of ours (`generator templates --copy DIR`).",
)


@click.command(epilog="Exit codes: 0 done, 1 something to fix, 2 misuse.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--copy",
    "folder",
    metavar="DIR",
    type=click.Path(readable=False, path_type=Path),
    help="Copy the templates into DIR, where they can be changed; overwrites nothing.",
)
def templates(names: tuple[str, ...], folder: Path | None) -> None:
    """List the templates of sheets and exercises, or copy all or some as a starting point.

    `generator build --templates DIR` then takes those in DIR in place of ours. Keep only what you
    change: what is not in DIR stays as it is, also in later versions.

    \b
    Examples:
      generator templates
      generator templates --copy mine sheets/macros.tex.j2
      generator templates --copy mine
    """
    from generator.rendering import overriding

    if folder is not None:
        for path in overriding.copy(folder, names):
            click.echo(f"Written: {path}")
    elif names:
        raise click.UsageError("NAME is for --copy DIR.")
    else:
        click.echo("\n".join(overriding.names()))
