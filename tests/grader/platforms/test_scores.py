"""Gradescope's table of scores: whose a submission is, when it came, and scores written into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from generator.model.errors import InputError
from grader.platforms.people import read_people
from grader.platforms.scores import fill_scores, handed
from grader.submissions.received import Grade, Received, Refused, Sender

HEAD = (
    "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID,"
    "Submission Time,Lateness (H:M:S),View Count,Submission Count,1: Sizes (4.0 pts)\n"
)
TABLE = (
    HEAD
    + "Anna,Berg,s1,Anna@x.edu,A,9.5,12.0,Graded,345,2026-12-01 17:02:11 -0800,00:00:00,0,1,4.0\n"
    + "Bob,Oil,s2,bob@x.edu,A,3.0,12.0,Graded,346,2026-12-02 17:02:11 -0800,24:00:00,0,2,\n"
    + 'Cem,"Öz, Jr.",s3,cem@x.edu,B,,12.0,Missing,,,,0,0,\n'
    + "Dee,One,s4,dee@x.edu,B,5.0,12.0,Graded,347,2026-12-01 12:00:00,00:00:00,0,1,\n"
    + "Eve,Two,s5,eve@x.edu,B,5.0,12.0,Graded,347,2026-12-01 12:00:00,00:00:00,0,1,\n"
).encode()
PACIFIC = timezone(timedelta(hours=-8))
ANNA = datetime(2026, 12, 1, 17, 2, 11, tzinfo=PACIFIC)


def completed(sender: Sender, source: str = "form.yaml", at: datetime | None = None) -> Received:
    return handed(TABLE, "t", UTC).completed(Received(source, b"", ".yaml", sender, at))


@pytest.mark.parametrize(
    ("sender", "source"),
    [
        (Sender(student="S1"), "a.yaml"),
        (Sender(email="anna@X.edu"), "a.yaml"),
        (Sender(email="anna@x.edu", name="Berg, Anna"), "a.yaml"),
        (Sender(), "assignment_1_export/submission_345/answers.yaml"),
        (Sender(), "submission_345.pdf"),
    ],
)
def test_who_and_when(sender: Sender, source: str) -> None:
    found = completed(sender, source)
    assert found.at == ANNA
    assert found.sender.student.lower() == "s1"
    assert found.sender.email.lower() == "anna@x.edu"
    assert found.sender.name in ("Anna Berg", "Berg, Anna")


def test_what_was_known_stays() -> None:
    assert completed(Sender(student="s1"), at=datetime(2026, 1, 1, tzinfo=UTC)).at != ANNA
    missing = completed(Sender(student="s3"))
    assert missing.at is None
    assert missing.sender.name == "Cem Öz, Jr."


@pytest.mark.parametrize(
    ("sender", "source"),
    [
        (Sender(name="Anna Berg"), "a.yaml"),  # a name is no identity
        (Sender(), "submission_347/a.yaml"),  # a group's: whose sheet it is, nobody knows
        (Sender(), "submission_999/a.yaml"),
        (Sender(), "resubmission_3450/a.yaml"),
        (Sender(student="s1"), "submission_346/a.yaml"),  # two rows
        (Sender(student="s1", email="bob@x.edu"), "a.yaml"),
    ],
)
def test_nothing_is_guessed(sender: Sender, source: str) -> None:
    found = completed(sender, source)
    assert (found.sender, found.at) == (sender, None)


def test_other_particulars_are_told() -> None:
    found = completed(Sender(student="s1", name="Bob Oil"))
    assert found.at is None
    assert "has other particulars of this sender: not used" in found.sender.note


def test_a_time_without_a_zone_is_in_the_zone_given() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = handed(TABLE, "t", berlin).completed(Received("a", b"", ".yaml", Sender(student="s4")))
    assert found.at == datetime(2026, 12, 1, 12, tzinfo=berlin)


def test_the_option_people_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes(b"\xef\xbb\xbf" + TABLE)
    listed = read_people(path)
    found = listed.completed(Received("a", b"", ".yaml", Sender(student="s1")))
    assert isinstance(found, Received)
    assert found.at == ANNA
    assert listed.dated(found) == found
    refused = Refused("x", "y")
    assert listed.completed(refused) is refused


@pytest.mark.parametrize(
    "data",
    [
        b"Name,Total Score,Max Points\nA,1,2\n",
        HEAD.encode() + b"Joe,Jam\n",
        b"\xff\xfeTotal Score,Max Points",
        b"",
    ],
)
def test_other_tables_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        handed(data, "t", UTC)


def grade(student: str, earned: str, points: str = "6") -> Grade:
    return Grade(Sender(student=student, email=f"{student}@none"), earned, points, "", "")


def test_scores_are_written_and_every_other_byte_stays() -> None:
    grades = [grade("s1", "19/4"), grade("s2", "3"), grade("s3", "1/3"), grade("s9", "1")]
    written = fill_scores(TABLE, grades, "t")
    # Anna's 4.75 of 6 are the 9.5 of 12 that stand there.
    assert written.data == TABLE.replace(b"A,3.0,12.0", b"A,6.00,12.0").replace(
        b"B,,12.0", b"B,0.67,12.0"
    )
    assert (written.graded, written.missed) == (3, 1)
    told = "\n".join(written.notes)
    assert "s2: 3.0 -> 6.00" in told
    assert "s3: no score -> 0.67" in told
    assert "s1" not in told
    assert "s9: no row is this student's; not written" in told
    assert "2 rows left as before: s4, s5" in told


def test_a_row_without_points_is_told() -> None:
    written = fill_scores(TABLE.replace(b"9.5,12.0", b"9.5,"), [grade("s1", "1")], "t")
    assert (written.graded, written.missed) == (0, 1)
    assert "s1: no number of points at most; not written" in written.notes


def test_as_excel_saves_it_where_commas_are_decimal(tmp_path: Path) -> None:
    """Read as it was downloaded; scores are written with commas."""
    head = "SID;Email;Total Score;Max Points;Status;Submission Time"
    row = "\r\ns1;anna@x.edu;{};12;Graded;2026-12-01 17:02:11 -0800\r\n"
    table = (head + row).replace(";", "\t").encode("utf-16")
    path = tmp_path / "scores.txt"
    path.write_bytes(table.replace(b"{", b"9").replace(b"}", b"5"))
    one = read_people(path).dated(Received("a.yaml", b"", ".yaml", Sender(student="s1")))
    assert isinstance(one, Received)
    assert one.at == ANNA
    before, after = ((head + row).format(score).encode() for score in ("9,5", "6,00"))
    assert fill_scores(before, [grade("s1", "3")], "t").data == after
    written = fill_scores(before, [grade("s1", "4.75")], "t")
    assert written.data == before
