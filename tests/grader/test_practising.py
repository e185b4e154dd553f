"""Practising: what a session says, and that it works at a real terminal."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.model.errors import InputError
from grader import practising, reading
from grader.cli import program
from grader.practising import Session

NAME = "two_branch_backprop"


def played(lines: Iterable[str], name: str = NAME, seed: str = "4") -> tuple[str, Session]:
    """What a session says when these lines are typed, and how it ended."""
    typed = iter(lines)
    said: list[str] = []

    def ask(prompt: str) -> str:
        line = next(typed, None)
        if line is None:
            raise EOFError
        said.append(f"{prompt}{line}")
        return line

    session = practising.practise(practising.drawn(name, None, seed), said.append, ask)
    assert next(typed, None) is None, "not everything that was typed was asked for"
    return "\n".join(said), session


def right(name: str = NAME, seed: str = "4") -> dict[str, list[str]]:
    """The lines that answer each part rightly."""
    lines = {}
    for part, truth in practising.drawn(name, None, seed).truths.items():
        typed = reading.typed(truth, truth.value)
        lines[part] = [typed] if isinstance(typed, str) else list(typed.values())
    return lines


def test_all_right_at_once() -> None:
    answers = right()
    said, session = played(line for lines in answers.values() for line in lines)
    assert set(session.ends.values()) == {"right"}
    assert f"{len(answers)} of {len(answers)} parts right by yourself." in said
    assert "relu_bracket: right at once" in said


def test_a_wrong_answer_is_told_what_it_is_and_may_be_tried_again() -> None:
    first, *_ = right()["relu_bracket"]
    said, session = played(["[1, 2, 3]", "hint", first, "quit"])
    assert "read as  [1, 2, 3]" in said
    assert "Try again, or type hint, solution or skip." in said
    assert "Hint, said of a common slip: ReLU has slope 0 where z1 < 0" in said
    assert "relu_bracket: right after 2 tries" in said
    assert session.tries == {"relu_bracket": 2}


def test_hints_are_about_slips_that_can_be_made_in_this_question() -> None:
    name = "softmax_ce_backprop_symbolic"
    question = practising.drawn(name, None, "1")
    of_others = type(question.exercise).parts["delta1"].mistakes["assumed_normalised"].advice
    assert of_others.endswith("here they need not.")  # its targets are one-hot: here they do
    said, _ = played([*["hint"] * 8, "quit"], name, "1")
    assert said.count("Hint, said of a common slip: ") == 8
    assert of_others not in " ".join(said.split())


def test_what_cannot_be_read_costs_no_try() -> None:
    first, *_ = right()["relu_bracket"]
    said, session = played(["(1, 2", "", first, "quit"])
    assert "there is a closing ) missing" in said
    assert "Type an answer, or hint, solution, skip, again, quit." in said
    assert session.tries == {"relu_bracket": 1}


def test_later_parts_follow_from_an_own_earlier_value() -> None:
    question = practising.drawn(NAME, None, "4")
    mask_forgotten = question.exercise.upstream[0]  # type: ignore[attr-defined]
    own = question.exercise.truths({"relu_bracket": mask_forgotten})["dL_dW1"]
    answers = right()
    lines = [str(list(map(int, mask_forgotten))), "skip"]
    for part in ("sigmoid_bracket", "sizes", "dL_dv"):
        lines += answers[part]
    said, session = played([*lines, str(reading.typed(own, own.value)), "quit"])
    assert "Right from your own value of relu_bracket" in said
    assert session.ends["dL_dW1"] == "right"


def test_after_a_solution_was_shown_its_value_counts() -> None:
    answers = right()
    lines = ["[1, 1, 1]", "solution"]
    for part in ("sigmoid_bracket", "sizes", "dL_dv", "dL_dW1"):
        lines += answers[part]
    said, session = played([*lines, "quit"])
    assert "Solution. The slope of ReLU is 1" in said
    assert session.ends["relu_bracket"] == "shown"
    assert session.ends["dL_dW1"] == "right"
    assert "relu_bracket: solution shown" in said


def test_the_question_can_be_shown_again_and_left_in_the_middle_of_a_group() -> None:
    said, session = played(["again", "skip", "skip", "3x4", "quit"])
    assert said.count("A node v feeds") == 2
    assert session.ends == {"relu_bracket": "skipped", "sigmoid_bracket": "skipped"}


def test_a_witness_is_asked_field_by_field() -> None:
    name = "xor_relu_weights"
    said, session = played((line for lines in right(name).values() for line in lines), name)
    assert "w2 (a vector of 2 numbers)> " in said
    assert session.ends["weights"] == "right"


def test_the_same_seed_asks_the_same_and_a_seed_alone_picks_an_exercise() -> None:
    first, second = (practising.drawn(None, None, "7") for _ in range(2))
    assert (first.name, first.truths.keys()) == (second.name, second.truths.keys())
    assert len({practising.drawn(None, None, str(seed)).name for seed in range(12)}) > 1


def test_levels_and_what_is_refused() -> None:
    gentle = practising.drawn(NAME, 1, "1")
    assert gentle.options == {"units": 2, "inputs": 3}
    with pytest.raises(InputError, match="did you mean two_branch_backprop"):
        practising.drawn("two_branch_backprob", None, "1")
    result = CliRunner().invoke(program, ["practice", "nothing"])
    assert result.exit_code == 1
    assert "there is no exercise 'nothing'" in result.output


def test_the_last_line_asks_the_same_question_again() -> None:
    call = ["practice", NAME, "--level", "1", "--set", "inputs=5", "--seed", "a b"]
    first = CliRunner().invoke(program, call, input="quit\n").output
    again = first.splitlines()[-1].removeprefix("Once more: grader ")
    assert shlex.split(again) == call
    assert CliRunner().invoke(program, shlex.split(again), input="quit\n").output == first


def test_a_worksheet_takes_the_place_of_the_text(tmp_path: Path) -> None:
    pdf = tmp_path / "sheet.pdf"
    call = ["practice", NAME, "--seed", "4", "--pdf", str(pdf)]
    result = CliRunner().invoke(program, call, input="quit\n")
    assert result.exit_code == 0, result.output
    assert pdf.read_bytes().startswith(b"%PDF")
    assert f"The question is in {pdf}" in result.output
    assert "A node v feeds" not in result.output


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_at_a_real_terminal() -> None:
    import pexpect

    first, *_ = right()["relu_bracket"]
    call = ["-m", "grader", "practice", NAME, "--seed", "4"]
    child = pexpect.spawn(sys.executable, call, encoding="utf-8", timeout=60, dimensions=(40, 100))
    child.expect("relu_bracket> ")
    child.sendline("[1, 2, 3")
    child.expect("a closing ] missing")
    child.expect("relu_bracket> ")
    child.sendline("[9, 9, 9]")
    child.expect("All entries are wrong")
    child.expect("relu_bracket> ")
    child.sendline(first)
    child.expect("Right")
    child.expect("sigmoid_bracket> ")
    child.sendeof()
    child.expect("1 of 6 parts right by yourself")
    child.expect("Once more: grader practice two_branch_backprop --seed 4")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
