"""Zips written member by member, as learning platforms and as attackers write them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

FORM = b'sheet: "K7Q2-9MXA-V"\nq1:\n  a: "1"\n'


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[..., Path]:
    """A zip of these members, in this order."""

    def write(members: Mapping[str, bytes], name: str = "all.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return path

    return write
