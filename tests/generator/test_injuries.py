"""One bad sheet of two hundred costs only itself, whatever is wrong with it and wherever it is."""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest

from generator.assignment import Assignment, Entry, Student
from generator.building import KINDS, _batches, build
from generator.rendering import documents
from generator.rendering.typesetting import find_engine
from generator.sheets import Sheet, draw_sheet

QUIZ = Assignment("quiz", "Quiz", (Entry("output_loss_jacobians", {}),), practice=True)
CLASS = tuple(Student(f"s{n}", f"Student {n}") for n in range(200))
BATCH = len(_batches(CLASS)[0])
INJURIES = {
    "an undefined command": (r"\nosuchcommand", "Undefined control sequence"),
    "an open dollar": ("$x", "Missing $ inserted"),
    "an open brace": ("{", ""),
    "an extra alignment mark": (r"a & b", "Misplaced alignment tab character &"),
    "an open environment": (r"\begin{itemize} \item x", ""),
    "the end of the document": (r"\end{document}", ""),
    "a run without end": (r"\def\again{\again}\again", "did not finish"),
    "a character that the fonts lack": ("張", "the fonts have no character 張 (U+5F35)"),
}


@dataclass(frozen=True)
class Prepared:
    """The class, drawn: only TeX is of interest here."""

    sheets: Mapping[str, Sheet]
    documents: Mapping[str, tuple[str, str]]  # sheet and solutions in LaTeX
    folder: Path  # where none is bad
    pdfs: Mapping[str, bytes]  # ... and what is there


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    sheets = {each.id: draw_sheet(QUIZ, each, b"") for each in CLASS}
    both = {student: documents.both(sheet) for student, sheet in sheets.items()}
    folder = tmp_path_factory.mktemp("sound")
    assert built(folder, sheets, both) == ""
    return Prepared(sheets, both, folder, pdfs(folder))


def built(folder: Path, sheets: Mapping[str, Sheet], both: Mapping[str, tuple[str, str]]) -> str:
    """Builds the class from these documents; what is said of errors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.building.draw_sheet", lambda a, student, s: sheets[student.id])
        patch.setattr("generator.building.documents.both", lambda sheet: both[sheet.student.id])
        patch.setattr("generator.building.forms.form", lambda sheet: "")
        patch.setattr("generator.rendering.typesetting._CPU", 4.0)  # not patient with what hangs
        patch.setattr("generator.rendering.typesetting._CPU_EACH", 0.1)
        results = build(QUIZ, CLASS, b"", folder, engine=find_engine("embedded"))
    return "".join(f"{each.student.id}: {each.error}\n" for each in results if each.error)


def pdfs(folder: Path) -> dict[str, bytes]:
    """Each sheet and each solution."""
    return {
        f"{kind}/{path.stem}": path.read_bytes()
        for kind in KINDS
        for path in (folder / "quiz" / kind).iterdir()
    }


def looks(pdf: bytes) -> list[tuple[bytes, str]]:
    """The pages as images, and what is copied from them."""
    return [
        (page.render(scale=0.3).to_numpy().tobytes(), page.get_textpage().get_text_range())
        for page in pypdfium2.PdfDocument(io.BytesIO(pdf))
    ]


@pytest.mark.parametrize("name", INJURIES)
def test_a_bad_sheet_costs_only_itself(name: str, tmp_path: Path, prepared: Prepared) -> None:
    injury, said = INJURIES[name]
    whose = random.Random(name).choice(CLASS).id
    sheet, solutions = prepared.documents[whose]
    place = solutions.rindex(r"\solutionhead")
    bad = solutions[:place] + injury + "\n" + solutions[place:]
    shutil.copytree(prepared.folder / "quiz", tmp_path / "quiz")  # only one batch is built again
    for kind in KINDS:
        (tmp_path / f"quiz/{kind}/{whose}.pdf").unlink()
    errors = built(tmp_path, prepared.sheets, {**prepared.documents, whose: (sheet, bad)})
    found = pdfs(tmp_path)
    assert set(prepared.pdfs) - set(found) == {f"sheets/{whose}", f"solutions/{whose}"}
    other = [each for each in found if found[each] != prepared.pdfs[each]]
    assert len(other) < 2 * BATCH  # of its batch, whose letters are in fonts; they look the same:
    assert [each for each in other if looks(found[each]) != looks(prepared.pdfs[each])] == []
    told = f"{whose}-solutions, exercise output_loss_jacobians, part simplified: "
    assert errors.startswith(f"{whose}: {told}")
    assert errors.count("The log is ") == 1
    assert said in errors
    assert (tmp_path / f"quiz/logs/{whose}-solutions.log").exists()
