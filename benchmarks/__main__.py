"""`make bench`: a class typeset and answers judged, beside other tools in the same run."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import answers, typesetting
from benchmarks.rexams import NotMeasured
from benchmarks.tables import table
from generator import catalog, verifying
from generator.assignment import Assignment, Entry, Student
from generator.building import Plan, build_batch, planned
from generator.model import records
from generator.rendering.typesetting import find_engine
from generator.sheets import answer_key, draw_sheet
from grader import grading
from grader.reading import typed
from grader.submissions import Submission

INSTANCES = 200
STUDENTS = 5
PACKAGES = ("numpy", "sympy", "math-verify")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "section",
        nargs="?",
        choices=("all", "answers", "typesetting"),
        default="all",
        help="what to measure (default: all)",
    )
    parser.add_argument(
        "--students",
        type=int,
        nargs="+",
        default=list(typesetting.STUDENTS),
        metavar="N",
        help="sizes of the classes to typeset (1000 takes minutes)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures")
    options = parser.parse_args(arguments)
    console = Console(width=100, highlight=False)
    where = machine()
    console.print(", ".join(where.values()), "", sep="\n")
    figures: dict[str, Any] = {"machine": where}
    if options.section in ("all", "typesetting"):
        console.print(typesetting.ABOUT, "", sep="\n")
        classes = [
            typesetting.measured(sheet, students)
            for sheet in typesetting.CLASSES
            for students in options.students
        ]
        others = _beside(console)
        figures["typesetting"] = [dataclasses.asdict(each) for each in classes]
        figures["rexams"] = others
        for shown in typesetting.shown(classes, others):
            console.print(shown, "", sep="\n")
    if options.section in ("all", "answers"):
        console.print(answers.ABOUT, "", sep="\n")
        scores, costs = answers.measured(console)
        figures["answers"] = [dataclasses.asdict(each) for each in scores]
        figures["costs"] = [dataclasses.asdict(each) for each in costs]
        console.print(answers.scores_table(scores), "", answers.costs_table(costs), "", sep="\n")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if options.section == "all":
        console.print(instances(), "", sheets(), sep="\n")


def _beside(console: Console) -> dict[str, float]:
    """What R/exams takes for each sheet, or nothing, and then why is said."""
    try:
        return {sheet: typesetting.beside(sheet) for sheet in typesetting.CLASSES}
    except NotMeasured as error:
        console.print(str(error), "", sep="\n", markup=False, soft_wrap=True)
        return {}


def machine() -> dict[str, str]:
    """Where this runs, and what is compared. Other work on the machine shows in every time."""
    packages = (f"{name} {version(name)}" for name in PACKAGES)
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": f"{os.cpu_count()} cores, load {load}",
        "python": f"Python {platform.python_version()}",
        "packages": ", ".join(packages),
    }


def median_ms(work: Callable[[], Any], times: int) -> float:
    """The median time of `work` in milliseconds, after one run that does not count."""
    work()
    measured = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        measured.append(1000 * (time.perf_counter() - start))
    return statistics.median(measured)


def instances() -> Table:
    """Drawing and proving one instance."""
    shown = table("One certified instance", "exercise", "median ms", "p99 ms", "draws rejected")
    for each in verifying.verify({name: {} for name in catalog.names()}, INSTANCES):
        rejected = sum(each.rejections.values()) / INSTANCES
        shown.add_row(
            each.exercise, f"{each.median_ms:.1f}", f"{each.p99_ms:.1f}", f"{rejected:.2f}"
        )
    return shown


def sheets() -> Table:
    """A four-exercise sheet: drawn, typeset with its solution, and its form graded."""
    assignment = Assignment(
        "bench", "Benchmark", tuple(Entry(name, {}) for name in catalog.names()[:4]), practice=True
    )
    sheet = draw_sheet(assignment, Student("s0", "Ann"), b"")
    key = answer_key(sheet)
    filled = {
        question.slot: {name: typed(truth, truth.value) for name, truth in question.truths.items()}
        for question in sheet.questions
    }
    submission = Submission(sheet.sheet_id, "s0", filled, "bench")
    shown = table("One student, four exercises", "step", "median ms")
    rows: list[tuple[str, Callable[[], Any], int]] = [
        ("draw and prove", lambda: draw_sheet(assignment, Student("s0", "Ann"), b""), 20),
        ("write the key", lambda: records.dumps(answer_key(sheet)), 20),
        ("grade the form", lambda: grading.grade(key, submission), 20),
    ]
    for name, work, times in rows:
        shown.add_row(name, f"{median_ms(work, times):.1f}")
    engine = find_engine()
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(assignment, b"", Path(folder), engine)
        for kind in ("sheets", "solutions", "forms", "keys"):
            (Path(folder) / kind).mkdir()
        numbers = iter(range(1000))

        def whole() -> None:
            (built,) = build_batch((plan, planned(plan, [Student(f"s{next(numbers)}", "Ann")])))
            assert not built.error, built.error

        shown.add_row("all, with sheet and solution as PDF", f"{median_ms(whole, STUDENTS):.0f}")
    return shown


if __name__ == "__main__":
    main()
