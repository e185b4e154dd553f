"""How the benchmark measures, counts and shows; no time is asserted."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from benchmarks.answers import Cost, Score, costs_table, first_answers, score, scores_table
from benchmarks.judges import ACCEPTED, JUDGES, NO_VERDICT, REJECTED
from benchmarks.pairs import GROUPS, PAIRS, WARM_UP
from benchmarks.tables import ms, times
from benchmarks.timing import OVER_TIME, Judgement, judgements

RIGHT = next(pair for pair in PAIRS if pair.equal)
WRONG = next(pair for pair in PAIRS if not pair.equal)


def test_judged_in_a_process_of_its_own():
    judged = list(judgements("gradsheet", WARM_UP))
    assert [each.verdict for each in judged] == [ACCEPTED, REJECTED, REJECTED, REJECTED]
    assert all(each.ms > 0 for each in judged)


def test_what_takes_too_long_is_ended_and_the_next_is_judged():
    slow, also = judgements("gradsheet", (RIGHT, WRONG), limit=0)
    assert (slow.verdict, also.verdict) == (OVER_TIME, OVER_TIME)
    assert also.pair == WRONG


def test_sympy_reads_every_truth():
    """One that it can not be given would be held against it."""
    for pair in PAIRS:
        JUDGES["sympy simplify"](pair)


@pytest.mark.parametrize("tool", ["sympy .equals", "sympy simplify"])
@pytest.mark.parametrize("pair", WARM_UP)
def test_sympy_decides_what_is_easy(tool, pair):
    assert JUDGES[tool](pair)() == (ACCEPTED if pair.equal else REJECTED)


@pytest.mark.parametrize(
    ("pair", "verdict", "counted"),
    [
        (RIGHT, ACCEPTED, "right"),
        (WRONG, REJECTED, "right"),
        (RIGHT, REJECTED, "right_rejected"),
        (WRONG, ACCEPTED, "wrong_accepted"),
        (RIGHT, NO_VERDICT, "none"),
        (WRONG, NO_VERDICT, "none"),
        (WRONG, OVER_TIME, "late"),
    ],
)
def test_every_verdict_counts_once(pair, verdict, counted):
    found = score("all", "gradsheet", [[Judgement(pair, verdict, 1.0)]])
    counts = {"right", "wrong_accepted", "right_rejected", "none", "late"}
    assert {name: getattr(found, name) for name in counts} == {
        name: int(name == counted) for name in counts
    }


def test_times_of_all_rounds_count_and_verdicts_of_one():
    rounds = [[Judgement(RIGHT, ACCEPTED, 10.0 * n + k) for k in range(3)] for n in range(3)]
    found = score(RIGHT.group, "gradsheet", rounds)
    assert (found.pairs, found.right, found.median, found.p99) == (3, 3, 11.0, 22.0)


def test_every_truth_has_a_first_right_and_a_first_wrong_answer():
    truths = {(pair.group, pair.truth) for pair in PAIRS}
    for equal in (True, False):
        first = list(first_answers(equal))
        assert {(pair.group, pair.truth) for pair in first} == truths
        assert len(first) == len(truths)
        assert all(pair.equal == equal for pair in first)


def test_the_tables_fit_in_100_columns():
    scores = [
        Score(group, tool, 372, 1234.5, 5000.0, 372, 100, 100, 100, 100)
        for group in GROUPS
        for tool in JUDGES
    ]
    costs = [
        Cost(group, equal, 192, 99.9, 5000, 99.9, 5000)
        for group in GROUPS
        for equal in (True, False)
    ]
    shown = io.StringIO()
    Console(file=shown, width=100).print(scores_table(scores), costs_table(costs))
    lines = shown.getvalue().splitlines()
    assert max(map(len, lines)) <= 100
    assert "…" not in shown.getvalue()
    assert sum("math-verify" in line for line in lines) == len(GROUPS)


def test_figures_have_three_digits_or_so():
    assert [ms(value) for value in (0.12345, 1.2345, 12.345, 1234.5)] == [
        "0.123", "1.23", "12", "1,234",
    ]  # fmt: skip
    assert [times(ratio) for ratio in (1, 46.4, 2345)] == ["1.0", "46", "2,345"]
