"""Exact amounts as options: 1, 0.5, 2/3."""

from __future__ import annotations

import re
from fractions import Fraction

import click


def exact(text: str) -> Fraction:
    """The type of such an option."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}|/[1-9][0-9]{0,5})?", text):
        raise click.BadParameter(f"{text[:40]!r} is not an amount such as 1, 0.5 or 2/3")
    return Fraction(text)
