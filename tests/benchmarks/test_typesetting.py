"""How the benchmark of a class measures and shows; no time is asserted."""

from __future__ import annotations

import io

from rich.console import Console

from benchmarks import typesetting
from benchmarks.typesetting import Typeset, cold, measured, shown
from generator.assignment import Student


def test_a_class_is_measured_step_by_step() -> None:
    found = measured(2)
    assert found.students == 2
    assert found.pages > 4
    assert set(found.steps) == {"draw", "render", "TeX", "split", "forms", "write", "class"}
    assert all(ms > 0 for ms in found.steps.values())
    assert min(found.megabytes, found.tex_megabytes) > 10


def test_a_cold_process_sets_figures_in_tikz_and_keeps_no_format() -> None:
    source = typesetting._by_hand(Student("s1", "Ann"))
    assert r"\begin{tikzpicture}" in source
    assert "kept ready as a format ---\n\\begin{document}" not in source
    ms, students = cold(1)
    assert ms > 0
    assert students == 1


def test_the_table_fits() -> None:
    names = ("draw", "render", "TeX", "split", "forms", "write", "class")
    whole = Typeset(1000, 18000, 123.4, 112.1, dict.fromkeys(names, 100.0))
    stream = io.StringIO()
    Console(file=stream, width=100).print(shown([whole], (7000.0, 5)))
    assert "…" not in stream.getvalue()
    assert "10" in stream.getvalue().splitlines()[-2]
