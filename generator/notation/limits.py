"""How much of an answer is read: every limit of the answer language, in one place.

They bound the work that a text can cause, whatever it says, and lie far above what an answer needs.
"""

from __future__ import annotations

from generator.model.errors import NotationError

LENGTH = 10_000  # characters of one answer
NESTING = 50  # brackets, roots and exponents inside each other
DIGITS = 900  # of a number, as typed or as computed
EXPONENT = 900  # of a power of ten, as in 1e-3
ENTRIES = 2_500  # of an array, a set or a list
HEIGHT = 200  # of a formula's tree: operations on the result of operations
RUN = 80  # letters of a word that is cut into names
ROWS = 64  # of a field whose size the student chooses
TERMS = 1_000  # of a sum written with Σ, inner sums included
WORK = 20_000  # operations with many digits on single numbers, in one formula


def check_length(text: str) -> None:
    """Refuse a text that is too long to look at. Raises NotationError."""
    if len(text) > LENGTH:
        raise NotationError(
            f"this answer has {len(text):,} characters, but at most {LENGTH:,} are read", text
        )
