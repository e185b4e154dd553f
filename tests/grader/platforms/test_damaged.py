"""Damaged files end in a message for people, never in a traceback."""

from __future__ import annotations

import contextlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.model.errors import GradsheetError
from grader.platforms import canvas, moodle
from grader.submissions.intake import intake
from grader.submissions.received import Grade, Received, Sender
from grader.submissions.texts import read_received

from .test_canvas import BOOK
from .test_moodle import ENGLISH, GERMAN

GRADE = Grade(Sender("s1", "4", "12", "anna@x.edu", "Anna"), "1", "20", "ok", "", {"r.txt": b"x"})
SEEDS = {
    "t.csv": b'sheet,student,q1.a\nA,b,"x,y"\nB,c,2\n',
    "t.jsonl": b'{"sheet":"A","entry":"q1.a","answer":"1"}\n' * 3,
    "a.yaml": b'sheet: "A"\nq1:\n  a: "1"\n',
    "a.txt": b"q1.a: 3\n",
}
_damage = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 9), st.binary(max_size=4)),
    min_size=1,
    max_size=5,
)


def damaged(data: bytes, damage: list[tuple[float, int, bytes]]) -> bytes:
    for place, cut, put in damage:
        start = int(place * len(data))
        data = data[:start] + put + data[start + cut :]
    return data


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in SEEDS.items():
            file.writestr(f"Name_4_assignsubmission_file/{name}", content * 3)
    return path.read_bytes()


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from([*SEEDS, "a.zip", "stdin"]), damage=_damage)
def test_submissions(tmp_path: Path, archive: bytes, name: str, damage) -> None:
    path = tmp_path / name
    path.write_bytes(damaged(SEEDS.get(name, archive), damage))
    with contextlib.suppress(GradsheetError):  # anything else fails the test
        for each in intake(path):
            if isinstance(each, Received):
                with contextlib.suppress(GradsheetError):
                    read_received(each)


@settings(max_examples=200)
@given(seed=st.sampled_from([ENGLISH, GERMAN, BOOK]), damage=_damage)
def test_tables_of_grades(seed: bytes, damage) -> None:
    data = damaged(seed, damage)
    for write in (
        lambda: moodle.fill_worksheet(data, [GRADE], "w.csv"),
        lambda: moodle.feedback_zip(data, [GRADE], "w.csv"),
        lambda: canvas.fill_gradebook(data, [GRADE], "Week 3", "b.csv"),
    ):
        with contextlib.suppress(GradsheetError):
            assert write().data
