"""Zip archives that platforms take back: the same files, the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from generator.model.errors import InputError


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files, in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def file_name(name: str) -> str:
    """The name of a feedback file. InputError where it would lead elsewhere."""
    if "/" in name or "\\" in name or not name.isprintable():
        raise InputError(name, "this is no name of a feedback file")
    return name
