"""`grader return`: grades into the files that learning platforms take back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands.showing import CODES, FILE

if TYPE_CHECKING:
    from grader.platforms import Written
    from grader.submissions.received import Grade


@click.group("return", epilog=CODES)
def returning() -> None:
    """Write grades into the file of a learning platform, ready to be uploaded.

    \b
    Examples:
      grader return moodle Grades-week3.csv --marks output/week3/marks --out Grades-new.csv
      grader return canvas gradebook.csv --assignment "Week 3" --marks marks --out new.csv
      grader return plain --marks output/week3/marks --out grades.csv
      grader return plain --marks postgresql://host/course --out grades.csv
    """


def _marks(command: Callable[..., None]) -> Callable[..., None]:
    """The options that tell which grades go back, and where to."""
    for option in (
        click.option("--out", type=FILE, required=True, help="The file to write."),
        click.option(
            "--submissions", type=FILE, help="The download, where the platform hides names."
        ),
        click.option("--keys", type=FILE, help="The answer keys: they know addresses."),
        click.option(
            "--marks",
            metavar="DIR|LEDGER",
            required=True,
            help="What `grader batch` wrote: its folder, or its ledger.",
        ),
    ):
        command = option(command)
    return command


@returning.command(epilog=CODES)
@click.argument("worksheet", type=FILE)
@_marks
@click.option("--feedback-zip", type=FILE, help="Write the students' reports into this zip too.")
@click.option("--grade-column", default="", help="The header of the grades, where not found.")
@click.option("--feedback-column", default="", help="The header of the comments, where not found.")
def moodle(
    worksheet: Path,
    marks: str,
    keys: Path | None,
    submissions: Path | None,
    out: Path,
    feedback_zip: Path | None,
    grade_column: str,
    feedback_column: str,
) -> None:
    """Fill in WORKSHEET, the grading worksheet of a Moodle assignment.

    Only the grades and the feedback comments change. Upload the result in the assignment with
    `Upload grading worksheet`, and the zip with `Upload multiple feedback files in a zip`.
    """
    from generator.model.files import write_whole
    from grader.platforms import moodle

    data, source = _read(worksheet), str(worksheet)
    people = moodle.people(data, source) if submissions else {}
    grades = _grades(marks, keys, submissions, people, documents=feedback_zip is not None)
    written = moodle.fill_worksheet(
        data, grades, source, grade=grade_column, comments=feedback_column
    )
    if feedback_zip is not None:
        write_whole(feedback_zip, moodle.feedback_zip(data, grades, source).data)
    _finish(written, out)


@returning.command("moodle-gradebook", epilog=CODES)
@click.option("--item", required=True, help="The name of the grade item.")
@_marks
def moodle_gradebook(
    item: str, marks: str, keys: Path | None, submissions: Path | None, out: Path
) -> None:
    """Write a CSV for Moodle's gradebook: Grades, Import, CSV file.

    Map `ID number` or `Email address` to the user, and the last column to the grade item.
    """
    from grader.platforms import moodle

    _finish(moodle.gradebook(_grades(marks, keys, submissions), item), out)


@returning.command(epilog=CODES)
@click.argument("gradebook", type=FILE)
@click.option("--assignment", required=True, help="Its title or its id in Canvas.")
@click.option("--create", is_flag=True, help="Add a column, where the assignment is not there.")
@_marks
@click.option("--feedback-zip", type=FILE, help="Write the students' reports into this zip too.")
def canvas(
    gradebook: Path,
    assignment: str,
    create: bool,
    marks: str,
    keys: Path | None,
    submissions: Path | None,
    out: Path,
    feedback_zip: Path | None,
) -> None:
    """Write grades into GRADEBOOK, which Canvas exported; import the result there.

    Only the assignment's cells change; students who are excused (EX) stay so. The zip, which takes
    --submissions (Canvas's own download), goes back with `Upload Submissions` in the assignment.
    """
    from generator.model.files import write_whole
    from grader.platforms import canvas

    if feedback_zip is not None and submissions is None:
        raise click.UsageError("--feedback-zip needs --submissions: its files have their names")
    data, source = _read(gradebook), str(gradebook)
    people = canvas.people(data, source) if submissions else {}
    grades = _grades(marks, keys, submissions, people)
    written = canvas.fill_gradebook(data, grades, assignment, source, create=create)
    if feedback_zip is not None and submissions is not None and keys is not None:
        feedback = _canvas_feedback(marks, keys, submissions, people)
        write_whole(feedback_zip, feedback.data)
        _tell(feedback, "feedback file", feedback_zip)
    _finish(written, out)


@returning.command(epilog=CODES)
@click.argument("scores", type=FILE)
@_marks
def gradescope(
    scores: Path, marks: str, keys: Path | None, submissions: Path | None, out: Path
) -> None:
    """Write grades into SCORES, the table that Gradescope's `Download Grades` gives.

    Only total scores change, and whose do is told: what the autograder said there and what counts
    now, after regrading or decisions. Gradescope takes no table back; it is for a gradebook.
    """
    from grader.platforms.scores import fill_scores

    grades = _grades(marks, keys, submissions)
    _finish(fill_scores(_read(scores), grades, str(scores)), out)


@returning.command(epilog=CODES)
@_marks
def plain(marks: str, keys: Path | None, submissions: Path | None, out: Path) -> None:
    """Write a plain table: student, name, email, points, feedback."""
    from grader.platforms import plain

    _finish(plain.table(_grades(marks, keys, submissions)), out)


def _grades(
    marks: str,
    keys: Path | None,
    submissions: Path | None,
    people: dict[str, Any] | None = None,
    *,
    documents: bool = False,
) -> list[Grade]:
    from grader.class_reports import class_grades
    from grader.platforms.keys import load_keys
    from grader.platforms.marks import DOCUMENTS, with_senders
    from grader.reports import printable
    from grader.submissions.intake import intake

    if submissions is not None and keys is None:
        raise click.UsageError("--submissions needs --keys: they tell whose sheet a form is for")
    known = load_keys(keys) if keys is not None else []
    grades = class_grades(marks, known, DOCUMENTS if documents else ())
    open_ones = [grade.sender.student for grade in grades if grade.waiting]
    if open_ones:
        shown = ", ".join(open_ones[:10]) + (", ..." if len(open_ones) > 10 else "")
        click.echo(f"note: not final, a person must look at answers of: {printable(shown)}")
    if submissions is not None:
        grades = with_senders(grades, intake(submissions), known, people)
    return grades


def _canvas_feedback(marks: str, keys: Path, submissions: Path, people: dict[str, Any]) -> Written:
    from grader.class_reports import class_grades
    from grader.platforms import canvas
    from grader.platforms.keys import load_keys
    from grader.platforms.marks import handed_in
    from grader.submissions.intake import intake

    known = load_keys(keys)
    files = handed_in(intake(submissions), known, people)
    return canvas.feedback_zip(class_grades(marks, known, (".txt",)), files)


def _read(path: Path) -> bytes:
    from generator.model.errors import InputError

    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None


def _finish(written: Written, out: Path) -> None:
    from generator.model.files import write_whole
    from grader.reports import plural

    write_whole(out, written.data)
    _tell(written, "grade", out)
    if written.missed:
        click.echo(f"{plural(written.missed, 'grade')} could not be placed: see above", err=True)
        sys.exit(1)


def _tell(written: Written, what: str, out: Path) -> None:
    from grader.reports import plural, printable

    for note in written.notes:
        click.echo(f"note: {printable(note)}")
    click.echo(f"{plural(written.graded, what)} written to {out}")
