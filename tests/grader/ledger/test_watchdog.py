"""What hangs, crashes or fills the memory costs only itself."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from grader import sharding
from grader.keyring import open_keys
from grader.ledger import unpacked
from grader.marking import Recall, Verdict
from grader.pools import Limits, LocalPool
from grader.submissions import texts
from grader.submissions.received import Received
from tests.grader.ledger.classes import drawn, right_answers, with_keys

HANGS, CRASHES, EATS, BURSTS, STUCK = "7000001", "7000002", "7000003", "7000004", "stuck"


def plant() -> None:
    """In a worker: some answers do harm when they are marked, and one form when it is read."""
    from grader import marking
    from grader.submissions import Submission

    honest, judging, reading = marking._mark_part, marking._judge, texts.read_received

    def hungry(truth, given, followed, blank):
        return judging(truth, "9" * 2**33 if given == EATS else given, followed, blank)

    def harmful(asked, exercise, truths, own, given):
        if given == HANGS:
            time.sleep(600)
        if given == CRASHES:
            os.abort()
        if given == BURSTS:
            bytearray(2**33)
        return honest(asked, exercise, truths, own, given)

    def slow(received: Received) -> Submission:
        if received.source == STUCK:
            time.sleep(600)
        return reading(received)

    marking._mark_part = harmful
    marking._judge = hungry
    vars(sharding)["read_received"] = slow


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    with_keys(folder, [drawn("ann")])
    return folder


def task(source: str, written: str | None = None) -> Received:
    sheet = drawn("ann")
    form = {"sheet": sheet.sheet_id, **right_answers(sheet)}
    if written is not None:
        form["q1"][next(iter(form["q1"]))] = written
    return Received(source, json.dumps(form).encode(), ".json")


@pytest.mark.skipif(os.name != "posix", reason="memory is not limited here")
def test_what_does_harm_is_undecided_and_all_others_are_graded(course: Path) -> None:
    tasks = [
        task("good 1"), task("hangs", HANGS), task("crashes", CRASHES), task("good 2"),
        task("eats", EATS), task(STUCK), task("good 3"), task("bursts", BURSTS),
    ]  # fmt: skip
    limits = Limits(seconds=3, memory=2**29)
    with LocalPool(open_keys(course / "keys"), jobs=2, limits=limits, start=plant) as pool:
        ((context, outcomes),) = pool.graded([("all", tasks)])
    assert context == "all"
    found = {each.source: outcome for each, outcome in zip(tasks, outcomes, strict=True)}
    reports = {name: unpacked(o.report) for name, o in found.items() if o.report}
    assert set(reports) == {each.source for each in tasks} - {STUCK}
    for name in ("good 1", "good 2", "good 3"):
        assert reports[name].earned == reports[name].points
        assert not reports[name].needs_human
    harm = {"hangs": "took too long", "crashes": "broke down", "bursts": "out of memory"}
    for name, why in harm.items():
        verdicts = reports[name].exercises[0].verdicts
        assert {verdict.outcome for verdict in verdicts} == {"UNDECIDED"}
        assert all(why in verdict.why for verdict in verdicts)
        assert all("A person will mark it" in verdict.why for verdict in verdicts)
        assert why in reports[name].notes[0]
        assert verdicts[0].given in (HANGS, CRASHES, BURSTS)
    # What fills the memory costs only its own part: Python says so in time.
    first, *others = reports["eats"].exercises[0].verdicts
    assert first.outcome == "UNDECIDED"
    assert {verdict.outcome for verdict in others} == {"CORRECT"}
    assert "took too long" in found[STUCK].problem
    assert "could not even be read" in found[STUCK].problem


def test_an_internal_failure_is_not_remembered() -> None:
    from fractions import Fraction

    from grader.marking import _INTERNAL, Marked

    recall = Recall(size=2)
    undecided = Verdict("a", "UNDECIDED", Fraction(0), Fraction(1), _INTERNAL)
    recall.put("q", Marked(undecided), [undecided])
    assert recall.get("q") is None
    verdict = Verdict("a", "CORRECT", Fraction(1), Fraction(1), "Right.")
    right = Marked(verdict)
    for name in "xyz":
        recall.put(name, right, [verdict])
    assert [recall.get(name) for name in "xyz"] == [None, right, right]
