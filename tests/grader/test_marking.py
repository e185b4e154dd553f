"""What each answer to a small exercise earns, and why."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

import numpy as np
import pytest

from generator.model import records
from generator.model.answers import Array, Choice, Formula, Group, Number, Shape, Witness
from generator.model.exercise import Exercise, part, witness
from generator.model.key import AskedExercise, AskedPart
from generator.model.values import Vector, exact
from grader import comparing, reading
from grader.marking import Verdict, excerpt, mark


@dataclass(frozen=True, eq=False)
class Chain(Exercise):
    """Three steps that build on one another, and one part of each other kind."""

    title = "Chain"
    x: Vector

    @classmethod
    def sample(cls, rng: Any) -> Self:
        return cls(exact([rng.integer(1, 9), rng.integer(1, 9)]))

    @part(points=2)
    def double(self) -> Array:
        return Array(2 * self.x, partial=True)

    @double.mistake("Doubling is not squaring.")
    def squared(self) -> Vector:
        return self.x**2

    @double.mistake("Doubling does not take away.")
    def subtracted(self) -> Vector:
        return exact([0, 0])

    @double.mistake("Doubling is not multiplying by x - 2.")
    def reduced(self) -> Vector:
        return exact(self.x * (self.x - 2))

    @part(points=4)
    def shifted(self, double: Vector) -> Array:
        return Array(double + 1)

    @shifted.mistake("Add 1, don't take it away.")
    def minus_one(self, double: Vector) -> Vector:
        return double - 1

    @part(points=2)
    def ratio(self, shifted: Vector) -> Number:
        return Number(shifted[0] / (shifted[1] - 1))

    @part(points=2)
    def pair(self, double: Vector) -> Group:
        return Group.of(size=Shape((2,)), total=Number(sum(double)))

    @pair.mistake("A column is not a row.")
    def size_flipped(self, double: Vector) -> dict[str, Any]:
        return {"size": (3,), "total": sum(double)}

    @part(points=1)
    def sign(self) -> Choice:
        return Choice(frozenset({"positive"}), ("positive", "negative"))

    @sign.mistake("Look again at the sign.")
    def turned(self) -> frozenset[str]:
        return frozenset({"negative"})

    @witness(points=3)
    def bound(self) -> Witness:
        return Witness({"above": exact(100)}, {"above": ()})

    @bound.check
    def bound_holds(self, above: Vector) -> Iterator[str]:
        for entry in self.x:
            if not above > entry:
                yield f"{above} is not above {entry}"

    @bound.outcome
    def bound_side(self, above: Vector) -> bool:
        return bool(above > 0)

    @bound.mistake("A lower bound was not asked for.")
    def lower_bound(self) -> dict[str, Any]:
        return {"above": exact(1)}

    def verify(self) -> None:
        """Not needed here: nothing is drawn."""


CHAIN = Chain(exact([3, 5]))
RIGHT: dict[str, Any] = {
    "double": "[6, 10]",
    "shifted": "[7, 11]",
    "ratio": "0.7",
    "pair": {"size": "2", "total": "16"},
    "sign": "a",
    "bound": {"above": "6"},
}


def asked(exercise: Exercise = CHAIN) -> AskedExercise:
    parts = tuple(
        AskedPart(name, exercise.parts[name].points, truth)
        for name, truth in exercise.truths().items()
    )
    return AskedExercise("q1", "chain", {}, {"x": CHAIN.x}, parts)


def marked(exercise: Exercise = CHAIN, **answers: Any) -> dict[str, Verdict]:
    return {verdict.part: verdict for verdict in mark(asked(), exercise, RIGHT | answers)}


def test_right_answers_earn_everything() -> None:
    verdicts = marked()
    assert {verdict.outcome for verdict in verdicts.values()} == {"CORRECT"}
    assert sum(verdict.earned for verdict in verdicts.values()) == 14


@pytest.mark.parametrize(
    ("name", "answers", "outcome", "credit", "mistake"),
    [
        pytest.param("double", {"double": "[1, 2]"}, "INCORRECT", "0", None, id="wrong"),
        pytest.param("double", {"double": "[9, 25]"}, "INCORRECT", "0", "squared", id="mistake"),
        pytest.param("double", {"double": "[6, 2]"}, "PARTIAL", "1/2", None, id="partial"),
        pytest.param("double", {"double": "[6, ]]"}, "UNREADABLE", "0", None, id="unreadable"),
        pytest.param("double", {"double": {"x": "1"}}, "UNREADABLE", "0", None, id="fields"),
        pytest.param("double", {"double": " "}, "BLANK", "0", None, id="blank"),
        pytest.param("shifted", {"shifted": "[5, 9]"}, "INCORRECT", "0", "minus_one", id="later"),
        pytest.param("sign", {"sign": "b"}, "INCORRECT", "0", "turned", id="choice"),
        pytest.param("sign", {"sign": "c"}, "UNREADABLE", "0", None, id="no such option"),
        pytest.param("bound", {"bound": {"above": "5"}}, "INCORRECT", "0", "lower_bound", id="tie"),
        pytest.param("bound", {"bound": {"above": "-1"}}, "INCORRECT", "0", None, id="witness"),
        pytest.param("bound", {"bound": {"above": "?"}}, "UNREADABLE", "0", None, id="witness ?"),
        pytest.param("bound", {"bound": ""}, "BLANK", "0", None, id="no witness"),
        # Follow-through.
        pytest.param(
            "shifted",
            {"double": "[1, 2]", "shifted": "[2, 3]"},
            "FOLLOWED",
            "1",
            None,
            id="from one's own value",
        ),
        pytest.param(
            "ratio",
            {"double": "[1, 2]", "shifted": "", "ratio": "1"},
            "FOLLOWED",
            "1",
            None,
            id="through a blank part",
        ),
        pytest.param(
            "ratio",
            {"double": "[1, 2]", "shifted": "[2, 3]", "ratio": "1"},
            "FOLLOWED",
            "1",
            None,
            id="through a followed part",
        ),
        pytest.param(
            "shifted",
            {"double": "[1, 2]", "shifted": "[7, 11]"},
            "CORRECT",
            "1",
            None,
            id="right in spite of a wrong value",
        ),
        pytest.param(
            "shifted",
            {"double": "[1, 2]", "shifted": "[0, 1]"},
            "INCORRECT",
            "0",
            "minus_one",
            id="a mistake with one's own value",
        ),
        pytest.param(
            "shifted",
            {"double": "[0, 0]", "shifted": "[1, 1]"},
            "INCORRECT",
            "0",
            None,
            id="nothing follows from zeros",
        ),
        pytest.param(
            "shifted",
            {"double": "[-1, -1]", "shifted": "[0, 0]"},
            "INCORRECT",
            "0",
            None,
            id="zeros don't follow from anything",
        ),
        pytest.param(
            "shifted",
            {"double": "[1, 2, 3]", "shifted": "[2, 3, 4]"},
            "INCORRECT",
            "0",
            None,
            id="nothing follows from another shape",
        ),
        pytest.param(
            "shifted",
            {"double": "[1, 2", "shifted": "[2, 3]"},
            "INCORRECT",
            "0",
            None,
            id="nothing follows from what can't be read",
        ),
        pytest.param(
            "ratio",
            {"double": "[1, 0]", "shifted": "", "ratio": "5"},
            "INCORRECT",
            "0",
            None,
            id="a rule that divides by zero",
        ),
        # Groups.
        pytest.param(
            "pair",
            {"pair": {"size": "3", "total": "16"}},
            "PARTIAL",
            "1/2",
            "size_flipped",
            id="half",
        ),
        pytest.param("pair", {"pair": {"size": "2"}}, "PARTIAL", "1/2", None, id="member blank"),
        pytest.param(
            "pair",
            {"pair": {"size": "(", "total": "16"}},
            "UNREADABLE",
            "1/2",
            None,
            id="member unreadable",
        ),
        pytest.param(
            "pair",
            {"double": "[1, 2]", "pair": {"size": "2", "total": "3"}},
            "FOLLOWED",
            "1",
            None,
            id="member followed",
        ),
        pytest.param("pair", {"pair": {"size": "", "total": " "}}, "BLANK", "0", None, id="empty"),
        pytest.param("pair", {"pair": "2, 16"}, "UNREADABLE", "0", None, id="group as one text"),
    ],
)
def test_verdict(
    name: str, answers: dict[str, Any], outcome: str, credit: str, mistake: str | None
) -> None:
    verdict = marked(**answers)[name]
    assert (verdict.outcome, verdict.credit) == (outcome, Fraction(credit)), verdict.why
    assert verdict.mistake == mistake
    assert verdict.why
    assert verdict.needs_human == (outcome == "UNREADABLE")


def test_a_named_mistake_carries_its_advice() -> None:
    assert marked(double="[9, 25]")["double"].advice == "Doubling is not squaring."


def test_where_two_mistakes_lead_to_an_answer_both_are_explained() -> None:
    same = Chain(exact([2, 2]))
    asked_of_it = AskedExercise("q1", "chain", {}, {}, asked(same).parts)
    (verdict,) = (v for v in mark(asked_of_it, same, {"double": "[0, 0]"}) if v.part == "double")
    assert verdict.mistake == "subtracted"
    assert verdict.advice == (
        "More than one slip leads to this answer. Doubling does not take away. "
        "Or: Doubling is not multiplying by x - 2."
    )


def test_a_followed_verdict_names_the_earlier_part() -> None:
    assert "your own value of double" in marked(double="[1, 2]", shifted="[2, 3]")["shifted"].why


def test_a_wrong_witness_comes_with_its_counterexample() -> None:
    verdict = marked(bound={"above": "4"})["bound"]
    assert verdict.counterexample == "4 is not above 5"
    assert verdict.counterexample in verdict.why


def test_an_unreadable_answer_shows_the_place() -> None:
    assert marked(double="[6, ?]")["double"].why.endswith("^")


def test_group_members_are_named() -> None:
    verdict = marked(pair={"size": "3", "total": "16", "extra": "1"})["pair"]
    assert [(each.part, each.outcome) for each in verdict.members] == [
        ("size", "INCORRECT"),
        ("total", "CORRECT"),
    ]
    assert "size:" in verdict.why
    assert "extra" in verdict.why


def test_an_internal_failure_is_undecided_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("out of order")

    monkeypatch.setattr(comparing, "compare", broken)
    with caplog.at_level(logging.ERROR):
        verdict = marked(double="[6, 10]")["double"]
    assert verdict.outcome == "UNDECIDED"
    assert verdict.credit == 0
    assert verdict.needs_human
    assert "out of order" in caplog.text


def test_what_can_not_be_decided_goes_to_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    undecided = comparing.Comparison(None, Fraction(0), "too close to call")
    monkeypatch.setattr(comparing, "compare", lambda *_: undecided)
    verdict = marked()["double"]
    assert (verdict.outcome, verdict.why) == ("UNDECIDED", "Too close to call.")
    assert verdict.needs_human


@pytest.mark.parametrize("text", ["(" * 5000, "9^9^9^9", "\0", "1e999999", "x" * 10**6, "٣", "nan"])
def test_hostile_text_raises_nothing_and_earns_nothing(text: str) -> None:
    answers: dict[str, Any] = dict.fromkeys(RIGHT, text)
    answers |= {"pair": {"size": text, "total": text}, "bound": {"above": text}}
    for verdict in mark(asked(), CHAIN, answers):
        assert verdict.credit == 0
        assert verdict.outcome in ("UNREADABLE", "INCORRECT")
        assert len(verdict.given) <= 300


def test_verdicts_survive_json() -> None:
    verdicts = mark(asked(), CHAIN, RIGHT | {"pair": {"size": "3"}})
    assert records.decode(records.encode(verdicts)) == verdicts


def test_excerpt_is_one_printable_line() -> None:
    assert excerpt("a\x1b[31m\n b\t") == "a [31m b"
    assert excerpt({"W": "1\n2", "b": " "}) == "W: 1 2"
    assert len(excerpt("x" * 1000)) == 300


def test_no_truth_is_quoted_in_what_a_student_reads() -> None:
    typed: dict[str, Any] = {"double": "[1, 2]", "shifted": "[1, 2]", "ratio": "9"}
    verdicts = marked(**typed)
    for name in typed:
        verdict = verdicts[name]
        truth = CHAIN.truths()[name].value
        for entry in np.ravel(truth):
            assert str(entry) not in verdict.why.split()


NAMES = {"x": None, "z": {"shape": ["n"]}, "W": {"shape": ["n", "n"]}}


@pytest.mark.parametrize(
    ("right", "mistaken", "answer", "same"),
    [
        ("2 x", "x", "x^2/x", True),
        ("2 x", "x", "x + 10^-14 x", False),
        ("2 x", "x", "x + 10^-14", False),
        ("2 x", "max(0, x)", "relu(x)", True),
        ("2 x", "max(0, x)", "x", False),
        ("2 x", "x", "z", False),
        ("z", "W z", "(z^T W^T)^T", True),
        ("z", "W z", "W^T z", False),
        ("z", "10^8 z - 10^8 z + z", "z", True),
        ("2 x", "ln(-1 - x^2)", "x", False),
        ("2 x", "sqrt(x - 30)", "sqrt(x - 30)", True),
    ],
)
def test_a_mistake_is_compared_as_a_truth_is(
    right: str, mistaken: str, answer: str, same: bool
) -> None:
    truth = Formula(right, NAMES)
    wrong = truth.like(mistaken)
    value = reading.read(truth, answer)
    assert comparing.same(wrong, value, truth) is same
    assert (comparing.compare(wrong, value).equal is True) is same
