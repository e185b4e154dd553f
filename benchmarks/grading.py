"""Grading many answers end to end: a table in, a ledger and grades out.

    python -m benchmarks.grading --answers 1000000

Students of a large course share some variants of one sheet, with an exercise of every kind.
30 % of the answers are wrong: what a named mistake leads to, or the right answer with a digit or a
letter changed. Everything that `grader batch` does is in the time, but reports to each student.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console

from benchmarks.tables import table
from generator import catalog
from generator.assignment import Assignment, Entry, Student
from generator.model import records
from generator.model.answers import Answer, Number, Witness
from generator.sheets import Sheet, answer_key, draw_sheet
from grader.batch import grade_into
from grader.counting import set_policy
from grader.keyring import open_keys
from grader.ledger import Outcome, open_ledger
from grader.policies import Policy
from grader.publishing import publish
from grader.reading import typed
from grader.report_files import Wanted, set_wanted
from grader.sharding import Grader
from grader.submissions.intake import intake
from grader.submissions.received import Received

C = TypeVar("C")
ANSWERS = 20_000
VARIANTS = 10
WRONG = 0.3
NUMBERS = ("backprop_cost_count", "sigmoid_gradient_bound", "small_signal_linearity")


@dataclass(frozen=True)
class Measured:
    """A run: answers that were given, CPU seconds, the most memory (MB) that the process had, and
    the seconds of only reading and inserting."""

    name: str
    answers: int
    seconds: float
    memory: float
    floor: float

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


class InThisProcess:
    """A pool without processes, so that all work is in one core's time."""

    def __init__(self, grader: Grader) -> None:
        self.grader = grader

    def graded(
        self, shards: Iterable[tuple[C, Sequence[Received]]]
    ) -> Iterator[tuple[C, list[Outcome]]]:
        for context, shard in shards:
            yield context, self.grader.grade_shard(shard)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__)
    parser.add_argument("--answers", type=int, default=ANSWERS, help=f"how many  [{ANSWERS}]")
    parser.add_argument(
        "--variants", type=int, default=VARIANTS, help=f"of the sheet  [{VARIANTS}]"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures")
    options = parser.parse_args(arguments)
    apart = multiprocessing.get_context("spawn")
    console = Console(width=100, highlight=False)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        mixed, numbers = Path(folder) / "mixed", Path(folder) / "numbers"
        course(mixed, catalog.names(), options.answers, options.variants)
        course(numbers, NUMBERS, options.answers, options.variants, only=Number)
        for path, name in (
            (mixed / "answers.jsonl", "mixed, JSON lines"),
            (mixed / "answers.parquet", "mixed, Parquet"),
            (numbers / "answers.jsonl", "plain numbers, JSON lines"),
        ):
            if path.exists():  # in a process of its own, so that its memory is only its own
                with ProcessPoolExecutor(1, mp_context=apart) as process:
                    found.append(process.submit(measure, path, name).result())
    shown = table(
        f"{options.answers:,} answers to {options.variants} variants of a sheet, "
        f"{WRONG:.0%} wrong, one core, to the ledger and grades.csv",
        "answers", "a second", "seconds", "memory", "reading and inserting alone",
    )  # fmt: skip
    for each in found:
        shown.add_row(
            each.name, f"{each.rate:,.0f}", f"{each.seconds:.1f}", f"{each.memory:.0f} MB",
            f"{each.floor:.2f} s",
        )  # fmt: skip
    console.print(shown)
    if options.json:
        figures = [{**vars(each), "rate": each.rate} for each in found]
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measure(path: Path, name: str) -> Measured:
    """Grade a table, in CPU seconds; then only read it, and only insert what was recorded."""
    keyring = open_keys(path.parent / "keys")
    out = path.parent / path.suffix.strip(".")
    began = time.process_time()
    with open_ledger(out / "ledger.sqlite") as ledger:
        pool = InThisProcess(Grader(keyring, shared=True))
        grade_into(ledger, intake(path), keyring, pool, shared=True)
        set_policy(ledger, Policy())
        set_wanted(ledger, Wanted(reports=False, pages=False))
        batch = publish(ledger, out)
    seconds = time.process_time() - began
    assert not batch.problems, batch.problems[:3]
    answers = sum(part.asked - part.blank for part in batch.summary.parts)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(name, answers, seconds, memory, floor(path, out / "ledger.sqlite"))


def floor(path: Path, ledger: Path) -> float:
    """Reading the file, and inserting the rows of the ledger into SQLite: the physical limit."""
    began = time.process_time()
    path.read_bytes()
    seconds = time.process_time() - began
    with (
        tempfile.TemporaryDirectory() as folder,
        sqlite3.connect(ledger) as source,
        sqlite3.connect(Path(folder) / "x") as target,
    ):
        target.execute("create table t (id integer primary key, content blob, report blob)")
        found = source.execute(
            "select v.id, s.content, v.report from submissions s join verdicts v "
            "on v.submission = s.id"
        )
        while rows := found.fetchmany(1_000):
            began = time.process_time()
            target.executemany("insert into t values (?, ?, ?)", rows)
            target.commit()
            seconds += time.process_time() - began
    return seconds


def course(
    folder: Path,
    exercises: Sequence[str],
    answers: int,
    variants: int = VARIANTS,
    only: type[Answer] = Answer,
) -> None:
    """Keys of all variants, and a table of so many answers, as JSON lines and Parquet."""
    entries = tuple(Entry(name, {}, Fraction(4)) for name in exercises)
    assignment = Assignment("bench", "Benchmark", entries, practice=True)
    sheets = [draw_sheet(assignment, Student(f"v{n}", ""), b"") for n in range(variants)]
    (folder / "keys").mkdir(parents=True)
    for sheet in sheets:
        path = folder / "keys" / f"{sheet.student.id}.json"
        path.write_text(records.dumps(answer_key(sheet)), encoding="utf-8")
    rng = random.Random(5)
    choices = [answers_of(sheet, rng, only) for sheet in sheets]
    given = 0
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as file:
        while given < answers:
            which = rng.randrange(variants)
            form: dict[str, dict[str, Any]] = {}
            for (slot, name), (right, wrong) in choices[which].items():
                text = rng.choice(wrong) if wrong and rng.random() < WRONG else right
                form.setdefault(slot, {})[name] = text
                given += 1
            row = {"sheet": sheets[which].sheet_id, "student": f"s{given:08}", **form}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    to_parquet(folder)


def to_parquet(folder: Path) -> None:
    """The same table as Parquet, with a column an answer; nothing where pyarrow is missing."""
    try:
        import pyarrow as pa  # type: ignore[import-untyped]
        from pyarrow import parquet
    except ImportError:
        return
    source = folder / "answers.jsonl"
    # Variants differ in the fields of some answers, so that all rows must be seen first.
    names = list(dict.fromkeys(name for row in rows(source) for name in row))
    schema = pa.schema([(name, pa.string()) for name in names])
    stream = rows(source)
    with parquet.ParquetWriter(folder / "answers.parquet", schema) as writer:
        while batch := list(islice(stream, 2_000)):
            columns = {name: [row.get(name) for row in batch] for name in names}
            writer.write_table(pa.table(columns, schema=schema))


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of JSON lines, as columns."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield flat(json.loads(line))


def flat(row: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Columns such as q1.sizes.W1."""
    cells: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            cells |= flat(value, f"{before}{name}.")
        else:
            cells[f"{before}{name}"] = value
    return cells


def answers_of(
    sheet: Sheet, rng: random.Random, only: type[Answer]
) -> dict[tuple[str, str], tuple[Any, list[Any]]]:
    """For each part, the right answer and wrong ones: of the named mistakes, and changed."""
    found: dict[tuple[str, str], tuple[Any, list[Any]]] = {}
    for question in sheet.questions:
        earlier = {name: truth.value for name, truth in question.truths.items()}
        for name, truth in question.truths.items():
            if not isinstance(truth, only):
                continue
            right = typed(truth, truth.value)
            part = question.exercise.parts[name]
            wrong: list[Any] = []
            for mistake in part.mistakes:
                try:
                    value = part.mistaken(mistake, question.exercise, truth, earlier)
                except Exception:  # a mistake need not be possible in every instance
                    continue
                if value is not None and not isinstance(truth, Witness):
                    wrong.append(typed(truth, value.value))
            wrong += [changed(right, rng) for _ in range(4)]
            found[question.slot, name] = (right, [text for text in wrong if text != right])
    return found


def changed(right: Any, rng: random.Random) -> Any:
    """The answer with one digit or letter changed."""
    if isinstance(right, Mapping):
        name = rng.choice(list(right))
        return {**right, name: changed(right[name], rng)}
    places = [place for place, c in enumerate(right) if c.isalnum()]
    if not places:
        return right + "1"
    place = rng.choice(places)
    digits, letters = "0123456789", "abcdefghxyz"
    choice: Callable[[Sequence[str]], str] = rng.choice
    other = choice(digits if right[place].isdigit() else letters)
    return right[:place] + other + right[place + 1 :]


if __name__ == "__main__":
    main()
