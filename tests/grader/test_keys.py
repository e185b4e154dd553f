"""Keys that can't be used, and keys that the installed exercises contradict."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.model import records
from generator.model.errors import GradsheetError, InputError
from generator.model.key import AnswerKey
from grader.keys import check_key, load_key


def test_a_key_survives_its_file(key: AnswerKey, key_file: Path) -> None:
    assert records.dumps(load_key(key_file)) == records.dumps(key)


def test_the_installed_exercises_agree(key: AnswerKey) -> None:
    assert list(check_key(key)) == ["q1"]


def edited(change: Callable[[Any], Any]) -> Callable[[str], str]:
    def edit(text: str) -> str:
        tree = json.loads(text)
        change(tree)
        return json.dumps(tree)

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda text: text[: len(text) // 2], "not an answer key, or cut off"),
        (lambda text: "", "not an answer key, or cut off"),
        (lambda text: "[" * 100_000, "not an answer key, or cut off"),
        (lambda text: "[1, 2]", "not an answer key"),
        (lambda text: '{"sheet": "x"}', "not an answer key"),
        (edited(lambda t: t["versions"].update(format=99)), "format 99"),
        (edited(lambda t: t.pop("versions")), "format None"),
        (edited(lambda t: t.pop("student")), "damaged"),
        (edited(lambda t: t.update(student=3)), "its student is a int"),
        (edited(lambda t: t.update(exercises=3)), "its exercises"),
        (edited(lambda t: t["exercises"].append("q2")), "an exercise is a str"),
        (edited(lambda t: t["exercises"].append(t["exercises"][0])), "two exercises"),
        (edited(lambda t: t["exercises"][0]["parts"][0].update(truth="1")), "its truth is a str"),
        (edited(lambda t: t["exercises"][0]["parts"][0]["truth"].update(value=None)), "damaged"),
        (
            edited(lambda t: t["exercises"][0]["parts"][0]["truth"].update({"@": "os"})),
            "unknown kind of record 'os'",
        ),
    ],
)
def test_a_file_that_is_no_key(key_file: Path, edit: Callable[[str], str], message: str) -> None:
    key_file.write_text(edit(key_file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_key(key_file)
    assert message in caught.value.problem
    assert caught.value.source == str(key_file)


def test_a_key_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: the key cannot be read"):
        load_key(tmp_path / "none.json")


def test_a_truth_that_the_exercise_does_not_find_stops_grading(key: AnswerKey) -> None:
    asked = key.exercises[0]
    part = asked.parts[0]
    moved = replace(part, truth=part.truth.like(part.truth.value + 1))
    wrong = replace(key, exercises=(replace(asked, parts=(moved, *asked.parts[1:])),))
    with pytest.raises(GradsheetError, match=rf"disagrees .* truth of q1\.{part.name}"):
        check_key(wrong)


def test_a_part_that_the_exercise_does_not_have_stops_grading(key: AnswerKey) -> None:
    asked = key.exercises[0]
    odd = replace(asked.parts[0], name="unheard_of")
    for parts in ((*asked.parts, odd), asked.parts[1:]):
        with pytest.raises(GradsheetError, match="disagrees"):
            check_key(replace(key, exercises=(replace(asked, parts=parts),)))


def test_an_exercise_that_is_not_installed(key: AnswerKey) -> None:
    gone = replace(key.exercises[0], exercise="two_branch_backdrop")
    with pytest.raises(GradsheetError, match="did you mean two_branch_backprop"):
        check_key(replace(key, exercises=(gone,)))


def test_numbers_that_the_exercise_cannot_use(key: AnswerKey) -> None:
    asked = replace(key.exercises[0], drawn={"units": 3})
    with pytest.raises(GradsheetError, match=r"q1: the installed exercise .* cannot use"):
        check_key(replace(key, exercises=(asked,)))
