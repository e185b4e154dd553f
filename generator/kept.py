"""The PDFs of whole runs of TeX, kept beside those of the students: DIR/runs/<digest>.pdf

A run's PDF holds once what the PDFs of its students repeat, so that those of the class are made
from it in a fraction of the time. It holds solutions, too, and is the instructor's alone. Nothing
depends on it: where it is missing or not as it was written, the students' own are taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from generator.fingerprints import of_file
from generator.made import Made
from generator.model.files import write_whole
from generator.rendering.batches import Run

RUNS = "runs"


def path_of(run: Run | None) -> str:
    """Where a run's PDF lies in the folder; empty where there is none."""
    return f"{RUNS}/{run.digest}.pdf" if run else ""


def keep(folder: Path, runs: Iterable[Run]) -> None:
    """Write the PDFs of these runs. InputError where they cannot be written."""
    for run in {run.digest: run for run in runs}.values():
        (folder / RUNS).mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder / path_of(run), run.data, mode=0o600)


def drop_others(folder: Path, noted: Mapping[str, Made]) -> None:
    """Remove the runs that no PDF is from any more."""
    needed = {made.run for made in noted.values()}
    for path in (folder / RUNS).glob("*.pdf"):
        if f"{RUNS}/{path.name}" not in needed:
            path.unlink(missing_ok=True)


def as_written(folder: Path, paths: Iterable[str]) -> set[str]:
    """Those of the paths of runs whose PDFs are there, and as they were written."""
    return {path for path in {*paths} - {""} if of_file(folder / path) == Path(path).stem}
