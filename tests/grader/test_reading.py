"""Reading: a student's text to the plain value that a question asks for."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from generator.model.answers import (
    Array,
    Choice,
    Edges,
    Formula,
    Group,
    Number,
    Order,
    Shape,
    Witness,
)
from generator.model.errors import NotationError
from generator.model.values import exact
from grader.reading import fields, is_blank, read, read_as, read_field

NET = Witness(
    {"w0": exact(0), "w": exact([1, 2]), "W": exact([[1, 2]]), "free": exact([[1], [2]])},
    {"w0": (), "w": (None,), "W": (None, 2), "free": (2, 1)},
)
PAIR = Group.of(mean=Number(Fraction(2)), signs=Array(exact([1, -1])))
ROUND = Choice(frozenset({"yes"}), ("yes", "no", "maybe"), several=True)


@pytest.mark.parametrize("given", [None, "", " \n", {}, {"a": ""}, {"a": " ", "b": "\t"}])
def test_blank(given):
    assert is_blank(given)


@pytest.mark.parametrize("given", ["0", "none", "-", "?", {"a": "", "b": "1"}])
def test_not_blank(given):
    assert not is_blank(given)


@pytest.mark.parametrize("text", ["[1,2,3]", "[1;2;3]", "[[1,2,3]]", "1 2 3"])
def test_a_vector_question_takes_rows_and_columns(text):
    assert read(Array(exact([0, 0, 0])), text).shape == (3,)


def test_a_matrix_keeps_its_layout():
    question = Array(exact([[0, 0], [0, 0], [0, 0]]))
    assert read(question, "[1 2 3; 4 5 6]").shape == (2, 3)
    assert read(question, "[1,2,3]").shape == (3,)
    assert read(Array(exact([[0], [0]])), "[1, 2]").shape == (2, 1)
    assert read(Array(exact([[0, 0]])), "[1; 2]").shape == (2, 1)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("w0", "0,5", Fraction(1, 2)),
        ("w", "0,5; -1,5", [Fraction(1, 2), Fraction(-3, 2)]),
        ("W", "[1,5 2; 3 -0,5]", [[Fraction(3, 2), 2], [3, Fraction(-1, 2)]]),
    ],
)
def test_weights_may_have_decimal_commas(field, text, value):
    assert read_field(NET, field, text).tolist() == value


@pytest.mark.parametrize("text", ["1,000", "1,5,2", "1,5; x"])
def test_what_may_be_no_decimal_comma_is_asked_about(text):
    with pytest.raises(NotationError):
        read_field(NET, "w0", text)


@pytest.mark.parametrize("text", ["[1,2,3]", "[[1,2],[3,4]]", "[5]", "[1;2]"])
def test_reading_does_not_look_at_the_truth(text):
    for first, second in [([1, 2, 3], [7, 8, 9]), ([[1, 2], [3, 4]], [[0, 0], [0, 0]])]:
        one, other = (read(Array(exact(truth)), text) for truth in (first, second))
        assert np.array_equal(one, other)


def test_a_witness_is_read_exactly():
    value = read(NET, {"w0": "-1/8", "w": "1, 2, 3", "W": "[1, 2]", "free": "[0.5, 2^-3]"})
    assert {name: entries.shape for name, entries in value.items()} == {
        "w0": (), "w": (3,), "W": (1, 2), "free": (2, 1),
    }  # fmt: skip
    assert value["w0"][()] == Fraction(-1, 8)
    assert value["free"].tolist() == [[Fraction(1, 2)], [Fraction(1, 8)]]
    assert all(entries.dtype == object for entries in value.values())


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("w0", "sqrt(2)", "w0: write fractions or decimals"),
        ("w0", "[1, 2]", "w0: this is a list of 2, but one number is expected"),
        ("W", "[1, 2, 3]", "W: this is a 1×3 matrix, but a matrix with 2 columns is expected"),
        ("free", "[1, 2, 3]", "free: this is a 3×1 matrix, but a 2×1 matrix is expected"),
        ("w", "", "w: this field is empty"),
        ("w", "1 " * 65, "w: at most 64 rows"),
        ("w", "[1, x]", "w: there is no x here"),
    ],
)
def test_a_field_that_cannot_be_read_is_named(name, text, problem):
    with pytest.raises(NotationError) as caught:
        read_field(NET, name, text)
    assert caught.value.problem.startswith(problem)


def test_fields_keep_the_order_of_the_question():
    assert list(fields(PAIR, {"signs": "1 -1"}).items()) == [("mean", ""), ("signs", "1 -1")]


@pytest.mark.parametrize("question", [NET, PAIR])
def test_fields_cannot_be_given_as_one_text(question):
    with pytest.raises(NotationError, match="several fields"):
        read(question, "1")


def test_an_unknown_field_is_named():
    with pytest.raises(NotationError, match="no field man here: the fields are mean, signs"):
        read(PAIR, {"man": "1"})


def test_a_plain_question_takes_no_fields():
    with pytest.raises(NotationError, match="without fields"):
        read(Number(1), {"a": "1"})


def test_a_group_reads_its_members():
    value = read(PAIR, {"mean": "0,5", "signs": "[1 -1]"})
    assert value["mean"] == Fraction(1, 2)
    assert read_as(PAIR, value) == "mean = 0.5; signs = [1, -1]"


def test_a_formula_is_read_over_its_names():
    question = Formula("x^2", {"x": "real", "h": {"shape": ["m"]}})
    assert read(question, "x**2") == "x^2"
    with pytest.raises(NotationError, match="there is no y here"):
        read(question, "y^2")
    with pytest.raises(NotationError, match="does not fit"):
        read(question, "h h")


@pytest.mark.parametrize(
    ("question", "text", "shown"),
    [
        (Number(1), "-1/8", "-0.125"),
        (Number(1), "sqrt(2)", "1.4142135623730951"),
        (Array(exact([1, 2])), "(1 , 2/3)", "[1, 2/3]"),
        (Shape((3, 4)), "R^{3x4}", "3x4"),
        (ROUND, "Maybe, yes", "A, C"),
        (ROUND, "none", "none"),
        (Order(("no", "yes"), ("yes", "no")), "yes > no", "A, B"),
        (Edges(frozenset()), "x → y", "x->y"),
    ],
)
def test_a_student_is_shown_how_the_answer_was_read(question, text, shown):
    assert read_as(question, read(question, text)) == shown
    assert read_as(question, read(question, shown)) == shown


def test_reading_and_judging_are_light_to_import():
    script = "import sys, grader.judging; print({'sympy', 'jinja2', 'pylatex'} & set(sys.modules))"
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, capture_output=True, check=True).stdout.strip() == b"set()"
