"""Hostile archives: each member that cannot be trusted is refused with its reason, others go on."""

from __future__ import annotations

import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.errors import InputError
from grader.submissions import folders
from grader.submissions.archives import Limits, Member, members, unsafe
from grader.submissions.received import Refused

MB = 2**20
Zipped = Callable[..., Path]


def split(path: Path, limits: Limits | None = None) -> tuple[dict[str, bytes], dict[str, str]]:
    """What could be read of an archive, and what was refused, with the reasons."""
    good: dict[str, bytes] = {}
    bad: dict[str, str] = {}
    for each in members(path, limits):
        if isinstance(each, Refused):
            bad[each.source] = each.reason
            continue
        try:
            good[each.path] = each.read(MB)
        except ValueError as error:
            bad[each.path] = str(error)
    return good, bad


def test_members_come_in_the_order_of_their_names(zipped: Zipped) -> None:
    path = zipped({"b.yaml": b"2", "ä/ü.yaml": b"3", "a/c.yaml": b"1", "a/": b""})
    assert split(path) == ({"a/c.yaml": b"1", "b.yaml": b"2", "ä/ü.yaml": b"3"}, {})


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../evil.yaml", "leads out"),
        ("a/../../evil.yaml", "leads out"),
        ("..\\evil.yaml", "leads out"),
        ("/etc/evil.yaml", "absolute"),
        ("\\\\host\\evil.yaml", "absolute"),
        ("C:\\evil.yaml", "absolute"),
        ("c:evil.yaml", "absolute"),
        ("a\x00.yaml", "control"),
        ("a\nb.yaml", "control"),
        ("a\x1b[31m.yaml", "control"),
        ("lmay\u202e.exe", "control"),
        ("aux.yaml", "device"),
        ("x" * 1001, "too long"),
        ("a/" * 60 + "b.yaml", "too long"),
    ],
)
def test_a_name_that_is_not_to_be_trusted(tmp_path: Path, name: str, why: str) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("placeholder")
        info.filename = name  # zipfile itself would cut off what follows a NUL
        archive.writestr(info, b"bad")
        archive.writestr("good.yaml", b"good")
    good, bad = split(path)
    assert good == {"good.yaml": b"good"}
    (reason,) = bad.values()
    assert why in reason
    assert all(source.isprintable() and len(source) <= 200 for source in bad)


def test_links_and_devices(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, kind in (("link", stat.S_IFLNK), ("pipe", stat.S_IFIFO), ("file", stat.S_IFREG)):
            info = zipfile.ZipInfo(name)
            info.external_attr = (kind | 0o644) << 16
            archive.writestr(info, b"/etc/passwd")
    good, bad = split(path)
    assert good == {"file": b"/etc/passwd"}
    assert "symbolic link" in bad["link"]
    assert "device or a pipe" in bad["pipe"]


def test_a_bomb_is_stopped_while_it_comes_out(zipped: Zipped) -> None:
    path = zipped({"bomb.yaml": bytes(50 * MB), "good.yaml": b"good"})
    assert path.stat().st_size < 100_000
    read = []
    for each in members(path):
        assert isinstance(each, Member)
        if each.path == "bomb.yaml":
            with pytest.raises(ValueError, match="zip bomb"):
                each.read(100 * MB)
            with pytest.raises(ValueError, match="larger than 1 MB"):
                each.read(MB)
        else:
            read.append(each.read(MB))
    assert read == [b"good"]


def test_a_member_that_lies_about_its_size(tmp_path: Path, zipped: Zipped) -> None:
    """The headers say 10 bytes; two megabytes would come out."""
    data = bytearray(zipped({"liar.yaml": bytes(range(256)) * 8192}).read_bytes())
    place = data.index(b"PK\1\2")
    data[place + 24 : place + 28] = struct.pack("<I", 10)
    data[22:26] = struct.pack("<I", 10)
    path = tmp_path / "liar.zip"
    path.write_bytes(data)
    good, bad = split(path)
    assert not good
    assert list(bad) == ["liar.yaml"]


def test_a_member_that_claims_ten_gigabytes(tmp_path: Path, zipped: Zipped) -> None:
    data = bytearray(zipped({"huge.yaml": b"x", "good.yaml": b"good"}).read_bytes())
    place = data.index(b"PK\1\2")
    data[place + 24 : place + 28] = struct.pack("<I", 0xFFFFFFF0)
    path = tmp_path / "huge.zip"
    path.write_bytes(data)
    good, _ = split(path)
    assert good["good.yaml"] == b"good"


@pytest.mark.parametrize(
    ("claimed", "why"), [(0xFFFFFFF0, "larger than 1 MB"), (10, "damaged: Bad CRC")]
)
def test_ten_gigabytes_cost_no_more_than_one_megabyte(
    tmp_path: Path, claimed: int, why: str
) -> None:
    """A member out of which ten gigabytes come: one deflated megabyte, ten thousand times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = block * 10_240 + packer.flush()
    head = struct.pack("<5H3I", 20, 0, 8, 0, 33, 0, len(stream), claimed) + struct.pack(
        "<2H", 10, 0
    )
    local = b"PK\3\4" + head + b"zeros.yaml" + stream
    listed = b"PK\1\2" + struct.pack("<H", 20) + head + bytes(14) + b"zeros.yaml"
    end = struct.pack("<4H2IH", 0, 0, 1, 1, len(listed), len(local), 0)
    path = tmp_path / "ten.zip"
    path.write_bytes(local + listed + b"PK\5\6" + end)
    good, bad = split(path)
    assert not good
    assert why in bad["zeros.yaml"]


def test_the_sum_of_all_members_is_bounded(zipped: Zipped) -> None:
    path = zipped({f"{n}.yaml": b"x" * 1000 for n in range(5)})
    good, bad = split(path, Limits(total=2500))
    assert sorted(good) == ["0.yaml", "1.yaml"]
    assert set(bad.values()) == {"the archive holds more than is read of one archive"}


def test_too_many_members(zipped: Zipped) -> None:
    path = zipped({f"{n}.yaml": b"" for n in range(30)})
    with pytest.raises(InputError, match="30 members; at most 20"):
        list(members(path, Limits(members=20)))
    with pytest.raises(InputError, match="list of members is longer"):
        list(members(path, Limits(directory=1000)))


def test_encrypted_and_oddly_compressed_members(tmp_path: Path, zipped: Zipped) -> None:
    data = bytearray(zipped({"secret.yaml": b"x" * 50, "good.yaml": b"good"}).read_bytes())
    place = data.index(b"PK\1\2")
    data[place + 8] |= 1
    path = tmp_path / "secret.zip"
    path.write_bytes(data)
    assert split(path) == ({"good.yaml": b"good"}, {"secret.yaml": "it is encrypted"})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("lzma.yaml", b"x")
    assert "compressed in a way" in split(path)[1]["lzma.yaml"]


def test_of_two_members_with_one_name_neither_counts(tmp_path: Path) -> None:
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("a.yaml", "A.yaml", "a.yaml", "b.yaml"):
            archive.writestr(name, b"x")
    good, bad = split(path)
    assert list(good) == ["b.yaml"]
    assert bad == {"A.yaml": "3 members have this name: nobody knows which one counts"}


def test_damaged_members_and_archives(tmp_path: Path, zipped: Zipped) -> None:
    data = bytearray(zipped({"a.yaml": b"hello " * 9, "b.yaml": b"fine"}).read_bytes())
    data[40] ^= 0xFF
    path = tmp_path / "bad.zip"
    path.write_bytes(data)
    good, bad = split(path)
    assert good == {"b.yaml": b"fine"}
    assert "damaged" in bad["a.yaml"]
    path.write_bytes(data[:-30])
    with pytest.raises(InputError, match="cut off"):
        list(members(path))
    path.write_bytes(b"PK\3\4 and nothing else")
    with pytest.raises(InputError, match="not a zip"):
        list(members(path))


def test_a_name_in_utf_8_without_the_flag_for_it(tmp_path: Path) -> None:
    path = tmp_path / "old.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("XXXX.yaml", b"x")
    path.write_bytes(path.read_bytes().replace(b"XXXX", "Zoë".encode()))
    assert list(split(path)[0]) == ["Zoë.yaml"]


@pytest.mark.parametrize("place", ["directory", "member"])
def test_a_name_that_is_said_to_be_utf_8_and_is_not(
    tmp_path: Path, zipped: Zipped, place: str
) -> None:
    path = zipped({"é.yaml": "sheet: A"})
    name, data = "é.yaml".encode(), path.read_bytes()
    at = data.rindex(name) if place == "directory" else data.index(name)
    path.write_bytes(data[:at] + b"\xb0" + data[at + 1 :])
    if place == "directory":
        with pytest.raises(InputError, match="not a zip, or cut off"):
            split(path)
    else:
        found, refused = split(path)
        assert not found
        assert "it is damaged" in refused["é.yaml"]


def test_what_systems_leave_behind_is_skipped(zipped: Zipped) -> None:
    path = zipped(
        {
            "__MACOSX/._a.yaml": b"x", ".DS_Store": b"x", "a/Thumbs.db": b"x", "a/._b.yaml": b"x",
            "a/b.yaml": b"x", "a/.answers.yaml": b"x", ".Net Fan_3_x/c.yaml": b"x",
        }
    )  # fmt: skip
    names = [".Net Fan_3_x/c.yaml", "a/.answers.yaml", "a/b.yaml"]
    assert split(path) == (dict.fromkeys(names, b"x"), {})


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    folder = tmp_path / "all"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.yaml").write_bytes(b"a")
    (folder / "file.yaml").symlink_to(tmp_path / "secret")
    (folder / "folder").symlink_to(tmp_path)
    found = list(folders.members(folder))
    assert [each.path for each in found if isinstance(each, Member)] == ["sub/a.yaml"]
    assert {each.source for each in found if isinstance(each, Refused)} == {"file.yaml", "folder"}


_names = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40
) | st.text("./\\:ab\n\u202e ", min_size=1, max_size=12)


@settings(max_examples=150)
@given(names=st.lists(_names, min_size=1, max_size=6, unique=True))
def test_no_name_leads_anywhere(tmp_path_factory, names: list[str]) -> None:
    """Whatever members are called: each is read, refused or skipped, and what is read stays put."""
    path = tmp_path_factory.mktemp("zip") / "all.zip"
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            archive.writestr(name, b"x")
    root = path.parent / "root"
    for each in members(path):
        if isinstance(each, Member):
            assert each.read(MB) == b"x"
            assert (root / each.path).resolve().is_relative_to(root.resolve())
            assert unsafe(each.path) == ""
