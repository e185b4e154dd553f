"""How the benchmark of a class measures and shows; no time is asserted."""

from __future__ import annotations

import io

from rich.console import Console

from benchmarks import typesetting
from benchmarks.typesetting import CLASSES, Typeset, measured, shown
from generator.assignment import Student

STEPS = ("draw", "render", "TeX", "split", "forms", "write")


def test_a_class_is_measured_step_by_step_and_beside_a_cold_process() -> None:
    found = measured("short", 2, colds=1)
    assert found.students == 2
    assert found.pages > 4
    assert tuple(found.steps) == STEPS
    assert all(ms > 0 for ms in (*found.steps.values(), found.together, found.cold))
    assert min(found.megabytes, found.tex_megabytes) > 10


def test_a_cold_process_sets_figures_in_tikz_and_keeps_no_format() -> None:
    source = typesetting._by_hand(CLASSES["long"], Student("s1", "Ann"))
    assert r"\begin{tikzpicture}" in source
    assert "kept ready as a format ---\n\\begin{document}" not in source


def test_the_tables_fit() -> None:
    steps = dict.fromkeys(STEPS, 100.0)
    whole = Typeset("short", 1000, 18000, 123.4, 112.1, 6000.0, 5, steps, 100.0)
    stream = io.StringIO()
    for each in shown([whole]):
        Console(file=stream, width=100).print(each)
    assert "…" not in stream.getvalue()
    assert stream.getvalue().splitlines()[-1].endswith(" 10")
