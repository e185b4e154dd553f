"""A student's page: all that the report says, nothing of the key, nothing that acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from generator import catalog, notation
from generator.assignment import Assignment, Entry, Student
from generator.model.answers import Answer, Array, Formula, Group, Number
from generator.model.errors import InputError
from generator.model.key import AnswerKey
from generator.sheets import Sheet, answer_key, draw_sheet
from grader import reports
from grader.grading import MarkedExercise, Report, grade
from grader.ledger import Override, overridden
from grader.marking import Verdict
from grader.reports import WORDS
from grader.solving import prompts, worked_solutions
from grader.student_pages import student_page
from grader.submissions import Submission
from tests.grader.hostile import PIECES, TEXTS, check_page, shown, shown_text

Right = Callable[[Sheet], dict[str, Any]]


@pytest.fixture(scope="module")
def report(key: AnswerKey, sheet: Sheet, right: Right) -> Report:
    """One answer of each outcome that a form can lead to."""
    answers = right(sheet)["q1"]
    exercise: Any = sheet.questions[0].exercise
    answers["relu_bracket"] = notation.write(exercise.upstream[0])
    answers["sigmoid_bracket"] = "[1, <b>2"
    answers["sizes"] = {**answers["sizes"], "W1": "4x3"}
    answers["dL_dW1"] = ""
    answers["nonsense"] = "1"
    return grade(key, Submission(sheet.sheet_id, "s1", {"q1": answers}, "form.yaml"))


def of(report: Report, part: str) -> Verdict:
    return next(v for v in report.exercises[0].verdicts if v.part == part)


def test_every_part_says_how_it_was_read_and_why(report: Report, key: AnswerKey) -> None:
    text = check_page(student_page(report, key=key))
    assert f"{report.sheet_id}" in text
    assert "Name of s1 ( s1 )" in text
    for verdict in report.exercises[0].verdicts:
        assert verdict.part in text
        assert WORDS[verdict.outcome] in text
    slip = of(report, "relu_bracket")
    assert slip.mistake == "no_mask"
    assert slip.advice in text
    assert "no_mask" not in text.replace(" ", "_")
    assert slip.given in text
    assert "2 of 3 are right." in text
    assert "W1 ✗ not right 0 of" in text
    assert "A person will look at 1 part that the program could not read" in text
    assert "There is no 'q1.nonsense' on this sheet" in text
    # The place of the trouble, under the text as it stands.
    assert '<pre tabindex="0"><bdi>  [1, &lt;b&gt;2\n' in student_page(report, key=key)


def test_numbers_are_set_where_the_key_tells_the_kind_of_answer(
    report: Report, key: AnswerKey
) -> None:
    assert "<math>" not in student_page(report)
    assert "<math>" in student_page(report, key=key)
    assert of(report, "relu_bracket").read_as in student_page(report)


def truths(key: AnswerKey) -> list[tuple[str, Answer]]:
    """The truths of all parts and members that are long enough not to occur by chance."""
    found: list[tuple[str, Answer]] = []
    for part in key.exercises[0].parts:
        inside = part.truth.members.values() if isinstance(part.truth, Group) else [part.truth]
        found += [(part.name, truth) for truth in inside]
    return found


LETTERS = Assignment(
    "letters",
    "Letters",
    (
        Entry("softmax_ce_backprop_symbolic", {}, Fraction(10)),
        Entry("softmax_ce_backprop_numeric", {}, Fraction(10)),
        Entry("two_branch_backprop", {}, Fraction(10)),
        Entry("xor_relu_weights", {}, Fraction(10)),
        Entry("rnn_bptt_gradient", {}, Fraction(10)),
        Entry("sigmoid_neuron_gradient", {}, Fraction(10)),
    ),
    practice=True,
)


@pytest.mark.parametrize("student", ["a1", "b2", "c3"])
@pytest.mark.parametrize("answer", ["", "((", "1", "[1, 2]", "A"])
def test_nothing_of_the_key_is_shown_unless_released(student: str, answer: str) -> None:
    """Whatever is answered, no truth of six letters or more is on the page; released, all are."""
    key = answer_key(draw_sheet(LETTERS, Student(student, "A"), b""))
    answers = {
        asked.slot: {
            part.name: dict.fromkeys(part.truth.members, answer)
            if isinstance(part.truth, Group)
            else answer
            for part in asked.parts
        }
        for asked in key.exercises
    }
    report = grade(key, Submission(key.sheet_id, student, answers, "f"))
    said = prompts(key)
    hidden = _flat(student_page(report, key=key, prompts=said))
    hidden += _flat(reports.text(report, said))
    released = _flat(student_page(report, key=key, release_solutions=True, prompts=said))
    looked_for = 0
    for asked in key.exercises:
        for part in asked.parts:
            members = part.truth.members.values() if isinstance(part.truth, Group) else [part.truth]
            for truth in members:
                if isinstance(truth, Number | Array | Formula):
                    text = _flat(notation.write(truth.value))
                    if len(text) >= 6 and "." not in text and "/" not in text:
                        assert text not in hidden
                        looked_for += 1
            assert f"<bdi>{part.name}</bdi>" in student_page(report)
    assert looked_for >= 5
    assert "Right answer" not in hidden
    assert "Rightanswer" not in hidden
    assert released.count("Rightanswer") >= looked_for
    assert released.count("Onethatdoesit") >= 1


def test_each_part_begins_with_what_it_asks(report: Report, key: AnswerKey) -> None:
    asked = prompts(key)
    assert set(asked) == {("q1", part.name) for part in key.exercises[0].parts}
    page = student_page(report, key=key, prompts=asked)
    text = check_page(page)
    for part in key.exercises[0].parts:
        prompt = asked["q1", part.name]
        assert prompt.page in page
        assert page.index(f"<bdi>{part.name}</bdi></h3>") < page.index(prompt.page)
        assert shown_text(prompt.page) in text
        assert prompt.line.split()[0] in shown_text(prompt.page)
    assert "<math>" in asked["q1", "sizes"].page
    lines = reports.text(report, asked).splitlines()
    assert sum(line.startswith("    asked      ") for line in lines) == len(asked)
    assert max(map(len, lines)) <= reports.WIDTH


@pytest.mark.parametrize("name", catalog.names())
def test_prompts_are_made_without_the_truths(name: str) -> None:
    """With other numbers and formulas for the truths, they are the same; pages stay whole."""
    practice = Assignment("hw", "HW", (Entry(name, {}),), practice=True)
    key = answer_key(draw_sheet(practice, Student("s1", "Ann"), b""))
    asked = prompts(key)
    other = replace(
        key,
        exercises=tuple(
            replace(each, parts=tuple(replace(p, truth=_other(p.truth)) for p in each.parts))
            for each in key.exercises
        ),
    )
    assert prompts(other) == asked
    report = grade(key, Submission(key.sheet_id, "s1", {}, "f"))
    page = student_page(report, key=key, prompts=asked)
    check_page(page)
    assert len(page.encode()) < 60_000


def _other(truth: Answer) -> Answer:
    match truth:
        case Number():
            return replace(truth, value=Fraction(123457))
        case Array():
            return replace(truth, value=truth.value * 0 + 123457)
        case Formula():
            return replace(truth, value="123457")
        case Group():
            return replace(truth, members={n: _other(each) for n, each in truth.members.items()})
    return truth


def test_an_exercise_that_is_gone_has_no_prompts(key: AnswerKey) -> None:
    (asked,) = key.exercises
    assert prompts(replace(key, exercises=(replace(asked, exercise="long_gone"),))) == {}
    assert prompts(replace(key, exercises=(replace(asked, drawn={}),))) == {}


def _flat(page: str) -> str:
    """Text with neither tags nor blanks nor brackets, so that it is found however it was set."""
    text = re.sub(r"<[^>]*>", "", page.replace("−", "-"))
    return re.sub(r"[\s\[\],()]", "", text)


def test_a_right_answer_is_on_the_page_when_released(key: AnswerKey, report: Report) -> None:
    worked = worked_solutions(key)
    assert set(worked) == {("q1", part.name) for part in key.exercises[0].parts}
    page = student_page(report, key=key, release_solutions=True, worked=worked)
    text = check_page(page)
    assert text.count("Right answer") >= len(key.exercises[0].parts)
    for each in worked.values():
        assert each in page
        assert shown_text(each)
        assert shown_text(each) in text


def test_worked_solutions_are_open_where_a_part_was_not_right(make_report: Any) -> None:
    verdict = Verdict("a", "INCORRECT", Fraction(0), Fraction(3), "No.")
    report = make_report([verdict, replace(verdict, part="b", outcome="CORRECT")])
    key = AnswerKey("SHEET", "w", "Week", "s1", "A", (), {})
    worked = {("q1", part): "<p>Two cases hold.</p>" for part in "ab"}
    page = student_page(report, key=key, release_solutions=True, worked=worked)
    check_page(page)
    assert page.count("<details") == 2
    assert page.count('<details class="worked" open>') == 1


def test_parts_bear_the_letters_of_the_sheet(make_report: Any) -> None:
    verdict = Verdict("first", "INCORRECT", Fraction(0), Fraction(3), "No.")
    text = check_page(student_page(make_report([verdict, replace(verdict, part="second")])))
    assert "(a) first ✗" in text
    assert "(b) second ✗" in text


def test_figures_of_worked_solutions_are_drawn() -> None:
    entry = Entry("xor_relu_weights", {})
    sheet = draw_sheet(Assignment("hw", "HW", (entry,), practice=True), Student("s1", "Ann"), b"")
    key = answer_key(sheet)
    report = grade(key, Submission(sheet.sheet_id, "s1", {}, "answers.yaml"))
    worked = worked_solutions(key)
    drawn = "".join(worked.values()).count("<svg")
    assert drawn
    page = student_page(report, key=key, release_solutions=True, worked=worked)
    check_page(page)
    assert page.count("<svg") == drawn
    assert "\ue010" not in page


def test_partial_credit_is_told_step_by_step(make_report: Any) -> None:
    verdict = Verdict("a", "PARTIAL", Fraction(2, 3), Fraction(3), "2 of 3 entries are right.")
    text = check_page(student_page(make_report([verdict])))
    assert "◐ partly right 2 of 3" in text
    assert "Points 2/3 of 3 = 2" in text


@pytest.fixture
def make_report() -> Callable[[list[Verdict]], Report]:
    def made(verdicts: list[Verdict]) -> Report:
        exercise = MarkedExercise("q1", "kind", "On q1", tuple(verdicts))
        return Report("SHEET", "w", "Week", "s1", "A", (exercise,), (), {"gradsheet": "1"})

    return made


def test_a_counterexample_is_told_once(make_report: Any) -> None:
    verdict = Verdict("a", "INCORRECT", Fraction(0), Fraction(3), "No.", counterexample="x = 2")
    assert "For example: x = 2" in student_page(make_report([verdict]))
    again = replace(verdict, why="It fails: x = 2")
    assert student_page(make_report([again])).count("x = 2") == 1


def test_a_decision_and_a_penalty_are_told(make_report: Any) -> None:
    unread = Verdict("a", "UNREADABLE", Fraction(0), Fraction(3), "Not read.")
    decision = Override("q1.a", Fraction(5, 6), "meant 1/2", "T. Eacher", "SHEET")
    right = Verdict("b", "CORRECT", Fraction(1), Fraction(4), "Right.")
    made = make_report([overridden(unread, decision), right])
    text = check_page(student_page(made))
    assert "6.5 of 7 points" in text
    assert "Sum of the parts" not in text
    assert "decided by a person 2.5 of 3" in text
    assert "Decided by T. Eacher: meant 1/2 (Found by the program: could not be read.)" in text
    assert "A person will look" not in text
    assert "On q1 6.5 of 7" in text
    late = structs.replace(made, penalty=Fraction(1), notes=("Late by 2 started days.",))
    text = check_page(student_page(late))
    assert "5.5 of 7 points" in text
    assert "Sum of the parts 6.5 of 7 Penalty −1 see below Mark 5.5 of 7" in text
    assert "Late by 2 started days." in text


def test_what_does_not_belong_together_is_refused(report: Report, key: AnswerKey) -> None:
    with pytest.raises(InputError, match="the report is on sheet"):
        student_page(structs.replace(report, sheet_id="other"), key=key)
    with pytest.raises(InputError, match="only with the answer key"):
        student_page(report, release_solutions=True)
    with pytest.raises(InputError, match="they are not released"):
        student_page(report, key=key, worked={("q1", "a"): "x = 1"})


@given(st.lists(TEXTS, min_size=10, max_size=10))
def test_whatever_was_typed_is_only_shown(texts: list[str]) -> None:
    check_texts(texts)


def test_all_of_it_at_once() -> None:
    check_texts(["".join(PIECES)] * 10)


def check_texts(texts: list[str]) -> None:
    name, student, title, given_text, read, why, advice, mistake, note, example = texts
    inner = Verdict("m", "INCORRECT", Fraction(0), Fraction(1), why, given_text, read)
    verdict = Verdict(
        name, "INCORRECT", Fraction(0), Fraction(2), f"{why}\n  {why}", given_text, read,
        mistake, advice, example, override=why,
    )  # fmt: skip
    group = replace(verdict, members=(inner, inner))
    exercise = MarkedExercise(student, "kind", title, (verdict, group))
    report = Report(
        "SHEET", "w", title, student, name, (exercise,), (note,), {"gradsheet": name}, Fraction(1)
    )
    text = check_page(student_page(report))
    for run in shown([title, given_text, advice, note]):
        assert run in text


def test_the_same_report_gives_the_same_page(report: Report, key: AnswerKey) -> None:
    assert student_page(report, key=key) == student_page(report, key=key)
