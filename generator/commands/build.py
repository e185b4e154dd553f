"""`generator build`: the sheets of a class."""

from __future__ import annotations

import contextlib
import json
import signal
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from generator.commands.common import (
    CODES,
    as_json,
    engine_option,
    jobs_option,
    progress,
    templates_option,
)
from generator.model.errors import GradsheetError, InputError

if TYPE_CHECKING:
    from generator.building import Built
    from generator.collecting import Collected


@click.command(epilog=CODES)
@click.argument("assignment", type=click.Path(readable=False, path_type=Path))
@click.option(
    "--roster",
    type=click.Path(readable=False, path_type=Path),
    help="CSV with the columns id, name, and optionally email and print_name.",
)
@click.option(
    "--out",
    type=click.Path(readable=False, path_type=Path),
    default=Path("output"),
    show_default=True,
    help="The folder to write into.",
)
@click.option(
    "--only",
    metavar="STUDENT",
    multiple=True,
    help="Build only the student with this id, and no files of the class; may be given again.",
)
@click.option("--fillable", is_flag=True, help="Make each sheet a form to type the answers into.")
@click.option("--no-pdf", is_flag=True, help="Write forms and keys, but typeset nothing.")
@click.option("--zip", "zipped", is_flag=True, help="Pack sheets and forms into a zip to hand out.")
@click.option(
    "--zip-solutions",
    is_flag=True,
    help="Pack solutions into a zip, for after the deadline.",
)
@click.option("--force", is_flag=True, help="Make everything again, also what is up to date.")
@click.option(
    "--keep-tex",
    is_flag=True,
    help="Write LaTeX to edit as well: each sheet and solution whole, with TikZ, under tex/.",
)
@templates_option
@engine_option
@jobs_option
@as_json
def build(
    assignment: Path,
    roster: Path | None,
    out: Path,
    only: tuple[str, ...],
    fillable: bool,
    no_pdf: bool,
    keep_tex: bool,
    zipped: bool,
    zip_solutions: bool,
    force: bool,
    templates: Path | None,
    engine: str | None,
    jobs: int,
    as_json: bool,
) -> None:
    """Build an assignment for a class: sheets, solutions, forms and keys.

    ASSIGNMENT is a TOML file. Without a roster one sheet is built, for a student called "sample".
    For a class there are, besides, print.pdf (all sheets, to print on both sides), solutions.pdf
    and instructor.pdf (a line of key for each part of each student).

    \b
    Examples:
      generator build examples/recitation/recitation.toml --roster examples/recitation/roster.csv
      generator build exam.toml --roster class.csv --out output --only s1234567
      generator build exam.toml --roster class.csv --zip --zip-solutions
      generator build exam.toml --roster class.csv --fillable
      generator build exam.toml --no-pdf
    """
    if fillable and no_pdf:
        raise click.UsageError("--fillable is about PDFs, of which --no-pdf writes none")
    if zip_solutions and no_pdf:
        raise click.UsageError("--zip-solutions is about PDFs, of which --no-pdf writes none")

    from generator import building, collecting
    from generator.assignment import Student, read_assignment, read_roster
    from generator.rendering.environment import templates_from
    from generator.rendering.overriding import check
    from generator.rendering.typesetting import find_engine

    began = time.monotonic()
    what = read_assignment(assignment)
    if templates:
        check(templates)
    students = read_roster(roster) if roster else (Student("sample", "Sample Student"),)
    if only:
        unknown = sorted(set(only) - {student.id for student in students})
        if unknown:
            raise InputError(roster or "--only", f"there is no student with the id {unknown[0]!r}")
        students = tuple(student for student in students if student.id in only)
    tex = None if no_pdf else find_engine(engine)
    secret = building.course_secret(assignment, what)
    with _stoppable():
        with progress(f"Building {what.name}", len(students)) as advance:
            results = building.build(
                what,
                students,
                secret,
                out,
                engine=tex,
                jobs=jobs,
                force=force,
                templates=templates,
                fillable=fillable,
                keep_tex=keep_tex,
                progress=lambda _: advance(1),
            )
        collected = None
        if tex is not None and len(students) > 1 and not only:
            with templates_from(templates):
                collected = collecting.collect(what, results, out, tex, force=force)
        archives = [collecting.archive(what, results, out)] if zipped else []
        if zip_solutions:
            archives.append(collecting.archive_of_solutions(what, results, out))
        seconds = time.monotonic() - began
        shown = None if as_json else seconds
        _report(results, collected, archives, out / what.name, seconds=shown)


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Ends with a short message on Ctrl-C, and on a polite request to end."""

    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):  # Windows has no second, and nohup has it ignored
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    except KeyboardInterrupt:
        raise GradsheetError("stopped; run the same command again to go on") from None


def _report(
    results: Sequence[Built],
    collected: Collected | None,
    archives: Sequence[Path],
    folder: Path,
    *,
    seconds: float | None,
) -> None:
    """What was built, on standard output, as JSON where there are no seconds; what was not, on
    standard error."""
    built = [each for each in results if not each.error]
    failed = [each for each in results if each.error]
    of_class = dict(collected.pages) if collected else {}
    errors = collected.errors if collected else ()
    pages = sum(made.pages for each in built for made in each.pdfs.values())
    of_students = {path for each in built for path in each.files}  # all may take in the same logo
    files = len(of_students) + len(of_class) + len(archives)
    refused = [log for each in built for log in each.refused.values()]
    reaching = [word for each in built for word in each.reaching.values()]
    logs, words = sorted(set(refused)), sorted(set(reaching))
    if seconds is None:
        tree = {
            "folder": str(folder),
            "students": [_row(each) for each in results],
            "set_alone": {"sheets": len(refused + reaching), "logs": logs, "words": words},
            "class": {"pages": of_class, "errors": list(errors)},
            "zips": [str(each) for each in archives],
            "files": files,
            "pages": pages,
        }
        click.echo(json.dumps(tree, indent=1, ensure_ascii=False))
    else:
        typeset = f", {pages} pages" if pages else ""
        click.echo(
            f"{len(built)} of {len(results)} students built in {folder}/: "
            f"{files} files{typeset}, {seconds:.1f} s"
        )
    if refused:
        more = f" and {len(logs) - 1} more logs there" if len(logs) > 1 else ""
        _tell_alone(len(refused), f"TeX refused them together ({logs[0]}{more})")
    if reaching:
        why = f"{_first(words, 3)} might change the sheets behind"
        _tell_alone(len(reaching), why)
    _tell_errors(failed)
    for error in errors:
        click.echo(error, err=True)
    if failed and (of_class or archives):
        names = [*of_class, *(each.name for each in archives)]
        left_out = _first([each.student.id for each in failed], 5)
        click.echo(f"Without {left_out}: {', '.join(names)}", err=True)
    if failed or errors:
        raise SystemExit(1)


def _row(built: Built) -> dict[str, Any]:
    """A student as JSON."""
    return {
        "student": built.student.id,
        "file": built.student.file_name,
        "pages": {path.partition("/")[0]: made.pages for path, made in built.pdfs.items()},
        "error": built.error or None,
    }


def _tell_alone(sheets: int, why: str) -> None:
    many = "1 sheet was" if sheets == 1 else f"{sheets} sheets were"
    click.echo(f"{many} set alone, which takes longer: {why}", err=True)


def _tell_errors(failed: Sequence[Built]) -> None:
    """Each error once, with those whom it stopped."""
    for error, alike in groupby(sorted(failed, key=lambda each: each.error), lambda e: e.error):
        students = [f"{each.student.id} ({each.student.name})" for each in alike]
        shown = ", ".join(students) if len(students) <= 4 else _first(students, 3)
        click.echo(f"{shown}: {error}", err=True)


def _first(names: Sequence[str], count: int) -> str:
    """Some names, and how many more there are."""
    more = f" and {len(names) - count} more" if len(names) > count else ""
    return f"{', '.join(names[:count])}{more}"
