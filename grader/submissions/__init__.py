"""Submissions: what a student handed in, read from one format or another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from grader.reading import Given

__all__ = ["Given", "Remembered", "Submission"]


class Remembered(dict[str, Given]):
    """The answers to one exercise in a few hundred characters. What many students gave is one
    object, which is never changed; `raw` are the bytes that it was read from, alike for the same
    answers only."""

    def __init__(self, answers: Mapping[str, Given], raw: bytes) -> None:
        super().__init__(answers)
        self.raw = raw


class Submission(msgspec.Struct, frozen=True):
    """The answers on one form, as text: `answers[slot][part]`, one level deeper for named fields.

    `sheet_id`, `student` and `seal` are as typed, empty where the form has none. `expects` is what
    the form says about the kinds of its answers (`generator.model.expects`); `source` names the
    file.
    """

    sheet_id: str
    student: str
    answers: Mapping[str, Mapping[str, Given]]
    source: str
    expects: Mapping[str, Any] = {}
    seal: str = ""
