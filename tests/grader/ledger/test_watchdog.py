"""An answer that hangs, crashes or fills the memory costs only itself."""

from __future__ import annotations

import json
import os
import time
from fractions import Fraction
from pathlib import Path

import pytest

from generator.assignment import Assignment, Entry
from generator.model.answers import Array
from grader import following, pools, sharding
from grader.keyring import open_keys
from grader.ledger import Outcome, unpacked
from grader.marking import Recall, Verdict
from grader.pools import Limits, LocalPool
from grader.reading import typed
from grader.sharding import Grader
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


def task(source: str, *written: str) -> Received:
    """A right form, in which the first answers are replaced."""
    sheet = drawn("ann")
    form = {"sheet": sheet.sheet_id, **right_answers(sheet)}
    form["q1"] |= dict(zip(form["q1"], written, strict=False))
    return Received(source, json.dumps(form).encode(), ".json")


GOOD = ("good 1", "good 2", "good 3")


def tasks() -> list[Received]:
    return [
        task("good 1"), task("hangs", HANGS), task("crashes", CRASHES), task("good 2"),
        task("eats", EATS), task(STUCK), task("good 3"), task("bursts", BURSTS),
        task("hangs, too", HANGS), task("all", HANGS, CRASHES, BURSTS, "7"),
    ]  # fmt: skip


def check(outcomes: list[Outcome]) -> None:
    """Each harmful answer is undecided with the reason, and every other one is marked."""
    found = {each.source: outcome for each, outcome in zip(tasks(), outcomes, strict=True)}
    reports = {name: unpacked(o.report) for name, o in found.items() if o.report}
    assert set(reports) == {each.source for each in tasks()} - {STUCK}
    for name in GOOD:
        assert reports[name].earned == reports[name].points
        assert not reports[name].needs_human
    reasons = {"hangs": "took too long", "crashes": "broke down", "bursts": "out of memory"}
    for name, why in (*reasons.items(), ("hangs, too", reasons["hangs"])):
        first, *others = reports[name].exercises[0].verdicts
        assert first.outcome == "UNDECIDED"
        assert first.given in (HANGS, CRASHES, BURSTS)
        assert why in first.why
        assert "this answer" in first.why
        assert "A person will mark it" in first.why
        assert {verdict.outcome for verdict in others} == {"CORRECT"}
        assert [why in note for note in reports[name].notes] == [True]
    verdicts = reports["all"].exercises[0].verdicts
    outcomes_of_all = [verdict.outcome for verdict in verdicts]
    assert outcomes_of_all[:4] == ["UNDECIDED"] * 3 + ["INCORRECT"]
    assert set(outcomes_of_all[4:]) <= {"CORRECT"}
    whys = zip(verdicts, reasons.values(), strict=False)
    assert all(why in verdict.why for verdict, why in whys)
    # What fills the memory where Python says so in time is known at once.
    first, *others = reports["eats"].exercises[0].verdicts
    assert first.outcome == "UNDECIDED"
    assert {verdict.outcome for verdict in others} == {"CORRECT"}
    assert "took too long" in found[STUCK].problem
    assert "could not even be read" in found[STUCK].problem


LIMITS = Limits(seconds=5, memory=2**29)
limited = pytest.mark.skipif(os.name != "posix", reason="memory is not limited here")


@limited
def test_what_does_harm_is_undecided_and_all_else_is_marked(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = open_keys(course / "keys")
    with LocalPool(keyring, jobs=2, limits=LIMITS, start=plant) as pool:
        ((context, outcomes),) = pool.graded([("all", tasks())])
        assert context == "all"
        check(outcomes)
        # Now all of these answers are known: they are left out, and none is tried again.
        with monkeypatch.context() as patched:
            patched.delattr(pools, "_try")
            ((_, again),) = pool.graded([("all", [task("hangs", HANGS), task("c", CRASHES)])])
        assert again[0] == outcomes[1]
    some = [2, 7, 9]
    with LocalPool(keyring, jobs=1, limits=LIMITS, start=plant) as pool:
        one_by_one = [pool.grade_shard([tasks()[number]]) for number in some]
    assert one_by_one == [[outcomes[number]] for number in some]


CHAIN = Assignment(
    "chain", "Chain", (Entry("two_branch_backprop", {}, Fraction(10)),), practice=True
)


def test_what_may_follow_from_a_withheld_answer_is_not_called_wrong(tmp_path: Path) -> None:
    sheet = drawn("ann", CHAIN)
    with_keys(tmp_path, [sheet])
    grader = Grader(open_keys(tmp_path / "keys"))
    form = {"sheet": sheet.sheet_id, **right_answers(sheet)}
    exercise = sheet.questions[0].exercise
    later, needed = next(
        (name, sorted(following.sources(type(exercise), name)))
        for name in reversed(form["q1"])
        if following.sources(type(exercise), name)
    )
    truth = sheet.questions[0].truths[later]
    assert isinstance(truth, Array)
    form["q1"][later] = typed(truth, truth.value + 1)

    def marked(harmful: dict[bytes, str]) -> dict[str, Verdict]:
        received = Received("ann", json.dumps(form).encode(), ".json")
        (found,) = grader.grade_shard([received], harmful)
        return {v.part: v for v in unpacked(found.report).exercises[0].verdicts}

    assert marked({})[later].outcome == "INCORRECT"
    received = Received("ann", json.dumps(form).encode(), ".json")
    places = {place.part: place for place in grader.places(received)}
    assert set(places) == set(form["q1"])
    found = marked({places[needed[0]].question: "It took too long."})
    assert found[needed[0]].outcome == "UNDECIDED"
    assert found[later].outcome == "UNDECIDED"
    assert f"from your answer to {needed[0]}" in found[later].why
    assert found[later].given
    rest = found.keys() - {needed[0], later}
    assert {found[name].outcome for name in rest} == {"CORRECT"}
    # Right answers stay right, whatever they might follow from.
    form["q1"][later] = typed(truth, truth.value)
    harmful = {p.question: "It took too long." for p in grader.places(received) if p.part != later}
    assert marked(harmful)[later].outcome == "CORRECT"


def test_an_internal_failure_is_not_remembered() -> None:
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
