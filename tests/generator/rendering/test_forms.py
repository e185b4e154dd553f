from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML

from generator.rendering.forms import WIDTH, form
from generator.rendering.spoken import whole
from generator.sheets import Question, Sheet


def read(text: str) -> Any:
    return YAML(typ="base", pure=True).load(text)


def leaves(tree: Any) -> list[Any]:
    if not isinstance(tree, dict):
        return [tree]
    return [leaf for each in tree.values() for leaf in leaves(each)]


def test_a_form_reads_back_as_empty_texts(sheet_for: Callable[..., Sheet]) -> None:
    tree = read(form(sheet_for()))
    assert tree["sheet"] == "K7Q2-9MXA-V"
    assert tree["student"] == "s1"
    assert list(tree["q1"]) == list(sheet_for().questions[0].truths)
    assert set(leaves(tree["q1"])) == {""}
    assert list(tree["q1"]["weights"]) == ["W1", "b", "c", "units"]
    assert list(tree["q1"]["group"]) == ["W1", "pick", "n"]
    assert tree["expects"]["q1"]["one_choice"] == "choice of no yes"


def test_a_form_says_what_is_expected(sheet_for: Callable[..., Sheet]) -> None:
    text = form(sheet_for())
    for line in (
        "  # (a) 1 point",
        "  # Give 0.125, with the sign of x.",
        "  # Expected: a vector, as in [1, 2, 3].",
        "  # Expected: one of A, B.",
        "  # Expected: all that apply of 1, 2, 3.",
        '    W1: ""  # a matrix, 2 x 2',
        '    b: ""  # a vector of 1 number',
        '    units: ""  # a matrix, any x 1',
    ):
        assert f"\n{line}\n" in text


def test_a_form_is_the_same_twice_and_narrow(sheet_for: Callable[..., Sheet]) -> None:
    text = form(sheet_for())
    assert text == form(sheet_for())
    assert max(map(len, text.split("\n"))) <= WIDTH
    assert {c for c in text if not c.isprintable()} == {"\n"}


def test_a_form_does_not_give_truths_away(sheet_for: Callable[..., Sheet]) -> None:
    text = form(sheet_for())
    for truth in ("1/3", "3 x m", "x^2 + 1", "left right", "third"):
        assert truth not in text


def test_preview(question: Question) -> None:
    lines = whole(question).split("\n")
    assert lines[0] == "Every kind & more (q1)"
    assert "[Figure: lines & marks, 100 % of them]" in lines
    assert "(a) number, 1 point" in lines
    assert "    Answer: -1/8 = -0.125" in lines
    assert "    Solution. It is -0.125 = -1/8." in lines
