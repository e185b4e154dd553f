"""The autograder's zip gives no key away, and grades as Gradescope runs it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator import catalog, notation
from generator.model import records
from generator.model.errors import InputError
from generator.model.key import AnswerKey
from generator.rendering import forms
from generator.sheets import Sheet, answer_key
from grader.cli import program
from grader.grading import grade
from grader.platforms import vault
from grader.platforms.gradescope import Settings, autograder_zip, results, run
from grader.submissions.forms import read_form

Draw = Callable[[str], Sheet]
Right = Callable[[Sheet], dict[str, Any]]


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "gradsheet-0.1.0-py3-none-any.whl"
    path.write_bytes(b"a wheel")
    return path


def sealed_form(sheet: Sheet, answers: Mapping[str, Any], **changed: str) -> bytes:
    head = {"sheet": sheet.sheet_id, "student": sheet.student.id, "seal": sheet.seal}
    return json.dumps({**head, **answers, **changed}).encode()


def laid_out(root: Path, data: bytes, submitted: Mapping[str, bytes], **told: Any) -> Path:
    """A folder such as /autograder, with the zip unpacked and a submission in it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(root / "source")
    metadata = {
        "id": 1,
        "created_at": "2026-12-02T10:00:00+00:00",
        "users": [{"id": 5, "email": "s1@x.edu", "name": "Somebody"}],
        "previous_submissions": [],
        **told,
    }
    (root / "submission_metadata.json").write_text(json.dumps(metadata))
    for name, content in submitted.items():
        path = root / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def test_a_key_opens_to_its_own_seal_alone(draw: Draw) -> None:
    one, other = answer_key(draw("s1")), answer_key(draw("s2"))
    box = vault.sealed(one)
    assert box == vault.sealed(one)
    opened = vault.opened(box, one.sheet_id, f" {one.seal[:9].upper()}-{one.seal[9:]} ", "form")
    assert records.dumps(opened) == records.dumps(one)
    for sheet, seal in (
        (one.sheet_id, other.seal),
        (other.sheet_id, one.seal),
        (one.sheet_id, one.seal[:-1] + ("a" if one.seal[-1] != "a" else "b")),
        (one.sheet_id, ""),
    ):
        with pytest.raises(InputError, match="the seal is not the one"):
            vault.opened(box, sheet, seal, "form")
    for place in (0, 20, len(box) - 1):
        damaged = bytearray(box)
        damaged[place] ^= 1
        with pytest.raises(InputError):
            vault.opened(bytes(damaged), one.sheet_id, one.seal, "form")


def test_seals_differ_and_follow_from_the_secret(draw: Draw) -> None:
    seals = [draw(f"s{n}").seal for n in range(3)]
    assert len(set(seals)) == 3
    assert {len(seal) for seal in seals} == {26}
    assert draw("s1").seal == seals[1]
    assert f'seal: "{seals[1]}"' in forms.form(draw("s1"))


def test_a_key_without_a_seal_stays_at_home(key: AnswerKey) -> None:
    with pytest.raises(InputError, match="build the assignment again"):
        vault.sealed(replace(key, seal=""))


def test_the_zip_gives_nothing_away(draw: Draw, wheel: Path) -> None:
    keys = [replace(answer_key(draw(s)), email=f"{s}@x.edu") for s in ("s1", "s2")]
    data = autograder_zip(keys, wheel, Settings())
    assert data == autograder_zip(keys, wheel, Settings())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = {info.filename: archive.read(info) for info in archive.infolist()}
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert sorted(content) == sorted(
        ["setup.sh", "run_autograder", wheel.name, "settings.json"]
        + [f"keys/{key.sheet_id}.key" for key in keys]
    )
    assert {name for name, mode in modes.items() if mode & 0o111} == {"setup.sh", "run_autograder"}
    for name in ("setup.sh", "run_autograder"):
        assert content[name].startswith(b"#!/usr/bin/env bash\n")
        assert b"\r" not in content[name]
        checked = subprocess.run(["bash", "-n"], input=content[name], check=False)
        assert checked.returncode == 0
    whole = b"".join(content.values())
    for key in keys:
        for word in (key.seal, key.student, key.name, key.email, key.title, "relu_bracket"):
            assert word.encode() not in whole.replace(b"gradescope", b"")


def test_two_keys_of_one_sheet(key: AnswerKey, wheel: Path) -> None:
    with pytest.raises(InputError, match="two keys are for this sheet"):
        autograder_zip([key, key], wheel, Settings())


def test_a_test_a_part(sheet: Sheet, key: AnswerKey, right: Right) -> None:
    answers = right(sheet)
    answers["q1"]["relu_bracket"] = "[1, "
    submission = read_form(sealed_form(sheet, answers), ".json", "form.json")
    report = grade(key, submission)
    found = results(report, Settings("visible"))
    assert found["score"] == float(report.earned)
    assert sum(test["score"] for test in found["tests"]) == pytest.approx(found["score"])
    assert sum(test["max_score"] for test in found["tests"]) == pytest.approx(12)
    assert [test["name"].partition(" ")[0] for test in found["tests"]] == [
        f"q1.{part.name}" for part in key.exercises[0].parts
    ]
    first = found["tests"][0]
    assert first["status"] == "failed"
    assert "could not be read" in first["output"]
    assert {test["visibility"] for test in found["tests"]} == {"visible"}
    assert "A person will look at 1 part." in found["output"]
    quiet = results(report, Settings("hidden", advice=False))
    assert {test["visibility"] for test in quiet["tests"]} == {"hidden"}


def test_named_mistakes_are_told_unless_told_not_to(sheet: Sheet, key: AnswerKey) -> None:
    part = key.exercises[0].parts[0]
    kind = catalog.find(key.exercises[0].exercise)
    exercise = kind(**key.exercises[0].drawn)
    mistaken = kind.parts[part.name].mistaken("no_mask", exercise, part.truth, {})
    assert mistaken is not None
    wrong = notation.write(mistaken.value)
    submission = read_form(sealed_form(sheet, {"q1": {part.name: wrong}}), ".json", "form.json")
    report = grade(key, submission)
    assert report.exercises[0].verdicts[0].mistake == "no_mask"
    told = results(report, Settings())["tests"][0]["output"]
    assert "advice: " in told
    quiet = results(report, Settings(advice=False))["tests"][0]["output"]
    assert quiet.splitlines() == ["not right", f"you wrote: {wrong}", f"read as: {wrong}"]


def test_run(tmp_path: Path, sheet: Sheet, key: AnswerKey, right: Right, wheel: Path) -> None:
    data = autograder_zip([replace(key, email="S1@x.edu")], wheel, Settings())
    files = {"week 1/form.json": sealed_form(sheet, right(sheet)), "photo.jpg": b"x"}
    root = laid_out(tmp_path / "auto", data, files)
    assert run(root)["score"] == 12.0
    written = json.loads((root / "results" / "results.json").read_bytes())
    assert written["tests"][0]["status"] == "passed"
    assert written["tests"][0]["visibility"] == "after_published"


def test_lateness_counts_from_when_it_was_handed_in(
    tmp_path: Path, sheet: Sheet, key: AnswerKey, right: Right, wheel: Path
) -> None:
    settings = Settings(late_after="2026-12-01T12:00+01:00", late_penalty="25%")
    data = autograder_zip([key], wheel, settings)
    root = laid_out(tmp_path / "auto", data, {"form.json": sealed_form(sheet, right(sheet))})
    found = run(root)
    assert found["score"] == 9.0
    assert found["tests"][-1] == {
        "name": "late",
        "output": "Late by 1 started day: 25% of 12 points, so 9 instead of 12.",
        "visibility": "after_published",
    }
    assert "12" not in found["output"]
    with pytest.raises(InputError, match="is not a time"):
        autograder_zip([key], wheel, Settings(late_after="tomorrow"))


@pytest.mark.parametrize(
    ("files", "told", "said"),
    [
        ({}, {}, "there is no form in it"),
        ({"a.docx": "x"}, {}, "there is no form in it"),
        ({"a.yaml": "q1: ["}, {}, "a.yaml: line 1: put this answer in quotes"),
        ({"a.json": "{}"}, {}, "a.json: there is no sheet id"),
        ({"a.json": '{"sheet": "Z0PQ-WBCQ-2"}'}, {}, "there is no key for sheet Z0PQ-WBCQ-2 here"),
        ({"a.json": "FORM", "b.json": "FORM"}, {}, "several forms, hand in one: a.json, b.json"),
        ({"a.json": "NO SEAL"}, {}, "there is no seal in it"),
        ({"a.json": "OTHER SEAL"}, {}, "the seal is not the one of sheet"),
        ({"a.json": "FORM"}, {"users": [{"email": "s2@x.edu"}]}, "which is not yours"),
        ({"a.json": "FORM"}, {"users": 3}, "not the metadata of a Gradescope submission"),
    ],
)
def test_what_cannot_be_graded_is_told(
    tmp_path: Path, draw: Draw, wheel: Path, files: dict[str, str], told: Any, said: str
) -> None:
    sheet = draw("s1")
    words = {
        "FORM": sealed_form(sheet, {}),
        "NO SEAL": sealed_form(sheet, {}, seal=""),
        "OTHER SEAL": sealed_form(sheet, {}, seal=draw("s2").seal),
    }
    submitted = {name: words.get(text, text.encode()) for name, text in files.items()}
    key = replace(answer_key(sheet), email="s1@x.edu")
    root = laid_out(tmp_path / "auto", autograder_zip([key], wheel, Settings()), submitted, **told)
    found = run(root)
    assert found["score"] == 0
    assert said in found["output"]
    assert "s1" not in found["output"]


def test_forms_without_a_seal_where_the_instructor_wants_it(
    tmp_path: Path, sheet: Sheet, key: AnswerKey, right: Right, wheel: Path
) -> None:
    data = autograder_zip([key], wheel, Settings(), without_seal=True)
    form = sealed_form(sheet, right(sheet), seal="")
    assert run(laid_out(tmp_path / "auto", data, {"form.json": form}))["score"] == 12.0


def test_a_group_hands_in_a_member_s_form(
    tmp_path: Path, sheet: Sheet, key: AnswerKey, right: Right, wheel: Path
) -> None:
    data = autograder_zip([replace(key, email="s1@x.edu")], wheel, Settings())
    users = [{"email": "s2@x.edu", "name": "B"}, {"email": "s1@x.edu", "name": "A"}]
    form = sealed_form(sheet, right(sheet))
    assert run(laid_out(tmp_path / "auto", data, {"a.json": form}, users=users))["score"] == 12.0


def test_the_whole_way_as_gradescope_goes_it(tmp_path: Path, draw: Draw, right: Right) -> None:
    """Built by the command, unpacked, and run by its own script with nothing but its own wheel."""
    keys = tmp_path / "week3" / "keys"
    keys.mkdir(parents=True)
    for student in ("s1", "s2"):
        (keys / f"{student}.json").write_text(records.dumps(answer_key(draw(student))))
    out = tmp_path / "auto.zip"
    made = CliRunner().invoke(
        program, ["gradescope-zip", str(tmp_path / "week3"), "--out", str(out)]
    )
    assert made.exit_code == 0, made.output
    assert made.output.startswith("2 sheets, ")
    sheet = draw("s2")
    submitted = {"answers.json": sealed_form(sheet, right(sheet))}
    root = laid_out(tmp_path / "autograder", out.read_bytes(), submitted)
    (packed,) = (root / "source").glob("*.whl")
    with zipfile.ZipFile(packed) as archive:  # what pip does with a wheel
        archive.extractall(tmp_path / "installed")
    ran = subprocess.run(
        ["bash", str(root / "source" / "run_autograder")],
        cwd=root,
        env={
            "PATH": os.environ["PATH"],
            "AUTOGRADER": str(root),
            "GRADSHEET_PYTHON": sys.executable,
            "PYTHONPATH": str(tmp_path / "installed"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads((root / "results" / "results.json").read_bytes())["score"] == 12.0


def test_a_zip_needs_keys_and_a_wheel(tmp_path: Path) -> None:
    def said(*arguments: str) -> str:
        result = CliRunner().invoke(program, ["gradescope-zip", *arguments])
        assert result.exit_code == 1, result.output
        return result.output

    (tmp_path / "keys").mkdir()
    out = str(tmp_path / "a.zip")
    assert "there is no answer key" in said(str(tmp_path), "--out", out)
    assert "cannot be read" in said(str(tmp_path / "nowhere"), "--out", out)
    (tmp_path / "keys" / "s1.json").write_text("{}")
    assert "is not an answer key" in said(str(tmp_path), "--out", out)
    assert not Path(out).exists()
