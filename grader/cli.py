"""The program `grader`. Each command parses, calls one function of the library and prints.

What takes time to import is imported inside the commands, so that `--help` is immediate.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from generator.model.errors import GradsheetError, InputError
from generator.model.files import drop_output
from grader.commands.amounts import Finite
from grader.commands.batch import batch
from grader.commands.gradescope import gradescope_run, gradescope_zip
from grader.commands.intake import intake
from grader.commands.merge import merge
from grader.commands.override import override
from grader.commands.regrade import regrade
from grader.commands.report import report
from grader.commands.returning import returning
from grader.commands.review import review
from grader.commands.showing import CODES, FILE, JSON, echo, echo_json, printable


class _Program(click.Group):
    """Errors made for people end in their message and exit code 1, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GradsheetError as error:
            raise click.ClickException(printable(str(error))) from error
        except BrokenPipeError:
            raise  # click ends quietly
        except OSError as error:  # the disk that the output goes to is full, ...
            drop_output()
            said = f"{error.filename or 'output'}: {error.strerror}"
            raise click.ClickException(printable(said)) from error


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"grader, gradsheet {version('gradsheet')}")
        ctx.exit()


@click.group(cls=_Program, epilog=CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def program() -> None:
    """Mark answers to problem sheets, one form or a folder of them.

    \b
    Examples:
      grader check answers.yaml
      grader grade answers.yaml --key keys/4711.json
      grader batch submissions --keys keys --out marks
      grader compare --kind array --truth "[1, 2]" --answer "(1, 2)"
    """


@program.command(epilog=CODES)
@click.argument("form", type=FILE)
@JSON
def check(form: Path, as_json: bool) -> None:
    """Show how each answer of FORM is read, before it is handed in. No key is needed.

    FORM is a YAML, TOML or JSON file, or the PDF of a sheet whose boxes were filled in. Exits with
    1 if an answer can't be read. A blank answer is only reported.

    \b
    Examples:
      grader check answers.yaml
      grader check sheet.pdf
      grader check answers.toml --json
    """
    from dataclasses import asdict

    from grader import checking
    from grader.submissions.texts import load

    found = checking.check(load(form))
    if as_json:
        echo_json([asdict(each) for each in found])
    else:
        echo(checking.text(found))
    if any(each.status in ("UNREADABLE", "NOT_ASKED") for each in found):
        sys.exit(1)


@program.command(epilog=CODES)
@click.argument("form", type=FILE)
@click.option("--key", type=FILE, required=True, help="The answer key of the sheet.")
@click.option("--html", type=FILE, help="Write the report to this page too.")
@click.option(
    "--release-solutions",
    is_flag=True,
    help="Show right answers and how they are found, on the page.",
)
@JSON
def grade(form: Path, key: Path, html: Path | None, release_solutions: bool, as_json: bool) -> None:
    """Mark FORM with its answer key and print the report.

    \b
    Examples:
      grader grade answers.yaml --key keys/4711.json
      grader grade answers.yaml --key keys/4711.json --html 4711.html --release-solutions
      grader grade answers.yaml --key keys/4711.json --json
    """
    from generator.model.files import write_whole
    from grader import reports
    from grader.grading import grade
    from grader.keys import load_key
    from grader.solving import prompts, worked_solutions
    from grader.student_pages import student_page
    from grader.submissions.texts import load

    if release_solutions and html is None:
        raise click.UsageError("--release-solutions needs --html: the text never shows them")
    answer_key = load_key(key)
    report = grade(answer_key, load(form))
    asked = prompts(answer_key)
    if html is not None:
        page = student_page(
            report,
            key=answer_key,
            prompts=asked,
            release_solutions=release_solutions,
            worked=worked_solutions(answer_key) if release_solutions else None,
        )
        write_whole(html, page)
    if as_json:
        echo_json(reports.tree(report))
    else:
        echo(reports.text(report, asked))


@program.command(epilog=CODES)
@click.argument("exercise", required=False)
@click.option("--level", type=click.IntRange(1, 3), help="1 gentle, 2 exam, 3 hard.")
@click.option("--seed", help="Any text; the same seed gives the same question.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="OPTION=VALUE",
    help="Set an option of the exercise; may be given again.",
)
@click.option("--pdf", type=FILE, help="Write the question to this PDF instead of showing it.")
def practice(
    exercise: str | None,
    level: int | None,
    seed: str | None,
    settings: tuple[str, ...],
    pdf: Path | None,
) -> None:
    """Practise an exercise, part by part, with feedback on every try.

    Without EXERCISE, the seed picks one. An answer that can't be read costs nothing.

    \b
    Examples:
      grader practice
      grader practice two_branch_backprop --level 1
      grader practice softmax_invariance --seed 7 --pdf softmax.pdf
    """
    from grader import practising

    seed = seed or practising.new_seed()
    question = practising.drawn(exercise, level, seed, settings, pdf)
    practising.practise(question, click.echo, practising.ask_in_terminal(), worksheet=pdf)
    click.echo(f"Once more: {practising.command(question.name, level, seed, settings)}")


@program.command(epilog=CODES)
@click.option("--kind", help="number, array, shape, choice, order, edges, set, interval, formula.")
@click.option("--truth", help="The right answer.")
@click.option("--answer", help="The answer to judge.")
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="X=DOMAIN",
    help="A name and its domain, or its sizes: x=real, U=k,m and h=m, for a column.",
)
@click.option("--option", "options", multiple=True, help="An option of a choice; once for each.")
@click.option("--abs", "absolute", type=Finite(0), help="The largest absolute error.")
@click.option("--rel", "relative", type=Finite(0), help="The largest relative error.")
@click.option("--decimals", type=click.IntRange(0, 30), help="Right to so many decimals.")
@click.option(
    "--significant", type=click.IntRange(1, 30), help="Right to so many significant figures."
)
@click.option(
    "--form", "forms", multiple=True, help="How it must be written: 'lowest terms', '3 decimals'."
)
@click.option(
    "--jsonl", type=click.Path(readable=False, path_type=Path, allow_dash=True), help="Judge many."
)
@JSON
def compare(
    kind: str | None,
    truth: str | None,
    answer: str | None,
    names: tuple[str, ...],
    options: tuple[str, ...],
    absolute: float | None,
    relative: float | None,
    decimals: int | None,
    significant: int | None,
    forms: tuple[str, ...],
    jsonl: Path | None,
    as_json: bool,
) -> None:
    """Judge an answer against a truth, outside any sheet.

    With --jsonl, read one JSON object a line (id, kind, truth, answer, and optionally the keys that
    docs/comparing.md lists) from a file, or from standard input with '-', and write one for each.

    \b
    Examples:
      grader compare --kind array --truth "[1, 2]" --answer "(1, 2)"
      grader compare --kind formula --truth "x(1-x)" --answer "x - x^2" --name x=real
      grader compare --kind formula --truth "U^T z" --answer "U z" --name U=k,m --name z=k,
      grader compare --kind number --truth 0.42 --answer 0.4199 --abs 0.001 --json
      grader compare --kind number --truth 2/3 --answer 0.67 --significant 2
      grader compare --kind number --truth 2/3 --answer 4/6 --form "lowest terms"
      grader compare --kind choice --option a --option b --truth a --answer b
      grader compare --jsonl rows.jsonl
    """
    if jsonl is not None:
        if kind or truth or answer:
            raise click.UsageError("--jsonl has its kinds, truths and answers in the file")
        _compare_lines(jsonl)
        return
    if kind is None or truth is None or answer is None:
        raise click.UsageError("give --kind, --truth and --answer, or --jsonl")
    row: dict[str, Any] = {"kind": kind, "truth": truth, "answer": answer}
    if names:
        row["names"] = dict(_name(name) for name in names)
    if options:
        row["options"] = list(options)
    if forms:
        row["form"] = list(forms)
    bounds = {
        "abs": absolute, "rel": relative, "decimals": decimals, "significant": significant,
    }  # fmt: skip
    if any(bound is not None for bound in bounds.values()):
        row["tolerance"] = {name: bound for name, bound in bounds.items() if bound is not None}

    from grader.judging import judge

    result = judge(row)
    if as_json:
        echo_json(result)
    else:
        echo(_judgement(result))
    if result["status"] == "ERROR":
        sys.exit(1)


def _compare_lines(path: Path) -> None:
    from grader.judging import judge_lines

    with _lines(path) as lines:
        for result in judge_lines(lines):
            click.echo(json.dumps(result))


@contextlib.contextmanager
def _lines(path: Path) -> Iterator[BinaryIO]:
    """The lines of a file, or of standard input."""
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    with file:
        yield file


def _name(text: str) -> tuple[str, str | dict[str, list[str]]]:
    """x=real declares a scalar, U=k,m a matrix, h=m, a vector."""
    name, equals, declared = text.partition("=")
    if not (name.strip() and equals and declared.strip()):
        raise click.BadParameter(f"{text!r} is not of the form x=real", param_hint="--name")
    sizes = [size.strip() for size in declared.strip().strip("()").split(",")]
    if len(sizes) == 1:
        return name.strip(), declared.strip()
    return name.strip(), {"shape": [size for size in sizes if size]}


def _judgement(result: dict[str, Any]) -> str:
    """A judgement for people: what holds, then what is known about it."""
    lines = [f"{result['status']}  (credit {result['credit']:g})"]
    for key, label in (("read_as", "read as"), ("feedback", ""), ("counterexample", "fails at")):
        if result[key] and result[key] not in (result["feedback"] if key != "feedback" else ""):
            lines.append(f"{label}: {result[key]}" if label else result[key])
    return printable("\n".join(lines)) + "\n"


for _command in (
    batch, regrade, override, review, merge, report, intake, returning, gradescope_zip,
    gradescope_run,
):  # fmt: skip
    program.add_command(_command)


def main() -> None:
    """The entry point. A reader that closes the pipe early (`| head`) ends it quietly, which is
    click's doing; a terminal without the characters of a report shows question marks for them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    program(prog_name="grader")
