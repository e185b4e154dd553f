"""Arrays: lists of numbers in any brackets, as rows, nested, as in MATLAB, numpy and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import ParamSpec, TypeVar

import numpy as np

from generator.model.errors import NotationError
from generator.model.values import Vector, array
from generator.notation.formulas.cursor import OPENING
from generator.notation.formulas.forms import nodes
from generator.notation.formulas.lexing import Token
from generator.notation.formulas.scope import Shape
from generator.notation.formulas.tree import (
    Difference,
    Hadamard,
    Neg,
    Product,
    Quotient,
    Rows,
    Sum,
    Transpose,
    Tree,
)
from generator.notation.limits import ENTRIES, check_length
from generator.notation.numbers import NO_NAMES, NumberParser, Value, computed, plain_number

P = ParamSpec("P")
Read = TypeVar("Read")

_NUMBER = r"[-+]?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:/[0-9]{1,40})?"
_LIST = rf"{_NUMBER}(?:\s*,\s*{_NUMBER})*"
_ONE_LIST = re.compile(rf"\s*(?:\[\s*{_LIST}\s*\]|\(\s*{_LIST}\s*\)|{_LIST})\s*")
_NESTED = re.compile(rf"\s*\[(?:\s*\[\s*{_LIST}\s*\]\s*,)*\s*\[\s*{_LIST}\s*\]\s*\]\s*")
_ROW = re.compile(rf"\[\s*{_LIST}\s*\]")
_OUTSIDE = -1  # stands for the place of the brackets around a text that has none
_TOO_MANY = f"an array has at most {ENTRIES:,} entries here"
_ENDS = (")", "]", "}", "end")


def read_array(text: str, *, exact: bool = False) -> Vector:
    """The vector (n,) or matrix (r, c) that `text` stands for; a lone number is a vector of one.

    Raises NotationError for rows of different lengths. With `exact`, entries are fractions only.

    >>> read_array("[1 -2; 3 4]")
    array([[Fraction(1, 1), Fraction(-2, 1)],
           [Fraction(3, 1), Fraction(4, 1)]], dtype=object)
    """
    plain = _plain_array(text)
    if plain is not None:
        return plain
    parser = ArrayParser(text, NO_NAMES)
    tree = parser.whole()
    rows, shape = computed(tree, text, exact=exact)
    if len(rows) * len(rows[0]) > ENTRIES:
        raise parser.too_many(tree.at)
    return _array([entry for row in rows for entry in row], _shape(tree, shape), text)


def entries(text: str) -> list[str]:
    """The text of each entry of an array. Raises NotationError."""
    parser = ArrayParser(text, NO_NAMES)
    parser.whole()
    return [text[start:stop].strip() for start, stop in parser.entries]


def _plain_array(text: str) -> Vector | None:
    """The value of a text of plain numbers in [..], (..), [[..], [..]] or no brackets."""
    check_length(text)
    if text.count(",") + text.count("&") >= ENTRIES:
        raise NotationError(_TOO_MANY, text, 0)
    nested = False
    if _ONE_LIST.fullmatch(text):
        listed = [text.strip(" \t\n\r[]()")]
    elif _NESTED.fullmatch(text):
        listed = [found.group().strip("[]") for found in _ROW.finditer(text)]
        nested = True
    else:
        return None
    rows = [[plain_number(each) for each in row.split(",")] for row in listed]
    width = len(rows[0])
    numbers: list[Value] = [entry for row in rows for entry in row if entry is not None]
    if len(numbers) != len(rows) * width or any(len(row) != width for row in rows):
        return None  # for the message
    return _array(numbers, (len(rows), width) if nested else (width,), text)


def _array(numbers: list[Value], shape: tuple[int, ...], text: str) -> Vector:
    if not all(isinstance(number, Fraction) for number in numbers):
        try:
            numbers = [float(number) for number in numbers]
        except OverflowError:
            problem = "this array has a number that is too large to compute with"
            raise NotationError(problem, text, 0) from None
    return array(np.array(numbers, dtype=object).reshape(shape))


def _shape(tree: Tree, shape: Shape) -> tuple[int, ...]:
    """The sizes of an array's value: a list has one, unless it is written as a row or a column."""
    if isinstance(tree, Rows) and not tree.vector:
        return (len(tree.rows), len(tree.rows[0]))
    sizes = tuple(int(size) for size in shape)
    written = [node.vector for node in nodes(tree) if isinstance(node, Rows)]
    if not sizes:
        return (1,)
    return sizes[:1] if sizes[1] == 1 and (not written or any(written)) else sizes


class ArrayParser(NumberParser):
    """Reads lists of numbers. Inside them a comma separates, so numbers take a decimal point.

    `entries` are the places in the text where each number in a list starts and ends.
    """

    def whole(self) -> Tree:
        """The list that the text is, with brackets or without."""
        self.skip_left_side()
        self.entries: list[tuple[int, int]] = []
        self.inside = True
        self.first = self.place
        opening = Token("sign", "", self.token.at)
        rows = self.lists(opening)
        if self.token.kind != "end":
            raise self.refusal(self.unexpected())
        if len(rows) == len(rows[0]) == 1:
            return rows[0][0]
        return self.laid(rows, opening)

    def within(self, read: Callable[P, Read], *given: P.args, **named: P.kwargs) -> Read:
        lines, self.lines = self.lines, False
        result = super().within(read, *given, **named)
        self.lines = lines
        return result

    def starts_entry(self) -> bool:
        """Whether a blank or a new line ends the entry: [1 -2] has two, [1 - 2] one."""
        token = self.token
        if not (self.lines and token.line) and not (self.blanks and token.blank):
            return False
        if self.sees("+", "-"):
            return not self.ahead().blank
        if self.sees("[", "{", "begin"):  # 2 [1, 2] is a product
            return token.line or self.after("]") or self.after(")")
        return self.starts()

    def turned(self, base: Tree, at: int) -> Tree:
        """The transpose of a list is a column, as in MATLAB and on paper."""
        if isinstance(base, Rows) and base.vector:
            return Rows(tuple((entry,) for entry in base.rows[0]), at=base.at)
        return Transpose(base, at=at)

    def bracket(self) -> Tree:
        if self.sees("{"):
            return super().bracket()
        return self.square()

    def array_call(self) -> Tree:
        """np.array([1, 2]) and matrix([1, 2], [3, 4]) are what their brackets hold."""
        self.take()
        self.drop_keywords()
        return self.square()

    def square(self) -> Tree:
        """The entries in a bracket. Round brackets around one entry only group it, and so does
        any bracket around a LaTeX matrix."""
        opening = self.take()
        closing = OPENING[opening.text]
        rows, groups = self.within(self._listed, opening)
        self.expect(closing, opening)
        return rows[0][0] if groups else self.laid(rows, opening)

    def _listed(self, opening: Token) -> tuple[list[list[Tree]], bool]:
        rows = self.lists(opening)
        single = len(rows) == len(rows[0]) == 1
        groups = (opening.text == "(" and not self.after(",")) or self.after("end")
        return rows, single and groups

    def lists(self, opening: Token) -> list[list[Tree]]:
        """The rows up to a closing bracket or the end; a list is one row."""
        at = opening.at if opening.text else _OUTSIDE
        self.lines = opening.text in ("[", "")
        self.blanks = self.lines and at not in self.with_commas
        rows: list[list[Tree]] = [[]]
        while not self.sees(*_ENDS) and self.token.kind != "end":
            if self.sees(";"):
                if not rows[-1]:
                    raise self.refusal("an entry is missing here")
                self.take()
                rows.append([])
                continue
            if self.sees(","):
                if not rows[-1] or self.after(","):
                    raise self.refusal("an entry is missing here")
                self.take()
                continue
            if rows[-1] and self.lines and self.token.line and not self.after(","):
                rows.append([])
            elif rows[-1] and not self.after(",") and not self.blanks:
                raise self.refusal(f"is there a comma missing before {self.token}?")
            rows[-1].append(self.entry())
            if len(rows) * len(rows[0]) > ENTRIES:
                raise self.too_many(opening.at)
        if not rows[-1] and len(rows) > 1:
            rows.pop()
        if not rows[0]:
            empty = "there is nothing between the brackets" if opening.text else "no numbers"
            raise self.refusal(empty)
        return rows

    def entry(self) -> Tree:
        start = self.token.at
        tree = self.sum()
        if not _is_list(tree):
            while self.entries and self.entries[-1][0] >= start:
                self.entries.pop()  # what is inside a number is no entry by itself
            self.entries.append((start, self.token.at))
        return tree

    def laid(self, rows: list[list[Tree]], opening: Token) -> Rows:
        """One row is a list; lists, in one row or one on each, are the rows of a matrix."""
        lists = rows[0] if len(rows) == 1 else [row[0] for row in rows if len(row) == 1]
        if len(rows) in (1, len(lists)) and any(isinstance(each, Rows) for each in lists):
            rows = []
            for each in lists:
                if not isinstance(each, Rows):
                    problem = "there are rows in brackets and numbers without: put all in rows"
                    raise self.refusal(problem, each.at)
                if not each.vector:
                    raise self.refusal("an array is made of rows of numbers", each.at)
                rows.append(list(each.rows[0]))
        elif len(rows) == 1:
            return Rows((tuple(rows[0]),), vector=True, at=opening.at)
        return self.of_rows(rows, opening)

    def too_many(self, at: int) -> NotationError:
        return self.refusal(_TOO_MANY, at)

    def after(self, sign: str) -> bool:
        before = self.tokens[self.place - 1]
        return self.place > 0 and before.kind == "sign" and before.text == sign

    @cached_property
    def with_commas(self) -> set[int]:
        """The places of the opening brackets whose entries are separated by commas."""
        result: set[int] = set()
        opened = [_OUTSIDE]
        for token in self.tokens[self.first :]:
            if token.kind != "sign":
                continue
            if token.text in OPENING:
                opened.append(token.at)
            elif token.text in OPENING.values() and len(opened) > 1:
                opened.pop()
            elif token.text == ",":
                result.add(opened[-1])
        return result


def _is_list(tree: Tree) -> bool:
    """Whether a tree is a list or a matrix, as far as it is written as one."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Rows):
            return True
        if isinstance(node, Neg | Sum | Difference | Product | Hadamard | Quotient | Transpose):
            waiting += node.children()
    return False
