"""A class typeset: CPU time of each step for a student, beside a cold process of TeX for each."""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from unittest.mock import patch

from rich.table import Table

from benchmarks.tables import table, times
from generator.assignment import Assignment, Entry, Student
from generator.building import build
from generator.collecting import collect
from generator.rendering import documents, tikz
from generator.rendering.batches import Source
from generator.rendering.typesetting import find_engine, typeset
from generator.sheets import draw_sheet

EXERCISES = (
    "step_representability",
    "xor_relu_weights",
    "two_branch_backprop",
    "softmax_invariance",
)
CLASS = Assignment("bench", "Benchmark", tuple(Entry(n, {}) for n in EXERCISES), practice=True)
STUDENTS = (25, 100)
COLD = 5  # students for whom a cold process is measured
ABOUT = (
    "A class, on one core: sheet and solutions of four exercises for each student, "
    "with forms, keys and the files of the class."
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

    students: int
    pages: int
    megabytes: float  # most memory of our process, and
    tex_megabytes: float  # of a run of TeX
    steps: dict[str, float] = field(default_factory=dict)

    @property
    def whole(self) -> float:
        return sum(self.steps.values())


def measured(students: int) -> Typeset:
    """A class of that many, built in this process."""
    engine = find_engine()
    names = [Student(f"s{number}", f"Student {number}") for number in range(students)]
    steps = dict.fromkeys(("draw", "render", "TeX", "split", "forms", "write", "class"), 0.0)
    with tempfile.TemporaryDirectory() as folder:
        build(CLASS, names[:1], b"", Path(folder) / "warm", engine=engine)
        began, tex_began = _cpu(), _cpu_of_tex()
        with _counted(steps):
            results = build(CLASS, names, b"", Path(folder), engine=engine)
        wrong = next((each.error for each in results if each.error), None)
        assert wrong is None, wrong
        whole = _cpu() - began
        steps["TeX"] = 1000 * (_cpu_of_tex() - tex_began)
        steps["write"] = 1000 * whole - sum(steps[name] for name in _STEPS)
        began, tex_began = _cpu(), _cpu_of_tex()
        collect(CLASS, results, Path(folder), engine)
        steps["class"] = 1000 * (_cpu() - began + _cpu_of_tex() - tex_began)
    return Typeset(
        students,
        sum(made.pages for each in results for made in each.pdfs.values()),
        _most_memory(resource.RUSAGE_SELF),
        _most_memory(resource.RUSAGE_CHILDREN),
        {name: total / students for name, total in steps.items()},
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


def cold(students: int = COLD) -> tuple[float, int]:
    """CPU milliseconds of one process of pdfLaTeX that sets sheet and solutions of a student, from
    the preamble on and with figures in TikZ, as one would write them; the median, and of how many.
    """
    engine = find_engine()
    spent = []
    for number in range(students):
        source = _by_hand(Student(f"s{number}", f"Student {number}"))
        began = _cpu_of_tex()
        typeset(source, "cold", engine)
        spent.append(1000 * (_cpu_of_tex() - began))
    return statistics.median(spent), students


def _by_hand(student: Student) -> str:
    """One document with sheet and solutions, whose preamble no format is kept of."""
    sheet = draw_sheet(CLASS, student, b"")
    with patch.object(documents, "exercises", partial(documents.exercises, figure=tikz.tikz)):
        both = [Source("", text) for text in documents.both(sheet)]
    preamble = both[0].preamble.rstrip() + "\n% read afresh\n"
    bodies = "".join(each.body for each in both)
    return f"{preamble}\\begin{{document}}\n{bodies}\\end{{document}}\n"


def shown(results: Sequence[Typeset], alone: tuple[float, int]) -> Table:
    """The steps in a row for each class, the cold process below."""
    names = list(results[0].steps)
    columns = (*names, "all", "pages", "MB", "TeX MB", "times")
    caption = "CPU ms for each student; the last column: a cold process beside all of it"
    rows = table(caption, "students", *columns)
    median, count = alone
    for each in results:
        rows.add_row(
            str(each.students),
            *(f"{each.steps[name]:.1f}" for name in names),
            f"{each.whole:.1f}",
            f"{each.pages / each.students:.0f}",
            f"{each.megabytes:.0f}",
            f"{each.tex_megabytes:.0f}",
            times(median / each.whole),
        )
    empty = [""] * (len(names) - 3)
    rows.add_row(f"{count}, cold", "", "", f"{median:.1f}", *empty, f"{median:.1f}")
    return rows


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _cpu_of_tex() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _most_memory(of: int) -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(of).ru_maxrss * unit / 1e6
