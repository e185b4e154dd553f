"""What every exercise of the catalogue must do, with no test written for it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generator import catalog, sampling
from generator.assignment import Assignment, Entry, Student
from generator.certifying import certify
from generator.drawing.collisions import collisions
from generator.model import records
from generator.model.answers import Answer, Array, Choice, Formula, Group, Number, Order, Witness
from generator.model.exercise import Part, WitnessPart
from generator.model.figure import Figure
from generator.model.values import Tex
from generator.notation.formulas.written import read_formula
from generator.rendering import blocks, documents, forms
from generator.rendering.figures import FigureWriter
from generator.rendering.typesetting import find_engine, overfull_lines, typeset_with_log
from generator.sheets import Question, Sheet, answer_key, draw_question, draw_sheet
from grader import grading
from grader.following import degenerate
from grader.reading import typed
from grader.submissions import Submission

PRECISION = re.compile("decimals|significant figures")
SEEDS = range(4)
SETTINGS = [
    pytest.param(name, options, id=f"{name}-{place}")
    for name in catalog.names()
    for place, options in enumerate(
        ({}, *catalog.find(name).variants, *catalog.find(name).level_settings)
    )
]
HOSTILE = [
    "",
    "   ",
    "?",
    "__import__('os').system('id')",
    "[[[[[[[[[[",
    "9^9^9^9^9",
    "1/0",
    "nan",
    "\x00\u202e1",
    r"\input{/etc/passwd}",
    "(" * 5000,
    "[1, 2, 3, 4, 5, 6, 7]",
    "=cmd|'/c calc'!A1",
]


def sheet_of(name: str, options: Any, seed: int) -> Sheet:
    entry = Entry(name, options)
    assignment = Assignment("sweep", "Sweep", (entry,), practice=True)
    return draw_sheet(assignment, Student(f"s{seed}", "Ann Sweep"), b"")


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed{seed}")
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def graded(sheet: Sheet, answers: dict[str, Any]) -> dict[str, Any]:
    """The verdicts by part name."""
    submission = Submission(sheet.sheet_id, sheet.student.id, {"q1": answers}, "sweep")
    report = grading.grade(answer_key(sheet), submission)
    return {verdict.part: verdict for verdict in report.exercises[0].verdicts}


def right_answers(sheet: Sheet) -> dict[str, Any]:
    return {name: typed(truth, truth.value) for name, truth in sheet.questions[0].truths.items()}


@pytest.mark.parametrize(("name", "options"), SETTINGS)
class TestEveryExercise:
    def test_the_same_seed_draws_the_same(self, name: str, options: Any, seed: int) -> None:
        texts = {records.dumps(answer_key(sheet_of(name, options, seed))) for _ in range(2)}
        assert len(texts) == 1

    def test_different_students_get_different_draws(self, name: str, options: Any) -> None:
        kind = catalog.find(name)
        draws = {
            records.dumps([getattr(question.exercise, field) for field in kind.drawn_fields()])
            for question in (
                draw_question(Entry(name, options), "q1", b"k", f"s{n}") for n in range(20)
            )
        }
        assert len(draws) >= 19

    def test_records_survive_json(self, name: str, options: Any, seed: int) -> None:
        text = records.dumps(answer_key(sheet_of(name, options, seed)))
        assert records.dumps(records.decode(json.loads(text))) == text

    def test_the_truth_typed_in_earns_full_marks(self, name: str, options: Any, seed: int) -> None:
        sheet = sheet_of(name, options, seed)
        verdicts = graded(sheet, right_answers(sheet))
        assert {part: verdict.outcome for part, verdict in verdicts.items()} == dict.fromkeys(
            sheet.questions[0].truths, "CORRECT"
        )

    def test_every_mistake_is_recognised(self, name: str, options: Any, seed: int) -> None:
        sheet = sheet_of(name, options, seed)
        for part, mistake, wrong in mistakes_of(sheet.questions[0]):
            answers = right_answers(sheet) | {part.name: typed(wrong, wrong.value)}
            verdict = graded(sheet, answers)[part.name]
            assert verdict.outcome in ("INCORRECT", "PARTIAL"), (part.name, mistake)
            assert verdict.mistake in same_mistakes(sheet.questions[0], part, wrong), (
                f"{part.name}: {mistake} is not named"
            )
            assert verdict.credit < 1

    def test_right_work_on_a_wrong_value_is_paid(self, name: str, options: Any, seed: int) -> None:
        sheet = sheet_of(name, options, seed)
        question = sheet.questions[0]
        for part in question.exercise.parts.values():
            for need in part.needs:
                if part.name not in question.truths or need not in question.truths:
                    continue
                own = nudged(question.truths[need])
                followed = question.exercise.truths({need: own}).get(part.name)
                if followed is None or question.truths[part.name].near(followed.value):
                    continue
                if degenerate(followed, followed.value):
                    continue
                answers = right_answers(sheet) | {
                    need: typed(question.truths[need], own),
                    part.name: typed(followed, followed.value),
                }
                verdict = graded(sheet, answers)[part.name]
                assert (verdict.outcome, verdict.credit) == ("FOLLOWED", 1), (need, part.name)

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_blank_and_hostile_text_earns_nothing(self, name: str, options: Any, text: str) -> None:
        sheet = sheet_of(name, options, 0)
        answers = {part: filled(truth, text) for part, truth in sheet.questions[0].truths.items()}
        for part, verdict in graded(sheet, answers).items():
            assert verdict.outcome in ("UNREADABLE", "BLANK", "INCORRECT", "PARTIAL"), part
            assert verdict.credit < 1

    def test_the_statement_does_not_know_the_truth(
        self, name: str, options: Any, seed: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sheet = sheet_of(name, options, seed)
        expected = documents.worksheet(sheet), forms.form(sheet)

        def no_truth(*args: Any) -> Answer:
            raise AssertionError("the worksheet asked for a truth")

        monkeypatch.setattr(Part, "truth", no_truth)
        question = sheet.questions[0]
        truths = {part: blinded(truth) for part, truth in question.truths.items()}
        blind = replace(question, truths=truths)
        unknowing = replace(sheet, questions=(blind,))
        assert (documents.worksheet(unknowing), forms.form(unknowing)) == expected

    def test_questions_say_how_exact_an_answer_is(self, name: str, options: Any, seed: int) -> None:
        question = sheet_of(name, options, seed).questions[0]
        given = blocks.statement(question, no_figure)
        for part, truth in question.truths.items():
            asked = given + blocks.prompt(question, part, no_figure)
            assert PRECISION.search(asked) or not endless(truth), part

    def test_every_block_converts_to_html(self, name: str, options: Any, seed: int) -> None:
        import pypandoc

        question = sheet_of(name, options, seed).questions[0]
        source = "\n\n".join(every_block(question, no_figure))
        html = pypandoc.convert_text(
            source, "html", format="latex", extra_args=["--mathml", "--fail-if-warnings"]
        )
        assert "\\" not in without_annotations(html), raw_latex(without_annotations(html))

    def test_figures_are_legible_and_said_in_words(
        self, name: str, options: Any, seed: int
    ) -> None:
        figures: list[Figure] = []

        def keep(figure: Figure) -> Tex:
            figures.append(figure)
            return Tex("")

        every_block(sheet_of(name, options, seed).questions[0], keep)
        for figure in figures:
            assert len(figure.alt) > 10
            assert not collisions(figure), figure.alt


def endless(truth: Answer) -> bool:
    """Whether someone who answers in decimals has to round: to how many must be told."""
    if isinstance(truth, Group):
        return any(map(endless, truth.members.values()))
    if not isinstance(truth, Number | Array):
        return False
    values = truth.value.flat if isinstance(truth, Array) else [truth.value]
    return any((10000 * Fraction(value)).denominator > 1 for value in values)


def every_block(question: Question, figure: FigureWriter) -> list[Tex]:
    texts = [blocks.statement(question, figure)]
    for name in question.truths:
        texts += [blocks.prompt(question, name, figure), blocks.solution(question, name, figure)]
    return texts


def mistakes_of(question: Question) -> list[tuple[Part, str, Answer]]:
    values: dict[str, Any] = dict.fromkeys(question.exercise.parts)
    values |= {name: truth.value for name, truth in question.truths.items()}
    found = []
    for name, truth in question.truths.items():
        part = question.exercise.parts[name]
        for mistake in part.mistakes:
            wrong = part.mistaken(mistake, question.exercise, truth, values)
            if wrong is not None:
                found.append((part, mistake, wrong))
    return found


def same_mistakes(question: Question, part: Part, wrong: Answer) -> set[str]:
    """The names of the part's mistakes that lead to the same wrong answer."""
    alike = set()
    for other_part, mistake, other in mistakes_of(question):
        if other_part is part:
            if isinstance(part, WitnessPart) and isinstance(other, Witness):
                same = part.same(question.exercise, other, wrong.value)
            else:
                same = other.near(wrong.value)
            if same:
                alike.add(mistake)
    return alike


def nudged(truth: Answer) -> Any:
    """A wrong value of the same kind and shape, from which marks may follow."""
    if isinstance(truth, Number):
        return truth.value + (2 if truth.value == -1 else 1)
    if isinstance(truth, Array):
        wrong = np.array(truth.value)
        wrong.flat[0] = wrong.flat[0] + Fraction(3, 2)
        return wrong
    if isinstance(truth, Formula):
        return read_formula(f"2 ({truth.value})", truth.names)
    if isinstance(truth, Group):
        return {name: nudged(member) for name, member in truth.members.items()}
    pytest.fail(f"no part may yet build on a {truth.kind}")


def blinded(truth: Answer) -> Answer:
    """The same question with another truth."""
    if isinstance(truth, Choice):
        wrong = next(key for key in truth.options if frozenset({key}) != truth.value)
        return truth.like(frozenset({wrong}))
    if isinstance(truth, Order):
        return truth.like(truth.value[::-1])
    if isinstance(truth, Group):
        return Group.of(**{name: blinded(member) for name, member in truth.members.items()})
    if isinstance(truth, Witness):
        return truth.like({name: entries * 0 for name, entries in truth.value.items()})
    if isinstance(truth, Array):
        return truth.like(truth.value * 0)
    if isinstance(truth, Number):
        return truth.like(Fraction(0))
    return truth


def filled(truth: Answer, text: str) -> Any:
    names = truth.members if isinstance(truth, Group) else getattr(truth, "shapes", ())
    return dict.fromkeys(names, text) if names else text


def no_figure(figure: Figure) -> Tex:
    return Tex("")


def without_annotations(html: str) -> str:
    """HTML without the TeX source that MathML keeps beside each formula."""
    return re.sub(r"<annotation.*?</annotation>", "", html, flags=re.DOTALL)


def raw_latex(html: str) -> str:
    place = html.index("\\")
    return html[max(0, place - 80) : place + 80]


def test_all_exercises_compile_to_one_pdf_without_an_overfull_line(tmp_path: Path) -> None:
    entries = tuple(
        Entry(name, options)
        for name in catalog.names()
        for options in ({}, *catalog.find(name).variants)
    )
    assignment = Assignment("sweep", "Every exercise", entries, practice=True)
    sheet = draw_sheet(assignment, Student("s1", "Ann Sweep"), b"")
    engine = find_engine("embedded")
    for source in (documents.worksheet(sheet), documents.solutions(sheet)):
        pdf, log = typeset_with_log(source, "sweep", engine, log_folder=tmp_path, timeout=120)
        assert pdf.startswith(b"%PDF")
        assert overfull_lines(log, source) == []


@pytest.mark.parametrize("name", catalog.names())
def test_many_instances_are_certified_and_differ(name: str) -> None:
    kind = catalog.find(name)
    drawn = [certify(kind, sampling.Rng(sampling.seed(b"many", n)), {}) for n in range(60)]
    fields = {
        records.dumps([getattr(each.exercise, field) for field in kind.drawn_fields()])
        for each in drawn
    }
    assert len(fields) >= 59


@pytest.mark.parametrize("name", catalog.names())
def test_variants_and_defaults_show_every_part(name: str) -> None:
    kind = catalog.find(name)
    shown = {
        part
        for options in ({}, *kind.variants)
        for part in draw_question(Entry(name, options), "q1", b"k").truths
    }
    assert shown == set(kind.parts)
