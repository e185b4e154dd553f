"""Gradescope: the autograder's zip, what runs inside it, and the results that it reads.

The zip has at its root, and Gradescope unpacks to /autograder/source,

    setup.sh  run_autograder      run once when the image is made; for every submission
    gradsheet-...whl              this program
    keys/K7Q2-9MXA-V.key          one encrypted answer key a sheet (grader.platforms.vault)
    settings.json                 what students see, and when
    open.json                     only where forms without a seal are graded: the seals themselves
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from msgspec import structs

from generator.model.errors import GradsheetError, InputError
from generator.model.files import write_whole
from generator.model.key import AnswerKey
from grader import reports
from grader.grading import Report, form_id, grade
from grader.marking import Verdict
from grader.platforms import vault
from grader.policies import Attempt, Counted, Policy, counted, due, policy
from grader.submissions import Submission
from grader.submissions.gradescope import METADATA, Metadata, read_metadata
from grader.submissions.intake import intake
from grader.submissions.received import NOT_A_FORM, Received, Refused
from grader.submissions.texts import read_received

log = logging.getLogger(__name__)

Visibility = Literal["visible", "after_due_date", "after_published", "hidden"]
_EPOCH = (1980, 1, 1, 0, 0, 0)

SETUP = """\
#!/usr/bin/env bash
# Run by Gradescope once, when it makes the image.
set -euo pipefail
SOURCE="${AUTOGRADER:-/autograder}/source"
for python in python3.13 python3.12 python3.11 ""; do
    command -v "$python" >/dev/null && break
done
if [ -z "$python" ]; then
    apt-get update
    apt-get install -y python3.11 python3.11-venv
    python=python3.11
fi
"$python" -m venv "$SOURCE/venv" || {
    apt-get update && apt-get install -y "$python-venv" && "$python" -m venv "$SOURCE/venv"
}
"$SOURCE/venv/bin/python" -m pip install --no-cache-dir "$SOURCE"/*.whl
"""
RUN = """\
#!/usr/bin/env bash
# Run by Gradescope for every submission.
set -u
AUTOGRADER="${AUTOGRADER:-/autograder}"
PYTHON="${GRADSHEET_PYTHON:-$AUTOGRADER/source/venv/bin/python}"
exec "$PYTHON" -m grader gradescope-run "$AUTOGRADER"
"""


@dataclass(frozen=True)
class Settings:
    """What students see of the marks, and when; and what lateness costs.

    Any visibility but "visible" of the tests also hides the total until then. With `advice`, what
    was wrong and the mistakes that are known by name are told beside the marks.
    """

    visibility: Visibility = "after_published"
    advice: bool = True
    late_after: str | None = None  # an ISO 8601 time, or a day, which is in time to its end
    late_penalty: str = "0"
    late_max: str = "100%"
    any_address: bool = False  # grade a form also where no sender has its student's address


def autograder_zip(
    keys: Sequence[AnswerKey],
    wheel: Path,
    settings: Settings,
    *,
    without_seal: bool = False,
) -> bytes:
    """The autograder for the sheets of these keys; the same arguments give the same bytes.

    With `without_seal`, forms that carry no seal are graded too; who has the zip can then open
    every key. InputError for two keys of one sheet, or a key without a seal.
    """
    boxes: dict[str, bytes] = {}
    for key in keys:
        if key.sheet_id in boxes:
            raise InputError(f"key {key.sheet_id}", "two keys are for this sheet")
        boxes[key.sheet_id] = vault.sealed(key)
    late_policy(settings)
    files: dict[str, bytes] = {
        "setup.sh": SETUP.encode(),
        "run_autograder": RUN.encode(),
        wheel.name: wheel.read_bytes(),
        "settings.json": _json(asdict(settings)),
        **{f"keys/{sheet}.key": box for sheet, box in boxes.items()},
    }
    if without_seal:
        files["open.json"] = _json({key.sheet_id: key.seal for key in keys})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3  # Unix, so that the mode counts
            program = name in ("setup.sh", "run_autograder")
            info.external_attr = (0o100755 if program else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def run(root: Path) -> dict[str, Any]:
    """Grade the submission in `root` as Gradescope lays it out; writes results/results.json.

    Whatever is wrong with a submission is told to the student; nothing is raised for it.
    """
    settings = Settings(**json.loads((root / "source" / "settings.json").read_bytes()))
    try:
        metadata = read_metadata((root / METADATA).read_bytes(), METADATA)
        found = _graded(root, metadata, settings)
    except InputError as error:
        found = refused(str(error))
    except Exception:  # a key that the program disagrees with, a bug: told to the instructor
        log.exception("grading failed")
        found = refused("The program failed on this submission: your instructor will look at it.")
    write_whole(root / "results" / "results.json", _json(found))
    return found


def results(report: Report, settings: Settings, final: Counted | None = None) -> dict[str, Any]:
    """The results of one report: a test a part. `final` is what counts after a penalty."""
    tests = []
    for exercise in report.exercises:
        for place, verdict in enumerate(exercise.verdicts):
            title = f" ({exercise.title})" if place == 0 else ""
            tests.append(_test(f"{exercise.slot}.{verdict.part}{title}", verdict, settings))
    said = [f"Sheet {report.sheet_id}"]
    if report.needs_human:
        said.append(f"A person will look at {reports.plural(report.needs_human, 'part')}.")
    said += [reports.printable(note) for note in report.notes]
    if final is not None and final.reasons:
        late = "\n".join(final.reasons)
        tests.append({"name": "late", "output": late, "visibility": settings.visibility})
    earned = final.earned if final is not None else report.earned
    return {
        "score": _number(earned),
        "output": "\n".join(said),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"sheet": report.sheet_id, "needs_human": report.needs_human},
    }


def refused(reason: str) -> dict[str, Any]:
    """The results of a submission that cannot be graded: no points, and why."""
    said = f"This submission was not graded: {reports.printable(reason)}\nHand it in again."
    return {
        "score": 0,
        "output": said,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": {"refused": True},
    }


def _test(name: str, verdict: Verdict, settings: Settings) -> dict[str, Any]:
    lines = [reports.WORDS[verdict.outcome]]
    if verdict.given:
        lines.append(f"you wrote: {reports.printable(verdict.given)}")
    if verdict.read_as:
        lines.append(f"read as: {reports.printable(verdict.read_as)}")
    if settings.advice or verdict.outcome == "UNREADABLE":
        if verdict.outcome not in ("CORRECT", "BLANK"):
            lines.append(verdict.why)
        if verdict.advice:
            lines.append(f"advice: {verdict.advice}")
    output = "\n".join(lines)
    return {
        "name": name,
        "score": _number(verdict.earned),
        "max_score": _number(verdict.points),
        "status": "passed" if verdict.credit == 1 else "failed",
        "output": "".join(c if c.isprintable() or c == "\n" else " " for c in output),
        "output_format": "text",
        "visibility": settings.visibility,
        "extra_data": {"outcome": verdict.outcome, "mistake": verdict.mistake},
    }


def _graded(root: Path, metadata: Metadata, settings: Settings) -> dict[str, Any]:
    forms: list[tuple[Received, Submission]] = []
    problems: list[str] = []
    for each in intake(root, source="gradescope"):
        name = each.source.rpartition("/")[2]
        if isinstance(each, Refused):
            problems += [] if each.reason == NOT_A_FORM else [f"{name}: {each.reason}"]
            continue
        try:
            forms.append((each, read_received(structs.replace(each, source=name))))
        except GradsheetError as error:
            problems.append(str(error))
    if not forms:
        said = "; ".join(problems) or "there is no form in it: hand in your answers.yaml"
        raise InputError("the submission", said)
    if len(forms) > 1:
        names = ", ".join(submission.source for _, submission in forms)
        raise InputError("the submission", f"it has several forms, hand in one: {names}")
    received, submission = forms[0]
    key = _key(root / "source", submission)
    if not settings.any_address:
        _check_sender(key, metadata)
    report = grade(key, submission)
    late = late_policy(settings)
    attempt = Attempt(received.source, report.earned, report.points, received.at)
    final = counted([attempt], late)
    assert isinstance(final, Counted)
    return results(report, settings, final)


def _key(source: Path, submission: Submission) -> AnswerKey:
    """The key of a form's sheet, opened by the form's seal."""
    found = form_id(submission)
    box = source / "keys" / f"{found}.key"
    if not box.is_file():
        raise InputError(submission.source, f"there is no key for sheet {found} here")
    seal = submission.seal
    if not seal and (source / "open.json").is_file():
        seal = json.loads((source / "open.json").read_bytes()).get(found, "")
    if not seal:
        raise InputError(
            submission.source,
            "there is no seal in it: hand in the form that you were given, with its line "
            "`seal: ...`",
        )
    return vault.opened(box.read_bytes(), found, seal, submission.source)


def _check_sender(key: AnswerKey, metadata: Metadata) -> None:
    """InputError where the sheet's student has an address and no sender has it: the form is
    somebody else's. Not told is whose it is."""
    addresses = {sender.email.casefold() for sender in metadata.senders} - {""}
    if key.email and addresses and key.email.casefold() not in addresses:
        raise InputError(
            "the submission",
            f"the form is for sheet {key.sheet_id}, which is not yours. If you have several "
            "addresses, write to your instructor",
        )


def late_policy(settings: Settings) -> Policy:
    at = None if settings.late_after is None else due(settings.late_after)
    return policy("last", at, settings.late_penalty, settings.late_max)


def _number(value: Fraction) -> float:
    return round(float(value), 6)


def _json(tree: Mapping[str, Any]) -> bytes:
    return (json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
