"""Form after value: what a right answer earns that is not written as asked, and what it is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.certifying import examine
from generator.model import records
from generator.model.answers import Array, Choice, Formula, Group, Number, Order, Tolerance
from generator.model.errors import AuthoringError, NotationError
from generator.model.exercise import Exercise, part
from generator.model.expects import expectation
from generator.model.form import Form
from generator.model.key import AskedExercise, AskedPart
from generator.model.values import exact, figures, magnitude
from generator.notation import read_array, read_number
from generator.notation.form import missing, write_in
from generator.rendering.forms import expected
from generator.rendering.mathematics import answer
from grader.checking import check, text
from grader.marking import Verdict, mark
from grader.reading import read, typed
from grader.submissions import Submission
from grader.submissions.expects import question


@dataclass(frozen=True, eq=False)
class Thirds(Exercise):
    """Fractions to be simplified, and decimals to be written."""

    title = "Thirds"

    @classmethod
    def sample(cls, rng: Any) -> Self:
        return cls()

    @part(points=2)
    def third(self) -> Number:
        return Number(Fraction(2, 3), form="simplified fraction")

    @third.mistake("Divide by three, not by four.")
    def fourth(self) -> Fraction:
        return Fraction(3, 4)

    @part(points=2)
    def twice(self, third: Any) -> Number:
        return Number(2 * third, Tolerance.to_decimals(2), form="2 decimals")

    @part(points=2)
    def reduced(self) -> Number:
        return Number(Fraction(2, 3), form="lowest terms", form_credit=Fraction(0))

    @part(points=2)
    def slope(self) -> Formula:
        names = {"x": "real", "h": "real"}
        return Formula("2 x", names, only=("x",))

    @part(points=2)
    def pair(self) -> Group:
        return Group.of(
            a=Number(2, form="no decimals"), b=Number(Fraction(1, 2), form="1 decimals")
        )

    def verify(self) -> None:
        """Nothing is drawn."""


def formed(**answers: Any) -> dict[str, Verdict]:
    exercise = Thirds()
    truths = exercise.truths()
    parts = tuple(AskedPart(name, Fraction(2), truth) for name, truth in truths.items())
    asked = AskedExercise("q1", "thirds", {}, {}, parts)
    return {verdict.part: verdict for verdict in mark(asked, exercise, answers)}


@pytest.mark.parametrize(
    ("part", "text", "outcome", "credit", "why"),
    [
        ("third", "2/3", "CORRECT", 1, "Right."),
        (
            "third",
            "4/6",
            "PARTIAL",
            0.5,
            "The value is right, but the fraction 4/6 is not in lowest",
        ),
        ("third", "0.6667", "PARTIAL", 0.5, "as a whole number or one fraction"),
        ("third", "0.75", "INCORRECT", 0, "not the right number"),
        ("twice", "1.33", "CORRECT", 1, "Right."),
        ("twice", "1.330", "PARTIAL", 0.5, "written with 3 decimals, and 2 are asked for"),
        ("twice", "4/3", "PARTIAL", 0.5, "as a decimal number with 2 decimals"),
        ("twice", "1.3", "INCORRECT", 0, "too few digits: give 2 decimals"),
        ("reduced", "4/6", "INCORRECT", 0, "The value is right, but the fraction 4/6"),
        ("slope", "x + x", "CORRECT", 1, "Right."),
        ("slope", "2x + h - h", "PARTIAL", 0.5, "it uses h: write it with x alone"),
    ],
)
def test_value_first_then_form(part: str, text: str, outcome: str, credit: float, why: str) -> None:
    verdict = formed(**{part: text})[part]
    assert verdict.outcome == outcome
    assert float(verdict.credit) == credit
    assert why in verdict.why


def test_a_wrong_value_is_named_whatever_its_form() -> None:
    assert formed(third="6/8")["third"].mistake == "fourth"
    assert formed(third="4/6")["third"].mistake is None


def test_the_form_counts_where_marks_follow_too() -> None:
    assert formed(third="1/5", twice="0.40")["twice"].outcome == "FOLLOWED"
    verdict = formed(third="1/5", twice="2/5")["twice"]
    assert (verdict.outcome, verdict.credit) == ("PARTIAL", Fraction(1, 2))
    assert verdict.why.startswith("From your own value of third the value is right, but")
    assert formed(third="1/5", twice="0.41")["twice"].outcome == "INCORRECT"


def test_members_of_a_group_have_forms_of_their_own() -> None:
    verdict = formed(pair={"a": "2", "b": "1/2"})["pair"]
    assert [member.outcome for member in verdict.members] == ["CORRECT", "PARTIAL"]
    assert verdict.credit == Fraction(3, 4)


# What a text lacks, and how a value is written

FRACTIONS = st.fractions(-1000, 1000, max_denominator=10**4)
DIGITS = st.integers(1, 12)


@given(FRACTIONS, DIGITS, st.sampled_from(["decimals", "significant figures"]))
def test_a_number_written_with_so_many_digits_has_them_and_is_near(
    value: Fraction, count: int, what: str
) -> None:
    near = Tolerance.to_decimals(count) if what == "decimals" else Tolerance.to_figures(count)
    truth = Number(value, near, form=f"{count} {what}")
    written = typed(truth, value)
    assert isinstance(written, str)
    assert missing(truth, written, None) == ""
    assert truth.near(read(truth, written))


@given(FRACTIONS)
def test_a_fraction_is_simplified_as_it_is_written(value: Fraction) -> None:
    truth = Number(value, form="simplified fraction")
    assert missing(truth, write_in(value, truth.forms), None) == ""
    twice = f"{2 * value.numerator}/{2 * value.denominator}"
    lacking = f"the fraction {twice.lstrip('-')} is not in lowest terms"
    assert missing(truth, twice, None) == lacking


@given(FRACTIONS.filter(bool), DIGITS)
def test_figures_round_to_the_nearest(value: Fraction, count: int) -> None:
    unit = Fraction(10) ** (magnitude(value) + 1 - count)
    first = Fraction(10) ** magnitude(value)
    assert first <= abs(value) < 10 * first
    assert (figures(value, count) / unit).denominator == 1
    assert abs(figures(value, count) - value) <= unit / 2


@given(st.text(alphabet="0123456789.,/+-*e^()[]% \\{}frac½−", max_size=12))
def test_what_can_be_read_can_be_looked_at(typed_text: str) -> None:
    for truth, reader in (
        (Number(1, form="3 decimals"), read_number),
        (Number(1, form=("lowest terms", "no decimals")), read_number),
        (Array(exact([1]), form="simplified fraction"), read_array),
    ):
        try:
            reader(typed_text)
        except NotationError:
            continue
        assert isinstance(missing(truth, typed_text, None), str)


@pytest.mark.parametrize(
    ("typed_text", "lacking"),
    [
        ("[0.50, 0.25]", ""),
        ("0.50 0.25", ""),
        ("np.array([0.50, 0.250])", "of 0.250: it is written with 3 decimals, and 2 are asked for"),
        ("(0.50, 1/4)", "of 1/4: it is asked for as a decimal number with 2 decimals"),
        ("[0.50; (0.25)]", ""),
    ],
)
def test_entries_are_looked_at_one_by_one(typed_text: str, lacking: str) -> None:
    assert missing(Array(exact(["1/2", "1/4"]), form="2 decimals"), typed_text, None) == lacking


# What the rest of the program does with a form


@pytest.mark.parametrize(
    ("truth", "words"),
    [
        (Number(1, form="3 decimals"), "a number; written with 3 decimals"),
        (Number(1, form="1 significant figures"), "a number; written with 1 significant figure"),
        (
            Number(1, Tolerance.to_figures(2)),
            "a number, as in -1/8 or 0.125; exact, or to 2 significant figures at least",
        ),
        (
            Array(exact([1]), form=("lowest terms", "no decimals")),
            "a vector, as in [1, 2, 3]; each entry fractions in lowest terms and exact, "
            "without decimals",
        ),
        (
            Formula("x", {"x": "real", "y": "real"}, only=("x",), form="one fraction"),
            "a formula in x; one fraction",
        ),
    ],
)
def test_students_are_told_the_form(truth: Any, words: str) -> None:
    assert expected(truth) == words


def test_a_solution_shows_the_digits_that_are_asked_for() -> None:
    assert answer(Number(Fraction(5, 2), form="3 significant figures")) == "2.50"


@pytest.mark.parametrize(
    "truth",
    [
        Number(Fraction(1, 3), Tolerance.to_figures(3), form="3 significant figures"),
        Array(exact([1]), form=("lowest terms", "no decimals"), form_credit=Fraction(0)),
        Formula("x", {"x": "real"}, form="no slopes", only=("x",)),
    ],
)
def test_forms_survive_json(truth: Any) -> None:
    again = records.decode(json.loads(records.dumps(truth)))
    assert (again.forms, again.form_credit) == (truth.forms, truth.form_credit)
    assert again.tolerance == truth.tolerance


def test_a_record_without_a_form_is_what_it_was_before_there_were_forms() -> None:
    tree = records.encode(Number(1))
    assert set(tree) == {"@", "value", "tolerance", "integer"}
    assert set(tree["tolerance"]) == {"@", "abs", "rel", "decimals"}
    assert records.decode(tree).forms == ()


@pytest.mark.parametrize(
    ("truth", "trouble"),
    [
        (Number(1 / 3, form="simplified fraction"), "third: written as simplified fraction it is"),
        (Number(Fraction(1, 3), form="2 decimals"), "it is 0.33: that is too far from it"),
        (Formula("4 x/6", {"x": "real"}, form="lowest terms"), "the fraction 4/6 is not in lowest"),
        (Formula("x + y", {"x": "real", "y": "real"}, only=("x",)), "it uses y"),
        (Group.of(a=Number(1 / 3, form="no decimals")), r"third\.a: written as no decimals"),
    ],
)
def test_a_truth_must_have_its_own_form(truth: Any, trouble: str) -> None:
    with pytest.raises(AuthoringError, match=trouble):
        examine(Thirds(), {"third": truth})


def test_truths_in_their_form_are_certified() -> None:
    examine(Thirds(), Thirds().truths())


def test_rounding_is_to_the_figures_that_are_asked_for() -> None:
    near = Tolerance.to_figures(3)
    assert near.rounded(Fraction("0.0123456")) == Fraction("0.0123")
    assert near.precision == "3 significant figures"
    assert Tolerance.to_decimals(1).precision == "1 decimal"


@pytest.mark.parametrize("form", ["prose", "3", "0 significant figures", "31 decimals", ""])
def test_a_form_that_is_none(form: str) -> None:
    with pytest.raises(ValueError, match="is not a form"):
        Form.of(form)


@pytest.mark.parametrize(
    "form", ["one fraction", ("no decimals", "no decimals"), ("2 decimals", "lowest terms")]
)
def test_forms_that_cannot_be_asked(form: Any) -> None:
    with pytest.raises(ValueError, match="form"):
        Number(1, form=form)


@pytest.mark.parametrize("credit", [1, -1, 2])
def test_a_form_is_worth_something(credit: int) -> None:
    with pytest.raises(ValueError, match="form_credit"):
        Number(1, form="no decimals", form_credit=Fraction(credit))


def test_check_says_what_is_not_written_as_asked() -> None:
    asked = {
        "a": "number as lowest terms",
        "b": "number as lowest terms",
        "c": 'formula {"x": "real", "y": "real"} as no decimals, only x',
        "d": 'formula {"x": "real", "y": "real"} as no decimals, only x',
        "e": "array as 2 decimals",
    }
    given_texts = {"a": "4/6", "b": "2/3", "c": "y", "d": "0.5 x", "e": "[1.00, 2.0]"}
    found = check(Submission("", "s", {"q1": given_texts}, "form.yaml", {"q1": asked}))
    problems = {each.place: each.problem for each in found if each.status == "READ"}
    assert problems == {
        "q1.a": "this is not written as asked for: the fraction 4/6 is not in lowest terms",
        "q1.b": "",
        "q1.c": "this is not written as asked for: it uses y: write it with x alone",
        "q1.d": "this is not written as asked for: it is asked for without decimals such as 0.5",
        "q1.e": "this is not written as asked for: "
        "of 2.0: it is written with 1 decimal, and 2 are asked for",
    }
    assert "q1.a: 2/3\n    this is not written" in text(found)


# The same words, with a key and without one


@pytest.mark.parametrize(
    "truth",
    [
        Choice(frozenset({"no"}), ("yes", "no")),
        Choice(frozenset({"sign_slip"}), ("right", "sign_slip", "half")),
        Choice(frozenset({"2"}), ("1", "2", "3"), several=True),
        Order(("no", "yes"), ("yes", "no")),
        Order(("last", "first"), ("last", "first")),
    ],
)
@pytest.mark.parametrize("words", ["no", "sign_slip", "A", "b, a", "yes no", "2", "last first"])
def test_what_grade_reads_check_reads_too(truth: Any, words: str) -> None:
    def reading_of(asked: Any) -> Any:
        try:
            value = read(asked, words)
        except NotationError as error:
            return error.problem
        places = [asked.options.index(key) for key in value]
        return places if isinstance(asked, Order) else sorted(places)

    assert reading_of(truth) == reading_of(question(expectation(truth)))


def test_keys_that_could_tell_the_answer_are_neither_shown_nor_read() -> None:
    truth = Choice(frozenset({"correct"}), ("slip", "correct"))
    assert "correct" not in str(expectation(truth))
    with pytest.raises(NotationError):
        read(truth, "correct")
    assert read(Choice(frozenset({"no"}), ("yes", "no")), "No.") == {"no"}


def test_an_array_is_written_in_the_form_of_its_entries() -> None:
    truth = Array(exact([["1/2", 0], [1, "1/4"]]), form="2 decimals")
    assert typed(truth, truth.value) == "[[0.50, 0.00], [1.00, 0.25]]"
    assert np.array_equal(read(truth, str(typed(truth, truth.value))), truth.value)
