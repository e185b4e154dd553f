"""Arrays: lists of numbers in any brackets, as rows, nested, as in MATLAB, numpy and LaTeX."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generator.model.errors import NotationError
from generator.model.values import Vector, array
from generator.notation import arithmetic
from generator.notation.arithmetic import Number
from generator.notation.expressions import CLOSING, Listing, Reader, Value
from generator.notation.limits import ENTRIES
from generator.notation.tokens import Token

class ArrayReader(Reader):
    def bracket(self) -> Value:
        opening = self.take()
        if opening.text == "{" or not self.lists:
            return self.inside(opening)[0]
        state = self.blanks, self.lines
        self.deeper()
        rows = self.rows(opening)
        self.expect(_CLOSING[opening.text])
        self.depth -= 1
        self.blanks, self.lines = state
        only = rows[0].items[0] if len(rows) == 1 and len(rows[0].items) == 1 else None
        before = self.tokens[self.place - 2]
        if opening.text == "(" and only is not None and before.text != ",":
            return only
        if opening.text == "begin":
            return Listing(tuple(rows), opening.at)
        return Listing(_stacked(rows), opening.at)

    def rows(self, opening: Token) -> list[Listing]:
        """The rows up to a closing bracket or the end; a list is one row."""
        commas = self.commas_ahead()
        self.blanks = opening.text in ("[", "") and not commas
        self.lines = opening.text in ("[", "")
        rows: list[list[Value]] = [[]]
        starts = [self.token.at]
        while not self.sees(")", "]", "}", "end") and self.token.kind != "end":
            if self.sees(";"):
                if not rows[-1]:
                    self.refuse("an entry is missing here")
                self.take()
                rows.append([])
                starts.append(self.token.at)
                continue
            if self.sees(","):
                if not rows[-1] or self.tokens[self.place - 1].text == ",":
                    self.refuse("an entry is missing here")
                self.take()
                continue
            if rows[-1] and self.lines and self.token.line and not self.after(","):
                rows.append([])
                starts.append(self.token.at)
            elif rows[-1] and not self.after(",") and not self.blanks:
                self.refuse(f"is there a comma missing before {self.token}?")
            rows[-1].append(self.sum())
        if not rows[-1] and len(rows) > 1:
            rows.pop()
        if not rows[0]:
            self.refuse("there is nothing between the brackets" if opening.text else "no numbers")
        return [Listing(tuple(row), at) for row, at in zip(rows, starts, strict=False)]

    def after(self, sign: str) -> bool:
        before = self.tokens[self.place - 1]
        return before.kind == "sign" and before.text == sign

    def commas_ahead(self) -> bool:
        """Whether a comma separates entries before this bracket closes."""
        depth = 0
        for token in self.tokens[self.place :]:
            if token.kind != "sign":
                continue
            depth += (token.text in _CLOSING) - (token.text in _CLOSING.values())
            if depth < 0:
                return False
            if depth == 0 and token.text == ",":
                return True
        return False

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

    def transposes(self) -> bool:
        if self.sees("^") and self.tokens[self.place + 1].text == "T":
            self.take()
            return True
        return self.sees("'")

    def each(self, function: Callable[..., Number], value: Value, at: int) -> Value:
        if isinstance(value, Listing):
            return Listing(tuple(self.each(function, item, at) for item in value.items), value.at)
        return self.compute(function, value, at=at)

    def both(self, function: Callable[..., Number], a: Value, b: Value, sign: Token) -> Value:
        """`function` of two numbers, or entry by entry of two lists of the same shape."""
        if not isinstance(a, Listing) and not isinstance(b, Listing):
            return self.compute(function, a, b, at=sign.at)
        if not isinstance(a, Listing) or not isinstance(b, Listing):
            self.refuse(f"{sign} stands between a list and a number", sign.at)
        if len(a.items) != len(b.items):
            self.refuse(f"{sign} stands between lists of different sizes", sign.at)
        pairs = zip(a.items, b.items, strict=True)
        return Listing(tuple(self.both(function, x, y, sign) for x, y in pairs), a.at)

    def scaled(self, sign: Token, a: Value, b: Value) -> Value:
        """A product or quotient: of numbers, or of a list and a number."""
        function = arithmetic.multiply if sign.text == "*" else arithmetic.divide
        if isinstance(a, Listing) and not isinstance(b, Listing):
            return self.each(lambda x: function(x, b), a, sign.at)
        if isinstance(b, Listing) and not isinstance(a, Listing) and sign.text == "*":
            return self.each(lambda x: function(a, x), b, sign.at)
        return self.compute(function, a, b, at=sign.at)


def read_value(text: str, *, exact: bool = False) -> Listing:
    """The entries of an array, as Listings: of numbers, or of rows of numbers."""
    reader = Reader(text, lists=True, comma="separates", exact=exact)
    opening = Token("sign", "", reader.token.at)
    rows = reader.rows(opening)
    reader.finish()
    items = _stacked(rows)
    if len(rows) == 1 and len(items) == 1 and isinstance(items[0], Listing):
        return items[0]
    return Listing(items, opening.at)


def _stacked(rows: list[Listing]) -> tuple[Value, ...]:
    """One row is a list; rows of one list each are those lists; else rows are rows."""
    if len(rows) == 1:
        return rows[0].items
    if all(len(row.items) == 1 and isinstance(row.items[0], Listing) for row in rows):
        return tuple(row.items[0] for row in rows)
    return tuple(rows)


def _transposed(value: Listing, reader: Reader) -> Listing:
    rows = [item if isinstance(item, Listing) else Listing((item,), value.at) for item in value.items]
    widths = {len(row.items) for row in rows}
    if len(widths) != 1:
        reader.refuse("the rows have different lengths", value.at)
    if not any(isinstance(item, Listing) for item in value.items):
        return Listing(tuple(rows), value.at)
    columns = zip(*(row.items for row in rows), strict=True)
    return Listing(tuple(Listing(column, value.at) for column in columns), value.at)


