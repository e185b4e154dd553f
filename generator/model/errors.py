"""Every error that gradsheet raises on purpose.

GradsheetError
├── AuthoringError      an exercise or template is wrong: for its author
│   └── Disagreement    verify() found another truth than a part
├── InputError          a file or option is wrong: for the person who wrote it
├── TypesettingError    TeX refused a sheet, or no TeX engine is there
└── NotationError       an answer cannot be read: for the student, with a position

The command line prints the message and exits with 1; anything else is a bug.
"""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path


class GradsheetError(Exception):
    """The common ancestor: `str(error)` is one message fit for a person."""


class AuthoringError(GradsheetError):
    """An exercise, its template or an option breaks its contract.

    The message names the exercise and, where there is one, the seed that shows the trouble.
    """


class Disagreement(AuthoringError):
    """An independent computation does not confirm a part's truth."""


class InputError(GradsheetError):
    """Something that a person wrote (a file, a row, an option) cannot be used.

    `source` is the file, line or key at fault; `problem` says what was found and what is expected.
    """

    def __init__(self, source: str | Path, problem: str) -> None:
        super().__init__(f"{source}: {problem}")
        self.source = str(source)
        self.problem = problem

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str]]:
        return type(self), (self.source, self.problem)  # it may come from another process


class TypesettingError(GradsheetError):
    """A sheet could not be typeset; the message shows the failing lines and where the log is."""


class NotationError(GradsheetError):
    """A text is not in the answer language.

    `position` counts characters from 0 in `text`; None where the trouble has no single place.
    """

    def __init__(self, problem: str, text: str = "", position: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.text = text
        self.position = position

    def shown(self, width: int = 60) -> str:
        """The problem with the text and a caret under the place. Of a text that is wider than
        `width` columns of a terminal, what is around the place."""
        if self.position is None or not self.text.strip():
            return self.problem
        line, caret = _window(self.text, min(self.position, len(self.text)), width)
        return f"{self.problem}\n  {line}\n  {' ' * caret}^"


def _window(text: str, place: int, width: int) -> tuple[str, int]:
    """What fits of a text around a place, with dots where it is cut, and the column of the place.
    Some characters take two columns, and accents none."""
    from rich.cells import cell_len

    first = max(0, place - width)
    near = "".join(c if c.isprintable() else " " for c in text[first : place + width])
    columns = [cell_len(c) for c in near]
    start, end, at = 0, len(near), place - first
    if first or end < len(text) or sum(columns) + (at == end) > width:
        room = width - 2  # for the dots
        start = _reached(columns[:at][::-1], room // 2)
        end = at + _reached(columns[at:], room - sum(columns[at - start : at]))
        start = at - _reached(columns[:at][::-1], room - max(1, sum(columns[at:end])))
    before, behind = "…" * (first + start > 0), "…" * (first + end < len(text))
    return f"{before}{near[start:end]}{behind}", len(before) + sum(columns[start:at])


def _reached(columns: list[int], room: int) -> int:
    """How many characters of these widths fit into so many columns."""
    fitting = accumulate(columns)
    return sum(1 for used in fitting if used <= room)
