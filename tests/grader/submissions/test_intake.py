"""What each source of submissions is taken for, and what is told of every file in it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.model.errors import InputError
from grader.submissions.intake import intake
from grader.submissions.received import Received, Refused, Sender
from grader.submissions.texts import read_received

from .conftest import FORM

Zipped = Callable[..., Path]


def taken(path: Path | str, **options) -> tuple[dict[str, Received], dict[str, str]]:
    every = list(intake(path, **options))
    received = {each.source: each for each in every if isinstance(each, Received)}
    refused = {each.source: each.reason for each in every if isinstance(each, Refused)}
    assert len(received) + len(refused) == len(every), "sources are unique"
    return received, refused


def unpacked(folder: Path, members: Mapping[str, bytes]) -> Path:
    for name, content in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


MOODLE = {
    "Anna Maria van der Berg_1_assignsubmission_file/my answers (v2).yaml": FORM,
    "Anna Maria van der Berg_1_assignsubmission_file/photo.jpg": b"\xff\xd8",
    "ONeill_4_assignsubmission_file_/sub dir/a.json": b'{"sheet": "K7Q2-9MXA-V"}',
    "Łukasz Żółć_3_assignsubmission_onlinetext/onlinetext.html": b"<p>q1.a: 3</p>",
    "Flat Name_5_assignsubmission_file_answers.toml": b'sheet = "K7Q2-9MXA-V"',
    "Flat Name_6_assignsubmission_onlinetext_onlinetext.html": b"<p>q1.a: 3</p>",
    "Participant_12_assignsubmission_file/answers.pdf": b"%PDF-1.7 ...",
    "Team A_7_assignsubmission_file/answers.yaml": FORM,
    "Default team_assignsubmission_file/answers.yaml": FORM,
    "Lab 2-Participant_13_assignsubmission_file_/answers.yaml": FORM,
    ".Net Fan_14_assignsubmission_file/.answers.yaml": FORM,
    "Anna_1_assignfeedback_file/report.html": b"x",
    "Anna_1_assignsubmission_comments/comments.html": b"x",
    "Nest_8_assignsubmission_file/all.zip": b"PK\3\4",
    "Empty_9_assignsubmission_file/answers.yaml": b" \n",
    "readme.yaml": FORM,
}


@pytest.mark.parametrize("packed", [True, False])
def test_moodle(tmp_path: Path, zipped: Zipped, packed: bool) -> None:
    path = zipped(MOODLE) if packed else unpacked(tmp_path / "all", MOODLE)
    received, refused = taken(path)
    people = {
        source.partition("_assign")[0]: (each.sender.name, each.sender.participant, each.format)
        for source, each in received.items()
    }
    assert people == {
        "Anna Maria van der Berg_1": ("Anna Maria van der Berg", "1", ".yaml"),
        "ONeill_4": ("ONeill", "4", ".json"),
        "Łukasz Żółć_3": ("Łukasz Żółć", "3", ".html"),
        "Flat Name_5": ("Flat Name", "5", ".toml"),
        "Flat Name_6": ("Flat Name", "6", ".html"),
        "Participant_12": ("", "12", ".pdf"),
        "Team A_7": ("Team A", "7", ".yaml"),
        "Default team": ("Default team", "", ".yaml"),
        "Lab 2-Participant_13": ("", "13", ".yaml"),
        ".Net Fan_14": (".Net Fan", "14", ".yaml"),
    }
    reasons = {source.rpartition("/")[2]: reason for source, reason in refused.items()}
    assert reasons == {
        "photo.jpg": "this is not a form",
        "report.html": "it is feedback, not a submission",
        "comments.html": "Moodle's comments holds no answers",
        "all.zip": "an archive inside: unpack it, or ask for the form itself",
        "answers.yaml": "it is empty",
        "readme.yaml": "it is not named in the way of Moodle",
    }


@pytest.mark.parametrize(
    "names", [("docProps/app.xml", "[Content_Types].xml"), ("mimetype", "content.xml")]
)
def test_a_workbook_is_told_as_one(zipped: Zipped, names: tuple[str, ...]) -> None:
    """Not where one lies among the submissions, stored as it is."""
    workbook = zipped(dict.fromkeys(names, b"x"), "table.xlsx")
    with pytest.raises(InputError, match="a workbook or a document: save a table as CSV"):
        taken(workbook)
    received, refused = taken(zipped({"b.xlsx": workbook.read_bytes(), "a.yaml": FORM}))
    assert (list(received), list(refused)) == (["a.yaml"], ["b.xlsx"])


def test_what_is_refused_tells_whose_it_was(zipped: Zipped) -> None:
    every = list(intake(zipped(MOODLE)))
    photo = next(e for e in every if isinstance(e, Refused) and e.source.endswith("photo.jpg"))
    assert photo.sender == Sender(participant="1", name="Anna Maria van der Berg")


def test_canvas(zipped: Zipped) -> None:
    members = {
        "vanderberganna_LATE_1234_98765_answers.yaml": FORM,
        "łukasz_77_1_my_file_2.json": b"{}",
        "bob_78_2_answers-1.yaml": FORM,
        "bob_78_3_answers-2.yaml": FORM,
        "anon_a1B2c_5_answers.yaml": FORM,
        "LATE_anon_Zz9yX_6_answers.yaml": FORM,
        "eve_80_text.html": b"<p>q1.a: 3</p>",
        "eve_80_link.html": b"<a href=x>",
    }
    received, refused = taken(zipped(members))
    told = [
        (e.sender.name, e.sender.lms_id, e.late, e.attempt, e.format) for e in received.values()
    ]
    assert told == [
        ("", "anon_Zz9yX", True, 1, ".yaml"),
        ("", "anon_a1B2c", False, 1, ".yaml"),
        ("bob", "78", False, 2, ".yaml"),
        ("bob", "78", False, 3, ".yaml"),
        ("eve", "80", False, None, ".html"),
        ("vanderberganna", "1234", True, 1, ".yaml"),
        ("łukasz", "77", False, 1, ".json"),
    ]
    assert refused == {"eve_80_link.html": "it is a link to a web page, not a form"}


METADATA = {
    "id": 9,
    "created_at": "2026-11-20T18:03:00.000000-08:00",
    "users": [{"email": "anna@x.edu", "id": 5, "name": "Anna Berg"}],
    "previous_submissions": [{}, {}],
}


def test_gradescope(tmp_path: Path) -> None:
    root = unpacked(
        tmp_path,
        {
            "submission_metadata.json": json.dumps(METADATA).encode(),
            "submission/answers.yaml": FORM,
            "submission/notes.docx": b"x",
            "source/keys/a.yaml": FORM,
        },
    )
    for path in (root, root / "submission"):
        received, refused = taken(path)
        assert list(refused) == ["submission/notes.docx"]
        (one,) = received.values()
        assert one.sender == Sender(lms_id="5", email="anna@x.edu", name="Anna Berg")
        assert one.at == datetime(2026, 11, 21, 2, 3, tzinfo=UTC)
        assert one.attempt == 3


@pytest.mark.parametrize(
    ("file", "name", "user", "late"),
    [
        ("123456_777_999_answers.yaml", "123456", "777", False),
        ("123456_LATE_777_999_1_2_answers.yaml", "123456", "777", True),
        ("_777_999_answers.yaml", "", "777", False),
        ("2_777_text.html", "2", "777", False),
    ],
)
def test_names_of_digits_in_canvas(zipped: Zipped, file: str, name: str, user: str, late) -> None:
    """Canvas always writes a name, unless the grading is anonymous."""
    (one,) = taken(zipped({file: FORM}))[0].values()
    assert (one.sender.name, one.sender.lms_id, one.late) == (name, user, late)


def test_a_plain_folder_and_one_form(tmp_path: Path, zipped: Zipped) -> None:
    members = {"4711.yaml": FORM, "week 1/a.json": b"{}", "b.md": b"x", ".git/x.yaml": FORM}
    folder = unpacked(tmp_path / "all", members)
    for path in (folder, zipped(members)):
        received, refused = taken(path)
        assert list(received) == ["4711.yaml", "week 1/a.json"]
        assert list(refused) == ["b.md"]
    received, _ = taken(folder / "4711.yaml")
    assert received["4711.yaml"].content == FORM


def test_the_source_can_be_told(zipped: Zipped) -> None:
    path = zipped({"ann_1_2_answers.yaml": FORM})
    assert taken(path)[0]["ann_1_2_answers.yaml"].sender.lms_id == "1"
    assert taken(path, source="folder")[0]["ann_1_2_answers.yaml"].sender == Sender()
    with pytest.raises(InputError, match="is none of moodle, canvas"):
        taken(path, source="blackboard")
    with pytest.raises(InputError, match="no such file"):
        taken(path.parent / "nowhere")


CSV = "sheet,student,q1.a\nK7Q2-9MXA-V,ann,1\n"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (FORM, ".yaml"),
        (b'sheet = "x"\n', ".toml"),
        (b'{\n "sheet": "x"}', ".json"),
        (b"<p>q1.a: 3</p>", ".html"),
        (b"%PDF-1.4", ".pdf"),
        (CSV.encode(), "table"),
        (b'{"sheet": "x", "q1.a": "1"}\n{"sheet": "y"}\n', "table"),
    ],
)
def test_standard_input_is_what_it_looks_like(monkeypatch, data: bytes, found: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    received, refused = taken("-")
    assert not refused
    first = next(iter(received))
    if found == "table":
        assert first.startswith("stdin:")
    else:
        assert (first, received[first].format) == ("stdin", found)


def test_a_zip_on_standard_input(monkeypatch, zipped: Zipped) -> None:
    data = zipped(MOODLE).read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert len(taken("-")[0]) == 10


def test_online_text_is_read_as_answers(zipped: Zipped) -> None:
    received, _ = taken(zipped(MOODLE))
    online = [each for each in received.values() if each.format == ".html"]
    assert [read_received(each).answers for each in online] == [{"q1": {"a": "3"}}] * 2


EXPORT = rb"""---
submission_345:
  :submitters:
  - :name: Anna Berg
    :sid: '0555'
    :email: anna@x.edu
  :created_at: 2026-11-20 18:03:00.123456789 -08:00
  :score: 3.0
  :status: processed
  :results:
    stdout: |-
      submission_346:
        :submitters:

      - :name: Somebody Else
    tests:
    - name: q1
      output: "a long \
        line"
  :history:
  - :id: 1
    :created_at: 2026-11-19 18:03:00.000000000 Z
  - :id: 2
    :created_at: 2026-11-20 08:03:00.000000000 Z
submission_346:
  :submitters:
  - :name: "Jos\u00E9: #1"
    :sid: 777
    :email:
  - :name: no
    :sid: &1 '8'
    :email: *1
  :created_at: soon
"347.pdf":
  :submitters:
  - :name: Eve
    :email: eve@x.edu
  :created_at: 2026-11-20T18:03:00Z
"""


@pytest.mark.parametrize("root", ["", "assignment_12_export/"])
def test_an_export_of_gradescope(zipped: Zipped, tmp_path: Path, root: str) -> None:
    members = {
        f"{root}submission_metadata.yml": EXPORT,
        f"{root}submission_345/answers.yaml": FORM,
        f"{root}submission_345/photo.jpg": b"x",
        f"{root}submission_346/src/answers.toml": b'sheet = "x"',
        f"{root}submission_348/answers.yaml": FORM,
        f"{root}347.pdf": b"%PDF-1.7",
    }
    for path in (zipped(members), unpacked(tmp_path / "all", members)):
        received, refused = taken(path)
        found = {name.removeprefix(root): each for name, each in received.items()}
        first = found["submission_345/answers.yaml"]
        assert first.sender == Sender(student="0555", name="Anna Berg", email="anna@x.edu")
        assert first.at == datetime(2026, 11, 21, 2, 3, 0, 123456, tzinfo=UTC)
        assert first.attempt == 3
        group = found["submission_346/src/answers.toml"]
        assert group.sender == Sender(name="José: #1, no")  # of a group nobody knows whose it is
        assert (group.at, group.attempt) == (None, 1)
        assert found["347.pdf"].sender == Sender(name="Eve", email="eve@x.edu")
        assert found["347.pdf"].at == datetime(2026, 11, 20, 18, 3, tzinfo=UTC)
        unknown = found["submission_348/answers.yaml"]
        assert (unknown.sender, unknown.at, unknown.attempt) == (Sender(), None, None)
        assert list(refused) == [f"{root}submission_345/photo.jpg"]


def test_a_student_s_file_does_not_make_an_export(zipped: Zipped) -> None:
    folder = "Anna Berg_7_assignsubmission_file"
    members = {f"{folder}/submission_metadata.yml": EXPORT, f"{folder}/answers.yaml": FORM}
    received, _ = taken(zipped(members))
    assert received[f"{folder}/answers.yaml"].sender == Sender(participant="7", name="Anna Berg")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "nobody submits in it"),
        (b"a: &a [1]\nb: [*a, *a]\n", "nobody submits in it"),
        (b"x" * 100_000, "nobody submits in it"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_metadata_that_are_none(zipped: Zipped, data: bytes, said: str) -> None:
    path = zipped({"submission_metadata.yml": data, "submission_1/a.yaml": FORM})
    with pytest.raises(InputError, match=said):
        taken(path)


def test_hostile_metadata_cost_only_the_names(zipped: Zipped) -> None:
    bomb = "[" + ", ".join(["*a"] * 9) + "]"
    hostile = (
        f"submission_1:\n  :submitters:\n  - :name: &a x\n    :sid: {bomb}\n"
        f"    :email: {'[' * 9000}\n"
        f"submission_2:\n  :submitters:\n  - :name: {bomb}\n"
        "submission_3:\n  :submitters:\n  - :name: !!python/object/apply:os.system [x]\n"
    )
    members = {f"submission_{i}/a.yaml": FORM for i in (1, 2, 3)}
    received, _ = taken(zipped({"submission_metadata.yml": hostile.encode(), **members}))
    assert [each.sender for each in received.values()] == [Sender()] * 3
