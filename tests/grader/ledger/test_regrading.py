"""Regrading, overrides and reviews: what people see before anything changes, and what stays."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec import structs

from generator.assignment import Assignment, Entry
from generator.model import records
from generator.model.answers import Number
from generator.model.errors import InputError
from generator.sheets import Sheet, answer_key
from grader.batch import LEDGER, grade_folder
from grader.cli import program
from grader.ledger import open_ledger, unpacked
from grader.ledger.entries import stored
from grader.marking import Verdict
from grader.policies import Policy
from grader.reviewing import waiting
from tests.grader.ledger.classes import drawn, published, right_answers, with_keys

ASSIGNMENT = Assignment(
    "week", "Week", (Entry("sigmoid_gradient_bound", {}, Fraction(10)),), practice=True
)


@pytest.fixture(scope="module")
def sheets() -> dict[str, Sheet]:
    return {student: drawn(student, ASSIGNMENT) for student in ("ann", "bob", "cem")}


@pytest.fixture
def course(tmp_path: Path, sheets: dict[str, Sheet]) -> Path:
    """A class of three, of whom each answers all right."""
    with_keys(tmp_path, list(sheets.values()))
    (tmp_path / "forms").mkdir()
    for student in sheets:
        answer(tmp_path, sheets, student)
    return tmp_path


def answer(course: Path, sheets: dict[str, Sheet], student: str, **changed: str) -> None:
    sheet = sheets[student]
    answers = right_answers(sheet)
    answers["q1"] |= changed
    form = {"sheet": sheet.sheet_id, "student": student, **answers}
    (course / "forms" / f"{student}.json").write_text(json.dumps(form), encoding="utf-8")


def batch(course: Path) -> None:
    grade_folder(course / "forms", course / "keys", course / "marks")


def run(course: Path, *arguments: str) -> Any:
    command, *rest = arguments
    result = CliRunner().invoke(program, [command, str(course / "marks"), *rest])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def grades(course: Path) -> dict[str, str]:
    lines = (course / "marks" / "grades.csv").read_text(encoding="utf-8").splitlines()[1:]
    return {line.split(",")[0]: line.split(",")[3] for line in lines}


def report(course: Path, student: str) -> str:
    return (course / "marks" / "reports" / f"{student}.txt").read_text(encoding="utf-8")


def numbers(sheet: Sheet) -> list[str]:
    """The parts of a sheet that ask for one number."""
    truths = sheet.questions[0].truths
    return [name for name, truth in truths.items() if isinstance(truth, Number)]


def corrected(course: Path, sheets: dict[str, Sheet], student: str) -> str:
    """A folder `new` of keys in which one part of a student's key is worth more; its name."""
    (course / "new").mkdir()
    for path in (course / "keys").iterdir():
        tree = json.loads(path.read_text(encoding="utf-8"))
        if tree["student"] == student:
            part = tree["exercises"][0]["parts"][0]
            part["points"]["value"] = str(Fraction(part["points"]["value"]) + 5)
        (course / "new" / path.name).write_text(json.dumps(tree), encoding="utf-8")
    return str(answer_key(sheets[student]).exercises[0].parts[0].name)


def test_nothing_changes_with_the_same_keys_and_version(course: Path) -> None:
    batch(course)
    assert "0 submissions change" in run(course, "regrade").output


def test_a_corrected_key_is_told_before_it_is_applied(
    course: Path, sheets: dict[str, Sheet]
) -> None:
    batch(course)
    before = published(course / "marks")
    name = corrected(course, sheets, "bob")
    told = json.loads(run(course, "regrade", "--keys", str(course / "new"), "--json").output)
    assert [(c["student"], c["before"], c["after"]) for c in told["changes"]] == [
        ("bob", "10", "15")
    ]
    (part,) = told["changes"][0]["parts"]
    assert part["part"] == f"q1.{name}"
    assert part["after"]["why"]
    assert not told["applied"]
    assert published(course / "marks") == before
    assert grades(course)["bob"] == "10"
    shown = run(course, "regrade", "--keys", str(course / "new"), "--apply").output
    assert "10 -> 15 of 15" in shown
    assert grades(course) == {"ann": "10", "bob": "15", "cem": "10"}
    after = published(course / "marks")
    changed = {name for name in after if after[name] != before[name]}
    assert "reports/bob.txt" in changed
    assert "reports/ann.txt" not in changed
    assert "0 submissions change" in run(course, "regrade").output  # the keys are remembered


def test_a_batch_with_other_keys_gives_what_a_new_ledger_would(
    course: Path, sheets: dict[str, Sheet]
) -> None:
    batch(course)
    corrected(course, sheets, "cem")
    grade_folder(course / "forms", course / "new", course / "marks")
    grade_folder(course / "forms", course / "new", course / "fresh")
    assert published(course / "marks") == published(course / "fresh")


def test_a_wrong_verdict_of_an_older_version_is_found(
    course: Path, sheets: dict[str, Sheet], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch(course)
    with open_ledger(course / "marks" / LEDGER) as ledger:
        (judged,) = (each for each in ledger.judged(1) if each.outcome.student == "ann")
        old = unpacked(judged.outcome.report)
        verdicts = old.exercises[0].verdicts
        wrong = replace(verdicts[0], outcome="INCORRECT", credit=Fraction(0), why="An old bug.")
        exercise = replace(old.exercises[0], verdicts=(wrong, *verdicts[1:]))
        report = stored(structs.replace(old, exercises=(exercise,)))
        outcome = judged.outcome._replace(report=report)
        ledger.record(1, "0.0.9", (), [(judged.id, outcome)])
    told = json.loads(run(course, "regrade", "--json").output)
    assert [change["student"] for change in told["changes"]] == ["ann"]
    (part,) = told["changes"][0]["parts"]
    assert (part["before"]["outcome"], part["after"]["outcome"]) == ("INCORRECT", "CORRECT")


def test_overrides_are_shown_and_survive(course: Path, sheets: dict[str, Sheet]) -> None:
    part = numbers(sheets["ann"])[0]
    answer(course, sheets, "ann", **{part: "123456"})
    batch(course)
    lost = Fraction(grades(course)["ann"])
    assert lost < 10
    arguments = (sheets["ann"].sheet_id, f"q1.{part}", "--reason", "a typo <b>", "--by", "A. Lee")
    told = run(course, "override", *arguments, "--credit", "1").output
    assert "the program said INCORRECT, credit 0" in told
    assert grades(course)["ann"] == "10"
    assert "Decided by A. Lee: a typo <b> (Found by the program: not right.)" in " ".join(
        report(course, "ann").split()
    )
    tree = json.loads((course / "marks" / "reports" / "ann.json").read_text(encoding="utf-8"))
    assert any("A. Lee" in p.get("override", "") for p in tree["exercises"][0]["parts"])
    assert "0 submissions change" in run(course, "regrade", "--apply").output
    batch(course)
    assert grades(course)["ann"] == "10"
    run(course, "override", *arguments, "--credit", "1/2")  # the last one counts
    assert lost < Fraction(grades(course)["ann"]) < 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--credit", "2"), "from 0 to 1"),
        (("--points", "50"), "from 0 to"),
        (("--credit", "1", "--points", "1"), "give --credit or --points"),
        (("--credit", "-1"), "not an amount"),
        (("--credit", "1e3"), "not an amount"),
    ],
)
def test_overrides_that_are_refused(
    course: Path, sheets: dict[str, Sheet], arguments: tuple[str, ...], said: str
) -> None:
    batch(course)
    part = f"q1.{numbers(sheets['ann'])[0]}"
    done = run(
        course, "override", sheets["ann"].sheet_id, part, "--reason", "r", "--by", "b", *arguments
    )
    assert done.exit_code in (1, 2)
    assert said in done.output
    with open_ledger(course / "marks" / LEDGER) as ledger:
        assert ledger.overrides() == []


def test_overrides_need_a_part_that_there_is(course: Path, sheets: dict[str, Sheet]) -> None:
    batch(course)
    why = ("--reason", "r", "--by", "b", "--credit", "1")
    done = run(course, "override", sheets["ann"].sheet_id, "q1.nothing", *why)
    assert done.exit_code == 1
    assert "no such part" in done.output
    done = run(course, "override", drawn("stranger", ASSIGNMENT).sheet_id, "q1.a", *why)
    assert "no graded submission" in done.output
    done = run(course, "override", "K7Q2", "q1.a", *why)
    assert done.exit_code == 1


def test_what_waits_is_settled_once_for_all_who_wrote_the_same(
    tmp_path: Path, sheets: dict[str, Sheet]
) -> None:
    part = numbers(sheets["ann"])[0]
    with_keys(tmp_path, [sheets["ann"]])

    def hand_in(*written: str) -> None:
        rows = [
            {"sheet": sheets["ann"].sheet_id, "student": f"s{n}", "q1": {part: text}}
            for n, text in enumerate(written)
        ]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / "answers.jsonl").write_text(text, encoding="utf-8")
        grade_folder(tmp_path / "answers.jsonl", tmp_path / "keys", tmp_path / "marks", shared=True)

    hand_in("a  quarter ??", "a quarter ??", "one half ??")
    told = json.loads(run(tmp_path, "review", "--json").output)
    assert [(each["kind"], each["part"]) for each in told] == [("UNREADABLE", f"q1.{part}")] * 2
    assert told[0]["written"] == "a quarter ??"
    with open_ledger(tmp_path / "marks" / LEDGER) as ledger:
        assert [each.id for each in waiting(ledger)] == [each["id"] for each in told]
    assert set(grades(tmp_path).values()) == {"0"}
    done = run(
        tmp_path, "review", "--settle", told[0]["id"], "--credit", "1", "--reason", "clear",
        "--by", "A. Lee",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    paid = grades(tmp_path)
    assert paid["s0"] == paid["s1"] != "0"
    assert paid["s2"] == "0"
    hand_in("a  quarter ??", "a quarter ??", "one half ??", "a quarter  ??", "one third ??")
    later = grades(tmp_path)
    assert later["s3"] == paid["s0"]
    assert later["s4"] == "0"
    left = json.loads(run(tmp_path, "review", "--json").output)
    assert sorted(each["written"] for each in left) == ["one half ??", "one third ??"]
    done = run(
        tmp_path, "review", "--settle", "nonsense", "--credit", "1", "--reason", "r", "--by", "b"
    )
    assert done.exit_code == 1
    assert "nothing that waits" in done.output


def test_answers_that_are_nearly_right_are_listed(course: Path, sheets: dict[str, Sheet]) -> None:
    part = next(
        name
        for name, truth in sheets["bob"].questions[0].truths.items()
        if isinstance(truth, Number) and not truth.integer
    )
    truth = sheets["bob"].questions[0].truths[part]
    assert isinstance(truth, Number)
    near = truth.value + 3 * truth.tolerance.margin(truth.value)
    answer(course, sheets, "bob", **{part: f"{float(near):.10f}"})
    answer(course, sheets, "cem", **{part: "777"})
    batch(course)
    told = json.loads(run(course, "review", "--json").output)
    assert [(each["kind"], each["part"]) for each in told] == [("NEAR", f"q1.{part}")]
    assert json.loads(run(course, "review", "--json", "--no-near").output) == []
    assert run(course, "review", "--no-near").output == "Nothing waits for a person.\n"


def test_attempts_and_lateness_follow_the_policy(tmp_path: Path, sheets: dict[str, Sheet]) -> None:
    sheet = sheets["ann"]
    with_keys(tmp_path, [sheet])
    right = right_answers(sheet)["q1"]
    half = dict(list(right.items())[: len(right) // 2])
    times = ("2026-11-30T12:00:00Z", "2026-12-02T12:00:00Z")
    rows = [
        {"sheet": sheet.sheet_id, "submitted_at": time, "q1": answers}
        for time, answers in zip(times, (right, half), strict=True)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "answers.jsonl").write_text(text, encoding="utf-8")
    grade_folder(tmp_path / "answers.jsonl", tmp_path / "keys", tmp_path / "marks")
    last = Fraction(grades(tmp_path)["ann"])
    assert 0 < last < 10
    assert "2 submissions; the last counts: answers.jsonl:2." in report(tmp_path, "ann")
    told = json.loads(run(tmp_path, "regrade", "--attempts", "best", "--json").output)
    assert [(c["before"], c["after"]) for c in told["changes"]] == [(str(last), "10")]
    assert Fraction(grades(tmp_path)["ann"]) == last
    late = ("--late-after", "2026-12-01", "--late-penalty", "20%")
    done = run(tmp_path, "regrade", *late, "--apply")
    until = "In time until 2026-12-01 23:59:59+00:00; each day that has started since costs 20%"
    assert until in done.output
    assert until in (tmp_path / "marks" / "summary.txt").read_text(encoding="utf-8")
    assert "Late by 1 started day:" in done.output
    assert Fraction(grades(tmp_path)["ann"]) == max(last - 2, 0)
    assert "Late by 1 started day:" in report(tmp_path, "ann")
    # What is not named of the policy stays.
    run(tmp_path, "regrade", "--late-penalty", "10%", "--apply")
    assert Fraction(grades(tmp_path)["ann"]) == max(last - 1, 0)
    run(tmp_path, "regrade", "--attempts", "last", "--apply")
    assert Fraction(grades(tmp_path)["ann"]) == max(last - 1, 0)
    run(tmp_path, "regrade", "--attempts", "first", "--apply")
    assert grades(tmp_path)["ann"] == "10"
    done = run(tmp_path, "regrade", "--late-after", "tomorrow")
    assert done.exit_code == 1
    assert "is not a time" in done.output


def test_forms_of_which_nobody_knows_how_late_they_came_are_told(
    tmp_path: Path, sheets: dict[str, Sheet]
) -> None:
    sheet = sheets["ann"]
    with_keys(tmp_path, [sheet])
    row = {"sheet": sheet.sheet_id, "q1": right_answers(sheet)["q1"]}
    (tmp_path / "answers.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    place = (tmp_path / "answers.jsonl", tmp_path / "keys", tmp_path / "marks")
    due = datetime(2026, 12, 1, tzinfo=UTC)
    grade_folder(*place, policy=Policy(late_after=due))
    assert "Not final" not in (tmp_path / "marks" / "summary.txt").read_text(encoding="utf-8")
    grade_folder(*place, policy=Policy(late_after=due, penalty=Fraction(1, 10)))
    told = (tmp_path / "marks" / "summary.txt").read_text(encoding="utf-8")
    assert "nobody knows how late 1 form came; no penalty was taken\n  answers.jsonl:1\n" in told
    assert json.loads((tmp_path / "marks" / "summary.json").read_bytes())["lateness_unclear"] == 1
    assert grades(tmp_path)["ann"] == "10"


def test_after_an_interrupted_run_the_batch_comes_first(course: Path) -> None:
    batch(course)
    with open_ledger(course / "marks" / LEDGER) as ledger:
        ledger.set_meta(run="2")
    for command in ("regrade", "review"):
        done = run(course, command)
        assert done.exit_code == 1
        assert "interrupted" in done.output


def test_keys_are_found_again_or_asked_for(course: Path) -> None:
    batch(course)
    (course / "keys").rename(course / "elsewhere")
    assert run(course, "regrade").exit_code == 1
    assert run(course, "regrade", "--keys", str(course / "elsewhere")).exit_code == 0


def test_keys_that_cannot_be_used_are_told(course: Path) -> None:
    batch(course)
    path = course / "keys" / "bob.json"
    path.write_bytes(path.read_bytes()[:-30])
    done = run(course, "regrade")
    assert done.output.startswith("This key cannot be used: keys/bob.json: ")
    assert "-> no report" in done.output
    told = json.loads(run(course, "regrade", "--json").output)
    assert [each.partition(":")[0] for each in told["key_problems"]] == ["keys/bob.json"]


def test_a_folder_without_a_ledger(tmp_path: Path) -> None:
    (tmp_path / "marks").mkdir()
    with pytest.raises(InputError, match="no ledger"):
        open_ledger(tmp_path / "marks" / LEDGER, new=False)
    assert "no ledger" in run(tmp_path, "regrade").output


def test_records_of_verdicts_without_an_override_are_what_they_were() -> None:
    verdict = Verdict("a", "BLANK", Fraction(0), Fraction(1), "There is no answer.")
    assert "override" not in records.dumps(verdict)
