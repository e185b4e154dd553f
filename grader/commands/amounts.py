"""Exact amounts as options: 1, 0.5, 2/3."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import click


class Finite(click.FloatRange):
    """The type of an option with a number in a range: click lets NaN into any."""

    def convert(self, value: Any, *where: Any) -> Any:
        number = super().convert(value, *where)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", *where)
        return number


def exact(text: str) -> Fraction:
    """The type of such an option."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}|/[1-9][0-9]{0,5})?", text):
        raise click.BadParameter(f"{text[:40]!r} is not an amount such as 1, 0.5 or 2/3")
    return Fraction(text)
