"""Answers as formulas on a page: every truth of the catalogue is set; what can't be, is text."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from fractions import Fraction

import numpy as np
import pytest

from generator import catalog
from generator.certifying import certify
from generator.model.answers import (
    Answer,
    Array,
    Choice,
    Formula,
    Group,
    Number,
    Tolerance,
    Witness,
)
from generator.model.values import exact
from generator.sampling import Rng, seed
from grader import set_answers
from grader.set_answers import as_read, truth


def members(answer: Answer) -> list[Answer]:
    inside = set_answers.members(answer).values()
    return [leaf for each in inside for leaf in members(each)] if inside else [answer]


@pytest.mark.parametrize("name", catalog.names())
def test_every_truth_that_is_mathematics_is_set_as_such(name: str) -> None:
    kind = catalog.find(name)
    found = 0
    for settings in ({}, *kind.level_settings):
        drawn = certify(kind, Rng(seed(b"set", name)), settings)
        for answer in drawn.truths.values():
            for each in members(answer):
                text, elements = truth(each)
                assert text
                mathematics = isinstance(each, Number | Array | Formula | Witness)
                assert bool(elements) == mathematics
                for element in elements:
                    ElementTree.fromstring(element)
                found += 1
    assert found


def test_numbers_and_arrays() -> None:
    assert as_read(Number(Fraction(1)), "-1/3") == (
        '<math><mo lspace="0" rspace="0">−</mo><mfrac><mn>1</mn><mn>3</mn></mfrac></math>',
    )
    (matrix,) = as_read(Array(np.array([[1.0]])), "[[1, 1/3], [3, 4]]")
    assert matrix.count("<mtr>") == 2
    assert matrix.count("<mfrac>") == 1
    (vector,) = as_read(Array(np.array([1.0])), "[1, 2, 3]")
    assert "<mtable" not in vector


def test_a_witness_is_set_field_by_field() -> None:
    question = Witness({"W1": exact([[1]]), "b": exact(1)}, {"W1": (None, 1), "b": ()})
    fields = as_read(question, "W1 = [[1], [2]]; b = -2")
    assert len(fields) == 2
    assert "<mi>W</mi><mn>1</mn>" in fields[0]
    minus = '<mo lspace="0" rspace="0">−</mo>'  # a sign: browsers would space it as a difference
    assert fields[1] == f"<math><mi>b</mi><mo>=</mo>{minus}<mn>2</mn></math>"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (Number(Fraction(1)), "about two"),
        (Number(Fraction(1)), "<b>1</b>"),
        (Array(np.array([1.0])), "[1, 2"),
        (Array(np.array([1.0])), str([[1] * 30] * 30)),
        (Formula("x", {"x": "real"}), "x +"),
        (Formula("x", {"x": "real"}), "</math><script>"),
        (Choice(frozenset({"a"}), ("a", "b")), "a"),
        (Witness({"b": exact(1)}, {"b": ()}), "c = 1"),
        (Witness({"b": exact(1)}, {"b": ()}), "b"),
    ],
)
def test_what_is_no_formula_is_left_to_the_text(question: Answer, text: str) -> None:
    assert as_read(question, text) == ()


def test_deep_formulas_do_not_exhaust_the_stack() -> None:
    deep = "/".join(["x"] * 150)
    assert isinstance(as_read(Formula("x", {"x": "real"}), deep), tuple)


def test_a_rounded_truth_has_the_digits_that_are_asked_for() -> None:
    assert truth(Number(0.123456789))[0] == "0.1235"
    assert truth(Number(0.123456789, Tolerance.to_figures(2)))[0] == "0.12"
    assert truth(Number(Fraction(1, 3)))[0] == "1/3"
    assert truth(Array(np.array([0.5, 0.98765432])))[0] == "[0.5, 0.9877]"


def test_of_a_group_each_member_has_its_own() -> None:
    group = Group.of(a=Number(Fraction(1)), b=Number(Fraction(2)))
    assert list(set_answers.members(group)) == ["a", "b"]
    assert set_answers.members(Number(Fraction(1))) == {}
    assert set_answers.members(None) == {}
