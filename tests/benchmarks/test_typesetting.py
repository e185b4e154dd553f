"""How the benchmark of a class measures and shows; no time is asserted."""

from __future__ import annotations

import io
from unittest.mock import patch

from rich.console import Console

from benchmarks import typesetting
from benchmarks.typesetting import CLASSES, Typeset, measured, shown
from generator.assignment import Student
from generator.rendering import typesetting as typesetting_of_a_sheet
from generator.rendering.typesetting import find_engine

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
    with patch("generator.rendering.typesetting.run", wraps=typesetting_of_a_sheet.run) as run:
        typesetting_of_a_sheet.typeset(source, "cold", find_engine())
    assert run.call_count == 1


def test_the_tables_fit() -> None:
    steps = dict.fromkeys(STEPS, 100.0)
    whole = Typeset("short", 1000, 18000, 123.4, 112.1, 6000.0, 5, steps, 100.0)
    stream = io.StringIO()
    for each in shown([whole], {"short": 12000.0}):
        Console(file=stream, width=100).print(each)
    assert "…" not in stream.getvalue()
    assert stream.getvalue().split()[-4:] == ["6,000", "10", "12,000", "20"]


def test_the_tables_leave_out_what_is_not_measured() -> None:
    whole = Typeset("short", 25, 225, 90.0, 90.0, 600.0, 5, dict.fromkeys(STEPS, 10.0))
    stream = io.StringIO()
    Console(file=stream, width=100).print(shown([whole], {})[-1])
    assert stream.getvalue().split()[-4:] == ["600", "10", "–", "–"]
