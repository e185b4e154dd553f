"""Judging typed answers, every tool on the same pairs in the same run."""

from __future__ import annotations

import dataclasses
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.judges import ACCEPTED, JUDGES, NO_VERDICT, REJECTED
from benchmarks.pairs import GROUPS, PAIRS, Pair
from benchmarks.tables import ms, table, times
from benchmarks.timing import LIMIT, OVER_TIME, Judgement, judgements

OURS, *OTHERS = JUDGES
ROUNDS = 5  # of ours, all of them in its median and p99

ABOUT = (
    f"Each tool judges the same {len(PAIRS)} pairs in a process of its own, warmed up on other "
    "pairs. It has read the truth before; timed are reading the answer and deciding, ours with "
    f"counterexample and named mistake, in {ROUNDS} rounds of answers never typed before. "
    "sympy gets Python, matrices written out entry by entry; math-verify gets LaTeX, where a "
    "matrix is a single letter. Decisions are right, a wrong answer accepted, or a right one "
    "rejected; there is none where an answer is not read or left undecided, and after "
    f"{LIMIT:g} s it is late. Shapes that do not fit are a rejection."
)


@dataclass(frozen=True)
class Score:
    """What a tool did with the pairs of a group; milliseconds of one answer, and decisions."""

    group: str
    tool: str
    pairs: int
    median: float
    p99: float
    right: int
    wrong_accepted: int
    right_rejected: int
    none: int
    late: int


@dataclass(frozen=True)
class Cost:
    """Our milliseconds for right or for wrong answers: warm, and for the first to each truth."""

    group: str
    equal: bool
    answers: int
    median: float
    p99: float
    first_median: float
    first_p99: float


def measured(console: Console) -> tuple[list[Score], list[Cost]]:
    """Every measurement, in an order that depends on the data only; a bar on a terminal."""
    first = {equal: list(judgements(OURS, first_answers(equal))) for equal in (True, False)}
    rounds = _rounds()
    judged = {OURS: rounds}
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        for tool in OTHERS:
            steps = progress.track(judgements(tool, PAIRS), len(PAIRS), description=tool)
            judged[tool] = [list(steps)]
    groups = (*GROUPS, "all")
    return (
        [score(group, tool, judged[tool]) for group in groups for tool in JUDGES],
        [_cost(group, equal, rounds, first[equal]) for group in groups for equal in (True, False)],
    )


def scores_table(scores: Sequence[Score]) -> Table:
    shown = table(
        "One typed answer, right or wrong",
        "pairs", "<tool", "median\nms", "p99\nms", "median\n× ours", "decided\nright",
        "wrong\naccepted", "right\nrejected", "none", "late",
    )  # fmt: skip
    for each in scores:
        ours = next(s for s in scores if (s.group, s.tool) == (each.group, OURS))
        shown.add_row(
            f"{each.pairs} {each.group}" if each is ours else "",
            each.tool,
            ms(each.median),
            ms(each.p99),
            times(each.median / ours.median),
            f"{each.right} ({100 * each.right / each.pairs:.1f} %)",
            str(each.wrong_accepted),
            str(each.right_rejected),
            str(each.none),
            str(each.late),
            end_section=each.tool == OTHERS[-1],
        )
    return shown


def costs_table(costs: Sequence[Cost]) -> Table:
    shown = table(
        "gradsheet, right and wrong answers; the first to a truth prepares it",
        "answers", "  median ms", "p99 ms", "first: median ms", "first: p99 ms",
    )  # fmt: skip
    for each in costs:
        label = f"{each.answers} {each.group}, {'right' if each.equal else 'wrong'}"
        figures = (each.median, each.p99, each.first_median, each.first_p99)
        shown.add_row(label, *map(ms, figures), end_section=not each.equal)
    return shown


def _rounds() -> list[list[Judgement]]:
    """Ours: a round that prepares the truths and does not count, then `ROUNDS`. One blank more at
    the end makes each answer one that was not read before."""
    blanks = (" " * number for number in range(ROUNDS + 1))
    pairs = [
        dataclasses.replace(pair, answer=pair.answer + blank) for blank in blanks for pair in PAIRS
    ]
    judged = list(judgements(OURS, pairs))
    return [
        judged[start : start + len(PAIRS)] for start in range(len(PAIRS), len(pairs), len(PAIRS))
    ]


def first_answers(equal: bool) -> Iterable[Pair]:
    """Of each truth the first right or the first wrong answer."""
    first: dict[tuple[str, str], Pair] = {}
    for pair in PAIRS:
        if pair.equal == equal:
            first.setdefault((pair.group, pair.truth), pair)
    return first.values()


def score(group: str, tool: str, rounds: Sequence[Sequence[Judgement]]) -> Score:
    own = [_of(group, judged) for judged in rounds]
    found = Counter((each.pair.equal, each.verdict) for each in own[0])
    return Score(
        group,
        tool,
        len(own[0]),
        *_median_and_p99([each for judged in own for each in judged]),
        right=found[True, ACCEPTED] + found[False, REJECTED],
        wrong_accepted=found[False, ACCEPTED],
        right_rejected=found[True, REJECTED],
        none=found[True, NO_VERDICT] + found[False, NO_VERDICT],
        late=found[True, OVER_TIME] + found[False, OVER_TIME],
    )


def _cost(
    group: str, equal: bool, rounds: Sequence[Sequence[Judgement]], first: Sequence[Judgement]
) -> Cost:
    own = [each for judged in rounds for each in _of(group, judged) if each.pair.equal == equal]
    answers = len(own) // len(rounds)
    return Cost(group, equal, answers, *_median_and_p99(own), *_median_and_p99(_of(group, first)))


def _of(group: str, judged: Iterable[Judgement]) -> list[Judgement]:
    return [each for each in judged if group in (each.pair.group, "all")]


def _median_and_p99(judged: Sequence[Judgement]) -> tuple[float, float]:
    """The 99th percentile is the largest where there are fewer than 100."""
    spent = sorted(each.ms for each in judged)
    return statistics.median(spent), spent[int(0.99 * len(spent))]
