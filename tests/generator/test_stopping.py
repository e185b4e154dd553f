"""A build that is ended at any moment leaves whole files, nothing else, and goes on next time."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pytest

from generator.rendering import rooms

HOMEWORK = """
title = "Homework"
practice = true
[[exercise]]
name = "output_loss_jacobians"
"""
STUDENTS = 24
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a build gives that nobody stops."""
    folder = tmp_path_factory.mktemp("whole")
    process = started(folder)
    assert process.wait(120) == 0, said(process)
    return contents(folder)


def started(folder: Path, *options: str) -> subprocess.Popen[str]:
    """A build in two processes, whose temporary files lie in the folder, too."""
    (folder / "hw.toml").write_text(HOMEWORK)
    rows = "".join(f"s{number},Ann {number}\n" for number in range(STUDENTS))
    (folder / "class.csv").write_text(f"id,name\n{rows}")
    (folder / "tmp").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "generator", "build", "hw.toml", "--roster", "class.csv"]
    return subprocess.Popen(
        [*command, "--jobs", "2", *options],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    """All that it said; not before it has ended."""
    return "".join(process.communicate(timeout=60))


def contents(folder: Path) -> dict[str, bytes]:
    out = folder / "output/hw"
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def until_it_works(process: subprocess.Popen[str], folder: Path, seconds: float) -> None:
    """Waits until the build has begun to write, and then a while."""
    limit = time.monotonic() + 60
    while not (folder / "output/hw/keys").exists() and time.monotonic() < limit:
        time.sleep(0.01)
        assert process.poll() is None
    time.sleep(seconds)


def left_over(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if ".new-" in path.name] + [
        str(path) for path in (folder / "tmp").iterdir() if path.name.startswith("gradsheet-")
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_asked_to_stop_says_so_and_goes_on_later(
    tmp_path: Path, whole: dict[str, bytes], number: signal.Signals
) -> None:
    process = started(tmp_path)
    until_it_works(process, tmp_path, random.Random(number).uniform(0, 0.5))
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    message = said(process)
    if f"{STUDENTS} of {STUDENTS} students built" in message:
        pytest.skip("the build was faster")  # it may even end by the signal, all being said
    assert message == "generator: stopped; run the same command again to go on\n"
    assert process.returncode == 1
    assert not left_over(tmp_path)
    assert all(whole[name] == found for name, found in contents(tmp_path).items() if name in SAME)
    again = started(tmp_path)
    assert again.wait(120) == 0, said(again)
    assert contents(tmp_path) == whole


SAME = {f"{kind}/s{n}.{end}" for n in range(STUDENTS) for kind, end in (
    ("sheets", "pdf"), ("solutions", "pdf"), ("forms", "yaml"), ("keys", "json")
)}  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_build_that_is_killed_leaves_whole_files_and_goes_on_later(
    tmp_path: Path, whole: dict[str, bytes], seed: int
) -> None:
    process = started(tmp_path)
    until_it_works(process, tmp_path, random.Random(seed).uniform(0, 1.2))
    process.kill()
    said(process)
    found = {name: data for name, data in contents(tmp_path).items() if ".new-" not in name}
    assert all(whole[name] == data for name, data in found.items() if name in SAME)
    for name in set(found) - SAME - {"built.json"}:
        with pikepdf.open(tmp_path / "output/hw" / name) as opened:
            assert len(opened.pages)
    again = started(tmp_path)
    assert again.wait(120) == 0, said(again)
    assert contents(tmp_path) == whole
    assert not left_over(tmp_path)


def test_a_file_system_without_room_is_one_clear_error(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys; from generator.cli import main;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)); main()"
    )
    (tmp_path / "hw.toml").write_text(HOMEWORK)
    (tmp_path / "class.csv").write_text("id,name\ns1,Ann\ns2,Bo\n")
    done = subprocess.run(
        [sys.executable, "-c", program, "build", "hw.toml", "--roster", "class.csv"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert "No space left on device" in done.stderr or "File too large" in done.stderr
    assert not done.stdout
    assert not [name for name in contents(tmp_path) if name.endswith(".pdf") or ".new-" in name]


def test_rooms_of_ended_processes_are_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = (f"gradsheet-{ended.pid}-x", f"gradsheet-{os.getpid()}-x", "gradsheet-mine", "other")
    for name in names:
        (tmp_path / name).mkdir()
    rooms.sweep()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])


def test_a_room_is_swept_before_the_system_has_collected_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is not collected
    (tmp_path / f"gradsheet-{ended.pid}-x").mkdir()
    rooms.sweep()
    assert ended.wait() == 0
    assert not list(tmp_path.iterdir())
