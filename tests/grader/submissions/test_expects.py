"""What a form says about its answers: enough to read them, nothing about the truth."""

from __future__ import annotations

from typing import Any

import pytest

from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Edges,
    Ends,
    FiniteSet,
    Formula,
    Group,
    Interval,
    Number,
    Order,
    PartialOrder,
    Shape,
    Witness,
)
from generator.model.expects import expectation, expects
from generator.model.values import exact
from grader.submissions.expects import question

WITNESS = Witness(
    {"W": exact([[7, 7], [7, 7]]), "b": exact(7), "v": exact([7])},
    {"W": (2, None), "b": (), "v": (None,)},
)
KINDS: list[tuple[Answer, Any]] = [
    (Number(7), "number"),
    (Number(7, integer=True), "integer"),
    (Array(exact([7, 7, 7])), "array"),
    (Shape((7, 7)), "shape"),
    (Choice(frozenset({"yes"}), ("yes", "no")), "choice of yes no"),
    (Choice(frozenset({"right"}), ("slip", "right")), "choice of A B"),
    (Choice(frozenset({"2"}), ("1", "2")), "choice of 1 2"),
    (Choice(frozenset(), ("yes", "no"), several=True), "choices of yes no"),
    (Order(("first", "last"), ("last", "first")), "order of A B"),
    (Edges(frozenset({("x", "z")}), ("x", "z")), "edges of x z"),
    (Edges(frozenset({("x", "z")})), "edges"),
    (FiniteSet(frozenset({7})), "set"),
    (Interval(Ends(None, 7, False, True)), "interval"),
    (Formula("x + 7", {"x": "real"}), 'formula {"x": "real"}'),
    (Formula("7"), "formula {}"),
    (Formula("d", {"d": {"shape": ["m"], "given": "p - y"}}), 'formula {"d": {"shape": ["m"]}}'),
    (Number(7, form="3 decimals"), "number as 3 decimals"),
    (Number(6, integer=True, form="no decimals"), "integer as no decimals"),
    (Array(exact([7]), form=("lowest terms", "no decimals")), "array as lowest terms, no decimals"),
    (
        Formula("x + 7", {"x": "real", "y as z, only": "real"}, form="one fraction", only=("x",)),
        'formula {"x": "real", "y as z, only": "real"} as one fraction, only x',
    ),
    (Group.of(W1=Shape((7, 7)), n=Number(7)), {"W1": "shape", "n": "number"}),
    (
        WITNESS,
        {"W": "exact array 2 x any", "b": "exact number", "v": "exact array any"},
    ),
]


@pytest.mark.parametrize(("answer", "text"), KINDS)
def test_an_expectation_says_the_kind_and_not_the_truth(answer: Answer, text: Any) -> None:
    assert expectation(answer) == text
    assert "7" not in str(text)


@pytest.mark.parametrize(("answer", "text"), KINDS)
def test_an_expectation_reads_back_as_a_question_of_the_same_kind(
    answer: Answer, text: Any
) -> None:
    asked = question(text)
    assert type(asked) is type(answer)
    assert expectation(asked) == text


def test_an_expectation_does_not_tell_which_pairs_an_order_keeps() -> None:
    order = PartialOrder(("no", "yes"), ("yes", "no"), frozenset({("no", "yes")}))
    assert expectation(order) == expectation(Order(("no", "yes"), ("yes", "no")))


def test_the_expectations_of_a_sheet_mirror_its_answers() -> None:
    assert expects({"q1": {"a": Number(1), "b": Group.of(c=Shape((2,)))}}) == {
        "q1": {"a": "number", "b": {"c": "shape"}}
    }


@pytest.mark.parametrize(
    "text",
    [
        "number as",
        "number as prose",
        "set as no decimals",
        "number as one fraction",
        "formula {} of x",
        "formula {} as 3 decimals",
        "",
        "numbers",
        "choice of",
        "choice of a",
        "exact array x",
        "exact array 2 x 2 x 2",
        {},
    ],
)
def test_an_edited_expectation_is_refused(text: Any) -> None:
    with pytest.raises(ValueError):
        question(text if text != "exact array x" else {"W": text})
