"""Answer boxes: one for each entry of the form, named as there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from generator.model.answers import Array, Witness
from generator.rendering import forms
from generator.rendering.boxes import AnswerBox, abreast, answer_boxes
from generator.rendering.documents import worksheet
from generator.sheets import Question, Sheet


def leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, each in tree.items():
        if isinstance(each, dict):
            yield from leaves(each, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def test_boxes_are_the_entries_of_the_form_in_its_order(sheet_for: Callable[..., Sheet]) -> None:
    entries = list(leaves({"q1": YAML(typ="safe").load(forms.form(sheet_for()))["q1"]}))
    assert len(entries) > 15
    drawn = [
        line.split("}")[0].removeprefix(r"\answerbox{")
        for line in worksheet(sheet_for()).splitlines()
        if line.startswith(r"\answerbox{")
    ]
    assert drawn == entries


def test_sizes_tell_the_kind(question: Question) -> None:
    boxes = {
        box.key: (box.width, box.height)
        for name, truth in question.truths.items()
        for box in answer_boxes(name, truth)
    }
    assert boxes["number"] == boxes["one_choice"] == boxes["weights.c"] == ("third", 7)
    assert boxes["matrix"] == boxes["weights.W1"] == ("half", 17)
    assert boxes["weights.units"][1] > boxes["weights.W1"][1]  # as many rows as one likes
    assert boxes["formula"][0] == boxes["edges"][0] == "full"


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((2, 3), ("half", 20)),
        ((3, 2), ("half", 20)),  # the transpose is as high: which is right may be asked
        ((4, 5), ("half", 30)),
        ((3, 9), ("full", 30)),
        ((9, 3), ("full", 30)),
        ((5,), ("half", 9)),
        ((6,), ("full", 9)),
    ],
)
def test_arrays_have_room_for_their_entries(shape: tuple[int, ...], size: tuple[str, int]) -> None:
    (box,) = answer_boxes("q1.a", Array(np.zeros(shape)))
    assert (box.width, box.height) == size


def test_long_rows_of_an_open_matrix_have_the_whole_line() -> None:
    long, short = np.zeros((2, 9), dtype=int), np.zeros((2, 3), dtype=int)
    truth = Witness({"W": long, "units": short}, {"W": (None, 9), "units": (None, 3)})
    assert [box.width for box in answer_boxes("q1", truth)] == ["full", "half"]


def test_what_may_be_long_has_room_to_be() -> None:
    """Nine weights in two lines, seven units in rows: how many there are is not told."""
    value = {"p": np.zeros(9, dtype=int), "units": np.zeros((7, 3), dtype=int)}
    vector, matrix = answer_boxes("q1", Witness(value, {"p": (None,), "units": (None, 3)}))
    assert (vector.width, vector.height) == ("half", 12)
    assert matrix.height >= 7 * 4


def test_boxes_of_a_row_are_of_one_height() -> None:
    boxes = [AnswerBox("b", "half", 9), AnswerBox("n", "third", 7), AnswerBox("c", "half", 9)]
    assert [box.height for box in abreast(boxes)] == [9, 9, 9]


def test_small_boxes_are_narrower_where_that_makes_one_row() -> None:
    boxes = [AnswerBox("b", "half", 9), AnswerBox("n", "third", 7), AnswerBox("m", "third", 7)]
    assert [(box.width, box.height) for box in abreast(boxes)] == [
        ("half", 9),
        ("quarter", 9),
        ("quarter", 9),
    ]
    assert [box.width for box in abreast([*boxes, boxes[0]])] == ["half", "third", "third", "half"]
    numbers = [AnswerBox(f"n{place}", "third", 7) for place in range(4)]
    assert {(box.width, box.height) for box in abreast(numbers)} == {("quarter", 7)}
    assert {box.width for box in abreast(numbers[:3])} == {"third"}
