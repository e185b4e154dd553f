"""Publishing: from a ledger to the files of a class.

What is written follows from the ledger alone, and is the same bytes however often it was
interrupted: report files whose content did not change are left as they are.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from generator.model.files import BESIDE, write_whole, writing_whole
from generator.model.garbage import searched_rarely
from grader import reports, summaries
from grader.counting import counted, policy_of
from grader.grading import Report
from grader.keyring import Problem
from grader.ledger import Ledger
from grader.policies import in_time
from grader.published import Batch, Missing, forget, recalled, remember
from grader.report_files import ReportFiles, json_text, wanted_of
from grader.submissions.received import NOT_A_FORM
from grader.summaries import Tally

_ROWS = 40
_NAMED = 10


@searched_rarely()
def publish(ledger: Ledger, out: Path) -> Batch:
    """Write `grades.csv`, `problems.csv`, `summary.txt` and `summary.json` of the last run into
    `out`, and what is wanted of `reports/<student>.txt`, `.json` and `.html`.

    What is wanted, the policy and what people decided are those of the ledger. Where nothing has
    changed since it was published last, nothing is written.
    """
    if (before := recalled(ledger, out)) is not None:
        return before
    forget(ledger)
    for folder in (out, out / "reports"):
        for path in folder.glob(f"{BESIDE}*"):  # of a run that was killed while it wrote
            path.unlink(missing_ok=True)
    ledger.set_meta(out=str(out.resolve()))
    batch = _graded(ledger, out)
    rows = [(summaries.harmless(p.file), summaries.harmless(p.reason)) for p in batch.problems]
    write_whole(out / "problems.csv", summaries.csv_text([("file", "problem"), *rows]))
    write_whole(out / "summary.txt", text_of(batch))
    write_whole(out / "summary.json", json_text(tree(batch)))
    remember(ledger, out, batch)
    return batch


def _graded(ledger: Ledger, out: Path) -> Batch:
    """Write `grades.csv` and the reports, report by report; what else there is to tell."""
    run, policy = ledger.run, policy_of(ledger)
    shared = ledger.meta("shared") == "yes"
    keys = [] if shared else ledger.entries()
    students = ledger.students(run) if shared and wanted_of(ledger).reports else keys
    slots = tuple(ledger.slots(run))
    refusals = list(ledger.refusals(run))
    problems = [Problem(r.source, r.reason) for r in refusals if r.reason != NOT_A_FORM]
    shown: list[tuple[Report, str]] = []
    unclear = 0
    unclear_first: list[str] = []
    present: set[str] = set()
    tally = Tally()
    with (
        writing_whole(out / "grades.csv") as file,
        ReportFiles(ledger, out / "reports", students) as files,
    ):
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        table = csv.writer(text, lineterminator="\n")
        table.writerow(summaries.grades_header(slots))
        for each in counted(ledger, run, policy):
            if isinstance(each, Problem):
                problems.append(each)
                continue
            table.writerow(summaries.grades_row(each.report, each.source, slots))
            tally.add(each.report)
            present.add(each.report.sheet_id)
            if each.unclear:
                unclear += 1
                unclear_first += [each.source] if unclear <= _NAMED else []
            if len(shown) < _ROWS:
                shown.append((each.report, each.source))
            files.write(each.report)
        text.detach()
    return Batch(
        graded=tuple(shown),
        summary=tally.summary(),
        problems=(*ledger.key_problems(), *sorted(problems, key=lambda each: each.file)),
        missing=tuple(
            Missing(key.student, key.name, key.sheet) for key in keys if key.sheet not in present
        ),
        skipped=tuple(r.source for r in refusals if r.reason == NOT_A_FORM),
        unclear=unclear,
        unclear_first=tuple(unclear_first),
        in_time=in_time(policy),
    )


def text_of(batch: Batch) -> str:
    """The summary of the class, then the problems, who is missing, what was skipped."""
    lines = [summaries.text(batch.summary).rstrip("\n")]
    if batch.in_time:
        lines += ["", batch.in_time]
    if batch.problems:
        lines += ["", "Problems: these files were not used"]
        lines += [f"  {p.file}: {reports.printable(p.reason)}" for p in batch.problems]
    if batch.unclear:
        names = [*map(reports.printable, batch.unclear_first)]
        names += ["..."] * (batch.unclear > len(names))
        lines += [
            "",
            f"Not final: nobody knows how late {reports.plural(batch.unclear, 'form')} came; no "
            "penalty was taken",
            *(f"  {name}" for name in names),
        ]
    if batch.missing:
        lines += ["", "No graded submission from"]
        lines += [
            f"  {m.student}  {reports.printable(m.name)} ({m.sheet_id})" for m in batch.missing
        ]
    if batch.skipped:
        lines += ["", "Skipped, not a form", *(f"  {name}" for name in batch.skipped)]
    return "\n".join(lines) + "\n"


def tree(batch: Batch) -> dict[str, object]:
    """The same as plain JSON."""
    return {
        **summaries.tree(batch.summary),
        "problems": [{"file": p.file, "problem": p.reason} for p in batch.problems],
        "missing": [
            {"student": m.student, "name": m.name, "sheet": m.sheet_id} for m in batch.missing
        ],
        "skipped": list(batch.skipped),
        "in_time": batch.in_time,
        "lateness_unclear": batch.unclear,
    }


def table(batch: Batch, rows: int = _ROWS) -> str:
    """The summary, then the marks of at most `rows` students as a table: for the terminal."""
    cells = [("student", "name", "points", "share", "for a person")]
    for report, _ in batch.graded[:rows]:
        cells.append(
            (
                reports.printable(report.student)[:20],
                reports.printable(report.name)[:28],
                reports.marks(report.earned, report.points),
                reports.percent(report.share),
                str(report.needs_human or ""),
            )
        )
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in cells]
    lines.insert(1, "-" * max(map(len, lines)))
    more = batch.summary.graded - len(batch.graded[:rows])
    if more:
        lines.append(f"... and {more} more in grades.csv")
    return text_of(batch) + "\n" + "\n".join(line.rstrip() for line in lines) + "\n"
