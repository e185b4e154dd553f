"""`make bench`: medians of whole operations, and ratios measured side by side in the same run."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.answers import FORMULAS, PAIRS, Pair, judged_by_sympy, judged_by_us
from generator import catalog, verifying
from generator.assignment import Assignment, Entry, Student
from generator.building import Plan, build_student
from generator.model import records
from generator.rendering.typesetting import find_engine
from generator.sheets import answer_key, draw_sheet
from grader import grading
from grader.reading import typed
from grader.submissions import Submission

INSTANCES = 200
STUDENTS = 5


def main() -> None:
    console = Console(width=100)
    console.print(instances())
    console.print(answers("One typed number or array", PAIRS))
    console.print(answers("One typed formula", FORMULAS))
    console.print(sheets())


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
    table = _table("One certified instance", "exercise", "ms median", "ms p99", "draws rejected")
    for each in verifying.verify({name: {} for name in catalog.names()}, INSTANCES):
        rejected = sum(each.rejections.values()) / INSTANCES
        table.add_row(
            each.exercise, f"{each.median_ms:.1f}", f"{each.p99_ms:.1f}", f"{rejected:.2f}"
        )
    return table


def answers(title: str, pairs: Sequence[Pair]) -> Table:
    """Judging typed answers, beside sympy's parser and equality on the same pairs."""
    table = _table(
        f"{title} ({len(pairs)} pairs, half of them wrong)",
        "judge", "ms median", "ms p99", "right verdicts", "times slower",
    )  # fmt: skip
    rows: list[tuple[str, float, float, float]] = []
    for name, judge in (("gradsheet", judged_by_us), ("sympy .equals", judged_by_sympy)):
        times: list[float] = []
        right = 0
        for pair in (*pairs, *pairs):  # the first round warms up
            start = time.perf_counter()
            verdict = judge(pair)
            times.append(1000 * (time.perf_counter() - start))
            right += verdict == pair.equal
        warm = sorted(times[len(pairs) :])
        rows.append((name, statistics.median(warm), warm[int(0.99 * len(warm))], right / 2))
    ours = rows[0][1]
    for name, median, p99, share_right in rows:
        share = f"{share_right:.0f} of {len(pairs)}"
        table.add_row(name, f"{median:.3f}", f"{p99:.3f}", share, f"{median / ours:.1f}")
    return table


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
    table = _table("One student, four exercises", "step", "ms median")
    rows: list[tuple[str, Callable[[], Any], int]] = [
        ("draw and prove", lambda: draw_sheet(assignment, Student("s0", "Ann"), b""), 20),
        ("write the key", lambda: records.dumps(answer_key(sheet)), 20),
        ("grade the form", lambda: grading.grade(key, submission), 20),
    ]
    for name, work, times in rows:
        table.add_row(name, f"{median_ms(work, times):.1f}")
    engine = find_engine()
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(assignment, b"", Path(folder), engine, {})
        for kind in ("sheets", "solutions", "forms", "keys"):
            (Path(folder) / kind).mkdir()
        numbers = iter(range(1000))

        def whole() -> None:
            built = build_student(plan, Student(f"s{next(numbers)}", "Ann"))
            assert not built.error, built.error

        table.add_row("all, with sheet and solution as PDF", f"{median_ms(whole, STUDENTS):.0f}")
    return table


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    table.add_column(first)
    for other in others:
        table.add_column(other, justify="right")
    return table


if __name__ == "__main__":
    main()
