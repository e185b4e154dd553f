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
        """The problem with the text and a caret under the place, in at most `width` columns."""
        if self.position is None or not self.text.strip():
            return self.problem
        printable = "".join(c if c.isprintable() else " " for c in self.text)
        start = max(0, min(self.position - width // 2, len(printable) - width))
        line = printable[start : start + width]
        return f"{self.problem}\n  {line}\n  {' ' * (self.position - start)}^"
