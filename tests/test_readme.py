"""What the README says is true when pasted."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.strip()
    for line in README.splitlines()
    if re.match(r" {4}(generator|grader) [a-z-]+ (?!TOPIC)", line)
]


def run(command: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=300,
        check=False,
    )


def test_there_are_examples_of_every_command() -> None:
    used = {" ".join(command.split()[:2]) for command in COMMANDS}
    assert used == {
        *(f"generator {name}" for name in ("preview", "verify", "build", "templates", "new")),
        *(
            f"grader {name}"
            for name in ("practice", "check", "grade", "batch", "report", "compare")
        ),
        *(f"grader {name}" for name in ("intake", "return", "gradescope-zip")),
        *(f"grader {name}" for name in ("regrade", "review")),
    }


def test_the_commands_of_the_readme_work_in_their_order(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "output").mkdir()
    for command in COMMANDS:
        words = [sys.executable, "-m", *re.findall(r'"[^"]*"|\S+', command)]
        words = [word.strip('"') for word in words]
        if words[3] == "new" or "FILE" in words:
            continue
        if words[3] == "build":
            words.append("--no-pdf")  # the PDFs are what `make demo` builds
        done = run(words, tmp_path)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert done.stdout
    assert (tmp_path / "output/recitation/marks/grades.csv").exists()
    assert (tmp_path / "output/softmax.pdf").exists()


def test_the_assignment_in_the_readme_is_one(tmp_path: Path) -> None:
    from generator.assignment import read_assignment

    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    tomllib.loads(text)
    (tmp_path / "hw3.toml").write_text(text, encoding="utf-8")
    assert len(read_assignment(tmp_path / "hw3.toml").entries) == 2


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, whose packages come before the installed ones."""
    folder = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("generator", "grader", "templates", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_a_newcomers_exercise_is_swept_unedited(checkout: Path) -> None:
    here = {"PYTHONPATH": str(checkout)}
    new = ["generator", "new", "optimisation/learning_rate"]
    done = run([sys.executable, "-m", *new], checkout, **here)
    assert done.returncode == 0, done.stderr
    assert (checkout / "templates/exercises/optimisation/learning_rate.tex.j2").exists()
    shown = run([sys.executable, "-m", "generator", "preview", "learning_rate"], checkout, **here)
    assert "linear neuron" in shown.stdout, shown.stderr
    swept = run(
        [sys.executable, "-m", "pytest", "tests/test_sweep.py", "-k", "learning_rate", "-p",
         "no:cacheprovider"],
        checkout, **here,
    )  # fmt: skip
    assert swept.returncode == 0, swept.stdout[-3000:]
    assert re.search(r"[3-9]\d passed", swept.stdout), swept.stdout[-300:]
    twice = run([sys.executable, "-m", *new], checkout, **here)
    assert twice.returncode == 1
    assert "there is an exercise 'learning_rate' already" in twice.stderr


@pytest.mark.parametrize("name", ["rnn", "Rnn/x", "rnn/class", "../x/y", "rnn/a b"])
def test_names_that_are_no_exercise_are_refused(checkout: Path, name: str) -> None:
    done = run([sys.executable, "-m", "generator", "new", name], checkout, PYTHONPATH=str(checkout))
    assert done.returncode == 1
    assert "two Python names are expected" in done.stderr
