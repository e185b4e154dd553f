"""Imports point down, as design says: each room sees the rooms below it and nothing else."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# From the bottom up. Rooms on one line do not see each other.
ORDER = {
    "generator": (
        ("model",),
        ("notation",),
        ("sampling", "deriving", "drawing", "pictures"),
        ("exercises",),
        ("certifying", "catalog"),
        ("assignment",),
        ("sheets",),
        ("rendering",),
        ("fingerprints", "processes"),
        ("made",),
        ("kept",),
        ("authoring", "building", "fairness", "listing", "previewing", "verifying"),
        ("collecting",),
        ("commands",),
        ("cli",),
        ("__main__",),
    ),
    "grader": (
        ("reading", "comparing", "keys", "rows"),
        ("form", "keyring", "listed", "packing"),
        ("submissions", "following", "judging"),
        ("naming",),
        ("marking", "matching"),
        ("grading", "policies"),
        ("reports", "ledger", "withholding"),
        (
            "summaries",
            "checking",
            "sharding",
            "deciding",
            "pages",
            "set_answers",
            "solving",
            "receiving",
        ),
        ("analysis", "student_pages"),
        ("pools", "counting", "platforms", "report_files"),
        ("published",),
        ("publishing",),
        ("clusters",),
        ("batch", "practising"),
        ("regrading", "merging"),
        ("class_reports",),
        ("reviewing",),
        ("commands",),
        ("cli",),
        ("__main__",),
    ),
}
# What a package may use of the other one.
SHARED = {"generator": (), "grader": ("model", "notation", "catalog", "sampling")}
# Practising draws and shows a question as well as marking it; formulas and solutions are shown
# with a report.
SPANNING = {
    "grader.practising": ("previewing", "rendering", "sheets"),
    "grader.set_answers": ("rendering",),
    "grader.solving": ("rendering", "sheets"),
}
HEAVY = ("sympy", "pylatex", "jinja2", "igraph", "matplotlib")


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


MODULES = {module_name(file) for package in ORDER for file in files(package)}


def imported(source: str, module: str, is_package: bool = False) -> Iterator[tuple[int, str]]:
    """Line and full name of everything of ours that a module imports, also inside functions.

    `from package import name` is an import of `package.name` where that is a module.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = module.split(".")
                above = here[: len(here) - node.level + is_package]
                base = ".".join([*above, *filter(None, [base])])
            inside = [f"{base}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else base for name in inside]
        else:
            continue
        for name in names:
            if name.split(".")[0] in ORDER:
                yield node.lineno, name


def trouble(module: str, target: str) -> str | None:
    """Why `module` may not import `target`; None where it may."""
    package, room = _package_and_room(module)
    other, its_room = _package_and_room(target)
    if package != other:
        usable = (*SHARED[package], *SPANNING.get(module, ()))
        if its_room in usable:
            return None
        allowed = ", ".join(f"{other}.{name}" for name in usable) or "nothing"
        return f"{package} may use {allowed} of {other}"
    if its_room in ("", room):
        return None
    own, its = _height(package, room), _height(package, its_room)
    if own is None or its is None:
        unknown = room if own is None else its_room
        return f"{package}.{unknown} has no place in ORDER of {Path(__file__).name}: give it one"
    if its < own:
        return None
    return f"{package}.{its_room} stands {'above' if its > own else 'beside'} {package}.{room}"


def _package_and_room(module: str) -> tuple[str, str]:
    package, _, rest = module.partition(".")
    return package, rest.partition(".")[0]


def _height(package: str, room: str) -> int | None:
    return next((height for height, row in enumerate(ORDER[package]) if room in row), None)


def broken(file: Path) -> list[str]:
    module = module_name(file)
    found = imported(file.read_text("utf-8"), module, file.stem == "__init__")
    return [
        f"{file.relative_to(ROOT)}:{line} imports {target}: {why}"
        for line, target in found
        if (why := trouble(module, target))
    ]


@pytest.mark.parametrize("package", ORDER)
def test_imports_point_down(package):
    wrong = [line for file in files(package) for line in broken(file)]
    assert not wrong, "imports that do not point down:\n" + "\n".join(wrong)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Nor within a room, nor by imports that are put off."""
    graph = {
        module_name(file): {
            target
            for _, target in imported(
                file.read_text("utf-8"), module_name(file), file.stem == "__init__"
            )
            if target != module_name(file)
        }
        for package in ORDER
        for file in files(package)
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("package", ORDER)
def test_every_room_has_a_place_and_every_place_a_room(package):
    rooms = {_package_and_room(module_name(file))[1] for file in files(package)} - {""}
    assert rooms == {room for row in ORDER[package] for room in row}


@pytest.mark.parametrize("package", ORDER)
def test_every_room_is_told_of_in_the_docs(package):
    page = (ROOT / "docs/structure.md").read_text("utf-8")
    (section,) = re.findall(rf"^## {package}\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    first_cells = "".join(line.split("|")[1] for line in section.splitlines() if "|" in line)
    told = re.findall(r"`(\w+)`", first_cells)
    assert sorted(told) == sorted(room for row in ORDER[package] for room in row)


@pytest.mark.parametrize(
    ("module", "source", "why"),
    [
        ("generator.sheets", "import grader.marking", "may use nothing of grader"),
        ("generator.model.key", "def f():\n    from grader import keys", "may use nothing of"),
        ("grader.marking", "from generator import sheets", "may use generator.model, "),
        ("grader.keys", "import generator.certifying as c", "may use generator.model, "),
        ("generator.model.key", "from generator.notation import read_array", "stands above"),
        ("generator.sampling", "from . import catalog", "stands above"),
        ("generator.model.key", "from ..exercises import proving", "stands above"),
        ("grader.reading", "from grader.comparing import compare", "stands beside"),
        ("grader.reading", "if True:\n    import grader.cli", "stands above"),
        ("generator.sheets", "import generator.gossip", "gossip has no place in ORDER"),
        ("generator.gossip", "import generator.model.key", "gossip has no place in ORDER"),
    ],
)
def test_what_is_refused(module, source, why):
    (target,) = [name for _, name in imported(source, module)]
    assert why in (trouble(module, target) or "")


@pytest.mark.parametrize(
    ("module", "source", "targets"),
    [
        ("grader.keys", "from generator import catalog", ["generator.catalog"]),
        ("grader.keys", "from generator.catalog import find", ["generator.catalog"]),
        ("generator.model.key", "from .values import exact", ["generator.model.values"]),
        ("generator.sheets", "import json, numpy", []),
        ("generator.cli", "def f():\n    from generator import sheets", ["generator.sheets"]),
    ],
)
def test_what_is_allowed(module, source, targets):
    assert [name for _, name in imported(source, module)] == targets
    assert [trouble(module, target) for target in targets] == [None] * len(targets)


@pytest.mark.parametrize(
    "package", ["generator.model", "generator.notation", "generator.drawing", "grader"]
)
def test_importing_is_light(package):
    """In a fresh interpreter, every module of the package that marking or drawing may need."""
    modules = sorted(
        name
        for name in MODULES
        if f"{name}.".startswith(f"{package}.")
        and not name.endswith(".__main__")
        and name not in SPANNING
    )
    program = (
        f"import sys, {', '.join(modules)}\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert not ran.stdout.split(), f"importing {package} also imports {ran.stdout.strip()}"
