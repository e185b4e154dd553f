"""The program `generator`: each command parses its arguments, calls one function and prints."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.commands.build import build
from generator.commands.common import (
    CODES,
    as_json,
    engine_option,
    jobs_option,
    progress,
    templates_option,
)
from generator.commands.templates import templates
from generator.model.errors import GradsheetError
from generator.model.files import drop_output

if TYPE_CHECKING:
    from generator.verifying import Verified

set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="OPTION=VALUE",
    help="Set an option of the exercise; may be given again.",
)


@click.group(epilog=CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gradsheet", prog_name="generator")
def cli() -> None:
    """Draw problem sheets that differ for every student, with solutions, forms and answer keys.

    \b
    Examples:
      generator list
      generator preview two_branch_backprop --seed 7
      generator build assignment.toml --roster roster.csv --out output
    """


cli.add_command(build)
cli.add_command(templates)


@cli.command("list", epilog=CODES)
@as_json
def list_(as_json: bool) -> None:
    """Show the exercises, their parts and options.

    \b
    Examples:
      generator list
      generator list --json
    """
    from generator.listing import described, listing

    rows = described()
    width = min(96, shutil.get_terminal_size((96, 24)).columns)
    click.echo(json.dumps(rows, indent=1, ensure_ascii=False) if as_json else listing(rows, width))


@cli.command(epilog=CODES)
@click.argument("exercise")
@click.option(
    "--seed", default="1", show_default=True, help="Any text; another seed, another draw."
)
@set_option
@click.option(
    "--count", type=click.IntRange(1, 100), default=1, show_default=True, help="Instances to show."
)
@click.option(
    "--pdf", type=click.Path(readable=False, path_type=Path), help="Write a PDF instead of text."
)
@templates_option
@engine_option
def preview(
    exercise: str,
    seed: str,
    settings: tuple[str, ...],
    count: int,
    pdf: Path | None,
    templates: Path | None,
    engine: str | None,
) -> None:
    """Show instances of an exercise with their solutions.

    \b
    Examples:
      generator preview xor_relu_weights
      generator preview two_branch_backprop --seed 3 --set units=4 --set second=tanh
      generator preview softmax_invariance --count 3 --pdf softmax.pdf
    """
    from generator import previewing
    from generator.rendering import overriding
    from generator.rendering.environment import templates_from

    if templates:
        overriding.check(templates)
    sheet = previewing.drawn(exercise, seed, settings, count)
    with templates_from(templates):
        if pdf is None:
            click.echo(previewing.as_text(sheet))
        else:
            previewing.write_pdf(sheet, pdf, engine)
            click.echo(f"Written to {pdf}")


@cli.command(epilog=CODES)
@click.argument("pdf", type=click.Path(readable=False, path_type=Path))
@click.option(
    "--level",
    type=click.IntRange(1, 3),
    default=2,
    show_default=True,
    help="1 gentle, 2 exam, 3 hard.",
)
@click.option("--seed", default="1", show_default=True, help="Any text; another seed, other draws.")
@engine_option
def gallery(pdf: Path, level: int, seed: str, engine: str | None) -> None:
    """Write one instance of every exercise, with its solution, as PDF.

    \b
    Examples:
      generator gallery gallery.pdf
      generator gallery hard.pdf --level 3
    """
    from generator import previewing

    previewing.write_pdf(previewing.gallery(level, seed), pdf, engine)
    click.echo(f"Written to {pdf}")


@cli.command(epilog=CODES)
@click.argument("exercises", nargs=-1)
@click.option(
    "--count",
    type=click.IntRange(1, 1_000_000),
    default=100,
    show_default=True,
    help="Instances of each exercise.",
)
@click.option(
    "--fairness",
    is_flag=True,
    help="Report how much the work differs between instances (300 unless --count is given).",
)
@set_option
@jobs_option
@as_json
@click.pass_context
def verify(
    context: click.Context,
    exercises: tuple[str, ...],
    count: int,
    fairness: bool,
    settings: tuple[str, ...],
    jobs: int,
    as_json: bool,
) -> None:
    """Draw and prove COUNT instances of each exercise (of all, if none is named).

    Reports the draws that were rejected and why, how many instances differ, and the time for one.
    Exits with 1 if any truth is contradicted or any seed cannot be certified.

    With --fairness, reports the 5th percentile, median and 95th percentile of the operations that
    an instance's numeric parts take, of the digits of its answers, and of their zeros. An exercise
    is fair where the ends of the first two differ by a factor of at most 2.

    \b
    Examples:
      generator verify
      generator verify two_branch_backprop --count 10000
      generator verify xor_relu_weights --set layout=general
      generator verify --fairness
    """
    from generator import catalog, previewing, verifying

    names = [catalog.name_of(catalog.find(name)) for name in exercises] or catalog.names()
    options = {name: previewing.checked_settings(catalog.find(name), settings) for name in names}
    if fairness:
        given = context.get_parameter_source("count") is not click.core.ParameterSource.DEFAULT
        _fairness(options, max(2, count) if given else 300, as_json)
        return
    with progress("Proving", len(names) * count) as advance:
        results = verifying.verify(options, count, jobs=jobs, progress=advance)
    if as_json:
        click.echo(json.dumps([each.as_tree() for each in results], indent=1, ensure_ascii=False))
    else:
        _print_verified(results)
    if any(each.errors for each in results):
        raise SystemExit(1)


def _fairness(options: Mapping[str, Mapping[str, Any]], count: int, as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from generator.fairness import fairness

    with progress("Measuring", len(options) * count) as advance:
        results = fairness(options, count, progress=advance)
    if as_json:
        click.echo(json.dumps([each.as_tree() for each in results], indent=1, ensure_ascii=False))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("exercise")
    for heading in ("operations", "digits", "zeros"):
        table.add_column(heading, justify="right")
    table.add_column("fair")
    for each in results:
        spreads = (each.operations, each.digits, each.zeros)
        cells = [f"{s.low:.0f}  {s.median:.0f}  {s.high:.0f}" for s in spreads]
        table.add_row(each.exercise, *cells, "yes" if each.fair else "no")
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print("5th percentile, median and 95th percentile of each measure", table, sep="\n\n")


def _print_verified(results: list[Verified]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("exercise")
    for heading in ("certified", "distinct", "draws rejected", "ms median", "ms p99", "errors"):
        table.add_column(heading, justify="right")
    for each in results:
        table.add_row(
            each.exercise,
            str(each.certified),
            str(each.distinct),
            str(sum(each.rejections.values())),
            f"{each.median_ms:.1f}",
            f"{each.p99_ms:.1f}",
            str(len(each.errors)),
        )
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(table)
    for each in results:
        for reason, times in each.rejections.most_common():
            console.print(
                f"{each.exercise}: rejected {times}: {reason}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
        for error in each.errors[:5]:
            console.print(
                f"{each.exercise}: ERROR {error}", highlight=False, markup=False, soft_wrap=True
            )


@cli.command(epilog=CODES)
@click.argument("name", metavar="TOPIC/NAME")
@click.option(
    "--into",
    type=click.Path(readable=False, path_type=Path, file_okay=False),
    default=Path(),
    show_default=True,
    help="The checkout that holds generator/exercises and templates/exercises.",
)
def new(name: str, into: Path) -> None:
    """Write a working exercise and its template to start from.

    \b
    Example:
      generator new optimisation/learning_rate
    """
    from generator.authoring import write_new_exercise

    for path in write_new_exercise(name, into):
        click.echo(f"Written: {path}")
    click.echo(f"Look at it with: generator preview {name}")


def main() -> None:
    """Run the program: an error meant for people is one message on stderr and exit code 1."""
    try:
        cli()
    except GradsheetError as error:
        click.echo(f"generator: {error}", err=True)
        raise SystemExit(1) from None
    except BrokenPipeError:
        drop_output()
        raise SystemExit(1) from None
    except OSError as error:  # the disk that the output goes to is full, ...
        drop_output()
        click.echo(f"generator: {error.filename or 'output'}: {error.strerror}", err=True)
        raise SystemExit(1) from None
