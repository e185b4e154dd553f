"""Records as JSON text; that they come back whole is swept over all exercises elsewhere."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from generator.model import records

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
