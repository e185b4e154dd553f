"""Arrays: lists of numbers in any brackets, as rows, nested, as in MATLAB, numpy and LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from generator.model.values import Vector, array
from generator.notation.arithmetic import Number
from generator.notation.expressions import CLOSING, Listing, Reader, Value
from generator.notation.limits import ENTRIES
from generator.notation.tokens import Token

_ARRAYS = {"array", "asarray", "tensor", "matrix", "Matrix"}


class ArrayReader(Reader):
    """Brackets list entries here; a comma separates them, so numbers take a decimal point."""

    def __init__(self, text: str, *, exact: bool = False) -> None:
        super().__init__(text, comma="separates", exact=exact)
        self.with_commas = _with_commas(self.tokens)

    def named(self) -> Value:
        following = self.tokens[self.place + 1]
        if self.token.text.split(".")[-1] in _ARRAYS and following.text == "(":
            self.take()  # np.array([1, 2]) is what its brackets hold
        return super().named() if self.token.kind == "name" else self.bracket()

    def atom(self) -> Value:
        value = super().atom()
        while isinstance(value, Listing) and self.take_transpose():
            value = _transposed(value, self)
        return value

    def take_transpose(self) -> bool:
        """Whether a transpose follows, which is then taken."""
        for spelling in (["'"], ["^", "T"], ["^", "{", "T", "}"]):
            following = self.tokens[self.place : self.place + len(spelling)]
            if [token.text for token in following] == spelling:
                for _ in spelling:
                    self.take()
                return True
        return False

    def bracket(self) -> Value:
        opening = self.token
        if opening.text == "{":
            return super().bracket()
        return self.nested(self.listing)

    def listing(self) -> Value:
        """The entries in a bracket. Round brackets around one entry only group it, and so does
        any bracket around a LaTeX matrix."""
        opening = self.take()
        rows = self.rows(opening)
        grouping = (opening.text == "(" and not self.after(",")) or self.after("end")
        self.expect(CLOSING[opening.text])
        if opening.text == "begin":
            return Listing(tuple(rows), opening.at)
        if grouping and len(rows) == 1 and len(rows[0].items) == 1:
            return rows[0].items[0]
        return Listing(_stacked(rows), opening.at)

    def rows(self, opening: Token) -> list[Listing]:
        """The rows up to a closing bracket or the end; a list is one row."""
        commas = self.with_commas[self.place - 1 if opening.text else -1]
        self.blanks = opening.text in ("[", "") and not commas
        self.lines = opening.text in ("[", "")
        rows: list[list[Value]] = [[]]
        starts = [self.token.at]
        while not self.sees(")", "]", "}", "end") and self.token.kind != "end":
            if self.sees(";"):
                if not rows[-1]:
                    raise self.refusal("an entry is missing here")
                self.take()
                rows.append([])
                starts.append(self.token.at)
                continue
            if self.sees(","):
                if not rows[-1] or self.after(","):
                    raise self.refusal("an entry is missing here")
                self.take()
                continue
            if rows[-1] and self.lines and self.token.line and not self.after(","):
                rows.append([])
                starts.append(self.token.at)
            elif rows[-1] and not self.after(",") and not self.blanks:
                raise self.refusal(f"is there a comma missing before {self.token}?")
            rows[-1].append(self.sum())
        if not rows[-1] and len(rows) > 1:
            rows.pop()
        if not rows[0]:
            raise self.refusal(
                "there is nothing between the brackets" if opening.text else "no numbers"
            )
        return [Listing(tuple(row), at) for row, at in zip(rows, starts, strict=False)]

    def after(self, sign: str) -> bool:
        before = self.tokens[self.place - 1]
        return before.kind == "sign" and before.text == sign

    def starts_atom(self) -> bool:
        return super().starts_atom() or self.sees("[", "begin")

    def starts_entry(self) -> bool:
        """Whether a blank or a new line ends the entry: [1 -2] has two, [1 - 2] one."""
        token = self.token
        if not (self.lines and token.line) and not (self.blanks and token.blank):
            return False
        if self.sees("+", "-"):
            return not self.tokens[self.place + 1].blank
        if self.sees("[", "{", "begin"):  # 2 [1, 2] is a product
            return token.line or self.after("]") or self.after(")")
        return self.starts_atom()

    def both(self, function: Callable[..., Number], a: Value, b: Value, sign: Token) -> Value:
        """A sum or difference: of two numbers, or entry by entry of two lists of one size."""
        if not isinstance(a, Listing) and not isinstance(b, Listing):
            return self.compute(function, a, b, at=sign.at)
        if not isinstance(a, Listing) or not isinstance(b, Listing):
            raise self.refusal(f"{sign} stands between a list and a number", sign.at)
        if len(a.items) != len(b.items):
            raise self.refusal(f"{sign} stands between lists of different sizes", sign.at)
        pairs = zip(a.items, b.items, strict=True)
        return Listing(tuple(self.both(function, x, y, sign) for x, y in pairs), a.at)

    def scaled(self, function: Callable[..., Number], a: Value, b: Value, sign: Token) -> Value:
        """A product or quotient: of numbers, or of a list and a number."""
        if isinstance(a, Listing) and not isinstance(b, Listing):
            return Listing(tuple(self.scaled(function, x, b, sign) for x in a.items), a.at)
        if isinstance(b, Listing) and not isinstance(a, Listing) and sign.text == "*":
            return Listing(tuple(self.scaled(function, a, x, sign) for x in b.items), b.at)
        return self.compute(function, a, b, at=sign.at)

    def opposite(self, value: Value, at: int) -> Value:
        if isinstance(value, Listing):
            return Listing(tuple(self.opposite(item, at) for item in value.items), value.at)
        return super().opposite(value, at)


def _with_commas(parts: list[Token]) -> list[bool]:
    """For each opening bracket whether commas separate its entries; the last is for the text."""
    result = [False] * len(parts)
    opened = [-1]
    for place, token in enumerate(parts):
        if token.kind != "sign":
            continue
        if token.text in CLOSING:
            opened.append(place)
        elif token.text in CLOSING.values() and len(opened) > 1:
            opened.pop()
        elif token.text == ",":
            result[opened[-1]] = True
    return result


def read_array(text: str, *, exact: bool = False) -> Vector:
    """The vector (n,) or matrix (r, c) that `text` stands for; a lone number is a vector of one.

    Raises NotationError for rows of different lengths. With `exact`, entries are fractions only.

    >>> read_array("[1 -2; 3 4]")
    array([[Fraction(1, 1), Fraction(-2, 1)],
           [Fraction(3, 1), Fraction(4, 1)]], dtype=object)
    """
    reader = ArrayReader(text, exact=exact)
    start = reader.token.at
    rows = reader.rows(Token("sign", "", start))
    reader.finish()
    items = _stacked(rows)
    if len(rows) == 1 and len(items) == 1 and isinstance(items[0], Listing):
        items = items[0].items
    width = _width(items, reader)
    if len(items) * max(width, 1) > ENTRIES:
        raise reader.refusal(f"an array has at most {ENTRIES:,} entries here", start)
    flat = [e for item in items for e in (item.items if isinstance(item, Listing) else (item,))]
    entries = [reader.plain(entry) for entry in flat]
    if not all(isinstance(entry, Fraction) for entry in entries):
        try:
            entries = [float(entry) for entry in entries]
        except OverflowError:
            raise reader.refusal(
                "this array has a number that is too large to compute with", start
            ) from None
    return array(np.array(entries, dtype=object).reshape((len(items), width)[: 1 + (width > 0)]))


def _width(items: tuple[Value, ...], reader: Reader) -> int:
    """The length of every row, 0 if the items are no rows. Refuses ragged and nested rows."""
    if not any(isinstance(item, Listing) for item in items):
        return 0
    first = items[0]
    for place, item in enumerate(items, 1):
        if not isinstance(item, Listing) or not isinstance(first, Listing):
            raise reader.refusal("there are rows in brackets and numbers without: put all in rows")
        if len(item.items) != len(first.items):
            raise reader.refusal(
                f"row {place} has {_count(item)}, but row 1 has {len(first.items)}", item.at
            )
        for entry in item.items:
            if isinstance(entry, Listing):
                raise reader.refusal("an array is made of rows of numbers", entry.at)
    return len(first.items) if isinstance(first, Listing) else 0


def _count(row: Listing) -> str:
    return "1 entry" if len(row.items) == 1 else f"{len(row.items)} entries"


def _stacked(rows: list[Listing]) -> tuple[Value, ...]:
    """One row is a list; rows of one list each are those lists; else rows are rows."""
    if len(rows) == 1:
        return rows[0].items
    if all(len(row.items) == 1 and isinstance(row.items[0], Listing) for row in rows):
        return tuple(row.items[0] for row in rows)
    return tuple(rows)


def _transposed(value: Listing, reader: Reader) -> Listing:
    rows = [
        item if isinstance(item, Listing) else Listing((item,), value.at) for item in value.items
    ]
    widths = {len(row.items) for row in rows}
    if len(widths) != 1:
        raise reader.refusal("the rows have different lengths", value.at)
    if not any(isinstance(item, Listing) for item in value.items):
        return Listing(tuple(rows), value.at)
    columns = zip(*(row.items for row in rows), strict=True)
    return Listing(tuple(Listing(column, value.at) for column in columns), value.at)
