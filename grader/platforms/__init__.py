"""Handing grades back: what each learning platform takes.

Pure functions from the instructor's own downloaded file and the grades to the bytes to upload.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """A file to upload, how many students it grades, and what the instructor should know; `missed`
    grades have no place in it."""

    data: bytes
    graded: int
    notes: tuple[str, ...] = ()
    missed: int = 0
