"""A class typeset: CPU time of each step for a student, beside a cold process of TeX for each, and
beside R/exams."""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from unittest.mock import patch

from rich.table import Table

from benchmarks import rexams
from benchmarks.tables import table, times
from generator.assignment import Assignment, Entry, Student
from generator.building import build
from generator.collecting import collect
from generator.rendering import exporting
from generator.rendering.batches import Source
from generator.rendering.typesetting import find_engine, typeset
from generator.sheets import draw_sheet


def _of(*exercises: str) -> Assignment:
    return Assignment("bench", "Benchmark", tuple(Entry(n, {}) for n in exercises), practice=True)


CLASSES = {  # sheets of four exercises, each with a drawing in the short one
    "short": _of(
        "line_pattern_separability",
        "step_representability",
        "two_branch_backprop",
        "computation_graph_structure",
    ),
    "long": _of(
        "step_representability", "xor_relu_weights", "two_branch_backprop", "softmax_invariance"
    ),
}
STUDENTS = (25, 100)
COLD = 5  # students for whom a cold process, and R/exams, is measured
ABOUT = (
    "A class, on one core: sheet and solutions of four exercises for each student, with form and "
    "key, in a short sheet and in a long one; then the files of the whole class. Beside it a "
    "process of TeX for each student, with figures in TikZ, and exams2pdf of R/exams."
)
_STEPS = {  # what is measured apart, by its place; the rest is writing
    "draw": "generator.building.draw_sheet",
    "render": "generator.building.documents.both",
    "split": "generator.building.typeset_batch",
    "forms": "generator.building.forms.form",
}


@dataclass(frozen=True)
class Typeset:
    """CPU milliseconds for a student, by step; those of TeX apart from our own."""

    sheet: str  # which of CLASSES
    students: int
    pages: int
    megabytes: float  # most memory of our process, and
    tex_megabytes: float  # of a run of TeX
    cold: float  # one cold process of TeX for a student; the median, and
    colds: int  # of how many
    steps: dict[str, float] = field(default_factory=dict)
    together: float = 0.0  # the files of the class

    @property
    def typesetting(self) -> float:
        return self.steps["TeX"] + self.steps["split"]

    @property
    def each(self) -> float:
        """All that a student's own files take."""
        return sum(self.steps.values())


def measured(sheet: str, students: int, colds: int = COLD) -> Typeset:
    """A class of that many, built in this process, and some students in a cold process each."""
    engine, assignment = find_engine(), CLASSES[sheet]
    names = [Student(f"s{number}", f"Student {number}") for number in range(students)]
    steps = dict.fromkeys(("draw", "render", "TeX", "split", "forms", "write"), 0.0)
    with tempfile.TemporaryDirectory() as folder:
        build(assignment, names[:1], b"", Path(folder) / "warm", engine=engine)
        began, tex_began = _cpu(), _cpu_of_tex()
        with _counted(steps):
            results = build(assignment, names, b"", Path(folder), engine=engine)
        wrong = next((each.error for each in results if each.error), None)
        assert wrong is None, wrong
        whole = _cpu() - began
        steps["TeX"] = 1000 * (_cpu_of_tex() - tex_began)
        steps["write"] = 1000 * whole - sum(steps[name] for name in _STEPS)
        began, tex_began = _cpu(), _cpu_of_tex()
        collect(assignment, results, Path(folder), engine)
        together = 1000 * (_cpu() - began + _cpu_of_tex() - tex_began)
    return Typeset(
        sheet,
        students,
        sum(made.pages for each in results for made in each.pdfs.values()),
        _most_memory(resource.RUSAGE_SELF),
        _most_memory(resource.RUSAGE_CHILDREN),
        cold(assignment, colds),
        colds,
        {name: total / students for name, total in steps.items()},
        together / students,
    )


@contextmanager
def _counted(steps: dict[str, float]) -> Iterator[None]:
    """Adds the CPU milliseconds that each step takes of our process."""

    def counting(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def work(*arguments: Any, **options: Any) -> Any:
            began = _cpu()
            try:
                return original(*arguments, **options)
            finally:
                steps[name] += 1000 * (_cpu() - began)

        return work

    with ExitStack() as patches:
        for name, place in _STEPS.items():
            patches.enter_context(patch(place, counting(name, resolve_name(place))))
        yield


def cold(assignment: Assignment, students: int) -> float:
    """CPU milliseconds of one process of pdfLaTeX that sets sheet and solutions of a student, from
    the preamble on and with figures in TikZ; the median of some."""
    engine = find_engine()
    spent = []
    for number in range(students):
        source = _by_hand(assignment, Student(f"s{number}", f"Student {number}"))
        began = _cpu_of_tex()
        typeset(source, "cold", engine)
        spent.append(1000 * (_cpu_of_tex() - began))
    return statistics.median(spent)


def beside(sheet: str, students: int = COLD) -> float:
    """CPU milliseconds for a student of R/exams, R and its children, that sets the same sheets and
    solutions in one call for that many. `rexams.NotMeasured` where it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        names = [Student(f"s{number}", f"Student {number}") for number in range(students)]
        rexams.write(CLASSES[sheet], names, Path(folder))
        began = _cpu_of_tex()
        rexams.run(Path(folder))
        return 1000 * (_cpu_of_tex() - began) / students


def _by_hand(assignment: Assignment, student: Student) -> str:
    """One document with sheet and solutions, as those that `--keep-tex` writes; without the number
    of pages, for which TeX runs twice."""
    sheet, solutions = (
        Source("", text) for text in exporting.exported(draw_sheet(assignment, student, b""))
    )
    known = set(sheet.preamble.splitlines())
    more = [line for line in solutions.preamble.splitlines() if line not in known]
    preamble = "\n".join((sheet.preamble.rstrip(), *more))
    text = f"{preamble}\n\\begin{{document}}\n{sheet.body}{solutions.body}\\end{{document}}\n"
    return text.replace(r"\pageref{LastPage}", "?").replace(" lastpage,", "")


def shown(results: Sequence[Typeset], others: Mapping[str, float]) -> tuple[Table, ...]:
    """The steps of each class, what it takes, and how it compares with a cold process for each
    student and with R/exams, whose milliseconds are known for some sheets."""
    steps = table("CPU ms for each student, by step", "sheet", "students", *results[0].steps)
    taken = table(
        "CPU ms for each student, and the most memory",
        "sheet", "students", "pages", "typesetting", "own files", "class files", "MB", "TeX MB",
    )  # fmt: skip
    compared = table(
        "CPU ms for each student; behind another's, how often our own files go into it",
        "sheet", "students", "own files",
        f"cold TeX ({results[0].colds})", "times", f"R/exams ({COLD})", "times",
    )  # fmt: skip
    for each in results:
        name = (each.sheet, f"{each.students:,}")
        other = others.get(each.sheet)
        steps.add_row(*name, *(f"{ms:.1f}" for ms in each.steps.values()))
        taken.add_row(
            *name,
            f"{each.pages / each.students:.0f}",
            f"{each.typesetting:.1f}",
            f"{each.each:.1f}",
            f"{each.together:.1f}",
            f"{each.megabytes:.0f}",
            f"{each.tex_megabytes:.0f}",
        )
        compared.add_row(
            *name,
            f"{each.each:.1f}",
            f"{each.cold:,.0f}",
            times(each.cold / each.each),
            f"{other:,.0f}" if other else "–",
            times(other / each.each) if other else "–",
        )
    return steps, taken, compared


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _cpu_of_tex() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _most_memory(of: int) -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(of).ru_maxrss * unit / 1e6
