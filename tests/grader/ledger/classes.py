"""Classes for the tests of the ledger: light exercises, many answers, a few of them wrong."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

from generator.assignment import Assignment, Entry, Student
from generator.model import records
from generator.sheets import Sheet, answer_key, draw_sheet
from grader.reading import typed

LIGHT = Assignment(
    "light", "Light", (Entry("backprop_cost_count", {}, Fraction(10)),), practice=True
)


def drawn(student: str, assignment: Assignment = LIGHT) -> Sheet:
    return draw_sheet(assignment, Student(student, f"Name of {student}"), b"")


def right_answers(sheet: Sheet) -> dict[str, Any]:
    return {
        question.slot: {name: typed(truth, truth.value) for name, truth in question.truths.items()}
        for question in sheet.questions
    }


def with_keys(folder: Path, sheets: list[Sheet]) -> None:
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    for sheet in sheets:
        path = folder / "keys" / f"{sheet.student.id}.json"
        path.write_text(records.dumps(answer_key(sheet)), encoding="utf-8")


def light_class(folder: Path, submissions: int, sheets: int = 8) -> None:
    """`answers.jsonl` with a row for each of many students, who share a few sheets; `keys/`."""
    variants = [drawn(f"v{n}") for n in range(sheets)]
    with_keys(folder, variants)
    answers = [right_answers(sheet) for sheet in variants]
    rng = random.Random(3)
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as file:
        for n in range(submissions):
            which = rng.randrange(sheets)
            form = {slot: dict(parts) for slot, parts in answers[which].items()}
            part = rng.choice(list(form["q1"]))
            if rng.random() < 0.3:
                form["q1"][part] = rng.choice(["7", "12", "?", "", "3x4"])
            row = {"sheet": variants[which].sheet_id, "student": f"s{n:06}", **form}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def published(folder: Path) -> dict[str, bytes]:
    """What was published into a folder: all but the ledger itself."""
    files = (path for path in folder.rglob("*") if path.is_file() and "ledger" not in path.name)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
