"""Records as JSON text; that they come back whole is swept over all exercises elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from generator.model import records
from generator.model.answers import Tolerance

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


@given(TREES)
def test_the_text_is_that_of_json(tree: object) -> None:
    """Sheet ids are made from it, so that not a byte of it may change."""
    assert records.dumps(tree) == json.dumps(tree, ensure_ascii=False, indent=1) + "\n"


@given(st.frozensets(st.text() | st.tuples(st.text(), st.text()) | st.tuples(st.integers())))
def test_sets_are_in_the_order_of_their_texts(value: frozenset[object]) -> None:
    found = records.encode(value)["value"]
    assert found == sorted(map(records.encode, value), key=json.dumps)


class Named(str):
    """A text of a class of its own."""


def test_texts_and_numbers_of_other_classes_are_written_as_what_they_are() -> None:
    value = [Named("f(x)"), np.float64(1e-7), HTTPStatus.OK, {Named("a"): 1e16}]
    assert records.dumps(value) == '[\n "f(x)",\n 1e-07,\n 200,\n {\n  "a": 1e+16\n }\n]\n'


def test_a_record_that_keeps_its_tree_is_written_alike_again() -> None:
    tolerance = Tolerance.to_figures(3)
    first = records.dumps([tolerance, tolerance])
    assert records.dumps([tolerance, tolerance]) == first
    assert records.decode(json.loads(first)) == (tolerance, tolerance)
    assert records.dumps([replace(tolerance, significant=4)]) != records.dumps([tolerance])
