"""The quick readers give what the full ones give, or leave it to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import catalog
from generator.assignment import Assignment, Entry, Student
from generator.rendering.forms import form
from generator.sheets import draw_sheet
from grader.submissions.plain import plain_json, plain_yaml
from grader.submissions.trees import full_json_tree, full_yaml_tree

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("submissions/*.yaml"))

names = st.sampled_from(["sheet", "q1", "q2", "a", "b", "W1", "no", "null", "expects", "x y", "1"])
values = st.one_of(
    st.sampled_from(
        [
            "", "abc", "Z0PQ-WBCQ-2", "no", "1e-3", "- a", "a: b", "a #b", "a# b", "[1, 2]", "{a}",
            "|", ">", "&a", "*a", "!t", "'it''s'", "exact array 2 x 2", "a - b", "a -", "? x", "\t",
            "'formula {\"x\": {}}'", '"\\\\frac"', '"a" b', "a\u2028b", "\x07", "é", "\ufeff",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.text(st.sampled_from("ab 1\"\'#:,-[]{}\\"), max_size=8).map(lambda t: f'"{t}"'),
)  # fmt: skip
lines = st.builds(
    lambda indent, name, colon, value, end: f"{' ' * indent}{name}{colon}{value}{end}",
    st.sampled_from([0, 0, 2, 2, 4, 6, 1]),
    names,
    st.sampled_from([": ", ": ", ":", ":  "]),
    values,
    st.sampled_from(["", "", " # remark", "#x", " ", "\r"]),
)
others = st.sampled_from(
    ["", "# remark", "  # remark", "---", "...", "- a", "   ", "\t", "%YAML 1.2"]
)


@settings(max_examples=400)
@given(st.lists(st.one_of(lines, lines, lines, others), max_size=8).map("\n".join))
def test_yaml(text: str) -> None:
    plain = plain_yaml(text)
    if plain is not None:
        assert full_yaml_tree(text) == plain


keys = st.sampled_from(["sheet", "q1", "a", "b", "", ":x", "x\\", 'x"'])
texts = st.one_of(
    st.text(max_size=6), st.sampled_from([":", ' " : ', "\\", '"a":', ": x", "\ud800"])
)
objects: Any = st.recursive(
    st.one_of(texts, st.integers(), st.none(), st.booleans(), st.lists(texts, max_size=2)),
    lambda inner: st.lists(st.tuples(keys, inner), max_size=4).map(tuple),
    max_leaves=8,
)


def written(value: Any, ascii: bool, space: str) -> str:
    """JSON in which a name may stand twice."""
    if isinstance(value, tuple):
        names = [json.dumps(name, ensure_ascii=ascii) for name, _ in value]
        pairs = zip(names, (written(each, ascii, space) for _, each in value), strict=True)
        return "{" + f",{space}".join(f"{name}:{space}{each}" for name, each in pairs) + "}"
    return json.dumps(value, ensure_ascii=ascii)


@settings(max_examples=600)
@given(objects, st.booleans(), st.sampled_from(["", " "]))
def test_json(value: Any, ascii: bool, space: str) -> None:
    text = written(value, ascii, space)
    plain = plain_json(text.encode("utf-8", "surrogatepass"))
    if plain is not None:
        assert full_json_tree(text) == plain


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_forms_of_the_examples(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    plain = plain_yaml(text)
    assert plain is None or plain == full_yaml_tree(text)


def test_forms_as_we_write_them_are_plain() -> None:
    entries = tuple(Entry(name, {}) for name in catalog.names())
    assignment = Assignment("all", "All", entries, practice=True)
    text = form(draw_sheet(assignment, Student("s1", "Ann"), b""))
    assert plain_yaml(text) == full_yaml_tree(text)
    filled = text.replace(': ""', ': "[1, 2]"')
    assert plain_yaml(filled) == full_yaml_tree(filled)


def test_what_is_left_to_the_full_readers() -> None:
    assert plain_yaml("a: 1\na: 2\n") is None
    assert plain_yaml("a: &x 1\n") is None
    assert plain_json(b'{"a": "1", "a": "2"}') is None
    assert plain_json(b'{"a":"1","a":"2"}') is None
    assert plain_json(b'{"a" :"1","a":":2"}') is None
    assert plain_json(b'{"a": ": 1"}') is None
    assert plain_json(b'{"a": 1}') is None
    assert plain_json(b'{"sheet": "x", "q1": {"a": "1", "b": {"c": "2"}}}') == {
        "sheet": "x",
        "q1": {"a": "1", "b": {"c": "2"}},
    }
